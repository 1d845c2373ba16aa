//! Access by an application's own sign-in instead of a launch: the same checks, the same
//! requirements.

use super::decide::Denial;
use crate::{
    catalog::{self, Snapshot, locate},
    error::{Error, Refusal, Result},
    model::{
        assurance::{AssuranceOccasion, Demand, demanded},
        service::{Instance, Service},
        session::SignedIn,
        user::User,
    },
};

/// Service and instance are open, and open to this user.
pub(super) fn check_access(service: &Service, instance: &Instance, user: &User) -> Result<()> {
    if service.disabled_at.is_some() {
        let service = service.title.clone();
        return Err(Refusal::ServiceClosed { service }.into());
    }
    if instance.disabled_at.is_some() {
        let instance = instance.title.clone();
        return Err(Refusal::InstanceClosed { instance }.into());
    }
    match user.disabled_at.is_none() && catalog::may_see(service, user) {
        true => Ok(()),
        false => Err(Error::Forbidden("this user may not use this application")),
    }
}

/// The required assurance: an application's own sign-in must not require less than a launch.
pub(super) fn required_assurance(snapshot: &Snapshot, service: &Service, who: &SignedIn) -> Demand {
    let facts = locate::RuleInput {
        user: &who.user,
        context: None,
    };
    let occasion = AssuranceOccasion::Entry {
        service: &service.slug,
    };
    demanded(&snapshot.assurance, &facts, occasion)
}

/// The error that the user sees, where the protocol has no refusal that goes back to the
/// application.
pub(super) fn denied(denial: Denial) -> Error {
    match denial {
        Denial::NoAccess(error) => error,
        Denial::NotSignedIn => Error::Unauthenticated,
        Denial::MoreProof
        | Denial::NoConsent
        | Denial::OtherUser(_)
        | Denial::NoContext
        | Denial::NoName => Error::Forbidden("the request cannot be answered for this user"),
    }
}
