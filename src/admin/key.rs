//! The keys we sign with, as they stand, and new ones before their time.

use super::Desk;
use crate::{
    error::Result,
    keys::{Standing, Told, Turn},
    model::{event::EventKind, session::SignedIn},
};

impl Desk {
    /// Every key that is published, newest first by purpose.
    pub fn keys(&self) -> Vec<Standing> {
        self.keys.standing()
    }

    /// Makes new ones, in the admin's name. Returns the purposes; none where the next ones are
    /// waiting already.
    pub async fn rotate(&self, who: &SignedIn, turn: Turn) -> Result<Vec<&'static str>> {
        let told = Told {
            made: &|| self.events.of(EventKind::KeyRotated, who),
            withdrawn: &|| self.events.of(EventKind::KeyWithdrawn, who),
        };
        self.keys
            .rotate(&self.store, &self.turns, turn, &told)
            .await
    }
}
