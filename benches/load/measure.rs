//! What was measured, and its arithmetic.

use std::time::Duration;

use tokio::time::Instant;

use crate::{Result, process::own_cpu_ms};

/// One line of the table.
#[derive(Clone, Copy)]
pub struct Measured {
    pub per_second: f64,
    /// Latencies in milliseconds, where single operations were timed.
    pub p50: Option<f64>,
    pub p99: Option<f64>,
    /// CPU milliseconds of an operation, where they are one process's own.
    pub cpu: Option<f64>,
}

impl Measured {
    /// From every operation's latency within `span`.
    pub fn of(mut latencies: Vec<Duration>, span: Duration, cpu_ms: f64) -> Result<Self> {
        if latencies.is_empty() {
            return Err("not one operation ended in time".to_owned());
        }
        latencies.sort_unstable();
        let count = latencies.len();
        let at = |percent: usize| {
            let place = (count * percent / 100).min(count - 1);
            Some(latencies[place].as_secs_f64() * 1000.0)
        };
        Ok(Self {
            per_second: count as f64 / span.as_secs_f64(),
            p50: at(50),
            p99: at(99),
            cpu: Some(cpu_ms / count as f64),
        })
    }

    /// Of one, where each operation was `count` of them.
    pub fn each_of(self, count: u32) -> Self {
        let count = f64::from(count);
        Self {
            per_second: self.per_second * count,
            p50: None,
            p99: None,
            cpu: self.cpu.map(|cpu| cpu / count),
        }
    }

    /// The same without CPU time: it was not this operation's alone.
    pub fn without_cpu(self) -> Self {
        Self { cpu: None, ..self }
    }
}

/// Repeats a piece of pure work on this thread for about `span`.
pub fn repeat(span: Duration, mut work: impl FnMut() -> Result<()>) -> Result<Measured> {
    for _ in 0..3 {
        work()?;
    }
    let (began, cpu) = (Instant::now(), own_cpu_ms()?);
    let mut count = 0_u32;
    while began.elapsed() < span {
        work()?;
        count += 1;
    }
    let count = f64::from(count);
    Ok(Measured {
        per_second: count / began.elapsed().as_secs_f64(),
        p50: None,
        p99: None,
        cpu: Some((own_cpu_ms()? - cpu) / count),
    })
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
