//! Remote applications in their other roles: a service provider (SAML), and one that takes a signed
//! form. What they accept they convert into the claims of an OpenID client, so that it is shown
//! alike.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use url::Url;
use usher::protocol::{
    jose::{self, JwkSet, Validation},
    saml::{
        Address, ExpectedAssertion, VerifiedAssertion, binding, metadata::theirs::Theirs,
        request::AuthnRequest, verify,
    },
};

use super::{
    remote::json as ask_json,
    server::{PORTAL, TestServer},
};

/// The metadata of an application of this name.
pub fn metadata(client: &str) -> String {
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
         entityID=\"https://{client}.test/sp\"><md:SPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         <md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
         Location=\"https://{client}.test/acs\" index=\"0\"/></md:SPSSODescriptor>\
         </md:EntityDescriptor>"
    )
}

/// Where the application sends a browser to sign in, `state` beside it.
pub fn asked(usher: &TestServer, client: &str, id: &str, state: &str) -> Url {
    let destination = Address::parse(&format!("{PORTAL}/saml/sso")).expect("an address");
    let request = AuthnRequest {
        id,
        issued_at: usher.clock.now().secs(),
        issuer: &format!("https://{client}.test/sp"),
        recipient: &format!("https://{client}.test/acs"),
        destination: &destination,
        force: false,
        name_id_format: None,
        contexts: &[],
    };
    request.redirect(state, None).expect("written")
}

/// The claims of a response to `request`, or of an unsolicited one.
pub async fn verified(
    usher: &TestServer,
    client: &str,
    response: &str,
    request: Option<&str>,
) -> Value {
    let ask = Request::get("/saml/metadata").body(Body::empty());
    let (_, _, ours) = usher.ask(ask.expect("a request")).await;
    let now = usher.clock.now().secs();
    let ours = Theirs::read(ours.as_bytes(), None, &[], now).expect("metadata");
    let expected = ExpectedAssertion {
        issuer: &ours.entity_id,
        certificates: &ours.signing,
        audience: &format!("https://{client}.test/sp"),
        recipient: &format!("https://{client}.test/acs"),
        keys: &[],
        request,
        now,
        skew: 5,
        authenticated_since: None,
        contexts: &[],
        want_assertions_signed: true,
        want_encrypted: false,
        allow_cbc: false,
    };
    let bytes = binding::from_post(response).expect("base64");
    as_claims(&verify(&bytes, &expected).expect("believed"))
}

fn as_claims(said: &VerifiedAssertion) -> Value {
    let value = |name: &str| {
        let found = said.attributes.iter().find(|one| one.name == name);
        found.and_then(|one| one.values.first().cloned())
    };
    let context = said.attributes.iter().find_map(|one| {
        let kind = one.name.strip_prefix("urn:usher:context:")?;
        let key = one.values.first()?;
        Some(json!([{ "type": kind, "id": { "key": key } }]))
    });
    json!({
        "name": value("displayName"),
        "urn:usher:launch": { "intent": value("urn:usher:launch:intent"), "ctx": context },
    })
}

/// The claims of a signed form, and where it leads.
pub async fn signed_form(usher: &TestServer, client: &str, token: &str) -> (Value, String) {
    let ask = Request::get("/oidc/jwks").body(Body::empty());
    let (_, keys) = ask_json(usher, ask.expect("a request")).await;
    let keys: JwkSet = serde_json::from_value(keys).expect("keys");
    let kind = super::remote::typed(&["usher-handoff+jwt"]);
    let token = jose::verify(token, &keys, &jose::Algorithm::ALL, &kind).expect("a signature");
    let validation = Validation {
        issuer: PORTAL,
        audience: &[client],
        now: usher.clock.now().secs(),
        leeway: 5,
    };
    validation.check(&token).expect("good claims");
    let claims: Value = token.claims().expect("claims");
    let target = claims["target_link_uri"]
        .as_str()
        .expect("a target")
        .to_owned();
    let shown = json!({
        "name": claims["name"],
        "urn:usher:launch": { "intent": claims["intent"], "ctx": claims["ctx"] },
    });
    (shown, target)
}
