//! A commit that fails. A deferred foreign key that a trigger breaks makes the database accept
//! every statement and refuse the commit, like a full disk: the first row of `… returning` has been
//! returned already. An artefact stays valid for exactly one more try.

use axum::{body::Body, extract::ConnectInfo, http::Request};
use serde_json::Value;

use super::run;
use crate::{
    discourse,
    issuer_oidc::{
        pushed::{path, pushed},
        refresh,
    },
    issuer_saml,
};
use support::{
    browser::{Browser, Page},
    cas::{self, BOOKS},
    database::is_sqlite,
    gate::{ADDRESS, usher as behind_a_gateway},
    lab,
    relying_party::{Ask, code, field, form, launch_code, redeem},
    remote::{self, token},
    server::{PORTAL, TestServer},
    shared_secret,
};

/// From now on, no transaction that does this to the table is committed.
async fn trip(usher: &TestServer, event: &str, table: &str) {
    let wire = "create table nowhere (id text primary key);
         create table tripwire
             (id text references nowhere (id) deferrable initially deferred);";
    let trigger = if is_sqlite(usher) {
        format!(
            "create trigger trip after {event} on {table}
             begin insert into tripwire values ('x'); end;"
        )
    } else {
        format!(
            "create function trip() returns trigger language plpgsql as
                 $$ begin insert into tripwire values ('x'); return null; end $$;
             create trigger trip after {event} on {table}
                 for each row execute function trip();"
        )
    };
    run(usher, &format!("{wire} {trigger}")).await;
}

/// Commits go through again.
async fn lift(usher: &TestServer, table: &str) {
    let sql = if is_sqlite(usher) {
        "drop trigger trip; drop table tripwire; drop table nowhere;".to_owned()
    } else {
        format!(
            "drop trigger trip on {table}; drop function trip();
             drop table tripwire; drop table nowhere;"
        )
    };
    run(usher, &sql).await;
}

fn failed((status, answer): &(u16, Value), at: &str) {
    let error = &answer["error"];
    assert_eq!((*status, error), (500, &"server_error".into()), "{at}");
}

#[tokio::test]
async fn a_code_whose_redemption_is_not_committed_is_redeemed_exactly_once_afterwards() {
    let usher = refresh::portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ask = Ask::of("crm-eu").with("scope", "openid offline_access");
    for (event, table) in [("update", "grants"), ("insert", "refresh_tokens")] {
        let code = code(&mut ana, &ask).await;
        trip(&usher, event, table).await;
        failed(&redeem(&usher, "crm-eu", &code).await, table);
        failed(&redeem(&usher, "crm-eu", &code).await, table);
        lift(&usher, table).await;
        let (status, tokens) = redeem(&usher, "crm-eu", &code).await;
        assert_eq!(status, 200, "{table}: {tokens}");
        let (status, next) = refresh::refresh(&usher, refresh::refresh_token(&tokens)).await;
        assert_eq!(status, 200, "what was given is kept: {next}");
        let (status, answer) = redeem(&usher, "crm-eu", &code).await;
        assert_eq!((status, &answer["error"]), (400, &"invalid_grant".into()));
    }
    assert_eq!(usher.events_named("code.reused").await, 2, "no try of ours");
}

#[tokio::test]
async fn a_launch_code_whose_redemption_is_not_committed_lands_exactly_once_afterwards() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let code = launch_code(&mut ana, "/go/tickets/case/CS-2207").await;
    trip(&usher, "update", "grants").await;
    let grant = remote::launch_code(&code);
    failed(&token(&usher, "desk-eu", &grant).await, "the desk");
    assert_eq!(usher.events_named("launch.landed").await, 0);
    lift(&usher, "grants").await;
    assert_eq!(token(&usher, "desk-eu", &grant).await.0, 200);
    assert_eq!(token(&usher, "desk-eu", &grant).await.0, 400);
    assert_eq!(usher.events_named("launch.landed").await, 1);
}

#[tokio::test]
async fn a_refresh_that_is_not_committed_costs_no_family() {
    let usher = refresh::portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let first = refresh::first(&usher, &mut ana).await;
    let first = refresh::refresh_token(&first);
    trip(&usher, "insert", "refresh_tokens").await;
    failed(&refresh::refresh(&usher, first).await, "a refresh");
    lift(&usher, "refresh_tokens").await;
    usher.advance(std::time::Duration::from_secs(60));
    let (status, next) = refresh::refresh(&usher, first).await;
    assert_eq!(status, 200, "{next}");
}

#[tokio::test]
async fn no_code_is_handed_out_that_was_not_kept() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    trip(&usher, "insert", "grants").await;
    for ask in [Ask::of("crm-eu"), Ask::of("crm-eu").with("prompt", "none")] {
        let page = ana.peek(&ask.path()).await;
        assert_eq!(page.status, 500, "{}", page.text());
        assert!(page.headers.get("location").is_none(), "{}", page.text());
    }
    let page = ana.peek("/go/tickets/case/CS-2207").await;
    assert_eq!(page.status, 500, "{}", page.text());
    assert!(!page.body.contains("hc_"), "{}", page.text());
    lift(&usher, "grants").await;
    assert!(usher.column("select id from grants").await.is_empty());
    let code = code(&mut ana, &Ask::of("crm-eu")).await;
    assert_eq!(redeem(&usher, "crm-eu", &code).await.0, 200);
}

#[tokio::test]
async fn a_pushed_request_whose_answer_is_not_committed_is_answered_exactly_once_afterwards() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for (event, table) in [("insert", "grants"), ("update", "pushed_requests")] {
        let uri = pushed(&usher, &Ask::of("crm-eu")).await;
        let there = path("crm-eu", &uri);
        trip(&usher, event, table).await;
        assert_eq!(ana.peek(&there).await.status, 500, "{table}");
        lift(&usher, table).await;
        let sent = ana.peek(&there).await.sent();
        assert_eq!(redeem(&usher, "crm-eu", &sent["code"]).await.0, 200);
        assert_eq!(ana.peek(&there).await.status, 400, "{table}");
    }
    // Also where the answer is a question, and where it is a no.
    let uri = pushed(&usher, &Ask::of("crm-eu").with("prompt", "none")).await;
    let mut nobody = Browser::new(&usher);
    trip(&usher, "update", "pushed_requests").await;
    assert_eq!(nobody.peek(&path("crm-eu", &uri)).await.status, 500);
    lift(&usher, "pushed_requests").await;
    let sent = nobody.peek(&path("crm-eu", &uri)).await.sent();
    assert_eq!(sent["error"], "login_required");
    assert_eq!(nobody.peek(&path("crm-eu", &uri)).await.status, 400);
    let uri = pushed(&usher, &Ask::of("crm-eu")).await;
    trip(&usher, "insert", "pending_requests").await;
    assert_eq!(nobody.peek(&path("crm-eu", &uri)).await.status, 500);
    lift(&usher, "pending_requests").await;
    assert_eq!(nobody.get(&path("crm-eu", &uri)).await.status, 200);
}

#[tokio::test]
async fn a_cas_ticket_whose_validation_is_not_committed_is_valid_exactly_once_afterwards() {
    let usher = cas::usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for (event, table) in [("update", "service_tickets"), ("insert", "party_sessions")] {
        let ticket = cas::ticket(&mut ana, BOOKS).await;
        trip(&usher, event, table).await;
        for _ in 0..2 {
            let code = cas::code(&usher, BOOKS, &ticket, "").await;
            assert_eq!(code, "INTERNAL_ERROR", "{table}");
        }
        lift(&usher, table).await;
        assert!(cas::is_valid(&usher, BOOKS, &ticket).await, "{table}");
        assert!(!cas::is_valid(&usher, BOOKS, &ticket).await, "{table}");
    }
}

async fn enter(usher: &TestServer, ticket: &str) -> u16 {
    let request = Request::post("/forward-auth/figures/entry")
        .extension(ConnectInfo(ADDRESS))
        .header("x-forwarded-proto", "https")
        .header("x-forwarded-host", "page-eu.test")
        .header("x-forwarded-uri", "/.usher/enter")
        .header("origin", PORTAL)
        .body(Body::from(format!("ticket={ticket}")));
    usher.ask(request.expect("a request")).await.0
}

#[tokio::test]
async fn a_gateway_ticket_whose_entry_is_not_committed_lets_in_exactly_once_afterwards() {
    let usher = behind_a_gateway().await;
    let mut ana = Browser::of(&usher, "ana").await;
    for (event, table) in [
        ("update", "forward_auth_tickets"),
        ("insert", "forward_auth_sessions"),
    ] {
        let page = ana.peek("/go/figures").await;
        let ticket = field(&page, "ticket");
        trip(&usher, event, table).await;
        assert_eq!(enter(&usher, &ticket).await, 500, "{table}");
        lift(&usher, table).await;
        assert_eq!(enter(&usher, &ticket).await, 303, "{table}");
        assert_eq!(enter(&usher, &ticket).await, 400, "{table}");
    }
}

#[tokio::test]
async fn a_saml_request_whose_answer_is_not_committed_is_answered_exactly_once_afterwards() {
    let usher = lab::portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let asked = issuer_saml::asked(&usher, "_one");
    trip(&usher, "insert", "party_sessions").await;
    assert_eq!(ana.peek(&asked).await.status, 500);
    lift(&usher, "party_sessions").await;
    let answered = |page: &Page| page.body.contains("SAMLResponse");
    let page = ana.peek(&asked).await;
    assert!(answered(&page), "{}", page.text());
    let page = ana.peek(&asked).await;
    assert!(page.status >= 400 && !answered(&page), "{}", page.text());
}

#[tokio::test]
async fn a_forums_question_whose_answer_is_not_committed_is_answered_exactly_once_afterwards() {
    let usher = discourse::usher().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let asked = shared_secret::ask("forum-eu", "n-1");
    trip(&usher, "insert", "replays").await;
    assert_eq!(ana.peek(&asked).await.status, 500);
    lift(&usher, "replays").await;
    assert_eq!(ana.peek(&asked).await.status, 303);
    assert!(ana.peek(&asked).await.status >= 400);
}

/// After a failure that the code's own bearer causes, the code is used up.
#[tokio::test]
async fn a_code_that_came_with_the_wrong_address_is_used_up_all_the_same() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let code = code(&mut ana, &Ask::of("crm-eu")).await;
    let wrong = form(&code, "https://crm-eu.test/elsewhere");
    assert_eq!(token(&usher, "crm-eu", &wrong).await.0, 400);
    assert_eq!(redeem(&usher, "crm-eu", &code).await.0, 400);
}
