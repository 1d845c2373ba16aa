//! The rules for a new password: long, and not what an attacker tries first (NIST SP 800-63B
//! section 3.1.1.2: length counts, composition rules do not, and common passwords and those about
//! the user are refused). One function for all code that sets a password.

use std::collections::BTreeSet;

use super::typed;

/// The maximum length of a password.
pub const LONGEST: usize = 1024;

/// Why a password is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordWeakness {
    /// It must have this many characters.
    Short(usize),
    Long,
    /// It consists mainly of a name or address of the user's, or the portal's.
    Personal,
    /// A sequence, a repetition, or a common word.
    Guessable,
}

/// Words that attackers try first, in the portal's languages.
const WORDS: [&str; 20] = [
    "administrator",
    "password",
    "passwort",
    "passw0rd",
    "kennwort",
    "changeme",
    "geheim",
    "iloveyou",
    "letmein",
    "monkey",
    "dragon",
    "qwertz",
    "qwerty",
    "secret",
    "sommer",
    "summer",
    "welcome",
    "willkommen",
    "winter",
    "admin",
];

/// Neighbouring keys, in the rows of the portal's keyboard layouts.
const ROWS: [&str; 6] = [
    "1234567890",
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
];

/// How many characters must be left when everything that can be guessed is removed.
const OWN: usize = 5;

/// Whether a password is good enough for a user known by these names and addresses.
pub fn check(password: &str, known_by: &[&str], shortest: usize) -> Result<(), PasswordWeakness> {
    let password = &*typed::password(password);
    if password.len() > LONGEST {
        return Err(PasswordWeakness::Long);
    }
    if password.chars().count() < shortest {
        return Err(PasswordWeakness::Short(shortest));
    }
    let folded = password.to_lowercase();
    let rest = without(&folded, &words(known_by));
    if own(&rest) < OWN && rest != folded {
        return Err(PasswordWeakness::Personal);
    }
    let common: Vec<String> = WORDS.iter().map(|word| (*word).to_owned()).collect();
    let rest = without(&rest, &common);
    if own(&rest) < OWN || piece(&folded).chars().count() < shortest {
        return Err(PasswordWeakness::Guessable);
    }
    Ok(())
}

/// The words of names and addresses that are long enough to identify a user, the longest first.
fn words(known_by: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = known_by
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() >= 3)
        .map(str::to_lowercase)
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

fn without(text: &str, words: &[String]) -> String {
    words
        .iter()
        .fold(text.to_owned(), |text, word| text.replace(word, ""))
}

/// How many different characters do not follow from the one before.
fn own(text: &str) -> usize {
    let mut before = None;
    let mut own = BTreeSet::new();
    for c in text.chars() {
        if c.is_alphanumeric() && !before.is_some_and(|before| follows(before, c)) {
            own.insert(c);
        }
        before = Some(c);
    }
    own.len()
}

/// Whether one character leads to the next: the same, the next in the alphabet or on the keyboard.
fn follows(before: char, next: char) -> bool {
    let step = i64::from(u32::from(next)) - i64::from(u32::from(before));
    let on_a_row = |row: &&str| {
        let at = |c| row.find(c);
        at(before)
            .zip(at(next))
            .is_some_and(|(one, other)| one.abs_diff(other) == 1)
    };
    step.abs() <= 1 || ROWS.iter().any(on_a_row)
}

/// The substring that a text repeats; the text itself, if there is none.
fn piece(text: &str) -> &str {
    let whole = |end: &usize| {
        let piece = &text[..*end];
        text.len().is_multiple_of(*end) && piece.repeat(text.len() / end) == text
    };
    let ends = text.char_indices().map(|(at, _)| at).skip(1);
    let end = ends.into_iter().find(whole);
    end.map_or(text, |end| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: [&str; 4] = ["ana", "Ana Almeida", "ana.almeida@example.org", "Usher"];

    fn found(password: &str) -> Result<(), PasswordWeakness> {
        check(password, &ANA, 12)
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(found("kölnmärzröß"), Err(PasswordWeakness::Short(12)));
        assert_eq!(found("kölnmärzrößl"), Ok(()));
        assert_eq!(found(&"ab1x".repeat(257)), Err(PasswordWeakness::Long));
        assert_eq!(
            found(&"x7q!wöd9".repeat(113)),
            Err(PasswordWeakness::Guessable)
        );
    }

    #[test]
    fn what_guessers_try_first_is_refused() {
        for bad in [
            "aaaaaaaaaaaa",
            "abcdefghijkl",
            "ABCDEFGHIJKL",
            "lkjihgfedcba",
            "123456789012",
            "qwertyuiop12",
            "qwertzuiop!!",
            "abcabcabcabc",
            "abxyabxyabxy",
            "hunter2hunter2",
            "Passwort1234!",
            "password-password",
            "Administrator1",
            "Sommer-2026-!!",
            "............",
        ] {
            assert_eq!(found(bad), Err(PasswordWeakness::Guessable), "{bad}");
        }
    }

    #[test]
    fn passwords_about_the_user_or_the_portal_are_refused() {
        for bad in [
            "ana.almeida@example.org",
            "Ana Almeida Ana",
            "almeida-1234",
            "usherusherusher",
            "ExampleExample1",
        ] {
            assert_eq!(found(bad), Err(PasswordWeakness::Personal), "{bad}");
        }
    }

    #[test]
    fn any_other_long_password_is_accepted() {
        for good in [
            "correct horse battery staple",
            "ana likes green tea",
            "tr0ub4dor&3xyz",
            "k9$vLq2#mZpw",
            "приветмирсегодня",
            "correct-horsecorrect-horse",
        ] {
            assert_eq!(found(good), Ok(()), "{good}");
        }
    }
}
