//! An application that uses CAS, at `https://lib-eu.test` and `https://lib-us.test`.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use url::Url;

use super::{
    browser::{Browser, Page},
    draft::Draft,
    remote,
    server::TestServer,
};

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
pub async fn claims(usher: &TestServer, service: &Url, ticket: &str) -> Option<Value> {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("service", service.as_str())
        .append_pair("ticket", ticket)
        .append_pair("format", "json")
        .finish();
    let request = Request::get(format!("/cas/p3/serviceValidate?{query}")).body(Body::empty());
    let (_, answer) = remote::json(usher, request.expect("a request")).await;
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

/// Where Ana's books are.
pub const BOOKS: &str = "https://lib-eu.test/books?shelf=a%20b";

/// A portal with the library.
pub async fn usher() -> TestServer {
    TestServer::with(&seed()).await
}

/// The tests' catalogue with the library.
pub fn seed() -> Draft {
    Draft::sample().plus(SEED)
}

/// `/cas/login` for a service and with more parameters.
pub fn login(service: &str, more: &str) -> String {
    format!("/cas/login?service={}{more}", escaped(service))
}

pub fn escaped(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The ticket in the address the browser is sent to.
pub fn ticket_of(page: &Page) -> String {
    let url = Url::parse(page.location()).expect("an address");
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(name, _)| name == "ticket");
    let (_, ticket) = found.unwrap_or_else(|| panic!("no ticket in {url}"));
    ticket.into_owned()
}

/// A ticket for a signed-in user.
pub async fn ticket(browser: &mut Browser<'_>, service: &str) -> String {
    let page = browser.peek(&login(service, "")).await;
    ticket_of(&page)
}

/// What an endpoint under `/cas/` says: status, type, text.
pub async fn ask(usher: &TestServer, path: &str) -> (u16, String, String) {
    let request = Request::get(format!("/cas/{path}")).body(Body::empty());
    let (status, headers, body) = usher.ask(request.expect("a request")).await;
    assert_eq!(headers["cache-control"], "no-store");
    let kind = headers["content-type"].to_str().expect("text").to_owned();
    (status, kind, body)
}

/// `/cas/p3/serviceValidate` as JSON, with more parameters.
pub async fn validate(usher: &TestServer, service: &str, ticket: &str, more: &str) -> Value {
    let (service, ticket) = (escaped(service), escaped(ticket));
    let path = format!("p3/serviceValidate?format=JSON&service={service}&ticket={ticket}{more}");
    let (status, _, body) = ask(usher, &path).await;
    assert_eq!(status, 200);
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    answer["serviceResponse"].clone()
}

/// The code of a refusal.
pub async fn code(usher: &TestServer, service: &str, ticket: &str, more: &str) -> String {
    let answer = validate(usher, service, ticket, more).await;
    let code = &answer["authenticationFailure"]["code"];
    code.as_str().unwrap_or("valid").to_owned()
}

/// Whether a ticket is good.
pub async fn is_valid(usher: &TestServer, service: &str, ticket: &str) -> bool {
    code(usher, service, ticket, "").await == "valid"
}
