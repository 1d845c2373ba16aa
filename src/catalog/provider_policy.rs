//! What the providers' rows define about users: who may sign in, with which role, which provider
//! each user belongs to, and how far the provider's statements are trusted.

use std::collections::HashMap;

use super::snapshot::{Faults, at, keep};
use crate::{
    model::{
        admission::{Admission, Scopes},
        mapping::Vocabulary,
        routing::{Candidate, Routing, conflicts},
        user::{MailStanding, User},
        username::GivenName,
    },
    store::ProviderRow,
};

/// By slug.
#[derive(Default)]
pub(super) struct ProviderPolicies(HashMap<String, ProviderPolicy>);

struct ProviderPolicy {
    admission: Admission,
    routing: Routing,
    word: Word,
}

/// How far a provider's statements are trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its groups, and the names of its users, are the portal's own.
    pub is_trusted: bool,
    /// Domains whose addresses it answers for.
    pub scopes: Option<Scopes>,
    /// Mail addresses are treated as they were before providers had scopes.
    pub is_kept: bool,
    /// The catalogue does not say whether its groups are trusted; they are, as before the upgrade.
    pub is_kept_by_upgrade: bool,
}

impl ProviderPolicies {
    /// Checks each row, and all of them against one another.
    pub fn build(rows: &[ProviderRow], faults: &mut Faults) -> Self {
        let gates = keep(faults, rows.iter().collect(), |row| gate(row, rows));
        let gates = Self(gates.into_iter().collect());
        faults.extend(conflicts(&gates.candidates(rows)));
        gates
    }

    pub fn admission(&self, provider: &str) -> Option<&Admission> {
        Some(&self.0.get(provider)?.admission)
    }

    pub fn word(&self, provider: &str) -> Option<&Word> {
        Some(&self.0.get(provider)?.word)
    }

    /// The name that a provider gives a user.
    pub fn naming<'a>(&self, provider: &'a str, login: &'a str) -> GivenName<'a> {
        let word = self.word(provider);
        GivenName {
            login,
            provider,
            is_bare: word.is_some_and(|word| word.is_trusted || word.answers_for(login)),
        }
    }

    /// What is known of the address that would be released as this user's.
    pub fn mail(&self, user: &User) -> MailStanding {
        let Some(mail) = user.attributes.named("mail") else {
            return MailStanding::Foreign;
        };
        if user.mail_verified_at.is_some() {
            return MailStanding::Verified;
        }
        let address = mail.values.first().map_or("", String::as_str);
        match self.word(&mail.source) {
            Some(word) if !mail.is_unverified && word.answers_for(address) => {
                MailStanding::Verified
            }
            Some(word) if word.is_kept => MailStanding::Kept,
            Some(word) if word.is_trusted => MailStanding::Own,
            _ => MailStanding::Foreign,
        }
    }

    /// Those that are enabled, in the order of the rows.
    pub fn candidates<'a>(&'a self, rows: &'a [ProviderRow]) -> Vec<Candidate<'a>> {
        let enabled = rows.iter().filter(|row| row.disabled_at.is_none());
        let routed = enabled.filter_map(|row| {
            Some(Candidate {
                slug: &row.slug,
                routing: &self.0.get(&row.slug)?.routing,
            })
        });
        routed.collect()
    }
}

impl Word {
    fn of(row: &ProviderRow, admission: &Admission, rows: &[ProviderRow]) -> Self {
        let is_own = is_own(row, rows);
        let scopes = match &admission.scopes {
            Some(scopes) => Some(scopes.clone()),
            // The address of a local account is confirmed by a mail.
            None if is_own && row.kind != LOCAL => Some(Scopes::Every),
            None => None,
        };
        Self {
            is_trusted: admission.trusted_groups.unwrap_or(is_own || row.is_kept),
            scopes,
            is_kept: row.is_kept && admission.scopes.is_none(),
            is_kept_by_upgrade: row.is_kept && admission.trusted_groups.is_none() && !is_own,
        }
    }

    fn answers_for(&self, address: &str) -> bool {
        let scopes = self.scopes.as_ref();
        scopes.is_some_and(|scopes| scopes.hold(address))
    }
}

/// The kind of our own accounts.
const LOCAL: &str = "local";

/// The provider marked as the default; where none is, the only one of the catalogue. Accounts made
/// by hand, without a catalogue that could mark them, are ours as well.
fn is_own(row: &ProviderRow, rows: &[ProviderRow]) -> bool {
    if !row.is_seeded && row.kind == LOCAL {
        return true;
    }
    match rows.iter().any(|one| one.routing.default) {
        true => row.routing.default,
        false => rows.iter().filter(|one| one.is_seeded).count() == 1,
    }
}

fn gate(row: &ProviderRow, rows: &[ProviderRow]) -> Result<(String, ProviderPolicy), Faults> {
    let place = format!("provider \"{}\"", row.slug);
    let admission = row.admission.build(Vocabulary::of(&row.kind));
    let mut admission = at(place.clone(), admission)?;
    let strange = admission.allow.iter().flat_map(|allow| allow.sources());
    if let Some(other) = strange.into_iter().find(|from| *from != row.slug) {
        let fault = format!("allow asks what this provider says, and not \"{other}\" (from)");
        return Err(vec![format!("{place}: {fault}")]);
    }
    let word = Word::of(row, &admission, rows);
    let prefix = (!word.is_trusted).then(|| row.slug.clone());
    admission.mapping.set_prefix(prefix);
    let gate = ProviderPolicy {
        admission,
        routing: at(place, row.routing.build())?,
        word,
    };
    Ok((row.slug.clone(), gate))
}
