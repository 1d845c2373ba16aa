//! Distinguished names as text (RFC 4514): read to take a group's name from its DN and to compare
//! two spellings of one DN. Never used to identify a user; the directory's bind does that.

/// A name normalised for comparison: types and values in lower case, escapes resolved, so that
/// names of the same entry are equal, for everything that directories commonly put in names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Dn {
    /// Its own part first; a part has several pairs when it was joined by `+`.
    parts: Vec<Vec<(String, String)>>,
}

impl Dn {
    /// `None` for what is not a DN, and for the empty one.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = split(text, |c| c == ',' || c == ';')
            .into_iter()
            .map(|part| {
                let mut pairs = pairs(part)?;
                for (kind, value) in &mut pairs {
                    *kind = kind.to_ascii_lowercase();
                    *value = value.to_lowercase();
                }
                pairs.sort();
                Some(pairs)
            });
        Some(Self {
            parts: parts.collect::<Option<_>>()?,
        })
    }

    /// Whether it is the base itself or anywhere below.
    pub fn is_within(&self, base: &Dn) -> bool {
        self.parts.ends_with(&base.parts)
    }
}

/// The attribute and the value, as they are spelt, that name an entry among its siblings: `cn` and
/// `Sales` of `cn=Sales,ou=groups,…`.
pub fn first_pair(dn: &str) -> Option<(String, String)> {
    let first = split(dn, |c| c == ',' || c == ';').into_iter().next()?;
    pairs(first)?.into_iter().next()
}

/// The domain an entry is in (RFC 2247): its last parts, as far as they are `dc=…`.
pub fn domain(dn: &str) -> Option<String> {
    let parts = split(dn, |c| c == ',' || c == ';');
    let is_domain = |part: &&&str| {
        let kind = part.split_once('=').map(|(kind, _)| kind.trim());
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case("dc"))
    };
    let count = parts.iter().rev().take_while(is_domain).count();
    let domain = parts[parts.len() - count..].join(",");
    (count > 0).then(|| domain.trim().to_owned())
}

fn pairs(part: &str) -> Option<Vec<(String, String)>> {
    let pairs = split(part, |c| c == '+').into_iter().map(|pair| {
        let (kind, value) = pair.split_once('=')?;
        Some((kind.trim().to_owned(), unescape(value)?))
    });
    pairs.collect()
}

/// The pieces between separators that are neither escaped nor quoted (the quoted form is LDAPv2's,
/// RFC 4514 appendix A; directories still show it).
fn split(text: &str, is_separator: fn(char) -> bool) -> Vec<&str> {
    let (mut pieces, mut start) = (Vec::new(), 0);
    let (mut is_escaped, mut is_quoted) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            _ if is_separator(c) && !is_quoted => {
                pieces.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// A value without its escapes (RFC 4514 section 3: `\` and a special character, or two hex
/// digits of one byte of UTF-8) and the blanks around it.
fn unescape(value: &str) -> Option<String> {
    let value = value.trim_start();
    let mut bytes = Vec::with_capacity(value.len());
    // Blanks at the end are part of the value only up to the last escaped one.
    let mut kept = 0;
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        (rest, kept) = match (first, tail) {
            (b'\\', [high, low, tail @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                bytes.push(hex(*high) << 4 | hex(*low));
                (tail, bytes.len())
            }
            (b'\\', [literal, tail @ ..]) => {
                bytes.push(*literal);
                (tail, bytes.len())
            }
            (b'\\', []) => return None,
            (b'"', _) => (tail, bytes.len()),
            (plain, _) => {
                bytes.push(*plain);
                (tail, if *plain == b' ' { kept } else { bytes.len() })
            }
        };
    }
    bytes.truncate(kept);
    String::from_utf8(bytes)
        .ok()
        .filter(|value| !value.is_empty())
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => digit.to_ascii_lowercase() - b'a' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).unwrap_or_else(|| panic!("{text} is a DN"))
    }

    #[test]
    fn the_name_is_the_first_value_without_its_escapes() {
        for (text, name) in [
            ("cn=Sales,ou=groups,dc=example,dc=org", "Sales"),
            ("CN = Sales EMEA , OU=groups", "Sales EMEA"),
            (r"cn=Sales\, EMEA,ou=groups", "Sales, EMEA"),
            (r"cn=Sales\2C EMEA,ou=groups", "Sales, EMEA"),
            (r"cn=Caf\C3\A9,ou=groups", "Café"),
            (r"cn=\20padded\20,ou=groups", " padded "),
            (r"cn=trailing\ ,ou=groups", "trailing "),
            (r#"cn="Sales, EMEA",ou=groups"#, "Sales, EMEA"),
            (r"cn=a\+b+sn=c,ou=groups", "a+b"),
            (r"cn=back\\slash,ou=groups", r"back\slash"),
            ("cn=a=b,ou=groups", "a=b"),
        ] {
            assert_eq!(first_pair(text).unwrap().1, name, "{text}");
        }
    }

    #[test]
    fn what_is_no_dn_is_none() {
        for text in [
            "",
            "sales",
            "cn=",
            "cn=a,",
            r"cn=a\",
            r"cn=\C3,ou=x",
            ",cn=a",
            "cn=a,,ou=b",
        ] {
            assert_eq!(Dn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn two_spellings_of_one_entry_are_equal() {
        assert_eq!(dn("CN=Sales,OU=Groups"), dn("cn=sales, ou=groups"));
        assert_eq!(dn(r"cn=a\2cb"), dn(r"cn=a\,b"));
        assert_eq!(dn("cn=a+sn=b"), dn("sn=b+cn=a"));
        assert_ne!(dn("cn=a,ou=b"), dn("cn=a,ou=c"));
    }

    #[test]
    fn within_is_by_parts_and_not_by_text() {
        let base = dn("ou=groups,dc=example");
        assert!(dn("cn=a,OU=Groups, dc=example").is_within(&base));
        assert!(base.is_within(&base));
        assert!(!dn("cn=a,ou=other,dc=example").is_within(&base));
        assert!(
            !dn(r"cn=a\,ou=groups,dc=example").is_within(&base),
            "an escaped comma ends nothing"
        );
        assert!(!dn("dc=example").is_within(&base));
    }

    #[test]
    fn a_domain_is_what_ends_a_name() {
        for (dn, expected) in [
            ("OU=Staff,DC=corp,DC=example", Some("DC=corp,DC=example")),
            (
                "ou=dc\\=x, dc=corp , dc=example",
                Some("dc=corp , dc=example"),
            ),
            ("dc=example", Some("dc=example")),
            ("ou=people,o=example", None),
            ("dc=example,o=elsewhere", None),
        ] {
            assert_eq!(domain(dn).as_deref(), expected, "{dn}");
        }
    }
}
