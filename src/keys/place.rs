//! The one list of the columns with sealed values. A value can only be sealed for one of them, so
//! that a change of the master key re-encrypts all.

use crate::store::SealedColumn;

/// A column of sealed values, and what they are sealed for.
#[derive(Debug)]
pub struct SealedField {
    /// Description for an operator.
    pub what: &'static str,
    pub column: SealedColumn,
    /// The beginning of their purpose; the names of the row follow.
    word: &'static str,
    /// The purpose is the word alone: a value may be moved to another row.
    is_loose: bool,
}

/// What a value is sealed for: it is not valid anywhere else. A [`SealedField`] makes one, or
/// `SealPurpose::passing` for what has no row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealPurpose {
    /// The kind; each has a key of its own.
    kind: String,
    /// The kind and the names of the row.
    text: String,
}

impl SealedField {
    /// The purpose of one row, by its names in the order of the column's.
    pub fn of(&self, names: &[&str]) -> SealPurpose {
        let kind = self.word.to_owned();
        let text = match self.is_loose {
            true => kind.clone(),
            false => format!("{kind} {}", names.join(" ")),
        };
        SealPurpose { kind, text }
    }
}

impl SealPurpose {
    /// The purpose of values that are not stored: they come back to us through clients.
    pub(super) fn passing(word: &str) -> Self {
        let kind = format!("passing {word}");
        Self {
            text: kind.clone(),
            kind,
        }
    }

    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for SealPurpose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Every place.
pub const PLACES: [&SealedField; 11] = [
    &SIGNING_KEY,
    &PROVIDER,
    &INSTANCE,
    &DOCUMENT,
    &FACTOR,
    &SESSION,
    &ATTEMPT,
    &UPSTREAM_REQUEST,
    &CEREMONY,
    &MAIL,
    &BROWSER_STATE,
];

/// The keys we sign with, and the secret behind pairwise subjects.
pub const SIGNING_KEY: SealedField = SealedField {
    what: "signing keys",
    column: column("signing_keys", "sealed_key", &["kid"]),
    word: "signing key",
    is_loose: false,
};

/// Bind passwords, client secrets.
pub const PROVIDER: SealedField = SealedField {
    what: "settings of identity providers",
    column: column("identity_providers", "sealed_settings", &["slug"]),
    word: "provider",
    is_loose: false,
};

/// Secrets shared with applications.
pub const INSTANCE: SealedField = SealedField {
    what: "secrets of hand-offs",
    column: column("instances", "sealed_settings", &["service", "slug"]),
    word: "handoff",
    is_loose: false,
};

/// What was fetched from a provider.
pub const DOCUMENT: SealedField = SealedField {
    what: "documents of identity providers",
    column: column("documents", "sealed_body", &["provider", "name"]),
    word: "document",
    is_loose: false,
};

/// The secrets of authenticator apps; passkeys.
pub const FACTOR: SealedField = SealedField {
    what: "second factors",
    column: column("factors", "sealed_secret", &["id"]),
    word: "second factor",
    is_loose: false,
};

/// The state for a logout at the provider.
pub const SESSION: SealedField = SealedField {
    what: "sessions with a provider upstream",
    column: column("sessions", "sealed_upstream", &["id"]),
    word: "upstream of",
    is_loose: false,
};

/// The provider's proof, while a second factor is awaited.
pub const ATTEMPT: SealedField = SealedField {
    what: "sign-ins that await a second factor",
    column: column("attempts", "sealed_vouched", &["id"]),
    word: "proof of",
    is_loose: false,
};

pub const UPSTREAM_REQUEST: SealedField = SealedField {
    what: "ways to a provider and back",
    column: column("upstream_requests", "sealed_memory", &["state_hash"]),
    word: "trip",
    is_loose: false,
};

pub const CEREMONY: SealedField = SealedField {
    what: "challenges to authenticators",
    column: column("ceremonies", "sealed_state", &["id"]),
    word: "ceremony",
    is_loose: false,
};

pub const MAIL: SealedField = SealedField {
    what: "mails that wait",
    column: column("mails", "sealed_message", &["id"]),
    word: "mail",
    is_loose: true,
};

/// The results of forms, for the next page.
pub const BROWSER_STATE: SealedField = SealedField {
    what: "answers to forms that a page is to show",
    column: column("browser_states", "sealed_state", &["id"]),
    word: "browser state",
    is_loose: false,
};

const fn column(
    table: &'static str,
    column: &'static str,
    names: &'static [&'static str],
) -> SealedColumn {
    SealedColumn {
        table,
        column,
        names,
    }
}

/// What an identity provider's settings are sealed for.
pub fn provider_purpose(slug: &str) -> SealPurpose {
    PROVIDER.of(&[slug])
}

/// The purpose of an instance's secret settings. Slugs have no spaces, so no two instances share
/// one.
pub fn handoff_purpose(service: &str, instance: &str) -> SealPurpose {
    INSTANCE.of(&[service, instance])
}
