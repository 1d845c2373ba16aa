//! The kinds of jobs: one file a kind, and its row here.

mod logout;
mod mail;
mod refresh;
mod rotate;
mod sweep;

use std::time::Duration;

pub use self::{logout::LOGOUT, mail::MAIL};
use super::{JobKind, Retry};
use crate::{app::App, model::place::Permits};

/// Every kind of job. A new one is one file and one line.
pub const JOBS: &[JobKind] = &[sweep::SWEEP, refresh::REFRESH, rotate::ROTATE, MAIL, LOGOUT];

/// For a recurring job: a failed one is tried until it succeeds, at least once an hour.
const RECURRING: Retry = Retry::Doubling {
    first: Duration::from_secs(15),
    longest: Duration::from_secs(3600),
    most_tries: None,
};
const RECURRING_LEASE: Duration = Duration::from_secs(300);

/// A recurring kind has one job: its lease is limit enough.
fn one_place(_: &App) -> Option<Permits> {
    Some(Permits::new(1))
}
