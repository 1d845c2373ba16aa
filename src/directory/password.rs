//! Passwords of local accounts: argon2id at OWASP's parameters (m = 19 MiB, t = 2, p = 1), off
//! the async threads, a bounded number at a time and in the queue.

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version,
    password_hash::phc::PasswordHash,
};
use zeroize::Zeroizing;

use super::queue::HashQueue;
use crate::{
    chance::Chance,
    error::{Error, Result},
    model::{allowance::ClientNetwork, password::LONGEST, typed},
    store::{LocalAccount, Store},
};

/// Checks passwords.
#[derive(Clone)]
pub struct Passwords {
    store: Store,
    queue: HashQueue,
    chance: Chance,
}

/// Result of a check.
pub enum PasswordCheck {
    Right(Box<LocalAccount>),
    Wrong,
    Busy,
}

/// What a password is verified against when the name is unknown, so that an unknown name takes as
/// long as a known one. Random bytes: no password has this hash.
const UNKNOWN_USER_HASH: &str = "$argon2id$v=19$m=19456,t=2,p=1$2pQjkUpDsdOdJVszG31sxA$9OQe02blG6bISraOeTB8ib0u6GUlITQqaxKwcA/BHWM";

impl Passwords {
    pub fn new(store: Store, chance: Chance, at_once: usize) -> Self {
        Self {
            store,
            queue: HashQueue::new(at_once),
            chance,
        }
    }

    /// Verifies a password against the account's. An unknown name costs as much as a known one
    /// (THREATS: user enumeration, timing).
    pub async fn check(
        &self,
        login: &str,
        password: &Zeroizing<String>,
        client: &ClientNetwork,
    ) -> Result<PasswordCheck> {
        let account = self.account(login).await?;
        let hash = account
            .as_ref()
            .map_or(UNKNOWN_USER_HASH, |account| &account.password_hash);
        let Some(_turn) = self.queue.turn(client).await? else {
            return Ok(PasswordCheck::Busy);
        };
        let one_form = typed::password(password);
        let mut fits = self.verify(hash.to_owned(), one_form.clone()).await?;
        // Passwords that were set before normalisation were hashed as typed.
        if !fits && *one_form != **password {
            fits = self.verify(hash.to_owned(), password.clone()).await?;
        }
        Ok(match account {
            Some(account) if fits => PasswordCheck::Right(Box::new(account)),
            _ => PasswordCheck::Wrong,
        })
    }

    /// A name with a control character has no account, and the database is not asked about it.
    async fn account(&self, login: &str) -> Result<Option<LocalAccount>> {
        if login.contains(char::is_control) {
            return Ok(None);
        }
        let name = typed::login(login);
        let account = self.store.local_account(&name).await?;
        // Accounts from before normalisation have the name as it was typed then.
        let before = login.trim().to_lowercase();
        match account {
            None if before != name => self.store.local_account(&before).await,
            found => Ok(found),
        }
    }

    async fn verify(&self, hash: String, password: Zeroizing<String>) -> Result<bool> {
        let fits = move || {
            let known = PasswordHash::new(&hash).is_ok_and(|hash| {
                password.len() <= LONGEST
                    && Argon2::default()
                        .verify_password(password.as_bytes(), &hash)
                        .is_ok()
            });
            known && !password.is_empty()
        };
        tokio::task::spawn_blocking(fits).await.map_err(gone)
    }

    /// A new hash, as a PHC string.
    pub async fn hash(&self, password: Zeroizing<String>) -> Result<String> {
        let password = typed::password(&password);
        let _turn = self.queue.own_turn().await?;
        let chance = self.chance.clone();
        tokio::task::spawn_blocking(move || hash(&password, &chance))
            .await
            .map_err(gone)?
    }
}

fn gone(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("password check: {error}"))
}

fn hash(password: &str, chance: &Chance) -> Result<String> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(gone)?;
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let salt = chance.bytes::<16>();
    let hash = argon
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(gone)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_users_hash_takes_as_long_as_a_known_users() {
        let unknown = PasswordHash::new(UNKNOWN_USER_HASH).unwrap();
        let known = hash("x", &Chance::seeded(1)).unwrap();
        let known = PasswordHash::new(&known).unwrap();
        assert_eq!(unknown.params, known.params);
        assert_eq!(unknown.algorithm, known.algorithm);
    }

    #[test]
    fn a_hash_is_argon2id_at_owasps_parameters() {
        let hash = hash("correct horse", &Chance::seeded(1)).unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
    }
}
