//! The Content-Security-Policy of a page (CSP Level 3).

use std::fmt;

use axum::http::{HeaderMap, HeaderValue, header};
use url::Url;

/// What a page may load: from ourselves only.
const SOURCES: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'";
/// `<base>` must not change its links, and no site may frame it.
const EMBEDDING: &str = "base-uri 'none'; frame-ancestors 'none'";

/// What a page may load and where its forms may go.
pub struct Policy {
    /// The origin of another site to which the page's form may go.
    form_action: Option<String>,
    /// The origins that the page frames, beside ours.
    frames: Vec<String>,
}

impl Policy {
    /// A page whose forms go to the portal only.
    pub const fn page() -> Self {
        Self {
            form_action: None,
            frames: Vec::new(),
        }
    }

    /// The page's form goes to this remote. The portal stays allowed: browsers apply this directive
    /// to all redirects after a form, and an application that does not open the record sends its
    /// user back.
    pub fn form_action(self, remote: &Url) -> Self {
        Self {
            form_action: Some(remote.origin().ascii_serialization()),
            ..self
        }
    }

    /// The page frames exactly these, and the portal, where they send their answers.
    pub fn frame_src(self, frames: &[Url]) -> Self {
        let origins = frames.iter().map(|url| url.origin().ascii_serialization());
        Self {
            frames: origins.collect(),
            ..self
        }
    }

    /// Sets the header, replacing an existing one.
    pub fn set(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::try_from(self.to_string()) {
            headers.insert(header::CONTENT_SECURITY_POLICY, value);
        }
    }
}

/// The value of the header.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SOURCES}; form-action ")?;
        if let Some(origin) = &self.form_action {
            write!(f, "{origin} ")?;
        }
        write!(f, "'self'; {EMBEDDING}")?;
        match self.frames.is_empty() {
            true => Ok(()),
            false => write!(f, "; frame-src 'self' {}", self.frames.join(" ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_loads_from_us_and_its_forms_go_to_us() {
        assert_eq!(
            Policy::page().to_string(),
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
             font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
             base-uri 'none'; frame-ancestors 'none'"
        );
    }

    #[test]
    fn a_form_goes_to_the_origin_of_a_remote_and_to_us() {
        let remote = Url::parse("https://crm.test:8443/in?x=1;script-src").expect("an address");
        let policy = Policy::page().form_action(&remote).to_string();
        assert!(policy.contains("; form-action https://crm.test:8443 'self'; base-uri"));
        assert_eq!(policy.matches("form-action").count(), 1);
        assert_eq!(policy.matches("script-src").count(), 1);
    }

    #[test]
    fn a_page_frames_the_origins_that_it_names_and_us() {
        let frames = ["https://crm.test/out?x=1", "https://wiki.test:8443/out"];
        let frames = frames.map(|url| Url::parse(url).expect("an address"));
        let policy = Policy::page().frame_src(&frames).to_string();
        let end = "; frame-src 'self' https://crm.test https://wiki.test:8443";
        assert!(policy.ends_with(end), "{policy}");
        let none = Policy::page().frame_src(&[]).to_string();
        assert_eq!(none, Policy::page().to_string());
    }

    #[test]
    fn the_header_is_replaced() {
        let mut headers = HeaderMap::new();
        Policy::page().set(&mut headers);
        let remote = Url::parse("https://crm.test/").expect("an address");
        Policy::page().form_action(&remote).set(&mut headers);
        let values: Vec<_> = headers
            .get_all(header::CONTENT_SECURITY_POLICY)
            .iter()
            .collect();
        assert_eq!(values.len(), 1);
        let value = values[0].to_str().expect("text");
        assert!(value.contains("https://crm.test "), "{value}");
    }
}
