//! From a ticket to a plan: is the service visible and open, is the request understood and allowed,
//! and where does it lead? Nothing is written here; a refusal has its reason.

use url::Url;

use super::Launches;
use crate::{
    catalog::{
        self, Snapshot,
        locate::{RuleInput, locate},
    },
    error::{Error, Refusal, Result},
    model::{
        assurance::{AssuranceOccasion, Demand, demanded},
        context::{Context, ContextType, Misnamed},
        explanation::Located,
        launch::{Ask, Launch},
        next::{Choosing, InstanceChoice},
        service::{ChoicePolicy, Instance, Link, Service, VIEW},
        session::SignedIn,
    },
    protocol::uri_template::{self, ExpandError, Values},
};

/// A launch that passed every check.
pub(super) struct Plan<'a> {
    pub service: &'a Service,
    pub instance: &'a Instance,
    pub context: Option<Context>,
    pub target: Url,
}

/// The request, resolved.
struct LaunchPlan<'a> {
    service: &'a Service,
    context: Option<Context>,
    kind: Option<&'a ContextType>,
    link: Option<&'a Link>,
}

pub(super) enum Decision<'a> {
    /// The user is identified, but the assurance is not sufficient for this.
    Confirm(Demand),
    Choose(Choosing),
    Depart(Plan<'a>),
}

impl Launches {
    /// From ticket to plan, in the order of the checks.
    pub(super) async fn decide<'a>(
        &self,
        snapshot: &'a Snapshot,
        ticket: &Launch,
        who: &SignedIn,
        pick: Option<&str>,
    ) -> Result<Decision<'a>> {
        let wanted = understand(snapshot, &ticket.ask, who)?;
        let service = wanted.service;
        if let Some(demand) = self.unmet(snapshot, service, &ticket.ask.intent, who) {
            return Ok(Decision::Confirm(demand));
        }
        let chosen = self.chosen(service, who).await?;
        let asked = RuleInput {
            user: &who.user,
            context: wanted.context.as_ref(),
        };
        let (located, explanation) = locate(service, &asked, chosen.as_deref());
        let slug = match located {
            Located::One(slug) => {
                refuse_closed(service, pick)?;
                slug
            }
            Located::Several(slugs) => {
                match slugs.iter().find(|slug| Some(slug.as_str()) == pick) {
                    Some(slug) => slug.clone(),
                    None => {
                        return Ok(Decision::Choose(choosing(ticket, service, &slugs, &wanted)));
                    }
                }
            }
            Located::Closed(slug) => return Err(closed(service, &slug).into()),
            Located::Unknown => {
                tracing::warn!(
                    service = %service.slug,
                    "a launch is refused: a rule asks for an attribute of which the user's \
                     provider did not send all values"
                );
                return Err(Refusal::Unanswered {
                    service: service.title.clone(),
                    slug: service.slug.clone(),
                    explanation: Box::new(explanation),
                }
                .into());
            }
            Located::Nowhere => {
                return Err(Refusal::NoInstance {
                    service: service.title.clone(),
                    slug: service.slug.clone(),
                    explanation: Box::new(explanation),
                }
                .into());
            }
        };
        let instance = service.instance(&slug).ok_or(Error::NotFound)?;
        if let Some(demand) = self.unmet_by_client(snapshot, instance, who) {
            return Ok(Decision::Confirm(demand));
        }
        let target =
            target(instance, wanted.link, wanted.context.as_ref()).map_err(
                |fault| match fault {
                    Unfit::Key => bad_key(&wanted),
                    Unfit::Settings(detail) => misconfigured(service, detail),
                },
            )?;
        Ok(Decision::Depart(Plan {
            service,
            instance,
            context: wanted.context,
            target,
        }))
    }

    /// The assurance that the rules require for this and the session does not have.
    fn unmet(
        &self,
        snapshot: &Snapshot,
        service: &Service,
        intent: &str,
        who: &SignedIn,
    ) -> Option<Demand> {
        let facts = RuleInput {
            user: &who.user,
            context: None,
        };
        let occasion = AssuranceOccasion::Launch {
            service: &service.slug,
            intent,
        };
        let demand = demanded(&snapshot.assurance, &facts, occasion);
        (!demand.met_by(&who.session, self.clock.now())).then_some(demand)
    }

    /// The requirements of other services for the same application: a launch must not bypass them.
    fn unmet_by_client(
        &self,
        snapshot: &Snapshot,
        instance: &Instance,
        who: &SignedIn,
    ) -> Option<Demand> {
        let demand = catalog::client_demand(snapshot, instance.client()?, &who.user)?;
        (!demand.met_by(&who.session, self.clock.now())).then_some(demand)
    }

    async fn chosen(&self, service: &Service, who: &SignedIn) -> Result<Option<String>> {
        if service.choice == ChoicePolicy::Fixed {
            return Ok(None);
        }
        let mut overrides = self.catalog.overrides(&who.user.id).await?;
        Ok(overrides.remove(&service.slug).map(|one| one.slug))
    }
}

/// A user whose chosen instance was closed meanwhile is informed, and not sent to another one.
fn refuse_closed(service: &Service, pick: Option<&str>) -> Result<()> {
    let picked = pick.and_then(|pick| service.instance(pick));
    match picked.filter(|instance| instance.disabled_at.is_some()) {
        Some(instance) => Err(closed(service, &instance.slug).into()),
        None => Ok(()),
    }
}

fn closed(service: &Service, slug: &str) -> Refusal {
    let title = service
        .instance(slug)
        .map(|instance| instance.title.clone());
    Refusal::InstanceClosed {
        instance: title.unwrap_or_else(|| slug.to_owned()),
    }
}

/// Resolves the link for this user: the service is visible and open, the record's name is valid,
/// the intent is known and allowed.
fn understand<'a>(snapshot: &'a Snapshot, ask: &Ask, who: &SignedIn) -> Result<LaunchPlan<'a>> {
    let service = catalog::visible(snapshot, &who.user, &ask.service)?;
    if service.disabled_at.is_some() {
        return Err(Refusal::ServiceClosed {
            service: service.title.clone(),
        }
        .into());
    }
    let Some((kind, key)) = &ask.record else {
        return front_page(service, ask);
    };
    let kind = snapshot
        .context_type(kind)
        .ok_or_else(|| Refusal::UnknownType { kind: kind.clone() })?;
    if !service.opens(&kind.slug) {
        let (service, kind) = (service.title.clone(), kind.title.clone());
        return Err(Refusal::NotOpened { service, kind }.into());
    }
    let link = link_for(service, kind, ask, who)?;
    let context = kind
        .parse(key, &ask.fields)
        .map_err(|why| misnamed(kind, key, why))?;
    Ok(LaunchPlan {
        service,
        context: Some(context),
        kind: Some(kind),
        link: Some(link),
    })
}

fn front_page<'a>(service: &'a Service, ask: &Ask) -> Result<LaunchPlan<'a>> {
    if ask.intent != VIEW {
        let (service, intent) = (service.title.clone(), ask.intent.clone());
        return Err(Refusal::UnknownIntent { service, intent }.into());
    }
    if let Some(name) = ask.fields.keys().next() {
        return Err(Refusal::UnknownField { name: name.clone() }.into());
    }
    Ok(LaunchPlan {
        service,
        context: None,
        kind: None,
        link: service.link("", ""),
    })
}

fn link_for<'a>(
    service: &'a Service,
    kind: &ContextType,
    ask: &Ask,
    who: &SignedIn,
) -> Result<&'a Link> {
    let link = service
        .link(&kind.slug, &ask.intent)
        .ok_or_else(|| Refusal::UnknownIntent {
            service: service.title.clone(),
            intent: ask.intent.clone(),
        })?;
    if !may_use(link, who) {
        return Err(Refusal::IntentForbidden {
            intent: ask.intent.clone(),
        }
        .into());
    }
    Ok(link)
}

pub(super) fn may_use(link: &Link, who: &SignedIn) -> bool {
    let asked = RuleInput {
        user: &who.user,
        context: None,
    };
    link.audience
        .as_ref()
        .is_none_or(|audience| audience.holds(&asked))
}

fn misnamed(kind: &ContextType, key: &str, why: Misnamed) -> Refusal {
    match why {
        Misnamed::Key => Refusal::BadKey {
            key: key.chars().take(40).collect(),
            hint: kind.hint.clone(),
        },
        Misnamed::UnknownField(name) => Refusal::UnknownField { name },
        Misnamed::Field(title) => Refusal::BadField { title },
        Misnamed::MissingField(title) => Refusal::MissingField { title },
    }
}

fn choosing(ticket: &Launch, service: &Service, slugs: &[String], wanted: &LaunchPlan) -> Choosing {
    let place = |slug: &String| {
        service.instance(slug).map(|instance| InstanceChoice {
            slug: slug.clone(),
            title: instance.title.clone(),
            base_url: instance.base_url.clone(),
        })
    };
    let shown = wanted
        .kind
        .is_some_and(|kind| kind.sensitivity.may_be_remembered());
    Choosing {
        launch: ticket.id.clone(),
        service: service.title.clone(),
        icon: service.icon.clone(),
        options: slugs.iter().filter_map(place).collect(),
        key: wanted
            .context
            .as_ref()
            .filter(|_| shown)
            .map(|context| context.key.clone()),
    }
}

pub(super) fn misconfigured(service: &Service, detail: String) -> Refusal {
    Refusal::Misconfigured {
        service: service.title.clone(),
        detail,
    }
}

/// Why a deep link cannot be made.
enum Unfit {
    /// The key fits its type, but has no place in this link (`..`, a backslash).
    Key,
    /// A sentence for the admin.
    Settings(String),
}

impl Unfit {
    fn settings(error: impl std::fmt::Display) -> Self {
        Unfit::Settings(error.to_string())
    }

    fn expanding(error: ExpandError) -> Self {
        match error {
            ExpandError::Characters(_) | ExpandError::DotSegment => Unfit::Key,
            other => Unfit::settings(other),
        }
    }
}

fn bad_key(wanted: &LaunchPlan) -> Refusal {
    let key = wanted
        .context
        .as_ref()
        .map(|context| context.key.chars().take(40).collect());
    let hint = wanted.kind.map(|kind| kind.hint.clone());
    Refusal::BadKey {
        key: key.unwrap_or_default(),
        hint: hint.unwrap_or_default(),
    }
}

/// The deep link: template and values, then checked against the instance's own address. Expansion
/// refuses a missing variable, which RFC 6570 would omit.
fn target(
    instance: &Instance,
    link: Option<&Link>,
    context: Option<&Context>,
) -> Result<Url, Unfit> {
    let Some(link) = link else {
        return Ok(instance.base.clone());
    };
    let values = values(context);
    let text = match &link.inner {
        Some(inner) => link.template.expand_nested(inner, &values),
        None => link.template.expand(&values),
    };
    let text = text.map_err(Unfit::expanding)?;
    uri_template::within(&instance.base, &text).map_err(Unfit::settings)
}

fn values(context: Option<&Context>) -> Values {
    let Some(context) = context else {
        return Values::new();
    };
    context.fields.iter().fold(
        Values::new().with("key", context.key.as_str()),
        |values, field| values.with(field.0.as_str(), field.1.as_str()),
    )
}
