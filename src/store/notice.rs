//! Notices of ended sessions: which party is to be notified, and the outcome, for pages. They are
//! derived from the database, whichever statement ended the session, so that no code path can omit
//! them. When a notice is sent is determined by its job.
//!
//! `due_at` is set while a notice has no job yet: it is new, it is to be sent once more, or a
//! replica of the previous version has written it.

use super::{
    PROTOCOLS, Store, Tx,
    party::party_session,
    row::{Columns, Row},
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::{BearerHash, SessionId, UserId},
    model::{
        notice::{LogoutDelivery, NoticeOutcome},
        party::{PartyKind, PartySession},
    },
};

/// A notice and the user of its session, for admins.
#[derive(Clone, Debug)]
pub struct NoticeLine {
    pub notice: LogoutDelivery,
    pub login: String,
}

/// The name of a notice, which its job has as its id: session, kind, length of the party's name,
/// party, subject. The length makes it unambiguous.
macro_rules! name_of {
    ($notice:literal) => {
        concat!(
            $notice,
            ".session_id || ' ' || ",
            $notice,
            ".kind || ' ' || cast(length(",
            $notice,
            ".party) as text) || ' ' || ",
            $notice,
            ".party || ' ' || ",
            $notice,
            ".subject"
        )
    };
}

/// Reads notices: of the notice `n` and its session `s`, the rest of the statement.
macro_rules! notices {
    ($($rest:tt)+) => {
        concat!(
            "select n.session_id, n.kind, n.party, n.subject, n.session_index, n.outcome, n.tries,
                 n.last_error, n.created_at, n.settled_at, s.user_id
             from notices n join sessions s on s.id = n.session_id ",
            $($rest)+
        )
    };
}

impl Store {
    /// Whether a session has ended without notices, or a notice has no job; a read, so that idle
    /// replicas do not wait for the write lock.
    pub async fn has_unscheduled_notices(&self) -> Result<bool> {
        self.exists(
            "select session_id as it from notices where due_at is not null and outcome = 'waiting'
             union all
             select id as it from sessions where ended_at is not null and told_at is null
             limit 1",
            &[],
        )
        .await
    }

    /// The notice of a job. The inner error is that of a row that cannot be parsed.
    pub async fn notice(&self, name: &str) -> Result<Option<Result<LogoutDelivery>>> {
        let sql = notices!("where n.session_id = $1 and ", name_of!("n"), " = $2");
        self.one(sql, &[&session_of(name), &name], |row| Ok(notice(row)))
            .await
    }

    /// The notices of the session that a browser has just left.
    pub async fn notices_of_parting(&self, parting: &BearerHash) -> Result<Vec<LogoutDelivery>> {
        self.all(
            notices!("where s.parting_hash = $1 order by n.kind, n.party"),
            &[parting],
            notice,
        )
        .await
    }

    /// The notices of a user's sessions since then, newest first.
    pub async fn own_notices(&self, user: &UserId, since: Time) -> Result<Vec<LogoutDelivery>> {
        self.all(
            notices!(
                "where s.user_id = $1 and n.created_at > $2
                 order by n.created_at desc, n.session_id, n.party limit 100"
            ),
            &[user, &since],
            notice,
        )
        .await
    }

    /// For admins: those that failed first, then the newest.
    pub async fn notices(&self, most: i64) -> Result<Vec<NoticeLine>> {
        self.all(
            "select n.session_id, n.kind, n.party, n.subject, n.session_index, n.outcome, n.tries,
                 n.last_error, n.created_at, n.settled_at, s.user_id, u.login
             from notices n join sessions s on s.id = n.session_id
                 join users u on u.id = s.user_id
             order by case when n.outcome = 'failed' then 0 when n.outcome = 'waiting' then 1
                      else 2 end, n.created_at desc, n.session_id, n.party
             limit $1",
            &[&most],
            |row| {
                Ok(NoticeLine {
                    notice: notice(row)?,
                    login: row.text("login")?,
                })
            },
        )
        .await
    }

    /// The notices of one session.
    pub async fn notices_of(&self, session: &SessionId) -> Result<Vec<LogoutDelivery>> {
        self.all(
            notices!("where n.session_id = $1 order by n.kind, n.party"),
            &[session],
            notice,
        )
        .await
    }

    /// Whether a session has ended and its notices are not written yet.
    pub async fn awaits_notices(&self, parting: &BearerHash) -> Result<bool> {
        self.exists(
            "select id from sessions
             where parting_hash = $1 and ended_at is not null and told_at is null",
            &[parting],
        )
        .await
    }
}

impl Tx {
    /// Writes the notices of every session that has ended since the last time: for each client that
    /// redeemed a code in it, and each other party that it identified the user to. Its admissions
    /// behind a gateway are deleted. Each notice without a job is given one.
    pub async fn schedule_notices(&mut self, now: Time) -> Result<()> {
        let ended: Vec<SessionId> = self
            .all(
                "update sessions set told_at = $1 where ended_at is not null and told_at is null
                 returning id",
                &[&now],
                |row| row.id("id"),
            )
            .await?;
        for session in &ended {
            self.run(FROM_GRANTS, &[session, &now]).await?;
            self.run(FROM_PARTIES, &[session, &now]).await?;
            self.run(
                "delete from forward_auth_sessions where session_id = $1",
                &[session],
            )
            .await?;
        }
        self.run(SCHEDULE, &[&by_instance()]).await?;
        self.run(SCHEDULED, &[]).await
    }

    /// The notice of a party that knows already, because it requested the logout.
    pub async fn insert_settled_notice(&mut self, at: &PartySession, now: Time) -> Result<()> {
        self.run(
            "insert into notices (session_id, kind, party, subject, session_index, outcome, tries,
                 created_at, settled_at)
             values ($1, $2, $3, $4, $5, 'confirmed', 0, $6, $6)
             on conflict (session_id, kind, party, subject) do nothing",
            &[
                &at.session,
                &at.kind.as_str(),
                &at.party,
                &at.subject,
                &at.index,
                &now,
            ],
        )
        .await
    }

    /// Records the outcome of a notice, and how often it was tried.
    pub async fn settle_notice(
        &mut self,
        notice: &LogoutDelivery,
        outcome: NoticeOutcome,
        error: Option<&str>,
        now: Time,
    ) -> Result<()> {
        let at = &notice.at;
        let settled_at = (outcome != NoticeOutcome::Waiting).then_some(now);
        self.run(
            "update notices set outcome = $1, tries = $2, last_error = $3, settled_at = $4
             where session_id = $5 and kind = $6 and party = $7 and subject = $8",
            &[
                &outcome.as_str(),
                &notice.tries,
                &error,
                &settled_at,
                &at.session,
                &at.kind.as_str(),
                &at.party,
                &at.subject,
            ],
        )
        .await
    }

    /// Marks a notice that cannot be parsed as failed. `name` is the payload of its job.
    pub async fn give_up_notice(&mut self, name: &str, why: &str, now: Time) -> Result<()> {
        self.run(
            concat!(
                "update notices set outcome = 'failed', last_error = $1, settled_at = $2
                 where session_id = $3 and ",
                name_of!("notices"),
                " = $4"
            ),
            &[&why, &now, &session_of(name), &name],
        )
        .await
    }

    /// Tries a failed notice again, from the start: it is given a new job.
    pub async fn retry_notice(
        &mut self,
        session: &SessionId,
        kind: &PartyKind,
        party: &str,
        now: Time,
    ) -> Result<bool> {
        let changed = self
            .changed(
                "update notices set outcome = 'waiting', due_at = $1, tries = 0, settled_at = null
                 where session_id = $2 and kind = $3 and party = $4 and (outcome = 'failed'
                   or (outcome = 'waiting' and last_error is not null))",
                &[&now, session, &kind.as_str(), &party],
            )
            .await?;
        Ok(changed > 0)
    }

    /// Stores the token with which the browser that signed out may see its notices.
    pub async fn set_parting(&mut self, session: &SessionId, parting: &BearerHash) -> Result<()> {
        self.run(
            "update sessions set parting_hash = $1 where id = $2",
            &[parting, session],
        )
        .await
    }
}

/// The session's id in the name of a notice.
fn session_of(name: &str) -> &str {
    name.split(' ').next().unwrap_or_default()
}

/// A client's subject may be pairwise, and is derived when the client is notified.
const FROM_GRANTS: &str = "insert into notices
        (session_id, kind, party, subject, session_index, outcome, tries, due_at, created_at)
    select g.session_id, 'oidc', g.client, g.user_id, max(g.sid), 'waiting', 0, $2, $2
    from grants g where g.session_id = $1 and g.redeemed_at is not null
    group by g.session_id, g.client, g.user_id
    on conflict (session_id, kind, party, subject) do nothing";

const FROM_PARTIES: &str = "insert into notices
        (session_id, kind, party, subject, session_index, outcome, tries, due_at, created_at)
    select p.session_id, p.kind, p.party, p.subject, p.session_index, 'waiting', 0, $2, $2
    from party_sessions p where p.session_id = $1
    on conflict (session_id, kind, party, subject) do nothing";

/// The kinds whose parties are instances of services, each with a space around it.
fn by_instance() -> String {
    let kinds = PROTOCOLS.iter().filter_map(|protocol| protocol.by_instance);
    kinds.fold(" ".to_owned(), |kinds, kind| kinds + kind + " ")
}

/// The key of a job names its party, so that a party that hangs delays only itself; `$1` is
/// [`by_instance`]. A waiting or dead job starts again; a running one continues.
const SCHEDULE: &str = concat!(
    "insert into jobs (id, kind, key, payload, due_at, tries, created_at)
     select w.name, 'logout', w.line, w.name, w.due_at, w.tries, w.created_at
     from (select ",
    name_of!("notices"),
    " as name,
             kind || ' ' || party || case when $1 like '% ' || kind || ' %'
                 and session_index is not null then ' ' || session_index else '' end as line,
             due_at, tries, created_at
         from notices where due_at is not null and outcome = 'waiting') w
     where w.due_at is not null
     on conflict (id) do update set due_at = excluded.due_at, tries = excluded.tries,
         last_error = null, dead_at = null
     where jobs.lease_until is null"
);

/// Not the sessions that have ended since: another replica may be writing.
const SCHEDULED: &str = concat!(
    "update notices set due_at = null
     where due_at is not null and outcome = 'waiting' and exists
         (select 1 from jobs j where j.dead_at is null and j.id = ",
    name_of!("notices"),
    ")"
);

fn notice(row: &Row<'_>) -> Result<LogoutDelivery> {
    let outcome = row.str("outcome")?;
    let unknown = || Error::Internal(format!("a notice is \"{outcome}\""));
    Ok(LogoutDelivery {
        at: party_session(row)?,
        user: row.id("user_id")?,
        outcome: NoticeOutcome::parse(outcome).ok_or_else(unknown)?,
        tries: row.number("tries")?,
        last_error: row.maybe_text("last_error")?,
        created_at: row.time("created_at")?,
        settled_at: row.maybe_time("settled_at")?,
    })
}
