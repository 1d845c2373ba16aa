//! A launch that leads to an application with a service ticket in its address.

use super::{
    super::protocol::{LaunchTicket, LeavingLaunch},
    TICKET_LIFE, wire,
};
use crate::{
    error::Result,
    kind::BoxFuture,
    store::{Tx, cas::ServiceTicket},
};

/// Bound to the deep link it travels in.
pub(super) fn ticket(leaving: &LeavingLaunch<'_>) -> Box<dyn LaunchTicket> {
    let (session, launch) = (&leaving.who.session, leaving.launch);
    Box::new(ServiceTicket {
        hash: leaving.bearer.hash(),
        session: session.id.clone(),
        service: leaving.service.slug.clone(),
        instance: leaving.instance.slug.clone(),
        url: wire::bound(leaving.target),
        launch: Some(launch.id.clone()),
        primary_at: session.proved_at.filter(|at| *at > launch.created_at),
        expires_at: leaving.now + TICKET_LIFE,
    })
}

impl LaunchTicket for ServiceTicket {
    fn keep<'a>(&'a self, tx: &'a mut Tx) -> BoxFuture<'a, Result<()>> {
        Box::pin(tx.insert_service_ticket(self))
    }
}
