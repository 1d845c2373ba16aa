//! The identity providers that users come from, in the generator's own process: an OpenID provider
//! that stores its state in the codes, and a SAML identity provider that signs what is requested.
//! Both know all users; their cost is the generator's and not the portal's.

use axum::{
    Json, Router,
    extract::{Form, State},
    routing::{get, post},
};
use serde_json::{Value, json};
use support::saml::{IDP, Says, Signer, certificate, pem, posted};
use tokio::net::TcpListener;
use url::Url;
use usher::protocol::{
    jose::{Algorithm, SigningKey},
    saml::{
        binding::Redirected,
        time,
        xml::{self, Element},
    },
};

use crate::Result;

pub const OIDC: &str = "campus";
pub const SAML: &str = "clinic";
const CLIENT: &str = "usher";
const SSO: &str = "https://idp.test/sso";

/// An OpenID provider that is up; it ends with the program.
pub struct OpenIdProvider {
    issuer: String,
}

#[derive(Clone)]
struct Desk {
    issuer: String,
    key: std::sync::Arc<SigningKey>,
}

/// What a code holds: who, and the nonce of the request.
#[derive(serde::Deserialize)]
struct Redeemed {
    code: String,
}

impl OpenIdProvider {
    pub async fn start() -> Result<Self> {
        let text = |error: &dyn std::fmt::Display| error.to_string();
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.map_err(|error| text(&error))?;
        let address = listener.local_addr().map_err(|error| text(&error))?;
        let issuer = format!("http://{address}");
        let (_, key) = SigningKey::generate(Algorithm::Es256).map_err(|error| text(&error))?;
        let desk = Desk {
            issuer: issuer.clone(),
            key: key.into(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .with_state(desk);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { issuer })
    }

    pub fn settings(&self) -> Value {
        json!({
            "issuer": self.issuer,
            "client_id": CLIENT,
            "client_secret": "a secret of ours there",
            "algorithms": ["ES256"],
        })
    }

    /// What the browser brings back from there.
    pub fn answer(&self, sent_to: &str, who: &str) -> Result<String> {
        let url = Url::parse(sent_to).map_err(|error| error.to_string())?;
        let asked = |name: &str| {
            let found = url.query_pairs().find(|(known, _)| known == name);
            found.map(|(_, value)| value.into_owned())
        };
        let state = asked("state").ok_or("a request without state")?;
        let nonce = asked("nonce").ok_or("a request without nonce")?;
        let answer = [
            ("code", format!("{who}.{nonce}")),
            ("state", state),
            ("iss", self.issuer.clone()),
        ];
        Ok(form(&answer))
    }
}

async fn discovery(State(desk): State<Desk>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", desk.issuer);
    Json(json!({
        "issuer": desk.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "jwks_uri": at("/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(desk): State<Desk>) -> Json<Value> {
    Json(json!({ "keys": [desk.key.public_jwk()] }))
}

async fn token(State(desk): State<Desk>, Form(redeemed): Form<Redeemed>) -> Json<Value> {
    let (who, nonce) = redeemed.code.split_once('.').unwrap_or_default();
    let now = now();
    let claims = json!({
        "iss": desk.issuer, "aud": CLIENT, "sub": who, "nonce": nonce,
        "iat": now, "exp": now + 300, "auth_time": now,
        "name": format!("Person {who}"), "preferred_username": who,
        "email": format!("{who}@example.org"),
    });
    let id_token = desk.key.sign(Some("JWT"), &claims).unwrap_or_default();
    Json(json!({ "access_token": "x", "token_type": "Bearer", "id_token": id_token }))
}

/// A SAML identity provider with the keys of the tests.
pub struct Idp {
    signer: Signer,
    origin: String,
}

impl Idp {
    pub fn of(origin: &str) -> Self {
        Self {
            signer: Signer::of("idp"),
            origin: origin.to_owned(),
        }
    }

    pub fn settings() -> Value {
        json!({ "entity_id": IDP, "metadata": metadata(), "key": pem("sp") })
    }

    /// What the browser brings back: the response in base64, and the RelayState.
    pub fn answer(&self, sent_to: &str, who: &str, number: usize) -> Result<(String, String)> {
        let url = Url::parse(sent_to).map_err(|error| error.to_string())?;
        let request = request(&url)?;
        let id = request.attribute("ID").ok_or("a request without an ID")?;
        let relay = url
            .query_pairs()
            .find(|(known, _)| known == "RelayState")
            .ok_or("a request without RelayState")?;
        let base = format!("{}/upstream/{SAML}", self.origin);
        let says = Says {
            response_id: format!("_r{number}"),
            assertion_id: format!("_{who}-{number}-{}", now()),
            destination: format!("{base}/acs"),
            recipient: format!("{base}/acs"),
            audience: format!("{base}/metadata"),
            in_response_to: id.to_owned(),
            confirmed_for: id.to_owned(),
            name_id: who.to_owned(),
            ..Says::at(now())
        };
        let response = posted(&says.by(&self.signer));
        Ok((response, relay.1.into_owned()))
    }
}

fn request(url: &Url) -> Result<Element> {
    let query = url.query().ok_or("a request without a query")?;
    let fault = |fault: usher::protocol::saml::SamlFault| fault.to_string();
    let bytes = Redirected::read(query).and_then(|sent| sent.open(&[certificate("sp")]));
    xml::parse(&bytes.map_err(fault)?, &xml::MESSAGE).map_err(fault)
}

fn metadata() -> String {
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{IDP}\" \
         validUntil=\"{}\"><md:IDPSSODescriptor \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         <md:KeyDescriptor use=\"signing\"><ds:KeyInfo \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"{SSO}\"></md:SingleSignOnService></md:IDPSSODescriptor></md:EntityDescriptor>",
        time::format(now() + 86_400),
        certificate("idp").to_base64(),
    )
}

fn now() -> i64 {
    usher::clock::Clock::system().now().secs()
}

/// Fields as a form spells them.
pub fn form(fields: &[(&str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}
