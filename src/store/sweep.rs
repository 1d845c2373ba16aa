//! The sweep of expired data. A reader looks for it, through an index; it is deleted in portions,
//! each a transaction of its own, so that no request waits long for the write lock.

use super::{
    PROTOCOLS, Store, Tx,
    row::{Columns, placeholders},
    statement::{Parameter, composed},
};
use crate::{clock::Time, error::Result, model::launch::TICKET_LIFE};

/// Rows that are deleted in one transaction.
const PORTION: usize = 1_000;
/// Keys that are looked up at once.
const LOOK_UP: i64 = 20_000;
/// The most rows of one run; the rest waits for the next.
const MOST: u64 = 100_000;

/// The times before which data is deleted.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    /// For artefacts: at once.
    pub now: Time,
    /// For the records of launches, and for sessions.
    pub records: Time,
    /// For the audit trail.
    pub trail: Time,
}

/// The result of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Deleted rows, without their dependent rows.
    pub rows: u64,
    /// There is more to do, soon.
    pub is_partial: bool,
}

/// One kind of data to delete.
pub(super) struct Sweep {
    table: &'static str,
    /// The column by which portions are selected.
    key: &'static str,
    age: Age,
    /// The condition of the rows; the time is `$1`.
    due: &'static str,
    /// Run before that: statements on dependent rows, by the same keys (`$keys`).
    first: &'static [&'static str],
    act: &'static str,
}

#[derive(Clone, Copy)]
enum Age {
    Now,
    /// A ticket that no user claimed.
    Unclaimed,
    Records,
    Trail,
}

const fn sweep(table: &'static str, key: &'static str, age: Age, due: &'static str) -> Sweep {
    Sweep {
        table,
        key,
        age,
        due,
        first: &[],
        act: "delete from",
    }
}

const EXPIRED: &str = "expires_at < $1";

/// Rows that are deleted as soon as they have expired.
pub(super) const fn expiring(table: &'static str, key: &'static str) -> Sweep {
    sweep(table, key, Age::Now, EXPIRED)
}

/// Of all tables except those of the protocols.
const SWEEPS: &[Sweep] = &[
    expiring("attempts", "id"),
    expiring("pending_requests", "id"),
    sweep("throttles", "name", Age::Now, "until_at < $1"),
    expiring("upstream_requests", "state_hash"),
    expiring("ceremonies", "id"),
    expiring("trusted_devices", "id"),
    expiring("replays", "name"),
    expiring("kept_forms", "id"),
    expiring("browser_states", "id"),
    expiring("overrides", "user_id"),
    expiring("pushed_requests", "uri_hash"),
    expiring("refresh_tokens", "token_hash"),
    expiring("access_tokens", "token_hash"),
    Sweep {
        first: &[SETTLE],
        ..sweep("grants", "id", Age::Now, UNUSED_GRANT)
    },
    sweep(
        "launches",
        "id",
        Age::Unclaimed,
        "created_at < $1 and stage = 'requested'",
    ),
    Sweep {
        act: FORGET_RECORD,
        ..sweep(
            "launches",
            "id",
            Age::Records,
            "created_at < $1 and record_key is not null",
        )
    },
    sweep("notices", "session_id", Age::Records, "created_at < $1"),
    sweep("receipts", "launch_id", Age::Records, "at < $1"),
    Sweep {
        first: &[
            "delete from party_sessions where session_id in ($keys)",
            "delete from saml_assertions where session_id in ($keys)",
            "delete from forward_auth_sessions where session_id in ($keys)",
        ],
        ..sweep("sessions", "id", Age::Records, EXPIRED)
    },
    sweep("one_time_links", "token_hash", Age::Records, EXPIRED),
    sweep(
        "mails",
        "id",
        Age::Records,
        "sent_at < $1 and sent_at is not null",
    ),
    // The job of a mail has its id.
    Sweep {
        first: &["delete from mails where id in ($keys)"],
        ..sweep(
            "jobs",
            "id",
            Age::Records,
            "dead_at < $1 and dead_at is not null",
        )
    },
    sweep("registration_tokens", "id", Age::Trail, EXPIRED),
    sweep("launches", "id", Age::Trail, "created_at < $1"),
    sweep("events", "id", Age::Trail, "at < $1"),
];

/// A launch whose grant was redeemed has landed; its row records that before the grant is deleted.
const SETTLE: &str = "update launches set stage = 'landed', landed_at =
        (select g.redeemed_at from grants g where g.launch_id = launches.id)
    where stage = 'departed' and id in
        (select launch_id from grants where id in ($keys) and redeemed_at is not null)";

/// The grant of a launch whose handle is still valid stays, because it prevents a second use of the
/// handle. So does one that tokens depend on, and one whose client is to be notified when the
/// session ends.
const UNUSED_GRANT: &str = "expires_at < $1 and coalesce(access_expires_at, 0) < $1 and not exists
        (select 1 from launches l where l.id = grants.launch_id and l.handle_expires_at >= $1)
      and not exists (select 1 from sessions s where s.id = grants.session_id
          and s.told_at is null and (s.expires_at >= $1 or s.ended_at is not null))
      and not exists (select 1 from refresh_tokens r where r.grant_id = grants.id)
      and not exists (select 1 from access_tokens a where a.grant_id = grants.id)";

/// The audit trail keeps the user and the service, but not the record.
const FORGET_RECORD: &str = "record_key = null, fields = '{}', target = null, context = null";

impl Sweep {
    fn look_up(&self) -> String {
        let Self {
            table, key, due, ..
        } = self;
        format!("select {key} as it from {table} where {due} limit {LOOK_UP}")
    }

    /// All statements of one portion, in order: the keys stand for `$keys`.
    fn statements(&self, keys: &str) -> (Vec<String>, String) {
        let Self {
            table,
            key,
            due,
            act,
            ..
        } = self;
        let act = match *act {
            FORGET_RECORD => format!("update {table} set {act}"),
            _ => format!("{act} {table}"),
        };
        let first = self.first.iter().map(|sql| sql.replace("$keys", keys));
        let last = format!("{act} where {due} and {key} in ({keys})");
        (first.collect(), last)
    }

    fn before(&self, before: &Before) -> Time {
        match self.age {
            Age::Now => before.now,
            Age::Unclaimed => before.now - TICKET_LIFE,
            Age::Records => before.records,
            Age::Trail => before.trail,
        }
    }
}

fn sweeps() -> Vec<&'static Sweep> {
    let own = PROTOCOLS.iter().flat_map(|protocol| protocol.sweeps);
    own.chain(SWEEPS).collect()
}

/// Every statement of the sweep, for a test that reads their query plans: `$1` is a time, the keys
/// are texts.
pub fn sweep_statements() -> Vec<String> {
    let all = sweeps().into_iter().flat_map(|sweep| {
        let (mut statements, last) = sweep.statements("'a', 'b'");
        statements.extend([sweep.look_up(), last]);
        statements
    });
    all.collect()
}

impl Store {
    /// Deletes expired data, up to a limit: the rest waits for the next run.
    pub async fn sweep(&self, before: &Before) -> Result<Swept> {
        let mut swept = Swept::default();
        for sweep in sweeps() {
            loop {
                let keys = self.due(sweep, before).await?;
                for portion in keys.chunks(PORTION) {
                    let mut tx = self.begin().await?;
                    swept.rows += tx.sweep_portion(sweep, before, portion).await?;
                    tx.commit().await?;
                }
                if i64::try_from(keys.len()).unwrap_or(i64::MAX) < LOOK_UP {
                    break;
                }
                if swept.rows >= MOST {
                    swept.is_partial = true;
                    break;
                }
            }
        }
        Ok(swept)
    }

    async fn due(&self, sweep: &Sweep, before: &Before) -> Result<Vec<String>> {
        let before = sweep.before(before);
        let values: [&dyn Parameter; 1] = [&before];
        let due = composed(sweep.look_up(), &values);
        let mut line = self.read.acquire_slow().await?;
        line.all(due, |row| row.text("it")).await
    }
}

impl Tx {
    async fn sweep_portion(
        &mut self,
        sweep: &Sweep,
        before: &Before,
        keys: &[String],
    ) -> Result<u64> {
        let line = self.open.connection();
        let mut values: Vec<&dyn Parameter> =
            keys.iter().map(|key| key as &dyn Parameter).collect();
        let (first, _) = sweep.statements(&placeholders(1, keys.len()));
        for sql in first {
            line.changed(composed(sql, &values).once()).await?;
        }
        let (_, last) = sweep.statements(&placeholders(2, keys.len()));
        let before = sweep.before(before);
        values.insert(0, &before);
        line.changed(composed(last, &values).once()).await
    }
}
