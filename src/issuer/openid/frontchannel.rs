//! OpenID Connect Front-Channel Logout 1.0: an address of the client, loaded in a frame of the page
//! that the user sees after signing out.

use url::Url;

use super::super::Issuer;
use crate::{catalog::Snapshot, error::Result, kind::BoxFuture, model::notice::LogoutDelivery};

/// The address, if the client has one, and that there are no further ones.
pub(super) fn frames<'a>(
    provider: &'a Issuer,
    notice: &'a LogoutDelivery,
) -> BoxFuture<'a, Result<(Vec<Url>, bool)>> {
    let snapshot = provider.catalog.snapshot();
    let frame = address(provider, &snapshot, notice);
    Box::pin(async move { Ok((Vec::from_iter(frame), true)) })
}

/// Section 2: with issuer and session, so that the client knows which of its sessions is meant.
fn address(provider: &Issuer, snapshot: &Snapshot, notice: &LogoutDelivery) -> Option<Url> {
    let client = snapshot.registered(&notice.at.party)?;
    let address = client.registration.frontchannel_logout_uri.as_deref()?;
    let mut url = Url::parse(address).ok()?;
    url.query_pairs_mut()
        .append_pair("iss", &provider.issuer)
        .append_pair("sid", notice.at.sid());
    Some(url)
}
