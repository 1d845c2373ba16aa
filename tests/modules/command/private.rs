//! Files on the machine are not readable by others: permissions, and the first admin's link.

use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Lines, PipeReader},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};

use super::{Operator, catalogue, said};
use support::listener::free_port;

fn mode(path: &Path) -> u32 {
    let found = fs::metadata(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    found.permissions().mode() & 0o777
}

fn open_up(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).expect("ours");
}

/// A portal that runs, and is ended with the value.
struct Serving {
    child: Child,
    log: Lines<BufReader<PipeReader>>,
}

impl Serving {
    fn start(operator: &Operator) -> Self {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let other = writer.try_clone().expect("a pipe");
        let child = Command::new(env!("CARGO_BIN_EXE_usher"))
            .arg("serve")
            .current_dir(operator.dir.path())
            .env_clear()
            .env("USHER_SERVER__LISTEN", format!("127.0.0.1:{}", free_port()))
            .env("USHER_LOG__FILTER", "trace")
            .stdin(Stdio::null())
            .stdout(other)
            .stderr(writer)
            .spawn();
        Self {
            child: child.expect("the binary runs"),
            log: BufReader::new(reader).lines(),
        }
    }

    /// All it says until it says this; its standard output is a pipe, and no terminal.
    fn says(&mut self, words: &str) -> String {
        let mut said = String::new();
        while !said.contains(words) {
            let line = self.log.next();
            let line = line.unwrap_or_else(|| panic!("it ended: {said}"));
            said += &line.expect("a line");
            said.push('\n');
        }
        said
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_database_is_not_readable_by_others_while_it_is_in_use() {
    let operator = Operator::new();
    let mut serving = Serving::start(&operator);
    serving.says("the portal answers");
    let data = operator.dir.path().join("usher-data");
    for file in ["usher.db", "usher.db-wal", "usher.db-shm", "master.key"] {
        assert_eq!(mode(&data.join(file)), 0o600, "{file}");
    }
    assert_eq!(mode(&data), 0o700);
}

#[test]
fn a_data_directory_that_others_can_read_is_named_and_corrected() {
    let operator = Operator::new();
    operator.write("catalogue.toml", &catalogue());
    assert!(operator.run(&["seed", "catalogue.toml"]).status.success());
    let data = operator.dir.path().join("usher-data");
    let files = ["usher.db", "master.key"].map(|file| data.join(file));
    open_up(&data, 0o755);
    files.iter().for_each(|file| open_up(file, 0o644));
    let (well, text) = said(&operator.run(&["check"]));
    assert!(
        !well && text.contains("ERROR   permissions: readable by other users"),
        "{text}"
    );
    for named in [
        "usher-data (mode 755)",
        "usher.db (mode 644)",
        "master.key (mode 644)",
    ] {
        assert!(text.contains(named), "{named}: {text}");
    }
    let (well, text) = said(&operator.run(&["check"]));
    assert!(
        well && text.contains("the data directory is private"),
        "{text}"
    );
    assert_eq!(mode(&data), 0o700);
    for file in &files {
        assert_eq!(mode(file), 0o600, "{}", file.display());
    }
}

/// Only root can make one: elsewhere there is nothing to see.
#[test]
fn a_data_directory_of_another_user_that_others_can_read_is_refused() {
    let operator = Operator::new();
    let data = operator.dir.path().join("theirs");
    fs::create_dir(&data).expect("a directory");
    open_up(&data, 0o755);
    if std::os::unix::fs::chown(&data, Some(65534), None).is_err() {
        return;
    }
    let theirs = [("USHER_DATA__DIR", "theirs")];
    let (well, text) = said(&operator.run_with(&["migrate"], &theirs));
    assert!(
        !well && text.contains("theirs can be read by others (mode 755)"),
        "{text}"
    );
    assert!(text.contains("is not ours to correct"), "{text}");
    assert_eq!(mode(&data), 0o755);
    // Open to a group alone, as mounted volumes are, it is a place of ours.
    open_up(&data, 0o770);
    let (well, text) = said(&operator.run_with(&["migrate"], &theirs));
    assert!(well, "{text}");
    assert_eq!(mode(&data.join("usher.db")), 0o600);
}

/// `data.dir = "/srv"` is a mistake, which must not lock all other users out of it.
#[test]
fn a_directory_that_others_keep_things_in_is_not_shut_by_root() {
    let operator = Operator::new();
    let data = operator.dir.path().join("shared");
    fs::create_dir_all(data.join("of-others")).expect("a directory");
    open_up(&data, 0o755);
    if fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) != 0) {
        return;
    }
    let (well, text) = said(&operator.run_with(&["migrate"], &[("USHER_DATA__DIR", "shared")]));
    assert!(
        !well && text.contains("holds things that are not ours"),
        "{text}"
    );
    assert_eq!(mode(&data), 0o755);
}

#[test]
fn the_first_admins_link_is_in_a_file_of_ours_and_never_in_a_log() {
    let operator = Operator::new();
    operator.write("catalogue.toml", &catalogue());
    assert!(operator.run(&["seed", "catalogue.toml"]).status.success());
    let file = operator.dir.path().join("usher-data/first-admin-link");
    let mut links = Vec::new();
    for _ in 0..2 {
        let mut serving = Serving::start(&operator);
        let log = serving.says("the portal answers");
        assert!(log.contains("first-admin-link"), "{log}");
        assert!(!log.contains("/ul_"), "{log}");
        assert_eq!(mode(&file), 0o600);
        let link = fs::read_to_string(&file).expect("a link");
        assert!(
            link.contains("/welcome/ul_") && link.ends_with('\n'),
            "{link}"
        );
        links.push(link);
    }
    assert_ne!(links[0], links[1], "each start has a new one");
    let made = operator.run(&["admin", "create", "root", "--name", "Root"]);
    assert!(made.status.success(), "{}", said(&made).1);
    let mut serving = Serving::start(&operator);
    serving.says("the portal answers");
    assert!(!file.exists(), "there is an admin");
}
