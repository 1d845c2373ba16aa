//! Receives users from the portal by a one-time code or a signed form, in Rust: axum, reqwest and
//! the `openidconnect` crate. One file, no library of the portal's. Copy it.
//!
//! ```text
//! ISSUER=https://portal.example.org ORIGIN=https://desk.example.org PORT=8080 \
//! CLIENT_ID=desk CLIENT_SECRET=… receiver
//! ```
//!
//! The portal's page posts `code` to `/launch`, or `jwt` to `/jwt`, and `iss`. In this order:
//!
//! 1. `Origin` must be the portal's: no other site may sign users in here (login CSRF).
//! 2. `iss` must be our issuer, and the code is redeemed there, with our secret.
//! 3. Only the signed id_token is used: signature, algorithm, issuer, audience, times; no
//!    nonce, for we asked nothing. The signed form is no id_token: its type is its own, it lives a
//!    minute, and its `jti` is taken once.
//! 4. The target must be a page of ours.
//! 5. A new session under a new id; then a clean address, so that a reload posts nothing again.
//! 6. When the record is shown, or is not there, the portal is notified (the receipt).
//! 7. When a session at the portal has ended, its server reports it at `/backchannel-logout`, by a
//!    signed token that is typed as a logout's and taken once; what came of that session ends.
//!
//! The context names the record. What may be done with it is decided here, as for all users.

#![allow(
    clippy::disallowed_methods,
    reason = "a program of its own: it reads its own environment"
)]

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use openidconnect::core::{
    CoreGenderClaim, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm,
};
use openidconnect::{
    AdditionalClaims, ClaimsVerificationError, ClientId, ClientSecret, IdTokenVerifier, IssuerUrl,
    JsonWebKey as _, JsonWebKeyId, Nonce, SignatureVerificationError,
};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::byte_serialize;

const LAUNCH_GRANT: &str = "urn:usher:params:oauth:grant-type:launch-code";
const RECORDS: [(&str, &str); 2] = [("C-1042", "Northwind Traders"), ("C-1043", "Contoso")];
/// How long keys are used; for an unknown key they are not fetched more often than that.
const KEYS_LIFE: Duration = Duration::from_secs(300);
const KEYS_PAUSE: Duration = Duration::from_secs(10);
/// Seconds that clocks may differ.
const LEEWAY: i64 = 30;
/// Back-Channel Logout 1.0, section 2.4.
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";
/// The algorithms accepted, whatever a token's header proposes (RFC 8725, section 3.1).
const ALGORITHMS: [CoreJwsSigningAlgorithm; 2] = [
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
];

type IdToken = openidconnect::IdToken<
    Claims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

struct Receiver {
    issuer: IssuerUrl,
    origin: url::Origin,
    secure: &'static str,
    client_id: String,
    client_secret: String,
    http: reqwest::Client,
    keys: Mutex<Option<(Instant, CoreJsonWebKeySet)>>,
    /// Names of tokens to when they may be forgotten; with several processes, a shared store.
    taken: Mutex<HashMap<String, i64>>,
    /// A real application's own store.
    sessions: Mutex<HashMap<String, Session>>,
}

struct Session {
    name: String,
    sub: String,
    /// The session at the portal that this one came of.
    sid: Option<String>,
    /// The launch whose receipt has not been sent yet.
    launch: Option<Launch>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Claims {
    #[serde(rename = "urn:usher:launch")]
    launch: Launch,
    sid: Option<String>,
}

impl AdditionalClaims for Claims {}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Launch {
    id: String,
    intent: String,
    target_link_uri: Url,
    return_uri: Url,
    ctx: Vec<Context>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
struct Context {
    r#type: String,
    id: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Handoff {
    code: String,
    iss: String,
}

#[derive(Deserialize)]
struct SignedForm {
    jwt: String,
    iss: String,
}

#[derive(Deserialize)]
struct Logout {
    logout_token: String,
}

/// The claims of every signed token; those of its kind are in `more`.
#[derive(Deserialize)]
struct Signed<T> {
    iss: String,
    aud: Value,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    jti: String,
    sid: Option<String>,
    sub: Option<String>,
    #[serde(default, deserialize_with = "present")]
    nonce: bool,
    #[serde(flatten)]
    more: T,
}

/// The claims of a signed form.
#[derive(Deserialize)]
struct FormClaims {
    name: Option<String>,
    launch_id: String,
    intent: String,
    target_link_uri: Url,
    return_uri: Url,
    ctx: Vec<Context>,
}

#[derive(Deserialize)]
struct Events {
    events: Value,
}

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    typ: Option<String>,
    kid: String,
    /// An extension that must be understood (RFC 7515, section 4.1.11); we understand none.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

/// The user the portal vouches for, by either method.
struct Vouched {
    name: String,
    sub: String,
    sid: Option<String>,
    launch: Launch,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: IdToken,
}

/// What is refused, in words for the page.
struct Refused(&'static str);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let page = format!("<p data-testid=\"refused\">{}</p>", self.0);
        (StatusCode::FORBIDDEN, Html(page)).into_response()
    }
}

fn refuse(when: bool, why: &'static str) -> Result<(), Refused> {
    if when { Err(Refused(why)) } else { Ok(()) }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let setting = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
    let origin = Url::parse(&setting("ORIGIN")?)?;
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(5))
        .build()?;
    let receiver = Arc::new(Receiver {
        issuer: IssuerUrl::new(setting("ISSUER")?)?,
        secure: if origin.scheme() == "https" {
            "; Secure"
        } else {
            ""
        },
        origin: origin.origin(),
        client_id: setting("CLIENT_ID")?,
        client_secret: setting("CLIENT_SECRET")?,
        http,
        keys: Mutex::default(),
        taken: Mutex::default(),
        sessions: Mutex::default(),
    });
    let app = Router::new()
        .route("/launch", post(launch))
        .route("/jwt", post(signed_form))
        .route("/backchannel-logout", post(logout))
        .route("/customers/{key}", get(record))
        .layer(DefaultBodyLimit::max(16 * 1024))
        .with_state(receiver);
    let host = setting("HOST").unwrap_or_else(|_| "127.0.0.1".to_owned());
    let listener = tokio::net::TcpListener::bind(format!("{host}:{}", setting("PORT")?)).await?;
    println!("ready");
    Ok(axum::serve(listener, app).await?)
}

/// `POST /launch`: the portal's form with a code.
async fn launch(
    State(app): State<Arc<Receiver>>,
    headers: HeaderMap,
    Form(handoff): Form<Handoff>,
) -> Result<Response, Refused> {
    sent_by_portal(&app, &headers, &handoff.iss)?;
    refuse(!(1..=512).contains(&handoff.code.len()), "no code")?;
    let vouched = app.verified(&app.redeemed(&handoff.code).await?).await?;
    welcome(&app, &headers, vouched)
}

/// `POST /jwt`: the portal's form with everything in it.
async fn signed_form(
    State(app): State<Arc<Receiver>>,
    headers: HeaderMap,
    Form(form): Form<SignedForm>,
) -> Result<Response, Refused> {
    sent_by_portal(&app, &headers, &form.iss)?;
    let claims: Signed<FormClaims> = app.read(&form.jwt, "usher-handoff+jwt").await?;
    let sub = claims.sub.clone().ok_or(Refused("no sub"))?;
    app.take_once(&claims.jti, claims.exp)?;
    let said = claims.more;
    let vouched = Vouched {
        name: said.name.unwrap_or_else(|| sub.clone()),
        sub,
        sid: claims.sid,
        launch: Launch {
            id: said.launch_id,
            intent: said.intent,
            target_link_uri: said.target_link_uri,
            return_uri: said.return_uri,
            ctx: said.ctx,
        },
    };
    welcome(&app, &headers, vouched)
}

/// `POST /backchannel-logout`: from the portal's server, so without cookie and origin; only the
/// token is checked (OpenID Connect Back-Channel Logout 1.0, section 2.6).
async fn logout(
    State(app): State<Arc<Receiver>>,
    Form(logout): Form<Logout>,
) -> Result<Response, (StatusCode, &'static str)> {
    let verified = async {
        let claims: Signed<Events> = app.read(&logout.logout_token, "logout+jwt").await?;
        let is_logout = claims.more.events.get(LOGOUT).is_some_and(Value::is_object);
        refuse(!is_logout, "no logout")?;
        let names_neither = claims.sid.is_none() && claims.sub.is_none();
        refuse(names_neither, "neither sub nor sid")?;
        app.take_once(&claims.jti, claims.exp)?;
        Ok((claims.sid, claims.sub))
    };
    let outcome: Result<_, Refused> = verified.await;
    let (sid, sub) = outcome.map_err(|Refused(why)| (StatusCode::BAD_REQUEST, why))?;
    // With both, the session is what has ended; the user may have others.
    lock(&app.sessions).retain(|_, session| match &sid {
        Some(sid) => session.sid.as_ref() != Some(sid),
        None => sub.as_ref() != Some(&session.sub),
    });
    Ok(([(header::CACHE_CONTROL, "no-store")], StatusCode::OK).into_response())
}

/// No other site may sign users in here (login CSRF).
fn sent_by_portal(app: &Receiver, headers: &HeaderMap, iss: &str) -> Result<(), Refused> {
    let portal = app.issuer.url().origin().ascii_serialization();
    let sent_by = headers.get(header::ORIGIN).map(|value| value.as_bytes());
    refuse(sent_by != Some(portal.as_bytes()), "not sent by the portal")?;
    refuse(iss != app.issuer.as_str(), "foreign issuer")
}

/// A new session under a new id, and on to the record at a clean address.
fn welcome(app: &Receiver, headers: &HeaderMap, vouched: Vouched) -> Result<Response, Refused> {
    let arrived = vouched.launch;
    let target = arrived.target_link_uri.clone();
    let plain = target.username().is_empty() && target.password().is_none();
    refuse(!plain || target.origin() != app.origin, "foreign target")?;
    let is_home = arrived.return_uri.origin() == app.issuer.url().origin();
    refuse(!is_home, "foreign way back")?;
    let id = random();
    let session = Session {
        name: vouched.name,
        sub: vouched.sub,
        sid: vouched.sid,
        launch: Some(arrived),
    };
    let mut sessions = lock(&app.sessions);
    if let Some(before) = session_id(headers) {
        sessions.remove(before); // an earlier session ends
    }
    sessions.insert(id.clone(), session);
    let secure = app.secure;
    let cookie = format!("receiver={id}; Path=/; HttpOnly; SameSite=Lax{secure}");
    Ok((
        [(header::SET_COOKIE, cookie)],
        Redirect::to(target.as_str()),
    )
        .into_response())
}

/// `GET /customers/{key}`: the record, or the way back.
async fn record(
    State(app): State<Arc<Receiver>>,
    headers: HeaderMap,
    Path(key): Path<String>,
) -> Result<Response, Refused> {
    let (name, arrived) = {
        let mut sessions = lock(&app.sessions);
        let session = session_id(&headers).and_then(|id| sessions.get_mut(id));
        let session = session.ok_or(Refused("open this from the portal"))?;
        (session.name.clone(), session.launch.take()) // sent once
    };
    if let Some((key, title)) = RECORDS.iter().find(|(known, _)| *known == key) {
        send_receipt(&app, arrived.as_ref(), json!({ "outcome": "landed" }));
        let name = name.replace('&', "&amp;").replace('<', "&lt;");
        let page = format!(
            "<h1 data-testid=\"record\">{key}</h1><p>{title}</p><p data-testid=\"who\">{name}</p>"
        );
        return Ok(([(header::CACHE_CONTROL, "no-store")], Html(page)).into_response());
    }
    let mut arrived = arrived.ok_or(Refused("no such record"))?;
    let refusal = json!({ "outcome": "refused", "reason": "no_such_record" });
    send_receipt(&app, Some(&arrived), refusal);
    arrived.return_uri.set_query(Some("reason=no_such_record"));
    Ok(Redirect::to(arrived.return_uri.as_str()).into_response())
}

/// The receipt. It is sent in the background: a portal that is down does not delay the page.
fn send_receipt(app: &Receiver, arrived: Option<&Launch>, receipt: Value) {
    let Some(launch) = arrived else { return };
    let address = app.address(&format!("/launches/{}/receipt", launch.id));
    let request = app.as_client(app.http.post(address)).json(&receipt);
    tokio::spawn(async move {
        match request
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
        {
            Ok(_) => (),
            Err(error) => eprintln!("no receipt: {error}"),
        }
    });
}

impl Receiver {
    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.issuer.as_str().trim_end_matches('/'))
    }

    /// Both halves are form-encoded first (RFC 6749, section 2.3.1).
    fn as_client(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        request.basic_auth(encoded(&self.client_id), Some(encoded(&self.client_secret)))
    }

    /// The id_token for a code. What the portal answers beside it is not signed, and not read.
    async fn redeemed(&self, code: &str) -> Result<IdToken, Refused> {
        let request = self.as_client(self.http.post(self.address("/oidc/token")));
        let form = [("grant_type", LAUNCH_GRANT), ("code", code)];
        let answer = request.form(&form).send().await.map_err(away)?;
        refuse(!answer.status().is_success(), "invalid_grant")?;
        let tokens: Tokens = answer.json().await.map_err(away)?;
        Ok(tokens.id_token)
    }

    /// Who and which launch, once everything holds; with new keys if the token names one unknown.
    async fn verified(&self, token: &IdToken) -> Result<Vouched, Refused> {
        let unknown = |error: &ClaimsVerificationError| {
            let ClaimsVerificationError::SignatureVerification(why) = error else {
                return false;
            };
            matches!(why, SignatureVerificationError::NoMatchingKey)
        };
        match self.claims(token, self.keys(KEYS_LIFE).await?) {
            Err(error) if unknown(&error) => self.claims(token, self.keys(KEYS_PAUSE).await?),
            outcome => outcome,
        }
        .map_err(|error| {
            eprintln!("not verified: {error}");
            Refused("not verified")
        })
    }

    fn claims(
        &self,
        token: &IdToken,
        keys: CoreJsonWebKeySet,
    ) -> Result<Vouched, ClaimsVerificationError> {
        let verifier = IdTokenVerifier::new_confidential_client(
            ClientId::new(self.client_id.clone()),
            ClientSecret::new(self.client_secret.clone()),
            self.issuer.clone(),
            keys,
        )
        .set_allowed_algs(ALGORITHMS);
        let no_nonce = |nonce: Option<&Nonce>| match nonce {
            None => Ok(()),
            Some(_) => Err("a hand-off has no nonce".to_owned()),
        };
        let claims = token.claims(&verifier, no_nonce)?;
        let (sub, name) = (claims.subject().to_string(), claims.name());
        let name = name.and_then(|names| names.get(None));
        let Claims { launch, sid } = claims.additional_claims().clone();
        Ok(Vouched {
            name: name.map_or_else(|| sub.clone(), |name| name.to_string()),
            sub,
            sid,
            launch,
        })
    }

    /// A token of this type and no other, signed by the portal, for us alone, and good now.
    async fn read<T: DeserializeOwned>(
        &self,
        token: &str,
        typ: &str,
    ) -> Result<Signed<T>, Refused> {
        let (signed, signature) = token.rsplit_once('.').ok_or(Refused("no token"))?;
        let (header, payload) = signed.split_once('.').ok_or(Refused("no token"))?;
        let header: Header = json_in(header)?;
        let is_typed = header
            .typ
            .is_some_and(|given| given.eq_ignore_ascii_case(typ));
        refuse(!is_typed || header.crit, "a token of another type")?;
        refuse(!ALGORITHMS.contains(&header.alg), "not verified")?;
        let signature = URL_SAFE_NO_PAD.decode(signature);
        let signature = signature.map_err(|_| Refused("no token"))?;
        let known = |keys: CoreJsonWebKeySet| {
            let id = Some(JsonWebKeyId::new(header.kid.clone()));
            let mut keys = keys.keys().iter();
            keys.find(|key| key.key_id() == id.as_ref()).cloned()
        };
        let key = match known(self.keys(KEYS_LIFE).await?) {
            Some(key) => Some(key),
            None => known(self.keys(KEYS_PAUSE).await?),
        };
        let key = key.ok_or(Refused("not verified"))?;
        key.verify_signature(&header.alg, signed.as_bytes(), &signature)
            .map_err(|_| Refused("not verified"))?;
        let claims: Signed<T> = json_in(payload)?;
        refuse(claims.iss != self.issuer.as_str(), "foreign issuer")?;
        let is_ours = claims.aud.as_str() == Some(&self.client_id);
        refuse(!is_ours || claims.nonce, "not made for this")?;
        let begins = claims.nbf.unwrap_or(claims.iat).max(claims.iat);
        let is_good = begins <= now() + LEEWAY && claims.exp > now() - LEEWAY;
        refuse(!is_good, "not good at this time")?;
        Ok(claims)
    }

    /// No token twice, and none that wants to be remembered for long.
    fn take_once(&self, jti: &str, until: i64) -> Result<(), Refused> {
        let mut taken = lock(&self.taken);
        taken.retain(|_, until| *until > now());
        let is_fit = (1..=255).contains(&jti.len()) && until <= now() + 150;
        let is_first = is_fit && taken.insert(jti.to_owned(), until + LEEWAY).is_none();
        refuse(!is_first, "used, or made for long")
    }

    /// The portal's keys, no older than that.
    async fn keys(&self, age: Duration) -> Result<CoreJsonWebKeySet, Refused> {
        if let Some((since, keys)) = &*lock(&self.keys)
            && since.elapsed() < age
        {
            return Ok(keys.clone());
        }
        let answer = self.http.get(self.address("/oidc/jwks")).send().await;
        let keys: CoreJsonWebKeySet = answer.map_err(away)?.json().await.map_err(away)?;
        *lock(&self.keys) = Some((Instant::now(), keys.clone()));
        Ok(keys)
    }
}

fn away(error: reqwest::Error) -> Refused {
    eprintln!("the portal: {error}");
    Refused("the portal does not answer")
}

fn json_in<T: DeserializeOwned>(part: &str) -> Result<T, Refused> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok();
    let value = bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok());
    value.ok_or(Refused("not what such a token says"))
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(deserializer).map(|_| true)
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    })
}

fn session_id(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get(header::COOKIE)?.to_str().ok()?;
    let mut pairs = cookies.split("; ");
    pairs.find_map(|pair| pair.strip_prefix("receiver="))
}

/// 256 random bits.
fn random() -> String {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

fn lock<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}
