//! The forms of a page.

use regex::Regex;

/// How a form is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sends {
    Get,
    Post,
}

/// A form, with the fields that are sent if none is filled in.
pub struct Form {
    pub sends: Sends,
    pub action: String,
    pub fields: Vec<(String, String)>,
    pub html: String,
}

impl Form {
    pub fn all(page: &str) -> Vec<Self> {
        pattern("(?s)<form\\b([^>]*)>(.*?)</form>")
            .captures_iter(page)
            .map(|found| {
                let post = attribute(&found[1], "method").as_deref() == Some("post");
                Self {
                    sends: if post { Sends::Post } else { Sends::Get },
                    // Without one, it is the page's own address.
                    action: attribute(&found[1], "action").unwrap_or_default(),
                    fields: inputs(&found[2]),
                    html: found[0].to_owned(),
                }
            })
            .collect()
    }

    /// A script sends it at once: ours are marked, those of others carry a SAML message.
    pub fn goes_by_itself(&self, foreign: bool) -> bool {
        let saml = |name: &str| name == "SAMLResponse" || name == "SAMLRequest";
        let carries = self.fields.iter().any(|(name, _)| saml(name));
        let typed = self.html.contains("type=\"password\"");
        self.html.contains("data-auto-submit") || (foreign && carries && !typed)
    }
}

fn inputs(html: &str) -> Vec<(String, String)> {
    pattern("<input\\b[^>]*>")
        .find_iter(html)
        .filter_map(|tag| {
            let tag = tag.as_str();
            let kind = attribute(tag, "type").unwrap_or_default();
            if matches!(kind.as_str(), "checkbox" | "radio") && !tag.contains(" checked") {
                return None;
            }
            let name = attribute(tag, "name")?;
            Some((name, attribute(tag, "value").unwrap_or_default()))
        })
        .collect()
}

pub fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a pattern")
}

pub fn unescape(text: &str) -> String {
    text.replace("&#38;", "&")
        .replace("&amp;", "&")
        .replace("&#34;", "\"")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#039;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
}

pub fn attribute(tag: &str, name: &str) -> Option<String> {
    let found = pattern(&format!("\\s{name}=\"([^\"]*)\""));
    found.captures(tag).map(|found| unescape(&found[1]))
}
