//! Signing keys, sealed.

use super::{Store, Tx, row::Columns};
use crate::{clock::Time, error::Result};

/// A stored signing key: sealed under the master key.
#[derive(Clone, Debug)]
pub struct StoredKey {
    pub kid: String,
    pub algorithm: String,
    pub sealed: String,
    /// When it starts to sign.
    pub active_from: Time,
    /// The key may be compromised: it neither signs nor is published.
    pub withdrawn_at: Option<Time>,
}

impl Store {
    /// Newest first.
    pub async fn signing_keys(&self) -> Result<Vec<StoredKey>> {
        self.all(
            "select kid, algorithm, sealed_key, active_from, withdrawn_at from signing_keys
             order by created_at desc, kid",
            &[],
            |row| {
                Ok(StoredKey {
                    kid: row.text("kid")?,
                    algorithm: row.text("algorithm")?,
                    sealed: row.text("sealed_key")?,
                    active_from: row.time("active_from")?,
                    withdrawn_at: row.maybe_time("withdrawn_at")?,
                })
            },
        )
        .await
    }

    /// Marks that change whenever the result of [`Store::signing_keys`] changes: there is a new
    /// key, one was withdrawn, or all were sealed again (each sealed value starts with a nonce of
    /// its own, of sixteen characters).
    pub async fn key_marks(&self) -> Result<Vec<String>> {
        self.all(
            "select kid, substr(sealed_key, 1, 16) as nonce, withdrawn_at from signing_keys
             order by created_at desc, kid",
            &[],
            |row| {
                let (kid, nonce) = (row.text("kid")?, row.text("nonce")?);
                let withdrawn = row.maybe_time("withdrawn_at")?.map_or(0, Time::millis);
                Ok(format!("{kid} {nonce} {withdrawn}"))
            },
        )
        .await
    }
}

impl Tx {
    /// Stores a key in its slot, unless another replica was first. Returns whether it was stored.
    pub async fn offer_signing_key(
        &mut self,
        slot: &str,
        key: &StoredKey,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "insert into signing_keys (kid, algorithm, sealed_key, created_at, slot, active_from)
             values ($1, $2, $3, $4, $5, $6) on conflict (slot) do nothing",
            &[
                &key.kid,
                &key.algorithm,
                &key.sealed,
                &now,
                &slot,
                &key.active_from,
            ],
        )
        .await
    }

    /// Withdraws a key; whether it was not withdrawn before.
    pub async fn withdraw_signing_key(&mut self, kid: &str, now: Time) -> Result<bool> {
        self.changes_one(
            "update signing_keys set withdrawn_at = $1 where kid = $2 and withdrawn_at is null",
            &[&now, &kid],
        )
        .await
    }
}
