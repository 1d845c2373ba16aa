//! `form_jwt`: identity and record in a signed JWT, posted by the browser. For applications that
//! can verify a signature but make no back-channel call. The token is a login: it is posted, never
//! put into an address; is valid for a minute, names one audience and is to be used once. An
//! application that can redeem a code is better served by `code`, which is useless to an attacker
//! who reads it.

use serde::{Deserialize, Serialize};
use url::Url;

use super::{Departure, Handoff, HandoffKind, Landing, TOKEN_TYPE};
use crate::{
    clock::Time,
    id::{Artefact, lasting_id},
    kind::{Field, Settings, parse_settings},
    model::{
        address::web_address,
        context::CarriedContext,
        launch::return_uri,
        party::{PartyKind, PartySession},
    },
    protocol::jose::Algorithm,
};

const FIELDS: &[Field] = &[
    Field {
        name: "client",
        about: "the client the application is registered as: the token's audience",
        needed: true,
        secret: false,
    },
    Field {
        name: "handoff_uri",
        about: "where the token is posted, e.g. https://desk.example.org/handoff",
        needed: true,
        secret: false,
    },
    Field {
        name: "field",
        about: "what the form's field is called (jwt)",
        needed: false,
        secret: false,
    },
    Field {
        name: "alg",
        about: "ES256 or RS256 (as the client's id_tokens)",
        needed: false,
        secret: false,
    },
    Field {
        name: "release",
        about: "attributes it receives besides a subject: any of name, login, mail, groups",
        needed: false,
        secret: false,
    },
];
/// Lifetime of the token, in seconds.
const LIFE: i64 = 60;

struct FormJwt {
    client: String,
    handoff_uri: Url,
    field: Name,
    alg: Option<Algorithm>,
    release: Vec<FormJwtRelease>,
}

#[derive(Deserialize)]
struct FormJwtSettings {
    client: String,
    handoff_uri: Url,
    #[serde(default)]
    field: Name,
    alg: Option<String>,
    #[serde(default)]
    release: Vec<FormJwtRelease>,
}

/// The names that applications use for the field.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Name {
    #[default]
    Jwt,
    Token,
    IdToken,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FormJwtRelease {
    Name,
    Login,
    Mail,
    Groups,
}

#[derive(Serialize)]
struct FormJwtClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    jti: String,
    sid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    acr: &'static str,
    amr: Vec<&'a str>,
    launch_id: &'a str,
    intent: &'a str,
    target_link_uri: &'a str,
    return_uri: String,
    ctx: Vec<CarriedContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<&'a str>>,
}

/// The method's row.
pub(super) const KIND: HandoffKind = HandoffKind {
    name: "form_jwt",
    about: "a signed JWT by form post, for applications that make no request of their own",
    grade: 'H',
    fields: FIELDS,
    open,
};

fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    let written: FormJwtSettings = parse_settings(FIELDS, settings)?;
    web_address(written.handoff_uri.as_str())?;
    let alg = written.alg.as_deref().map(|name| {
        Algorithm::parse(name).ok_or_else(|| format!("alg is ES256 or RS256, not \"{name}\""))
    });
    Ok(Box::new(FormJwt {
        client: written.client,
        handoff_uri: written.handoff_uri,
        field: written.field,
        alg: alg.transpose()?,
        release: written.release,
    }))
}

impl Handoff for FormJwt {
    fn client(&self) -> Option<&str> {
        Some(&self.client)
    }

    fn artefact(&self) -> Option<Artefact> {
        None
    }

    fn land(&self, departure: &Departure) -> Result<Landing, String> {
        let client = departure
            .client
            .ok_or("a launch by form_jwt needs a client")?;
        let claims = self.claims(
            departure,
            departure.keys.subject(client, &departure.who.user.id),
        );
        let alg = self.alg.unwrap_or(client.id_token_alg);
        let token = departure.keys.sign(alg, Some(TOKEN_TYPE), &claims);
        let fields = [
            (
                self.field.as_str(),
                token.map_err(|error| error.to_string())?,
            ),
            ("iss", departure.issuer.to_owned()),
        ];
        Ok(Landing::post(self.handoff_uri.clone(), fields))
    }

    /// The application has a session from now on; it is notified when ours ends, if it supports
    /// that.
    fn land_at(&self, departure: &Departure) -> Result<(Landing, Option<PartySession>), String> {
        let party = PartySession {
            session: departure.who.session.id.clone(),
            kind: PartyKind::OIDC,
            party: self.client.clone(),
            subject: departure.who.user.id.to_string(),
            index: Some(departure.keys.sid(&self.client, &departure.who.session.id)),
        };
        Ok((self.land(departure)?, Some(party)))
    }
}

impl FormJwt {
    fn claims<'a>(&'a self, departure: &'a Departure, sub: String) -> FormJwtClaims<'a> {
        let (user, session) = (&departure.who.user, &departure.who.session);
        let now = departure.now.secs();
        let releases = |what| self.release.contains(&what);
        let ctx = departure
            .record
            .map(|record| CarriedContext::of(record.context, Some(record.kind)));
        FormJwtClaims {
            iss: departure.issuer,
            aud: &self.client,
            sub,
            iat: now,
            nbf: now,
            exp: now + LIFE,
            jti: lasting_id(departure.now, departure.chance),
            sid: departure.keys.sid(&self.client, &session.id),
            auth_time: session.proved_at.map(Time::secs),
            acr: session.assurance(),
            amr: session.amr.split_whitespace().collect(),
            launch_id: departure.launch.as_str(),
            intent: departure.intent,
            target_link_uri: departure.target.as_str(),
            return_uri: return_uri(departure.issuer, departure.launch),
            ctx: ctx.into_iter().collect(),
            name: releases(FormJwtRelease::Name).then_some(user.name.as_str()),
            preferred_username: releases(FormJwtRelease::Login).then_some(user.username.as_str()),
            email: match releases(FormJwtRelease::Mail) {
                true => user.attributes.first("mail"),
                false => None,
            },
            email_verified: releases(FormJwtRelease::Mail)
                .then_some(departure.mail.is_verified())
                .filter(|_| user.attributes.first("mail").is_some()),
            groups: match releases(FormJwtRelease::Groups) {
                true => user.attributes.groups(),
                false => None,
            },
        }
    }
}

impl Name {
    const fn as_str(self) -> &'static str {
        match self {
            Name::Jwt => "jwt",
            Name::Token => "token",
            Name::IdToken => "id_token",
        }
    }
}
