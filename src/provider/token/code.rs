//! Codes: authorization codes, and the launch codes of our own hand-off. Both are one noun,
//! redeemed by one guarded update.

use super::{
    super::{
        Fault, Provider,
        claims::{self, Carried},
        may_enter,
    },
    Beside, Tokens,
    access::{ACCESS_LIFE, Access, Bearing, audience},
};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::Error,
    id::{Artefact, Bearer, sha256},
    model::{client::Client, event::EventKind, grant::Grant, session::SignedIn},
    protocol::{
        jose,
        oauth::{OAuthError, Params, is_verifier},
    },
};

/// A code, with what must fit besides its client.
enum Brought<'a> {
    Authorization {
        redirect_uri: &'a str,
        verifier: Option<&'a str>,
    },
    Launch,
}

impl Provider {
    /// A client with an authorization code.
    pub(super) async fn by_code(
        &self,
        snapshot: &Snapshot,
        client: &Client,
        params: &Params,
    ) -> Result<Tokens, Fault> {
        let brought = Brought::Authorization {
            redirect_uri: params.one("redirect_uri").unwrap_or_default(),
            verifier: params.one("code_verifier"),
        };
        let kind = Artefact::AuthorizationCode;
        self.redeem(snapshot, client, kind, params, brought).await
    }

    /// A client with the one-time code of a launch.
    pub(super) async fn by_launch_code(
        &self,
        snapshot: &Snapshot,
        client: &Client,
        params: &Params,
    ) -> Result<Tokens, Fault> {
        let kind = Artefact::LaunchCode;
        self.redeem(snapshot, client, kind, params, Brought::Launch)
            .await
    }

    /// One guarded update uses the code up, and thereby lands the launch; one read finds whose it
    /// is. A code that came with the wrong verifier or address is used up as well.
    async fn redeem(
        &self,
        snapshot: &Snapshot,
        client: &Client,
        kind: Artefact,
        params: &Params,
        brought: Brought<'_>,
    ) -> Result<Tokens, Fault> {
        let code = params
            .one("code")
            .ok_or_else(|| OAuthError::request("code is missing"))?;
        let code = &Bearer::parse(kind, code).ok_or_else(OAuthError::grant)?;
        let (now, code_hash) = (self.clock.now(), code.hash());
        // A resource it may not reach is refused before the code is used up.
        let granted = match client.registration.resources.is_empty() {
            true => Vec::new(),
            false => self.store.resources_asked(&code_hash, &client.id).await?,
        };
        let access = self.mint_access(audience(client, &granted, params)?);
        let (access_hash, until) = (access.hash(), now + ACCESS_LIFE);
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
            .and_then(|launch| Carried::of(&self.issuer, launch, snapshot));
        let given = Given {
            client,
            grant: &grant,
            who: &arrival.who,
            access: &access,
            now,
        };
        let refresh = self.first_refresh(client, &grant, now).await?;
        let mut tokens = self.tokens(&given, &grant.scope, carried.as_ref())?;
        tokens.refresh_token = refresh;
        if matches!(brought, Brought::Launch) {
            tokens.launch = carried.map(Beside::from);
        }
        Ok(tokens)
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

    /// Access token and id_token for a grant whose person is there.
    pub(super) fn tokens(
        &self,
        given: &Given,
        scope: &str,
        carried: Option<&Carried>,
    ) -> Result<Tokens, Fault> {
        let Given {
            client,
            grant,
            who,
            access,
            now,
        } = *given;
        let subject = self.keys.subject(client, &who.user.id);
        let bearing = Bearing {
            subject: subject.clone(),
            who: Some(who),
            scope,
            act: None,
            expires_at: now + ACCESS_LIFE,
        };
        let access_token = self.access_text(access, client, &bearing, now)?;
        let at_hash = jose::at_hash(client.id_token_alg, &access_token);
        let about = (who, subject);
        let claims = claims::id_token(&self.issuer, grant, about, carried, at_hash, now);
        Ok(Tokens {
            access_token,
            token_type: "Bearer",
            issued_token_type: None,
            expires_in: ACCESS_LIFE.as_secs(),
            id_token: Some(self.keys.sign(client.id_token_alg, Some("JWT"), &claims)?),
            refresh_token: None,
            scope: scope.to_owned(),
            launch: None,
        })
    }
}

/// What an answer is made of.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub client: &'a Client,
    pub grant: &'a Grant,
    pub who: &'a SignedIn,
    pub access: &'a Access,
    pub now: Time,
}

impl From<Carried> for Beside {
    fn from(carried: Carried) -> Self {
        Self {
            launch_id: carried.id.to_string(),
            intent: carried.intent,
            target_link_uri: carried.target_link_uri,
            return_uri: carried.return_uri,
            ctx: carried.ctx,
        }
    }
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
