//! What we say of a person and a launch: the id_token's claims (OpenID Connect Core 1.0
//! section 2) and userinfo's (section 5.3), by scope (section 5.4).

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    catalog::Snapshot,
    clock::Time,
    id::LaunchId,
    model::{
        context::CarriedContext,
        grant::Grant,
        launch::{Departed, Launch, Stage, return_uri},
        session::SignedIn,
        user::User,
    },
    protocol::oauth::has_scope,
};

/// An id_token lives this long, in seconds: it is proof of a sign-in just now, not a session.
pub const ID_TOKEN_LIFE: i64 = 300;

/// The claims of an id_token.
#[derive(Serialize)]
pub struct IdToken<'a> {
    pub iss: &'a str,
    pub sub: String,
    pub aud: &'a str,
    pub exp: i64,
    pub iat: i64,
    pub auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    /// How sure we are: [`Session::assurance`](crate::model::session::Session::assurance).
    pub acr: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<&'a str>,
    /// The session, as a back-channel logout will name it.
    pub sid: &'a str,
    pub at_hash: String,
    #[serde(flatten)]
    pub person: Person<'a>,
    #[serde(rename = "urn:usher:launch", skip_serializing_if = "Option::is_none")]
    pub launch: Option<&'a Carried>,
}

/// Claims about the person, by scope.
#[derive(Serialize)]
pub struct Person<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<&'a [String]>,
}

/// A launch and its record, as a remote is told.
#[derive(Serialize)]
pub struct Carried {
    pub id: LaunchId,
    pub intent: String,
    pub target_link_uri: String,
    /// Where to send the person back if the record is not opened.
    pub return_uri: String,
    pub ctx: Vec<CarriedContext>,
}

impl<'a> Person<'a> {
    pub fn of(user: &'a User, scope: &str) -> Self {
        let profile = has_scope(scope, "profile");
        let email = has_scope(scope, "email").then(|| user.attributes.first("mail"));
        Self {
            name: profile.then_some(user.name.as_str()),
            preferred_username: profile.then_some(user.login.as_str()),
            email: email.flatten(),
            groups: has_scope(scope, "groups").then(|| user.attributes.groups()),
        }
    }
}

impl Carried {
    /// What a departed launch carries.
    pub fn of(issuer: &str, launch: &Launch, snapshot: &Snapshot) -> Option<Self> {
        let Stage::Departed { departure, .. } = &launch.stage else {
            return None;
        };
        let Departed {
            target, context, ..
        } = departure;
        Some(Self {
            id: launch.id.clone(),
            intent: launch.ask.intent.clone(),
            target_link_uri: target.clone(),
            return_uri: return_uri(issuer, &launch.id),
            ctx: context
                .iter()
                .map(|context| CarriedContext::of(context, snapshot.context_type(&context.kind)))
                .collect(),
        })
    }
}

/// The id_token for a grant; `sub` is the person as the client knows them.
pub fn id_token<'a>(
    issuer: &'a str,
    grant: &'a Grant,
    (who, sub): (&'a SignedIn, String),
    launch: Option<&'a Carried>,
    at_hash: String,
    now: Time,
) -> IdToken<'a> {
    IdToken {
        iss: issuer,
        sub,
        aud: &grant.client,
        exp: now.secs() + ID_TOKEN_LIFE,
        iat: now.secs(),
        auth_time: who.session.authenticated_at.secs(),
        nonce: grant.nonce.as_deref(),
        acr: who.session.assurance(),
        amr: who.session.amr.split_whitespace().collect(),
        sid: who.session.id.as_str(),
        at_hash,
        person: Person::of(&who.user, &grant.scope),
        launch,
    }
}

/// Userinfo: the same person, the same subject.
pub fn userinfo(user: &User, sub: String, scope: &str) -> Map<String, Value> {
    let mut claims = match json!(Person::of(user, scope)) {
        Value::Object(claims) => claims,
        _ => Map::new(),
    };
    claims.insert("sub".to_owned(), sub.into());
    claims
}
