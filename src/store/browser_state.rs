//! The small state of browsers between two pages.

use super::{Store, Tx, row::Columns};
use crate::{clock::Time, error::Result, model::allowance::Write};

impl Store {
    /// The sealed state under this id, if it has not expired.
    pub async fn browser_state(&self, id: &str, now: Time) -> Result<Option<String>> {
        self.one(
            "select sealed_state from browser_states where id = $1 and expires_at > $2",
            &[&id, &now],
            |row| row.text("sealed_state"),
        )
        .await
    }
}

impl Tx {
    pub async fn put_browser_state(
        &mut self,
        _: &Write,
        id: &str,
        sealed: &str,
        expires_at: Time,
    ) -> Result<()> {
        self.run(
            "insert into browser_states (id, sealed_state, expires_at) values ($1, $2, $3)
             on conflict (id) do update set sealed_state = $2, expires_at = $3",
            &[&id, &sealed, &expires_at],
        )
        .await
    }

    pub async fn delete_browser_state(&mut self, id: &str) -> Result<()> {
        self.run("delete from browser_states where id = $1", &[&id])
            .await
    }
}
