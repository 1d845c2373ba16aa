//! A handler reads a request, calls a domain module and renders the answer. It is called by the
//! router alone, and reaches the database through a domain module alone.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{File, files};

/// Types of the store that pages show as they are, and the deadline of a request.
const SHOWN: &[&str] = &[
    "Deadline",
    "Fate",
    "KeptDocument",
    "RecentRecord",
    "TrailLine",
];

const TABLE: &str = "pub const ROUTES: &[Route] =";

fn handlers_files() -> Vec<File> {
    let files = files().into_iter();
    files.filter(|file| file.module() == "http").collect()
}

/// Lines with their numbers.
type Lines<'a> = Vec<(usize, &'a str)>;

/// The lines of a file that are not its table of routes, and those that are.
fn apart(file: &File) -> (Lines<'_>, Lines<'_>) {
    let mut is_inside = false;
    let (mut others, mut table) = (Vec::new(), Vec::new());
    for (line, text) in file.product() {
        is_inside |= text.starts_with(TABLE);
        match is_inside {
            true => table.push((line, text)),
            false => others.push((line, text)),
        }
        is_inside &= !text.ends_with("];");
    }
    (others, table)
}

/// The functions that answer the routes of a file.
fn handlers(file: &File) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, text) in apart(file).1 {
        for method in ["get(", "post(", "put(", "delete("] {
            for (at, _) in text.match_indices(method) {
                let rest = &text[at + method.len()..];
                let name: String = rest.chars().take_while(|c| is_word(*c)).collect();
                let is_call =
                    at == 0 || !text[..at].ends_with(is_word) && !text[..at].ends_with(':');
                if is_call && !name.is_empty() {
                    names.insert(name);
                }
            }
        }
    }
    names
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether a line calls a function of its own file by this name.
fn calls(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        let is_called = after.starts_with('(') || after.starts_with("::<");
        let is_other = before.ends_with(|c: char| is_word(c) || c == '.' || c == ':');
        is_called && !is_other && !before.ends_with("fn ")
    })
}

/// The name of the module that a file is, and the path of the file that is the module above it.
fn module_and_parent(path: &str) -> (&str, String) {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    let (folder, name) = path.rsplit_once('/').expect("it is in a folder");
    (name, format!("{folder}.rs"))
}

#[test]
fn a_handler_is_called_by_the_router_alone() {
    let files = handlers_files();
    let tables: BTreeMap<&str, BTreeSet<String>> = files
        .iter()
        .map(|file| (file.path.as_str(), handlers(file)))
        .collect();
    let count: usize = tables.values().map(BTreeSet::len).sum();
    assert!(count > 100, "the tables are written otherwise: {count}");
    let mut faults = Vec::new();
    for file in &files {
        let own = &tables[file.path.as_str()];
        for (line, text) in apart(file).0 {
            let called = own.iter().filter(|name| calls(text, name));
            faults.extend(called.map(|name| format!("{}:{line} calls {name}", file.path)));
        }
        for (path, theirs) in tables.iter().filter(|(path, _)| **path != file.path) {
            let (module, _) = module_and_parent(path);
            let (_, parent) = module_and_parent(&file.path);
            let mut named = file.named_after(&format!("{module}::"));
            if parent == **path {
                named.extend(file.named_after("super::"));
            }
            let named = named.iter().filter(|(_, name)| theirs.contains(name));
            faults.extend(
                named.map(|(line, handler)| format!("{}:{line} names {path} {handler}", file.path)),
            );
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn handlers_reach_the_database_through_domain_modules_alone() {
    let mut shown = BTreeSet::new();
    for file in handlers_files() {
        for (line, text) in file.product() {
            let reaches = text.match_indices(".store").any(|(at, word)| {
                let after = &text[at + word.len()..];
                // An atomic number is stored by a call.
                !after.starts_with(|c: char| is_word(c) || c == '(')
            });
            assert!(!reaches, "{}:{line}: {}", file.path, text.trim());
        }
        for (line, name) in file.named_after("store::") {
            assert!(
                SHOWN.contains(&name.as_str()),
                "{}:{line} names store::{name}",
                file.path
            );
            shown.insert(name);
        }
    }
    let listed: BTreeSet<String> = SHOWN.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(shown, listed, "the list has what is not used");
}
