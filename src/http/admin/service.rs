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
    let strength = match sheet.strength {
        Some(strength) => texts.with(
            "admin-grade",
            &[("strength", texts.say(strength_key(strength)))],
        ),
        None => texts.say("admin-grade-none").to_owned(),
    };
    view::AdminService {
        href: format!("/services/{}", sheet.slug),
        advice: texts
            .say(&match sheet.strength {
                Some(_) => format!("grade-{}", sheet.method),
                None => "grade-none".to_owned(),
            })
            .to_owned(),
        strength,
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
fn strength_key(strength: Strength) -> &'static str {
    match strength.strength() {
        "very high" => "strength-very-high",
        "high" => "strength-high",
        "medium" => "strength-medium",
        _ => "strength-low",
    }
}
