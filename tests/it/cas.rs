//! The CAS server: a ticket for one exact address, once, for half a minute, and what it says of
//! user and record. Section numbers are those of CAS Protocol 3.0.

mod attack;
mod login;
mod logout;
mod peer;
mod validate;

use axum::{body::Body, http::Request};
use serde_json::Value;
use url::Url;

use crate::support::{
    browser::{Browser, Page},
    cas::SEED,
    draft::Draft,
    house::TestServer,
};

/// Where Ana's books are.
pub const BOOKS: &str = "https://lib-eu.test/books?shelf=a%20b";

/// The tests' catalogue with the library.
pub async fn house() -> TestServer {
    TestServer::with(&seed()).await
}

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
pub async fn ask(house: &TestServer, path: &str) -> (u16, String, String) {
    let request = Request::get(format!("/cas/{path}")).body(Body::empty());
    let (status, headers, body) = house.ask(request.expect("a request")).await;
    assert_eq!(headers["cache-control"], "no-store");
    let kind = headers["content-type"].to_str().expect("text").to_owned();
    (status, kind, body)
}

/// `/cas/p3/serviceValidate` as JSON, with more parameters.
pub async fn validate(house: &TestServer, service: &str, ticket: &str, more: &str) -> Value {
    let (service, ticket) = (escaped(service), escaped(ticket));
    let path = format!("p3/serviceValidate?format=JSON&service={service}&ticket={ticket}{more}");
    let (status, _, body) = ask(house, &path).await;
    assert_eq!(status, 200);
    let answer: Value = serde_json::from_str(&body).expect("JSON");
    answer["serviceResponse"].clone()
}

/// The code of a refusal.
pub async fn code(house: &TestServer, service: &str, ticket: &str, more: &str) -> String {
    let answer = validate(house, service, ticket, more).await;
    let code = &answer["authenticationFailure"]["code"];
    code.as_str().unwrap_or("valid").to_owned()
}

/// Whether a ticket is good.
pub async fn is_valid(house: &TestServer, service: &str, ticket: &str) -> bool {
    code(house, service, ticket, "").await == "valid"
}
