//! A real SMTP server on loopback that keeps what it is sent.

use std::fs;

use regex::Regex;

use super::process::{Process, home, key_and_certificate, python};

/// The server; it ends with the value.
pub struct MailSink {
    process: Process,
}

impl MailSink {
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// One that requires STARTTLS, with an untrusted certificate.
    pub fn with_tls() -> Self {
        Self::with(&["sink.pem", "sink.key"])
    }

    fn with(certificate: &[&str]) -> Self {
        let home = home();
        if !certificate.is_empty() {
            key_and_certificate(home.path(), "sink");
        }
        let mut sink = python("smtp_sink.py");
        sink.arg(".").args(certificate).current_dir(home.path());
        Self {
            process: Process::start(home, sink),
        }
    }

    pub fn port(&self) -> u16 {
        self.process.port
    }

    /// The mails so far, oldest first, each with its envelope (`X-MailFrom`, `X-RcptTo`) above it.
    pub fn mails(&self) -> Vec<String> {
        let files = fs::read_dir(self.process.home()).expect("its directory");
        let mut files: Vec<_> = files
            .map(|file| file.expect("a file").path())
            .filter(|path| path.extension().is_some_and(|end| end == "eml"))
            .collect();
        files.sort();
        let read = |path| String::from_utf8_lossy(&fs::read(path).expect("a mail")).into_owned();
        files.into_iter().map(read).collect()
    }

    /// From now on the port is closed.
    pub fn stop(&mut self) {
        self.process.stop();
    }
}

/// The path of the link in a mail.
pub fn link_in(mail: &str) -> String {
    let link =
        Regex::new(r"https://usher\.test(/[a-z]+/ul_[A-Za-z0-9_-]{43})\r?\n").expect("a pattern");
    let found = link.captures(mail);
    found.unwrap_or_else(|| panic!("no link in {mail}"))[1].to_owned()
}
