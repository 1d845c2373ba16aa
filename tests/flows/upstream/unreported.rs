//! A provider that does not report when it last authenticated the user (`auth_time`): an unknown
//! time does not satisfy a requirement for a recent proof, and is not released.

use serde_json::json;
use sqlx::Executor;
use url::{Url, form_urlencoded};

use support::{
    browser::{Browser, Page},
    factor::{ALWAYS, with_app},
    form::pattern,
    op::{CLIENT, Op, SECRET},
    relying_party::{Ask, tokens},
    server::TestServer,
    upstream::{Upstream, seed_with},
};

const RECORD: &str = "/go/crm/customer/C-1042";
const RULE: &str =
    "\n[[assurance]]\ntitle = \"Recently\"\nservice = \"crm\"\nmax_age_minutes = 15\n";
const WITHOUT_AUTH_TIME: &str = "did not report when you last signed in there";

/// A portal with a provider that reports no time, and by which Ana may sign in.
async fn usher(rules: &str) -> (TestServer, Op) {
    let usher = TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await;
    let op = Op::start(&usher.clock).await;
    op.mind().claims = json!({"auth_time": null});
    let settings = json!({"issuer": op.issuer, "client_id": CLIENT, "client_secret": SECRET});
    let provider = Upstream::new("op", "oidc", settings.as_object().expect("one").clone());
    usher.seed(&seed_with(&[provider]).plus(rules)).await;
    (usher, op)
}

/// Ana has signed in here once, and is known at the provider as well.
async fn know_ana(usher: &TestServer) {
    Browser::of(usher, "ana").await;
    link_ana(usher).await;
}

async fn link_ana(usher: &TestServer) {
    let sql = "insert into external_identities (provider, subject, user_id, linked_at)
               select 'op', 'ana-1', id, 1 from users where login = 'ana'";
    let mut database = usher.connection().await;
    database.execute(sql).await.expect("linked");
}

/// From the page of an attempt to the provider and back, with its current settings.
pub async fn by_op(browser: &mut Browser<'_>, op: &Op, page: &Page) -> (Page, Url) {
    let attempt = pattern("/sign-in/att_[0-9a-z]+").find(&page.body);
    let attempt = attempt.expect("an attempt's page").as_str();
    let away = browser.peek(&format!("{attempt}/to/op")).await;
    let address = Url::parse(away.location()).expect("an address");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(op.consent(&address))
        .finish();
    let back = browser.get(&format!("/upstream/op/callback?{query}")).await;
    (back, address)
}

fn asked(op: &Op, address: &Url, name: &str) -> Option<String> {
    op.request(address).get(name).cloned()
}

#[tokio::test]
async fn a_sign_in_of_unknown_age_meets_no_demand_for_a_recent_one() {
    let (usher, op) = usher(RULE).await;
    know_ana(&usher).await;
    let mut ana = Browser::new(&usher);
    let form = ana.get(RECORD).await;
    let (page, address) = by_op(&mut ana, &op, &form).await;
    assert!(asked(&op, &address, "max_age").is_some(), "an age is asked");
    assert!(ana.session().await.is_some(), "the sign-in is not ended");
    assert!(
        page.says("Confirm your identity to open"),
        "{}",
        page.text()
    );

    let (page, address) = by_op(&mut ana, &op, &page).await;
    assert_eq!(asked(&op, &address, "max_age").as_deref(), Some("0"));
    assert_eq!(page.status, 403);
    assert!(page.says(WITHOUT_AUTH_TIME), "it says why: {}", page.text());
    let told = "select target || ' ' || data from events where kind = 'sign_in.refused'";
    assert_eq!(usher.column(told).await, ["op {\"reason\":\"untold\"}"]);

    // A provider that reports it after all is accepted.
    op.mind().claims = json!({});
    let (page, _) = by_op(&mut ana, &op, &page).await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
}

#[tokio::test]
async fn a_step_up_of_unknown_age_takes_a_factor_of_ours() {
    let (usher, op) = usher(RULE).await;
    let (_, app, _) = with_app(&usher, "ana").await;
    link_ana(&usher).await;
    let mut ana = Browser::new(&usher);
    let form = ana.get(RECORD).await;
    let (page, _) = by_op(&mut ana, &op, &form).await;
    assert!(page.url.path().ends_with("/factor"), "{}", page.url);
    let code = app.shows(usher.clock.now());
    let page = ana.fill(&page, &[("Code", &code)]).await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    usher.advance(std::time::Duration::from_secs(16 * 60));
    let page = ana.get(RECORD).await;
    assert!(
        page.says("Confirm your identity to open"),
        "{}",
        page.text()
    );
    let (page, _) = by_op(&mut ana, &op, &page).await;
    assert!(page.url.path().ends_with("/factor"), "{}", page.url);
    let code = app.shows(usher.clock.now());
    let page = ana.fill(&page, &[("Code", &code)]).await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    let session = ana.session().await.expect("signed in").session;
    assert_eq!(session.proved_at, Some(usher.clock.now()));
}

#[tokio::test]
async fn an_application_that_wants_a_new_sign_in_ends_at_a_reason_and_not_in_a_loop() {
    let (usher, op) = usher("").await;
    know_ana(&usher).await;
    for (name, value) in [("prompt", "login"), ("max_age", "60")] {
        let mut ana = Browser::new(&usher);
        ana.stays = true;
        let form = ana.get(&Ask::of("crm-eu").with(name, value).path()).await;
        let (page, _) = by_op(&mut ana, &op, &form).await;
        assert!(ana.session().await.is_some(), "signed in all the same");
        let on = page.url.path();
        assert!(on.starts_with("/sign-in/"), "{name}: {:#?}", page.trail);
        let (page, _) = by_op(&mut ana, &op, &page).await;
        assert_eq!(page.status, 403, "{name}: {}", page.text());
        assert!(page.says(WITHOUT_AUTH_TIME), "{name}: {}", page.text());
    }
}

#[tokio::test]
async fn no_auth_time_is_released_that_was_not_reported_to_us() {
    let (usher, op) = usher("").await;
    know_ana(&usher).await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    by_op(&mut ana, &op, &form).await;
    let (_, claims) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    assert!(claims.get("auth_time").is_none(), "{claims}");
    // A reported time is passed on unchanged.
    op.mind().claims = json!({"auth_time": usher.clock.now().secs() - 7200});
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    by_op(&mut ana, &op, &form).await;
    let (_, claims) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    assert_eq!(claims["auth_time"], usher.clock.now().secs() - 7200);
}

#[tokio::test]
async fn who_signed_in_at_an_unknown_time_changes_no_way_of_signing_in() {
    let (usher, op) = usher("").await;
    know_ana(&usher).await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    by_op(&mut ana, &op, &form).await;
    for (link, body) in [
        ("/account/links/op", ""),
        ("/account/factors/app", ""),
        ("/account/factors/passkey/challenge", ""),
    ] {
        let page = ana.post(link, Some("https://usher.test"), body).await;
        let asks = page.url.path().starts_with("/sign-in/") || page.status == 403;
        assert!(asks, "{link}: {} {}", page.status, page.text());
    }
    assert_eq!(usher.column("select id from factors").await.len(), 0);
}

#[tokio::test]
async fn an_identity_whose_sign_in_is_of_unknown_age_is_not_linked() {
    let (usher, op) = usher("").await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/account").await;
    let page = ana.send(&page, "/account/links/op").await;
    let (page, _) = by_op(&mut ana, &op, &page).await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert!(page.says(WITHOUT_AUTH_TIME), "{}", page.text());
    let linked = usher
        .column("select provider from external_identities")
        .await;
    assert_eq!(linked, ["local"]);
}

/// THREATS: session riding. An attacker at a session that was left open at the provider must not be
/// able to enrol a second factor with it.
#[tokio::test]
async fn a_first_factor_is_not_set_up_on_an_old_session_at_the_provider() {
    let (usher, op) = usher(ALWAYS).await;
    let hours_ago = usher.clock.now().secs() - 7200;
    op.mind().claims = json!({ "auth_time": hours_ago });
    let mut zoe = Browser::new(&usher);
    let form = zoe.get("/").await;
    // The page that offers factors requires her to authenticate first, as theirs do.
    let (again, _) = by_op(&mut zoe, &op, &form).await;
    assert_eq!(again.status, 200, "{}", again.text());
    assert!(!again.url.path().contains("/factor"), "{}", again.url);
    let (page, address) = by_op(&mut zoe, &op, &again).await;
    assert_eq!(asked(&op, &address, "max_age").as_deref(), Some("0"));
    assert_ne!(page.status, 200, "the provider did not ask anew");
    // One that authenticates the user again is accepted.
    let now = usher.clock.now().secs();
    op.mind().claims = json!({ "auth_time": now });
    let (page, _) = by_op(&mut zoe, &op, &again).await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.url.path().ends_with("/factor"), "{}", page.text());
    let new_key = page.url.path().replace("/factor", "/factors/passkey");
    let page = zoe.get(&new_key).await;
    assert!(
        page.url.path().ends_with("/factors/passkey"),
        "{}",
        page.url
    );
    // And a user who authenticated just before, without being asked again.
    let mut yan = Browser::new(&usher);
    op.mind().claims = json!({ "auth_time": now - 60 });
    let form = yan.get("/").await;
    let (page, _) = by_op(&mut yan, &op, &form).await;
    let new_key = page.url.path().replace("/factor", "/factors/passkey");
    let page = yan.get(&new_key).await;
    assert!(
        page.url.path().ends_with("/factors/passkey"),
        "{}",
        page.url
    );
}
