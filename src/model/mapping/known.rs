//! Names in common use: the mapping of attributes without a rule by an admin.

/// The vocabulary that a provider uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vocabulary {
    /// Our own names already, as the settings of the provider made them: local accounts, LDAP.
    Ours,
    /// Claims (OpenID Connect Core 1.0 section 5.1).
    Oidc,
    /// Attributes of SAML assertions: object identifiers (RFC 4519, RFC 4524, RFC 2798, eduPerson),
    /// the names behind them, and Microsoft's claim addresses.
    Saml,
}

impl Vocabulary {
    /// The vocabulary that providers of a kind use.
    pub fn of(kind: &str) -> Self {
        match kind {
            "oidc" => Vocabulary::Oidc,
            "saml" => Vocabulary::Saml,
            _ => Vocabulary::Ours,
        }
    }

    /// Our name, and theirs for it, the preferred ones first.
    pub(super) fn known(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Vocabulary::Ours => &[],
            Vocabulary::Oidc => OIDC,
            Vocabulary::Saml => SAML,
        }
    }

    /// Names that describe the message, not the user: never attributes by themselves.
    pub(super) fn is_of_the_message(self, name: &str) -> bool {
        self == Vocabulary::Oidc && PROTOCOL_CLAIMS.contains(&name)
    }
}

const OIDC: &[(&str, &[&str])] = &[
    ("login", &["preferred_username", "upn", "email"]),
    ("name", &["name"]),
    ("mail", &["email"]),
    ("groups", &["groups"]),
];

/// OpenID Connect Core 1.0 section 2, RFC 7519 section 4.1, Back-Channel Logout 1.0 section 2.1.
const PROTOCOL_CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "nonce",
    "auth_time",
    "acr",
    "amr",
    "azp",
    "at_hash",
    "c_hash",
    "s_hash",
    "sid",
    "typ",
    "events",
];

const SAML: &[(&str, &[&str])] = &[
    (
        "login",
        &[
            "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
            "eduPersonPrincipalName",
            "urn:oid:0.9.2342.19200300.100.1.1",
            "uid",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
        ],
    ),
    (
        "name",
        &[
            "urn:oid:2.16.840.1.113730.3.1.241",
            "displayName",
            "http://schemas.microsoft.com/identity/claims/displayname",
            "urn:oid:2.5.4.3",
            "cn",
        ],
    ),
    (
        "mail",
        &[
            "urn:oid:0.9.2342.19200300.100.1.3",
            "mail",
            "email",
            "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
        ],
    ),
    (
        "groups",
        &[
            "urn:oid:1.3.6.1.4.1.5923.1.5.1.1",
            "isMemberOf",
            "groups",
            "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups",
            "http://schemas.xmlsoap.org/claims/Group",
        ],
    ),
    (
        "affiliation",
        &["urn:oid:1.3.6.1.4.1.5923.1.1.1.1", "eduPersonAffiliation"],
    ),
    (
        "entitlement",
        &["urn:oid:1.3.6.1.4.1.5923.1.1.1.7", "eduPersonEntitlement"],
    ),
    ("department", &["urn:oid:2.5.4.11", "ou"]),
    ("given_name", &["urn:oid:2.5.4.42", "givenName"]),
    ("family_name", &["urn:oid:2.5.4.4", "sn"]),
];
