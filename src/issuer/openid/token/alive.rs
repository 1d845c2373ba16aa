//! Whether an access token is still valid: its row, its grant, its client, its user and their
//! session. Checked at every use at our endpoints.

use super::{super::OpenId, access::PresentedToken};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::Result,
    id::{Artefact, Bearer, BearerHash},
    issuer::{EndpointFault, may_enter},
    model::{client::Client, grant::Grant, session::SignedIn},
    store::AccessToken,
};

/// A valid token.
pub(super) struct Alive {
    pub token: AccessToken,
    /// The user it names, and the grant they gave; none where a client acts for itself.
    pub subject: Option<(Grant, SignedIn)>,
    /// The claims of the token, where it is signed.
    pub signed: Option<PresentedToken>,
}

impl OpenId<'_> {
    /// The access token with this text, opaque or signed, if everything it depends on is valid.
    pub(super) async fn alive(
        self,
        snapshot: &Snapshot,
        text: &str,
    ) -> Result<Option<Alive>, EndpointFault> {
        let Some((hash, signed)) = self.name_of(text) else {
            return Ok(None);
        };
        let now = self.0.clock.now();
        let Some(token) = self.0.store.living_access(&hash, now).await? else {
            return Ok(None);
        };
        let Some(client) = snapshot.client(&token.client) else {
            return Ok(None);
        };
        let subject = match &token.grant {
            Some(id) => match self.0.store.living_grant(id).await? {
                Some(grant) => self.user_of_grant(snapshot, client, grant, now).await?,
                None => None,
            },
            None => None,
        };
        let orphan = token.grant.is_some() && subject.is_none();
        Ok((!orphan).then_some(Alive {
            token,
            subject,
            signed,
        }))
    }

    /// The name of an access token's row, and the claims of a signed one.
    pub(super) fn name_of(self, text: &str) -> Option<(BearerHash, Option<PresentedToken>)> {
        if let Some(bearer) = Bearer::parse(Artefact::AccessToken, text) {
            return Some((bearer.hash(), None));
        }
        let signed = self.read_signed(text)?;
        let bearer = Bearer::parse(Artefact::TokenId, &signed.jti)?;
        Some((bearer.hash(), Some(signed)))
    }

    /// The user of a grant, if they are still signed in and may enter.
    pub(super) async fn user_of_grant(
        self,
        snapshot: &Snapshot,
        client: &Client,
        grant: Grant,
        now: Time,
    ) -> Result<Option<(Grant, SignedIn)>> {
        let arrival = self.0.store.arrival(&grant, now).await?;
        let who = arrival.map(|arrival| arrival.who);
        let who = who.filter(|who| may_enter(snapshot, client, &who.user));
        Ok(who.map(|who| (grant, who)))
    }
}
