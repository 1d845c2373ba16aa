//! Kind confusion (THREATS row 12), the other way round: tokens that clients sign with the one key
//! they registered. Some are sent in addresses, histories and logs; none of them is accepted as
//! another kind, and one that was used for one purpose is not accepted for another.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use crate::issuer_oidc::{
    client::{JWT_BEARER, with_jwk},
    dpop::{self, Key},
};
use support::{
    browser::Browser,
    relying_party::{Ask, callback, code, form},
    remote::{json as read, random},
    server::{PORTAL, TestServer},
};

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Assertion,
    RequestObject,
    Proof,
    /// All claims of all three.
    Chimera,
}

/// Where one is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Endpoint(&'static str),
    Request,
    PushedRequest,
    Possession,
    Hint,
    Bearer,
    Introspection,
    Registration,
}

const KINDS: [Kind; 4] = [
    Kind::Assertion,
    Kind::RequestObject,
    Kind::Proof,
    Kind::Chimera,
];
const PLACES: [Place; 11] = [
    Place::Endpoint("/oidc/token"),
    Place::Endpoint("/oidc/par"),
    Place::Endpoint("/oidc/introspect"),
    Place::Endpoint("/oidc/revoke"),
    Place::Request,
    Place::PushedRequest,
    Place::Possession,
    Place::Hint,
    Place::Bearer,
    Place::Introspection,
    Place::Registration,
];
const TYPES: [&str; 7] = [
    "",
    "JWT",
    "client-authentication+jwt",
    "oauth-authz-req+jwt",
    "dpop+jwt",
    "at+jwt",
    "logout+jwt",
];

/// Whether a token of this kind and type belongs there.
fn belongs(kind: Kind, typ: &str, place: Place) -> bool {
    match (kind, place) {
        (Kind::Assertion, Place::Endpoint(_)) => {
            ["", "JWT", "client-authentication+jwt"].contains(&typ)
        }
        (Kind::RequestObject, Place::Request | Place::PushedRequest) => {
            ["", "JWT", "oauth-authz-req+jwt"].contains(&typ)
        }
        (Kind::Proof, Place::Possession) => typ == "dpop+jwt",
        _ => false,
    }
}

struct Client<'a> {
    usher: &'a TestServer,
    key: Key,
    ana: Browser<'a>,
}

impl<'a> Client<'a> {
    async fn of(usher: &'a TestServer) -> Self {
        let key = dpop::key();
        with_jwk(usher, &key.public).await;
        let ana = Browser::of(usher, "ana").await;
        Self { usher, key, ana }
    }

    fn claims(&self, kind: Kind) -> Value {
        let now = self.usher.clock.now().secs();
        let name = random();
        let common = json!({ "iss": "crm-eu", "aud": PORTAL, "exp": now + 60, "iat": now });
        let mut claims = common.as_object().expect("members").clone();
        let mut add = |more: Value| claims.extend(more.as_object().expect("members").clone());
        let asked = || {
            let query = Ask::of("crm-eu").query();
            let pairs = url::form_urlencoded::parse(query.as_bytes());
            let pairs = pairs.map(|(name, value)| (name.into_owned(), value.into_owned().into()));
            Value::Object(pairs.collect())
        };
        let held = json!({ "htm": "POST", "htu": format!("{PORTAL}/oidc/token") });
        match kind {
            Kind::Assertion => add(json!({ "sub": "crm-eu" })),
            Kind::RequestObject => add(asked()),
            Kind::Proof => {
                return json!({
                    "jti": name, "iat": now, "htm": held["htm"], "htu": held["htu"],
                });
            }
            Kind::Chimera => {
                add(json!({ "sub": "crm-eu" }));
                add(asked());
                add(held);
            }
        }
        add(json!({ "jti": name }));
        Value::Object(claims)
    }

    /// A fresh one each time: each is good once.
    fn token(&self, kind: Kind, typ: &str) -> String {
        let jwk = serde_json::to_value(&self.key.public).expect("a key");
        let mut head = json!({ "alg": "ES256", "jwk": jwk });
        if !typ.is_empty() {
            head["typ"] = typ.into();
        }
        dpop::sign_with(&self.key, &head, &self.claims(kind))
    }

    fn proof(&self) -> String {
        self.token(Kind::Assertion, "JWT")
    }

    async fn post(&self, path: &str, form: &[(&str, &str)], proof: Option<&str>) -> (u16, Value) {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(proof) = proof {
            request = request.header("DPoP", proof);
        }
        read(
            self.usher,
            request.body(Body::from(body)).expect("a request"),
        )
        .await
    }

    /// By a client that proved itself in the right way.
    async fn proven(
        &self,
        path: &str,
        more: &[(&str, &str)],
        possession: Option<&str>,
    ) -> (u16, Value) {
        let assertion = self.proof();
        let mut form = vec![
            ("client_assertion", assertion.as_str()),
            ("client_assertion_type", JWT_BEARER),
        ];
        form.extend_from_slice(more);
        self.post(path, &form, possession).await
    }

    async fn is_taken(&mut self, thing: &str, place: Place) -> bool {
        match place {
            Place::Endpoint(path) => {
                let form = [
                    ("client_assertion", thing),
                    ("client_assertion_type", JWT_BEARER),
                ];
                self.post(path, &form, None).await.0 != 401
            }
            Place::Request => {
                let ask = Ask::of("crm-eu").with("request", thing);
                self.ana.peek(&ask.path()).await.sent().contains_key("code")
            }
            Place::PushedRequest => {
                let form = [("request", thing)];
                self.proven("/oidc/par", &form, None).await.0 == 201
            }
            Place::Possession => {
                let form = [("grant_type", "authorization_code"), ("code", "x")];
                let answer = self.proven("/oidc/token", &form, Some(thing)).await;
                answer.1["error"] == "invalid_grant"
            }
            Place::Hint => {
                let ask = Ask::of("crm-eu").with("prompt", "none");
                let page = self
                    .ana
                    .peek(&ask.with("id_token_hint", thing).path())
                    .await;
                page.sent().contains_key("code")
            }
            Place::Bearer => {
                let (status, _) = support::relying_party::userinfo(self.usher, thing).await;
                status == 200
            }
            Place::Introspection => {
                let told = self
                    .proven("/oidc/introspect", &[("token", thing)], None)
                    .await;
                assert_eq!(told.0, 200);
                told.1["active"] == true
            }
            Place::Registration => {
                let body = crate::issuer_oidc::registration::notes();
                crate::issuer_oidc::registration::register(self.usher, thing, &body)
                    .await
                    .0
                    == 201
            }
        }
    }
}

#[tokio::test]
async fn kind_confusion_what_a_client_signs_passes_for_its_own_kind_only() {
    let usher = TestServer::open().await;
    let mut client = Client::of(&usher).await;
    for kind in KINDS {
        for typ in TYPES {
            for place in PLACES {
                let thing = client.token(kind, typ);
                let taken = client.is_taken(&thing, place).await;
                assert_eq!(
                    taken,
                    belongs(kind, typ, place),
                    "{kind:?} typed {typ:?} at {place:?}"
                );
            }
        }
    }
}

/// A request object is sent in an address; whoever reads it there must not be able to act as the
/// client.
#[tokio::test]
async fn a_request_object_from_an_address_redeems_no_code() {
    let usher = TestServer::open().await;
    let mut client = Client::of(&usher).await;
    let back = callback("crm-eu");
    for typ in [
        "",
        "JWT",
        "oauth-authz-req+jwt",
        "client-authentication+jwt",
    ] {
        for subject in [None, Some("crm-eu"), Some("")] {
            let code = code(&mut client.ana, &Ask::of("crm-eu")).await;
            let mut claims = client.claims(Kind::RequestObject);
            if let Some(subject) = subject {
                claims["sub"] = subject.into();
            }
            let mut head = json!({ "alg": "ES256" });
            if !typ.is_empty() {
                head["typ"] = typ.into();
            }
            let object = dpop::sign_with(&client.key, &head, &claims);
            let ask = Ask::of("crm-eu").with("request", &object);
            let answer = client.ana.peek(&ask.path()).await.sent();
            if subject.is_some() {
                assert_eq!(
                    answer["error"], "invalid_request_object",
                    "RFC 9101 section 4"
                );
            }
            let mut form = form(&code, &back).to_vec();
            form.push(("client_assertion", &object));
            form.push(("client_assertion_type", JWT_BEARER));
            let (status, answer) = client.post("/oidc/token", &form, None).await;
            assert_eq!((status, &answer["error"]), (401, &json!("invalid_client")));
        }
    }
}

/// For every kind: its id is used up with it.
#[tokio::test]
async fn a_signed_request_that_was_brought_is_used_up_for_everything() {
    let usher = TestServer::open().await;
    let mut client = Client::of(&usher).await;
    let object = client.token(Kind::RequestObject, "oauth-authz-req+jwt");
    assert!(client.is_taken(&object, Place::Request).await);
    let ask = Ask::of("crm-eu").with("request", &object);
    let again = client.ana.peek(&ask.path()).await.sent();
    assert_eq!(again["error"], "invalid_request_object");
    assert!(!client.is_taken(&object, Place::PushedRequest).await);
    let name = |claims: &mut Value| claims["jti"] = "one name".into();
    for (first, second) in [
        (Kind::RequestObject, Kind::Assertion),
        (Kind::Assertion, Kind::RequestObject),
    ] {
        let usher = TestServer::open().await;
        let mut client = Client::of(&usher).await;
        let signed = |client: &Client, kind| {
            let mut claims = client.claims(kind);
            name(&mut claims);
            dpop::sign_with(&client.key, &json!({ "alg": "ES256" }), &claims)
        };
        let place = |kind| match kind {
            Kind::Assertion => Place::Endpoint("/oidc/token"),
            _ => Place::Request,
        };
        let thing = signed(&client, first);
        assert!(client.is_taken(&thing, place(first)).await);
        let thing = signed(&client, second);
        assert!(!client.is_taken(&thing, place(second)).await, "{second:?}");
    }
}
