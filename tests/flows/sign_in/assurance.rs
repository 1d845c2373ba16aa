//! Assurance: a rule about a service or an intent is satisfied before anything departs, however the
//! user came, and the launch is kept meanwhile.

use std::time::Duration;

use usher::{model::condition::ConditionDocument, seed::file::Assurance};

use super::RECORD;
use support::{
    browser::{Browser, Page},
    draft::{Draft, part},
    server::{PASSWORD, TestServer},
};

const EDIT: &str = "/go/tickets/case/CS-2207?intent=edit";

/// A portal with a rule: a sign-in at most a quarter of an hour ago, for this.
async fn demanding(change: impl FnOnce(&mut Assurance)) -> TestServer {
    let draft = Draft::changed(|draft| {
        let rule = draft.add_assurance("a rule");
        rule.max_age_minutes = Some(15);
        change(rule);
    });
    TestServer::with(&draft).await
}

fn is_asked(page: &Page) -> bool {
    page.says("Confirm your identity to open") && page.url.path().starts_with("/sign-in/")
}

async fn confirm(browser: &mut Browser<'_>, page: &Page, name: &str, password: &str) -> Page {
    browser
        .fill(page, &[("Username", name), ("Password", password)])
        .await
}

#[tokio::test]
async fn an_old_proof_is_renewed_and_the_launch_goes_on() {
    let usher = demanding(|rule| {
        rule.service = Some("tickets".into());
        rule.intent = Some("edit".into());
    })
    .await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get(EDIT).await;
    assert_eq!(page.shown("path").as_deref(), Some("/cases/CS-2207/edit"));
    usher.advance(Duration::from_secs(16 * 60));
    let page = ana.get("/go/tickets/case/CS-2207").await;
    assert_eq!(
        page.shown("path").as_deref(),
        Some("/cases/CS-2207"),
        "viewing is not the rule's business: {}",
        page.text()
    );
    let before = ana.session().await.expect("a session").session;
    let page = ana.get(EDIT).await;
    assert!(is_asked(&page), "{}", page.text());
    assert!(
        page.says("Confirm your identity to open CS-2207 in Tickets"),
        "{}",
        page.text()
    );
    assert!(page.body.contains("value=\"ana\""), "the name is filled in");
    let page = confirm(&mut ana, &page, "ana", "wrong").await;
    assert!(is_asked(&page) && page.status == 422);
    let page = confirm(&mut ana, &page, "ana", PASSWORD).await;
    assert_eq!(page.shown("path").as_deref(), Some("/cases/CS-2207/edit"));
    let after = ana.session().await.expect("a session").session;
    assert_eq!(before.id, after.id, "launches on their way stay theirs");
    assert_eq!(usher.events_named("sign_in.confirmed").await, 1);
}

#[tokio::test]
async fn no_user_confirms_as_another() {
    let usher = demanding(|rule| rule.service = Some("crm".into())).await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher.advance(Duration::from_secs(16 * 60));
    let page = ana.get(RECORD).await;
    assert!(is_asked(&page), "{}", page.text());
    let page = confirm(&mut ana, &page, "ben", PASSWORD).await;
    assert_eq!(page.status, 403);
    assert!(page.says("belongs to another person"), "{}", page.text());
    assert_eq!(ana.session().await.expect("still hers").user.login, "ana");
    let page = confirm(&mut ana, &page, "ana", PASSWORD).await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
}

#[tokio::test]
async fn an_applications_own_sign_in_is_no_way_round_a_rule() {
    let usher = demanding(|rule| rule.service = Some("crm".into())).await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher.advance(Duration::from_secs(16 * 60));
    // The application sends her to us by itself, without a launch.
    let page = ana.get("https://crm-eu.test/customers/C-1042").await;
    assert!(page.says("Confirm your identity"), "{}", page.text());
    let page = confirm(&mut ana, &page, "ana", PASSWORD).await;
    assert_eq!(
        page.shown("app").as_deref(),
        Some("crm-eu"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn two_tabs_one_confirmation() {
    let usher = demanding(|rule| rule.service = Some("crm".into())).await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher.advance(Duration::from_secs(16 * 60));
    let first = ana.get(RECORD).await;
    let second = ana.get("/go/crm/customer/C-1001").await;
    assert!(is_asked(&first) && is_asked(&second));
    let page = confirm(&mut ana, &first, "ana", PASSWORD).await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    let page = ana.get(second.url.path()).await;
    assert_eq!(
        page.shown("path").as_deref(),
        Some("/customers/C-1001"),
        "the other tab goes on by a reload: {}",
        page.text()
    );
}

#[tokio::test]
async fn a_rule_for_a_group_is_for_that_group() {
    let usher = demanding(|rule| {
        rule.service = Some("crm".into());
        rule.when = Some(part("group = \"support\""));
    })
    .await;
    let mut ana = Browser::of(&usher, "ana").await;
    let mut ben = Browser::of(&usher, "ben").await;
    usher.advance(Duration::from_secs(16 * 60));
    let page = ana.get(RECORD).await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    assert!(is_asked(&ben.get(RECORD).await));
}

/// A change to a rule.
type RuleChange = fn(&mut Assurance);

#[tokio::test]
async fn an_impossible_rule_is_reported() {
    let usher = TestServer::open().await;
    let odd: [(RuleChange, &str); 6] = [
        (|rule| rule.second_factor = false, "demands nothing"),
        (
            |rule| {
                rule.second_factor = false;
                rule.max_age_minutes = Some(0);
            },
            "demands nothing",
        ),
        (
            |rule| rule.service = Some("nowhere".into()),
            "no service \"nowhere\"",
        ),
        (
            |rule| rule.intent = Some("edit".into()),
            "an intent goes with",
        ),
        (
            |rule| {
                rule.service = Some("crm".into());
                rule.intent = Some("dance".into());
            },
            "no link with the intent",
        ),
        (
            |rule| rule.when = Some(ConditionDocument::default()),
            "a condition is one of",
        ),
    ];
    for (change, words) in odd {
        let draft = Draft::changed(|draft| {
            let rule = draft.add_assurance("odd");
            rule.second_factor = true;
            change(rule);
        });
        let error = usher.app.seed(&draft.toml()).await;
        let error = error.expect_err(words).to_string();
        assert!(error.contains("odd") && error.contains(words), "{error}");
    }
}
