//! Domain module: from deep link to landing. A link becomes a ticket; `Launches::dispatch`, a
//! function of (ticket, visitor) alone, decides what comes next, however the visitor got here.
//!
//! ```text
//! open ──▶ dispatch ──▶ sign in (or prove more), and back to resume
//! resume ─▶    │   ───▶ choose an instance, and back to choose
//! choose ─▶    └──────▶ land: ticket Departed and code — one transaction
//! ```

mod depart;
mod opener;
mod plan;
mod rejected;

use std::sync::Arc;

use self::{
    depart::{Artefacts, PreparedLanding},
    plan::Decision,
};
pub use self::{
    opener::{Openers, RecordOpener},
    rejected::Rejected,
};
use crate::{
    catalog::{Catalog, Snapshot},
    chance::Chance,
    clock::Clock,
    error::{Error, Result},
    event::Events,
    id::LaunchId,
    keys::KeyRing,
    model::{
        assurance::Demand,
        attempt::After,
        event::EventKind,
        launch::{Ask, Launch, Stage, TicketVoid},
        next::{Choosing, Next, SignInNeed},
        session::{SignedIn, Visitor},
    },
    store::{RecentRecord, Store, Tx},
};

/// The domain module's state.
#[derive(Clone)]
pub struct Launches {
    pub store: Store,
    pub catalog: Catalog,
    pub keys: KeyRing,
    pub events: Events,
    pub clock: Clock,
    pub chance: Chance,
    pub issuer: Arc<str>,
}

/// The decision, ready to be written.
enum LaunchStep {
    Confirm(Demand),
    Choose(Choosing),
    Depart(Box<PreparedLanding>),
}

/// The origin of a ticket: just created, or stored at this stage.
#[derive(Clone, Copy)]
enum TicketOrigin {
    New,
    Kept(&'static str),
}

impl Launches {
    /// A link was followed.
    pub async fn open(&self, ask: Ask, visitor: &Visitor) -> Result<Next> {
        let now = self.clock.now();
        let id = LaunchId::new(now, &self.chance);
        let (write, browser) = (visitor.write(now)?, visitor.browser.clone());
        let ticket = Launch::request(&write, id, ask, browser, &visitor.address, now);
        self.dispatch(ticket, TicketOrigin::New, visitor, None)
            .await
    }

    /// The visitor is back with a ticket: from signing in, or by a reload.
    pub async fn resume(&self, id: &LaunchId, visitor: &Visitor) -> Result<Next> {
        let ticket = self.ticket(id).await?;
        let origin = TicketOrigin::Kept(ticket.stage.as_str());
        self.dispatch(ticket, origin, visitor, None).await
    }

    /// The visitor chose one of several instances.
    pub async fn choose(&self, id: &LaunchId, visitor: &Visitor, instance: &str) -> Result<Next> {
        let ticket = self.ticket(id).await?;
        let origin = TicketOrigin::Kept(ticket.stage.as_str());
        self.dispatch(ticket, origin, visitor, Some(instance)).await
    }

    /// The request of a used ticket of the visitor's own, so that it can be repeated.
    pub async fn original_ask(&self, id: &LaunchId, visitor: &Visitor) -> Result<Option<Ask>> {
        let ticket = self.store.launch(id).await?;
        Ok(ticket
            .filter(|ticket| is_own(ticket, visitor))
            .map(|ticket| ticket.ask))
    }

    /// The user's latest departures to records, newest first, with repetitions.
    pub async fn recent(&self, who: &SignedIn) -> Result<Vec<RecentRecord>> {
        self.store.recent_launches(&who.user.id).await
    }

    async fn ticket(&self, id: &LaunchId) -> Result<Launch> {
        self.store.launch(id).await?.ok_or(Error::NotFound)
    }

    /// The one dispatcher. Every path ends here, so that no departure misses a check.
    async fn dispatch(
        &self,
        ticket: Launch,
        origin: TicketOrigin,
        visitor: &Visitor,
        pick: Option<&str>,
    ) -> Result<Next> {
        let Some(who) = &visitor.signed_in else {
            if let TicketOrigin::New = origin {
                let mut tx = self.store.begin_single().await?;
                tx.insert_launch(&ticket).await?;
                tx.commit().await?;
            }
            return Ok(Next::SignIn(SignInNeed::of(After::Launch(ticket.id))));
        };
        let claimed = self.claim(ticket, visitor, who).await?;
        let snapshot = self.catalog.snapshot();
        match self.next(&snapshot, &claimed, who, pick).await {
            Ok(LaunchStep::Confirm(demand)) => {
                self.keep_ticket(&claimed, origin).await?;
                Ok(Next::Confirm(After::Launch(claimed.id), demand))
            }
            Ok(LaunchStep::Choose(choosing)) => {
                self.keep_ticket(&claimed, origin).await?;
                Ok(Next::Choose(choosing))
            }
            Ok(LaunchStep::Depart(ready)) => {
                let departed = claimed.depart(ready.departed);
                self.commit(&departed, origin, &ready.carries).await?;
                Ok(Next::Leave(ready.leaving))
            }
            Err(error) => {
                self.refuse(claimed, origin, &error).await?;
                Err(error)
            }
        }
    }

    async fn next(
        &self,
        snapshot: &Snapshot,
        claimed: &Launch,
        who: &SignedIn,
        pick: Option<&str>,
    ) -> Result<LaunchStep> {
        match self.decide(snapshot, claimed, who, pick).await? {
            Decision::Confirm(demand) => Ok(LaunchStep::Confirm(demand)),
            Decision::Choose(choosing) => Ok(LaunchStep::Choose(choosing)),
            Decision::Depart(plan) => {
                let ready = self.prepare(snapshot, claimed, plan, who)?;
                Ok(LaunchStep::Depart(Box::new(ready)))
            }
        }
    }

    /// Binds the ticket to its user. A void one is recorded; its own user is offered the link
    /// again, other users are not informed.
    async fn claim(&self, ticket: Launch, visitor: &Visitor, who: &SignedIn) -> Result<Launch> {
        let (id, own) = (ticket.id.clone(), is_own(&ticket, visitor));
        let ask = ticket.ask.clone();
        match ticket.claim(&visitor.browser, who, self.clock.now()) {
            Ok(claimed) => Ok(claimed),
            Err(why) => {
                self.note_void(&id, why, who, visitor).await?;
                Err(Error::Void {
                    why,
                    again: own.then(|| ask.path()),
                })
            }
        }
    }

    async fn keep_ticket(&self, claimed: &Launch, origin: TicketOrigin) -> Result<()> {
        if let TicketOrigin::Kept("claimed") = origin {
            return Ok(());
        }
        self.commit(claimed, origin, &Artefacts::default()).await
    }

    /// Ends a ticket that cannot be honoured; its row is its line in the audit trail. A temporary
    /// error (the database did not respond) leaves the ticket as it was.
    async fn refuse(&self, claimed: Launch, origin: TicketOrigin, error: &Error) -> Result<()> {
        let reason = match error {
            Error::Refused(refusal) => refusal.reason(),
            Error::NotFound => "not_found",
            Error::NoAccess => "no_access",
            _ => return Ok(()),
        };
        let refused = claimed.refuse(reason, self.clock.now());
        self.commit(&refused, origin, &Artefacts::default()).await
    }

    async fn note_void(
        &self,
        id: &LaunchId,
        void: TicketVoid,
        who: &SignedIn,
        visitor: &Visitor,
    ) -> Result<()> {
        let event = self
            .events
            .of(EventKind::LaunchBlocked, who)
            .of_launch(id)
            .at_address(&visitor.address)
            .with("reason", void.reason());
        let mut tx = self.store.begin_single().await?;
        tx.record(&event).await?;
        tx.commit().await
    }
}

/// Writes a ticket's stage; if another request has changed it, the ticket is used.
async fn write(tx: &mut Tx, ticket: &Launch, origin: TicketOrigin) -> Result<()> {
    match origin {
        TicketOrigin::New => tx.insert_launch(ticket).await,
        TicketOrigin::Kept(from) if tx.move_launch(ticket, from).await? => Ok(()),
        TicketOrigin::Kept(_) => Err(Error::Void {
            why: TicketVoid::Used,
            again: None,
        }),
    }
}

/// Whether a ticket is the visitor's: by user, or before a sign-in by browser.
fn is_own(ticket: &Launch, visitor: &Visitor) -> bool {
    match (&ticket.stage, ticket.holder()) {
        (Stage::Requested { browser }, _) => *browser == visitor.browser,
        (_, Some(holder)) => Some(&holder.user) == visitor.user_id(),
        (_, None) => false,
    }
}
