//! The keys we sign with, and the secret behind pairwise subjects. All are stored sealed in the
//! database, created by the first replica that starts.
//!
//! A signing key is *next* (published, so that every application has it by the time it is used),
//! *current* (it signs), *retiring* (published until the last thing it signed has expired and
//! caches have forgotten it) and then gone. Which one a key is follows from times alone: nothing
//! has to happen at the moment when one takes over from another, and replicas cannot disagree. One
//! that may be compromised is *withdrawn*: neither published nor used from then on. The secret
//! behind subjects never changes: users would become other subjects to every application.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

use super::{
    PurposeSeal, Seal,
    make::{AuditHooks, Maker, purpose, saml_key},
};
use crate::{
    chance::Chance,
    clock::{Clock, Time},
    error::{Error, Result},
    id::{SessionId, UserId},
    model::client::{Client, SubjectType},
    protocol::{
        jose::{Algorithm, JoseError, Jwk, JwkSet, SigningKey},
        saml::PrivateKey,
    },
    store::{Store, StoredKey},
};

/// What a stored key is for, where that is no JOSE algorithm.
pub(super) const SAML: &str = "saml";
const PAIRWISE: &str = "pairwise";
/// Purposes whose keys are rotated.
const TURNING: [&str; 3] = ["ES256", "RS256", SAML];
/// A key that does not sign any more is published for this long: far beyond the lifetime of its
/// signatures, and of any client's cache.
const RETIRING: Duration = Duration::from_secs(2 * 24 * 3600);

/// Two keys of a purpose never begin at the same moment: which one signs would be undefined.
const TICK: Duration = Duration::from_millis(1);

/// The keys of this installation. Clones share them.
#[derive(Clone)]
pub struct KeyRing {
    ring: Arc<ArcSwap<Ring>>,
    pairwise: Arc<hmac::Key>,
    seal: Seal,
    clock: Clock,
    chance: Chance,
    /// The certificate whose end was last logged, and which warning it was.
    last_warning: Arc<Mutex<Option<(String, i64)>>>,
}

/// The content of the database, opened.
struct Ring {
    tokens: Vec<Dated<SigningKey>>,
    saml: Vec<Dated<PrivateKey>>,
    /// How many keys of each purpose there have been.
    slots: BTreeMap<String, i64>,
    /// They change whenever the keys in the database change.
    marks: Vec<String>,
}

/// A key and when it starts to sign; of one purpose, the newest first.
struct Dated<K> {
    key: Arc<K>,
    from: Time,
}

/// A key as an admin sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyStatus {
    pub purpose: String,
    pub kid: String,
    pub from: Time,
    /// When its publication ends, where it has a successor.
    pub until: Option<Time>,
    /// When its certificate ends, where it has one.
    pub ends: Option<Time>,
    pub state: KeyState,
}

/// Days before the end of a certificate from which an admin is warned, the nearest first.
const WARNED: [i64; 4] = [0, 7, 30, 60];
const DAY_MILLIS: i64 = 24 * 3600 * 1000;

impl KeyStatus {
    /// The days until its certificate ends, rounded up; negative afterwards.
    pub fn days_left(&self, now: Time) -> Option<i64> {
        let left = self.ends?.millis() - now.millis();
        Some((left + DAY_MILLIS - 1).div_euclid(DAY_MILLIS))
    }

    /// Which warning is due: that of 60, 30 or 7 days, or 0, when it has ended.
    pub fn warning(&self, now: Time) -> Option<i64> {
        let left = self.days_left(now)?;
        WARNED.into_iter().find(|days| left <= *days)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    Next,
    Current,
    Retiring,
}

/// The rules for rotating keys.
#[derive(Clone, Copy, Debug)]
pub struct RotationPolicy {
    /// The next one is created when the current one is this old; `None`: only manually.
    pub every: Option<Duration>,
    /// How long it is published before it signs.
    pub publish: Duration,
    /// The same for the key that signs SAML: service providers keep copies of its certificate.
    pub every_saml: Option<Duration>,
    pub publish_saml: Duration,
}

/// Why new keys are created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationReason {
    /// Those whose time has come.
    Due,
    /// All, ahead of time; purposes that already have a next key are left out.
    Early,
    /// All, to sign at once; a waiting key never signs.
    AtOnce,
    /// Likewise, and the previous key is withdrawn: it may be compromised.
    Leaked,
}

impl RotationReason {
    const fn is_at_once(self) -> bool {
        matches!(self, RotationReason::AtOnce | RotationReason::Leaked)
    }
}

impl KeyRing {
    /// Reads the keys, and creates missing ones.
    pub async fn open(store: &Store, seal: &Seal, clock: &Clock, chance: &Chance) -> Result<Self> {
        let mut stored = store.signing_keys().await?;
        check_master(&stored, seal)?;
        let maker = Maker {
            store,
            seal,
            now: clock.now(),
            chance,
        };
        for purpose in TURNING.into_iter().chain([PAIRWISE]) {
            if !stored.iter().any(|key| key.algorithm == purpose) {
                let fresh = maker.make(purpose, clock.now()).await?;
                maker.keep(1, &fresh, &[], None).await?;
            }
        }
        stored = store.signing_keys().await?;
        let pairwise = stored.iter().find(|key| key.algorithm == PAIRWISE);
        let pairwise = pairwise.ok_or_else(|| missing(PAIRWISE))?;
        let secret = seal.unseal(&purpose(&pairwise.kid), &pairwise.sealed)?;
        let ring = Ring::of(&stored, store.key_marks().await?, seal)?;
        Ok(Self {
            ring: Arc::new(ArcSwap::from_pointee(ring)),
            pairwise: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &secret)),
            seal: seal.clone(),
            clock: clock.clone(),
            chance: chance.clone(),
            last_warning: Arc::default(),
        })
    }

    /// Loads keys that another replica has created; an error if everything is sealed under another
    /// master key by now.
    pub async fn refresh(&self, store: &Store) -> Result<()> {
        let marks = store.key_marks().await?;
        if marks == self.ring.load().marks {
            return Ok(());
        }
        let stored = store.signing_keys().await?;
        check_master(&stored, &self.seal)?;
        let ring = Ring::of(&stored, marks, &self.seal)?;
        self.ring.store(Arc::new(ring));
        Ok(())
    }

    /// Creates the next key of each purpose that is due. Returns the purposes.
    pub async fn rotate(
        &self,
        store: &Store,
        turns: &RotationPolicy,
        turn: RotationReason,
        hooks: &AuditHooks<'_>,
    ) -> Result<Vec<&'static str>> {
        self.refresh(store).await?;
        let now = self.clock.now();
        let maker = Maker {
            store,
            seal: &self.seal,
            now,
            chance: &self.chance,
        };
        let ring = self.ring.load_full();
        let standing = self.standing();
        let mut made = Vec::new();
        for purpose in TURNING {
            let own = standing.iter().filter(|one| one.purpose == purpose);
            let own: Vec<&KeyStatus> = own.collect();
            if !turns.is_due(turn, purpose, &own, now) {
                continue;
            }
            let replaced: Vec<&KeyStatus> = own
                .iter()
                .filter(|one| turn == RotationReason::Leaked || one.state == KeyState::Next)
                .filter(|_| turn.is_at_once())
                .copied()
                .collect();
            let from = match turn.is_at_once() {
                true => now,
                false => now + turns.publish(purpose),
            };
            let stays = |one: &&&KeyStatus| !replaced.iter().any(|gone| gone.kid == one.kid);
            let newest = own.iter().filter(stays).map(|one| one.from).max();
            let from = newest.map_or(from, |newest| from.max(newest + TICK));
            // The slot after those we know of: if another replica has filled it meanwhile, its key
            // is the next one, and ours is discarded.
            let slot = ring.slots.get(purpose).copied().unwrap_or(0) + 1;
            let fresh = maker.make(purpose, from).await?;
            if maker.keep(slot, &fresh, &replaced, Some(hooks)).await? {
                made.push(purpose);
            }
        }
        self.refresh(store).await?;
        Ok(made)
    }

    /// Every key that is published, newest first by purpose.
    pub fn standing(&self) -> Vec<KeyStatus> {
        let (ring, now) = (self.ring.load(), self.clock.now());
        let mut all = Vec::new();
        for algorithm in Algorithm::ALL {
            let own = ring.of_algorithm(algorithm);
            all.extend(stand(algorithm.as_str(), &own, now, |key| {
                (key.kid().to_owned(), None)
            }));
        }
        let own: Vec<_> = ring.saml.iter().collect();
        all.extend(stand(SAML, &own, now, |key| {
            let certificate = key.certificate();
            let ends = Time::from_secs(certificate.not_after());
            (certificate.fingerprint(), Some(ends))
        }));
        all
    }

    /// The certificate that ends soonest, of those without a successor that end soon.
    pub fn ending(&self) -> Option<KeyStatus> {
        let now = self.clock.now();
        let standing = self.standing();
        let newest = standing.into_iter().find(|one| one.ends.is_some())?;
        newest.warning(now).is_some().then_some(newest)
    }

    /// The same, once for each warning that falls due; for the log.
    pub fn newly_ending(&self) -> Option<KeyStatus> {
        let ending = self.ending()?;
        let due = (ending.kid.clone(), ending.warning(self.clock.now())?);
        let mut last_warning = self
            .last_warning
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last_warning.as_ref() == Some(&due) {
            return None;
        }
        *last_warning = Some(due);
        Some(ending)
    }

    /// A compact JWS over the claims (RFC 7515).
    pub fn sign(
        &self,
        algorithm: Algorithm,
        typ: Option<&str>,
        claims: &impl Serialize,
    ) -> Result<String> {
        let ring = self.ring.load();
        let own = ring.of_algorithm(algorithm);
        let key = current(&own, self.clock.now());
        let key = key.ok_or_else(|| missing(algorithm.as_str()))?;
        key.key.sign(typ, claims).map_err(broken)
    }

    /// The public keys (RFC 7517): of keys that sign, will sign and have signed.
    pub fn jwks(&self) -> JwkSet {
        let (ring, now) = (self.ring.load(), self.clock.now());
        let mut public: Vec<Jwk> = Vec::new();
        for algorithm in Algorithm::ALL {
            let own = ring.of_algorithm(algorithm);
            let shown = published(&own, now);
            public.extend(shown.map(|(one, _)| one.key.public_jwk().clone()));
        }
        JwkSet::new(public)
    }

    /// The key of our SAML identity provider, with its certificate.
    pub fn saml(&self) -> Result<Arc<PrivateKey>> {
        let ring = self.ring.load();
        let own: Vec<_> = ring.saml.iter().collect();
        let key = current(&own, self.clock.now());
        key.map(|one| one.key.clone()).ok_or_else(|| missing(SAML))
    }

    /// The keys that will sign or have signed: their certificates are published as well.
    pub fn other_saml(&self) -> Vec<Arc<PrivateKey>> {
        let (ring, now) = (self.ring.load(), self.clock.now());
        let own: Vec<_> = ring.saml.iter().collect();
        let signs = current(&own, now).map(|one| one.from);
        published(&own, now)
            .filter(|(one, _)| Some(one.from) != signs)
            .map(|(one, _)| one.key.clone())
            .collect()
    }

    /// Seals and opens one kind of value that passes through clients.
    pub fn purpose(&self, word: &'static str) -> PurposeSeal<'_> {
        self.seal.purpose(word)
    }

    /// A user as this client knows them (Core 1.0 section 8).
    pub fn subject(&self, client: &Client, user: &UserId) -> String {
        match client.registration.subject_type {
            SubjectType::Public => user.to_string(),
            SubjectType::Pairwise => self.pairwise(client.sector(), user),
        }
    }

    /// The id of a session at one client (`sid`): always the same, and different for every client,
    /// so that two of them cannot correlate their records.
    pub fn sid(&self, client: &str, session: &SessionId) -> String {
        // No sector begins like this, so the result is no subject.
        let text = format!("\0sid\n{client}\n{session}");
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.pairwise, text.as_bytes()))
    }

    /// The id of a user at one sector of remote applications: always the same, sent to no other
    /// sector, and not reversible (OpenID Connect Core 1.0 section 8.1; SAML's persistent
    /// identifiers, Core section 8.3.7). 43 characters of base64url.
    pub fn pairwise(&self, sector: &str, user: &UserId) -> String {
        let text = format!("{sector}\n{user}");
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.pairwise, text.as_bytes()))
    }
}

impl Ring {
    fn of(stored: &[StoredKey], marks: Vec<String>, seal: &Seal) -> Result<Self> {
        let mut ring = Ring {
            tokens: Vec::new(),
            saml: Vec::new(),
            slots: BTreeMap::new(),
            marks,
        };
        for one in stored {
            *ring.slots.entry(one.algorithm.clone()).or_default() += 1;
        }
        for one in stored.iter().filter(|one| one.withdrawn_at.is_none()) {
            let from = one.active_from;
            if one.algorithm == SAML {
                let key = Arc::new(saml_key(&seal.unseal(&purpose(&one.kid), &one.sealed)?)?);
                ring.saml.push(Dated { key, from });
            } else if let Some(algorithm) = Algorithm::parse(&one.algorithm) {
                let secret = seal.unseal(&purpose(&one.kid), &one.sealed)?;
                let key = SigningKey::from_pkcs8(algorithm, &secret).map_err(broken)?;
                let key = Arc::new(key);
                ring.tokens.push(Dated { key, from });
            }
        }
        ring.tokens.sort_by_key(|one| std::cmp::Reverse(one.from));
        ring.saml.sort_by_key(|one| std::cmp::Reverse(one.from));
        Ok(ring)
    }

    fn of_algorithm(&self, algorithm: Algorithm) -> Vec<&Dated<SigningKey>> {
        let own = self.tokens.iter();
        own.filter(|one| one.key.algorithm() == algorithm).collect()
    }
}

/// The newest whose time has come; before the first one's time, any.
fn current<'a, K>(keys: &[&'a Dated<K>], now: Time) -> Option<&'a Dated<K>> {
    let come = keys.iter().find(|one| one.from <= now);
    come.or(keys.last()).copied()
}

impl RotationPolicy {
    /// When the next key is created after one that started to sign at `from`.
    pub fn due(&self, purpose: &str, from: Time) -> Option<Time> {
        let every = match purpose {
            SAML => self.every_saml,
            _ => self.every,
        };
        every.map(|every| from + every)
    }

    fn publish(&self, purpose: &str) -> Duration {
        match purpose {
            SAML => self.publish_saml,
            _ => self.publish,
        }
    }

    /// Whether a purpose needs a new key, by the state of its keys.
    fn is_due(&self, turn: RotationReason, purpose: &str, own: &[&KeyStatus], now: Time) -> bool {
        if turn.is_at_once() {
            return true;
        }
        let waits = own.iter().any(|one| one.state == KeyState::Next);
        let current = own.iter().find(|one| one.state == KeyState::Current);
        let is_old =
            current.is_none_or(|one| self.due(purpose, one.from).is_some_and(|due| due <= now));
        !waits && (is_old || turn == RotationReason::Early)
    }
}

/// All but those whose successor started long ago, and until when.
fn published<'a, K>(
    keys: &[&'a Dated<K>],
    now: Time,
) -> impl Iterator<Item = (&'a Dated<K>, Option<Time>)> {
    let followers = std::iter::once(None).chain(keys.iter().map(|one| Some(one.from + RETIRING)));
    let followers: Vec<Option<Time>> = followers.take(keys.len()).collect();
    let each = keys.iter().copied().zip(followers);
    each.filter(move |(_, until)| until.is_none_or(|until| now < until))
}

fn stand<K>(
    purpose: &str,
    keys: &[&Dated<K>],
    now: Time,
    about: impl Fn(&K) -> (String, Option<Time>),
) -> Vec<KeyStatus> {
    let signs = current(keys, now).map(|one| one.from);
    published(keys, now)
        .map(|(one, until)| (one, until, about(&one.key)))
        .map(|(one, until, (kid, ends))| KeyStatus {
            purpose: purpose.to_owned(),
            kid,
            from: one.from,
            until,
            ends,
            state: match Some(one.from).cmp(&signs) {
                std::cmp::Ordering::Greater => KeyState::Next,
                std::cmp::Ordering::Equal => KeyState::Current,
                std::cmp::Ordering::Less => KeyState::Retiring,
            },
        })
        .collect()
}

/// If our master key opens none of the keys, it is the wrong one; if it opens some, the others are
/// damaged, and are named when they are read.
fn check_master(stored: &[StoredKey], seal: &Seal) -> Result<()> {
    let opens = |key: &StoredKey| seal.unseal(&purpose(&key.kid), &key.sealed).is_ok();
    if stored.is_empty() || stored.iter().any(opens) {
        return Ok(());
    }
    Err(Error::MasterKey(WRONG_MASTER.to_owned()))
}

/// Advice for the operator of the portal; nothing has been changed by then.
const WRONG_MASTER: &str = "the master key is not the one that this database was encrypted with: \
     set keys.master, or master.key in the data directory, to that key (after `usher rekey` it is \
     the new one, for a restored backup the one of its time)";

fn missing(name: &str) -> Error {
    Error::Internal(format!("there is no key for {name}"))
}

fn broken(error: JoseError) -> Error {
    Error::Internal(format!("signing key: {error}"))
}
