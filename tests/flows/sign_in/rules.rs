//! The rules of sessions: kept over a closed window or not, how many at once, revoked everywhere.

use std::time::Duration;

use support::{
    browser::{Browser, SESSION},
    draft::Draft,
    server::{PASSWORD, TestServer},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn given(browser: &Browser<'_>) -> String {
    let line = browser.given.iter().rev();
    let mut lines = line.filter(|line| line.starts_with(&format!("{SESSION}=")));
    lines.next().expect("a session's cookie").clone()
}

#[tokio::test]
async fn a_session_goes_with_the_window_unless_it_is_to_be_kept() {
    let usher = TestServer::open().await;
    let passing = Browser::of(&usher, "ana").await;
    assert!(!given(&passing).contains("Max-Age"), "{}", given(&passing));
    let mut staying = Browser::new(&usher);
    let form = staying.get("/sign-in").await;
    assert!(form.says("Keep me signed in"));
    let body = format!(
        "provider=local&name=ana&password={}&remember=1",
        PASSWORD.replace(' ', "+")
    );
    let path = form.url.path().to_owned();
    staying.post(&path, Some("https://usher.test"), &body).await;
    assert!(
        given(&staying).contains("Max-Age=2592000"),
        "{}",
        given(&staying)
    );
    usher.advance(DAY * 3);
    assert!(passing.session().await.is_none(), "idle for three days");
    assert!(staying.session().await.is_some(), "kept without being used");
    usher.advance(DAY * 28);
    assert!(
        staying.session().await.is_none(),
        "and ends after its month"
    );
}

#[tokio::test]
async fn keeping_is_not_offered_where_it_is_not_wanted() {
    let usher = TestServer::configured(&[("USHER_SESSION__REMEMBER_DAYS", "0")]).await;
    usher.seed(&Draft::sample()).await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    assert!(!form.says("Keep me signed in"));
    let body = format!(
        "provider=local&name=ana&password={}&remember=1",
        PASSWORD.replace(' ', "+")
    );
    let path = form.url.path().to_owned();
    ana.post(&path, Some("https://usher.test"), &body).await;
    assert!(!given(&ana).contains("Max-Age"), "{}", given(&ana));
}

#[tokio::test]
async fn the_oldest_session_beyond_the_number_ends() {
    let usher = TestServer::configured(&[("USHER_SESSION__MOST_PER_PERSON", "2")]).await;
    usher.seed(&Draft::sample()).await;
    let mut browsers = Vec::new();
    for _ in 0..3 {
        browsers.push(Browser::of(&usher, "ana").await);
        usher.advance(Duration::from_secs(60));
    }
    let ben = Browser::of(&usher, "ben").await;
    let alive = [
        browsers[0].session().await.is_some(),
        browsers[1].session().await.is_some(),
        browsers[2].session().await.is_some(),
    ];
    assert_eq!(alive, [false, true, true]);
    assert!(ben.session().await.is_some(), "others are not counted");
    assert_eq!(usher.events_named("session.ended").await, 1);
}

#[tokio::test]
async fn a_session_that_ended_is_over_on_every_replica_at_once() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let other = usher.replica().await;
    let cookie = ana
        .cookie("usher.test", SESSION)
        .expect("a cookie")
        .to_owned();
    let living = async |usher: &TestServer| {
        let found = usher.app.sign_ins.sessions().find(&cookie).await;
        found.expect("the database answers").is_some()
    };
    assert!(living(&usher).await && living(&other).await);
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    assert!(!living(&usher).await && !living(&other).await);
}
