//! Challenges to authenticators. Their state stays on our side, sealed; each is answered once,
//! within five minutes, for its purpose, in the browser and attempt it was created for (THREATS:
//! one-time artefacts, kind confusion).

use std::time::Duration;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::Factors;
use crate::{
    error::{Error, Result},
    id::CeremonyId,
    keys::{self, CEREMONY},
    model::allowance::Write,
    store::StoredCeremony,
};

/// What a page passes to the browser.
pub struct Challenge {
    pub id: CeremonyId,
    /// `publicKey` of `navigator.credentials.create` or `get`, with base64url where those want
    /// bytes.
    pub options: Value,
}

/// What a response may be used for.
#[derive(Clone, Copy)]
pub(super) enum CeremonyPurpose {
    Enrol,
    Prove,
    SignIn,
}

impl CeremonyPurpose {
    const fn as_str(self) -> &'static str {
        match self {
            CeremonyPurpose::Enrol => "enrol",
            CeremonyPurpose::Prove => "prove",
            CeremonyPurpose::SignIn => "sign-in",
        }
    }
}

const LIFE: Duration = Duration::from_secs(300);

impl Factors {
    pub(super) async fn keep_challenge(
        &self,
        write: &Write,
        (purpose, subject): (CeremonyPurpose, String),
        options: Value,
        state: &impl Serialize,
    ) -> Result<Challenge> {
        let now = self.sign_ins.clock.now();
        let id = CeremonyId::new(now, &self.sign_ins.chance);
        let state = serde_json::to_vec(state)
            .map_err(|error| Error::Internal(format!("a ceremony's state: {error}")))?;
        let ceremony = StoredCeremony {
            purpose: purpose.as_str(),
            subject,
            sealed_state: self.sign_ins.seal.seal(&sealed_for(&id), &state)?,
            expires_at: now + LIFE,
            id: id.clone(),
        };
        let mut tx = self.sign_ins.store.begin_single().await?;
        tx.insert_ceremony(write, &ceremony).await?;
        tx.commit().await?;
        Ok(Challenge { id, options })
    }

    /// The challenge an answer names, used up by this; `None` if it is another's, of another kind,
    /// too old or answered already.
    pub(super) async fn take<T: DeserializeOwned>(
        &self,
        purpose: CeremonyPurpose,
        subject: &str,
        id: &str,
    ) -> Result<Option<T>> {
        let Some(id) = CeremonyId::parse(id) else {
            return Ok(None);
        };
        let now = self.sign_ins.clock.now();
        let mut tx = self.sign_ins.store.begin_single().await?;
        let sealed = tx
            .take_ceremony(&id, purpose.as_str(), subject, now)
            .await?;
        // There is one response to a challenge, whether or not it is valid.
        tx.commit().await?;
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let state = self.sign_ins.seal.unseal(&sealed_for(&id), &sealed)?;
        serde_json::from_slice(&state)
            .map(Some)
            .map_err(|error| Error::Internal(format!("a ceremony's state: {error}")))
    }
}

fn sealed_for(id: &CeremonyId) -> keys::SealPurpose {
    CEREMONY.of(&[id.as_str()])
}
