//! The token requirements of applications, as data: one row per application. Each is taken from the
//! vendor's public documentation; a row uses nothing that the settings could not express.

/// The shape of one application's token, and how it is sent.
pub(super) struct TokenProfile {
    pub name: &'static str,
    /// One line, for the admin.
    pub about: &'static str,
    pub signs: Signs,
    pub to: To,
    pub way: TokenTransport,
    /// Fields or parameters in addition to the token, each a template.
    pub also: &'static [(&'static str, &'static str)],
    /// The claims: JSON whose texts are templates.
    pub claims: &'static str,
    /// Claims that only the admin can give.
    pub asks: &'static [&'static str],
    /// What the admin may set besides `claims` and `subject`.
    pub free: &'static [&'static str],
    /// Lifetime in seconds: default, and maximum.
    pub life: (i64, i64),
    /// Bytes its secret must have at least. RFC 7518 section 3.2 wants 32 for HS256.
    pub shortest: usize,
}

/// Which key signs, and what.
pub(super) enum Signs {
    /// The secret shared with the application: a token, by HS256.
    Shared,
    /// Ours, which any application can verify with our published keys: a token.
    Ours,
    /// The secret shared with the application: the address. Host, path and the JSON of these
    /// parameters, those that are there, a line each, by HMAC-SHA1.
    Address { order: &'static [&'static str] },
}

/// Where the token goes.
#[derive(Clone, Copy)]
pub(super) enum To {
    /// This path under the instance's `base_url`.
    Base(&'static str),
    /// The record's own address.
    Target,
    /// At the address that the admin sets.
    Written,
}

/// How it is sent. By form wherever the application accepts one: addresses are stored in histories
/// and logs.
#[derive(Clone, Copy)]
pub(super) enum TokenTransport {
    Form(&'static str),
    Query(&'static str),
    /// At the end of the path.
    Path,
}

pub(super) const PROFILES: &[TokenProfile] = &[
    TokenProfile {
        name: "zendesk",
        about: "Zendesk, JWT single sign-on: by form to /access/jwt, the record's address beside it",
        signs: Signs::Shared,
        to: To::Base("/access/jwt"),
        way: TokenTransport::Form("jwt"),
        also: &[("return_to", "{target}")],
        claims: r#"{ "iat": "{now}", "jti": "{jti}", "name": "{name}", "email": "{mail}",
            "external_id": "{subject}" }"#,
        asks: &[],
        free: &[],
        life: (60, 60),
        shortest: 32,
    },
    TokenProfile {
        name: "metabase",
        about: "Metabase, JWT single sign-on: /auth/sso, which takes no form",
        signs: Signs::Shared,
        to: To::Base("/auth/sso"),
        way: TokenTransport::Query("jwt"),
        also: &[("return_to", "{path}")],
        claims: r#"{ "email": "{mail}", "first_name": "{first_name?}", "last_name": "{last_name?}",
            "groups": "{groups}", "exp": "{exp}" }"#,
        asks: &[],
        free: &["life"],
        life: (60, 600),
        shortest: 32,
    },
    TokenProfile {
        name: "metabase-embed",
        about: "Metabase, static embedding: the dashboard of the record's number, its fields locked",
        signs: Signs::Shared,
        to: To::Base("/embed/dashboard/"),
        way: TokenTransport::Path,
        also: &[],
        claims: r#"{ "resource": { "dashboard": "{number(key)}" }, "params": "{fields}",
            "exp": "{exp}" }"#,
        asks: &[],
        free: &["address", "life"],
        life: (600, 3600),
        shortest: 32,
    },
    TokenProfile {
        name: "superset",
        about: "Apache Superset, a guest token: by form to the page that embeds the dashboard",
        signs: Signs::Shared,
        to: To::Written,
        way: TokenTransport::Form("guest_token"),
        also: &[],
        claims: r#"{ "user": { "username": "{login}", "first_name": "{first_name?}",
            "last_name": "{last_name?}" },
            "resources": [{ "type": "dashboard", "id": "{key}" }], "rls_rules": [],
            "iat": "{now}", "exp": "{exp}", "aud": "{base}", "type": "guest" }"#,
        asks: &[],
        free: &["address", "life"],
        life: (300, 3600),
        shortest: 32,
    },
    TokenProfile {
        name: "grafana",
        about: "Grafana, auth.jwt with url_login: our own signature, in the record's address",
        signs: Signs::Ours,
        to: To::Target,
        way: TokenTransport::Query("auth_token"),
        also: &[],
        claims: r#"{ "sub": "{subject}", "email": "{mail}", "name": "{name}" }"#,
        asks: &[],
        free: &["alg", "life"],
        // Grafana keeps no session: the token is sent with every request of the page.
        life: (600, 3600),
        shortest: 0,
    },
    TokenProfile {
        name: "looker",
        about: "Looker, signed embedding: the record's path, below /embed/",
        signs: Signs::Address {
            order: &[
                "nonce",
                "time",
                "session_length",
                "external_user_id",
                "permissions",
                "models",
                "group_ids",
                "external_group_id",
                "user_attributes",
                "access_filters",
            ],
        },
        to: To::Base("/login/embed/"),
        way: TokenTransport::Path,
        also: &[],
        claims: r#"{ "nonce": "{jti}", "time": "{now}", "session_length": "{life}",
            "external_user_id": "{subject}", "first_name": "{first_name?}",
            "last_name": "{last_name?}", "access_filters": {}, "force_logout_login": true }"#,
        asks: &["permissions", "models"],
        free: &["life"],
        life: (3600, 43_200),
        shortest: 32,
    },
    TokenProfile {
        name: "custom",
        about: "any other: the admin says how it is signed, what it says and how it travels",
        signs: Signs::Shared,
        to: To::Written,
        way: TokenTransport::Form("jwt"),
        also: &[],
        claims: r#"{ "iat": "{now}", "exp": "{exp}", "jti": "{jti}" }"#,
        asks: &[],
        free: &["address", "alg", "way", "field", "also", "life"],
        life: (60, 3600),
        shortest: 32,
    },
];

/// The row called `name`, or a sentence naming those there are.
pub(super) fn named(name: &str) -> Result<&'static TokenProfile, String> {
    let found = PROFILES.iter().find(|profile| profile.name == name);
    found.ok_or_else(|| {
        let line = |profile: &TokenProfile| format!("\n    {}: {}", profile.name, profile.about);
        let known: String = PROFILES.iter().map(line).collect();
        format!("there is no profile \"{name}\"; the known ones are{known}")
    })
}
