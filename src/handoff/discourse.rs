//! `discourse`: DiscourseConnect. The browser goes to the address where the forum starts a sign-in,
//! with the topic's path; the forum asks us who the user is, with a signature by the shared secret,
//! and gets its answer signed likewise. It keeps the topic itself, with the nonce of its question.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use url::{Position, Url, form_urlencoded};
use zeroize::Zeroizing;

use super::{Departure, Handoff, HandoffKind, Landing};
use crate::{
    id::Artefact,
    keys::{KeyRing, SharedSecret},
    kind::{Field, Settings, parse_settings},
    model::{address::web_address, user::User},
    protocol::oauth::Params,
};

/// The name of the method in launches and services.
pub const NAME: &str = "discourse";

const FIELDS: &[Field] = &[
    Field {
        name: "secret",
        about: "discourse_connect_secret of the forum's settings, at least 16 bytes; also as \
                secret_file or secret_env",
        needed: true,
        secret: true,
    },
    Field {
        name: "return_sso_url",
        about: "where answers go, exactly as the forum asks for it; session/sso_login under the \
                instance's base_url if not given",
        needed: false,
        secret: false,
    },
    Field {
        name: "external_id",
        about: "the forum's id of a user: pairwise (default; no other receives it), or id",
        needed: false,
        secret: false,
    },
    Field {
        name: "mail_is_verified",
        about: "true if every mail address we know is its user's; the forum asks the others to \
                confirm theirs",
        needed: false,
        secret: false,
    },
];

/// Forums accept secrets of ten characters or more.
const SHORTEST: usize = 16;
/// Forums do not use a longer nonce.
const LONGEST_NONCE: usize = 255;

/// The settings of a forum's instance. It has no `Debug`.
pub struct Discourse {
    secret: SharedSecret,
    return_sso_url: Option<String>,
    external_id: ExternalId,
    mail_is_verified: bool,
}

#[derive(Deserialize)]
struct DiscourseSettings {
    secret: Zeroizing<String>,
    return_sso_url: Option<String>,
    #[serde(default)]
    external_id: ExternalId,
    #[serde(default)]
    mail_is_verified: bool,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ExternalId {
    #[default]
    Pairwise,
    Id,
}

/// A forum's question.
pub struct DiscourseQuestion {
    pub nonce: String,
    pub return_sso_url: String,
}

/// The method's row.
pub(super) const KIND: HandoffKind = HandoffKind {
    name: NAME,
    about: "DiscourseConnect: the forum asks who the user is, and shares a secret with us",
    grade: 'J',
    fields: FIELDS,
    open,
};

fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    Ok(Box::new(Discourse::of(settings)?))
}

impl Discourse {
    /// Reads an instance's whole settings; an error is a sentence for the admin.
    pub fn of(settings: &Settings) -> Result<Self, String> {
        let written: DiscourseSettings = parse_settings(FIELDS, settings)?;
        if let Some(address) = &written.return_sso_url {
            let url = web_address(address)?;
            if url.query().is_some() {
                return Err(format!("return_sso_url: \"{address}\" must have no query"));
            }
        }
        Ok(Self {
            secret: SharedSecret::of(written.secret, SHORTEST)?,
            return_sso_url: written.return_sso_url,
            external_id: written.external_id,
            mail_is_verified: written.mail_is_verified,
        })
    }

    /// Whether this forum asked: `sig` is the signature of the exact text of `sso`.
    pub fn is_signed_by(&self, sso: &str, sig: &str) -> bool {
        self.secret.made(sso, sig)
    }

    /// The registered address; a request must name it character by character.
    pub fn returns_to(&self, base: &str) -> String {
        let usual = || format!("{}/session/sso_login", base.trim_end_matches('/'));
        self.return_sso_url.clone().unwrap_or_else(usual)
    }

    /// The answer's address, with the user in it.
    pub fn answer(
        &self,
        base: &str,
        nonce: &str,
        (keys, user): (&KeyRing, &User),
        mail_is_verified: bool,
    ) -> Result<Url, String> {
        let mut url = Url::parse(&self.returns_to(base)).map_err(|error| error.to_string())?;
        let mail = user.attributes.first("mail");
        let mail = mail.ok_or("this user has no mail address, and the forum needs one")?;
        // A comma separates groups, so a group's name with a comma would be two others.
        let groups = user.attributes.groups();
        let groups = groups.map(|groups| {
            let plain = groups.into_iter().filter(|group| !group.contains(','));
            plain.collect::<Vec<_>>().join(",")
        });
        let confirm = !(self.mail_is_verified || mail_is_verified);
        let mut payload = form_urlencoded::Serializer::new(String::new());
        payload
            .append_pair("nonce", nonce)
            .append_pair("external_id", &self.external_id(&url, keys, user))
            .append_pair("email", mail)
            .append_pair("username", &user.username)
            .append_pair("name", &user.name);
        // Left out where the list is not complete: the forum would remove users from the others.
        if let Some(groups) = &groups {
            payload.append_pair("groups", groups);
        }
        payload.append_pair("require_activation", if confirm { "true" } else { "false" });
        let sso = STANDARD.encode(payload.finish());
        let sig = self.secret.hex(&sso);
        url.query_pairs_mut()
            .append_pair("sso", &sso)
            .append_pair("sig", &sig);
        Ok(url)
    }

    fn external_id(&self, forum: &Url, keys: &KeyRing, user: &User) -> String {
        match self.external_id {
            ExternalId::Id => user.id.to_string(),
            ExternalId::Pairwise => keys.pairwise(&forum.origin().ascii_serialization(), &user.id),
        }
    }
}

impl DiscourseQuestion {
    /// Reads the payload, whose signature was checked before. Some forums break the lines of its
    /// base64.
    pub fn read(sso: &str) -> Result<Self, String> {
        let text: String = sso.split_ascii_whitespace().collect();
        let bytes = STANDARD.decode(text).ok();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        let text = text.ok_or("sso is not base64 of a text")?;
        let params = Params::parse(&text).map_err(|error| error.description)?;
        let one = |name: &str| {
            let value = params.one(name).map(str::to_owned);
            value.ok_or_else(|| format!("sso has no {name}"))
        };
        let (nonce, return_sso_url) = (one("nonce")?, one("return_sso_url")?);
        if nonce.len() > LONGEST_NONCE {
            return Err(format!("the nonce is longer than {LONGEST_NONCE} bytes"));
        }
        Ok(Self {
            nonce,
            return_sso_url,
        })
    }
}

impl Handoff for Discourse {
    fn client(&self) -> Option<&str> {
        None
    }

    fn artefact(&self) -> Option<Artefact> {
        None
    }

    fn land(&self, departure: &Departure) -> Result<Landing, String> {
        let base = departure.base.as_str().trim_end_matches('/');
        let start = format!("{base}/session/sso");
        let mut url = Url::parse(&start).map_err(|error| error.to_string())?;
        let topic = &departure.target[Position::BeforePath..];
        url.query_pairs_mut().append_pair("return_path", topic);
        Ok(Landing::Redirect(url))
    }
}
