//! Files that are incomplete, missing, or were replaced; databases that are not ours. Each ends
//! with a sentence, and none with an empty portal.

use std::{path::Path, time::Duration};

use usher::{
    app::App, chance::Chance, clock::Clock, config::Config, error::Error, queue, store::Store,
};

use super::run;
use support::{database::is_sqlite, server::TestServer};

/// A portal with everything in one directory.
async fn start(dir: &Path) -> Result<App, String> {
    let dir = dir.to_str().expect("readable").to_owned();
    let variables = [("USHER_DATA__DIR".to_owned(), dir)].into_iter();
    let config = Config::layered(None, variables).expect("a good configuration");
    let app = App::open(config, Clock::system(), Chance::system()).await;
    app.map_err(|error| error.to_string())
}

#[tokio::test]
async fn an_empty_master_key_is_made_anew_where_nothing_is_sealed_and_named_elsewhere() {
    let dir = tempfile::tempdir().expect("a directory");
    let key = dir.path().join("master.key");
    std::fs::write(&key, "").expect("written");
    let app = start(dir.path()).await.expect("it starts");
    app.store.close().await;
    let text = std::fs::read_to_string(&key).expect("a key");
    assert!(text.len() > 40, "a whole key");
    let left = std::fs::read_dir(dir.path()).expect("a directory");
    let left = left.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let left: Vec<_> = left.filter(|name| name.contains("new")).collect();
    assert!(left.is_empty(), "nothing lies beside it: {left:?}");
    start(dir.path()).await.expect("it starts again");
    std::fs::write(&key, "\n").expect("written");
    let error = start(dir.path()).await.err().expect("refused");
    assert!(error.contains("master.key is empty"), "{error}");
    assert!(error.contains("was encrypted"), "{error}");
    std::fs::write(&key, text).expect("written");
    start(dir.path()).await.expect("it starts with the old one");
}

#[tokio::test]
async fn no_empty_portal_is_made_beside_a_master_key() {
    let dir = tempfile::tempdir().expect("a directory");
    start(dir.path())
        .await
        .expect("a new one")
        .store
        .close()
        .await;
    let file = dir.path().join("usher.db");
    for name in ["usher.db", "usher.db-wal", "usher.db-shm"] {
        let _ = std::fs::remove_file(dir.path().join(name));
    }
    let error = start(dir.path()).await.err().expect("refused");
    assert!(error.contains("its database is missing"), "{error}");
    assert!(!file.exists(), "nothing was made");
}

#[tokio::test]
async fn a_database_file_that_vanishes_or_is_replaced_ends_the_process_with_a_sentence() {
    for (replaced, words) in [(false, "is not there any more"), (true, "was replaced")] {
        let usher = TestServer::open().await;
        if !is_sqlite(&usher) {
            return;
        }
        queue::follow(&usher.app).await.expect("it follows");
        let file = usher.scratch().join("usher.db");
        std::fs::rename(&file, usher.scratch().join("elsewhere.db")).expect("moved");
        if replaced {
            std::fs::write(&file, "").expect("another file");
        }
        let ended = tokio::time::timeout(Duration::from_secs(10), queue::run(usher.app.clone()));
        let error = ended.await.expect("it ends");
        assert!(matches!(error, Error::Unfit(_)), "{error}");
        let error = error.to_string();
        assert!(
            error.contains(words) && error.contains("mounted"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_database_of_a_newer_usher_is_named_as_that() {
    let usher = TestServer::empty().await;
    run(
        &usher,
        "insert into _sqlx_migrations
             (version, description, installed_on, success, checksum, execution_time)
         select 9999, 'what is to come', installed_on, success, checksum, execution_time
         from _sqlx_migrations where version = (select max(version) from _sqlx_migrations)",
    )
    .await;
    let store = Store::open(&usher.database).await.expect("it answers");
    for error in [
        store.migrate().await.expect_err("refused"),
        store.pending_migrations().await.expect_err("refused"),
    ] {
        let error = error.to_string();
        assert!(error.contains("newer Usher (migration 9999)"), "{error}");
        assert!(error.contains("no way back but a backup"), "{error}");
    }
}

#[tokio::test]
async fn what_keeps_us_out_at_the_start_is_said_as_it_is() {
    let usher = TestServer::empty().await;
    let (url, words) = match is_sqlite(&usher) {
        true => ("sqlite:/nowhere/usher.db".to_owned(), "open"),
        false => (
            usher.database.replace("//usher@", "//nobody@"),
            "\"nobody\"",
        ),
    };
    let error = Store::open(&url).await.err().expect("refused").to_string();
    assert!(error.contains(words), "{error}");
    assert!(!error.contains("pool"), "{error}");
}
