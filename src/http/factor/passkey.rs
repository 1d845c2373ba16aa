//! Creating a passkey.

use axum::{
    extract::State,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    as_json,
    enrol::{Enrolling, done},
    factor_trouble, troubled,
};
use crate::{
    app::App,
    error::{Error, Result},
    factor::{AuthenticatorResponse as Authenticated, Enrolled},
    http::{
        extract::Form,
        flash,
        page::html,
        route::{Access, Route},
        view,
    },
    sign_in::SignInOutcome,
};

pub const ROUTES: &[Route] = &[
    Route::get_and_post("/sign-in/{attempt}/factors/passkey", Access::Anyone, || {
        get(new_passkey).post(create_passkey)
    }),
    Route::post(
        "/sign-in/{attempt}/factors/passkey/challenge",
        Access::Anyone,
        || post(passkey_challenge),
    ),
    Route::get_and_post("/account/factors/passkey", Access::SignedIn, || {
        get(new_passkey).post(create_passkey)
    }),
    Route::post(
        "/account/factors/passkey/challenge",
        Access::SignedIn,
        || post(passkey_challenge),
    ),
];

#[derive(Deserialize)]
pub struct NewPasskeyForm {
    #[serde(default)]
    title: String,
    ceremony: String,
    credential: String,
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
