//! Kind confusion (THREATS row 12): every artefact we issue is tried at every place where one of
//! another kind is expected. All of them are refused, nothing is used up by it, and each still
//! works where it belongs.

mod by_client;

use axum::{
    body::Body,
    extract::ConnectInfo,
    http::{Request, header},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use usher::model::client::GrantType;

use crate::issuer_oidc::{refresh::registered, registration};
use support::{
    browser::{Browser, SESSION},
    cas::{BOOKS, SEED, is_valid, ticket},
    gate::{self, Knock},
    relying_party::{
        Ask, RECORD, VERIFIER, access_token, callback, code, field, handle, launch_code, tokens,
    },
    remote::{json, token, token_with},
    server::{PORTAL, TestServer},
};

const HOST: &str = "usher.test";
const BROWSER: &str = "__Host-usher-browser";

/// What there is, and where each belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    SessionCookie,
    BrowserCookie,
    LaunchHandle,
    AuthorizationCode,
    LaunchCode,
    Bearer,
    BearerInForm,
    Attempt,
    Launch,
    IdTokenHint,
    LogoutHint,
    ClientSecret,
    ClientAssertion,
    Refresh,
    Exchange,
    Introspection,
    CasTicket,
    InitialAccess,
    RegistrationAccess,
    RegisteredSecret,
    RequestUri,
    GateTicket,
    GateCookie,
}

use Place::{
    Attempt, AuthorizationCode, Bearer, BearerInForm, BrowserCookie, CasTicket, ClientAssertion,
    ClientSecret, Exchange, GateCookie, GateTicket, IdTokenHint, InitialAccess, Introspection,
    Launch, LaunchCode, LaunchHandle, LogoutHint, Refresh, RegisteredSecret, RegistrationAccess,
    RequestUri, SessionCookie,
};

const PLACES: [Place; 23] = [
    SessionCookie,
    BrowserCookie,
    LaunchHandle,
    AuthorizationCode,
    LaunchCode,
    Bearer,
    BearerInForm,
    Attempt,
    Launch,
    IdTokenHint,
    LogoutHint,
    ClientSecret,
    ClientAssertion,
    Refresh,
    Exchange,
    Introspection,
    CasTicket,
    InitialAccess,
    RegistrationAccess,
    RegisteredSecret,
    RequestUri,
    GateTicket,
    GateCookie,
];

const URN: &str = "urn:ietf:params:oauth:request_uri:";
const API: &str = "https://api.crm-eu.test/";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The tests' catalogue, in which the CRM gets every kind of token.
async fn generous() -> TestServer {
    let draft = registered(|crm| {
        crm.grant_types = vec![GrantType::RefreshToken, GrantType::TokenExchange];
        crm.resources = vec![API.into()];
    });
    TestServer::with(&draft.plus(SEED).plus(gate::SEED)).await
}

/// The name of a pushed request, without its URN.
async fn pushed(usher: &TestServer) -> String {
    let uri = crate::issuer_oidc::pushed::pushed(usher, &Ask::of("crm-eu")).await;
    uri.strip_prefix(URN).expect("a URN").to_owned()
}

/// The name of a signed token.
fn jti(token: &str) -> String {
    let payload = token.split('.').nth(1).expect("claims");
    let payload = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    let claims: Value = serde_json::from_slice(&payload).expect("JSON");
    claims["jti"].as_str().expect("a jti").to_owned()
}

/// One of each kind, all of one user's and one browser's.
struct Loot<'a> {
    usher: &'a TestServer,
    owner: Browser<'a>,
    /// What it is, and the places where it may be used.
    things: Vec<(String, &'static [Place])>,
    attempt: String,
    /// A client that registered itself.
    registered: Value,
}

impl<'a> Loot<'a> {
    /// Cleo may choose where her reports are, so one of her launches is still open.
    async fn of_cleo(usher: &'a TestServer) -> Self {
        let mut cleo = Browser::new(usher);
        let waiting = cleo.get("/sign-in").await;
        let form = cleo.get("/sign-in").await;
        cleo.sign_in(&form, "cleo").await;
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let attempt = last(waiting.url.path());
        let choice = cleo.get("/go/reports/customer/C-1042").await;
        let (answer, _) = tokens(usher, &mut cleo, &Ask::of("crm-eu")).await;
        let more = Ask::of("crm-eu")
            .with("scope", "openid offline_access")
            .with("resource", API);
        let (more, _) = tokens(usher, &mut cleo, &more).await;
        let signed = access_token(&more).to_owned();
        let cookie = |name| cleo.cookie(HOST, name).expect("a cookie").to_owned();
        let (session, browser) = (cookie(SESSION), cookie(BROWSER));
        let id_token = answer["id_token"].as_str().expect("one").to_owned();
        let secret = "secret-of-crm-eu-secret-of-crm-eu-secret".to_owned();
        let registered = registration::registered(usher, serde_json::json!({})).await;
        let own = |member| registration::text(&registered, member).to_owned();
        let mut things: Vec<(String, &'static [Place])> = vec![
            (session, &[SessionCookie]),
            (browser, &[BrowserCookie]),
            (handle(&mut cleo, RECORD).await, &[LaunchHandle]),
            (
                code(&mut cleo, &Ask::of("crm-eu")).await,
                &[AuthorizationCode],
            ),
            (
                launch_code(&mut cleo, "/go/tickets/case/CS-2207").await,
                &[LaunchCode],
            ),
            (
                access_token(&answer).to_owned(),
                &[Bearer, BearerInForm, Exchange, Introspection],
            ),
            (jti(&signed), &[]),
            (signed, &[Introspection]),
            (
                more["refresh_token"].as_str().expect("one").to_owned(),
                &[Introspection, Refresh],
            ),
            (ticket(&mut cleo, BOOKS).await, &[CasTicket]),
            (attempt.clone(), &[Attempt]),
            (last(choice.url.path()), &[Launch]),
            (id_token, &[IdTokenHint, LogoutHint]),
            (secret, &[ClientSecret]),
            (registration::initial(usher, 1).await, &[InitialAccess]),
            (own("registration_access_token"), &[RegistrationAccess]),
            (own("client_secret"), &[RegisteredSecret]),
        ];
        things.push((pushed(usher).await, &[RequestUri]));
        cleo.get("/go/figures").await;
        let cookie = cleo.cookie("page-eu.test", "__Host-usher-gate");
        things.push((cookie.expect("a cookie").to_owned(), &[GateCookie]));
        let handed = cleo.peek("/go/figures").await;
        things.push((field(&handed, "ticket"), &[GateTicket]));
        let owner = cleo;
        Self {
            usher,
            owner,
            things,
            attempt,
            registered,
        }
    }

    /// Whether an artefact is accepted where another kind belongs.
    async fn is_taken(&mut self, thing: &str, place: Place) -> bool {
        match place {
            SessionCookie => {
                let mut browser = Browser::new(self.usher);
                browser.set_cookie(HOST, SESSION, thing);
                browser.peek("/").await.status == 200
            }
            BrowserCookie => {
                let mut browser = Browser::new(self.usher);
                browser.set_cookie(HOST, BROWSER, thing);
                // Another client is asked to sign in, on an attempt of its own.
                let page = browser.peek(&format!("/sign-in/{}", self.attempt)).await;
                page.status == 200 && page.body.contains(&self.attempt)
            }
            LaunchHandle => self.binds(thing).await,
            AuthorizationCode => {
                let uri = callback("crm-eu");
                let form = support::relying_party::form(thing, &uri);
                token(self.usher, "crm-eu", &form).await.0 == 200
            }
            LaunchCode => {
                let form = support::remote::launch_code(thing);
                token(self.usher, "desk-eu", &form).await.0 == 200
            }
            Bearer => support::relying_party::userinfo(self.usher, thing).await.0 == 200,
            BearerInForm => {
                self.posts("/oidc/userinfo", &[("access_token", thing)])
                    .await
            }
            Attempt => {
                // With and without a session; an endpoint that accepts it would redirect.
                let path = format!("/sign-in/{thing}");
                let page = self.owner.peek(&path).await;
                page.status == 303 && page.location() == "/"
            }
            Launch => self.owner.peek(&format!("/launches/{thing}")).await.status == 200,
            IdTokenHint => {
                let ask = Ask::of("crm-eu").with("prompt", "none");
                let path = ask.with("id_token_hint", thing).path();
                self.owner.peek(&path).await.sent().contains_key("code")
            }
            LogoutHint => {
                let path = format!("/oidc/end-session?id_token_hint={thing}");
                let page = self.owner.peek(&path).await;
                page.status == 303
            }
            ClientSecret => {
                let form = [("grant_type", "none")];
                token_with(self.usher, "crm-eu", thing, &form).await.0 == 400
            }
            Refresh => {
                let form = [("grant_type", "refresh_token"), ("refresh_token", thing)];
                token(self.usher, "crm-eu", &form).await.0 == 200
            }
            Exchange => {
                let form = [
                    ("grant_type", EXCHANGE),
                    ("subject_token", thing),
                    (
                        "subject_token_type",
                        "urn:ietf:params:oauth:token-type:access_token",
                    ),
                    ("resource", API),
                ];
                token(self.usher, "crm-eu", &form).await.0 == 200
            }
            Introspection => {
                let secret = "secret-of-crm-eu-secret-of-crm-eu-secret";
                let form = [
                    ("token", thing),
                    ("client_id", "crm-eu"),
                    ("client_secret", secret),
                ];
                let told = self.answer("/oidc/introspect", &form).await.1;
                told["active"] == true
            }
            CasTicket => is_valid(self.usher, BOOKS, thing).await,
            RequestUri => {
                let path = format!("/oidc/authorize?client_id=crm-eu&request_uri={URN}{thing}");
                let page = self.owner.peek(&path).await;
                page.status == 303 && page.sent().contains_key("code")
            }
            GateTicket => {
                let form = format!("ticket={thing}");
                let request = Request::post("/forward-auth/figures/entry")
                    .extension(ConnectInfo(gate::ADDRESS))
                    .header("x-forwarded-proto", "https")
                    .header("x-forwarded-host", "page-eu.test")
                    .header("x-forwarded-uri", "/.usher/enter")
                    .header(header::ORIGIN, PORTAL)
                    .body(Body::from(form));
                self.usher.ask(request.expect("a request")).await.0 == 303
            }
            GateCookie => Knock::at("/").by(thing).status(self.usher).await == 200,
            InitialAccess => {
                let body = registration::notes();
                registration::register(self.usher, thing, &body).await.0 == 201
            }
            RegistrationAccess => {
                let path = registration::path(&self.registered);
                let sent = registration::send(self.usher, "GET", &path, thing, None);
                sent.await.0 == 200
            }
            RegisteredSecret => {
                let id = registration::text(&self.registered, "client_id");
                let form = [("grant_type", "none")];
                token_with(self.usher, id, thing, &form).await.0 == 400
            }
            ClientAssertion => {
                let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                let form = [
                    ("grant_type", "authorization_code"),
                    ("client_id", "crm-eu"),
                    ("client_assertion", thing),
                    ("client_assertion_type", kind),
                    ("code_verifier", VERIFIER),
                ];
                self.posts("/oidc/token", &form).await
            }
        }
    }

    async fn posts(&self, path: &str, form: &[(&str, &str)]) -> bool {
        self.answer(path, form).await.0 != 401
    }

    async fn answer(&self, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body));
        json(self.usher, request.expect("a request")).await
    }

    /// Whether a request with this hint gets a context. The handle's own code is redeemed.
    async fn binds(&mut self, hint: &str) -> bool {
        let ask = Ask::of("crm-eu").with("login_hint", hint);
        let (_, claims) = tokens(self.usher, &mut self.owner, &ask).await;
        claims.get("urn:usher:launch").is_some()
    }
}

#[tokio::test]
async fn kind_confusion_everything_is_refused_where_something_else_belongs() {
    let usher = generous().await;
    let mut loot = Loot::of_cleo(&usher).await;
    let things = loot.things.clone();
    let ended = usher.events_named("session.ended").await;
    for place in PLACES {
        for (thing, home) in things.iter().filter(|(_, home)| !home.contains(&place)) {
            assert!(
                !loot.is_taken(thing, place).await,
                "what belongs at {home:?} is taken at {place:?}"
            );
        }
    }
    // Nothing was used up, revoked or ended on the way.
    assert_eq!(usher.events_named("session.ended").await, ended);
    assert_eq!(usher.events_named("code.reused").await, 0);
    assert!(loot.owner.session().await.is_some());
    for (thing, home) in &things {
        for place in home.iter().filter(|place| **place != LogoutHint) {
            assert!(loot.is_taken(thing, *place).await, "{place:?} is broken");
        }
    }
    let (id_token, _) = things
        .iter()
        .find(|(_, home)| home.contains(&LogoutHint))
        .expect("one");
    assert!(loot.is_taken(id_token, LogoutHint).await);
    assert!(
        loot.owner.session().await.is_none(),
        "and it did sign her out"
    );
}

/// The content of the database is useless to an attacker who reads it.
#[tokio::test]
async fn what_is_stored_opens_nothing() {
    let usher = generous().await;
    let mut loot = Loot::of_cleo(&usher).await;
    for (sql, places) in [
        ("select token_hash from sessions", &[SessionCookie][..]),
        ("select id from sessions", &[SessionCookie, Bearer]),
        ("select browser_hash from attempts", &[BrowserCookie]),
        (
            "select handle_hash from launches where handle_hash is not null",
            &[LaunchHandle],
        ),
        (
            "select code_hash from grants",
            &[AuthorizationCode, LaunchCode],
        ),
        ("select id from grants", &[AuthorizationCode, LaunchCode]),
        (
            "select access_hash from grants where access_hash is not null",
            &[Bearer, BearerInForm],
        ),
        ("select ticket_hash from service_tickets", &[CasTicket]),
        (
            "select ticket_hash from forward_auth_tickets",
            &[GateTicket],
        ),
        (
            "select token_hash from forward_auth_sessions",
            &[GateCookie],
        ),
        ("select uri_hash from pushed_requests", &[RequestUri]),
        (
            "select secret_hash from clients",
            &[ClientSecret, RegisteredSecret],
        ),
        (
            "select token_hash from registration_tokens",
            &[InitialAccess],
        ),
        ("select id from registration_tokens", &[InitialAccess]),
        (
            "select token_hash from registrations",
            &[RegistrationAccess],
        ),
        (
            "select token_hash from refresh_tokens",
            &[Refresh, Introspection],
        ),
    ] {
        let kept = usher.column(sql).await;
        assert!(!kept.is_empty(), "{sql}");
        for thing in kept {
            for place in places {
                assert!(!loot.is_taken(&thing, *place).await, "{sql} at {place:?}");
            }
        }
    }
}

/// A dump of the database has none of the secrets, in any column of any table.
#[tokio::test]
async fn no_bearer_secret_is_stored_in_the_clear() {
    let usher = generous().await;
    let loot = Loot::of_cleo(&usher).await;
    let tables = [
        "select token_hash || id from sessions",
        "select browser_hash || after_text from attempts",
        "select coalesce(handle_hash, '') || coalesce(context, '') || coalesce(target, '') \
         from launches",
        "select code_hash || coalesce(access_hash, '') || coalesce(challenge, '') from grants",
        "select ticket_hash || session_id || url from service_tickets",
        "select ticket_hash || session_id || path from forward_auth_tickets",
        "select token_hash || session_id || coalesce(told, '') from forward_auth_sessions",
        "select uri_hash || request from pushed_requests",
        "select coalesce(data, '') || coalesce(target, '') || coalesce(actor, '') || kind from events",
        "select coalesce(secret_hash, '') || title from clients",
        "select client || token_hash || made_by from registrations",
        "select id || token_hash || title from registration_tokens",
        "select sealed_key from signing_keys",
    ];
    let mut dump = String::new();
    for sql in tables {
        dump.push_str(&usher.column(sql).await.join("\n"));
    }
    let secrets = loot
        .things
        .iter()
        .filter(|(_, home)| !matches!(home, [Attempt] | [Launch]));
    for (secret, home) in secrets {
        let random = secret.get(3..).expect("longer than its prefix");
        assert!(!dump.contains(random), "{home:?}");
    }
}
