//! `local`: accounts stored by Usher itself, checked with argon2id.

use serde::Deserialize;

use super::{
    Answers, IdentityProvider, ProviderFailure, ProviderResponse, Tools, UpstreamArrival, Vouched,
};
use crate::{
    directory::{PasswordCheck, Passwords},
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

    fn complete<'a>(
        &'a self,
        arrival: &'a UpstreamArrival<'a>,
    ) -> BoxFuture<'a, Result<Vouched, ProviderFailure>> {
        Box::pin(async move {
            let ProviderResponse::Password(credentials) = arrival.answer else {
                return Err(ProviderFailure::Wrong);
            };
            let verdict = self
                .passwords
                .check(&credentials.name, &credentials.password, arrival.client)
                .await;
            match verdict.map_err(|error: Error| ProviderFailure::Down(error.to_string()))? {
                PasswordCheck::Busy => Err(ProviderFailure::Busy),
                PasswordCheck::Wrong => Err(ProviderFailure::Wrong),
                PasswordCheck::Right(account) if account.disabled_at.is_some() => {
                    Err(ProviderFailure::Refused("disabled"))
                }
                PasswordCheck::Right(account) => Ok(Vouched::by_password(
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
