//! Home realm discovery: which provider a user signs in with, from what is known before they have
//! signed in. Pure rules, in one order, with an explanation:
//!
//! ```text
//! named by the link > the typed address's domain > remembered > the network > default > ask
//! ```
//!
//! Only the part after the `@` is used, so the answer does not reveal who has an account
//! (THREATS: user enumeration).

use std::{fmt, net::IpAddr};

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A provider's routing as an admin writes it. All of it may be left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoutingDocument {
    /// Mail domains whose users sign in here: `uni.example`, or `*.uni.example` for its subdomains.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Networks in which users sign in here, like `10.1.0.0/16`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub networks: Vec<String>,
    /// The organisation's own: the default for users about whom nothing else is known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    /// Not in the list of ways to sign in; reached by a domain, a network or a link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
}

/// A routing that can be evaluated.
#[derive(Clone, Debug, Default)]
pub struct Routing {
    pub domains: Vec<Domain>,
    pub networks: Vec<IpNet>,
    pub default: bool,
    pub hidden: bool,
}

/// A mail domain, in lower case and ASCII (IDNA, UTS 46).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Domain {
    name: String,
    below: bool,
}

/// A provider a user could be sent to; only enabled ones are candidates.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    pub slug: &'a str,
    pub routing: &'a Routing,
}

/// What is known of the user who wants to sign in.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoutingInput<'a> {
    /// The provider that the link names.
    pub named: Option<&'a str>,
    /// What the user typed: a name or a mail address.
    pub typed: Option<&'a str>,
    /// The provider this browser signed in with before.
    pub remembered: Option<&'a str>,
    pub address: Option<IpAddr>,
}

/// The provider, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HomeRealm {
    To { slug: String, because: Because },
    Ask,
}

/// The reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Because {
    Named,
    Domain(Domain),
    Remembered,
    Network(IpNet),
    Default,
}

/// A provider may have this many domains, and as many networks.
const ENTRIES: usize = 10_000;

impl RoutingDocument {
    pub fn build(&self) -> Result<Routing, String> {
        if self.domains.len().max(self.networks.len()) > ENTRIES {
            return Err(format!("at most {ENTRIES} domains and as many networks"));
        }
        let domains = self.domains.iter().map(|text| Domain::parse(text));
        let networks = self.networks.iter().map(|text| network(text));
        Ok(Routing {
            domains: domains.collect::<Result<_, _>>()?,
            networks: networks.collect::<Result<_, _>>()?,
            default: self.default,
            hidden: self.hidden,
        })
    }
}

impl Routing {
    /// Whether it has any entry that distinguishes users.
    pub fn distinguishes_users(&self) -> bool {
        !self.domains.is_empty() || !self.networks.is_empty()
    }
}

impl Domain {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (below, name) = match text.trim().strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text.trim()),
        };
        let name = folded(name).ok_or_else(|| {
            format!("\"{text}\" is not a mail domain like uni.example or *.uni.example")
        })?;
        Ok(Self { name, below })
    }

    /// `domain` is normalised already.
    pub(super) fn fits(&self, domain: &str) -> bool {
        if self.below {
            let rest = domain.strip_suffix(&self.name);
            return rest.is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'));
        }
        domain == self.name
    }

    /// An exact name precedes any wildcard; of two wildcards, the longer one does.
    fn weight(&self) -> (bool, usize) {
        (!self.below, self.name.len())
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.below { "*." } else { "" }, self.name)
    }
}

/// A single address is a network, too.
fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let net: Option<IpNet> = text.parse().ok();
    net.map(|net| net.trunc())
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
        .ok_or_else(|| format!("\"{text}\" is not a network like 10.1.0.0/16 or 2001:db8::/32"))
}

/// A domain in lower case and ASCII, so that equal ones compare equal (RFC 5891, UTS 46); `None`
/// for what is no domain, like an address.
fn folded(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let plain = !text.contains(|c: char| c.is_whitespace() || "/\\@:?#*%".contains(c));
    match url::Host::parse(text) {
        Ok(url::Host::Domain(name)) if plain && !name.is_empty() => Some(name),
        _ => None,
    }
}

/// The domain of what was typed: what follows the last `@`.
pub(super) fn domain_of(typed: &str) -> Option<String> {
    let (before, domain) = typed.trim().rsplit_once('@')?;
    (!before.is_empty()).then(|| folded(domain)).flatten()
}

/// The provider, and the reason.
pub fn route(candidates: &[Candidate], known: &RoutingInput) -> HomeRealm {
    let named = |slug: Option<&str>| {
        let slug = slug?;
        candidates.iter().find(|one| one.slug == slug).copied()
    };
    let found = named(known.named)
        .map(|one| (one, Because::Named))
        .or_else(|| by_domain(candidates, known.typed?))
        .or_else(|| named(known.remembered).map(|one| (one, Because::Remembered)))
        .or_else(|| by_network(candidates, known.address?))
        .or_else(|| {
            let default = candidates.iter().find(|one| one.routing.default);
            default.map(|one| (*one, Because::Default))
        });
    match found {
        Some((one, because)) => HomeRealm::To {
            slug: one.slug.to_owned(),
            because,
        },
        None => HomeRealm::Ask,
    }
}

fn by_domain<'a>(candidates: &[Candidate<'a>], typed: &str) -> Option<(Candidate<'a>, Because)> {
    let domain = domain_of(typed)?;
    let all = candidates
        .iter()
        .flat_map(|one| one.routing.domains.iter().map(move |known| (*one, known)));
    let best = all
        .filter(|(_, known)| known.fits(&domain))
        .max_by_key(|(_, known)| known.weight())?;
    Some((best.0, Because::Domain(best.1.clone())))
}

fn by_network<'a>(candidates: &[Candidate<'a>], from: IpAddr) -> Option<(Candidate<'a>, Because)> {
    let from = from.to_canonical();
    let all = candidates
        .iter()
        .flat_map(|one| one.routing.networks.iter().map(move |net| (*one, *net)));
    let best = all
        .filter(|(_, net)| net.contains(&from))
        .max_by_key(|(_, net)| net.prefix_len())?;
    Some((best.0, Because::Network(best.1)))
}

/// What cannot be decided between several providers: two defaults, or a domain or network that
/// belongs to two. Sentences for the admin.
pub fn conflicts(candidates: &[Candidate]) -> Vec<String> {
    let mut faults = Vec::new();
    let defaults: Vec<_> = candidates
        .iter()
        .filter(|one| one.routing.default)
        .map(|one| format!("\"{}\"", one.slug))
        .collect();
    if defaults.len() > 1 {
        let all = defaults.join(", ");
        faults.push(format!("only one provider can be the default, not {all}"));
    }
    let mut owners = std::collections::BTreeMap::new();
    for one in candidates {
        let domains = one.routing.domains.iter().map(Domain::to_string);
        let networks = one.routing.networks.iter().map(IpNet::to_string);
        for entry in domains.chain(networks) {
            if let Some(other) = owners.insert(entry.clone(), one.slug) {
                faults.push(format!(
                    "\"{entry}\" leads to the providers \"{other}\" and \"{}\": give it once",
                    one.slug
                ));
            }
        }
    }
    faults
}

/// For the command line; pages have texts in the user's language.
impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Because::Named => f.write_str("the link names it"),
            Because::Domain(domain) => write!(f, "mail addresses of {domain} belong to it"),
            Because::Remembered => f.write_str("this browser signed in with it before"),
            Because::Network(net) => write!(f, "the browser is in the network {net}"),
            Because::Default => f.write_str("it is the organisation's default"),
        }
    }
}
