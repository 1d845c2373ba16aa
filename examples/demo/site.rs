//! The application's own address, and the three questions that depend on it: whether a target is
//! inside, whether a request comes from its own pages, how its cookies are set.

use std::str::FromStr;

use axum::http::{HeaderMap, header};
use url::Url;

/// Scheme, host and port of this application as browsers see them.
#[derive(Clone)]
pub struct Site(Url);

impl FromStr for Site {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| error.to_string())?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if !matches!(url.scheme(), "http" | "https") || !bare {
            return Err("scheme, host and port only, such as https://crm.example.org".to_owned());
        }
        Ok(Self(url))
    }
}

impl Site {
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// An address of this application from a path it wrote itself.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// The target as a URL if it lies inside this application, and nothing otherwise.
    ///
    /// `target_link_uri` reaches the application through the browser, so without this check it
    /// would be an open redirector (OpenID Connect Core 1.0, section 4). The parsed URL is what is
    /// returned and later redirected to, whole: a path alone could start with `//` and name another
    /// host.
    pub fn own(&self, target: &str) -> Option<Url> {
        let url = self.0.join(target).ok()?;
        let anonymous = url.username().is_empty() && url.password().is_none();
        (anonymous && url.origin() == self.0.origin()).then_some(url)
    }

    /// Whether a POST comes from one of this application's own pages. Browsers put
    /// `Origin` on every POST, and a foreign page cannot choose its value.
    pub fn sent(&self, headers: &HeaderMap) -> bool {
        came_from(headers, &self.origin())
    }

    /// A `Set-Cookie` value. `Lax`, not `Strict`: a user who follows a link from the
    /// portal should be recognised; no other site's POST carries the cookie.
    pub fn cookie(&self, name: &str, value: &str, path: &str, seconds: u32) -> String {
        let secure = if self.0.scheme() == "https" {
            "; Secure"
        } else {
            ""
        };
        format!("{name}={value}; Path={path}; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}")
    }
}

/// Whether the request says it was sent by a page of `origin`. No `Origin` header, or
/// `null`, is an answer too: no.
pub fn came_from(headers: &HeaderMap, origin: &str) -> bool {
    headers
        .get(header::ORIGIN)
        .is_some_and(|value| value.as_bytes() == origin.as_bytes())
}

/// The value of the first cookie of that name.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}
