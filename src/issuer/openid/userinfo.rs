//! Userinfo (OpenID Connect Core 1.0 section 5.3): the user behind an access token, as long as
//! session, user and service are alive.

use serde_json::{Map, Value};

use super::{
    super::{EndpointFault, claims, may_enter},
    OpenId, Presented,
};
use crate::{
    id::{Artefact, Bearer},
    protocol::oauth::OAuthError,
};

impl OpenId<'_> {
    pub async fn userinfo(
        self,
        presented: &Presented<'_>,
    ) -> Result<Map<String, Value>, EndpointFault> {
        // RFC 6750 section 3.1.
        let invalid = || OAuthError::new("invalid_token", "the access token is void");
        let token = Bearer::parse(Artefact::AccessToken, presented.token).ok_or_else(invalid)?;
        let now = self.0.clock.now();
        let (grant, key) = self
            .0
            .store
            .grant_by_access(&token.hash(), now)
            .await?
            .ok_or_else(invalid)?;
        self.check_holder(presented, key.as_deref()).await?;
        let who = self
            .0
            .store
            .session_by_id(&grant.session, now)
            .await?
            .ok_or_else(invalid)?;
        let snapshot = self.0.catalog.snapshot();
        let client = snapshot.client(&grant.client).ok_or_else(invalid)?;
        if !may_enter(&snapshot, client, &who.user) {
            return Err(invalid().into());
        }
        let sub = self.0.keys.subject(client, &who.user.id);
        let about = claims::ClaimsSubject::of(&snapshot, &who.user);
        Ok(claims::userinfo(&about, sub, &grant))
    }
}
