//! Where a service leads a user and why, in words; and the user's choice of instance.

use std::sync::Arc;

use axum::{
    extract::State,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    account::source as source_words,
    extract::{Form, Path, SignedInUser},
    page::{self, Site, html},
    route::{Access, Route},
    view::{self, OwnChoice, RuleOutcome, ServicePage},
};
use crate::{
    catalog::{
        self, Catalog, Snapshot,
        locate::{RuleInput, locate},
    },
    error::Result,
    model::{
        condition::{ConditionFinding, Truth},
        explanation::{By, Considered, Explanation, Located},
        service::{ChoicePolicy, Instance, Service},
    },
    text::Texts,
};

pub const ROUTES: &[Route] = &[
    Route::get("/services/{service}", Access::SignedIn, || get(show)),
    Route::post("/services/{service}/instance", Access::SignedIn, || {
        post(choose)
    }),
];

/// `GET /services/{service}`.
pub async fn show(
    State(site): State<Arc<Site>>,
    State(catalog): State<Catalog>,
    SignedInUser { who, visit }: SignedInUser,
    Path(slug): Path<String>,
) -> Result<Response> {
    let snapshot = catalog.snapshot();
    let service = catalog::visible(&snapshot, &who.user, &slug)?;
    let overrides = catalog.overrides(&who.user.id).await?;
    let chosen = overrides.get(&slug).map(String::as_str);
    let asked = RuleInput {
        user: &who.user,
        context: None,
    };
    let (located, explanation) = locate(service, &asked, chosen);
    let texts = visit.texts();
    let leads = matches!(located, Located::One(_) | Located::Several(_));
    html(&ServicePage {
        title: service.title.clone(),
        description: service.description.clone(),
        icon: service.icon.clone(),
        verdict: verdict(texts, service, &located, &explanation),
        href: (leads && service.disabled_at.is_none()).then(|| format!("/go/{slug}")),
        rules: rules(&snapshot, texts, service, &explanation),
        handoff: texts
            .say(&format!("handoff-{}", service.handoff))
            .to_owned(),
        own_choice: own_choice(texts, service, &explanation, &located),
        frame: site.frame(&visit),
    })
}

#[derive(Deserialize)]
pub struct ChoiceForm {
    #[serde(default)]
    instance: String,
}

/// `POST /services/{service}/instance`: a fixed instance for a week, or as the rules decide again.
pub async fn choose(
    State(catalog): State<Catalog>,
    SignedInUser { who, .. }: SignedInUser,
    Path(slug): Path<String>,
    Form(wish): Form<ChoiceForm>,
) -> Result<Response> {
    let instance = Some(wish.instance.as_str()).filter(|instance| !instance.is_empty());
    catalog.choose_instance(&who, &slug, instance).await?;
    Ok(page::to(&format!("/services/{slug}")))
}

fn verdict(
    texts: &Texts,
    service: &Service,
    located: &Located,
    explanation: &Explanation,
) -> String {
    let title = |slug: &str| {
        service
            .instance(slug)
            .map_or_else(|| slug.to_owned(), |one| one.title.clone())
    };
    match (located, &explanation.by) {
        (Located::One(slug), By::Override) => {
            texts.with("verdict-override", &[("instance", &title(slug))])
        }
        (Located::One(slug), _) if service.instances.len() == 1 => {
            texts.with("verdict-only", &[("instance", &title(slug))])
        }
        (Located::One(slug), By::Rule(_)) if by_default(explanation) => {
            texts.with("verdict-default", &[("instance", &title(slug))])
        }
        (Located::One(slug), By::Rule(rule)) => texts.with(
            "verdict-rule",
            &[("instance", &title(slug)), ("rule", rule)],
        ),
        (Located::Unknown, _) => texts.say("verdict-unknown").to_owned(),
        (Located::Closed(slug), _) => texts.with("verdict-closed", &[("instance", &title(slug))]),
        (Located::Several(_), _) => texts.say("verdict-choose").to_owned(),
        (Located::One(_) | Located::Nowhere, _) => texts.say("verdict-none").to_owned(),
    }
}

fn by_default(explanation: &Explanation) -> bool {
    explanation
        .considered
        .last()
        .is_some_and(|last| last.matched == Truth::Yes && last.unconditional)
}

/// Every rule in its order: those considered with what was found, the rest as not needed.
fn rules(
    snapshot: &Snapshot,
    texts: &Texts,
    service: &Service,
    explanation: &Explanation,
) -> Vec<view::LocatorRuleRow> {
    let considered = explanation
        .considered
        .iter()
        .map(|one| considered(snapshot, texts, one));
    let rest = service.rules.iter().skip(explanation.considered.len());
    considered
        .chain(rest.map(|rule| view::LocatorRuleRow {
            title: rule.title.clone(),
            outcome: RuleOutcome::NotReached,
            findings: Vec::new(),
        }))
        .collect()
}

fn considered(snapshot: &Snapshot, texts: &Texts, rule: &Considered) -> view::LocatorRuleRow {
    let mut findings: Vec<String> = rule
        .findings
        .iter()
        .map(|one| finding(snapshot, texts, one))
        .collect();
    if rule.unconditional {
        findings.push(texts.say("finding-always").to_owned());
    }
    view::LocatorRuleRow {
        title: rule.title.clone(),
        outcome: match rule.matched {
            Truth::Yes => RuleOutcome::Matched,
            Truth::No => RuleOutcome::PassedOver,
            Truth::Unknown => RuleOutcome::Unanswered,
        },
        findings,
    }
}

fn finding(snapshot: &Snapshot, texts: &Texts, found: &ConditionFinding) -> String {
    let source = found.source.as_deref().unwrap_or_default();
    let source = source_words(texts, snapshot, source);
    let words = view::finding(texts, found, &source);
    if found.negated {
        texts.with("finding-not", &[("finding", &words)])
    } else {
        words
    }
}

fn own_choice(
    texts: &Texts,
    service: &Service,
    explanation: &Explanation,
    located: &Located,
) -> Option<OwnChoice> {
    if service.choice == ChoicePolicy::Fixed {
        return None;
    }
    let open = service
        .instances
        .iter()
        .filter(|instance| instance.disabled_at.is_none());
    let current = match (&explanation.by, located) {
        (By::Override, Located::One(slug)) => service.instance(slug),
        _ => None,
    };
    Some(OwnChoice {
        action: format!("/services/{}/instance", service.slug),
        instances: open.map(instance).collect(),
        current: current.map(|one| {
            (
                texts.with("verdict-override", &[("instance", &one.title)]),
                one.slug.clone(),
            )
        }),
    })
}

fn instance(instance: &Instance) -> view::InstanceOption {
    let url = url::Url::parse(&instance.base_url).ok();
    view::InstanceOption {
        slug: instance.slug.clone(),
        title: instance.title.clone(),
        host: url
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default(),
    }
}
