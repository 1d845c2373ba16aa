//! Kinds of directories: the defaults of the settings.

use serde::Deserialize;

use super::active_directory;

/// What kind of directory it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Flavour {
    /// RFC 4519's schema: OpenLDAP, 389 Directory Server and their like.
    #[default]
    Standard,
    ActiveDirectory,
}

/// How nested groups are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// They are not counted.
    None,
    /// By us, level by level.
    Climb,
    /// By the directory, in one search.
    MatchingRule,
}

/// The defaults that differ.
pub struct Defaults {
    pub user_filter: &'static str,
    pub login_attribute: &'static str,
    pub subject_attribute: &'static str,
    pub name_attribute: &'static str,
    pub nesting: Nesting,
}

impl Flavour {
    pub const fn defaults(self) -> &'static Defaults {
        match self {
            Flavour::Standard => &Defaults {
                user_filter: "(uid={login})",
                login_attribute: "uid",
                subject_attribute: "entryUUID",
                name_attribute: "cn",
                nesting: Nesting::None,
            },
            Flavour::ActiveDirectory => &Defaults {
                user_filter: "(&(objectCategory=person)(objectClass=user)\
                              (|(sAMAccountName={login})(userPrincipalName={login})))",
                login_attribute: "sAMAccountName",
                subject_attribute: "objectGUID",
                name_attribute: "displayName",
                nesting: Nesting::MatchingRule,
            },
        }
    }

    pub const fn group_filter(self, nesting: Nesting) -> &'static str {
        match (self, nesting) {
            (_, Nesting::MatchingRule) => active_directory::NESTED_GROUPS,
            (Flavour::ActiveDirectory, _) => "(&(objectClass=group)(member={dn}))",
            (Flavour::Standard, _) => "(|(member={dn})(uniqueMember={dn})(memberUid={login}))",
        }
    }
}
