//! A service with its instances, rules and deep links.

use super::{
    Faults,
    build::{at, keep, optional},
    is_slug,
};
use crate::{
    model::{
        address::web_address,
        context::{ContextType, Sensitivity},
        service::{Instance, Link, LocatorRule, Service},
    },
    protocol::uri_template::{Part, UriTemplate},
    store::{InstanceRow, LinkRow, RuleRow, ServiceRow},
};

pub(super) fn service(row: ServiceRow, types: &[ContextType]) -> Result<Service, Faults> {
    let place = format!("service \"{}\"", row.slug);
    let mut faults = Faults::new();
    if row.instances.is_empty() {
        faults.push(format!("{place} has no instance"));
    }
    let known: Vec<String> = row
        .instances
        .iter()
        .map(|instance| instance.slug.clone())
        .collect();
    let rules = keep(&mut faults, row.rules, |rule| {
        locator_rule(&place, rule, &known)
    });
    let links = keep(&mut faults, row.links, |link| {
        deep_link(&place, link, types)
    });
    let instances = keep(&mut faults, row.instances, instance);
    let audience = optional(&format!("{place}, audience"), row.audience.as_ref());
    match audience {
        Ok(audience) if faults.is_empty() => Ok(Service {
            slug: row.slug,
            title: row.title,
            description: row.description,
            icon: row.icon,
            category: row.category,
            handoff: row.handoff,
            audience,
            choice: row.choice,
            disabled_at: row.disabled_at,
            instances,
            rules,
            links,
        }),
        Ok(_) => Err(faults),
        Err(more) => Err([faults, more].concat()),
    }
}

fn instance(row: InstanceRow) -> Result<Instance, Faults> {
    let base = at(
        format!("instance \"{}\", base_url", row.slug),
        web_address(&row.base_url),
    )?;
    Ok(Instance {
        slug: row.slug,
        title: row.title,
        base_url: row.base_url,
        base,
        settings: row.settings,
        sealed_settings: row.sealed_settings,
        disabled_at: row.disabled_at,
    })
}

fn locator_rule(place: &str, row: RuleRow, known: &[String]) -> Result<LocatorRule, Faults> {
    let place = format!("{place}, rule \"{}\"", row.title);
    if row.instances.is_empty() {
        return Err(vec![format!("{place} names no instance")]);
    }
    if let Some(odd) = row.instances.iter().find(|slug| !known.contains(slug)) {
        return Err(vec![format!(
            "{place}: there is no instance \"{odd}\"; the known ones are {}",
            known.join(", ")
        )]);
    }
    let when = optional(&place, row.when.as_ref())?;
    Ok(LocatorRule {
        title: row.title,
        when,
        instances: row.instances,
    })
}

/// A deep link is checked against its type before a user follows it: it parses, its variables are
/// the key and declared fields, and a special key stands in no path or query.
fn deep_link(place: &str, row: LinkRow, types: &[ContextType]) -> Result<Link, Faults> {
    let place = format!("{place}, link {}/{}", row.kind, row.intent);
    let kind = types.iter().find(|kind| kind.slug == row.kind);
    if kind.is_none() && !row.kind.is_empty() {
        return Err(vec![format!(
            "{place}: there is no record type \"{}\"",
            row.kind
        )]);
    }
    if !row.kind.is_empty() && !is_slug(&row.intent) {
        return Err(vec![format!(
            "{place}: an intent is named with a-z, 0-9 and -"
        )]);
    }
    at(place.clone(), is_relative(&row.template))?;
    let template = at(
        place.clone(),
        checked_template(&row.template, kind, row.inner.is_some()),
    )?;
    let inner = row.inner.map(|inner| {
        at(
            format!("{place}, inner"),
            checked_template(&inner, kind, false),
        )
    });
    let inner = inner.transpose()?;
    let audience = optional(&place, row.audience.as_ref())?;
    Ok(Link {
        kind: row.kind,
        intent: row.intent,
        template,
        inner,
        audience,
    })
}

/// A link is a place inside its instance, whichever that is; an inner one may be an address.
fn is_relative(template: &str) -> Result<(), String> {
    let inside = template.starts_with(['/', '?', '#']) && !template.starts_with("//");
    inside.then_some(()).ok_or_else(|| {
        "a template begins with / (or ? or #): the instance's address comes before it".to_owned()
    })
}

fn checked_template(
    text: &str,
    kind: Option<&ContextType>,
    nests: bool,
) -> Result<UriTemplate, String> {
    let template = UriTemplate::parse(text).map_err(|error| error.to_string())?;
    for variable in template.variables() {
        let name = variable.name;
        let declared = kind.is_some_and(|kind| {
            name == "key" || kind.fields.iter().any(|field| field.name == name)
        });
        if !(declared || nests && name == "inner") {
            return Err(format!(
                "the template uses \"{name}\", which is no field of the type"
            ));
        }
        let special = kind.is_some_and(|kind| kind.sensitivity == Sensitivity::Special);
        if special && name == "key" && variable.part != Part::Fragment {
            return Err("the key of a special type may stand in the fragment only".to_owned());
        }
    }
    Ok(template)
}
