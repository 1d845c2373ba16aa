//! Setting up a factor: on the user's own page, or during a sign-in that requires one.

use std::collections::HashMap;

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use qrcode::{EcLevel, QrCode, render::svg};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{as_json, factor_trouble, prove_first, troubled};
use crate::{
    app::App,
    error::{Error, Result},
    factor::{AuthenticatorResponse as Authenticated, Enrolled, FactorEditor, OWN_PAGE},
    http::{
        extract::{Form, Path, SignedInUser, Visit},
        flash,
        page::{self, html},
        route::{Access, Route},
        sign_in, view,
    },
    id::FactorId,
    model::{
        attempt::{After, LocalPath},
        factor::RecoveryCode,
    },
    sign_in::{Beginning, SignInOutcome},
};

pub const ROUTES: &[Route] = &[
    Route::post("/sign-in/{attempt}/factors/app", Access::Anyone, || {
        post(begin_app)
    }),
    Route::get_and_post(
        "/sign-in/{attempt}/factors/app/{factor}",
        Access::Anyone,
        || get(show_app).post(confirm_app),
    ),
    Route::get_and_post("/sign-in/{attempt}/factors/passkey", Access::Anyone, || {
        get(new_passkey).post(create_passkey)
    }),
    Route::post(
        "/sign-in/{attempt}/factors/passkey/challenge",
        Access::Anyone,
        || post(passkey_challenge),
    ),
    Route::post("/account/factors/app", Access::SignedIn, || post(begin_app)),
    Route::get_and_post("/account/factors/app/{factor}", Access::SignedIn, || {
        get(show_app).post(confirm_app)
    }),
    Route::get_and_post("/account/factors/passkey", Access::SignedIn, || {
        get(new_passkey).post(create_passkey)
    }),
    Route::post(
        "/account/factors/passkey/challenge",
        Access::SignedIn,
        || post(passkey_challenge),
    ),
];

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
                let person = SignedInUser::from_request_parts(parts, app).await;
                let person = person.map_err(IntoResponse::into_response)?;
                on_own_page(app, person, factor).await
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
    person: SignedInUser,
    factor: Option<FactorId>,
) -> Result<Enrolling, Response> {
    let own = IntoResponse::into_response;
    let visit = person.visit;
    let keeper = app.factors.own().keeper(&person.who, &visit.visitor).await;
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

#[derive(Deserialize)]
pub struct AppCodeForm {
    code: Zeroizing<String>,
}

#[derive(Deserialize)]
pub struct NewPasskeyForm {
    #[serde(default)]
    title: String,
    ceremony: String,
    credential: String,
}

/// `POST …/app`: a new secret.
pub async fn begin_app(State(app): State<App>, enrolling: Enrolling) -> Result<Response> {
    let name = enrolling.visit.texts().say("factor-app");
    let id = app
        .factors
        .enrolment()
        .begin_app(&enrolling.keeper, name)
        .await?;
    Ok(page::to(&format!("{}/app/{id}", enrolling.base)))
}

/// `GET …/app/{factor}`: the secret, until it is confirmed.
pub async fn show_app(State(app): State<App>, enrolling: Enrolling) -> Result<Response> {
    let path = format!("{}/app/{}", enrolling.base, enrolling.factor()?);
    let trouble = flash::take(&enrolling.visit, &path).await?;
    app_page(&app, &enrolling, trouble).await
}

/// `POST …/app/{factor}`: the code the app shows.
pub async fn confirm_app(
    State(app): State<App>,
    enrolling: Enrolling,
    Form(typed): Form<AppCodeForm>,
) -> Result<Response> {
    let id = enrolling.factor()?;
    let visitor = &enrolling.visit.visitor;
    let enrolled = app
        .factors
        .enrolment()
        .confirm_app(&enrolling.keeper, visitor, id, &typed.code)
        .await?;
    match enrolled {
        Enrolled {
            outcome: SignInOutcome::Again(trouble),
            ..
        } => {
            let path = format!("{}/app/{id}", enrolling.base);
            flash::redirect(&app, &enrolling.visit, &path, factor_trouble(&trouble)).await
        }
        enrolled => done(&app, &enrolling.visit, enrolled).await,
    }
}

async fn app_page(
    app: &App,
    enrolling: &Enrolling,
    trouble: Option<view::FactorTrouble>,
) -> Result<Response> {
    let id = enrolling.factor()?;
    let new = app
        .factors
        .enrolment()
        .new_app(&enrolling.keeper, id, &app.site.name)
        .await?;
    let page = view::NewAppPage {
        frame: app.site.frame(&enrolling.visit),
        action: format!("{}/app/{}", enrolling.base, new.id),
        back: enrolling.back.clone(),
        picture: picture(&new.uri)?,
        key: grouped(&new.key),
        trouble,
    };
    Ok(troubled(html(&page)?, trouble))
}

/// `GET …/passkey`.
pub async fn new_passkey(State(app): State<App>, enrolling: Enrolling) -> Result<Response> {
    let path = format!("{}/passkey", enrolling.base);
    let trouble = flash::take(&enrolling.visit, &path).await?;
    passkey_page(&app, &enrolling, trouble)
}

/// `POST …/passkey/challenge`.
pub async fn passkey_challenge(State(app): State<App>, enrolling: Enrolling) -> Result<Response> {
    let challenge = app
        .factors
        .enrolment()
        .new_passkey(&enrolling.keeper)
        .await?;
    Ok(as_json(&challenge))
}

/// `POST …/passkey`: the credential that the authenticator created.
pub async fn create_passkey(
    State(app): State<App>,
    enrolling: Enrolling,
    Form(made): Form<NewPasskeyForm>,
) -> Result<Response> {
    let name = match made.title.trim() {
        "" => enrolling.visit.texts().say("factor-passkey"),
        name => name,
    };
    let answer = Authenticated {
        ceremony: made.ceremony,
        credential: made.credential,
    };
    let visitor = &enrolling.visit.visitor;
    let enrolled = app
        .factors
        .enrolment()
        .add_passkey(&enrolling.keeper, visitor, name, &answer)
        .await?;
    match enrolled {
        Enrolled {
            outcome: SignInOutcome::Again(trouble),
            ..
        } => {
            let path = format!("{}/passkey", enrolling.base);
            flash::redirect(&app, &enrolling.visit, &path, factor_trouble(&trouble)).await
        }
        enrolled => done(&app, &enrolling.visit, enrolled).await,
    }
}

fn passkey_page(
    app: &App,
    enrolling: &Enrolling,
    trouble: Option<view::FactorTrouble>,
) -> Result<Response> {
    if !app.factors.passkeys.are_on() {
        return Err(Error::NotFound);
    }
    let action = format!("{}/passkey", enrolling.base);
    let frame = app.site.frame(&enrolling.visit);
    let page = view::NewPasskey {
        passkey: view::PasskeyForm {
            challenge: format!("{action}/challenge"),
            kind: "create",
            label: frame.say("passkey-create").to_owned(),
            named: true,
            trust: None,
            action,
        },
        frame,
        back: enrolling.back.clone(),
        trouble,
    };
    Ok(troubled(html(&page)?, trouble))
}

/// The factor is active: onward at once, or first to the recovery codes, which are shown once.
async fn done(app: &App, visit: &Visit, enrolled: Enrolled) -> Result<Response> {
    let SignInOutcome::In { who, token, after } = enrolled.outcome else {
        return Err(Error::AttemptExpired);
    };
    if enrolled.codes.is_empty() {
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
    let mut response = show_codes(app, &visit, &enrolled.codes, onward).await?;
    sign_in::set_session_cookie(&mut response, app, &token, &visit);
    Ok(response)
}

/// New recovery codes, and where their page leads.
#[derive(Serialize, Deserialize)]
pub struct Codes {
    codes: Vec<String>,
    onward: String,
}

/// The page of recovery codes.
pub const CODES_PAGE: &str = "/account/factors/codes";

/// Redirects to the page that shows new codes once.
pub async fn show_codes(
    app: &App,
    visit: &Visit,
    codes: &[RecoveryCode],
    onward: String,
) -> Result<Response> {
    let codes = codes.iter().map(RecoveryCode::to_text).collect();
    flash::redirect(app, visit, CODES_PAGE, Codes { codes, onward }).await
}

/// `GET /account/factors/codes`: the codes, shown once.
pub async fn codes(State(app): State<App>, person: SignedInUser) -> Result<Response> {
    match flash::take::<Codes>(&person.visit, CODES_PAGE).await? {
        Some(Codes { codes, onward }) => html(&view::RecoveryCodes {
            frame: app.site.frame(&person.visit),
            codes,
            onward,
        }),
        None => Ok(page::to(OWN_PAGE)),
    }
}

/// A QR code as an image that needs no request.
fn picture(text: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M)
        .map_err(|error| Error::Internal(format!("a QR code: {error}")))?;
    let image = code.render::<svg::Color>().module_dimensions(4, 4).build();
    Ok(format!(
        "data:image/svg+xml;base64,{}",
        STANDARD.encode(image)
    ))
}

/// Groups of four, for reading and typing.
fn grouped(key: &str) -> String {
    let groups = key.as_bytes().chunks(4);
    let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_shown_in_groups() {
        assert_eq!(grouped("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }

    #[test]
    fn the_picture_is_dark_on_light_with_a_quiet_zone() {
        let picture = picture("otpauth://totp/Usher:ana?secret=ABCD").unwrap();
        let image = picture.strip_prefix("data:image/svg+xml;base64,").unwrap();
        let image = String::from_utf8(STANDARD.decode(image).unwrap()).unwrap();
        assert!(image.contains("fill=\"#fff\"") && image.contains("fill=\"#000\""));
        assert!(image.contains("d=\"M16 16h"), "four light modules first");
    }
}
