//! The integration tests are three crates: an area belongs to one of them, and no file is left out.

use std::{collections::BTreeMap, fs};

use super::source::{folder, read};

/// The folders of `tests/` that are a crate each.
const CRATES: [&str; 3] = ["applications", "flows", "modules"];

/// The file of a module of the tests, which is named as in filters: `ldap::paging`.
pub fn path_of(module: &str) -> String {
    let (area, _) = module.split_once("::").unwrap_or((module, ""));
    let found = CRATES
        .iter()
        .find(|name| areas(name).iter().any(|one| one == area));
    let name = found.unwrap_or_else(|| panic!("no crate of tests has {area}"));
    format!("tests/{name}/{}.rs", module.replace("::", "/"))
}

/// The modules that a crate declares.
fn areas(name: &str) -> Vec<String> {
    let main = read(&format!("tests/{name}/main.rs"));
    let declared = main
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    declared.map(str::to_owned).collect()
}

/// Filters name modules and not crates.
#[test]
fn an_area_is_in_one_crate() {
    let mut found = BTreeMap::new();
    for name in CRATES {
        for area in areas(name) {
            let other = found.insert(area.clone(), name);
            assert_eq!(other, None, "{area} is in {name}, too");
        }
    }
    assert!(found.len() > 40, "the crates are somewhere else: {found:?}");
}

/// Tests in a file that no module declares would never be run.
#[test]
fn every_file_of_the_tests_is_a_module() {
    for name in CRATES {
        let home = format!("tests/{name}");
        for path in folder(&home) {
            let is_rust = path.extension().is_some_and(|ending| ending == "rs");
            let (Some(stem), Some(parent)) = (path.file_stem(), path.parent()) else {
                continue;
            };
            if !is_rust || stem == "main" {
                continue;
            }
            let above = if parent.ends_with(&home) {
                parent.join("main.rs")
            } else {
                parent.with_extension("rs")
            };
            let text = fs::read_to_string(&above).unwrap_or_default();
            let line = format!("mod {};", stem.display());
            let is_declared = text
                .lines()
                .any(|text| text.strip_prefix("pub ").unwrap_or(text) == line);
            assert!(is_declared, "{} is no module", path.display());
        }
    }
}
