//! `local`: accounts kept by Usher itself, checked with argon2id.

use serde::Deserialize;

use super::{Answer, Failure, IdentityProvider, Step};
use crate::{
    directory::{Passwords, Verdict},
    error::Error,
    kind::{BoxFuture, Field, Settings, parse_settings},
    model::identity::Identity,
};

pub(super) const FIELDS: &[Field] = &[];

#[derive(Deserialize)]
struct None {}

struct Local {
    passwords: Passwords,
}

pub(super) fn open(
    settings: &Settings,
    passwords: &Passwords,
) -> Result<Box<dyn IdentityProvider>, String> {
    parse_settings::<None>(FIELDS, settings)?;
    Ok(Box::new(Local {
        passwords: passwords.clone(),
    }))
}

impl IdentityProvider for Local {
    fn begin(&self) -> Step {
        Step::Ask
    }

    fn complete<'a>(&'a self, answer: &'a Answer) -> BoxFuture<'a, Result<Identity, Failure>> {
        Box::pin(async move {
            let Answer::Password(credentials) = answer;
            let verdict = self
                .passwords
                .check(&credentials.name, &credentials.password)
                .await;
            match verdict.map_err(|error: Error| Failure::Down(error.to_string()))? {
                Verdict::Busy => Err(Failure::Busy),
                Verdict::Wrong => Err(Failure::Wrong),
                Verdict::Right(account) if account.disabled_at.is_some() => {
                    Err(Failure::Refused("disabled"))
                }
                Verdict::Right(account) => Ok(Identity {
                    subject: account.subject,
                    login: account.login,
                    name: account.name,
                    attributes: account.attributes,
                }),
            }
        })
    }

    fn check<'a>(&'a self) -> BoxFuture<'a, Result<String, String>> {
        Box::pin(async { Ok("local accounts are kept in the database".to_owned()) })
    }
}
