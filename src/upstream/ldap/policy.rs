//! Password policy for LDAP (draft-behera-ldap-password-policy-10 section 6): the control that is
//! sent with a bind or a change, and the directory's answer in it.

use ldap3::{LdapResult, controls::RawControl};

use super::ber::{self, BerElement};

const OID: &str = "1.3.6.1.4.1.42.2.27.8.5.1";

/// Requests the answer; a directory that does not support it leaves it out.
pub fn question() -> RawControl {
    RawControl {
        ctype: OID.to_owned(),
        crit: false,
        val: None,
    }
}

/// The errors of section 6.2, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyError {
    PasswordExpired,
    AccountLocked,
    ChangeAfterReset,
    PasswordModNotAllowed,
    MustSupplyOldPassword,
    InsufficientPasswordQuality,
    PasswordTooShort,
    PasswordTooYoung,
    PasswordInHistory,
}

const FAULTS: [PolicyError; 9] = [
    PolicyError::PasswordExpired,
    PolicyError::AccountLocked,
    PolicyError::ChangeAfterReset,
    PolicyError::PasswordModNotAllowed,
    PolicyError::MustSupplyOldPassword,
    PolicyError::InsufficientPasswordQuality,
    PolicyError::PasswordTooShort,
    PolicyError::PasswordTooYoung,
    PolicyError::PasswordInHistory,
];

/// The controls in a directory's response.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DirectoryControls {
    pub fault: Option<PolicyError>,
    /// How often an expired password will still be accepted.
    pub grace_left: Option<i64>,
}

/// Empty where there is no such control or none that can be read.
pub fn said(result: &LdapResult) -> DirectoryControls {
    let mut controls = result.ctrls.iter().map(|control| &control.1);
    let ours = controls.find(|control| control.ctype == OID);
    let value = ours.and_then(|control| control.val.as_deref());
    value.and_then(read).unwrap_or_default()
}

/// ```text
/// SEQUENCE { warning [0] CHOICE { timeBeforeExpiration [0] INTEGER,
///                                 graceAuthNsRemaining [1] INTEGER } OPTIONAL,
///            error   [1] ENUMERATED OPTIONAL }
/// ```
fn read(value: &[u8]) -> Option<DirectoryControls> {
    let mut said = DirectoryControls::default();
    for BerElement { tag, value } in ber::sequence(value)? {
        match tag {
            0xa0 => said.grace_left = grace(value)?,
            0x81 => {
                let place = usize::try_from(ber::number(value)?).ok()?;
                said.fault = FAULTS.get(place).copied();
            }
            // Later drafts may add to it.
            _ => {}
        }
    }
    Some(said)
}

/// The inner `Option` is the other warning, that of an expiry to come.
fn grace(value: &[u8]) -> Option<Option<i64>> {
    match ber::elements(value)?.as_slice() {
        [BerElement { tag: 0x81, value }] => ber::number(value).map(Some),
        [_] => Some(None),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_and_errors_are_read_alone_and_together() {
        let said = |fault, grace_left| Some(DirectoryControls { fault, grace_left });
        for (value, expected) in [
            (&b"\x30\x00"[..], said(None, None)),
            (
                b"\x30\x03\x81\x01\x00",
                said(Some(PolicyError::PasswordExpired), None),
            ),
            (
                b"\x30\x03\x81\x01\x02",
                said(Some(PolicyError::ChangeAfterReset), None),
            ),
            (
                b"\x30\x03\x81\x01\x08",
                said(Some(PolicyError::PasswordInHistory), None),
            ),
            (b"\x30\x05\xa0\x03\x81\x01\x03", said(None, Some(3))),
            (b"\x30\x05\xa0\x03\x80\x01\x3c", said(None, None)),
            (
                b"\x30\x08\xa0\x03\x81\x01\x00\x81\x01\x00",
                said(Some(PolicyError::PasswordExpired), Some(0)),
            ),
            // An unassigned error code is ignored.
            (b"\x30\x03\x81\x01\x63", said(None, None)),
        ] {
            assert_eq!(read(value), expected, "{value:x?}");
        }
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for value in [
            &b""[..],
            b"\x30",
            b"\x30\x03\x81\x02\x00",
            b"\x30\x03\x81\x01",
            b"\x30\x02\x81\x00",
            b"\x30\x03\x81\x01\xff",
            b"\x30\x02\xa0\x00",
            b"\x81\x01\x00",
        ] {
            assert_eq!(read(value), None, "{value:x?}");
        }
    }
}
