//! A reader that leaves early, as in `usher check | head`, is no fault of a command.

use std::process::{Command, Stdio};

use super::{Operator, catalogue, said};

/// Runs a command whose standard output, and standard error if `both`, no process reads. Gives
/// whether it went well and what it wrote to standard error.
fn unread(operator: &Operator, arguments: &[&str], both: bool) -> (bool, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_usher"))
        .args(arguments)
        .current_dir(operator.dir.path())
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    drop(child.stdout.take());
    if both {
        drop(child.stderr.take());
    }
    let output = child.wait_with_output().expect("it ends");
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), errors)
}

#[test]
fn a_command_whose_output_is_not_read_ends_quietly() {
    let operator = Operator::new();
    operator.write("catalogue.toml", &catalogue());
    for arguments in [
        &["config"][..],
        &["migrate"],
        &["seed", "catalogue.toml"],
        &["check"],
        &["rotate-keys"],
        &["admin", "list"],
        &["backup", "copy.db"],
    ] {
        let (well, errors) = unread(&operator, arguments, false);
        assert!(
            well && !errors.contains("panicked"),
            "{arguments:?}: {errors}"
        );
    }
    assert!(operator.dir.path().join("copy.db").exists());
}

#[test]
fn a_command_does_its_work_and_keeps_its_exit_code_though_nothing_is_read() {
    let operator = Operator::new();
    assert!(!unread(&operator, &["check"], true).0, "nothing is there");
    assert!(unread(&operator, &["migrate"], true).0);
    operator.write("catalogue.toml", &catalogue());
    assert!(unread(&operator, &["seed", "catalogue.toml"], true).0);
    let (well, text) = said(&operator.run(&["check"]));
    assert!(well, "{text}");
}
