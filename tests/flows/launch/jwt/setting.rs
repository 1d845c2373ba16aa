//! Settings of the hand-off by a dictated token, as they are told when seeded.

use super::{SECRET, seed, shared};
use support::server::{PASSWORD, TestServer};

#[tokio::test]
async fn settings_that_do_not_hold_are_told_when_seeded() {
    let house = TestServer::open().await;
    let custom = |more: &str| shared("custom", more);
    let cases = [
        ("profile = \"freshworks\"".to_owned(), "zendesk: Zendesk"),
        (
            "profile = \"zendesk\"".to_owned(),
            "the setting \"secret\" is missing",
        ),
        (
            "profile = \"zendesk\", secret = \"hunter2-of-thirty-one-bytes-only\""
                .replace("-only", "-onl"),
            "at least 32 bytes",
        ),
        (
            "profile = \"zendesk\", secret = \"\"".to_owned(),
            "at least 32 bytes",
        ),
        (
            "profile = \"zendesk\", secret = 47114711".to_owned(),
            "must be a text",
        ),
        (
            "profile = \"zendesk\", secret_file = \"/no/such/file\"".to_owned(),
            "/no/such/file",
        ),
        (shared("zendesk", ", secret_env = \"X\""), "exactly one way"),
        (shared("grafana", ""), "needs no secret"),
        (
            "profile = \"grafana\", alg = \"HS256\"".to_owned(),
            "ES256 or RS256",
        ),
        (
            "profile = \"grafana\", alg = \"none\"".to_owned(),
            "ES256 or RS256",
        ),
        (
            "profile = \"grafana\", claims = { aud = \"https://crm-eu.test\" }".to_owned(),
            "we say ourselves what aud is",
        ),
        (
            "profile = \"grafana\", claims = { exp = 4000000000 }".to_owned(),
            "we say ourselves what exp is",
        ),
        (
            shared("zendesk", ", alg = \"ES256\""),
            "says itself what alg is",
        ),
        (
            shared("zendesk", ", way = \"query\""),
            "says itself what way is",
        ),
        (
            shared("zendesk", ", address = \"https://evil.example/\""),
            "says itself what address is",
        ),
        (
            shared("zendesk", ", also = { x = \"y\" }"),
            "says itself what also is",
        ),
        (shared("looker", ""), "needs permissions among the claims"),
        (shared("superset", ""), "the setting \"address\" is missing"),
        (custom(", address = \"javascript:alert(1)\""), "https://"),
        (
            custom(", address = \"//evil.example/\""),
            "not an absolute URL",
        ),
        (
            custom(", address = \"/x\", way = \"header\""),
            "way is form, query or path",
        ),
        (
            custom(", address = \"/x\", field = \"a b\""),
            "no name of a field",
        ),
        (
            custom(", address = \"/x\", also = { \"a\\\"b\" = \"y\" }"),
            "no name of a field",
        ),
        (
            custom(", address = \"/x\", also = { a = 1 }"),
            "must be a text",
        ),
        (custom(", address = \"/x\", life = 0"), "life is 1 to 3600"),
        (
            custom(", address = \"/x\", life = 3601"),
            "life is 1 to 3600",
        ),
        (
            custom(", address = \"/x\", claims = { a = \"{emial}\" }"),
            "there is no source {emial}",
        ),
        (
            custom(", address = \"/x\", claims = { a = \"{key\" }"),
            "is not closed",
        ),
        (
            custom(", address = \"/x\", claims = { a = \"key}\" }"),
            "closes nothing",
        ),
        (
            custom(", address = \"/x\", claims = { a = { b = \"{id()}\" } }"),
            "a: b: there is no",
        ),
        (
            custom(", address = \"/x\", claims = { a = \"{number(name)}\" }"),
            "there is no source",
        ),
        (
            custom(", address = \"/x\", alg = \"hs256\""),
            "not \"hs256\"",
        ),
        (
            custom(", address = \"/x\", subject = \"mail\""),
            "unknown variant",
        ),
        (
            custom(", address = \"/x\", audience = \"x\""),
            "unknown setting",
        ),
    ];
    for (bad, words) in cases {
        let text = seed(&bad, "/b/{key}").replace("{PASSWORD}", PASSWORD);
        let error = house.app.seed(&text).await.expect_err(&bad).to_string();
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
