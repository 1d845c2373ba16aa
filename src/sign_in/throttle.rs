//! The one limiter that every password, second factor and recovery passes: failures per account and
//! per network, in a window. A try is counted before it is made and uncounted when it succeeds, so
//! that concurrent tries cannot exceed the limit. A refused one is not counted and writes nothing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use unicode_normalization::UnicodeNormalization;

use super::{OpenProvider, SignIns};
use crate::{
    clock::Time,
    error::Result,
    id::sha256,
    kind::BoxFuture,
    model::{network::WIDER, session::Visitor, typed},
    store::{SHARDS, Tx},
    upstream::{Entries, ProviderFailure, ProviderResponse},
};

/// The limits: how many failures, in which time.
#[derive(Clone, Copy, Debug)]
pub struct ThrottleLimits {
    pub per_account: i64,
    /// Of an IPv4 address or an IPv6 /64; of a /48, four times as many.
    pub per_address: i64,
    pub window: Duration,
}

/// A try that has been counted: the names it is counted under.
pub(crate) struct Reservation {
    counts: Vec<ThrottleCounter>,
    /// Counters of the entries that the typed name was resolved to.
    entries: Mutex<Vec<ThrottleCounter>>,
    /// The browser is known for this account, and has a count of its own.
    by_device: bool,
}

/// One name for counting.
#[derive(Clone)]
enum ThrottleCounter {
    Account(String),
    /// In several rows, so that users behind one address do not wait for the same row.
    Network {
        name: String,
        shard: usize,
        most: i64,
    },
}

/// The try has to wait.
pub(crate) struct Wait {
    pub span: Duration,
    /// The first refusal for this reason: worth a line in the audit trail.
    pub first: bool,
}

impl Reservation {
    /// Tries at one target, from one place. `place` separates counts of different kinds.
    fn new(
        account: Option<String>,
        place: &str,
        visitor: &Visitor,
        limits: &ThrottleLimits,
    ) -> Self {
        let client = &visitor.client;
        let narrow = (Some(client.network()), limits.per_address);
        let wide = (client.around(), limits.per_address * i64::from(WIDER));
        let shard = visitor
            .browser
            .as_str()
            .bytes()
            .map(usize::from)
            .sum::<usize>()
            % SHARDS;
        let networks = [narrow, wide].into_iter().filter_map(|(network, most)| {
            let name = format!("{place} {}", network?);
            Some(ThrottleCounter::Network { name, shard, most })
        });
        let account = account.map(ThrottleCounter::Account);
        Self {
            counts: account.into_iter().chain(networks).collect(),
            entries: Mutex::default(),
            by_device: false,
        }
    }

    /// A request for a new password. It has counts of its own: requests by others do not prevent a
    /// user from signing in.
    pub fn of_recovery(typed: &str, visitor: &Visitor, limits: &ThrottleLimits) -> Self {
        let account = format!("recovery {}", sha256(&folded(typed)));
        Self::new(Some(account), "recovery address", visitor, limits)
    }
}

impl ThrottleCounter {
    /// The row a try is counted in.
    fn row(&self) -> String {
        match self {
            ThrottleCounter::Account(name) => name.clone(),
            ThrottleCounter::Network { name, shard, .. } => row(name, *shard),
        }
    }

    fn name(&self) -> &str {
        match self {
            ThrottleCounter::Account(name) | ThrottleCounter::Network { name, .. } => name,
        }
    }
}

fn row(name: &str, shard: usize) -> String {
    format!("{name} {shard}")
}

fn rows(name: &str) -> [String; SHARDS] {
    std::array::from_fn(|shard| row(name, shard))
}

/// The full counters, and how many tries were refused: the audit trail gets one line per counter
/// and window, not one per request.
#[derive(Clone, Default)]
pub struct Refusals(Arc<Mutex<HashMap<String, Refused>>>);

struct Refused {
    tries: u64,
    until: Time,
}

impl Refusals {
    /// Counts one; returns whether it is the first of its window.
    fn count(&self, name: &str, until: Time, now: Time) -> bool {
        let mut refused = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        refused.retain(|_, one| {
            let over = one.until <= now;
            if over && one.tries > 1 {
                tracing::info!(tries = one.tries, "tries were refused that came too often");
            }
            !over
        });
        let one = refused.entry(name.to_owned());
        let one = one.or_insert(Refused { tries: 0, until });
        one.tries += 1;
        one.tries == 1
    }
}

/// One key for all spellings of a name: if a directory treats `ＡＮＡ` as `ana`, an attacker must not
/// get a fresh count for each spelling. It is hashed, too: users type passwords into the name
/// field.
fn folded(name: &str) -> String {
    let name: String = name.chars().take(256).nfkc().collect();
    typed::login(&name)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The key for counting tries at a provider's account.
pub(super) fn account(provider: &OpenProvider, name: &str) -> String {
    counted(&provider.slug, provider.part.counted_as(name))
}

fn counted(provider: &str, name: &str) -> String {
    format!("account {provider} {}", sha256(&folded(name)))
}

impl SignIns {
    /// A try at the password of a provider's account, not counted yet. A browser that signed in to
    /// it before has a count of its own: attackers who guess do not lock its user out.
    pub(super) fn account_try(&self, account: String, visitor: &Visitor) -> Reservation {
        let device = self.device_count(&account, visitor);
        let by_device = device.is_some();
        let account = device.unwrap_or(account);
        Reservation {
            by_device,
            ..Reservation::new(Some(account), ADDRESS, visitor, &self.limits)
        }
    }

    /// A try at a local account by the holder of its session. A browser with a count of its own has
    /// none here: a stolen session allows no more guesses than an unknown browser.
    pub(super) fn own_account_try(
        &self,
        provider: &str,
        login: &str,
        visitor: &Visitor,
    ) -> Reservation {
        let account = Some(counted(provider, login));
        Reservation::new(account, ADDRESS, visitor, &self.limits)
    }

    /// Counts a try; `Err(wait)` inside when there were too many.
    pub(super) async fn reserve(
        &self,
        provider: &OpenProvider,
        visitor: &Visitor,
        answer: &ProviderResponse,
    ) -> Result<Result<Reservation, Wait>> {
        let reservation = match answer {
            ProviderResponse::Password(credentials) => {
                self.account_try(account(provider, &credentials.name), visitor)
            }
            ProviderResponse::Message(_) => Reservation::new(None, ADDRESS, visitor, &self.limits),
        };
        self.counted(reservation, visitor).await
    }

    /// Counts a try under a name of the caller's choice (a user's second factor, a link) and the
    /// visitor's address.
    pub(crate) async fn reserve_as(
        &self,
        account: Option<String>,
        visitor: &Visitor,
    ) -> Result<Result<Reservation, Wait>> {
        let reservation = Reservation::new(account, ADDRESS, visitor, &self.limits);
        self.counted(reservation, visitor).await
    }

    /// Counts a try under its names.
    pub(super) async fn counted(
        &self,
        reservation: Reservation,
        visitor: &Visitor,
    ) -> Result<Result<Reservation, Wait>> {
        let wait = self.count_all(&reservation.counts, visitor).await?;
        Ok(wait.map_or(Ok(reservation), Err))
    }

    /// Counts under all names or, if one is full, under none.
    async fn count_all(
        &self,
        counts: &[ThrottleCounter],
        visitor: &Visitor,
    ) -> Result<Option<Wait>> {
        let now = self.clock.now();
        for count in counts {
            let (failures, until) = match count {
                ThrottleCounter::Account(name) => self.store.failures(name, now).await?,
                ThrottleCounter::Network { name, .. } => {
                    self.store.failures_among(&rows(name), now).await?
                }
            };
            if failures >= self.most(count) {
                return Ok(Some(self.wait(count, until, now)));
            }
        }
        let _write = visitor.write(now)?;
        let mut tx = self.store.begin().await?;
        for count in counts {
            if let Some(until) = self.count(&mut tx, count, now).await? {
                // The transaction is rolled back: concurrent tries were first.
                drop(tx);
                return Ok(Some(self.wait(count, until, now)));
            }
        }
        tx.commit().await?;
        Ok(None)
    }

    /// The end of the window, if that exceeded the limit.
    async fn count(&self, tx: &mut Tx, count: &ThrottleCounter, now: Time) -> Result<Option<Time>> {
        let until = now + self.limits.window;
        let counted = tx.count_failure(&count.row(), now, until).await?;
        let (failures, until) = match count {
            ThrottleCounter::Account(_) => (counted, until),
            ThrottleCounter::Network { name, .. } => tx.failures_among(&rows(name), now).await?,
        };
        Ok((failures > self.most(count)).then_some(until))
    }

    fn most(&self, count: &ThrottleCounter) -> i64 {
        match count {
            ThrottleCounter::Account(_) => self.limits.per_account,
            ThrottleCounter::Network { most, .. } => *most,
        }
    }

    fn wait(&self, count: &ThrottleCounter, until: Time, now: Time) -> Wait {
        Wait {
            span: until.since(now),
            first: self.refusals.count(count.name(), until, now),
        }
    }

    /// Uncounts a try: it succeeded, or was not the user's fault.
    pub(crate) async fn release(&self, reserved: &Reservation, succeeded: bool) -> Result<()> {
        let entries = reserved.entries.lock();
        let entries = entries.unwrap_or_else(PoisonError::into_inner).clone();
        let mut tx: Tx = self.store.begin().await?;
        for count in entries.iter().chain(&reserved.counts) {
            match count {
                ThrottleCounter::Account(name) if succeeded => tx.forgive_failures(name).await?,
                count => tx.uncount_failure(&count.row()).await?,
            }
        }
        tx.commit().await
    }
}

/// Tries at passwords and second factors, by network.
const ADDRESS: &str = "address";

/// Counts a try at the entry that a provider found, in addition to the name that was typed: a
/// directory may accept more spellings of a name than we know.
pub(super) struct EntryCount<'a> {
    pub sign_ins: &'a SignIns,
    pub provider: &'a OpenProvider,
    pub visitor: &'a Visitor,
    pub reservation: &'a Reservation,
}

impl Entries for EntryCount<'_> {
    fn count<'a>(&'a self, entry: &'a str) -> BoxFuture<'a, Result<(), ProviderFailure>> {
        Box::pin(async move {
            if self.reservation.by_device {
                return Ok(());
            }
            let entry = sha256(&entry.to_lowercase());
            let name = format!("entry {} {entry}", self.provider.slug);
            let count = ThrottleCounter::Account(name);
            let wait = self
                .sign_ins
                .count_all(std::slice::from_ref(&count), self.visitor);
            match wait.await {
                Ok(None) => {
                    let entries = self.reservation.entries.lock();
                    entries.unwrap_or_else(PoisonError::into_inner).push(count);
                    Ok(())
                }
                Ok(Some(Wait { span, first })) => Err(ProviderFailure::Throttled { span, first }),
                Err(error) => Err(ProviderFailure::Down(error.to_string())),
            }
        })
    }
}
