//! `cas`: the application is one of CAS 3.0. A launch leads to its deep link with a service ticket
//! in the address; the application validates it and finds user and record in the answer.

use serde::Deserialize;

use super::{Departure, Handoff, HandoffKind, Landing};
use crate::{
    id::{Alphabet, Artefact, ProtocolArtefact},
    kind::{Field, Settings, parse_settings},
    model::{
        address::web_address,
        user::{MailStanding, User},
    },
};

/// A service ticket (CAS protocol 3.0 section 3.1, which gives its prefix). Section 3.7 allows
/// letters, digits and `-`, and clients match tickets against that.
pub const SERVICE_TICKET: Artefact = Artefact::Protocol(&ProtocolArtefact {
    prefix: "ST-",
    alphabet: Alphabet::Alphanumeric,
});

const FIELDS: &[Field] = &[
    Field {
        name: "user",
        about: "what cas:user says: login (default), or id, which never changes",
        needed: false,
        secret: false,
    },
    Field {
        name: "attributes",
        about: "attributes released besides name, mail and groups, e.g. [\"department\"]",
        needed: false,
        secret: false,
    },
    Field {
        name: "logout_uri",
        about: "where the end of a session is posted; the instance's base_url if not given",
        needed: false,
        secret: false,
    },
];

/// The settings of an instance that uses CAS.
#[derive(Deserialize)]
pub struct CasHandoff {
    #[serde(default)]
    user: CasUsername,
    #[serde(default)]
    attributes: Vec<String>,
    pub logout_uri: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum CasUsername {
    #[default]
    Login,
    Id,
}

/// Attributes released for every user.
const ALWAYS: [&str; 2] = [MAIL, "groups"];
const MAIL: &str = "mail";

/// The method's row.
pub(super) const KIND: HandoffKind = HandoffKind {
    name: "cas",
    about: "a CAS 3.0 service ticket in the address; the context is in the attributes",
    grade: 'F',
    fields: FIELDS,
    open,
};

fn open(settings: &Settings) -> Result<Box<dyn Handoff>, String> {
    Ok(Box::new(CasHandoff::of(settings)?))
}

impl CasHandoff {
    /// Reads an instance's settings; an error is a sentence for the admin.
    pub fn of(settings: &Settings) -> Result<Self, String> {
        let cas: Self = parse_settings(FIELDS, settings)?;
        if let Some(odd) = cas.attributes.iter().find(|name| !is_element(name)) {
            return Err(format!(
                "attributes: \"{odd}\" cannot be the name of an XML element"
            ));
        }
        cas.logout_uri.as_deref().map(web_address).transpose()?;
        Ok(cas)
    }

    /// The user as `cas:user`.
    pub fn user(&self, user: &User) -> String {
        match self.user {
            CasUsername::Login => user.username.clone(),
            CasUsername::Id => user.id.to_string(),
        }
    }

    /// Further attributes of the user, where all values are known. CAS cannot express how certain a
    /// mail address is, so an address outside its provider's scopes is not released.
    pub fn attributes(&self, user: &User, mail: MailStanding) -> Vec<(String, Vec<String>)> {
        let listed = self.attributes.iter().map(String::as_str);
        let listed = listed.filter(|name| !ALWAYS.contains(name) && *name != "name");
        let known = ALWAYS.into_iter().chain(listed).filter_map(|name| {
            if name == MAIL && !mail.may_be_sent_plainly() {
                return None;
            }
            let values = user.attributes.known_values(name)?;
            Some((
                name.to_owned(),
                values.into_iter().map(str::to_owned).collect(),
            ))
        });
        let name = ("name".to_owned(), vec![user.name.clone()]);
        std::iter::once(name).chain(known).collect()
    }
}

fn is_element(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-' || b == b'.')
}

impl Handoff for CasHandoff {
    fn client(&self) -> Option<&str> {
        None
    }

    fn artefact(&self) -> Option<Artefact> {
        Some(SERVICE_TICKET)
    }

    fn land(&self, departure: &Departure) -> Result<Landing, String> {
        let ticket = departure.bearer.ok_or("a launch by CAS needs a ticket")?;
        let mut url = departure.target.clone();
        url.query_pairs_mut().append_pair("ticket", ticket.as_str());
        Ok(Landing::Redirect(url))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{chance::Chance, id::Bearer};

    #[test]
    fn a_ticket_is_written_in_letters_digits_and_hyphens() {
        let chance = Chance::seeded(1);
        for _ in 0..200 {
            let ticket = Bearer::mint(SERVICE_TICKET, &chance);
            let is_of_standard = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            assert!(
                ticket.as_str().bytes().all(is_of_standard),
                "{}",
                ticket.as_str()
            );
        }
        let odd = format!("ST-{}", "ab_-".repeat(11).split_at(43).0);
        assert!(Bearer::parse(SERVICE_TICKET, &odd).is_none());
    }
}
