//! An application that uses CAS, at `https://lib-eu.test` and `https://lib-us.test`.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use url::Url;

use super::{house::TestServer, remote};

/// Its part of the catalogue.
pub const SEED: &str = include_str!("cas.toml");

/// The address without the ticket, otherwise as it is written; and the ticket, if there is one.
pub fn ticketed(url: &Url) -> Option<(Url, String)> {
    let parts: Vec<&str> = url.query()?.split('&').collect();
    let ticket = parts.iter().find_map(|part| part.strip_prefix("ticket="))?;
    let rest: Vec<&str> = parts
        .iter()
        .copied()
        .filter(|part| !part.starts_with("ticket="))
        .collect();
    let mut bare = url.clone();
    bare.set_query((!rest.is_empty()).then(|| rest.join("&")).as_deref());
    Some((bare, ticket.to_owned()))
}

/// The content of the ticket, as claims of the kind the other applications get.
pub async fn claims(house: &TestServer, service: &Url, ticket: &str) -> Option<Value> {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("service", service.as_str())
        .append_pair("ticket", ticket)
        .append_pair("format", "json")
        .finish();
    let request = Request::get(format!("/cas/p3/serviceValidate?{query}")).body(Body::empty());
    let (_, answer) = remote::json(house, request.expect("a request")).await;
    let told = &answer["serviceResponse"]["authenticationSuccess"]["attributes"];
    let one = |name: &str| told[name][0].clone();
    told.is_object().then(|| {
        let record = json!({ "type": one("context_type"),
            "id": { one("context_system").as_str().unwrap_or_default(): one("context_id") } });
        let ctx = match one("context_id") {
            Value::Null => json!([]),
            _ => json!([record]),
        };
        json!({ "name": one("name"),
            "urn:usher:launch": { "intent": one("launch_intent"), "ctx": ctx } })
    })
}
