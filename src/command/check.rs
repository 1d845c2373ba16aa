//! `usher check`: opens everything that is configured, and reports what is wrong.

use std::process::ExitCode;

use super::{MOST_NAMED, counted};
use crate::{
    admin::Has,
    app::{App, open_store, readable},
    chance::Chance,
    clock::Clock,
    config::Config,
    error::Result,
    http::server::uses_tls,
    keys::{KeyState, KeyStatus, some_of, unreadable},
};

/// Prints one line per item; fails if one of them is wrong.
pub async fn run(config: Config) -> ExitCode {
    let mut report = CheckReport { wrong: 0 };
    print_line!(
        "ok      configuration: the portal is {}",
        config.server.public_url
    );
    match uses_tls(&config.server) {
        Ok(false) => {}
        Ok(true) => report.line("tls", Ok("certificate and key match".to_owned())),
        Err(error) => report.line("tls", Err(error.to_string())),
    }
    if !config.data.dir.exists() {
        let dir = config.data.dir.display();
        report.line(
            "data.dir",
            Err(format!(
                "{dir} does not exist yet: `usher migrate` creates it"
            )),
        );
        return report.close();
    }
    let open = readable(&config);
    report.line(
        "permissions",
        match open.is_empty() {
            true => Ok("the data directory is private".to_owned()),
            false => Err(format!(
                "readable by other users: {}. Run `chmod go=`, or start the portal, which corrects \
                 the permissions of its own files",
                open.join(", ")
            )),
        },
    );
    let store = match open_store(&config).await {
        Ok(store) => store,
        Err(error) => {
            report.line("database", Err(error.to_string()));
            return report.close();
        }
    };
    let pending = store.pending_migrations().await;
    let is_up_to_date = pending.as_ref().is_ok_and(Vec::is_empty);
    report.line(
        "database",
        match pending {
            Ok(pending) if pending.is_empty() => Ok("reachable and up to date".to_owned()),
            Ok(pending) => Err(format!("needs `usher migrate` ({})", pending.join(", "))),
            Err(error) => Err(error.to_string()),
        },
    );
    store.close().await;
    if is_up_to_date {
        match App::open(config, Clock::system(), Chance::system()).await {
            Ok(app) => modules(&app, &mut report).await,
            Err(error) => report.line("start", Err(error.to_string())),
        }
    }
    report.close()
}

async fn modules(app: &App, report: &mut CheckReport) {
    let lost = unreadable(&app.store, &app.parts.seal).await;
    report.line(
        "keys",
        match lost {
            Ok(lost) if lost.is_empty() => Ok("the master key decrypts all secrets".to_owned()),
            Ok(lost) => Err(format!(
                "the master key does not decrypt {}",
                some_of(&lost)
            )),
            Err(error) => Err(error.to_string()),
        },
    );
    let snapshot = app.catalog.snapshot();
    let found = format!(
        "{}, {}, {}",
        counted(snapshot.services.len(), "service"),
        counted(snapshot.types.len(), "record type"),
        counted(snapshot.clients().count(), "client")
    );
    report.line("catalogue", Ok(found));
    certificates(app, report).await;
    handoffs(app, report);
    shared_clients(app, report);
    if snapshot.providers.is_empty() {
        report.line(
            "sign-in",
            Err("there is no identity provider: `usher seed FILE`".to_owned()),
        );
    }
    for (slug, fault) in snapshot.parts.broken_providers() {
        report.line(&format!("provider \"{slug}\""), Err(fault.clone()));
    }
    for provider in snapshot.parts.usable_providers().iter() {
        let name = format!("provider \"{}\"", provider.slug);
        report.line(&name, provider.part.check().await);
    }
    words(app, report);
    if let Err(error) = names(app, report).await {
        report.line("usernames", Err(error.to_string()));
    }
    report.line("mail", app.directory.mails.check().await);
    app.store.close().await;
}

/// What each provider's statements are trusted for, where the configuration does not say.
fn words(app: &App, report: &mut CheckReport) {
    let snapshot = app.catalog.snapshot();
    let rows = &snapshot.providers;
    let seeded = rows.iter().filter(|row| row.is_seeded);
    if seeded.count() > 1 && rows.iter().all(|row| !row.routing.default) {
        report.warn(
            "providers",
            "none is the default, so the groups of no provider are trusted: mark one as the \
             default (default = true), or set trusted_groups",
        );
    }
    for row in rows {
        let Some(word) = snapshot.word(&row.slug) else {
            continue;
        };
        let name = format!("provider \"{}\"", row.slug);
        if word.is_kept_by_upgrade {
            report.warn(
                &name,
                "its groups and usernames are trusted, as before the upgrade: set trusted_groups \
                 to true, or to false to add a prefix to them",
            );
        }
        if word.is_kept && word.scopes.is_none() {
            report.warn(
                &name,
                "applications that identify users by email address still receive the addresses \
                 from this provider, as before the upgrade: set scopes to the domains that it is \
                 authoritative for",
            );
        }
    }
}

/// User names that several users have.
async fn names(app: &App, report: &mut CheckReport) -> Result<()> {
    for shared in app.store.shared_logins(MOST_NAMED).await? {
        let text = format!(
            "{} users of different providers have this username: commands need the user ID",
            shared.users
        );
        report.warn(&format!("username \"{}\"", shared.login), &text);
    }
    for user in app.store.renamed_users(MOST_NAMED).await? {
        let text = format!(
            "this username belongs to another user, so applications receive \"{}\" for {}",
            user.username, user.id
        );
        report.warn(&format!("username \"{}\"", user.login), &text);
    }
    Ok(())
}

/// One line per service with its strength, and one more for each instance that no user can be sent
/// to.
fn handoffs(app: &App, report: &mut CheckReport) {
    for service in app.administration().services() {
        let name = format!("service \"{}\"", service.slug);
        let stands = match service.strength {
            Some(strength) => format!("{}, strength: {}", service.method, strength.strength()),
            None => format!(
                "{}, strength: none (the application signs users in itself)",
                service.method
            ),
        };
        report.line(&name, Ok(stands));
        if let Some(why) = service.unreachable {
            report.line(&name, Err(why.to_owned()));
        }
        for instance in service.instances {
            if let Some(fault) = instance.fault {
                report.line(&format!("instance \"{}\"", instance.slug), Err(fault));
            }
            if let Some(warning) = instance.warning {
                report.warn(&format!("instance \"{}\"", instance.slug), &warning);
            }
        }
    }
}

/// The state of the SAML signing certificate, and which service providers lack the next one.
async fn certificates(app: &App, report: &mut CheckReport) {
    const WHAT: &str = "SAML certificate";
    let now = app.parts.clock.now();
    let keys = &app.issuer.keys;
    if let Some(ending) = keys.ending() {
        let days = ending.days_left(now).unwrap_or_default();
        let why = match days {
            ..=0 => "it has expired".to_owned(),
            days => format!("it expires in {}", counted(days, "day")),
        };
        let cure = "create the next key with `usher rotate-keys`, and give its certificate to the \
                    service providers that keep a copy";
        let message = format!("{why}: {cure}");
        report.line(WHAT, if days > 7 { Ok(message) } else { Err(message) });
    }
    let Some(next) = keys.standing().into_iter().find(is_next_certificate) else {
        return;
    };
    let parties = app
        .administration()
        .service_providers()
        .await
        .unwrap_or_default();
    let lacking = parties
        .iter()
        .filter(|party| party.has != Has::The(KeyState::Next));
    let lacking: Vec<_> = lacking.map(|party| party.title.as_str()).collect();
    if !lacking.is_empty() {
        let why = format!(
            "the next one is used from {} on; not confirmed at /admin/keys for: {}",
            next.from.utc(),
            lacking.join(", ")
        );
        report.line(WHAT, Ok(why));
    }
}

fn is_next_certificate(key: &KeyStatus) -> bool {
    key.ends.is_some() && key.state == KeyState::Next
}

/// A line for each client that several services name: it is one application, and the rules of all
/// of them apply.
fn shared_clients(app: &App, report: &mut CheckReport) {
    let snapshot = app.catalog.snapshot();
    let mut clients: Vec<_> = snapshot.clients().collect();
    clients.sort_by(|a, b| a.id.cmp(&b.id));
    for client in clients {
        let homes = snapshot.homes(&client.id).into_iter();
        let mut services: Vec<_> = homes.map(|(service, _)| service.slug.as_str()).collect();
        services.dedup();
        if services.len() > 1 {
            let stands = format!(
                "used by the services {}: users with access to any of them can sign in, and the \
                 strictest requirement applies",
                services.join(", ")
            );
            report.line(&format!("client \"{}\"", client.id), Ok(stands));
        }
    }
}

struct CheckReport {
    wrong: usize,
}

impl CheckReport {
    fn line(&mut self, what: &str, outcome: Result<String, String>) {
        match outcome {
            Ok(text) => print_line!("ok      {what}: {text}"),
            Err(text) => {
                self.wrong += 1;
                print_line!("ERROR   {what}: {text}");
            }
        }
    }

    /// Reports something to check that is not an error.
    fn warn(&mut self, what: &str, text: &str) {
        print_line!("WARNING {what}: {text}");
    }

    fn close(self) -> ExitCode {
        if self.wrong == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}
