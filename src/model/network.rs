//! The network that an address belongs to: what limits count. One customer of a provider has a
//! whole IPv6 /64, often a /48, and can use each of its addresses once (RFC 6177).

use std::{fmt, net::IpAddr};

/// A network that is counted as one: an IPv4 address, or an IPv6 prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    length: u8,
}

/// The limit of a /48, as a multiple of that of a /64 in it.
pub const WIDER: u32 = 4;

impl Network {
    /// The network that certainly belongs to one customer: the address (IPv4), or its /64.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self {
                first: IpAddr::V4(address),
                length: 32,
            },
            IpAddr::V6(address) => Self::prefix(address.into(), 64),
        }
    }

    /// The network that may belong to one customer: the /48. `None` for IPv4.
    pub fn around(address: IpAddr) -> Option<Self> {
        match address.to_canonical() {
            IpAddr::V4(_) => None,
            IpAddr::V6(address) => Some(Self::prefix(address.into(), 48)),
        }
    }

    fn prefix(bits: u128, length: u8) -> Self {
        let kept = u128::MAX << (128 - u32::from(length));
        Self {
            first: IpAddr::V6((bits & kept).into()),
            length,
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(address) => write!(f, "{address}/{}", self.length),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> (String, Option<String>) {
        let address = text.parse().unwrap();
        let around = Network::around(address).map(|network| network.to_string());
        (Network::of(address).to_string(), around)
    }

    #[test]
    fn ipv6_is_counted_by_prefix_and_ipv4_as_it_is() {
        assert_eq!(network("192.0.2.7"), ("192.0.2.7".to_owned(), None));
        assert_eq!(network("::ffff:192.0.2.7"), ("192.0.2.7".to_owned(), None));
        let (narrow, wide) = network("2001:db8:1:2:3:4:5:6");
        assert_eq!(narrow, "2001:db8:1:2::/64");
        assert_eq!(wide.as_deref(), Some("2001:db8:1::/48"));
    }
}
