//! Just enough BER (X.690) for LDAP by hand.

use std::io::{Read, Write};

use ldap3::asn1::{StructureTag, parse_tag};

pub const INTEGER: u8 = 0x02;
pub const OCTETS: u8 = 0x04;
pub const ENUMERATED: u8 = 0x0a;
pub const SEQUENCE: u8 = 0x30;
pub const SET: u8 = 0x31;

/// A tag, the length of what it holds, and that.
pub fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).expect("a short message");
    [&[tag, 0x84][..], &length.to_be_bytes(), value].concat()
}

pub fn all(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(tag, &parts.concat())
}

pub fn text(value: &str) -> Vec<u8> {
    tlv(OCTETS, value.as_bytes())
}

pub fn number(tag: u8, value: i32) -> Vec<u8> {
    tlv(tag, &value.to_be_bytes())
}

/// The next message; `None` when the other side has disconnected.
pub fn read(stream: &mut impl Read) -> Option<StructureTag> {
    let mut bytes = vec![0; 2];
    stream.read_exact(&mut bytes).ok()?;
    let more = match bytes[1] {
        short @ 0..0x80 => usize::from(short),
        long => {
            let mut digits = vec![0; usize::from(long & 0x7f)];
            stream.read_exact(&mut digits).ok()?;
            bytes.extend(&digits);
            digits
                .iter()
                .fold(0, |sum, digit| sum << 8 | usize::from(*digit))
        }
    };
    let mut rest = vec![0; more];
    stream.read_exact(&mut rest).ok()?;
    bytes.extend(rest);
    parse_tag(&bytes).ok().map(|(_, tag)| tag)
}

pub fn write(stream: &mut impl Write, bytes: &[u8]) {
    // A peer that has disconnected does not need it.
    let _ = stream.write_all(bytes).and_then(|()| stream.flush());
}

pub fn parts(tag: StructureTag) -> Vec<StructureTag> {
    tag.expect_constructed().unwrap_or_default()
}

pub fn bytes(tag: StructureTag) -> Vec<u8> {
    tag.expect_primitive().unwrap_or_default()
}

pub fn string(tag: StructureTag) -> String {
    String::from_utf8_lossy(&bytes(tag)).into_owned()
}

pub fn value(tag: StructureTag) -> usize {
    let bytes = bytes(tag);
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}
