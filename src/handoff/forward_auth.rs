//! `forward_auth`: a page behind a gateway (nginx, Traefik, Caddy) that asks us about each request.
//! A launch posts a ticket to the gateway's own host; from then on, `issuer/forward_auth.rs`
//! decides each request there.

use serde::Deserialize;

use super::{Departure, Handoff, HandoffKind, Landing};
use crate::{
    id::{Alphabet, Artefact, ProtocolArtefact},
    kind::{Field, Settings, parse_settings},
    protocol::gateway::is_plain,
};

const FIELDS: &[Field] = &[
    Field {
        name: "client",
        about: "the client the application is registered as: the audience of the signed header",
        needed: true,
        secret: false,
    },
    Field {
        name: "user",
        about: "what Remote-User says: login (default), or id, which never changes",
        needed: false,
        secret: false,
    },
    Field {
        name: "release",
        about: "further attributes it receives: any of name, mail, groups",
        needed: false,
        secret: false,
    },
    Field {
        name: "public",
        about: "paths that need no sign-in, with all below them, e.g. [\"/static\"]",
        needed: false,
        secret: false,
    },
    Field {
        name: "max_header_bytes",
        about: "bytes of identity headers on each request; groups are left out beyond (2900 for nginx, else 8000)",
        needed: false,
        secret: false,
    },
];

/// Admits its bearer to a page behind a gateway, once.
pub const TICKET: Artefact = Artefact::Protocol(&ProtocolArtefact {
    prefix: "gt_",
    alphabet: Alphabet::Base64Url,
});

/// The name of the method in services.
pub const NAME: &str = "forward_auth";
/// The path at the gateway's host where tickets are redeemed. The gateway forwards it to us.
pub const ENTRY_PATH: &str = "/.usher/enter";

/// The settings of an instance behind a gateway.
#[derive(Debug, Deserialize)]
pub struct ForwardAuth {
    pub client: String,
    #[serde(default)]
    pub user: ForwardUsername,
    #[serde(default)]
    pub release: Vec<ForwardRelease>,
    #[serde(default)]
    pub public: Vec<String>,
    #[serde(default)]
    pub max_header_bytes: Option<usize>,
}

/// nginx reads the response to its subrequest into one buffer of 4 kB unless configured otherwise,
/// and fails the request when that is too small; our other headers take the rest.
const NGINX_HEADER_BYTES: usize = 2_900;
/// What most applications read of a request's headers in total.
const HEADER_BYTES: usize = 8_000;
/// The minimum holds a name and a signed header; the maximum is what a gateway can be configured to
/// take.
const HEADER_RANGE: std::ops::RangeInclusive<usize> = 1_500..=64_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForwardUsername {
    #[default]
    Login,
    Id,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ForwardRelease {
    Name,
    Mail,
    Groups,
}

impl ForwardAuth {
    /// Reads an instance's settings; an error is a sentence for the admin.
    pub fn of(settings: &Settings) -> Result<Self, String> {
        let read: Self = parse_settings(FIELDS, settings)?;
        let odd = |path: &&String| !is_plain(path) || path.contains(['?', '#']);
        if let Some(odd) = read.public.iter().find(odd) {
            return Err(format!(
                "public: \"{odd}\" is no plain path; it begins with a slash and is written decoded"
            ));
        }
        match read.max_header_bytes {
            Some(bytes) if !HEADER_RANGE.contains(&bytes) => Err(format!(
                "max_header_bytes: {bytes} is not between {} and {}",
                HEADER_RANGE.start(),
                HEADER_RANGE.end()
            )),
            _ => Ok(read),
        }
    }

    /// The bytes that the identity headers of one request may take.
    pub fn header_bytes(&self, is_nginx: bool) -> usize {
        self.max_header_bytes.unwrap_or(match is_nginx {
            true => NGINX_HEADER_BYTES,
            false => HEADER_BYTES,
        })
    }

    pub fn releases(&self, what: ForwardRelease) -> bool {
        self.release.contains(&what)
    }
}

/// The method's row.
pub(super) const KIND: HandoffKind = HandoffKind {
    name: NAME,
    about: "a page behind nginx, Traefik or Caddy; the user is named in headers, one of them signed",
    grade: 'I',
    fields: FIELDS,
    open,
};

fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    Ok(Box::new(ForwardAuth::of(settings)?))
}

impl Handoff for ForwardAuth {
    fn client(&self) -> Option<&str> {
        Some(&self.client)
    }

    fn artefact(&self) -> Option<Artefact> {
        Some(TICKET)
    }

    fn land(&self, departure: &Departure) -> Result<Landing, String> {
        let ticket = departure
            .bearer
            .ok_or("a launch through a gateway needs a ticket")?;
        let mut action = departure.target.clone();
        action.set_path(ENTRY_PATH);
        action.set_query(None);
        action.set_fragment(None);
        Ok(Landing::post(
            action,
            vec![("ticket", ticket.as_str().to_owned())],
        ))
    }
}
