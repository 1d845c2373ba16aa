//! The keys we sign with, and the secret behind pairwise subjects. All rest sealed in the database,
//! made by the first replica that starts.

use std::{collections::HashMap, sync::Arc};

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use zeroize::Zeroizing;

use super::Seal;
use crate::{
    chance::Chance,
    clock::Clock,
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

/// The keys of this house. Clones share them.
#[derive(Clone)]
pub struct KeyRing {
    keys: Arc<HashMap<&'static str, SigningKey>>,
    jwks: Arc<JwkSet>,
    saml: Arc<PrivateKey>,
    pairwise: Arc<hmac::Key>,
}

impl KeyRing {
    /// Reads the keys, and makes those that are missing.
    pub async fn open(store: &Store, seal: &Seal, clock: &Clock, chance: &Chance) -> Result<Self> {
        let maker = Maker {
            store,
            seal,
            clock,
            chance,
        };
        maker.make_missing().await?;
        let mut keys = HashMap::new();
        let mut saml = None;
        let mut pairwise = None;
        for stored in store.signing_keys().await? {
            let secret = seal.unseal(&purpose(&stored.kid), &stored.sealed)?;
            match stored.algorithm.as_str() {
                SAML if saml.is_none() => saml = Some(saml_key(&secret)?),
                PAIRWISE if pairwise.is_none() => {
                    pairwise = Some(hmac::Key::new(hmac::HMAC_SHA256, &secret));
                }
                name => {
                    if let Some(algorithm) = Algorithm::parse(name) {
                        let key = SigningKey::from_pkcs8(algorithm, &secret).map_err(broken)?;
                        keys.entry(algorithm.as_str()).or_insert(key);
                    }
                }
            }
        }
        let public: Vec<Jwk> = keys.values().map(|key| key.public_jwk().clone()).collect();
        let missing = || Error::Internal("a key that was just made is missing".to_owned());
        Ok(Self {
            keys: Arc::new(keys),
            jwks: Arc::new(JwkSet::new(public)),
            saml: Arc::new(saml.ok_or_else(missing)?),
            pairwise: Arc::new(pairwise.ok_or_else(missing)?),
        })
    }

    /// A compact JWS over the claims (RFC 7515).
    pub fn sign(
        &self,
        algorithm: Algorithm,
        typ: Option<&str>,
        claims: &impl Serialize,
    ) -> Result<String> {
        let key = self.keys.get(algorithm.as_str());
        let key = key.ok_or_else(|| Error::Internal("no key for the algorithm".to_owned()))?;
        key.sign(typ, claims).map_err(broken)
    }

    /// The public halves (RFC 7517).
    pub fn jwks(&self) -> &JwkSet {
        &self.jwks
    }

    /// What our SAML identity provider signs with, and its certificate.
    pub fn saml(&self) -> &PrivateKey {
        &self.saml
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

/// Makes what is not there yet.
struct Maker<'a> {
    store: &'a Store,
    seal: &'a Seal,
    clock: &'a Clock,
    chance: &'a Chance,
}

impl Maker<'_> {
    async fn make_missing(&self) -> Result<()> {
        let stored = self.store.signing_keys().await?;
        let is_there = |name: &str| stored.iter().any(|key| key.algorithm == name);
        for algorithm in Algorithm::ALL {
            if !is_there(algorithm.as_str()) {
                let (pkcs8, key) = off_thread(move || SigningKey::generate(algorithm)).await?;
                self.keep(algorithm.as_str(), key.kid(), &pkcs8).await?;
            }
        }
        if !is_there(SAML) {
            let pem = off_thread(PrivateKey::generate).await?;
            let fingerprint = saml_key(pem.as_bytes())?.certificate().fingerprint();
            self.keep(SAML, &fingerprint, pem.as_bytes()).await?;
        }
        if !is_there(PAIRWISE) {
            let secret = Zeroizing::new(self.chance.bytes::<32>());
            let kid = URL_SAFE_NO_PAD.encode(self.chance.bytes::<16>());
            self.keep(PAIRWISE, &kid, &*secret).await?;
        }
        Ok(())
    }

    async fn keep(&self, name: &str, kid: &str, secret: &[u8]) -> Result<()> {
        let stored = StoredKey {
            kid: kid.to_owned(),
            algorithm: name.to_owned(),
            sealed: self.seal.seal(&purpose(kid), secret)?,
        };
        let mut tx = self.store.begin().await?;
        tx.offer_signing_key(&format!("{name}:1"), &stored, self.clock.now())
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

fn broken(error: JoseError) -> Error {
    Error::Internal(format!("signing key: {error}"))
}
