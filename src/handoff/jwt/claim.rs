//! Claims as an admin writes them: JSON whose texts are templates over a fixed list of sources. A
//! text that is one source alone becomes its value, with its type; in a longer text a source may
//! only be a plain word, so that no record's key can inject syntax into another language (a
//! row-level rule, say). A source with a `?` is left out where its value is not known.

use serde_json::{Map, Value, json};
use url::Position;

use crate::handoff::Departure;

/// The sources a token can draw on, with descriptions. `(…)` stands for a name of the admin's.
pub(super) const SOURCES: &[(&str, &str)] = &[
    ("login", "the user's name, which no other user has"),
    ("name", "the user's name"),
    (
        "first_name",
        "given_name, or all of the name but its last word",
    ),
    (
        "last_name",
        "family_name, or the last word of a name of several",
    ),
    (
        "mail",
        "the mail address, if it is verified: applications know users by it",
    ),
    ("groups", "the groups, a list, if all of them are known"),
    (
        "attribute(…)",
        "another attribute of the user, its first value",
    ),
    (
        "subject",
        "who it is, the same each time: as the setting subject says",
    ),
    ("key", "the record's key"),
    ("number(key)", "the same as a number"),
    ("type", "the record's type"),
    (
        "id(…)",
        "the record's key, if it is of this identifier system",
    ),
    ("field(…)", "one of the record's further fields"),
    ("fields", "all of them, an object"),
    ("target", "the record's address"),
    ("path", "the same without scheme and host"),
    (
        "base",
        "the instance's base_url, without a slash at its end",
    ),
    ("issuer", "the portal's address"),
    ("intent", "what is meant to be done there"),
    ("launch", "the launch's id"),
    ("now", "the time, in seconds"),
    ("exp", "the time at which the token ends, in seconds"),
    ("life", "the seconds it is good for"),
    ("jti", "an id of the token's own"),
];

/// What the sources are read from.
pub(super) struct ClaimFacts<'a> {
    pub departure: &'a Departure<'a>,
    pub subject: &'a str,
    pub jti: &'a str,
    pub life: i64,
}

/// A value with sources in it.
pub(super) enum ClaimTemplate {
    Constant(Value),
    One(ClaimSource),
    Mixed(Vec<ClaimPiece>),
    List(Vec<ClaimTemplate>),
    Table(Vec<(String, ClaimTemplate)>),
}

pub(super) enum ClaimPiece {
    Text(String),
    Word(ClaimSource),
}

pub(super) struct ClaimSource {
    /// As it is written in [`SOURCES`], up to the parenthesis.
    name: &'static str,
    argument: String,
    may_miss: bool,
}

impl ClaimTemplate {
    pub fn parse(value: &Value) -> Result<Self, String> {
        Ok(match value {
            Value::String(text) => Self::of_text(text)?,
            Value::Array(items) => {
                ClaimTemplate::List(items.iter().map(Self::parse).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => {
                let members = members.iter().map(|(name, value)| {
                    let within = |fault| format!("{name}: {fault}");
                    Ok((name.clone(), Self::parse(value).map_err(within)?))
                });
                ClaimTemplate::Table(members.collect::<Result<_, String>>()?)
            }
            other => ClaimTemplate::Constant(other.clone()),
        })
    }

    pub fn of_text(text: &str) -> Result<Self, String> {
        let mut pieces = pieces(text)?;
        match pieces.as_mut_slice() {
            [] => Ok(ClaimTemplate::Constant(json!(""))),
            [ClaimPiece::Text(text)] => Ok(ClaimTemplate::Constant(json!(text))),
            [ClaimPiece::Word(_)] => match pieces.pop() {
                Some(ClaimPiece::Word(source)) => Ok(ClaimTemplate::One(source)),
                _ => Ok(ClaimTemplate::Mixed(pieces)),
            },
            _ => Ok(ClaimTemplate::Mixed(pieces)),
        }
    }

    /// The value; `None` if it is optional and missing.
    pub fn fill(&self, facts: &ClaimFacts) -> Result<Option<Value>, String> {
        Ok(Some(match self {
            ClaimTemplate::Constant(value) => value.clone(),
            ClaimTemplate::One(source) => return source.value(facts),
            ClaimTemplate::Mixed(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        ClaimPiece::Text(plain) => text.push_str(plain),
                        ClaimPiece::Word(source) => text.push_str(&source.word(facts)?),
                    }
                }
                Value::String(text)
            }
            ClaimTemplate::List(items) => {
                let items = items.iter().filter_map(|item| item.fill(facts).transpose());
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            ClaimTemplate::Table(members) => {
                let members = members.iter().filter_map(|(name, template)| {
                    let value = template.fill(facts).transpose()?;
                    let within = |fault| format!("{name}: {fault}");
                    Some(value.map(|value| (name.clone(), value)).map_err(within))
                });
                Value::Object(members.collect::<Result<Map<_, _>, String>>()?)
            }
        }))
    }
}

fn pieces(text: &str) -> Result<Vec<ClaimPiece>, String> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (plain, after) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
        if plain.contains('}') {
            return Err("a } closes nothing".to_owned());
        }
        if !plain.is_empty() {
            pieces.push(ClaimPiece::Text(plain.to_owned()));
        }
        let Some(after) = after.strip_prefix('{') else {
            break;
        };
        let (inner, after) = after.split_once('}').ok_or("a { is not closed")?;
        pieces.push(ClaimPiece::Word(ClaimSource::parse(inner)?));
        rest = after;
    }
    Ok(pieces)
}

impl ClaimSource {
    fn parse(text: &str) -> Result<Self, String> {
        let (bare, may_miss) = match text.strip_suffix('?') {
            Some(bare) => (bare, true),
            None => (text, false),
        };
        let (name, argument) = match bare.strip_suffix(')').and_then(|bare| bare.split_once('(')) {
            Some((name, argument)) => (name, Some(argument)),
            None => (bare, None),
        };
        let known = SOURCES.iter().find_map(|(known, _)| {
            let (stem, wants) = match known.split_once('(') {
                Some((stem, wants)) => (stem, Some(wants.trim_end_matches(')'))),
                None => (*known, None),
            };
            let fits = match (wants, argument) {
                (None, None) => true,
                (Some("…"), Some(argument)) => !argument.is_empty(),
                (Some(wants), Some(argument)) => wants == argument,
                _ => false,
            };
            (stem == name && fits).then_some(stem)
        });
        let name = known.ok_or_else(|| {
            let all: Vec<_> = SOURCES.iter().map(|(name, _)| *name).collect();
            format!(
                "there is no source {{{text}}}; the known ones are {}",
                all.join(", ")
            )
        })?;
        Ok(Self {
            name,
            argument: argument.unwrap_or_default().to_owned(),
            may_miss,
        })
    }

    fn value(&self, facts: &ClaimFacts) -> Result<Option<Value>, String> {
        match self.find(facts)? {
            None if !self.may_miss => Err(match self.name {
                "mail" => "{mail} is not known here, or it is not verified: the user's provider \
                           answers for no address of its domain (scopes), and the user has not \
                           confirmed it"
                    .to_owned(),
                "groups" => "{groups} is not known here: the user's provider did not send all of \
                             them"
                    .to_owned(),
                _ => format!("{} is not known here", self.spelt()),
            }),
            found => Ok(found),
        }
    }

    /// The value as a part of a longer text.
    fn word(&self, facts: &ClaimFacts) -> Result<String, String> {
        let text = match self.value(facts)? {
            None => String::new(),
            Some(Value::String(text)) => text,
            Some(Value::Number(number)) => number.to_string(),
            Some(_) => {
                let spelt = self.spelt();
                return Err(format!("{spelt} can only stand alone"));
            }
        };
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:@/+".contains(&byte);
        match text.bytes().all(plain) {
            true => Ok(text),
            false => Err(format!(
                "{} is no plain word here, so it can only stand alone",
                self.spelt()
            )),
        }
    }

    fn find(&self, facts: &ClaimFacts) -> Result<Option<Value>, String> {
        let departure = facts.departure;
        let (user, record) = (&departure.who.user, departure.record);
        let context = record.map(|record| record.context);
        let attribute = |name: &str| user.attributes.first(name);
        Ok(match self.name {
            "login" => Some(json!(user.username)),
            "name" => Some(json!(user.name)),
            "first_name" => {
                let split = user
                    .name
                    .rsplit_once(' ')
                    .map_or(user.name.as_str(), |(first, _)| first);
                Some(attribute("given_name").unwrap_or(split))
                    .filter(|name| !name.is_empty())
                    .map(|name| json!(name))
            }
            "last_name" => {
                let split = user.name.rsplit_once(' ').map(|(_, last)| last);
                attribute("family_name").or(split).map(|name| json!(name))
            }
            "mail" => self.mail(facts).map(|mail| json!(mail)),
            "groups" => user.attributes.groups().map(|groups| json!(groups)),
            "attribute" if self.argument == "mail" => self.mail(facts).map(|mail| json!(mail)),
            "attribute" => attribute(&self.argument).map(|value| json!(value)),
            "subject" => Some(json!(facts.subject)),
            "key" => context.map(|context| json!(context.key)),
            "number" => match context {
                Some(context) => Some(json!(number(&context.key)?)),
                None => None,
            },
            "type" => context.map(|context| json!(context.kind)),
            "id" => record
                .filter(|record| record.kind.system == self.argument)
                .map(|record| json!(record.context.key)),
            "field" => context
                .and_then(|context| context.fields.get(&self.argument))
                .map(|value| json!(value)),
            "fields" => context.map(|context| json!(context.fields)),
            "target" => Some(json!(departure.target.as_str())),
            "path" => Some(json!(&departure.target[Position::BeforePath..])),
            "base" => Some(json!(departure.base.as_str().trim_end_matches('/'))),
            "issuer" => Some(json!(departure.issuer)),
            "intent" => Some(json!(departure.intent)),
            "launch" => Some(json!(departure.launch.as_str())),
            "now" => Some(json!(departure.now.secs())),
            "exp" => Some(json!(departure.now.secs() + facts.life)),
            "life" => Some(json!(facts.life)),
            "jti" => Some(json!(facts.jti)),
            other => return Err(format!("the source {other} is unknown")),
        })
    }

    fn mail<'a>(&self, facts: &'a ClaimFacts) -> Option<&'a str> {
        let known = facts.departure.who.user.attributes.first("mail");
        known.filter(|_| facts.departure.mail.may_be_key())
    }

    fn spelt(&self) -> String {
        match self.argument.as_str() {
            "" => format!("{{{}}}", self.name),
            argument => format!("{{{}({argument})}}", self.name),
        }
    }
}

/// Parses a key of digits whose number has the same text in JSON.
fn number(key: &str) -> Result<i64, String> {
    let digits = key.len() <= 15 && key.bytes().all(|byte| byte.is_ascii_digit());
    let number = key.parse().ok().filter(|_| digits);
    number.ok_or_else(|| "the record's key is no number".to_owned())
}
