//! Codes: authorization codes, and the launch codes of our own hand-off. Both are stored alike and
//! redeemed by one guarded update.

use super::{
    super::OpenId,
    LaunchExtension, TokenReply,
    access::{ACCESS_LIFE, Bearing, MintedAccess, audience},
};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::Error,
    id::{Artefact, Bearer, BearerHash, sha256},
    issuer::{
        EndpointFault,
        claims::{self, LaunchClaims},
        may_enter,
    },
    model::{
        client::Client,
        event::{Actor, EventKind, Target},
        grant::Grant,
        launch::Launch,
        session::SignedIn,
    },
    protocol::{
        jose,
        oauth::{Detail, OAuthError, Params, is_verifier},
    },
    store::{RedeemedGrant, Redemption, Tx},
};

/// A code's kind, and the parameters that came with it.
struct PresentedCode<'a> {
    kind: Artefact,
    /// Authorization codes only, as the next.
    redirect_uri: Option<&'a str>,
    verifier: Option<&'a str>,
    /// The thumbprint of the key that the client showed.
    key: Option<String>,
}

impl OpenId<'_> {
    /// A client with an authorization code.
    pub(super) async fn by_code(
        self,
        snapshot: &Snapshot,
        client: &Client,
        params: &Params,
        key: Option<String>,
    ) -> Result<TokenReply, EndpointFault> {
        let brought = PresentedCode {
            kind: Artefact::AuthorizationCode,
            redirect_uri: Some(params.one("redirect_uri").unwrap_or_default()),
            verifier: params.one("code_verifier"),
            key,
        };
        self.redeem(snapshot, client, params, brought).await
    }

    /// A client with the one-time code of a launch.
    pub(super) async fn by_launch_code(
        self,
        snapshot: &Snapshot,
        client: &Client,
        params: &Params,
        key: Option<String>,
    ) -> Result<TokenReply, EndpointFault> {
        let brought = PresentedCode {
            kind: Artefact::LaunchCode,
            redirect_uri: None,
            verifier: None,
            key,
        };
        self.redeem(snapshot, client, params, brought).await
    }

    /// One transaction: a guarded update uses the code up, and thereby lands the launch; a read
    /// finds its user; the answer's tokens are stored. Where that is nothing but the update, the
    /// read comes first and the update is the whole transaction. A code that came with the wrong
    /// verifier or address is used up as well; one that met an internal error can be tried again.
    async fn redeem(
        self,
        snapshot: &Snapshot,
        client: &Client,
        params: &Params,
        brought: PresentedCode<'_>,
    ) -> Result<TokenReply, EndpointFault> {
        let code = params
            .one("code")
            .ok_or_else(|| OAuthError::request("code is missing"))?;
        let code = Bearer::parse(brought.kind, code).ok_or_else(OAuthError::grant)?;
        // A resource it may not reach is refused before the code is used up.
        let resource = self
            .resource(snapshot, client, &code.hash(), params)
            .await?;
        let access = self.mint_access(resource, brought.key.clone());
        let asks = CodeRequest {
            snapshot,
            client,
            code: code.hash(),
            access_hash: access.hash(),
            access: &access,
            now: self.0.clock.now(),
        };
        if let Some(tokens) = self.redeemed_at_once(&asks, &brought).await? {
            return Ok(tokens);
        }
        let mut tx = self.0.store.begin().await?;
        let outcome = self.redeemed(&mut tx, &asks, &brought).await;
        tx.settle(outcome, EndpointFault::is_ours).await
    }

    /// The path of most codes: the answer is made from a read, and stored by one statement if code,
    /// session and user have not changed since. `None` where more is needed, or the code is
    /// refused.
    async fn redeemed_at_once(
        self,
        asks: &CodeRequest<'_>,
        brought: &PresentedCode<'_>,
    ) -> Result<Option<TokenReply>, EndpointFault> {
        let redemption = asks.redemption();
        let found = self.0.store.redeemable(&redemption).await?;
        let Some((grant, arrival)) = found else {
            return Ok(None);
        };
        let is_plain =
            grant.details.is_empty() && !super::refresh::gives_refresh(asks.client, &grant);
        let enters = may_enter(asks.snapshot, asks.client, &arrival.who.user);
        if !is_plain || !enters || !brought.fits(&grant) {
            return Ok(None);
        }
        let (carried, _) = self.carried(&grant, arrival.launch.as_ref(), asks.snapshot);
        let tokens = self.answer(asks, brought, &grant, &arrival.who, carried)?;
        let mut tx = self.0.store.begin_single().await?;
        let is_redeemed = tx.redeem_living(&redemption).await?;
        tx.commit().await?;
        Ok(is_redeemed.then_some(tokens))
    }

    async fn redeemed(
        self,
        tx: &mut Tx,
        asks: &CodeRequest<'_>,
        brought: &PresentedCode<'_>,
    ) -> Result<TokenReply, EndpointFault> {
        let (grant, arrival) = self.taken(tx, asks, brought).await?;
        let (carried, details) = self.carried(&grant, arrival.launch.as_ref(), asks.snapshot);
        let asked = !grant.details.is_empty();
        let grant = grant_details(tx, grant, details).await?;
        let refresh = self
            .first_refresh(tx, asks.client, &grant, asks.now)
            .await?;
        let mut tokens = self.answer(asks, brought, &grant, &arrival.who, carried)?;
        tokens.refresh_token = refresh;
        if asked {
            tokens.authorization_details = Some(grant.details);
        }
        Ok(tokens)
    }

    fn answer(
        self,
        asks: &CodeRequest<'_>,
        brought: &PresentedCode<'_>,
        grant: &Grant,
        who: &SignedIn,
        carried: Option<LaunchClaims>,
    ) -> Result<TokenReply, EndpointFault> {
        let given = TokenGrant {
            client: asks.client,
            grant,
            who,
            access: asks.access,
            now: asks.now,
            asked: false,
        };
        let mut tokens = self.tokens(&given, &grant.scope, carried.as_ref())?;
        if brought.kind == Artefact::LaunchCode {
            tokens.launch = carried.map(LaunchExtension::from);
        }
        Ok(tokens)
    }

    /// The code, used up, and its user.
    async fn taken(
        self,
        tx: &mut Tx,
        asks: &CodeRequest<'_>,
        brought: &PresentedCode<'_>,
    ) -> Result<(Grant, RedeemedGrant), EndpointFault> {
        let redemption = asks.redemption();
        let Some(grant) = tx.redeem(&redemption).await? else {
            self.note_reuse(tx, asks).await?;
            return Err(OAuthError::grant().into());
        };
        let arrival = match brought.fits(&grant) {
            true => tx.arrival(&grant, asks.now).await?,
            false => None,
        };
        let enters = |one: &RedeemedGrant| may_enter(asks.snapshot, asks.client, &one.who.user);
        let Some(arrival) = arrival.filter(enters) else {
            tx.revoke_grant(&grant.id, asks.now).await?;
            return Err(OAuthError::grant().into());
        };
        Ok((grant, arrival))
    }

    /// The resource that a code's token is for, if that is not our own userinfo.
    async fn resource(
        self,
        snapshot: &Snapshot,
        client: &Client,
        code: &BearerHash,
        params: &Params,
    ) -> Result<Option<String>, EndpointFault> {
        if client.registration.resources.is_empty() && !client.asks() {
            return Ok(audience(client, &[], params)?);
        }
        let Some(grant) = self.0.store.grant_by_code(code, &client.id).await? else {
            return Err(OAuthError::grant().into());
        };
        let resource = audience(client, &grant.resources, params)?;
        self.covers(snapshot, client, &grant, &grant.scope, resource.as_deref())
            .await?;
        Ok(resource)
    }

    /// The launch a grant is bound to, as its client receives it; and, where the client requested
    /// context (RFC 9396), the granted part of it. A client never receives more than it requested.
    pub(in crate::issuer::openid) fn carried(
        self,
        grant: &Grant,
        launch: Option<&Launch>,
        snapshot: &Snapshot,
    ) -> (Option<LaunchClaims>, Vec<Detail>) {
        let carried = launch.and_then(|launch| LaunchClaims::of(&self.0.issuer, launch, snapshot));
        if grant.details.is_empty() {
            return (carried, Vec::new());
        }
        let Some(mut carried) = carried else {
            return (None, Vec::new());
        };
        let granted = launch
            .and_then(claims::context_details)
            .filter(|granted| grant.details.iter().any(|asked| asked.covers(granted)));
        if granted.is_none() {
            carried.ctx.clear();
        }
        (Some(carried), granted.into_iter().collect())
    }

    /// A code that is presented twice has leaked: what the first client received is revoked.
    async fn note_reuse(self, tx: &mut Tx, asks: &CodeRequest<'_>) -> Result<(), Error> {
        let client = &asks.client.id;
        if !tx.revoke_reused(&asks.code, client, asks.now).await? {
            return Ok(());
        }
        let event = self
            .0
            .events
            .by(Actor::Client(client.clone()), EventKind::CodeReused)
            .about(Target::client(client));
        tx.record(&event).await?;
        tracing::warn!(client, "a code was brought twice; what it gave is revoked");
        Ok(())
    }

    /// Access token and id_token for a grant whose user is signed in.
    pub(super) fn tokens(
        self,
        given: &TokenGrant,
        scope: &str,
        carried: Option<&LaunchClaims>,
    ) -> Result<TokenReply, EndpointFault> {
        let TokenGrant {
            client,
            grant,
            who,
            access,
            now,
            ..
        } = *given;
        let subject = self.0.keys.subject(client, &who.user.id);
        let bearing = Bearing {
            subject: subject.clone(),
            who: Some(who),
            scope,
            act: None,
            details: &grant.details,
            expires_at: now + ACCESS_LIFE,
        };
        let access_token = self.access_text(access, client, &bearing, now)?;
        let at_hash = jose::at_hash(client.id_token_alg, &access_token);
        let mail = self.0.catalog.snapshot().mail(&who.user);
        let about = (who, mail, subject);
        let claims = claims::id_token(&self.0.issuer, grant, about, carried, Some(at_hash), now);
        Ok(TokenReply {
            access_token,
            token_type: access.token_type(),
            issued_token_type: None,
            expires_in: ACCESS_LIFE.as_secs(),
            id_token: Some(
                self.0
                    .keys
                    .sign(client.id_token_alg, Some("JWT"), &claims)?,
            ),
            refresh_token: None,
            scope: scope.to_owned(),
            authorization_details: given.details(),
            launch: None,
        })
    }
}

/// RFC 9396 section 7: from here on, the grant has the granted details.
async fn grant_details(tx: &mut Tx, grant: Grant, details: Vec<Detail>) -> Result<Grant, Error> {
    if grant.details.is_empty() {
        return Ok(grant);
    }
    tx.grant_details(&grant.id, &details).await?;
    Ok(Grant { details, ..grant })
}

/// A code, its client, and the token to be issued for it.
struct CodeRequest<'a> {
    snapshot: &'a Snapshot,
    client: &'a Client,
    code: BearerHash,
    access: &'a MintedAccess,
    access_hash: BearerHash,
    now: Time,
}

impl CodeRequest<'_> {
    fn redemption(&self) -> Redemption<'_> {
        Redemption {
            code: &self.code,
            client: &self.client.id,
            access: &self.access_hash,
            key: self.access.key.as_deref(),
            access_expires_at: self.now + ACCESS_LIFE,
            now: self.now,
        }
    }
}

/// The input of an answer.
#[derive(Clone, Copy)]
pub(super) struct TokenGrant<'a> {
    pub client: &'a Client,
    pub grant: &'a Grant,
    pub who: &'a SignedIn,
    pub access: &'a MintedAccess,
    pub now: Time,
    /// Whether the client requested context: then it receives the granted details, even if empty.
    pub asked: bool,
}

impl TokenGrant<'_> {
    fn details(&self) -> Option<Vec<Detail>> {
        self.asked.then(|| self.grant.details.clone())
    }
}

impl From<LaunchClaims> for LaunchExtension {
    fn from(carried: LaunchClaims) -> Self {
        Self {
            launch_id: carried.id.to_string(),
            intent: carried.intent,
            target_link_uri: carried.target_link_uri,
            return_uri: carried.return_uri,
            ctx: carried.ctx,
        }
    }
}

impl PresentedCode<'_> {
    /// Whether the parameters match those that the code was issued for.
    fn fits(&self, grant: &Grant) -> bool {
        let verifier = self.verifier.filter(|verifier| is_verifier(verifier));
        grant.redirect_uri.as_deref() == self.redirect_uri
            && grant.challenge == verifier.map(sha256)
            && (grant.key.is_none() || grant.key == self.key)
    }
}
