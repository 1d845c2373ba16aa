//! The subset of BER (X.690, as RFC 4511 section 5.1 narrows it) in the values of controls:
//! elements in sequence, each checked against the bytes left. Malformed data gives no value, and
//! never a panic.

/// A tag of one byte, and its content.
#[derive(Debug, PartialEq, Eq)]
pub struct BerElement<'a> {
    pub tag: u8,
    pub value: &'a [u8],
}

pub const INTEGER: u8 = 0x02;
pub const OCTET_STRING: u8 = 0x04;
pub const SEQUENCE: u8 = 0x30;

/// All elements up to the end; `None` if one is cut short.
pub fn elements(mut bytes: &[u8]) -> Option<Vec<BerElement<'_>>> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let (element, rest) = first(bytes)?;
        found.push(element);
        bytes = rest;
    }
    Some(found)
}

/// The elements inside a sequence that is the only element.
pub fn sequence(bytes: &[u8]) -> Option<Vec<BerElement<'_>>> {
    match elements(bytes)?.as_slice() {
        [
            BerElement {
                tag: SEQUENCE,
                value,
            },
        ] => elements(value),
        _ => None,
    }
}

/// A number of two's complement, as in INTEGER and ENUMERATED.
pub fn number(bytes: &[u8]) -> Option<i64> {
    let (&first, _) = bytes.split_first()?;
    let start = if first & 0x80 == 0 { 0 } else { -1 };
    let add = |sum: i64, byte: &u8| (sum << 8) | i64::from(*byte);
    (bytes.len() <= 8).then(|| bytes.iter().fold(start, add))
}

fn first(bytes: &[u8]) -> Option<(BerElement<'_>, &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    // Tags above 30 take more bytes; LDAP has none.
    if tag & 0x1f == 0x1f {
        return None;
    }
    let (length, rest) = length(rest)?;
    let (value, rest) = rest.split_at_checked(length)?;
    Some((BerElement { tag, value }, rest))
}

/// The definite forms only: LDAP forbids the indefinite one.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    let length = digits
        .iter()
        .fold(0_u32, |sum, byte| sum.wrapping_shl(8) | u32::from(*byte));
    Some((usize::try_from(length).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_is_read_in_both_forms_of_length() {
        let short = sequence(b"\x30\x06\x02\x01\x05\x04\x01x").unwrap();
        assert_eq!(short.len(), 2);
        assert_eq!((short[0].tag, number(short[0].value)), (INTEGER, Some(5)));
        assert_eq!((short[1].tag, short[1].value), (OCTET_STRING, &b"x"[..]));
        let long = sequence(b"\x30\x84\0\0\0\x06\x02\x01\x05\x04\x01x").unwrap();
        assert_eq!(short, long);
        assert_eq!(sequence(b"\x30\x00"), Some(vec![]));
    }

    #[test]
    fn what_is_cut_short_or_not_ldaps_is_nothing() {
        for bytes in [
            &b""[..],
            b"\x30",
            b"\x30\x06\x02\x01\x05",
            b"\x30\x03\x02\x05\x01",
            b"\x30\x80\x00\x00",
            b"\x30\x85\x01\x00\x00\x00\x00",
            b"\x30\x84\xff\xff\xff\xff\x02",
            b"\x3f\x81\x00\x00",
            b"\x04\x00",
            b"\x30\x00\x30\x00",
        ] {
            assert_eq!(sequence(bytes), None, "{bytes:x?}");
        }
    }

    #[test]
    fn numbers_have_a_sign_and_an_end() {
        for (bytes, value) in [
            (&b"\x00"[..], Some(0)),
            (b"\x7f", Some(127)),
            (b"\x00\x80", Some(128)),
            (b"\xff", Some(-1)),
            (b"\x80\x00\x00\x00", Some(-2_147_483_648)),
            (b"", None),
            (b"\x01\0\0\0\0\0\0\0\0", None),
        ] {
            assert_eq!(number(bytes), value, "{bytes:x?}");
        }
    }
}
