//! The upgrade from the previous release. `release.json` is a database that this release wrote
//! while its users signed in, opened applications and set up their factors, and the values that
//! they and their applications have held since. Here the same database is upgraded, and each value
//! is presented to the portal that runs now. The master key in the file belongs to this test alone.
//!
//! Nothing here reads a table after the upgrade: what is stored where may change, what users and
//! applications see may not.

mod applications;
mod notifications;
mod pending;
mod users;

use std::{borrow::Cow, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Map, Value};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor, migrate::Migrator};
use tempfile::TempDir;
use usher::clock::{Clock, Time};

use super::migrations;
use support::{
    authenticator::{App, Passkey},
    browser::Browser,
    server::{TestServer, scratch_database},
};

/// The cookie of a browser that a user trusts.
const TRUSTED: &str = "__Host-usher-trusted";
/// Where the CRM of the fixture is notified of logouts; nothing listens there.
const UNREACHABLE: &str = "http://127.0.0.1:9/yes";
const MINUTE: Duration = Duration::from_secs(60);

/// What the previous release left.
pub struct Release(Value);

impl Release {
    pub fn read() -> Self {
        let text = include_str!("release.json");
        Self(serde_json::from_str(text).expect("JSON"))
    }

    /// The portal of now on that database, a minute later.
    pub async fn upgraded(&self) -> TestServer {
        self.upgraded_with(&[]).await
    }

    /// The same with settings of its own.
    pub async fn upgraded_with(&self, settings: &[(&str, &str)]) -> TestServer {
        self.opened(settings, MINUTE, UNREACHABLE).await
    }

    /// The same after another time.
    async fn upgraded_after(&self, span: Duration) -> TestServer {
        self.opened(&[], span, UNREACHABLE).await
    }

    /// The same where the CRM is notified of logouts at this address.
    async fn upgraded_beside(&self, address: &str) -> TestServer {
        self.opened(&[], MINUTE, address).await
    }

    async fn opened(&self, more: &[(&str, &str)], after: Duration, address: &str) -> TestServer {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let database = self.restored(&dir, address).await;
        let key = self.text("/master_key");
        std::fs::write(dir.path().join("master.key"), key).expect("a file");
        let mut settings = vec![("USHER_NET__ALLOW", "127.0.0.1")];
        settings.extend_from_slice(more);
        let clock = Clock::manual(self.made_at() + after);
        TestServer::on(dir, database, &settings, clock).await
    }

    /// When the previous release stopped.
    fn made_at(&self) -> Time {
        let made = self.0["made_at"].as_i64();
        Time::from_secs(made.expect("a time"))
    }

    /// The value at a JSON pointer.
    fn at(&self, pointer: &str) -> &Value {
        let found = self.0.pointer(pointer);
        found.unwrap_or_else(|| panic!("the fixture has no {pointer}"))
    }

    fn text(&self, pointer: &str) -> &str {
        let text = self.at(pointer).as_str();
        text.unwrap_or_else(|| panic!("{pointer} is no text"))
    }

    /// A value that a user or an application holds.
    pub fn bearer(&self, name: &str) -> &str {
        self.text(&format!("/bearer/{name}"))
    }

    fn list(&self, pointer: &str) -> &[Value] {
        let list = self.at(pointer).as_array();
        list.unwrap_or_else(|| panic!("{pointer} is no list"))
    }

    /// The browser in which a user signed in before the upgrade.
    pub fn signed_in<'a>(&self, usher: &'a TestServer, login: &str) -> Browser<'a> {
        self.browser(usher, &format!("/bearer/sessions/{login}"))
    }

    /// A new browser with the cookies at this pointer.
    fn browser<'a>(&self, usher: &'a TestServer, pointer: &str) -> Browser<'a> {
        let mut browser = Browser::new(usher);
        let cookies: &Map<String, Value> = self.at(pointer).as_object().expect("cookies");
        for (name, value) in cookies {
            let value = value.as_str().expect("a text");
            browser.set_cookie("usher.test", name, value);
        }
        browser
    }

    /// Ana's authenticator app.
    fn app(&self) -> App {
        App::typed(self.bearer("totp_key"))
    }

    /// Ben's passkey.
    fn passkey(&self) -> Passkey {
        let part = |name: &str| decoded(self.bearer(&format!("passkey/{name}")));
        Passkey::of(&part("pkcs8"), &part("id"), &part("user"))
    }

    /// A database with the schema and the rows of that release.
    async fn restored(&self, dir: &TempDir, address: &str) -> String {
        let url = scratch_database(dir).await;
        let mut connection = TestServer::connect(&url).await;
        self.create_schema(&mut connection).await;
        connection.execute("begin").await.expect("a transaction");
        for table in self.list("/tables") {
            insert(&mut connection, table, address).await;
        }
        connection.execute("commit").await.expect("committed");
        connection.close().await.expect("closed");
        url
    }

    async fn create_schema(&self, connection: &mut AnyConnection) {
        let applied = self.list("/migrations");
        let newest = applied.last().and_then(|one| one["version"].as_i64());
        let newest = newest.expect("a version");
        let mut some = migrations().await;
        some.retain(|one| one.version <= newest);
        assert_eq!(some.len(), applied.len(), "a released migration is missing");
        let some = Migrator {
            migrations: Cow::Owned(some),
            ..Migrator::DEFAULT
        };
        some.run(&mut *connection).await.expect("migrated");
    }
}

fn decoded(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

/// Replaces the rows of a table: migrations fill one with a first row.
async fn insert(connection: &mut AnyConnection, table: &Value, address: &str) {
    let name = table["name"].as_str().expect("a name");
    let delete = AssertSqlSafe(format!("delete from {name}"));
    connection.execute(delete).await.expect("emptied");
    let columns = table["columns"].as_array().expect("columns");
    let columns: Vec<&str> = columns.iter().filter_map(Value::as_str).collect();
    let columns = columns.join(", ");
    for row in table["rows"].as_array().expect("rows") {
        let row = row.as_array().expect("a row");
        let sql = format!("insert into {name} ({columns}) values ({})", places(row));
        let mut query = sqlx::query::<sqlx::Any>(AssertSqlSafe(sql));
        for value in row.iter().filter(|value| !value.is_null()) {
            query = match value.as_str() {
                Some(text) => query.bind(text.replace(UNREACHABLE, address)),
                None => query.bind(value.as_i64().expect("a number")),
            };
        }
        let done = query.execute(&mut *connection).await;
        done.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

/// A numbered place for each value; none has no type of its own and is written out.
fn places(row: &[Value]) -> String {
    let mut number = 0;
    let places = row.iter().map(|value| match value {
        Value::Null => "null".to_owned(),
        _ => {
            number += 1;
            format!("${number}")
        }
    });
    places.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn a_migration_of_the_previous_release_is_unchanged() {
    let release = Release::read();
    let files = migrations().await;
    for applied in release.list("/migrations") {
        let version = applied["version"].as_i64();
        let file = files.iter().find(|file| Some(file.version) == version);
        let file = file.unwrap_or_else(|| panic!("migration {version:?} is missing"));
        let checksum = file.checksum.iter().map(|byte| format!("{byte:02x}"));
        assert_eq!(
            applied["checksum"],
            checksum.collect::<String>(),
            "a database that has applied migration {version:?} would not open any more"
        );
    }
}
