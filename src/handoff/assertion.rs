//! The statements of a SAML response about a user and a launch, the same whether the service
//! provider requested it (`issuer/saml`) or not (`saml`).

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    chance::Chance,
    clock::Time,
    id::{LaunchId, SessionId},
    keys::KeyRing,
    model::{
        context::Context,
        party::{PartyKind, PartySession},
        service_provider::{NameFormat, ServiceProvider, session_until},
        session::{SignedIn, UNKNOWN_TIME},
        user::MailStanding,
    },
    protocol::saml::{
        Address, NameId, PrivateKey, SamlFault,
        response::{EncryptionSecrets, ResponseEnvelope, StatusRefusal, VouchedUser},
    },
};

/// A response to a service provider.
pub struct AssertionReply<'a> {
    pub issuer: &'a str,
    pub party: &'a ServiceProvider,
    /// Its destination, from the party's metadata.
    pub consumer: &'a Address,
    pub in_response_to: Option<&'a str>,
    pub keys: &'a KeyRing,
    pub chance: &'a Chance,
    pub now: Time,
}

/// The user it vouches for, and how.
pub struct About<'a> {
    pub who: &'a SignedIn,
    /// What is known of their mail address.
    pub mail: MailStanding,
    pub format: NameFormat,
    pub context: &'a str,
    pub launch: Option<CarriedLaunch<'a>>,
}

/// The launch that led there.
pub struct CarriedLaunch<'a> {
    pub id: &'a LaunchId,
    pub intent: &'a str,
    pub record: Option<&'a Context>,
}

/// Our entity id, which is where our metadata is.
pub fn entity_id(issuer: &str) -> String {
    format!("{issuer}/saml/metadata")
}

impl AssertionReply<'_> {
    /// The value of `SAMLResponse`, and the names by which the party knows user and session from
    /// now on.
    pub fn vouch(&self, about: &About) -> Result<(String, PartySession), SamlFault> {
        let missing = SamlFault::Claim(
            "the user has no mail address to be known by, or none that is verified: see scopes",
        );
        let session = &about.who.session.id;
        let subject = self.subject(about).ok_or(missing)?;
        // Each assertion starts a session at the party: only one with a name of its own can be
        // ended.
        let index = self.fresh_id();
        let party = PartySession {
            session: session.clone(),
            kind: PartyKind::SAML,
            party: self.party.entity_id().to_owned(),
            subject: subject.value.clone(),
            index: Some(index.clone()),
        };
        let (id, assertion, issuer) = (self.fresh_id(), self.fresh_id(), entity_id(self.issuer));
        let vouched = VouchedUser {
            id: &assertion,
            audience: self.party.entity_id(),
            subject,
            authenticated_at: about.who.session.proved_at.unwrap_or(UNKNOWN_TIME).secs(),
            session_index: &index,
            session_until: session_until(about.who).secs(),
            context: about.context,
            attributes: self.attributes(about),
        };
        let once = EncryptionSecrets {
            key: self.chance.bytes(),
            nonce: self.chance.bytes(),
        };
        let key = self.key()?;
        let to = self.party.metadata.encryption.as_ref();
        let text = self.envelope(&id, &issuer).vouch(
            &vouched,
            &key,
            to.map(|certificate| (certificate, &once)),
        )?;
        Ok((text, party))
    }

    /// The value of `SAMLResponse` that states the refusal.
    pub fn refuse(&self, why: StatusRefusal) -> Result<String, SamlFault> {
        let (id, issuer) = (self.fresh_id(), entity_id(self.issuer));
        self.envelope(&id, &issuer).refuse(why, &*self.key()?)
    }

    fn key(&self) -> Result<Arc<PrivateKey>, SamlFault> {
        let none = |_| SamlFault::Signature("there is no key of ours");
        self.keys.saml().map_err(none)
    }

    fn envelope<'b>(&'b self, id: &'b str, issuer: &'b str) -> ResponseEnvelope<'b> {
        ResponseEnvelope {
            id,
            issued_at: self.now.secs(),
            issuer,
            destination: self.consumer,
            in_response_to: self.in_response_to,
        }
    }

    fn subject(&self, about: &About) -> Option<NameId> {
        let user = &about.who.user;
        let party = self.party.entity_id();
        let value = match about.format {
            NameFormat::Persistent => self.keys.pairwise(party, &user.id),
            NameFormat::Transient => transient(self.keys, party, about.who),
            // The application knows the user by it, so it must be theirs.
            NameFormat::Email if !about.mail.may_be_key() => return None,
            NameFormat::Email => user.attributes.first("mail")?.to_owned(),
            NameFormat::Login => user.username.clone(),
        };
        let qualified = about.format == NameFormat::Persistent;
        Some(NameId {
            value,
            format: Some(about.format.uri().to_owned()),
            name_qualifier: qualified.then(|| entity_id(self.issuer)),
            sp_name_qualifier: qualified.then(|| party.to_owned()),
        })
    }

    fn attributes(&self, about: &About) -> Vec<(String, Vec<String>)> {
        let mut all = self.party.released(&about.who.user);
        // An attribute cannot express how certain an address is.
        if !about.mail.may_be_sent_plainly() {
            all.retain(|(name, _)| {
                self.party
                    .attributes
                    .get(name)
                    .is_none_or(|ours| ours != "mail")
            });
        }
        if let Some(launch) = &about.launch {
            all.extend(launch.attributes());
        }
        all
    }

    /// An `ID`: an NCName with 128 random bits (Core section 1.3.4).
    fn fresh_id(&self) -> String {
        let random: [u8; 16] = self.chance.bytes();
        let hex: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("_{hex}")
    }
}

/// The same for as long as the session is active, so that a logout can name it; never used again.
fn transient(keys: &KeyRing, party: &str, who: &SignedIn) -> String {
    let session: &SessionId = &who.session.id;
    keys.pairwise(&transient_sector(party, session), &who.user.id)
}

/// The sector whose pairwise subject is the transient NameID of a session at a party.
pub fn transient_sector(party: &str, session: &SessionId) -> String {
    format!("{party}\n{session}")
}

impl CarriedLaunch<'_> {
    /// The record as attributes, which every method encodes in its own way.
    fn attributes(&self) -> Vec<(String, Vec<String>)> {
        let mut all = BTreeMap::from([
            ("urn:usher:launch:id".to_owned(), self.id.to_string()),
            ("urn:usher:launch:intent".to_owned(), self.intent.to_owned()),
        ]);
        if let Some(record) = self.record {
            let name = format!("urn:usher:context:{}", record.kind);
            for (field, value) in &record.fields {
                all.insert(format!("{name}:{field}"), value.clone());
            }
            all.insert(name, record.key.clone());
        }
        all.into_iter()
            .map(|(name, value)| (name, vec![value]))
            .collect()
    }
}
