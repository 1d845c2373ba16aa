//! Where a request comes from: the peer's address, or the one a trusted proxy reports.

use std::{
    net::{IpAddr, SocketAddr},
    sync::atomic::{AtomicBool, Ordering},
};

use axum::{extract::ConnectInfo, http::request::Parts};

use crate::config;

/// The trusted peers, and the warnings that were logged about others.
pub struct Neighbours {
    /// Reverse proxies: the client's address is taken from their headers.
    proxies: Vec<IpAddr>,
    /// Gateways: they may ask whether a client has access.
    gateways: Vec<IpAddr>,
    logged: [AtomicBool; 3],
}

/// A reason for a warning, which is logged once.
#[derive(Clone, Copy)]
enum Odd {
    Untrusted,
    Unreadable,
    GatewayByProxies,
}

impl Neighbours {
    pub fn new(settings: &config::ServerConfig) -> Self {
        let canonical = |list: &[IpAddr]| list.iter().map(IpAddr::to_canonical).collect();
        Self {
            proxies: canonical(&settings.trusted_proxies),
            gateways: canonical(&settings.gateways),
            logged: Default::default(),
        }
    }

    /// Whether this peer may ask as a gateway. Where no gateways are listed, proxies may.
    pub fn is_gateway(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        if !self.gateways.is_empty() {
            return self.gateways.contains(&peer);
        }
        let known = self.proxies.contains(&peer);
        if known && self.is_first(Odd::GatewayByProxies) {
            tracing::warn!(
                %peer,
                "a gateway is trusted because it is in server.trusted_proxies: list it in \
                 server.gateways, so that a proxy in front of the portal is not one"
            );
        }
        known
    }

    /// The client's address. `X-Forwarded-For` is read from the right: everything to the left of
    /// the last address that is not a trusted proxy's may be forged by the client.
    pub fn client(&self, parts: &Parts) -> Option<IpAddr> {
        let ConnectInfo(peer) = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
        let mut address = peer.ip().to_canonical();
        let lines = parts.headers.get_all("x-forwarded-for");
        if !self.proxies.contains(&address) {
            if lines.iter().next().is_some() && self.is_first(Odd::Untrusted) {
                tracing::warn!(
                    peer = %address,
                    "X-Forwarded-For of a peer that is not in server.trusted_proxies is ignored; if \
                     it is a proxy of yours, all its clients are counted as one"
                );
            }
            return Some(address);
        }
        let hops = lines
            .iter()
            .rev()
            .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for hop in hops {
            let hop = std::str::from_utf8(hop).ok();
            let Some(hop) = hop.and_then(|hop| forwarded(hop.trim())) else {
                if self.is_first(Odd::Unreadable) {
                    tracing::warn!(
                        proxy = %address,
                        "a trusted proxy sends an X-Forwarded-For that holds no address; its clients \
                         are counted as one"
                    );
                }
                break;
            };
            address = hop;
            if !self.proxies.contains(&address) {
                break;
            }
        }
        Some(address)
    }

    fn is_first(&self, odd: Odd) -> bool {
        !self.logged[odd as usize].swap(true, Ordering::Relaxed)
    }
}

/// An address as proxies write it: alone, with a port (`203.0.113.7:4711`), in brackets
/// (`[2001:db8::1]`), or both.
fn forwarded(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = match bare {
        Some(inner) => inner.parse().ok().map(IpAddr::V6),
        None => text
            .parse()
            .or_else(|_| text.parse::<SocketAddr>().map(|socket| socket.ip()))
            .ok(),
    };
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn neighbours(proxies: &[&str], gateways: &[&str]) -> Neighbours {
        let parse = |list: &[&str]| list.iter().map(|one| one.parse().unwrap()).collect();
        Neighbours {
            proxies: parse(proxies),
            gateways: parse(gateways),
            logged: Default::default(),
        }
    }

    fn client(neighbours: &Neighbours, peer: &str, forwarded: &str) -> String {
        let (mut parts, ()) = Request::builder()
            .header("x-forwarded-for", forwarded)
            .body(())
            .unwrap()
            .into_parts();
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        parts.extensions.insert(ConnectInfo(peer));
        neighbours.client(&parts).unwrap().to_string()
    }

    #[test]
    fn forwarded_addresses_with_ports_and_brackets_are_read() {
        let neighbours = neighbours(&["192.0.2.80"], &[]);
        for (text, address) in [
            ("203.0.113.7", "203.0.113.7"),
            ("203.0.113.7:4711", "203.0.113.7"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("198.51.100.1, 203.0.113.7:80", "203.0.113.7"),
            ("unknown", "192.0.2.80"),
            ("[203.0.113.7]", "192.0.2.80"),
            ("203.0.113.7:", "192.0.2.80"),
            ("", "192.0.2.80"),
        ] {
            assert_eq!(client(&neighbours, "192.0.2.80", text), address, "{text}");
            assert_eq!(client(&neighbours, "::ffff:192.0.2.80", text), address);
        }
    }

    /// Reading stops at a hop that cannot be parsed: the client may have written everything to the
    /// left.
    #[test]
    fn a_byte_that_is_no_text_neither_hides_nor_forges_an_address() {
        let neighbours = neighbours(&["192.0.2.80"], &[]);
        let read = |lines: &[&[u8]]| {
            let mut request = Request::builder();
            for line in lines {
                request = request.header("x-forwarded-for", *line);
            }
            let (mut parts, ()) = request.body(()).unwrap().into_parts();
            let peer = SocketAddr::new("192.0.2.80".parse().unwrap(), 4711);
            parts.extensions.insert(ConnectInfo(peer));
            neighbours.client(&parts).unwrap().to_string()
        };
        let odd: &[u8] = b"\xc3\xa9, 203.0.113.50";
        assert_eq!(read(&[odd]), "203.0.113.50");
        assert_eq!(read(&[b"198.51.100.77", odd]), "203.0.113.50");
        assert_eq!(read(&[b"198.51.100.77", b"\xff"]), "192.0.2.80");
    }

    #[test]
    fn a_header_of_an_untrusted_peer_is_ignored_and_logged_once() {
        let neighbours = neighbours(&["192.0.2.80"], &[]);
        assert_eq!(
            client(&neighbours, "198.51.100.9", "203.0.113.7"),
            "198.51.100.9"
        );
        assert!(!neighbours.is_first(Odd::Untrusted), "it was logged before");
        assert!(neighbours.is_first(Odd::Unreadable));
    }

    #[test]
    fn a_proxy_is_no_gateway_once_gateways_are_listed() {
        let proxy = "192.0.2.80".parse().unwrap();
        let gateway = "192.0.2.81".parse().unwrap();
        let listed = neighbours(&["192.0.2.80"], &["192.0.2.81"]);
        assert!(listed.is_gateway(gateway) && !listed.is_gateway(proxy));
        let unlisted = neighbours(&["192.0.2.80"], &[]);
        assert!(unlisted.is_gateway(proxy) && !unlisted.is_gateway(gateway));
        assert!(!unlisted.is_first(Odd::GatewayByProxies), "with a warning");
    }
}
