//! `usher admin`: who may administer the portal, for whoever runs commands on its machine.

use std::process::ExitCode;

use clap::Subcommand;

use crate::{
    app::App,
    chance::Chance,
    clock::Clock,
    config::Config,
    directory::{FirstAdminFault, Newcomer},
    error::Result,
    id::UserId,
    model::{typed, user::User},
};

#[derive(Subcommand)]
pub enum AdminCommand {
    /// Make an admin with a local account; prints the link by which they choose their password.
    Create {
        login: String,
        /// Their name, as others see it.
        #[arg(long)]
        name: String,
        /// Where they are reached if they forget the password.
        #[arg(long, default_value = "")]
        mail: String,
    },
    /// Make somebody an admin who has signed in before: by sign-in name, or by id.
    Grant { person: String },
    /// Take the right away again, at once.
    Revoke { person: String },
    /// Remove a user's second factors, recovery codes and trusted devices, and end their sessions:
    /// for an admin who has lost them. By sign-in name, or by id.
    ResetFactors { person: String },
    /// Print a link by which somebody chooses a new password for their local account.
    Link { login: String },
    /// Print who is an admin.
    List,
}

pub async fn run(config: Config, act: AdminCommand) -> Result<ExitCode> {
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let code = match act {
        AdminCommand::Create { login, name, mail } => {
            create(&app, Newcomer { login, name, mail }).await?
        }
        AdminCommand::Grant { person } => change(&app, &person, true).await?,
        AdminCommand::Revoke { person } => change(&app, &person, false).await?,
        AdminCommand::ResetFactors { person } => reset_factors(&app, &person).await?,
        AdminCommand::Link { login } => link(&app, &login).await?,
        AdminCommand::List => list(&app).await?,
    };
    app.store.close().await;
    Ok(code)
}

async fn create(app: &App, newcomer: Newcomer) -> Result<ExitCode> {
    let login = typed::login(&newcomer.login);
    match app.directory.create_admin(newcomer).await? {
        Ok(link) => {
            println!(
                "{login} is an admin. By this link they choose their password, once, within a day:"
            );
            println!("  {link}");
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => Ok(refuse(&match fault {
            FirstAdminFault::Login => {
                "a sign-in name has letters, digits and . _ - + @ only".to_owned()
            }
            FirstAdminFault::Taken => format!(
                "there is an account \"{login}\" already: `usher admin grant {login}` makes its \
                 person an admin"
            ),
            FirstAdminFault::Name => "a name has 1 to 100 characters".to_owned(),
            FirstAdminFault::Mail | FirstAdminFault::Password(_) => {
                "that is no mail address".to_owned()
            }
        })),
    }
}

async fn change(app: &App, person: &str, grant: bool) -> Result<ExitCode> {
    let people = meant(app, person).await?;
    let [one] = people.as_slice() else {
        return Ok(refuse(&several(person, &people)));
    };
    let changed = if grant {
        app.directory.grant_admin(&one.id).await?
    } else {
        app.directory.revoke_admin(&one.id).await?
    };
    let word = match (grant, changed) {
        (true, true) => "is an admin now",
        (true, false) => "is an admin already",
        (false, true) => "is no admin any longer",
        (false, false) => "is no admin",
    };
    println!("{} ({}) {word}", one.name, one.id);
    Ok(ExitCode::SUCCESS)
}

async fn reset_factors(app: &App, person: &str) -> Result<ExitCode> {
    let people = meant(app, person).await?;
    let [one] = people.as_slice() else {
        return Ok(refuse(&several(person, &people)));
    };
    let count = app.factors.reset(&one.id).await?;
    println!(
        "{} ({}): {count} second factors removed, all sessions ended; an admin sets up a new one at \
         the next sign-in",
        one.name, one.id
    );
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn meant(app: &App, person: &str) -> Result<Vec<User>> {
    match UserId::parse(person) {
        Some(id) => Ok(app.store.user(&id).await?.into_iter().collect()),
        None => app.store.users_by_login(person).await,
    }
}

pub(super) fn several(person: &str, people: &[User]) -> String {
    if people.is_empty() {
        return format!("nobody has signed in as \"{person}\" yet");
    }
    let each: Vec<String> = people
        .iter()
        .map(|user| {
            format!(
                "  {} {}, known to applications as {}",
                user.id, user.name, user.username
            )
        })
        .collect();
    let each = each.join("\n");
    format!("several people sign in as \"{person}\"; say which by id:\n{each}")
}

async fn link(app: &App, login: &str) -> Result<ExitCode> {
    match app.directory.password_link(login).await? {
        Some(link) => {
            println!("By this link {login} chooses a new password, once, within a day:");
            println!("  {link}");
            Ok(ExitCode::SUCCESS)
        }
        None => Ok(refuse(&format!("there is no local account \"{login}\""))),
    }
}

async fn list(app: &App) -> Result<ExitCode> {
    let admins = app.directory.admins().await?;
    for admin in &admins {
        let shut = if admin.disabled_at.is_some() {
            ", disabled"
        } else {
            ""
        };
        println!("{} {} ({}){shut}", admin.id, admin.login, admin.name);
    }
    if admins.is_empty() {
        eprintln!("usher: nobody is an admin yet: `usher admin create LOGIN --name NAME`");
    }
    Ok(ExitCode::SUCCESS)
}

fn refuse(why: &str) -> ExitCode {
    eprintln!("usher: {why}");
    ExitCode::FAILURE
}
