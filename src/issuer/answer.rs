//! How an authorization request is answered: a code, an id_token, an error; by redirect, fragment
//! or form (OpenID Connect Core 1.0 sections 3.1.2.5 and 3.2.2.5; RFC 9207).

use std::time::Duration;

use url::Url;

use super::{
    Issuer,
    authorize::{AuthorizationReply, BrowserReply, RequestOrigin, used_up},
    claims, refusal,
};
use crate::{
    error::{Error, Result},
    handoff::Landing,
    id::{Artefact, Bearer, BearerHash, GrantId},
    model::{client::Client, grant::Grant, session::SignedIn},
    protocol::oauth::{AuthorizationRequest, OAuthError, ResponseMode},
    store::{Redemption, Tx},
};

/// An authorization code is redeemed within this time (RFC 6749 section 4.1.2: at most ten
/// minutes; ours is a redirect away).
const CODE_LIFE: Duration = Duration::from_secs(60);

impl Issuer {
    /// The code, bound to client, session and — if the hint is its handle — launch, in one
    /// transaction.
    pub(super) async fn issue_code(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        origin: RequestOrigin,
        who: &SignedIn,
    ) -> Result<BrowserReply> {
        let code = Bearer::mint(Artefact::AuthorizationCode, &self.chance);
        let fields = vec![("code", code.as_str().to_owned())];
        let reply = self.reply(client, request, fields)?;
        let (grant, handle) = self.grant_of(client, request, who, &code);
        if let RequestOrigin::New = origin {
            self.keep_alone(&grant, handle.as_ref()).await?;
            return Ok(reply);
        }
        let mut tx = self.store.begin().await?;
        used_up(&mut tx, &origin, grant.issued_at).await?;
        tx.insert_grant(&grant, handle.as_ref()).await?;
        tx.commit().await?;
        Ok(reply)
    }

    /// The id_token at once, for clients that can redeem nothing (Core 3.2). A code is made and
    /// used up all the same, in one transaction: binding to the launch, single use and landing are
    /// decided where they always are.
    pub(super) async fn issue_id_token(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        origin: RequestOrigin,
        who: &SignedIn,
    ) -> Result<BrowserReply> {
        let code = Bearer::mint(Artefact::AuthorizationCode, &self.chance);
        let (grant, handle) = self.grant_of(client, request, who, &code);
        let mut tx = self.store.begin().await?;
        used_up(&mut tx, &origin, grant.issued_at).await?;
        tx.insert_grant(&grant, handle.as_ref()).await?;
        let token = self.id_token_for(&mut tx, client, &code).await?;
        let reply = self.reply(client, request, vec![("id_token", token)])?;
        tx.commit().await?;
        Ok(reply)
    }

    async fn id_token_for(&self, tx: &mut Tx, client: &Client, code: &Bearer) -> Result<String> {
        let now = self.clock.now();
        // No access token comes of this: the one that is noted is void, and given to no client.
        let none = Bearer::mint(Artefact::AccessToken, &self.chance).hash();
        let redemption = Redemption {
            code: &code.hash(),
            client: &client.id,
            access: &none,
            key: None,
            access_expires_at: now,
            now,
        };
        let grant = tx.redeem(&redemption).await?;
        let grant = grant.ok_or(Error::AttemptExpired)?;
        let arrival = tx.arrival(&grant, now).await?;
        let arrival = arrival.ok_or(Error::AttemptExpired)?;
        let snapshot = self.catalog.snapshot();
        let (carried, _) = self.carried(&grant, arrival.launch.as_ref(), &snapshot);
        let subject = self.keys.subject(client, &arrival.who.user.id);
        let mail = snapshot.mail(&arrival.who.user);
        let about = (&arrival.who, mail, subject);
        let claims = claims::id_token(&self.issuer, &grant, about, carried.as_ref(), None, now);
        self.keys.sign(client.id_token_alg, Some("JWT"), &claims)
    }

    /// Keeps the grant of a request that used nothing up: one statement, unless another request
    /// brings the same handle at this moment.
    async fn keep_alone(&self, grant: &Grant, handle: Option<&BearerHash>) -> Result<()> {
        for handle in [handle, None] {
            let mut tx = self.store.begin_single().await?;
            let is_kept = tx.try_grant(grant, handle).await?;
            tx.commit().await?;
            if is_kept {
                return Ok(());
            }
        }
        Err(Error::Internal(
            "a grant without a launch was not kept".to_owned(),
        ))
    }

    /// The grant, and the handle of the launch that it may belong to.
    fn grant_of(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        who: &SignedIn,
        code: &Bearer,
    ) -> (Grant, Option<BearerHash>) {
        let now = self.clock.now();
        let grant = Grant {
            id: GrantId::new(now, &self.chance),
            code: code.hash(),
            client: client.id.clone(),
            user: who.user.id.clone(),
            session: who.session.id.clone(),
            sid: Some(self.keys.sid(&client.id, &who.session.id)),
            launch: None,
            redirect_uri: Some(request.redirect_uri.clone()),
            scope: request.scope.clone(),
            resources: request.resources.clone(),
            nonce: request.nonce.clone(),
            challenge: request.challenge.clone(),
            claims: request.claims.clone(),
            details: request.details.clone(),
            key: request.key.clone(),
            issued_at: now,
            expires_at: now + CODE_LIFE,
        };
        let hint = request.login_hint.as_deref();
        let handle = hint.and_then(|hint| Bearer::parse(Artefact::LaunchHandle, hint));
        (grant, handle.map(|handle| handle.hash()))
    }

    /// A request that is refused. What its client pushed is used up by it; one that waited is not.
    pub(super) async fn refuse(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        origin: &RequestOrigin,
        error: &OAuthError,
    ) -> Result<BrowserReply> {
        if let RequestOrigin::Pushed(_) = origin {
            let mut tx = self.store.begin().await?;
            used_up(&mut tx, origin, self.clock.now()).await?;
            tx.commit().await?;
        }
        self.no(client, request, error)
    }

    pub(super) fn no(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        error: &OAuthError,
    ) -> Result<BrowserReply> {
        let state = request.state.as_deref();
        self.error_back(client, &request.redirect_uri, request.mode, state, error)
    }

    fn reply(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        fields: Vec<(&'static str, String)>,
    ) -> Result<BrowserReply> {
        let state = request.state.as_deref();
        self.back(client, &request.redirect_uri, request.mode, state, fields)
    }

    pub(super) fn error_back(
        &self,
        client: &Client,
        redirect_uri: &str,
        mode: ResponseMode,
        state: Option<&str>,
        error: &OAuthError,
    ) -> Result<BrowserReply> {
        let fields = vec![
            ("error", error.code.to_owned()),
            ("error_description", error.description.clone()),
        ];
        refusal::log_error_back(&client.id, error);
        match self.back(client, redirect_uri, mode, state, fields)? {
            BrowserReply::Back(arrival) if !client.is_vouched_for() => {
                Ok(BrowserReply::Unvouched(arrival))
            }
            reply => Ok(reply),
        }
    }

    /// Every response names its issuer (RFC 9207 section 2).
    fn back(
        &self,
        client: &Client,
        redirect_uri: &str,
        mode: ResponseMode,
        state: Option<&str>,
        mut fields: Vec<(&'static str, String)>,
    ) -> Result<BrowserReply> {
        fields.extend(state.map(|state| ("state", state.to_owned())));
        fields.push(("iss", self.issuer.to_string()));
        let mut url = Url::parse(redirect_uri).map_err(|_| Error::UnknownAddress)?;
        let landing = match mode {
            ResponseMode::FormPost => Landing::post(url, fields),
            ResponseMode::Query => {
                url.query_pairs_mut().extend_pairs(&fields);
                Landing::Redirect(url)
            }
            ResponseMode::Fragment => {
                let fragment = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs(&fields)
                    .finish();
                url.set_fragment(Some(&fragment));
                Landing::Redirect(url)
            }
        };
        Ok(BrowserReply::Back(AuthorizationReply {
            landing,
            client: client.title.clone(),
        }))
    }
}
