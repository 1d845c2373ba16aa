//! From a verified assertion to the module's types: the user, the authentication there, and the
//! data for a logout.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use base64::{Engine, engine::general_purpose::STANDARD};

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::settings::{SamlConfig, SubjectSource};
use crate::{
    clock::Time,
    model::{identity::Identity, mapping::RawAttributes, user::EVERYTHING},
    protocol::saml::{NameId, SamlAttribute, VerifiedAssertion, unverified_attributes},
    upstream::{OneTimeName, ProviderFailure, Upstream, Vouched},
};

/// The content of a later LogoutRequest of ours; sealed until then.
#[derive(Serialize, Deserialize)]
pub struct Secret {
    pub name_id: NameId,
    pub session: Option<String>,
}

pub fn vouched(
    config: &SamlConfig,
    verified: VerifiedAssertion,
) -> Result<Vouched, ProviderFailure> {
    if let (Some(wanted), Some(name_id)) = (&config.name_id_format, &verified.name_id)
        && name_id.format.as_ref() != Some(wanted)
    {
        return Err(invalid(
            "the NameID is of another format than name_id_format",
        ));
    }
    let context = verified.context.as_deref().unwrap_or_default();
    let strong = config.strong_contexts.iter().any(|one| one == context);
    Ok(Vouched {
        identity: Identity {
            subject: subject(config, &verified)?,
            attributes: attributes(&verified.attributes),
            incomplete: incomplete(&verified.attributes),
            ..Identity::default()
        },
        amr: amr(context, strong),
        proved_at: Some(Time::from_secs(verified.authenticated_at)),
        strong,
        upstream: upstream(&verified)?,
        once: vec![OneTimeName {
            name: format!("saml {} {}", config.entity_id, verified.id),
            until: Time::from_secs(verified.until),
        }],
        acr: verified.context,
    })
}

fn invalid(words: &str) -> ProviderFailure {
    ProviderFailure::InvalidMessage(words.to_owned())
}

/// One permanent value, or none: with two, neither identifies the user.
fn subject(config: &SamlConfig, verified: &VerifiedAssertion) -> Result<String, ProviderFailure> {
    let (name, fold) = match &config.subject {
        SubjectSource::NameId => {
            let name_id = verified.name_id.as_ref();
            let name_id = name_id.ok_or_else(|| invalid("there is no NameID"))?;
            return match name_id.is_transient() {
                true => Err(invalid(
                    "the NameID is transient, and no attribute is the subject",
                )),
                false => Ok(name_id.value.clone()),
            };
        }
        SubjectSource::Identifier(name) => (*name, true),
        SubjectSource::Attribute(name) => (name.as_str(), false),
    };
    let named = verified.attributes.iter().filter(|one| one.name == name);
    let friendly = verified
        .attributes
        .iter()
        .filter(|one| one.friendly_name.as_deref() == Some(name));
    let mut named = named.peekable();
    let used: Vec<&SamlAttribute> = match named.peek() {
        Some(_) => named.collect(),
        None => friendly.collect(),
    };
    if used.iter().any(|one| one.has_markup) {
        return Err(invalid(
            "the attribute that is the subject holds markup, which is no text",
        ));
    }
    let values: Vec<&String> = used.iter().flat_map(|one| &one.values).collect();
    match values.as_slice() {
        [one] if one.len() > 1024 => Err(invalid("the subject is too long")),
        [one] if fold => Ok(one.to_ascii_lowercase()),
        [one] => Ok((*one).clone()),
        [] => Err(invalid("the attribute that is the subject is missing")),
        _ => Err(invalid(
            "the attribute that is the subject has several values",
        )),
    }
}

/// Under both of their names; the readable one is left out where another attribute has that name.
fn attributes(list: &[SamlAttribute]) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for one in list {
        all.entry(one.name.clone())
            .or_default()
            .extend(one.values.iter().cloned());
    }
    for one in list {
        let Some(friendly) = &one.friendly_name else {
            continue;
        };
        if !friendly.is_empty() && !list.iter().any(|other| other.name == *friendly) {
            all.entry(friendly.clone())
                .or_default()
                .extend(one.values.iter().cloned());
        }
    }
    all.retain(|_, values| !values.is_empty());
    all
}

/// Attributes with values that are no text, under both of their names: their values are not known.
/// One that cannot be decrypted may be any.
fn incomplete(list: &[SamlAttribute]) -> BTreeSet<String> {
    let unread = list.iter().filter(|one| one.has_markup);
    unread
        .flat_map(|one| match one.is_closed() {
            true => [Some(EVERYTHING.to_owned()), None],
            false => [Some(one.name.clone()), one.friendly_name.clone()],
        })
        .flatten()
        .filter(|name| !name.is_empty())
        .collect()
}

/// The XML in pasted text: as it is, or in base64 as browsers send it, with or without the name of
/// the parameter. `None` if it is something else.
fn markup_of(text: &str) -> Option<Cow<'_, str>> {
    if text.starts_with('<') {
        return Some(Cow::Borrowed(text));
    }
    let mut fields = form_urlencoded::parse(text.as_bytes());
    let field = fields.find(|(name, _)| name == "SAMLResponse");
    let plain: String = match field {
        Some((_, value)) => value.into_owned(),
        None => text.chars().filter(|c| !c.is_whitespace()).collect(),
    };
    let bytes = STANDARD.decode(plain).ok()?;
    let markup = String::from_utf8(bytes).ok()?;
    markup
        .trim_start()
        .starts_with('<')
        .then_some(Cow::Owned(markup))
}

/// A pasted assertion or response; `None` where it is something else.
pub fn read_pasted(text: &str) -> Option<Result<RawAttributes, String>> {
    markup_of(text).map(|markup| pasted(&markup))
}

/// The content of a pasted assertion or response, read as in a sign-in, without verification; an
/// error is a sentence.
fn pasted(text: &str) -> Result<RawAttributes, String> {
    let list = unverified_attributes(text).map_err(|fault| fault.to_string())?;
    Ok(RawAttributes::from(&Identity {
        attributes: attributes(&list),
        incomplete: incomplete(&list),
        ..Identity::default()
    }))
}

/// RFC 8176, as far as SAML's classes (Authentication Context section 3.4) cover it.
fn amr(context: &str, strong: bool) -> Vec<String> {
    let class = context.rsplit(':').next().unwrap_or_default();
    let method = match class {
        "Password" | "PasswordProtectedTransport" => Some("pwd"),
        "Smartcard" | "SmartcardPKI" => Some("sc"),
        "TimeSyncToken" => Some("otp"),
        _ => None,
    };
    let factors = strong.then_some("mfa");
    method
        .into_iter()
        .chain(factors)
        .map(str::to_owned)
        .collect()
}

fn upstream(verified: &VerifiedAssertion) -> Result<Option<Upstream>, ProviderFailure> {
    let Some(name_id) = &verified.name_id else {
        return Ok(None);
    };
    let secret = Secret {
        name_id: name_id.clone(),
        session: verified.session_index.clone(),
    };
    let secret = serde_json::to_string(&secret).map_err(|error| invalid(&error.to_string()))?;
    Ok(Some(Upstream {
        subject: name_id.value.clone(),
        session: verified.session_index.clone(),
        secret: Some(secret),
    }))
}
