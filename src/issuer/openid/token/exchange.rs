//! Token exchange (RFC 8693): a widget's back end, given an access token in a user's name, requests
//! one for another resource. Never wider: the scope only shrinks, the resource is one the client
//! registered and the grant covers, the session is the user's own, the lifetime is the first
//! token's, and a bound token stays bound to its key.

use super::{
    super::OpenId,
    TokenReply,
    access::{ACCESS_LIFE, ActClaim, Bearing, MintedAccess, audience},
    alive::Alive,
};
use crate::{
    catalog::Snapshot,
    issuer::EndpointFault,
    model::{client::Client, grant::Grant, session::SignedIn},
    protocol::oauth::{ACCESS_TOKEN_TYPE, OAuthError, Params, narrowed},
    store::AccessToken,
};

/// A longer chain of actors is a loop.
const MOST_ACTORS: usize = 4;

impl OpenId<'_> {
    pub(super) async fn exchange(
        self,
        snapshot: &Snapshot,
        client: &Client,
        params: &Params,
        key: Option<String>,
    ) -> Result<TokenReply, EndpointFault> {
        let subject_token = readable(params)?;
        let target = match params.one("audience") {
            Some(_) if !params.resources().is_empty() => {
                return Err(OAuthError::request("give audience or resource, not both").into());
            }
            Some(named) => registered(client, named)?,
            None => audience(client, &[], params)?.ok_or_else(|| {
                OAuthError::target("say for which resource: audience or resource")
            })?,
        };
        let alive = self.alive(snapshot, subject_token).await?;
        let alive = alive.filter(|alive| is_for(alive, client));
        let alive = alive.ok_or_else(|| {
            OAuthError::request("the subject_token is unknown, expired or not given to this client")
        })?;
        check_key(&alive, key.as_deref())?;
        let (grant, _) = subject_grant(&alive)?;
        let scope = narrowed(&alive.token.scope, params.one("scope"))?;
        self.covers(snapshot, client, grant, &scope, Some(&target))
            .await?;
        let access = self.mint_access(Some(target), key);
        self.give(client, &alive, access, scope).await
    }

    async fn give(
        self,
        client: &Client,
        alive: &Alive,
        access: MintedAccess,
        scope: String,
    ) -> Result<TokenReply, EndpointFault> {
        let (grant, who) = subject_grant(alive)?;
        let before = alive.signed.as_ref().and_then(|signed| signed.act.clone());
        let act = ActClaim {
            sub: client.id.clone(),
            act: before.map(Box::new),
        };
        if act.depth() > MOST_ACTORS {
            return Err(OAuthError::request("the token was handed on too often").into());
        }
        let now = self.0.clock.now();
        let expires_at = alive.token.expires_at.min(now + ACCESS_LIFE);
        let row = AccessToken {
            hash: access.hash(),
            client: client.id.clone(),
            grant: Some(grant.id.clone()),
            scope: scope.clone(),
            key: access.key.clone(),
            expires_at,
        };
        let bearing = Bearing {
            subject: self.0.keys.subject(client, &who.user.id),
            who: Some(who),
            scope: &scope,
            act: Some(&act),
            details: &[],
            expires_at,
        };
        let access_token = self.access_text(&access, client, &bearing, now)?;
        let mut tx = self.0.store.begin_single().await?;
        tx.insert_access_token(&row).await?;
        tx.commit().await?;
        let left = u64::try_from(expires_at.secs() - now.secs()).unwrap_or(0);
        Ok(TokenReply {
            access_token,
            token_type: access.token_type(),
            issued_token_type: Some(ACCESS_TOKEN_TYPE),
            expires_in: left,
            id_token: None,
            refresh_token: None,
            scope,
            authorization_details: None,
            launch: None,
        })
    }
}

/// A bound token is exchanged by the holder of its key only, and the new one is bound to the same
/// key (RFC 9449 section 5): a stolen token cannot be exchanged for an unbound one.
fn check_key(alive: &Alive, shown: Option<&str>) -> Result<(), OAuthError> {
    match &alive.token.key {
        Some(key) if shown != Some(key) => Err(OAuthError::new(
            "invalid_dpop_proof",
            "the subject_token is bound to a key: prove it",
        )),
        _ => Ok(()),
    }
}

/// The grant behind the token, and its user.
fn subject_grant(alive: &Alive) -> Result<&(Grant, SignedIn), OAuthError> {
    alive
        .subject
        .as_ref()
        .ok_or_else(|| OAuthError::request("the subject_token has no user: use client_credentials"))
}

/// The one type of token that is accepted and issued; actors are known by their own authentication.
fn readable(params: &Params) -> Result<&str, OAuthError> {
    let asked = params.one("requested_token_type");
    if asked.is_some_and(|asked| asked != ACCESS_TOKEN_TYPE) {
        return Err(OAuthError::request("only access tokens are given"));
    }
    if params.one("actor_token").is_some() || params.one("actor_token_type").is_some() {
        return Err(OAuthError::request(
            "actor_token is not taken: the client that asks is the actor",
        ));
    }
    if params.one("subject_token_type") != Some(ACCESS_TOKEN_TYPE) {
        return Err(OAuthError::request(
            "subject_token_type must be that of an access token",
        ));
    }
    params
        .one("subject_token")
        .ok_or_else(|| OAuthError::request("subject_token is missing"))
}

/// RFC 8693 calls the same thing an audience where it is a name rather than an address.
fn registered(client: &Client, named: &str) -> Result<String, OAuthError> {
    let mut known = client.registration.resources.iter();
    let found = known.find(|known| *known == named);
    found
        .cloned()
        .ok_or_else(|| OAuthError::target("the audience is not registered for this client"))
}

/// Whether the token was issued to this client for our own userinfo, or is for a resource that the
/// client serves. A token for another resource may be exchanged by that resource only.
fn is_for(alive: &Alive, client: &Client) -> bool {
    match &alive.signed {
        None => alive.token.client == client.id,
        Some(signed) => client.registration.serves.contains(&signed.aud),
    }
}

impl ActClaim {
    fn depth(&self) -> usize {
        1 + self.act.as_ref().map_or(0, |act| act.depth())
    }
}
