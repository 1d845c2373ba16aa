//! `jwt`: a signed token in the shape that its application requires ([`profile`]). It is the
//! weakest method: it exists because applications require it, most of them with a shared secret,
//! some of them in an address. It is a login: it is valid for a minute where that is enough, and
//! goes by form wherever a form is accepted.

mod claim;
mod profile;

use serde::Deserialize;
use serde_json::{Map, Value};
use url::{Position, Url, form_urlencoded::byte_serialize};
use zeroize::Zeroizing;

use self::{
    claim::{ClaimFacts, ClaimTemplate},
    profile::{Signs, To, TokenProfile, TokenTransport},
};
use super::{Departure, Handoff, HandoffKind, Landing, TOKEN_TYPE};
use crate::{
    id::{Artefact, lasting_id},
    keys::SharedSecret,
    kind::{Field, Settings, parse_settings},
    model::{address::web_address, context::Sensitivity},
    protocol::{jose::Algorithm, uri_template::within},
};

const FIELDS: &[Field] = &[
    Field {
        name: "profile",
        about: "whose shape it has: zendesk, metabase, metabase-embed, superset, grafana, looker, \
                or custom",
        needed: true,
        secret: false,
    },
    Field {
        name: "secret",
        about: "the secret that the application shares with us, where it does not take our own \
                signature; also as secret_file or secret_env",
        needed: false,
        secret: true,
    },
    Field {
        name: "claims",
        about: "what the token says besides what the profile says, or instead of it: a table whose \
                texts name sources, e.g. { tags = \"{groups}\" }",
        needed: false,
        secret: false,
    },
    Field {
        name: "subject",
        about: "what {subject} is: pairwise (default; no other receives it), or id",
        needed: false,
        secret: false,
    },
    Field {
        name: "address",
        about: "where the token goes, if the profile leaves it open: a path under base_url, or a \
                whole address",
        needed: false,
        secret: false,
    },
    Field {
        name: "alg",
        about: "ES256 or RS256, signed with our own keys; in a custom one also HS256 (default)",
        needed: false,
        secret: false,
    },
    Field {
        name: "way",
        about: "custom: how it travels: form (default), query or path",
        needed: false,
        secret: false,
    },
    Field {
        name: "field",
        about: "custom: what the form's field or the parameter is called (jwt)",
        needed: false,
        secret: false,
    },
    Field {
        name: "also",
        about: "custom: fields or parameters beside it, e.g. { return_to = \"{target}\" }",
        needed: false,
        secret: false,
    },
    Field {
        name: "life",
        about: "seconds it is good for",
        needed: false,
        secret: false,
    },
];

/// Claims of a token with our own signature that only Usher sets: our keys sign other tokens too,
/// and this one must never be accepted as one of them.
const OURS: [&str; 6] = ["iss", "aud", "iat", "nbf", "exp", "jti"];

struct Jwt {
    signer: Signer,
    claims: Vec<(String, ClaimTemplate)>,
    also: Vec<(String, ClaimTemplate)>,
    to: Destination,
    way: Travel,
    subject: JwtSubject,
    life: i64,
}

enum Signer {
    Shared(SharedSecret),
    Ours(Algorithm),
    Address {
        secret: SharedSecret,
        order: &'static [&'static str],
    },
}

enum Destination {
    /// Under the instance's `base_url`.
    Under(String),
    Elsewhere(Url),
    Target,
}

enum Travel {
    Form(String),
    Query(String),
    Path,
}

#[derive(Deserialize)]
struct JwtSettings {
    profile: String,
    secret: Option<Zeroizing<String>>,
    #[serde(default)]
    claims: Map<String, Value>,
    #[serde(default)]
    subject: JwtSubject,
    address: Option<String>,
    alg: Option<String>,
    way: Option<String>,
    field: Option<String>,
    also: Option<Map<String, Value>>,
    life: Option<i64>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum JwtSubject {
    #[default]
    Pairwise,
    Id,
}

/// The method's row.
pub(super) const KIND: HandoffKind = HandoffKind {
    name: "jwt",
    about: "a signed token in the shape that its application requires, by form or in an address",
    grade: 'J',
    fields: FIELDS,
    open,
};

fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    let written: JwtSettings = parse_settings(FIELDS, settings)?;
    let profile = profile::named(&written.profile)?;
    written.keeps_to(profile)?;
    let way = written.travel(profile)?;
    let signer = written.signer(profile)?;
    let life = written.life(profile)?;
    let claims = written.claims(profile, &signer)?;
    let also = written.also(profile)?;
    let to = written.destination(profile)?;
    Ok(Box::new(Jwt {
        signer,
        claims,
        also,
        to,
        way,
        subject: written.subject,
        life,
    }))
}

impl JwtSettings {
    /// Refuses settings that the profile determines.
    fn keeps_to(&self, profile: &TokenProfile) -> Result<(), String> {
        for (name, is_set) in [
            ("address", self.address.is_some()),
            ("alg", self.alg.is_some()),
            ("way", self.way.is_some()),
            ("field", self.field.is_some()),
            ("also", self.also.is_some()),
            ("life", self.life.is_some()),
        ] {
            if is_set && !profile.free.contains(&name) {
                return Err(format!(
                    "the profile {} says itself what {name} is",
                    profile.name
                ));
            }
        }
        let missing = profile
            .asks
            .iter()
            .find(|name| !self.claims.contains_key(**name));
        if let Some(name) = missing {
            return Err(format!(
                "the profile {} needs {name} among the claims",
                profile.name
            ));
        }
        Ok(())
    }

    fn signer(&self, profile: &TokenProfile) -> Result<Signer, String> {
        let ours = match (&profile.signs, self.alg.as_deref()) {
            (Signs::Ours, None) => Some(Algorithm::Es256),
            (Signs::Shared, None | Some("HS256")) | (Signs::Address { .. }, _) => None,
            (_, Some(name)) => Some(Algorithm::parse(name).ok_or_else(|| {
                format!("alg is ES256 or RS256, and HS256 in a custom profile, not \"{name}\"")
            })?),
        };
        let secret = match (ours, &self.secret) {
            (Some(alg), None) => return Ok(Signer::Ours(alg)),
            (Some(_), Some(_)) => {
                return Err("a token with our own signature needs no secret".to_owned());
            }
            (None, Some(secret)) => SharedSecret::of(secret.clone(), profile.shortest)?,
            (None, None) => {
                return Err("the setting \"secret\" is missing: the application's own".to_owned());
            }
        };
        Ok(match profile.signs {
            Signs::Address { order } => Signer::Address { secret, order },
            Signs::Shared | Signs::Ours => Signer::Shared(secret),
        })
    }

    fn life(&self, profile: &TokenProfile) -> Result<i64, String> {
        let (usual, longest) = profile.life;
        let life = self.life.unwrap_or(usual);
        match (1..=longest).contains(&life) {
            true => Ok(life),
            false => Err(format!("life is 1 to {longest} seconds, not {life}")),
        }
    }

    /// The claims of the profile, overridden by the admin's.
    fn claims(
        &self,
        profile: &TokenProfile,
        signer: &Signer,
    ) -> Result<Vec<(String, ClaimTemplate)>, String> {
        let mut all: Map<String, Value> = serde_json::from_str(profile.claims)
            .map_err(|error| format!("the profile {}: {error}", profile.name))?;
        all.extend(self.claims.clone());
        if let Signer::Ours(_) = signer {
            for name in OURS {
                if self.claims.contains_key(name) {
                    return Err(format!("claims: we say ourselves what {name} is"));
                }
                all.remove(name);
            }
        }
        templates("claims", &all)
    }

    fn also(&self, profile: &TokenProfile) -> Result<Vec<(String, ClaimTemplate)>, String> {
        let mut all: Map<String, Value> = profile
            .also
            .iter()
            .map(|(name, text)| ((*name).to_owned(), Value::from(*text)))
            .collect();
        all.extend(self.also.clone().unwrap_or_default());
        for (name, value) in &all {
            is_name(name)?;
            if !value.is_string() {
                return Err(format!("also: {name} must be a text"));
            }
        }
        templates("also", &all)
    }

    fn travel(&self, profile: &TokenProfile) -> Result<Travel, String> {
        let (way, field) = match profile.way {
            TokenTransport::Form(field) => ("form", field),
            TokenTransport::Query(field) => ("query", field),
            TokenTransport::Path => ("path", ""),
        };
        let field = self.field.clone().unwrap_or_else(|| field.to_owned());
        match self.way.as_deref().unwrap_or(way) {
            "path" => Ok(Travel::Path),
            "form" => is_name(&field).map(|()| Travel::Form(field)),
            "query" => is_name(&field).map(|()| Travel::Query(field)),
            other => Err(format!("way is form, query or path, not \"{other}\"")),
        }
    }

    fn destination(&self, profile: &TokenProfile) -> Result<Destination, String> {
        match (profile.to, self.address.as_deref()) {
            (_, Some(path)) if path.starts_with('/') && !path.starts_with("//") => {
                Ok(Destination::Under(path.to_owned()))
            }
            (_, Some(address)) => web_address(address).map(Destination::Elsewhere),
            (To::Base(path), None) => Ok(Destination::Under(path.to_owned())),
            (To::Target, None) => Ok(Destination::Target),
            (To::Written, None) => {
                Err("the setting \"address\" is missing: where the token goes".to_owned())
            }
        }
    }
}

fn templates(
    place: &str,
    all: &Map<String, Value>,
) -> Result<Vec<(String, ClaimTemplate)>, String> {
    let parse = |(name, value): (&String, &Value)| {
        let template = ClaimTemplate::parse(value);
        let template = template.map_err(|fault| format!("{place}: {name}: {fault}"))?;
        Ok((name.clone(), template))
    };
    all.iter().map(parse).collect()
}

/// Refuses what is not a valid name of a form field.
fn is_name(text: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    match (1..=64).contains(&text.len()) && text.bytes().all(plain) {
        true => Ok(()),
        false => Err(format!(
            "\"{text}\" is no name of a field: letters, digits, - _ and ."
        )),
    }
}

impl Handoff for Jwt {
    fn client(&self) -> Option<&str> {
        None
    }

    fn artefact(&self) -> Option<Artefact> {
        None
    }

    fn has_no_logout(&self) -> bool {
        true
    }

    fn land(&self, departure: &Departure) -> Result<Landing, String> {
        self.may_travel(departure)?;
        let jti = lasting_id(departure.now, departure.chance);
        let subject = self.subject(departure);
        let facts = ClaimFacts {
            departure,
            subject: &subject,
            jti: &jti,
            life: self.life,
        };
        let claims = fill(&self.claims, &facts)?;
        let token = match &self.signer {
            Signer::Address { secret, order } => {
                return self.signed_address(departure, &claims, secret, order);
            }
            Signer::Shared(secret) => secret.jwt(&Value::Object(claims)),
            Signer::Ours(alg) => ours(*alg, claims, &facts)?,
        };
        let mut url = self.address(departure)?;
        let also = fill(&self.also, &facts)?;
        let also = also.iter().map(|(name, value)| (name.clone(), text(value)));
        Ok(match &self.way {
            Travel::Form(field) => {
                let token = std::iter::once((field.clone(), token));
                Landing::post(url, token.chain(also))
            }
            Travel::Query(field) => {
                url.query_pairs_mut()
                    .append_pair(field, &token)
                    .extend_pairs(also);
                Landing::Redirect(url)
            }
            Travel::Path => {
                let mut url = beneath(&url, &token)?;
                for (name, value) in also {
                    url.query_pairs_mut().append_pair(&name, &value);
                }
                Landing::Redirect(url)
            }
        })
    }
}

impl Jwt {
    /// A token in an address can be read by third parties: there, the key of a special type is not
    /// sent.
    fn may_travel(&self, departure: &Departure) -> Result<(), String> {
        let special = departure
            .record
            .is_some_and(|record| record.kind.sensitivity == Sensitivity::Special);
        match (&self.way, special) {
            (Travel::Query(_) | Travel::Path, true) => {
                Err("a record of a special type does not travel in an address".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn subject(&self, departure: &Departure) -> String {
        let user = &departure.who.user.id;
        match self.subject {
            JwtSubject::Id => user.to_string(),
            JwtSubject::Pairwise => {
                let sector = departure.base.origin().ascii_serialization();
                departure.keys.pairwise(&sector, user)
            }
        }
    }

    fn address(&self, departure: &Departure) -> Result<Url, String> {
        match &self.to {
            Destination::Under(path) => {
                within(departure.base, path).map_err(|error| error.to_string())
            }
            Destination::Elsewhere(url) => Ok(url.clone()),
            Destination::Target => Ok(departure.target.clone()),
        }
    }

    /// An address that is signed itself. What is signed and what is sent is the same JSON.
    fn signed_address(
        &self,
        departure: &Departure,
        claims: &Map<String, Value>,
        secret: &SharedSecret,
        order: &[&str],
    ) -> Result<Landing, String> {
        let inside = departure.target[Position::BeforePath..].as_bytes();
        let inside = byte_serialize(inside)
            .collect::<String>()
            .replace('+', "%20");
        let mut url = beneath(&self.address(departure)?, &inside)?;
        let host = &url[Position::BeforeHost..Position::AfterPort];
        let mut lines = vec![host.to_owned(), url.path().to_owned()];
        let ordered = order.iter().filter_map(|name| claims.get(*name));
        lines.extend(ordered.map(Value::to_string));
        let signature = secret.sha1(&lines.join("\n"));
        let pairs = claims.iter().map(|(name, value)| (name, value.to_string()));
        url.query_pairs_mut()
            .extend_pairs(pairs)
            .append_pair("signature", &signature);
        Ok(Landing::Redirect(url))
    }
}

fn fill(
    templates: &[(String, ClaimTemplate)],
    facts: &ClaimFacts,
) -> Result<Map<String, Value>, String> {
    let fill = |(name, template): &(String, ClaimTemplate)| {
        let value = template.fill(facts).transpose()?;
        let within = |fault| format!("{name}: {fault}");
        Some(value.map(|value| (name.clone(), value)).map_err(within))
    };
    templates.iter().filter_map(fill).collect()
}

/// A token with our own signature: typed, for one audience, for a limited time; it is not accepted
/// as any other (RFC 8725 section 3.11).
fn ours(
    alg: Algorithm,
    mut claims: Map<String, Value>,
    facts: &ClaimFacts,
) -> Result<String, String> {
    let departure = facts.departure;
    let now = departure.now.secs();
    let audience = departure.base.origin().ascii_serialization();
    let said: [Value; OURS.len()] = [
        departure.issuer.into(),
        audience.into(),
        now.into(),
        now.into(),
        (now + facts.life).into(),
        facts.jti.into(),
    ];
    for (name, value) in OURS.into_iter().zip(said) {
        claims.insert(name.to_owned(), value);
    }
    let token = departure.keys.sign(alg, Some(TOKEN_TYPE), &claims);
    token.map_err(|error| error.to_string())
}

/// Appends one segment to a path.
fn beneath(url: &Url, segment: &str) -> Result<Url, String> {
    let mut url = url.clone();
    let path = format!("{}/{segment}", url.path().trim_end_matches('/'));
    url.set_path(&path);
    Ok(url)
}

/// A field's value as text for a form.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
