//! Admission: from what a provider vouches for to a person of ours. One list of steps, the same
//! for every provider and every way in:
//!
//! | step | what it does | what it refuses |
//! | --- | --- | --- |
//! | [`map_attributes`] | their names become ours, by the admin's rules | |
//! | [`is_allowed`] | the admin's condition, on what was mapped | `not-allowed` |
//! | [`match_by_subject`] | (provider, subject), and nothing else: a mail address or a name never finds anybody (THREATS: account-linking takeover) | |
//! | [`is_who_is_meant`] | who confirms is who began; a link is made elsewhere, by proof on both sides, and never here | `another-person` |
//! | [`create_or_refuse`] | whom nobody knows becomes known, if the admin lets them | `unknown` |
//! | [`take_over`] | login, name, attributes and groups, with their source | |
//! | [`is_enabled`] | disabled is disabled, whoever vouches | `disabled` |
//!
//! All of it is one transaction with the session it leads to; a refusal leaves nothing behind.

use std::collections::BTreeMap;

use super::SignIns;
use crate::{
    clock::Time,
    error::{Error, Result},
    id::UserId,
    model::{
        admission::{self, Claimed},
        attempt::{Attempt, Purpose},
        identity::Identity,
        mapping::{RawAttributes, VALUE_CHARS},
        user::User,
    },
    store::Tx,
};

/// An admission that is not committed yet.
pub(super) struct Admission {
    pub tx: Tx,
    pub user: User,
}

/// What a provider says of somebody, in our names.
struct Said<'a> {
    provider: &'a str,
    subject: &'a str,
    login: String,
    name: String,
    attributes: BTreeMap<String, Vec<String>>,
}

/// Why somebody does not come in.
enum No {
    /// A machine word.
    Refused(&'static str),
    /// Two first sign-ins at once: the other one created the person meanwhile.
    Overtaken,
    Own(Error),
}

impl From<Error> for No {
    fn from(error: Error) -> Self {
        No::Own(error)
    }
}

impl SignIns {
    /// The person, or a machine word why not.
    pub(super) async fn admit(
        &self,
        attempt: &Attempt,
        provider: &str,
        identity: &Identity,
    ) -> Result<Result<Admission, &'static str>> {
        for _ in 0..2 {
            match self.steps(attempt, provider, identity).await {
                Ok(admission) => return Ok(Ok(admission)),
                Err(No::Refused(word)) => return Ok(Err(word)),
                Err(No::Own(error)) => return Err(error),
                Err(No::Overtaken) => {}
            }
        }
        Err(Error::NotFound)
    }

    async fn steps(
        &self,
        attempt: &Attempt,
        provider: &str,
        identity: &Identity,
    ) -> Result<Admission, No> {
        let now = self.clock.now();
        let snapshot = self.catalog.snapshot();
        let gate = snapshot.admission(provider).ok_or(Error::NotFound)?;

        let said = map_attributes(gate, provider, identity);
        is_allowed(gate, &said)?;
        let mut tx = self.store.begin().await?;
        let known = match_by_subject(&mut tx, &said).await?;
        is_who_is_meant(attempt, known.as_ref())?;
        let user = match known {
            Some(user) => user,
            None => {
                let id = UserId::new(now, &self.chance);
                create_or_refuse(&mut tx, gate, &said, id, now).await?
            }
        };
        let user = take_over(&mut tx, &said, user, now).await?;
        is_enabled(&user)?;
        Ok(Admission { tx, user })
    }
}

fn map_attributes<'a>(
    gate: &admission::Admission,
    provider: &'a str,
    identity: &'a Identity,
) -> Said<'a> {
    let mapped = gate
        .mapping
        .apply(&RawAttributes::from(&identity.attributes));
    let short = |text: &str| text.chars().take(VALUE_CHARS).collect::<String>();
    let given = |text: &str| Some(short(text.trim())).filter(|text| !text.is_empty());
    let login = mapped.login.or_else(|| given(&identity.login));
    let login = login.unwrap_or_else(|| short(&identity.subject));
    let name = mapped.name.or_else(|| given(&identity.name));
    Said {
        provider,
        subject: &identity.subject,
        name: name.unwrap_or_else(|| login.clone()),
        login,
        attributes: mapped.attributes,
    }
}

fn is_allowed(gate: &admission::Admission, said: &Said) -> Result<(), No> {
    let (allowed, _) = gate.allows(&Claimed {
        attributes: &said.attributes,
        source: said.provider,
    });
    allowed.then_some(()).ok_or(No::Refused("not-allowed"))
}

async fn match_by_subject(tx: &mut Tx, said: &Said<'_>) -> Result<Option<User>> {
    tx.user_by_identity(said.provider, said.subject).await
}

fn is_who_is_meant(attempt: &Attempt, known: Option<&User>) -> Result<(), No> {
    let meant = match &attempt.purpose {
        Purpose::SignIn => true,
        Purpose::Confirm(meant) => known.is_some_and(|user| user.id == *meant),
        Purpose::Link(_) => false,
    };
    meant.then_some(()).ok_or(No::Refused("another-person"))
}

async fn create_or_refuse(
    tx: &mut Tx,
    gate: &admission::Admission,
    said: &Said<'_>,
    id: UserId,
    now: Time,
) -> Result<User, No> {
    if !gate.creates {
        return Err(No::Refused("unknown"));
    }
    let user = User {
        id,
        login: said.login.clone(),
        name: said.name.clone(),
        attributes: Default::default(),
        disabled_at: None,
        admin_at: None,
    };
    tx.insert_user(&user, now).await?;
    let ours = tx
        .insert_identity(said.provider, said.subject, &user.id, now)
        .await?;
    ours.then_some(user).ok_or(No::Overtaken)
}

/// Groups are an attribute like any other: the provider's word replaces what it said before.
async fn take_over(tx: &mut Tx, said: &Said<'_>, user: User, now: Time) -> Result<User> {
    let mut fresh = User {
        login: said.login.clone(),
        name: said.name.clone(),
        ..user
    };
    fresh.attributes.refresh(said.provider, &said.attributes);
    tx.refresh_user(&fresh, now).await
}

fn is_enabled(user: &User) -> Result<(), No> {
    match user.disabled_at {
        None => Ok(()),
        Some(_) => Err(No::Refused("disabled")),
    }
}
