//! The command line, as an operator uses it: the real binary in a directory of its own.

mod backup;
mod master_key;
mod output;
mod private;

use std::process::{Command, Output};

use sqlx::{AnyConnection, Connection};
use tempfile::TempDir;

use support::draft::{Draft, part};

/// An operator with an empty directory.
struct Operator {
    dir: TempDir,
}

impl Operator {
    fn new() -> Self {
        Self {
            dir: tempfile::tempdir().expect("a temporary directory"),
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_with(arguments, &[])
    }

    fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_usher"))
            .args(arguments)
            .current_dir(self.dir.path())
            .env_clear()
            .envs(environment.iter().copied())
            .output()
            .expect("the binary runs")
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.dir.path().join(name), text).expect("a file");
    }
}

/// What it printed, and whether it went well.
fn said(output: &Output) -> (bool, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (
        output.status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

fn catalogue() -> String {
    Draft::sample().toml()
}

#[test]
fn from_nothing_to_a_portal_that_is_in_order() {
    let operator = Operator::new();
    let (well, text) = said(&operator.run(&["check"]));
    assert!(
        !well && text.contains("`usher migrate` creates it"),
        "{text}"
    );
    let (well, text) = said(&operator.run(&["migrate"]));
    assert!(well && text.contains("applied: foundation"), "{text}");
    let (well, text) = said(&operator.run(&["check"]));
    assert!(
        !well && text.contains("there is no identity provider"),
        "{text}"
    );
    operator.write("catalogue.toml", &catalogue());
    let (well, text) = said(&operator.run(&["seed", "catalogue.toml"]));
    assert!(
        well && text.contains("1 identity provider, 3 accounts, 2 record types"),
        "{text}"
    );
    let (well, text) = said(&operator.run(&["check"]));
    assert!(well && !text.contains("ERROR"), "{text}");
}

#[test]
fn a_client_of_several_services_is_named_by_the_check() {
    let operator = Operator::new();
    said(&operator.run(&["migrate"]));
    let shared = Draft::changed(|draft| draft.set("wiki-us", "client", "crm-us"));
    operator.write("catalogue.toml", &shared.toml());
    said(&operator.run(&["seed", "catalogue.toml"]));
    let (_, text) = said(&operator.run(&["check"]));
    let named = text.lines().find(|line| line.contains("client \"crm-us\""));
    let named = named.unwrap_or_else(|| panic!("{text}"));
    assert!(
        named.contains("crm, wiki") && named.contains("strictest"),
        "{named}"
    );
    assert!(!text.contains("client \"crm-eu\""), "{text}");
}

#[test]
fn a_misspelt_setting_stops_every_command_and_is_named() {
    let operator = Operator::new();
    operator.write("usher.toml", "[server]\nlisten_on = \"127.0.0.1:1\"\n");
    for command in ["check", "migrate", "serve"] {
        let output = operator.run(&["--config", "usher.toml", command]);
        let (well, text) = said(&output);
        assert!(!well, "{command}");
        assert!(
            text.contains("\"server\" has no \"listen_on\"; it has"),
            "{text}"
        );
    }
    let wrong = [("USHER_DATABASE__ULR", "sqlite:x")];
    let (well, text) = said(&operator.run_with(&["check"], &wrong));
    assert!(
        !well && text.contains("has no \"ulr\"; it has max_mb, timeout_ms, url"),
        "{text}"
    );
}

#[test]
fn a_secret_in_a_broken_file_is_not_printed() {
    let operator = Operator::new();
    operator.write("usher.toml", "[keys]\nmaster = \"hunter2hunter2\" x\n");
    let (well, text) = said(&operator.run(&["--config", "usher.toml", "check"]));
    assert!(!well && text.contains("line 2"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn the_data_directory_is_for_our_eyes_only() {
    use std::os::unix::fs::PermissionsExt;
    let operator = Operator::new();
    operator.write("catalogue.toml", &catalogue());
    assert!(operator.run(&["seed", "catalogue.toml"]).status.success());
    let mode = |path: &str| {
        let path = operator.dir.path().join(path);
        let permissions = std::fs::metadata(path).expect("it is there").permissions();
        permissions.mode() & 0o777
    };
    assert_eq!(mode("usher-data"), 0o700);
    assert_eq!(mode("usher-data/master.key"), 0o600);
}

/// An operator with a database, and the file of a new master key.
fn with_new_key() -> Operator {
    let operator = Operator::new();
    assert!(operator.run(&["migrate"]).status.success());
    operator.write("catalogue.toml", &catalogue());
    assert!(operator.run(&["seed", "catalogue.toml"]).status.success());
    operator.write("new.key", &format!("{NEW_KEY}\nthe rest of the file\n"));
    operator
}

const NEW_KEY: &str = "bmV3IG1hc3RlciBrZXksIDMyIGJ5dGVzIGxvbmchISE=";

/// A soft limit of 1,024 would be the limit of connections.
#[test]
fn the_limit_of_open_files_is_raised_at_the_start() {
    use std::io::{BufRead, BufReader};
    let operator = Operator::new();
    let shell = format!("ulimit -Sn 256; exec {} serve", env!("CARGO_BIN_EXE_usher"));
    let mut portal = Command::new("sh")
        .args(["-c", &shell])
        .current_dir(operator.dir.path())
        .env_clear()
        .env("USHER_SERVER__LISTEN", "127.0.0.1:0")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let log = BufReader::new(portal.stderr.take().expect("a pipe"));
    let started = log
        .lines()
        .any(|line| line.is_ok_and(|line| line.contains("the portal answers")));
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", portal.id()));
    let _ = portal.kill();
    let _ = portal.wait();
    assert!(started);
    let limits = limits.expect("/proc/self/limits");
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let numbers: Vec<&str> = line.expect("a line").split_whitespace().collect();
    assert_eq!(numbers[3], numbers[4], "{limits}");
}

#[test]
fn compromised_keys_are_withdrawn() {
    let operator = with_new_key();
    let (_, before) = said(&operator.run(&["rotate-keys"]));
    assert_eq!(before.matches("Next from").count(), 3, "{before}");
    let (well, text) = said(&operator.run(&["rotate-keys", "--withdraw"]));
    assert!(!well && text.contains("--now"), "{text}");
    let (well, text) = said(&operator.run(&["rotate-keys", "--now", "--withdraw"]));
    assert!(well, "{text}");
    let kids = |text: &str| -> Vec<String> {
        let kid = |line: &str| line.rsplit(' ').next().map(str::to_owned);
        text.lines().filter_map(kid).collect()
    };
    assert_eq!(kids(&text).len(), 3, "{text}");
    assert!(
        kids(&text).iter().all(|kid| !kids(&before).contains(kid)),
        "{text}"
    );
}

#[test]
fn disabling_an_unknown_user_is_an_error() {
    let operator = Operator::new();
    let (well, text) = said(&operator.run(&["disable", "ana"]));
    assert!(
        !well && text.contains("no user \"ana\" has signed in yet"),
        "{text}"
    );
}

#[test]
fn the_reference_is_printed_and_is_a_configuration() {
    let operator = Operator::new();
    let output = operator.run(&["config"]);
    operator.write("usher.toml", &said(&output).1);
    let (well, text) = said(&operator.run(&["--config", "usher.toml", "migrate"]));
    assert!(well, "{text}");
}

#[test]
fn an_assertion_is_previewed_before_a_user_signs_in_by_it() {
    let operator = Operator::new();
    let draft = Draft::changed(|draft| {
        let local = draft.provider("local");
        local.allow = Some(part("group = \"staff\""));
        local.map = part("groups = { from = \"roles\", match = \"app-(.*)\" }");
    });
    operator.write("catalogue.toml", &draft.toml());
    operator.write(
        "ana.json",
        r#"{"roles": ["app-staff", "x"], "hair": "red"}"#,
    );
    operator.write("ben.txt", "roles = app-guest\n");
    operator.write("odd.txt", "roles");
    said(&operator.run(&["migrate"]));
    said(&operator.run(&["seed", "catalogue.toml"]));
    let (well, text) = said(&operator.run(&["preview", "local", "ana.json"]));
    assert!(well, "{text}");
    assert!(text.contains("groups: roles has 2, 1 matching app-(.*); result: staff"));
    assert!(text.contains("not used (pattern): x") && text.contains("not used: hair"));
    assert!(text.contains("this user could sign in"), "{text}");
    let (well, text) = said(&operator.run(&["preview", "local", "ben.txt"]));
    assert!(!well && text.contains("sign-in would be refused"), "{text}");
    for (arguments, words) in [
        (
            ["preview", "local", "odd.txt"],
            "odd.txt: line 1 is not like",
        ),
        (
            ["preview", "ghost", "ana.json"],
            "there is no identity provider \"ghost\"",
        ),
        (["preview", "local", "gone.json"], "gone.json"),
    ] {
        let (well, text) = said(&operator.run(&arguments));
        assert!(!well && text.contains(words), "{text}");
    }
}

#[test]
fn a_registration_token_is_made_listed_and_revoked() {
    let operator = Operator::new();
    operator.write("catalogue.toml", &catalogue());
    assert!(operator.run(&["seed", "catalogue.toml"]).status.success());
    let make = [
        "registration-token",
        "--uses",
        "3",
        "--hours",
        "2",
        "--title",
        "The notes team",
    ];
    let (well, text) = said(&operator.run(&make));
    assert!(well && text.contains("can register 3 clients"), "{text}");
    let secret = text.lines().last().expect("a line").trim().to_owned();
    assert!(secret.starts_with("ia_") && secret.len() == 46, "{text}");
    let id = text.split(' ').next().expect("an id").to_owned();
    let (well, text) = said(&operator.run(&["registration-token", "--list"]));
    assert!(
        well && text.contains(&format!("{id} open")) && text.contains("0 of 3"),
        "{text}"
    );
    assert!(
        text.contains("The notes team") && !text.contains(&secret[3..]),
        "{text}"
    );
    let (well, text) = said(&operator.run(&["registration-token", "--revoke", &id]));
    assert!(well && text.contains("revoked"), "{text}");
    for unknown in [id.as_str(), "rtk_x", &secret] {
        let (well, text) = said(&operator.run(&["registration-token", "--revoke", unknown]));
        assert!(!well && text.contains("there is no active token"), "{text}");
    }
    let (_, text) = said(&operator.run(&["registration-token", "--list"]));
    assert!(text.contains(&format!("{id} revoked")), "{text}");
    for wrong in [
        ["--uses", "0"],
        ["--uses", "-1"],
        ["--hours", "0"],
        ["--title", "a\nb"],
    ] {
        let (well, _) = said(&operator.run(&["registration-token", wrong[0], wrong[1]]));
        assert!(!well, "{wrong:?}");
    }
    let (well, _) = said(&operator.run(&["registration-token", "--list", "--uses", "2"]));
    assert!(!well, "one or the other");
    let (well, text) = said(&operator.run(&["client", "list"]));
    assert!(well && text.is_empty(), "{text}");
    for act in ["disable", "enable", "remove"] {
        let (well, text) = said(&operator.run(&["client", act, "crm-eu"]));
        assert!(!well && text.contains("no registered client"), "{text}");
    }
}

#[tokio::test]
async fn a_name_that_is_several_users_is_said_and_disables_none_of_them() {
    let operator = Operator::new();
    said(&operator.run(&["migrate"]));
    operator.write("catalogue.toml", &catalogue());
    said(&operator.run(&["seed", "catalogue.toml"]));
    let (ours, theirs) = (
        "usr_01a1fcf12dcb736385f9cbbf643d04f1",
        "usr_01a1fcf12dcb736385f9cbbf643d04f2",
    );
    sqlx::any::install_default_drivers();
    let database = operator.dir.path().join("usher-data/usher.db");
    let mut connection = AnyConnection::connect(&format!("sqlite:{}", database.display()))
        .await
        .expect("the database");
    for (id, at) in [(ours, 1), (theirs, 2)] {
        let sql = "insert into users (id, login, name, attributes, created_at, refreshed_at)
                   values ($1, 'ana', 'Ana', '{}', $2, $2)";
        let done = sqlx::query(sql).bind(id).bind(at).execute(&mut connection);
        done.await.expect("a user");
    }
    connection.close().await.expect("closed");
    for act in ["disable", "enable"] {
        let (well, text) = said(&operator.run(&[act, "ana"]));
        assert!(!well && text.contains("several users"), "{text}");
        assert!(text.contains(ours) && text.contains(theirs), "{text}");
    }
    let (well, text) = said(&operator.run(&["disable", theirs]));
    assert!(
        well && text.contains(theirs) && !text.contains(ours),
        "{text}"
    );
    let (well, text) = said(&operator.run(&["check"]));
    assert!(well, "{text}");
    let warned = text
        .lines()
        .filter(|line| line.starts_with("WARNING username \"ana\""));
    assert_eq!(
        warned.count(),
        2,
        "shared, and released as a qualified name: {text}"
    );
    let (_, text) = said(&operator.run(&["migrate"]));
    assert!(
        text.contains(theirs) && text.contains("ana@usher"),
        "{text}"
    );
}
