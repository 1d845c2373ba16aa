//! The rows of the assurance rules: a part of the catalogue.

use super::{
    Store, Tx,
    catalog::SEED,
    row::{Columns, json},
};
use crate::{
    error::Result,
    model::{assurance::Demand, condition::ConditionDocument},
};

#[derive(Clone, Debug)]
pub struct AssuranceRow {
    pub title: String,
    pub service: Option<String>,
    pub intent: Option<String>,
    pub when: Option<ConditionDocument>,
    pub demand: Demand,
}

impl Store {
    pub(super) async fn assurance_rows(&self) -> Result<Vec<AssuranceRow>> {
        let rows = sqlx::query("select * from assurance_rules order by position")
            .fetch_all(&mut *self.read.acquire().await?)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(AssuranceRow {
                    title: row.text("title")?,
                    service: row.maybe_text("service")?,
                    intent: row.maybe_text("intent")?,
                    when: row.maybe_json("condition")?,
                    demand: row.json("demand")?,
                })
            })
            .collect()
    }
}

impl Tx {
    pub(super) async fn insert_assurance(
        &mut self,
        row: &AssuranceRow,
        position: i64,
    ) -> Result<()> {
        sqlx::query(
            "insert into assurance_rules (position, title, service, intent, condition, demand,
                 owner)
             values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(position)
        .bind(&row.title)
        .bind(row.service.as_deref())
        .bind(row.intent.as_deref())
        .bind(row.when.as_ref().map(json))
        .bind(json(&row.demand))
        .bind(SEED)
        .execute(self.open.connection())
        .await?;
        Ok(())
    }
}
