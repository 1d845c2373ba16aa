//! Signing keys, sealed.

use super::{Store, Tx, row::Columns};
use crate::{clock::Time, error::Result};

/// A signing key as it rests: sealed under the master key.
#[derive(Clone, Debug)]
pub struct StoredKey {
    pub kid: String,
    pub algorithm: String,
    pub sealed: String,
}

impl Store {
    /// Newest first.
    pub async fn signing_keys(&self) -> Result<Vec<StoredKey>> {
        let rows = sqlx::query(
            "select kid, algorithm, sealed_key from signing_keys order by created_at desc, kid",
        )
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(StoredKey {
                    kid: row.text("kid")?,
                    algorithm: row.text("algorithm")?,
                    sealed: row.text("sealed_key")?,
                })
            })
            .collect()
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
            "insert into signing_keys (kid, algorithm, sealed_key, created_at, slot)
             values ($1, $2, $3, $4, $5) on conflict (slot) do nothing",
        )
        .bind(&key.kid)
        .bind(&key.algorithm)
        .bind(&key.sealed)
        .bind(now.millis())
        .bind(slot)
        .execute(self.open.connection())
        .await?;
        Ok(())
    }
}
