//! Programs of others, run beside a test: each on a port it found free itself, in a directory of its
//! own, ended with the value.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use regex::Regex;
use tempfile::TempDir;

use super::server::variable;

/// A program that serves.
pub struct Process {
    child: Child,
    home: TempDir,
    pub port: u16,
}

impl Process {
    /// Runs it until it says which port it has: a line with `ready PORT`, or what PHP says.
    pub fn start(home: TempDir, mut command: Command) -> Self {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        let other = writer.try_clone().expect("a pipe");
        let child = command.stdin(Stdio::null()).stdout(writer).stderr(other);
        let mut child = child
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?} cannot be run ({error}): run `make deps`"));
        // Or the pipe would never end.
        let program = format!("{command:?}");
        drop(command);
        let mut reader = BufReader::new(reader);
        let mut said = String::new();
        let Some(port) = announced(&mut reader, &mut said) else {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{program} did not start; run `make deps` if it lacks something:\n{said}");
        };
        keep_reading(reader, &home.path().join("log"), said);
        Self { child, home, port }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// What it wrote so far, to standard output and standard error.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home().join("log")).unwrap_or_default()
    }

    /// Ends it; its port is closed from then on.
    pub fn stop(&mut self) {
        // It may have ended by itself, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
        if std::thread::panicking() {
            let log = self.log();
            let lines: Vec<_> = log.lines().collect();
            let last = &lines[lines.len().saturating_sub(20)..];
            eprintln!("--- the end of a peer's log:\n{}", last.join("\n"));
        }
    }
}

fn announced(reader: &mut impl BufRead, said: &mut String) -> Option<u16> {
    let ready = Regex::new(r"^ready (\d+)$|:(\d+)\) started$").expect("a pattern");
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).expect("a readable pipe") == 0 {
            return None;
        }
        said.push_str(&line);
        if let Some(found) = ready.captures(line.trim_end()) {
            let port = found.get(1).or(found.get(2)).expect("a port");
            return port.as_str().parse().ok();
        }
    }
}

/// A full pipe would stop the program.
fn keep_reading(mut reader: impl Read + Send + 'static, log: &Path, said: String) {
    fs::write(log, said).expect("writable");
    let mut log = File::options().append(true).open(log).expect("writable");
    std::thread::spawn(move || std::io::copy(&mut reader, &mut log));
}

/// An address where no server responds.
pub fn unused_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    format!("http://{address}")
}

pub fn home() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

/// A file of `tests/peers`.
pub fn script(name: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    tests.expect("the tests").join("peers").join(name)
}

/// What `make deps` put beside what is built.
pub fn in_target(name: &str) -> PathBuf {
    above_this_program(3).join(name)
}

/// A program of the portal's package, in the profile of the tests; cargo builds it before they run.
pub fn built(name: &str) -> PathBuf {
    above_this_program(2).join(name)
}

/// Programs of tests and benchmarks lie in `PROFILE/deps` of the target directory. They are located
/// by that, because `CARGO_TARGET_TMPDIR` and `CARGO_BIN_EXE_…` are set for them and not for a library.
fn above_this_program(levels: usize) -> PathBuf {
    let program = std::env::current_exe().expect("this program");
    let folder = program.ancestors().nth(levels);
    folder.expect("a folder in the target directory").to_owned()
}

/// Node with a program of `tests/peers`.
pub fn node(name: &str) -> Command {
    let node = variable("USHER_TEST_NODE").unwrap_or_else(|| "node".to_owned());
    let mut command = Command::new(node);
    command.arg(script(name));
    command
}

/// The Python of `tests/peers/requirements.txt` with a program of `tests/peers`.
pub fn python(name: &str) -> Command {
    let python = variable("USHER_TEST_PYTHON").map(PathBuf::from);
    let mut command = Command::new(python.unwrap_or_else(|| in_target("venv/bin/python")));
    command.args(["-W", "ignore"]).arg(script(name));
    command
}

/// A new RSA key and its certificate, `NAME.key` and `NAME.pem` in this directory.
pub fn key_and_certificate(home: &Path, name: &str) {
    let arguments = format!(
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN={name} -keyout {name}.key -out {name}.pem"
    );
    openssl(home, &arguments);
}

/// The public key of a certificate.
pub fn public_key(certificate: &str) -> String {
    let home = home();
    fs::write(home.path().join("one.pem"), certificate).expect("writable");
    openssl(home.path(), "x509 -in one.pem -pubkey -noout")
}

fn openssl(home: &Path, arguments: &str) -> String {
    let mut openssl = Command::new("openssl");
    let output = openssl
        .args(arguments.split(' '))
        .current_dir(home)
        .output();
    let output = output.expect("openssl can be run: run `make deps`");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl failed:\n{said}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}
