//! The destination of a sign-in, sealed: it is part of the sign-in's own address.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Attempts;
use crate::{
    error::{Error, Result},
    model::return_to::ReturnTo,
};

/// The purpose a destination is sealed for.
const WORD: &str = "return to";
/// A page to sign in on may be left open overnight.
const LIFE: Duration = Duration::from_secs(24 * 3600);
/// Longer ones are not carried: servers accept addresses of some 8 kB, and sealing adds a third.
const LONGEST: usize = 4_000;

#[derive(Serialize, Deserialize)]
struct Sealed {
    to: ReturnTo,
    until: i64,
}

impl Attempts<'_> {
    /// base64url, if it is not too long for an address.
    pub fn seal_return(self, to: ReturnTo) -> Result<Option<String>> {
        let until = (self.0.clock.now() + LIFE).secs();
        let text = serde_json::to_vec(&Sealed { to, until });
        let text = text.map_err(|error| Error::Internal(error.to_string()))?;
        let sealed = self.0.seal.purpose(WORD).seal(&text)?;
        Ok((sealed.len() <= LONGEST).then_some(sealed))
    }

    /// The destination in an address; `None` if we did not seal it, or too long ago.
    pub fn open_return(self, sealed: &str) -> Option<ReturnTo> {
        let text = self.0.seal.purpose(WORD).open(sealed)?;
        let sealed: Sealed = serde_json::from_slice(&text).ok()?;
        (self.0.clock.now().secs() < sealed.until).then_some(sealed.to)
    }
}
