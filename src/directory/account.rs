//! A user's own account: their sessions, the identities they are known by, their history, and an
//! export of all of it. Every function acts on the signed-in user only: none takes another user's
//! id.

mod export;
mod identity;

use crate::{
    clock::Time,
    directory::Directory,
    error::{Error, Result},
    id::{EventId, SessionId},
    model::{
        account::{HistorySlice, OwnSession},
        event::{Event, EventKind, Target},
        session::SignedIn,
    },
};

/// Lines of the history on one page.
const PAGE: usize = 25;

/// What a signed-in user sees and does of their own account.
#[derive(Clone, Copy)]
pub struct OwnAccount<'a>(&'a Directory);

impl Directory {
    pub fn account(&self) -> OwnAccount<'_> {
        OwnAccount(self)
    }
}

impl OwnAccount<'_> {
    /// The sessions of the user; the one of the request comes first.
    pub async fn sessions(self, who: &SignedIn) -> Result<Vec<OwnSession>> {
        let now = self.0.clock.now();
        let mut sessions = self.0.store.sessions_of(&who.user.id).await?;
        sessions.retain(|one| self.lives(one, now));
        sessions.sort_by_key(|one| one.session.id != who.session.id);
        Ok(sessions)
    }

    fn lives(self, one: &OwnSession, now: Time) -> bool {
        let session = &one.session;
        let used = session.seen_at > now - self.0.idle || session.remembered_at.is_some();
        one.ended_at.is_none() && session.expires_at > now && used
    }

    /// Ends one of the user's sessions, on every replica at once. Tokens and codes issued under it
    /// become invalid, because each check requires the session. Another user's session counts as
    /// not found.
    pub async fn end_session(self, who: &SignedIn, id: &SessionId, address: &str) -> Result<()> {
        let mut tx = self.0.store.begin().await?;
        if !tx
            .end_session_of(&who.user.id, id, self.0.clock.now())
            .await?
        {
            return Err(Error::NotFound);
        }
        let event = self
            .done(EventKind::SessionEnded, who, address)
            .in_session(id)
            .about(Target::session(id))
            .with("reason", "elsewhere")
            .with("by_session", who.session.id.as_str());
        tx.record(&event).await?;
        tx.commit().await
    }

    /// Ends all of the user's sessions except the one of the request.
    pub async fn end_other_sessions(self, who: &SignedIn, address: &str) -> Result<()> {
        let now = self.0.clock.now();
        let mut tx = self.0.store.begin().await?;
        let ended = tx
            .end_sessions_but(&who.user.id, &who.session.id, now)
            .await?;
        if ended.is_empty() {
            return Ok(());
        }
        let ids: Vec<&str> = ended.iter().map(SessionId::as_str).collect();
        let event = self
            .done(EventKind::OtherSessionsEnded, who, address)
            .with("count", ids.len().to_string())
            .with("sessions", ids.join(" "));
        tx.record(&event).await?;
        tx.commit().await
    }

    /// An event about something the user did to their own account.
    fn done(self, kind: EventKind, who: &SignedIn, address: &str) -> Event {
        self.0.events.of(kind, who).at_address(address)
    }

    /// A page of the history, newest first, starting before a given line.
    pub async fn history(self, who: &SignedIn, before: Option<&EventId>) -> Result<HistorySlice> {
        let mut lines = self
            .0
            .store
            .events_of(&who.user.id, before, PAGE + 1)
            .await?;
        let more = lines.len() > PAGE;
        lines.truncate(PAGE);
        let older = lines.last().filter(|_| more).map(|line| line.id.clone());
        Ok(HistorySlice { lines, older })
    }
}
