//! The texts of mails: plain text, one template each, in the recipient's language.

use askama::Template;

use crate::{
    error::{Error, Result},
    model::mail::{Content, MailMessage},
    text::{Language, Texts},
};

#[derive(Template)]
#[template(path = "mail/letter.txt")]
struct MailPage<'a> {
    texts: &'static Texts,
    portal: &'a str,
    name: &'a str,
    /// The message keys of the paragraphs, in order.
    lead: String,
    link: Option<&'a str>,
    after: Vec<&'a str>,
}

/// A mail's subject and text.
pub fn written(message: &MailMessage, portal: &str) -> Result<(String, String)> {
    let texts = Texts::of(Language::parse(&message.language).unwrap_or_default());
    let portal_name = [("portal", portal)];
    let (subject, lead, link, after) = match &message.content {
        Content::Reset { link } => (
            texts.with("mail-reset-subject", &portal_name),
            texts.with("mail-reset-lead", &portal_name),
            Some(link.as_str()),
            vec![texts.say("mail-reset-after"), texts.say("mail-not-you")],
        ),
        Content::Elsewhere { provider } => (
            texts.with("mail-reset-subject", &portal_name),
            texts.with(
                "mail-elsewhere-lead",
                &[("portal", portal), ("provider", provider)],
            ),
            None,
            vec![texts.say("mail-not-you")],
        ),
        Content::Verify { link } => (
            texts.with("mail-verify-subject", &portal_name),
            texts.with("mail-verify-lead", &portal_name),
            Some(link.as_str()),
            vec![texts.say("mail-verify-after")],
        ),
        Content::Changed => (
            texts.with("mail-changed-subject", &portal_name),
            texts.with("mail-changed-lead", &portal_name),
            None,
            vec![texts.say("mail-changed-after")],
        ),
    };
    let page = MailPage {
        texts,
        portal,
        name: greeted(&message.to.name),
        lead,
        link,
        after,
    };
    let text = page
        .render()
        .map_err(|error| Error::Internal(format!("template: {error}")))?;
    Ok((subject, text))
}

impl MailPage<'_> {
    fn greeting(&self) -> String {
        if self.name.is_empty() {
            return self.texts.say("mail-hello-unnamed").to_owned();
        }
        self.texts.with("mail-hello", &[("name", self.name)])
    }
}

/// A name for the greeting. One that is no name (it contains an address, or is a paragraph) could
/// put another user's text into our mail, and is left out.
fn greeted(name: &str) -> &str {
    let odd = |c: char| c.is_control() || "/\\<>@:".contains(c);
    if name.contains(odd) || name.contains("www.") || name.chars().count() > 80 {
        ""
    } else {
        name.trim()
    }
}
