//! Sessions, attempts, waiting requests and the count of failures.

use usher::{
    clock::Time,
    id::{AttemptId, BearerHash, LaunchId, PendingId},
    model::{
        allowance::Write,
        attempt::{After, Attempt, AttemptPurpose, LocalPath, SignInDemand},
        pending::{PendingRequest, StoredRequest},
    },
    protocol::oauth::{AuthorizationRequest, ResponseMode, ResponseType},
};

use super::{HOUR, MINUTE, SECOND, TestStore, write};

/// Whether a cookie finds its session at a time.
async fn lives(cellar: &TestStore, token: &BearerHash, now: Time) -> bool {
    let found = cellar.store.session(token, now, now - HOUR).await;
    found.expect("the database answers").is_some()
}

#[tokio::test]
async fn a_session_is_found_with_its_user_by_cookie_and_by_id() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, token) = cellar.signed_in(&ana).await;
    let now = cellar.now();
    let by_cookie = cellar.store.session(&token, now, now - HOUR).await;
    let by_id = cellar.store.session_by_id(&session.id, now).await;
    for found in [by_cookie, by_id] {
        let found = found.expect("an answer").expect("a session");
        assert_eq!(found.session.id, session.id);
        assert_eq!(found.session.expires_at, now + HOUR);
        assert_eq!(
            (found.session.amr.as_str(), found.session.provider.as_str()),
            ("pwd", "local")
        );
        assert_eq!(
            (found.user.id, found.user.name),
            (ana.id.clone(), "ANA".to_owned())
        );
    }
    assert!(!lives(&cellar, &cellar.hash(), now).await, "another cookie");
}

#[tokio::test]
async fn a_session_ends_by_age_by_idleness_and_by_hand() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, token) = cellar.signed_in(&ana).await;
    let now = cellar.now();
    let store = &cellar.store;
    assert!(lives(&cellar, &token, now + HOUR - SECOND).await);
    assert!(!lives(&cellar, &token, now + HOUR).await, "its age");
    let gone = store.session_by_id(&session.id, now + HOUR).await;
    assert!(gone.expect("an answer").is_none());
    let idle = store.session(&token, now, now).await.expect("an answer");
    assert!(idle.is_none(), "idle since it was seen");
    write!(cellar, tx => tx.touch_session(&session.id, now + MINUTE));
    assert!(
        store
            .session(&token, now, now)
            .await
            .expect("an answer")
            .is_some()
    );
    write!(cellar, tx => tx.touch_session(&session.id, now));
    let seen = store
        .session_by_id(&session.id, now)
        .await
        .expect("an answer");
    assert_eq!(
        seen.expect("one").session.seen_at,
        now + MINUTE,
        "never back"
    );
    assert!(write!(cellar, tx => tx.end_session(&session.id, now)));
    assert!(
        !write!(cellar, tx => tx.end_session(&session.id, now)),
        "once"
    );
    assert!(!lives(&cellar, &token, now).await);
    assert!(
        store
            .session_by_id(&session.id, now)
            .await
            .expect("an answer")
            .is_none()
    );
}

#[tokio::test]
async fn a_renewed_session_goes_on_under_the_new_cookie_only() {
    let cellar = TestStore::open().await;
    let (ana, ben) = (cellar.user("ana").await, cellar.user("ben").await);
    let (mut session, old) = cellar.signed_in(&ana).await;
    let (now, new) = (cellar.now() + MINUTE, cellar.hash());
    (
        session.authenticated_at,
        session.seen_at,
        session.expires_at,
    ) = (now, now, now + HOUR);
    assert!(write!(cellar, tx => tx.renew_session(&session, &new)));
    assert!(lives(&cellar, &new, now).await && !lives(&cellar, &old, now).await);
    let mut stolen = session.clone();
    stolen.user = ben.id.clone();
    assert!(
        !write!(cellar, tx => tx.renew_session(&stolen, &old)),
        "another person's"
    );
    write!(cellar, tx => tx.end_session(&session.id, now));
    assert!(
        !write!(cellar, tx => tx.renew_session(&session, &old)),
        "an ended one"
    );
}

#[tokio::test]
async fn a_disabled_user_has_no_session() {
    let cellar = TestStore::open().await;
    let (ana, ben) = (cellar.user("ana").await, cellar.user("ben").await);
    let (session, token) = cellar.signed_in(&ana).await;
    let (_, second) = cellar.signed_in(&ana).await;
    let (_, of_ben) = cellar.signed_in(&ben).await;
    let now = cellar.now();
    assert!(write!(cellar, tx => tx.disable_user(&ana.id, Some(now))));
    assert!(!lives(&cellar, &token, now).await);
    let by_id = cellar.store.session_by_id(&session.id, now).await;
    assert!(by_id.expect("an answer").is_none());
    write!(cellar, tx => tx.disable_user(&ana.id, None));
    assert!(lives(&cellar, &token, now).await, "only hidden, not ended");
    write!(cellar, tx => tx.end_sessions_of(&ana.id, now));
    for token in [&token, &second] {
        assert!(!lives(&cellar, token, now).await);
    }
    assert!(lives(&cellar, &of_ben, now).await);
}

#[tokio::test]
async fn an_attempt_is_taken_once_and_in_time() {
    let cellar = TestStore::open().await;
    let now = cellar.now();
    let launch = LaunchId::new(now, &cellar.chance);
    let request = PendingId::new(now, &cellar.chance);
    for after in [
        After::Page(LocalPath::of("/open?type=case")),
        After::Launch(launch),
        After::Request(request),
    ] {
        let attempt = Attempt {
            id: AttemptId::new(now, &cellar.chance),
            browser: cellar.hash(),
            after: after.clone(),
            hint: Some("ana ünïcode".to_owned()),
            purpose: AttemptPurpose::SignIn,
            demand: SignInDemand::default(),
            provider: None,
            vouched: None,
            remember: false,
            expires_at: now + MINUTE,
            consumed_at: None,
            return_to: None,
        };
        write!(cellar, tx => tx.insert_attempt(&Write::proved(), &attempt));
        let kept = cellar.store.attempt(&attempt.id).await.expect("an answer");
        let kept = kept.expect("an attempt");
        assert_eq!(
            (kept.after, kept.hint, kept.browser),
            (after, attempt.hint, attempt.browser)
        );
        assert!(
            !write!(cellar, tx => tx.take_attempt(&attempt.id, now + MINUTE)),
            "late"
        );
        assert!(write!(cellar, tx => tx.take_attempt(&attempt.id, now)));
        assert!(
            !write!(cellar, tx => tx.take_attempt(&attempt.id, now)),
            "twice"
        );
        let kept = cellar.store.attempt(&attempt.id).await.expect("an answer");
        assert_eq!(kept.expect("an attempt").consumed_at, Some(now));
    }
    let stranger = AttemptId::new(now, &cellar.chance);
    assert!(
        cellar
            .store
            .attempt(&stranger)
            .await
            .expect("an answer")
            .is_none()
    );
}

#[tokio::test]
async fn failures_are_counted_in_a_window_that_does_not_move() {
    let cellar = TestStore::open().await;
    let (now, name) = (cellar.now(), "account local x");
    let until = now + MINUTE;
    assert_eq!(
        cellar.store.failures(name, now).await.expect("an answer"),
        (0, now)
    );
    for count in 1..=3 {
        let later = until + SECOND;
        let until = if count == 1 { until } else { later };
        assert_eq!(
            write!(cellar, tx => tx.count_failure(name, now, until)),
            count
        );
    }
    assert_eq!(
        cellar.store.failures(name, now).await.expect("an answer"),
        (3, until)
    );
    assert_eq!(
        cellar
            .store
            .failures("other", now)
            .await
            .expect("an answer")
            .0,
        0
    );
    write!(cellar, tx => tx.uncount_failure(name));
    assert_eq!(
        cellar.store.failures(name, now).await.expect("an answer").0,
        2
    );
    assert_eq!(
        cellar
            .store
            .failures(name, until)
            .await
            .expect("an answer")
            .0,
        0
    );
    let again = write!(cellar, tx => tx.count_failure(name, until, until + MINUTE));
    assert_eq!(again, 1, "a new window");
    for _ in 0..3 {
        write!(cellar, tx => tx.uncount_failure(name));
    }
    assert_eq!(
        cellar
            .store
            .failures(name, until)
            .await
            .expect("an answer")
            .0,
        0
    );
    write!(cellar, tx => tx.count_failure(name, until, until + MINUTE));
    write!(cellar, tx => tx.forgive_failures(name));
    assert_eq!(
        cellar.store.failures(name, until).await.expect("an answer"),
        (0, until)
    );
}

#[tokio::test]
async fn a_waiting_request_is_its_browsers_and_is_taken_once() {
    let cellar = TestStore::open().await;
    let (now, browser) = (cellar.now(), cellar.hash());
    let request = AuthorizationRequest {
        client: "crm-eu".to_owned(),
        redirect_uri: "https://crm-eu.test/callback".to_owned(),
        kind: ResponseType::Code,
        mode: ResponseMode::FormPost,
        scope: "openid".to_owned(),
        state: Some("a state".to_owned()),
        nonce: None,
        challenge: Some("challenge".to_owned()),
        prompt: vec!["login".to_owned()],
        max_age: Some(5),
        second_factor: true,
        login_hint: None,
        id_token_hint: None,
        resources: Vec::new(),
        claims: Default::default(),
        details: Vec::new(),
        key: Some("k".to_owned()),
    };
    let id = PendingId::new(now, &cellar.chance);
    let fresh = Some(now + SECOND);
    let pending = PendingRequest {
        stored: StoredRequest {
            protocol: "oidc".to_owned(),
            request: serde_json::to_value(&request).expect("JSON"),
        },
        asked_at: now,
        fresh_since: fresh,
    };
    let until = now + MINUTE;
    write!(cellar, tx => tx.insert_pending_request(&Write::proved(), &id, Some(&browser), &pending, until));
    let found = |browser: BearerHash, now| {
        let (store, id) = (cellar.store.clone(), id.clone());
        async move {
            let found = store.pending_request(&id, &browser, now).await;
            found.expect("an answer")
        }
    };
    let (kept, is_bound) = found(browser.clone(), now).await.expect("a request");
    assert!(is_bound);
    assert_eq!((kept.asked_at, kept.fresh_since), (now, fresh));
    let kept: AuthorizationRequest =
        serde_json::from_value(kept.stored.request).expect("the request");
    assert_eq!(
        (kept.state, kept.max_age, kept.mode),
        (request.state, Some(5), ResponseMode::FormPost)
    );
    assert!(
        found(cellar.hash(), now).await.is_none(),
        "another browser's"
    );
    assert!(found(browser.clone(), until).await.is_none(), "late");
    assert!(
        !write!(cellar, tx => tx.take_pending_request(&id, until)),
        "late"
    );
    assert!(write!(cellar, tx => tx.take_pending_request(&id, now)));
    assert!(
        !write!(cellar, tx => tx.take_pending_request(&id, now)),
        "twice"
    );
    assert!(found(browser, now).await.is_none());
}

/// A request by form comes without our cookies: it is bound to the first browser that presents it.
#[tokio::test]
async fn a_request_without_a_browser_is_the_first_one_s_that_brings_it() {
    let cellar = TestStore::open().await;
    let now = cellar.now();
    let (first, second) = (cellar.hash(), cellar.hash());
    let id = PendingId::new(now, &cellar.chance);
    let pending = PendingRequest {
        stored: StoredRequest {
            protocol: "saml".to_owned(),
            request: serde_json::json!({}),
        },
        asked_at: now,
        fresh_since: None,
    };
    write!(cellar, tx => tx.insert_pending_request(&Write::proved(), &id, None, &pending, now + MINUTE));
    let found = cellar.store.pending_request(&id, &second, now).await;
    let (_, is_bound) = found.expect("an answer").expect("a request");
    assert!(!is_bound);
    assert!(write!(cellar, tx => tx.bind_pending_request(&id, &first, now)));
    assert!(!write!(cellar, tx => tx.bind_pending_request(&id, &second, now)));
    let found = cellar.store.pending_request(&id, &second, now).await;
    assert!(found.expect("an answer").is_none(), "the second browser's");
}
