//! The one limiter that every credential path passes: failures per account and per address, in a
//! window. A try is counted before it is made and forgiven when it succeeds, so that fifty tries
//! at once are fifty tries.

use std::time::Duration;

use unicode_normalization::UnicodeNormalization;

use super::{Answer, OpenProvider, SignIns};
use crate::{
    error::Result,
    id::sha256,
    model::{session::Visitor, typed},
    store::Tx,
};

/// How many failures, in how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub per_account: i64,
    pub per_address: i64,
    pub window: Duration,
}

/// A try that has been counted: the names it is counted under.
pub(super) struct Reservation {
    /// Nothing for what a browser brings from a provider: it names nobody yet.
    account: Option<String>,
    address: String,
}

impl Reservation {
    /// A try at the password of an account.
    pub fn of_account(provider: &str, name: &str, visitor: &Visitor) -> Self {
        Self {
            account: Some(counted(provider, name)),
            address: format!("address {}", visitor.address),
        }
    }

    /// A wish for a new password. It has counts of its own: nobody is kept from signing in by
    /// somebody else's wishes.
    pub fn of_recovery(typed: &str, visitor: &Visitor) -> Self {
        Self {
            account: Some(format!("recovery {}", sha256(&folded(typed)))),
            address: format!("recovery address {}", visitor.address),
        }
    }
}

/// One name however it is spelled: a directory that takes `ＡＮＡ` for `ana` must not give an
/// attacker a fresh count for each spelling. It is hashed, too: people type passwords into the
/// name field.
fn folded(name: &str) -> String {
    let name: String = name.chars().take(256).nfkc().collect();
    typed::login(&name)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// What tries at a provider's account are counted under.
pub(super) fn account(provider: &OpenProvider, name: &str) -> String {
    counted(&provider.slug, provider.part.counted_as(name))
}

fn counted(provider: &str, name: &str) -> String {
    format!("account {provider} {}", sha256(&folded(name)))
}

impl SignIns {
    /// Counts a try; `Err(wait)` inside when there were too many.
    pub(super) async fn reserve(
        &self,
        provider: &OpenProvider,
        visitor: &Visitor,
        answer: &Answer,
    ) -> Result<Result<Reservation, Duration>> {
        let account = match answer {
            Answer::Password(credentials) => Some(account(provider, &credentials.name)),
            Answer::Message(_) => None,
        };
        self.reserve_as(account, visitor).await
    }

    /// Counts a try under a name of the caller's choice (a person's second factor, a link) and
    /// the visitor's address.
    pub(super) async fn reserve_as(
        &self,
        account: Option<String>,
        visitor: &Visitor,
    ) -> Result<Result<Reservation, Duration>> {
        let reservation = Reservation {
            account,
            address: format!("address {}", visitor.address),
        };
        self.counted(reservation).await
    }

    /// Counts a try under its names.
    pub(super) async fn counted(
        &self,
        reservation: Reservation,
    ) -> Result<Result<Reservation, Duration>> {
        let now = self.clock.now();
        let until = now + self.limits.window;
        let mut tx = self.store.begin().await?;
        let account = match &reservation.account {
            Some(account) => tx.count_failure(account, now, until).await?,
            None => 0,
        };
        let address = tx.count_failure(&reservation.address, now, until).await?;
        tx.commit().await?;
        let full = if account > self.limits.per_account {
            reservation.account.as_ref()
        } else if address > self.limits.per_address {
            Some(&reservation.address)
        } else {
            None
        };
        let Some(full) = full else {
            return Ok(Ok(reservation));
        };
        let (_, until) = self.store.failures(full, now).await?;
        Ok(Err(until.since(now)))
    }

    /// Takes a try back: it succeeded, or was not the person's fault.
    pub(super) async fn release(&self, reserved: &Reservation, succeeded: bool) -> Result<()> {
        let mut tx: Tx = self.store.begin().await?;
        match &reserved.account {
            Some(account) if succeeded => tx.forgive_failures(account).await?,
            Some(account) => tx.uncount_failure(account).await?,
            None => {}
        }
        tx.uncount_failure(&reserved.address).await?;
        tx.commit().await
    }
}
