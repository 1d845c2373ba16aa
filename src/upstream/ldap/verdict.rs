//! A directory's verdict on a password, read from its answer to a bind or to a change.
//!
//! That an account is locked, disabled or closed may be shown to its owner, and not to an attacker
//! who is guessing (THREATS: user enumeration). So a result of that kind counts only where the
//! directory gives it after the right password: every other result is [`BindVerdict::Wrong`].

use ldap3::LdapResult;

use super::{
    active_directory,
    policy::{self, PolicyError},
};
use crate::upstream::{PASSWORD_FIXED, PASSWORD_TOO_YOUNG, WEAK_PASSWORD};

/// The directory's result of a bind as the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindVerdict {
    Right,
    Wrong,
    /// The password is right, and the directory requires a new one first.
    MustChange,
    /// The password is right, and the directory refuses the sign-in; a machine-readable word.
    Refused(&'static str),
}

/// The directory's result of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryChange {
    Made,
    /// The old password was wrong.
    Wrong,
    /// A machine-readable word.
    Refused(&'static str),
    /// Something else; for the log.
    Failed,
}

/// Result codes of a bind (RFC 4511 appendix A) that concern the server, not the password: another
/// server may succeed. 1 operationsError, 2 protocolError, 3 timeLimitExceeded, 7
/// authMethodNotSupported, 8 strongerAuthRequired, 10 referral, 11 adminLimitExceeded, 13
/// confidentialityRequired, 51 busy, 52 unavailable, 80 other.
pub fn is_servers_trouble(result: &LdapResult) -> bool {
    matches!(result.rc, 1 | 2 | 3 | 7 | 8 | 10 | 11 | 13 | 51 | 52 | 80)
}

/// 49 is invalidCredentials. A password that has expired was right: OpenLDAP and 389 Directory
/// Server report that in the policy control, older ones with 19 or 53 and a text, Active Directory
/// with 49 and a code of its own.
pub fn on_bind(result: &LdapResult) -> BindVerdict {
    match (result.rc, policy::said(result).fault) {
        (0, Some(PolicyError::PasswordExpired | PolicyError::ChangeAfterReset)) => {
            BindVerdict::MustChange
        }
        (0, Some(PolicyError::AccountLocked)) => BindVerdict::Refused("locked"),
        (0, _) => BindVerdict::Right,
        (49, Some(PolicyError::PasswordExpired)) => BindVerdict::MustChange,
        (49, None) => active_directory::on_bind(&result.text),
        (19 | 53, None) if says(result, "expire") => BindVerdict::MustChange,
        _ => BindVerdict::Wrong,
    }
}

/// The answer to a modification by RFC 3062 or of `unicodePwd`: 19 constraintViolation, 49
/// invalidCredentials, 50 insufficientAccessRights, 53 unwillingToPerform.
pub fn on_change(result: &LdapResult) -> DirectoryChange {
    if result.rc == 0 {
        return DirectoryChange::Made;
    }
    if let Some(change) = active_directory::on_change(&result.text) {
        return change;
    }
    match (result.rc, policy::said(result).fault) {
        (_, Some(fault)) => on_fault(fault),
        // OpenLDAP: "unwilling to verify old password".
        (53, None) if says(result, "old password") => DirectoryChange::Wrong,
        (49, None) => DirectoryChange::Wrong,
        (19, None) => DirectoryChange::Refused(WEAK_PASSWORD),
        (50 | 53, None) => DirectoryChange::Refused(PASSWORD_FIXED),
        _ => DirectoryChange::Failed,
    }
}

fn on_fault(fault: PolicyError) -> DirectoryChange {
    match fault {
        PolicyError::InsufficientPasswordQuality
        | PolicyError::PasswordTooShort
        | PolicyError::PasswordInHistory => DirectoryChange::Refused(WEAK_PASSWORD),
        PolicyError::PasswordTooYoung => DirectoryChange::Refused(PASSWORD_TOO_YOUNG),
        PolicyError::PasswordModNotAllowed | PolicyError::MustSupplyOldPassword => {
            DirectoryChange::Refused(PASSWORD_FIXED)
        }
        PolicyError::PasswordExpired
        | PolicyError::AccountLocked
        | PolicyError::ChangeAfterReset => DirectoryChange::Failed,
    }
}

fn says(result: &LdapResult, words: &str) -> bool {
    result.text.to_ascii_lowercase().contains(words)
}

#[cfg(test)]
mod tests {
    use ldap3::controls::{Control, RawControl};

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

    /// With the error of this number in the policy control.
    fn policed(rc: u32, error: u8) -> LdapResult {
        let control = RawControl {
            val: Some(vec![0x30, 3, 0x81, 1, error]),
            ..policy::question()
        };
        LdapResult {
            ctrls: vec![Control(None, control)],
            ..said(rc, "")
        }
    }

    fn active_directory(code: &str) -> String {
        format!(
            "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {code}, v3839\0"
        )
    }

    #[test]
    fn an_expired_password_is_distinguished_and_a_locked_account_is_not() {
        for (rc, text, expected) in [
            (0, "", BindVerdict::Right),
            (49, "", BindVerdict::Wrong),
            (53, "password expired!", BindVerdict::MustChange),
            (19, "Password has EXPIRED", BindVerdict::MustChange),
            (
                19,
                "Exceed password retry limit. Please try later.",
                BindVerdict::Wrong,
            ),
            (
                53,
                "Account inactivated. Contact system administrator.",
                BindVerdict::Wrong,
            ),
            (32, "", BindVerdict::Wrong),
        ] {
            assert_eq!(on_bind(&said(rc, text)), expected, "{rc} {text}");
        }
    }

    #[test]
    fn active_directorys_codes_count_only_where_the_password_was_right() {
        for (code, expected) in [
            ("532", BindVerdict::MustChange),
            ("773", BindVerdict::MustChange),
            ("533", BindVerdict::Refused("disabled")),
            ("701", BindVerdict::Refused("account-expired")),
            ("530", BindVerdict::Refused("not-now")),
            ("531", BindVerdict::Refused("not-here")),
            ("525", BindVerdict::Wrong),
            ("52e", BindVerdict::Wrong),
            ("52f", BindVerdict::Wrong),
            ("775", BindVerdict::Wrong),
            ("0", BindVerdict::Wrong),
        ] {
            let result = said(49, &active_directory(code));
            assert_eq!(on_bind(&result), expected, "{code}");
        }
        // The code is only valid with invalidCredentials.
        assert_eq!(
            on_bind(&said(32, &active_directory("533"))),
            BindVerdict::Wrong
        );
    }

    #[test]
    fn the_policy_control_reveals_expired_and_reset_and_hides_locked() {
        for (rc, error, expected) in [
            (0, 0, BindVerdict::MustChange),
            (0, 1, BindVerdict::Refused("locked")),
            (0, 2, BindVerdict::MustChange),
            (0, 9, BindVerdict::Right),
            (49, 0, BindVerdict::MustChange),
            (49, 1, BindVerdict::Wrong),
            (49, 2, BindVerdict::Wrong),
            (53, 0, BindVerdict::Wrong),
        ] {
            assert_eq!(on_bind(&policed(rc, error)), expected, "{rc} {error}");
        }
    }

    #[test]
    fn a_refused_new_password_is_distinguished_from_a_wrong_old_one() {
        for (result, expected) in [
            (said(0, ""), DirectoryChange::Made),
            (
                said(53, "unwilling to verify old password"),
                DirectoryChange::Wrong,
            ),
            (
                said(19, "Password fails quality checking policy"),
                DirectoryChange::Refused(WEAK_PASSWORD),
            ),
            (policed(19, 5), DirectoryChange::Refused(WEAK_PASSWORD)),
            (policed(19, 6), DirectoryChange::Refused(WEAK_PASSWORD)),
            (policed(19, 7), DirectoryChange::Refused(PASSWORD_TOO_YOUNG)),
            (policed(19, 8), DirectoryChange::Refused(WEAK_PASSWORD)),
            (policed(50, 3), DirectoryChange::Refused(PASSWORD_FIXED)),
            (said(50, ""), DirectoryChange::Refused(PASSWORD_FIXED)),
            (
                said(
                    19,
                    "00000056: AtrErr: DSID-03191083, #1:\n\t0: 00000056: DSID-03191083, problem \
                     1005 (CONSTRAINT_ATT_TYPE), data 0, Att 9005a (unicodePwd)\n\0",
                ),
                DirectoryChange::Wrong,
            ),
            (
                said(
                    19,
                    "0000052D: AtrErr: DSID-03191083, #1:\n\t0: 0000052D: DSID-03191083, problem \
                     1005 (CONSTRAINT_ATT_TYPE), data 0, Att 9005a (unicodePwd)\n\0",
                ),
                DirectoryChange::Refused(WEAK_PASSWORD),
            ),
            (
                said(
                    53,
                    "0000052D: SvcErr: DSID-031A12D2, problem 5003 (WILL_NOT_PERFORM), data 0\n\0",
                ),
                DirectoryChange::Refused(WEAK_PASSWORD),
            ),
            (
                said(53, "0000001F: SvcErr: DSID-031A12D2, problem 5003, data 0"),
                DirectoryChange::Failed,
            ),
            (said(80, ""), DirectoryChange::Failed),
        ] {
            assert_eq!(
                on_change(&result),
                expected,
                "{} {}",
                result.rc,
                result.text
            );
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
