//! `usher registration-token` and `usher client`: who may register applications, and what became
//! of those that did.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::{
    app::App, chance::Chance, clock::Clock, config::Config, error::Result, id::RegistrationTokenId,
};

#[derive(Args)]
pub struct RegistrationOptions {
    /// How many applications may register by it.
    #[arg(long, default_value_t = 1)]
    uses: u32,
    /// For how long.
    #[arg(long, default_value_t = 24)]
    hours: u32,
    /// For whom it is, in your words.
    #[arg(long, default_value = "")]
    title: String,
    /// Print those there are instead.
    #[arg(long, conflicts_with_all = ["uses", "hours", "title", "revoke"])]
    list: bool,
    /// Revoke the one with this id instead; applications that registered by it stay.
    #[arg(long, value_name = "ID", conflicts_with_all = ["uses", "hours", "title"])]
    revoke: Option<String>,
}

#[derive(Subcommand)]
pub enum ClientCommand {
    /// Print the applications that registered themselves.
    List,
    /// Shut one out at once; it is kept.
    Disable { id: String },
    /// Let it in again.
    Enable { id: String },
    /// Remove one, with everything it was given.
    Remove { id: String },
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
        .provider
        .make_registration_token(&options.title, uses, hours);
    let (token, secret) = made.await?;
    let until = token.expires_at.utc();
    println!("{} registers {uses} client(s) until {until}.", token.id);
    println!("It is shown only now:");
    println!("  {}", secret.as_str());
    Ok(ExitCode::SUCCESS)
}

async fn revoke(app: &App, id: &str) -> Result<ExitCode> {
    let revoked = match RegistrationTokenId::parse(id) {
        Some(id) => app.provider.revoke_registration_token(&id).await?,
        None => false,
    };
    if !revoked {
        let why = format!("there is no token \"{id}\" that is not revoked already");
        return Ok(refuse(&why));
    }
    println!("revoked: {id}");
    Ok(ExitCode::SUCCESS)
}

async fn list(app: &App) -> Result<ExitCode> {
    let now = app.parts.clock.now();
    for token in app.provider.registration_tokens().await? {
        let state = token.spent(now).unwrap_or("open");
        let (used, uses, until) = (token.used, token.uses, token.expires_at.utc());
        let title = token.title;
        println!(
            "{} {state:<8} {used} of {uses}, until {until}  {title}",
            token.id
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// `usher client`.
pub async fn clients(config: Config, act: ClientCommand) -> Result<ExitCode> {
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let provider = &app.provider;
    let code = match act {
        ClientCommand::List => clients_listed(&app).await?,
        ClientCommand::Disable { id } => {
            told("disabled", &id, provider.shut_client(&id, true).await?)
        }
        ClientCommand::Enable { id } => {
            told("enabled", &id, provider.shut_client(&id, false).await?)
        }
        ClientCommand::Remove { id } => told("removed", &id, provider.remove_client(&id).await?),
    };
    app.store.close().await;
    Ok(code)
}

async fn clients_listed(app: &App) -> Result<ExitCode> {
    for client in app.provider.registered_clients().await? {
        let shut = match client.disabled_at {
            Some(_) => ", disabled",
            None => "",
        };
        let (since, by) = (client.provenance.issued_at.utc(), client.provenance.by);
        println!(
            "{} since {since} by {by}{shut}: {}",
            client.id, client.title
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn told(word: &str, id: &str, done: bool) -> ExitCode {
    if !done {
        return refuse(&format!(
            "there is no registered client \"{id}\" to be {word} (those of the seed are its file's)"
        ));
    }
    println!("{word}: {id}");
    ExitCode::SUCCESS
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("usher: {why}");
    ExitCode::FAILURE
}
