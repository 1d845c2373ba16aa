//! Setting up a factor of any method: on the user's own page, or during a sign-in that requires
//! one.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

use super::prove_first;
use crate::{
    app::App,
    error::{Error, Result},
    factor::{Enrolled, FactorEditor, OWN_PAGE},
    http::{
        extract::{Path, SignedInUser, Visit},
        flash,
        page::{self, html},
        sign_in,
        view::{self, FactorNotice},
    },
    id::FactorId,
    model::{
        attempt::{After, LocalPath},
        factor::RecoveryCode,
    },
    sign_in::{Beginning, SignInOutcome},
};

/// A user who may set up factors now. A user who has to prove something first is redirected to do
/// so, and does not reach a handler that takes this.
pub struct Enrolling {
    pub keeper: FactorEditor,
    pub visit: Visit,
    /// The prefix of the addresses of enrolment.
    pub base: String,
    /// The page where enrolment began.
    pub back: String,
    factor: Option<FactorId>,
}

impl Enrolling {
    /// The factor the address names.
    pub fn factor(&self) -> Result<&FactorId> {
        self.factor.as_ref().ok_or(Error::NotFound)
    }
}

impl FromRequestParts<App> for Enrolling {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let path = Path::<HashMap<String, String>>::from_request_parts(parts, app).await;
        let Path(path) = path.map_err(IntoResponse::into_response)?;
        let factor = path.get("factor").and_then(|text| FactorId::parse(text));
        match path.get("attempt") {
            Some(attempt) => {
                let visit = Visit::from_request_parts(parts, app).await;
                let visit = visit.map_err(IntoResponse::into_response)?;
                on_the_way(app, visit, attempt, factor).await
            }
            None => {
                let signed_in = SignedInUser::from_request_parts(parts, app).await;
                let signed_in = signed_in.map_err(IntoResponse::into_response)?;
                on_own_page(app, signed_in, factor).await
            }
        }
    }
}

async fn on_the_way(
    app: &App,
    visit: Visit,
    attempt: &str,
    factor: Option<FactorId>,
) -> Result<Enrolling, Response> {
    let own = IntoResponse::into_response;
    let attempt = super::open_attempt(app, &visit, attempt)
        .await
        .map_err(own)?;
    let back = format!("{}/factor", attempt.path());
    let base = format!("{}/factors", attempt.path());
    let keeper = app
        .factors
        .own()
        .first_enrolment(attempt, &visit.visitor)
        .await;
    match keeper.map_err(own)? {
        Ok(keeper) => Ok(Enrolling {
            keeper,
            visit,
            base,
            back,
            factor,
        }),
        // That page shows what is missing.
        Err(_) => Err(page::to(&back)),
    }
}

async fn on_own_page(
    app: &App,
    signed_in: SignedInUser,
    factor: Option<FactorId>,
) -> Result<Enrolling, Response> {
    let own = IntoResponse::into_response;
    let visit = signed_in.visit;
    let keeper = app
        .factors
        .own()
        .keeper(&signed_in.who, &visit.visitor)
        .await;
    match keeper.map_err(own)? {
        Ok(keeper) => Ok(Enrolling {
            keeper,
            visit,
            base: OWN_PAGE.to_owned(),
            back: OWN_PAGE.to_owned(),
            factor,
        }),
        Err(missing) => {
            let after = After::Page(LocalPath::of(OWN_PAGE));
            Err(prove_first(app, &visit, missing, after)
                .await
                .unwrap_or_else(own))
        }
    }
}

/// The factor is active: onward at once, or first to the recovery codes, which are shown once.
pub(super) async fn done(app: &App, visit: &Visit, enrolled: Enrolled) -> Result<Response> {
    let SignInOutcome::In { who, token, after } = enrolled.outcome else {
        return Err(Error::AttemptExpired);
    };
    if enrolled.codes.is_empty() {
        // The factor is stored, even if the confirmation for the next page is not.
        if matches!(&after, After::Page(path) if path.as_str() == OWN_PAGE)
            && let Err(error) = flash::keep(app, visit, OWN_PAGE, FactorNotice::Added).await
        {
            tracing::debug!(%error, "a confirmation was not kept");
        }
        return sign_in::enter(app, visit, *who, &token, &after).await;
    }
    let visit = visit.signed_in(*who);
    let onward = match after {
        After::Page(path) => path.as_str().to_owned(),
        after => {
            let beginning = Beginning::of(after);
            sign_in::address(app, &visit, beginning).await?
        }
    };
    let done = Some(FactorNotice::Added);
    let mut response = show_codes(app, &visit, &enrolled.codes, onward, done).await?;
    sign_in::set_session_cookie(&mut response, app, &token, &visit);
    Ok(response)
}

/// New recovery codes, where their page leads, and the notice of the action that created them.
#[derive(Serialize, Deserialize)]
pub struct Codes {
    codes: Vec<String>,
    onward: String,
    #[serde(default)]
    done: Option<FactorNotice>,
}

/// The page of recovery codes.
pub const CODES_PAGE: &str = "/account/factors/codes";

/// Redirects to the page that shows new codes once.
pub async fn show_codes(
    app: &App,
    visit: &Visit,
    codes: &[RecoveryCode],
    onward: String,
    done: Option<FactorNotice>,
) -> Result<Response> {
    let codes = Codes {
        codes: codes.iter().map(RecoveryCode::to_text).collect(),
        onward,
        done,
    };
    flash::redirect(app, visit, CODES_PAGE, codes).await
}

/// `GET /account/factors/codes`: the codes, shown once.
pub async fn codes(State(app): State<App>, signed_in: SignedInUser) -> Result<Response> {
    let now = app.parts.clock.now();
    match flash::take::<Codes>(&signed_in.visit, CODES_PAGE).await? {
        Some(kept) => html(&view::RecoveryCodes {
            frame: app.site.frame(&signed_in.visit),
            login: signed_in.who.user.login.clone(),
            address: app.site.origin.clone(),
            created: view::Moment::of(signed_in.visit.texts(), now, now).exact,
            codes: kept.codes,
            onward: kept.onward,
            done: kept.done,
        }),
        None => Ok(page::to(OWN_PAGE)),
    }
}
