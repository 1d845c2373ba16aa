//! A ticket desk without a sign-in of its own: users arrive from the portal with a one-time code,
//! which the desk redeems by a back-channel request. It uses no library of the portal's. Copy it as
//! the model for the hand-off method `code`.
//!
//! # Obligations of the receiver of a one-time code
//!
//! A code comes as a cross-site form post, and the desk did not ask for it. So, unlike
//! the answer of a sign-in the application began itself, it carries no `state` of ours,
//! and an attacker could post their own code into a victim's browser to have the victim work under
//! the attacker's name. Therefore, in this order:
//!
//! 1. **`Origin` must be the portal's.** Missing or `null` is refused as well: browsers
//!    always send it on a form post, and no foreign page can choose it.
//! 2. **`iss` must be the configured issuer**, and the code goes to that issuer's token
//!    endpoint with the desk's own credentials; stolen, it is worth nothing.
//! 3. **Use only the signed id_token**: signature, issuer, audience, expiry,
//!    `at_hash`. User, record and target are read from it and from nowhere else.
//! 4. **Land inside.** The target must lie in the desk's own origin.
//! 5. **Ask before a change of user.** If another user is signed in here, the page
//!    "Continue as …?" stands between.
//! 6. **A new session under a new id, then a clean address** (303), so that reload and
//!    back button never post the code again.
//! 7. **Context is a hint, never a grant.** It is shown, and compared with the record;
//!    what may be done is the desk's own rule (here: a closed case stays closed).
//!
//! 8. **End with the portal.** When a session there has ended, the portal sends a signed logout
//!    token, and the sessions that came from it end here; an arrival that still waits for an
//!    answer, too.
//! 9. **Report how it ended.** A receipt notifies the portal that the record is shown; where there
//!    is no such record, the user goes back to the portal's page about it.
//!
//! A refused code leaves nothing behind: no session, no cookie, no memory.

mod arrival;
mod case;
#[path = "../demo/mod.rs"]
mod demo;
mod page;
mod record;
mod redemption;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use clap::Parser;

use arrival::{Session, Waiting};
use case::Cases;
use demo::logout::Once;
use demo::provider::Provider;
use demo::server::{armoured, log_to_stderr, serve};
use demo::settings::Settings;
use demo::store::Store;

const SESSION_LIFE: Duration = Duration::from_secs(8 * 3600);
/// How long the question "Continue as …?" waits for an answer.
const WAITING_LIFE: Duration = Duration::from_secs(5 * 60);

/// A demo ticket desk that redeems the portal's one-time codes.
#[derive(Parser)]
struct Command {
    #[command(flatten)]
    settings: Settings,
    /// This application's name in the portal's links, for the way back there.
    #[arg(long, value_name = "SLUG", default_value = "tickets")]
    service: String,
}

/// Everything a request may need.
pub struct App {
    settings: Settings,
    service: String,
    provider: Provider,
    sessions: Store<Session>,
    waiting: Store<Waiting>,
    logout_tokens: Once,
    cases: Cases,
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
    serve(&app.settings, armoured(routes(), Arc::clone(&app))).await
}

fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(record::list))
        .route("/cases/{key}", get(record::show))
        .route("/cases/{key}/edit", get(record::edit).post(record::update))
        .route("/customers/{key}", get(record::customer))
        .route("/handoff", post(arrival::create))
        .route("/arrivals/{id}", get(arrival::show).post(arrival::accept))
        .route("/logout", post(arrival::delete))
        .route("/backchannel-logout", post(arrival::end))
}

impl App {
    fn open(command: Command) -> Result<Self, String> {
        Ok(Self {
            provider: Provider::open(&command.settings)?,
            sessions: Store::new(SESSION_LIFE),
            waiting: Store::new(WAITING_LIFE),
            logout_tokens: Once::default(),
            cases: Cases::of(command.settings.region),
            service: command.service,
            settings: command.settings,
        })
    }
}
