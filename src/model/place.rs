//! Fair shares of outgoing deliveries. A recipient of a queue (an application that is notified of a
//! session's end, a mail domain of a message) is a *party*: it has a few of all permits, so that
//! one that hangs takes none from the others, and after several consecutive timeouts it is paused.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::clock::Time;

/// The most deliveries to one party at the same time.
pub const PER_PARTY: usize = 4;
/// The number of consecutive timeouts after which a party is paused.
const PATIENCE: u32 = 3;
/// The duration of the first pause, doubled after each probe that fails, up to the second value.
const REST: Duration = Duration::from_secs(60);
const LONGEST_REST: Duration = Duration::from_secs(1800);

/// All permits of one queue in this process. Clones share them.
#[derive(Clone)]
pub struct Permits {
    total: usize,
    lines: Arc<Mutex<HashMap<String, WaitingLine>>>,
}

/// A permit that is taken until the value is dropped.
pub struct Permit {
    of: Permits,
    party: String,
}

#[derive(Default)]
struct WaitingLine {
    taken: usize,
    /// Consecutive ones.
    timeouts: u32,
    rests: u32,
    until: Option<Time>,
}

impl WaitingLine {
    fn is_resting(&self, now: Time) -> bool {
        self.until.is_some_and(|until| until > now)
    }

    /// Each timeout removes a permit, until there is an answer: no more deliveries are tried than
    /// are needed to detect that the party hangs. After a pause a single one probes.
    fn is_closed(&self, now: Time) -> bool {
        let timeouts = usize::try_from(self.timeouts).unwrap_or(PER_PARTY);
        let most = PER_PARTY.saturating_sub(timeouts).max(1);
        self.taken >= most || self.is_resting(now)
    }

    fn is_forgettable(&self, now: Time) -> bool {
        let long_ago = |until: Time| until + LONGEST_REST < now;
        self.taken == 0 && (self.timeouts == 0 || self.until.is_some_and(long_ago))
    }
}

impl Permits {
    pub fn new(total: usize) -> Self {
        Self {
            total,
            lines: Arc::default(),
        }
    }

    /// A permit for the party, if there is one now.
    pub fn take(&self, party: &str, now: Time) -> Option<Permit> {
        let mut lines = self.lines();
        let taken: usize = lines.values().map(|line| line.taken).sum();
        let line = lines.entry(party.to_owned()).or_default();
        if taken >= self.total || line.is_closed(now) {
            return None;
        }
        line.taken += 1;
        Some(Permit {
            of: self.clone(),
            party: party.to_owned(),
        })
    }

    /// How many permits are free, and the parties that have none.
    pub fn free(&self, now: Time) -> (usize, Vec<String>) {
        let mut lines = self.lines();
        lines.retain(|_, line| !line.is_forgettable(now));
        let taken: usize = lines.values().map(|line| line.taken).sum();
        let closed = lines.iter().filter(|(_, line)| line.is_closed(now));
        let closed = closed.map(|(party, _)| party.clone()).collect();
        (self.total.saturating_sub(taken), closed)
    }

    /// Ends the pause of the party, and of those whose names begin with its name and a space.
    pub fn forgive(&self, party: &str) {
        let is_meant = |name: &str| {
            let rest = name.strip_prefix(party);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
        };
        let mut lines = self.lines();
        let meant = lines.iter_mut().filter(|(name, _)| is_meant(name));
        meant.for_each(|(_, line)| line.answered());
    }

    fn lines(&self) -> MutexGuard<'_, HashMap<String, WaitingLine>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WaitingLine {
    fn answered(&mut self) {
        (self.timeouts, self.rests, self.until) = (0, 0, None);
    }

    /// Deliveries that were in progress when the pause began do not prolong it.
    fn timed_out(&mut self, now: Time) -> Option<Time> {
        self.timeouts = self.timeouts.saturating_add(1);
        if self.timeouts >= PATIENCE && !self.is_resting(now) {
            let doubled = REST.saturating_mul(1 << self.rests.min(10));
            self.rests = self.rests.saturating_add(1);
            self.until = Some(now + doubled.min(LONGEST_REST));
        }
        self.until.filter(|until| *until > now)
    }
}

impl Permit {
    pub fn party(&self) -> &str {
        &self.party
    }

    /// The party answered, whatever the answer.
    pub fn answered(&self) {
        if let Some(line) = self.of.lines().get_mut(&self.party) {
            line.answered();
        }
    }

    /// The party did not answer in time: until when it is paused, if it is.
    pub fn timed_out(&self, now: Time) -> Option<Time> {
        let mut lines = self.of.lines();
        lines.entry(self.party.clone()).or_default().timed_out(now)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if let Some(line) = self.of.lines().get_mut(&self.party) {
            line.taken = line.taken.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_secs(1_000);

    #[test]
    fn a_party_has_four_places_and_others_have_theirs() {
        let places = Permits::new(6);
        let taken: Vec<_> = (0..4).map(|_| places.take("a", NOW).unwrap()).collect();
        assert!(places.take("a", NOW).is_none());
        assert_eq!(places.free(NOW), (2, vec!["a".to_owned()]));
        let others = [
            places.take("b", NOW).unwrap(),
            places.take("b", NOW).unwrap(),
        ];
        assert!(places.take("c", NOW).is_none(), "six in all");
        drop(others);
        assert!(places.take("c", NOW).is_some());
        drop(taken);
        assert_eq!(places.free(NOW), (6, Vec::new()));
    }

    #[test]
    fn three_timeouts_in_a_row_and_the_party_rests_then_one_probes() {
        let places = Permits::new(9);
        let [a, b, c, d] = [0, 1, 2, 3].map(|_| places.take("a", NOW).unwrap());
        assert_eq!(a.timed_out(NOW), None);
        b.answered();
        assert_eq!(a.timed_out(NOW), None, "not in a row");
        assert_eq!(c.timed_out(NOW), None);
        let until = NOW + REST;
        assert_eq!(c.timed_out(NOW), Some(until));
        assert_eq!(
            d.timed_out(NOW),
            Some(until),
            "no longer for those under way"
        );
        drop([a, b, c, d]);
        assert!(places.take("a", NOW).is_none() && places.take("b", NOW).is_some());
        let probe = places.take("a", until).unwrap();
        assert!(places.take("a", until).is_none(), "one");
        assert_eq!(probe.timed_out(until), Some(until + REST * 2));
        drop(probe);
        places.forgive("a");
        let four: Vec<_> = (0..5).filter_map(|_| places.take("a", until)).collect();
        assert_eq!(four.len(), 4);
    }

    #[test]
    fn a_rest_has_an_end_and_is_forgotten() {
        let places = Permits::new(9);
        let mut now = NOW;
        for _ in 0..40 {
            let probe = places.take("a", now).unwrap();
            if let Some(until) = probe.timed_out(now) {
                assert!(until <= now + LONGEST_REST);
                now = until;
            }
        }
        places.free(now + LONGEST_REST + LONGEST_REST);
        assert!(places.lines().is_empty());
    }
}
