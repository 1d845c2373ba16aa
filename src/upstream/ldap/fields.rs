//! The settings an admin can write, one line each.

use crate::kind::Field;

const fn field(name: &'static str, about: &'static str) -> Field {
    Field {
        name,
        about,
        needed: false,
        secret: false,
    }
}

const fn needed(name: &'static str, about: &'static str) -> Field {
    Field {
        name,
        about,
        needed: true,
        secret: false,
    }
}

const fn secret(name: &'static str, about: &'static str) -> Field {
    Field {
        name,
        about,
        needed: false,
        secret: true,
    }
}

pub const FIELDS: &[Field] = &[
    needed(
        "servers",
        "a list of ldaps:// or ldap:// URLs, tried in this order",
    ),
    field(
        "start_tls",
        "true: encrypt ldap:// by StartTLS before anything is said",
    ),
    field(
        "allow_plain_text",
        "true: allow ldap:// without StartTLS (passwords are readable)",
    ),
    field(
        "ca_file",
        "a PEM file of the authorities to trust, instead of the system's",
    ),
    field("ca_pem", "the same, as text"),
    field(
        "bind_dn",
        "the DN of the account that searches; without it the search is anonymous",
    ),
    secret("bind_password", "that account's password"),
    needed("base_dn", "where users are searched"),
    field(
        "flavour",
        "standard (default) or active-directory: what the other settings are by default",
    ),
    field(
        "domain",
        "Active Directory's short name: the only one taken in DOMAIN\\name; default any",
    ),
    field(
        "user_filter",
        "finds a user by {login}; default (uid={login}); Active Directory: by sAMAccountName \
         or userPrincipalName",
    ),
    field(
        "login_attribute",
        "the sign-in name as the directory spells it; default uid or sAMAccountName",
    ),
    field(
        "subject_attribute",
        "the lasting id; default entryUUID or objectGUID",
    ),
    field(
        "name_attribute",
        "the name to show; default cn or displayName",
    ),
    field(
        "mail_attribute",
        "the mail address; default mail, \"\" for none",
    ),
    field(
        "attributes",
        "more of them: our name = the directory's attribute",
    ),
    field(
        "member_of_attribute",
        "the groups on the user's entry; default memberOf, \"\" for none",
    ),
    field(
        "group_base_dn",
        "where groups are searched; without it, or with \"\", no group search; Active Directory: \
         default the domain of base_dn",
    ),
    field(
        "group_filter",
        "finds groups by {dn} or {login}; default (|(member={dn})(uniqueMember={dn})(memberUid={login}))",
    ),
    field(
        "nested_groups",
        "true: groups of groups count, too, level by level; \"matching-rule\": all at once, as \
         Active Directory can; needs group_base_dn",
    ),
    field("group_name_attribute", "a group's name; default cn"),
    field(
        "connect_timeout_ms",
        "for connecting, with TLS; default 2000",
    ),
    field(
        "operation_timeout_ms",
        "for one search or bind; default 3000",
    ),
    field(
        "page_size",
        "entries asked for at once where there may be many; default 500, 0 for all",
    ),
    field("pool_size", "connections for searches, at most; default 4"),
    field(
        "pool_idle_ms",
        "a search connection is closed when unused for as long; default 60000",
    ),
    field(
        "password_change",
        "off (default), rfc3062 or active-directory: how users change a password, over TLS only",
    ),
];
