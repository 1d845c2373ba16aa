//! Settings of the hand-off `jwt`, as they are reported when seeded.

use serde_json::{Value, json};

use super::{SECRET, linked, shared};
use support::server::TestServer;

#[tokio::test]
async fn invalid_settings_are_reported_when_seeded() {
    let usher = TestServer::open().await;
    let zendesk = |more: Value| shared("zendesk", more);
    let custom = |more: Value| shared("custom", more);
    // One whose address is good.
    let at_x = |mut more: Value| {
        more["address"] = json!("/x");
        shared("custom", more)
    };
    let cases = [
        (json!({ "profile": "freshworks" }), "zendesk: Zendesk"),
        (
            json!({ "profile": "zendesk" }),
            "the setting \"secret\" is missing",
        ),
        (
            json!({ "profile": "zendesk", "secret": "hunter2-of-thirty-one-bytes-onl" }),
            "at least 32 bytes",
        ),
        (
            json!({ "profile": "zendesk", "secret": "" }),
            "at least 32 bytes",
        ),
        (
            json!({ "profile": "zendesk", "secret": 47_114_711 }),
            "must be a text",
        ),
        (
            json!({ "profile": "zendesk", "secret_file": "/no/such/file" }),
            "/no/such/file",
        ),
        (zendesk(json!({ "secret_env": "X" })), "exactly one way"),
        (shared("grafana", json!({})), "needs no secret"),
        (
            json!({ "profile": "grafana", "alg": "HS256" }),
            "ES256 or RS256",
        ),
        (
            json!({ "profile": "grafana", "alg": "none" }),
            "ES256 or RS256",
        ),
        (
            json!({ "profile": "grafana", "claims": { "aud": "https://crm-eu.test" } }),
            "we say ourselves what aud is",
        ),
        (
            json!({ "profile": "grafana", "claims": { "exp": 4_000_000_000_u64 } }),
            "we say ourselves what exp is",
        ),
        (
            zendesk(json!({ "alg": "ES256" })),
            "says itself what alg is",
        ),
        (
            zendesk(json!({ "way": "query" })),
            "says itself what way is",
        ),
        (
            zendesk(json!({ "address": "https://evil.example/" })),
            "says itself what address is",
        ),
        (
            zendesk(json!({ "also": { "x": "y" } })),
            "says itself what also is",
        ),
        (
            shared("looker", json!({})),
            "needs permissions among the claims",
        ),
        (
            shared("superset", json!({})),
            "the setting \"address\" is missing",
        ),
        (
            custom(json!({ "address": "javascript:alert(1)" })),
            "https://",
        ),
        (
            custom(json!({ "address": "//evil.example/" })),
            "not an absolute URL",
        ),
        (
            at_x(json!({ "way": "header" })),
            "way is form, query or path",
        ),
        (at_x(json!({ "field": "a b" })), "no name of a field"),
        (
            at_x(json!({ "also": { "a\"b": "y" } })),
            "no name of a field",
        ),
        (at_x(json!({ "also": { "a": 1 } })), "must be a text"),
        (at_x(json!({ "life": 0 })), "life is 1 to 3600"),
        (at_x(json!({ "life": 3601 })), "life is 1 to 3600"),
        (
            at_x(json!({ "claims": { "a": "{emial}" } })),
            "there is no source {emial}",
        ),
        (at_x(json!({ "claims": { "a": "{key" } })), "is not closed"),
        (at_x(json!({ "claims": { "a": "key}" } })), "closes nothing"),
        (
            at_x(json!({ "claims": { "a": { "b": "{id()}" } } })),
            "a: b: there is no",
        ),
        (
            at_x(json!({ "claims": { "a": "{number(name)}" } })),
            "there is no source",
        ),
        (at_x(json!({ "alg": "hs256" })), "not \"hs256\""),
        (at_x(json!({ "subject": "mail" })), "unknown variant"),
        (at_x(json!({ "audience": "x" })), "unknown setting"),
    ];
    for (bad, words) in cases {
        let draft = linked(bad.clone(), "/b/{key}");
        let error = usher.app.seed(&draft.toml()).await;
        let error = error.expect_err(words).to_string();
        assert!(error.contains("instance \"app-all\""), "{bad}: {error}");
        assert!(error.contains(words), "{bad}: {error}");
        for secret in [SECRET, "hunter2", "47114711"] {
            assert!(!error.contains(secret), "{bad}: {error}");
        }
    }
}

/// The page for admins names every profile, and every source of a claim.
#[test]
fn the_documentation_names_every_setting_profile_and_source() {
    let read = |path: &str| {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(root.join(path)).expect("a file")
    };
    let page = read("docs/embedding-tokens.md");
    let quoted = |text: &str, opening: &str| -> Vec<String> {
        let found = text.split(opening).skip(1);
        let names = found.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned()));
        names.collect()
    };
    let profiles = quoted(&read("src/handoff/jwt/profile.rs"), "        name: \"");
    let sources = read("src/handoff/jwt/claim.rs");
    let (_, sources) = sources.split_once("SOURCES").expect("the table");
    let (sources, _) = sources.split_once("];").expect("its end");
    let sources = quoted(&sources.replace("(\n        \"", "(\""), "    (\"");
    assert!(
        profiles.len() == 7 && sources.len() > 20,
        "{profiles:?} {sources:?}"
    );
    let named = profiles.iter().map(|name| format!("`{name}`"));
    let named = named.chain(sources.iter().map(|name| format!("`{{{name}}}`")));
    let kinds = usher::handoff::KINDS;
    let fields = kinds
        .iter()
        .filter(|kind| ["jwt", "discourse"].contains(&kind.name));
    let fields = fields
        .flat_map(|kind| kind.fields)
        .map(|field| format!("`{}`", field.name));
    for words in named.chain(fields) {
        assert!(page.contains(&words), "the page says nothing of {words}");
    }
}
