//! How an authorization request is answered: a code, an id_token, an error; by redirect, fragment
//! or form (OpenID Connect Core 1.0 sections 3.1.2.5 and 3.2.2.5; RFC 9207).

use std::time::Duration;

use url::Url;

use super::{
    super::{claims, refusal},
    OpenId,
};
use crate::{
    error::{Error, Result},
    handoff::Landing,
    id::{Artefact, Bearer, BearerHash, GrantId},
    model::{client::Client, grant::Grant, next::Leaving, session::SignedIn},
    protocol::oauth::{AuthorizationRequest, OAuthError, ResponseMode, ResponseType},
    store::{Redemption, Tx},
};

/// An authorization code is redeemed within this time (RFC 6749 section 4.1.2: at most ten
/// minutes; ours is a redirect away).
const CODE_LIFE: Duration = Duration::from_secs(60);

/// A code, and what it stands for.
pub(in crate::issuer) struct CodeAnswer {
    code: Bearer,
    grant: Grant,
    /// The handle of the launch that it may belong to.
    handle: Option<BearerHash>,
}

impl OpenId<'_> {
    /// The code, bound to client, session and — if the hint is its handle — launch.
    pub(super) fn code_answer(self, request: &AuthorizationRequest, who: &SignedIn) -> CodeAnswer {
        let code = Bearer::mint(Artefact::AuthorizationCode, &self.0.chance);
        let (grant, handle) = self.grant_of(request, who, &code);
        CodeAnswer {
            code,
            grant,
            handle,
        }
    }

    /// The code; or the id_token at once, for clients that cannot redeem a code (Core 3.2). A code
    /// is created and used up in any case: binding to the launch, single use and landing are
    /// decided by it.
    pub(super) async fn keep_code(
        self,
        tx: &mut Tx,
        client: &Client,
        request: &AuthorizationRequest,
        answer: &CodeAnswer,
    ) -> Result<Leaving> {
        tx.insert_grant(&answer.grant, answer.handle.as_ref())
            .await?;
        let field = match request.kind {
            ResponseType::Code => ("code", answer.code.as_str().to_owned()),
            ResponseType::IdToken => (
                "id_token",
                self.id_token_for(tx, client, &answer.code).await?,
            ),
        };
        self.reply(client, request, vec![field])
    }

    /// The same for a request that uses nothing up: one statement, unless another request presents
    /// the same handle at this moment.
    pub(super) async fn keep_code_alone(
        self,
        client: &Client,
        request: &AuthorizationRequest,
        answer: &CodeAnswer,
    ) -> Result<Leaving> {
        if request.kind == ResponseType::IdToken {
            let mut tx = self.0.store.begin().await?;
            let leaving = self.keep_code(&mut tx, client, request, answer).await?;
            tx.commit().await?;
            return Ok(leaving);
        }
        let code = answer.code.as_str().to_owned();
        let leaving = self.reply(client, request, vec![("code", code)])?;
        for handle in [answer.handle.as_ref(), None] {
            let mut tx = self.0.store.begin_single().await?;
            let is_kept = tx.try_grant(&answer.grant, handle).await?;
            tx.commit().await?;
            if is_kept {
                return Ok(leaving);
            }
        }
        Err(Error::Internal(
            "a grant without a launch was not kept".to_owned(),
        ))
    }

    async fn id_token_for(self, tx: &mut Tx, client: &Client, code: &Bearer) -> Result<String> {
        let now = self.0.clock.now();
        // No access token is issued: the one in the grant is void, and given to no client.
        let none = Bearer::mint(Artefact::AccessToken, &self.0.chance).hash();
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
        let snapshot = self.0.catalog.snapshot();
        let (carried, _) = self.carried(&grant, arrival.launch.as_ref(), &snapshot);
        let subject = self.0.keys.subject(client, &arrival.who.user.id);
        let mail = snapshot.mail(&arrival.who.user);
        let about = (&arrival.who, mail, subject);
        let claims = claims::id_token(&self.0.issuer, &grant, about, carried.as_ref(), None, now);
        self.0.keys.sign(client.id_token_alg, Some("JWT"), &claims)
    }

    /// The grant, and the handle of the launch that it may belong to.
    fn grant_of(
        self,
        request: &AuthorizationRequest,
        who: &SignedIn,
        code: &Bearer,
    ) -> (Grant, Option<BearerHash>) {
        let now = self.0.clock.now();
        let grant = Grant {
            id: GrantId::new(now, &self.0.chance),
            code: code.hash(),
            client: request.client.clone(),
            user: who.user.id.clone(),
            session: who.session.id.clone(),
            sid: Some(self.0.keys.sid(&request.client, &who.session.id)),
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

    /// A refused request, answered with an error.
    pub(super) fn refusal(
        self,
        client: &Client,
        request: &AuthorizationRequest,
        error: &OAuthError,
    ) -> Result<Leaving> {
        let state = request.state.as_deref();
        self.error_back(client, &request.redirect_uri, request.mode, state, error)
    }

    fn reply(
        self,
        client: &Client,
        request: &AuthorizationRequest,
        fields: Vec<(&'static str, String)>,
    ) -> Result<Leaving> {
        let state = request.state.as_deref();
        self.back(client, &request.redirect_uri, request.mode, state, fields)
    }

    pub(super) fn error_back(
        self,
        client: &Client,
        redirect_uri: &str,
        mode: ResponseMode,
        state: Option<&str>,
        error: &OAuthError,
    ) -> Result<Leaving> {
        let fields = vec![
            ("error", error.code.to_owned()),
            ("error_description", error.description.clone()),
        ];
        refusal::log_error_back(&client.id, error);
        Ok(Leaving {
            is_vouched: client.is_vouched_for(),
            ..self.back(client, redirect_uri, mode, state, fields)?
        })
    }

    /// Every response names its issuer (RFC 9207 section 2).
    fn back(
        self,
        client: &Client,
        redirect_uri: &str,
        mode: ResponseMode,
        state: Option<&str>,
        mut fields: Vec<(&'static str, String)>,
    ) -> Result<Leaving> {
        fields.extend(state.map(|state| ("state", state.to_owned())));
        fields.push(("iss", self.0.issuer.to_string()));
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
        Ok(Leaving {
            landing,
            title: client.title.clone(),
            is_vouched: true,
        })
    }
}
