//! What `usher check` says about a directory: every server is connected to, bound to and searched.

use ldap3::{Scope, SearchEntry};

use super::{
    Ldap, person,
    servers::{Found, Query, Server, Session},
};

/// As many entries are looked at; that is enough to see whether the settings fit.
const SAMPLE: i32 = 1_000;

impl Ldap {
    /// One server, in words.
    pub(super) async fn examine(&self, server: &Server) -> Result<String, String> {
        let session = server.session(0).await?;
        let people = self.people(server, &session).await?;
        let complete = |entry: &&SearchEntry| person::is_complete(entry, &self.config);
        let fit = people.entries.iter().filter(complete).count();
        let all = people.entries.len();
        let more = if people.is_complete { "" } else { " or more" };
        if all == 0 {
            return Err(format!(
                "user_filter finds nobody in \"{}\"",
                self.config.base_dn
            ));
        }
        if fit == 0 {
            let (login, subject) = (&self.config.login_attribute, &self.config.subject_attribute);
            return Err(format!(
                "none of {all} people has both {login} and {subject}"
            ));
        }
        self.examine_groups(server, &session).await?;
        match all - fit {
            0 => Ok(format!("{all}{more} people")),
            unfit => Ok(format!(
                "{all}{more} people, {unfit} of whom cannot sign in"
            )),
        }
    }

    async fn people(&self, server: &Server, session: &Session) -> Result<Found, String> {
        let query = Query {
            base: &self.config.base_dn,
            scope: Scope::Subtree,
            filter: self.config.user_filter.any(),
            attributes: vec![&self.config.login_attribute, &self.config.subject_attribute],
            limit: SAMPLE,
        };
        server.search(session, &query).await
    }

    async fn examine_groups(&self, server: &Server, session: &Session) -> Result<(), String> {
        let Some(search) = &self.config.group_search else {
            return Ok(());
        };
        let query = Query {
            base: &search.base_dn,
            scope: Scope::Base,
            filter: "(objectClass=*)".to_owned(),
            attributes: vec!["1.1"],
            limit: 1,
        };
        server.search(session, &query).await.map(|_| ())
    }
}
