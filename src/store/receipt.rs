//! Landing receipts: one per launch, and the first one counts.

use super::{
    Store, Tx,
    row::{Columns, Row},
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::LaunchId,
    model::receipt::{Awaited, LandingOutcome, Reason},
};

impl Store {
    /// A departed launch of this client's.
    pub async fn awaited(&self, launch: &LaunchId, client: &str) -> Result<Option<Awaited>> {
        self.one(
            "select id, user_id, session_id, service, departed_at from launches
             where id = $1 and client = $2 and departed_at is not null",
            &[launch, &client],
            awaited,
        )
        .await
    }
}

impl Tx {
    /// Stores a receipt, if the launch has none.
    pub async fn insert_receipt(
        &mut self,
        launch: &LaunchId,
        outcome: &LandingOutcome,
        now: Time,
    ) -> Result<bool> {
        self.changes_one(
            "insert into receipts (launch_id, outcome, reason, detail, at)
             values ($1, $2, $3, $4, $5) on conflict (launch_id) do nothing",
            &[
                launch,
                &outcome.as_str(),
                &outcome.reason().map(Reason::as_str),
                &outcome.detail(),
                &now,
            ],
        )
        .await
    }

    /// The receipt a launch has.
    pub async fn receipt(&mut self, launch: &LaunchId) -> Result<Option<LandingOutcome>> {
        self.one(
            "select outcome, reason, detail from receipts where launch_id = $1",
            &[launch],
            outcome,
        )
        .await
    }
}

fn awaited(row: &Row<'_>) -> Result<Awaited> {
    Ok(Awaited {
        launch: row.id("id")?,
        user: row.id("user_id")?,
        session: row.id("session_id")?,
        service: row.text("service")?,
        departed_at: row.time("departed_at")?,
    })
}

fn outcome(row: &Row<'_>) -> Result<LandingOutcome> {
    let (word, reason) = (row.str("outcome")?, row.maybe_str("reason")?);
    LandingOutcome::stored(word, reason, row.maybe_text("detail")?)
        .ok_or_else(|| Error::Internal(format!("no receipt says \"{word}\"")))
}
