//! A moment as a user reads it: how long ago or how far ahead, and exactly when.

use askama::{Template, filters::HtmlSafe};

use super::{ago, ahead};
use crate::{
    clock::{Time, Utc},
    text::Texts,
};

/// A moment. The page shows both forms; a script converts the exact one to the user's time zone.
#[derive(Template)]
#[template(path = "part/moment.html")]
pub struct Moment {
    /// "2 hours ago", "in 6 days".
    pub words: String,
    /// "21 November 2026, 11:49 UTC".
    pub exact: String,
    /// RFC 3339, for `<time datetime>`.
    pub machine: String,
}

/// It is a template itself, which escapes what it holds.
impl HtmlSafe for Moment {}

impl Moment {
    /// A moment in the past.
    pub fn of(texts: &Texts, at: Time, now: Time) -> Self {
        Self::worded(texts, at, ago(texts, now.since(at).as_secs()))
    }

    /// A moment in the future.
    pub fn ahead(texts: &Texts, at: Time, now: Time) -> Self {
        Self::worded(texts, at, ahead(texts, at.since(now).as_secs()))
    }

    fn worded(texts: &Texts, at: Time, words: String) -> Self {
        Self {
            words,
            exact: exact(texts, &at.utc()),
            machine: at.utc().to_string(),
        }
    }
}

fn exact(texts: &Texts, at: &Utc) -> String {
    let variables = [
        ("day", &*at.day.to_string()),
        ("month", &*format!("m{}", at.month)),
        ("year", &*at.year.to_string()),
        ("time", &*format!("{:02}:{:02}", at.hour, at.minute)),
    ];
    texts.with("moment", &variables)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Language;

    #[test]
    fn a_moment_is_shown_in_words_and_exactly() {
        let (at, now) = (
            Time::from_secs(1_795_000_000),
            Time::from_secs(1_795_007_300),
        );
        let examples = [Language::En, Language::De].map(|language| {
            let moment = Moment::of(Texts::of(language), at, now);
            (moment.words, moment.exact)
        });
        assert_eq!(
            examples,
            [
                ("2 hours ago", "18 November 2026, 11:06 UTC"),
                ("vor 2 Stunden", "18. November 2026, 11:06 UTC")
            ]
            .map(|(words, exact)| (words.to_owned(), exact.to_owned()))
        );
    }
}
