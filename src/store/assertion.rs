//! Assertions that service providers were given, until each of their sessions has ended.

use super::{
    Store, Tx,
    party::party_session,
    row::{Columns, Row},
    statement::Parameter,
};
use crate::{
    clock::Time,
    error::Result,
    model::party::{GivenAssertion, PartySession},
};

impl Store {
    /// The living sessions that a service provider knows a user by: those with these indexes, or
    /// all of them. One with several assertions is there once, with the first of them.
    pub async fn sessions_at_party(
        &self,
        party: &str,
        subject: &str,
        indexes: &[String],
        now: Time,
    ) -> Result<Vec<PartySession>> {
        // A replica of an older version writes the second table alone.
        let sql = "select a.session_id, 'saml' as kind, a.party, a.subject, a.session_index
             from saml_assertions a
                 join sessions s on s.id = a.session_id
             where a.party = $1 and a.subject = $2 and s.ended_at is null and s.expires_at > $3
             union
             select p.session_id, p.kind, p.party, p.subject, p.session_index
             from party_sessions p
                 join sessions s on s.id = p.session_id
             where p.kind = 'saml' and p.party = $1 and p.subject = $2
               and s.ended_at is null and s.expires_at > $3
             order by 1, 5";
        let values: &[&dyn Parameter] = &[&party, &subject, &now];
        let mut found = self.all(sql, values, party_session).await?;
        if !indexes.is_empty() {
            let is_meant =
                |at: &PartySession| at.index.as_ref().is_some_and(|it| indexes.contains(it));
            found.retain(is_meant);
        }
        found.dedup_by(|next, first| next.session == first.session);
        Ok(found)
    }

    /// The assertions of a session at a service provider that have not ended, oldest first.
    pub async fn given(&self, at: &PartySession) -> Result<Vec<GivenAssertion>> {
        self.all(
            "select session_index, asked_at from saml_assertions
             where session_id = $1 and party = $2 and subject = $3 and ended_at is null
             order by issued_at, session_index",
            &[&at.session, &at.party, &at.subject],
            given,
        )
        .await
    }

    /// Whether a service provider was given any assertion of a session, ended or not.
    pub async fn was_given(&self, at: &PartySession) -> Result<bool> {
        self.exists(
            "select 1 from saml_assertions
             where session_id = $1 and party = $2 and subject = $3 limit 1",
            &[&at.session, &at.party, &at.subject],
        )
        .await
    }

    /// The assertion that a logout request of ours was about.
    pub async fn asked_about(&self, party: &str, request: &str) -> Result<Option<PartySession>> {
        self.one(
            "select session_id, 'saml' as kind, party, subject, session_index
             from saml_assertions where request_id = $1 and party = $2",
            &[&request, &party],
            party_session,
        )
        .await
    }
}

fn given(row: &Row<'_>) -> Result<GivenAssertion> {
    Ok(GivenAssertion {
        index: row.text("session_index")?,
        asked_at: row.maybe_time("asked_at")?,
    })
}

impl Tx {
    /// Stores an assertion by its index.
    pub(super) async fn note_assertion(&mut self, at: &PartySession, now: Time) -> Result<()> {
        self.run(
            "insert into saml_assertions (session_id, party, subject, session_index, issued_at)
             values ($1, $2, $3, $4, $5)
             on conflict (session_id, party, session_index) do nothing",
            &[
                &at.session,
                &at.party,
                &at.subject,
                &at.index.as_deref().unwrap_or_default(),
                &now,
            ],
        )
        .await
    }

    /// A new request of ours is sent about one of a session's assertions.
    pub async fn ask_about(
        &mut self,
        at: &PartySession,
        index: &str,
        request: &str,
        now: Time,
    ) -> Result<()> {
        self.run(
            "insert into saml_assertions
                 (session_id, party, subject, session_index, issued_at, request_id, asked_at)
             values ($1, $2, $3, $4, $5, $6, $5)
             on conflict (session_id, party, session_index)
             do update set request_id = excluded.request_id, asked_at = excluded.asked_at",
            &[&at.session, &at.party, &at.subject, &index, &now, &request],
        )
        .await
    }

    /// The service provider has ended what it was given: by one index, or all.
    pub async fn end_assertions(
        &mut self,
        at: &PartySession,
        index: Option<&str>,
        now: Time,
    ) -> Result<()> {
        self.run(
            "update saml_assertions set ended_at = $1
             where session_id = $2 and party = $3 and subject = $4 and ended_at is null
               and session_index = coalesce($5, session_index)",
            &[&now, &at.session, &at.party, &at.subject, &index],
        )
        .await
    }

    /// Whether a service provider still has an assertion of a session.
    pub async fn has_given(&mut self, at: &PartySession) -> Result<bool> {
        self.exists(
            "select 1 from saml_assertions
             where session_id = $1 and party = $2 and subject = $3 and ended_at is null limit 1",
            &[&at.session, &at.party, &at.subject],
        )
        .await
    }
}
