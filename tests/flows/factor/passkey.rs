//! Passkeys: a second factor, and a first one without a password.

use std::time::Duration;

use super::{RECORD, amr, house_with};
use support::{
    authenticator::Passkey,
    browser::Browser,
    draft::{Draft, part},
    factor::{
        ALWAYS, OURS, OWN, after_password, answer, challenge, create, enter, use_key, with_passkey,
    },
    server::TestServer,
};

const WRONG: &str = "Verification failed. Please try again, or choose another option.";
const UNKNOWN: &str = "This passkey is not registered here";

async fn demanding() -> TestServer {
    house_with("").await
}

async fn demand(usher: &TestServer) {
    usher.seed(&Draft::sample().plus(ALWAYS)).await;
}

#[tokio::test]
async fn a_passkey_is_a_second_factor() {
    let usher = demanding().await;
    let (_, mut key) = with_passkey(&usher, "ana").await;
    demand(&usher).await;
    let mut ana = Browser::new(&usher);
    let page = after_password(&mut ana, RECORD, "ana").await;
    assert!(
        page.says("Use your passkey or security key"),
        "{}",
        page.text()
    );
    let page = use_key(&mut ana, &page, &mut key).await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    assert_eq!(amr(&ana).await, "pwd hwk user mfa");
}

#[tokio::test]
async fn a_passkey_alone_signs_in_and_counts_as_two_factors() {
    let usher = demanding().await;
    let mut mine = Browser::of(&usher, "ana").await;
    let mut key = Passkey::default();
    key.synced = true;
    create(&mut mine, OWN, &mut key).await;
    demand(&usher).await;
    let mut ana = Browser::new(&usher);
    let form = ana.get(RECORD).await;
    assert!(form.body.contains("autocomplete=\"username webauthn\""));
    let page = enter(&mut ana, &form, &mut key).await;
    assert_eq!(
        page.shown("path").as_deref(),
        Some("/customers/C-1042"),
        "{}",
        page.text()
    );
    let session = ana.session().await.expect("a session").session;
    assert_eq!(session.amr, "swk user mfa");
    assert_eq!(session.factor_at, Some(usher.clock.now()));
    assert_eq!(session.authenticated_at, usher.clock.now());
}

#[tokio::test]
async fn an_invalid_response_signs_no_user_in() {
    let usher = demanding().await;
    let (_, mut key) = with_passkey(&usher, "ana").await;
    type Spoil = fn(&mut Passkey);
    let spoil: [(&str, Spoil); 4] = [
        ("another page", |key| {
            key.origin = "https://evil.example".into()
        }),
        ("another port", |key| {
            key.origin = "https://usher.test:444".into()
        }),
        ("another host", |key| key.host = "evil.example".into()),
        ("user not verified", |key| key.verifies = false),
    ];
    for (what, spoil) in spoil {
        let mut ana = Browser::new(&usher);
        let form = ana.get("/sign-in").await;
        spoil(&mut key);
        let page = enter(&mut ana, &form, &mut key).await;
        assert_eq!(page.status, 403, "{what}");
        assert!(page.says(UNKNOWN), "{what}: {}", page.text());
        assert!(ana.session().await.is_none(), "{what}");
        (key.origin, key.host) = ("https://usher.test".into(), "usher.test".into());
        key.verifies = true;
    }
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    assert!(enter(&mut ana, &form, &mut key).await.says("Hello, Ana"));
}

#[tokio::test]
async fn a_challenge_is_answered_once_in_time_and_where_it_was_given() {
    let usher = demanding().await;
    let (_, mut key) = with_passkey(&usher, "ana").await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    let other = ana.get("/sign-in").await;
    let [path, elsewhere] = [&form, &other].map(|page| format!("{}/passkey", page.url.path()));
    let link = format!("{path}/challenge");

    let (id, options) = challenge(&mut ana, &link).await;
    let body = answer(&id, &key.get(&options));
    assert!(
        ana.post(&elsewhere, OURS, &body).await.says(UNKNOWN),
        "another attempt's"
    );
    let mut thief = Browser::new(&usher);
    thief.get("/sign-in").await;
    let page = thief.post(&path, OURS, &body).await;
    assert!(!page.url.path().starts_with(&path), "another browser's");
    assert!(thief.session().await.is_none());

    usher.advance(Duration::from_secs(300));
    assert!(ana.post(&path, OURS, &body).await.says(UNKNOWN), "too old");

    // An answer that fails uses its challenge up, too.
    let (id, options) = challenge(&mut ana, &link).await;
    assert!(
        ana.post(&path, OURS, &answer(&id, "{}"))
            .await
            .says(UNKNOWN)
    );
    let body = answer(&id, &key.get(&options));
    assert!(
        ana.post(&path, OURS, &body).await.says(UNKNOWN),
        "answered before"
    );

    let (id, options) = challenge(&mut ana, &link).await;
    let body = answer(&id, &key.get(&options));
    assert!(ana.post(&path, OURS, &body).await.says("Hello, Ana"));
    let mut again = Browser::new(&usher);
    let form = again.get("/sign-in").await;
    let path = format!("{}/passkey", form.url.path());
    assert!(
        again.post(&path, OURS, &body).await.says(UNKNOWN),
        "replayed"
    );
}

#[tokio::test]
async fn kind_confusion_a_challenge_is_good_for_its_own_purpose() {
    let usher = demanding().await;
    let (mut mine, mut key) = with_passkey(&usher, "ana").await;
    demand(&usher).await;
    let mut ana = Browser::new(&usher);
    let page = after_password(&mut ana, "/", "ana").await;
    let factor = page.url.path().to_owned();
    let attempt = factor.replace("/factor", "");
    let open = format!("{attempt}/passkey");
    // One to sign in with, at the second factor; and the other way round.
    let (id, options) = challenge(&mut ana, &format!("{open}/challenge")).await;
    let page = ana
        .post(&factor, OURS, &answer(&id, &key.get(&options)))
        .await;
    assert!(page.says(WRONG), "{}", page.text());
    let (id, options) = challenge(&mut ana, &format!("{factor}/challenge")).await;
    let page = ana
        .post(&open, OURS, &answer(&id, &key.get(&options)))
        .await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert!(ana.session().await.is_none());
    // One to prove with, for a new key.
    let (id, options) = challenge(&mut mine, &format!("{OWN}/passkey/challenge")).await;
    let body = answer(&id, &key.get(&options));
    let page = mine.post(&format!("{OWN}/passkey"), OURS, &body).await;
    assert_eq!(page.status, 422, "{}", page.text());
}

#[tokio::test]
async fn the_passkey_of_another_user_is_refused() {
    let usher = demanding().await;
    let (_, anas) = with_passkey(&usher, "ana").await;
    let (_, mut bens) = with_passkey(&usher, "ben").await;
    demand(&usher).await;
    let mut ana = Browser::new(&usher);
    let page = after_password(&mut ana, "/", "ana").await;
    let page = use_key(&mut ana, &page, &mut bens).await;
    assert_eq!(page.status, 422);
    // Nor does it help to say that it is hers.
    bens.claim(&anas);
    let page = use_key(&mut ana, &page, &mut bens).await;
    assert_eq!(page.status, 422);
    let mut thief = Browser::new(&usher);
    let form = thief.get("/sign-in").await;
    assert!(enter(&mut thief, &form, &mut bens).await.says(UNKNOWN));
    assert!(ana.session().await.is_none() && thief.session().await.is_none());
}

#[tokio::test]
async fn a_passkey_that_is_not_enrolled_is_refused() {
    let usher = demanding().await;
    let (_, anas) = with_passkey(&usher, "ana").await;
    let mut key = Passkey::default();
    key.claim(&anas);
    let mut thief = Browser::new(&usher);
    let form = thief.get("/sign-in").await;
    assert!(enter(&mut thief, &form, &mut key).await.says(UNKNOWN));
    assert!(thief.session().await.is_none());
}

#[tokio::test]
async fn a_copy_of_a_key_is_noticed_by_its_counter() {
    let usher = demanding().await;
    let mut mine = Browser::of(&usher, "ana").await;
    let mut key = Passkey::default();
    key.counter = 7;
    create(&mut mine, OWN, &mut key).await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    assert!(enter(&mut ana, &form, &mut key).await.says("Hello, Ana"));
    key.counter = 7;
    let mut thief = Browser::new(&usher);
    let form = thief.get("/sign-in").await;
    let page = enter(&mut thief, &form, &mut key).await;
    assert_eq!(page.status, 403);
    assert!(page.says("may have been copied"), "{}", page.text());
    assert!(thief.session().await.is_none());
    assert!(
        enter(&mut thief, &form, &mut key).await.says("Hello, Ana"),
        "the one that counts on"
    );
}

#[tokio::test]
async fn one_authenticator_is_enrolled_once() {
    let usher = demanding().await;
    let (mut ana, mut key) = with_passkey(&usher, "ana").await;
    let (_, options) = challenge(&mut ana, &format!("{OWN}/passkey/challenge")).await;
    assert_eq!(
        options["excludeCredentials"].as_array().map(Vec::len),
        Some(1)
    );
    let page = create(&mut ana, OWN, &mut key).await;
    assert_eq!(page.status, 422, "with that option, it would have refused");
    let mut ben = Browser::of(&usher, "ben").await;
    let page = create(&mut ben, OWN, &mut key).await;
    assert_eq!(page.status, 403);
    assert!(
        page.says("This passkey is already registered"),
        "{}",
        page.text()
    );
    assert_eq!(usher.column("select id from factors").await.len(), 1);
}

#[tokio::test]
async fn a_disabled_users_passkey_does_not_sign_in() {
    let usher = demanding().await;
    let (_, mut key) = with_passkey(&usher, "ana").await;
    usher
        .change(|draft| draft.person("ana").disabled = true)
        .await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    let page = enter(&mut ana, &form, &mut key).await;
    assert_eq!(page.status, 403);
    assert!(page.says("Your account is disabled"), "{}", page.text());
    assert!(ana.session().await.is_none());
}

#[tokio::test]
async fn a_passkey_does_not_outlive_the_provider_that_vouched() {
    let usher = demanding().await;
    let (_, mut key) = with_passkey(&usher, "ana").await;
    usher
        .change(|draft| {
            draft.provider("local").disabled = true;
            draft.add_provider("other", "local", "Other");
        })
        .await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    let page = enter(&mut ana, &form, &mut key).await;
    assert_eq!(page.status, 403);
    assert!(
        page.says("sign in with your account once"),
        "{}",
        page.text()
    );
    assert!(ana.session().await.is_none());
}

#[tokio::test]
async fn where_passkeys_are_a_second_factor_only_one_alone_opens_nothing() {
    let usher = TestServer::configured(&[("USHER_SIGN_IN__PASSKEY_DAYS", "0")]).await;
    usher.seed(&Draft::sample()).await;
    let (_, mut key) = with_passkey(&usher, "ana").await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    assert!(!form.body.contains("Sign in with a passkey"));
    let page = enter(&mut ana, &form, &mut key).await;
    assert_eq!(page.status, 403);
    assert!(ana.session().await.is_none());
}

#[tokio::test]
async fn an_address_that_is_no_name_offers_no_passkeys_and_says_why() {
    let settings = [("USHER_SERVER__PUBLIC_URL", "http://127.0.0.1:7000")];
    let usher = TestServer::configured(&settings).await;
    usher.seed(&Draft::sample()).await;
    let request = |path: &str| {
        axum::http::Request::get(path)
            .body(axum::body::Body::empty())
            .expect("a request")
    };
    let (_, headers, _) = usher.ask(request("/sign-in")).await;
    let page = headers["location"].to_str().expect("a path").to_owned();
    let cookie = headers["set-cookie"].to_str().expect("a cookie").to_owned();
    let cookie = cookie.split(';').next().expect("a pair").to_owned();
    let mut request = request(&page);
    request
        .headers_mut()
        .insert("cookie", cookie.parse().expect("a header"));
    let (status, _, body) = usher.ask(request).await;
    assert_eq!(status, 200);
    assert!(!body.contains("data-passkey"), "{body}");
}

#[tokio::test]
async fn whom_the_provider_would_not_admit_any_more_no_passkey_admits() {
    let usher = demanding().await;
    let (_, mut key) = with_passkey(&usher, "ana").await;
    usher
        .change(|draft| draft.provider("local").allow = Some(part("group = \"support\"")))
        .await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    let page = enter(&mut ana, &form, &mut key).await;
    assert_eq!(page.status, 403, "{}", page.text());
    assert!(ana.session().await.is_none());
}
