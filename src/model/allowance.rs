//! Limits for the writes of clients that are not signed in. Every row for one of them takes a
//! [`Write`], and those are counted by network before anything is written: anonymous clients cannot
//! fill a disk (THREATS: anonymous writes).

use std::{
    collections::HashMap,
    fmt,
    net::IpAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::network::{Network, WIDER};
use crate::clock::Time;

/// The right to insert a row. An insert that clients can cause before they are signed in takes one.
#[derive(Debug)]
pub struct Write(());

impl Write {
    /// For a client or user that has authenticated: not an anonymous write.
    pub const fn proved() -> Self {
        Self(())
    }
}

/// The network has written as much as it may; it may write again after this time.
#[derive(Debug)]
pub struct Exhausted(pub Duration);

/// A token bucket for each network that has written recently.
pub struct Allowances {
    per_second: u64,
    burst: u64,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    by_network: HashMap<Network, Bucket>,
    /// Beyond this number, full buckets are removed.
    most: usize,
}

#[derive(Clone, Copy)]
struct Bucket {
    /// Thousandths of a row.
    level: u64,
    at: Time,
}

impl Allowances {
    /// This many rows per second, after this many at once; four times as many for an IPv6 /48.
    pub fn new(per_second: u32, burst: u32) -> Self {
        Self {
            per_second: u64::from(per_second.max(1)),
            burst: u64::from(burst.max(1)),
            buckets: Mutex::default(),
        }
    }

    fn take(&self, client: &ClientNetwork, now: Time) -> Result<(), Exhausted> {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let scaled = |network, factor| (network, u64::from(factor));
        let networks = [
            Some(scaled(client.network, 1)),
            client.around.map(|n| scaled(n, WIDER)),
        ];
        let mut filled = Vec::new();
        for (network, factor) in networks.into_iter().flatten() {
            let bucket = self.filled(buckets.by_network.get(&network), factor, now);
            if bucket.level < ROW {
                let rate = self.per_second * factor;
                return Err(Exhausted(Duration::from_millis(
                    (ROW - bucket.level).div_ceil(rate),
                )));
            }
            filled.push((network, bucket));
        }
        for (network, bucket) in filled {
            let level = bucket.level - ROW;
            buckets
                .by_network
                .insert(network, Bucket { level, ..bucket });
        }
        self.forget(&mut buckets, now);
        Ok(())
    }

    /// The bucket as it is now.
    fn filled(&self, bucket: Option<&Bucket>, factor: u64, now: Time) -> Bucket {
        let full = self.burst * factor * ROW;
        let level = bucket.map_or(full, |bucket| {
            let millis = u64::try_from(now.since(bucket.at).as_millis()).unwrap_or(u64::MAX);
            let more = millis.saturating_mul(self.per_second * factor);
            bucket.level.saturating_add(more).min(full)
        });
        Bucket { level, at: now }
    }

    /// A full bucket is equivalent to none.
    fn forget(&self, buckets: &mut Buckets, now: Time) {
        if buckets.by_network.len() < buckets.most.max(1024) {
            return;
        }
        let refill = Duration::from_millis((self.burst * ROW).div_ceil(self.per_second));
        buckets
            .by_network
            .retain(|_, bucket| now.since(bucket.at) < refill);
        buckets.most = buckets.by_network.len() * 2;
    }
}

/// One row, in the unit of the buckets.
const ROW: u64 = 1000;

/// The client behind one request, as far as its address shows.
#[derive(Clone)]
pub struct ClientNetwork {
    allowances: Arc<Allowances>,
    network: Network,
    around: Option<Network>,
    /// A request is counted once, however many rows it inserts.
    counted: Arc<AtomicBool>,
}

impl fmt::Debug for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientNetwork({})", self.network)
    }
}

impl ClientNetwork {
    pub fn new(allowances: &Arc<Allowances>, address: IpAddr) -> Self {
        Self {
            allowances: allowances.clone(),
            network: Network::of(address),
            around: Network::around(address),
            counted: Arc::default(),
        }
    }

    /// The network that certainly belongs to one customer: IPv4 address or /64.
    pub fn network(&self) -> Network {
        self.network
    }

    /// The IPv6 /48 around it.
    pub fn around(&self) -> Option<Network> {
        self.around
    }

    /// The right to make rows for this request, from any client.
    pub fn write(&self, now: Time) -> Result<Write, Exhausted> {
        if !self.counted.load(Ordering::Relaxed) {
            self.allowances.take(self, now)?;
            self.counted.store(true, Ordering::Relaxed);
        }
        Ok(Write(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Time = Time::from_secs(1000);

    fn writes(allowances: &Arc<Allowances>, address: &str, now: Time) -> usize {
        let address = address.parse().unwrap();
        let asked = (0..10_000).map(|_| ClientNetwork::new(allowances, address).write(now));
        asked.take_while(Result::is_ok).count()
    }

    #[test]
    fn a_burst_and_then_so_many_a_second() {
        let allowances = Arc::new(Allowances::new(20, 600));
        assert_eq!(writes(&allowances, "192.0.2.7", START), 600);
        let refused = ClientNetwork::new(&allowances, "192.0.2.7".parse().unwrap()).write(START);
        assert_eq!(refused.unwrap_err().0, Duration::from_millis(50));
        assert_eq!(
            writes(&allowances, "192.0.2.8", START),
            600,
            "another's are its own"
        );
        let later = START + Duration::from_secs(2);
        assert_eq!(writes(&allowances, "192.0.2.7", later), 40);
        let much_later = START + Duration::from_secs(3600);
        assert_eq!(writes(&allowances, "192.0.2.7", much_later), 600);
    }

    #[test]
    fn addresses_of_one_prefix_are_one_client() {
        let allowances = Arc::new(Allowances::new(1, 100));
        assert_eq!(writes(&allowances, "2001:db8::1", START), 100);
        assert_eq!(writes(&allowances, "2001:db8::2", START), 0);
        let more = (1..9).map(|n| writes(&allowances, &format!("2001:db8:0:{n}::1"), START));
        assert_eq!(more.sum::<usize>(), 300, "a /48 has four times as much");
        assert_eq!(writes(&allowances, "2001:db8:1::1", START), 100);
    }

    #[test]
    fn one_request_is_counted_once() {
        let allowances = Arc::new(Allowances::new(1, 1));
        let client = ClientNetwork::new(&allowances, "192.0.2.7".parse().unwrap());
        assert!(client.write(START).is_ok() && client.write(START).is_ok());
        assert!(
            ClientNetwork::new(&allowances, "192.0.2.7".parse().unwrap())
                .write(START)
                .is_err()
        );
    }

    #[test]
    fn networks_that_have_rested_are_forgotten() {
        let allowances = Arc::new(Allowances::new(20, 600));
        for n in 0..5000_u32 {
            let address = IpAddr::V4((0xc000_0000 + n).into());
            let now = START + Duration::from_secs(n.into());
            assert!(ClientNetwork::new(&allowances, address).write(now).is_ok());
        }
        let kept = allowances.buckets.lock().unwrap().by_network.len();
        assert!(kept <= 1024, "{kept}");
    }
}
