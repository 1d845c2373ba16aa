//! What directories answer, in words: why one is of no use just now (for the log and `usher
//! check`), and what it thinks of a password.

use std::error::Error;

use ldap3::{LdapError, LdapResult};
use rustls::CertificateError;

/// A directory's word on a bind as the person.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    Right,
    Wrong,
    /// The password was right once; the directory wants a new one.
    Expired,
}

/// Result codes of a bind (RFC 4511 appendix A) that speak of the server, not of the password:
/// another server may do better. 1 operationsError, 2 protocolError, 3 timeLimitExceeded,
/// 7 authMethodNotSupported, 8 strongerAuthRequired, 10 referral, 11 adminLimitExceeded,
/// 13 confidentialityRequired, 51 busy, 52 unavailable, 80 other.
pub fn is_servers_trouble(result: &LdapResult) -> bool {
    matches!(result.rc, 1 | 2 | 3 | 7 | 8 | 10 | 11 | 13 | 51 | 52 | 80)
}

/// 49 is invalidCredentials. That an account is locked or disabled is not told to somebody who may
/// be guessing; that a password has expired is, because there it was right: 389 Directory Server
/// says so with 19 or 53, Active Directory with 49 and a code of its own.
pub fn verdict(result: &LdapResult) -> Verdict {
    let text = result.text.to_ascii_lowercase();
    match result.rc {
        0 => Verdict::Right,
        19 | 53 if text.contains("expire") => Verdict::Expired,
        49 if text.contains("data 532,") || text.contains("data 773,") => Verdict::Expired,
        _ => Verdict::Wrong,
    }
}

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

/// tokio hands rustls' errors on inside an I/O error.
fn tls_error(error: &std::io::Error) -> Option<&rustls::Error> {
    let inner: &(dyn Error + 'static) = error.get_ref()?;
    inner.downcast_ref()
}

fn certificate(error: &rustls::Error, host: &str) -> String {
    let rustls::Error::InvalidCertificate(why) = error else {
        return format!("no TLS with it: {error}");
    };
    match why {
        // A bad signature is that of an authority that has the name of one we trust.
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
        // What webpki calls CaUsedAsEndEntity: self-signed certificates made with defaults.
        other if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "its certificate is an authority's own; it needs one signed by an authority".to_owned()
        }
        other => format!("its certificate is not accepted: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(rc: u32, text: &str) -> LdapResult {
        LdapResult {
            rc,
            matched: String::new(),
            text: text.to_owned(),
            refs: vec![],
            ctrls: vec![],
        }
    }

    #[test]
    fn an_expired_password_is_told_apart_and_a_locked_account_is_not() {
        let active_directory = |code: &str| {
            format!(
                "80090308: LdapErr: DSID-0C0903A9, AcceptSecurityContext error, data {code}, v1"
            )
        };
        for (rc, text, verdict_is) in [
            (0, "", Verdict::Right),
            (49, "", Verdict::Wrong),
            (53, "password expired!", Verdict::Expired),
            (19, "Password has EXPIRED", Verdict::Expired),
            (
                19,
                "Exceed password retry limit. Please try later.",
                Verdict::Wrong,
            ),
            (
                53,
                "Account inactivated. Contact system administrator.",
                Verdict::Wrong,
            ),
            (49, &active_directory("532"), Verdict::Expired),
            (49, &active_directory("773"), Verdict::Expired),
            (49, &active_directory("52e"), Verdict::Wrong),
            (49, &active_directory("775"), Verdict::Wrong),
            (32, "", Verdict::Wrong),
        ] {
            assert_eq!(verdict(&said(rc, text)), verdict_is, "{rc} {text}");
        }
    }

    #[test]
    fn a_busy_server_is_not_a_wrong_password() {
        assert!(is_servers_trouble(&said(51, "")));
        assert!(is_servers_trouble(&said(10, "")));
        assert!(!is_servers_trouble(&said(49, "")));
        assert!(!is_servers_trouble(&said(53, "")));
    }
}
