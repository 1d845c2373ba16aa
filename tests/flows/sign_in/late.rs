//! Back from an identity provider too late, or in a browser that never left for it.

use std::time::Duration;

use serde_json::json;
use url::Url;

use support::{
    browser::{Browser, Page},
    draft::{Draft, settings},
    op::{CLIENT, Fields, Op, SECRET},
    relying_party::RECORD,
    server::TestServer,
};

/// A portal with an OpenID provider beside its own accounts.
async fn usher() -> (TestServer, Op) {
    let usher = TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await;
    let op = Op::start(&usher.clock).await;
    let mut draft = Draft::sample();
    draft.add_provider("op", "oidc", "Elsewhere").settings = settings(json!({
        "issuer": op.issuer, "client_id": CLIENT, "client_secret": SECRET,
    }));
    usher.seed(&draft).await;
    (usher, op)
}

/// To the provider for a record; its address, with all our parameters.
async fn depart(browser: &mut Browser<'_>) -> Url {
    browser.stays = true;
    let form = browser.get(RECORD).await;
    let page = browser.get(&format!("{}/to/op", form.url.path())).await;
    Url::parse(page.trail.last().expect("an address")).expect("a URL")
}

async fn arrive(browser: &mut Browser<'_>, fields: &Fields) -> Page {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields);
    let link = format!("/upstream/op/callback?{}", query.finish());
    browser.get(&link).await
}

#[tokio::test]
async fn a_user_who_took_too_long_at_their_provider_keeps_their_destination() {
    for hours in [0, 12] {
        let (usher, op) = usher().await;
        let mut ana = Browser::new(&usher);
        let address = depart(&mut ana).await;
        let fields = op.consent(&address);
        usher.advance(Duration::from_secs(hours * 3600 + 1000));
        let page = arrive(&mut ana, &fields).await;
        assert!(page.says("This page has expired"), "{}", page.text());
        assert!(ana.session().await.is_none(), "what came too late is void");
        let form = ana
            .get(&format!("{}?provider=local", page.url.path()))
            .await;
        let page = ana.sign_in(&form, "ana").await;
        let end = page.trail.last().expect("an address");
        assert!(end.starts_with("https://crm-eu.test/"), "{:?}", page.trail);
    }
}

#[tokio::test]
async fn what_comes_back_to_a_browser_without_cookies_is_void_and_says_why() {
    let (usher, op) = usher().await;
    let address = depart(&mut Browser::new(&usher)).await;
    let page = arrive(&mut Browser::new(&usher), &op.consent(&address)).await;
    assert_eq!(page.status, 400);
    assert!(page.says("Cookies are blocked"), "{}", page.text());
}
