//! `code`: Usher's own one-time code, for applications without a standard. The browser posts
//! `code` and `iss` to the application, whose back end redeems the code at the token endpoint
//! (an extension grant, RFC 6749 section 4.5). The code is useless without the client's secret.

use serde::Deserialize;
use url::Url;

use super::{Departure, Handoff, HandoffKind, Landing};
use crate::{
    id::Artefact,
    kind::{Field, Settings, parse_settings},
    model::address::web_address,
};

const FIELDS: &[Field] = &[
    Field {
        name: "client",
        about: "the client that redeems the code",
        needed: true,
        secret: false,
    },
    Field {
        name: "handoff_uri",
        about: "where the code is posted, e.g. https://desk.example.org/handoff",
        needed: true,
        secret: false,
    },
];

#[derive(Deserialize)]
struct Code {
    client: String,
    handoff_uri: Url,
}

/// The method's row.
pub(super) const KIND: HandoffKind = HandoffKind {
    name: "code",
    about: "a one-time code by form post, redeemed at the token endpoint",
    grade: 'E',
    fields: FIELDS,
    open,
};

fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    let code: Code = parse_settings(FIELDS, settings)?;
    web_address(code.handoff_uri.as_str())?;
    Ok(Box::new(code))
}

impl Handoff for Code {
    fn client(&self) -> Option<&str> {
        Some(&self.client)
    }

    fn artefact(&self) -> Option<Artefact> {
        Some(Artefact::LaunchCode)
    }

    fn land(&self, departure: &Departure) -> Result<Landing, String> {
        let code = departure.bearer.ok_or("a launch by code needs a code")?;
        let fields = [
            ("code", code.as_str().to_owned()),
            ("iss", departure.issuer.to_owned()),
        ];
        Ok(Landing::post(self.handoff_uri.clone(), fields))
    }
}
