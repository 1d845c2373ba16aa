//! Domain module: the events of the audit log. The module that acts records them in its own
//! transaction, so that an action and its event are never without one another.

use crate::{
    chance::Chance,
    clock::Clock,
    id::EventId,
    model::{
        event::{Actor, Event, EventData, EventKind},
        session::{SignedIn, Visitor},
    },
};

/// Creates events.
#[derive(Clone)]
pub struct Events {
    clock: Clock,
    chance: Chance,
}

impl Events {
    pub fn new(clock: Clock, chance: Chance) -> Self {
        Self { clock, chance }
    }

    /// An event that this actor causes; in the history of no user yet.
    pub fn by(&self, actor: Actor, kind: EventKind) -> Event {
        let at = self.clock.now();
        Event {
            id: EventId::new(at, &self.chance),
            at,
            kind,
            actor,
            target: None,
            user: None,
            session: None,
            launch: None,
            service: None,
            address: None,
            data: EventData::new(),
        }
    }

    /// An event that a signed-in user causes.
    pub fn of(&self, kind: EventKind, who: &SignedIn) -> Event {
        self.by(Actor::User(who.user.id.clone()), kind)
            .of_user(Some(&who.user.id))
            .in_session(&who.session.id)
    }

    /// An event that a visitor causes, whether or not they are signed in; in the history of no user
    /// yet.
    pub fn by_visitor(&self, kind: EventKind, visitor: &Visitor) -> Event {
        let actor = match visitor.user_id() {
            Some(user) => Actor::User(user.clone()),
            None => Actor::Anonymous,
        };
        self.by(actor, kind).at_address(&visitor.address)
    }
}
