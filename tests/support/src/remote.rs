//! Remote applications in the same process. They use the real protocols with the portal's real
//! endpoints, and verify what they receive with its published keys.

use std::collections::HashMap;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, HeaderValue, Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use url::Url;
use usher::{
    chance::Chance,
    id::{Artefact, Bearer, sha256},
    protocol::jose::{self, JwkSet, Validation},
};

use super::{
    cas,
    server::{PORTAL, TestServer},
    service_provider, shared_secret,
};

/// What an application answers: status, headers, body.
pub type Answer = (u16, HeaderMap, String);

/// All applications, each at `https://<client>.test`.
#[derive(Default)]
pub struct Remotes {
    /// Sign-ins under way: state to (client, verifier, nonce, target).
    pending: HashMap<String, Pending>,
    /// Sessions: cookie to what is shown.
    sessions: HashMap<String, Session>,
    /// SAML requests under way: state to (id, target).
    asked: HashMap<String, (String, String)>,
    /// Requests of forums in progress: nonce to topic.
    topics: HashMap<String, String>,
    /// What the application does besides the protocol.
    pub login_hint: Option<String>,
}

struct Pending {
    verifier: String,
    nonce: String,
    target: String,
}

#[derive(Clone)]
struct Session {
    claims: Value,
}

impl Remotes {
    pub async fn answer(
        &mut self,
        usher: &TestServer,
        url: &Url,
        body: &str,
        origin: Option<&str>,
        cookie: Option<String>,
    ) -> Answer {
        let host = url.host_str().expect("a host");
        let client = host
            .strip_suffix(".test")
            .expect("an application of the tests")
            .to_owned();
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        if let Some((service, ticket)) = cas::ticketed(url) {
            let claims = cas::claims(usher, &service, &ticket).await;
            return self.welcome(claims.expect("a good ticket"), service.as_str());
        }
        match url.path() {
            "/login/initiate" => {
                assert_eq!(query["iss"], PORTAL, "the issuer is ours");
                self.start(
                    &client,
                    &query["target_link_uri"],
                    query.get("login_hint").cloned(),
                )
            }
            "/start" => {
                let (id, state) = (format!("_{}", random()), random());
                let asked = service_provider::asked(usher, &client, &id, &state);
                self.asked.insert(state, (id, query["target"].clone()));
                redirect(asked.as_str(), None)
            }
            "/acs" => self.consume(usher, &client, body).await,
            "/access/jwt" => self.signed_token(usher, &client, body, origin),
            "/session/sso" => {
                let nonce = random();
                let asked = shared_secret::question(&client, &nonce);
                self.topics.insert(nonce, query["return_path"].clone());
                redirect(asked.as_str(), None)
            }
            "/session/sso_login" => self.forum_answer(&client, url),
            "/callback" => self.callback(usher, &client, &query).await,
            "/handoff" => self.handoff(usher, &client, body, origin).await,
            path => match cookie.and_then(|cookie| self.sessions.get(&cookie).cloned()) {
                Some(session) => shown(&client, path, &session.claims),
                None => self.start(&client, url.as_str(), None),
            },
        }
    }

    /// An ordinary authentication request, with PKCE, state and nonce.
    fn start(&mut self, client: &str, target: &str, hint: Option<String>) -> Answer {
        let target_host = Url::parse(target).expect("a target");
        assert_eq!(
            target_host.host_str(),
            Some(format!("{client}.test").as_str())
        );
        let (state, verifier, nonce) = (random(), random(), random());
        let mut url = Url::parse(&format!("{PORTAL}/oidc/authorize")).expect("the endpoint");
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", client)
            .append_pair("redirect_uri", &format!("https://{client}.test/callback"))
            .append_pair("scope", "openid profile email groups")
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &sha256(&verifier))
            .append_pair("code_challenge_method", "S256");
        if let Some(hint) = self.login_hint.clone().or(hint) {
            url.query_pairs_mut().append_pair("login_hint", &hint);
        }
        self.pending.insert(
            state,
            Pending {
                verifier,
                nonce,
                target: target.to_owned(),
            },
        );
        redirect(url.as_str(), None)
    }

    async fn callback(
        &mut self,
        usher: &TestServer,
        client: &str,
        query: &HashMap<String, String>,
    ) -> Answer {
        assert_eq!(query["iss"], PORTAL, "RFC 9207");
        let pending = self
            .pending
            .remove(&query["state"])
            .expect("a state of ours, once");
        let Some(code) = query.get("code") else {
            return page(
                403,
                &format!("<p data-testid=\"error\">{}</p>", query["error"]),
            );
        };
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &format!("https://{client}.test/callback")),
            ("code_verifier", &pending.verifier),
        ];
        let (status, tokens) = token(usher, client, &form).await;
        assert_eq!(status, 200, "{tokens}");
        let claims = verify(usher, client, &tokens).await;
        assert_eq!(claims["nonce"], pending.nonce.as_str());
        self.welcome(claims, &pending.target)
    }

    /// A one-time code: only from the portal's page, redeemed by a back-channel request.
    async fn handoff(
        &mut self,
        usher: &TestServer,
        client: &str,
        body: &str,
        origin: Option<&str>,
    ) -> Answer {
        assert_eq!(origin, Some(PORTAL), "the form comes from the portal");
        let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        assert_eq!(form["iss"], PORTAL);
        if let Some(token) = form.get("jwt") {
            let (claims, target) = service_provider::signed_form(usher, client, token).await;
            return self.welcome(claims, &target);
        }
        let (status, tokens) = token(usher, client, &launch_code(&form["code"])).await;
        assert_eq!(status, 200, "{tokens}");
        let claims = verify(usher, client, &tokens).await;
        assert_eq!(tokens["ctx"], claims["urn:usher:launch"]["ctx"]);
        let target = tokens["target_link_uri"]
            .as_str()
            .expect("a target")
            .to_owned();
        self.welcome(claims, &target)
    }

    /// A token of the kind it wants, only by form.
    fn signed_token(
        &mut self,
        usher: &TestServer,
        client: &str,
        body: &str,
        origin: Option<&str>,
    ) -> Answer {
        assert_eq!(origin, Some(PORTAL), "the form comes from the portal");
        let form = shared_secret::pairs(body);
        let (header, claims) = shared_secret::opened(&form["jwt"], &shared_secret::secret(client));
        assert_eq!(
            (&header["alg"], &header["typ"]),
            (&"HS256".into(), &"JWT".into())
        );
        let age = usher.clock.now().secs() - claims["iat"].as_i64().expect("a time");
        assert!((0..60).contains(&age), "issued just now");
        self.welcome(claims, &form["return_to"])
    }

    /// An answer to a question of the forum's own, once.
    fn forum_answer(&mut self, client: &str, url: &Url) -> Answer {
        let told = shared_secret::answered(url, &shared_secret::secret(client));
        let topic = self.topics.remove(&told["nonce"]).expect("a nonce, once");
        let target = format!("https://{client}.test{topic}");
        self.welcome(serde_json::json!({ "name": told["name"] }), &target)
    }

    /// A SAML response: to a request of ours by its state, or one that says where it leads.
    async fn consume(&mut self, usher: &TestServer, client: &str, body: &str) -> Answer {
        let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
            .into_owned()
            .collect();
        let (relay, response) = (&form["RelayState"], &form["SAMLResponse"]);
        let asked = self.asked.remove(relay);
        let id = asked.as_ref().map(|(id, _)| id.as_str());
        let claims = service_provider::verified(usher, client, response, id).await;
        let target = asked.map_or_else(|| relay.clone(), |(_, target)| target);
        self.welcome(claims, &target)
    }

    fn welcome(&mut self, claims: Value, target: &str) -> Answer {
        let cookie = random();
        self.sessions.insert(cookie.clone(), Session { claims });
        redirect(target, Some(&cookie))
    }
}

/// The form that redeems a launch's code.
pub fn launch_code(code: &str) -> [(&'static str, &str); 2] {
    [
        (
            "grant_type",
            "urn:usher:params:oauth:grant-type:launch-code",
        ),
        ("code", code),
    ]
}

/// A request to the token endpoint, by `client_secret_basic`.
pub async fn token(usher: &TestServer, client: &str, form: &[(&str, &str)]) -> (u16, Value) {
    let secret = format!("secret-of-{client}-secret-of-{client}-secret");
    token_with(usher, client, &secret, form).await
}

pub async fn token_with(
    usher: &TestServer,
    client: &str,
    secret: &str,
    form: &[(&str, &str)],
) -> (u16, Value) {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let basic = STANDARD.encode(format!("{client}:{secret}"));
    let request = Request::post("/oidc/token")
        .header(header::AUTHORIZATION, format!("Basic {basic}"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .expect("a request");
    json(usher, request).await
}

/// Sends a request and reads JSON.
pub async fn json(usher: &TestServer, request: Request<Body>) -> (u16, Value) {
    let response = usher.send(request).await;
    let status = response.status().as_u16();
    let bytes = to_bytes(response.into_body(), 1 << 20)
        .await
        .expect("a body");
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// A token of this explicit type, of a kind that the portal itself never reads.
pub const fn typed(typ: &'static [&'static str]) -> jose::TokenKind {
    jose::TokenKind {
        typed: typ,
        untyped: false,
        has: &["iss", "aud"],
        lacks: &[],
    }
}

/// The claims of an id_token, after everything a relying party checks.
pub async fn verify(usher: &TestServer, client: &str, tokens: &Value) -> Value {
    let request = Request::get("/oidc/jwks")
        .body(Body::empty())
        .expect("a request");
    let (_, keys) = json(usher, request).await;
    let keys: JwkSet = serde_json::from_value(keys).expect("keys");
    let id_token = tokens["id_token"].as_str().expect("an id_token");
    let token = jose::verify(
        id_token,
        &keys,
        &jose::Algorithm::ALL,
        &jose::kind::ID_TOKEN,
    )
    .expect("a signature");
    let now = usher.clock.now().secs();
    Validation {
        issuer: PORTAL,
        audience: &[client],
        now,
        leeway: 0,
    }
    .check(&token)
    .expect("good claims");
    token.claims().expect("claims")
}

/// A page that shows what its application received.
pub fn shown(client: &str, path: &str, claims: &Value) -> Answer {
    let launch = &claims["urn:usher:launch"];
    let record = &launch["ctx"][0];
    let key = record["id"]
        .as_object()
        .and_then(|id| id.values().next())
        .cloned();
    let context = key.map_or_else(
        || "none".to_owned(),
        |key| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            format!(
                "{} {} {}",
                text(&record["type"]),
                text(&key),
                text(&launch["intent"])
            )
        },
    );
    let name = claims["name"].as_str().unwrap_or_default();
    page(
        200,
        &format!(
            "<p data-testid=\"app\">{client}</p><p data-testid=\"path\">{path}</p>\
             <p data-testid=\"who\">{name}</p><p data-testid=\"context\">{context}</p>"
        ),
    )
}

fn page(status: u16, body: &str) -> Answer {
    (status, HeaderMap::new(), body.to_owned())
}

fn redirect(url: &str, cookie: Option<&str>) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert(
        header::LOCATION,
        HeaderValue::try_from(url).expect("an address"),
    );
    if let Some(cookie) = cookie {
        let line = format!("app={cookie}; HttpOnly");
        headers.insert(
            header::SET_COOKIE,
            HeaderValue::try_from(line).expect("a cookie"),
        );
    }
    (303, headers, String::new())
}

pub fn random() -> String {
    Bearer::mint(Artefact::Browser, &Chance::system())
        .as_str()
        .to_owned()
}
