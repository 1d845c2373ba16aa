//! Launches that the application rejected: it sent its user back. What the user is shown, and what
//! they can do.

use super::Launches;
use crate::{
    catalog,
    error::{Error, Result},
    id::LaunchId,
    model::{
        launch::Stage,
        service::{ChoicePolicy, Service},
        session::SignedIn,
    },
};

/// A launch that was rejected by the application.
pub struct Rejected {
    pub slug: String,
    pub service: String,
    pub icon: String,
    /// The record, unless its type is too sensitive to be shown again.
    pub key: Option<String>,
    /// The page for checking the key, with the form filled in as far as permitted.
    pub check: Option<String>,
    /// The user may choose another instance.
    pub elsewhere: bool,
}

impl Launches {
    /// The visitor's own launch that has departed; any other is not found.
    pub async fn turned_away(&self, id: &LaunchId, who: &SignedIn) -> Result<Rejected> {
        let launch = self.store.launch(id).await?.ok_or(Error::NotFound)?;
        let gone = matches!(launch.stage, Stage::Departed { .. } | Stage::Landed { .. });
        let own = launch.holder().is_some_and(|one| one.user == who.user.id);
        if !(gone && own) {
            return Err(Error::NotFound);
        }
        let snapshot = self.catalog.snapshot();
        let service = catalog::visible(&snapshot, &who.user, &launch.ask.service)?;
        let record = launch.ask.record.as_ref().and_then(|(kind, key)| {
            let shown = snapshot.context_type(kind)?.sensitivity.may_be_remembered();
            Some((kind.as_str(), shown.then_some(key.as_str())))
        });
        Ok(Rejected {
            slug: service.slug.clone(),
            service: service.title.clone(),
            icon: service.icon.clone(),
            key: record.and_then(|(_, key)| key).map(str::to_owned),
            check: record.map(|(kind, key)| opener(kind, key)),
            elsewhere: has_choice(service),
        })
    }
}

fn has_choice(service: &Service) -> bool {
    let open = service
        .instances
        .iter()
        .filter(|one| one.disabled_at.is_none());
    service.choice == ChoicePolicy::Allowed && open.count() > 1
}

fn opener(kind: &str, key: Option<&str>) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("type", kind)
        .append_pair("key", key.unwrap_or_default())
        .finish();
    format!("/open?{query}")
}
