//! Each response is accepted at its own address only, and an unsolicited one signs no user in
//! (THREATS: login CSRF, session swap).

use serde_json::json;
use url::{Url, form_urlencoded};

use support::{
    browser::{Browser, Page},
    campus::settings,
    op::{CLIENT, Op, SECRET},
    saml::{Says, Signer, posted},
    server::{PORTAL, TestServer},
    upstream::{Upstream, seed_with},
};

/// Every kind of provider by its slug here, and how its responses come.
const KINDS: [&str; 4] = ["local", "directory", "op", "campus"];
const ENDPOINTS: [(&str, &str); 6] = [
    ("GET", "callback"),
    ("POST", "callback"),
    ("GET", "acs"),
    ("POST", "acs"),
    ("GET", "response"),
    ("POST", "response"),
];

async fn usher() -> (TestServer, Op) {
    let usher = TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await;
    let op = Op::start(&usher.clock).await;
    let of = |slug, kind, settings: serde_json::Value| {
        Upstream::new(slug, kind, settings.as_object().expect("an object").clone())
    };
    let directory = json!({
        "servers": ["ldaps://127.0.0.1:1"], "base_dn": "dc=example",
        "bind_dn": "cn=portal", "bind_password": "x",
    });
    let oidc = json!({"issuer": op.issuer, "client_id": CLIENT, "client_secret": SECRET});
    let saml = settings(json!({"allow_unsolicited": true}));
    let all = [
        of("directory", "ldap", directory),
        of("op", "oidc", oidc),
        of("campus", "saml", saml),
    ];
    usher.seed(&seed_with(&all)).await;
    (usher, op)
}

/// A good response: to a request of this browser's, or unsolicited.
async fn answer(
    usher: &TestServer,
    op: &Op,
    browser: &mut Browser<'_>,
    (provider, asked, row): (&str, bool, usize),
) -> String {
    let from = if provider == "op" { "op" } else { "campus" };
    let attempt = browser.peek("/sign-in").await.location().to_owned();
    let place = browser.peek(&format!("{attempt}/to/{from}")).await;
    let place = Url::parse(place.location()).expect("an address");
    let mut query = form_urlencoded::Serializer::new(String::new());
    if from == "op" {
        let mut fields = op.consent(&place);
        if !asked {
            fields.remove("state");
        }
        return query.extend_pairs(fields).finish();
    }
    let (id, state) = support::campus::question(&place);
    let says = Says {
        in_response_to: if asked { id.clone() } else { String::new() },
        confirmed_for: if asked { id } else { String::new() },
        assertion_id: format!("_assertion{row}{asked}"),
        ..Says::at(usher.clock.now().secs())
    };
    let response = posted(&says.by(&Signer::of("idp")));
    let relay = if asked { &state } else { "crm" };
    query
        .append_pair("SAMLResponse", &response)
        .append_pair("RelayState", relay)
        .finish()
}

async fn request(browser: &mut Browser<'_>, method: &str, path: &str, message: &str) -> Page {
    match method {
        "GET" => browser.peek(&format!("{path}?{message}")).await,
        _ => browser.post(path, Some(PORTAL), message).await,
    }
}

#[tokio::test]
async fn an_answer_is_taken_only_at_the_address_of_its_kind_and_only_if_it_was_asked_for() {
    let (usher, op) = usher().await;
    let mut row = 0;
    for provider in KINDS {
        for (method, door) in ENDPOINTS {
            for asked in [true, false] {
                row += 1;
                let mut browser = Browser::new(&usher);
                browser.stays = true;
                let message = answer(&usher, &op, &mut browser, (provider, asked, row)).await;
                let path = format!("/upstream/{provider}/{door}");
                let page = request(&mut browser, method, &path, &message).await;
                let at = format!("{method} {path}, asked for: {asked}: {}", page.status);
                let taken = matches!(
                    (provider, method, door, asked),
                    ("op", "GET", "callback", true) | ("campus", "POST", "acs" | "response", true)
                );
                let is_in = browser.session().await.is_some();
                assert_eq!(is_in, taken, "{at}\n{}", page.text());
                let passes_on = (provider, method, door) == ("campus", "POST", "acs");
                let refused = match (provider, method, door) {
                    ("op", "GET", "callback") | ("campus", "POST", "response") => 410,
                    (_, "POST", "callback") | (_, "GET", "acs" | "response") => 405,
                    _ => 404,
                };
                assert!(taken || passes_on || page.status == refused, "{at}");
            }
        }
    }
    assert_eq!(usher.events_named("sign_in.succeeded").await, 3);
}

/// The attack: a signed-in user follows a link of another site.
#[tokio::test]
async fn a_link_with_a_response_does_not_sign_a_user_in_as_another() {
    let (usher, op) = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let before = ana.session().await.expect("signed in");
    let mut evil = Browser::new(&usher);
    for (number, door) in ["callback", "acs", "response", "logout", "metadata"]
        .into_iter()
        .enumerate()
    {
        let message = answer(&usher, &op, &mut evil, ("campus", false, number)).await;
        for extra in ["", "&pressed=yes"] {
            let link = format!("/upstream/campus/{door}?{message}{extra}");
            let page = ana.get(&link).await;
            assert!(page.url.as_str().starts_with(PORTAL), "{:#?}", page.trail);
        }
    }
    // Nor does a form of another site: it is passed on, and waits for the button.
    let message = answer(&usher, &op, &mut evil, ("campus", false, 9)).await;
    ana.post("/upstream/campus/acs", Some("https://evil.test"), &message)
        .await;
    let forged = format!("{message}&pressed=yes");
    let page = ana
        .post(
            "/upstream/campus/response",
            Some("https://evil.test"),
            &forged,
        )
        .await;
    assert_eq!(page.status, 403);
    let after = ana.session().await.expect("still signed in");
    assert_eq!(after.session.id, before.session.id);
    assert_eq!(after.user.id, before.user.id);
}

#[tokio::test]
async fn an_unsolicited_response_is_accepted_by_the_pressed_button_only() {
    let (usher, op) = usher().await;
    let mut browser = Browser::new(&usher);
    browser.stays = true;
    let message = answer(&usher, &op, &mut browser, ("campus", false, 0)).await;
    let page = browser
        .post("/upstream/campus/response", Some(PORTAL), &message)
        .await;
    assert_eq!(page.status, 410, "without the button: {}", page.text());
    assert!(browser.session().await.is_none());
    let page = browser
        .post("/upstream/campus/acs", Some("https://idp.test"), &message)
        .await;
    assert!(browser.session().await.is_none());
    browser.send(&page, "/upstream/campus/response").await;
    assert!(browser.session().await.is_some());
}

/// Front-Channel Logout 1.0: the provider's page has a frame of ours, without our cookies.
#[tokio::test]
async fn a_providers_logout_by_the_browser_ends_the_session_it_names() {
    let (usher, op) = usher().await;
    let mut browser = Browser::new(&usher);
    browser.stays = true;
    let message = answer(&usher, &op, &mut browser, ("op", true, 0)).await;
    browser
        .get(&format!("/upstream/op/callback?{message}"))
        .await;
    assert!(browser.session().await.is_some());
    let of = |slug: &str, issuer: &str, sid: &str| {
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("iss", issuer)
            .append_pair("sid", sid)
            .finish();
        format!("/upstream/{slug}/logout?{query}")
    };
    let mut frame = Browser::new(&usher);
    for (link, status) in [
        (of("op", "https://evil.test", "s-1"), 400),
        (of("op", &op.issuer, ""), 400),
        ("/upstream/op/logout".to_owned(), 400),
        (of("local", &op.issuer, "s-1"), 404),
        (of("op", &op.issuer, "s-2"), 200),
    ] {
        let page = frame.peek(&link).await;
        assert_eq!(page.status, status, "{link}: {}", page.text());
        assert!(browser.session().await.is_some(), "{link}");
    }
    let page = frame.peek(&of("op", &op.issuer, "s-1")).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.headers["cache-control"], "no-store");
    assert!(browser.session().await.is_none());
    assert_eq!(usher.events_named("session.ended").await, 1);
}
