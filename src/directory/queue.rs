//! The queue before the password hashes. Each occupies a core for tens of milliseconds, so only
//! some run at once and few wait. Waiting is limited by network: a network that floods the queue
//! waits for its own requests, and other clients are served in between.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    error::{Error, Result},
    model::{
        allowance::ClientNetwork,
        network::{Network, WIDER},
    },
};

/// The most hashes of one network that run or have a permit.
const PLACES: usize = 2;
/// The most that wait for those permits, of one network; the next client is asked to retry.
const LINE: usize = 32;
/// The most hashes of all networks together that run or have a permit.
const ALL: usize = 64;

/// Grants permits.
#[derive(Clone)]
pub(super) struct HashQueue {
    running: Arc<Semaphore>,
    all: Arc<Semaphore>,
    networks: Arc<Mutex<HashMap<Network, Arc<NetworkQueue>>>>,
}

/// The queue of one network.
struct NetworkQueue {
    line: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

/// The right to run a hash, until it is dropped.
pub(super) struct HashPermit {
    _permits: Vec<OwnedSemaphorePermit>,
    /// While one is held, its network is remembered.
    _networks: Vec<Arc<NetworkQueue>>,
}

impl HashQueue {
    pub fn new(at_once: usize) -> Self {
        Self {
            running: Arc::new(Semaphore::new(at_once.max(1))),
            all: Arc::new(Semaphore::new(ALL)),
            networks: Arc::default(),
        }
    }

    /// A permit for this client; `None` when too many are waiting already.
    pub async fn turn(&self, client: &ClientNetwork) -> Result<Option<HashPermit>> {
        let (mut permits, mut held) = (Vec::new(), Vec::new());
        let networks = [
            (Some(client.network()), 1),
            (client.around(), WIDER as usize),
        ];
        for (network, factor) in networks {
            let Some(network) = network else { continue };
            let own = self.places_of(network, factor);
            let Ok(waiting) = own.line.clone().try_acquire_owned() else {
                return Ok(None);
            };
            permits.push(waiting);
            permits.push(own.places.clone().acquire_owned().await.map_err(gone)?);
            held.push(own);
        }
        let Ok(place) = self.all.clone().try_acquire_owned() else {
            return Ok(None);
        };
        permits.push(place);
        permits.push(self.running.clone().acquire_owned().await.map_err(gone)?);
        Ok(Some(HashPermit {
            _permits: permits,
            _networks: held,
        }))
    }

    /// A permit for work that is no check of a guess: it waits as long as it takes.
    pub async fn own_turn(&self) -> Result<HashPermit> {
        let permit = self.running.clone().acquire_owned().await.map_err(gone)?;
        Ok(HashPermit {
            _permits: vec![permit],
            _networks: Vec::new(),
        })
    }

    fn places_of(&self, network: Network, factor: usize) -> Arc<NetworkQueue> {
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        networks.retain(|_, one| Arc::strong_count(one) > 1);
        let places = networks.entry(network).or_insert_with(|| {
            Arc::new(NetworkQueue {
                line: Arc::new(Semaphore::new((LINE + PLACES) * factor)),
                places: Arc::new(Semaphore::new(PLACES * factor)),
            })
        });
        places.clone()
    }
}

fn gone(error: impl std::fmt::Display) -> Error {
    Error::Internal(format!("the password queue: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::allowance::Allowances;

    fn client(address: &str) -> ClientNetwork {
        ClientNetwork::new(&Arc::new(Allowances::new(1, 1)), address.parse().unwrap())
    }

    /// The result if the permit is granted without any other client being served in between.
    fn now<T>(turn: impl Future<Output = T>) -> Option<T> {
        use std::{
            pin::pin,
            task::{Context, Poll, Waker},
        };
        let mut turn = pin!(turn);
        match turn.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(turn) => Some(turn),
            Poll::Pending => None,
        }
    }

    #[test]
    fn a_flood_from_one_prefix_waits_for_itself_and_others_are_served() {
        let queue = HashQueue::new(8);
        let flood: Vec<_> = (1..=PLACES)
            .map(|n| now(queue.turn(&client(&format!("2001:db8::{n}")))))
            .collect();
        assert!(flood.iter().all(|turn| matches!(turn, Some(Ok(Some(_))))));
        let third = client("2001:db8::99");
        assert!(
            now(queue.turn(&third)).is_none(),
            "it waits for its own prefix"
        );
        for address in ["192.0.2.7", "2001:db8:1::1", "2001:db8:0:1::1"] {
            let turn = now(queue.turn(&client(address)));
            assert!(matches!(turn, Some(Ok(Some(_)))), "{address}");
        }
        drop(flood);
        assert!(matches!(now(queue.turn(&third)), Some(Ok(Some(_)))));
    }

    #[test]
    fn a_line_that_is_too_long_is_refused() {
        let queue = HashQueue::new(1);
        let one = client("192.0.2.7");
        let own = queue.places_of(one.network(), 1);
        let waiting: Vec<_> = (0..LINE + PLACES)
            .map(|_| own.line.clone().try_acquire_owned().unwrap())
            .collect();
        assert!(matches!(now(queue.turn(&one)), Some(Ok(None))));
        drop(waiting);
        assert!(matches!(now(queue.turn(&one)), Some(Ok(Some(_)))));
    }

    #[test]
    fn networks_without_a_turn_are_forgotten() {
        let queue = HashQueue::new(1);
        for n in 0..200 {
            let turn = now(queue.turn(&client(&format!("192.0.2.{n}"))));
            assert!(matches!(turn, Some(Ok(Some(_)))));
        }
        assert_eq!(queue.networks.lock().unwrap().len(), 1);
    }
}
