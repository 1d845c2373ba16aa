//! Admission: one list of steps for whoever is vouched for.

use std::time::Duration;

use support::{
    browser::{Browser, Page},
    server::{PASSWORD, TestServer, changed},
};

const RECORD: &str = "/go/crm/customer/C-1042";
/// What the tests' provider says, to say more.
const FROM: &str = "default = true\n";

async fn house(says: &str) -> TestServer {
    TestServer::with(&changed(&[(FROM, &format!("{FROM}{says}\n"))])).await
}

async fn try_in(browser: &mut Browser<'_>, provider: &str, name: &str) -> Page {
    let form = browser.get(&format!("{RECORD}?provider={provider}")).await;
    browser
        .fill(&form, &[("Username", name), ("Password", PASSWORD)])
        .await
}

async fn users(house: &TestServer) -> Vec<String> {
    house
        .column("select login || ' ' || attributes from users order by login")
        .await
}

async fn reasons(house: &TestServer) -> Vec<String> {
    house
        .column(
            "select target || ' ' || data from events where kind = 'sign_in.refused' order by id",
        )
        .await
}

#[tokio::test]
async fn whom_nobody_knows_is_refused_where_the_admin_says_so_and_leaves_nothing() {
    let house = house("create = false").await;
    let mut ana = Browser::new(&house);
    let page = try_in(&mut ana, "local", "ana").await;
    assert_eq!(page.status, 403);
    assert!(
        page.says("you do not have an account here yet"),
        "{}",
        page.text()
    );
    assert!(ana.session().await.is_none());
    assert!(users(&house).await.is_empty());
    assert_eq!(reasons(&house).await, ["local {\"reason\":\"unknown\"}"]);
}

#[tokio::test]
async fn who_is_known_comes_in_where_strangers_do_not() {
    let house = house("").await;
    try_in(&mut Browser::new(&house), "local", "ana").await;
    let closed = format!("{FROM}create = false\n");
    house.reseed(FROM, &closed).await;
    let page = try_in(&mut Browser::new(&house), "local", "ana").await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    assert_eq!(
        try_in(&mut Browser::new(&house), "local", "ben")
            .await
            .status,
        403
    );
}

#[tokio::test]
async fn the_condition_is_asked_at_every_sign_in_of_what_was_mapped() {
    let house = house("allow = { group = \"support\" }").await;
    let mut ana = Browser::new(&house);
    let page = try_in(&mut ana, "local", "ana").await;
    assert_eq!(page.status, 403);
    assert!(
        page.says("does not have access to this portal"),
        "{}",
        page.text()
    );
    assert!(ana.session().await.is_none());
    assert!(users(&house).await.is_empty());
    assert_eq!(
        reasons(&house).await,
        ["local {\"reason\":\"not-allowed\"}"]
    );
    let page = try_in(&mut Browser::new(&house), "local", "ben").await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    let mapped = format!(
        "{FROM}allow = {{ group = \"support\" }}\nmap = {{ groups = {{ constant = \"guests\" }} }}\n"
    );
    house.reseed(FROM, &mapped).await;
    assert_eq!(
        try_in(&mut Browser::new(&house), "local", "ben")
            .await
            .status,
        403
    );
    assert!(
        users(&house).await[0].contains("support"),
        "a refusal changes nothing"
    );
}

#[tokio::test]
async fn the_mapping_decides_what_is_known_and_so_where_people_land() {
    let map = r#"map = { region = { constant = "americas" }, groups = { from = "groups", match = "(s)taff" }, name = "department", login = "mail" }"#;
    let house = house(map).await;
    let mut ana = Browser::new(&house);
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
/// the same login; the one the attacker controls must not lead to the other's person.
#[tokio::test]
async fn account_linking_takeover_by_the_same_mail_address_name_and_login() {
    let evil = "[[provider]]\nslug = \"evil\"\nkind = \"local\"\ntitle = \"Evil\"\n\
                map = { mail = { constant = \"ana@example.org\" }, name = { constant = \"Ana Almeida\" }, \
                login = { constant = \"ana\" } }\n";
    let house = house(&format!("\n{evil}")).await;
    let mut ana = Browser::new(&house);
    try_in(&mut ana, "local", "ana").await;
    let victim = ana.session().await.expect("signed in").user;
    let mut ben = Browser::new(&house);
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
    // The same subject at another provider is another person, too.
    let mut again = Browser::new(&house);
    try_in(&mut again, "evil", "ana").await;
    assert_ne!(again.session().await.expect("signed in").user.id, victim.id);
    assert_eq!(users(&house).await.len(), 3);
}

#[tokio::test]
async fn who_confirms_as_somebody_nobody_knows_makes_nobody_known() {
    let rule = "[[assurance]]\ntitle = \"fresh\"\nservice = \"crm\"\nmax_age_minutes = 15\n";
    let house = TestServer::with(&format!("{}\n{rule}", changed(&[]))).await;
    let mut ana = Browser::new(&house);
    try_in(&mut ana, "local", "ana").await;
    house.advance(Duration::from_secs(16 * 60));
    let form = ana.get(RECORD).await;
    let page = ana
        .fill(&form, &[("Username", "ben"), ("Password", PASSWORD)])
        .await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert!(page.says("belongs to another person"), "{}", page.text());
    assert_eq!(users(&house).await.len(), 1);
}

#[tokio::test]
async fn somebody_disabled_is_refused_whoever_vouches_and_nothing_is_taken_over() {
    let house = house("").await;
    try_in(&mut Browser::new(&house), "local", "ana").await;
    let id = house.app.store.users_by_login("ana").await.expect("read")[0]
        .id
        .clone();
    assert!(house.app.directory.disable(&id).await.expect("done"));
    let before = users(&house).await;
    house
        .reseed(
            FROM,
            &format!("{FROM}map = {{ region = {{ constant = \"x\" }} }}\n"),
        )
        .await;
    let mut ana = Browser::new(&house);
    let page = try_in(&mut ana, "local", "ana").await;
    assert_eq!(page.status, 403);
    assert!(page.says("Your account is disabled"));
    assert!(ana.session().await.is_none());
    assert_eq!(users(&house).await, before);
    assert!(
        house
            .column("select id from sessions where ended_at is null")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn two_first_sign_ins_at_once_make_one_person() {
    let house = house("").await;
    let (mut one, mut two) = (Browser::new(&house), Browser::new(&house));
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
    assert_eq!(users(&house).await.len(), 1);
}
