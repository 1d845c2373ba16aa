//! Directories' answers in words, for the log and for `usher check`: why one cannot be used at the
//! moment.

use std::error::Error;

use ldap3::{LdapError, LdapResult};
use rustls::CertificateError;

/// A refusal of the service account or of a search.
pub fn refusal(result: &LdapResult) -> String {
    let what = match result.rc {
        4 => "more entries than it returns at once",
        8 | 13 => "it wants an encrypted connection",
        10 => "it refers to another server, and referrals are not followed",
        32 => "there is no such entry",
        34 => "this is not a DN it understands",
        49 => "name or password is wrong",
        50 => "insufficient access rights",
        51 | 52 => "it is busy or unavailable",
        53 => "it is unwilling to",
        _ => "it refuses",
    };
    let said = if result.text.is_empty() {
        String::new()
    } else {
        format!(": {}", result.text)
    };
    format!("{what} (result {}{said})", result.rc)
}

/// Why a connection could not be opened or broke.
pub fn trouble(error: &LdapError, host: &str) -> String {
    match error {
        LdapError::Io { source } => match tls_error(source) {
            Some(error) => certificate(error, host),
            None => format!("cannot be reached: {source}"),
        },
        LdapError::Rustls { source } => certificate(source, host),
        LdapError::LdapResult { result } => {
            format!(
                "StartTLS is refused (result {}: {})",
                result.rc, result.text
            )
        }
        LdapError::ResultRecv { .. } | LdapError::OpSend { .. } | LdapError::EndOfStream => {
            "broke off the connection, or what answers is no directory".to_owned()
        }
        other => other.to_string(),
    }
}

/// tokio passes on rustls' errors inside an I/O error.
fn tls_error(error: &std::io::Error) -> Option<&rustls::Error> {
    let inner: &(dyn Error + 'static) = error.get_ref()?;
    inner.downcast_ref()
}

fn certificate(error: &rustls::Error, host: &str) -> String {
    let rustls::Error::InvalidCertificate(why) = error else {
        return format!("no TLS with it: {error}");
    };
    match why {
        // A bad signature is by an authority with the name of one we trust.
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is signed by an unknown authority (see ca_file)".to_owned()
        }
        CertificateError::NotValidForName => {
            format!("the name does not match: its certificate is not for \"{host}\"")
        }
        CertificateError::NotValidForNameContext { presented, .. } => format!(
            "the name does not match: its certificate is not for \"{host}\" but for {}",
            presented.join(", ")
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "its certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet; is a clock wrong?".to_owned()
        }
        // webpki's CaUsedAsEndEntity: self-signed certificates made with defaults.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "its certificate is an authority's own; it needs one signed by an authority".to_owned()
        }
        other => format!("its certificate is not accepted: {other}"),
    }
}
