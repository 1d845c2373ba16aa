//! CAS protocol 3.0: an application's request, and the ticket that answers it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    id::{BearerHash, LaunchId, SessionId},
};

/// A ticket is validated within this time (section 3.1.1: as short as possible), which covers a
/// redirect and a request.
pub const TICKET_LIFE: Duration = Duration::from_secs(30);

/// `/cas/login` (section 2.1.1), checked when it comes and again after a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CasRequest {
    /// Where the user is to be sent, as it was written; always held against the catalogue.
    pub service: String,
    /// The user must prove who they are for this request.
    pub renew: bool,
    /// The ticket goes there by a form instead of the address.
    pub by_post: bool,
    /// The user must not be asked: such a request never waits.
    #[serde(skip)]
    pub gateway: bool,
}

/// A service ticket as it is kept.
#[derive(Clone, Debug)]
pub struct ServiceTicket {
    pub hash: BearerHash,
    pub session: SessionId,
    /// Slugs of the service and instance it was issued for.
    pub service: String,
    pub instance: String,
    /// The exact address it was issued for, without a fragment, which browsers do not send.
    pub url: String,
    pub launch: Option<LaunchId>,
    /// When the user authenticated for this ticket; `None` if by single sign-on. Checked by `renew`
    /// at validation (section 2.5.1).
    pub primary_at: Option<Time>,
    pub expires_at: Time,
}
