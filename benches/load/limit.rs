//! The bare limits for comparison, measured in the same run: signatures, a password hash, an HTTP
//! handler that does nothing, and a transaction of one small write.

use std::{process::Command, process::ExitCode, str::FromStr as _};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use axum::{routing::get, serve::ListenerExt as _};
use serde_json::json;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor as _, PgConnection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tempfile::TempDir;
use usher::protocol::jose::{Algorithm, SigningKey};

use crate::{
    Result,
    database::{Kind, text},
    http::Connection,
    load::{self, Plan, Work},
    measure::{Measured, repeat},
    process::{Running, free_port, own_cpu_ms},
    report,
};

/// The hidden argument by which this program starts itself as the empty server.
pub const EMPTY_SERVER: &str = "--empty-server";

/// CPU milliseconds of the bare steps.
#[derive(Clone, Copy, Default)]
pub struct Limits {
    pub es256: f64,
    pub rs256: f64,
    /// Bare signatures a second, on one core.
    pub es256_rate: f64,
    pub rs256_rate: f64,
    pub argon2: f64,
    pub request: f64,
    pub write: f64,
}

/// What does not depend on the database.
pub async fn measure(plan: &Plan) -> Result<Limits> {
    report::section("limits");
    let bare = bare_es256(plan)?;
    let (es256_rate, es256) = (bare.per_second, shown("ES256 signature, aws-lc-rs", bare));
    shown("ES256 id_token, SigningKey", token(plan, Algorithm::Es256)?);
    let bare = bare_rs256(plan)?;
    let (rs256_rate, rs256) = (bare.per_second, shown("RS256 signature, aws-lc-rs", bare));
    shown("RS256 id_token, SigningKey", token(plan, Algorithm::Rs256)?);
    let argon2 = shown("argon2id hash, 19 MiB, t = 2", password_hash(plan)?);
    let request = shown("empty axum handler", empty_handler(plan).await?);
    Ok(Limits {
        es256,
        rs256,
        es256_rate,
        rs256_rate,
        argon2,
        request,
        write: 0.0,
    })
}

impl Limits {
    /// With the cost of writing to this database.
    pub async fn with_writes(self, kind: Kind, plan: &Plan) -> Result<Self> {
        report::section(kind.name());
        let name = "limit: small write, by sqlx";
        let write = match kind {
            Kind::Sqlite => {
                shown(name, sqlite_writes(plan).await?);
                let measured = sqlite_in_bulk(plan).await?;
                shown("limit: small write, SQLite itself", measured)
            }
            Kind::Postgres => shown(name, postgres_writes(plan).await?),
        };
        Ok(Self { write, ..self })
    }
}

/// Prints the line; what counts of it from here on is its CPU time.
fn shown(name: &str, measured: Measured) -> f64 {
    report::row(name, &measured, None, None);
    measured.cpu.unwrap_or_default()
}

/// About as long as what an id_token's signature is over.
const MESSAGE: [u8; 900] = [b'x'; 900];

fn bare_es256(plan: &Plan) -> Result<Measured> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(crypto)?;
    let random = SystemRandom::new();
    repeat(plan.limit, || {
        pair.sign(&random, &MESSAGE).map(drop).map_err(crypto)
    })
}

fn bare_rs256(plan: &Plan) -> Result<Measured> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(crypto)?;
    let random = SystemRandom::new();
    let mut signature = vec![0; pair.public_modulus_len()];
    repeat(plan.limit, || {
        pair.sign(&RSA_PKCS1_SHA256, &random, &MESSAGE, &mut signature)
            .map_err(crypto)
    })
}

fn crypto(error: impl std::fmt::Display) -> String {
    format!("cryptography: {error}")
}

/// A whole token as the portal makes it.
fn token(plan: &Plan, algorithm: Algorithm) -> Result<Measured> {
    let (_, key) = SigningKey::generate(algorithm).map_err(crypto)?;
    let claims =
        json!({ "iss": "http://127.0.0.1:7000", "sub": "x".repeat(36), "ctx": "x".repeat(500) });
    repeat(plan.limit, || {
        key.sign(Some("JWT"), &claims).map(drop).map_err(crypto)
    })
}

fn password_hash(plan: &Plan) -> Result<Measured> {
    let params = argon2::Params::new(19 * 1024, 2, 1, None).map_err(crypto)?;
    let hasher = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut hash = [0; 32];
    repeat(plan.limit, || {
        hasher
            .hash_password_into(b"password", b"sixteen bytes ok", &mut hash)
            .map_err(crypto)
    })
}

/// Runs in the child: answers "ok", with as many threads as the portal has.
pub fn serve_nothing(port: &str) -> ExitCode {
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .and_then(|runtime| {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
                let listener = listener.tap_io(|stream| {
                    let _ = stream.set_nodelay(true);
                });
                let router = axum::Router::new().route("/", get(async || "ok"));
                axum::serve(listener, router).await
            })
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

async fn empty_handler(plan: &Plan) -> Result<Measured> {
    let port = free_port()?;
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command.args([EMPTY_SERVER, &port.to_string()]);
    let mut server = Running::start(&mut command)?;
    drop(server.wait_for(port).await?);
    let mut works = Vec::new();
    for _ in 0..plan.connections {
        let connection = Connection::open(port).await?;
        works.push(Nothing(connection));
    }
    load::run(works, &for_limit(plan), || server.cpu_ms()).await
}

fn for_limit(plan: &Plan) -> Plan {
    Plan {
        measured: plan.limit,
        ..*plan
    }
}

struct Nothing(Connection);

impl Work for Nothing {
    async fn once(&mut self) -> Result<()> {
        let answer = self.0.ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
        match answer.await?.expect(200, "the empty handler")?.body {
            b"ok" => Ok(()),
            _ => Err("the empty handler does not say \"ok\"".to_owned()),
        }
    }
}

const TABLE: &str = "create table writes (id bigint primary key, text text not null)";
const WRITE: &str = "insert into writes (id, text) values ($1, 'a small row')";
/// So many transactions go to SQLite in one call, so that the way to it does not count.
const BULK: u32 = 100;
const SELF_NUMBERED: &str = "create table writes (id integer primary key, text text not null)";
const WHOLE_WRITE: &str =
    "begin immediate; insert into writes (text) values ('a small row'); commit;";

/// One writer, as SQLite has it, a call for each statement.
async fn sqlite_writes(plan: &Plan) -> Result<Measured> {
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let connection = sqlite(&home, TABLE).await?;
    let works = vec![SqliteWrite { connection, id: 0 }];
    load::run(works, &for_limit(plan), own_cpu_ms).await
}

/// The same work without the driver between.
async fn sqlite_in_bulk(plan: &Plan) -> Result<Measured> {
    let home = tempfile::tempdir().map_err(|error| error.to_string())?;
    let connection = sqlite(&home, SELF_NUMBERED).await?;
    let works = vec![SqliteBulk {
        connection,
        script: WHOLE_WRITE.repeat(BULK as usize),
    }];
    let bulk = load::run(works, &for_limit(plan), own_cpu_ms).await?;
    Ok(bulk.each_of(BULK))
}

async fn sqlite(home: &TempDir, table: &'static str) -> Result<SqliteConnection> {
    let url = format!("sqlite:{}", home.path().join("writes.db").display());
    let options = SqliteConnectOptions::from_str(&url)
        .map_err(text)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal);
    let mut connection = SqliteConnection::connect_with(&options)
        .await
        .map_err(text)?;
    connection.execute(table).await.map_err(text)?;
    Ok(connection)
}

struct SqliteBulk {
    connection: SqliteConnection,
    script: String,
}

impl Work for SqliteBulk {
    async fn once(&mut self) -> Result<()> {
        let script = sqlx::raw_sql(AssertSqlSafe(self.script.clone()));
        let done = script.execute(&mut self.connection).await;
        done.map(drop).map_err(text)
    }
}

struct SqliteWrite {
    connection: SqliteConnection,
    id: i64,
}

impl Work for SqliteWrite {
    async fn once(&mut self) -> Result<()> {
        self.id += 1;
        let begun = self.connection.begin_with("begin immediate").await;
        let mut tx = begun.map_err(text)?;
        let insert = sqlx::query(WRITE).bind(self.id).execute(&mut *tx);
        insert.await.map_err(text)?;
        tx.commit().await.map_err(text)
    }
}

/// As many writers as the portal's pool has.
async fn postgres_writes(plan: &Plan) -> Result<Measured> {
    let database = Kind::Postgres.create().await?;
    let mut works = Vec::new();
    for writer in 0..plan.connections {
        let connected = PgConnection::connect(&database.url).await;
        let mut connection = connected.map_err(text)?;
        if writer == 0 {
            connection.execute(TABLE).await.map_err(text)?;
        }
        let id = i64::try_from(writer).unwrap_or_default() << 32;
        works.push(PostgresWrite { connection, id });
    }
    load::run(works, &for_limit(plan), own_cpu_ms).await
}

struct PostgresWrite {
    connection: PgConnection,
    id: i64,
}

impl Work for PostgresWrite {
    async fn once(&mut self) -> Result<()> {
        self.id += 1;
        let mut tx = self.connection.begin().await.map_err(text)?;
        let insert = sqlx::query(WRITE).bind(self.id).execute(&mut *tx);
        insert.await.map_err(text)?;
        tx.commit().await.map_err(text)
    }
}
