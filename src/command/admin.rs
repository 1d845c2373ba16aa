//! `usher admin`: who may administer the portal, for operators who run commands on its machine.

use std::process::ExitCode;

use clap::Subcommand;

use super::counted;
use crate::{
    app::App,
    chance::Chance,
    clock::Clock,
    config::Config,
    directory::{FirstAdminFault, NewAdminForm},
    error::Result,
    id::UserId,
    model::{typed, user::User},
};

#[derive(Subcommand)]
pub enum AdminCommand {
    /// Create an admin with a local account; prints a link for setting the password.
    Create {
        /// Username of the new account.
        login: String,
        /// Display name.
        #[arg(long)]
        name: String,
        /// Email address, for password resets.
        #[arg(long, default_value = "")]
        mail: String,
    },
    /// Grant admin rights to a user who has signed in before.
    Grant {
        /// Username or user ID.
        #[arg(value_name = "USER")]
        person: String,
    },
    /// Revoke admin rights.
    Revoke {
        /// Username or user ID.
        #[arg(value_name = "USER")]
        person: String,
    },
    /// Remove a user's second factors, recovery codes and trusted devices, and end all sessions.
    ResetFactors {
        /// Username or user ID.
        #[arg(value_name = "USER")]
        person: String,
    },
    /// Print a link for setting a new password of a local account.
    Link {
        /// Username of the local account.
        login: String,
    },
    /// List the admins.
    List,
}

pub async fn run(config: Config, act: AdminCommand) -> Result<ExitCode> {
    let app = App::open(config, Clock::system(), Chance::system()).await?;
    let makes_admin = matches!(
        act,
        AdminCommand::Create { .. } | AdminCommand::Grant { .. }
    );
    let code = match act {
        AdminCommand::Create { login, name, mail } => {
            create(&app, NewAdminForm { login, name, mail }).await?
        }
        AdminCommand::Grant { person } => change(&app, &person, true).await?,
        AdminCommand::Revoke { person } => change(&app, &person, false).await?,
        AdminCommand::ResetFactors { person } => reset_factors(&app, &person).await?,
        AdminCommand::Link { login } => link(&app, &login).await?,
        AdminCommand::List => list(&app).await?,
    };
    if makes_admin && code == ExitCode::SUCCESS {
        app.forget_first_admin_link();
    }
    app.store.close().await;
    Ok(code)
}

async fn create(app: &App, newcomer: NewAdminForm) -> Result<ExitCode> {
    let login = typed::login(&newcomer.login);
    match app.directory.admins().create(newcomer).await? {
        Ok(link) => {
            print_line!(
                "{login} is an admin. Link for setting the password (valid once, for one day):"
            );
            print_line!("  {link}");
            Ok(ExitCode::SUCCESS)
        }
        Err(fault) => Ok(refuse(&match fault {
            FirstAdminFault::Login => {
                "a username can contain only letters, digits and . _ - + @".to_owned()
            }
            FirstAdminFault::Taken => format!(
                "there is an account \"{login}\" already: `usher admin grant {login}` makes it an \
                 admin"
            ),
            FirstAdminFault::Name => "a display name has 1 to 100 characters".to_owned(),
            FirstAdminFault::Mail | FirstAdminFault::Password(_) => {
                "this is not an email address".to_owned()
            }
        })),
    }
}

async fn change(app: &App, name_or_id: &str, grant: bool) -> Result<ExitCode> {
    let people = meant(app, name_or_id).await?;
    let [one] = people.as_slice() else {
        return Ok(refuse(&several(name_or_id, &people)));
    };
    let changed = if grant {
        app.directory.admins().grant(&one.id).await?
    } else {
        app.directory.admins().revoke(&one.id).await?
    };
    let word = match (grant, changed) {
        (true, true) => "is an admin now",
        (true, false) => "is an admin already",
        (false, true) => "is no longer an admin",
        (false, false) => "is not an admin",
    };
    print_line!("{} ({}) {word}", one.name, one.id);
    Ok(ExitCode::SUCCESS)
}

async fn reset_factors(app: &App, name_or_id: &str) -> Result<ExitCode> {
    let people = meant(app, name_or_id).await?;
    let [one] = people.as_slice() else {
        return Ok(refuse(&several(name_or_id, &people)));
    };
    let removed = counted(app.factors.reset(&one.id).await?, "second factor");
    print_line!(
        "{} ({}): {removed} removed, all sessions ended; an admin has to set up a new one at the \
         next sign-in",
        one.name,
        one.id
    );
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn meant(app: &App, name_or_id: &str) -> Result<Vec<User>> {
    match UserId::parse(name_or_id) {
        Some(id) => Ok(app.store.user(&id).await?.into_iter().collect()),
        None => app.store.users_by_login(name_or_id).await,
    }
}

pub(super) fn several(name_or_id: &str, people: &[User]) -> String {
    if people.is_empty() {
        return format!("no user \"{name_or_id}\" has signed in yet");
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
    format!("several users have the username \"{name_or_id}\"; give the user ID:\n{each}")
}

async fn link(app: &App, login: &str) -> Result<ExitCode> {
    match app.directory.recoveries().password_link(login).await? {
        Some(link) => {
            print_line!("Link for setting a new password of {login} (valid once, for one day):");
            print_line!("  {link}");
            Ok(ExitCode::SUCCESS)
        }
        None => Ok(refuse(&format!("there is no local account \"{login}\""))),
    }
}

async fn list(app: &App) -> Result<ExitCode> {
    let admins = app.directory.admins().list().await?;
    for admin in &admins {
        let shut = if admin.disabled_at.is_some() {
            ", disabled"
        } else {
            ""
        };
        print_line!("{} {} ({}){shut}", admin.id, admin.login, admin.name);
    }
    if admins.is_empty() {
        print_error!("usher: no admin exists yet: `usher admin create LOGIN --name NAME`");
    }
    Ok(ExitCode::SUCCESS)
}

fn refuse(why: &str) -> ExitCode {
    print_error!("usher: {why}");
    ExitCode::FAILURE
}
