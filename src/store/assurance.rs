//! The rows of the assurance rules: a part of the catalogue.

use super::{Store, Tx, catalog::SEED, row::Columns, statement::Json};
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
        self.all(
            "select * from assurance_rules order by position",
            &[],
            |row| {
                Ok(AssuranceRow {
                    title: row.text("title")?,
                    service: row.maybe_text("service")?,
                    intent: row.maybe_text("intent")?,
                    when: row.maybe_json("condition")?,
                    demand: row.json("demand")?,
                })
            },
        )
        .await
    }
}

impl Tx {
    pub(super) async fn insert_assurance(
        &mut self,
        row: &AssuranceRow,
        position: i64,
    ) -> Result<()> {
        self.run(
            "insert into assurance_rules (position, title, service, intent, condition, demand,
                 owner)
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                &position,
                &row.title,
                &row.service,
                &row.intent,
                &row.when.as_ref().map(Json),
                &Json(&row.demand),
                &SEED,
            ],
        )
        .await
    }
}
