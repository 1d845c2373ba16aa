//! Applications with user data in their own format, with a secret that they share with the portal:
//! `https://help-eu.test` takes a token as Zendesk does, `https://forum-eu.test` uses
//! DiscourseConnect; and so do their American instances.

use std::collections::BTreeMap;

use aws_lc_rs::hmac::{self, HMAC_SHA256, Key};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::server::PORTAL;

/// Their part of the catalogue.
pub const SEED: &str = include_str!("shared_secret.toml");

/// What an instance shares with the portal.
pub fn secret(instance: &str) -> String {
    format!("dictated-secret-of-{instance}-in-the-tests")
}

/// The header and claims of a token signed with this secret, by HS256.
pub fn opened(token: &str, secret: &str) -> (Value, Value) {
    let (signed, tag) = token.rsplit_once('.').expect("three parts");
    let tag = URL_SAFE_NO_PAD.decode(tag).expect("base64url");
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    hmac::verify(&key, signed.as_bytes(), &tag).expect("a signature by this secret");
    let (header, claims) = signed.split_once('.').expect("two parts");
    let read = |part: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
        serde_json::from_slice(&bytes).expect("JSON")
    };
    (read(header), read(claims))
}

/// A form's or a query's parameters.
pub fn pairs(text: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(text.as_bytes())
        .into_owned()
        .collect()
}

/// HMAC-SHA256 in hexadecimal.
pub fn hex(text: &str, secret: &str) -> String {
    let key = Key::new(HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, text.as_bytes());
    tag.as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The path at the portal where a forum asks, with this text signed.
pub fn asking(service: &str, words: &[(&str, &str)], secret: &str) -> String {
    let payload = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(words)
        .finish();
    signed(service, &STANDARD.encode(payload), secret)
}

/// The same with the text that is signed.
pub fn signed(service: &str, sso: &str, secret: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("sso", sso)
        .append_pair("sig", &hex(sso, secret))
        .finish();
    format!("/discourse/{service}?{query}")
}

/// A forum's question, as an address of the portal's.
pub fn question(instance: &str, nonce: &str) -> Url {
    let back = format!("https://{instance}.test/session/sso_login");
    let words = [("nonce", nonce), ("return_sso_url", back.as_str())];
    let path = asking("forum", &words, &secret(instance));
    Url::parse(&format!("{PORTAL}{path}")).expect("an address")
}

/// What an answer says, after its signature was checked.
pub fn answered(url: &Url, secret: &str) -> BTreeMap<String, String> {
    let sent = pairs(url.query().unwrap_or_default());
    assert_eq!(sent["sig"], hex(&sent["sso"], secret), "its signature");
    let payload = STANDARD.decode(&sent["sso"]).expect("base64");
    pairs(std::str::from_utf8(&payload).expect("a text"))
}

/// The path at the portal of a forum's question.
pub fn ask(instance: &str, nonce: &str) -> String {
    question(instance, nonce)[url::Position::BeforePath..].to_owned()
}
