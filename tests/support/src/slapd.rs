//! A real directory: OpenLDAP's slapd in a temporary directory, on free ports of 127.0.0.1, with a
//! throw-away authority. It holds 200 users and a few with names, 20 groups (some in groups, two
//! in a circle), and one sign-in name that two users share; and what a test adds. No client is sent
//! more than 100 entries at once. It ends with the value.

use std::{
    fmt::Write as _,
    fs::{self, File},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use serde_json::json;
use tempfile::TempDir;
use usher::kind::Settings;

pub const BASE: &str = "dc=example,dc=org";
/// The password of all users.
pub const PASSWORD: &str = "correct horse battery";
/// The account that may search; no other may.
pub const ACCOUNT: &str = "cn=usher,ou=services,dc=example,dc=org";
pub const ACCOUNT_PASSWORD: &str = "search only";

const TEAMS: usize = 9;

/// The certificate of the server.
#[derive(Clone, Copy, PartialEq)]
pub enum Certificate {
    Good,
    /// By the right authority, for another host.
    WrongName,
    /// For the right host, by an authority other than that of [`Slapd::ca_pem`].
    OtherAuthority,
}

pub struct Slapd {
    home: TempDir,
    child: Child,
    ldap_port: u16,
    ldaps_port: u16,
    /// What its referrals lead to.
    elsewhere: TcpListener,
}

impl Slapd {
    pub fn start() -> Self {
        Self::start_with(Certificate::Good)
    }

    pub fn start_with(certificate: Certificate) -> Self {
        Self::start_as(certificate, "")
    }

    /// With more entries, as LDIF.
    pub fn holding(more: &str) -> Self {
        Self::start_as(Certificate::Good, more)
    }

    fn start_as(certificate: Certificate, more: &str) -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        make_certificates(home.path(), certificate);
        let (elsewhere, address) = silent_server();
        make_database(home.path(), &address, more);
        // Between finding a free port and slapd's using it, another test may have it.
        let (child, ldap_port, ldaps_port) = (0..10)
            .find_map(|_| try_to_run(home.path()))
            .unwrap_or_else(|| panic!("slapd does not start:\n{}", read(home.path(), "log")));
        Self {
            home,
            child,
            ldap_port,
            ldaps_port,
            elsewhere,
        }
    }

    pub fn ldap_url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.ldap_port)
    }

    pub fn ldaps_url(&self) -> String {
        format!("ldaps://127.0.0.1:{}", self.ldaps_port)
    }

    pub fn ca_pem(&self) -> String {
        read(self.home.path(), "ca.pem")
    }

    /// Good settings: LDAPS, two mapped attributes, groups of groups.
    pub fn settings(&self) -> Settings {
        let settings = json!({
            "servers": [self.ldaps_url()],
            "ca_pem": self.ca_pem(),
            "bind_dn": ACCOUNT,
            "bind_password": ACCOUNT_PASSWORD,
            "base_dn": BASE,
            "attributes": { "department": "departmentNumber", "region": "l" },
            "group_base_dn": format!("ou=groups,{BASE}"),
            "nested_groups": true,
        });
        settings.as_object().expect("an object").clone()
    }

    /// The requests it received so far, a line for each operation (`loglevel stats`).
    pub fn log(&self) -> String {
        read(self.home.path(), "log")
    }

    /// Whether no client followed a referral.
    pub fn elsewhere_was_left_alone(&self) -> bool {
        self.elsewhere.set_nonblocking(true).is_ok() && self.elsewhere.accept().is_err()
    }

    pub fn stop(&mut self) {
        // It may have ended by itself, which is as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.stop();
    }
}

/// A server that accepts connections and never sends anything.
pub fn silent_server() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address.to_string())
}

fn read(home: &Path, name: &str) -> String {
    fs::read_to_string(home.join(name)).unwrap_or_default()
}

/// `server.pem` and `server.key`, by the authority of `ca.pem`.
pub fn make_certificates(home: &Path, certificate: Certificate) {
    let name = match certificate {
        Certificate::WrongName => "DNS:directory.example.net",
        _ => "DNS:localhost,IP:127.0.0.1",
    };
    make_authority(home, "ca");
    let authority = if certificate == Certificate::OtherAuthority {
        "other"
    } else {
        "ca"
    };
    if authority != "ca" {
        make_authority(home, authority);
    }
    openssl(
        home,
        &format!(
            "-CA {authority}.pem -CAkey {authority}.key -keyout server.key -out server.pem \
             -subj /CN=slapd -addext subjectAltName={name} -addext basicConstraints=critical,CA:FALSE"
        ),
    );
}

fn make_authority(home: &Path, name: &str) {
    openssl(
        home,
        &format!(
            "-keyout {name}.key -out {name}.pem -subj /CN=throw-away-{name} \
             -addext keyUsage=critical,keyCertSign"
        ),
    );
}

/// A new key with its certificate for two days.
fn openssl(home: &Path, arguments: &str) {
    let common = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2";
    let mut command = Command::new("openssl");
    command
        .current_dir(home)
        .args(common.split(' '))
        .args(arguments.split_whitespace());
    run(&mut command);
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed:\n{said}");
}

/// slapd and its tools are where only root looks by default.
fn program(name: &str) -> PathBuf {
    let places = [
        "/usr/sbin",
        "/usr/local/sbin",
        "/usr/lib/openldap",
        "/usr/libexec",
    ];
    let found = places
        .iter()
        .map(|place| Path::new(place).join(name))
        .find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} is not installed: run `make deps`"))
}

fn make_database(home: &Path, elsewhere: &str, more: &str) {
    fs::create_dir(home.join("data")).expect("a new directory");
    let schema = include_str!("active_directory.schema");
    fs::write(home.join("active_directory.schema"), schema).expect("writable");
    fs::write(home.join("slapd.conf"), configuration(home, elsewhere)).expect("writable");
    let entries = users_and_groups(elsewhere) + more;
    fs::write(home.join("data.ldif"), entries).expect("writable");
    let mut slapadd = Command::new(program("slapadd"));
    run(slapadd
        .current_dir(home)
        .args(["-q", "-f", "slapd.conf", "-l", "data.ldif"]));
}

fn configuration(home: &Path, elsewhere: &str) -> String {
    let home = home.display();
    format!(
        "include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
include /etc/ldap/schema/nis.schema
include {home}/active_directory.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
pidfile {home}/pid
referral ldap://{elsewhere}
TLSCACertificateFile {home}/ca.pem
TLSCertificateFile {home}/server.pem
TLSCertificateKeyFile {home}/server.key
database mdb
suffix {BASE}
directory {home}/data
dbnosync
index objectClass,uid,member,memberUid eq
limits dn.exact={ACCOUNT} size.soft=100 size.hard=100 size.prtotal=unlimited
overlay memberof
overlay ppolicy
ppolicy_use_lockout
access to attrs=userPassword by self =xw by dn.exact={ACCOUNT} =xw by anonymous auth by * none
access to * by dn.exact={ACCOUNT} read by * none
"
    )
}

/// Starts it on two free ports; `None` if it ended, most likely because one is taken by now.
#[expect(
    clippy::disallowed_methods,
    reason = "another process is waited for, in real time"
)]
fn try_to_run(home: &Path) -> Option<(Child, u16, u16)> {
    let (ldap, ldaps) = free_ports();
    let log = File::create(home.join("log")).expect("writable");
    let mut child = Command::new(program("slapd"))
        .args(["-d", "stats", "-f", "slapd.conf", "-h"])
        .arg(format!("ldap://127.0.0.1:{ldap} ldaps://127.0.0.1:{ldaps}"))
        .current_dir(home)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .expect("slapd can be run");
    for _ in 0..1_000 {
        if child.try_wait().expect("our own child").is_some() {
            return None;
        }
        // It writes its process id once it has its ports, so these are not those of another
        // process.
        let answers = |port| TcpStream::connect(("127.0.0.1", port)).is_ok();
        if !read(home, "pid").is_empty() && answers(ldap) && answers(ldaps) {
            return Some((child, ldap, ldaps));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}

fn free_ports() -> (u16, u16) {
    let listeners = [0, 0].map(|port| TcpListener::bind(("127.0.0.1", port)).expect("a port"));
    let [one, other] = listeners.map(|listener| listener.local_addr().expect("an address").port());
    (one, other)
}

/// A group, and who is in it: users by uid, groups by `cn=…`.
type Group = (String, Vec<String>);

fn groups() -> Vec<Group> {
    let named = [
        ("sales", "ana"),
        ("support", "ben"),
        ("admins", "cleo"),
        ("staff", "ana ben cleo"),
        ("sales-emea", "ana"),
        ("sales-americas", "user002"),
        ("all-sales", "cn=sales-emea cn=sales-americas"),
        ("company", "cn=all-sales"),
        ("circle-a", "cleo cn=circle-b"),
        ("circle-b", "cn=circle-a"),
    ];
    let words = |text: &str| text.split(' ').map(str::to_owned).collect();
    let named = named.map(|(name, members)| (name.to_owned(), words(members)));
    let teams = (1..=TEAMS).map(|team| {
        let members = (1..=200).filter(|user| user % TEAMS == team - 1);
        (
            format!("team{team:02}"),
            members.map(|user| format!("user{user:03}")).collect(),
        )
    });
    named.into_iter().chain(teams).collect()
}

fn dn_of(member: &str) -> String {
    match member.strip_prefix("cn=") {
        Some(group) => format!("cn={group},ou=groups,{BASE}"),
        None => format!("uid={member},ou=people,{BASE}"),
    }
}

/// LDIF (RFC 2849). slapadd does not run the overlay, so `memberOf` is written here.
fn users_and_groups(elsewhere: &str) -> String {
    let mut text =
        format!("dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\no: Example\n\n");
    for unit in ["people", "partners", "services", "groups"] {
        let dn = format!("ou={unit},{BASE}");
        entry(
            &mut text,
            &dn,
            &["organizationalUnit"],
            &[("ou", unit)],
            &[],
        );
    }
    let url = format!("ldap://{elsewhere}/ou=elsewhere,{BASE}");
    let branch = [("ou", "elsewhere"), ("ref", url.as_str())];
    let dn = format!("ou=elsewhere,{BASE}");
    entry(
        &mut text,
        &dn,
        &["referral", "extensibleObject"],
        &branch,
        &[],
    );
    let account = [("cn", "usher"), ("userPassword", ACCOUNT_PASSWORD)];
    entry(
        &mut text,
        ACCOUNT,
        &["applicationProcess", "simpleSecurityObject"],
        &account,
        &[],
    );
    let groups = groups();
    user(
        &mut text,
        &groups,
        "people",
        "ana",
        ["Ana Almeida", "sales", "europe"],
    );
    user(
        &mut text,
        &groups,
        "people",
        "ben",
        ["Ben Brooks", "support", "americas"],
    );
    user(
        &mut text,
        &groups,
        "people",
        "cleo",
        ["Cleo Chen", "it", "europe"],
    );
    user(
        &mut text,
        &groups,
        "people",
        "twin",
        ["Twin One", "it", "europe"],
    );
    user(
        &mut text,
        &groups,
        "partners",
        "twin",
        ["Twin Two", "it", "europe"],
    );
    for number in 1..=200 {
        let region = if number % 2 == 0 {
            "americas"
        } else {
            "europe"
        };
        let uid = format!("user{number:03}");
        user(
            &mut text,
            &groups,
            "people",
            &uid,
            [&format!("User {number}"), "support", region],
        );
    }
    for (name, members) in &groups {
        let members: Vec<_> = members
            .iter()
            .map(|member| ("member", dn_of(member)))
            .collect();
        let dn = dn_of(&format!("cn={name}"));
        let mut pairs = vec![("cn", name.as_str())];
        pairs.extend(members.iter().map(|(kind, dn)| (*kind, dn.as_str())));
        entry(
            &mut text,
            &dn,
            &["groupOfNames"],
            &pairs,
            &member_of(&groups, &dn),
        );
    }
    // The one group that knows its members by sign-in name and not by DN.
    let printers = [
        ("cn", "printers"),
        ("gidNumber", "500"),
        ("memberUid", "ben"),
    ];
    entry(
        &mut text,
        &dn_of("cn=printers"),
        &["posixGroup"],
        &printers,
        &[],
    );
    text
}

fn user(text: &mut String, groups: &[Group], unit: &str, uid: &str, about: [&str; 3]) {
    let dn = format!("uid={uid},ou={unit},{BASE}");
    let [name, department, region] = about;
    let mail = format!("{}@Example.org", name.replace(' ', "."));
    let pairs = [
        ("uid", uid),
        ("cn", name),
        ("sn", name),
        ("mail", &mail),
        ("departmentNumber", department),
        ("l", region),
        ("userPassword", PASSWORD),
    ];
    entry(
        text,
        &dn,
        &["inetOrgPerson"],
        &pairs,
        &member_of(groups, &dn),
    );
}

fn member_of(groups: &[Group], dn: &str) -> Vec<String> {
    let has = |members: &[String]| members.iter().any(|member| dn_of(member) == dn);
    let groups = groups.iter().filter(|(_, members)| has(members));
    groups
        .map(|(name, _)| dn_of(&format!("cn={name}")))
        .collect()
}

fn entry(text: &mut String, dn: &str, classes: &[&str], pairs: &[(&str, &str)], groups: &[String]) {
    let classes = classes.iter().map(|class| ("objectClass", *class));
    let groups = groups.iter().map(|group| ("memberOf", group.as_str()));
    let _ = writeln!(text, "dn: {dn}");
    for (name, value) in classes.chain(pairs.iter().copied()).chain(groups) {
        let _ = writeln!(text, "{name}: {value}");
    }
    text.push('\n');
}
