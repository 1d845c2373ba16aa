//! Normalisation of typed names and passwords: `ä` may be one character or two, letters may be
//! full-width, a blank may not be an ASCII one; equal-looking input must be equal. The profiles are
//! those of PRECIS (RFC 8264, RFC 8265); input that they do not allow, like a character that
//! Unicode assigned after them, is normalised as well and refused, if at all, by the look-up.

use std::borrow::Cow;

use precis_profiles::{
    OpaqueString, UsernameCaseMapped, UsernameCasePreserved,
    precis_core::{Error, profile::PrecisFastInvocation},
};
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The form of a name for look-up and counting: case is ignored (UsernameCaseMapped, RFC 8265
/// section 3.3).
pub fn login(typed: &str) -> String {
    parts(typed, UsernameCaseMapped::enforce)
        .unwrap_or_else(|| typed.trim().to_lowercase().nfc().collect())
}

/// The form of a name for a directory, which compares by its own rules: case is kept
/// (UsernameCasePreserved, RFC 8265 section 3.4).
pub fn name(typed: &str) -> String {
    parts(typed, UsernameCasePreserved::enforce).unwrap_or_else(|| typed.trim().nfc().collect())
}

/// A password in the form it is hashed and sent (OpaqueString, RFC 8265 section 4.2).
pub fn password(typed: &str) -> Zeroizing<String> {
    Zeroizing::new(match OpaqueString::enforce(typed) {
        Ok(text) => text.into_owned(),
        Err(_) => typed.nfc().collect(),
    })
}

/// A name is userparts with blanks between them (RFC 8265 section 3.1); `None` if one of them is
/// invalid.
fn parts<'t>(
    typed: &'t str,
    enforce: impl Fn(&'t str) -> Result<Cow<'t, str>, Error>,
) -> Option<String> {
    let parts = typed.split_whitespace().map(|part| enforce(part).ok());
    let parts: Vec<Cow<'_, str>> = parts.collect::<Option<_>>()?;
    Some(parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_the_same_is_the_same() {
        for (typed, wanted) in [
            ("Ana", "ana"),
            (" ana ", "ana"),
            ("ZOE\u{308}", "zo\u{eb}"),
            ("zo\u{eb}", "zo\u{eb}"),
            ("\u{ff21}na", "ana"),
            ("Ana  Ng", "ana ng"),
            ("ana@Example.org", "ana@example.org"),
            ("\u{130}", "i\u{307}"),
        ] {
            assert_eq!(login(typed), wanted, "{typed:?}");
        }
        assert_eq!(name("Zoe\u{308}"), "Zo\u{eb}");
        assert_eq!(*password("Zoe\u{308} \u{a0}x"), "Zo\u{eb}  x");
        assert_eq!(
            *password("\u{ff21}"),
            "\u{ff21}",
            "width stays in a password"
        );
    }

    #[test]
    fn what_no_profile_allows_is_normalised_all_the_same() {
        assert_eq!(login("an\u{0}A\u{308}"), "an\u{0}\u{e4}");
        assert_eq!(*password("a\u{0}\u{61}\u{308}"), "a\u{0}\u{e4}");
        assert_eq!(*password(""), "");
        assert_eq!((login(""), login("  ")), (String::new(), String::new()));
    }
}
