//! `oidc`: third-party-initiated login (OpenID Connect Core 1.0 section 4). The browser goes to the
//! client's registered `initiate_login_uri` with an opaque launch handle as `login_hint`; the
//! application then signs the user in as usual and finds the context in its id_token.

use serde::Deserialize;
use url::Url;

use super::{Departure, Handoff, HandoffKind, Landing};
use crate::{
    id::Artefact,
    kind::{Field, Settings, parse_settings},
};

const FIELDS: &[Field] = &[
    Field {
        name: "client",
        about: "the client this instance is registered as",
        needed: true,
        secret: false,
    },
    Field {
        name: "login_hint",
        about: "what the hint carries: handle (the context arrives; default), subject, or none",
        needed: false,
        secret: false,
    },
];

#[derive(Deserialize)]
struct OidcHandoff {
    client: String,
    #[serde(default)]
    login_hint: Hint,
}

#[derive(Deserialize, Default, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Hint {
    #[default]
    Handle,
    Subject,
    None,
}

/// The method's row.
pub(super) const KIND: HandoffKind = HandoffKind {
    name: "oidc",
    about: "OpenID Connect third-party-initiated login; the context is in the id_token",
    grade: 'B',
    fields: FIELDS,
    open,
};

fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    Ok(Box::new(parse_settings::<OidcHandoff>(FIELDS, settings)?))
}

impl Handoff for OidcHandoff {
    fn client(&self) -> Option<&str> {
        Some(&self.client)
    }

    fn artefact(&self) -> Option<Artefact> {
        (self.login_hint == Hint::Handle).then_some(Artefact::LaunchHandle)
    }

    fn land(&self, departure: &Departure) -> Result<Landing, String> {
        let registered = departure
            .client
            .and_then(|client| client.initiate_login_uri.as_deref());
        let registered = registered
            .ok_or_else(|| format!("client \"{}\" has no initiate_login_uri", self.client))?;
        let mut url = Url::parse(registered).map_err(|error| error.to_string())?;
        let subject = departure
            .client
            .map(|client| departure.keys.subject(client, &departure.who.user.id));
        let hint = match self.login_hint {
            Hint::Handle => departure.bearer.map(|bearer| bearer.as_str()),
            Hint::Subject => subject.as_deref(),
            Hint::None => None,
        };
        let mut query = url.query_pairs_mut();
        query.append_pair("iss", departure.issuer);
        if let Some(hint) = hint {
            query.append_pair("login_hint", hint);
        }
        query.append_pair("target_link_uri", departure.target.as_str());
        drop(query);
        Ok(Landing::Redirect(url))
    }
}
