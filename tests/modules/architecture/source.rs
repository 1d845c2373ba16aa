//! Reading the source as text: enough of Rust to find which module names which.

use std::path::{Path, PathBuf};

pub struct File {
    /// Under `src`.
    pub path: String,
    pub text: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect(path)
}

/// Every file under a folder.
pub fn folder(name: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(name)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path);
            }
        }
    }
    found
}

/// The crate's source.
pub fn files() -> Vec<File> {
    let mut files = Vec::new();
    for path in folder("src") {
        if path.extension().is_some_and(|extension| extension == "rs") {
            let path = path.strip_prefix(root().join("src")).expect("under src");
            files.push(File::read(path.to_str().expect("readable")));
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(files.len() > 50, "the source is somewhere else");
    files
}

/// The type whose own methods begin on this line: no trait's.
pub fn inherent(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("impl")?;
    let rest = match rest.strip_prefix('<') {
        Some(generics) => generics.split_once('>')?.1,
        None => rest,
    };
    let rest = rest.trim_start();
    let name = rest.split(|c: char| !c.is_alphanumeric()).next();
    name.filter(|name| !name.is_empty() && !rest.contains(" for "))
}

/// Whether a public method begins on this line.
pub fn is_public_method(text: &str) -> bool {
    let Some(head) = text.strip_prefix("    pub ") else {
        return false;
    };
    let head = head.strip_prefix("const ").unwrap_or(head);
    head.strip_prefix("async ")
        .unwrap_or(head)
        .starts_with("fn ")
}

impl File {
    pub fn read(path: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: read(&format!("src/{path}")),
        }
    }

    /// The top-level module it belongs to; none for the crate's own two files.
    pub fn module(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        match first.strip_suffix(".rs") {
            Some("lib" | "main") => "",
            name => name.unwrap_or(first),
        }
    }

    /// Whether it is the wire format of one downstream protocol, in the protocol's folder.
    pub fn is_wire_format(&self) -> bool {
        self.path.starts_with("issuer/") && self.path.ends_with("/wire.rs")
    }

    /// Lines of the product with their numbers: no comments, no tests.
    pub fn product(&self) -> Vec<(usize, &str)> {
        let lines = self.text.lines().zip(1..).map(|(text, line)| (line, text));
        lines
            .take_while(|(_, text)| text.trim() != "#[cfg(test)]")
            .filter(|(_, text)| !text.trim_start().starts_with("//"))
            .collect()
    }

    /// Where it names which module of the crate: `crate::x` and `crate::{x, y::z}`, also across
    /// lines. From a module's own top, `super::` is the crate too.
    pub fn uses(&self) -> Vec<(usize, String)> {
        let top = !self.path.contains('/') || self.path.ends_with("/mod.rs") && !self.is_nested();
        let starts: &[&str] = if top {
            &["crate::", "super::"]
        } else {
            &["crate::"]
        };
        let named = starts.iter().flat_map(|start| self.named_after(start));
        named.collect()
    }

    /// The first names that follow a beginning of paths, as `crate::`, also in groups and across
    /// lines; with the line where the path begins.
    pub fn named_after(&self, start: &str) -> Vec<(usize, String)> {
        let mut text = String::new();
        let mut ends = Vec::new();
        for (line, code) in self.product() {
            text.push_str(code);
            text.push('\n');
            ends.push((text.len(), line));
        }
        let line_at = |at: usize| {
            ends.iter()
                .find(|(end, _)| at < *end)
                .map_or(0, |(_, line)| *line)
        };
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let mut found = Vec::new();
        for (at, _) in text.match_indices(start) {
            if !text[..at].ends_with(is_word) {
                let names = heads(&text[at + start.len()..]);
                found.extend(names.into_iter().map(|name| (line_at(at), name)));
            }
        }
        found
    }

    fn is_nested(&self) -> bool {
        self.path.matches('/').count() > 1
    }
}

/// The first names of a path or of each path in a group.
fn heads(rest: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        let text = text.trim_start();
        let fits = |c: &char| c.is_alphanumeric() || *c == '_';
        text.chars().take_while(fits).collect()
    };
    let Some(group) = rest.strip_prefix('{') else {
        return vec![word(rest)];
    };
    let (mut depth, mut start, mut names) = (1, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 || depth == 1 && c == ',' {
            names.push(word(&group[start..at]));
            start = at + 1;
        }
        if depth == 0 {
            break;
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// Whether a line of code names a crate: `name::`, or `use name;`.
pub fn names_crate(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let whole = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':');
        let after = &text[at + name.len()..];
        whole
            && (after.starts_with("::")
                || text.trim_start().starts_with("use ") && after.starts_with(';'))
    })
}

/// The modules a row of the map links to, in their order.
pub fn names_in_the_map(row: &str) -> Vec<String> {
    row.split("[`")
        .skip(1)
        .filter_map(|rest| rest.split_once("`]"))
        .map(|(name, _)| name.split("::").next().unwrap_or_default().to_owned())
        .collect()
}

/// The columns of all tables, with their lines.
pub fn columns(sql: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut columns = Vec::new();
    for (text, line) in sql.lines().zip(1..) {
        let text = text.trim();
        if text.starts_with("create table") {
            inside = true;
        } else if text.starts_with(')') {
            inside = false;
        } else if inside && !text.is_empty() && !text.starts_with("--") {
            let constraint = ["primary key", "unique (", "foreign key"];
            if !constraint.iter().any(|word| text.starts_with(word)) {
                columns.push((line, text));
            }
        }
    }
    columns
}
