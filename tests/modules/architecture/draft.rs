//! The catalogues of tests are values (`tests/support/src/draft.rs`): none is edited or put together
//! as text.

use super::source::folder;

/// The crates of tests, and the library that they share.
const FOLDERS: &[&str] = &[
    "tests/applications",
    "tests/flows",
    "tests/modules",
    "tests/support/src",
];

/// The constants with the text of a seed.
const TEXTS: &[&str] = &["SAMPLE", "SEED"];

/// How the tables of a seed begin.
const TABLES: &[&str] = &[
    "[[assurance]]",
    "[[client]]",
    "[[context_type]]",
    "[[person]]",
    "[[provider]]",
    "[[service]]",
];

#[test]
fn no_test_edits_a_seed_as_text() {
    let mut faults = Vec::new();
    let mut holders = Vec::new();
    for path in FOLDERS.iter().flat_map(|name| folder(name)) {
        let name = path.to_string_lossy().into_owned();
        if !name.ends_with(".rs") || name.contains("/architecture") {
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let code: String = text.split_whitespace().collect();
        for edit in edits() {
            if code.contains(&edit) {
                faults.push(format!("{name}: {edit}"));
            }
        }
        for (at, _) in code.match_indices("format!(") {
            let end = code[at..].find(';').map_or(code.len(), |end| at + end);
            let statement = &code[at..end];
            let glued = TEXTS.iter().chain(TABLES);
            faults.extend(
                glued
                    .filter(|words| statement.contains(**words))
                    .map(|words| format!("{name}: a format! with {words}")),
            );
        }
        if code.contains("seed.toml\")") && code.contains("include_str!") {
            holders.push(name);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(holders.len(), 1, "the sample is held once: {holders:?}");
    assert!(holders[0].ends_with("support/src/draft.rs"), "{holders:?}");
}

/// What changes a text, or adds to it.
fn edits() -> Vec<String> {
    let mut edits = Vec::new();
    for text in ["toml()", "toml\")"].iter().chain(TEXTS) {
        edits.push(format!("{text}.replace"));
        edits.push(format!("{text}+"));
    }
    edits.extend(TEXTS.iter().map(|text| format!("+{text}")));
    edits
}
