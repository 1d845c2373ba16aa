//! Registration by token (RFC 7591, OpenID Connect Dynamic Registration 1.0) and its management
//! (RFC 7592). Registration requires an admin's token; a client registered by it belongs to no
//! service, and users are asked before it receives data about them.

mod metadata;
mod token;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::{EndpointFault, Issuer};
use crate::{
    catalog::is_slug,
    error::Result,
    id::{Artefact, Bearer, BearerHash, lasting_id, same_secret, sha256},
    model::{
        client::REGISTERED,
        consent::host_of,
        event::{Actor, EventKind, Target},
        registration::Provenance,
    },
    protocol::oauth::{ClientMetadata, Identified, OAuthError},
    store::ClientRow,
};

/// The right to register a client, until another request uses it first.
pub struct Admitted(BearerHash);

/// The right to manage a client, by its token.
pub struct Managed {
    row: ClientRow,
    how: Provenance,
    token: Bearer,
}

/// The answer of RFC 7591 section 3.2.1 and RFC 7592 section 3.
#[derive(Serialize)]
pub struct RegistrationReply {
    client_id: String,
    /// Shown when it is created, and never again: only its hash is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// Seconds since 1970.
    client_id_issued_at: i64,
    /// 0: never. Only where there is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    registration_access_token: String,
    registration_client_uri: String,
    #[serde(flatten)]
    metadata: ClientMetadata,
}

/// How clients register, and what admins do about those that have.
#[derive(Clone, Copy)]
pub struct ClientRegistration<'a>(&'a Issuer);

impl Issuer {
    pub fn registration(&self) -> ClientRegistration<'_> {
        ClientRegistration(self)
    }
}

impl ClientRegistration<'_> {
    /// Admits the bearer of a token that an admin created, and that is not used up.
    pub async fn admit(self, token: Option<&str>) -> Result<Admitted, EndpointFault> {
        let token = token.and_then(|text| Bearer::parse(Artefact::InitialAccess, text));
        let token = token.ok_or_else(OAuthError::token)?.hash();
        let now = self.0.clock.now();
        match self.0.store.is_registration_token(&token, now).await? {
            true => Ok(Admitted(token)),
            false => Err(OAuthError::token().into()),
        }
    }

    /// Registers a new client. The token is used in the same transaction: a refused request does
    /// not use it.
    pub async fn register(
        self,
        admitted: &Admitted,
        body: &Value,
    ) -> Result<RegistrationReply, EndpointFault> {
        let asked = ClientMetadata::parse(body)?;
        let now = self.0.clock.now();
        let id = format!("{REGISTERED}{}", lasting_id(now, &self.0.chance));
        let secret = self.secret_for(&asked)?;
        let hash = secret.as_ref().map(|secret| sha256(secret.as_str()));
        let row = metadata::row(&id, &asked, hash)?;
        let token = Bearer::mint(Artefact::RegistrationAccess, &self.0.chance);
        let event = self
            .0
            .events
            .by(Actor::Client(id.clone()), EventKind::ClientRegistered)
            .about(Target::client(&id));
        let mut tx = self.0.store.begin().await?;
        let used = tx.use_registration_token(&admitted.0, now).await?;
        let how = Provenance {
            issued_at: now,
            by: used.ok_or_else(OAuthError::token)?,
            auth_method: asked.token_endpoint_auth_method,
        };
        tx.insert_registration(&row, &token.hash(), &how).await?;
        tx.record(&event.with("token", how.by.to_string())).await?;
        tx.commit().await?;
        self.follow_catalog().await;
        Ok(self.reply(&Managed { row, how, token }, secret))
    }

    /// Admits the bearer of the token of this client. Any other is answered alike, whether there is
    /// such a client or not.
    pub async fn managed(
        self,
        client: &str,
        token: Option<&str>,
    ) -> Result<Managed, EndpointFault> {
        let token = token.and_then(|text| Bearer::parse(Artefact::RegistrationAccess, text));
        let token = token.ok_or_else(OAuthError::token)?;
        let found = match is_slug(client) {
            true => self.0.store.registration(client, &token.hash()).await?,
            false => None,
        };
        let (row, how) = found.ok_or_else(OAuthError::token)?;
        Ok(Managed { row, how, token })
    }

    /// Its registration (RFC 7592 section 2.1).
    pub fn describe(self, managed: &Managed) -> RegistrationReply {
        self.reply(managed, None)
    }

    /// Replaces all of it (RFC 7592 section 2.2): what is left out gets its default. Id, secret and
    /// token stay. With another name or host, it is not the client that users consented to: their
    /// consents, and the tokens given for them, are void.
    pub async fn replace(
        self,
        managed: Managed,
        body: &Value,
    ) -> Result<RegistrationReply, EndpointFault> {
        let (id, known) = (&managed.row.id, &managed.row.secret_hash);
        let said = Identified::parse(body)?;
        if said.client_id.as_ref() != Some(id) {
            let why = "client_id must be there, and this client's own";
            return Err(OAuthError::metadata(why).into());
        }
        let own = |secret: &String| {
            let known = known.as_deref().unwrap_or_default();
            same_secret(&sha256(secret), known)
        };
        if !said.client_secret.as_ref().is_none_or(own) {
            let why = "client_secret is not this client's, and none can be chosen";
            return Err(OAuthError::metadata(why).into());
        }
        let asked = ClientMetadata::parse(body)?;
        let fresh = match known {
            Some(_) => None,
            None => self.secret_for(&asked)?,
        };
        let hash = match (metadata::has_secret(&asked)?, &fresh) {
            (true, Some(secret)) => Some(sha256(secret.as_str())),
            (true, None) => known.clone(),
            (false, _) => None,
        };
        let row = metadata::row(id, &asked, hash)?;
        let event = self
            .0
            .events
            .by(Actor::Client(row.id.clone()), EventKind::ClientChanged)
            .about(Target::client(&row.id));
        let how = Provenance {
            auth_method: asked.token_endpoint_auth_method,
            ..managed.how
        };
        let mut tx = self.0.store.begin().await?;
        if !tx.replace_registration(&row, &how.auth_method).await? {
            return Err(OAuthError::token().into());
        }
        if !is_shown_alike(&managed.row, &row) {
            tx.void_consents(&row.id, self.0.clock.now()).await?;
        }
        tx.record(&event).await?;
        tx.commit().await?;
        self.follow_catalog().await;
        let token = managed.token;
        Ok(self.reply(&Managed { row, how, token }, fresh))
    }

    /// Removes a client (RFC 7592 section 2.3), and everything it was given.
    pub async fn remove(self, managed: &Managed) -> Result<(), EndpointFault> {
        let id = &managed.row.id;
        match self.remove_client(id, Actor::Client(id.clone())).await? {
            true => Ok(()),
            false => Err(OAuthError::token().into()),
        }
    }

    fn secret_for(self, asked: &ClientMetadata) -> Result<Option<Bearer>, OAuthError> {
        let mint = || Bearer::mint(Artefact::ClientSecret, &self.0.chance);
        Ok(metadata::has_secret(asked)?.then(mint))
    }

    /// This replica reloads at once; the others are notified. An error is only logged, because the
    /// change is committed.
    async fn follow_catalog(self) {
        if let Err(error) = self.0.catalog.refresh().await {
            tracing::warn!(%error, "the catalogue is read again later");
        }
    }

    fn reply(self, managed: &Managed, secret: Option<Bearer>) -> RegistrationReply {
        let Managed { row, how, token } = managed;
        RegistrationReply {
            client_id: row.id.clone(),
            client_secret: secret.map(|secret| secret.as_str().to_owned()),
            client_id_issued_at: how.issued_at.secs(),
            client_secret_expires_at: row.secret_hash.is_some().then_some(0),
            registration_access_token: token.as_str().to_owned(),
            registration_client_uri: format!("{}/oidc/register/{}", self.0.issuer, row.id),
            metadata: metadata::of(row, &how.auth_method),
        }
    }
}

/// Whether the consent page shows the same: its title, and the hosts of its redirect addresses.
fn is_shown_alike(before: &ClientRow, after: &ClientRow) -> bool {
    let hosts = |row: &ClientRow| -> BTreeSet<String> {
        row.redirect_uris.iter().map(|uri| host_of(uri)).collect()
    };
    before.title == after.title && hosts(before) == hosts(after)
}
