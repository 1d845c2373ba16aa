//! Second factors: the page between a first factor and a session, and signing in by a passkey.

pub mod app;
pub mod enrol;
pub mod own;
pub mod passkey;

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    extract::{Form, Path, Query, Visit},
    flash,
    layers::{CookieNames, set_cookie},
    page::{self, html},
    route::{Access, Route},
    sign_in, view,
};
use crate::{
    app::App,
    error::{Error, Result},
    factor::{
        AuthenticatorResponse as Authenticated, Challenge, EnrolledFactors, FactorMethod,
        FactorProof, FactorResponse, METHODS, ProofInput, RECOVERY,
    },
    model::{
        attempt::{After, Attempt, AttemptPurpose, SignInDemand},
        factor::Missing,
        launch::Ask,
    },
    sign_in::{Beginning, SignInOutcome, SignInTrouble},
    text::Texts,
};

pub const ROUTES: &[Route] = &[
    Route::get_and_post("/sign-in/{attempt}/factor", Access::Anyone, || {
        get(show).post(prove)
    }),
    Route::post(
        "/sign-in/{attempt}/factor/challenge",
        Access::Anyone,
        || post(challenge),
    ),
    Route::post("/sign-in/{attempt}/passkey", Access::Anyone, || post(enter)),
    Route::post(
        "/sign-in/{attempt}/passkey/challenge",
        Access::Anyone,
        || post(open_challenge),
    ),
];

#[derive(Deserialize)]
pub struct WayQuery {
    way: Option<String>,
}

impl WayQuery {
    pub fn method(&self) -> Option<&'static FactorMethod> {
        self.way.as_deref().and_then(FactorMethod::find)
    }
}

/// What was typed, or an authenticator's response.
#[derive(Deserialize)]
pub struct ProofForm {
    way: String,
    #[serde(default)]
    code: Zeroizing<String>,
    #[serde(default)]
    ceremony: String,
    #[serde(default)]
    credential: String,
    /// "Trust this device": present when ticked.
    trust: Option<String>,
}

impl ProofForm {
    pub fn read(self) -> Result<FactorProof> {
        let method = FactorMethod::find(&self.way);
        Ok(FactorProof {
            method: method.ok_or_else(|| Error::Invalid("no such way".to_owned()))?,
            response: FactorResponse {
                code: self.code,
                authenticator: Authenticated {
                    ceremony: self.ceremony,
                    credential: self.credential,
                },
            },
        })
    }
}

/// An authenticator's response, alone.
#[derive(Deserialize)]
pub struct AuthenticatorForm {
    ceremony: String,
    credential: String,
}

/// `GET /sign-in/{attempt}/factor`: asks for one of the user's factors, or offers to set one up.
pub async fn show(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<String>,
    Query(which): Query<WayQuery>,
) -> Result<Response> {
    let attempt = sign_in::find(&app.sign_ins, &visit, &attempt).await?;
    let open = attempt.consumed_at.is_none();
    if !open || app.sign_ins.factor_of(&attempt, &visit.visitor).is_err() {
        return Ok(page::to(&attempt.path()));
    }
    let has = app.factors.awaited(&attempt, &visit.visitor).await?;
    if has.factors.is_empty() {
        return offer(&app, &visit, attempt).await;
    }
    let shown: Option<FactorFlash> = flash::take(&visit, &path(&attempt)).await?;
    let (method, trouble) = FactorFlash::shown(shown, &which);
    challenge_page(&app, &visit, &attempt, &has, method, trouble).await
}

fn path(attempt: &Attempt) -> String {
    format!("{}/factor", attempt.path())
}

/// The result of a try, for the page that shows it.
#[derive(Serialize, Deserialize)]
pub struct FactorFlash {
    way: String,
    trouble: view::FactorTrouble,
}

impl FactorFlash {
    pub fn of(method: &FactorMethod, trouble: &SignInTrouble) -> Self {
        Self {
            way: method.name.to_owned(),
            trouble: factor_trouble(trouble),
        }
    }

    /// The method to show, and what went wrong with it.
    pub fn shown(
        shown: Option<Self>,
        which: &WayQuery,
    ) -> (Option<&'static FactorMethod>, Option<view::FactorTrouble>) {
        match shown {
            Some(shown) => (
                // Replicas of the previous version begin it with a capital letter.
                FactorMethod::find(&shown.way.to_ascii_lowercase()),
                Some(shown.trouble),
            ),
            None => (which.method(), None),
        }
    }
}

/// `POST /sign-in/{attempt}/factor`.
pub async fn prove(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<String>,
    Form(proved): Form<ProofForm>,
) -> Result<Response> {
    let attempt = sign_in::find(&app.sign_ins, &visit, &attempt).await?;
    if attempt.consumed_at.is_some() {
        return Ok(page::to(&attempt.path()));
    }
    let visitor = &visit.visitor;
    let days = app
        .factors
        .trusted_devices()
        .days(&attempt, visitor)
        .await?;
    let trusts = days.is_some() && proved.trust.is_some();
    let proof = proved.read()?;
    match app.factors.prove(&attempt, visitor, &proof).await? {
        SignInOutcome::Again(trouble) => {
            flash::redirect(
                &app,
                &visit,
                &path(&attempt),
                FactorFlash::of(proof.method, &trouble),
            )
            .await
        }
        outcome => {
            let device = match &outcome {
                SignInOutcome::In { who, .. } if trusts => {
                    app.factors
                        .trusted_devices()
                        .trust(&who.user.id, visitor)
                        .await?
                }
                _ => None,
            };
            let done = sign_in::finish(&app, &visit, &attempt, outcome, "", String::new()).await;
            let mut response = done?;
            if let Some(device) = device {
                let age = days.map(|days| i64::try_from(days * 86_400).unwrap_or(i64::MAX));
                let name = CookieNames::of(&app.site).trusted;
                set_cookie(&mut response, &app.site, name, device.as_str(), age);
            }
            Ok(response)
        }
    }
}

/// `POST /sign-in/{attempt}/factor/challenge`: for the script that calls the authenticator.
pub async fn challenge(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<String>,
) -> Result<Response> {
    let attempt = open_attempt(&app, &visit, &attempt).await?;
    let challenge = app.factors.challenge(&attempt, &visit.visitor).await?;
    Ok(as_json(&challenge))
}

/// `POST /sign-in/{attempt}/passkey/challenge`: for any passkey the browser has.
pub async fn open_challenge(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<String>,
) -> Result<Response> {
    let attempt = open_attempt(&app, &visit, &attempt).await?;
    let challenge = app.factors.open_challenge(&attempt, &visit.visitor).await?;
    Ok(as_json(&challenge))
}

/// `POST /sign-in/{attempt}/passkey`: signs in without a name and a password.
pub async fn enter(
    State(app): State<App>,
    visit: Visit,
    Path(attempt): Path<String>,
    Form(answered): Form<AuthenticatorForm>,
) -> Result<Response> {
    let attempt = sign_in::find(&app.sign_ins, &visit, &attempt).await?;
    if attempt.consumed_at.is_some() {
        return Ok(page::to(&attempt.path()));
    }
    let answer = Authenticated {
        ceremony: answered.ceremony,
        credential: answered.credential,
    };
    let outcome = app.factors.enter(&attempt, &visit.visitor, &answer).await?;
    let outcome = match outcome {
        // On the page of names and passwords, "wrong" would refer to those.
        SignInOutcome::Again(SignInTrouble::Wrong) => {
            SignInOutcome::Again(SignInTrouble::Refused("passkey-unknown"))
        }
        other => other,
    };
    sign_in::finish(&app, &visit, &attempt, outcome, "", String::new()).await
}

async fn open_attempt(app: &App, visit: &Visit, attempt: &str) -> Result<Attempt> {
    let attempt = sign_in::find(&app.sign_ins, visit, attempt).await?;
    if attempt.consumed_at.is_some() {
        return Err(Error::AttemptExpired);
    }
    Ok(attempt)
}

pub fn as_json(challenge: &Challenge) -> Response {
    Json(json!({ "ceremony": challenge.id, "options": challenge.options })).into_response()
}

async fn challenge_page(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    has: &EnrolledFactors,
    wanted: Option<&'static FactorMethod>,
    trouble: Option<view::FactorTrouble>,
) -> Result<Response> {
    let asked = ProofPage {
        action: format!("{}/factor", attempt.path()),
        purpose: purpose(app, visit, attempt).await?,
        by_link: false,
        trust_days: app
            .factors
            .trusted_devices()
            .days(attempt, &visit.visitor)
            .await?,
    };
    ask(app, visit, asked, has, wanted, trouble)
}

/// Where a proof is requested, and why.
pub struct ProofPage {
    pub action: String,
    pub purpose: Option<String>,
    /// The page's address is a secret link.
    pub by_link: bool,
    /// For how many days the device may be trusted, where that is offered.
    pub trust_days: Option<u64>,
}

/// Asks for one of a user's factors.
pub fn ask(
    app: &App,
    visit: &Visit,
    asked: ProofPage,
    has: &EnrolledFactors,
    wanted: Option<&'static FactorMethod>,
    trouble: Option<view::FactorTrouble>,
) -> Result<Response> {
    let methods = app.factors.methods_of(has);
    let wanted = wanted.filter(|method| trouble.is_some() || methods.contains(method));
    let method = wanted.or(methods.first().copied()).unwrap_or(RECOVERY);
    let action = asked.action;
    let texts = visit.texts();
    let other = |other: &&FactorMethod| view::LabelledLink {
        label: texts.say(other.texts.option).to_owned(),
        href: format!("{action}?way={}", other.name),
    };
    let page = view::ProveFactor {
        purpose: asked.purpose,
        by_link: asked.by_link,
        trust: asked
            .trust_days
            .map(|days| texts.with("factor-trust", &[("count", &days.to_string())])),
        others: methods
            .iter()
            .filter(|one| **one != method)
            .map(other)
            .collect(),
        passkey: view::PasskeyForm {
            challenge: format!("{action}/challenge"),
            kind: "get",
            label: texts.say("factor-use-passkey").to_owned(),
            named: false,
            trust: asked
                .trust_days
                .map(|days| texts.with("factor-trust", &[("count", &days.to_string())])),
            action: action.clone(),
        },
        frame: app.site.frame(visit),
        action,
        way: method.name,
        lead: texts.say(method.texts.lead).to_owned(),
        wrong: method.texts.wrong,
        code: code_field(texts, method.input),
        trouble,
    };
    Ok(troubled(html(&page)?, trouble))
}

/// The input field, for methods with a code.
fn code_field(texts: &Texts, input: ProofInput) -> Option<view::CodeField> {
    let (label, digits) = match input {
        ProofInput::Digits(label) => (label, true),
        ProofInput::Letters(label) => (label, false),
        ProofInput::Authenticator => return None,
    };
    Some(view::CodeField {
        label: texts.say(label).to_owned(),
        digits,
    })
}

/// The factors a user may set up; addresses begin with `base`.
fn setup(app: &App, texts: &Texts, base: &str) -> view::FactorSetup {
    let (mut choices, mut hints) = (Vec::new(), Vec::new());
    for method in METHODS {
        let Some(setup) = &method.setup else {
            continue;
        };
        if (method.is_on)(&app.factors) {
            choices.push(view::FactorChoice {
                title: texts.say(method.texts.title).to_owned(),
                about: texts.say(setup.about).to_owned(),
                icon: setup.icon,
                href: format!("{base}/{}", method.name),
                by_form: setup.by_form,
            });
        } else {
            hints.extend(setup.when_off.map(|key| texts.say(key).to_owned()));
        }
    }
    view::FactorSetup { choices, hints }
}

/// A user must have a second factor and has none: they set one up now.
async fn offer(app: &App, visit: &Visit, attempt: Attempt) -> Result<Response> {
    let base = format!("{}/factors", attempt.path());
    let purpose = purpose(app, visit, &attempt).await?;
    match app
        .factors
        .own()
        .first_enrolment(attempt.clone(), &visit.visitor)
        .await?
    {
        Ok(_) => html(&view::OfferFactor {
            frame: app.site.frame(visit),
            purpose,
            setup: setup(app, visit.texts(), &base),
        }),
        Err(_) => match app.factors.own().proved_anew(&attempt)? {
            Some(beginning) => sign_in::send_to(app, visit, beginning).await,
            None => first_again(app, visit, attempt.after).await,
        },
    }
}

/// The session is too old for setting up a factor: the user authenticates again first.
async fn first_again(app: &App, visit: &Visit, after: After) -> Result<Response> {
    let user = visit.visitor.user_id().ok_or(Error::Unauthenticated)?;
    let beginning = Beginning {
        purpose: AttemptPurpose::Confirm(user.clone()),
        demand: SignInDemand {
            fresh: true,
            second_factor: true,
        },
        ..Beginning::of(after)
    };
    sign_in::send_to(app, visit, beginning).await
}

/// Sends a user who wants to change their factors to the required proof, and back.
async fn prove_first(app: &App, visit: &Visit, missing: Missing, after: After) -> Result<Response> {
    let demand = crate::model::assurance::Demand {
        second_factor: missing == Missing::Factor,
        max_age: None,
    };
    sign_in::send_to_confirm(app, visit, after, demand).await
}

/// The purpose, in words: "Confirm to open customer C-1042 in CRM". Shown only to the signed-in
/// user whose access to the service the dispatcher has checked.
async fn purpose(app: &App, visit: &Visit, attempt: &Attempt) -> Result<Option<String>> {
    let (AttemptPurpose::Confirm(_), After::Launch(id)) = (&attempt.purpose, &attempt.after) else {
        return Ok(None);
    };
    let asked = app.launches.original_ask(id, &visit.visitor).await?;
    Ok(asked.map(|ask| purpose_words(app, visit, &ask)))
}

fn purpose_words(app: &App, visit: &Visit, ask: &Ask) -> String {
    let snapshot = app.catalog.snapshot();
    let service = snapshot.service(&ask.service);
    let service = service.map_or("", |service| service.title.as_str());
    let texts = visit.texts();
    let Some((kind, key)) = &ask.record else {
        return texts.with("factor-purpose-service", &[("service", service)]);
    };
    let kind = snapshot.types.iter().find(|one| one.slug == *kind);
    let record = match kind {
        Some(kind) => format!("{} {key}", kind.title),
        None => key.clone(),
    };
    let words = match ask.intent.as_str() {
        "view" => "factor-purpose-view",
        "edit" => "factor-purpose-edit",
        _ => "factor-purpose-other",
    };
    texts.with(words, &[("record", &record), ("service", service)])
}

fn factor_trouble(trouble: &SignInTrouble) -> view::FactorTrouble {
    match trouble {
        SignInTrouble::Wrong => view::FactorTrouble::Wrong,
        SignInTrouble::Throttled(wait) => view::FactorTrouble::Throttled {
            seconds: wait.as_secs().max(1),
        },
        SignInTrouble::Refused("cloned") => view::FactorTrouble::Cloned,
        SignInTrouble::Refused("taken") => view::FactorTrouble::Taken,
        SignInTrouble::Refused("disabled") => view::FactorTrouble::Disabled,
        _ => view::FactorTrouble::Refused,
    }
}

/// The page with the status of its trouble.
fn troubled(response: Response, trouble: Option<view::FactorTrouble>) -> Response {
    let (status, wait) = match trouble {
        None => (StatusCode::OK, None),
        Some(view::FactorTrouble::Wrong) => (StatusCode::UNPROCESSABLE_ENTITY, None),
        Some(view::FactorTrouble::Throttled { seconds }) => {
            (StatusCode::TOO_MANY_REQUESTS, Some(seconds))
        }
        Some(_) => (StatusCode::FORBIDDEN, None),
    };
    flash::marked(response, status, wait)
}
