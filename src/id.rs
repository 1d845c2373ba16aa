//! Ids of rows, and bearer secrets.
//!
//! An *id* is public: a short readable prefix and a UUIDv7, so ids of one kind sort by time. A
//! *bearer artefact* is a secret: a typed prefix and 256 random bits. Only its SHA-256 is stored,
//! and as the prefix is part of what is hashed, an artefact of one kind is never accepted as
//! another (THREATS: kind confusion).

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::{Builder, Uuid};

use crate::{chance::Chance, clock::Time};

fn fresh(prefix: &str, now: Time, chance: &Chance) -> String {
    format!("{prefix}_{}", uuid(now, chance).simple())
}

fn uuid(now: Time, chance: &Chance) -> Uuid {
    let millis = u64::try_from(now.millis()).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &chance.bytes::<10>()).into_uuid()
}

/// A permanent id for something whose name may change, sortable by time.
pub fn lasting_id(now: Time, chance: &Chance) -> String {
    uuid(now, chance).to_string()
}

/// A value that the store keeps as text: an id, or the hash of a bearer artefact.
pub trait StoredText: Sized {
    fn from_text(text: String) -> Self;

    fn text(&self) -> &str;
}

/// Declares id types: a prefix each, text inside.
macro_rules! ids {
    ($($(#[$about:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// A new one, sortable by time.
            pub fn new(now: Time, chance: &Chance) -> Self {
                Self(fresh($prefix, now, chance))
            }

            /// Parses an id from outside, if it has the right prefix and shape.
            pub fn parse(text: &str) -> Option<Self> {
                let rest = text.strip_prefix($prefix)?.strip_prefix('_')?;
                let fits = rest.len() == 32 && rest.bytes().all(|b| b.is_ascii_hexdigit());
                fits.then(|| Self(text.to_owned()))
            }

            /// An id that was read from the store.
            pub fn stored(text: String) -> Self {
                Self(text)
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl StoredText for $name {
            fn from_text(text: String) -> Self {
                Self(text)
            }

            fn text(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A user.
    UserId = "usr";
    /// A signed-in browser; the `sid` of the tokens we issue.
    SessionId = "ses";
    /// One launch of a user to a service.
    LaunchId = "lau";
    /// One try at signing in.
    AttemptId = "att";
    /// A request of an application while its user signs in, proves more or consents.
    PendingId = "pen";
    /// A form that was sent after its session had ended.
    KeptFormId = "frm";
    /// A code, and the grant behind it.
    GrantId = "gra";
    /// A line of the audit trail.
    EventId = "evt";
    /// A piece of background work.
    JobId = "job";
    /// A second factor of a user's.
    FactorId = "fac";
    /// A WebAuthn challenge that awaits its response.
    CeremonyId = "cer";
    /// A mail to be sent.
    MailId = "eml";
    /// The token that permits registering clients, as admins name it.
    RegistrationTokenId = "rtk";
    /// One request, as logs and error pages name it.
    RequestId = "req";
}

/// The kinds of bearer artefacts. Each has a prefix of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Artefact {
    /// The session cookie.
    Session,
    /// The cookie that marks a browser before a user has signed in.
    Browser,
    /// The opaque `login_hint` of a third-party-initiated login.
    LaunchHandle,
    /// An authorization code (RFC 6749 section 4.1.2).
    AuthorizationCode,
    /// The one-time code of a launch.
    LaunchCode,
    /// An access token for our own userinfo endpoint.
    AccessToken,
    /// OAuth's `state` and SAML's RelayState of a request to an upstream provider.
    State,
    /// A link that works once: to reset a password, to become the first admin.
    Link,
    /// A refresh token (RFC 6749 section 1.5).
    RefreshToken,
    /// The `request_uri` of a pushed authorization request (RFC 9126), without its URN.
    PushedRequest,
    /// The cookie by which a browser that signed out sees which applications were notified.
    Parting,
    /// The `jti` of a JWT access token (RFC 9068): it names the token, and grants no access.
    TokenId,
    /// An initial access token (RFC 7591 section 1.2): its bearer may register clients.
    InitialAccess,
    /// A registration access token (RFC 7592): its bearer manages one client.
    RegistrationAccess,
    /// The secret of a client that registered itself.
    ClientSecret,
    /// The cookie of a browser that a user trusts.
    TrustedDevice,
    /// An artefact that only one downstream protocol issues and redeems; the protocol defines it.
    Protocol(&'static ProtocolArtefact),
}

/// A kind of bearer artefact that a downstream protocol defines.
#[derive(Debug, PartialEq, Eq)]
pub struct ProtocolArtefact {
    /// Unique among all kinds of artefacts.
    pub prefix: &'static str,
    pub alphabet: Alphabet,
}

impl Artefact {
    /// All except those that the protocols define.
    pub const ALL: [Artefact; 16] = [
        Artefact::Session,
        Artefact::Browser,
        Artefact::LaunchHandle,
        Artefact::AuthorizationCode,
        Artefact::LaunchCode,
        Artefact::AccessToken,
        Artefact::State,
        Artefact::Link,
        Artefact::RefreshToken,
        Artefact::PushedRequest,
        Artefact::Parting,
        Artefact::TokenId,
        Artefact::InitialAccess,
        Artefact::RegistrationAccess,
        Artefact::ClientSecret,
        Artefact::TrustedDevice,
    ];

    pub const fn prefix(self) -> &'static str {
        match self {
            Artefact::Session => "us_",
            Artefact::Browser => "ub_",
            Artefact::LaunchHandle => "lh_",
            Artefact::AuthorizationCode => "ac_",
            Artefact::LaunchCode => "hc_",
            Artefact::AccessToken => "ua_",
            Artefact::State => "st_",
            Artefact::Link => "ul_",
            Artefact::RefreshToken => "rt_",
            Artefact::PushedRequest => "pr_",
            Artefact::Parting => "up_",
            Artefact::TokenId => "ti_",
            Artefact::InitialAccess => "ia_",
            Artefact::RegistrationAccess => "ra_",
            Artefact::ClientSecret => "cs_",
            Artefact::TrustedDevice => "td_",
            Artefact::Protocol(own) => own.prefix,
        }
    }

    const fn alphabet(self) -> Alphabet {
        match self {
            Artefact::Protocol(own) => own.alphabet,
            _ => Alphabet::Base64Url,
        }
    }
}

/// The alphabet of the random part of an artefact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alphabet {
    /// OAuth accepts all of it (RFC 6749 appendix A, RFC 6750 section 2.1), and so do URNs, cookies
    /// and RelayState.
    Base64Url,
    /// Letters and digits, for protocols whose clients accept no other characters.
    Alphanumeric,
}

/// At least 256 bits with either alphabet: 43 digits of base 64 or of base 62.
const RANDOM_LENGTH: usize = 43;

impl Alphabet {
    fn random(self, chance: &Chance) -> String {
        match self {
            Self::Base64Url => URL_SAFE_NO_PAD.encode(chance.bytes::<32>()),
            Self::Alphanumeric => alphanumeric(chance),
        }
    }

    fn has(self, byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || (self == Self::Base64Url && matches!(byte, b'-' | b'_'))
    }
}

/// Every character is equally likely: bytes beyond the last multiple of 62 are drawn again.
fn alphanumeric(chance: &Chance) -> String {
    const CHARACTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    std::iter::repeat_with(|| chance.bytes::<32>())
        .flatten()
        .filter(|byte| *byte < 248)
        .map(|byte| char::from(CHARACTERS[usize::from(byte % 62)]))
        .take(RANDOM_LENGTH)
        .collect()
}

/// A bearer secret in the clear. It is shown once and never stored; it has no `Debug`.
#[derive(Clone)]
pub struct Bearer {
    kind: Artefact,
    text: String,
}

impl Bearer {
    pub fn mint(kind: Artefact, chance: &Chance) -> Self {
        let random = kind.alphabet().random(chance);
        Self {
            kind,
            text: format!("{}{random}", kind.prefix()),
        }
    }

    /// Parses an artefact from a request; `None` if it does not have the shape of this kind.
    pub fn parse(kind: Artefact, text: &str) -> Option<Self> {
        let random = text.strip_prefix(kind.prefix())?;
        let alphabet = kind.alphabet();
        let fits = random.len() == RANDOM_LENGTH && random.bytes().all(|byte| alphabet.has(byte));
        fits.then(|| Self {
            kind,
            text: text.to_owned(),
        })
    }

    pub fn kind(&self) -> Artefact {
        self.kind
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The value that the store keeps and looks up.
    pub fn hash(&self) -> BearerHash {
        BearerHash(sha256(&self.text))
    }
}

/// SHA-256 of a bearer artefact, base64url.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerHash(String);

impl BearerHash {
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl StoredText for BearerHash {
    fn from_text(text: String) -> Self {
        Self(text)
    }

    fn text(&self) -> &str {
        &self.0
    }
}

/// SHA-256 as unpadded base64url: for the hashes of secrets, and PKCE (RFC 7636 section 4.2).
pub fn sha256(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, text.as_bytes()))
}

/// Compares two secrets (or their hashes) in a time that does not depend on where they differ.
pub fn same_secret(a: &str, b: &str) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a.as_bytes(), b.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_refuse_other_prefixes() {
        let chance = Chance::seeded(1);
        let first = LaunchId::new(Time::from_secs(1), &chance);
        let second = LaunchId::new(Time::from_secs(2), &chance);
        assert!(first < second);
        assert_eq!(LaunchId::parse(first.as_str()), Some(first.clone()));
        assert_eq!(SessionId::parse(first.as_str()), None);
        assert_eq!(LaunchId::parse("lau_x"), None);
    }

    fn all() -> impl Iterator<Item = Artefact> {
        let own = crate::issuer::artefacts();
        Artefact::ALL.into_iter().chain(own)
    }

    #[test]
    fn no_artefact_parses_as_another_kind() {
        let chance = Chance::seeded(2);
        for made in all() {
            let bearer = Bearer::mint(made, &chance);
            for read in all() {
                assert_eq!(Bearer::parse(read, bearer.as_str()).is_some(), made == read);
            }
        }
    }

    #[test]
    fn every_artefact_is_written_in_the_alphabet_of_its_standard() {
        let chance = Chance::seeded(3);
        // The characters that are allowed in `code`, `state`, tokens (b64token), URNs, cookies and
        // RelayState.
        let of_standard = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        for kind in all() {
            for _ in 0..200 {
                let bearer = Bearer::mint(kind, &chance);
                assert!(
                    bearer.as_str().bytes().all(of_standard),
                    "{}",
                    bearer.as_str()
                );
                assert!(bearer.as_str().len() <= 80, "SAML Bindings section 3.4.3");
            }
        }
    }

    #[test]
    fn pkce_example_of_rfc_7636_appendix_b() {
        let challenge = sha256("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
        assert_eq!(challenge, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
