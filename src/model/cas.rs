//! CAS protocol 3.0: what an application asks for, and the ticket that answers.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    id::{BearerHash, LaunchId, SessionId},
};

/// A ticket is validated within this time (section 3.1.1: as short as possible); it is a redirect
/// and a call away.
pub const TICKET_LIFE: Duration = Duration::from_secs(30);

/// `/cas/login` (section 2.1.1), judged when it comes and again after a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CasRequest {
    /// Where the user is to be sent, as it was written; always held against the catalogue.
    pub service: String,
    /// The user must prove who they are for this request.
    pub renew: bool,
    /// The ticket goes there by a form instead of the address.
    pub by_post: bool,
    /// The user is asked nothing: such a request never waits.
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
    /// The very address it was issued for, without a fragment: browsers keep that to themselves.
    pub url: String,
    pub launch: Option<LaunchId>,
    /// When the user proved who they are for this ticket; nothing if by single sign-on. What
    /// `renew` asks for at validation (section 2.5.1).
    pub primary_at: Option<Time>,
    pub expires_at: Time,
}
