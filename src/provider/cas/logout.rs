//! Single logout (section 2.3.3): an application is told by a form with one field,
//! `logoutRequest`, which names the ticket it once validated.

use url::Url;

use super::super::{Provider, notice::Telling};
use crate::{
    catalog::Snapshot, handoff::Cas, id::lasting_id, model::notice::Notice, net::Request,
    protocol::cas,
};

/// Tells the service of a notice. One that is closed is told, too: it has a session to end.
pub(in super::super) async fn tell(provider: &Provider, notice: &Notice) -> Telling {
    let Some(url) = address(&provider.catalog.snapshot(), notice) else {
        return Telling::Impossible;
    };
    let now = provider.clock.now();
    let id = lasting_id(now, &provider.chance);
    let message = cas::logout_request(&id, &notice.at.subject, now.secs());
    let request = Request::form(&url, [("logoutRequest", message.as_str())]);
    match provider.net.send(request).await {
        Ok(reply) if (200..300).contains(&reply.status) => Telling::Confirmed,
        Ok(reply) => Telling::Failed(format!("it answered {}", reply.status)),
        Err(error) => error.into(),
    }
}

/// Where the instance listens: as it is set now, never an address of the past.
fn address(snapshot: &Snapshot, notice: &Notice) -> Option<Url> {
    let service = snapshot.service(&notice.at.party)?;
    let instance = service.instance(notice.at.index.as_deref()?)?;
    let told = Cas::of(&instance.settings).ok()?;
    Url::parse(told.logout_uri.as_deref().unwrap_or(&instance.base_url)).ok()
}
