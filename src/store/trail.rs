//! The audit trail for admins, and counts.

use super::{
    Store,
    event::{self, fact_columns},
    row::{Columns, Row, placeholders},
    statement::{Parameter, composed},
};
use crate::{
    clock::Time,
    error::Result,
    model::event::{EventFacts, EventKind},
};

/// The filter; an empty text matches all.
pub struct TrailFilter<'a> {
    /// A kind, or the noun of several: `sign_in` for `sign_in.failed` and others. The names of
    /// earlier releases are accepted, and rows with them are found by the new ones.
    pub kind: &'a str,
    /// The sign-in name or the id of a user.
    pub user: &'a str,
    /// Only lines after this one, further back in time.
    pub before: Option<TrailPlace<'a>>,
}

/// A line's place in the order of the trail.
pub struct TrailPlace<'a> {
    pub at: i64,
    pub id: &'a str,
    pub kind: &'a str,
}

/// One line: an event, and the current name of its user.
#[derive(Clone, Debug)]
pub struct TrailLine {
    pub id: String,
    pub at: Time,
    /// Its current name.
    pub kind: String,
    /// The stored name, which determines the order.
    pub stored_kind: String,
    pub user: Option<String>,
    pub login: Option<String>,
    /// The current name of the user who caused it, if a user did.
    pub actor_login: Option<String>,
    pub session: Option<String>,
    pub service: Option<String>,
    pub address: Option<String>,
    pub facts: EventFacts,
}

/// Numbers of users, sessions and others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub users: i64,
    pub disabled: i64,
    pub admins: i64,
    /// Living ones.
    pub sessions: i64,
}

impl Store {
    /// The newest lines first. Two lines of one launch may have the same id, and of one moment the
    /// same time: the place consists of all three.
    pub async fn trail(&self, filter: &TrailFilter<'_>, most: usize) -> Result<Vec<TrailLine>> {
        let place = filter.before.as_ref();
        let names = EventKind::stored_names(filter.kind);
        let (noun, most) = (
            format!("{}.", filter.kind),
            i64::try_from(most).unwrap_or(i64::MAX),
        );
        let (at, id, kind) =
            place.map_or((i64::MAX, "", ""), |place| (place.at, place.id, place.kind));
        let mut values: Vec<&dyn Parameter> =
            vec![&filter.kind, &noun, &filter.user, &at, &id, &kind, &most];
        values.extend(names.iter().map(|name| name as &dyn Parameter));
        let wanted = composed(trail_sql(names.len()), &values);
        self.read.acquire_slow().await?.all(wanted, line).await
    }

    /// The numbers of users and of living sessions: those seen since `idle_since` or remembered.
    pub async fn counts(&self, now: Time, idle_since: Time) -> Result<Counts> {
        self.only(
            "select (select count(*) from users) as people,
                    (select count(*) from users where disabled_at is not null) as disabled,
                    (select count(*) from users where admin_at is not null) as admins,
                    (select count(*) from sessions s join users u on u.id = s.user_id
                     where s.ended_at is null and s.expires_at > $1 and u.disabled_at is null
                       and (s.seen_at > $2 or s.remembered_at is not null)) as sessions",
            &[&now, &idle_since],
            counts,
        )
        .await
    }
}

fn counts(row: &Row<'_>) -> Result<Counts> {
    Ok(Counts {
        users: row.number("people")?,
        disabled: row.number("disabled")?,
        admins: row.number("admins")?,
        sessions: row.number("sessions")?,
    })
}

/// The statement for this many stored names of the kind. An unknown kind is searched by its own
/// name.
fn trail_sql(names: usize) -> String {
    let named = match names {
        0 => String::new(),
        _ => format!(" or a.kind in ({})", placeholders(8, names)),
    };
    format!(
        "select a.id, a.at, a.user_id, a.session_id, a.service, a.address, u.login,
                v.login as actor_login, {facts}
         from audit a left join users u on u.id = a.user_id
             left join users v on v.id = a.actor and a.actor_kind = 'user'
         where ($1 = '' or a.kind = $1 or substr(a.kind, 1, length($2)) = $2{named})
           and ($3 = '' or a.user_id = $3 or u.login = $3)
           and (a.at < $4 or (a.at = $4 and (a.id < $5 or (a.id = $5 and a.kind < $6))))
         order by a.at desc, a.id desc, a.kind desc limit $7",
        facts = fact_columns!()
    )
}

fn line(row: &Row<'_>) -> Result<TrailLine> {
    Ok(TrailLine {
        id: row.text("id")?,
        at: row.time("at")?,
        kind: event::kind(row)?,
        stored_kind: row.text("kind")?,
        user: row.maybe_text("user_id")?,
        login: row.maybe_text("login")?,
        actor_login: row.maybe_text("actor_login")?,
        session: row.maybe_text("session_id")?,
        service: row.maybe_text("service")?,
        address: row.maybe_text("address")?,
        facts: event::facts(row)?,
    })
}
