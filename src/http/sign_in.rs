//! Signing in: attempts, forms, redirects to providers, and the destinations.

mod anew;
mod form;

use axum::{
    extract::State,
    http::{HeaderMap, Method},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use zeroize::Zeroizing;

use self::{
    anew::{Anew, anew},
    form::{SignInFlash, form},
};
pub use self::{
    anew::{At, address, renew, sealed_shown_page, send_to, send_to_confirm},
    form::{again, mark, sign_in_notice},
};
use super::{
    extract::{Form, Path, Query, Visit},
    flash,
    layers::{CookieNames, carry_there, set_cookie},
    next,
    page::{self, Site, html},
    realm,
    route::{Access, Route},
    sign_in_password, view,
};
use crate::{
    app::App,
    error::{Error, Result},
    handoff::Landing,
    id::Bearer,
    model::{
        assurance::Demand,
        attempt::{After, Attempt, AttemptPurpose, LocalPath},
        next::Next,
        session::SignedIn,
    },
    sign_in::{
        Beginning, DEVICE_LIFE, ProviderStart, Realm, SignInOutcome, SignInTrouble, SignIns,
    },
    upstream::{Credentials, ProviderResponse, ProviderStep},
};

pub const ROUTES: &[Route] = &[
    Route::get("/sign-in", Access::Anyone, || get(begin)),
    Route::get_and_post("/sign-in/{attempt}", Access::Anyone, || {
        get(show).post(submit)
    }),
    Route::get("/sign-in/{attempt}/to/{provider}", Access::Anyone, || {
        get(depart)
    }),
];

#[derive(Deserialize)]
pub struct ProviderQuery {
    provider: Option<String>,
    /// Why they are asked, as [`view::SignInReason`] spells it.
    notice: Option<String>,
    #[serde(flatten)]
    onward: OnwardQuery,
}

/// Where a user goes on who signs in from a page of ours.
#[derive(Deserialize)]
pub struct OnwardQuery {
    /// A destination that was sealed here; any other text is none.
    to: Option<String>,
    /// Present: to what the page stands for that the user comes from.
    again: Option<String>,
}

impl OnwardQuery {
    /// The destination, sealed; `None` if there is none but the portal page.
    pub fn sealed(self, app: &App, headers: &HeaderMap) -> Result<Option<String>> {
        match (self.to, self.again) {
            (Some(sealed), _) => {
                let is_ours = app.sign_ins.attempts().open_return(&sealed).is_some();
                Ok(Some(sealed).filter(|_| is_ours))
            }
            (None, Some(_)) => sealed_shown_page(app, headers),
            (None, None) => Ok(None),
        }
    }
}

#[derive(Deserialize)]
pub struct SignInForm {
    provider: String,
    name: String,
    password: Zeroizing<String>,
    /// "Keep me signed in": present when ticked.
    remember: Option<String>,
}

#[derive(Deserialize)]
pub struct LeaveQuery {
    remember: Option<String>,
}

/// `GET /sign-in`: a new attempt, which leads to the portal page if the user comes from no other.
pub async fn begin(
    State(app): State<App>,
    visit: Visit,
    headers: HeaderMap,
    Query(which): Query<ProviderQuery>,
) -> Result<Response> {
    if let Some(sealed) = which.onward.sealed(&app, &headers)? {
        return Ok(match anew(&app, &visit, Some(&sealed)).await? {
            Anew::Attempt(attempt) => page::to(&attempt.path()),
            Anew::Gone(response) => response,
        });
    }
    if visit.visitor.signed_in.is_some() {
        return Ok(page::to("/"));
    }
    let beginning = Beginning {
        provider: which.provider,
        ..Beginning::of(After::Page(LocalPath::portal()))
    };
    send_to(&app, &visit, beginning).await
}

/// `GET /sign-in/{attempt}`: the form; or onward at once for a user who signed in meanwhile (in
/// another tab) or came back to a used attempt.
pub async fn show(
    State(app): State<App>,
    visit: Visit,
    method: Method,
    headers: HeaderMap,
    Path(attempt): Path<String>,
    Query(which): Query<ProviderQuery>,
) -> Result<Response> {
    let attempt = find(&app.sign_ins, &visit, &attempt).await?;
    let notice = which.notice.as_deref().and_then(view::SignInReason::parse);
    let visit = Visit { notice, ..visit };
    if attempt.consumed_at.is_some() {
        return already(&app, &visit, &attempt).await;
    }
    // A HEAD request shows nothing, so it uses nothing up.
    if visit.visitor.signed_in.is_some()
        && method != Method::HEAD
        && !asks_signed_in_user(&attempt)
        && let Some(response) = gone(&app, &visit, &attempt.after).await?
    {
        app.sign_ins.attempts().settle(&attempt).await?;
        return Ok(response);
    }
    let here = attempt.path();
    if let Some(flash_content) = flash::take::<SignInFlash>(&visit, &here).await? {
        let attempt = remembering(&app, attempt, flash_content.remember);
        let provider = Some(flash_content.provider.as_str());
        return form(
            &app,
            &visit,
            &attempt,
            provider,
            flash_content.name,
            Some(flash_content.trouble),
        )
        .await;
    }
    if awaits_factor(&attempt, &visit) {
        return Ok(page::to(&format!("{}/factor", attempt.path())));
    }
    if let Some(chosen) = which
        .provider
        .filter(|slug| app.sign_ins.realms().is_known(slug))
    {
        let name = name(&attempt, &visit);
        return form(&app, &visit, &attempt, Some(&chosen), name, None).await;
    }
    ask(
        &app,
        &visit,
        &attempt,
        realm::remembered(&app.site, &headers),
    )
    .await
}

/// The page of an attempt: the form of the chosen provider, or the choice of one.
async fn ask(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    remembered: Option<&str>,
) -> Result<Response> {
    match app
        .sign_ins
        .realms()
        .of_attempt(attempt, &visit.visitor, remembered)?
    {
        Realm::Provider(slug) => {
            let name = name(attempt, visit);
            form(app, visit, attempt, Some(&slug), name, None).await
        }
        Realm::Ask => realm::ask(app, visit, attempt, "", false),
    }
}

/// The name to fill in.
fn name(attempt: &Attempt, visit: &Visit) -> String {
    let hint = attempt.hint.clone();
    hint.or(own_name(attempt, visit)).unwrap_or_default()
}

/// The name by which the confirming user signed in.
fn own_name(attempt: &Attempt, visit: &Visit) -> Option<String> {
    let who = visit.visitor.signed_in.as_ref()?;
    let confirms = attempt.purpose == AttemptPurpose::Confirm(who.user.id.clone());
    confirms.then(|| who.user.login.clone())
}

/// Attempts that an existing session does not complete: linking needs another proof, and a page
/// that requires a proof does not say, as the dispatcher would, whether the session's own is
/// enough.
fn asks_signed_in_user(attempt: &Attempt) -> bool {
    match attempt.purpose {
        AttemptPurpose::SignIn => false,
        AttemptPurpose::Confirm(_) => matches!(attempt.after, After::Page(_)),
        AttemptPurpose::Link(_) => true,
    }
}

/// A signed-in user who has only a second factor left to prove.
fn awaits_factor(attempt: &Attempt, visit: &Visit) -> bool {
    let confirms = match &attempt.purpose {
        AttemptPurpose::Confirm(user) => visit.visitor.user_id() == Some(user),
        _ => false,
    };
    attempt.vouched.is_some() || confirms && attempt.demand.second_factor && !attempt.demand.fresh
}

/// `POST /sign-in/{attempt}`: the submitted form. On a page that was left open for too long it
/// counts for a new attempt with the same destination.
pub async fn submit(
    State(app): State<App>,
    visit: Visit,
    Path(segment): Path<String>,
    Form(typed): Form<SignInForm>,
) -> Result<Response> {
    let attempt = match find(&app.sign_ins, &visit, &segment).await {
        Err(Error::AttemptExpired) if visit.known => {
            let (_, sealed) = Attempt::read_segment(&segment);
            match anew(&app, &visit, sealed).await? {
                Anew::Attempt(attempt) => attempt,
                Anew::Gone(response) => return Ok(response),
            }
        }
        found => found?,
    };
    if attempt.consumed_at.is_some() {
        return already(&app, &visit, &attempt).await;
    }
    let attempt = remembering(&app, attempt, typed.remember.is_some());
    let name = typed.name.clone();
    let answer = ProviderResponse::Password(Credentials {
        name: typed.name,
        password: typed.password,
    });
    let outcome = app
        .sign_ins
        .submit(&attempt, &visit.visitor, &typed.provider, answer)
        .await?;
    let device = match &outcome {
        SignInOutcome::In { .. } | SignInOutcome::Factor | SignInOutcome::Linked(_) => app
            .sign_ins
            .device(&typed.provider, &name, &visit.visitor)?,
        SignInOutcome::Again(_) | SignInOutcome::Used => None,
    };
    let mut response = finish(&app, &visit, &attempt, outcome, &typed.provider, name).await?;
    know_again(&mut response, &app, device.as_deref());
    Ok(response)
}

/// The password was right: guesses from other browsers do not lock this browser out from now on.
fn know_again(response: &mut Response, app: &App, device: Option<&str>) {
    if let Some(device) = device {
        let name = CookieNames::of(&app.site).device;
        set_cookie(response, &app.site, name, device, Some(DEVICE_LIFE));
    }
}

/// `GET /sign-in/{attempt}/to/{provider}`: redirects to a provider that has its own sign-in page.
pub async fn depart(
    State(app): State<App>,
    visit: Visit,
    Path((attempt, provider)): Path<(String, String)>,
    Query(leaving): Query<LeaveQuery>,
) -> Result<Response> {
    let attempt = find(&app.sign_ins, &visit, &attempt).await?;
    if attempt.consumed_at.is_some() {
        return already(&app, &visit, &attempt).await;
    }
    let attempt = remembering(&app, attempt, leaving.remember.is_some());
    // The button belongs to a form, and browsers apply `form-action` to a form's redirects.
    let visit = Visit {
        by_form: true,
        ..visit
    };
    go_to(&app, &visit, &attempt, &provider).await
}

/// To a provider: its form, or away.
pub async fn go_to(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    provider: &str,
) -> Result<Response> {
    let language = visit.language.tag();
    let departing = app
        .sign_ins
        .depart(attempt, &visit.visitor, provider, language)
        .await?;
    let name = attempt.hint.clone().unwrap_or_default();
    match departing {
        ProviderStart::Redirect(step, title) => {
            let mut response = leave(&app.site, visit, step, &title)?;
            let carried = attempt.return_to.as_deref().unwrap_or_default();
            let path = format!("/upstream/{provider}/");
            carry_there(&mut response, &app.site, &path, carried);
            Ok(response)
        }
        ProviderStart::ShowForm => form(app, visit, attempt, Some(provider), name, None).await,
        ProviderStart::Retry(trouble) => {
            show_trouble(app, visit, attempt, provider, name, &trouble).await
        }
    }
}

/// How a browser leaves for a provider.
pub fn leave(site: &Site, visit: &Visit, step: ProviderStep, title: &str) -> Result<Response> {
    let landing = match step {
        ProviderStep::Redirect(url) => Landing::Redirect(url),
        ProviderStep::Post { action, fields } => Landing::post(action, fields),
        ProviderStep::Ask => return Err(Error::Internal("a provider leads nowhere".to_owned())),
    };
    page::leave(site, visit, landing, title)
}

pub fn remembering(app: &App, attempt: Attempt, ticked: bool) -> Attempt {
    Attempt {
        remember: ticked && offers_to_remember(app),
        ..attempt
    }
}

/// Whether users may stay signed in.
pub fn offers_to_remember(app: &App) -> bool {
    app.sign_ins.rules.remembered.is_some()
}

/// The result of a try, as a page.
pub async fn finish(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    outcome: SignInOutcome,
    provider: &str,
    name: String,
) -> Result<Response> {
    match outcome {
        SignInOutcome::In { who, token, after } => {
            let provider = who.session.provider.clone();
            let mut response = enter(app, visit, *who, &token, &after).await?;
            realm::remember(&mut response, app, attempt, &provider);
            Ok(response)
        }
        SignInOutcome::Used => already(app, visit, attempt).await,
        SignInOutcome::Linked(page) => Ok(page::to(page.as_str())),
        SignInOutcome::Factor => Ok(page::to(&format!("{}/factor", attempt.path()))),
        SignInOutcome::Again(trouble @ SignInTrouble::Expired) => {
            sign_in_password::again(app, visit, attempt, provider, name, &trouble).await
        }
        SignInOutcome::Again(trouble) => {
            show_trouble(app, visit, attempt, provider, name, &trouble).await
        }
    }
}

async fn show_trouble(
    app: &App,
    visit: &Visit,
    attempt: &Attempt,
    provider: &str,
    name: String,
    trouble: &SignInTrouble,
) -> Result<Response> {
    let flash_content = SignInFlash {
        provider: provider.to_owned(),
        name: flash::short(&name),
        remember: attempt.remember,
        trouble: sign_in_notice(trouble),
    };
    again(app, visit, attempt, flash_content).await
}

/// The cookie is set even if the destination cannot be reached.
pub async fn enter(
    app: &App,
    visit: &Visit,
    who: SignedIn,
    token: &Bearer,
    after: &After,
) -> Result<Response> {
    let visit = visit.signed_in(who);
    let onward = onward(app, &visit, after).await;
    let mut response = onward.unwrap_or_else(IntoResponse::into_response);
    set_session_cookie(&mut response, app, token, &visit);
    Ok(response)
}

/// Where a user who has just signed in goes.
async fn onward(app: &App, visit: &Visit, after: &After) -> Result<Response> {
    match next::after(app, visit, after).await? {
        Next::SignIn(_) if has_unknown_proof_time(visit) => {
            let just_now = Demand {
                second_factor: false,
                max_age: Some(0),
            };
            send_to_confirm(app, visit, after.clone(), just_now).await
        }
        // The sign-in was just now, and is not enough: this avoids a loop.
        Next::SignIn(_) => Ok(page::to("/sign-in")),
        next => next::answer(app, visit, next).await,
    }
}

/// Where a signed-in user goes, if the destination requires no further proof.
async fn gone(app: &App, visit: &Visit, after: &After) -> Result<Option<Response>> {
    match next::after(app, visit, after).await? {
        Next::SignIn(_) | Next::Confirm(..) => Ok(None),
        next => next::answer(app, visit, next).await.map(Some),
    }
}

/// The provider did not report the time of the sign-in there: the user may prove it another way.
fn has_unknown_proof_time(visit: &Visit) -> bool {
    let who = visit.visitor.signed_in.as_ref();
    who.is_some_and(|who| who.session.proved_at.is_none())
}

pub async fn find(sign_ins: &SignIns, visit: &Visit, attempt: &str) -> Result<Attempt> {
    let (id, sealed) = Attempt::read_segment(attempt);
    let id = id.ok_or(Error::NotFound)?;
    Ok(Attempt {
        return_to: sealed.map(str::to_owned),
        ..sign_ins.attempts().find(&id, &visit.visitor).await?
    })
}

/// The session's cookie: it goes with the browser, unless the user wants to stay signed in.
pub fn set_session_cookie(response: &mut Response, app: &App, token: &Bearer, visit: &Visit) {
    let who = visit.visitor.signed_in.as_ref();
    let remembered = who.is_some_and(|who| who.session.remembered_at.is_some());
    let life = app.sign_ins.rules.life(true);
    let age = i64::try_from(life.as_secs()).ok().filter(|_| remembered);
    let name = CookieNames::of(&app.site).session;
    set_cookie(response, &app.site, name, token.as_str(), age);
    response.extensions_mut().insert(visit.clone());
}

/// The user came back (the back button, a second click) to an attempt that is complete.
pub async fn already(app: &App, visit: &Visit, attempt: &Attempt) -> Result<Response> {
    if visit.visitor.signed_in.is_none() {
        return Err(Error::AttemptExpired);
    }
    // A reload of the response: a request that may be answered again is.
    if let After::Request(_) = &attempt.after
        && let Ok(Some(response)) = gone(app, visit, &attempt.after).await
    {
        return Ok(response);
    }
    let asked = match &attempt.after {
        After::Launch(id) => app.launches.original_ask(id, &visit.visitor).await?,
        _ => None,
    };
    let again = asked.map(|ask| {
        let snapshot = app.catalog.snapshot();
        let service = snapshot
            .service(&ask.service)
            .map_or("", |service| service.title.as_str());
        let record = ask.record.as_ref().map(|(_, key)| key.as_str());
        view::LabelledLink {
            label: view::destination(visit.texts(), service, record),
            href: ask.path(),
        }
    });
    html(&view::AlreadySignedIn {
        frame: app.site.frame(visit),
        again,
    })
}
