//! One client, several services: the application is one, whichever service leads there.

use support::{
    browser::Browser,
    draft::{Draft, part},
    relying_party::Ask,
    server::TestServer,
};

/// The wiki's client as a strict service of the admins as well.
const VAULT: &str = r#"
[[service]]
slug = "vault"
title = "Vault"
description = "What few may read"
icon = "book"
category = "Knowledge"
handoff = "link"
audience = { group = "admins" }

[[service.instance]]
slug = "vault-eu"
title = "Vault Europe"
base_url = "https://vault-eu.test"
settings = { client = "wiki-eu" }

[[service.rule]]
title = "Everybody"
instances = ["vault-eu"]

[[service.link]]
type = "customer"
intents = { view = "/{key}" }

[[assurance]]
title = "a vault"
service = "vault"
second_factor = true
"#;

/// The tests' catalogue with the vault before or after the lax service.
fn shared(strict_first: bool) -> Draft {
    let mut draft = Draft::sample().plus(VAULT);
    if strict_first {
        draft.seed.service.rotate_right(1);
    }
    draft
}

#[tokio::test]
async fn a_client_of_two_services_is_as_open_as_one_and_as_strict_as_the_strictest() {
    for strict_first in [true, false] {
        let usher = TestServer::with(&shared(strict_first)).await;
        // Ana sees the wiki only: she enters, and nothing more is required of her.
        let mut ana = Browser::of(&usher, "ana").await;
        let page = ana.peek(&Ask::of("wiki-eu").path()).await;
        assert!(
            page.sent().contains_key("code"),
            "{strict_first}: {}",
            page.location()
        );
        // Cleo sees both: the vault's requirement must not be bypassed.
        let mut cleo = Browser::of(&usher, "cleo").await;
        let page = cleo.peek(&Ask::of("wiki-eu").path()).await;
        assert!(
            page.location().starts_with("/sign-in/"),
            "{strict_first}: {}",
            page.location()
        );
        let quiet = Ask::of("wiki-eu").with("prompt", "none");
        let page = cleo.peek(&quiet.path()).await;
        assert_eq!(
            page.sent()["error"],
            "interaction_required",
            "{strict_first}"
        );
        // Nor by a launch of the other service.
        let page = cleo.peek("/go/wiki").await;
        assert!(
            page.location().starts_with("/sign-in/"),
            "{strict_first}: {}",
            page.location()
        );
        let page = ana.peek("/go/wiki").await;
        assert!(!page.location().starts_with("/sign-in/"), "{strict_first}");
        let sheets = usher.app.administration().services();
        let wiki = sheets.iter().find(|sheet| sheet.slug == "wiki");
        let mut instances = wiki.expect("the wiki").instances.iter();
        let shared = instances.find(|one| one.slug == "wiki-eu");
        assert_eq!(shared.expect("one").shared_with, ["Vault"]);
    }
}

/// Closing one of them keeps the access of the other's users only.
#[tokio::test]
async fn a_client_of_two_services_is_shut_when_neither_is_open_to_the_user() {
    let usher = TestServer::with(&shared(true)).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let mut closed = shared(true);
    closed.service("wiki").audience = Some(part("group = \"admins\""));
    usher.seed(&closed).await;
    let page = ana.peek(&Ask::of("wiki-eu").path()).await;
    assert_eq!(page.sent()["error"], "access_denied");
}
