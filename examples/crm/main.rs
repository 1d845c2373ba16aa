//! A small CRM that trusts the portal to identify its users: an ordinary OpenID Connect relying
//! party and nothing more. It uses no library of the portal's; it would work the same with any
//! provider. Copy it as the model for the hand-off methods `oidc` and `link`.
//!
//! # Obligations of a relying party
//!
//! 1. **Start every sign-in yourself.** `/login/initiate` (OpenID Connect Core 1.0,
//!    section 4) is only a request to begin one: the application makes its own `state`,
//!    `nonce` and PKCE verifier, bound to this browser by a cookie, and passes
//!    `login_hint` on untouched. So no other site can start a sign-in of its own here.
//! 2. **Trust one issuer.** `iss` must be the configured one when a sign-in is started
//!    and again when the answer arrives (RFC 9207).
//! 3. **Land inside.** `target_link_uri` must lie in the application's own origin.
//! 4. **Use only what is verified.** Signature, issuer, audience, expiry, nonce and
//!    `at_hash`, before a claim is read.
//! 5. **A new session at each sign-in.** A new id, and an earlier session in this browser ends.
//! 6. **Context is a hint, never a grant.** It is shown, and compared with the record;
//!    what may be done with the record is decided by the application's own rules (here:
//!    a closed account stays as it is, though the portal said `edit`).
//!
//! 7. **End with the portal.** When a session there has ended, the portal sends a signed logout
//!    token, and the sessions that came from it end here.
//! 8. **Report how it ended.** A receipt notifies the portal that the record is shown; where there
//!    is no such record, the user goes back to the portal's page about it.
//!
//! The same program has three variants, because the demo needs them: the CRM, a wiki and a report
//! viewer. The latter two are reached by plain deep links and start their own sign-ins.

mod customer;
#[path = "../demo/mod.rs"]
mod demo;
mod page;
mod record;
mod relying_party;
mod sign_in;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use clap::{Parser, ValueEnum};

use customer::Customers;
use demo::logout::Once;
use demo::provider::Provider;
use demo::server::{armoured, log_to_stderr, serve};
use demo::settings::Settings;
use demo::store::Store;
use sign_in::{Login, Session};

const SESSION_LIFE: Duration = Duration::from_secs(8 * 3600);
/// How long a user may take to sign in at the portal.
const LOGIN_LIFE: Duration = Duration::from_secs(15 * 60);

/// A demo business application that signs users in with OpenID Connect.
#[derive(Parser)]
struct Command {
    #[command(flatten)]
    settings: Settings,
    /// Which application this process is.
    #[arg(long, value_enum, default_value_t = Face::Crm)]
    face: Face,
    /// What else to ask the portal about users, beside their name: `email`, …
    #[arg(long = "scope", value_name = "SCOPE")]
    scopes: Vec<String>,
}

/// What the program shows; how it signs users in is the same for all.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Face {
    Crm,
    Wiki,
    Reports,
}

/// Everything a request may need.
pub struct App {
    settings: Settings,
    face: Face,
    scopes: Vec<String>,
    provider: Provider,
    sessions: Store<Session>,
    logins: Store<Login>,
    logout_tokens: Once,
    customers: Customers,
}

#[tokio::main]
async fn main() -> ExitCode {
    log_to_stderr();
    match run(Command::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            tracing::error!("{message}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), String> {
    let app = Arc::new(App::open(command)?);
    serve(&app.settings, armoured(routes(app.face), Arc::clone(&app))).await
}

fn routes(face: Face) -> Router<Arc<App>> {
    let routes = Router::new()
        .route("/", get(record::list))
        .route("/login", get(sign_in::new))
        .route(
            "/login/initiate",
            get(sign_in::initiate).post(sign_in::initiate),
        )
        .route("/callback", get(sign_in::callback))
        .route("/logout", post(sign_in::delete))
        .route("/backchannel-logout", post(sign_in::end));
    match face {
        Face::Crm => routes.route("/customers/{key}", get(record::show)).route(
            "/customers/{key}/edit",
            get(record::edit).post(record::update),
        ),
        Face::Wiki => routes.route("/pages/{key}", get(record::show)),
        Face::Reports => routes.route("/reports/{key}", get(record::show)),
    }
}

impl App {
    fn open(command: Command) -> Result<Self, String> {
        Ok(Self {
            provider: Provider::open(&command.settings)?,
            sessions: Store::new(SESSION_LIFE),
            logins: Store::new(LOGIN_LIFE),
            logout_tokens: Once::default(),
            customers: Customers::of(command.settings.region),
            face: command.face,
            scopes: command.scopes,
            settings: command.settings,
        })
    }

    /// Cookies of the three variants have different names, for users who run them on one host.
    fn cookie_name(&self, purpose: &str) -> String {
        format!("{}_{purpose}", self.face.slug())
    }
}

impl Face {
    fn slug(self) -> &'static str {
        match self {
            Face::Crm => "crm",
            Face::Wiki => "wiki",
            Face::Reports => "reports",
        }
    }

    /// What the records are called on the start page.
    fn records(self) -> &'static str {
        match self {
            Face::Crm => "Customers",
            Face::Wiki => "Pages about customers",
            Face::Reports => "Reports by customer",
        }
    }

    /// The path of a record.
    fn path(self, key: &str) -> String {
        match self {
            Face::Crm => format!("/customers/{key}"),
            Face::Wiki => format!("/pages/{key}"),
            Face::Reports => format!("/reports/{key}"),
        }
    }
}
