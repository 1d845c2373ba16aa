//! A launch that leads to a page behind a gateway with a ticket.

use url::Position;

use super::super::protocol::{LaunchTicket, LeavingLaunch};
use crate::{
    error::Result,
    kind::BoxFuture,
    model::forward_auth::{ForwardAuthTicket, ForwardTarget, TICKET_LIFE},
    store::Tx,
};

/// Bound to the instance, and leading to the record in it.
pub(super) fn ticket(leaving: &LeavingLaunch<'_>) -> Box<dyn LaunchTicket> {
    Box::new(ForwardAuthTicket {
        hash: leaving.bearer.hash(),
        session: leaving.who.session.id.clone(),
        place: ForwardTarget {
            service: leaving.service.slug.clone(),
            instance: leaving.instance.slug.clone(),
            path: leaving.target[Position::BeforePath..].to_owned(),
            launch: Some(leaving.launch.id.clone()),
        },
        expires_at: leaving.now + TICKET_LIFE,
    })
}

impl LaunchTicket for ForwardAuthTicket {
    fn keep<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<()>> {
        Box::pin(tx.insert_forward_auth_ticket(self))
    }
}
