//! The language switch.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response, routing::post};
use serde::Deserialize;

use super::{
    extract::Form,
    layers::{CookieNames, set_cookie},
    page::{self, Site},
    route::{Access, Route},
};
use crate::{model::attempt::LocalPath, text::Language};

pub const ROUTES: &[Route] = &[Route::post("/language", Access::Anyone, || post(choose))];

#[derive(Deserialize)]
pub struct LanguageForm {
    lang: String,
}

const YEAR: i64 = 365 * 24 * 3600;

/// `POST /language`: remembers the language and goes back to the page it was chosen on.
pub async fn choose(
    State(site): State<Arc<Site>>,
    headers: HeaderMap,
    Form(choice): Form<LanguageForm>,
) -> Response {
    let mut response = page::to(back(&site, &headers).as_str());
    if let Some(language) = Language::parse(&choice.lang) {
        let name = CookieNames::of(&site).language;
        set_cookie(&mut response, &site, name, language.tag(), Some(YEAR));
    }
    response
}

/// The page the form was on, if it is a page of ours; only its path is used.
fn back(site: &Site, headers: &HeaderMap) -> LocalPath {
    let referer = headers.get("referer").and_then(|value| value.to_str().ok());
    let url = referer.and_then(|text| url::Url::parse(text).ok());
    let ours = url.filter(|url| url.origin().ascii_serialization() == site.origin);
    ours.map_or_else(LocalPath::portal, |url| {
        LocalPath::of(&url[url::Position::BeforePath..url::Position::AfterQuery])
    })
}
