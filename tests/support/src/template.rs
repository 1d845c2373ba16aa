//! The common state of all tests: a migrated database, the keys, the seeded users. Made once per
//! build of the portal, under a lock, for the tests of all crates; a test begins with a copy.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;
use usher::{
    clock::{Clock, Time},
    id::sha256,
};

use super::{
    draft::Draft,
    process::{built, in_target},
    server::{TestServer, variable},
};

/// Templates of builds that are no longer run.
const OLD: Duration = Duration::from_secs(6 * 3600);

/// Copies the template with this seed into `dir`; the database's address.
pub async fn copied(dir: &TempDir, seed: Option<&Draft>, start: Time) -> String {
    let template = Template::of(seed);
    template.make_once(seed, start).await;
    fs::copy(
        template.dir.join("master.key"),
        dir.path().join("master.key"),
    )
    .expect("the master key is copied");
    match &template.server {
        None => {
            let file = dir.path().join("usher.db");
            fs::copy(template.dir.join("usher.db"), &file).expect("the database is copied");
            format!("sqlite:{}?mode=rw", file.display())
        }
        Some(server) => {
            let random = dir.path().file_name().expect("a name").to_string_lossy();
            let name = format!("test_{}", plain(&random));
            let sql = format!("create database {name} template {}", template.name);
            run(server, &sql).await;
            at(server, &name)
        }
    }
}

struct Template {
    name: String,
    dir: PathBuf,
    /// PostgreSQL's address; SQLite's file lies in the directory.
    server: Option<String>,
}

impl Template {
    fn of(seed: Option<&Draft>) -> Self {
        let server = variable("USHER_TEST_DATABASE")
            .filter(|kind| kind == "postgres")
            .and_then(|_| variable("USHER_TEST_POSTGRES_URL"));
        let seed = seed.map(Draft::toml);
        let of = format!("{} {seed:?} {server:?}", build());
        let name = format!("template_{}", plain(&sha256(&of)));
        Self {
            dir: home().join(&name),
            name,
            server,
        }
    }

    /// Of all tests that want it at once, one makes it.
    async fn make_once(&self, seed: Option<&Draft>, start: Time) {
        fs::create_dir_all(home()).expect("a directory for templates");
        let lock = File::create(self.dir.with_extension("lock")).expect("a lock");
        lock.lock().expect("it is ours");
        if self.is_there().await {
            return;
        }
        forget_old();
        let _ = fs::remove_dir_all(&self.dir);
        let dir = tempfile::tempdir_in(home()).expect("a directory");
        let database = match &self.server {
            None => format!("sqlite:{}?mode=rwc", dir.path().join("usher.db").display()),
            Some(server) => {
                run(server, &format!("drop database if exists {}", self.name)).await;
                run(server, &format!("create database {}", self.name)).await;
                at(server, &self.name)
            }
        };
        let portal = TestServer::on(dir, database, &[], Clock::manual(start)).await;
        if let Some(seed) = seed {
            portal.seed(seed).await;
        }
        portal.app.store.close().await;
        fs::rename(portal.into_dir().keep(), &self.dir).expect("it has its name");
    }

    async fn is_there(&self) -> bool {
        let is_made = self.dir.join("master.key").exists();
        match &self.server {
            None => is_made,
            Some(server) => is_made && exists(server, &self.name).await,
        }
    }
}

fn home() -> PathBuf {
    in_target("tmp/templates")
}

/// What a template depends on besides its seed. Cargo links the portal's program before the tests
/// run and whenever the library changed, so its file stands for the migrations and the code that
/// seeds; the two sources stand for how the template is made.
fn build() -> String {
    let path = built("usher");
    let about = fs::metadata(&path).expect("the portal's program");
    let making = sha256(concat!(
        include_str!("server.rs"),
        include_str!("template.rs")
    ));
    format!("{path:?} {} {:?} {making}", about.len(), about.modified())
}

fn forget_old() {
    let is_old = |path: &Path| {
        let made = fs::metadata(path).and_then(|about| about.modified());
        let age = made.map(|made| SystemTime::elapsed(&made).unwrap_or_default());
        age.is_ok_and(|age| age > OLD)
    };
    let entries = fs::read_dir(home()).into_iter().flatten().flatten();
    for path in entries
        .map(|entry| entry.path())
        .filter(|path| is_old(path))
    {
        let _ = fs::remove_dir_all(&path);
        let _ = fs::remove_file(&path);
    }
}

/// Letters and digits, small: what a database may be called unquoted.
fn plain(text: &str) -> String {
    let letters = text.bytes().filter(u8::is_ascii_alphanumeric);
    letters
        .map(|byte| format!("{byte:02x}"))
        .collect::<String>()
        .chars()
        .take(40)
        .collect()
}

fn at(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').expect("a URL with a database");
    format!("{base}/{name}")
}

async fn run(server: &str, sql: &str) {
    let mut connection = PgConnection::connect(server).await.expect("PostgreSQL");
    let done = connection
        .execute(sqlx::AssertSqlSafe(sql.to_owned()))
        .await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

async fn exists(server: &str, name: &str) -> bool {
    let mut connection = PgConnection::connect(server).await.expect("PostgreSQL");
    let found = sqlx::query("select 1 from pg_database where datname = $1")
        .bind(name)
        .fetch_optional(&mut connection);
    found.await.expect("an answer").is_some()
}
