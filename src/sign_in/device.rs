//! Browsers that signed in before. A cookie lists the accounts; failures of such a browser are
//! counted apart, so that attackers who guess at an account do not lock out its user (OWASP, device
//! cookies). It grants no access: the password is still required.

use serde::{Deserialize, Serialize};

use super::{SignIns, throttle};
use crate::{
    error::{Error, Result},
    id::{Artefact, Bearer, sha256},
    model::session::Visitor,
};

/// The purpose the cookie is sealed for.
const PURPOSE: &str = "device";
/// A browser may be shared by a few users, such as a family.
const MOST: usize = 5;
/// In seconds; the cookie is renewed at each sign-in.
pub const LIFE: i64 = 180 * 24 * 3600;

/// One account that this browser signed in to.
#[derive(Clone, Serialize, Deserialize)]
struct KnownAccount {
    /// The key for counting tries at it.
    account: String,
    /// Distinguishes two browsers of one user.
    nonce: String,
    /// Seconds.
    since: i64,
}

impl SignIns {
    /// The key for counting this browser's tries at the account, if it signed in to it before.
    pub(super) fn device_count(&self, account: &str, visitor: &Visitor) -> Option<String> {
        let known = self.known(visitor);
        let known = known.iter().find(|known| known.account == account)?;
        let name = format!("{} {}", known.account, known.nonce);
        Some(format!("device {}", sha256(&name)))
    }

    /// The cookie of a browser in which the password of an account was just accepted: it is known
    /// for this account as well, in addition to those it was known for.
    pub fn device(&self, provider: &str, name: &str, visitor: &Visitor) -> Result<Option<String>> {
        let providers = self.providers().list()?;
        let Some(provider) = providers.iter().find(|one| one.slug == provider) else {
            return Ok(None);
        };
        let account = throttle::account(provider, name);
        let mut known = self.known(visitor);
        known.retain(|known| known.account != account);
        known.truncate(MOST - 1);
        let nonce = Bearer::mint(Artefact::Browser, &self.chance);
        known.insert(
            0,
            KnownAccount {
                account,
                nonce: nonce.as_str().to_owned(),
                since: self.clock.now().secs(),
            },
        );
        let text = serde_json::to_vec(&known)
            .map_err(|error| Error::Internal(format!("a device: {error}")))?;
        self.seal.purpose(PURPOSE).seal(&text).map(Some)
    }

    fn known(&self, visitor: &Visitor) -> Vec<KnownAccount> {
        let Some(cookie) = &visitor.device else {
            return Vec::new();
        };
        let text = self.seal.purpose(PURPOSE).open(cookie);
        let known = text.and_then(|text| serde_json::from_slice::<Vec<KnownAccount>>(&text).ok());
        let oldest = self.clock.now().secs() - LIFE;
        let mut known = known.unwrap_or_default();
        known.retain(|known| known.since > oldest);
        known
    }
}
