//! The texts of the user interface, in one catalogue per language.
//!
//! Templates and handlers look a text up by its key; no text for users is written anywhere else.
//! The catalogues are Project Fluent files inside the binary, parsed once. The texts of a part are
//! beside it (`src/handoff/code.en.ftl`), those of an area's pages beside their templates
//! (`templates/account/texts.en.ftl`), and texts that several areas share are in `src/text`.
//! `build.rs` collects them; one language is one bundle, so that a text may refer to one in another
//! file.
//!
//! Texts without variables are formatted when the catalogue is parsed, so that getting one is a
//! hash look-up. This module never fails at run time: a missing key is answered with itself, which
//! a test at the bottom rules out for every key the source mentions.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

// `GATHERED`: per language tag its files, each with its path and its content.
include!(concat!(env!("OUT_DIR"), "/texts.rs"));

/// The one argument that is a number: plural rules apply to it. Every other argument is text, so
/// that a key such as `007` keeps its zeros.
const NUMBER: &str = "count";

/// A language the catalogue is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Language {
    #[default]
    En,
    De,
}

impl Language {
    /// Every language, in the order of the language switch.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// Reads a language tag (RFC 5646); region and script do not matter: `de-AT` is German.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Selects the language from an `Accept-Language` header (RFC 9110, section 12.5.4) by its
    /// weights.
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best = None;
        for range in header.split(',') {
            let (tag, weight) = weighted(range);
            if let Some(language) = Self::parse(tag)
                && weight > best.map_or(0.0, |(_, best)| best)
            {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }

    /// The tag for `lang=` and `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language's name in itself, for the switch.
    pub fn own_name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }
}

/// One element of the header: a range and its weight, which is 1 unless `;q=` gives less. A weight
/// that is no number between 0 and 1 (`nan`, `9`) counts as not wanted.
fn weighted(range: &str) -> (&str, f32) {
    let mut parts = range.split(';').map(str::trim);
    let tag = parts.next().unwrap_or_default();
    let weight = parts.find_map(|part| part.strip_prefix("q="));
    let weight = weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0));
    (
        tag,
        if (0.0..=1.0).contains(&weight) {
            weight
        } else {
            0.0
        },
    )
}

/// All texts of one language.
pub struct Texts {
    language: Language,
    plain: HashMap<String, String>,
    bundle: FluentBundle<FluentResource>,
}

impl Texts {
    /// The texts of a language; built at first use, then shared.
    pub fn of(language: Language) -> &'static Self {
        static ENGLISH_TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts::open(Language::En));
        static GERMAN_TEXTS: LazyLock<Texts> = LazyLock::new(|| Texts::open(Language::De));
        match language {
            Language::En => &ENGLISH_TEXTS,
            Language::De => &GERMAN_TEXTS,
        }
    }

    pub fn language(&self) -> Language {
        self.language
    }

    /// The text of a key that takes no variables.
    pub fn say<'a>(&'a self, key: &'a str) -> &'a str {
        self.plain.get(key).map_or(key, String::as_str)
    }

    /// The text of a key with its variables filled in. The result is plain text: the caller that
    /// puts it into a page escapes it there. The variable `count` is a number, all others are text.
    pub fn with(&self, key: &str, variables: &[(&str, &str)]) -> String {
        let arguments = variables
            .iter()
            .map(|(name, value)| argument(name, value))
            .collect();
        format(&self.bundle, key, Some(&arguments)).map_or_else(|| key.to_owned(), Cow::into_owned)
    }

    /// The text before and after the one variable, for a page that shows the variable in its own
    /// markup.
    pub fn around(&self, key: &str, variable: &str) -> (String, String) {
        let text = self.with(key, &[(variable, "\u{1}")]);
        match text.split_once('\u{1}') {
            Some((before, after)) => (before.to_owned(), after.to_owned()),
            None => (text, String::new()),
        }
    }

    fn open(language: Language) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![identifier(language)]);
        // The marks would be visible in headers, titles and tests; every text here has one
        // direction.
        bundle.set_use_isolating(false);
        // English first: a text that the other language lacks is then shown in English.
        let english = files(Language::En);
        let other = match language {
            Language::En => &[],
            other => files(other),
        };
        for (_, source) in english.iter().chain(other) {
            bundle.add_resource_overriding(resource(source));
        }
        let plain = english
            .iter()
            .flat_map(|(_, source)| keys(source))
            .filter_map(|key| Some((key.to_owned(), plain(&bundle, key)?)))
            .collect();
        Self {
            language,
            plain,
            bundle,
        }
    }
}

fn identifier(language: Language) -> LanguageIdentifier {
    language.tag().parse().unwrap_or_default()
}

/// The files of a language: path and content.
fn files(language: Language) -> &'static [(&'static str, &'static str)] {
    let of_it = GATHERED.iter().find(|(tag, _)| *tag == language.tag());
    of_it.map_or(&[], |(_, files)| files)
}

/// A file of texts; what Fluent cannot parse is left out, and the tests below ensure that nothing
/// is.
fn resource(source: &str) -> FluentResource {
    FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial)
}

fn argument<'a>(name: &'a str, value: &'a str) -> (&'a str, FluentValue<'a>) {
    let value = if name == NUMBER {
        FluentValue::try_number(value)
    } else {
        value.into()
    };
    (name, value)
}

fn plain(bundle: &FluentBundle<FluentResource>, key: &str) -> Option<String> {
    format(bundle, key, None).map(Cow::into_owned)
}

/// Formats one message; `None` if it is missing or needs variables it was not given.
fn format<'a>(
    bundle: &'a FluentBundle<FluentResource>,
    key: &str,
    arguments: Option<&'a FluentArgs<'_>>,
) -> Option<Cow<'a, str>> {
    let pattern = bundle.get_message(key)?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, arguments, &mut errors);
    (arguments.is_some() || errors.is_empty()).then_some(text)
}

/// The keys of a file, in its order: the lines that start a message.
fn keys(source: &str) -> impl Iterator<Item = &str> {
    source
        .lines()
        .filter(|line| line.starts_with(|first: char| first.is_ascii_lowercase()))
        .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn the_header_with_the_highest_weight_wins() {
        assert_eq!(
            Language::accepted("de-AT,de;q=0.9,en;q=0.8"),
            Some(Language::De)
        );
        assert_eq!(
            Language::accepted("fr, de;q=0.3, en;q=0.7"),
            Some(Language::En)
        );
        assert_eq!(Language::accepted("en;q=0, de;q=nan, fr"), None);
        assert_eq!(Language::accepted("*"), None);
        assert_eq!(Language::parse("DE_ch"), Some(Language::De));
    }

    #[test]
    fn a_missing_key_answers_with_itself() {
        assert_eq!(Texts::of(Language::De).say("no-such-key"), "no-such-key");
        assert_eq!(
            Texts::of(Language::En).with("no-such-key", &[]),
            "no-such-key"
        );
    }

    #[test]
    fn a_text_has_no_isolation_marks_and_keeps_leading_zeros() {
        let texts = Texts::of(Language::En);
        assert_eq!(
            texts.with("open-found", &[("record", "007")]),
            "Where to open 007?"
        );
        assert_eq!(
            texts.with("when-future-minutes", &[("count", "1")]),
            "in 1 minute"
        );
        assert_eq!(
            texts.with("when-future-minutes", &[("count", "20")]),
            "in 20 minutes"
        );
        assert_eq!(
            texts.around("sign-in-onward", "target"),
            ("After signing in, you will be taken to ".into(), ".".into())
        );
    }

    #[test]
    fn every_file_is_readable_and_has_the_same_keys_and_variables_in_every_language() {
        let faults = faults(GATHERED);
        assert!(faults.is_empty(), "{faults:#?}");
        for language in Language::ALL {
            for (key, variables) in files(language).iter().flat_map(|(_, text)| variables(text)) {
                assert_eq!(
                    variables.is_empty(),
                    Texts::of(language).say(key) != key,
                    "{key} in {language:?}"
                );
            }
        }
    }

    #[test]
    fn a_missing_language_file_key_or_variable_is_found_and_named() {
        let english: &[_] = &[
            ("a/cas.en.ftl", "one = One\ntwo = Two { $name }\n"),
            ("a/saml.en.ftl", "three = Three\n"),
        ];
        let german: &[_] = &[("a/cas.de.ftl", "two = Zwei\nfour = Vier\n")];
        assert_eq!(
            faults(&[("de", german), ("en", english)]),
            [
                "a/cas.de.ftl: one is missing",
                "a/cas.de.ftl: two has not the variables that it has in a/cas.en.ftl",
                "a/cas.en.ftl: four is missing",
                "a/saml.de.ftl is missing",
            ]
        );
        assert_eq!(
            faults(&[("en", &english[1..])]),
            ["a/saml.de.ftl is missing"]
        );
        let unreadable = faults(&[
            ("de", &[("a/cas.de.ftl", "one = Eins\ntwo = { $name\n")]),
            ("en", &english[..1]),
        ]);
        assert!(
            unreadable[0].starts_with("a/cas.de.ftl:2: "),
            "{unreadable:?}"
        );
        let unknown = faults(&[("fr", &[("a/cas.fr.ftl", "one = Un\n")])]);
        assert_eq!(unknown[0], "a/cas.fr.ftl: fr is no language of `Language`");
    }

    #[test]
    fn every_key_the_source_mentions_is_in_the_catalogue() {
        let english = files(Language::En).iter();
        let known: BTreeSet<_> = english.flat_map(|(_, text)| keys(text)).collect();
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in [
            sources(&root.join("templates")),
            sources(&root.join("src/http")),
        ]
        .concat()
        {
            let source = fs::read_to_string(&file).expect("a readable source file");
            let source = source
                .split("mod tests")
                .next()
                .expect("split yields at least one part");
            for key in mentioned(source) {
                assert!(known.contains(key), "{key} in {}", file.display());
            }
        }
    }

    /// The faults of the files, each with its name: syntax errors, and differences between the
    /// languages.
    fn faults(gathered: &[(&str, &[(&str, &str)])]) -> Vec<String> {
        let mut faults = Vec::new();
        // A file's name without its language, which is the same in every language.
        let mut parts: BTreeMap<&str, HashMap<Language, &str>> = BTreeMap::new();
        for (tag, files) in gathered {
            for (path, text) in *files {
                faults.extend(syntax_errors(path, text));
                let part = path.strip_suffix(&format!("{tag}.ftl"));
                match (part, Language::parse(tag)) {
                    (Some(part), Some(language)) => {
                        parts.entry(part).or_default().insert(language, text);
                    }
                    _ => faults.push(format!("{path}: {tag} is no language of `Language`")),
                }
            }
        }
        for (part, texts) in parts {
            faults.extend(differences(part, &texts));
        }
        faults.sort();
        faults.dedup();
        faults
    }

    fn syntax_errors(path: &str, text: &str) -> Vec<String> {
        let Err((_, errors)) = FluentResource::try_new(text.to_owned()) else {
            return Vec::new();
        };
        let lines = errors.iter().map(|error| {
            let message = error.slice.as_ref().unwrap_or(&error.pos);
            let line = text[..message.start].matches('\n').count() + 1;
            format!("{path}:{line}: {error}")
        });
        lines.collect()
    }

    /// The keys of a file that one language has and another has not.
    fn differences(part: &str, texts: &HashMap<Language, &str>) -> Vec<String> {
        let mut faults = Vec::new();
        for other in Language::ALL {
            let file = format!("{part}{}.ftl", other.tag());
            let Some(text) = texts.get(&other) else {
                faults.push(format!("{file} is missing"));
                continue;
            };
            let there = variables(text);
            for (language, text) in texts {
                for (key, wanted) in variables(text) {
                    match there.get(key) {
                        None => faults.push(format!("{file}: {key} is missing")),
                        Some(had) if !had.is_superset(&wanted) => faults.push(format!(
                            "{file}: {key} has not the variables that it has in {part}{}.ftl",
                            language.tag()
                        )),
                        Some(_) => {}
                    }
                }
            }
        }
        faults
    }

    /// The variables each message of a file mentions.
    fn variables(source: &str) -> HashMap<&str, BTreeSet<&str>> {
        let mut found: HashMap<&str, BTreeSet<&str>> = HashMap::new();
        let mut key = "";
        let comment = |line: &&str| line.is_empty() || line.starts_with('#');
        for line in source
            .lines()
            .skip_while(comment)
            .filter(|line| !comment(line))
        {
            key = keys(line).next().unwrap_or(key);
            let names = line
                .split('$')
                .skip(1)
                .map(|rest| rest.split([' ', '}', ')']).next().unwrap_or(rest));
            found.entry(key).or_default().extend(names);
        }
        found
    }

    /// The literal keys in calls of `.say("…")`, `.with("…")` and `.around("…")`.
    fn mentioned(source: &str) -> impl Iterator<Item = &str> {
        let calls = [".say(\"", ".with(\"", ".around(\""].into_iter();
        calls
            .flat_map(|call| source.split(call).skip(1))
            .filter_map(|rest| rest.split('"').next())
    }

    fn sources(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder)
            .expect("the folder")
            .map(|entry| entry.expect("an entry").path());
        entries
            .flat_map(|path| {
                if path.is_dir() {
                    sources(&path)
                } else {
                    vec![path]
                }
            })
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "rs" || extension == "html")
            })
            .collect()
    }
}
