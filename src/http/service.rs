//! Where a service leads a user and why, in words; and the user's choice of instance.

use axum::{
    extract::State,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    account::source as source_words,
    extract::{Form, Path, SignedInUser},
    page::{self, html},
    route::{Access, Route},
    view::{self, CurrentChoice, OwnChoice, RuleOutcome, ServicePage},
};
use crate::{
    app::App,
    catalog::{
        self, Catalog, Snapshot,
        locate::{RuleInput, locate},
    },
    clock::Time,
    error::Result,
    model::{
        condition::{ConditionFinding, Truth},
        explanation::{By, Considered, Explanation, Located},
        service::{ChoicePolicy, ChosenInstance, Instance, Service},
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
    State(app): State<App>,
    SignedInUser { who, visit }: SignedInUser,
    Path(slug): Path<String>,
) -> Result<Response> {
    let snapshot = app.catalog.snapshot();
    let service = catalog::visible(&snapshot, &who.user, &slug)?;
    let overrides = app.catalog.overrides(&who.user.id).await?;
    let chosen = overrides.get(&slug);
    let asked = RuleInput {
        user: &who.user,
        context: None,
    };
    let (located, explanation) = locate(service, &asked, chosen.map(|one| one.slug.as_str()));
    let texts = visit.texts();
    let in_force = chosen.filter(|_| explanation.by == By::Override);
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
        own_choice: own_choice(texts, service, in_force, app.parts.clock.now()),
        frame: app.site.frame(&visit),
    })
}

#[derive(Deserialize)]
pub struct ChoiceForm {
    /// Empty: as the rules decide.
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
    in_force: Option<&ChosenInstance>,
    now: Time,
) -> Option<OwnChoice> {
    if service.choice == ChoicePolicy::Fixed {
        return None;
    }
    let open = service
        .instances
        .iter()
        .filter(|instance| instance.disabled_at.is_none());
    let current = in_force.and_then(|chosen| Some((chosen, service.instance(&chosen.slug)?)));
    Some(OwnChoice {
        action: format!("/services/{}/instance", service.slug),
        instances: open.map(instance).collect(),
        current: current.map(|(chosen, one)| CurrentChoice {
            words: texts.with("verdict-override", &[("instance", &one.title)]),
            slug: one.slug.clone(),
            ends: view::Moment::ahead(texts, chosen.until, now),
        }),
    })
}

fn instance(instance: &Instance) -> view::InstanceOption {
    view::InstanceOption {
        slug: instance.slug.clone(),
        title: instance.title.clone(),
        host: instance.base.host_str().unwrap_or_default().to_owned(),
    }
}
