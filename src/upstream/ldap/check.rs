//! What `usher check` reports on a directory: every server is connected to, bound to and searched.

use ldap3::{Scope, SearchEntry};

use super::{
    Ldap, entry,
    reader::wrong,
    search::{LdapSearch, Most, SearchResult},
    server::{BoundSession, DirectoryServer},
    settings::PasswordChange,
};

/// The Password Modify operation (RFC 3062).
const PASSWORD_MODIFY: &str = "1.3.6.1.4.1.4203.1.11.1";

/// The number of entries that are checked; it suffices to see whether the settings fit.
const SAMPLE: usize = 1_000;

impl Ldap {
    /// One server, in words.
    pub(super) async fn examine(&self, server: &DirectoryServer) -> Result<String, String> {
        let session = server.session(0).await?;
        let people = self.sample_users(server, &session).await?;
        let complete = |entry: &&SearchEntry| entry::is_complete(entry, &self.config);
        let fit = people.entries.iter().filter(complete).count();
        let all = people.entries.len();
        let more = if people.is_complete { "" } else { " or more" };
        if all == 0 {
            return Err(format!(
                "user_filter finds no users in \"{}\"",
                self.config.base_dn
            ));
        }
        if fit == 0 {
            let (login, subject) = (&self.config.login_attribute, &self.config.subject_attribute);
            return Err(format!(
                "none of {all} users has both {login} and {subject}"
            ));
        }
        self.examine_groups(server, &session).await?;
        self.examine_password_change(server, &session).await?;
        match all - fit {
            0 => Ok(format!("{all}{more} users")),
            unfit => Ok(format!("{all}{more} users, {unfit} of whom cannot sign in")),
        }
    }

    async fn sample_users(
        &self,
        server: &DirectoryServer,
        session: &BoundSession,
    ) -> Result<SearchResult, String> {
        let query = LdapSearch {
            base: &self.config.base_dn,
            scope: Scope::Subtree,
            filter: self.config.user_filter.any(),
            attributes: vec![&self.config.login_attribute, &self.config.subject_attribute],
            most: Most::Paged(SAMPLE),
        };
        server.search(session, &query).await
    }

    async fn examine_groups(
        &self,
        server: &DirectoryServer,
        session: &BoundSession,
    ) -> Result<(), String> {
        let Some(search) = &self.config.group_search else {
            return Ok(());
        };
        let query = LdapSearch {
            base: &search.base_dn,
            scope: Scope::Base,
            filter: "(objectClass=*)".to_owned(),
            attributes: vec!["1.1"],
            most: Most::AtOnce(1),
        };
        server.search(session, &query).await.map(|_| ())
    }

    /// What a server can do is in its root entry (RFC 4512 section 5.1).
    async fn examine_password_change(
        &self,
        server: &DirectoryServer,
        session: &BoundSession,
    ) -> Result<(), String> {
        if self.config.password_change != PasswordChange::Rfc3062 {
            return Ok(());
        }
        let query = LdapSearch {
            base: "",
            scope: Scope::Base,
            filter: "(objectClass=*)".to_owned(),
            attributes: vec!["supportedExtension"],
            most: Most::AtOnce(1),
        };
        let found = server.search(session, &query).await?;
        let root = found.entries.first();
        let known = root.map(|root| entry::texts(root, "supportedExtension"));
        match known.unwrap_or_default() {
            // It does not publish its features, which does not mean that it lacks this one.
            known if known.is_empty() => Ok(()),
            known if known.iter().any(|name| name == PASSWORD_MODIFY) => Ok(()),
            _ => Err(wrong(
                "password_change",
                "the server does not offer rfc3062",
            )),
        }
    }
}
