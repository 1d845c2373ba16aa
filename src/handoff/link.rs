//! `link`: a plain deep link into an application that starts its own single sign-on.

use serde::Deserialize;

use super::{Departure, Handoff, HandoffKind, Landing};
use crate::{
    id::Artefact,
    kind::{Field, Settings, parse_settings},
};

const FIELDS: &[Field] = &[Field {
    name: "client",
    about: "the client this instance signs users in as; its own sign-ins pass the same checks",
    needed: false,
    secret: false,
}];

#[derive(Deserialize)]
struct LinkHandoff {
    client: Option<String>,
}

/// The method's row.
pub(super) const KIND: HandoffKind = HandoffKind {
    name: "link",
    about: "a plain deep link; the application does its own single sign-on",
    grade: 'A',
    fields: FIELDS,
    open,
};

fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    Ok(Box::new(parse_settings::<LinkHandoff>(FIELDS, settings)?))
}

impl Handoff for LinkHandoff {
    fn client(&self) -> Option<&str> {
        self.client.as_deref()
    }

    fn artefact(&self) -> Option<Artefact> {
        None
    }

    fn land(&self, departure: &Departure) -> Result<Landing, String> {
        Ok(Landing::Redirect(departure.target.clone()))
    }
}
