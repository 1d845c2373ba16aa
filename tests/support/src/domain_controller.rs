//! A domain controller of Active Directory, as far as sign-in meets one and no other directory is
//! like it: the codes in its refusals (MS-ERREF 2.2), groups in groups by a matching rule, at most
//! 1000 entries and 1500 values at once, references to other partitions, `unicodePwd` (MS-ADTS
//! 3.1.1.3). It speaks LDAP over TLS. Written after the documents, not after our client.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use ldap3::asn1::StructureTag;
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::json;
use tempfile::TempDir;
use usher::kind::Settings;

use super::{
    ber::{self, ENUMERATED, OCTETS, SEQUENCE, SET, all, number, parts, string, text, tlv, value},
    slapd::{Certificate, PASSWORD, make_certificates},
};

pub const DOMAIN: &str = "DC=corp,DC=example";
pub const ACCOUNT: &str = "CN=usher,OU=Services,DC=corp,DC=example";
pub const ANA: &str = "CN=Ana,OU=Staff,DC=corp,DC=example";
const MOST_ENTRIES: usize = 1000;
const MOST_VALUES: usize = 1500;
const IN_CHAIN: &str = "1.2.840.113556.1.4.1941";
const PAGED: &str = "1.2.840.113556.1.4.319";

/// An entry, with the password if it is an account.
#[derive(Clone, Default)]
pub struct Entry {
    pub dn: String,
    pub values: Vec<(String, Vec<u8>)>,
    pub password: String,
    /// The error that a right password gets.
    pub code: Option<&'static str>,
    /// The error that any password gets.
    pub any_code: Option<&'static str>,
}

impl Entry {
    pub fn with(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.values.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let pairs = self.values.iter();
        pairs
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }
}

/// A user with the common password.
pub fn user(name: &str) -> Entry {
    Entry {
        dn: format!("CN={name},OU=Staff,{DOMAIN}"),
        password: PASSWORD.to_owned(),
        ..Entry::default()
    }
    .with("objectClass", "user")
    .with("objectCategory", "person")
    .with("sAMAccountName", name)
    .with("userPrincipalName", format!("{name}@corp.example"))
    .with("displayName", name)
    .with("objectGUID", [7; 16])
    .with("objectSid", sid(1104))
    .with("primaryGroupID", "513")
}

pub fn group(name: &str, last: u32, members: &[&str]) -> Entry {
    let group = Entry {
        dn: format!("CN={name},OU=Groups,{DOMAIN}"),
        ..Entry::default()
    };
    let group = group
        .with("objectClass", "group")
        .with("cn", name)
        .with("objectSid", sid(last));
    members
        .iter()
        .fold(group, |group, member| group.with("member", member))
}

/// The security identifier S-1-5-21-1-2-3-{last}.
pub fn sid(last: u32) -> Vec<u8> {
    let mut sid = b"\x01\x05\0\0\0\0\0\x05".to_vec();
    for part in [21, 1, 2, 3, last] {
        sid.extend(part.to_le_bytes());
    }
    sid
}

pub struct DomainController {
    home: TempDir,
    port: u16,
    inner: Arc<Inner>,
}

struct Inner {
    entries: Mutex<Vec<Entry>>,
    /// A line for each request it received.
    log: Mutex<Vec<String>>,
    elsewhere: String,
}

impl DomainController {
    /// `elsewhere` is what its references lead to.
    pub fn start(entries: Vec<Entry>, elsewhere: &str) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        make_certificates(home.path(), Certificate::Good);
        let tls = Arc::new(tls(&home));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let inner = Arc::new(Inner {
            entries: Mutex::new(entries),
            log: Mutex::default(),
            elsewhere: elsewhere.to_owned(),
        });
        let serving = inner.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (inner, tls) = (serving.clone(), tls.clone());
                std::thread::spawn(move || serve(&inner, tls, stream));
            }
        });
        Self { home, port, inner }
    }

    /// Settings with the flavour and no more than is needed.
    pub fn settings(&self) -> Settings {
        let ca = std::fs::read_to_string(self.home.path().join("ca.pem")).expect("readable");
        let settings = json!({
            "servers": [format!("ldaps://127.0.0.1:{}", self.port)],
            "ca_pem": ca,
            "flavour": "active-directory",
            "bind_dn": ACCOUNT,
            "bind_password": "search only",
            "base_dn": format!("OU=Staff,{DOMAIN}"),
        });
        settings.as_object().expect("an object").clone()
    }

    pub fn log(&self) -> Vec<String> {
        self.inner.log.lock().expect("a log").clone()
    }
}

fn tls(home: &TempDir) -> ServerConfig {
    let path = |name: &str| home.path().join(name);
    let certificate = CertificateDer::from_pem_file(path("server.pem")).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(path("server.key")).expect("a key");
    ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate that fits its key")
}

fn serve(inner: &Inner, tls: Arc<ServerConfig>, stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let connection = ServerConnection::new(tls).expect("a connection");
    let mut stream = StreamOwned::new(connection, stream);
    let mut bound = None;
    while let Some(message) = ber::read(&mut stream) {
        if !inner.answer(&mut stream, &mut bound, message) {
            return;
        }
    }
}

/// A result: code and diagnostic message.
type Answer = (i32, String);

fn fine() -> Answer {
    (0, String::new())
}

fn send(stream: &mut impl Write, id: &[u8], operation: Vec<u8>, controls: &[Vec<u8>]) {
    let mut message = vec![tlv(ber::INTEGER, id), operation];
    if !controls.is_empty() {
        message.push(all(0xa0, controls));
    }
    ber::write(stream, &all(SEQUENCE, &message));
}

fn result(tag: u8, (code, words): &Answer) -> Vec<u8> {
    all(tag, &[number(ENUMERATED, *code), text(""), text(words)])
}

impl Inner {
    /// Answers a message; `false` is the end.
    fn answer(
        &self,
        stream: &mut (impl Read + Write),
        bound: &mut Option<String>,
        message: StructureTag,
    ) -> bool {
        let mut message = parts(message).into_iter();
        let (Some(id), Some(operation)) = (message.next(), message.next()) else {
            return false;
        };
        let (id, kind) = (ber::bytes(id), operation.id);
        let controls = controls(message.next());
        let asked = parts(operation);
        match kind {
            0 => {
                let (dn, answer) = self.bind(asked);
                *bound = (answer.0 == 0).then_some(dn);
                send(stream, &id, result(0x61, &answer), &[]);
            }
            3 => self.search(stream, &id, bound.as_deref(), asked, &controls),
            6 => {
                let answer = self.modify(bound.as_deref(), asked);
                send(stream, &id, result(0x67, &answer), &[]);
            }
            _ => return false,
        }
        true
    }

    fn note(&self, line: String) {
        self.log.lock().expect("a log").push(line);
    }

    fn bind(&self, asked: Vec<StructureTag>) -> (String, Answer) {
        let mut asked = asked.into_iter().skip(1);
        let mut next = || asked.next().map(string).unwrap_or_default();
        let (dn, password) = (next(), next());
        self.note(format!("BIND {dn}"));
        let refuse = |code: &str| {
            let words = format!(
                "80090308: LdapErr: DSID-0C090449, comment: AcceptSecurityContext error, data \
                 {code}, v4563\0"
            );
            (49, words)
        };
        if dn == ACCOUNT && password == "search only" {
            return (dn, fine());
        }
        let entries = self.entries.lock().expect("entries");
        let entry = entries.iter().find(|entry| entry.dn == dn);
        let answer = match entry {
            None => refuse("525"),
            Some(entry) => match (entry.any_code, entry.password == password, entry.code) {
                (Some(code), _, _) => refuse(code),
                (None, false, _) => refuse("52e"),
                (None, true, Some(code)) => refuse(code),
                (None, true, None) => fine(),
            },
        };
        (dn, answer)
    }

    fn search(
        &self,
        stream: &mut impl Write,
        id: &[u8],
        bound: Option<&str>,
        asked: Vec<StructureTag>,
        controls: &[(String, Vec<u8>)],
    ) {
        let [base, scope, _, limit, _, _, filter, attributes] =
            <[StructureTag; 8]>::try_from(asked).expect("a search");
        let (base, limit) = (string(base), value(limit));
        let attributes: Vec<String> = parts(attributes).into_iter().map(string).collect();
        let named: Vec<&str> = controls.iter().map(|(name, _)| name.as_str()).collect();
        self.note(format!(
            "SEARCH {base} for {} with {}",
            attributes.join(" "),
            named.join(" ")
        ));
        if bound != Some(ACCOUNT) {
            let words = "000004DC: LdapErr: DSID-0C090A5C, comment: In order to perform this \
                         operation a successful bind must be completed on the connection.\0";
            return send(stream, id, result(0x65, &(1, words.to_owned())), &[]);
        }
        let is_base = value(scope) == 0;
        let entries = self.entries.lock().expect("entries").clone();
        let hits: Vec<&Entry> = entries
            .iter()
            .filter(|entry| {
                let here = if is_base {
                    entry.dn == base
                } else {
                    entry.dn.ends_with(&base)
                };
                here && matches(&entries, entry, filter.clone())
            })
            .collect();
        let paged = controls.iter().find(|(name, _)| name == PAGED);
        let (size, start) = paged.map_or((usize::MAX, 0), |(_, value)| page(value));
        let most = size.min(MOST_ENTRIES);
        let most = if limit == 0 { most } else { most.min(limit) };
        let shown = hits.iter().skip(start).take(most);
        for entry in shown.clone() {
            send(stream, id, found(entry, &attributes), &[]);
        }
        let reference = format!("ldap://{}/DC=DomainDnsZones,{DOMAIN}", self.elsewhere);
        send(stream, id, all(0x73, &[text(&reference)]), &[]);
        let end = start + shown.count();
        let is_over = end == hits.len();
        let answer = if is_over || paged.is_some() {
            fine()
        } else {
            (4, String::new())
        };
        let cookie = if is_over || size == 0 {
            String::new()
        } else {
            end.to_string()
        };
        let control = paged.map(|_| {
            let value = all(SEQUENCE, &[number(ber::INTEGER, 0), text(&cookie)]);
            all(SEQUENCE, &[text(PAGED), tlv(OCTETS, &value)])
        });
        send(stream, id, result(0x65, &answer), control.as_slice());
    }

    /// A change of a password: the old value deleted, the new one added.
    fn modify(&self, bound: Option<&str>, asked: Vec<StructureTag>) -> Answer {
        let mut asked = asked.into_iter();
        let dn = asked.next().map(string).unwrap_or_default();
        let changes = asked.next().map(parts).unwrap_or_default();
        self.note(format!("MODIFY {dn} as {}", bound.unwrap_or("nobody")));
        let changes: Vec<(usize, String, String)> = changes.into_iter().map(change).collect();
        let [(1, one, old), (0, other, new)] = changes.as_slice() else {
            return (
                50,
                "00000005: SecErr: DSID-031A11DE, problem 4003\0".to_owned(),
            );
        };
        assert_eq!([one, other], ["unicodePwd", "unicodePwd"]);
        let refuse = |code: &str| {
            let words = format!(
                "{code}: AtrErr: DSID-03191083, #1:\n\t0: {code}: DSID-03191083, problem 1005 \
                 (CONSTRAINT_ATT_TYPE), data 0, Att 9005a (unicodePwd)\n\0"
            );
            (19, words)
        };
        let mut entries = self.entries.lock().expect("entries");
        let entry = entries.iter_mut().find(|entry| entry.dn == dn);
        match (bound, entry) {
            (Some(_), Some(entry)) if entry.password != *old => refuse("00000056"),
            (Some(_), Some(_)) if new.len() < 7 => refuse("0000052D"),
            (Some(_), Some(entry)) => {
                entry.password.clone_from(new);
                entry.code = None;
                fine()
            }
            _ => (
                50,
                "00000005: SecErr: DSID-031A11DE, problem 4003\0".to_owned(),
            ),
        }
    }
}

fn controls(tag: Option<StructureTag>) -> Vec<(String, Vec<u8>)> {
    let each = tag
        .map(parts)
        .unwrap_or_default()
        .into_iter()
        .map(|control| {
            let mut fields = parts(control).into_iter();
            let name = fields.next().map(string).unwrap_or_default();
            (name, fields.last().map(ber::bytes).unwrap_or_default())
        });
    each.collect()
}

/// The size of a page, and where it begins: the cookie is that number.
fn page(control: &[u8]) -> (usize, usize) {
    let mut fields = ber::read(&mut &*control)
        .map(parts)
        .unwrap_or_default()
        .into_iter();
    let size = fields.next().map(value).unwrap_or_default();
    let cookie = fields.next().map(string).unwrap_or_default();
    (size, cookie.parse().unwrap_or_default())
}

fn found(entry: &Entry, attributes: &[String]) -> Vec<u8> {
    let attributes: Vec<Vec<u8>> = attributes
        .iter()
        .filter_map(|name| attribute(entry, name))
        .collect();
    all(0x64, &[text(&entry.dn), all(SEQUENCE, &attributes)])
}

/// Of many values those in the range asked for, under a name that says which.
fn attribute(entry: &Entry, asked: &str) -> Option<Vec<u8>> {
    let (name, range) = asked.split_once(";range=").unwrap_or((asked, "0-*"));
    let start: usize = range.split_once('-')?.0.parse().ok()?;
    let values: Vec<&[u8]> = entry.all(name).skip(start).collect();
    let shown = &values[..values.len().min(MOST_VALUES)];
    let label = match (shown.len() < values.len(), start) {
        (true, _) => format!("{name};range={start}-{}", start + shown.len() - 1),
        (false, 0) => name.to_owned(),
        (false, _) => format!("{name};range={start}-*"),
    };
    let values: Vec<Vec<u8>> = shown.iter().map(|value| tlv(OCTETS, value)).collect();
    (!values.is_empty()).then(|| all(SEQUENCE, &[text(&label), all(SET, &values)]))
}

/// The number of the operation, the attribute, and the password in its value.
fn change(tag: StructureTag) -> (usize, String, String) {
    let mut fields = parts(tag).into_iter();
    let operation = fields.next().map(value).unwrap_or_default();
    let mut pair = fields.next().map(parts).unwrap_or_default().into_iter();
    let name = pair.next().map(string).unwrap_or_default();
    let values = pair.next().map(parts).unwrap_or_default();
    let value = values
        .into_iter()
        .next()
        .map(ber::bytes)
        .unwrap_or_default();
    let units: Vec<u16> = value
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    let quoted = String::from_utf16(&units).expect("UTF-16");
    let password = quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    (operation, name, password.expect("quoted").to_owned())
}

/// A filter (RFC 4511 section 4.5.1): and, or, not, equal, present, and the rule of chains.
fn matches(entries: &[Entry], entry: &Entry, filter: StructureTag) -> bool {
    let kind = filter.id;
    match kind {
        0 => parts(filter)
            .into_iter()
            .all(|each| matches(entries, entry, each)),
        1 => parts(filter)
            .into_iter()
            .any(|each| matches(entries, entry, each)),
        2 => !parts(filter)
            .into_iter()
            .any(|each| matches(entries, entry, each)),
        3 => {
            let mut pair = parts(filter).into_iter();
            let name = pair.next().map(string).unwrap_or_default();
            let wanted = pair.next().map(ber::bytes).unwrap_or_default();
            entry
                .all(&name)
                .any(|value| value.eq_ignore_ascii_case(&wanted))
        }
        7 => entry.all(&string(filter)).next().is_some(),
        9 => {
            let fields = parts(filter);
            let field = |id| {
                fields
                    .iter()
                    .find(|field| field.id == id)
                    .cloned()
                    .map(string)
            };
            assert_eq!(field(1).as_deref(), Some(IN_CHAIN));
            holds(entries, entry, &field(3).unwrap_or_default())
        }
        other => panic!("no filter of kind {other} is understood"),
    }
}

/// Whether a group has this member, itself or by groups in it.
fn holds(entries: &[Entry], group: &Entry, member: &str) -> bool {
    group.all("member").any(|each| {
        let inner = entries.iter().find(|entry| entry.dn.as_bytes() == each);
        each == member.as_bytes() || inner.is_some_and(|inner| holds(entries, inner, member))
    })
}
