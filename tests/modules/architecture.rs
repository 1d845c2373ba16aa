//! The rules of the architecture, checked against the code: which module may use which, which crate
//! is used where, and what is deliberately absent. A failure names file and line.

mod crates;
mod draft;
mod handler;
pub mod source;
mod store;

use std::collections::{BTreeMap, BTreeSet};

use self::source::{files, folder, read};

/// Module to modules it may name; exactly those that the code names. Downhill, as in the map in
/// `src/lib.rs`.
const MAY_KNOW: &[(&str, &str)] = &[
    (
        "command",
        "admin app chance clock config directory error event http id keys model queue store",
    ),
    (
        "app",
        "admin blocking browser_state catalog chance clock config directory error event factor http keys launch \
         mail model net issuer seed sign_in store",
    ),
    (
        "http",
        "admin app browser_state catalog clock config directory error factor handoff id keys launch \
         model protocol issuer sign_in store text upstream",
    ),
    (
        "admin",
        "catalog error event handoff id keys kind model sign_in store upstream",
    ),
    (
        "seed",
        "catalog chance clock config error event handoff id keys kind model protocol sign_in store",
    ),
    (
        "launch",
        "catalog chance clock error event handoff id issuer keys model protocol store",
    ),
    (
        "factor",
        "catalog directory clock error id keys kind model protocol sign_in store",
    ),
    (
        "sign_in",
        "catalog chance clock directory error event id keys kind model protocol store upstream",
    ),
    (
        "issuer",
        "blocking catalog chance clock error event handoff id keys kind model net protocol queue \
         store",
    ),
    (
        "catalog",
        "blocking chance clock directory error event handoff id keys kind model net protocol store \
         upstream",
    ),
    (
        "upstream",
        "blocking chance clock directory error keys kind model net protocol store",
    ),
    ("handoff", "chance clock error id keys kind model protocol"),
    (
        "directory",
        "chance clock error event id keys mail model queue store text",
    ),
    (
        "mail",
        "chance clock config error id keys model queue store text",
    ),
    ("queue", "app clock error id model store"),
    ("event", "chance clock id model"),
    ("browser_state", "chance clock error id keys model store"),
    ("net", "config error kind model"),
    ("config", "error model"),
    ("keys", "chance clock error id model protocol store"),
    ("store", "clock error id kind model protocol"),
    ("error", "model"),
    ("model", "clock id kind protocol"),
    ("protocol", ""),
    ("kind", ""),
    ("id", "chance clock"),
    ("text", ""),
    ("clock", ""),
    ("chance", ""),
    ("blocking", ""),
];

/// Exceptions uphill, and why.
const UPHILL: &[(&str, &str)] = &[
    ("http", "app"),  // the state every door is given
    ("queue", "app"), // the state every job is given; those who queue and run theirs stand between
];

/// Crate to the places that may name it (a path begins with one of them).
const LIVES_IN: &[(&str, &str)] = &[
    ("axum", "http/ app.rs"),
    ("tower_http", "http/"),
    ("tower_sessions", "browser_state.rs"),
    ("askama", "http/ mail/message.rs"),
    ("lettre", "mail/post.rs"),
    ("rust_embed", "http/assets.rs"),
    ("sqlx", "store/"),
    ("rusqlite", "store/"),
    ("ldap3", "upstream/ldap/"),
    ("reqwest", "net.rs"),
    ("openidconnect", "upstream/oidc/"),
    ("webauthn_rs", "factor/"),
    ("totp_rs", "factor/totp.rs"),
    ("qrcode", "http/factor/"),
    ("rustls_native_certs", "net.rs upstream/ldap/trust.rs"),
    ("rustls", "upstream/ldap/ http/server/tls.rs"),
    ("tokio_rustls", "http/server/tls.rs"),
    ("hyper", "http/server/"),
    ("hyper_util", "http/server/"),
    ("rustix", "app/private.rs http/server/descriptors.rs"),
    ("argon2", "directory/password.rs"),
    (
        "aws_lc_rs",
        "chance.rs id.rs keys/ protocol/jose/ protocol/saml/ upstream/ldap/trust.rs",
    ),
    ("fluent_bundle", "text.rs"),
    ("arc_swap", "catalog/ keys/ring.rs"),
    ("regex", "model/"),
    ("precis_profiles", "model/typed.rs"),
    ("clap", "command.rs command/"),
    ("toml", "config/ seed"),
    ("tracing_subscriber", "command.rs"),
    (
        "tokio",
        "command.rs command/ http/ queue/ net.rs keys/ store/ directory/ mail/ upstream/ldap/ \
         issuer/ upstream/oidc/discovery.rs upstream/saml/ blocking.rs",
    ),
    ("samael", "protocol/saml/"),
    ("quick_xml", "protocol/saml/xml/"),
    ("flate2", "protocol/saml/"),
    ("x509_parser", "protocol/saml/"),
];

/// Words that may be in one place only, or nowhere.
const SAID_IN: &[(&str, &str)] = &[
    ("SystemTime::now", "clock.rs"),
    ("Instant::now", "store/connection.rs store/sqlite.rs"), // idle connections; deadlines
    ("rand::fill", "chance.rs"),
    ("env::var", "config/layer.rs"),
    ("thread::sleep", ""),
    ("time::sleep", "command/"), // grace for others: no test waits for it
    ("sleep(", "command/ http/server store/sqlite.rs"), // deadlines of connections; a locked file
    ("println!", ""), // it panics where its reader has left: commands have macros of their own
    ("dbg!", ""),
    ("todo!", ""),
    ("unimplemented!", ""),
    ("unreachable!", ""),
    ("panic!", ""),
    ("unsafe ", ""),
    ("static mut", ""),
    ("#[allow(", ""),
    (".unwrap()", ""),
    ("mockall", ""),
];

/// `expect` is a claim that something cannot happen. Where, how often, and why that is so.
const EXPECTS: &[(&str, usize, &str)] = &[
    (
        "chance.rs",
        1,
        "without randomness the process must not go on",
    ),
    (
        "protocol/uri_template/parse.rs",
        1,
        "writing to a String does not fail",
    ),
    (
        "store/connection.rs",
        2,
        "a held connection is there until it is dropped",
    ),
];

#[test]
fn a_module_knows_only_what_stands_below_it() {
    let mut faults = Vec::new();
    let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let files = files();
    for file in files.iter().filter(|file| !file.module().is_empty()) {
        let row = MAY_KNOW.iter().find(|(name, _)| *name == file.module());
        let Some((_, may)) = row else {
            faults.push(format!("{}: the table has no such module", file.path));
            continue;
        };
        for (line, other) in file.uses() {
            if other == file.module() {
                continue;
            }
            if !may.split_whitespace().any(|name| name == other) {
                faults.push(format!("{}:{line} uses crate::{other}", file.path));
            }
            known.entry(file.module()).or_default().insert(other);
        }
    }
    for (name, may) in MAY_KNOW {
        let does = known.remove(name).unwrap_or_default();
        let idle = may
            .split_whitespace()
            .filter(|other| !does.contains(*other));
        faults.extend(idle.map(|other| format!("{name} may know {other} and does not: strike it")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_table_goes_downhill() {
    let floor = |name: &str| MAY_KNOW.iter().position(|(known, _)| *known == name);
    for (name, may) in MAY_KNOW {
        for other in may.split_whitespace() {
            let down = floor(other).expect("a module of the table") > floor(name).expect("itself");
            let excused = UPHILL.contains(&(name, other));
            assert!(down != excused, "{name} -> {other}");
        }
    }
}

#[test]
fn the_map_names_every_module_in_the_order_of_the_table() {
    let text = read("src/lib.rs");
    let declared: BTreeSet<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let table: BTreeSet<&str> = MAY_KNOW.iter().map(|(name, _)| *name).collect();
    assert_eq!(declared, table, "the modules, and this table");
    let rows = text.lines().filter(|line| line.starts_with("//! |"));
    let shown: Vec<String> = rows.flat_map(source::names_in_the_map).collect();
    let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
    for name in &declared {
        assert!(shown.contains(name), "the map does not show {name}");
    }
    // `config` is shown with the layer that reads it; `model` uses `protocol`; the foundations are
    // one layer.
    let floors = |names: &[&'static str]| {
        let at = |name: &&str| shown.iter().position(|known| known == name);
        names.iter().map(at).collect::<Vec<_>>()
    };
    let order = floors(&[
        "command",
        "app",
        "http",
        "admin",
        "seed",
        "launch",
        "factor",
        "sign_in",
        "issuer",
        "catalog",
        "upstream",
        "handoff",
        "directory",
        "mail",
        "queue",
        "event",
        "net",
        "keys",
        "store",
        "error",
        "model",
        "protocol",
        "kind",
    ]);
    assert!(order.is_sorted(), "the map's rows: {order:?}");
}

#[test]
fn a_crate_lives_where_it_belongs() {
    let mut faults = Vec::new();
    for file in files() {
        for (name, places) in LIVES_IN {
            let home = places
                .split_whitespace()
                .any(|place| file.path.starts_with(place));
            for (line, text) in file.product() {
                if !home && source::names_crate(text, name) {
                    faults.push(format!(
                        "{}:{line} names {name}: {}",
                        file.path,
                        text.trim()
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn time_chance_and_the_environment_come_in_by_the_front_and_nothing_gives_up() {
    let mut faults = Vec::new();
    for file in files() {
        for (words, places) in SAID_IN {
            let home = places
                .split_whitespace()
                .any(|place| file.path.starts_with(place));
            let said = file
                .product()
                .into_iter()
                .filter(|(_, text)| text.contains(words));
            faults.extend(
                said.filter(|_| !home).map(|(line, text)| {
                    format!("{}:{line} says {words}: {}", file.path, text.trim())
                }),
            );
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_expect_is_listed_with_its_reason() {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for file in files() {
        let says = |text: &str| text.matches(".expect(").count();
        let count = file.product().into_iter().map(|(_, text)| says(text)).sum();
        if count > 0 {
            found.insert(file.path.clone(), count);
        }
    }
    let listed: BTreeMap<String, usize> = EXPECTS
        .iter()
        .map(|(path, count, _)| ((*path).to_owned(), *count))
        .collect();
    assert_eq!(found, listed);
}

#[test]
fn nouns_and_wire_formats_are_pure() {
    for file in files() {
        if !["model", "protocol"].contains(&file.module()) && !file.is_wire_format() {
            continue;
        }
        for (line, text) in file.product() {
            for word in [
                "async ",
                ".await",
                "tokio",
                "Clock",
                "Chance",
                "std::fs",
                "std::net::Tcp",
            ] {
                assert!(!text.contains(word), "{}:{line}: {word}", file.path);
            }
        }
    }
}

/// A downstream protocol that shares its wire format with no other part has it in its own folder.
#[test]
fn a_wire_format_in_a_folder_uses_wire_formats_only() {
    let files = files();
    let own: Vec<_> = files.iter().filter(|file| file.is_wire_format()).collect();
    assert!(!own.is_empty(), "they lie somewhere else");
    for file in own {
        for (line, other) in file.uses() {
            assert_eq!(other, "protocol", "{}:{line}", file.path);
        }
        for (line, text) in file.product() {
            assert!(!text.contains("super::"), "{}:{line}", file.path);
        }
    }
}

/// A type with more public methods than this is several types: what belongs to one protocol or
/// concern is on a handle that borrows the rest, as `issuer.saml()`.
const MOST_METHODS: usize = 16;

/// All statements, which are one file an aggregate; and the elements of an XML document.
const MANY_METHODS: &[&str] = &["Store", "Tx", "Element"];

#[test]
fn no_type_has_more_public_methods_than_a_page_shows() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for file in &files() {
        let mut implemented = None;
        for (_, text) in file.product() {
            if text.starts_with("impl") {
                implemented = source::inherent(text);
            }
            if let Some(name) = implemented.filter(|_| source::is_public_method(text)) {
                *counts
                    .entry(format!("{}::{name}", file.module()))
                    .or_default() += 1;
            }
        }
    }
    assert!(counts.len() > 100, "the types are written otherwise");
    let excused = |name: &str| {
        MANY_METHODS
            .iter()
            .any(|many| name.ends_with(&format!("::{many}")))
    };
    counts.retain(|name, count| *count > MOST_METHODS && !excused(name));
    assert!(counts.is_empty(), "{counts:?}");
}

/// Parts get what they need as arguments: they never see the store or a module with access to it.
#[test]
fn parts_never_see_the_store() {
    for file in files() {
        let part = file.path.starts_with("handoff/")
            || file.path.starts_with("upstream/ldap/")
            || file.path.starts_with("upstream/oidc/")
            || file.path.starts_with("upstream/saml/")
            || file.path == "upstream/local.rs";
        for (line, text) in file.product().into_iter().filter(|_| part) {
            let named = text
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| word == "Store");
            assert!(!named, "{}:{line}", file.path);
            assert!(!text.contains("store::"), "{}:{line}", file.path);
        }
    }
}

#[test]
fn every_module_says_what_it_is_for() {
    for file in files() {
        let said = file.text.starts_with("//! ") || file.path == "main.rs";
        assert!(said, "{} has no //! header", file.path);
    }
}

/// The user interface has no unused texts.
#[test]
fn every_text_is_used() {
    let mut said = String::new();
    for file in files() {
        said.push_str(&file.text);
    }
    for path in folder("templates").into_iter().chain(folder("static")) {
        if path.extension().is_none_or(|extension| extension != "ftl") {
            said.push_str(&std::fs::read_to_string(path).unwrap_or_default());
        }
    }
    let mut text = String::new();
    for path in folder("src").into_iter().chain(folder("templates")) {
        if path.to_string_lossy().ends_with("en.ftl") {
            text.push_str(&std::fs::read_to_string(path).expect("readable texts"));
        }
    }
    assert!(text.len() > 10_000, "the texts are somewhere else");
    let keys = text.lines().filter_map(|line| {
        let (key, _) = line.split_once(" =")?;
        key.starts_with(|c: char| c.is_ascii_lowercase())
            .then_some(key)
    });
    let quoted = |key: &str| said.contains(&format!("\"{key}\""));
    let made = |key: &str| {
        let name = key.strip_suffix("-advice").unwrap_or(key);
        let name = ["problem-", "handoff-", "grade-"]
            .iter()
            .find_map(|prefix| name.strip_prefix(prefix));
        name.is_some_and(quoted)
    };
    let idle: Vec<&str> = keys.filter(|key| !quoted(key) && !made(key)).collect();
    assert!(idle.is_empty(), "unused texts: {idle:?}");
}

/// The pass on PostgreSQL leaves out modules that touch no database, and only those.
#[test]
fn what_one_database_proves_touches_none() {
    let text = read(".config/nextest.toml").replace("\\\n", "");
    let (_, list) = text.split_once("not test(/^(").expect("a filter");
    let (list, _) = list.split_once(")::/)").expect("its end");
    let modules: Vec<&str> = list.split('|').collect();
    assert!(modules.len() > 10, "{modules:?}");
    for module in modules.iter().filter(|name| **name != "architecture") {
        let path = crates::path_of(module);
        let text = read(&path);
        for word in ["TestServer", "TestStore", "Browser", "scratch_database"] {
            assert!(!text.contains(word), "{path} names {word}");
        }
    }
}
