//! The certificates of ours that service providers are known to have.

use std::collections::BTreeMap;

use super::{
    Store, Tx,
    row::{Columns, Row},
};
use crate::{clock::Time, error::Result};

impl Store {
    /// The fingerprint of the certificate each has confirmed, by entity id.
    pub async fn confirmed_certificates(&self) -> Result<BTreeMap<String, String>> {
        let sql = "select entity, fingerprint from confirmed_certificates";
        let confirmed = self.all(sql, &[], confirmed).await?;
        Ok(confirmed.into_iter().collect())
    }
}

/// Entity id and fingerprint.
fn confirmed(row: &Row<'_>) -> Result<(String, String)> {
    Ok((row.text("entity")?, row.text("fingerprint")?))
}

impl Tx {
    pub async fn confirm_certificate(
        &mut self,
        entity: &str,
        fingerprint: &str,
        now: Time,
    ) -> Result<()> {
        self.run(
            "insert into confirmed_certificates (entity, fingerprint, confirmed_at)
             values ($1, $2, $3)
             on conflict (entity) do update set fingerprint = excluded.fingerprint,
                 confirmed_at = excluded.confirmed_at",
            &[&entity, &fingerprint, &now],
        )
        .await
    }
}
