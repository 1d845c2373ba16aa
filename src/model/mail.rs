//! Mail: what is to be sent, stored until the server has accepted it.

use serde::{Deserialize, Serialize};

use crate::id::{AttemptId, UserId};

/// A job that results in a mail. It is stored sealed; a link is created together with the mail, so
/// that the database never contains one, not even sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "errand")]
pub enum MailJob {
    /// A user forgot a password and typed this: the worker finds the accounts, not the request,
    /// which must not take longer for known users (THREATS: user enumeration, timing).
    Find {
        typed: String,
        language: String,
        attempt: Option<AttemptId>,
    },
    /// A link to reset the password of the local account with this subject.
    Reset {
        subject: String,
        language: String,
        attempt: Option<AttemptId>,
    },
    /// The password of this user is kept by another provider.
    Elsewhere {
        user: UserId,
        provider: String,
        language: String,
    },
    /// A link that verifies that a user reads this address.
    Verify {
        user: UserId,
        mail: String,
        language: String,
    },
    /// A password was changed; sent to its user.
    Changed { to: Recipient, language: String },
}

/// The recipient of a mail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipient {
    pub name: String,
    pub mail: String,
}

/// A mail's content; its texts are in the language's catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Reset { link: String },
    Elsewhere { provider: String },
    Verify { link: String },
    Changed,
}

/// A mail that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailMessage {
    pub to: Recipient,
    pub language: String,
    pub content: Content,
}

/// Whether a text can be a mail address. Servers decide whether it is one; this excludes what would
/// break a header, a log line or a search.
pub fn is_address(text: &str) -> bool {
    let plain = |c: char| !c.is_control() && !c.is_whitespace() && !"<>()[]\\,;:\"".contains(c);
    let parts = text.rsplit_once('@');
    text.len() <= 254
        && text.chars().all(plain)
        && parts.is_some_and(|(name, host)| {
            !name.is_empty()
                && !name.contains('@')
                && host.contains('.')
                && !host.contains("..")
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_line_with_a_host() {
        for good in [
            "ana@example.org",
            "a.b+c@sub.example.org",
            "jörg@exämple.org",
        ] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "ana",
            "@example.org",
            "ana@",
            "ana@localhost",
            "a@b@example.org",
            "ana@example.org\r\nBcc: x@example.org",
            "Ana <ana@example.org>",
            "ana @example.org",
            "ana@example..org",
            "ana@.example.org",
            "\"ana\"@example.org",
            "a,b@example.org",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
