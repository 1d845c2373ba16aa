//! Signing keys, sealed.

use super::{Store, Tx, row::Columns};
use crate::{clock::Time, error::Result};

/// A signing key as it rests: sealed under the master key.
#[derive(Clone, Debug)]
pub struct StoredKey {
    pub kid: String,
    pub algorithm: String,
    pub sealed: String,
    /// When it begins to sign.
    pub active_from: Time,
}

impl Store {
    /// Newest first.
    pub async fn signing_keys(&self) -> Result<Vec<StoredKey>> {
        let rows = sqlx::query(
            "select kid, algorithm, sealed_key, active_from from signing_keys order by created_at desc, kid",
        )
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(StoredKey {
                    kid: row.text("kid")?,
                    algorithm: row.text("algorithm")?,
                    sealed: row.text("sealed_key")?,
                    active_from: row.time("active_from")?,
                })
            })
            .collect()
    }

    /// The names of all keys, in the order of [`Store::signing_keys`]: whether there is a new one.
    pub async fn key_names(&self) -> Result<Vec<String>> {
        let rows = sqlx::query("select kid from signing_keys order by created_at desc, kid")
            .fetch_all(&mut *self.read.acquire().await?)
            .await?;
        rows.iter().map(|row| row.text("kid")).collect()
    }
}

impl Tx {
    /// Puts a key into its slot, unless another replica was first.
    pub async fn offer_signing_key(
        &mut self,
        slot: &str,
        key: &StoredKey,
        now: Time,
    ) -> Result<()> {
        sqlx::query(
            "insert into signing_keys (kid, algorithm, sealed_key, created_at, slot, active_from)
             values ($1, $2, $3, $4, $5, $6) on conflict (slot) do nothing",
        )
        .bind(&key.kid)
        .bind(&key.algorithm)
        .bind(&key.sealed)
        .bind(now.millis())
        .bind(slot)
        .bind(key.active_from.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }
}
