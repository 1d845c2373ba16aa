//! Several providers, each with its own names, groups and mail addresses: what one of them says must
//! never be taken for another's (THREATS: account-linking takeover).
//!
//! Mallory is a user of the clinic, who calls her `ana`, with Ana's mail address and the group
//! `admins`. All of it is the clinic's word, and the clinic's only.

mod keyed;
mod upgrade;

use serde_json::json;

use support::{
    browser::{Browser, Page},
    cas::{self, SEED},
    gate::{self, Knock, believed},
    relying_party::{Ask, tokens},
    server::{PASSWORD, TestServer, changed},
};

/// A provider that is not the organisation's own.
const CLINIC: &str = "\n[[provider]]\nslug = \"clinic\"\nkind = \"local\"\ntitle = \"Clinic\"\n\
    unmapped = \"keep\"\nmap = { login = \"department\" }\n";

/// Mallory, as the clinic describes her.
const MALLORY: &str = "\n[[person]]\nlogin = \"mallory\"\nname = \"Mallory\"\npassword = \"{PASSWORD}\"\n\
    groups = [\"admins\", \"suspended\"]\n\
    attributes = { region = \"europe\", department = \"ana\", mail = \"ana@example.org\" }\n";

/// The tests' catalogue with the clinic, whose row says more.
fn seed(clinic: &str) -> String {
    changed(&[]) + CLINIC + clinic + MALLORY
}

async fn house(clinic: &str) -> TestServer {
    TestServer::with(&seed(clinic)).await
}

async fn by_clinic<'a>(house: &'a TestServer, name: &str) -> Browser<'a> {
    let mut browser = Browser::new(house);
    sign_in(&mut browser, "clinic", name).await;
    assert!(browser.session().await.is_some(), "signed in");
    browser
}

async fn sign_in(browser: &mut Browser<'_>, provider: &str, name: &str) -> Page {
    let form = browser.get(&format!("/sign-in?provider={provider}")).await;
    browser
        .fill(&form, &[("Username", name), ("Password", PASSWORD)])
        .await
}

async fn username(browser: &Browser<'_>) -> String {
    browser.session().await.expect("signed in").user.username
}

#[tokio::test]
async fn another_providers_ana_is_told_to_applications_as_anas_of_that_provider() {
    let house = TestServer::with(&(seed("") + SEED + gate::SEED)).await;
    let mut mallory = by_clinic(&house, "mallory").await;
    let mut ana = Browser::of(&house, "ana").await;
    let (hers, ours) = (mallory.session().await, ana.session().await);
    let (hers, ours) = (hers.expect("in").user, ours.expect("in").user);
    assert_eq!((hers.login.as_str(), ours.login.as_str()), ("ana", "ana"));
    for (browser, name, groups) in [
        (
            &mut mallory,
            "ana@clinic",
            vec!["clinic:admins", "clinic:suspended"],
        ),
        (&mut ana, "ana", vec!["sales", "staff"]),
    ] {
        assert_eq!(username(browser).await, name);
        let ticket = cas::ticket(browser, cas::BOOKS).await;
        let answer = cas::validate(&house, cas::BOOKS, &ticket, "").await;
        let told = &answer["authenticationSuccess"];
        assert_eq!(told["user"], name, "{answer}");
        assert_eq!(told["attributes"]["groups"], json!(groups), "{answer}");
        browser.get("/go/figures").await;
        let cookie = browser.cookie("page-eu.test", "__Host-usher-gate");
        let cookie = cookie.expect("a cookie").to_owned();
        let (_, headers) = Knock::at("/figures").by(&cookie).ask(&house).await;
        assert_eq!(headers["remote-user"], name);
        assert_eq!(headers["remote-groups"], groups.join(","));
        let claims = believed(&house, headers["x-usher-assertion"].to_str().expect("text")).await;
        assert_eq!(claims["preferred_username"], name);
        assert_eq!(claims["email_verified"], false);
        let (_, claims) = tokens(&house, browser, &Ask::of("crm-eu")).await;
        assert_eq!(claims["preferred_username"], name, "{claims}");
        assert_eq!(claims["groups"], json!(groups), "{claims}");
        assert_eq!(claims["email_verified"], false, "{claims}");
    }
}

#[tokio::test]
async fn a_mail_address_that_a_provider_may_not_speak_for_goes_nowhere_plainly() {
    let house = TestServer::with(&(seed("") + SEED + gate::SEED)).await;
    let mut mallory = by_clinic(&house, "mallory").await;
    let ticket = cas::ticket(&mut mallory, cas::BOOKS).await;
    let answer = cas::validate(&house, cas::BOOKS, &ticket, "").await;
    let told = &answer["authenticationSuccess"]["attributes"];
    assert_eq!(told.get("mail"), None, "{answer}");
    mallory.get("/go/figures").await;
    let cookie = mallory.cookie("page-eu.test", "__Host-usher-gate");
    let cookie = cookie.expect("a cookie").to_owned();
    let (_, headers) = Knock::at("/figures").by(&cookie).ask(&house).await;
    assert_eq!(headers["remote-email"], "");
}

#[tokio::test]
async fn a_group_of_another_provider_opens_nothing_of_ours() {
    let house = house("").await;
    let audit = "/go/crm/customer/C-1042?intent=audit";
    let mut mallory = by_clinic(&house, "mallory").await;
    assert_eq!(mallory.peek(audit).await.status, 403);
    let mut cleo = Browser::of(&house, "cleo").await;
    assert_eq!(cleo.peek(audit).await.status, 303);
}

#[tokio::test]
async fn a_condition_that_names_its_source_is_met_by_no_other() {
    let ours = "audience = { group = \"admins\" }";
    let from = |who: &str| format!("audience = {{ group = \"admins\", from = \"{who}\" }}");
    for (condition, mallory_may, cleo_may) in
        [(from("clinic"), true, false), (from("local"), false, true)]
    {
        let seed = seed("").replacen(ours, &condition, 1);
        assert_ne!(seed, self::seed(""), "the seed has it");
        let house = TestServer::with(&seed).await;
        let audit = "/go/crm/customer/C-1042?intent=audit";
        for (mut browser, may) in [
            (by_clinic(&house, "mallory").await, mallory_may),
            (Browser::of(&house, "cleo").await, cleo_may),
        ] {
            let status = browser.peek(audit).await.status;
            assert_eq!(status == 303, may, "{condition}: {status}");
        }
    }
}

#[tokio::test]
async fn a_condition_about_a_provider_that_is_not_there_is_refused_when_it_is_loaded() {
    let house = TestServer::open().await;
    let seed = seed("").replacen(
        "group = \"admins\" }",
        "group = \"admins\", from = \"clinc\" }",
        1,
    );
    let error = house.app.seed(&seed.replace("{PASSWORD}", PASSWORD)).await;
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("there is no provider \"clinc\""), "{error}");
    let allow = "allow = { not = { group = \"x\", from = \"local\" } }\n";
    let error = house
        .app
        .seed(&self::seed(allow).replace("{PASSWORD}", PASSWORD))
        .await;
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("what this provider says"), "{error}");
}

#[tokio::test]
async fn groups_of_another_provider_come_as_they_are_by_an_explicit_map_or_by_trust() {
    let values = "\nmap = { login = \"department\", groups = { from = \"groups\", values = { admins = \"guests\" } } }\n";
    let seed = seed("").replacen("\nmap = { login = \"department\" }\n", values, 1);
    let house = TestServer::with(&seed).await;
    let mallory = by_clinic(&house, "mallory").await;
    let user = mallory.session().await.expect("in").user;
    assert_eq!(user.attributes.groups().expect("known"), ["guests"]);
    let house = self::house("trusted_groups = true\n").await;
    let mallory = by_clinic(&house, "mallory").await;
    let user = mallory.session().await.expect("in").user;
    assert_eq!(
        user.attributes.groups().expect("known"),
        ["admins", "suspended"]
    );
    // Of two trusted providers the first one has the name.
    assert_eq!(user.username, "ana");
    let ana = Browser::of(&house, "ana").await;
    assert_eq!(username(&ana).await, "ana@local");
    let again = by_clinic(&house, "mallory").await;
    assert_eq!(username(&again).await, "ana");
}

#[tokio::test]
async fn who_links_another_account_does_not_shake_off_a_group_of_ours() {
    let house = house("").await;
    let mut ana = Browser::of(&house, "ana").await;
    let user = ana.session().await.expect("in").user;
    // The clinic's account of hers is tied to her, as a link of both sides would do.
    let mallory = by_clinic(&house, "mallory").await;
    let other = mallory.session().await.expect("in").user;
    drop(mallory);
    let sql = "update external_identities set user_id = $1 where provider = 'clinic'";
    sqlx::query(sql)
        .bind(user.id.as_str())
        .execute(&mut house.connection().await)
        .await
        .expect("tied");
    let again = by_clinic(&house, "mallory").await;
    let now = again.session().await.expect("in").user;
    assert_eq!(now.id, user.id);
    assert_ne!(now.id, other.id);
    assert_eq!(now.username, "ana", "another provider renames nobody");
    let groups = now.attributes.groups().expect("known");
    assert_eq!(
        groups,
        ["clinic:admins", "clinic:suspended", "sales", "staff"]
    );
    ana.get("/account").await;
}

#[tokio::test]
async fn a_name_that_was_one_users_is_never_given_to_another() {
    let house = house("").await;
    let ana = Browser::of(&house, "ana").await;
    assert_eq!(username(&ana).await, "ana");
    // The account is made anew: another subject, the same name.
    let sql = "update local_accounts set subject = 'another' where login = 'ana'";
    sqlx::query(sql)
        .execute(&mut house.connection().await)
        .await
        .expect("done");
    let newcomer = Browser::of(&house, "ana").await;
    assert_eq!(username(&newcomer).await, "ana@local");
}

#[tokio::test]
async fn names_that_differ_in_case_only_are_one_name() {
    let trusted = "trusted_groups = true\n";
    let seed = seed(trusted).replacen("department = \"ana\"", "department = \"A\u{4e}A\"", 1);
    let house = TestServer::with(&seed).await;
    Browser::of(&house, "ana").await;
    let mallory = by_clinic(&house, "mallory").await;
    assert_eq!(username(&mallory).await, "ANA@clinic");
}

#[tokio::test]
async fn a_name_in_a_domain_that_a_provider_may_speak_for_stands_alone() {
    for (scopes, wanted) in [
        ("scopes = [\"clinic.example\"]\n", "ana@clinic.example"),
        (
            "scopes = [\"other.example\"]\n",
            "ana@clinic.example@clinic",
        ),
        ("", "ana@clinic.example@clinic"),
    ] {
        let from = "department = \"ana\"";
        let seed = seed(scopes).replacen(from, "department = \"ana@clinic.example\"", 1);
        let house = TestServer::with(&seed).await;
        let mallory = by_clinic(&house, "mallory").await;
        assert_eq!(username(&mallory).await, wanted, "{scopes}");
    }
}
