//! Domain module: what happened. It makes the lines of the audit trail; the module that acts writes
//! them in its own transaction, so that neither is ever without the other.

use crate::{
    chance::Chance,
    clock::Clock,
    id::EventId,
    model::{
        event::{Event, EventKind},
        session::SignedIn,
    },
};

/// Makes events.
#[derive(Clone)]
pub struct Events {
    clock: Clock,
    chance: Chance,
}

impl Events {
    pub fn new(clock: Clock, chance: Chance) -> Self {
        Self { clock, chance }
    }

    /// An event with no actor yet.
    pub fn bare(&self, kind: EventKind) -> Event {
        let at = self.clock.now();
        Event {
            id: EventId::new(at, &self.chance),
            at,
            kind,
            user: None,
            session: None,
            launch: None,
            service: None,
            address: None,
            detail: None,
        }
    }

    /// An event of a signed-in person's.
    pub fn of(&self, kind: EventKind, who: &SignedIn) -> Event {
        Event {
            user: Some(who.user.id.clone()),
            session: Some(who.session.id.clone()),
            ..self.bare(kind)
        }
    }
}
