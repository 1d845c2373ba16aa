//! `usher admin`, with the real binary.

use std::process::{Command, Output};

use tempfile::TempDir;

use support::draft::SAMPLE;

/// An operator with a directory of their own.
struct Operator {
    dir: TempDir,
}

/// What came out, and whether it went well.
struct Said {
    well: bool,
    out: String,
    all: String,
}

impl Operator {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        Self { dir }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_usher"));
        command
            .args(arguments)
            .current_dir(self.dir.path())
            .env_clear();
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(arguments).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said {
            well: status.success(),
            out: text(&stdout),
            all: text(&[stdout.as_slice(), &stderr].concat()),
        }
    }

    fn seed(&self) {
        std::fs::write(self.dir.path().join("seed.toml"), SAMPLE).expect("a file");
        assert!(self.run(&["seed", "seed.toml"]).well);
    }
}

#[test]
fn an_admin_is_made_on_the_command_line_without_a_password() {
    let operator = Operator::new();
    let made = operator.run(&[
        "admin",
        "create",
        "Olga",
        "--name",
        "Olga Operator",
        "--mail",
        "olga@example.org",
    ]);
    assert!(made.well, "{}", made.all);
    assert!(made.out.contains("olga is an admin"), "{}", made.out);
    assert!(
        made.out.contains("http://127.0.0.1:7000/invite/ul_"),
        "{}",
        made.out
    );
    let again = operator.run(&["admin", "create", "olga", "--name", "Olga"]);
    assert!(
        !again.well && again.all.contains("usher admin grant olga"),
        "{}",
        again.all
    );
    for (arguments, words) in [
        (
            ["admin", "create", "o lga", "--name", "x"],
            "a username can contain only",
        ),
        (["admin", "create", "x", "--name", ""], "a display name has"),
        (["admin", "create", "y", "--name", "x"], ""),
    ] {
        let said = operator.run(&arguments);
        assert!(said.all.contains(words), "{}", said.all);
        assert_eq!(said.well, words.is_empty(), "{}", said.all);
    }
    let bad = ["admin", "create", "z", "--name", "x", "--mail", "x"];
    assert!(operator.run(&bad).all.contains("not an email address"));
}

#[test]
fn rights_are_given_and_taken_by_name_or_id() {
    let operator = Operator::new();
    operator.seed();
    let nobody = operator.run(&["admin", "list"]);
    assert!(
        nobody.well && nobody.all.contains("no admin exists yet"),
        "{}",
        nobody.all
    );
    let unknown = operator.run(&["admin", "grant", "ana"]);
    assert!(!unknown.well && unknown.all.contains("no user \"ana\" has signed in yet"));
    operator.run(&["admin", "create", "olga", "--name", "Olga"]);
    operator.run(&["admin", "create", "otto", "--name", "Otto"]);
    let list = operator.run(&["admin", "list"]).out;
    let id = list.split_whitespace().next().expect("an id").to_owned();
    assert!(id.starts_with("usr_"));
    for (arguments, words) in [
        (["admin", "revoke", &id], "is no longer an admin"),
        (["admin", "revoke", &id], "is not an admin"),
        (["admin", "grant", "olga"], "is an admin now"),
        (["admin", "grant", &id], "is an admin already"),
    ] {
        let said = operator.run(&arguments);
        assert!(said.well && said.out.contains(words), "{}", said.all);
    }
    let link = operator.run(&["admin", "link", "BEN"]);
    assert!(link.out.contains("/invite/ul_"), "{}", link.all);
    let none = operator.run(&["admin", "link", "nobody"]);
    assert!(!none.well && none.all.contains("no local account \"nobody\""));
}
