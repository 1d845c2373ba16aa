//! `forward_auth`: a page behind a gateway (nginx, Traefik, Caddy) that asks us about each request.
//! A launch posts a ticket to the gateway's own host; what stands there from then on is ours to
//! say: `provider/gate.rs`.

use serde::Deserialize;

use super::{Departure, Handoff, Landing};
use crate::{
    id::Artefact,
    kind::{Field, Settings, parse_settings},
};

pub(super) const FIELDS: &[Field] = &[
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
        about: "what it is told of people besides: any of name, mail, groups",
        needed: false,
        secret: false,
    },
    Field {
        name: "public",
        about: "paths that need no sign-in, with all below them, e.g. [\"/static\"]",
        needed: false,
        secret: false,
    },
];

/// The name of the method, as services are set to it.
pub const NAME: &str = "forward_auth";
/// Where, at the gateway's host, tickets are taken. The gateway hands this path to us.
pub const DOOR: &str = "/.usher/enter";

/// What an instance behind a gateway is set to.
#[derive(Debug, Deserialize)]
pub struct ForwardAuth {
    pub client: String,
    #[serde(default)]
    pub user: Called,
    #[serde(default)]
    pub release: Vec<Release>,
    #[serde(default)]
    pub public: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Called {
    #[default]
    Login,
    Id,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Release {
    Name,
    Mail,
    Groups,
}

impl ForwardAuth {
    /// Reads an instance's settings; an error is a sentence for the admin.
    pub fn of(settings: &Settings) -> Result<Self, String> {
        let read: Self = parse_settings(FIELDS, settings)?;
        let odd = |path: &&String| {
            !path.starts_with('/') || path.contains("//") || path.contains(['%', '?', '#', ';'])
        };
        match read.public.iter().find(odd) {
            Some(odd) => Err(format!(
                "public: \"{odd}\" is no plain path; it begins with a slash and is written decoded"
            )),
            None => Ok(read),
        }
    }

    pub fn tells(&self, what: Release) -> bool {
        self.release.contains(&what)
    }
}

pub(super) fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    Ok(Box::new(ForwardAuth::of(settings)?))
}

impl Handoff for ForwardAuth {
    fn client(&self) -> Option<&str> {
        Some(&self.client)
    }

    fn artefact(&self) -> Option<Artefact> {
        Some(Artefact::GateTicket)
    }

    fn land(&self, departure: &Departure) -> Result<Landing, String> {
        let ticket = departure
            .bearer
            .ok_or("a launch through a gateway needs a ticket")?;
        let mut action = departure.target.clone();
        action.set_path(DOOR);
        action.set_query(None);
        action.set_fragment(None);
        Ok(Landing::post(
            action,
            vec![("ticket", ticket.as_str().to_owned())],
        ))
    }
}
