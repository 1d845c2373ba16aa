//! Values kept in memory for a while under an unguessable id: sessions, sign-ins in progress. A
//! real application would use its database; the rules stay the same. An id is 256 random bits,
//! nothing outlives its lifetime, and a full store drops its oldest value instead of growing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

const CAPACITY: usize = 10_000;

pub struct Store<T> {
    life: Duration,
    things: Mutex<HashMap<String, Thing<T>>>,
}

struct Thing<T> {
    since: Instant,
    value: T,
}

impl<T> Store<T> {
    pub fn new(life: Duration) -> Self {
        Self {
            life,
            things: Mutex::default(),
        }
    }

    /// Keeps the value and returns its new id.
    pub fn keep(&self, value: T) -> String {
        let id = random();
        let mut things = self.lock();
        things.retain(|_, thing| thing.since.elapsed() < self.life);
        if things.len() >= CAPACITY {
            drop_oldest(&mut things);
        }
        things.insert(
            id.clone(),
            Thing {
                since: Instant::now(),
                value,
            },
        );
        id
    }

    /// Reads the value without taking it.
    pub fn look<R>(&self, id: &str, read: impl FnOnce(&T) -> R) -> Option<R> {
        let things = self.lock();
        let thing = things
            .get(id)
            .filter(|thing| thing.since.elapsed() < self.life)?;
        Some(read(&thing.value))
    }

    /// Takes the value away, so that it is returned once only.
    pub fn take(&self, id: &str) -> Option<T> {
        self.take_if(id, |_| true)
    }

    /// Takes the value if the requester may have it, and leaves it in place otherwise: an attacker
    /// who learnt an id cannot use it up for its owner.
    pub fn take_if(&self, id: &str, may: impl FnOnce(&T) -> bool) -> Option<T> {
        let mut things = self.lock();
        let thing = things.get(id)?;
        if thing.since.elapsed() >= self.life || !may(&thing.value) {
            return None;
        }
        things.remove(id).map(|thing| thing.value)
    }

    /// Drops everything that `is_over`; how much that was.
    pub fn drop_all(&self, is_over: impl Fn(&T) -> bool) -> usize {
        let mut things = self.lock();
        let before = things.len();
        things.retain(|_, thing| !is_over(&thing.value));
        before - things.len()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Thing<T>>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 256 random bits as text that fits a cookie and a URL.
pub fn random() -> String {
    let mut bytes = [0; 32];
    aws_lc_rs::rand::fill(&mut bytes).expect("the operating system gives random bytes");
    URL_SAFE_NO_PAD.encode(bytes)
}

fn drop_oldest<T>(things: &mut HashMap<String, Thing<T>>) {
    let oldest = things
        .iter()
        .min_by_key(|(_, thing)| thing.since)
        .map(|(id, _)| id.clone());
    if let Some(id) = oldest {
        things.remove(&id);
    }
}
