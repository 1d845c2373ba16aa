//! The command line: one binary, a handful of commands.

#[macro_use]
mod output;

mod admin;
mod backup;
mod check;
mod demo;
mod preview;
mod registration;
mod rekey;
pub mod serve;

use std::{io::IsTerminal, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};

use crate::{
    app::{App, keep_to_ourselves, make_private_dir, open_store},
    chance::Chance,
    clock::Clock,
    config::{self, Config, LogFormat},
    error::{Error, Result},
    keys::RotationReason,
};

/// Web portal for single sign-on and deep links into applications.
#[derive(Parser)]
#[command(name = "usher", version, about)]
struct Line {
    /// Configuration file; overrides the defaults (`usher config` prints them).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the portal.
    Serve,
    /// Run the portal with demo users, services and applications.
    Demo(demo::DemoOptions),
    /// Create the database, or update its schema.
    Migrate,
    /// Check a catalogue file (TOML) and load it: all of it, or nothing.
    Seed {
        /// The catalogue file.
        file: PathBuf,
    },
    /// Rotate the signing keys.
    ///
    /// New keys are published first, and used for signing after `keys.publish_hours` (SAML:
    /// `keys.publish_saml_days`).
    RotateKeys {
        /// Sign with the new keys at once.
        #[arg(long)]
        now: bool,
        /// Revoke the previous keys at once (if compromised).
        #[arg(long, requires = "now")]
        withdraw: bool,
    },
    /// Re-encrypt all secrets with a new master key. Stop the portal first.
    Rekey(rekey::RekeyOptions),
    /// Disable a user: no sign-in, all sessions ended.
    Disable {
        /// Username, or user ID if several users have the name.
        login: String,
    },
    /// Enable a disabled user.
    Enable {
        /// Username, or user ID if several users have the name.
        login: String,
    },
    /// Test the attribute mapping of an identity provider.
    Preview {
        /// Slug of the identity provider.
        provider: String,
        /// File with claims (JSON), a SAML assertion (XML) or attributes (one per line).
        file: PathBuf,
    },
    /// Manage administrators.
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Create, list or revoke tokens with which applications can register themselves.
    RegistrationToken(registration::RegistrationOptions),
    /// Manage clients that registered themselves.
    #[command(subcommand)]
    Client(registration::ClientCommand),
    /// Back up the SQLite database to a new file; the portal can keep running.
    Backup {
        /// File to create; an existing file is not overwritten.
        file: PathBuf,
    },
    /// Check configuration, database, providers and services.
    Check,
    /// Print all settings with their defaults.
    Config,
}

/// The most users that a report names.
const MOST_NAMED: i64 = 50;

/// Runs one command.
pub fn main() -> ExitCode {
    keep_to_ourselves();
    let line = Line::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(run(line));
            // Work on other threads may hang; the process does not wait for it.
            runtime.shutdown_timeout(Duration::from_secs(1));
            outcome
        }
        Err(error) => Err(Error::Internal(error.to_string())),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            print_error!("usher: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(line: Line) -> Result<ExitCode> {
    if let Command::Config = line.command {
        print_line!("{}", config::REFERENCE.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(line.config.as_deref())?;
    start_log(&config)?;
    match line.command {
        Command::Serve => serve::run(config).await.map(|()| ExitCode::SUCCESS),
        Command::Demo(options) => demo::run(config, options).await.map(|()| ExitCode::SUCCESS),
        Command::Migrate => migrate(&config).await.map(|()| ExitCode::SUCCESS),
        Command::Seed { file } => seed(config, &file).await.map(|()| ExitCode::SUCCESS),
        Command::RotateKeys { now, withdraw } => {
            let turn = match (now, withdraw) {
                (_, true) => RotationReason::Leaked,
                (true, false) => RotationReason::AtOnce,
                (false, false) => RotationReason::Early,
            };
            rotate_keys(config, turn).await.map(|()| ExitCode::SUCCESS)
        }
        Command::Rekey(options) => rekey::run(config, options)
            .await
            .map(|()| ExitCode::SUCCESS),
        Command::Disable { login } => set_user_enabled(config, &login, false).await,
        Command::Enable { login } => set_user_enabled(config, &login, true).await,
        Command::Preview { provider, file } => preview::run(config, &provider, &file).await,
        Command::Admin(act) => admin::run(config, act).await,
        Command::RegistrationToken(options) => registration::tokens(config, options).await,
        Command::Client(act) => registration::clients(config, act).await,
        Command::Backup { file } => backup::run(&config, &file).await,
        Command::Check => Ok(check::run(config).await),
        Command::Config => Ok(ExitCode::SUCCESS),
    }
}

fn start_log(config: &Config) -> Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log.filter)
        .map_err(|error| Error::Invalid(format!("configuration: log.filter: {error}")))?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(is_coloured())
        // An error of logging itself is dropped: reporting it would panic.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}

/// Colours are for a terminal: in a file they would be codes. `NO_COLOR` switches them off
/// (no-color.org).
fn is_coloured() -> bool {
    let is_unwanted = config::variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    std::io::stderr().is_terminal() && !is_unwanted
}

async fn migrate(config: &Config) -> Result<()> {
    make_private_dir(&config.data.dir)?;
    let store = open_store(config).await?;
    let pending = store.pending_migrations().await?;
    store.migrate().await?;
    for name in &pending {
        print_line!("applied: {name}");
    }
    print_line!("the database is up to date");
    for user in store.renamed_users(MOST_NAMED).await? {
        print_line!(
            "note: the username \"{}\" belongs to another user: applications receive \"{}\" for {}",
            user.login,
            user.username,
            user.id
        );
    }
    Ok(())
}

async fn seed(config: Config, file: &std::path::Path) -> Result<()> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Error::Invalid(format!("{}: {error}", file.display())))?;
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let report = app.seed(&text).await?;
    print_line!(
        "loaded: {}, {}, {}, {}, {}",
        counted(report.providers, "identity provider"),
        counted(report.accounts, "account"),
        counted(report.context_types, "record type"),
        counted(report.clients, "client"),
        counted(report.services, "service")
    );
    for warning in &report.warnings {
        print_error!("warning: {warning}");
    }
    app.store.close().await;
    Ok(())
}

/// "1 client", "2 clients".
fn counted(count: impl std::fmt::Display, noun: &str) -> String {
    let count = count.to_string();
    let ending = if count == "1" { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

/// Makes new keys, and prints the state of all of them.
async fn rotate_keys(config: Config, turn: RotationReason) -> Result<()> {
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let made = app.rotate_keys_by_hand(turn).await?;
    if made.is_empty() {
        print_line!("no keys were created: the next keys exist already");
    }
    for key in app.issuer.keys.standing() {
        let from = key.from.utc();
        print_line!(
            "{:<8} {:?} from {from}: {}",
            key.purpose,
            key.state,
            key.kid
        );
    }
    app.store.close().await;
    Ok(())
}

/// Disables or enables the user who signs in with this name, or has this id. A name may belong to
/// several users of different providers: then no user is changed.
async fn set_user_enabled(config: Config, login: &str, enable: bool) -> Result<ExitCode> {
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let people = admin::meant(&app, login).await?;
    let [user] = people.as_slice() else {
        print_error!("usher: {}", admin::several(login, &people));
        return Ok(ExitCode::FAILURE);
    };
    if enable {
        app.directory.enable(&user.id).await?;
    } else {
        app.directory.disable(&user.id).await?;
    }
    let word = if enable { "enabled" } else { "disabled" };
    print_line!("{word}: {} ({})", user.name, user.id);
    app.store.close().await;
    Ok(ExitCode::SUCCESS)
}
