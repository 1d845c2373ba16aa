//! `usher registration-token` and `usher client`: who may register applications, and which ones
//! registered.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::counted;
use crate::{
    app::App, chance::Chance, clock::Clock, config::Config, error::Result, id::RegistrationTokenId,
    model::event::Actor,
};

#[derive(Args)]
pub struct RegistrationOptions {
    /// Number of applications that can register with the token.
    #[arg(long, default_value_t = 1)]
    uses: u32,
    /// Validity in hours.
    #[arg(long, default_value_t = 24)]
    hours: u32,
    /// Description, for example who the token is for.
    #[arg(long, default_value = "")]
    title: String,
    /// List all tokens instead of creating one.
    #[arg(long, conflicts_with_all = ["uses", "hours", "title", "revoke"])]
    list: bool,
    /// Revoke the token with this ID; applications that registered with it are kept.
    #[arg(long, value_name = "ID", conflicts_with_all = ["uses", "hours", "title"])]
    revoke: Option<String>,
}

#[derive(Subcommand)]
pub enum ClientCommand {
    /// List the clients that registered themselves.
    List,
    /// Disable a client; its registration is kept.
    Disable {
        /// Client ID.
        id: String,
    },
    /// Enable a client.
    Enable {
        /// Client ID.
        id: String,
    },
    /// Remove a client, with its tokens and consents.
    Remove {
        /// Client ID.
        id: String,
    },
}

/// `usher registration-token`.
pub async fn tokens(config: Config, options: RegistrationOptions) -> Result<ExitCode> {
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let code = match &options.revoke {
        Some(id) => revoke(&app, id).await?,
        None if options.list => list(&app).await?,
        None => make(&app, &options).await?,
    };
    app.store.close().await;
    Ok(code)
}

async fn make(app: &App, options: &RegistrationOptions) -> Result<ExitCode> {
    let (uses, hours) = (options.uses, options.hours);
    let made = app
        .issuer
        .registration()
        .make_token(&options.title, uses, hours);
    let (token, secret) = made.await?;
    let until = token.expires_at.utc();
    let clients = counted(uses, "client");
    print_line!("{} can register {clients} until {until}.", token.id);
    print_line!("The token is shown only now:");
    print_line!("  {}", secret.as_str());
    Ok(ExitCode::SUCCESS)
}

async fn revoke(app: &App, id: &str) -> Result<ExitCode> {
    let revoked = match RegistrationTokenId::parse(id) {
        Some(id) => app.issuer.registration().revoke_token(&id).await?,
        None => false,
    };
    if !revoked {
        let why = format!("there is no active token \"{id}\"");
        return Ok(refuse(&why));
    }
    print_line!("revoked: {id}");
    Ok(ExitCode::SUCCESS)
}

async fn list(app: &App) -> Result<ExitCode> {
    let now = app.parts.clock.now();
    for token in app.issuer.registration().tokens().await? {
        let state = token.spent(now).unwrap_or("open");
        let (used, uses, until) = (token.used, token.uses, token.expires_at.utc());
        let title = token.title;
        print_line!(
            "{} {state:<8} {used} of {uses}, until {until}  {title}",
            token.id
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// `usher client`.
pub async fn clients(config: Config, act: ClientCommand) -> Result<ExitCode> {
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let registration = app.issuer.registration();
    let code = match act {
        ClientCommand::List => clients_listed(&app).await?,
        ClientCommand::Disable { id } => {
            report("disabled", &id, registration.shut_client(&id, true).await?)
        }
        ClientCommand::Enable { id } => {
            report("enabled", &id, registration.shut_client(&id, false).await?)
        }
        ClientCommand::Remove { id } => {
            let is_gone = registration.remove_client(&id, Actor::Command).await?;
            report("removed", &id, is_gone)
        }
    };
    app.store.close().await;
    Ok(code)
}

async fn clients_listed(app: &App) -> Result<ExitCode> {
    for client in app.issuer.registration().clients().await? {
        let shut = match client.disabled_at {
            Some(_) => ", disabled",
            None => "",
        };
        let (since, by) = (client.provenance.issued_at.utc(), client.provenance.by);
        print_line!(
            "{} since {since} by {by}{shut}: {}",
            client.id,
            client.title
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn report(word: &str, id: &str, done: bool) -> ExitCode {
    if !done {
        return refuse(&format!(
            "no registered client \"{id}\" can be {word} (catalogue clients are changed there)"
        ));
    }
    print_line!("{word}: {id}");
    ExitCode::SUCCESS
}

fn refuse(why: &str) -> ExitCode {
    print_error!("usher: {why}");
    ExitCode::FAILURE
}
