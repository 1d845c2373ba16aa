//! The coverage of a grant: checked on every path that issues a token, whichever grant type it came
//! by, so that no token exceeds the user's consent and the client's registration.

use super::{super::EndpointFault, OpenId, consent::asked};
use crate::{
    catalog::Snapshot,
    error::Result,
    model::{
        client::Client,
        consent::{ConsentParty, Item, is_given},
        grant::Grant,
    },
    protocol::oauth::{OAuthError, narrowed},
};

impl OpenId<'_> {
    /// Whether `client` may have a token of this scope for this resource (`None`: our own userinfo)
    /// for a grant: its own, or one whose token it exchanges (RFC 8693). `invalid_scope`,
    /// `invalid_target`, or `invalid_grant` where the user has revoked the consent.
    pub(super) async fn covers(
        self,
        snapshot: &Snapshot,
        client: &Client,
        grant: &Grant,
        scope: &str,
        resource: Option<&str>,
    ) -> Result<(), EndpointFault> {
        let owner = snapshot.client(&grant.client);
        let owner = owner.ok_or_else(OAuthError::grant)?;
        narrowed(&grant.scope, Some(scope))?;
        check_resource(client, owner, grant, resource)?;
        let wanted = asked(scope, resource);
        if owner.asks() && !self.owner_may(owner, grant, &wanted).await? {
            return Err(no_longer().into());
        }
        if client.id != owner.id && client.asks() {
            let given = self.0.store.consents_for(&grant.user, &client.id).await?;
            if !given.iter().any(|one| one.covers(&wanted)) {
                return Err(no_longer().into());
            }
        }
        Ok(())
    }

    /// By the current consent. A launch is the user's own act, and covers the data it carries.
    async fn owner_may(self, owner: &Client, grant: &Grant, wanted: &[Item]) -> Result<bool> {
        let Some(address) = &grant.redirect_uri else {
            return Ok(true);
        };
        let given = self.0.store.consents_for(&grant.user, &owner.id).await?;
        let party = ConsentParty::of(owner, address);
        let mut parties = given.iter().map(|one| &one.party);
        let before = parties.find(|one| one.is_unknown());
        Ok(is_given(&given, &party, wanted)
            || before.is_some_and(|unknown| is_given(&given, unknown, wanted)))
    }
}

/// A resource that the grant names; or, where it names none, any that the admin registered, unless
/// its user had to consent. The server of a resource may request its own resources with it.
fn check_resource(
    client: &Client,
    owner: &Client,
    grant: &Grant,
    resource: Option<&str>,
) -> Result<(), OAuthError> {
    let Some(resource) = resource else {
        return Ok(());
    };
    let is = |known: &String| known == resource;
    let open = grant.resources.is_empty() || client.id != owner.id;
    let granted = grant.resources.iter().any(is) || (open && !owner.asks());
    match client.registration.resources.iter().any(is) && granted {
        true => Ok(()),
        false => Err(OAuthError::target(
            "the resource is not registered for this client, or not granted",
        )),
    }
}

fn no_longer() -> OAuthError {
    OAuthError::new(
        "invalid_grant",
        "the user has not agreed to this, or does so no longer",
    )
}
