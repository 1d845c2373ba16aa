//! Whether this replica is ready, as probes see it.

use std::time::Duration;

use super::App;

/// A replica that has been out of date for this long is not ready.
const STALE: Duration = Duration::from_secs(60);
/// Nor is one whose clock differs this much from the database's, in milliseconds.
const MOST_SKEW: i64 = 30_000;

impl App {
    /// The age of the last successful round of background work, if this replica is ready.
    ///
    /// # Errors
    /// A line with the reason why it is not.
    pub async fn readiness(&self) -> Result<Duration, String> {
        let pulse = &self.store.pulse;
        if pulse.is_stopping() {
            return Err("stopping".to_owned());
        }
        if self.store.ping().await.is_err() {
            return Err("the database does not answer".to_owned());
        }
        let age = self.parts.clock.now().since(pulse.good_at());
        if age > STALE {
            let secs = age.as_secs();
            return Err(format!(
                "no round of background work has succeeded for {secs} s: the log says why"
            ));
        }
        match pulse.skew() {
            skew if skew.abs() > MOST_SKEW => Err(format!(
                "the clock is {} s from the database's",
                skew.abs() / 1000
            )),
            _ => Ok(age),
        }
    }
}
