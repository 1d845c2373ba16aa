//! Introspection (RFC 7662): whether a token is valid, and for what. Only the client it was issued
//! to and the server of its resource may ask. To all others it is not active.

use serde::Serialize;

use super::{
    super::OpenId,
    access::{ACCESS_LIFE, token_type},
    alive::Alive,
};
use crate::{
    catalog::Snapshot,
    id::{Artefact, Bearer, UserId},
    issuer::{ClientProof, EndpointFault, claims},
    model::client::Client,
    protocol::oauth::{Detail, OAuthError, Params},
};

/// An answer of RFC 7662 section 2.2; for an inactive token it has no other member.
#[derive(Serialize)]
pub struct Introspection {
    active: bool,
    #[serde(flatten)]
    token: Option<Active>,
}

#[derive(Serialize)]
struct Active {
    iss: String,
    client_id: String,
    sub: String,
    scope: String,
    token_type: &'static str,
    /// Seconds since 1970, as `iat`.
    exp: i64,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    aud: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// RFC 9449 section 6.2.
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<TokenConfirmation>,
    /// RFC 9396 section 9.2.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_details: Vec<Detail>,
}

#[derive(Serialize)]
struct TokenConfirmation {
    jkt: String,
}

impl OpenId<'_> {
    pub async fn introspect(
        self,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<Introspection, EndpointFault> {
        let snapshot = self.0.catalog.snapshot();
        let proof = ClientProof::read(authorization, params)?;
        let requester = self.0.prove(&snapshot, &proof).await?;
        let text = params
            .one("token")
            .ok_or_else(|| OAuthError::request("token is missing"))?;
        let token = match Bearer::parse(Artefact::RefreshToken, text) {
            Some(token) => self.refresh_response(&snapshot, requester, &token).await?,
            None => {
                let alive = self.alive(&snapshot, text).await?;
                alive.and_then(|alive| self.access_response(&snapshot, requester, alive))
            }
        };
        Ok(Introspection {
            active: token.is_some(),
            token,
        })
    }

    fn access_response(
        self,
        snapshot: &Snapshot,
        requester: &Client,
        alive: Alive,
    ) -> Option<Active> {
        let Alive {
            token,
            subject,
            signed,
        } = alive;
        let aud = signed.as_ref().map(|signed| signed.aud.clone());
        let serves = |resource| requester.registration.serves.contains(resource);
        if token.client != requester.id && !aud.as_ref().is_some_and(serves) {
            return None;
        }
        let client = snapshot.client(&token.client)?;
        let granted = subject.as_ref().map(|(grant, _)| grant.details.clone());
        let username = subject
            .as_ref()
            .and_then(|(_, who)| claims::username(&who.user, &token.scope));
        let sid = subject
            .as_ref()
            .map(|(grant, who)| match grant.client == requester.id {
                true => grant.sid().to_owned(),
                false => self.0.keys.sid(&requester.id, &who.session.id),
            });
        // An exchanged token is for another resource, which was not asked about.
        let own = signed.as_ref().is_none_or(|signed| signed.act.is_none());
        let details = granted.filter(|_| own).unwrap_or_default();
        let who = subject.as_ref().map(|(_, who)| who);
        let sub = match &signed {
            Some(signed) => signed.sub.clone(),
            None => who.map_or_else(|| client.id.clone(), |who| self.sub(client, &who.user.id)),
        };
        Some(Active {
            iss: self.0.issuer.to_string(),
            sub,
            username,
            sid,
            scope: token.scope,
            token_type: token_type(token.key.is_some()),
            cnf: token.key.map(|jkt| TokenConfirmation { jkt }),
            authorization_details: details,
            exp: token.expires_at.secs(),
            iat: (token.expires_at - ACCESS_LIFE).secs(),
            aud,
            client_id: token.client,
        })
    }

    async fn refresh_response(
        self,
        snapshot: &Snapshot,
        requester: &Client,
        token: &Bearer,
    ) -> Result<Option<Active>, EndpointFault> {
        let now = self.0.clock.now();
        let found = self.0.store.refreshable(&token.hash(), now).await?;
        let own = |grant: &str| grant == requester.id;
        let found = found.filter(|found| found.used_at.is_none() && own(&found.grant.client));
        let Some(found) = found else { return Ok(None) };
        let subject = self
            .user_of_grant(snapshot, requester, found.grant, now)
            .await?;
        Ok(subject.map(|(grant, who)| Active {
            iss: self.0.issuer.to_string(),
            client_id: requester.id.clone(),
            sub: self.sub(requester, &who.user.id),
            username: claims::username(&who.user, &grant.scope),
            sid: Some(grant.sid().to_owned()),
            scope: grant.scope,
            token_type: "refresh_token",
            exp: found.expires_at.secs(),
            iat: found.issued_at.secs(),
            aud: None,
            cnf: None,
            authorization_details: grant.details,
        }))
    }

    fn sub(self, client: &Client, user: &UserId) -> String {
        self.0.keys.subject(client, user)
    }
}
