//! Admission: from a provider's proof to one of our users. One list of steps, the same for every
//! provider and every kind of sign-in:
//!
//! | step | what it does | what it refuses |
//! | --- | --- | --- |
//! | [`map_attributes`] | their names become ours, by the admin's rules | |
//! | [`is_allowed`] | the admin's condition; unknown means no | `not-allowed`, `not-known` |
//! | [`match_by_subject`] | (provider, subject), never a mail address or a name | |
//! | [`is_who_is_meant`] | the user who confirms is the one who began | `another-person` |
//! | [`create_or_refuse`] | creates an unknown user, if the admin allows it | `unknown` |
//! | [`take_over`] | login, name, attributes, groups with their source; username; identity used | |
//! | [`is_enabled`] | a disabled user stays disabled, whichever provider vouches | `disabled` |
//!
//! Matching by anything but the subject would allow takeovers (THREATS: account-linking takeover).
//! A link is made in `link.rs`, by proof on both sides, and never here.
//!
//! All of it is one transaction with the session it leads to; a refusal leaves nothing behind.

use super::SignIns;
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::{Error, Result},
    id::UserId,
    model::{
        admission::{self, ProviderFacts},
        attempt::{Attempt, AttemptPurpose},
        condition::Truth,
        identity::Identity,
        mapping::{RawAttributes, VALUE_CHARS},
        user::{Attributes, SourceAttributes, User},
        username::{GivenName, folded},
    },
    store::Tx,
};

/// An admission that is not committed yet.
pub(super) struct PendingAdmission {
    pub tx: Tx,
    pub user: User,
}

/// What a provider asserts about a user, under our attribute names.
struct MappedIdentity<'a> {
    provider: &'a str,
    subject: &'a str,
    login: String,
    /// Other names of the same user; empty where a rule determines the name.
    other_logins: &'a [String],
    name: String,
    attributes: SourceAttributes,
}

/// A machine-readable word, and the user if they are known: it appears in their own history.
pub(super) struct AdmitRefusal {
    pub word: &'static str,
    pub user: Option<UserId>,
}

/// Why a user is not admitted.
enum AdmitError {
    Refused(AdmitRefusal),
    /// Two first sign-ins at once: the other one created the user meanwhile.
    Overtaken,
    Own(Error),
}

impl AdmitError {
    fn refused(word: &'static str, user: Option<&User>) -> Self {
        let user = user.map(|user| user.id.clone());
        AdmitError::Refused(AdmitRefusal { word, user })
    }
}

impl From<Error> for AdmitError {
    fn from(error: Error) -> Self {
        AdmitError::Own(error)
    }
}

impl SignIns {
    /// The user, or the reason for a refusal.
    pub(super) async fn admit(
        &self,
        attempt: &Attempt,
        provider: &str,
        identity: &Identity,
    ) -> Result<Result<PendingAdmission, AdmitRefusal>> {
        for _ in 0..2 {
            match self.steps(attempt, provider, identity).await {
                Ok(admission) => return Ok(Ok(admission)),
                Err(AdmitError::Refused(refusal)) => return Ok(Err(refusal)),
                Err(AdmitError::Own(error)) => return Err(error),
                Err(AdmitError::Overtaken) => {}
            }
        }
        Err(Error::NotFound)
    }

    /// Whether this user would be admitted at all: linked identities pass the same condition.
    pub(super) fn would_admit(
        &self,
        provider: &str,
        identity: &Identity,
    ) -> Result<Result<(), &'static str>> {
        let snapshot = self.catalog.snapshot();
        let gate = snapshot.admission(provider).ok_or(Error::NotFound)?;
        match is_allowed(gate, &map_attributes(gate, provider, identity)) {
            Ok(()) => Ok(Ok(())),
            Err(AdmitError::Refused(refusal)) => Ok(Err(refusal.word)),
            Err(AdmitError::Own(error)) => Err(error),
            Err(AdmitError::Overtaken) => Err(Error::NotFound),
        }
    }

    async fn steps(
        &self,
        attempt: &Attempt,
        provider: &str,
        identity: &Identity,
    ) -> Result<PendingAdmission, AdmitError> {
        let now = self.clock.now();
        let snapshot = self.catalog.snapshot();
        let gate = snapshot.admission(provider).ok_or(Error::NotFound)?;

        let said = map_attributes(gate, provider, identity);
        is_allowed(gate, &said)?;
        let mut tx = self.store.begin().await?;
        let known = match_by_subject(&mut tx, &said).await?;
        is_expected_user(attempt, known.as_ref())?;
        let said = said.called(known.as_ref());
        let user = match known {
            Some(user) => user,
            None => {
                let id = UserId::new(now, &self.chance);
                create_or_refuse(&mut tx, gate, &said, id, now).await?
            }
        };
        let user = take_over(&mut tx, &snapshot, &said, user, now).await?;
        is_enabled(&user)?;
        Ok(PendingAdmission { tx, user })
    }
}

fn map_attributes<'a>(
    gate: &admission::Admission,
    provider: &'a str,
    identity: &'a Identity,
) -> MappedIdentity<'a> {
    let mapped = gate.mapping.apply(&RawAttributes::from(identity));
    let short = |text: &str| text.chars().take(VALUE_CHARS).collect::<String>();
    let given = |text: &str| Some(short(text.trim())).filter(|text| !text.is_empty());
    let (attributes, by_rule) = (mapped.source_attributes(), mapped.login);
    let other_logins = match by_rule {
        Some(_) => Default::default(),
        None => identity.other_logins.as_slice(),
    };
    let login = by_rule.or_else(|| given(&identity.login));
    let login = login.unwrap_or_else(|| short(&identity.subject));
    let name = mapped.name.or_else(|| given(&identity.name));
    MappedIdentity {
        provider,
        subject: &identity.subject,
        name: name.unwrap_or_else(|| login.clone()),
        login,
        other_logins,
        attributes,
    }
}

impl MappedIdentity<'_> {
    /// A user with several names at the provider keeps the stored one, as long as it is one of
    /// them.
    fn called(mut self, known: Option<&User>) -> Self {
        let on_record = known.and_then(|user| {
            let same = |one: &&String| folded(one) == folded(&user.login);
            self.other_logins.iter().find(same)
        });
        if let Some(login) = on_record {
            self.login = login.chars().take(VALUE_CHARS).collect();
        }
        self
    }
}

fn is_allowed(gate: &admission::Admission, said: &MappedIdentity) -> Result<(), AdmitError> {
    let mut attributes = Attributes::default();
    attributes.take_over(said.provider, &said.attributes);
    let (allowed, findings) = gate.allows(&ProviderFacts {
        attributes: &attributes,
        source: said.provider,
    });
    match allowed {
        Truth::Yes => Ok(()),
        Truth::No => Err(AdmitError::refused("not-allowed", None)),
        Truth::Unknown => {
            let unknown = findings.iter().filter(|one| one.answer == Truth::Unknown);
            let unknown: Vec<&str> = unknown.map(|one| one.attribute.as_str()).collect();
            tracing::warn!(
                provider = said.provider,
                attributes = unknown.join(", "),
                "a user is turned away because the provider did not send all values of an \
                 attribute that its condition asks about"
            );
            Err(AdmitError::refused("not-known", None))
        }
    }
}

async fn match_by_subject(tx: &mut Tx, said: &MappedIdentity<'_>) -> Result<Option<User>> {
    tx.user_by_identity(said.provider, said.subject).await
}

fn is_expected_user(attempt: &Attempt, known: Option<&User>) -> Result<(), AdmitError> {
    let meant = match &attempt.purpose {
        AttemptPurpose::SignIn => true,
        AttemptPurpose::Confirm(meant) => known.is_some_and(|user| user.id == *meant),
        AttemptPurpose::Link(_) => false,
    };
    meant
        .then_some(())
        .ok_or_else(|| AdmitError::refused("another-person", known))
}

async fn create_or_refuse(
    tx: &mut Tx,
    gate: &admission::Admission,
    said: &MappedIdentity<'_>,
    id: UserId,
    now: Time,
) -> Result<User, AdmitError> {
    if !gate.creates {
        return Err(AdmitError::refused("unknown", None));
    }
    // A placeholder until `take_over` sets a name, in the same transaction.
    let id_as_name = id.to_string();
    let user = User {
        id,
        username: id_as_name,
        login: said.login.clone(),
        name: said.name.clone(),
        attributes: Default::default(),
        mail_verified_at: None,
        disabled_at: None,
        admin_at: None,
    };
    tx.insert_user(&user, now).await?;
    let ours = tx
        .insert_identity(said.provider, said.subject, &user.id, now)
        .await?;
    ours.then_some(user).ok_or(AdmitError::Overtaken)
}

/// Groups are an attribute like any other: the provider's new values replace its earlier ones.
async fn take_over(
    tx: &mut Tx,
    snapshot: &Snapshot,
    said: &MappedIdentity<'_>,
    user: User,
    now: Time,
) -> Result<User> {
    let given = snapshot.naming(said.provider, &said.login);
    let mut fresh = User {
        username: username(tx, &user, given, now).await?,
        login: said.login.clone(),
        name: said.name.clone(),
        ..user
    };
    fresh.attributes.take_over(said.provider, &said.attributes);
    tx.use_identity(said.provider, said.subject, now).await?;
    tx.refresh_user(&fresh, now).await
}

/// The username given to applications.
async fn username(tx: &mut Tx, user: &User, given: GivenName<'_>, now: Time) -> Result<String> {
    let held = tx.held_username(user).await?;
    if let Some(held) = &held
        && held.stays(&given)
    {
        return Ok(held.username.clone());
    }
    let name = tx.give_username(&user.id, given, now).await?;
    if given.is_bare && folded(&name) != folded(given.login) && name != user.username {
        tracing::warn!(
            user.id = %user.id,
            provider = given.provider,
            "the name of a user is another user's already: applications receive a qualified one"
        );
    }
    Ok(name)
}

fn is_enabled(user: &User) -> Result<(), AdmitError> {
    match user.disabled_at {
        None => Ok(()),
        Some(_) => Err(AdmitError::refused("disabled", Some(user))),
    }
}
