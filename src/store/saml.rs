//! Launches to an application that sends a request of its own, and the names by which service
//! providers know users.

use super::{
    Store,
    launch::{launch, launch_columns},
    statement::Parameter,
};
use crate::{clock::Time, error::Result, id::SessionId, model::launch::Launch};

impl Store {
    /// The one launch of this session that is on its way to this instance and waits for its
    /// request. If there are several, it is unknown which is meant, and none is returned. It has no
    /// client, because the application is not one.
    pub async fn only_departed(
        &self,
        session: &SessionId,
        (service, instance, method): (&str, &str, &str),
        since: Time,
    ) -> Result<Option<Launch>> {
        let sql = concat!(
            "select ",
            launch_columns!(),
            " from launches where session_id = $1 and service = $2 and instance = $3
                 and method = $4 and client is null and stage = 'departed'
                 and departed_at > $5 limit 2"
        );
        let values: &[&dyn Parameter] = &[session, &service, &instance, &method, &since];
        let mut found = self.all(sql, values, launch).await?;
        Ok(found.pop().filter(|_| found.is_empty()))
    }

    /// Whether a service provider received a user by this name, in a session that is still stored.
    pub async fn is_subject_at_party(&self, party: &str, subject: &str) -> Result<bool> {
        self.exists(
            "select 1 from party_sessions where kind = 'saml' and party = $1 and subject = $2
             limit 1",
            &[&party, &subject],
        )
        .await
    }
}
