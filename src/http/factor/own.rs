//! Managing the user's own factors.

use axum::{
    extract::State,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use super::{
    enrol::{Enrolling, codes, show_codes},
    setup,
};
use crate::{
    app::App,
    clock::Time,
    error::{Error, Result},
    factor::{FactorMethod, OWN_PAGE},
    http::{
        account::device_name,
        extract::{Form, Path, SignedInUser},
        flash,
        page::{self, html},
        route::{Access, Route},
        view::{self, FactorNotice},
    },
    id::FactorId,
    model::factor::Factor,
    text::Texts,
};

pub const ROUTES: &[Route] = &[
    Route::get("/account/factors", Access::SignedIn, || get(list)),
    Route::post("/account/factors/devices/removal", Access::SignedIn, || {
        post(forget_devices)
    }),
    Route::get_and_post("/account/factors/codes", Access::SignedIn, || {
        get(codes).post(renew_codes)
    }),
    Route::get("/account/factors/{factor}", Access::SignedIn, || get(show)),
    Route::post("/account/factors/{factor}/title", Access::SignedIn, || {
        post(rename)
    }),
    Route::post(
        "/account/factors/{factor}/removal",
        Access::SignedIn,
        || post(remove),
    ),
];

/// `GET /account/factors`.
pub async fn list(State(app): State<App>, signed_in: SignedInUser) -> Result<Response> {
    let has = app.factors.enrolled_factors(&signed_in.who.user.id).await?;
    let (texts, now) = (signed_in.visit.texts(), app.parts.clock.now());
    let factors = has.factors.iter().map(|factor| own(texts, factor, now));
    let devices = app
        .factors
        .trusted_devices()
        .list(&signed_in.who.user.id)
        .await?;
    let devices = devices.iter().map(|device| view::TrustedDeviceRow {
        name: device_name(texts, &device.user_agent),
        expires: texts.with(
            "device-expires",
            &[(
                "when",
                &view::ahead(texts, device.expires_at.since(now).as_secs()),
            )],
        ),
    });
    let lead = match app.sign_ins.factor_policy.when_enrolled {
        true => "factors-lead",
        false => "factors-lead-rules",
    };
    let done = flash::take(&signed_in.visit, OWN_PAGE).await?;
    html(&view::OwnFactorsPage {
        done,
        lead: texts.say(lead),
        devices: devices.collect(),
        factors: factors.collect(),
        codes_left: has.codes_left,
        frame: app.site.frame(&signed_in.visit),
        setup: setup(&app, texts, OWN_PAGE),
        base: OWN_PAGE.to_owned(),
    })
}

/// A factor whose method does not exist any more is shown, so that it can be removed.
fn own(texts: &Texts, factor: &Factor, now: Time) -> view::OwnFactor {
    let (kind, icon) = match FactorMethod::of(&factor.kind) {
        Some((method, setup)) => (texts.say(method.texts.title), setup.icon),
        None => (factor.kind.as_str(), "lock"),
    };
    view::OwnFactor {
        title: factor.title.clone(),
        kind: kind.to_owned(),
        icon,
        used: factor
            .used_at
            .map(|at| view::ago(texts, now.since(at).as_secs())),
        href: format!("{OWN_PAGE}/{}", factor.id),
    }
}

/// `GET /account/factors/{factor}`.
pub async fn show(
    State(app): State<App>,
    signed_in: SignedInUser,
    Path(factor): Path<String>,
) -> Result<Response> {
    let has = app.factors.enrolled_factors(&signed_in.who.user.id).await?;
    let found = has.factors.iter().find(|one| one.id.as_str() == factor);
    let found = found.ok_or(Error::NotFound)?;
    html(&view::ChangeFactor {
        frame: app.site.frame(&signed_in.visit),
        title: found.title.clone(),
        action: format!("{OWN_PAGE}/{}", found.id),
        back: OWN_PAGE.to_owned(),
        last: has.factors.len() == 1,
    })
}

#[derive(Deserialize)]
pub struct RenameForm {
    title: String,
}

/// `POST /account/factors/{factor}/title`.
pub async fn rename(
    State(app): State<App>,
    signed_in: SignedInUser,
    Path(factor): Path<String>,
    Form(named): Form<RenameForm>,
) -> Result<Response> {
    let id = FactorId::parse(&factor).ok_or(Error::NotFound)?;
    let is_renamed = app
        .factors
        .own()
        .rename(&signed_in.who, &id, &named.title)
        .await?;
    match is_renamed {
        true => flash::redirect(&app, &signed_in.visit, OWN_PAGE, FactorNotice::Renamed).await,
        false => Ok(page::to(OWN_PAGE)),
    }
}

/// `POST /account/factors/{factor}/removal`.
pub async fn remove(State(app): State<App>, enrolling: Enrolling) -> Result<Response> {
    let visitor = &enrolling.visit.visitor;
    let id = enrolling.factor()?;
    app.factors
        .own()
        .remove(&enrolling.keeper, visitor, id)
        .await?;
    flash::redirect(&app, &enrolling.visit, OWN_PAGE, FactorNotice::Removed).await
}

/// `POST /account/factors/devices/removal`: the second factor is required on all devices again.
pub async fn forget_devices(State(app): State<App>, signed_in: SignedInUser) -> Result<Response> {
    let user = &signed_in.who.user.id;
    app.factors
        .trusted_devices()
        .forget(user, &signed_in.visit.visitor)
        .await?;
    let done = FactorNotice::DevicesForgotten;
    flash::redirect(&app, &signed_in.visit, OWN_PAGE, done).await
}

/// `POST /account/factors/codes`: new recovery codes.
pub async fn renew_codes(State(app): State<App>, enrolling: Enrolling) -> Result<Response> {
    let visitor = &enrolling.visit.visitor;
    let codes = app
        .factors
        .own()
        .renew_codes(&enrolling.keeper, visitor)
        .await?;
    show_codes(&app, &enrolling.visit, &codes, OWN_PAGE.to_owned(), None).await
}
