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

    /// One guarded update uses the code up, and thereby lands the launch; one read finds whose it
    /// is. A code that came with the wrong verifier or address is used up as well.
    async fn redeem(
        &self,
        snapshot: &Snapshot,
        client: &Client,
        code: &Bearer,
        brought: Brought<'_>,
    ) -> Result<Tokens, Fault> {
        let now = self.clock.now();
        let access = Bearer::mint(Artefact::AccessToken, &self.chance);
        let until = now + ACCESS_LIFE;
        let (code_hash, access_hash) = (code.hash(), access.hash());
        let redeemed = self
            .store
            .redeem(&code_hash, &client.id, &access_hash, until, now);
        let Some(grant) = redeemed.await? else {
            self.note_reuse(code, client, now).await?;
            return Err(OAuthError::grant().into());
        };
        let arrival = match brought.fits(&grant) {
            true => self.store.arrival(&grant, now).await?,
            false => None,
        };
        let Some(arrival) = arrival.filter(|one| may_enter(snapshot, client, &one.who.user)) else {
            let mut tx = self.store.begin().await?;
            tx.revoke_grant(&grant.id, now).await?;
            tx.commit().await?;
            return Err(OAuthError::grant().into());
        };
        let carried = arrival
            .launch
            .as_ref()
            .and_then(|launch| Carried::of(launch, snapshot));
        let given = Given {
            client,
            grant: &grant,
            who: &arrival.who,
            access: &access,
            now,
        };
        self.answer(&given, carried, matches!(brought, Brought::Launch))
    }

    /// A code that is brought twice: whoever has it should not, and loses what the first one got.
    async fn note_reuse(&self, code: &Bearer, client: &Client, now: Time) -> Result<(), Error> {
        let mut tx = self.store.begin().await?;
        if !tx.revoke_reused(&code.hash(), &client.id, now).await? {
            return Ok(());
        }
        let mut event = self.events.bare(EventKind::CodeReused);
        event.detail = Some(client.id.clone());
        tx.insert_event(&event).await?;
        tx.commit().await?;
        tracing::warn!(client = %client.id, "a code was brought twice; what it gave is revoked");
        Ok(())
    }

    fn answer(
        &self,
        given: &Given,
        carried: Option<Carried>,
        beside: bool,
    ) -> Result<Tokens, Fault> {
        let Given {
            client,
            grant,
            who,
            access,
            now,
        } = *given;
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

/// What an answer is made of.
#[derive(Clone, Copy)]
struct Given<'a> {
    client: &'a Client,
    grant: &'a Grant,
    who: &'a SignedIn,
    access: &'a Bearer,
    now: Time,
}

impl Brought<'_> {
    /// Whether what came with the code is what the code was made for.
    fn fits(&self, grant: &Grant) -> bool {
        match self {
            Brought::Launch => grant.challenge.is_none(),
            Brought::Authorization {
                redirect_uri,
                verifier,
            } => {
                let verifier = verifier.filter(|verifier| is_verifier(verifier));
                grant.redirect_uri.as_deref() == Some(redirect_uri)
                    && grant.challenge == verifier.map(sha256)
            }
        }
    }
}
