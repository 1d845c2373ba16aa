//! The addresses that Usher itself may connect to. Addresses from admins, clients and upstream
//! documents must not make Usher a proxy into the network (THREATS: SSRF): everything but the
//! public internet is refused unless the configuration lists it. Pure; `net` calls it for every
//! connection, and `config` parses the list.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::Deserialize;

/// The kind of network an address is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    Public,
    /// This machine and the networks of an organisation. Listing a host's name allows these.
    Private,
    /// No legitimate service is here: cloud metadata, link-local, multicast, tunnels, "this host".
    /// Only an address or a network in the list allows these, a name never does.
    Special,
}

/// Hosts and networks that may be connected to although they are not public.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub struct Destinations {
    names: Vec<String>,
    networks: Vec<IpNet>,
}

impl Destinations {
    /// Entries are host names, addresses, or networks as `10.1.0.0/16`.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let mut list = Self::default();
        for entry in entries {
            list.add(entry)
                .map_err(|why| format!("\"{entry}\" {why}"))?;
        }
        Ok(list)
    }

    fn add(&mut self, entry: &str) -> Result<(), &'static str> {
        if let Ok(address) = entry.parse::<IpAddr>() {
            self.networks.push(address.into());
        } else if entry.contains('/') {
            let network = entry.parse::<IpNet>();
            let network = network.map_err(|_| "is not a network such as 10.1.0.0/16")?;
            if network.trunc() != network {
                return Err("has bits set beyond its prefix");
            }
            self.networks.push(network);
        } else {
            match url::Host::parse(entry) {
                Ok(url::Host::Domain(name)) if is_host_name(&name) => {
                    self.names.push(name.trim_end_matches('.').to_owned());
                }
                Ok(url::Host::Ipv4(_)) => return Err("is an odd spelling of an address"),
                _ => return Err("is not a host name, an address or a network; no scheme, no port"),
            }
        }
        Ok(())
    }

    /// Whether a host of this name (`None`: the address itself was asked for) may be reached at
    /// this address.
    pub fn permit(&self, name: Option<&str>, address: IpAddr) -> bool {
        let listed = || {
            let spellings = [Some(address), embedded(address).map(IpAddr::V4)];
            let mut spellings = spellings.iter().flatten();
            spellings.any(|address| self.networks.iter().any(|net| net.contains(address)))
        };
        match reach(address) {
            Reach::Public => true,
            Reach::Private => name.is_some_and(|name| self.names(name)) || listed(),
            Reach::Special => listed(),
        }
    }

    /// Whether the list has this name, in any case and with or without a final dot.
    fn names(&self, name: &str) -> bool {
        let name = name.trim_end_matches('.');
        self.names
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    }
}

impl TryFrom<Vec<String>> for Destinations {
    type Error = String;

    fn try_from(entries: Vec<String>) -> Result<Self, String> {
        Self::parse(&entries)
    }
}

fn is_host_name(name: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    name.trim_end_matches('.').split('.').all(is_label)
}

/// The kind of an address in any notation: an IPv4 address inside an IPv6 one counts as the IPv4
/// address.
pub fn reach(address: IpAddr) -> Reach {
    match (address, embedded(address)) {
        (_, Some(inner)) | (IpAddr::V4(inner), None) => reach_v4(inner),
        (IpAddr::V6(address), None) => reach_v6(address),
    }
}

/// The IPv4 address that an IPv4-mapped (RFC 4291 section 2.5.5.2) or a NAT64 (RFC 6052 section
/// 2.1) address leads to.
fn embedded(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(address) = address else {
        return None;
    };
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        }
        _ => address.to_ipv4_mapped(),
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(first: u16, second: u16, third: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(first, second, third, 0, 0, 0, 0, 0), prefix)
}

/// IANA's IPv4 special-purpose registry, and what clouds add to it.
const SPECIAL_V4: &[Ipv4Net] = &[
    v4(0, 0, 0, 0, 8),          // this network; 0.0.0.0 reaches this machine
    v4(168, 63, 129, 16, 32),   // a cloud's metadata on a public address
    v4(169, 254, 0, 0, 16),     // link-local, the metadata of most clouds
    v4(192, 0, 0, 0, 24),       // protocol assignments, and one more metadata service
    v4(192, 0, 2, 0, 24),       // documentation
    v4(192, 88, 99, 0, 24),     // 6to4 relays
    v4(198, 18, 0, 0, 15),      // benchmarks
    v4(198, 51, 100, 0, 24),    // documentation
    v4(203, 0, 113, 0, 24),     // documentation
    v4(224, 0, 0, 0, 3),        // multicast, reserved, broadcast
    v4(100, 100, 100, 200, 32), // metadata inside the carriers' range
];

const PRIVATE_V4: &[Ipv4Net] = &[
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10), // carrier-grade NAT
    v4(127, 0, 0, 0, 8),
    v4(172, 16, 0, 0, 12),
    v4(192, 168, 0, 0, 16),
];

const SPECIAL_V6: &[Ipv6Net] = &[
    v6(0x2001, 0, 0, 23),     // protocol assignments, Teredo among them
    v6(0x2001, 0xdb8, 0, 32), // documentation
    v6(0x2002, 0, 0, 16),     // 6to4: an IPv4 address in disguise
    v6(0x3fff, 0, 0, 20),     // documentation
];

/// A cloud's metadata service inside its unique local range.
const METADATA_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
const UNIQUE_LOCAL: Ipv6Net = v6(0xfc00, 0, 0, 7);
const LOCAL_NAT64: Ipv6Net = v6(0x64, 0xff9b, 1, 48); // RFC 8215
const GLOBAL: Ipv6Net = v6(0x2000, 0, 0, 3);

fn reach_v4(address: Ipv4Addr) -> Reach {
    let within = |networks: &[Ipv4Net]| networks.iter().any(|net| net.contains(&address));
    if within(SPECIAL_V4) {
        Reach::Special
    } else if within(PRIVATE_V4) {
        Reach::Private
    } else {
        Reach::Public
    }
}

fn reach_v6(address: Ipv6Addr) -> Reach {
    let special = SPECIAL_V6.iter().any(|net| net.contains(&address));
    let private = address == Ipv6Addr::LOCALHOST
        || UNIQUE_LOCAL.contains(&address)
        || LOCAL_NAT64.contains(&address);
    if special || address == METADATA_V6 {
        Reach::Special
    } else if private {
        Reach::Private
    } else if GLOBAL.contains(&address) {
        Reach::Public
    } else {
        Reach::Special // link-local, site-local, multicast, :: and unassigned ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> Result<Destinations, String> {
        let entries: Vec<String> = entries.iter().map(|&entry| entry.to_owned()).collect();
        Destinations::parse(&entries)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn every_range_is_what_it_is() {
        for (text, expected) in [
            ("1.1.1.1", Reach::Public),
            ("172.32.0.1", Reach::Public),
            ("100.128.0.1", Reach::Public),
            ("168.63.129.17", Reach::Public),
            ("2606:4700::1111", Reach::Public),
            ("10.0.0.1", Reach::Private),
            ("100.64.0.1", Reach::Private),
            ("127.255.255.254", Reach::Private),
            ("172.31.255.255", Reach::Private),
            ("192.168.1.1", Reach::Private),
            ("::1", Reach::Private),
            ("fd12::1", Reach::Private),
            ("64:ff9b:1::a00:1", Reach::Private),
            ("0.0.0.0", Reach::Special),
            ("0.1.2.3", Reach::Special),
            ("169.254.169.254", Reach::Special),
            ("100.100.100.200", Reach::Special),
            ("168.63.129.16", Reach::Special),
            ("192.0.0.192", Reach::Special),
            ("198.19.0.1", Reach::Special),
            ("224.0.0.1", Reach::Special),
            ("239.255.255.255", Reach::Special),
            ("240.0.0.1", Reach::Special),
            ("255.255.255.255", Reach::Special),
            ("::", Reach::Special),
            ("::7f00:1", Reach::Special),
            ("fe80::1", Reach::Special),
            ("fec0::1", Reach::Special),
            ("ff02::1", Reach::Special),
            ("fd00:ec2::254", Reach::Special),
            ("2001::1", Reach::Special),
            ("2001:db8::1", Reach::Special),
            ("2002:7f00:1::", Reach::Special),
            ("4000::1", Reach::Special),
        ] {
            assert_eq!(reach(address(text)), expected, "{text}");
        }
    }

    #[test]
    fn an_ipv4_address_in_disguise_is_what_it_stands_for() {
        for (text, expected) in [
            ("::ffff:127.0.0.1", Reach::Private),
            ("::ffff:169.254.169.254", Reach::Special),
            ("::ffff:0.0.0.0", Reach::Special),
            ("::ffff:1.1.1.1", Reach::Public),
            ("64:ff9b::10.0.0.1", Reach::Private),
            ("64:ff9b::169.254.169.254", Reach::Special),
            ("64:ff9b::1.1.1.1", Reach::Public),
        ] {
            assert_eq!(reach(address(text)), expected, "{text}");
        }
        let list = list(&["10.0.0.0/8"]).unwrap();
        assert!(list.permit(None, address("::ffff:10.1.2.3")));
        assert!(!list.permit(None, address("::ffff:127.0.0.1")));
    }

    #[test]
    fn a_listed_name_opens_private_networks_and_nothing_more() {
        let list = list(&["IdP.Intern.example.", "fd00::/8"]).unwrap();
        for name in ["idp.intern.example", "IDP.intern.example."] {
            assert!(list.permit(Some(name), address("10.1.2.3")), "{name}");
            assert!(!list.permit(Some(name), address("169.254.169.254")));
        }
        for name in [
            "intern.example",
            "x.idp.intern.example",
            "idp.intern.exampl",
        ] {
            assert!(!list.permit(Some(name), address("10.1.2.3")), "{name}");
            assert!(list.permit(Some(name), address("fd00::1")), "{name}");
            assert!(list.permit(Some(name), address("1.1.1.1")), "{name}");
        }
        assert!(!list.permit(None, address("10.1.2.3")));
    }

    #[test]
    fn only_an_address_in_the_list_opens_special_places() {
        let list = list(&["169.254.169.254"]).unwrap();
        assert!(list.permit(Some("any"), address("169.254.169.254")));
        assert!(!list.permit(Some("any"), address("169.254.169.253")));
    }

    #[test]
    fn an_entry_that_is_neither_host_nor_network_is_refused_by_name() {
        for (entry, words) in [
            ("https://idp.example", "network such as"),
            ("idp.example:8443", "no scheme, no port"),
            ("10.0.0.0/33", "network such as"),
            ("10.0.0.1/8", "beyond its prefix"),
            ("0x7f.1", "odd spelling"),
            ("2130706433", "odd spelling"),
            ("*.example", "not a host name"),
            ("a..b", "not a host name"),
            ("user@host", "not a host name"),
            ("", "not a host name"),
            (" ", "not a host name"),
        ] {
            let error = list(&[entry]).unwrap_err();
            assert!(error.contains(words), "{error}");
            assert!(error.contains(entry), "{error}");
        }
    }
}
