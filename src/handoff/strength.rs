//! The methods by strength, the strongest first: what a stolen message is worth, who began, and
//! whether the application can check that the message is intended for it. An admin is shown the
//! grade of each service, and what would raise it.

/// A grade. `A` is the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strength(pub char);

impl Strength {
    /// How hard what travels is to abuse, in a word that admins know.
    pub const fn strength(self) -> &'static str {
        match self.0 {
            'A'..='D' => "very high",
            'E' | 'F' => "high",
            'G' | 'H' => "medium",
            _ => "low",
        }
    }
}

/// Methods by grade. `A` and `B` are begun by the application in this very browser, with state,
/// nonce and proof key; `D` likewise by SAML's means (`C` is for typed launches by LTI and SMART);
/// `E` and `F` send a code that is useless without the application's own back-channel request; `G`
/// and `H` send the identity itself, signed, by the browser; `I` trusts the way to the page; `J`
/// shares a secret, or puts the identity into an address, because the application requires it.
const LADDER: [(&str, char); 10] = [
    ("link", 'A'),
    ("oidc", 'B'),
    ("request_init", 'D'),
    ("code", 'E'),
    ("cas", 'F'),
    ("saml", 'G'),
    ("form_jwt", 'H'),
    ("forward_auth", 'I'),
    ("discourse", 'J'),
    ("jwt", 'J'),
];

/// The lowest grade.
pub const LOWEST: Strength = Strength('J');

/// Where a method stands.
pub fn rung(method: &str) -> Option<Strength> {
    let mut all = LADDER.iter();
    let (_, letter) = all.find(|(name, _)| *name == method)?;
    Some(Strength(*letter))
}

#[cfg(test)]
mod tests {
    use super::{super::KINDS, *};

    #[test]
    fn every_method_is_on_the_ladder_once() {
        assert_eq!(KINDS.len(), LADDER.len());
        for kind in KINDS {
            let found = LADDER.iter().filter(|(name, _)| *name == kind.name);
            assert_eq!(found.count(), 1, "{}", kind.name);
        }
        assert!(LADDER.is_sorted_by_key(|(_, letter)| letter));
    }

    #[test]
    fn a_higher_rung_is_an_earlier_letter() {
        assert!(rung("link") < rung("oidc") && rung("jwt") == Some(LOWEST));
        assert_eq!(rung("carrier pigeon"), None);
    }
}
