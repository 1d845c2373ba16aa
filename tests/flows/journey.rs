//! THE product test: every identity provider × every hand-off, cold and warm. A click on a link
//! anywhere ends in the right record of the user's own instance, signed in there, with the
//! context delivered.

use serde_json::json;

use support::{
    browser::{Browser, Page},
    cas,
    draft::Draft,
    gate,
    idp::{self, OidcMock, OidcProvider, Samlp, SimpleSaml},
    server,
    service_provider::metadata,
    shared_secret,
    slapd::{self, Slapd},
    upstream::{Upstream, seed_with, trust},
};

/// One hand-off: the link, and what the user must see at the end.
struct Handoff {
    name: &'static str,
    link: &'static str,
    /// Application and path by region: Europe, the Americas.
    lands: [(&'static str, &'static str); 2],
    /// What the application received of the record.
    context: &'static str,
}

const HANDOFFS: [Handoff; 10] = [
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
    Handoff {
        name: "cas",
        link: "/go/library/customer/c-1042",
        lands: [("lib-eu", "/readers/C-1042"), ("lib-us", "/readers/C-1042")],
        context: "customer C-1042 view",
    },
    Handoff {
        name: "forward_auth",
        link: "/go/figures/customer/c-1042",
        lands: [
            ("page-eu", "/customers/C-1042"),
            ("page-us", "/reports/customers/C-1042"),
        ],
        context: "customer C-1042 view",
    },
    // SAML, solicited and unsolicited.
    Handoff {
        name: "request_init",
        link: "/go/lab/customer/c-1042",
        lands: [("lab", "/customers/C-1042"); 2],
        context: "customer C-1042 view",
    },
    Handoff {
        name: "saml",
        link: "/go/archive/customer/C-1042",
        lands: [("archive", "/customers/C-1042"); 2],
        context: "customer C-1042 view",
    },
    Handoff {
        name: "form_jwt",
        link: "/go/forms/customer/C-1042",
        lands: [("forms", "/customers/C-1042"); 2],
        context: "customer C-1042 view",
    },
    // A plain link: the application does its own sign-in, and is not informed of a launch.
    Handoff {
        name: "link",
        link: "/go/wiki/customer/C-1042",
        lands: [("wiki-eu", "/pages/C-1042"), ("wiki-us", "/pages/C-1042")],
        context: "none",
    },
    // They keep the record's address, and receive the user only.
    Handoff {
        name: "discourse",
        link: "/go/forum/customer/c-1042",
        lands: [("forum-eu", "/t/C-1042"), ("forum-us", "/t/C-1042")],
        context: "none",
    },
    Handoff {
        name: "jwt",
        link: "/go/help/customer/c-1042",
        lands: [
            ("help-eu", "/agent/customers/C-1042"),
            ("help-us", "/agent/customers/C-1042"),
        ],
        context: "none",
    },
];

/// One provider: the slug a user chooses, where they type their name and password, and which.
struct Provider {
    slug: &'static str,
    asks: Asks,
    password: &'static str,
}

/// The labels of the fields, on the page that asks.
enum Asks {
    Here,
    There(&'static str, &'static str),
}

const PROVIDERS: [Provider; 6] = [
    Provider {
        slug: "local",
        asks: Asks::Here,
        password: server::PASSWORD,
    },
    Provider {
        slug: "ldap",
        asks: Asks::Here,
        password: slapd::PASSWORD,
    },
    Provider {
        slug: "oidc",
        asks: Asks::There("User", "Secret"),
        password: idp::PASSWORD,
    },
    // It knows users by name alone.
    Provider {
        slug: "mock",
        asks: Asks::There("sub", ""),
        password: "",
    },
    Provider {
        slug: "saml",
        asks: Asks::There("Username", "Password"),
        password: idp::PASSWORD,
    },
    Provider {
        slug: "samlp",
        asks: Asks::There("User", "Secret"),
        password: idp::PASSWORD,
    },
];

const USERS: [(&str, &str); 2] = [("ana", "Ana"), ("ben", "Ben")];

#[tokio::test]
async fn every_provider_by_every_handoff_cold_and_warm() {
    let slapd = Slapd::start();
    let oidc = OidcProvider::start("oidc").await;
    let (mock, saml, samlp) = (OidcMock::start(), SimpleSaml::start(), Samlp::start());
    let usher = server::TestServer::beside_peers().await;
    let mut draft = seed_with(&[
        Upstream::new("ldap", "ldap", slapd.settings()),
        Upstream::new("oidc", "oidc", oidc.settings()),
        Upstream::new("mock", "oidc", mock.settings()),
        Upstream::new("saml", "saml", saml.settings()),
        Upstream::new("samlp", "saml", samlp.settings()),
    ]);
    // Each is trusted for its users' addresses: some applications identify users by them.
    for provider in &mut draft.seed.provider {
        provider.scopes = Some(vec!["*".into()]);
    }
    add_more_applications(&mut draft);
    for more in [cas::SEED, gate::SEED, shared_secret::SEED] {
        draft.add(more);
    }
    usher.seed(&draft).await;
    trust(&saml, &usher, "saml").await;
    for provider in &PROVIDERS {
        for (region, person) in USERS.into_iter().enumerate() {
            for handoff in &HANDOFFS {
                cold_then_warm(&usher, provider, person, handoff, region).await;
            }
        }
    }
    no_disabled_user_gets_in(&usher).await;
}

/// Those that use SAML, or take a signed form.
fn add_more_applications(draft: &mut Draft) {
    let told = json!({ "displayName": "name" });
    for (slug, method, settings) in [
        (
            "lab",
            "request_init",
            json!({ "metadata": metadata("lab"), "attributes": told, "initiator": "https://lab.test/start" }),
        ),
        (
            "archive",
            "saml",
            json!({ "metadata": metadata("archive"), "attributes": told }),
        ),
        (
            "forms",
            "form_jwt",
            json!({ "client": "forms", "handoff_uri": "https://forms.test/handoff", "release": ["name"] }),
        ),
    ] {
        let service = json!({
            "slug": slug, "title": slug, "handoff": method, "icon": "chart",
            "description": "One more", "category": "More",
            "instance": [{
                "slug": format!("{slug}-all"), "title": slug, "settings": settings,
                "base_url": format!("https://{slug}.test"),
            }],
            "link": [{ "type": "customer", "intents": { "view": "/customers/{key}" } }],
            "rule": [{ "title": "Everybody", "instances": [format!("{slug}-all")] }],
        });
        let service = serde_json::from_value(service).expect("a service");
        draft.seed.service.push(service);
    }
    let client = json!({ "id": "forms", "title": "Forms", "secret": "secret-of-forms-secret-of-forms-secret" });
    let client = serde_json::from_value(client).expect("a client");
    draft.seed.client.push(client);
}

/// THREATS: a way in that skips checks. All users are known by now, and all are disabled.
async fn no_disabled_user_gets_in(usher: &server::TestServer) {
    sqlx::query("update users set disabled_at = 1")
        .execute(&mut usher.connection().await)
        .await
        .expect("written");
    for provider in &PROVIDERS {
        let mut browser = Browser::new(usher);
        let asked = browser.get(HANDOFFS[0].link).await;
        let form = browser.choose(&asked, provider.slug).await;
        let page = sign_in(&mut browser, &form, provider, "ana").await;
        let at = provider.slug;
        assert!(page.says("disabled"), "{at}: {}", page.text());
        assert!(browser.session().await.is_none(), "{at}");
    }
}

async fn cold_then_warm(
    usher: &server::TestServer,
    provider: &Provider,
    (login, name): (&str, &str),
    handoff: &Handoff,
    region: usize,
) {
    let at = format!("{} × {} as {login}", provider.slug, handoff.name);
    let mut browser = Browser::new(usher);
    let asked = browser.get(handoff.link).await;
    let path = asked.url.path();
    assert!(path.starts_with("/sign-in/"), "{at}: {}", asked.url);
    let form = browser.choose(&asked, provider.slug).await;
    let page = sign_in(&mut browser, &form, provider, login).await;
    landed(&page, handoff, name, region, &format!("{at}, cold"));

    let page = browser.get(handoff.link).await;
    let asked = page.trail.iter().any(|url| url.contains("/sign-in"));
    assert!(!asked, "{at}: asked again");
    landed(&page, handoff, name, region, &format!("{at}, warm"));
}

async fn sign_in(browser: &mut Browser<'_>, form: &Page, provider: &Provider, login: &str) -> Page {
    let password = provider.password;
    match provider.asks {
        Asks::Here => {
            let typed = [("Username", login), ("Password", password)];
            browser.fill(form, &typed).await
        }
        Asks::There(name, "") => browser.fill(form, &[(name, login)]).await,
        Asks::There(name, secret) => {
            browser
                .fill(form, &[(name, login), (secret, password)])
                .await
        }
    }
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
