//! An admin's settings for a token, and what is wrong with them. The profile determines some of them.

use serde::Deserialize;
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::{
    Destination, Jwt, JwtSubject, OURS, Signer, Travel,
    claim::ClaimTemplate,
    profile::{self, Signs, To, TokenProfile, TokenTransport},
};
use crate::{
    handoff::Handoff,
    keys::SharedSecret,
    kind::{Field, Settings, parse_settings},
    model::address::web_address,
    protocol::jose::Algorithm,
};

/// The settings, with their meanings.
pub(super) const FIELDS: &[Field] = &[
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

/// A hand-off with these settings; an error is a sentence for the admin.
pub(super) fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
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
