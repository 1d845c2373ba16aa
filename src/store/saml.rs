//! Launches to an application that sends a request of its own, and the names by which service
//! providers know users.

use super::{Store, launch::launch};
use crate::{clock::Time, error::Result, id::SessionId, model::launch::Launch};

impl Store {
    /// The one launch of this session that is on its way to this instance and waits for its
    /// request. If there are several, it is unknown which is meant, and none is returned.
    pub async fn only_departed(
        &self,
        session: &SessionId,
        (service, instance, method): (&str, &str, &str),
        since: Time,
    ) -> Result<Option<Launch>> {
        let rows = sqlx::query(
            "select * from launches where session_id = $1 and service = $2 and instance = $3
                 and method = $4 and stage = 'departed' and departed_at > $5 limit 2",
        )
        .bind(session.as_str())
        .bind(service)
        .bind(instance)
        .bind(method)
        .bind(since.millis())
        .fetch_all(&mut *self.read.acquire().await?)
        .await?;
        match rows.as_slice() {
            [row] => launch(row).map(Some),
            _ => Ok(None),
        }
    }

    /// Whether a service provider received a user by this name, in a session that is still stored.
    pub async fn is_subject_at_party(&self, party: &str, subject: &str) -> Result<bool> {
        let row = sqlx::query(
            "select 1 from party_sessions where kind = 'saml' and party = $1 and subject = $2
             limit 1",
        )
        .bind(party)
        .bind(subject)
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        Ok(row.is_some())
    }
}
