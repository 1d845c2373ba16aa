//! Transactions, migrations and the database itself.

use std::sync::Arc;

use tokio::task::JoinSet;
use usher::{
    id::{EventId, SessionId},
    model::event::{Actor, Event, EventData, EventKind},
    store::{Dialect, Store},
};

use super::{TestStore, write};

fn event(cellar: &TestStore, n: usize) -> Event {
    Event {
        id: EventId::new(cellar.now(), &cellar.chance),
        at: cellar.now(),
        kind: EventKind::SignInFailed,
        actor: Actor::Anonymous,
        target: None,
        user: None,
        session: None,
        launch: None,
        service: None,
        address: None,
        data: EventData::new(),
    }
    .with("count", n.to_string())
}

#[tokio::test]
async fn a_transaction_that_is_dropped_leaves_nothing() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, token) = cellar.signed_in(&ana).await;
    let now = cellar.now();
    let mut tx = cellar.begin().await;
    tx.record(&event(&cellar, 1)).await.expect("written");
    assert!(tx.end_session(&session.id, now).await.expect("written"));
    tx.disable_user(&ana.id, Some(now)).await.expect("written");
    tx.bump_catalog().await.expect("written");
    let version = cellar.store.catalog_version().await.expect("a version");
    drop(tx);
    assert_eq!(cellar.usher.events_named("sign_in.failed").await, 0);
    let found = cellar.store.session(&token, now, now - super::HOUR).await;
    assert!(found.expect("an answer").is_some());
    assert_eq!(
        cellar.store.catalog_version().await.expect("a version"),
        version
    );
    // And the next writer is not kept waiting.
    write!(cellar, tx => tx.record(&event(&cellar, 2)));
    assert_eq!(cellar.usher.events_named("sign_in.failed").await, 1);
}

#[tokio::test]
async fn a_transaction_of_one_statement_takes_one_and_is_done_when_it_returns() {
    let cellar = TestStore::open().await;
    let mut tx = cellar.store.begin_single().await.expect("a transaction");
    tx.record(&event(&cellar, 1)).await.expect("written");
    assert_eq!(cellar.usher.events_named("sign_in.failed").await, 1);
    let second = tx.record(&event(&cellar, 2)).await;
    assert!(second.is_err(), "one statement");
    tx.commit().await.expect("ended");
    assert_eq!(cellar.usher.events_named("sign_in.failed").await, 1);
    // A statement that fails leaves nothing, and the connection is good for the next.
    let mut tx = cellar.store.begin_single().await.expect("a transaction");
    assert!(tx.record(&event(&cellar, 1)).await.is_ok());
    drop(tx);
    let mut tx = cellar.begin().await;
    tx.record(&event(&cellar, 3)).await.expect("written");
    tx.record(&event(&cellar, 4)).await.expect("written");
    tx.commit().await.expect("committed");
    assert_eq!(cellar.usher.events_named("sign_in.failed").await, 4);
}

/// The database is not queried then.
#[tokio::test]
async fn a_transaction_without_a_statement_ends_as_well() {
    let cellar = TestStore::open().await;
    cellar.begin().await.commit().await.expect("ended");
    drop(cellar.begin().await);
    write!(cellar, tx => tx.record(&event(&cellar, 1)));
    assert_eq!(cellar.usher.events_named("sign_in.failed").await, 1);
}

#[tokio::test]
async fn a_transaction_whose_statement_failed_leaves_nothing() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, token) = cellar.signed_in(&ana).await;
    let mut tx = cellar.begin().await;
    tx.record(&event(&cellar, 1)).await.expect("written");
    let twice = tx
        .insert_session(&session, &token, "a test", "192.0.2.7")
        .await;
    assert!(twice.is_err(), "the same session twice");
    drop(tx);
    assert_eq!(cellar.usher.events_named("sign_in.failed").await, 0);
}

#[tokio::test]
async fn a_session_without_a_user_is_refused() {
    let cellar = TestStore::open().await;
    let mut ana = cellar.user("ana").await;
    ana.id = usher::id::UserId::new(cellar.now(), &cellar.chance);
    let mut tx = cellar.begin().await;
    let kept = tx
        .insert_session(&cellar.session_of(&ana), &cellar.hash(), "", "")
        .await;
    assert!(kept.is_err(), "sessions are of people");
}

#[tokio::test]
async fn twenty_writers_at_once_lose_nothing() {
    let cellar = Arc::new(TestStore::open().await);
    let mut crowd = JoinSet::new();
    for writer in 0..20 {
        let cellar = cellar.clone();
        crowd.spawn(async move {
            for n in 0..10 {
                let (event, until) = (event(&cellar, writer * 10 + n), cellar.now() + super::HOUR);
                let mut tx = cellar.begin().await;
                tx.record(&event).await.expect("written");
                tx.count_failure("all", cellar.now(), until)
                    .await
                    .expect("counted");
                tx.commit().await.expect("committed");
            }
        });
    }
    crowd.join_all().await;
    let events = cellar.store.recent_events(1000).await.expect("events");
    assert_eq!(events.len(), 200);
    let (count, _) = cellar
        .store
        .failures("all", cellar.now())
        .await
        .expect("an answer");
    assert_eq!(count, 200);
}

#[tokio::test]
async fn readers_continue_during_a_write() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let mut tx = cellar.begin().await;
    tx.disable_user(&ana.id, Some(cellar.now()))
        .await
        .expect("written");
    let seen = cellar
        .store
        .user(&ana.id)
        .await
        .expect("an answer")
        .expect("ana");
    assert_eq!(seen.disabled_at, None, "not before the commit");
    tx.commit().await.expect("committed");
    let seen = cellar
        .store
        .user(&ana.id)
        .await
        .expect("an answer")
        .expect("ana");
    assert_eq!(seen.disabled_at, Some(cellar.now()));
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    assert!(
        cellar
            .store
            .pending_migrations()
            .await
            .expect("a list")
            .is_empty()
    );
    for _ in 0..2 {
        cellar.store.migrate().await.expect("migrated");
    }
    let again = Store::open(&cellar.usher.database).await.expect("opened");
    again.migrate().await.expect("migrated");
    again.ping().await.expect("it answers");
    assert!(again.user(&ana.id).await.expect("an answer").is_some());
    assert!(again.pending_migrations().await.expect("a list").is_empty());
}

#[tokio::test]
async fn a_database_that_was_never_migrated_says_what_is_missing() {
    let dir = tempfile::tempdir().expect("a directory");
    let url = format!("sqlite:{}?mode=rwc", dir.path().join("new.db").display());
    let store = Store::open(&url).await.expect("opened");
    let pending = store.pending_migrations().await.expect("a list");
    assert!(pending.contains(&"foundation".to_owned()), "{pending:?}");
    store.migrate().await.expect("migrated");
    assert!(store.pending_migrations().await.expect("a list").is_empty());
    store.close().await;
    assert!(store.ping().await.is_err(), "closed is closed");
}

#[tokio::test]
async fn a_database_of_another_kind_is_refused_by_name() {
    assert_eq!(Dialect::of("sqlite::memory:").ok(), Some(Dialect::Sqlite));
    assert_eq!(Dialect::of("postgresql://x").ok(), Some(Dialect::Postgres));
    for url in ["mysql://x", "", "/var/lib/usher.db"] {
        let error = Store::open(url).await.err().expect("refused").to_string();
        assert!(
            error.contains("sqlite:") && error.contains("postgres:"),
            "{error}"
        );
    }
}

/// A bound parameter is a value, whatever it contains.
#[tokio::test]
async fn sql_injection_text_is_text() {
    let cellar = TestStore::open().await;
    let nasty = "x'); drop table users; -- \" \\ % _ \u{1F680}";
    let ana = cellar.user(nasty).await;
    let kept = cellar
        .store
        .user(&ana.id)
        .await
        .expect("an answer")
        .expect("ana");
    assert_eq!(kept.login, nasty);
    let id = SessionId::stored(nasty.to_owned());
    let found = cellar.store.session_by_id(&id, cellar.now()).await;
    assert!(found.expect("an answer").is_none());
}
