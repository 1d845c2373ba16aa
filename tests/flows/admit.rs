//! Admission: one list of steps for every identity.

use std::time::Duration;

use usher::seed::file::Provider;

use support::{
    browser::{Browser, Page},
    draft::{Draft, part},
    server::{PASSWORD, TestServer},
};

const RECORD: &str = "/go/crm/customer/C-1042";

/// A portal with a change of the tests' provider.
async fn usher(change: impl FnOnce(&mut Provider)) -> TestServer {
    TestServer::with(&Draft::changed(|draft| change(draft.provider("local")))).await
}

async fn try_in(browser: &mut Browser<'_>, provider: &str, name: &str) -> Page {
    let form = browser.get(&format!("{RECORD}?provider={provider}")).await;
    browser
        .fill(&form, &[("Username", name), ("Password", PASSWORD)])
        .await
}

async fn users(usher: &TestServer) -> Vec<String> {
    usher
        .column("select login || ' ' || attributes from users order by login")
        .await
}

async fn reasons(usher: &TestServer) -> Vec<String> {
    usher
        .column(
            "select target || ' ' || data from events where kind = 'sign_in.refused' order by id",
        )
        .await
}

#[tokio::test]
async fn an_unknown_user_is_refused_where_the_admin_says_so_and_leaves_nothing() {
    let usher = usher(|local| local.create = false).await;
    let mut ana = Browser::new(&usher);
    let page = try_in(&mut ana, "local", "ana").await;
    assert_eq!(page.status, 403);
    assert!(
        page.says("you do not have an account here yet"),
        "{}",
        page.text()
    );
    assert!(ana.session().await.is_none());
    assert!(users(&usher).await.is_empty());
    assert_eq!(reasons(&usher).await, ["local {\"reason\":\"unknown\"}"]);
}

#[tokio::test]
async fn a_known_user_is_admitted_where_unknown_users_are_not() {
    let usher = TestServer::open().await;
    try_in(&mut Browser::new(&usher), "local", "ana").await;
    usher
        .change(|draft| draft.provider("local").create = false)
        .await;
    let page = try_in(&mut Browser::new(&usher), "local", "ana").await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    assert_eq!(
        try_in(&mut Browser::new(&usher), "local", "ben")
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn the_condition_is_asked_at_every_sign_in_of_what_was_mapped() {
    let usher = usher(|local| local.allow = Some(part("group = \"support\""))).await;
    let mut ana = Browser::new(&usher);
    let page = try_in(&mut ana, "local", "ana").await;
    assert_eq!(page.status, 403);
    assert!(
        page.says("does not have access to this portal"),
        "{}",
        page.text()
    );
    assert!(ana.session().await.is_none());
    assert!(users(&usher).await.is_empty());
    assert_eq!(
        reasons(&usher).await,
        ["local {\"reason\":\"not-allowed\"}"]
    );
    let page = try_in(&mut Browser::new(&usher), "local", "ben").await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    usher
        .change(|draft| {
            let local = draft.provider("local");
            local.allow = Some(part("group = \"support\""));
            local.map = part("groups = { constant = \"guests\" }");
        })
        .await;
    assert_eq!(
        try_in(&mut Browser::new(&usher), "local", "ben")
            .await
            .status,
        403
    );
    assert!(
        users(&usher).await[0].contains("support"),
        "a refusal changes nothing"
    );
}

#[tokio::test]
async fn the_mapping_decides_what_is_known_and_so_where_users_land() {
    const MAP: &str = r#"
region = { constant = "americas" }
groups = { from = "groups", match = "(s)taff" }
name = "department"
login = "mail"
"#;
    let usher = usher(|local| local.map = part(MAP)).await;
    let mut ana = Browser::new(&usher);
    let page = try_in(&mut ana, "local", "ana").await;
    assert_eq!(page.url.host_str(), Some("crm-us.test"), "{}", page.text());
    let user = ana.session().await.expect("signed in").user;
    assert_eq!(
        (user.login.as_str(), user.name.as_str()),
        ("ana@example.org", "sales")
    );
    assert_eq!(user.attributes.groups().expect("known"), ["s"]);
    assert_eq!(user.attributes.first("mail"), None, "no rule asked for it");
    let sources: Vec<_> = user
        .attributes
        .iter()
        .map(|(_, one)| one.source.clone())
        .collect();
    assert_eq!(sources, ["local", "local"]);
}

/// THREATS: account-linking takeover. Two providers say the same mail address, the same name and
/// the same login; the one the attacker controls must not lead to the other's user.
#[tokio::test]
async fn account_linking_takeover_by_the_same_mail_address_name_and_login() {
    const MAP: &str = r#"
mail = { constant = "ana@example.org" }
name = { constant = "Ana Almeida" }
login = { constant = "ana" }
"#;
    let draft = Draft::changed(|draft| {
        draft.add_provider("evil", "local", "Evil").map = part(MAP);
    });
    let usher = TestServer::with(&draft).await;
    let mut ana = Browser::new(&usher);
    try_in(&mut ana, "local", "ana").await;
    let victim = ana.session().await.expect("signed in").user;
    let mut ben = Browser::new(&usher);
    try_in(&mut ben, "evil", "ben").await;
    let attacker = ben.session().await.expect("signed in").user;
    assert_eq!(attacker.login, victim.login);
    assert_eq!(attacker.name, victim.name);
    assert_eq!(
        attacker.attributes.first("mail"),
        victim.attributes.first("mail")
    );
    assert_ne!(attacker.id, victim.id);
    assert!(attacker.attributes.groups().expect("known").is_empty());
    assert_eq!(
        (victim.username.as_str(), attacker.username.as_str()),
        ("ana", "ana@evil")
    );
    // The same subject at another provider is another user, too.
    let mut again = Browser::new(&usher);
    try_in(&mut again, "evil", "ana").await;
    assert_ne!(again.session().await.expect("signed in").user.id, victim.id);
    assert_eq!(users(&usher).await.len(), 3);
}

#[tokio::test]
async fn a_confirmation_by_an_unknown_user_creates_no_user() {
    let rule = "[[assurance]]\ntitle = \"fresh\"\nservice = \"crm\"\nmax_age_minutes = 15";
    let usher = TestServer::with(&Draft::sample().plus(rule)).await;
    let mut ana = Browser::new(&usher);
    try_in(&mut ana, "local", "ana").await;
    usher.advance(Duration::from_secs(16 * 60));
    let form = ana.get(RECORD).await;
    let page = ana
        .fill(&form, &[("Username", "ben"), ("Password", PASSWORD)])
        .await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert!(page.says("belongs to another person"), "{}", page.text());
    assert_eq!(users(&usher).await.len(), 1);
}

#[tokio::test]
async fn a_disabled_user_is_refused_whichever_provider_vouches_and_nothing_is_taken_over() {
    let usher = TestServer::open().await;
    try_in(&mut Browser::new(&usher), "local", "ana").await;
    let id = usher.app.store.users_by_login("ana").await.expect("read")[0]
        .id
        .clone();
    assert!(usher.app.directory.disable(&id).await.expect("done"));
    let before = users(&usher).await;
    usher
        .change(|draft| draft.provider("local").map = part("region = { constant = \"x\" }"))
        .await;
    let mut ana = Browser::new(&usher);
    let page = try_in(&mut ana, "local", "ana").await;
    assert_eq!(page.status, 403);
    assert!(page.says("Your account is disabled"));
    assert!(ana.session().await.is_none());
    assert_eq!(users(&usher).await, before);
    assert!(
        usher
            .column("select id from sessions where ended_at is null")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_user() {
    let usher = TestServer::open().await;
    let (mut one, mut two) = (Browser::new(&usher), Browser::new(&usher));
    let (first, second) = tokio::join!(
        try_in(&mut one, "local", "ana"),
        try_in(&mut two, "local", "ana")
    );
    for page in [first, second] {
        assert_eq!(
            page.shown("path").as_deref(),
            Some("/customers/C-1042"),
            "{}",
            page.text()
        );
    }
    assert_eq!(users(&usher).await.len(), 1);
}
