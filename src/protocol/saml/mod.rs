//! SAML 2.0 in both roles: writing and reading requests, verifying and writing responses, metadata
//! of both sides, single logout. Pure: `now`, bytes and ids come in, values go out.
//!
//! The core is [`fn@verify`], with `signature.rs`: from bytes to a [`VerifiedAssertion`], short
//! enough to be reviewed as a whole. Every document passes [`xml`] first, which accepts only a
//! subset of XML; the signature library sees a document that [`xml`] parsed and wrote, so that two
//! parsers cannot disagree.
//!
//! Core, Bindings, Profiles and Metadata are OASIS SAML V2.0, March 2005, with errata.

pub mod address;
pub mod asked;
pub mod assertion;
pub mod binding;
pub mod certificate;
mod decrypt;
mod encrypt;
pub mod key;
pub mod logout;
pub mod metadata;
pub mod request;
pub mod response;
mod sign;
mod signature;
pub mod time;
pub mod verify;
pub mod xml;

pub use address::Address;
pub use assertion::{NameId, SamlAttribute, VerifiedAssertion, unverified_attributes};
pub use certificate::Certificate;
pub use key::PrivateKey;
pub use verify::{ExpectedAssertion, verify};

/// Namespaces.
pub mod ns {
    pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
    pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
    pub const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
    pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
    pub const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
    pub const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
    pub const EXC_C14N: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
    pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
}

/// The last part of the status of a party that has no session of the user (Core section 3.2.2.2).
pub const UNKNOWN_PRINCIPAL: &str = "UnknownPrincipal";

/// The longest message that is parsed, decoded: an assertion with hundreds of groups is a tenth.
pub const LONGEST_MESSAGE: usize = 512 * 1024;

/// The error for a signature that none of the known keys made: a newer key may have made it.
const NO_KEY: &str = "no key we know made it for this";

/// Why a message is refused. For the log: it names the defect, never a user.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamlFault {
    #[error("not XML that is read here: {0}")]
    Xml(&'static str),
    #[error("not the message it should be: {0}")]
    Shape(&'static str),
    #[error("nothing signed says so: {0}")]
    Unsigned(&'static str),
    #[error("the signature does not hold: {0}")]
    Signature(&'static str),
    #[error("cannot be decrypted: {0}")]
    Encryption(&'static str),
    #[error("not meant for this: {0}")]
    Claim(&'static str),
    #[error("the identity provider answered {0}")]
    Status(Status),
    #[error("metadata: {0}")]
    Metadata(String),
}

impl SamlFault {
    /// Whether newer metadata, with another key, might change the answer.
    pub fn wants_newer_keys(&self) -> bool {
        *self == SamlFault::Signature(NO_KEY)
    }
}

/// A status that is not success, Core section 3.2.2.2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The last part of the innermost code: `AuthnFailed`, `NoPassive`, `RequestDenied`.
    pub code: String,
    /// The other side's text, printable and short.
    pub message: String,
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.code)?;
        if !self.message.is_empty() {
            write!(f, " ({})", self.message)?;
        }
        Ok(())
    }
}
