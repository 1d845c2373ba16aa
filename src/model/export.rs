//! The export of a user's data: everything Usher keeps about them, as one JSON document. The shape
//! is described in `docs/account-export.md`; [`FORMAT`] names it. No hash and nothing sealed is
//! part of it: no type here has a place for one.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::{
    clock::Time,
    model::{
        account::{HistoryEntry, OwnIdentity, OwnSession},
        event::{Actor, EventData, Target},
        user::Attributes,
    },
};

/// The version of the format. Fields may be added under it; if one is removed or changes its
/// meaning, the number is increased.
pub const FORMAT: &str = "urn:usher:account-export:2";

/// The whole document.
#[derive(Debug, Serialize)]
pub struct Export {
    pub format: &'static str,
    pub exported_at: Timestamp,
    pub person: ExportedProfile,
    /// Facts by name, each with the provider it came from.
    pub attributes: Attributes,
    pub identities: Vec<ExportedIdentity>,
    /// Accounts kept by Usher itself that this user signs in with.
    pub local_accounts: Vec<ExportedAccount>,
    pub sessions: Vec<ExportedSession>,
    pub second_factors: Vec<ExportedFactor>,
    pub recovery_codes_left: i64,
    /// Instances the user chose for themselves.
    pub choices: Vec<ExportedChoice>,
    pub history: Vec<Happening>,
    pub launches: Vec<Launched>,
    /// What applications were given in the user's name, as long as it is kept.
    pub grants: Vec<Granted>,
    /// Lists that were too long and hold their newest entries only.
    pub cut_short: Vec<&'static str>,
}

impl Export {
    /// Shortens the lists that may be very long, and records which.
    pub fn cut(&mut self, most: usize) {
        let lists = [
            ("history", cut(&mut self.history, most)),
            ("launches", cut(&mut self.launches, most)),
            ("grants", cut(&mut self.grants, most)),
        ];
        let cut = lists.into_iter().filter(|(_, cut)| *cut);
        self.cut_short.extend(cut.map(|(name, _)| name));
    }
}

fn cut<T>(list: &mut Vec<T>, most: usize) -> bool {
    let cut = list.len() > most;
    list.truncate(most);
    cut
}

/// A moment as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timestamp(pub Time);

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0.utc())
    }
}

#[derive(Debug, Serialize)]
pub struct ExportedProfile {
    pub id: String,
    pub login: String,
    pub name: String,
    pub created_at: Timestamp,
    /// When a provider last sent data about them.
    pub refreshed_at: Timestamp,
    pub mail_verified_at: Option<Timestamp>,
    pub administrator_since: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
pub struct ExportedIdentity {
    pub provider: String,
    pub subject: String,
    pub linked_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
pub struct ExportedAccount {
    pub login: String,
    pub name: String,
    pub attributes: BTreeMap<String, Vec<String>>,
    pub changed_at: Timestamp,
}

#[derive(Debug, Serialize)]
pub struct ExportedSession {
    pub id: String,
    pub provider: String,
    /// RFC 8176 values.
    pub methods: Vec<String>,
    pub context: Option<String>,
    pub second_factor_at: Option<Timestamp>,
    pub remembered_at: Option<Timestamp>,
    pub user_agent: String,
    pub address: String,
    pub created_at: Timestamp,
    pub authenticated_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
pub struct ExportedFactor {
    pub kind: String,
    pub title: String,
    pub created_at: Timestamp,
    pub confirmed_at: Option<Timestamp>,
    pub used_at: Option<Timestamp>,
}

#[derive(Debug, Serialize)]
pub struct ExportedChoice {
    pub service: String,
    pub instance: String,
    pub expires_at: Timestamp,
}

#[derive(Debug, Serialize)]
pub struct Happening {
    pub id: String,
    pub at: Timestamp,
    pub event: String,
    pub session: Option<String>,
    pub address: Option<String>,
    pub service: Option<String>,
    /// The actor.
    pub actor: Option<ExportedObject>,
    /// The target.
    pub target: Option<ExportedObject>,
    pub data: EventData,
}

/// A noun, and the id or slug of one, where it has one.
#[derive(Debug, Serialize)]
pub struct ExportedObject {
    pub kind: String,
    pub id: Option<String>,
}

/// A launch. Its record and fields are deleted after a while.
#[derive(Debug, Serialize)]
pub struct Launched {
    pub id: String,
    pub service: String,
    pub intent: String,
    pub record_type: Option<String>,
    pub record: Option<String>,
    pub fields: BTreeMap<String, String>,
    pub instance: Option<String>,
    pub method: Option<String>,
    pub session: Option<String>,
    pub address: Option<String>,
    pub created_at: Timestamp,
    pub departed_at: Option<Timestamp>,
    pub landed_at: Option<Timestamp>,
    pub refused_at: Option<Timestamp>,
    pub reason: Option<String>,
    /// The receipt of the application.
    pub receipt: Option<Receipt>,
}

#[derive(Debug, Serialize)]
pub struct Receipt {
    pub outcome: String,
    pub reason: Option<String>,
    pub detail: Option<String>,
    pub at: Timestamp,
}

#[derive(Debug, Serialize)]
pub struct Granted {
    pub client: String,
    pub scope: String,
    pub session: String,
    pub launch: Option<String>,
    pub issued_at: Timestamp,
    pub redeemed_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl From<OwnIdentity> for ExportedIdentity {
    fn from(own: OwnIdentity) -> Self {
        Self {
            provider: own.provider,
            subject: own.subject,
            linked_at: Timestamp(own.linked_at),
            used_at: own.used_at.map(Timestamp),
        }
    }
}

impl From<OwnSession> for ExportedSession {
    fn from(own: OwnSession) -> Self {
        let session = own.session;
        Self {
            id: session.id.to_string(),
            provider: session.provider,
            methods: session.amr.split_whitespace().map(str::to_owned).collect(),
            context: session.acr,
            second_factor_at: session.factor_at.map(Timestamp),
            remembered_at: session.remembered_at.map(Timestamp),
            user_agent: own.user_agent,
            address: own.address,
            created_at: Timestamp(session.created_at),
            authenticated_at: Timestamp(session.authenticated_at),
            seen_at: Timestamp(session.seen_at),
            expires_at: Timestamp(session.expires_at),
            ended_at: own.ended_at.map(Timestamp),
        }
    }
}

impl From<HistoryEntry> for Happening {
    fn from(line: HistoryEntry) -> Self {
        Self {
            id: line.id.to_string(),
            at: Timestamp(line.at),
            event: line.kind,
            session: line.session.map(|id| id.to_string()),
            address: line.address,
            service: line.service,
            actor: line.facts.actor.map(ExportedObject::from),
            target: line.facts.target.map(ExportedObject::from),
            data: line.facts.data,
        }
    }
}

impl From<Actor> for ExportedObject {
    fn from(actor: Actor) -> Self {
        Self {
            kind: actor.kind().to_owned(),
            // Another user may have caused it in the same browser; the export shows no ids of other
            // users.
            id: match &actor {
                Actor::User(_) => None,
                other => other.id().map(str::to_owned),
            },
        }
    }
}

impl From<Target> for ExportedObject {
    fn from(target: Target) -> Self {
        Self {
            kind: target.kind,
            id: Some(target.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_too_long_is_cut_and_says_so() {
        let mut list = vec![1, 2, 3];
        assert!(!cut(&mut list, 3));
        assert!(cut(&mut list, 2));
        assert_eq!(list, [1, 2]);
    }
}
