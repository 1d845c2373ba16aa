//! Active Directory's specifics: the codes in its diagnostic messages, account attributes, security
//! identifiers, the attribute that is a password. Pure; other modules make the requests.

use ldap3::SearchEntry;

use super::{
    entry::{bytes, texts},
    verdict::{BindVerdict, DirectoryChange},
};
use crate::{
    clock::Time,
    upstream::{PASSWORD_FIXED, WEAK_PASSWORD},
};

/// The account attributes; requested with the user's entry.
pub const ATTRIBUTES: [&str; 5] = [
    "userAccountControl",
    "accountExpires",
    "pwdLastSet",
    "primaryGroupID",
    "objectSid",
];

/// Counts groups within groups at any depth (MS-ADTS section 3.1.1.3.4.4.3,
/// LDAP_MATCHING_RULE_IN_CHAIN).
pub const NESTED_GROUPS: &str = "(&(objectClass=group)(member:1.2.840.113556.1.4.1941:={dn}))";

/// No references to other partitions among the entries (MS-ADTS section 3.1.1.3.4.1.3,
/// LDAP_SERVER_DOMAIN_SCOPE_OID).
pub const DOMAIN_SCOPE: &str = "1.2.840.113556.1.4.1339";

/// Bits of `userAccountControl` (MS-ADTS section 2.2.16).
const ACCOUNT_DISABLED: i64 = 0x2;
const PASSWORD_NEVER_EXPIRES: i64 = 0x1_0000;
const SMARTCARD_REQUIRED: i64 = 0x4_0000;

/// The Win32 error in a refused bind ("…, data 52e, v3839"). Given after the right password alone:
/// 530 not at this hour, 531 not from this workstation, 532 expired, 533 disabled, 701 account
/// expired, 773 must be changed. Given for any password: 525 no such account, 52e wrong, 775
/// locked.
pub fn on_bind(text: &str) -> BindVerdict {
    let code = text.split("data ").nth(1);
    let code = code.and_then(|rest| rest.split(',').next());
    match code.map(str::trim) {
        Some("532" | "773") => BindVerdict::MustChange,
        Some("530") => BindVerdict::Refused("not-now"),
        Some("531") => BindVerdict::Refused("not-here"),
        Some("533") => BindVerdict::Refused("disabled"),
        Some("701") => BindVerdict::Refused("account-expired"),
        _ => BindVerdict::Wrong,
    }
}

/// The Win32 error that a refused change of `unicodePwd` begins with (MS-ADTS section
/// 3.1.1.3.1.5.1): 56 ERROR_INVALID_PASSWORD, 52D ERROR_PASSWORD_RESTRICTION, 1F for a connection
/// that is not encrypted, 5 ERROR_ACCESS_DENIED. `None` is not Active Directory's.
pub fn on_change(text: &str) -> Option<DirectoryChange> {
    match text.split_once(':')?.0 {
        "00000056" => Some(DirectoryChange::Wrong),
        "0000052D" => Some(DirectoryChange::Refused(WEAK_PASSWORD)),
        "00000005" => Some(DirectoryChange::Refused(PASSWORD_FIXED)),
        "0000001F" => Some(DirectoryChange::Failed),
        _ => None,
    }
}

/// The account's state, for a user whose password was right. A directory that enforces it has
/// refused them already; one that is only compatible with Active Directory may not have (THREATS: a
/// disabled principal still works).
pub fn standing(entry: &SearchEntry, now: Time) -> BindVerdict {
    let flags = number(entry, "userAccountControl").unwrap_or_default();
    if flags & ACCOUNT_DISABLED != 0 {
        return BindVerdict::Refused("disabled");
    }
    if number(entry, "accountExpires").is_some_and(|at| has_passed(at, now)) {
        return BindVerdict::Refused("account-expired");
    }
    // MS-SAMR section 3.1.5.14.4: these accounts never have to change their passwords.
    let may_stay = flags & (PASSWORD_NEVER_EXPIRES | SMARTCARD_REQUIRED) != 0;
    if number(entry, "pwdLastSet") == Some(0) && !may_stay {
        return BindVerdict::MustChange;
    }
    BindVerdict::Right
}

fn number(entry: &SearchEntry, name: &str) -> Option<i64> {
    texts(entry, name).first()?.parse().ok()
}

/// A FILETIME: intervals of 100 ns since 1601. 0 and the largest of all are never.
fn has_passed(at: i64, now: Time) -> bool {
    const UNIX_EPOCH: i64 = 11_644_473_600_000;
    at != 0 && at / 10_000 - UNIX_EPOCH <= now.millis()
}

/// The primary group does not list its members, and the user's entry has it as a number only: the
/// last part of a group's identifier in the user's own domain.
pub fn primary_group(entry: &SearchEntry) -> Option<Vec<u8>> {
    let group = u32::try_from(number(entry, "primaryGroupID")?).ok()?;
    let mut sid = bytes(entry, "objectSid").filter(|sid| is_sid(sid))?;
    sid.truncate(sid.len() - 4);
    sid.extend(group.to_le_bytes());
    Some(sid)
}

/// `S-1-5-21-…` (MS-DTYP section 2.4.2.1).
pub fn sid_text(sid: &[u8]) -> Option<String> {
    if !is_sid(sid) {
        return None;
    }
    let (head, parts) = sid.split_at(8);
    let authority = head[2..]
        .iter()
        .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let parts = parts.chunks_exact(4).map(|part| {
        let part = part.iter().rev();
        part.fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte))
    });
    let parts: String = parts.map(|part| format!("-{part}")).collect();
    Some(format!("S-{}-{authority}{parts}", head[0]))
}

/// Revision, count, six bytes of authority, and as many numbers of four bytes (MS-DTYP section
/// 2.4.2.2).
fn is_sid(bytes: &[u8]) -> bool {
    matches!(bytes, [1, count @ 1..=15, ..] if bytes.len() == 8 + 4 * usize::from(*count))
}

/// Bytes as the value of a filter (RFC 4515 section 3).
pub fn in_filter(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:02x}")).collect()
}

/// A value of `unicodePwd`: quoted, UTF-16 with the low byte first.
pub fn unicode_password(password: &str) -> Vec<u8> {
    let units = format!("\"{password}\"");
    units.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn account(pairs: &[(&str, &str)]) -> SearchEntry {
        let pair = |(name, value): &(&str, &str)| (name.to_string(), vec![value.to_string()]);
        SearchEntry {
            dn: String::new(),
            attrs: pairs.iter().map(pair).collect(),
            bin_attrs: HashMap::new(),
        }
    }

    const ANA: &[u8] = b"\x01\x05\x00\x00\x00\x00\x00\x05\x15\x00\x00\x00\x01\x00\x00\x00\
                         \x02\x00\x00\x00\x03\x00\x00\x00\x50\x04\x00\x00";

    #[test]
    fn an_account_that_is_disabled_expired_or_to_be_changed_says_so() {
        let now = Time::from_secs(1_795_000_000);
        let at = |seconds: i64| ((seconds + 11_644_473_600) * 10_000_000).to_string();
        let (past, future) = (at(1_794_999_999), at(1_795_000_001));
        for (pairs, expected) in [
            (vec![], BindVerdict::Right),
            (vec![("userAccountControl", "512")], BindVerdict::Right),
            (
                vec![("UserAccountControl", "514")],
                BindVerdict::Refused("disabled"),
            ),
            (vec![("accountExpires", "0")], BindVerdict::Right),
            (
                vec![("accountExpires", "9223372036854775807")],
                BindVerdict::Right,
            ),
            (vec![("accountExpires", &future)], BindVerdict::Right),
            (
                vec![("accountExpires", &past)],
                BindVerdict::Refused("account-expired"),
            ),
            (
                vec![("pwdLastSet", "133500000000000000")],
                BindVerdict::Right,
            ),
            (vec![("pwdLastSet", "0")], BindVerdict::MustChange),
            (
                vec![("pwdLastSet", "0"), ("userAccountControl", "66048")],
                BindVerdict::Right,
            ),
            (
                vec![("pwdLastSet", "0"), ("userAccountControl", "514")],
                BindVerdict::Refused("disabled"),
            ),
            (vec![("userAccountControl", "many")], BindVerdict::Right),
        ] {
            assert_eq!(standing(&account(&pairs), now), expected, "{pairs:?}");
        }
    }

    #[test]
    fn the_primary_group_is_of_the_users_own_domain() {
        let mut entry = account(&[("primaryGroupID", "513")]);
        assert_eq!(primary_group(&entry), None);
        entry
            .bin_attrs
            .insert("objectSid".to_owned(), vec![ANA.to_vec()]);
        let group = primary_group(&entry).and_then(|sid| sid_text(&sid));
        assert_eq!(sid_text(ANA).as_deref(), Some("S-1-5-21-1-2-3-1104"));
        assert_eq!(group.as_deref(), Some("S-1-5-21-1-2-3-513"));
        for cut in [&ANA[..27], &ANA[..8], &ANA[..1], &[]] {
            entry
                .bin_attrs
                .insert("objectSid".to_owned(), vec![cut.to_vec()]);
            assert_eq!(primary_group(&entry), None);
            assert_eq!(sid_text(cut), None);
        }
        assert_eq!(in_filter(b"\x01(*"), r"\01\28\2a");
    }

    #[test]
    fn a_password_is_quoted_and_little_endian() {
        assert_eq!(unicode_password("aé"), b"\"\0a\0\xe9\0\"\0");
    }
}
