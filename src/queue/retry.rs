//! When a job that has failed is tried again.

use std::time::Duration;

/// The pauses between the tries of a job.
#[derive(Clone, Copy, Debug)]
pub enum Retry {
    /// One after the other; after the last, the tries are used up.
    Pauses(&'static [Duration]),
    /// Exponential back-off: twice as long after each failure.
    Doubling {
        first: Duration,
        longest: Duration,
        /// `None`: unlimited.
        most_tries: Option<i64>,
    },
}

impl Retry {
    /// The pause after so many failed tries; `None` if they are used up.
    pub fn pause(&self, tries: i64) -> Option<Duration> {
        match self {
            Retry::Pauses(pauses) => {
                let at = usize::try_from(tries.saturating_sub(1)).unwrap_or(0);
                pauses.get(at).copied()
            }
            Retry::Doubling {
                first,
                longest,
                most_tries,
            } => {
                if most_tries.is_some_and(|most| tries >= most) {
                    return None;
                }
                let doublings = u32::try_from(tries.clamp(1, 20)).unwrap_or(1) - 1;
                Some(first.saturating_mul(1 << doublings).min(*longest))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn listed_pauses_have_an_end() {
        const PAUSES: [Duration; 2] = [SECOND, Duration::from_secs(9)];
        let retry = Retry::Pauses(&PAUSES);
        assert_eq!(retry.pause(1), Some(SECOND));
        assert_eq!(retry.pause(2), Some(9 * SECOND));
        assert_eq!(retry.pause(3), None);
    }

    #[test]
    fn doubled_pauses_have_a_longest_and_may_have_an_end() {
        let retry = |most_tries| Retry::Doubling {
            first: 30 * SECOND,
            longest: 3600 * SECOND,
            most_tries,
        };
        let pauses = [1, 2, 7, 8, 19, 20, 1_000].map(|tries| retry(None).pause(tries));
        let seconds = [30, 60, 1920, 3600, 3600, 3600, 3600];
        assert_eq!(pauses, seconds.map(|secs| Some(Duration::from_secs(secs))));
        assert_eq!(retry(Some(20)).pause(19), Some(3600 * SECOND));
        assert_eq!(retry(Some(20)).pause(20), None);
    }
}
