//! An OpenID provider of ours on loopback: correct unless configured otherwise, and then faulty in
//! any way. It implements HTTP, signs with keys of its own, and acts as the user's browser at its
//! authorization endpoint.

pub mod key;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};
use usher::{clock::Clock, id::sha256};

use self::key::Key;

pub const CLIENT: &str = "usher";
pub const SECRET: &str = "s3cret &+%";

pub type Fields = BTreeMap<String, String>;

/// A provider that is up.
pub struct Op {
    pub issuer: String,
    mind: Arc<Mutex<Mind>>,
}

/// What it would answer now.
pub struct Mind {
    issuer: String,
    pub clock: Clock,
    pub key: Key,
    /// The keys it publishes, where that is not just its own.
    pub published: Option<Value>,
    /// Laid over the discovery document; `null` removes. So with the others.
    pub metadata: Value,
    pub claims: Value,
    pub header: Value,
    pub reply: Value,
    pub userinfo: Value,
    /// Made of the claims instead of a signed token.
    pub forge: Option<fn(&Mind, &Value) -> String>,
    /// Endpoints that misbehave.
    pub moods: HashMap<&'static str, Mood>,
    /// Requests as they came: path, fields of the form, headers.
    pub asked: Vec<(String, Fields, HeaderMap)>,
    codes: HashMap<String, Fields>,
    pushed: HashMap<String, Fields>,
}

/// Ways not to answer.
#[derive(Clone, Copy)]
pub enum Mood {
    Status(u16),
    Text(&'static str),
    /// More than any client wants; that reading stops is tested with the client.
    TooLong,
    Silent,
}

impl Op {
    pub async fn start(clock: &Clock) -> Self {
        Self::with_key(clock, Key::new("k1", "ES256")).await
    }

    pub async fn with_key(clock: &Clock, key: Key) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let issuer = format!("http://{address}/op");
        let mind = Arc::new(Mutex::new(Mind {
            issuer: issuer.clone(),
            clock: clock.clone(),
            key,
            published: None,
            metadata: json!({}),
            claims: json!({}),
            header: json!({}),
            reply: json!({}),
            userinfo: json!({"sub": "ana-1", "department": "sales"}),
            forge: None,
            moods: HashMap::new(),
            asked: Vec::new(),
            codes: HashMap::new(),
            pushed: HashMap::new(),
        }));
        let router = Router::new().fallback(answer).with_state(mind.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, mind }
    }

    pub fn mind(&self) -> MutexGuard<'_, Mind> {
        self.mind.lock().expect("no panic")
    }

    /// How often a place was asked.
    pub fn visits(&self, path: &str) -> usize {
        let asked = &self.mind().asked;
        asked.iter().filter(|(known, ..)| known == path).count()
    }

    /// The latest request to a place.
    pub fn latest(&self, path: &str) -> (Fields, HeaderMap) {
        let mind = self.mind();
        let latest = mind.asked.iter().rev().find(|(known, ..)| known == path);
        let (_, fields, headers) = latest.expect("it was asked").clone();
        (fields, headers)
    }

    /// The parameters of a browser sent here, wherever they are.
    pub fn request(&self, address: &Url) -> Fields {
        let query: Fields = address.query_pairs().into_owned().collect();
        match query.get("request_uri") {
            None => query,
            Some(name) => self.mind().pushed[name].clone(),
        }
    }

    /// The user signs in; the answer's parameters.
    pub fn consent(&self, address: &Url) -> Fields {
        assert!(address.as_str().starts_with(&self.issuer), "{address}");
        let fields = self.request(address);
        let mut mind = self.mind();
        let code = format!("code-{}", mind.codes.len());
        let state = fields["state"].clone();
        mind.codes.insert(code.clone(), fields);
        [
            ("code", code),
            ("state", state),
            ("iss", self.issuer.clone()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .into()
    }

    /// A logout token with something laid over its claims and its header.
    pub fn logout_token(&self, claims: Value, header: Value) -> String {
        let mind = self.mind();
        let now = mind.clock.now().secs();
        let honest = json!({
            "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "j-1",
            "sub": "ana-1", "sid": "s-1",
            "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        });
        let mut typed = mind.key.header();
        typed["typ"] = "logout+jwt".into();
        mind.key
            .token(&laid(typed, &header), &laid(honest, &claims))
    }
}

/// One object over another; `null` removes.
pub fn laid(mut base: Value, over: &Value) -> Value {
    let members = base.as_object_mut().expect("an object");
    for (name, value) in over.as_object().expect("an object") {
        members.insert(name.clone(), value.clone());
    }
    members.retain(|_, value| !value.is_null());
    base
}

type Shared = Arc<Mutex<Mind>>;

async fn answer(State(mind): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let path = uri.path().strip_prefix("/op").unwrap_or_default();
    let fields: Fields = form_urlencoded::parse(&body).into_owned().collect();
    let mood = {
        let mut mind = mind.lock().expect("no panic");
        mind.asked
            .push((path.to_owned(), fields.clone(), headers.clone()));
        mind.moods.get(path).copied()
    };
    if let Some(mood) = mood {
        return mood.answer().await;
    }
    let mut mind = mind.lock().expect("no panic");
    match path {
        "/.well-known/openid-configuration" => json_of(200, &mind.discovery()),
        "/jwks" => json_of(200, &mind.keys()),
        "/token" => mind.token(&fields, &headers),
        "/par" => mind.push(fields, &headers),
        "/userinfo" => json_of(200, &mind.userinfo),
        _ => StatusCode::NOT_FOUND.into_response(),
    }
}

fn json_of(status: u16, value: &Value) -> Response {
    let status = StatusCode::from_u16(status).expect("a status");
    let headers = [(header::CONTENT_TYPE, "application/json")];
    (status, headers, value.to_string()).into_response()
}

impl Mood {
    async fn answer(self) -> Response {
        match self {
            Self::Status(status) => json_of(status, &json!({"error": "server_error"})),
            Self::Text(text) => text.into_response(),
            Self::TooLong => Body::from(vec![b' '; 4 << 20]).into_response(),
            Self::Silent => std::future::pending().await,
        }
    }
}

impl Mind {
    fn discovery(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.issuer);
        let honest = json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/userinfo"),
            "jwks_uri": at("/jwks"),
            "end_session_endpoint": at("/end"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        laid(honest, &self.metadata)
    }

    fn keys(&self) -> Value {
        let own = json!([self.key.public()]);
        json!({"keys": self.published.clone().unwrap_or(own)})
    }

    /// RFC 9126 section 2.
    fn push(&mut self, fields: Fields, headers: &HeaderMap) -> Response {
        if !is_client(&fields, headers) {
            return json_of(401, &json!({"error": "invalid_client"}));
        }
        let name = format!("urn:ietf:params:oauth:request_uri:{}", self.pushed.len());
        self.pushed.insert(name.clone(), fields);
        json_of(201, &json!({"request_uri": name, "expires_in": 60}))
    }

    /// RFC 6749 section 4.1.3, RFC 7636 section 4.6.
    fn token(&mut self, fields: &Fields, headers: &HeaderMap) -> Response {
        if !is_client(fields, headers) {
            return json_of(401, &json!({"error": "invalid_client"}));
        }
        let asked = fields.get("code").and_then(|code| self.codes.remove(code));
        let good = asked.filter(|asked| {
            asked["redirect_uri"] == fields["redirect_uri"]
                && asked["code_challenge"] == sha256(&fields["code_verifier"])
        });
        let Some(asked) = good else {
            return json_of(400, &json!({"error": "invalid_grant"}));
        };
        let token = "at-2YotnFZFEjr1zCsicMWpAA";
        let claims = laid(self.honest_claims(&asked, token), &self.claims);
        let id_token = match self.forge {
            Some(forge) => forge(self, &claims),
            None => self
                .key
                .token(&laid(self.key.header(), &self.header), &claims),
        };
        let reply = json!({"access_token": token, "token_type": "Bearer", "id_token": id_token});
        json_of(200, &laid(reply, &self.reply))
    }

    fn honest_claims(&self, asked: &Fields, token: &str) -> Value {
        let now = self.clock.now().secs();
        json!({
            "iss": self.issuer, "aud": CLIENT, "sub": "ana-1", "sid": "s-1",
            "iat": now, "exp": now + 300, "auth_time": now, "nonce": asked["nonce"],
            "at_hash": self.key.at_hash(token),
            "preferred_username": "ana", "name": "Ana Almeida", "email": "ana@example.org",
        })
    }
}

/// Client authentication by secret, in header or form, or by an assertion or by nothing: the tests
/// check it.
fn is_client(fields: &Fields, headers: &HeaderMap) -> bool {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        let secret = fields
            .get("client_secret")
            .is_none_or(|secret| secret == SECRET);
        return secret && fields.get("client_id").is_some_and(|id| id == CLIENT);
    };
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = STANDARD.encode(format!("{}:{}", encode(CLIENT), encode(SECRET)));
    header == &format!("Basic {pair}")
}
