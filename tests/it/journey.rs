//! THE product test: every identity provider × every hand-off, cold and warm. A click on a link
//! anywhere ends in the right record of the person's own instance, signed in there, with the
//! context delivered.

use crate::support::{
    browser::{Browser, Page},
    house::House,
    slapd::Slapd,
};

/// One hand-off: the link, and what the person must see at the end.
struct Handoff {
    name: &'static str,
    link: &'static str,
    /// Application and path by region: Europe, the Americas.
    lands: [(&'static str, &'static str); 2],
    /// What the application was told of the record.
    context: &'static str,
}

const HANDOFFS: [Handoff; 3] = [
    Handoff {
        name: "oidc",
        link: "/go/crm/customer/c-1042",
        lands: [
            ("crm-eu", "/customers/C-1042"),
            ("crm-us", "/customers/C-1042"),
        ],
        context: "customer C-1042 view",
    },
    Handoff {
        name: "code",
        link: "/go/tickets/case/CS-2207?intent=edit",
        lands: [
            ("desk-eu", "/cases/CS-2207/edit"),
            ("desk-us", "/cases/CS-2207/edit"),
        ],
        context: "case CS-2207 edit",
    },
    // A plain link: the application does its own sign-in, and nobody tells it of a launch.
    Handoff {
        name: "link",
        link: "/go/wiki/customer/C-1042",
        lands: [("wiki-eu", "/pages/C-1042"), ("wiki-us", "/pages/C-1042")],
        context: "none",
    },
];

/// The providers, each as the slug a person chooses.
const PROVIDERS: [&str; 2] = ["local", "ldap"];

const PEOPLE: [(&str, &str); 2] = [("ana", "Ana"), ("ben", "Ben")];

#[tokio::test]
async fn every_provider_by_every_handoff_cold_and_warm() {
    let slapd = Slapd::start();
    let house = House::empty().await;
    house.seed(&with_directory(&slapd)).await;
    for provider in PROVIDERS {
        for (region, (login, name)) in PEOPLE.into_iter().enumerate() {
            for handoff in &HANDOFFS {
                let at = format!("{provider} × {} as {login}", handoff.name);
                cold_then_warm(&house, provider, login, name, handoff, region, &at).await;
            }
        }
    }
}

async fn cold_then_warm(
    house: &House,
    provider: &str,
    login: &str,
    name: &str,
    handoff: &Handoff,
    region: usize,
    at: &str,
) {
    let mut browser = Browser::new(house);
    let form = browser.get(handoff.link).await;
    assert!(
        form.url.path().starts_with("/sign-in/"),
        "{at}: {}",
        form.url
    );
    let form = browser
        .get(&format!("{}?provider={provider}", form.url.path()))
        .await;
    let password = if provider == "ldap" {
        crate::support::slapd::PASSWORD
    } else {
        crate::support::house::PASSWORD
    };
    let page = browser
        .fill(&form, &[("Name", login), ("Password", password)])
        .await;
    landed(&page, handoff, name, region, &format!("{at}, cold"));
    let page = browser.get(handoff.link).await;
    assert!(
        page.trail.iter().all(|url| !url.contains("/sign-in")),
        "{at}: asked again"
    );
    landed(&page, handoff, name, region, &format!("{at}, warm"));
}

fn landed(page: &Page, handoff: &Handoff, name: &str, region: usize, at: &str) {
    let (app, path) = handoff.lands[region];
    assert_eq!(
        page.shown("app").as_deref(),
        Some(app),
        "{at}: {}\n{}",
        page.url,
        page.text()
    );
    assert_eq!(page.shown("path").as_deref(), Some(path), "{at}");
    assert_eq!(
        page.shown("context").as_deref(),
        Some(handoff.context),
        "{at}"
    );
    let who = page.shown("who").unwrap_or_default();
    assert!(
        who.starts_with(name) || who.to_lowercase().starts_with(&name.to_lowercase()),
        "{at}: {who}"
    );
}

/// The catalogue with the directory beside the local accounts.
fn with_directory(slapd: &Slapd) -> String {
    let mut seed: toml::Table = include_str!("support/seed.toml").parse().expect("the seed");
    let mut provider = toml::Table::new();
    for (name, value) in [
        ("slug", "ldap"),
        ("kind", "ldap"),
        ("title", "Company account"),
    ] {
        provider.insert(name.into(), value.into());
    }
    let settings = toml::Value::try_from(slapd.settings()).expect("settings");
    provider.insert("settings".into(), settings);
    let providers = seed["provider"].as_array_mut().expect("a list");
    providers.push(provider.into());
    seed.to_string()
}
