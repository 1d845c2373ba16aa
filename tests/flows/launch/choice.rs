//! A user's own choice of instance, for a week.

use std::time::Duration;

use super::{HOUR, RECORD, at, refused};
use support::{browser::Browser, server::TestServer};

#[tokio::test]
async fn an_own_choice_leads_elsewhere_for_a_week() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.get("/services/crm").await;
    assert!(page.says("You are taken to CRM Europe"));
    let page = ana.fill(&page, &[("Instance", "crm-us")]).await;
    assert!(page.says("You are taken to CRM Americas, because you chose it"));
    at(&ana.get(RECORD).await, "crm-us", "/customers/C-1042");
    at(
        &Browser::of(&usher, "cleo").await.get(RECORD).await,
        "crm-eu",
        "/customers/C-1042",
    );
    usher.advance(7 * 24 * HOUR - Duration::from_secs(1));
    let mut ana = Browser::of(&usher, "ana").await;
    at(&ana.get(RECORD).await, "crm-us", "/customers/C-1042");
    usher.advance(Duration::from_secs(1));
    at(&ana.get(RECORD).await, "crm-eu", "/customers/C-1042");
    assert_eq!(usher.events_named("instance.chosen").await, 1);
}

#[tokio::test]
async fn an_own_choice_is_taken_back() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let origin = Some("https://usher.test");
    ana.post("/services/crm/instance", origin, "instance=crm-us")
        .await;
    at(&ana.get(RECORD).await, "crm-us", "/customers/C-1042");
    ana.post("/services/crm/instance", origin, "instance=")
        .await;
    at(&ana.get(RECORD).await, "crm-eu", "/customers/C-1042");
}

#[tokio::test]
async fn an_own_choice_is_refused_where_the_admin_does_not_allow_it() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let origin = Some("https://usher.test");
    assert!(
        !ana.get("/services/tickets")
            .await
            .says("Use a different instance")
    );
    let page = ana
        .post("/services/tickets/instance", origin, "instance=desk-us")
        .await;
    refused(&page, 403, "Access denied");
    for instance in ["desk-us", "nowhere", "https://evil.example", "../crm-us"] {
        let body = format!("instance={instance}");
        let page = ana.post("/services/crm/instance", origin, &body).await;
        refused(&page, 404, "Page not found");
    }
    at(&ana.get(RECORD).await, "crm-eu", "/customers/C-1042");
    assert_eq!(usher.events_named("instance.chosen").await, 0);
}

#[tokio::test]
async fn a_choice_no_longer_allowed_is_no_longer_followed() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let origin = Some("https://usher.test");
    ana.post("/services/crm/instance", origin, "instance=crm-us")
        .await;
    usher
        .change(|draft| draft.service("crm").choice_allowed = false)
        .await;
    at(&ana.get(RECORD).await, "crm-eu", "/customers/C-1042");
}

/// A form that lacks its field is no wish to follow the rules again.
#[tokio::test]
async fn a_form_without_its_field_changes_no_choice() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let origin = Some("https://usher.test");
    ana.post("/services/crm/instance", origin, "instance=crm-us")
        .await;
    let page = ana.post("/services/crm/instance", origin, "x=%25").await;
    assert_eq!(page.status, 400, "{}", page.text());
    at(&ana.get(RECORD).await, "crm-us", "/customers/C-1042");
}
