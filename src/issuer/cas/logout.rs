//! Single logout (section 2.3.3): an application is notified by a form with one field,
//! `logoutRequest`, which names the ticket it once validated. The protocol defines no answer: an
//! application that redirects to its front page may have ended its session as well as one that
//! answers 200, so any answer only shows that the notification arrived.

use url::Url;

use super::{
    super::{Issuer, logout_delivery::DeliveryResult},
    wire,
};
use crate::{
    catalog::Snapshot,
    handoff::cas::CasHandoff,
    id::lasting_id,
    kind::BoxFuture,
    model::notice::LogoutDelivery,
    net::{NetError, Request},
};

/// Notifies the service. A closed one is notified, too: it has a session to end.
pub(super) fn deliver<'a>(
    provider: &'a Issuer,
    notice: &'a LogoutDelivery,
) -> BoxFuture<'a, DeliveryResult> {
    Box::pin(notify(provider, notice))
}

async fn notify(provider: &Issuer, notice: &LogoutDelivery) -> DeliveryResult {
    let Some(url) = address(&provider.catalog.snapshot(), notice) else {
        return DeliveryResult::Impossible;
    };
    let now = provider.clock.now();
    let id = lasting_id(now, &provider.chance);
    let message = wire::logout_request(&id, &notice.at.subject, now.secs());
    let request = Request::form(&url, [("logoutRequest", message.as_str())]);
    match provider.net.send(request).await {
        Ok(_) | Err(NetError::TooLarge(_)) => DeliveryResult::Asked,
        Err(error) => error.into(),
    }
}

/// Where the instance receives notifications: by its current settings, never an earlier address.
fn address(snapshot: &Snapshot, notice: &LogoutDelivery) -> Option<Url> {
    let service = snapshot.service(&notice.at.party)?;
    let instance = service.instance(notice.at.index.as_deref()?)?;
    let settings = snapshot.parts.method::<CasHandoff>(instance).ok()?;
    match &settings.logout_uri {
        Some(address) => Url::parse(address).ok(),
        None => Some(instance.base.clone()),
    }
}
