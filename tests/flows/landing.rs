//! Checks `docs/landing.md` and `docs/provider.md`: the seeds that they print load, and the methods
//! they describe are the existing ones.

use usher::handoff;

use support::{browser::Browser, draft::Draft, server::TestServer};

const PAGE: &str = include_str!("../../docs/landing.md");
const PROVIDER: &str = include_str!("../../docs/provider.md");

/// The users, which the page does not define.
const USERS: &str = r#"
[[provider]]
slug = "local"
kind = "local"
title = "Sign in with your Usher account"
default = true

[[person]]
login = "ana"
name = "Ana Almeida"
password = "correct horse battery staple"
"#;

/// The page's seeds: the kind of record, then one of each method.
fn snippets() -> Vec<&'static str> {
    snippets_of(PAGE)
}

fn snippets_of(page: &str) -> Vec<&str> {
    page.split("```toml\n")
        .skip(1)
        .map(|rest| rest.split_once("```").expect("an end").0)
        .collect()
}

#[tokio::test]
async fn each_snippet_loads_and_takes_a_user_to_the_record() {
    let snippets = snippets();
    let (kind, methods) = snippets.split_first().expect("snippets");
    assert!(methods.len() >= 3);
    for method in methods {
        let draft = Draft::parse(USERS).plus(kind).plus(method);
        let usher = TestServer::with(&draft).await;
        let slug = method.split("slug = \"").nth(1).expect("a service");
        let slug = slug.split_once('"').expect("an end").0;
        let mut ana = Browser::of(&usher, "ana").await;
        ana.stays = true;
        let page = ana.get(&format!("/go/{slug}/customer/C-1042")).await;
        assert!(page.status < 400, "{slug}: {}", page.text());
        let departed = usher.events_named("launch.departed").await;
        assert_eq!(departed, 1, "{slug}");
    }
}

#[tokio::test]
async fn what_clients_may_register_is_registered() {
    let snippets = snippets_of(PROVIDER);
    assert_eq!(snippets.len(), 1);
    TestServer::with(&Draft::parse(USERS).plus(snippets[0])).await;
}

#[tokio::test]
async fn all_snippets_together_are_one_catalogue() {
    TestServer::with(&Draft::parse(USERS).plus(&snippets().concat())).await;
}

#[test]
fn the_page_describes_methods_there_are() {
    let described = PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("## `")?.split_once('`'))
        .map(|(name, _)| name);
    for name in described {
        let known = handoff::KINDS.iter().any(|kind| kind.name == name);
        assert!(known, "there is no method {name}");
        assert!(
            snippets()
                .iter()
                .any(|text| text.contains(&format!("handoff = \"{name}\""))),
            "{name} has no snippet"
        );
    }
}

/// Relative links of the page lead to files that are there.
#[test]
fn its_links_lead_somewhere() {
    for rest in PAGE.split("](../").skip(1) {
        let path = rest.split_once(')').expect("an end").0;
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(root.join(path).exists(), "{path}");
    }
}
