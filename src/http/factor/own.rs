//! Managing one's own factors.

use axum::{
    extract::State,
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;

use super::enrol::{Enrolling, codes, show_codes};
use crate::{
    app::App,
    error::{Error, Result},
    factor::OWN_PAGE,
    http::{
        account::device_name,
        extract::{Form, Path, SignedInUser},
        page::{self, html},
        route::{Access, Route},
        view,
    },
    id::FactorId,
    model::factor::FactorKind,
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
pub async fn list(State(app): State<App>, person: SignedInUser) -> Result<Response> {
    let has = app.factors.enrolled_factors(&person.who.user.id).await?;
    let (texts, now) = (person.visit.texts(), app.parts.clock.now());
    let factors = has.factors.iter().map(|factor| view::OwnFactor {
        title: factor.title.clone(),
        passkey: factor.kind == FactorKind::Passkey,
        used: factor
            .used_at
            .map(|at| view::ago(texts, now.since(at).as_secs())),
        href: format!("{OWN_PAGE}/{}", factor.id),
    });
    let devices = app
        .factors
        .trusted_devices()
        .list(&person.who.user.id)
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
    html(&view::OwnFactorsPage {
        lead: texts.say(lead),
        devices: devices.collect(),
        factors: factors.collect(),
        codes_left: has.codes_left,
        frame: app.site.frame(&person.visit),
        base: OWN_PAGE.to_owned(),
        passkeys: app.factors.passkeys.are_on(),
    })
}

/// `GET /account/factors/{factor}`.
pub async fn show(
    State(app): State<App>,
    person: SignedInUser,
    Path(factor): Path<String>,
) -> Result<Response> {
    let has = app.factors.enrolled_factors(&person.who.user.id).await?;
    let found = has.factors.iter().find(|one| one.id.as_str() == factor);
    let found = found.ok_or(Error::NotFound)?;
    html(&view::ChangeFactor {
        frame: app.site.frame(&person.visit),
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
    person: SignedInUser,
    Path(factor): Path<String>,
    Form(named): Form<RenameForm>,
) -> Result<Response> {
    let id = FactorId::parse(&factor).ok_or(Error::NotFound)?;
    app.factors
        .own()
        .rename(&person.who, &id, &named.title)
        .await?;
    Ok(page::to(OWN_PAGE))
}

/// `POST /account/factors/{factor}/removal`.
pub async fn remove(State(app): State<App>, enrolling: Enrolling) -> Result<Response> {
    let visitor = &enrolling.visit.visitor;
    let id = enrolling.factor()?;
    app.factors
        .own()
        .remove(&enrolling.keeper, visitor, id)
        .await?;
    Ok(page::to(OWN_PAGE))
}

/// `POST /account/factors/devices/removal`: the second factor is required on all devices again.
pub async fn forget_devices(State(app): State<App>, person: SignedInUser) -> Result<Response> {
    let user = &person.who.user.id;
    app.factors
        .trusted_devices()
        .forget(user, &person.visit.visitor)
        .await?;
    Ok(page::to(OWN_PAGE))
}

/// `POST /account/factors/codes`: new recovery codes.
pub async fn renew_codes(State(app): State<App>, enrolling: Enrolling) -> Result<Response> {
    let visitor = &enrolling.visit.visitor;
    let codes = app
        .factors
        .own()
        .renew_codes(&enrolling.keeper, visitor)
        .await?;
    show_codes(&app, &enrolling.visit, &codes, OWN_PAGE.to_owned()).await
}
