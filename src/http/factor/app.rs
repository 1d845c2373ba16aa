//! Setting up an authenticator app.

use axum::{
    extract::State,
    response::Response,
    routing::{get, post},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use qrcode::{EcLevel, QrCode, render::svg};
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{
    enrol::{Enrolling, done},
    factor_trouble, troubled,
};
use crate::{
    app::App,
    error::{Error, Result},
    factor::Enrolled,
    http::{
        extract::Form,
        flash,
        page::{self, html},
        route::{Access, Route},
        view,
    },
    sign_in::SignInOutcome,
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
    Route::post("/account/factors/app", Access::SignedIn, || post(begin_app)),
    Route::get_and_post("/account/factors/app/{factor}", Access::SignedIn, || {
        get(show_app).post(confirm_app)
    }),
];

#[derive(Deserialize)]
pub struct AppCodeForm {
    code: Zeroizing<String>,
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
