//! The last accepted figures (`benches/baseline.toml`), and how a run differs from them.
//!
//! What is compared is the ratio of a line to its floor, which is measured in the same run: the
//! machine's own speed and noise cancel out. `-- --accept` after the command writes a run's figures
//! as the new baseline.

use std::{collections::BTreeMap, fs, path::PathBuf};

use serde::{Deserialize, Serialize};

use crate::{Result, load::Plan, report::Line};

/// A ratio that is worse by more than this share fails a full run.
const TOLERATED: f64 = 0.15;

/// By database (or `limits`), then by line.
type Figures = BTreeMap<String, BTreeMap<String, Figure>>;

#[derive(Clone, Copy, Deserialize, Serialize)]
struct Figure {
    /// CPU for one operation, to what its bare steps cost.
    ratio: f64,
    cpu_ms: f64,
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/baseline.toml")
}

/// What was accepted; nothing where no run was.
fn accepted() -> Result<Option<Figures>> {
    let Ok(text) = fs::read_to_string(path()) else {
        return Ok(None);
    };
    let figures = toml::from_str(&text).map_err(|error| error.to_string())?;
    Ok(Some(figures))
}

fn figures(lines: &[Line]) -> Figures {
    let mut figures = Figures::new();
    for line in lines {
        let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
        let figure = Figure {
            ratio: rounded(line.ratio),
            cpu_ms: rounded(line.cpu),
        };
        let section = figures.entry(line.section.clone()).or_default();
        section.insert(line.name.clone(), figure);
    }
    figures
}

/// Writes the figures of this run as the baseline; sections that it did not measure stay.
pub fn accept(lines: &[Line]) -> Result<()> {
    let mut all = accepted()?.unwrap_or_default();
    all.extend(figures(lines));
    let head = "# Accepted figures of `make bench`; written by `make bench ACCEPT=1`.\n\n";
    let text = toml::to_string(&all).map_err(|error| error.to_string())?;
    fs::write(path(), format!("{head}{text}")).map_err(|error| error.to_string())?;
    println!("\nthese figures are the baseline now: {}", path().display());
    Ok(())
}

/// Prints every line's ratio beside the accepted one.
///
/// # Errors
/// The lines whose ratio is more than 15 % worse. A short run only prints: its figures waver more
/// than that.
pub fn compare(lines: &[Line], plan: &Plan) -> Result<()> {
    let Some(accepted) = accepted()? else {
        println!("\nno baseline yet: `make bench ACCEPT=1` makes one");
        return Ok(());
    };
    println!(
        "\n{:<48}{:>10}{:>8}{:>9}",
        "ratio to the floor", "accepted", "now", "change"
    );
    let mut worse = Vec::new();
    for (section, found) in figures(lines) {
        for (name, now) in found {
            let label = format!("{section}: {name}");
            let Some(before) = accepted.get(&section).and_then(|known| known.get(&name)) else {
                println!("{label:<48}{:>10}{:>8.1}", "new", now.ratio);
                continue;
            };
            let change = now.ratio / before.ratio - 1.0;
            println!(
                "{label:<48}{:>10.1}{:>8.1}{:>8.0}%",
                before.ratio,
                now.ratio,
                change * 100.0
            );
            if change > TOLERATED {
                worse.push(label);
            }
        }
    }
    match worse.is_empty() || !plan.is_full {
        true => Ok(()),
        false => Err(format!("dearer than the baseline: {}", worse.join("; "))),
    }
}
