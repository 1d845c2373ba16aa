//! The user names that applications receive. Providers name their users independently, and two of
//! them may use the same name for different users; an application that identifies users by name
//! would confuse them. So a name belongs to one user permanently:
//!
//! - A provider that is trusted gives bare names (`ana`), and so does one whose name is an address
//!   in a domain of its scopes. The names of other providers are qualified: `ana@clinic`.
//! - If a name is taken, the next user gets a qualified one, too.
//! - A name of one user is never given to another.
//!
//! OpenID Connect Core 1.0 section 5.7 warns of `preferred_username` for the same reason.

use super::typed;

/// A name that a provider gives.
#[derive(Clone, Copy, Debug)]
pub struct GivenName<'a> {
    pub login: &'a str,
    /// The provider's slug.
    pub provider: &'a str,
    /// It may stand alone.
    pub is_bare: bool,
}

/// A name that a user has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldUsername {
    pub username: String,
    /// The login that it comes from.
    pub login: String,
    /// Who gave it.
    pub provider: Option<String>,
}

/// So many names are tried; a user for whom all of them are taken is named by their id.
const TRIES: usize = 100;

impl<'a> GivenName<'a> {
    /// The names to try, the best first.
    pub fn candidates(self) -> impl Iterator<Item = String> + use<'a> {
        let Self {
            login, provider, ..
        } = self;
        let bare = self.is_bare.then(|| login.to_owned());
        let numbered = (2..TRIES).map(move |number| format!("{login}~{number}@{provider}"));
        bare.into_iter()
            .chain(std::iter::once(format!("{login}@{provider}")))
            .chain(numbered)
    }
}

impl HeldUsername {
    /// Whether it stays: another provider of the same user does not rename them, and neither does a
    /// provider that says the same as before; but a user with a qualified name may get a better
    /// one.
    pub fn stays(&self, given: &GivenName) -> bool {
        let theirs = self.provider.as_deref() == Some(given.provider);
        let same = folded(&self.login) == folded(given.login);
        !theirs || same && folded(&self.username) == folded(given.login)
    }

    /// Whether it is one of the names that would be given, and as good as any that is free.
    pub fn is(&self, candidate: &str) -> bool {
        folded(&self.username) == folded(candidate)
    }
}

/// The form by which names are the same: as users type them, without regard to case.
pub fn folded(username: &str) -> String {
    typed::login(username)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(is_bare: bool) -> GivenName<'static> {
        GivenName {
            login: "ana",
            provider: "clinic",
            is_bare,
        }
    }

    #[test]
    fn a_name_says_whose_it_is_where_it_may_not_stand_alone() {
        let names = |bare| given(bare).candidates().take(3).collect::<Vec<_>>();
        assert_eq!(names(true), ["ana", "ana@clinic", "ana~2@clinic"]);
        assert_eq!(names(false), ["ana@clinic", "ana~2@clinic", "ana~3@clinic"]);
    }

    #[test]
    fn a_name_stays_unless_its_own_provider_renames_its_user() {
        let held = |username: &str, login: &str, provider: &str| HeldUsername {
            username: username.to_owned(),
            login: login.to_owned(),
            provider: Some(provider.to_owned()),
        };
        assert!(held("ana", "ana", "company").stays(&given(false)));
        assert!(held("bob", "bob", "company").stays(&given(false)));
        assert!(held("Ana", "Ana", "clinic").stays(&given(false)));
        assert!(!held("bob", "bob", "clinic").stays(&given(true)));
        assert!(!held("ana@clinic", "ana", "clinic").stays(&given(true)));
        assert!(held("ana@clinic", "ana", "clinic").is("ANA@clinic"));
    }
}
