//! The checks of a configuration, and the settings that follow from others if they are not set.

use url::Url;

use super::{Config, NetConfig, PortalConfig, ServerConfig, invalid};
use crate::{
    error::Result,
    model::{address::is_loopback, mail::is_address},
};

/// No configuration may allow less (NIST SP 800-63B section 3.1.1.2).
const SHORTEST: usize = 8;

/// A client that waits longer has given up.
const LONGEST_WAIT_MS: u64 = 60_000;
/// An unused connection is not kept for longer.
const LONGEST_IDLE_MS: u64 = 3_600_000;
/// An answer is held in memory.
const MOST_BODY_BYTES: usize = 64 << 20;

impl Config {
    pub(super) fn complete(mut self) -> Result<Self> {
        self.server.complete()?;
        self.net.check()?;
        self.portal.check()?;
        if self.database.url.is_empty() {
            let path = self.data.dir.join("usher.db");
            self.database.url = format!("sqlite:{}?mode=rwc", path.display());
        }
        if self.sign_in.password_min_length < SHORTEST {
            let text = format!("sign_in.password_min_length must be at least {SHORTEST}");
            return Err(invalid(text));
        }
        if self.sign_in.password_checks_at_once == 0 {
            let cores = std::thread::available_parallelism().map_or(1, usize::from);
            self.sign_in.password_checks_at_once = cores;
        }
        Ok(self)
    }
}

impl ServerConfig {
    fn complete(&mut self) -> Result<()> {
        if self.tls_certificate.is_empty() != self.tls_key.is_empty() {
            let text = "server.tls_certificate and server.tls_key go together";
            return Err(invalid(text.to_owned()));
        }
        if self.public_url.is_empty() {
            let scheme = if self.tls_key.is_empty() {
                "http"
            } else {
                "https"
            };
            self.public_url = format!("{scheme}://{}", self.listen);
        }
        if !self.tls_key.is_empty() && !self.public_url.starts_with("https:") {
            let text = "server.public_url must be https where server.tls_key is set";
            return Err(invalid(text.to_owned()));
        }
        check_public_url(&self.public_url)?;
        if self.anonymous_writes_per_second == 0 || self.anonymous_writes_burst == 0 {
            let text = "server.anonymous_writes_per_second and _burst must be at least 1";
            return Err(invalid(text.to_owned()));
        }
        for (name, value, most) in [
            ("head_timeout_ms", self.head_timeout_ms, LONGEST_WAIT_MS),
            ("idle_timeout_ms", self.idle_timeout_ms, LONGEST_IDLE_MS),
        ] {
            if !(1..=most).contains(&value) {
                let text = format!("server.{name} must be from 1 to {most}, not {value}");
                return Err(invalid(text));
            }
        }
        Ok(())
    }
}

impl NetConfig {
    /// With neither a deadline nor an answer, a request could not be ended.
    fn check(&self) -> Result<()> {
        for (name, value) in [
            ("connect_timeout_ms", self.connect_timeout_ms),
            ("timeout_ms", self.timeout_ms),
        ] {
            if !(1..=LONGEST_WAIT_MS).contains(&value) {
                let text = format!("net.{name} must be from 1 to {LONGEST_WAIT_MS}, not {value}");
                return Err(invalid(text));
            }
        }
        if !(1024..=MOST_BODY_BYTES).contains(&self.max_body_bytes) {
            let text = format!("net.max_body_bytes must be from 1024 to {MOST_BODY_BYTES}");
            return Err(invalid(text));
        }
        Ok(())
    }
}

impl PortalConfig {
    fn check(&self) -> Result<()> {
        let link = &self.help_desk_link;
        let web = Url::parse(link).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !link.is_empty() && !web {
            let text = format!("portal.help_desk_link must be an http(s) address, not \"{link}\"");
            return Err(invalid(text));
        }
        let mail = &self.help_desk_mail;
        if !mail.is_empty() && !is_address(mail) {
            let text = format!("portal.help_desk_mail must be a mail address, not \"{mail}\"");
            return Err(invalid(text));
        }
        Ok(())
    }
}

fn check_public_url(text: &str) -> Result<()> {
    let wrong = |why: &str| invalid(format!("server.public_url \"{text}\" {why}"));
    let url = Url::parse(text).map_err(|_| wrong("is not a URL"))?;
    let https = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !https {
        return Err(wrong(
            "must be https (http only on loopback): cookies and codes travel there",
        ));
    }
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || text.ends_with('/') {
        return Err(wrong(
            "must be scheme, host and port only, without a final slash",
        ));
    }
    Ok(())
}
