//! `usher backup`: a whole copy while the portal writes, and nothing overwritten.

use std::{fs, os::unix::fs::PermissionsExt};

use sqlx::Executor;

use super::{Operator, catalogue, said};
use support::server::TestServer;

fn with_a_catalogue() -> Operator {
    let operator = Operator::new();
    operator.write("catalogue.toml", &catalogue());
    assert!(operator.run(&["seed", "catalogue.toml"]).status.success());
    operator
}

fn listed(operator: &Operator) -> Vec<String> {
    let files = fs::read_dir(operator.dir.path()).expect("a directory");
    let mut names: Vec<String> = files
        .map(|file| {
            file.expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_ends_while_others_write_and_can_be_used() {
    let operator = with_a_catalogue();
    let database = operator.dir.path().join("usher-data/usher.db");
    let mut writer = TestServer::connect(&format!("sqlite:{}", database.display())).await;
    // A write that is under way: what is committed is in the copy, the rest is not.
    for sql in [
        "insert into replays (name, expires_at) values ('before', 1)",
        "begin immediate",
        "insert into replays (name, expires_at) values ('under way', 1)",
    ] {
        writer.execute(sql).await.expect("written");
    }
    let (well, text) = said(&operator.run(&["backup", "copy.db"]));
    assert!(well && text.contains("backup written: copy.db"), "{text}");
    assert!(text.contains("current master key"), "{text}");
    writer.execute("rollback").await.expect("rolled back");
    let copy = operator.dir.path().join("copy.db");
    let mode = fs::metadata(&copy)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut reader = TestServer::connect(&format!("sqlite:{}?mode=ro", copy.display())).await;
    let names: Vec<String> = sqlx::query_scalar("select name from replays")
        .fetch_all(&mut reader)
        .await
        .expect("rows");
    assert_eq!(names, ["before"]);
    drop(reader);
    // With the master key of its time it is a portal.
    let copied = [("USHER_DATABASE__URL", "sqlite:copy.db")];
    let (well, text) = said(&operator.run_with(&["check"], &copied));
    assert!(
        well && text.contains("the master key decrypts all secrets"),
        "{text}"
    );
}

#[test]
fn a_backup_overwrites_nothing_and_leaves_nothing_unfinished() {
    let operator = with_a_catalogue();
    operator.write("kept.db", "mine");
    std::os::unix::fs::symlink("nowhere", operator.dir.path().join("link.db")).expect("a link");
    let before = listed(&operator);
    for (name, why) in [
        ("kept.db", "exists already"),
        ("link.db", "exists already"),
        ("usher-data", "exists already"),
        ("nowhere/copy.db", "No such file"),
    ] {
        let (well, text) = said(&operator.run(&["backup", name]));
        assert!(!well && text.contains(why), "{name}: {text}");
    }
    assert_eq!(listed(&operator), before);
    let kept = fs::read_to_string(operator.dir.path().join("kept.db"));
    assert_eq!(kept.expect("the file"), "mine");
    assert!(operator.run(&["backup", "copy.db"]).status.success());
    let mut after = before;
    after.push("copy.db".to_owned());
    after.sort();
    assert_eq!(listed(&operator), after, "one file");
}

#[test]
fn a_backup_of_what_is_damaged_or_absent_is_none() {
    let operator = with_a_catalogue();
    let nothing = [("USHER_DATABASE__URL", "sqlite:absent.db?mode=rwc")];
    let (well, text) = said(&operator.run_with(&["backup", "copy.db"], &nothing));
    assert!(
        !well && text.contains("there is no database to back up"),
        "{text}"
    );
    operator.write("text.db", &"no database ".repeat(2000));
    let text_file = [("USHER_DATABASE__URL", "sqlite:text.db")];
    let (well, text) = said(&operator.run_with(&["backup", "copy.db"], &text_file));
    assert!(!well, "{text}");
    let names = listed(&operator);
    assert!(
        !names
            .iter()
            .any(|name| name.contains("copy.db") || name == "absent.db"),
        "{names:?}"
    );
}

#[test]
fn with_postgresql_the_command_says_how() {
    let operator = Operator::new();
    let postgres = [("USHER_DATABASE__URL", "postgres://usher@127.0.0.1:1/usher")];
    let (well, text) = said(&operator.run_with(&["backup", "copy.dump"], &postgres));
    assert!(
        !well && text.contains("pg_dump --format=custom --file=copy.dump"),
        "{text}"
    );
}
