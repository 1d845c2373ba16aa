//! What a user may do in the administration of the portal. Roles that bundle permissions do not
//! exist yet: an admin holds every permission.

use super::user::User;

/// The right to use one part of the administration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// The overview: counts, and what has not been set up yet.
    ViewAdministration,
    /// The audit log.
    ReadAudit,
    /// The signing keys and their certificates: their state, and creating new ones.
    ManageKeys,
    /// The notifications of logouts to applications: their state, and repeating one.
    ManageLogouts,
    /// The services and the strength of their hand-offs.
    ReadServices,
    /// The identity providers: their state, tests, documents and metadata.
    ManageIdentityProviders,
}

impl Permission {
    pub const ALL: [Permission; 6] = [
        Permission::ViewAdministration,
        Permission::ReadAudit,
        Permission::ManageKeys,
        Permission::ManageLogouts,
        Permission::ReadServices,
        Permission::ManageIdentityProviders,
    ];

    /// The stable word for configuration and logs: `noun.verb`.
    pub fn as_str(self) -> &'static str {
        match self {
            Permission::ViewAdministration => "administration.view",
            Permission::ReadAudit => "audit.read",
            Permission::ManageKeys => "keys.manage",
            Permission::ManageLogouts => "logouts.manage",
            Permission::ReadServices => "services.read",
            Permission::ManageIdentityProviders => "identity_providers.manage",
        }
    }
}

/// Whether the user holds the permission. Every decision about the administration is made here.
pub fn permits(user: &User, permission: Permission) -> bool {
    match permission {
        Permission::ViewAdministration
        | Permission::ReadAudit
        | Permission::ManageKeys
        | Permission::ManageLogouts
        | Permission::ReadServices
        | Permission::ManageIdentityProviders => user.admin_at.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn is_well_formed(word: &str) -> bool {
        let is_name = |text: &str| {
            let fits = |c: char| c.is_ascii_lowercase() || c == '_';
            !text.is_empty() && text.chars().all(fits)
        };
        let parts = word.split_once('.');
        parts.is_some_and(|(noun, verb)| is_name(noun) && is_name(verb))
    }

    #[test]
    fn words_are_unique_and_well_formed() {
        let words: BTreeSet<&str> = Permission::ALL.map(Permission::as_str).into();
        assert_eq!(words.len(), Permission::ALL.len());
        for word in words {
            assert!(is_well_formed(word), "{word}");
        }
    }
}
