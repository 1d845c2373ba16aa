//! The deadline of a request, for commits: a request that is answered with "too late" must not be
//! committed afterwards, and one whose commit is in progress must not be answered so.
//!
//! It is stored in the task rather than passed as an argument, so that no commit can omit it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::{Error, Result};

tokio::task_local! {
    static REQUEST: Deadline;
}

/// The deadline of one request.
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

    /// From now on no commit begins. False if one is in progress: its outcome should be reported.
    pub fn pass(&self) -> bool {
        let mut state = self.state();
        state.has_passed = true;
        state.committing == 0
    }

    fn state(&self) -> MutexGuard<'_, DeadlineState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// While it exists, a commit is in progress.
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
