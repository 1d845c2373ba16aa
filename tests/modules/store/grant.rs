//! Grants: bound, redeemed once, revoked; and the one-time values of others.

use std::sync::Arc;

use tokio::task::JoinSet;
use usher::{clock::Time, model::grant::Grant, store::Redemption};

use super::{MINUTE, SECOND, TestStore, launch::on_its_way, write};

async fn redeem(cellar: &TestStore, grant: &Grant, client: &str, now: Time) -> Option<Grant> {
    let access = cellar.hash();
    let until = now + 5 * MINUTE;
    let redemption = Redemption {
        code: &grant.code,
        client,
        access: &access,
        key: None,
        access_expires_at: until,
        now,
    };
    write!(cellar, tx => tx.redeem(&redemption))
}

#[tokio::test]
async fn a_code_is_redeemed_by_its_client_in_time_once() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let mut grant = cellar.grant_of(&session);
    (grant.nonce, grant.scope) = (Some("n".to_owned()), "openid email".to_owned());
    write!(cellar, tx => tx.insert_grant(&grant, None));
    let now = cellar.now();
    assert!(redeem(&cellar, &grant, "crm-us", now).await.is_none());
    assert!(
        redeem(&cellar, &grant, "crm-eu", grant.expires_at)
            .await
            .is_none()
    );
    assert!(
        redeem(&cellar, &cellar.grant_of(&session), "crm-eu", now)
            .await
            .is_none()
    );
    let redeemed = redeem(&cellar, &grant, "crm-eu", now)
        .await
        .expect("redeemed");
    assert_eq!(format!("{redeemed:?}"), format!("{grant:?}"));
    assert!(
        redeem(&cellar, &grant, "crm-eu", now).await.is_none(),
        "twice"
    );
}

#[tokio::test]
async fn an_access_token_lives_until_it_expires_or_is_taken_back() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let (now, access) = (cellar.now(), cellar.hash());
    let grant = cellar.grant_of(&session);
    write!(cellar, tx => tx.insert_grant(&grant, None));
    assert!(
        !write!(cellar, tx => tx.revoke_reused(&grant.code, "crm-eu", now)),
        "not redeemed"
    );
    let until = now + MINUTE;
    let redemption = Redemption {
        code: &grant.code,
        client: "crm-eu",
        access: &access,
        key: Some("a thumbprint"),
        access_expires_at: until,
        now,
    };
    assert!(write!(cellar, tx => tx.redeem(&redemption)).is_some());
    let bound = cellar.store.grant_by_access(&access, now).await;
    let (_, key) = bound.expect("an answer").expect("a grant");
    assert_eq!(key.as_deref(), Some("a thumbprint"));
    let store = cellar.store.clone();
    let found = |now| {
        let (store, access) = (store.clone(), access.clone());
        async move {
            store
                .grant_by_access(&access, now)
                .await
                .expect("an answer")
                .is_some()
        }
    };
    assert!(found(now).await && found(until - SECOND).await && !found(until).await);
    assert!(
        !write!(cellar, tx => tx.revoke_reused(&grant.code, "crm-us", now)),
        "another's"
    );
    assert!(found(now).await);
    assert!(write!(cellar, tx => tx.revoke_reused(&grant.code, "crm-eu", now)));
    assert!(!found(now).await);
    let other = cellar.grant_of(&session);
    write!(cellar, tx => tx.insert_grant(&other, None));
    write!(cellar, tx => tx.revoke_grant(&other.id, now));
    assert!(
        redeem(&cellar, &other, "crm-eu", now).await.is_none(),
        "revoked"
    );
}

#[tokio::test]
async fn a_handle_binds_one_grant_of_its_client_and_session_in_time() {
    let cellar = TestStore::open().await;
    let (ana, ben) = (cellar.user("ana").await, cellar.user("ben").await);
    let (session, _) = cellar.signed_in(&ana).await;
    let (second, _) = cellar.signed_in(&ana).await;
    let (of_ben, _) = cellar.signed_in(&ben).await;
    let (launch, departed) = on_its_way(&cellar, &session, &ana).await;
    let handle = departed.handle.expect("a handle");
    let right = cellar.grant_of(&session);
    let late = Grant {
        issued_at: cellar.now() + MINUTE,
        expires_at: cellar.now() + 2 * MINUTE,
        ..cellar.grant_of(&session)
    };
    let other_client = Grant {
        client: "crm-us".to_owned(),
        ..cellar.grant_of(&session)
    };
    let again = cellar.grant_of(&session);
    for (grant, handle, bound) in [
        (late, handle.clone(), false),
        (other_client, handle.clone(), false),
        (cellar.grant_of(&second), handle.clone(), false),
        (cellar.grant_of(&of_ben), handle.clone(), false),
        (cellar.grant_of(&session), cellar.hash(), false),
        (right, handle.clone(), true),
        (again, handle, false),
    ] {
        write!(cellar, tx => tx.insert_grant(&grant, Some(&handle)));
        let now = grant.issued_at;
        let redeemed = redeem(&cellar, &grant, &grant.client, now)
            .await
            .expect("redeemed");
        assert_eq!(redeemed.launch.is_some(), bound, "{grant:?}");
        let arrival = cellar
            .store
            .arrival(&redeemed, now)
            .await
            .expect("an answer");
        let arrival = arrival.expect("an arrival");
        assert_eq!(arrival.who.session.id, grant.session);
        assert_eq!(
            arrival.launch.map(|one| one.id),
            bound.then(|| launch.id.clone())
        );
    }
}

#[tokio::test]
async fn twenty_grants_with_one_handle_are_all_kept_and_one_is_bound() {
    let cellar = Arc::new(TestStore::open().await);
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let (_, departed) = on_its_way(&cellar, &session, &ana).await;
    let mut crowd = JoinSet::new();
    for _ in 0..20 {
        let (cellar, session, handle) = (cellar.clone(), session.clone(), departed.handle.clone());
        crowd.spawn(async move {
            let grant = cellar.grant_of(&session);
            write!(cellar, tx => tx.insert_grant(&grant, handle.as_ref()));
            let redeemed = redeem(&cellar, &grant, "crm-eu", cellar.now()).await;
            redeemed.expect("redeemed").launch.is_some()
        });
    }
    let bound = crowd.join_all().await;
    assert_eq!(bound.len(), 20);
    assert_eq!(bound.into_iter().filter(|bound| *bound).count(), 1);
}

#[tokio::test]
async fn a_grant_inside_a_transaction_says_whether_it_was_kept() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let (launch, _) = on_its_way(&cellar, &session, &ana).await;
    let named = || Grant {
        launch: Some(launch.id.clone()),
        ..cellar.grant_of(&session)
    };
    let (first, second) = (named(), named());
    assert!(write!(cellar, tx => tx.try_grant(&first, None)));
    assert!(
        !write!(cellar, tx => tx.try_grant(&second, None)),
        "one grant a launch"
    );
    let redeemed = redeem(&cellar, &first, "crm-eu", cellar.now()).await;
    assert_eq!(redeemed.expect("redeemed").launch, Some(launch.id));
    assert!(
        redeem(&cellar, &second, "crm-eu", cellar.now())
            .await
            .is_none()
    );
}

/// The statement that uses the code up checks again what was read before. THREATS: a disabled
/// principal still works.
#[tokio::test]
async fn a_code_that_was_read_is_used_up_only_while_session_and_user_are_there() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let (grant, now) = (cellar.grant_of(&session), cellar.now());
    write!(cellar, tx => tx.insert_grant(&grant, None));
    let access = cellar.hash();
    let redemption = |client, now| Redemption {
        code: &grant.code,
        client,
        access: &access,
        key: None,
        access_expires_at: now + 5 * MINUTE,
        now,
    };
    let ours = redemption("crm-eu", now);
    let found = cellar.store.redeemable(&ours).await.expect("an answer");
    let (read, arrival) = found.expect("it is redeemable");
    assert_eq!(
        (read.id, arrival.who.user.id),
        (grant.id.clone(), ana.id.clone())
    );
    let foreign = redemption("crm-us", now);
    let late = redemption("crm-eu", grant.expires_at);
    write!(cellar, tx => tx.disable_user(&ana.id, Some(now)));
    assert!(!write!(cellar, tx => tx.redeem_living(&ours)), "disabled");
    assert!(
        cellar
            .store
            .redeemable(&ours)
            .await
            .expect("an answer")
            .is_none()
    );
    write!(cellar, tx => tx.disable_user(&ana.id, None));
    for other in [&foreign, &late] {
        assert!(!write!(cellar, tx => tx.redeem_living(other)));
        assert!(
            cellar
                .store
                .redeemable(other)
                .await
                .expect("an answer")
                .is_none()
        );
    }
    assert!(
        write!(cellar, tx => tx.redeem_living(&ours)),
        "it was left good"
    );
    assert!(!write!(cellar, tx => tx.redeem_living(&ours)), "once");
    let (session, _) = cellar.signed_in(&ana).await;
    let grant = cellar.grant_of(&session);
    write!(cellar, tx => tx.insert_grant(&grant, None));
    write!(cellar, tx => tx.end_session(&session.id, now));
    let ended = Redemption {
        code: &grant.code,
        ..redemption("crm-eu", now)
    };
    assert!(!write!(cellar, tx => tx.redeem_living(&ended)), "ended");
}

/// THREATS: a disabled principal still works.
#[tokio::test]
async fn no_arrival_after_the_session_ended_or_the_user_was_disabled() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let (grant, now) = (cellar.grant_of(&session), cellar.now());
    let there = |now| {
        let (store, grant) = (cellar.store.clone(), grant.clone());
        async move {
            store
                .arrival(&grant, now)
                .await
                .expect("an answer")
                .is_some()
        }
    };
    assert!(there(now).await);
    assert!(!there(session.expires_at).await, "expired");
    write!(cellar, tx => tx.disable_user(&ana.id, Some(now)));
    assert!(!there(now).await, "disabled");
    write!(cellar, tx => tx.disable_user(&ana.id, None));
    write!(cellar, tx => tx.end_session(&session.id, now));
    assert!(!there(now).await, "ended");
}

#[tokio::test]
async fn a_one_time_value_of_others_is_remembered_by_one_only() {
    let cellar = Arc::new(TestStore::open().await);
    let until = cellar.now() + MINUTE;
    let mut crowd = JoinSet::new();
    for _ in 0..20 {
        let cellar = cellar.clone();
        crowd.spawn(async move { write!(cellar, tx => tx.remember_once("jti", until)) });
    }
    let first = crowd.join_all().await;
    assert_eq!(first.into_iter().filter(|first| *first).count(), 1);
    assert!(write!(cellar, tx => tx.remember_once("JTI", until)));
}
