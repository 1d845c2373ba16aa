//! Client credentials (RFC 6749 section 4.4): a client in its own name, for the resources and
//! scopes it registered. No user, no id_token, no refresh token.

use super::{
    super::OpenId,
    TokenReply,
    access::{ACCESS_LIFE, Bearing, audience},
};
use crate::{
    issuer::EndpointFault,
    model::client::Client,
    protocol::oauth::{OAuthError, Params},
    store::AccessToken,
};

impl OpenId<'_> {
    pub(super) async fn by_credentials(
        self,
        client: &Client,
        params: &Params,
        key: Option<String>,
    ) -> Result<TokenReply, EndpointFault> {
        let scope = own_scope(client, params.one("scope"))?;
        let access = self.mint_access(audience(client, &[], params)?, key);
        let now = self.0.clock.now();
        let expires_at = now + ACCESS_LIFE;
        let row = AccessToken {
            hash: access.hash(),
            client: client.id.clone(),
            grant: None,
            scope: scope.clone(),
            key: access.key.clone(),
            expires_at,
        };
        let bearing = Bearing {
            subject: client.id.clone(),
            who: None,
            scope: &scope,
            act: None,
            details: &[],
            expires_at,
        };
        let access_token = self.access_text(&access, client, &bearing, now)?;
        let mut tx = self.0.store.begin_single().await?;
        tx.insert_access_token(&row).await?;
        tx.commit().await?;
        Ok(TokenReply {
            access_token,
            token_type: access.token_type(),
            issued_token_type: None,
            expires_in: ACCESS_LIFE.as_secs(),
            id_token: None,
            refresh_token: None,
            scope,
            authorization_details: None,
            launch: None,
        })
    }
}

/// The requested scope, or all that is registered. It cannot include a user's data.
fn own_scope(client: &Client, asked: Option<&str>) -> Result<String, OAuthError> {
    let known = &client.registration.scopes;
    let Some(asked) = asked else {
        return Ok(known.join(" "));
    };
    if asked
        .split(' ')
        .all(|one| known.iter().any(|known| known == one))
    {
        return Ok(asked.to_owned());
    }
    Err(OAuthError::new(
        "invalid_scope",
        "a scope is not registered for this client",
    ))
}
