//! The methods by strength, the strongest first: what a stolen message is worth, who started the
//! exchange, and whether the application can check that the message is intended for it. An admin is
//! shown the grade of each service, and what would raise it.

use super::KINDS;
use crate::kind::find;

/// A grade. `A` is the highest. `A` and `B` are started by the application in the same browser,
/// with state, nonce and proof key; `D` likewise by SAML's means (`C` is for typed launches by LTI
/// and SMART); `E` and `F` send a code that is useless without the application's own back-channel
/// request; `G` and `H` send the identity itself, signed, by the browser; `I` trusts the network
/// between gateway and page; `J` shares a secret, or puts the identity into an address, because the
/// application requires it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strength(pub char);

impl Strength {
    /// How hard the method is to abuse, in a word that admins know.
    pub const fn strength(self) -> &'static str {
        match self.0 {
            'A'..='D' => "very high",
            'E' | 'F' => "high",
            'G' | 'H' => "medium",
            _ => "low",
        }
    }
}

/// The lowest grade.
pub const LOWEST: Strength = Strength('J');

/// The grade of a method.
pub fn of(method: &str) -> Option<Strength> {
    let kind = find(KINDS, method).ok()?;
    Some(Strength(kind.grade))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_has_a_grade() {
        for kind in KINDS {
            assert!(('A'..=LOWEST.0).contains(&kind.grade), "{}", kind.name);
        }
    }

    #[test]
    fn a_higher_grade_compares_as_stronger() {
        assert!(of("link") < of("oidc") && of("jwt") == Some(LOWEST));
        assert_eq!(of("carrier pigeon"), None);
    }
}
