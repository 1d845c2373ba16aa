//! The deadline of a request, as far as commits go: a request that is answered with "too late" must
//! not be committed afterwards, and one whose commit is under way must not be answered so.
//!
//! It goes with the task and not through every signature: no commit can forget it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};

tokio::task_local! {
    static REQUEST: Deadline;
}

/// Of one request.
#[derive(Clone, Default)]
pub struct Deadline(Arc<Mutex<DeadlineState>>);

#[derive(Default)]
struct DeadlineState {
    has_passed: bool,
    committing: usize,
}

impl Deadline {
    /// Work under this deadline.
    pub fn over<F: Future>(&self, work: F) -> impl Future<Output = F::Output> + use<F> {
        REQUEST.scope(self.clone(), work)
    }

    /// From now on no commit begins. False if one is under way: its outcome should be reported.
    pub fn pass(&self) -> bool {
        let mut state = self.state();
        state.has_passed = true;
        state.committing == 0
    }

    fn state(&self) -> MutexGuard<'_, DeadlineState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While it lives, a commit is under way.
pub(super) struct UnderWay(Option<Deadline>);

/// Before a commit. Outside requests there is no deadline.
pub(super) fn commit_begins() -> Result<UnderWay> {
    let Ok(deadline) = REQUEST.try_with(Clone::clone) else {
        return Ok(UnderWay(None));
    };
    {
        let mut state = deadline.state();
        if state.has_passed {
            return Err(Error::TimedOut);
        }
        state.committing += 1;
    }
    Ok(UnderWay(Some(deadline)))
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        if let Some(deadline) = &self.0 {
            deadline.state().committing -= 1;
        }
    }
}
