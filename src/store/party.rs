//! Sessions at the relying parties.

use super::{
    Store, Tx,
    row::{Columns, Row},
};
use crate::{
    clock::Time,
    error::Result,
    id::SessionId,
    model::party::{PartyKind, PartySession},
};

impl Store {
    /// The parties that a session has identified its user to, oldest first.
    pub async fn party_sessions(&self, session: &SessionId) -> Result<Vec<PartySession>> {
        self.all(
            "select session_id, kind, party, subject, session_index from party_sessions
             where session_id = $1 order by started_at, party",
            &[session],
            party_session,
        )
        .await
    }
}

/// A session at a party, from a row of any table that has one.
pub(super) fn party_session(row: &Row<'_>) -> Result<PartySession> {
    Ok(PartySession {
        session: row.id("session_id")?,
        kind: PartyKind::named(row.text("kind")?),
        party: row.text("party")?,
        subject: row.text("subject")?,
        index: row.maybe_text("session_index")?,
    })
}

impl Tx {
    /// Records that a session has identified its user to a remote application.
    pub async fn note_party_session(&mut self, at: &PartySession, now: Time) -> Result<()> {
        self.run(
            "insert into party_sessions
                 (session_id, kind, party, subject, session_index, started_at)
             values ($1, $2, $3, $4, $5, $6)
             on conflict (session_id, kind, party, subject)
             do update set session_index = excluded.session_index",
            &[
                &at.session,
                &at.kind.as_str(),
                &at.party,
                &at.subject,
                &at.index,
                &now,
            ],
        )
        .await?;
        match at.kind == PartyKind::SAML && at.index.is_some() {
            true => self.note_assertion(at, now).await,
            false => Ok(()),
        }
    }
}
