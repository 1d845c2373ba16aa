//! Linking by a provider that users are sent to: the trip there and back carries the link, and
//! nothing that comes back any other way does.

use serde_json::json;
use url::Url;

use super::OURS;
use support::{
    browser::{Browser, Page},
    draft::{Draft, settings},
    op::{CLIENT, Fields, Op, SECRET},
    server::TestServer,
};

const LINK: &str = "/account/links/op";

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

/// From the account page to the provider; its address, with all that we say there.
async fn depart(browser: &mut Browser<'_>) -> Url {
    browser.stays = true;
    let page = browser.get("/account").await;
    let page = browser.send(&page, LINK).await;
    assert!(
        page.says("as a sign-in method for the account of"),
        "{}",
        page.text()
    );
    let page = browser.get(&format!("{}/to/op", page.url.path())).await;
    Url::parse(page.trail.last().expect("an address")).expect("a URL")
}

/// Back with what the provider answers.
async fn arrive(browser: &mut Browser<'_>, fields: &Fields) -> Page {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields);
    let link = format!("/upstream/op/callback?{}", query.finish());
    browser.get(&link).await
}

async fn links(usher: &TestServer) -> Vec<String> {
    usher
        .column("select provider from external_identities order by provider")
        .await
}

#[tokio::test]
async fn an_identity_at_another_provider_is_linked_and_signs_in() {
    let (usher, op) = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let address = depart(&mut ana).await;
    let asked = op.request(&address);
    assert_eq!(
        asked.get("prompt").map(String::as_str),
        Some("login"),
        "{asked:?}"
    );
    let page = arrive(&mut ana, &op.consent(&address)).await;
    assert!(
        page.says("Linked. You can now sign in with this method"),
        "{}",
        page.text()
    );
    assert!(page.says("Elsewhere Account ID ana-1"), "{}", page.text());
    let ana_is = ana.session().await.expect("signed in").user.id;
    let mut other = Browser::new(&usher);
    other.stays = true;
    let form = other.get("/sign-in?provider=op").await;
    let page = other.get(&format!("{}/to/op", form.url.path())).await;
    let address = Url::parse(page.trail.last().expect("an address")).expect("a URL");
    arrive(&mut other, &op.consent(&address)).await;
    assert_eq!(other.session().await.expect("signed in").user.id, ana_is);
}

#[tokio::test]
async fn a_message_used_twice_links_once() {
    let (usher, op) = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let address = depart(&mut ana).await;
    let fields = op.consent(&address);
    arrive(&mut ana, &fields).await;
    let page = arrive(&mut ana, &fields).await;
    assert!(!page.says("Linked."), "{}", page.text());
    assert_eq!(usher.events_named("identity.linked").await, 1);
    assert_eq!(links(&usher).await, ["local", "op"]);
}

/// THREATS: login CSRF. The response to one browser is refused in another.
#[tokio::test]
async fn what_came_back_to_another_browser_links_nothing() {
    let (usher, op) = usher().await;
    let mut attacker = Browser::of(&usher, "ben").await;
    let address = depart(&mut attacker).await;
    let fields = op.consent(&address);
    let mut victim = Browser::of(&usher, "ana").await;
    let page = arrive(&mut victim, &fields).await;
    assert_eq!(page.status, 410, "{}", page.text());
    assert_eq!(links(&usher).await, ["local", "local"]);
}

#[tokio::test]
async fn another_user_signed_in_when_it_comes_back_gets_nothing_linked() {
    let (usher, op) = usher().await;
    let mut browser = Browser::of(&usher, "ana").await;
    let address = depart(&mut browser).await;
    let fields = op.consent(&address);
    let out = browser.get("/sign-out").await;
    browser.send(&out, "/sign-out").await;
    let form = browser.get("/sign-in?provider=local").await;
    browser.sign_in(&form, "ben").await;
    let page = arrive(&mut browser, &fields).await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert!(
        page.says("no longer valid. Go back to your account"),
        "{}",
        page.text()
    );
    assert_eq!(links(&usher).await, ["local", "local"]);
}

/// An ordinary sign-in that comes back creates an account of its own: it never links.
#[tokio::test]
async fn a_sign_in_while_a_user_is_signed_in_links_nothing() {
    let (usher, op) = usher().await;
    let mut ana = Browser::new(&usher);
    ana.stays = true;
    let form = ana.get("/sign-in?provider=op").await;
    let page = ana.get(&format!("{}/to/op", form.url.path())).await;
    let address = Url::parse(page.trail.last().expect("an address")).expect("a URL");
    let local = ana.get("/sign-in?provider=local").await;
    ana.sign_in(&local, "ana").await;
    let ana_is = ana.session().await.expect("signed in").user.id;
    arrive(&mut ana, &op.consent(&address)).await;
    let now = ana.session().await.expect("signed in").user.id;
    assert_ne!(now, ana_is, "a user of their own");
    assert_eq!(usher.events_named("identity.linked").await, 0);
}

#[tokio::test]
async fn a_provider_that_is_away_links_nothing_and_says_whose_fault_it_is() {
    let (usher, op) = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    op.mind().moods.insert(
        "/.well-known/openid-configuration",
        support::op::Mood::Status(503),
    );
    let page = ana.post(LINK, OURS, "").await;
    let page = ana.get(&format!("{}/to/op", page.url.path())).await;
    assert_eq!(page.status, 502, "{}", page.text());
    assert!(
        page.says("“Elsewhere” is not responding"),
        "{}",
        page.text()
    );
    assert!(page.body.contains("href=\"/account\""), "a way back");
    assert_eq!(links(&usher).await, ["local"]);
}
