//! The identity that a page behind a gateway receives: headers, and a signed one. They are sent
//! with every request, so their size is limited; what is left out is named.

use serde::Serialize;
use serde_json::Value;

use super::{Gateways, place::ForwardAuthInstance};
use crate::{
    clock::Time,
    error::Result,
    handoff::{ForwardRelease, ForwardUsername},
    model::{forward_auth::ForwardAuthEntry, session::SignedIn, user::MailStanding},
    protocol::gateway::Requested,
};

/// The explicit type of the signed header (RFC 8725 section 3.11).
pub const ASSERTION: &str = "usher-assertion+jwt";
/// Lifetime of the signed header, in seconds.
const ASSERTION_LIFE: i64 = 60;
/// The claim of the launch, and its name among those left out.
const LAUNCH: &str = "urn:usher:launch";

/// The user who sends a request, in headers. All empty: no user, on a public page.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ForwardedIdentity {
    pub user: String,
    pub name: String,
    pub mail: String,
    pub groups: String,
    pub assertion: String,
    /// What the headers above leave out because it is too long, or because not all of it is known,
    /// with commas between.
    pub omitted: String,
}

impl ForwardedIdentity {
    fn bytes(&self) -> usize {
        let all = [
            &self.user,
            &self.name,
            &self.mail,
            &self.groups,
            &self.assertion,
            &self.omitted,
        ];
        all.iter().map(|value| value.len()).sum()
    }
}

#[derive(Serialize)]
struct AssertionClaims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    sid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    acr: &'static str,
    amr: Vec<&'a str>,
    preferred_username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_verified: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<&'a str>>,
    #[serde(rename = "urn:usher:launch", skip_serializing_if = "Option::is_none")]
    launch: Option<&'a Value>,
    /// Claims that are left out because they are too long, or because not all of them is known.
    #[serde(rename = "urn:usher:omitted", skip_serializing_if = "Vec::is_empty")]
    omitted: Vec<&'static str>,
}

/// How much is left out: each step leaves out what the previous ones do, and one thing more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Omits {
    Nothing,
    /// The groups are still in their header.
    SignedGroups,
    Groups,
    Launch,
    NameAndMail,
}

const STEPS: [Omits; 5] = [
    Omits::Nothing,
    Omits::SignedGroups,
    Omits::Groups,
    Omits::Launch,
    Omits::NameAndMail,
];

/// The input of the headers of one request.
struct HeaderInput<'a> {
    gate: &'a ForwardAuthInstance<'a>,
    who: &'a SignedIn,
    /// What is known of their mail address.
    mail: MailStanding,
    /// At the page that a launch led to, the launch's data.
    launch: Option<&'a Value>,
}

impl Gateways<'_> {
    /// The headers of one request, with as much as the gateway accepts.
    pub(super) fn identity(
        self,
        gate: &ForwardAuthInstance<'_>,
        found: &ForwardAuthEntry,
        asked: &Requested,
    ) -> Result<ForwardedIdentity> {
        let launch = found.launch_data.as_ref();
        let telling = HeaderInput {
            gate,
            who: &found.who,
            mail: self.0.catalog.snapshot().mail(&found.who.user),
            launch: launch.filter(|_| asked.target == found.place.path),
        };
        let most = gate.settings.header_bytes(asked.by_subrequest);
        let mut identity = ForwardedIdentity::default();
        for omits in STEPS {
            identity = self.identify(&telling, omits)?;
            if identity.bytes() <= most {
                break;
            }
        }
        Ok(identity)
    }

    /// Logged once, when a user enters: what their pages will not receive.
    pub(super) fn warn_of_omissions(
        self,
        gate: &ForwardAuthInstance<'_>,
        found: &ForwardAuthEntry,
        asked: &Requested,
    ) -> Result<()> {
        let telling = HeaderInput {
            gate,
            who: &found.who,
            mail: self.0.catalog.snapshot().mail(&found.who.user),
            launch: None,
        };
        let whole = self.identify(&telling, Omits::Nothing)?;
        let most = gate.settings.header_bytes(asked.by_subrequest);
        if whole.bytes() > most {
            tracing::warn!(
                service = %gate.service.slug, instance = %gate.instance.slug,
                user.id = %found.who.user.id, bytes = whole.bytes(), most,
                "the identity headers are too long for the gateway, and groups are left out of them: \
                 see max_header_bytes"
            );
        }
        Ok(())
    }

    fn identify(self, telling: &HeaderInput<'_>, omits: Omits) -> Result<ForwardedIdentity> {
        let (settings, user) = (&telling.gate.settings, &telling.who.user);
        // A plain header cannot express how certain an address is.
        let mail = user.attributes.first("mail");
        let mail = mail.filter(|_| telling.mail.may_be_sent_plainly());
        let mail = mail.unwrap_or_default();
        let released =
            |what, text: &str| match settings.releases(what) && omits < Omits::NameAndMail {
                true => header(text),
                false => String::new(),
            };
        Ok(ForwardedIdentity {
            user: header(match settings.user {
                ForwardUsername::Login => &user.username,
                ForwardUsername::Id => user.id.as_str(),
            }),
            name: released(ForwardRelease::Name, &user.name),
            mail: released(ForwardRelease::Mail, mail),
            groups: match settings.releases(ForwardRelease::Groups) && omits < Omits::Groups {
                true => groups(&user.attributes.groups().unwrap_or_default()),
                false => String::new(),
            },
            assertion: self.assert(telling, omits)?,
            omitted: telling.omitted(omits, Omits::Groups).join(","),
        })
    }

    fn assert(self, telling: &HeaderInput<'_>, omits: Omits) -> Result<String> {
        let (gate, who) = (telling.gate, telling.who);
        let (user, session) = (&who.user, &who.session);
        let now = self.0.clock.now().secs();
        let tells = |what| gate.settings.releases(what);
        let short = |what| tells(what) && omits < Omits::NameAndMail;
        let mail = user.attributes.first("mail");
        let claims = AssertionClaims {
            iss: &self.0.issuer,
            aud: &gate.client.id,
            sub: self.0.keys.subject(gate.client, &user.id),
            iat: now,
            nbf: now,
            exp: now + ASSERTION_LIFE,
            sid: self.0.keys.sid(&gate.client.id, &session.id),
            auth_time: session.proved_at.map(Time::secs),
            acr: session.assurance(),
            amr: session.amr.split_whitespace().collect(),
            preferred_username: &user.username,
            name: short(ForwardRelease::Name).then_some(&user.name),
            email: mail.filter(|_| short(ForwardRelease::Mail)),
            email_verified: mail
                .filter(|_| short(ForwardRelease::Mail))
                .map(|_| telling.mail.is_verified()),
            groups: match tells(ForwardRelease::Groups) && omits < Omits::SignedGroups {
                true => user.attributes.groups(),
                false => None,
            },
            launch: telling.launch.filter(|_| omits < Omits::Launch),
            omitted: telling.omitted(omits, Omits::SignedGroups),
        };
        self.0
            .keys
            .sign(gate.client.id_token_alg, Some(ASSERTION), &claims)
    }
}

impl HeaderInput<'_> {
    /// The names of what is left out; groups from `groups_from` on, or where not all are known.
    fn omitted(&self, omits: Omits, groups_from: Omits) -> Vec<&'static str> {
        let (tells, user) = (|what| self.gate.settings.releases(what), &self.who.user);
        let groups = user.attributes.groups();
        let groups_from = match groups {
            None => Omits::Nothing,
            Some(_) => groups_from,
        };
        let has_groups = tells(ForwardRelease::Groups) && groups.is_none_or(|all| !all.is_empty());
        let has_mail = tells(ForwardRelease::Mail) && user.attributes.first("mail").is_some();
        let all = [
            ("groups", has_groups, groups_from),
            (LAUNCH, self.launch.is_some(), Omits::Launch),
            ("name", tells(ForwardRelease::Name), Omits::NameAndMail),
            ("email", has_mail, Omits::NameAndMail),
        ];
        let gone = all.iter().filter(|(_, is, from)| *is && omits >= *from);
        gone.map(|(name, ..)| *name).collect()
    }
}

/// Text for a header; characters that no header can carry are left out.
fn header(text: &str) -> String {
    match text.contains(char::is_control) {
        true => String::new(),
        false => text.trim().to_owned(),
    }
}

/// A group that contains the separator would read as several: only the signed header carries it.
fn groups(all: &[&str]) -> String {
    let plain = all
        .iter()
        .filter(|group| !group.contains(|c: char| c == ',' || c.is_control()));
    plain.copied().collect::<Vec<_>>().join(",")
}
