//! Tells cargo what the binary embeds, gathers the texts of the user interface, and reports what is
//! missing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The folders with texts: those of a part lie beside it, those of a page beside its template.
const WITH_TEXTS: [&str; 2] = ["src", "templates"];

/// The files of texts, by language. A file is named by its path without `en.ftl`, so that the same
/// texts have the same name in every language: `src/handoff/cas.`, `src/text/`.
type Gathered = BTreeMap<String, BTreeSet<String>>;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=migrations");
    println!("cargo::rerun-if-changed=static/dist");
    if !Path::new("static/dist/manifest.json").exists() {
        println!(
            "cargo::error=the styles and scripts are not built yet: run `make assets` (Node 20 or newer)"
        );
    }
    texts()
}

/// Writes `texts.rs`, which `src/text.rs` includes.
///
/// Cargo watches the whole folders, because a list of the files there are would miss a new one. It
/// runs this script, and then compiles the library, after each change in them. That costs the run
/// of the script alone: nearly every file in the two folders is a part of the library, which is
/// compiled after its change in any case.
fn texts() -> io::Result<()> {
    let mut found = Gathered::new();
    for folder in WITH_TEXTS {
        println!("cargo::rerun-if-changed={folder}");
        gather(folder, &mut found)?;
    }
    for fault in missing(&found).into_iter().chain(repeated(&found)?) {
        println!("cargo::error={fault}");
    }
    let out = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    let file = PathBuf::from(out).join("texts.rs");
    let source = source(&found);
    // An older file with the same content stays, so that its time does not change.
    if fs::read_to_string(&file).is_ok_and(|old| old == source) {
        return Ok(());
    }
    fs::write(file, source)
}

/// Adds the files of texts under a folder: `….en.ftl`, or `en.ftl` alone.
fn gather(folder: &str, found: &mut Gathered) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        // A name that starts with a dot is a temporary file of an editor.
        let Some(name) = name.to_str().filter(|name| !name.starts_with('.')) else {
            continue;
        };
        if entry.file_type()?.is_dir() {
            gather(&format!("{folder}/{name}"), found)?;
        } else if let Some(stem) = name.strip_suffix(".ftl") {
            let (part, language) = stem.split_at(stem.rfind('.').map_or(0, |dot| dot + 1));
            let files = found.entry(language.to_owned()).or_default();
            files.insert(format!("{folder}/{part}"));
        }
    }
    Ok(())
}

/// A fault for every file that one language has and another has not.
fn missing(found: &Gathered) -> Vec<String> {
    let all: BTreeSet<_> = found.values().flatten().collect();
    let mut faults = Vec::new();
    for (language, parts) in found {
        for part in all.iter().filter(|part| !parts.contains(**part)) {
            let having = found.iter().filter(|(_, parts)| parts.contains(*part));
            let having: Vec<_> = having.map(|(language, _)| language.as_str()).collect();
            let having = having.join(", ");
            faults.push(format!(
                "{part}{language}.ftl is missing: these texts are there in {having} only"
            ));
        }
    }
    faults
}

/// A fault for every key that is there twice in one language.
fn repeated(found: &Gathered) -> io::Result<Vec<String>> {
    let mut faults = Vec::new();
    for (language, parts) in found {
        let mut keys = BTreeMap::new();
        for part in parts {
            let path = format!("{part}{language}.ftl");
            for line in fs::read_to_string(&path)?.lines() {
                let Some(key) = key(line) else { continue };
                if let Some(before) = keys.insert(key.to_owned(), path.clone()) {
                    faults.push(format!("the text `{key}` is in {before} and in {path}"));
                }
            }
        }
    }
    Ok(faults)
}

/// The key of a line that starts a message or a term; every other line is indented or a comment.
fn key(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '-')
        .then(|| key.trim_end())
}

/// Per language its files, each with its path and its content.
fn source(found: &Gathered) -> String {
    let mut source = String::from("const GATHERED: &[(&str, &[(&str, &str)])] = &[\n");
    for (language, parts) in found {
        source += &format!("    ({language:?}, &[\n");
        for part in parts {
            let path = format!("{part}{language}.ftl");
            source += &format!(
                "        ({path:?}, include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/\", {path:?}))),\n"
            );
        }
        source += "    ]),\n";
    }
    source + "];\n"
}
