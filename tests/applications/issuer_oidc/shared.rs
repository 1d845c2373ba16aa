//! One client, several services: the application is one, whichever service leads there.

use support::{
    browser::Browser,
    relying_party::Ask,
    server::{TestServer, changed},
};

/// The wiki's client as a strict service of the admins as well: before or after the lax one.
fn shared(strict_first: bool) -> String {
    let strict = r#"
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
[service.link.intents]
view = "/{key}"
"#;
    let rule = "\n[[assurance]]\ntitle = \"a vault\"\nservice = \"vault\"\nsecond_factor = true\n";
    let mark = "# Wiki: a plain deep link; it starts its own single sign-on.\n";
    match strict_first {
        true => changed(&[(mark, strict)]) + rule,
        false => changed(&[]) + strict + rule,
    }
}

#[tokio::test]
async fn a_client_of_two_services_is_as_open_as_one_and_as_strict_as_the_strictest() {
    for strict_first in [true, false] {
        let house = TestServer::with(&shared(strict_first)).await;
        // Ana sees the wiki alone: she enters, and nothing more is demanded of her.
        let mut ana = Browser::of(&house, "ana").await;
        let page = ana.peek(&Ask::of("wiki-eu").path()).await;
        assert!(
            page.sent().contains_key("code"),
            "{strict_first}: {}",
            page.location()
        );
        // Cleo sees both: the vault's demand is not to be walked around.
        let mut cleo = Browser::of(&house, "cleo").await;
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
        let sheets = house.app.desk().services();
        let wiki = sheets.iter().find(|sheet| sheet.slug == "wiki");
        let mut instances = wiki.expect("the wiki").instances.iter();
        let shared = instances.find(|one| one.slug == "wiki-eu");
        assert_eq!(shared.expect("one").shared_with, ["Vault"]);
    }
}

/// Closing one of them leaves the other's people in, and nobody else.
#[tokio::test]
async fn a_client_of_two_services_is_shut_when_neither_is_open_to_the_user() {
    let house = TestServer::with(&shared(true)).await;
    let mut ana = Browser::of(&house, "ana").await;
    let open = "handoff = \"link\"\n\n[[service.instance]]\nslug = \"wiki-eu\"";
    let closed = open.replacen('\n', "\naudience = { group = \"admins\" }\n", 1);
    let seed = shared(true);
    assert!(seed.contains(open));
    house.seed(&seed.replace(open, &closed)).await;
    let page = ana.peek(&Ask::of("wiki-eu").path()).await;
    assert_eq!(page.sent()["error"], "access_denied");
}
