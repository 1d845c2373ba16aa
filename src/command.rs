//! The command line: one binary, a handful of commands.

mod admin;
mod backup;
mod check;
mod demo;
mod preview;
mod registration;
mod rekey;
pub mod serve;

use std::{path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};

use crate::{
    app::{App, keep_to_ourselves, make_private_dir, open_store},
    chance::Chance,
    clock::Clock,
    config::{Config, LogFormat},
    error::{Error, Result},
    keys::RotationReason,
};

/// Takes people where they need to be: signed in, in their instance, in the right record.
#[derive(Parser)]
#[command(name = "usher", version, about)]
struct Line {
    /// Settings that lay over the built-in reference (`usher config` prints it).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the portal.
    Serve,
    /// Run the portal with demo people, services and remote applications.
    Demo(demo::DemoOptions),
    /// Bring the database up to date.
    Migrate,
    /// Load a catalogue written as TOML: check all of it, then write all of it.
    Seed { file: PathBuf },
    /// Make new signing keys: published first, used after `keys.publish_hours`.
    RotateKeys {
        /// Sign with them at once.
        #[arg(long)]
        now: bool,
        /// And withdraw those before, at once: somebody else may have them.
        #[arg(long, requires = "now")]
        withdraw: bool,
    },
    /// Seal everything anew under another master key. Stop the portal first.
    Rekey(rekey::RekeyOptions),
    /// Shut a user out at once: no sign-in, and every session ends. By sign-in name, or by id where
    /// several users have the name.
    Disable { login: String },
    /// Let a disabled user in again.
    Enable { login: String },
    /// Show what a provider's claims (JSON) or attributes (a line each) in a file would give.
    Preview { provider: String, file: PathBuf },
    /// Who may administer the portal.
    #[command(subcommand)]
    Admin(admin::AdminCommand),
    /// Make a token by which applications may register themselves; it is printed once.
    RegistrationToken(registration::RegistrationOptions),
    /// Applications that registered themselves.
    #[command(subcommand)]
    Client(registration::ClientCommand),
    /// Copy the SQLite database to a new file, whole and checked, while the portal runs.
    Backup { file: PathBuf },
    /// Open everything that is configured and say in plain words what is wrong.
    Check,
    /// Print every setting with its default.
    Config,
}

/// So many users are named in a report, and no more.
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
            // Work on threads of its own may hang; nothing waits for it any more.
            runtime.shutdown_timeout(Duration::from_secs(1));
            outcome
        }
        Err(error) => Err(Error::Internal(error.to_string())),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("usher: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(line: Line) -> Result<ExitCode> {
    if let Command::Config = line.command {
        print!("{}", crate::config::REFERENCE);
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
        Command::Disable { login } => person(config, &login, false).await,
        Command::Enable { login } => person(config, &login, true).await,
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
        .with_writer(std::io::stderr);
    match config.log.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}

async fn migrate(config: &Config) -> Result<()> {
    make_private_dir(&config.data.dir)?;
    let store = open_store(config).await?;
    let pending = store.pending_migrations().await?;
    store.migrate().await?;
    for name in &pending {
        println!("applied: {name}");
    }
    println!("the database is up to date");
    for user in store.renamed_users(MOST_NAMED).await? {
        println!(
            "note: the name \"{}\" is another user's: applications are told {} as \"{}\"",
            user.login, user.id, user.username
        );
    }
    Ok(())
}

async fn seed(config: Config, file: &std::path::Path) -> Result<()> {
    let text = std::fs::read_to_string(file)
        .map_err(|error| Error::Invalid(format!("{}: {error}", file.display())))?;
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let report = app.seed(&text).await?;
    println!(
        "seeded {} providers, {} people, {} context types, {} clients, {} services",
        report.providers, report.people, report.context_types, report.clients, report.services
    );
    for warning in &report.warnings {
        eprintln!("warning: {warning}");
    }
    app.store.close().await;
    Ok(())
}

/// Makes new keys, and says how all of them stand.
async fn rotate_keys(config: Config, turn: RotationReason) -> Result<()> {
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let made = app.rotate_keys_by_hand(turn).await?;
    if made.is_empty() {
        println!("nothing was made: the next keys are waiting already");
    }
    for key in app.provider.keys.standing() {
        let from = key.from.utc();
        println!(
            "{:<8} {:?} from {from}: {}",
            key.purpose, key.state, key.kid
        );
    }
    app.store.close().await;
    Ok(())
}

/// Disables or enables the user who signs in with this name, or has this id. A name may be several
/// users, of different providers: then nobody is touched.
async fn person(config: Config, login: &str, enable: bool) -> Result<ExitCode> {
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let people = admin::meant(&app, login).await?;
    let [person] = people.as_slice() else {
        eprintln!("usher: {}", admin::several(login, &people));
        return Ok(ExitCode::FAILURE);
    };
    if enable {
        app.directory.enable(&person.id).await?;
    } else {
        app.directory.disable(&person.id).await?;
    }
    let word = if enable { "enabled" } else { "disabled" };
    println!("{word}: {} ({})", person.name, person.id);
    app.store.close().await;
    Ok(ExitCode::SUCCESS)
}
