//! The groups a user is in: those on the entry, those a search finds, and, if configured, the
//! groups those are in. All or nothing: a rule may require "not in this group", so a truncated list
//! is reported as incomplete and never used.

use std::collections::{BTreeSet, HashSet};

use ldap3::{Scope, SearchEntry};

use super::{
    Ldap, active_directory,
    dn::{Dn, first_pair},
    entry::{DirectoryEntry, texts},
    flavour::{Flavour, Nesting},
    search::{self, LdapSearch, Most},
    settings::GroupSearch,
};

/// Deeper nesting is a mistake in the directory. Cycles are no problem: no group is visited twice.
const DEEPEST: usize = 16;

/// Groups looked up with one search.
const AT_ONCE: usize = 50;

/// More than any user is in, with nesting.
const MOST: usize = crate::model::mapping::VALUES;

/// The result.
pub struct DirectoryGroups {
    /// Sorted and each once; empty where there are more than are kept.
    pub names: BTreeSet<String>,
    pub is_complete: bool,
}

/// Groups found so far.
#[derive(Default)]
struct FoundGroups {
    /// There are more.
    is_cut: bool,
    names: BTreeSet<String>,
    visited: HashSet<Dn>,
    /// DNs whose own groups are not looked up yet.
    fresh: Vec<String>,
}

impl FoundGroups {
    fn add(&mut self, dn: &str, name: impl FnOnce() -> Option<String>) {
        let Some(folded) = Dn::parse(dn) else { return };
        if self.visited.insert(folded) {
            self.names.extend(name());
            self.fresh.push(dn.to_owned());
        }
    }

    fn close(self) -> DirectoryGroups {
        let is_complete = !self.is_cut && self.visited.len() <= MOST;
        if !is_complete {
            tracing::warn!(
                "a user is in more groups than the directory returns or than are kept ({MOST}): \
                 their groups are not known, which counts against access"
            );
        }
        DirectoryGroups {
            names: match is_complete {
                true => self.names,
                false => BTreeSet::new(),
            },
            is_complete,
        }
    }
}

impl GroupSearch {
    /// The groups that this entry, known by any of these names, is a member of.
    fn of(&self, logins: &[String], dn: &str) -> String {
        let each: Vec<String> = match self.filter.has_login() {
            true => logins
                .iter()
                .map(|login| self.filter.fill(login, dn))
                .collect(),
            false => vec![self.filter.fill("", dn)],
        };
        match each.as_slice() {
            [one] => one.clone(),
            several => format!("(|{})", several.concat()),
        }
    }
}

impl Ldap {
    pub(super) async fn groups_of(&self, user: &DirectoryEntry) -> Result<DirectoryGroups, String> {
        let mut found = FoundGroups::default();
        match self.own_groups(user).await? {
            None => found.is_cut = true,
            Some(all) => {
                for dn in all {
                    found.add(&dn, || first_pair(&dn).map(|(_, name)| name));
                }
            }
        }
        let Some(search) = &self.config.group_search else {
            return Ok(found.close());
        };
        let logins = user.logins(&self.config)?;
        let mut filter = search.of(&logins, &user.dn);
        if let Some(primary) = self.primary_group(user, search, &mut found).await?
            && search.nesting == Nesting::MatchingRule
        {
            let theirs = search.of(&logins, &primary);
            filter = format!("(|{filter}{theirs})");
        }
        self.search_groups(search, filter, &mut found).await?;
        if search.nesting == Nesting::Climb {
            self.climb(search, &logins, &mut found).await?;
        }
        Ok(found.close())
    }

    /// The groups on the entry. If there is a base for groups, only those below it count:
    /// elsewhere, a user without rights over groups may create one of the same name.
    async fn own_groups(&self, user: &DirectoryEntry) -> Result<Option<Vec<String>>, String> {
        let Some(attribute) = &self.config.member_of_attribute else {
            return Ok(Some(Vec::new()));
        };
        let place = self.config.group_search.as_ref().map(|search| &search.base);
        let is_ours = |dn: &String| match (Dn::parse(dn), place) {
            (Some(dn), Some(place)) => dn.is_within(place),
            (dn, None) => dn.is_some(),
            (None, _) => false,
        };
        let all = self.all_values(user.entry(), attribute, MOST).await?;
        Ok(all.map(|all| all.into_iter().filter(is_ours).collect()))
    }

    /// Active Directory's primary group ("Domain Users" for nearly all users), which appears in no
    /// other way; its DN.
    async fn primary_group(
        &self,
        user: &DirectoryEntry,
        search: &GroupSearch,
        found: &mut FoundGroups,
    ) -> Result<Option<String>, String> {
        if self.config.flavour != Flavour::ActiveDirectory {
            return Ok(None);
        }
        let Some(sid) = active_directory::primary_group(user.entry()) else {
            return Ok(None);
        };
        let filter = format!("(objectSid={})", active_directory::in_filter(&sid));
        let groups = self.find_groups(search, filter, Most::AtOnce(1)).await?;
        for group in &groups.entries {
            found.add(&group.dn, || self.group_name(group));
        }
        Ok(groups.entries.into_iter().next().map(|group| group.dn))
    }

    /// Finds, level by level, the groups that the fresh ones are in.
    async fn climb(
        &self,
        search: &GroupSearch,
        logins: &[String],
        found: &mut FoundGroups,
    ) -> Result<(), String> {
        for _ in 0..DEEPEST {
            let level = std::mem::take(&mut found.fresh);
            if level.is_empty() || found.is_cut {
                return Ok(());
            }
            for some in level.chunks(AT_ONCE) {
                // {login} stays the user: a group's name there would match a group of another user
                // with the same name.
                let filters: String = some.iter().map(|dn| search.of(logins, dn)).collect();
                self.search_groups(search, format!("(|{filters})"), found)
                    .await?;
            }
        }
        found.is_cut = true;
        Ok(())
    }

    async fn search_groups(
        &self,
        search: &GroupSearch,
        filter: String,
        found: &mut FoundGroups,
    ) -> Result<(), String> {
        let groups = self.find_groups(search, filter, Most::Paged(MOST)).await?;
        for group in &groups.entries {
            found.add(&group.dn, || self.group_name(group));
        }
        found.is_cut |= !groups.is_complete || found.visited.len() > MOST;
        Ok(())
    }

    async fn find_groups(
        &self,
        search: &GroupSearch,
        filter: String,
        most: Most,
    ) -> Result<search::SearchResult, String> {
        let query = LdapSearch {
            base: &search.base_dn,
            scope: Scope::Subtree,
            filter,
            attributes: vec![&self.config.group_name_attribute],
            most,
        };
        self.servers.search(&query).await
    }

    /// The group's name in the DN, if it has several, so that search and `memberOf` yield the same.
    fn group_name(&self, group: &SearchEntry) -> Option<String> {
        let attribute = &self.config.group_name_attribute;
        let in_dn = first_pair(&group.dn).filter(|(kind, _)| kind.eq_ignore_ascii_case(attribute));
        let in_dn = in_dn.map(|(_, name)| name);
        in_dn.or_else(|| texts(group, attribute).into_iter().next())
    }
}
