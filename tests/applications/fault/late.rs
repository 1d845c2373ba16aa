//! Requests that time out: they get an error in the form of their protocol, and nothing of them is
//! committed afterwards.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::Value;
use sqlx::{AnyConnection, Executor};
use usher::{error::Error, store::Deadline};

use crate::issuer_oidc::{pushed::push, refresh};
use support::{
    browser::Browser,
    cas::{self, BOOKS, escaped},
    database::{is_sqlite, locked, released},
    draft::Draft,
    relying_party::{Ask, code, redeem},
    remote::launch_code,
    server::TestServer,
};

async fn hurried(seed: &Draft) -> TestServer {
    let usher = TestServer::configured(&[("USHER_SERVER__REQUEST_TIMEOUT_MS", "1500")]).await;
    usher.seed(seed).await;
    usher
}

/// Another client holds what PAR and validations write.
async fn locked_for_machines(usher: &TestServer) -> AnyConnection {
    let mut other = usher.connection().await;
    let lock = match is_sqlite(usher) {
        true => "begin exclusive",
        false => {
            "begin; lock table launches, grants, pushed_requests, service_tickets
             in exclusive mode"
        }
    };
    other.execute(lock).await.expect("the lock");
    other
}

fn is_late((status, answer): (u16, Value), at: &str) {
    let error = &answer["error"];
    assert_eq!(
        (status, error),
        (503, &"temporarily_unavailable".into()),
        "{at}"
    );
}

#[tokio::test]
async fn a_code_that_was_answered_too_late_is_redeemed_exactly_once_afterwards() {
    let usher = hurried(&refresh::refreshing()).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let code = code(&mut ana, &Ask::of("crm-eu")).await;
    let lock = locked(&usher).await;
    is_late(redeem(&usher, "crm-eu", &code).await, "by code");
    released(lock).await;
    let (status, tokens) = redeem(&usher, "crm-eu", &code).await;
    assert_eq!(status, 200, "{tokens}");
    assert_eq!(redeem(&usher, "crm-eu", &code).await.0, 400);
}

#[tokio::test]
async fn a_late_answer_is_in_the_form_of_its_protocol() {
    let usher = hurried(&cas::seed()).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let ticket = cas::ticket(&mut ana, BOOKS).await;
    let lock = locked_for_machines(&usher).await;
    is_late(push(&usher, "crm-eu", &Ask::of("crm-eu")).await, "pushed");
    let asks = format!("service={}&ticket={ticket}", escaped(BOOKS));
    let (status, _, said) = cas::ask(&usher, &format!("validate?{asks}")).await;
    assert_eq!((status, said.as_str()), (200, "no\n\n"));
    let (_, kind, said) = cas::ask(&usher, &format!("serviceValidate?{asks}")).await;
    assert!(kind.starts_with("application/xml"), "{kind}");
    assert!(said.contains("INTERNAL_ERROR"), "{said}");
    let code = cas::code(&usher, BOOKS, &ticket, "").await;
    assert_eq!(code, "INTERNAL_ERROR", "JSON");
    let request = Request::get("/go/crm/customer/C-1042")
        .header(header::ACCEPT, "application/json")
        .header("cookie", cookie(&ana));
    let (status, headers, _) = usher.ask(request.body(Body::empty()).expect("one")).await;
    assert_eq!(status, 503);
    assert_eq!(headers["content-type"], "application/problem+json");
    released(lock).await;
    assert!(cas::is_valid(&usher, BOOKS, &ticket).await, "it stays good");
}

fn cookie(browser: &Browser<'_>) -> String {
    use support::browser::SESSION;
    let session = browser.cookie("usher.test", SESSION).expect("a session");
    format!("{SESSION}={session}")
}

#[tokio::test]
async fn nothing_is_committed_after_the_deadline_of_its_request() {
    let usher = TestServer::open().await;
    let store = usher.app.store.clone();
    let deadline = Deadline::default();
    let until = usher.clock.now() + std::time::Duration::from_secs(60);
    let work = async {
        let mut tx = store.begin().await.expect("begun");
        tx.remember_once("in time", until).await.expect("written");
        tx.commit().await.expect("committed");
        let mut tx = store.begin().await.expect("begun");
        tx.remember_once("late", until).await.expect("written");
        assert!(deadline.pass(), "no commit is under way");
        let error = tx.commit().await.expect_err("refused");
        assert!(matches!(error, Error::TimedOut), "{error}");
    };
    deadline.over(work).await;
    let kept = usher.column("select name from replays").await;
    assert_eq!(kept, ["in time"]);
}

#[tokio::test]
async fn a_launch_code_survives_a_locked_database_and_a_deadline() {
    let usher = hurried(&Draft::sample()).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let code = support::relying_party::launch_code(&mut ana, "/go/tickets/case/CS-2207").await;
    let lock = locked(&usher).await;
    let grant = launch_code(&code);
    let answer = support::remote::token(&usher, "desk-eu", &grant).await;
    is_late(answer, "by launch code");
    released(lock).await;
    let answer = support::remote::token(&usher, "desk-eu", &grant).await;
    assert_eq!(answer.0, 200, "{}", answer.1);
}
