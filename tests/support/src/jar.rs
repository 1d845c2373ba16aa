//! Cookies, and which requests carry them.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method, header};
use url::Url;

/// Cookies by host; those of loopback by host and port, which real browsers do not distinguish.
#[derive(Default)]
pub struct Jar(BTreeMap<String, Vec<Cookie>>);

struct Cookie {
    name: String,
    value: String,
    path: String,
    same_site: SameSite,
}

/// RFC 6265bis section 5.6.7; without the attribute it is `Lax`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SameSite {
    Strict,
    Lax,
    None,
}

impl Jar {
    pub fn get(&self, host: &str, name: &str) -> Option<&str> {
        let mut cookies = self.0.get(host)?.iter();
        let cookie = cookies.find(|cookie| cookie.name == name)?;
        Some(&cookie.value)
    }

    pub fn set(&mut self, host: &str, name: &str, value: &str) {
        let cookie = Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            path: "/".to_owned(),
            same_site: SameSite::Lax,
        };
        self.put(host, cookie);
    }

    fn put(&mut self, host: &str, cookie: Cookie) {
        let cookies = self.0.entry(host.to_owned()).or_default();
        cookies.retain(|known| (&known.name, &known.path) != (&cookie.name, &cookie.path));
        cookies.push(cookie);
    }

    pub fn forget(&mut self, host: &str) {
        self.0.remove(host);
    }

    /// The `Cookie` line of a navigation that `from` caused. From another site, `Lax` cookies go
    /// only with what changes nothing.
    pub fn sent_with(&self, method: &Method, url: &Url, from: Option<&Url>) -> String {
        let ours = from.is_none_or(|from| from.scheme() == url.scheme() && site(from) == site(url));
        let sent = |cookie: &Cookie| match cookie.same_site {
            SameSite::None => true,
            SameSite::Lax => ours || method == Method::GET,
            SameSite::Strict => ours,
        };
        let cookies = self.0.get(&host(url)).into_iter().flatten();
        let line: Vec<String> = cookies
            .filter(|cookie| sent(cookie) && cookie.is_for(url.path()))
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        line.join("; ")
    }

    /// Stores the cookies of an answer, and returns their lines.
    pub fn keep(&mut self, url: &Url, headers: &HeaderMap) -> Vec<String> {
        let lines = headers.get_all(header::SET_COOKIE).iter();
        let lines: Vec<String> = lines
            .map(|line| line.to_str().expect("a cookie").to_owned())
            .collect();
        for line in &lines {
            self.keep_line(&host(url), line);
        }
        lines
    }

    fn keep_line(&mut self, host: &str, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let pair = parts.next().and_then(|pair| pair.split_once('='));
        let (name, value) = pair.expect("a pair");
        let said: BTreeMap<String, &str> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let path = said.get("path").unwrap_or(&"/").to_string();
        let cookies = self.0.entry(host.to_owned()).or_default();
        cookies.retain(|known| (known.name.as_str(), &known.path) != (name, &path));
        let is_past = |expires: &&str| expires.contains("1970");
        if said.get("max-age") == Some(&"0") || said.get("expires").is_some_and(is_past) {
            return;
        }
        let same_site = match said.get("samesite").map(|value| value.to_ascii_lowercase()) {
            Some(text) if text == "none" => SameSite::None,
            Some(text) if text == "strict" => SameSite::Strict,
            _ => SameSite::Lax,
        };
        cookies.push(Cookie {
            name: name.to_owned(),
            value: value.to_owned(),
            path,
            same_site,
        });
    }
}

impl Cookie {
    /// RFC 6265 section 5.1.4.
    fn is_for(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.path.trim_end_matches('/'));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

fn host(url: &Url) -> String {
    let host = url.host_str().expect("a host");
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// The registrable domain; the hosts of the tests are their own.
fn site(url: &Url) -> &str {
    url.host_str().expect("a host")
}
