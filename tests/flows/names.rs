//! Several providers, each with its own names, groups and mail addresses: data of one must never be
//! taken for another's (THREATS: account-linking takeover).
//!
//! Mallory is a user of the clinic, which calls her `ana`, with Ana's mail address and the group
//! `admins`. All of it is asserted by the clinic only.

mod keyed;
mod upgrade;

use serde_json::json;
use usher::{model::admission::Unmapped, seed::file::Provider};

use support::{
    browser::{Browser, Page},
    cas::{self, SEED},
    draft::{Draft, part},
    gate::{self, Knock, verified},
    relying_party::{Ask, tokens},
    server::{PASSWORD, TestServer},
};

/// Adds a provider that is not the organisation's own, and Mallory as it describes her.
fn add_clinic(draft: &mut Draft) -> &mut Provider {
    let mallory = draft.add_person("mallory", "Mallory");
    mallory.groups = vec!["admins".into(), "suspended".into()];
    for (name, value) in [
        ("region", "europe"),
        ("department", "ana"),
        ("mail", "ana@example.org"),
    ] {
        draft.set_attribute("mallory", name, value);
    }
    let clinic = draft.add_provider("clinic", "local", "Clinic");
    clinic.unmapped = Some(Unmapped::Keep);
    clinic.map = part("login = \"department\"");
    clinic
}

/// The tests' catalogue with the clinic.
fn seed() -> Draft {
    seed_with(|_| ())
}

/// The same with a change of the clinic.
fn seed_with(change: impl FnOnce(&mut Provider)) -> Draft {
    Draft::changed(|draft| change(add_clinic(draft)))
}

async fn usher() -> TestServer {
    TestServer::with(&seed()).await
}

async fn by_clinic<'a>(usher: &'a TestServer, name: &str) -> Browser<'a> {
    let mut browser = Browser::new(usher);
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
async fn another_providers_ana_has_a_qualified_name_at_applications() {
    let usher = TestServer::with(&seed().plus(SEED).plus(gate::SEED)).await;
    let mut mallory = by_clinic(&usher, "mallory").await;
    let mut ana = Browser::of(&usher, "ana").await;
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
        let answer = cas::validate(&usher, cas::BOOKS, &ticket, "").await;
        let told = &answer["authenticationSuccess"];
        assert_eq!(told["user"], name, "{answer}");
        assert_eq!(told["attributes"]["groups"], json!(groups), "{answer}");
        browser.get("/go/figures").await;
        let cookie = browser.cookie("page-eu.test", "__Host-usher-gate");
        let cookie = cookie.expect("a cookie").to_owned();
        let (_, headers) = Knock::at("/figures").by(&cookie).ask(&usher).await;
        assert_eq!(headers["remote-user"], name);
        assert_eq!(headers["remote-groups"], groups.join(","));
        let claims = verified(&usher, headers["x-usher-assertion"].to_str().expect("text")).await;
        assert_eq!(claims["preferred_username"], name);
        assert_eq!(claims["email_verified"], false);
        let (_, claims) = tokens(&usher, browser, &Ask::of("crm-eu")).await;
        assert_eq!(claims["preferred_username"], name, "{claims}");
        assert_eq!(claims["groups"], json!(groups), "{claims}");
        assert_eq!(claims["email_verified"], false, "{claims}");
    }
}

#[tokio::test]
async fn a_mail_address_outside_its_providers_scopes_is_not_released_plainly() {
    let usher = TestServer::with(&seed().plus(SEED).plus(gate::SEED)).await;
    let mut mallory = by_clinic(&usher, "mallory").await;
    let ticket = cas::ticket(&mut mallory, cas::BOOKS).await;
    let answer = cas::validate(&usher, cas::BOOKS, &ticket, "").await;
    let told = &answer["authenticationSuccess"]["attributes"];
    assert_eq!(told.get("mail"), None, "{answer}");
    mallory.get("/go/figures").await;
    let cookie = mallory.cookie("page-eu.test", "__Host-usher-gate");
    let cookie = cookie.expect("a cookie").to_owned();
    let (_, headers) = Knock::at("/figures").by(&cookie).ask(&usher).await;
    assert_eq!(headers["remote-email"], "");
}

#[tokio::test]
async fn a_group_of_another_provider_opens_nothing_of_ours() {
    let usher = usher().await;
    let audit = "/go/crm/customer/C-1042?intent=audit";
    let mut mallory = by_clinic(&usher, "mallory").await;
    assert_eq!(mallory.peek(audit).await.status, 403);
    let mut cleo = Browser::of(&usher, "cleo").await;
    assert_eq!(cleo.peek(audit).await.status, 303);
}

#[tokio::test]
async fn a_condition_that_names_its_source_is_met_by_no_other() {
    for (source, mallory_may, cleo_may) in [("clinic", true, false), ("local", false, true)] {
        let usher = TestServer::with(&admins_from(source)).await;
        let audit = "/go/crm/customer/C-1042?intent=audit";
        for (mut browser, may) in [
            (by_clinic(&usher, "mallory").await, mallory_may),
            (Browser::of(&usher, "cleo").await, cleo_may),
        ] {
            let status = browser.peek(audit).await.status;
            assert_eq!(status == 303, may, "{source}: {status}");
        }
    }
}

/// Records of the CRM are audited by the admins of this provider only.
fn admins_from(source: &str) -> Draft {
    let mut draft = seed();
    let audit = draft.target("crm", "customer", "audit");
    audit.audience.as_mut().expect("a condition").from = Some(source.into());
    draft
}

#[tokio::test]
async fn a_condition_about_a_provider_that_is_not_there_is_refused_when_it_is_loaded() {
    let usher = TestServer::open().await;
    let error = usher.app.seed(&admins_from("clinc").toml()).await;
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("there is no provider \"clinc\""), "{error}");
    let allow = part("not = { group = \"x\", from = \"local\" }");
    let draft = seed_with(|clinic| clinic.allow = Some(allow));
    let error = usher.app.seed(&draft.toml()).await;
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("what this provider says"), "{error}");
}

#[tokio::test]
async fn groups_of_another_provider_come_as_they_are_by_an_explicit_map_or_by_trust() {
    let map = "login = \"department\"\n\
        groups = { from = \"groups\", values = { admins = \"guests\" } }";
    let usher = TestServer::with(&seed_with(|clinic| clinic.map = part(map))).await;
    let mallory = by_clinic(&usher, "mallory").await;
    let user = mallory.session().await.expect("in").user;
    assert_eq!(user.attributes.groups().expect("known"), ["guests"]);
    let trusted = seed_with(|clinic| clinic.trusted_groups = Some(true));
    let usher = TestServer::with(&trusted).await;
    let mallory = by_clinic(&usher, "mallory").await;
    let user = mallory.session().await.expect("in").user;
    assert_eq!(
        user.attributes.groups().expect("known"),
        ["admins", "suspended"]
    );
    // Of two trusted providers the first one gets the name.
    assert_eq!(user.username, "ana");
    let ana = Browser::of(&usher, "ana").await;
    assert_eq!(username(&ana).await, "ana@local");
    let again = by_clinic(&usher, "mallory").await;
    assert_eq!(username(&again).await, "ana");
}

#[tokio::test]
async fn who_links_another_account_does_not_shake_off_a_group_of_ours() {
    let usher = usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let user = ana.session().await.expect("in").user;
    // The clinic's identity of hers is linked to her, as by proof on both sides.
    let mallory = by_clinic(&usher, "mallory").await;
    let other = mallory.session().await.expect("in").user;
    drop(mallory);
    let sql = "update external_identities set user_id = $1 where provider = 'clinic'";
    sqlx::query(sql)
        .bind(user.id.as_str())
        .execute(&mut usher.connection().await)
        .await
        .expect("tied");
    let again = by_clinic(&usher, "mallory").await;
    let now = again.session().await.expect("in").user;
    assert_eq!(now.id, user.id);
    assert_ne!(now.id, other.id);
    assert_eq!(now.username, "ana", "another provider renames no user");
    let groups = now.attributes.groups().expect("known");
    assert_eq!(
        groups,
        ["clinic:admins", "clinic:suspended", "sales", "staff"]
    );
    ana.get("/account").await;
}

#[tokio::test]
async fn a_name_that_was_one_users_is_never_given_to_another() {
    let usher = usher().await;
    let ana = Browser::of(&usher, "ana").await;
    assert_eq!(username(&ana).await, "ana");
    // The account is made anew: another subject, the same name.
    let sql = "update local_accounts set subject = 'another' where login = 'ana'";
    sqlx::query(sql)
        .execute(&mut usher.connection().await)
        .await
        .expect("done");
    let newcomer = Browser::of(&usher, "ana").await;
    assert_eq!(username(&newcomer).await, "ana@local");
}

#[tokio::test]
async fn names_that_differ_in_case_only_are_one_name() {
    let mut draft = seed_with(|clinic| clinic.trusted_groups = Some(true));
    draft.set_attribute("mallory", "department", "ANA");
    let usher = TestServer::with(&draft).await;
    Browser::of(&usher, "ana").await;
    let mallory = by_clinic(&usher, "mallory").await;
    assert_eq!(username(&mallory).await, "ANA@clinic");
}

#[tokio::test]
async fn a_name_in_a_domain_of_its_providers_scopes_is_not_qualified() {
    for (scopes, wanted) in [
        (Some("clinic.example"), "ana@clinic.example"),
        (Some("other.example"), "ana@clinic.example@clinic"),
        (None, "ana@clinic.example@clinic"),
    ] {
        let scopes = scopes.map(|one: &str| vec![one.to_owned()]);
        let mut draft = seed_with(|clinic| clinic.scopes = scopes.clone());
        draft.set_attribute("mallory", "department", "ana@clinic.example");
        let usher = TestServer::with(&draft).await;
        let mallory = by_clinic(&usher, "mallory").await;
        assert_eq!(username(&mallory).await, wanted, "{scopes:?}");
    }
}
