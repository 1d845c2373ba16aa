//! The databases: SQLite in a new directory, PostgreSQL as a new database on the server that
//! `tests/with-postgres.sh` started.

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use tempfile::TempDir;
use url::Url;

use crate::{Result, load::Plan};

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// A place for the portal's files, and a database of its own.
pub struct Database {
    pub home: TempDir,
    /// Empty: SQLite's, in the data directory.
    pub url: String,
}

/// What can be measured here.
pub fn offered(plan: &Plan) -> Vec<Kind> {
    if !plan.postgres {
        return vec![Kind::Sqlite];
    }
    if server().is_none() {
        println!("\nPostgreSQL is left out: USHER_TEST_POSTGRES_URL names no server");
        return vec![Kind::Sqlite];
    }
    vec![Kind::Sqlite, Kind::Postgres]
}

#[expect(
    clippy::disallowed_methods,
    reason = "how with-postgres.sh says where its server is"
)]
fn server() -> Option<String> {
    std::env::var("USHER_TEST_POSTGRES_URL").ok()
}

impl Kind {
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }

    /// A new one, empty.
    pub async fn create(self) -> Result<Database> {
        let home = tempfile::tempdir().map_err(|error| error.to_string())?;
        let url = match self {
            Self::Sqlite => String::new(),
            Self::Postgres => create_on_server().await?,
        };
        Ok(Database { home, url })
    }
}

/// The server ends with the command that started it, and its databases with it.
async fn create_on_server() -> Result<String> {
    let server = server().ok_or("no PostgreSQL server")?;
    let mut url = Url::parse(&server).map_err(|error| error.to_string())?;
    let mut connection = PgConnection::connect(&server).await.map_err(text)?;
    let name = format!("usher_bench_{}", std::process::id());
    let drop = AssertSqlSafe(format!("drop database if exists {name} with (force)"));
    let create = AssertSqlSafe(format!("create database {name}"));
    connection.execute(drop).await.map_err(text)?;
    connection.execute(create).await.map_err(text)?;
    connection.close().await.map_err(text)?;
    url.set_path(&name);
    Ok(url.into())
}

pub fn text(error: sqlx::Error) -> String {
    error.to_string()
}
