//! The services, by strength of their hand-off.

use std::sync::Arc;

use axum::{extract::State, response::Response, routing::get};

use crate::{
    admin::{Administration, ServiceSheet},
    error::Result,
    handoff::strength::Strength,
    http::{
        extract::Admin,
        page::{Site, html},
        route::{Access, Route},
        view,
    },
    model::permission::Permission,
    text::Texts,
};

pub const ROUTES: &[Route] = &[Route::get(
    "/admin/services",
    Access::Can(Permission::ReadServices),
    || get(list),
)];

/// `GET /admin/services`.
pub async fn list(
    State(site): State<Arc<Site>>,
    State(desk): State<Administration>,
    admin: Admin,
) -> Result<Response> {
    let texts = admin.visit.texts();
    let sheets = desk.services();
    html(&view::AdminServices {
        services: sheets.into_iter().map(|sheet| card(texts, sheet)).collect(),
        frame: site.frame(&admin.visit),
    })
}

fn card(texts: &Texts, sheet: ServiceSheet) -> view::AdminService {
    let off = || texts.say("admin-tag-disabled").to_owned();
    let rung = match sheet.rung {
        Some(rung) => texts.with("admin-rung", &[("strength", texts.say(strength_key(rung)))]),
        None => texts.say("admin-rung-none").to_owned(),
    };
    view::AdminService {
        href: format!("/services/{}", sheet.slug),
        advice: texts
            .say(match sheet.rung {
                Some(_) => advice(&sheet.method),
                None => "rung-none",
            })
            .to_owned(),
        rung,
        tags: sheet.disabled.then(off).into_iter().collect(),
        fault: sheet
            .unreachable
            .map(|_| texts.say("admin-service-unreachable").to_owned()),
        title: sheet.title,
        method: sheet.method,
        instances: sheet
            .instances
            .into_iter()
            .map(|instance| view::AdminInstance {
                shared: (!instance.shared_with.is_empty()).then(|| {
                    let services = instance.shared_with.join(", ");
                    texts.with("admin-service-shared", &[("services", &services)])
                }),
                tags: instance.disabled.then(off).into_iter().collect(),
                title: instance.title,
                address: instance.base_url,
                fault: instance.fault,
                warning: instance.warning,
            })
            .collect(),
    }
}

/// The key of the text for a strength.
fn strength_key(rung: Strength) -> &'static str {
    match rung.strength() {
        "very high" => "strength-very-high",
        "high" => "strength-high",
        "medium" => "strength-medium",
        _ => "strength-low",
    }
}

/// What the strength means, and what would improve it.
fn advice(method: &str) -> &'static str {
    match method {
        "link" => "rung-link",
        "oidc" => "rung-oidc",
        "request_init" => "rung-request_init",
        "code" => "rung-code",
        "cas" => "rung-cas",
        "saml" => "rung-saml",
        "form_jwt" => "rung-form_jwt",
        "forward_auth" => "rung-forward_auth",
        "discourse" => "rung-discourse",
        _ => "rung-jwt",
    }
}
