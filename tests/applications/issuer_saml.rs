//! The SAML identity provider: solicited and unsolicited responses, refusals for their own reasons,
//! logout. The service provider is the tests' own; it accepts what it receives only by the
//! verification that we use ourselves, by xmlsec1 and by node-saml.

mod ask;
mod flood;
mod hostile;
mod launch;
mod logout;
mod notified;
mod peer;
mod return_to;
mod soap;

use serde_json::json;
use usher::protocol::saml::{
    Address, Certificate, ExpectedAssertion, PrivateKey, SamlFault, VerifiedAssertion, binding,
    metadata::theirs::Theirs, request::AuthnRequest, verify as verify_response,
};

use support::{
    browser::{Browser, Page},
    lab::{ACS, ENTITY, IDP, SSO, usher},
    relying_party::field,
    saml::pem,
    server::{PORTAL, TestServer},
};

/// Where the lab sends a browser with a good request.
pub fn asked(usher: &TestServer, id: &str) -> String {
    Ask::at(usher, id).by_redirect()
}

fn now(usher: &TestServer) -> i64 {
    usher.clock.now().secs()
}

/// A good request, and ways to spoil it.
pub struct Ask {
    pub id: String,
    pub issued_at: i64,
    pub recipient: String,
    pub destination: String,
    pub issuer: String,
    pub force: bool,
    pub format: Option<&'static str>,
    pub contexts: Vec<String>,
    pub key: Option<&'static str>,
    pub relay_state: String,
}

impl Ask {
    pub fn at(usher: &TestServer, id: &str) -> Self {
        Self {
            id: id.to_owned(),
            issued_at: now(usher),
            recipient: ACS.to_owned(),
            destination: SSO.to_owned(),
            issuer: ENTITY.to_owned(),
            force: false,
            format: None,
            contexts: Vec::new(),
            key: Some("sp"),
            relay_state: "relay".to_owned(),
        }
    }

    pub fn by_redirect(&self) -> String {
        let key = self.key.map(key);
        let destination = Address::parse(&self.destination).expect("an address");
        let url = self.request(&destination);
        let url = url
            .redirect(&self.relay_state, key.as_ref())
            .expect("signed");
        format!("/saml/sso?{}", url.query().expect("a query"))
    }

    fn by_form(&self) -> String {
        let key = self.key.map(key);
        let destination = Address::parse(&self.destination).expect("an address");
        let message = self
            .request(&destination)
            .post(key.as_ref())
            .expect("signed");
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("SAMLRequest", &message)
            .append_pair("RelayState", &self.relay_state)
            .finish()
    }

    fn request<'a>(&'a self, destination: &'a Address) -> AuthnRequest<'a> {
        AuthnRequest {
            id: &self.id,
            issued_at: self.issued_at,
            issuer: &self.issuer,
            recipient: &self.recipient,
            destination,
            force: self.force,
            name_id_format: self.format,
            contexts: &self.contexts,
        }
    }
}

fn key(name: &str) -> PrivateKey {
    PrivateKey::from_pem(pem(name)).expect("a key")
}

/// What the page posts, and where.
fn posted(page: &Page) -> (String, String) {
    let form = page.forms().into_iter().next().expect("a form");
    (form.action.clone(), field(page, "SAMLResponse"))
}

/// Our metadata's certificates, as the lab's admin imported them.
async fn ours(usher: &TestServer) -> Vec<Certificate> {
    let request = axum::http::Request::get("/saml/metadata").body(axum::body::Body::empty());
    let (status, headers, text) = usher.ask(request.expect("a request")).await;
    assert_eq!(status, 200, "{text}");
    assert_eq!(headers["content-type"], "application/samlmetadata+xml");
    Theirs::read(text.as_bytes(), Some(IDP), &[], now(usher))
        .expect("metadata")
        .signing
}

/// Verified like a strict service provider does: response and assertion signed, for us, now.
async fn verify(
    usher: &TestServer,
    response: &str,
    request: Option<&str>,
    keys: &[PrivateKey],
) -> Result<VerifiedAssertion, SamlFault> {
    let expected = ExpectedAssertion {
        issuer: IDP,
        certificates: &ours(usher).await,
        audience: ENTITY,
        recipient: ACS,
        keys,
        request,
        now: now(usher),
        skew: 0,
        authenticated_since: None,
        contexts: &[],
        want_assertions_signed: true,
        want_encrypted: !keys.is_empty(),
        allow_cbc: false,
    };
    verify_response(&binding::from_post(response)?, &expected)
}

/// The values of an attribute.
fn values(verified: &VerifiedAssertion, name: &str) -> Vec<String> {
    let found = verified.attributes.iter().find(|one| one.name == name);
    found.map(|one| one.values.clone()).unwrap_or_default()
}

/// A status that is no success.
async fn status(usher: &TestServer, page: &Page, request: &str) -> String {
    let (action, response) = posted(page);
    assert_eq!(action, ACS);
    match verify(usher, &response, Some(request), &[]).await {
        Err(SamlFault::Status(status)) => status.code,
        other => panic!("no status: {other:?}"),
    }
}

pub async fn ana(usher: &TestServer) -> Browser<'_> {
    let mut ana = Browser::of(usher, "ana").await;
    ana.stays = true;
    ana
}

#[tokio::test]
async fn our_metadata_is_signed_and_the_same_everywhere() {
    let usher = usher("request_init", json!({})).await;
    let get = async |usher: &TestServer| {
        let request = axum::http::Request::get("/saml/metadata").body(axum::body::Body::empty());
        usher.ask(request.expect("a request")).await.2
    };
    let text = get(&usher).await;
    assert_eq!(text, get(&usher.replica().await).await);
    let certificates = ours(&usher).await;
    let read = Theirs::read(text.as_bytes(), None, &certificates, now(&usher)).expect("read");
    assert!(read.is_signed);
    assert_eq!(read.entity_id, format!("{PORTAL}/saml/metadata"));
    assert!(
        !text.contains("WantAuthnRequestsSigned"),
        "false makes some stop signing"
    );
    let bindings: Vec<_> = read.sign_on.iter().map(|one| one.binding).collect();
    assert_eq!(bindings, [binding::REDIRECT, binding::POST]);
}
