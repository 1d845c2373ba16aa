//! Randomness is passed in: everything random is drawn from a [`Chance`], the system's generator in
//! production and a seeded one in tests, so that a failing test can be repeated.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest;

/// A source of random bytes.
#[derive(Clone)]
pub struct Chance(RandomSource);

#[derive(Clone)]
enum RandomSource {
    System,
    Seeded(Arc<Mutex<(u64, u64)>>),
}

impl Chance {
    /// The operating system's generator.
    pub fn system() -> Self {
        Self(RandomSource::System)
    }

    /// A repeatable stream, for tests: SHA-256 over (seed, counter).
    pub fn seeded(seed: u64) -> Self {
        Self(RandomSource::Seeded(Arc::new(Mutex::new((seed, 0)))))
    }

    /// `N` (at most 32) random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut out = [0; N];
        match &self.0 {
            RandomSource::System => fill(&mut out),
            RandomSource::Seeded(state) => {
                let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
                state.1 += 1;
                let text = format!("{}:{}", state.0, state.1);
                let block = digest::digest(&digest::SHA256, text.as_bytes());
                out.copy_from_slice(&block.as_ref()[..N]);
            }
        }
        out
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that draws on the system's generator"
)]
fn fill(out: &mut [u8]) {
    aws_lc_rs::rand::fill(out)
        .expect("the system's random generator answers or the process must not go on");
}
