//! `local`: accounts kept by Usher itself, checked with argon2id.

use serde::Deserialize;

use super::{Answer, Answers, Arrival, Failure, IdentityProvider, Tools, Vouched};
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
    tools: &Tools,
) -> Result<Box<dyn IdentityProvider>, String> {
    parse_settings::<None>(FIELDS, settings)?;
    Ok(Box::new(Local {
        passwords: tools.passwords.clone(),
    }))
}

impl IdentityProvider for Local {
    fn answers(&self) -> Answers {
        Answers::Typed
    }

    fn complete<'a>(&'a self, arrival: &'a Arrival<'a>) -> BoxFuture<'a, Result<Vouched, Failure>> {
        Box::pin(async move {
            let Answer::Password(credentials) = arrival.answer else {
                return Err(Failure::Wrong);
            };
            let verdict = self
                .passwords
                .check(&credentials.name, &credentials.password, arrival.asker)
                .await;
            match verdict.map_err(|error: Error| Failure::Down(error.to_string()))? {
                Verdict::Busy => Err(Failure::Busy),
                Verdict::Wrong => Err(Failure::Wrong),
                Verdict::Right(account) if account.disabled_at.is_some() => {
                    Err(Failure::Refused("disabled"))
                }
                Verdict::Right(account) => Ok(Vouched::by_password(
                    Identity {
                        subject: account.subject,
                        login: account.login,
                        name: account.name,
                        attributes: account.attributes,
                        ..Identity::default()
                    },
                    arrival.now,
                )),
            }
        })
    }

    fn check<'a>(&'a self) -> BoxFuture<'a, Result<String, String>> {
        Box::pin(async { Ok("local accounts are kept in the database".to_owned()) })
    }
}
