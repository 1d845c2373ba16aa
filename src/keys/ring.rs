//! The keys we sign with, and the secret behind pairwise subjects. All rest sealed in the database,
//! made by the first replica that starts.
//!
//! A signing key is *next* (published, so that everybody has it by the time it is used), *current*
//! (it signs), *retiring* (published until the last thing it signed has expired and caches have
//! forgotten it) and then gone. Which one a key is follows from times alone: nothing has to happen
//! at the moment when one takes over from another, and replicas cannot disagree. The secret behind
//! subjects never changes: people would be others to everybody.

use std::{sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use zeroize::Zeroizing;

use super::Seal;
use crate::{
    chance::Chance,
    clock::{Clock, Time},
    error::{Error, Result},
    id::UserId,
    model::client::{Client, SubjectType},
    protocol::{
        jose::{Algorithm, JoseError, Jwk, JwkSet, SigningKey},
        saml::PrivateKey,
    },
    store::{Store, StoredKey},
};

/// What a stored key is for, where that is no JOSE algorithm.
const SAML: &str = "saml";
const PAIRWISE: &str = "pairwise";
/// Purposes whose keys take turns.
const TURNING: [&str; 3] = ["ES256", "RS256", SAML];
/// A key that signs no more is published for so long: far beyond the life of what it signed, and
/// of anybody's cache.
const RETIRING: Duration = Duration::from_secs(2 * 24 * 3600);

/// Two keys of a purpose never begin at the same moment: which signs would be anybody's guess.
const TICK: Duration = Duration::from_millis(1);

/// The keys of this house. Clones share them.
#[derive(Clone)]
pub struct KeyRing {
    ring: Arc<ArcSwap<Ring>>,
    pairwise: Arc<hmac::Key>,
    seal: Seal,
    clock: Clock,
    chance: Chance,
}

/// What the database holds, opened.
struct Ring {
    tokens: Vec<Dated<SigningKey>>,
    saml: Vec<Dated<PrivateKey>>,
    /// What tells whether the database holds something else by now.
    kids: Vec<String>,
}

/// A key and when it begins to sign; of one purpose, the newest first.
struct Dated<K> {
    key: Arc<K>,
    from: Time,
}

/// A key as an admin sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    pub purpose: String,
    pub kid: String,
    pub from: Time,
    pub state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Next,
    Current,
    Retiring,
}

impl KeyRing {
    /// Reads the keys, and makes those that are missing.
    pub async fn open(store: &Store, seal: &Seal, clock: &Clock, chance: &Chance) -> Result<Self> {
        let mut stored = store.signing_keys().await?;
        let maker = Maker {
            store,
            seal,
            now: clock.now(),
            chance,
        };
        for purpose in TURNING.into_iter().chain([PAIRWISE]) {
            if !stored.iter().any(|key| key.algorithm == purpose) {
                maker.make(purpose, 1, clock.now()).await?;
            }
        }
        stored = store.signing_keys().await?;
        let pairwise = stored.iter().find(|key| key.algorithm == PAIRWISE);
        let pairwise = pairwise.ok_or_else(|| missing(PAIRWISE))?;
        let secret = seal.unseal(&purpose(&pairwise.kid), &pairwise.sealed)?;
        Ok(Self {
            ring: Arc::new(ArcSwap::from_pointee(Ring::of(&stored, seal)?)),
            pairwise: Arc::new(hmac::Key::new(hmac::HMAC_SHA256, &secret)),
            seal: seal.clone(),
            clock: clock.clone(),
            chance: chance.clone(),
        })
    }

    /// Takes over what another replica has made.
    pub async fn refresh(&self, store: &Store) -> Result<()> {
        if store.key_names().await? == self.ring.load().kids {
            return Ok(());
        }
        let stored = store.signing_keys().await?;
        self.ring.store(Arc::new(Ring::of(&stored, &self.seal)?));
        Ok(())
    }

    /// Makes the next key of each purpose whose current one is older than `age`, to sign from then
    /// on; where one is waiting already, there is nothing to do. Returns the purposes.
    pub async fn rotate(
        &self,
        store: &Store,
        age: Duration,
        from: Time,
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
            let mut own = standing.iter().filter(|one| one.purpose == purpose);
            let waits = own.clone().any(|one| one.state == State::Next);
            let current = own.find(|one| one.state == State::Current);
            let is_old = current.is_none_or(|one| one.from + age <= now);
            if is_old && !waits {
                // The slot after those we know of: if another replica has filled it meanwhile, its
                // key is the next one, and ours never was.
                let (count, newest) = ring.count(purpose);
                let from = newest.map_or(from, |newest| from.max(newest + TICK));
                maker.make(purpose, count + 1, from).await?;
                made.push(purpose);
            }
        }
        self.refresh(store).await?;
        Ok(made)
    }

    /// Every key that is published, newest first by purpose.
    pub fn standing(&self) -> Vec<Standing> {
        let (ring, now) = (self.ring.load(), self.clock.now());
        let mut all = Vec::new();
        for algorithm in Algorithm::ALL {
            let own = ring.of_algorithm(algorithm);
            all.extend(stand(algorithm.as_str(), &own, now, |key| {
                key.kid().to_owned()
            }));
        }
        let own: Vec<_> = ring.saml.iter().collect();
        all.extend(stand(SAML, &own, now, |key| {
            key.certificate().fingerprint()
        }));
        all
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

    /// The public halves (RFC 7517): of what signs, will sign and has signed.
    pub fn jwks(&self) -> JwkSet {
        let (ring, now) = (self.ring.load(), self.clock.now());
        let mut public: Vec<Jwk> = Vec::new();
        for algorithm in Algorithm::ALL {
            let own = ring.of_algorithm(algorithm);
            let shown = published(&own, now);
            public.extend(shown.map(|one| one.key.public_jwk().clone()));
        }
        JwkSet::new(public)
    }

    /// What our SAML identity provider signs with, and its certificate.
    pub fn saml(&self) -> Result<Arc<PrivateKey>> {
        let ring = self.ring.load();
        let own: Vec<_> = ring.saml.iter().collect();
        let key = current(&own, self.clock.now());
        key.map(|one| one.key.clone()).ok_or_else(|| missing(SAML))
    }

    /// Those that will sign or have signed: their certificates are published as well.
    pub fn other_saml(&self) -> Vec<Arc<PrivateKey>> {
        let (ring, now) = (self.ring.load(), self.clock.now());
        let own: Vec<_> = ring.saml.iter().collect();
        let signs = current(&own, now).map(|one| one.from);
        published(&own, now)
            .filter(|one| Some(one.from) != signs)
            .map(|one| one.key.clone())
            .collect()
    }

    /// What opens the secrets that rest beside the keys.
    pub fn seal(&self) -> &Seal {
        &self.seal
    }

    /// A person as this client knows them (Core 1.0 section 8).
    pub fn subject(&self, client: &Client, user: &UserId) -> String {
        match client.registration.subject_type {
            SubjectType::Public => user.to_string(),
            SubjectType::Pairwise => self.pairwise(client.sector(), user),
        }
    }

    /// A person as one sector of remote applications knows them: the same each time, told to
    /// nobody else, and not to be turned back (OpenID Connect Core 1.0 section 8.1; SAML's
    /// persistent identifiers, Core section 8.3.7). 43 characters of base64url.
    pub fn pairwise(&self, sector: &str, user: &UserId) -> String {
        let text = format!("{sector}\n{user}");
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.pairwise, text.as_bytes()))
    }
}

impl Ring {
    fn of(stored: &[StoredKey], seal: &Seal) -> Result<Self> {
        let mut ring = Ring {
            tokens: Vec::new(),
            saml: Vec::new(),
            kids: stored.iter().map(|key| key.kid.clone()).collect(),
        };
        for one in stored {
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

    /// How many keys of a purpose there have been, and when the newest begins to sign.
    fn count(&self, purpose: &str) -> (i64, Option<Time>) {
        let froms: Vec<Time> = match Algorithm::parse(purpose) {
            Some(algorithm) => self
                .of_algorithm(algorithm)
                .iter()
                .map(|one| one.from)
                .collect(),
            None => self.saml.iter().map(|one| one.from).collect(),
        };
        let count = i64::try_from(froms.len()).unwrap_or(i64::MAX - 1);
        (count, froms.into_iter().max())
    }

    fn of_algorithm(&self, algorithm: Algorithm) -> Vec<&Dated<SigningKey>> {
        let own = self.tokens.iter();
        own.filter(|one| one.key.algorithm() == algorithm).collect()
    }
}

/// The newest whose time has come; at the very start, whichever there is.
fn current<'a, K>(keys: &[&'a Dated<K>], now: Time) -> Option<&'a Dated<K>> {
    let come = keys.iter().find(|one| one.from <= now);
    come.or(keys.last()).copied()
}

/// All but those that were followed long ago.
fn published<'a, K>(keys: &[&'a Dated<K>], now: Time) -> impl Iterator<Item = &'a Dated<K>> {
    let mut follower: Option<Time> = None;
    keys.iter().copied().filter(move |one| {
        let is_shown = follower.is_none_or(|from| now < from + RETIRING);
        follower = Some(one.from);
        is_shown
    })
}

fn stand<K>(
    purpose: &str,
    keys: &[&Dated<K>],
    now: Time,
    name: impl Fn(&K) -> String,
) -> Vec<Standing> {
    let signs = current(keys, now).map(|one| one.from);
    published(keys, now)
        .map(|one| Standing {
            purpose: purpose.to_owned(),
            kid: name(&one.key),
            from: one.from,
            state: match Some(one.from).cmp(&signs) {
                std::cmp::Ordering::Greater => State::Next,
                std::cmp::Ordering::Equal => State::Current,
                std::cmp::Ordering::Less => State::Retiring,
            },
        })
        .collect()
}

/// Makes what is not there yet.
struct Maker<'a> {
    store: &'a Store,
    seal: &'a Seal,
    now: Time,
    chance: &'a Chance,
}

impl Maker<'_> {
    /// Makes the key for this slot of a purpose; whoever is first wins, and one is enough.
    async fn make(&self, name: &'static str, slot: i64, from: Time) -> Result<()> {
        match Algorithm::parse(name) {
            Some(algorithm) => {
                let (pkcs8, key) = off_thread(move || SigningKey::generate(algorithm)).await?;
                self.keep(name, slot, key.kid(), &pkcs8, from).await
            }
            None if name == SAML => {
                let pem = off_thread(PrivateKey::generate).await?;
                let fingerprint = saml_key(pem.as_bytes())?.certificate().fingerprint();
                let pem = pem.as_bytes();
                self.keep(name, slot, &fingerprint, pem, from).await
            }
            None => {
                let secret = Zeroizing::new(self.chance.bytes::<32>());
                let kid = URL_SAFE_NO_PAD.encode(self.chance.bytes::<16>());
                self.keep(name, slot, &kid, &*secret, from).await
            }
        }
    }

    async fn keep(
        &self,
        name: &str,
        slot: i64,
        kid: &str,
        secret: &[u8],
        from: Time,
    ) -> Result<()> {
        let stored = StoredKey {
            kid: kid.to_owned(),
            algorithm: name.to_owned(),
            sealed: self.seal.seal(&purpose(kid), secret)?,
            active_from: from,
        };
        let mut tx = self.store.begin().await?;
        tx.offer_signing_key(&format!("{name}:{slot}"), &stored, self.now)
            .await?;
        tx.commit().await
    }
}

/// An RSA key takes long to find: not on an async thread.
async fn off_thread<T, E>(make: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T>
where
    T: Send + 'static,
    E: std::fmt::Display + Send + 'static,
{
    let made = tokio::task::spawn_blocking(make).await;
    made.map_err(|error| Error::Internal(error.to_string()))?
        .map_err(|error| Error::Internal(format!("a key cannot be made: {error}")))
}

fn saml_key(pem: &[u8]) -> Result<PrivateKey> {
    let wrong = |why: String| Error::Internal(format!("the SAML key: {why}"));
    let text = std::str::from_utf8(pem).map_err(|error| wrong(error.to_string()))?;
    PrivateKey::from_pem(text).map_err(|error| wrong(error.to_string()))
}

fn purpose(kid: &str) -> String {
    format!("signing key {kid}")
}

fn missing(name: &str) -> Error {
    Error::Internal(format!("there is no key for {name}"))
}

fn broken(error: JoseError) -> Error {
    Error::Internal(format!("signing key: {error}"))
}
