//! The number of connections, in total and per network: one client cannot use up the connections of
//! all others, and some descriptors are always left for the database.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::descriptors;
use crate::{
    config,
    model::network::{Network, WIDER},
};

/// Each connection costs memory, so the default stops here; `server.max_connections` raises it.
const MOST: u64 = 16_384;

/// The connections that are open.
pub struct ConnectionLimit {
    places: Arc<Semaphore>,
    per_network: u32,
    /// All clients come through a proxy, so a proxy is not counted as one client.
    proxies: Vec<IpAddr>,
    open: Arc<Mutex<OpenByNetwork>>,
}

type OpenByNetwork = HashMap<Network, NetworkConnections>;

#[derive(Default)]
struct NetworkConnections {
    open: u32,
    /// Whether the exhaustion has been logged.
    is_logged: bool,
}

/// The slot of one connection, released when it is dropped.
pub struct ConnectionSlot {
    networks: Vec<Network>,
    open: Arc<Mutex<OpenByNetwork>>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl ConnectionLimit {
    pub fn open(settings: &config::ServerConfig) -> Self {
        let most = most(settings.max_connections, descriptors::limit());
        let per_network = match settings.max_connections_per_address {
            0 => most.div_ceil(4),
            some => some,
        };
        let mut proxies = settings.trusted_proxies.clone();
        proxies
            .iter_mut()
            .for_each(|proxy| *proxy = proxy.to_canonical());
        Self {
            places: Arc::new(Semaphore::new(most as usize)),
            per_network,
            proxies,
            open: Arc::default(),
        }
    }

    /// Waits until another connection may be accepted. Until then it stays in the system's queue.
    pub async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().acquire_owned().await.ok()
    }

    /// A slot for a client of this address; `None` when its network has used up its share.
    pub fn admit(
        &self,
        room: Option<OwnedSemaphorePermit>,
        address: IpAddr,
    ) -> Option<ConnectionSlot> {
        let address = address.to_canonical();
        let mut networks = Vec::new();
        if !self.proxies.contains(&address) {
            let wider = self.per_network.saturating_mul(WIDER);
            let mut open = held(&self.open);
            if !take(&mut open, Network::of(address), self.per_network) {
                return None;
            }
            networks.push(Network::of(address));
            if let Some(around) = Network::around(address) {
                if !take(&mut open, around, wider) {
                    give_back(&mut open, &networks);
                    return None;
                }
                networks.push(around);
            }
        }
        Some(ConnectionSlot {
            networks,
            open: self.open.clone(),
            _permit: room,
        })
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        give_back(&mut held(&self.open), &self.networks);
    }
}

fn held(open: &Mutex<OpenByNetwork>) -> MutexGuard<'_, OpenByNetwork> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take(open: &mut OpenByNetwork, network: Network, most: u32) -> bool {
    let count = open.entry(network).or_default();
    if count.open < most {
        count.open += 1;
        return true;
    }
    if !count.is_logged {
        count.is_logged = true;
        tracing::warn!(
            %network, most,
            "a network has as many connections open as it may; more are closed at once. \
             If it is a proxy of yours, list it in server.trusted_proxies"
        );
    }
    false
}

fn give_back(open: &mut OpenByNetwork, networks: &[Network]) {
    for network in networks {
        if let Some(count) = open.get_mut(network) {
            count.open = count.open.saturating_sub(1);
            if count.open == 0 {
                open.remove(network);
            }
        }
    }
}

/// The configured number, but always fewer than there are descriptors.
fn most(configured: u32, descriptors: u64) -> u32 {
    let share = (descriptors / 4 * 3).max(1);
    let most = match u64::from(configured) {
        0 => share.min(MOST),
        some if some > share => {
            tracing::warn!(
                descriptors,
                "server.max_connections is more than the limit of open files allows; \
                 {share} are served"
            );
            share
        }
        some => some,
    };
    u32::try_from(most).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit_of(per_network: u32) -> ConnectionLimit {
        ConnectionLimit {
            places: Arc::new(Semaphore::new(100)),
            per_network,
            proxies: vec!["192.0.2.80".parse().unwrap()],
            open: Arc::default(),
        }
    }

    #[test]
    fn connections_leave_descriptors_for_the_database() {
        assert_eq!(most(0, 1024), 768);
        assert_eq!(most(5000, 1024), 768);
        assert_eq!(most(100, 1024), 100);
        assert_eq!(most(0, u64::MAX), 16_384);
        assert_eq!(most(50_000, 1 << 20), 50_000);
    }

    #[test]
    fn one_prefix_does_not_take_the_places_of_all() {
        let limit = limit_of(2);
        let admit = |text: &str| limit.admit(None, text.parse().unwrap());
        let held: Vec<_> = (1..=3).map(|n| admit(&format!("2001:db8::{n}"))).collect();
        assert!(held[0].is_some() && held[1].is_some() && held[2].is_none());
        let mut wider = Vec::new();
        for n in 1..=4 {
            wider.push(admit(&format!("2001:db8:0:{n}::1")));
            wider.push(admit(&format!("2001:db8:0:{n}::2")));
        }
        let places = wider.iter().flatten().count();
        assert_eq!(places, 6, "the /48 has four times what a /64 has");
        assert!(admit("2001:db8:1::1").is_some(), "another /48 has its own");
        assert!(admit("::ffff:198.51.100.1").is_some());
        let proxied: Vec<_> = (0..9).map(|_| admit("192.0.2.80")).collect();
        assert!(
            proxied.iter().all(Option::is_some),
            "a proxy is not one client"
        );
        drop((held, wider));
        assert!(admit("2001:db8::4").is_some(), "places are given back");
        drop(proxied);
        assert!(limit.open.lock().unwrap().is_empty(), "nothing is kept");
    }
}
