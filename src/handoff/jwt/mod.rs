//! `jwt`: a signed token in the shape that its application requires ([`profile`]). It is the
//! weakest method: it exists because applications require it, most of them with a shared secret,
//! some of them in an address. It is a login: it is valid for a minute where that is enough, and
//! goes by form wherever a form is accepted.

mod claim;
mod profile;
mod settings;

use serde::Deserialize;
use serde_json::{Map, Value};
use url::{Position, Url, form_urlencoded::byte_serialize};

use self::{
    claim::{ClaimFacts, ClaimTemplate},
    settings::{FIELDS, open},
};
use super::{Departure, Handoff, HandoffKind, Landing, TOKEN_TYPE};
use crate::{
    id::{Artefact, lasting_id},
    keys::SharedSecret,
    model::context::Sensitivity,
    protocol::{jose::Algorithm, uri_template::within},
};

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
