//! Disabled principals: services, instances and users, before and between all steps.

use super::{CHOICE, RECORD, at, code_of, refused};
use support::{
    browser::{Browser, SESSION},
    draft::{Change, Draft, part},
    remote::{launch_code, token},
    server::TestServer,
};

/// Disables a user who has signed in before.
async fn shut_out(usher: &TestServer, name: &str) {
    let browser = Browser::of(usher, name).await;
    let who = browser.session().await.expect("signed in");
    let known = usher.app.directory.disable(&who.user.id).await;
    assert!(known.expect("the database answers"));
}

#[tokio::test]
async fn what_is_closed_is_said_so_warm_and_cold() {
    let usher = TestServer::open().await;
    let closed: [(Change, &str, bool); 2] = [
        (
            |draft| draft.service("crm").disabled = true,
            "CRM is not available",
            true,
        ),
        (
            |draft| draft.instance("crm-eu").disabled = true,
            "CRM Europe is not available",
            false,
        ),
    ];
    for (change, words, is_everywhere) in closed {
        usher.seed(&Draft::sample()).await;
        let mut warm = Browser::of(&usher, "ana").await;
        let mut cold = Browser::new(&usher);
        let form = cold.get(RECORD).await;
        usher.change(change).await;
        refused(&warm.get(RECORD).await, 503, words);
        refused(&cold.sign_in(&form, "ana").await, 503, words);
        assert!(cold.session().await.is_some(), "signed in is signed in");
        assert!(
            warm.get("/").await.says("Not available"),
            "the tile says so"
        );
        let openers = warm.get("/open?type=customer&key=C-1042").await;
        assert!(!openers.body.contains("/go/crm/"), "nor is it an opener");
        let mut ben = Browser::of(&usher, "ben").await;
        let page = ben.get(RECORD).await;
        assert_eq!(page.status == 503, is_everywhere, "{}", page.text());
    }
    assert_eq!(usher.events_named("launch.refused").await, 5);
}

#[tokio::test]
async fn a_service_closed_while_a_user_chooses_is_not_entered() {
    let usher = TestServer::open().await;
    let mut cleo = Browser::of(&usher, "cleo").await;
    let page = cleo.get(CHOICE).await;
    usher
        .change(|draft| draft.service("reports").disabled = true)
        .await;
    let page = cleo.press(&page, "instance", "reports-eu").await;
    refused(&page, 503, "Reports is not available");
    assert_eq!(usher.events_named("launch.departed").await, 0);
}

#[tokio::test]
async fn an_instance_closed_while_a_user_chooses_it_is_not_replaced_by_another() {
    let usher = TestServer::open().await;
    let mut cleo = Browser::of(&usher, "cleo").await;
    let page = cleo.get(CHOICE).await;
    usher
        .change(|draft| draft.instance("reports-eu").disabled = true)
        .await;
    let page = cleo.press(&page, "instance", "reports-eu").await;
    assert_eq!(
        page.url.host_str(),
        Some("usher.test"),
        "asked for Europe, taken to {}",
        page.url
    );
    assert_eq!(usher.events_named("launch.departed").await, 0);
}

#[tokio::test]
async fn what_closes_between_departure_and_token_gives_no_token() {
    let usher = TestServer::open().await;
    let crm: [Change; 2] = [
        |draft| draft.service("crm").disabled = true,
        |draft| draft.instance("crm-eu").disabled = true,
    ];
    for change in crm {
        usher.seed(&Draft::sample()).await;
        let mut ana = Browser::of(&usher, "ana").await;
        let departed = ana.peek(RECORD).await;
        usher.change(change).await;
        let page = ana.get(departed.location()).await;
        assert_eq!(page.shown("error").as_deref(), Some("access_denied"));
    }
    let desk: [Change; 2] = [
        |draft| draft.service("tickets").disabled = true,
        |draft| draft.instance("desk-eu").disabled = true,
    ];
    for change in desk {
        usher.seed(&Draft::sample()).await;
        let mut ana = Browser::of(&usher, "ana").await;
        let code = code_of(&ana.peek("/go/tickets/case/CS-2207").await);
        usher.change(change).await;
        let (status, answer) = token(&usher, "desk-eu", &launch_code(&code)).await;
        assert_eq!(
            (status, &answer["error"]),
            (400, &"invalid_grant".into()),
            "{answer}"
        );
    }
    assert_eq!(usher.events_named("launch.landed").await, 0);
}

#[tokio::test]
async fn who_loses_the_right_to_see_a_service_is_stopped_between_the_steps() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let code = code_of(&ana.peek("/go/tickets/case/CS-2207").await);
    usher
        .change(|draft| draft.service("tickets").audience = Some(part("group = \"support\"")))
        .await;
    let (status, answer) = token(&usher, "desk-eu", &launch_code(&code)).await;
    assert_eq!(
        (status, &answer["error"]),
        (400, &"invalid_grant".into()),
        "{answer}"
    );
    refused(
        &ana.get("/go/tickets/case/CS-2207").await,
        403,
        "You do not have access",
    );
}

#[tokio::test]
async fn a_disabled_user_is_not_signed_in() {
    let usher = TestServer::open().await;
    shut_out(&usher, "ana").await;
    let mut early = Browser::new(&usher);
    let form = early.get(RECORD).await;
    let page = early.sign_in(&form, "ana").await;
    refused(&page, 403, "Your account is disabled");
    assert!(early.session().await.is_none());
    assert!(
        early.cookie("usher.test", SESSION).is_none(),
        "no cookie either"
    );
    assert!(page.body.contains("value=\"ana\""), "the name is kept");
    assert_eq!(usher.events_named("launch.departed").await, 0);
    let who = Browser::of(&usher, "ben").await.session().await;
    assert!(who.is_some(), "others come and go");
}

#[tokio::test]
async fn a_user_disabled_between_sign_in_page_and_submit_is_not_signed_in() {
    let usher = TestServer::open().await;
    let mut browser = Browser::new(&usher);
    let form = browser.get(RECORD).await;
    shut_out(&usher, "ana").await;
    let page = browser.sign_in(&form, "ana").await;
    refused(&page, 403, "Your account is disabled");
    assert!(browser.session().await.is_none());
    let page = browser.sign_in(&page, "ben").await;
    at(&page, "crm-us", "/customers/C-1042");
}

#[tokio::test]
async fn a_disabled_users_sessions_end_at_once() {
    let usher = TestServer::open().await;
    let mut warm = Browser::of(&usher, "cleo").await;
    let choice = warm.get(CHOICE).await;
    shut_out(&usher, "cleo").await;
    for link in ["/", RECORD, choice.url.path(), "/services/crm", "/open"] {
        let page = warm.get(link).await;
        assert!(
            page.url.path().starts_with("/sign-in/"),
            "{link}: {}",
            page.url
        );
    }
    let body = "instance=reports-eu";
    let post = format!("{}/choice", choice.url.path());
    let page = warm.post(&post, Some("https://usher.test"), body).await;
    assert_eq!(page.status, 401);
    assert_eq!(usher.events_named("launch.departed").await, 0);
}

#[tokio::test]
async fn a_user_disabled_between_departure_and_token_gets_no_token() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let departed = ana.peek(RECORD).await;
    let code = code_of(&ana.peek("/go/tickets/case/CS-2207").await);
    shut_out(&usher, "ana").await;
    let (status, answer) = token(&usher, "desk-eu", &launch_code(&code)).await;
    assert_eq!(
        (status, &answer["error"]),
        (400, &"invalid_grant".into()),
        "{answer}"
    );
    let page = ana.get(departed.location()).await;
    assert!(page.url.path().starts_with("/sign-in/"), "{}", page.url);
    let page = ana.sign_in(&page, "ana").await;
    refused(&page, 403, "Your account is disabled");
    assert_eq!(usher.events_named("launch.landed").await, 0);
}

#[tokio::test]
async fn a_user_enabled_again_can_sign_in_but_old_sessions_stay_ended() {
    let usher = TestServer::open().await;
    let mut warm = Browser::of(&usher, "ana").await;
    let who = warm.session().await.expect("signed in");
    usher
        .app
        .directory
        .disable(&who.user.id)
        .await
        .expect("done");
    usher
        .app
        .directory
        .enable(&who.user.id)
        .await
        .expect("done");
    assert!(warm.session().await.is_none());
    let form = warm.get(RECORD).await;
    at(
        &warm.sign_in(&form, "ana").await,
        "crm-eu",
        "/customers/C-1042",
    );
}

#[tokio::test]
async fn an_account_disabled_in_the_seed_is_shut_out_at_once() {
    let usher = TestServer::open().await;
    let mut warm = Browser::of(&usher, "ana").await;
    let code = code_of(&warm.peek("/go/tickets/case/CS-2207").await);
    usher
        .change(|draft| draft.person("ana").disabled = true)
        .await;
    let mut cold = Browser::new(&usher);
    let form = cold.get(RECORD).await;
    let page = cold.sign_in(&form, "ana").await;
    refused(&page, 403, "Your account is disabled");
    let (status, _) = token(&usher, "desk-eu", &launch_code(&code)).await;
    assert_eq!(
        status, 400,
        "nothing is given in the name of a disabled account"
    );
    assert!(warm.session().await.is_none(), "the session goes on");
}

#[tokio::test]
async fn disabling_and_enabling_a_user_are_audit_events() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let people = usher.app.store.users_by_login("ana").await.expect("people");
    let directory = &usher.app.directory;
    assert!(directory.disable(&people[0].id).await.expect("disabled"));
    assert!(ana.get("/").await.url.path().starts_with("/sign-in/"));
    assert!(directory.enable(&people[0].id).await.expect("enabled"));
    for name in ["catalog.seeded", "user.disabled", "user.enabled"] {
        assert_eq!(usher.events_named(name).await, 1, "{name}");
    }
}
