//! The token endpoint (RFC 6749 section 3.2): authorization codes, and the launch codes of our own
//! hand-off. Both are one noun, redeemed by one guarded update.

use std::time::Duration;

use serde::Serialize;

use super::{
    Fault, OpenIdProvider, Proof,
    claims::{self, Carried},
    may_enter,
};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::Error,
    id::{Artefact, Bearer, sha256},
    model::{client::Client, event::EventKind, grant::Grant, session::SignedIn},
    protocol::{
        jose,
        oauth::{LAUNCH_CODE_GRANT, OAuthError, Params, is_verifier},
    },
    store::{Redeemed, Tx},
};

/// An access token, good for userinfo, lives this long.
const ACCESS_LIFE: Duration = Duration::from_secs(300);

/// A successful answer (RFC 6749 section 5.1; OpenID Connect Core 1.0 section 3.1.3.3). A launch
/// code's redemption has the launch beside the token as well, for clients that parse no JWT.
#[derive(Serialize)]
pub struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    id_token: String,
    scope: String,
    #[serde(flatten)]
    launch: Option<Beside>,
}

#[derive(Serialize)]
struct Beside {
    launch_id: String,
    intent: String,
    target_link_uri: String,
    ctx: Vec<claims::CarriedContext>,
}

/// A code, with what must fit besides its client.
enum Brought<'a> {
    Authorization {
        redirect_uri: &'a str,
        verifier: Option<&'a str>,
    },
    Launch,
}

impl OpenIdProvider {
    /// A client with a code.
    pub async fn token(
        &self,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<Tokens, Fault> {
        let snapshot = self.catalog.snapshot();
        let proof = Proof::read(authorization, params)?;
        let client = self.prove(&snapshot, &proof).await?;
        let (kind, brought) = match params.one("grant_type") {
            Some("authorization_code") => {
                let redirect_uri = params.one("redirect_uri").unwrap_or_default();
                let verifier = params.one("code_verifier");
                let brought = Brought::Authorization {
                    redirect_uri,
                    verifier,
                };
                (Artefact::AuthorizationCode, brought)
            }
            Some(LAUNCH_CODE_GRANT) => (Artefact::LaunchCode, Brought::Launch),
            Some(_) => {
                let error = OAuthError::new("unsupported_grant_type", "see the discovery document");
                return Err(error.into());
            }
            None => return Err(OAuthError::request("grant_type is missing").into()),
        };
        let code = params
            .one("code")
            .ok_or_else(|| OAuthError::request("code is missing"))?;
        let code = Bearer::parse(kind, code).ok_or_else(OAuthError::grant)?;
        self.redeem(&snapshot, client, &code, brought).await
    }

    /// One transaction: the code is used up, the launch has landed, the event is written. A code
    /// that came with the wrong verifier or address is used up as well.
    async fn redeem(
        &self,
        snapshot: &Snapshot,
        client: &Client,
        code: &Bearer,
        brought: Brought<'_>,
    ) -> Result<Tokens, Fault> {
        let now = self.clock.now();
        let access = Bearer::mint(Artefact::AccessToken, &self.chance);
        let mut tx = self.store.begin().await?;
        let until = now + ACCESS_LIFE;
        let grant = match tx
            .redeem(&code.hash(), &client.id, &access.hash(), until, now)
            .await?
        {
            Redeemed::Now(grant) => grant,
            Redeemed::Before(_) => return self.reused(tx, client).await,
            Redeemed::Never => return Err(OAuthError::grant().into()),
        };
        let Some(who) = self.holder(snapshot, client, &grant, &brought, now).await? else {
            tx.revoke_grant(&grant.id, now).await?;
            tx.commit().await?;
            return Err(OAuthError::grant().into());
        };
        let carried = self.land(&mut tx, snapshot, &grant, &who, now).await?;
        tx.commit().await?;
        self.answer(
            client,
            &grant,
            &who,
            carried,
            &access,
            matches!(brought, Brought::Launch),
            now,
        )
    }

    /// The person the code was made for, if everything still holds: their session lives, they and
    /// the service are not disabled, verifier and address fit.
    async fn holder(
        &self,
        snapshot: &Snapshot,
        client: &Client,
        grant: &Grant,
        brought: &Brought<'_>,
        now: Time,
    ) -> Result<Option<SignedIn>, Error> {
        let fits = match brought {
            Brought::Launch => grant.challenge.is_none(),
            Brought::Authorization {
                redirect_uri,
                verifier,
            } => {
                let verifier = verifier.filter(|verifier| is_verifier(verifier));
                grant.redirect_uri.as_deref() == Some(redirect_uri)
                    && grant.challenge == verifier.map(sha256)
            }
        };
        if !fits {
            return Ok(None);
        }
        let who = self.store.session_by_id(&grant.session, now).await?;
        Ok(who.filter(|who| may_enter(snapshot, client, &who.user)))
    }

    async fn land(
        &self,
        tx: &mut Tx,
        snapshot: &Snapshot,
        grant: &Grant,
        who: &SignedIn,
        now: Time,
    ) -> Result<Option<Carried>, Error> {
        let Some(id) = &grant.launch else {
            return Ok(None);
        };
        let Some(launch) = tx.land_launch(id, now).await? else {
            return Ok(None);
        };
        let mut event = self.events.of(EventKind::LaunchLanded, who);
        event.launch = Some(id.clone());
        event.service = Some(launch.ask.service.clone());
        tx.insert_event(&event).await?;
        Ok(Carried::of(&launch, snapshot))
    }

    async fn reused(&self, mut tx: Tx, client: &Client) -> Result<Tokens, Fault> {
        let mut event = self.events.bare(EventKind::CodeReused);
        event.detail = Some(client.id.clone());
        tx.insert_event(&event).await?;
        tx.commit().await?;
        tracing::warn!(client = %client.id, "a code was brought twice; what it gave is revoked");
        Err(OAuthError::grant().into())
    }

    #[expect(clippy::too_many_arguments, reason = "everything an answer is made of")]
    fn answer(
        &self,
        client: &Client,
        grant: &Grant,
        who: &SignedIn,
        carried: Option<Carried>,
        access: &Bearer,
        beside: bool,
        now: Time,
    ) -> Result<Tokens, Fault> {
        let at_hash = jose::at_hash(client.id_token_alg, access.as_str());
        let claims = claims::id_token(&self.issuer, grant, who, carried.as_ref(), at_hash, now);
        let id_token = self.keys.sign(client.id_token_alg, Some("JWT"), &claims)?;
        Ok(Tokens {
            access_token: access.as_str().to_owned(),
            token_type: "Bearer",
            expires_in: ACCESS_LIFE.as_secs(),
            id_token,
            scope: grant.scope.clone(),
            launch: carried.filter(|_| beside).map(|carried| Beside {
                launch_id: carried.id.to_string(),
                intent: carried.intent,
                target_link_uri: carried.target_link_uri,
                ctx: carried.ctx,
            }),
        })
    }
}
