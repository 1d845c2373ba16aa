//! The table, printed line by line as it comes, and the aims beside what was reached.

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use crate::{database::Kind, load::Plan, measure::Measured};

/// What the aims are about, on one database.
pub struct Reached {
    kind: Kind,
    pub launch: Option<Measured>,
    pub page: Option<Measured>,
    pub idle_mb: Option<f64>,
    pub start_ms: Option<f64>,
}

impl Reached {
    pub fn on(kind: Kind) -> Self {
        Self {
            kind,
            launch: None,
            page: None,
            idle_mb: None,
            start_ms: None,
        }
    }
}

pub fn heading(plan: &Plan) {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{cores} cores, shared with the load generator; {} connections, {:.1} s for each line.",
        plan.connections,
        plan.measured.as_secs_f64()
    );
    println!(
        "CPU is the portal's own, user and system, without PostgreSQL's. The floor is what the\n\
         bare limits of the same steps cost; the ratio is CPU to floor. Where something is signed,\n\
         /sign is its rate to that of the bare signature on one core. PostgreSQL runs without\n\
         fsync (tests/with-postgres.sh)."
    );
}

/// A line that has a floor.
#[derive(Clone)]
pub struct Line {
    pub section: String,
    pub name: String,
    pub ratio: f64,
    /// Milliseconds.
    pub cpu: f64,
}

/// The lines so far, and the section they are printed under.
static LINES: Mutex<(String, Vec<Line>)> = Mutex::new((String::new(), Vec::new()));

fn so_far() -> MutexGuard<'static, (String, Vec<Line>)> {
    LINES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every line with a floor that was printed.
pub fn lines() -> Vec<Line> {
    so_far().1.clone()
}

pub fn section(name: &str) {
    name.clone_into(&mut so_far().0);
    println!(
        "\n{name:<36}{:>10}{:>9}{:>9}{:>11}{:>10}{:>8}{:>8}",
        "ops/s", "p50 ms", "p99 ms", "CPU ms/op", "floor ms", "ratio", "/sign"
    );
}

/// `signing` is how many bare signatures of the kind were made a second.
pub fn row(name: &str, measured: &Measured, floor: Option<f64>, signing: Option<f64>) {
    let number = |value: Option<f64>, digits: usize| {
        value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
    };
    let ratio = measured.cpu.zip(floor).map(|(cpu, floor)| cpu / floor);
    if let Some((cpu, ratio)) = measured.cpu.zip(ratio) {
        let mut so_far = so_far();
        let section = so_far.0.clone();
        so_far.1.push(Line {
            section,
            name: name.to_owned(),
            ratio,
            cpu,
        });
    }
    let share = signing.map(|rate| measured.per_second / rate);
    println!(
        "{name:<36}{:>10}{:>9}{:>9}{:>11}{:>10}{:>8}{:>8}",
        number(Some(measured.per_second), 0),
        number(measured.p50, 2),
        number(measured.p99, 2),
        number(measured.cpu, 4),
        number(floor, 4),
        number(ratio, 1),
        number(share, 3),
    );
}

pub fn fact(name: &str, words: &str) {
    println!("{name:<36}  {words}");
}

/// What could not be measured, so that the run does not pass for a whole one.
static ABORTED: AtomicUsize = AtomicUsize::new(0);

pub fn count_aborted() -> usize {
    ABORTED.load(Relaxed)
}

pub fn aborted(name: &str, error: &str) {
    ABORTED.fetch_add(1, Relaxed);
    println!("{name:<36}  ABORTED: {error}");
}

/// A measure, what it should be, and whether less or more is better.
struct Aim {
    name: &'static str,
    limit: f64,
    at_least: bool,
    unit: &'static str,
    value: fn(&Reached) -> Option<f64>,
}

const AIMS: [Aim; 6] = [
    Aim {
        name: "CPU of an OIDC launch, ES256",
        limit: 0.35,
        at_least: false,
        unit: "ms",
        value: |reached| reached.launch?.cpu,
    },
    Aim {
        name: "OIDC launches, ES256",
        limit: 1500.0,
        at_least: true,
        unit: "/s",
        value: |reached| Some(reached.launch?.per_second),
    },
    Aim {
        name: "CPU of a portal page",
        limit: 0.1,
        at_least: false,
        unit: "ms",
        value: |reached| reached.page?.cpu,
    },
    Aim {
        name: "p99 of a portal page",
        limit: 5.0,
        at_least: false,
        unit: "ms",
        value: |reached| reached.page?.p99,
    },
    Aim {
        name: "memory idle",
        limit: 50.0,
        at_least: false,
        unit: "MB",
        value: |reached| reached.idle_mb,
    },
    Aim {
        name: "start to first page",
        limit: 300.0,
        at_least: false,
        unit: "ms",
        value: |reached| reached.start_ms,
    },
];

pub fn targets(all: &[Reached]) {
    println!("\n{:<36}{:>12}{:>14}", "aims", "aim", "reached");
    for aim in &AIMS {
        for reached in all {
            let sign = if aim.at_least { "≥" } else { "≤" };
            let wanted = format!("{sign} {} {}", aim.limit, aim.unit);
            let name = format!("{}, {}", aim.name, reached.kind.name());
            println!("{name:<42}{wanted:>12}{}", verdict(aim, reached));
        }
    }
}

fn verdict(aim: &Aim, reached: &Reached) -> String {
    let Some(value) = (aim.value)(reached) else {
        return format!("{:>12}  not measured", "-");
    };
    let good = if aim.at_least {
        value >= aim.limit
    } else {
        value <= aim.limit
    };
    let word = if good { "reached" } else { "not reached" };
    format!("{:>12}  {word}", format!("{value:.3}"))
}
