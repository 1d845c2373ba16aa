//! The benchmark (`make bench`): the real binary under load, on loopback only, with every answer
//! checked. `-- --quick` after the command is a shorter run on SQLite alone, `-- --quick --postgres`
//! one on both databases. Every run is compared with the baseline (`benches/baseline.toml`);
//! `--accept` makes its figures the new one.
//!
//! Server and load generator share the machine, so what counts is the server's own CPU time for
//! one operation: it hardly moves when the machine is noisy. Each scenario is held against a floor:
//! what the bare steps in it (signature, empty handler, small write) cost in the same run.

mod baseline;
mod catalogue;
mod database;
mod http;
mod limit;
mod load;
mod lock;
mod measure;
mod process;
mod report;
mod scenario;
mod upstream;
mod visit;

use std::{process::ExitCode, time::Duration};

use load::Plan;
use support::slapd;

/// What goes wrong, in a sentence. It ends a scenario, and no other.
type Result<T> = std::result::Result<T, String>;

/// The whole run ends by then, whatever hangs.
const LONGEST: Duration = Duration::from_secs(720);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [limit::EMPTY_SERVER, port] => return limit::serve_nothing(port),
        // `cargo test --all-targets` runs benchmarks too, without this.
        ref given if !given.contains(&"--bench") => return ExitCode::SUCCESS,
        _ => {}
    }
    let is_given = |word: &str| arguments.iter().any(|given| given == word);
    let accepts = is_given("--accept");
    let plan = match (is_given("--quick"), is_given("--postgres")) {
        (true, both) => Plan {
            postgres: both,
            ..Plan::QUICK
        },
        (false, _) => Plan::FULL,
    };
    // One thread: the generator takes as little as it can of what the server needs.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(bounded(plan, accepts)),
        Err(error) => Err(error.to_string()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("benchmark: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The run, until it ends, is stopped, or takes too long; the processes it started end with its
/// values.
async fn bounded(plan: Plan, accepts: bool) -> Result<()> {
    tokio::select! {
        outcome = run(plan, accepts) => outcome,
        _ = tokio::signal::ctrl_c() => Err("interrupted".to_owned()),
        () = tokio::time::sleep(LONGEST) => Err(format!("not done in {LONGEST:?}")),
    }
}

async fn run(plan: Plan, accepts: bool) -> Result<()> {
    report::heading(&plan);
    let limits = limit::measure(&plan).await?;
    let directory = slapd::Slapd::start();
    let campus = std::sync::Arc::new(upstream::OpenIdProvider::start().await?);
    let mut reached = Vec::new();
    for kind in database::offered(&plan) {
        let limits = limits.with_writes(kind, &plan).await?;
        reached.push(scenario::all(kind, &plan, &limits, (&directory, &campus)).await?);
    }
    report::targets(&reached);
    match report::count_aborted() {
        0 if accepts => baseline::accept(&report::lines()),
        0 => baseline::compare(&report::lines(), &plan),
        count => Err(format!("{count} of the lines above could not be measured")),
    }
}
