//! The closed loop: so many connections, each asking again as soon as it is answered.

use std::time::Duration;

use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

use crate::{Result, measure::Measured};

/// How long and how much.
#[derive(Clone, Copy)]
pub struct Plan {
    /// Long enough for its figures to be compared.
    pub is_full: bool,
    pub postgres: bool,
    pub warm_up: Duration,
    pub measured: Duration,
    /// For each of the bare limits.
    pub limit: Duration,
    pub connections: usize,
    pub restarts: usize,
    pub sessions: usize,
    /// For each connection, of what is made beforehand and used up by what is measured.
    pub stock: usize,
}

impl Plan {
    pub const FULL: Self = Self {
        is_full: true,
        postgres: true,
        warm_up: Duration::from_secs(1),
        measured: Duration::from_secs(6),
        limit: Duration::from_millis(1500),
        connections: 16,
        restarts: 5,
        sessions: 10_000,
        stock: 200,
    };

    pub const QUICK: Self = Self {
        is_full: false,
        postgres: false,
        warm_up: Duration::from_millis(300),
        measured: Duration::from_millis(1500),
        limit: Duration::from_millis(500),
        restarts: 3,
        sessions: 1_000,
        stock: 60,
        ..Self::FULL
    };
}

/// One connection's work. An error is the end of the scenario.
pub trait Work: Send + 'static {
    fn once(&mut self) -> impl Future<Output = Result<()>> + Send;
}

/// Runs all of them side by side and measures them once they are warm, with the CPU time that
/// `cpu_ms` counts meanwhile.
pub async fn run(
    works: Vec<impl Work>,
    plan: &Plan,
    cpu_ms: impl Fn() -> Result<f64>,
) -> Result<Measured> {
    let began = Instant::now() + plan.warm_up;
    let ends = began + plan.measured;
    let mut running = JoinSet::new();
    for work in works {
        running.spawn(repeat(work, began, ends));
    }
    sleep_until(began).await;
    let before = cpu_ms()?;
    sleep_until(ends).await;
    let cpu = cpu_ms()? - before;
    let mut latencies = Vec::new();
    while let Some(done) = running.join_next().await {
        latencies.extend(done.map_err(|error| error.to_string())??);
    }
    Measured::of(latencies, plan.measured, cpu)
}

/// Each does what it has to do so many times, all side by side: for what can be done only as often
/// as it was prepared.
pub async fn run_through(
    works: Vec<impl Work>,
    times: usize,
    cpu_ms: impl Fn() -> Result<f64>,
) -> Result<Measured> {
    let (began, before) = (Instant::now(), cpu_ms()?);
    let mut running = JoinSet::new();
    for mut work in works {
        running.spawn(async move {
            let mut latencies = Vec::new();
            for _ in 0..times {
                let asked = Instant::now();
                work.once().await?;
                latencies.push(asked.elapsed());
            }
            Ok::<_, String>(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(done) = running.join_next().await {
        latencies.extend(done.map_err(|error| error.to_string())??);
    }
    let span = began.elapsed();
    Measured::of(latencies, span, cpu_ms()? - before)
}

/// The latencies of what ended between the two moments.
async fn repeat(mut work: impl Work, began: Instant, ends: Instant) -> Result<Vec<Duration>> {
    let mut latencies = Vec::new();
    loop {
        let asked = Instant::now();
        if asked >= ends {
            return Ok(latencies);
        }
        work.once().await?;
        let answered = Instant::now();
        if (began..ends).contains(&answered) {
            latencies.push(answered - asked);
        }
    }
}
