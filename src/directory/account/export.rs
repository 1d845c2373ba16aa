//! Export of a user's data.

use super::OwnAccount;
use crate::{
    error::{Error, Result},
    model::{
        event::EventKind,
        export::{Export, ExportedIdentity, ExportedSession, FORMAT, Happening, Timestamp},
        session::SignedIn,
    },
};

/// The maximum number of entries of a list that grows every day.
const MOST: usize = 10_000;

impl OwnAccount<'_> {
    /// Everything we store about the user, without credentials: no hash, nothing encrypted.
    pub async fn export(self, who: &SignedIn, address: &str) -> Result<Export> {
        let mut tx = self.0.store.begin_single().await?;
        tx.record(&self.done(EventKind::AccountExported, who, address))
            .await?;
        tx.commit().await?;
        let (store, user, now) = (&self.0.store, &who.user.id, self.0.clock.now());
        let profile = store.profile(user).await?.ok_or(Error::NotFound)?;
        let identities = store.identities_of(user).await?;
        let sessions = store.sessions_of(user).await?;
        let history = store.events_of(user, None, MOST + 1).await?;
        let mut export = Export {
            format: FORMAT,
            exported_at: Timestamp(now),
            person: profile,
            attributes: who.user.attributes.clone(),
            identities: identities.into_iter().map(ExportedIdentity::from).collect(),
            local_accounts: store.local_accounts_of(user).await?,
            sessions: sessions.into_iter().map(ExportedSession::from).collect(),
            second_factors: store.factors_of(user).await?,
            recovery_codes_left: store.recovery_codes_left(user).await?,
            choices: store.choices_of(user, now).await?,
            history: history.into_iter().map(Happening::from).collect(),
            launches: store.launches_of(user, MOST + 1).await?,
            grants: store.grants_of(user, MOST + 1).await?,
            cut_short: Vec::new(),
        };
        export.cut(MOST);
        Ok(export)
    }
}
