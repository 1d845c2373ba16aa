//! Which services there are, for whom, where, and why: as users see it.

mod parts;

use std::time::Duration;

use usher::{model::context::Sensitivity, seed::file::TargetDocument};

use support::{
    browser::{Browser, Page},
    draft::{Draft, part},
    server::TestServer,
};

/// The titles of the tiles, in their order, and where each leads.
fn tiles(page: &Page) -> Vec<(String, String)> {
    let strip = |text: &str| {
        let text = regex::Regex::new("<[^>]*>")
            .expect("a pattern")
            .replace_all(text, "");
        text.trim().to_owned()
    };
    page.body
        .split("class=\"cover\"")
        .skip(1)
        .map(|tile| {
            let (_, title) = tile.split_once('>').expect("a link");
            let (title, rest) = title.split_once("</a>").expect("a title");
            let (_, place) = rest.split_once("<span class=\"where").expect("a place");
            let (_, place) = place.split_once('>').expect("its text");
            let (place, _) = place.split_once("</span>").expect("its end");
            (strip(title), strip(place))
        })
        .collect()
}

#[tokio::test]
async fn the_portal_shows_exactly_what_a_user_may_see() {
    let usher = TestServer::open().await;
    for (name, shown) in [
        (
            "ana",
            &[
                ("CRM", "CRM Europe"),
                ("Tickets", "Ticket desk Europe"),
                ("Wiki", "Wiki Europe"),
                ("Reports", "Reports Europe"),
            ][..],
        ),
        (
            "ben",
            &[
                ("CRM", "CRM Americas"),
                ("Tickets", "Ticket desk Americas"),
                ("Wiki", "Wiki Americas"),
            ],
        ),
        (
            "cleo",
            &[
                ("CRM", "CRM Europe"),
                ("Tickets", "Ticket desk Europe"),
                ("Wiki", "Wiki Europe"),
                ("Reports", "Several instances"),
                ("Attic", "No instance assigned"),
            ],
        ),
    ] {
        let mut browser = Browser::of(&usher, name).await;
        let shown: Vec<_> = shown
            .iter()
            .map(|(t, p)| ((*t).to_owned(), (*p).to_owned()))
            .collect();
        assert_eq!(tiles(&browser.get("/").await), shown, "{name}");
    }
}

#[tokio::test]
async fn a_closed_service_is_shown_as_closed() {
    let usher = TestServer::open().await;
    usher
        .change(|draft| draft.instance("crm-eu").disabled = true)
        .await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/").await;
    assert_eq!(
        tiles(&page)[0],
        ("CRM".to_owned(), "Not available".to_owned())
    );
    assert!(
        ana.get("/services/crm")
            .await
            .says("CRM Europe, but it is temporarily unavailable")
    );
    usher
        .change(|draft| draft.service("crm").disabled = true)
        .await;
    let page = ana.get("/").await;
    assert_eq!(
        tiles(&page)[0],
        ("CRM".to_owned(), "Not available".to_owned())
    );
}

#[tokio::test]
async fn a_service_explains_itself_in_words() {
    let usher = TestServer::open().await;
    for (name, service, sentences) in [
        (
            "ana",
            "crm",
            &[
                "You are taken to CRM Europe, because the rule “People in Europe” applies to you.",
                "People in Europe Applies",
                "is “europe” (from your local account); condition: “europe”",
                "People in the Americas Not checked",
                "You are signed in automatically, and the record is passed on.",
            ][..],
        ),
        (
            "ben",
            "crm",
            &[
                "You are taken to CRM Americas, because the rule “People in the Americas” applies to you.",
                "People in Europe Does not apply",
                "is “americas” (from your local account); condition: “europe”",
            ],
        ),
        (
            "ana",
            "tickets",
            &[
                "You are taken to Ticket desk Europe, the default, because no specific rule applies to you.",
                "condition: one of americas, asia",
                "this rule applies to everyone",
                "one-time code",
            ],
        ),
        (
            "cleo",
            "reports",
            &["More than one instance is available to you. You choose one each time."],
        ),
        (
            "cleo",
            "attic",
            &[
                "No rule applies to you, so no instance is assigned to you.",
                "Ghosts Does not apply",
                "condition: “ghosts”",
            ],
        ),
    ] {
        let mut browser = Browser::of(&usher, name).await;
        let page = browser.get(&format!("/services/{service}")).await;
        for sentence in sentences {
            assert!(
                page.says(sentence),
                "{name}, {service}: {sentence}\n{}",
                page.text()
            );
        }
    }
}

#[tokio::test]
async fn a_service_a_user_may_not_see_does_not_exist_for_them() {
    let usher = TestServer::open().await;
    let mut ben = Browser::of(&usher, "ben").await;
    for path in ["/services/", "/go/"] {
        let nothing = ben.get(&format!("{path}nothing")).await;
        let hidden = ben.get(&format!("{path}reports")).await;
        assert_eq!((nothing.status, hidden.status), (403, 403));
        let plain = |page: &Page| page.text().split("Request").next().map(str::to_owned);
        assert_eq!(plain(&nothing), plain(&hidden), "{path}");
    }
}

#[tokio::test]
async fn a_missing_attribute_fits_nothing_and_is_said_to_be_missing() {
    let usher = TestServer::open().await;
    usher
        .change(|draft| {
            draft.person("ana").attributes.remove("region");
        })
        .await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/services/crm").await;
    assert!(
        page.says("region has no value; condition: “europe”"),
        "{}",
        page.text()
    );
    let page = ana.get("/go/crm").await;
    assert!(
        page.says("No instance of CRM is assigned to you"),
        "{}",
        page.text()
    );
}

/// "The condition is admins" alone would be the opposite of what the rule says.
#[tokio::test]
async fn a_condition_that_must_not_be_so_is_explained_as_such() {
    let usher = TestServer::open().await;
    let mut ben = Browser::of(&usher, "ben").await;
    let page = ben.get("/services/tickets").await;
    assert!(page.says("Support in the Americas Applies"));
    assert!(page.says("must not be met"), "{}", page.text());
}

#[tokio::test]
async fn a_rule_may_look_at_the_record() {
    let usher = TestServer::open().await;
    let rule = "title = \"Old customers\"\ninstances = [\"wiki-us\"]\n\
        when = { all = [{ attribute = \"context.type\", equals = \"customer\" }, \
                        { attribute = \"context.key\", matches = \"C-9[0-9]*\" }] }";
    usher
        .change(|draft| draft.service("wiki").rule.insert(0, part(rule)))
        .await;
    let mut ana = Browser::of(&usher, "ana").await;
    for (link, lands) in [
        (
            "/go/wiki/customer/C-1042",
            "https://wiki-eu.test/pages/C-1042",
        ),
        (
            "/go/wiki/customer/c-9042",
            "https://wiki-us.test/pages/C-9042",
        ),
        (
            "/go/wiki/customer/C-1992",
            "https://wiki-eu.test/pages/C-1992",
        ),
        ("/go/wiki", "https://wiki-eu.test/"),
    ] {
        assert_eq!(ana.peek(link).await.location(), lands, "{link}");
    }
}

/// Replaces the wiki's link, and follows it.
async fn follow(view: TargetDocument, links: &[(&str, &str)]) {
    let usher = TestServer::open().await;
    usher
        .change(|draft| *draft.target("wiki", "customer", "view") = view)
        .await;
    let mut ana = Browser::of(&usher, "ana").await;
    for (link, lands) in links {
        assert_eq!(ana.peek(link).await.location(), *lands, "{link}");
    }
}

#[tokio::test]
async fn a_link_inside_a_link_is_encoded_once_more() {
    follow(
        TargetDocument {
            template: "/nav_to.do?uri={inner}".into(),
            inner: Some("/page.do?sys_id={key}{&tab}".into()),
            audience: None,
        },
        &[
            (
                "/go/wiki/customer/C-1042",
                "https://wiki-eu.test/nav_to.do?uri=%2Fpage.do%3Fsys_id%3DC-1042",
            ),
            (
                "/go/wiki/customer/C-1042?tab=orders",
                "https://wiki-eu.test/nav_to.do?uri=%2Fpage.do%3Fsys_id%3DC-1042%26tab%3Dorders",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_link_may_carry_the_record_in_its_fragment() {
    let links = [(
        "/go/wiki/customer/C-1042?tab=orders",
        "https://wiki-eu.test/app?lang=en#/pages/C-1042/orders",
    )];
    let view = TargetDocument {
        template: "/app?lang=en#/pages/{key}{/tab}".into(),
        ..TargetDocument::default()
    };
    follow(view, &links).await;
}

#[tokio::test]
async fn a_special_key_travels_in_the_fragment_and_is_not_remembered() {
    let usher = TestServer::open().await;
    usher
        .change(|draft| {
            draft.context_type("customer").sensitivity = Sensitivity::Special;
            for (service, intent, template) in [
                ("crm", "view", "/customers#{key}{&tab}"),
                ("crm", "edit", "/customers#{key}/edit"),
                ("crm", "audit", "/customers#{key}/audit"),
                ("tickets", "view", "/customers#{key}"),
                ("wiki", "view", "/pages#{key}"),
                ("reports", "view", "/reports#{key}"),
                ("attic", "view", "/boxes#{key}"),
            ] {
                draft.target(service, "customer", intent).template = template.into();
            }
        })
        .await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek("/go/wiki/customer/C-4711").await;
    assert_eq!(page.location(), "https://wiki-eu.test/pages#C-4711");
    assert!(!ana.get("/").await.says("C-4711"));
}

/// Open redirect: whatever a template contains, no user leaves the instance by it.
#[tokio::test]
async fn a_template_that_leaves_its_instance_lands_nowhere() {
    for view in [
        "https://evil.example/{key}",
        "//evil.example/{key}",
        "/../{key}",
        "@evil.example/{key}",
        ".evil.example/{key}",
        ":8443/{key}",
        "\\\\evil.example/{key}",
    ] {
        let usher = TestServer::open().await;
        let draft = Draft::changed(|draft| {
            draft.target("wiki", "customer", "view").template = view.into();
            draft.instance("wiki-eu").base_url = "https://wiki-eu.test/app".into();
        });
        if usher.app.seed(&draft.toml()).await.is_err() {
            continue;
        }
        let mut ana = Browser::of(&usher, "ana").await;
        let page = ana.peek("/go/wiki/customer/C-1042").await;
        if page.status == 303 {
            let inside = page.location().starts_with("https://wiki-eu.test/app/");
            assert!(inside, "{view}: {}", page.location());
        } else {
            assert_eq!(page.status, 500, "{view}: {}", page.text());
        }
    }
}

#[tokio::test]
async fn a_users_own_choice_holds_for_a_week_where_it_is_allowed() {
    let usher = TestServer::configured(&[("USHER_SESSION__IDLE_MINUTES", "20000")]).await;
    usher.seed(&Draft::sample()).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/services/crm").await;
    let page = ana.fill(&page, &[("Instance", "crm-us")]).await;
    assert!(
        page.says("You are taken to CRM Americas, because you chose it"),
        "{}",
        page.text()
    );
    let ends = "Your choice ends in 7 days (25 November 2026, 11:06 UTC)";
    assert!(page.says(ends), "{}", page.text());
    ana.headers = vec![("accept-language", "de".to_owned())];
    let page = ana.get("/services/crm").await;
    let ends = "Ihre Wahl endet in 7 Tagen (25. November 2026, 11:06 UTC)";
    assert!(page.says(ends), "{}", page.text());
    let (before, after) = ("https://crm-us.test/", "https://crm-eu.test/");
    assert!(ana.peek("/go/crm").await.location().starts_with(before));
    usher.advance(Duration::from_secs(7 * 86_400 - 1));
    let mut ana = Browser::of(&usher, "ana").await;
    assert!(ana.peek("/go/crm").await.location().starts_with(before));
    usher.advance(Duration::from_secs(1));
    assert!(ana.peek("/go/crm").await.location().starts_with(after));
    // Where the admin decides, a form of one's own making decides nothing.
    for service in ["tickets", "attic", "nothing"] {
        let path = format!("/services/{service}/instance");
        let page = ana
            .post(&path, Some("https://usher.test"), "instance=desk-us")
            .await;
        assert!(
            [403, 404].contains(&page.status),
            "{service}: {}",
            page.status
        );
    }
}
