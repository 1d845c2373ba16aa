//! A user's own means of authentication, besides their provider: an authenticator app, a passkey or
//! security key, and recovery codes in case both are lost.

use std::{borrow::Cow, time::Duration};

use super::session::Session;
use crate::{
    clock::Time,
    id::{FactorId, UserId, sha256},
};

/// A second factor of a user's.
#[derive(Clone, Debug)]
pub struct Factor {
    pub id: FactorId,
    pub user: UserId,
    pub kind: FactorKind,
    /// The name that its owner gave it.
    pub title: String,
    pub created_at: Time,
    /// When it was first proved; before that it cannot be used.
    pub confirmed_at: Option<Time>,
    pub used_at: Option<Time>,
}

/// A browser in which its user need not repeat the second factor for a time.
#[derive(Clone, Debug)]
pub struct TrustedDevice {
    /// The browser's user agent (RFC 9110 section 10.1.5).
    pub user_agent: String,
    pub created_at: Time,
    pub expires_at: Time,
}

/// When a sign-in requires a second factor beyond the rules.
#[derive(Clone, Copy, Debug)]
pub struct FactorPolicy {
    /// Users who have one are asked for it at each new sign-in.
    pub when_enrolled: bool,
    /// Admins need one; an admin without one enrols at the next sign-in.
    pub admins: bool,
    /// How long a user may trust a device; `None` where that is not offered. Rules and admins are
    /// not exempt.
    pub trust: Option<Duration>,
    /// Whether passkeys work at the portal's address.
    pub passkeys: bool,
}

/// The method that a factor was set up for, by its name in `factors`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorKind(Cow<'static, str>);

impl FactorKind {
    pub const fn new(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// An id that was read from the store.
    pub fn stored(name: String) -> Self {
        Self(Cow::Owned(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Normalises the name a user gives a factor: one line, of limited length. `None` if it is empty.
pub fn title(text: &str) -> Option<String> {
    let text: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text: String = text.chars().take(LONGEST_TITLE).collect();
    (!text.is_empty()).then_some(text)
}

pub const LONGEST_TITLE: usize = 60;

/// How long a proof lets a user change their factors.
pub const RECENT: Duration = Duration::from_secs(600);

/// The proof that is missing before a user may change their factors: an intruder in an open session
/// must not be able to take over the account permanently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// The first factor, again.
    Identity,
    /// One of the factors they have.
    Factor,
}

/// Whether this session's proofs are recent enough to change factors.
pub fn may_change(session: &Session, has_factors: bool, now: Time) -> Result<(), Missing> {
    let recent = |at: Time| now.since(at) < RECENT;
    if has_factors {
        let proved = session.factor_at.is_some_and(recent);
        proved.then_some(()).ok_or(Missing::Factor)
    } else {
        let proved = session.proved_at.is_some_and(recent);
        proved.then_some(()).ok_or(Missing::Identity)
    }
}

/// A code in case every other factor is lost: 80 random bits in Crockford's base32, which has no
/// letters that look like digits. Stored as a hash only.
#[derive(Clone, PartialEq, Eq)]
pub struct RecoveryCode(String);

/// How many are given at a time.
pub const RECOVERY_CODES: usize = 10;

const CROCKFORD: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl RecoveryCode {
    pub fn of(random: [u8; 16]) -> Self {
        let symbol = |byte: u8| char::from(CROCKFORD[usize::from(byte & 31)]);
        Self(random.into_iter().map(symbol).collect())
    }

    /// Parses a code in any case and grouping.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .take(17);
        let code: Option<String> = plain.map(symbol).collect();
        code.filter(|code| code.len() == 16).map(Self)
    }

    /// In groups of four, as it is shown.
    pub fn to_text(&self) -> String {
        let groups = self.0.as_bytes().chunks(4);
        let groups: Vec<_> = groups.map(String::from_utf8_lossy).collect();
        groups.join("-")
    }

    /// The stored value. The user is part of it: a code is valid for no other user.
    pub fn hash(&self, user: &UserId) -> String {
        sha256(&format!("recovery code {user} {}", self.0))
    }
}

fn symbol(typed: char) -> Option<char> {
    let upper = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let known = u8::try_from(upper).is_ok_and(|byte| CROCKFORD.contains(&byte));
    known.then_some(upper)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    #[test]
    fn a_recovery_code_is_read_however_it_is_typed() {
        let code = RecoveryCode::of(Chance::seeded(1).bytes());
        let text = code.to_text();
        assert_eq!(text.len(), 19, "{text}");
        let spaced = format!(" {} ", text.to_lowercase().replace('-', " "));
        for typed in [text.as_str(), spaced.as_str(), &text.replace('-', "")] {
            assert!(RecoveryCode::parse(typed).is_some_and(|read| read == code));
        }
        let zeros = RecoveryCode::of([0; 16]);
        assert!(RecoveryCode::parse("OOOO-oooo-0000-OOOO").is_some_and(|read| read == zeros));
    }

    #[test]
    fn what_is_no_recovery_code_is_none() {
        let longer = "0".repeat(17);
        for bad in [
            "",
            "123456",
            "0000-0000-0000-000",
            &longer,
            "UUUU-UUUU-UUUU-UUUU",
            "0000-0000-0000-000\0",
        ] {
            assert!(RecoveryCode::parse(bad).is_none(), "{bad:?}");
        }
    }

    #[test]
    fn the_same_code_of_another_user_is_another_code() {
        let chance = Chance::seeded(2);
        let code = RecoveryCode::of(chance.bytes());
        let [ana, ben] = [1, 2].map(|at| UserId::new(Time::from_secs(at), &chance));
        assert_ne!(code.hash(&ana), code.hash(&ben));
    }

    #[test]
    fn a_title_is_one_line() {
        assert_eq!(title(" My\n\tkey \0").as_deref(), Some("My key"));
        assert_eq!(title(&"x".repeat(99)).map(|text| text.len()), Some(60));
        assert_eq!(title(" \n "), None);
    }
}
