//! Sign-in against a directory by LDAPv3 (RFC 4511): *search and bind*. A service account looks for
//! exactly one entry, then the user's password is tried by a simple bind as that entry, on a
//! connection of its own. `sign_in` opens it from settings and knows it as an [`IdentityProvider`]
//! only.
//!
//! What must hold whatever the directory does: a name reaches a filter escaped (RFC 4515 section
//! 3); an empty password is never sent, because to a directory it is an anonymous bind that
//! succeeds (RFC 4513 section 5.1.2); an unknown user costs the same search and the same bind as a
//! wrong password; certificates are verified for LDAPS and StartTLS alike; referrals are not
//! followed; every step has a deadline. Nothing that goes into a log names a user.

mod active_directory;
mod ber;
mod change;
mod check;
mod dn;
mod entry;
mod fields;
mod filter;
mod flavour;
mod groups;
mod policy;
mod pool;
mod ranges;
mod reader;
mod search;
mod server;
mod servers;
mod settings;
mod trust;
mod verdict;
mod words;

use std::{
    future::poll_fn,
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use ldap3::{LdapResult, Scope, dn_escape};
use tokio::time::timeout;
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;
use zeroize::Zeroizing;

use self::{
    entry::DirectoryEntry,
    flavour::Flavour,
    search::{LdapSearch, Most},
    server::BindOutcome,
    servers::Servers,
    settings::{LdapConfig, PasswordChange},
    verdict::BindVerdict,
};
use super::{
    Answers, Credentials, Entries, IdentityProvider, ProviderFailure, ProviderResponse,
    UpstreamArrival, Vouched,
};
use crate::{
    clock::{Clock, Time},
    kind::{BoxFuture, Settings},
    model::{identity::Identity, typed},
};

pub use self::fields::FIELDS;

/// Longer names exist in no directory, and would only make a filter expensive.
const LONGEST_NAME: usize = 256;

/// A provider for these settings that takes no longer than `patience` for a sign-in; nothing is
/// connected yet. An error is a sentence for the admin.
pub fn open(
    settings: &Settings,
    clock: &Clock,
    patience: Duration,
) -> Result<Box<dyn IdentityProvider>, String> {
    let config = LdapConfig::parse(settings)?;
    Ok(Box::new(Ldap {
        servers: Servers::new(&config, clock),
        config,
        clock: clock.clone(),
        patience,
    }))
}

struct Ldap {
    config: LdapConfig,
    servers: Servers,
    clock: Clock,
    patience: Duration,
}

impl IdentityProvider for Ldap {
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
            if !is_worth_asking(credentials) {
                return Err(ProviderFailure::Wrong);
            }
            let vouched = self.in_time(self.vouch(credentials, arrival)).await;
            let identity = vouched.map_err(ProviderFailure::Down)??;
            Ok(Vouched::by_password(identity, arrival.now))
        })
    }

    fn counted_as<'t>(&self, typed: &'t str) -> &'t str {
        self.config.counted_as(typed)
    }

    fn changes_passwords(&self) -> bool {
        self.config.password_change != PasswordChange::Off
    }

    fn change_password<'a>(
        &'a self,
        old: &'a Credentials,
        new: &'a str,
        entries: &'a dyn Entries,
    ) -> BoxFuture<'a, Result<(), ProviderFailure>> {
        Box::pin(async move {
            self.in_time(self.change(old, new, entries))
                .await
                .map_err(ProviderFailure::Down)?
        })
    }

    /// Nothing is fetched; idle connections are closed.
    fn refresh<'a>(&'a self, _now: Time) -> BoxFuture<'a, Result<(), String>> {
        Box::pin(async {
            self.servers.reap();
            Ok(())
        })
    }

    fn check<'a>(&'a self) -> BoxFuture<'a, Result<String, String>> {
        Box::pin(async move {
            // Sequentially, so each server may take as long as a whole sign-in.
            let mut fine = Vec::new();
            let mut wrong = Vec::new();
            for server in self.servers.all() {
                match self.in_time(self.examine(server)).await.flatten() {
                    Ok(words) => fine.push(format!("{}: {words}", server.url)),
                    Err(words) => wrong.push(format!("{}: {words}", server.url)),
                }
            }
            if wrong.is_empty() {
                Ok(fine.join("; "))
            } else {
                Err(wrong.join("; "))
            }
        })
    }
}

impl Ldap {
    async fn vouch(
        &self,
        credentials: &Credentials,
        arrival: &UpstreamArrival<'_>,
    ) -> Result<Identity, ProviderFailure> {
        let user = self.find(&credentials.name).await?;
        let dn = self.dn_of(user.as_ref());
        let entry = user.as_ref().map_or(&credentials.name, |_| &dn);
        arrival.entries.count(entry).await?;
        let result = self.prove(&dn, &credentials.password).await?.0.result;
        let Some(user) = user else {
            return Err(ProviderFailure::Wrong);
        };
        match self.verdict(&result, &user, arrival.now) {
            BindVerdict::Right => self.identify(user).await.map_err(ProviderFailure::Down),
            BindVerdict::MustChange => Err(self.must_change()),
            BindVerdict::Refused(word) => Err(ProviderFailure::Refused(word)),
            BindVerdict::Wrong => Err(ProviderFailure::Wrong),
        }
    }

    /// Binds with the normalised password; the directory may have received it as it was typed, so
    /// if that differs, it is tried once.
    async fn prove(
        &self,
        dn: &str,
        password: &str,
    ) -> Result<(BindOutcome, Zeroizing<String>), ProviderFailure> {
        let one_form = typed::password(password);
        let bound = self.servers.bind_as(dn, &one_form).await;
        let bound = bound.map_err(ProviderFailure::Down)?;
        let is_wrong = verdict::on_bind(&bound.result) == BindVerdict::Wrong;
        if !is_wrong || *one_form == password {
            return Ok((bound, one_form));
        }
        let bound = self.servers.bind_as(dn, password).await;
        let as_typed = Zeroizing::new(password.to_owned());
        Ok((bound.map_err(ProviderFailure::Down)?, as_typed))
    }

    /// The directory's answer to a bind, and the account's state where the bind succeeded.
    fn verdict(&self, result: &LdapResult, user: &DirectoryEntry, now: Time) -> BindVerdict {
        match (verdict::on_bind(result), self.config.flavour) {
            (BindVerdict::Right, Flavour::ActiveDirectory) => {
                active_directory::standing(user.entry(), now)
            }
            (verdict, _) => verdict,
        }
    }

    fn must_change(&self) -> ProviderFailure {
        match self.config.password_change {
            PasswordChange::Off => ProviderFailure::Refused("expired"),
            _ => ProviderFailure::Expired,
        }
    }

    /// The one entry of this name; a name found twice matches no user.
    async fn find(&self, typed: &str) -> Result<Option<DirectoryEntry>, ProviderFailure> {
        let Some(name) = self.config.name_in_directory(typed) else {
            return Ok(None);
        };
        let query = LdapSearch {
            base: &self.config.base_dn,
            scope: Scope::Subtree,
            filter: self.config.user_filter.fill(&typed::name(name), ""),
            attributes: self.config.wanted(),
            most: Most::AtOnce(2),
        };
        let mut found = self
            .servers
            .search(&query)
            .await
            .map_err(ProviderFailure::Down)?;
        if found.entries.len() > 1 || !found.is_complete {
            tracing::warn!("a sign-in name matches several entries of the directory; refused");
            return Err(ProviderFailure::Refused("ambiguous"));
        }
        Ok(found.entries.pop().map(DirectoryEntry::new))
    }

    fn dn_of(&self, user: Option<&DirectoryEntry>) -> String {
        user.map_or_else(|| self.unused_name(), |user| user.dn.clone())
    }

    /// A name that no entry has, for the bind by which an unknown user takes as long as a wrong
    /// password.
    fn unused_name(&self) -> String {
        let login = &self.config.login_attribute;
        format!(
            "{login}={},{}",
            dn_escape(Uuid::now_v7().to_string()),
            self.config.base_dn
        )
    }

    async fn identify(&self, mut user: DirectoryEntry) -> Result<Identity, String> {
        let groups = self.groups_of(&user).await?;
        let missing = self.fetch_pieces(&mut user).await?;
        user.identity(&self.config, groups, missing)
    }

    /// Applies the overall deadline. ldap3 panics where an answer is not LDAP at all; that must not
    /// end a worker, so it is treated as any other failure.
    async fn in_time<T>(&self, work: impl Future<Output = T> + Send) -> Result<T, String> {
        let mut work = Box::pin(work);
        let contained = poll_fn(move |context| {
            catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)))
                .map(|poll| poll.map(Ok))
                .unwrap_or_else(|_| Err("the answer is not LDAP".to_owned()).into())
        });
        let (deadline, answers) = (self.deadline(), self.servers.answers());
        timeout(deadline, contained).await.unwrap_or_else(|_| {
            let why = format!("no answer in {} ms", deadline.as_millis());
            self.servers.were_silent_since(answers, &why);
            Err(why)
        })
    }

    /// Allows one fail-over at every step, and always less than the request may take, so that the
    /// error names the directory.
    fn deadline(&self) -> Duration {
        let enough = 2 * (self.config.connect_timeout + self.config.operation_timeout);
        enough.min(self.patience)
    }
}

/// Whether the directory is queried at all.
fn is_worth_asking(credentials: &Credentials) -> bool {
    let Credentials { name, password } = credentials;
    !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && is_spelt_one_way(name)
        && !password.is_empty()
        && !password.contains('\0')
}

/// Directories compare prepared names (RFC 4518 section 2): full-width letters are letters, and
/// consecutive blanks are one. A counter of wrong passwords by name would treat each such spelling
/// as another account, so only the plain one is accepted.
fn is_spelt_one_way(name: &str) -> bool {
    let is_blank_pair = |pair: (char, char)| pair.0.is_whitespace() && pair.1.is_whitespace();
    let name = name.trim();
    !name.chars().any(char::is_control)
        && !name.chars().zip(name.chars().skip(1)).any(is_blank_pair)
        && name.nfc().eq(name.nfkc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_asked(name: &str, password: &str) -> bool {
        let password = Zeroizing::new(password.to_owned());
        is_worth_asking(&Credentials {
            name: name.to_owned(),
            password,
        })
    }

    #[test]
    fn unsafe_credentials_are_refused_before_the_network() {
        assert!(is_asked("ana", "secret"));
        assert!(is_asked("Zoë Ångström", " "));
        assert!(is_asked(&"ä".repeat(256), "secret"));
        for name in [
            "",
            "  ",
            "an\0a",
            "an\na",
            "a  b",
            "\u{ff41}na",
            &"a".repeat(257),
        ] {
            assert!(!is_asked(name, "secret"), "{name:?}");
        }
        for password in ["", "\0", "secret\0"] {
            assert!(!is_asked("ana", password), "{password:?}");
        }
    }
}
