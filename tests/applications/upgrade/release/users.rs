//! Users after an upgrade: sessions, second factors, the trusted device, administrators, history.

use super::{Release, TRUSTED};
use support::{
    browser::Browser,
    factor::{after_password, enter},
};

#[tokio::test]
async fn a_session_of_the_previous_release_is_still_signed_in() {
    let release = Release::read();
    let usher = release.upgraded().await;
    for (login, greeting) in [
        ("ana", "Hello, Ana Almeida"),
        ("ben", "Hello, Ben Brooks"),
        ("cleo", "Hello, Cleo Chen"),
    ] {
        let page = release.signed_in(&usher, login).get("/").await;
        assert!(page.says(greeting), "{login}: {}", page.text());
    }
}

#[tokio::test]
async fn a_password_of_the_previous_release_still_signs_in_and_the_factor_is_asked_for() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ana = Browser::new(&usher);
    let page = after_password(&mut ana, "/sign-in", "ana").await;
    assert!(ana.session().await.is_none(), "a password is not enough");
    let code = release.app().shows(usher.clock.now());
    let page = ana.fill(&page, &[("Code", &code)]).await;
    assert!(page.says("Hello, Ana Almeida"), "{}", page.text());
}

#[tokio::test]
async fn a_recovery_code_of_the_previous_release_works_if_it_was_not_used() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ana = Browser::new(&usher);
    let page = after_password(&mut ana, "/sign-in", "ana").await;
    let form = format!("{}?way=recovery", page.url.path());
    let page = ana.get(&form).await;
    let used = release.bearer("used_recovery_code");
    let page = ana.fill(&page, &[("Recovery code", used)]).await;
    assert_eq!(page.status, 422, "{}", page.text());
    let page = ana.get(&form).await;
    let unused = release.bearer("recovery_code");
    let page = ana.fill(&page, &[("Recovery code", unused)]).await;
    assert!(page.says("Hello, Ana Almeida"), "{}", page.text());
}

#[tokio::test]
async fn a_passkey_of_the_previous_release_still_signs_in() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ben = Browser::new(&usher);
    let form = ben.get("/sign-in").await;
    let page = enter(&mut ben, &form, &mut release.passkey()).await;
    assert!(page.says("Hello, Ben Brooks"), "{}", page.text());
}

#[tokio::test]
async fn a_device_that_was_trusted_before_the_upgrade_is_trusted_after_it() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ana = Browser::new(&usher);
    ana.set_cookie("usher.test", TRUSTED, release.bearer("trusted_device"));
    let page = ana.get("/sign-in").await;
    let page = ana.sign_in(&page, "ana").await;
    assert!(page.says("Hello, Ana Almeida"), "{}", page.text());
    let mut ana = release.signed_in(&usher, "ana");
    let page = ana.get("/account/factors").await;
    assert!(page.says("9 codes left"), "{}", page.text());
    assert!(page.says("Remove all trusted devices"), "{}", page.text());
}

#[tokio::test]
async fn an_administrator_of_the_previous_release_is_one_after_the_upgrade() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let page = release.signed_in(&usher, "cleo").get("/admin").await;
    for words in ["3 people", "1 administrator", "10 services"] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    let page = release.signed_in(&usher, "ana").get("/admin").await;
    assert_eq!(page.status, 404, "{}", page.text());
}

#[tokio::test]
async fn what_an_administrator_confirmed_about_a_certificate_is_kept() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let page = release.signed_in(&usher, "cleo").get("/admin/keys").await;
    assert!(page.says("https://lab.test/sp"), "{}", page.text());
    assert!(page.says("Has the latest certificate"), "{}", page.text());
}

#[tokio::test]
async fn the_history_of_an_account_and_the_audit_log_go_back_before_the_upgrade() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let page = release
        .signed_in(&usher, "ana")
        .get("/account/history")
        .await;
    for words in [
        "Signed in with",
        "A recovery code was used to sign in",
        "You marked a device as trusted",
        "You allowed access for “wiki-eu”",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    let page = release.signed_in(&usher, "cleo").get("/admin/events").await;
    for words in [
        "admin.granted",
        "Administrator rights granted",
        "launch.landed",
        "key.confirmed",
        "Service provider: Lab Europe https://lab.test/sp",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    // An event that has another name now is found by either.
    let mut cleo = release.signed_in(&usher, "cleo");
    for name in ["recovery.requested", "recovery.asked", "recovery"] {
        let page = cleo.get(&format!("/admin/events?kind={name}")).await;
        assert!(page.says("Password reset requested"), "{}", page.text());
    }
}

#[tokio::test]
async fn sessions_that_were_listed_before_the_upgrade_can_be_ended_after_it() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ana = release.signed_in(&usher, "ana");
    let page = ana.get("/account").await;
    assert_eq!(
        page.text().matches("Last seen").count(),
        2,
        "{}",
        page.text()
    );
    let page = ana.send(&page, "/account/sessions/others/sign-out").await;
    assert_eq!(
        page.text().matches("Last seen").count(),
        1,
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn an_instance_that_a_user_chose_is_still_the_one_that_is_opened() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let mut ben = release.signed_in(&usher, "ben");
    let page = ben.get("/services/crm").await;
    assert!(page.says("because you chose it"), "{}", page.text());
    let page = ben.get("/go/crm/customer/C-1042").await;
    // The rules would take Ben to the Americas.
    assert_eq!(page.shown("app").as_deref(), Some("crm-eu"));
}

#[tokio::test]
async fn records_that_were_opened_before_the_upgrade_are_offered_again() {
    let release = Release::read();
    let usher = release.upgraded().await;
    let page = release.signed_in(&usher, "ana").get("/").await;
    assert!(page.says("Recently opened CS-2207"), "{}", page.text());
}
