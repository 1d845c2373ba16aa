//! Threads that may block: for CPU-bound work that unauthenticated clients can trigger (inflating
//! and reading XML, verifying and making signatures). The number of running and of waiting jobs is
//! limited, so that other requests keep their threads and their share of the processor (THREATS:
//! resource exhaustion).

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, time::timeout};

/// The most jobs that wait for a thread.
const WAITING: usize = 256;
/// How long a job waits for a thread.
const PATIENCE: Duration = Duration::from_secs(5);

/// The threads. Clones share them.
#[derive(Clone, Debug)]
pub struct Blocking {
    running: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

/// Why work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// Too many jobs are waiting already, or this one waited too long.
    Busy,
    /// It panicked, or the process is ending.
    Interrupted,
}

impl Blocking {
    /// As many at once as there are processors, but two at least.
    pub fn new() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Self::at_once(processors.max(2))
    }

    pub fn at_once(most: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(most)),
            queue: Arc::new(Semaphore::new(most + WAITING)),
        }
    }

    /// Runs it on one of the threads, when it is its turn.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Undone> {
        let Ok(_place) = self.queue.try_acquire() else {
            return Err(Undone::Busy);
        };
        let turn = timeout(PATIENCE, self.running.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(Undone::Busy);
        };
        // The work continues when the caller has disconnected; its permit is released when it ends.
        let work = move || {
            let _turn = turn;
            work()
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|_| Undone::Interrupted)
    }
}

impl Default for Blocking {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use super::*;

    #[tokio::test]
    async fn no_more_run_at_once_than_there_are_turns() {
        let pool = Blocking::at_once(2);
        let (running, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let (pool, running, most) = (pool.clone(), running.clone(), most.clone());
            tasks.spawn(async move {
                let work = move || {
                    let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                    most.fetch_max(now, Ordering::SeqCst);
                    std::thread::yield_now();
                    running.fetch_sub(1, Ordering::SeqCst);
                };
                pool.run(work).await
            });
        }
        while let Some(done) = tasks.join_next().await {
            assert_eq!(done.unwrap(), Ok(()));
        }
        assert!(most.load(Ordering::SeqCst) <= 2);
    }

    #[tokio::test]
    async fn what_finds_the_queue_full_is_refused_at_once() {
        let pool = Blocking::at_once(1);
        let (release, wait) = mpsc::channel::<()>();
        let held = pool.clone();
        let first = tokio::spawn(async move { held.run(move || wait.recv().is_err()).await });
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..WAITING + 16 {
            let pool = pool.clone();
            waiting.spawn(async move { pool.run(|| ()).await });
        }
        // At least the last sixteen are refused; they end while the first still runs.
        for _ in 0..16 {
            let done = waiting.join_next().await.expect("one").unwrap();
            assert_eq!(done, Err(Undone::Busy));
        }
        drop(release);
        assert_eq!(first.await.unwrap(), Ok(true));
        while let Some(done) = waiting.join_next().await {
            assert!(done.is_ok());
        }
    }
}
