//! A rule of assurance, checked against the services it may name.

use super::{Faults, build::optional};
use crate::{
    model::{assurance::AssuranceRule, service::Service},
    store::AssuranceRow,
};

/// A rule that demands nothing, or is about what does not exist, is a mistake.
pub(super) fn assurance_rule(
    row: AssuranceRow,
    services: &[Service],
) -> Result<AssuranceRule, Faults> {
    let place = format!("assurance rule \"{}\"", row.title);
    let service = row
        .service
        .as_ref()
        .map(|slug| services.iter().find(|service| service.slug == *slug));
    let odd = match (&row.service, service) {
        (Some(slug), Some(None)) => Some(format!("there is no service \"{slug}\"")),
        (None, _) if row.intent.is_some() => {
            Some("an intent goes with the service it is of".to_owned())
        }
        _ => None,
    };
    if let Some(fault) = odd {
        return Err(vec![format!("{place}: {fault}")]);
    }
    if let (Some(intent), Some(Some(service))) = (&row.intent, service)
        && !service.links.iter().any(|link| link.intent == *intent)
    {
        return Err(vec![format!(
            "{place}: the service has no link with the intent \"{intent}\""
        )]);
    }
    if row.demand.is_nothing() || row.demand.max_age == Some(0) {
        return Err(vec![format!(
            "{place} demands nothing: give second_factor = true, or max_age_minutes of at least 1"
        )]);
    }
    Ok(AssuranceRule {
        when: optional(&place, row.when.as_ref())?,
        title: row.title,
        service: row.service,
        intent: row.intent,
        demand: row.demand,
    })
}
