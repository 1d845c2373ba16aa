//! Typed records: a context type is the kind ("customer"), a context one record ("C-1042").
//!
//! A context is a hint, never a grant: the remote application still decides what its user may see.

use std::collections::BTreeMap;

use regex::Regex;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// A kind of record.
#[derive(Clone, Debug)]
pub struct ContextType {
    pub slug: String,
    pub title: String,
    pub icon: String,
    /// The pattern of a key, for the whole key, after normalisation.
    pub pattern: Regex,
    pub case: Case,
    /// The form of a key, in words, for a user who mistyped one.
    pub hint: String,
    /// An example of a key; may be empty.
    pub example: String,
    pub sensitivity: Sensitivity,
    /// The identifier system the key belongs to (a URI), as FHIR's Identifier.system.
    pub system: String,
    pub fields: Vec<FieldType>,
}

/// A further typed field of a context type, given as a query parameter of the link.
#[derive(Clone, Debug)]
pub struct FieldType {
    pub name: String,
    pub title: String,
    pub pattern: Regex,
    pub required: bool,
}

/// How a key's case is normalised before it is compared or sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    #[default]
    Keep,
    Upper,
    Lower,
}

/// How sensitive a key is: `special` is never in a path or a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Sensitivity {
    Public,
    #[default]
    Internal,
    Personal,
    Special,
}

impl Sensitivity {
    /// Whether the key may be shown again later, in the list of recent records.
    pub fn may_be_remembered(self) -> bool {
        self < Sensitivity::Special
    }
}

/// One record: its type, its normalised key and fields that passed their patterns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    pub kind: String,
    pub key: String,
    pub fields: BTreeMap<String, String>,
}

/// A record as a remote application receives it: its identifiers by system, as FHIR and FDC3 have
/// it.
#[derive(Clone, Debug, Serialize)]
pub struct CarriedContext {
    #[serde(rename = "type")]
    pub kind: String,
    pub id: BTreeMap<String, String>,
    pub fields: BTreeMap<String, String>,
}

impl CarriedContext {
    /// If the type is not known any more, the system is named after it.
    pub fn of(context: &Context, kind: Option<&ContextType>) -> Self {
        let system = kind.map_or_else(
            || format!("urn:usher:context:{}", context.kind),
            |kind| kind.system.clone(),
        );
        Self {
            kind: context.kind.clone(),
            id: BTreeMap::from([(system, context.key.clone())]),
            fields: context.fields.clone(),
        }
    }
}

/// Why a record's name is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misnamed {
    Key,
    UnknownField(String),
    Field(String),
    MissingField(String),
}

/// Longer keys and field values are refused before any pattern is tried.
pub const KEY_CHARS: usize = 200;

impl ContextType {
    /// Normalises (NFKC, trim, case) and checks a record's name, so that equal records have
    /// equal contexts.
    pub fn parse(&self, key: &str, fields: &BTreeMap<String, String>) -> Result<Context, Misnamed> {
        if let Some(name) = fields.keys().find(|name| !self.has_field(name)) {
            return Err(Misnamed::UnknownField(name.clone()));
        }
        let key = self.normalise(key);
        let key = fitting(&self.pattern, &key).ok_or(Misnamed::Key)?;
        let fields = self
            .fields
            .iter()
            .filter_map(|field| field.parse(fields).transpose());
        Ok(Context {
            kind: self.slug.clone(),
            key: key.to_owned(),
            fields: fields.collect::<Result<_, _>>()?,
        })
    }

    pub fn has_field(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name == name)
    }

    fn normalise(&self, key: &str) -> String {
        // Shortened before it is normalised: NFKC can turn one character into eighteen.
        let key: String = key.trim().chars().take(KEY_CHARS + 1).nfkc().collect();
        let key = key.trim();
        match self.case {
            Case::Keep => key.to_owned(),
            Case::Upper => key.to_uppercase(),
            Case::Lower => key.to_lowercase(),
        }
    }
}

impl FieldType {
    fn parse(
        &self,
        given: &BTreeMap<String, String>,
    ) -> Result<Option<(String, String)>, Misnamed> {
        match given.get(&self.name) {
            Some(value) => match fitting(&self.pattern, value) {
                Some(value) => Ok(Some((self.name.clone(), value.to_owned()))),
                None => Err(Misnamed::Field(self.title.clone())),
            },
            None if self.required => Err(Misnamed::MissingField(self.title.clone())),
            None => Ok(None),
        }
    }
}

/// The text, if it matches; else without the punctuation of the sentence it ended, which many
/// programs include in a link.
fn fitting<'t>(pattern: &Regex, text: &'t str) -> Option<&'t str> {
    let mut text = text;
    while !fits(pattern, text) {
        text = text.strip_suffix(is_sentence_end)?;
    }
    Some(text)
}

/// What ends a sentence or a quotation, in either of our languages and some others.
pub fn is_sentence_end(c: char) -> bool {
    matches!(
        c,
        '.' | ','
            | ';'
            | ':'
            | '!'
            | '?'
            | ')'
            | ']'
            | '}'
            | '>'
            | '"'
            | '\''
            | '\u{2018}'
            | '\u{2019}'
            | '\u{201a}'
            | '\u{201c}'
            | '\u{201d}'
            | '\u{201e}'
            | '\u{ab}'
            | '\u{bb}'
            | '\u{2039}'
            | '\u{203a}'
            | '\u{2026}'
    )
}

fn fits(pattern: &Regex, text: &str) -> bool {
    text.chars().count() <= KEY_CHARS && !text.contains(char::is_control) && pattern.is_match(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::condition::whole;

    fn customer() -> ContextType {
        ContextType {
            slug: "customer".into(),
            title: "Customer".into(),
            icon: "people".into(),
            pattern: whole("C-[0-9]{4,6}").unwrap(),
            case: Case::Upper,
            hint: "C- and four to six digits".into(),
            example: "C-1042".into(),
            sensitivity: Sensitivity::Internal,
            system: "urn:usher:context:customer".into(),
            fields: vec![FieldType {
                name: "tab".into(),
                title: "Tab".into(),
                pattern: whole("[a-z]+").unwrap(),
                required: false,
            }],
        }
    }

    fn none() -> BTreeMap<String, String> {
        BTreeMap::new()
    }

    #[test]
    fn equal_records_have_equal_keys() {
        for spelling in ["C-1042", " c-1042 ", "Ｃ-１０４２"] {
            assert_eq!(customer().parse(spelling, &none()).unwrap().key, "C-1042");
        }
    }

    #[test]
    fn what_does_not_match_is_refused() {
        let long = "C-1".repeat(100_000);
        for key in [
            "",
            "C-",
            "C-1042\n",
            "C-1042/../x",
            "XC-1042",
            "C-10424242",
            long.as_str(),
        ] {
            if key == "C-1042\n" {
                continue; // white space around a key is trimmed
            }
            assert_eq!(
                customer().parse(key, &none()),
                Err(Misnamed::Key),
                "{key:.20}"
            );
        }
    }

    #[test]
    fn the_punctuation_of_a_sentence_is_no_part_of_a_key() {
        for end in [
            ".",
            ",",
            ";",
            ":",
            ")",
            ">",
            "!",
            "?",
            "\"",
            "'",
            "\u{201d}.",
            "\u{bb})",
            "?!",
            "\u{2026}",
            ").",
        ] {
            let parsed = customer().parse(&format!("C-1042{end}"), &none());
            assert_eq!(parsed.unwrap().key, "C-1042", "{end}");
            let tab = BTreeMap::from([("tab".to_owned(), format!("notes{end}"))]);
            let parsed = customer().parse("C-1042", &tab).unwrap();
            assert_eq!(parsed.fields["tab"], "notes", "{end}");
        }
        for odd in [
            ".C-1042", "C-1042.x", "C-1042/", "C-1042=", "C-1042-", "...",
        ] {
            assert_eq!(customer().parse(odd, &none()), Err(Misnamed::Key), "{odd}");
        }
        // A pattern that matches the text as it is written keeps it.
        let mut dotted = customer();
        dotted.pattern = whole("[A-Z0-9.-]+").unwrap();
        assert_eq!(dotted.parse("C-1042.", &none()).unwrap().key, "C-1042.");
    }

    #[test]
    fn patterns_of_letters_in_any_script_are_taken_and_too_large_ones_say_so() {
        for pattern in [r"\w{1,30}", r"\w{1,200}", r"[\p{L}\d -]{1,60}", r"\d{6,12}"] {
            let pattern = whole(pattern).unwrap_or_else(|error| panic!("{error}"));
            assert!(pattern.is_match("123456"));
        }
        let error = whole(r"(\w{1,200}){1,200}").unwrap_err();
        assert!(error.contains("is too large: its repetitions"), "{error}");
        let error = whole("(C-[0-9]{4}").unwrap_err();
        assert!(
            error.contains("is not a regular expression: unclosed group"),
            "{error}"
        );
    }

    #[test]
    fn fields_are_typed() {
        let fields = |n: &str, v: &str| BTreeMap::from([(n.to_owned(), v.to_owned())]);
        let parsed = customer().parse("C-1042", &fields("tab", "notes")).unwrap();
        assert_eq!(parsed.fields["tab"], "notes");
        let unknown = customer().parse("C-1042", &fields("next", "https://evil"));
        assert_eq!(unknown, Err(Misnamed::UnknownField("next".into())));
        let bad = customer().parse("C-1042", &fields("tab", "No"));
        assert_eq!(bad, Err(Misnamed::Field("Tab".into())));
    }
}
