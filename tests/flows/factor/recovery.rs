//! Recovery codes: ten, shown once, each used once.

use std::sync::Arc;

use super::{amr, at_once, house_with};
use support::{
    browser::{Browser, Page},
    draft::Draft,
    factor::{ALWAYS, OWN, after_password, codes_on, set_up_app, with_app},
    server::TestServer,
};

async fn recovery_form(browser: &mut Browser<'_>, name: &str) -> Page {
    let form = after_password(browser, "/", name).await;
    browser
        .get(&format!("{}?way=recovery", form.url.path()))
        .await
}

#[tokio::test]
async fn a_recovery_code_lets_in_once_however_it_is_typed() {
    let usher = house_with(ALWAYS).await;
    let mut ana = Browser::new(&usher);
    let offer = after_password(&mut ana, "/", "ana").await;
    let (page, _) = set_up_app(&mut ana, &offer, usher.clock.now()).await;
    let codes = codes_on(&page);
    let typed = codes[3].to_lowercase().replace('-', " ");
    let mut elsewhere = Browser::new(&usher);
    let form = recovery_form(&mut elsewhere, "ana").await;
    let page = elsewhere.fill(&form, &[("Recovery code", &typed)]).await;
    assert!(page.says("Hello, Ana"), "{}", page.text());
    assert_eq!(amr(&elsewhere).await, "pwd otp mfa");
    assert!(elsewhere.get(OWN).await.says("9 codes left"));
    assert_eq!(usher.events_named("recovery_code.used").await, 1);
    let mut again = Browser::new(&usher);
    let form = recovery_form(&mut again, "ana").await;
    let page = again.fill(&form, &[("Recovery code", &codes[3])]).await;
    assert_eq!(page.status, 422);
    assert!(page.says("recovery code is incorrect or was used before"));
}

/// The buttons need a script, which shows them; the codes are text without one.
#[tokio::test]
async fn codes_can_be_copied_and_downloaded_where_scripts_run() {
    let usher = house_with(ALWAYS).await;
    let mut ana = Browser::new(&usher);
    let offer = after_password(&mut ana, "/", "ana").await;
    let (page, _) = set_up_app(&mut ana, &offer, usher.clock.now()).await;
    assert_eq!(codes_on(&page).len(), 10, "{}", page.text());
    assert!(
        page.says("The second factor has been added."),
        "{}",
        page.text()
    );
    let row = "data-keep-codes data-file=\"recovery-codes.txt\" data-about=\"Recovery codes\n\
               Portal: Usher (https://usher.test)\nUsername: ana\n\
               Created: 18 November 2026, 11:06 UTC\" hidden>";
    assert!(page.body.contains(row), "{}", page.body);
    assert!(
        page.body
            .contains("data-copy data-done=\"Copied\">Copy</button>")
    );
    assert!(page.body.contains("data-download>Download</button>"));
}

#[tokio::test]
async fn codes_are_kept_as_hashes_and_new_ones_void_the_old() {
    let usher = house_with(ALWAYS).await;
    let mut ana = Browser::new(&usher);
    let offer = after_password(&mut ana, "/", "ana").await;
    let (page, _) = set_up_app(&mut ana, &offer, usher.clock.now()).await;
    let old = codes_on(&page);
    for hash in usher.column("select code_hash from recovery_codes").await {
        assert_eq!(hash.len(), 43, "SHA-256");
        assert!(
            old.iter()
                .all(|code| !hash.contains(&code.replace('-', "")))
        );
    }
    let own = ana.get(OWN).await;
    let page = ana.send(&own, "/account/factors/codes").await;
    let new = codes_on(&page);
    assert_eq!(new.len(), 10);
    assert!(new.iter().all(|code| !old.contains(code)));
    let mut elsewhere = Browser::new(&usher);
    let form = recovery_form(&mut elsewhere, "ana").await;
    let page = elsewhere.fill(&form, &[("Recovery code", &old[0])]).await;
    assert_eq!(page.status, 422, "void");
    let page = elsewhere.fill(&form, &[("Recovery code", &new[0])]).await;
    assert!(page.says("Hello, Ana"), "{}", page.text());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_uses_of_one_recovery_code_at_once_are_one_success() {
    let settings = [
        ("USHER_SIGN_IN__FAILURES_PER_ACCOUNT", "1000"),
        ("USHER_SIGN_IN__FAILURES_PER_ADDRESS", "1000"),
    ];
    let usher = Arc::new(TestServer::configured(&settings).await);
    usher.seed(&Draft::sample().plus(ALWAYS)).await;
    let mut ana = Browser::new(&usher);
    let offer = after_password(&mut ana, "/", "ana").await;
    let (page, _) = set_up_app(&mut ana, &offer, usher.clock.now()).await;
    let code = codes_on(&page)[0].clone();
    let statuses = at_once(&usher, "recovery", &code).await;
    let count = |status| statuses.iter().filter(|one| **one == status).count();
    // On a busy machine some may have to wait for too long: they get an error, and no session.
    assert_eq!(
        (count(200), count(422) + count(503)),
        (1, 49),
        "{statuses:?}"
    );
}

#[tokio::test]
async fn another_users_recovery_code_is_refused() {
    let usher = house_with("").await;
    let (_ana, _, codes) = with_app(&usher, "ana").await;
    let (_ben, _, _) = with_app(&usher, "ben").await;
    usher.seed(&Draft::sample().plus(ALWAYS)).await;
    let mut ben = Browser::new(&usher);
    let form = recovery_form(&mut ben, "ben").await;
    let page = ben.fill(&form, &[("Recovery code", &codes[0])]).await;
    assert_eq!(page.status, 422);
    let mut ana = Browser::new(&usher);
    let form = recovery_form(&mut ana, "ana").await;
    let page = ana.fill(&form, &[("Recovery code", &codes[0])]).await;
    assert!(page.says("Hello, Ana"), "and it is not used up");
}
