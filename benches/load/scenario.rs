//! What is done to the portal, on one database: the scenarios in order, each a line of the table.

mod launch;
mod memory;
mod page;
mod sign_in;
mod ticket;
mod token;

use std::sync::Arc;

use support::slapd::Slapd;

use crate::{
    Result, catalogue,
    database::{Database, Kind},
    limit::Limits,
    load::{self, Plan, Work},
    lock::Watch,
    measure::{Measured, median},
    process::{Portal, Running},
    report::{self, Reached},
    upstream::OpenIdProvider,
    visit::{Visitor, Welcome},
};

/// A running portal, and its signed-in users.
pub struct Stage<'a> {
    portal: &'a Portal,
    server: Running,
    plan: &'a Plan,
    /// Their session cookies, one a connection.
    sessions: Vec<String>,
}

/// All scenarios on one database; one that fails says so, and the others go on.
pub async fn all(
    kind: Kind,
    plan: &Plan,
    limits: &Limits,
    (directory, campus): (&Slapd, &Arc<OpenIdProvider>),
) -> Result<Reached> {
    let database = kind.create().await?;
    let portal = portal(&database, directory, campus)?;
    let mut reached = Reached::on(kind);
    let (server, _) = portal.serve().await?;
    let mut stage = Stage {
        portal: &portal,
        server,
        plan,
        sessions: Vec::new(),
    };
    stage.sign_users_in().await?;
    let watch = Watch::of(kind, &portal.database_url());
    let work = launches_and_pages(&stage, limits, &mut reached);
    watch.during(work).await?;
    watch.during(tokens(&stage, limits)).await?;
    watch.during(other_protocols(&stage, limits)).await?;
    stage.report_memory("memory after the lines above")?;
    watch.during(sign_ins(&stage, limits, campus)).await?;
    stage.report_memory("memory after the sign-ins")?;
    let sessions = std::mem::take(&mut stage.sessions);
    stage.server.stop().await?;
    match memory::of_sessions(&portal, plan, &sessions).await {
        Ok(idle) => reached.idle_mb = Some(idle),
        Err(error) => report::aborted("memory of sessions", &error),
    }
    reached.start_ms = starts(&portal, plan).await;
    Ok(reached)
}

fn portal(database: &Database, directory: &Slapd, campus: &OpenIdProvider) -> Result<Portal> {
    let portal = Portal::new(database.home.path().to_owned(), database.url.clone())?;
    portal.seed(&catalogue::text(directory, campus)?)?;
    Ok(portal)
}

async fn launches_and_pages(stage: &Stage<'_>, limits: &Limits, reached: &mut Reached) {
    let launch = |signature| signature + 3.0 * (limits.request + limits.write);
    let floor = launch(limits.es256);
    let outcome = launch::oidc(stage, catalogue::CRM).await;
    reached.launch = shown_signed("OIDC launch, ES256", outcome, floor, limits.es256_rate);
    let outcome = launch::oidc(stage, catalogue::ERP).await;
    shown_signed(
        "OIDC launch, RS256",
        outcome,
        launch(limits.rs256),
        limits.rs256_rate,
    );
    let floor = limits.es256 + 2.0 * (limits.request + limits.write);
    let outcome = launch::by_code(stage).await;
    shown_signed(
        "one-time code launch, ES256",
        outcome,
        floor,
        limits.es256_rate,
    );
    let outcome = page::plain(stage).await;
    reached.page = shown("portal page, 24 tiles", outcome, limits.request);
    shown("the same, gzip", page::packed(stage).await, limits.request);
}

/// Each a request of an application's; with a signature and a row where something new is given.
async fn tokens(stage: &Stage<'_>, limits: &Limits) {
    let given = limits.request + limits.write;
    for (application, signature, rate) in [
        (catalogue::CRM, limits.es256, limits.es256_rate),
        (catalogue::ERP, limits.rs256, limits.rs256_rate),
    ] {
        let algorithm = application.algorithm;
        let signed = |name: &str, outcome| {
            let name = format!("{name}, {algorithm}");
            shown_signed(&name, outcome, given + signature, rate)
        };
        signed(
            "code redeemed, by itself",
            token::redemption(stage, application).await,
        );
        signed(
            "client credentials",
            token::credentials(stage, application).await,
        );
        signed("refresh grant", token::refresh(stage, application).await);
        let outcome = token::introspection(stage, application).await;
        shown(
            &format!("introspection, {algorithm}"),
            outcome,
            limits.request,
        );
    }
    let outcome = token::userinfo(stage, catalogue::CRM).await;
    shown("userinfo", outcome, limits.request);
}

/// What is vouched for in SAML, and in CAS.
async fn other_protocols(stage: &Stage<'_>, limits: &Limits) {
    // Response and assertion are signed, each by itself.
    let floor = limits.request + limits.write + 2.0 * limits.rs256;
    let outcome = ticket::saml(stage).await;
    shown_signed("SAML launch, 2 × RS256", outcome, floor, limits.rs256_rate);
    // The ticket is used up, and the application noted as knowing the user.
    let floor = limits.request + 2.0 * limits.write;
    shown("CAS validation, by itself", ticket::cas(stage).await, floor);
}

async fn sign_ins(stage: &Stage<'_>, limits: &Limits, campus: &Arc<OpenIdProvider>) {
    let sign_in = 3.0 * limits.request + 4.0 * limits.write;
    let outcome = sign_in::local(stage).await;
    shown("sign-in, local account", outcome, sign_in + limits.argon2);
    match sign_in::queued(stage).await {
        Ok((pages, words)) => {
            report::row("portal page, 100 sign-ins queued", &pages, None, None);
            report::fact("  meanwhile", &words);
        }
        Err(error) => report::aborted("portal page, 100 sign-ins queued", &error),
    }
    shown("sign-in, LDAP", sign_in::ldap(stage).await, sign_in);
    shown("sign-in, OIDC", sign_in::oidc(stage, campus).await, sign_in);
    let floor = sign_in + limits.rs256;
    shown("sign-in, SAML", sign_in::saml(stage).await, floor);
}

/// Prints a scenario's line.
fn shown(name: &str, outcome: Result<Measured>, floor: f64) -> Option<Measured> {
    printed(name, outcome, floor, None)
}

/// The same, of a scenario in which something is signed.
fn shown_signed(
    name: &str,
    outcome: Result<Measured>,
    floor: f64,
    signing: f64,
) -> Option<Measured> {
    printed(name, outcome, floor, Some(signing))
}

fn printed(
    name: &str,
    outcome: Result<Measured>,
    floor: f64,
    signing: Option<f64>,
) -> Option<Measured> {
    match outcome {
        Ok(measured) => {
            report::row(name, &measured, Some(floor), signing);
            Some(measured)
        }
        Err(error) => {
            report::aborted(name, &error);
            None
        }
    }
}

/// Time from the start of the process to its first answers, on a database in use.
async fn starts(portal: &Portal, plan: &Plan) -> Option<f64> {
    let (mut alive, mut page) = (Vec::new(), Vec::new());
    for _ in 0..plan.restarts {
        let outcome = async {
            let (server, start) = portal.serve().await?;
            server.stop().await?;
            Ok(start)
        };
        match outcome.await {
            Ok(start) => {
                alive.push(start.alive.as_secs_f64() * 1000.0);
                page.push(start.page.as_secs_f64() * 1000.0);
            }
            Err(error) => {
                let error: String = error;
                report::aborted("start", &error);
                return None;
            }
        }
    }
    let (alive, page) = (median(alive), median(page));
    let words = format!("{alive:.0} ms to /health/live, {page:.0} ms to the sign-in page");
    report::fact("start, median", &words);
    Some(page)
}

impl Stage<'_> {
    fn report_memory(&self, name: &str) -> Result<()> {
        let (now, peak) = (self.server.resident_mb()?, self.server.peak_mb()?);
        report::fact(name, &format!("{now:.1} MB, at most {peak:.1} MB"));
        Ok(())
    }

    async fn sign_users_in(&mut self) -> Result<()> {
        let mut visitor = Visitor::new(self.portal).await?;
        for number in 0..self.plan.connections {
            let name = catalogue::login(number);
            match visitor.sign_in("local", &name, catalogue::PASSWORD).await? {
                Welcome::In => self.sessions.push(visitor.session().to_owned()),
                Welcome::Busy => return Err("busy with one sign-in".to_owned()),
            }
        }
        Ok(())
    }

    /// A browser for every user who is signed in.
    async fn visitors(&self) -> Result<Vec<Visitor>> {
        let mut visitors = Vec::new();
        for session in &self.sessions {
            visitors.push(Visitor::known_by(self.portal, session.clone()).await?);
        }
        Ok(visitors)
    }

    async fn run(&self, works: Vec<impl Work>) -> Result<Measured> {
        load::run(works, self.plan, || self.server.cpu_ms()).await
    }

    /// Of what was made beforehand, all of it.
    async fn run_through(&self, works: Vec<impl Work>) -> Result<Measured> {
        load::run_through(works, self.plan.stock, || self.server.cpu_ms()).await
    }
}
