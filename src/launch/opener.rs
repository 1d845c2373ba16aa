//! "Open a record": the services that can open it for this user, where they lead and with which
//! intents. Makes the same checks as the dispatcher, and creates no ticket.

use std::collections::BTreeMap;

use super::{Launches, plan::may_use};
use crate::{
    catalog::{
        self,
        locate::{RuleInput, locate_briefly},
    },
    error::{Error, Result},
    model::{
        context::{Context, ContextType},
        explanation::Located,
        launch::Ask,
        service::{Service, VIEW},
        session::SignedIn,
    },
};

/// A record, and the services that open it.
pub struct Openers {
    pub key: String,
    pub services: Vec<RecordOpener>,
}

/// One service that opens the record.
pub struct RecordOpener {
    pub service: String,
    pub icon: String,
    /// Title of the instance; `None` when the user has to choose, or has none.
    pub instance: Option<String>,
    /// Intent and link, `view` first.
    pub links: Vec<(String, String)>,
}

/// Why a record's name is refused.
pub struct BadKey {
    pub hint: String,
}

impl Launches {
    /// The openers of a record; `Err(BadKey)` inside when the key does not fit its type.
    pub async fn openers(
        &self,
        who: &SignedIn,
        kind: &str,
        key: &str,
    ) -> Result<Result<Openers, BadKey>> {
        let snapshot = self.catalog.snapshot();
        let kind = snapshot.context_type(kind).ok_or(Error::NotFound)?;
        // Required fields are a matter of the link: only the key is checked here.
        let Ok(context) = key_alone(kind).parse(key, &BTreeMap::new()) else {
            return Ok(Err(BadKey {
                hint: kind.hint.clone(),
            }));
        };
        let overrides = self.catalog.overrides(&who.user.id).await?;
        let services = snapshot
            .services
            .iter()
            .filter(|service| service.disabled_at.is_none() && catalog::may_see(service, &who.user))
            .filter_map(|service| {
                opener(
                    service,
                    who,
                    &context,
                    overrides.get(&service.slug).map(|one| one.slug.as_str()),
                )
            })
            .collect();
        Ok(Ok(Openers {
            key: context.key,
            services,
        }))
    }
}

fn key_alone(kind: &ContextType) -> ContextType {
    ContextType {
        fields: Vec::new(),
        ..kind.clone()
    }
}

fn opener(
    service: &Service,
    who: &SignedIn,
    context: &Context,
    chosen: Option<&str>,
) -> Option<RecordOpener> {
    let mut links: Vec<(String, String)> = service
        .links
        .iter()
        .filter(|link| link.kind == context.kind && may_use(link, who))
        .map(|link| (link.intent.clone(), path(service, context, &link.intent)))
        .collect();
    links.sort_by_key(|(intent, _)| intent != VIEW);
    let asked = RuleInput {
        user: &who.user,
        context: Some(context),
    };
    let instance = match locate_briefly(service, &asked, chosen) {
        Located::One(slug) => service.instance(&slug).map(|one| one.title.clone()),
        Located::Several(_) => None,
        Located::Closed(_) | Located::Nowhere | Located::Unknown => return None,
    };
    (!links.is_empty()).then(|| RecordOpener {
        service: service.title.clone(),
        icon: service.icon.clone(),
        instance,
        links,
    })
}

fn path(service: &Service, context: &Context, intent: &str) -> String {
    let ask = Ask {
        service: service.slug.clone(),
        record: Some((context.kind.clone(), context.key.clone())),
        intent: intent.to_owned(),
        fields: BTreeMap::new(),
    };
    ask.path()
}
