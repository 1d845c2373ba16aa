//! Claims about a user and a launch: of the id_token (OpenID Connect Core 1.0 section 2) and of
//! userinfo (section 5.3), by scope (section 5.4).

use serde::Serialize;
use serde_json::{Map, Value};

use crate::{
    catalog::Snapshot,
    clock::Time,
    id::LaunchId,
    model::{
        context::CarriedContext,
        grant::Grant,
        launch::{Departed, Launch, Stage, return_uri},
        session::SignedIn,
        user::{MailStanding, User},
    },
    protocol::oauth::{Detail, has_scope},
};

/// How long an id_token is valid, in seconds: it proves a sign-in just now, and is not a session.
pub const ID_TOKEN_LIFE: i64 = 300;

/// The claims of an id_token.
#[derive(Serialize)]
pub struct IdToken<'a> {
    pub iss: &'a str,
    pub sub: String,
    pub aud: &'a str,
    pub exp: i64,
    pub iat: i64,
    /// Only where the provider sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<&'a str>,
    /// The assurance of the session:
    /// [`Session::assurance`](crate::model::session::Session::assurance).
    pub acr: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<&'a str>,
    /// The session, as a back-channel logout will name it.
    pub sid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    #[serde(flatten)]
    pub user_claims: Map<String, Value>,
    #[serde(rename = "urn:usher:launch", skip_serializing_if = "Option::is_none")]
    pub launch: Option<&'a LaunchClaims>,
}

/// A user as claims describe them.
#[derive(Clone, Copy)]
pub struct ClaimsSubject<'a> {
    pub user: &'a User,
    /// What is known of their mail address.
    pub mail: MailStanding,
}

impl<'a> ClaimsSubject<'a> {
    pub fn of(snapshot: &Snapshot, user: &'a User) -> Self {
        let mail = snapshot.mail(user);
        Self { user, mail }
    }
}

/// A claim about a user: by which scope it is asked for (Core 5.4), and where it is found.
struct Claim {
    name: &'static str,
    scope: &'static str,
    read: fn(&ClaimsSubject) -> Option<Value>,
}

/// Every claim there is about users.
const CLAIMS: &[Claim] = &[
    Claim {
        name: "name",
        scope: "profile",
        read: |one| Some(one.user.name.as_str().into()),
    },
    Claim {
        name: "preferred_username",
        scope: "profile",
        read: |one| Some(one.user.username.as_str().into()),
    },
    Claim {
        name: "given_name",
        scope: "profile",
        read: |one| fact(one, "given_name"),
    },
    Claim {
        name: "family_name",
        scope: "profile",
        read: |one| fact(one, "family_name"),
    },
    Claim {
        name: "locale",
        scope: "profile",
        read: |one| fact(one, "locale"),
    },
    Claim {
        name: "email",
        scope: "email",
        read: |one| fact(one, "mail"),
    },
    Claim {
        name: "email_verified",
        scope: "email",
        read: |one| fact(one, "mail").map(|_| one.mail.is_verified().into()),
    },
    Claim {
        name: "phone_number",
        scope: "phone",
        read: |one| fact(one, "phone"),
    },
    Claim {
        name: "address",
        scope: "address",
        read: address,
    },
    Claim {
        name: "groups",
        scope: "groups",
        // Left out where the list is not complete: an application would take it for the complete
        // list.
        read: |one| one.user.attributes.groups().map(Value::from),
    },
];

fn fact(one: &ClaimsSubject, attribute: &str) -> Option<Value> {
    one.user.attributes.first(attribute).map(Value::from)
}

/// Core 5.1.1, from the attributes of the same meaning.
fn address(one: &ClaimsSubject) -> Option<Value> {
    let parts = [
        ("formatted", "address"),
        ("street_address", "street"),
        ("locality", "city"),
        ("postal_code", "postal_code"),
        ("country", "country"),
    ];
    let known = parts
        .into_iter()
        .filter_map(|(member, attribute)| Some((member.to_owned(), fact(one, attribute)?)));
    let address: Map<String, Value> = known.collect();
    (!address.is_empty()).then_some(Value::Object(address))
}

/// The scope by which a claim is asked for, if there is such a claim.
pub fn scope_of(claim: &str) -> Option<&'static str> {
    let mut known = CLAIMS.iter();
    Some(known.find(|known| known.name == claim)?.scope)
}

/// Names of all claims about users, for the discovery document.
pub fn names() -> impl Iterator<Item = &'static str> {
    CLAIMS.iter().map(|claim| claim.name)
}

/// The user name, where the scope includes it.
pub fn username(user: &User, scope: &str) -> Option<String> {
    let scoped = scope_of("preferred_username")?;
    has_scope(scope, scoped).then(|| user.username.clone())
}

/// The claims about a user: by scope, and those that were requested by name.
fn user_claims(about: &ClaimsSubject, scope: &str, asked: &[String]) -> Map<String, Value> {
    let released = CLAIMS.iter().filter(|claim| {
        has_scope(scope, claim.scope) || asked.iter().any(|asked| asked == claim.name)
    });
    released
        .filter_map(|claim| Some((claim.name.to_owned(), (claim.read)(about)?)))
        .collect()
}

/// A launch and its record, as a remote receives them.
#[derive(Serialize)]
pub struct LaunchClaims {
    pub id: LaunchId,
    pub intent: String,
    pub target_link_uri: String,
    /// Where to send the user back if the record is not opened.
    pub return_uri: String,
    pub ctx: Vec<CarriedContext>,
}

impl LaunchClaims {
    /// The claims of a departed launch.
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

/// The record of a departed launch, as RFC 9396 would grant it.
pub fn context_details(launch: &Launch) -> Option<Detail> {
    let Stage::Departed { departure, .. } = &launch.stage else {
        return None;
    };
    let record = departure.context.as_ref()?;
    Some(Detail::granted(
        &record.kind,
        &record.key,
        &launch.ask.intent,
    ))
}

/// The id_token for a grant; `sub` is the user as the client knows them.
pub fn id_token<'a>(
    issuer: &'a str,
    grant: &'a Grant,
    (who, mail, sub): (&'a SignedIn, MailStanding, String),
    launch: Option<&'a LaunchClaims>,
    at_hash: Option<String>,
    now: Time,
) -> IdToken<'a> {
    let user = &who.user;
    let about = ClaimsSubject { user, mail };
    IdToken {
        iss: issuer,
        sub,
        aud: &grant.client,
        exp: now.secs() + ID_TOKEN_LIFE,
        iat: now.secs(),
        auth_time: who.session.proved_at.map(Time::secs),
        nonce: grant.nonce.as_deref(),
        acr: who.session.assurance(),
        amr: who.session.amr.split_whitespace().collect(),
        sid: grant.sid(),
        at_hash,
        user_claims: user_claims(&about, &grant.scope, &grant.claims.id_token),
        launch,
    }
}

/// Userinfo: the same user, the same subject.
pub fn userinfo(about: &ClaimsSubject, sub: String, grant: &Grant) -> Map<String, Value> {
    let mut claims = user_claims(about, &grant.scope, &grant.claims.userinfo);
    claims.insert("sub".to_owned(), sub.into());
    claims
}
