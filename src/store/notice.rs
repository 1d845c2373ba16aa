//! Notices of ended sessions. They are made from what the database knows, by whichever statement
//! the session was ended, so that no code path can forget them.

use std::time::Duration;

use sqlx::any::AnyRow;

use super::{
    Store, Tx,
    row::{Columns, none_of},
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

/// A notice and whose session it was, as admins see it.
#[derive(Clone, Debug)]
pub struct NoticeLine {
    pub notice: LogoutDelivery,
    pub login: String,
}

const COLUMNS: &str =
    "n.session_id, n.kind, n.party, n.subject, n.session_index, n.outcome, n.tries,
    n.last_error, n.created_at, n.settled_at, s.user_id";

impl Store {
    /// Whether any notice is due; a read, so that idle replicas do not queue for the write lock.
    pub async fn notice_due(&self, now: Time) -> Result<bool> {
        let row = sqlx::query(
            "select session_id as it from notices where due_at <= $1
             union all
             select id as it from sessions where ended_at is not null and told_at is null
             limit 1",
        )
        .bind(now.millis())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        Ok(row.is_some())
    }

    /// What became of the session that a browser has just left.
    pub async fn notices_of_parting(&self, parting: &BearerHash) -> Result<Vec<LogoutDelivery>> {
        let sql = format!(
            "select {COLUMNS} from notices n join sessions s on s.id = n.session_id
             where s.parting_hash = $1 order by n.kind, n.party"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(parting.as_str())
            .fetch_all(&mut *self.read.acquire().await?)
            .await?;
        rows.iter().map(notice).collect()
    }

    /// What became of a person's sessions since then, newest first.
    pub async fn own_notices(&self, user: &UserId, since: Time) -> Result<Vec<LogoutDelivery>> {
        let sql = format!(
            "select {COLUMNS} from notices n join sessions s on s.id = n.session_id
             where s.user_id = $1 and n.created_at > $2
             order by n.created_at desc, n.session_id, n.party limit 100"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(user.as_str())
            .bind(since.millis())
            .fetch_all(&mut *self.read.acquire().await?)
            .await?;
        rows.iter().map(notice).collect()
    }

    /// For admins: those that failed first, then the newest.
    pub async fn notices(&self, most: i64) -> Result<Vec<NoticeLine>> {
        let sql = format!(
            "select {COLUMNS}, u.login from notices n join sessions s on s.id = n.session_id
                 join users u on u.id = s.user_id
             order by case when n.outcome = 'failed' then 0 when n.outcome = 'waiting' then 1
                      else 2 end, n.created_at desc, n.session_id, n.party
             limit $1"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(most)
            .fetch_all(&mut *self.read.acquire().await?)
            .await?;
        rows.iter()
            .map(|row| {
                Ok(NoticeLine {
                    notice: notice(row)?,
                    login: row.text("login")?,
                })
            })
            .collect()
    }

    /// What became of one session.
    pub async fn notices_of(&self, session: &SessionId) -> Result<Vec<LogoutDelivery>> {
        let sql = format!(
            "select {COLUMNS} from notices n join sessions s on s.id = n.session_id
             where n.session_id = $1 order by n.kind, n.party"
        );
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(session.as_str())
            .fetch_all(&mut *self.read.acquire().await?)
            .await?;
        rows.iter().map(notice).collect()
    }

    /// Whether a session has ended and its notices are not written yet.
    pub async fn is_untold(&self, parting: &BearerHash) -> Result<bool> {
        let row = sqlx::query(
            "select id from sessions
             where parting_hash = $1 and ended_at is not null and told_at is null",
        )
        .bind(parting.as_str())
        .fetch_optional(&mut *self.read.acquire().await?)
        .await?;
        Ok(row.is_some())
    }
}

impl Tx {
    /// Writes the notices of every session that has ended since the last time: for each client that
    /// redeemed something in it, and each other party that learned of it. Its admissions behind a
    /// gateway are deleted.
    pub async fn open_notices(&mut self, now: Time) -> Result<()> {
        let ended = sqlx::query(
            "update sessions set told_at = $1 where ended_at is not null and told_at is null
             returning id",
        )
        .bind(now.millis())
        .fetch_all(self.open.connection())
        .await?;
        for row in ended {
            for sql in [FROM_GRANTS, FROM_PARTIES] {
                sqlx::query(sql)
                    .bind(row.text("id")?)
                    .bind(now.millis())
                    .execute(self.open.connection())
                    .await?;
            }
            sqlx::query("delete from forward_auth_sessions where session_id = $1")
                .bind(row.text("id")?)
                .execute(self.open.connection())
                .await?;
        }
        Ok(())
    }

    /// The notice of a party that knows already: it was the one to say so.
    pub async fn insert_settled_notice(&mut self, at: &PartySession, now: Time) -> Result<()> {
        sqlx::query(
            "insert into notices (session_id, kind, party, subject, session_index, outcome, tries,
                 created_at, settled_at)
             values ($1, $2, $3, $4, $5, 'confirmed', 0, $6, $6)
             on conflict (session_id, kind, party, subject) do nothing",
        )
        .bind(at.session.as_str())
        .bind(at.kind.as_str())
        .bind(&at.party)
        .bind(&at.subject)
        .bind(at.index.as_deref())
        .bind(now.millis())
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// Notices that are due, the longest due first, without those of these parties
    /// ([`PartySession::line`]).
    pub async fn due_notices(
        &mut self,
        now: Time,
        without: &[String],
        most: i64,
    ) -> Result<Vec<PartySession>> {
        let sql = format!(
            "select session_id, kind, party, subject, session_index from notices
             where due_at <= $1 and {} order by due_at limit $2",
            none_of(LINE, 3, without.len())
        );
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(now.millis())
            .bind(most);
        for line in without {
            query = query.bind(line);
        }
        let rows = query.fetch_all(self.open.connection()).await?;
        rows.iter().map(party_session).collect()
    }

    /// Claims a notice that is due; a replica that dies loses the claim when the lease runs out.
    pub async fn claim_notice(
        &mut self,
        at: &PartySession,
        now: Time,
        lease: Duration,
    ) -> Result<Option<LogoutDelivery>> {
        let row = sqlx::query(
            "update notices set due_at = $1, tries = tries + 1
             where session_id = $2 and kind = $3 and party = $4 and subject = $5 and due_at <= $6
             returning session_id, kind, party, subject, session_index, outcome, tries,
                 last_error, created_at, settled_at,
                 (select user_id from sessions where id = notices.session_id) as user_id",
        )
        .bind((now + lease).millis())
        .bind(at.session.as_str())
        .bind(at.kind.as_str())
        .bind(&at.party)
        .bind(&at.subject)
        .bind(now.millis())
        .fetch_optional(self.open.connection())
        .await?;
        row.as_ref().map(notice).transpose()
    }

    /// Nothing that waits for this party is due before `until`: it rests as a whole.
    pub async fn rest_notices(&mut self, at: &PartySession, until: Time) -> Result<()> {
        let sql = format!("update notices set due_at = $1 where due_at < $1 and {LINE} = $2");
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(until.millis())
            .bind(at.line())
            .execute(self.open.connection())
            .await?;
        Ok(())
    }

    /// Says what became of a notice; `due` is when it is tried again.
    pub async fn settle_notice(
        &mut self,
        at: &PartySession,
        outcome: NoticeOutcome,
        due: Option<Time>,
        error: Option<&str>,
        now: Time,
    ) -> Result<()> {
        sqlx::query(
            "update notices set outcome = $1, due_at = $2, last_error = $3, settled_at = $4
             where session_id = $5 and kind = $6 and party = $7 and subject = $8",
        )
        .bind(outcome.as_str())
        .bind(due.map(Time::millis))
        .bind(error)
        .bind(due.is_none().then(|| now.millis()))
        .bind(at.session.as_str())
        .bind(at.kind.as_str())
        .bind(&at.party)
        .bind(&at.subject)
        .execute(self.open.connection())
        .await?;
        Ok(())
    }

    /// Tries what has failed once more, from the start.
    pub async fn retry_notice(
        &mut self,
        session: &SessionId,
        kind: PartyKind,
        party: &str,
        now: Time,
    ) -> Result<bool> {
        let done = sqlx::query(
            "update notices set outcome = 'waiting', due_at = $1, tries = 0, settled_at = null
             where session_id = $2 and kind = $3 and party = $4 and (outcome = 'failed'
               or (outcome = 'waiting' and last_error is not null))",
        )
        .bind(now.millis())
        .bind(session.as_str())
        .bind(kind.as_str())
        .bind(party)
        .execute(self.open.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// What the browser that leaves may see its notices by.
    pub async fn set_parting(&mut self, session: &SessionId, parting: &BearerHash) -> Result<()> {
        sqlx::query("update sessions set parting_hash = $1 where id = $2")
            .bind(parting.as_str())
            .bind(session.as_str())
            .execute(self.open.connection())
            .await?;
        Ok(())
    }
}

/// A client's subject is worked out when it is notified: it may be pairwise.
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

/// [`PartySession::line`].
const LINE: &str = "(kind || ' ' || party ||
    case when kind = 'cas' and session_index is not null then ' ' || session_index else '' end)";

fn party_session(row: &AnyRow) -> Result<PartySession> {
    let kind = row.text("kind")?;
    Ok(PartySession {
        session: SessionId::stored(row.text("session_id")?),
        kind: PartyKind::parse(&kind).ok_or_else(|| unknown(&kind))?,
        party: row.text("party")?,
        subject: row.text("subject")?,
        index: row.maybe_text("session_index")?,
    })
}

fn unknown(what: &str) -> Error {
    Error::Internal(format!("a notice is \"{what}\""))
}

fn notice(row: &AnyRow) -> Result<LogoutDelivery> {
    let outcome = row.text("outcome")?;
    Ok(LogoutDelivery {
        at: party_session(row)?,
        user: UserId::stored(row.text("user_id")?),
        outcome: NoticeOutcome::parse(&outcome).ok_or_else(|| unknown(&outcome))?,
        tries: row.number("tries")?,
        last_error: row.maybe_text("last_error")?,
        created_at: row.time("created_at")?,
        settled_at: row.maybe_time("settled_at")?,
    })
}
