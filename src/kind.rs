//! The common form of all *parts*: an identity protocol or a hand-off method is one file with a
//! table row ([`Kind`]). The row's [`Field`]s define what an admin fills in and which values are
//! secret; the seed's checks, the redaction and the reference documentation follow from them.

use std::pin::Pin;

use serde::de::DeserializeOwned;

/// A part's settings as an admin wrote them.
pub type Settings = serde_json::Map<String, serde_json::Value>;

/// A future in a box: what object-safe asynchronous traits return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One setting of a part.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    /// One line, for the admin.
    pub about: &'static str,
    pub needed: bool,
    pub secret: bool,
}

/// A row of a table of parts; `O` is the function that opens one.
pub struct Kind<O: 'static> {
    pub name: &'static str,
    pub about: &'static str,
    pub fields: &'static [Field],
    pub open: O,
}

/// A row of a table of parts.
pub trait Row {
    fn name(&self) -> &'static str;
}

impl<O> Row for Kind<O> {
    fn name(&self) -> &'static str {
        self.name
    }
}

/// The row called `name`, or a sentence naming those there are.
pub fn find<R: Row>(rows: &'static [R], name: &str) -> Result<&'static R, String> {
    rows.iter().find(|row| row.name() == name).ok_or_else(|| {
        let known: Vec<_> = rows.iter().map(Row::name).collect();
        format!(
            "there is no kind \"{name}\"; the known ones are {}",
            known.join(", ")
        )
    })
}

/// Parses a part's own settings struct, after checking names against its [`Field`]s, so that a
/// misspelt key is named together with the known ones.
pub fn parse_settings<T: DeserializeOwned>(
    fields: &[Field],
    settings: &Settings,
) -> Result<T, String> {
    let known = || {
        fields
            .iter()
            .map(|field| field.name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    for name in settings.keys() {
        if !fields.iter().any(|field| field.name == name) {
            return Err(format!(
                "unknown setting \"{name}\"; the known ones are {}",
                known()
            ));
        }
    }
    for field in fields.iter().filter(|field| field.needed) {
        if !settings.contains_key(field.name) {
            return Err(format!(
                "the setting \"{}\" is missing: {}",
                field.name, field.about
            ));
        }
    }
    serde_json::from_value(serde_json::Value::Object(settings.clone()))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[Field] = &[Field {
        name: "client",
        about: "the client's id",
        needed: true,
        secret: false,
    }];

    #[derive(serde::Deserialize, Debug)]
    struct Example {
        client: String,
    }

    fn settings(text: &str) -> Settings {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_misspelt_setting_is_named_with_the_known_ones() {
        let error = parse_settings::<Example>(FIELDS, &settings(r#"{"cleint":"x"}"#)).unwrap_err();
        assert_eq!(
            error,
            "unknown setting \"cleint\"; the known ones are client"
        );
    }

    #[test]
    fn a_needed_setting_is_missed() {
        let error = parse_settings::<Example>(FIELDS, &settings("{}")).unwrap_err();
        assert!(error.contains("\"client\" is missing"), "{error}");
        let fine = parse_settings::<Example>(FIELDS, &settings(r#"{"client":"a"}"#)).unwrap();
        assert_eq!(fine.client, "a");
    }
}
