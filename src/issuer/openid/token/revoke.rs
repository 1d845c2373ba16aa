//! Revocation (RFC 7009): a client returns a token. A refresh token is revoked with its family
//! (section 2.1). A token that is unknown, or another client's, is answered with success (section
//! 2.2), and nothing is done.

use super::super::OpenId;
use crate::{
    id::{Artefact, Bearer},
    issuer::{ClientProof, EndpointFault},
    protocol::oauth::{OAuthError, Params},
};

impl OpenId<'_> {
    pub async fn revoke(
        self,
        authorization: Option<&str>,
        params: &Params,
    ) -> Result<(), EndpointFault> {
        let snapshot = self.0.catalog.snapshot();
        let proof = ClientProof::read(authorization, params)?;
        let client = self.0.prove(&snapshot, &proof).await?;
        let text = params
            .one("token")
            .ok_or_else(|| OAuthError::request("token is missing"))?;
        let now = self.0.clock.now();
        if let Some(token) = Bearer::parse(Artefact::RefreshToken, text) {
            let found = self.0.store.refreshable(&token.hash(), now).await?;
            if let Some(found) = found.filter(|found| found.grant.client == client.id) {
                let mut tx = self.0.store.begin_single().await?;
                tx.revoke_family(&found.grant.id, now).await?;
                tx.commit().await?;
            }
            return Ok(());
        }
        if let Some((hash, _)) = self.name_of(text) {
            let mut tx = self.0.store.begin().await?;
            tx.revoke_access(&hash, &client.id, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
