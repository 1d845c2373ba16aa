//! The master key, and `usher rekey`, which changes it.

use std::process::Command;

use super::{NEW_KEY, Operator, catalogue, said, with_new_key};

#[test]
fn another_master_key_opens_nothing() {
    let operator = Operator::new();
    assert!(operator.run(&["migrate"]).status.success());
    operator.write("catalogue.toml", &catalogue());
    assert!(operator.run(&["seed", "catalogue.toml"]).status.success());
    let other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let (well, text) = said(&operator.run_with(&["check"], &[("USHER_KEYS__MASTER", other)]));
    assert!(
        !well && text.contains("is not the one that this database was encrypted with"),
        "{text}"
    );
}

#[test]
fn the_master_key_is_changed_as_the_command_says() {
    let operator = with_new_key();
    let (well, text) = said(&operator.run(&["rekey", "--new-master-key-file", "new.key"]));
    assert!(
        well && text.contains("re-encrypted:    4 signing keys"),
        "{text}"
    );
    assert!(text.contains("1 settings of identity providers"), "{text}");
    assert!(
        text.contains("mv usher-data/master.key usher-data/master.key.old"),
        "{text}"
    );
    let (well, text) = said(&operator.run(&["rotate-keys"]));
    assert!(
        !well && text.contains("after `usher rekey` it is the new one"),
        "{text}"
    );
    assert!(
        !text.contains("panicked") && !text.contains("internal"),
        "{text}"
    );
    // Line by line what it printed.
    let steps = said(&operator.run(&["rekey", "--new-master-key-file", "new.key"])).1;
    assert!(
        steps.contains("already encrypted with the new key: 5 values"),
        "{steps}"
    );
    for line in steps.lines().filter(|line| line.starts_with("       ")) {
        let done = Command::new("sh")
            .args(["-c", line])
            .current_dir(operator.dir.path())
            .status();
        assert!(done.expect("a shell").success(), "{line}");
    }
    let (well, text) = said(&operator.run(&["check"]));
    assert!(
        well && text.contains("the master key decrypts all secrets"),
        "{text}"
    );
    // Back again, by the environment: the file is the present key now.
    let old = operator.dir.path().join("usher-data/master.key.old");
    let new = [(
        "USHER_KEYS__NEW_MASTER_FILE",
        old.to_str().expect("readable"),
    )];
    let (well, text) = said(&operator.run_with(&["rekey"], &new));
    assert!(well && text.contains("signing keys"), "{text}");
    let old = std::fs::read_to_string(old).expect("a key");
    let now = [("USHER_KEYS__MASTER", old.as_str())];
    assert!(operator.run_with(&["check"], &now).status.success());
    let back = [
        ("USHER_KEYS__MASTER", old.as_str()),
        ("USHER_KEYS__NEW_MASTER", NEW_KEY),
    ];
    let (well, text) = said(&operator.run_with(&["rekey"], &back));
    assert!(
        well && text.contains("set keys.master (or master_file"),
        "{text}"
    );
}

#[test]
fn a_master_key_that_is_none_changes_nothing() {
    let operator = with_new_key();
    operator.write("short.key", "c2hvcnQ=\n");
    let present = operator.dir.path().join("usher-data/master.key");
    let present = present.to_str().expect("readable");
    let file = |path| vec!["rekey", "--new-master-key-file", path];
    for (arguments, environment, words) in [
        (
            vec!["rekey"],
            vec![],
            "`openssl rand -base64 32 > FILE` creates one",
        ),
        (file("gone.key"), vec![], "gone.key: No such file"),
        (file("short.key"), vec![], "the master key must be 32 bytes"),
        (
            file("new.key"),
            vec![("USHER_KEYS__NEW_MASTER", NEW_KEY)],
            "is given twice",
        ),
        (
            file(present),
            vec![],
            "the new master key is the current one",
        ),
        (
            file("new.key"),
            vec![(
                "USHER_KEYS__MASTER",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            )],
            "neither the current master key nor the new one decrypts signing_keys.sealed_key of",
        ),
        (
            file("new.key"),
            vec![("USHER_DATA__DIR", "elsewhere")],
            "there is no current master key",
        ),
        (
            file("new.key"),
            vec![("USHER_DATABASE__URL", "sqlite:usher-data/empty.db?mode=rwc")],
            "its database is missing",
        ),
    ] {
        let (well, text) = said(&operator.run_with(&arguments, &environment));
        assert!(!well && text.contains(words), "{words}: {text}");
        assert!(!text.contains(NEW_KEY), "{text}");
    }
    assert!(
        operator.run(&["check"]).status.success(),
        "all is as it was"
    );
}

/// What it went on to write would be lost.
#[test]
fn a_portal_that_runs_ends_when_its_master_key_is_changed() {
    use std::io::{BufRead, BufReader, Read};
    let operator = with_new_key();
    let mut portal = Command::new(env!("CARGO_BIN_EXE_usher"))
        .arg("serve")
        .current_dir(operator.dir.path())
        .env_clear()
        .env("USHER_SERVER__LISTEN", "127.0.0.1:0")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut log = BufReader::new(portal.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("the portal answers") {
        line.clear();
        assert_ne!(
            log.read_line(&mut line).expect("a line"),
            0,
            "it did not start"
        );
    }
    let (well, text) = said(&operator.run(&["rekey", "--new-master-key-file", "new.key"]));
    assert!(well, "{text}");
    let mut rest = String::new();
    log.read_to_string(&mut rest).expect("its last words");
    assert!(!portal.wait().expect("it ends").success());
    assert!(
        rest.contains("is not the one that this database was encrypted with"),
        "{rest}"
    );
}

/// A restored database without its key: a new one would open nothing, and hide what is wrong.
#[test]
fn no_master_key_is_made_for_a_database_that_has_one() {
    let operator = with_new_key();
    let key = operator.dir.path().join("usher-data/master.key");
    std::fs::rename(&key, operator.dir.path().join("kept.key")).expect("moved");
    for command in ["check", "serve", "rotate-keys"] {
        let (well, text) = said(&operator.run(&[command]));
        assert!(!well && text.contains("there is no master key"), "{text}");
        assert!(!key.exists());
    }
    std::fs::rename(operator.dir.path().join("kept.key"), &key).expect("moved");
    assert!(operator.run(&["check"]).status.success());
}
