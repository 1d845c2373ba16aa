//! An upgrade: a portal that was created by the first version, with a row in every table that each
//! version added, is taken through all migrations and loses none of them.

pub mod release;

use std::{borrow::Cow, collections::BTreeMap, path::Path};

use sqlx::{
    AnyConnection, AssertSqlSafe, Executor, Row,
    migrate::{Migration, Migrator},
};
use usher::store::Store;

use support::server::{TestServer, scratch_database};

/// Tables whose rows are in `pending_requests` now: `upgrade/release.rs` answers those of a release.
const MERGED: &[&str] = &[
    "authorizations",
    "saml_requests",
    "cas_requests",
    "discourse_requests",
    "gate_knocks",
];

/// Tables that have another name now.
const MOVED: &[(&str, &str)] = &[
    ("trips", "upstream_requests"),
    ("gate_tickets", "forward_auth_tickets"),
    ("gate_sessions", "forward_auth_sessions"),
];

/// Columns that have another name now. Of a replica of the previous version, only the statements
/// that claim recurring jobs read them: those are left to the replicas of this version.
const RENAMED: &[(&str, &str, &str)] = &[
    ("jobs", "claimed_until", "lease_until"),
    ("jobs", "failures", "tries"),
];

/// A table's columns: whether each is a number.
type Columns = BTreeMap<String, bool>;
type Tables = BTreeMap<String, Columns>;

async fn migrations() -> Vec<Migration> {
    let migrator = Migrator::new(Path::new("migrations")).await;
    migrator.expect("migrations").migrations.into_owned()
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// What the database has now.
async fn tables(connection: &mut AnyConnection, url: &str) -> Tables {
    let sql = match is_sqlite(url) {
        true => {
            "select t.name, c.name, lower(c.type) from sqlite_master t
             join pragma_table_info(t.name) c where t.type = 'table'"
        }
        false => {
            "select c.table_name::text, c.column_name::text, c.data_type::text
             from information_schema.columns c join information_schema.tables t
                 on t.table_name = c.table_name and t.table_schema = c.table_schema
             where c.table_schema = 'public' and t.table_type = 'BASE TABLE'"
        }
    };
    let rows = sqlx::query(sql).fetch_all(connection).await;
    let mut tables = Tables::new();
    for row in rows.expect("a schema") {
        let text = |at: usize| row.try_get::<String, _>(at).expect("a text");
        if !text(0).starts_with("_sqlx") && !text(0).starts_with("sqlite_") {
            let column = (text(1), text(2) == "bigint");
            tables.entry(text(0)).or_default().extend([column]);
        }
    }
    tables
}

/// The same value in every column: whatever refers to whatever, it is there. An empty JSON object
/// is a text like any other.
async fn fill(connection: &mut AnyConnection, url: &str, name: &str, columns: &Columns) {
    let names: Vec<&str> = columns.keys().map(String::as_str).collect();
    let values: Vec<&str> = columns
        .values()
        .map(|is_number| if *is_number { "7" } else { "'{}'" })
        .collect();
    let sql = format!(
        "insert into {name} ({}) values ({})",
        names.join(", "),
        values.join(", ")
    );
    let lenient = match is_sqlite(url) {
        true => "pragma foreign_keys = off",
        false => "set session_replication_role = replica",
    };
    connection.execute(lenient).await.expect("a setting");
    let done = connection.execute(AssertSqlSafe(sql)).await;
    done.unwrap_or_else(|error| panic!("{name}: {error}"));
}

async fn is_kept(connection: &mut AnyConnection, name: &str, columns: &Columns) -> bool {
    let each: Vec<String> = columns
        .iter()
        .map(|(column, is_number)| match is_number {
            true => format!("{column} = 7"),
            false => format!("{column} = '{{}}'"),
        })
        .collect();
    let sql = format!("select 1 from {name} where {}", each.join(" and "));
    let found = sqlx::query(AssertSqlSafe(sql)).fetch_optional(connection);
    found.await.expect("an answer").is_some()
}

fn renamed(table: &str, columns: &Columns) -> Columns {
    let now = |column: &str| {
        let row = RENAMED
            .iter()
            .find(|(at, before, _)| (*at, *before) == (table, column));
        row.map_or(column, |(_, _, now)| *now).to_owned()
    };
    let each = columns.iter();
    each.map(|(column, is_number)| (now(column), *is_number))
        .collect()
}

#[tokio::test]
async fn an_upgrade_keeps_a_row_of_every_table_through_all_migrations() {
    let dir = tempfile::tempdir().expect("a directory");
    let url = scratch_database(&dir).await;
    let all = migrations().await;
    let store = Store::open(&url).await.expect("a database");
    let mut connection = TestServer::connect(&url).await;
    let mut filled = Tables::new();
    for upto in 1..=all.len() {
        let some = Migrator {
            migrations: Cow::Owned(all[..upto].to_vec()),
            ..Migrator::DEFAULT
        };
        some.run(&mut connection).await.expect("migrated");
        for (name, columns) in tables(&mut connection, &url).await {
            // What is there from the start is not ours to fill.
            if name == "facts" || MERGED.contains(&name.as_str()) || filled.contains_key(&name) {
                continue;
            }
            // A migration may have copied it from what was there.
            if !is_kept(&mut connection, &name, &columns).await {
                fill(&mut connection, &url, &name, &columns).await;
            }
            filled.insert(name, columns);
        }
    }
    assert!(filled.len() > 40, "{:?}", filled.keys());
    store.migrate().await.expect("nothing is left to do");
    assert!(store.pending_migrations().await.expect("a list").is_empty());
    let now = tables(&mut connection, &url).await;
    for (name, columns) in &filled {
        let columns = &renamed(name, columns);
        let moved = MOVED.iter().find(|(before, _)| before == name);
        let name = moved.map_or(name.as_str(), |(_, now)| *now);
        let still = now.get(name);
        let still = still.unwrap_or_else(|| panic!("the table {name} is gone"));
        for column in columns.keys() {
            assert!(still.contains_key(column), "{name}.{column} is gone");
        }
        assert!(is_kept(&mut connection, name, columns).await, "{name}");
    }
    store.close().await;
}

/// Beside it the real thing: the newest schema opens on a database that only has the oldest.
#[tokio::test]
async fn a_portal_opens_on_the_database_of_the_first_version() {
    let dir = tempfile::tempdir().expect("a directory");
    let url = scratch_database(&dir).await;
    let mut connection = TestServer::connect(&url).await;
    let first = Migrator {
        migrations: Cow::Owned(migrations().await[..1].to_vec()),
        ..Migrator::DEFAULT
    };
    first.run(&mut connection).await.expect("migrated");
    let store = Store::open(&url).await.expect("a database");
    assert!(store.pending_migrations().await.expect("a list").len() > 15);
    store.migrate().await.expect("migrated");
    assert!(store.pending_migrations().await.expect("a list").is_empty());
    store.ping().await.expect("it answers");
    store.close().await;
}

/// What waited in the three queues of before waits in the one.
#[tokio::test]
async fn jobs_mails_and_notices_that_wait_are_carried_into_the_queue() {
    let dir = tempfile::tempdir().expect("a directory");
    let url = scratch_database(&dir).await;
    let mut connection = TestServer::connect(&url).await;
    let mut before = migrations().await;
    before.retain(|one| one.version < 121);
    let before = Migrator {
        migrations: Cow::Owned(before),
        ..Migrator::DEFAULT
    };
    before.run(&mut connection).await.expect("migrated");
    for sql in [
        "insert into jobs (id, kind, due_at, claimed_until, failures)
         values ('job_1', 'sweep', 100, 900, 1)",
        "insert into mails (id, sealed_message, party, created_at, due_at, failures, sent_at)
         values ('eml_1', 'x', 'example.org', 1, 200, 3, null), ('eml_2', '', '', 1, 5, 20, null),
             ('eml_3', '', '', 1, 5, 1, 6)",
        "insert into notices
             (session_id, kind, party, subject, session_index, outcome, tries, due_at, created_at)
         values ('ses_1', 'cas', 'wiki', 'ST-1', 'eu', 'waiting', 2, 300, 1),
             ('ses_1', 'oidc', 'crm-eu', 'ana', null, 'confirmed', 1, null, 1)",
    ] {
        connection.execute(sql).await.expect("rows");
    }
    let store = Store::open(&url).await.expect("a database");
    store.migrate().await.expect("migrated");
    let jobs = "select id || ': ' || kind || ', ' || key || ', ' || tries || ', '
                    || coalesce(cast(due_at as text), 'dead')
                from jobs order by kind, id";
    let jobs: Vec<String> = sqlx::query_scalar(jobs)
        .fetch_all(&mut connection)
        .await
        .expect("a list");
    assert_eq!(
        jobs,
        [
            "ses_1 cas 4 wiki ST-1: logout, cas wiki eu, 2, 300",
            "eml_1: mail, example.org, 3, 200",
            "eml_2: mail, , 20, dead",
            "sweep: sweep, , 1, 900",
        ]
    );
    store.close().await;
}
