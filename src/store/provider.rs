//! The rows of the identity providers: a part of the catalogue.

use super::{Store, Tx, catalog::SEED, row::Columns, statement::Json};
use crate::{
    clock::Time,
    error::Result,
    model::{admission, routing},
};

#[derive(Clone, Debug)]
pub struct ProviderRow {
    pub slug: String,
    pub kind: String,
    pub title: String,
    /// Settings as JSON, sealed: they contain bind passwords and client secrets.
    pub sealed_settings: String,
    /// Which of its users are admitted, and with which role.
    pub admission: admission::AdmissionDocument,
    /// Which users it is the provider of.
    pub routing: routing::RoutingDocument,
    pub disabled_at: Option<Time>,
    /// It is from before groups and mail addresses belonged to a provider: they count as the
    /// portal's own until its catalogue says otherwise. Read only.
    pub is_kept: bool,
    /// A seed file owns it. Read only.
    pub is_seeded: bool,
}

impl Store {
    pub(super) async fn provider_rows(&self) -> Result<Vec<ProviderRow>> {
        self.all(
            "select p.*, k.slug as kept from identity_providers p
             left join kept_providers k on k.slug = p.slug order by p.position, p.slug",
            &[],
            |row| {
                Ok(ProviderRow {
                    slug: row.text("slug")?,
                    kind: row.text("kind")?,
                    title: row.text("title")?,
                    sealed_settings: row.text("sealed_settings")?,
                    admission: row.json("admission")?,
                    routing: row.json("routing")?,
                    disabled_at: row.maybe_time("disabled_at")?,
                    is_kept: row.maybe_str("kept")?.is_some(),
                    is_seeded: row.maybe_str("owner")? == Some(SEED),
                })
            },
        )
        .await
    }
}

impl Tx {
    pub(super) async fn insert_provider(&mut self, row: &ProviderRow, position: i64) -> Result<()> {
        self.run(
            "insert into identity_providers
                 (slug, kind, title, sealed_settings, admission, routing, position, disabled_at,
                  owner)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            &[
                &row.slug,
                &row.kind,
                &row.title,
                &row.sealed_settings,
                &Json(&row.admission),
                &Json(&row.routing),
                &position,
                &row.disabled_at,
                &SEED,
            ],
        )
        .await
    }

    /// A provider that was deleted is new when it is added again.
    pub(super) async fn forget_kept_providers(&mut self) -> Result<()> {
        let sql =
            "delete from kept_providers where slug not in (select slug from identity_providers)";
        self.run(sql, &[]).await
    }
}
