//! Changing the master key: everything that is sealed is sealed again, or nothing; and which key
//! opens a database, or a copy of it.

use std::collections::BTreeMap;

use serde_json::json;
use sqlx::{Column, Connection, Executor, Row};
use usher::{
    app::App,
    chance::Chance,
    config::Config,
    error::Error,
    keys::{
        FACTOR, MAIL, PLACES, Resealed, SESSION, Seal, SealedField, provider_purpose, rekey,
        unreadable,
    },
    model::event::{Actor, EventKind},
    queue,
};

use super::{HOUR, SECOND, published, sign_in, signed_by};
use crate::recovery::ask;
use support::{
    admin::make_admin,
    browser::Browser,
    campus::{self, theirs},
    draft::Draft,
    factor::{after_password, challenge, with_app, with_passkey},
    server::{PORTAL, TestServer, variable},
    shared_secret,
};

const OURS: Option<&str> = Some(PORTAL);
/// No server responds there: mails wait.
const MAIL_SERVER: [(&str, &str); 2] = [
    ("USHER_MAIL__URL", "smtp://127.0.0.1:1"),
    ("USHER_MAIL__FROM", "Usher <usher@usher.test>"),
];

/// Every user needs a second factor at sign-in.
const ALWAYS: &str = "[[assurance]]\ntitle = \"Everybody\"\nsecond_factor = true\n";

/// A new master key, and the seal it makes.
fn new_key() -> (String, Seal) {
    let chance = Chance::system();
    let text = Seal::generate(&chance).to_string();
    let seal = Seal::open(&text, chance).expect("a key");
    (text, seal)
}

async fn change(usher: &TestServer, old: &Seal, new: &Seal) -> Result<Vec<Resealed>, Error> {
    let events = &usher.app.sign_ins.events;
    let told = |_| events.by(Actor::Command, EventKind::MasterKeyChanged);
    rekey(&usher.app.store, old, new, told).await
}

/// Opens the database of this portal, or a copy of it, with another configuration.
async fn opened(usher: &TestServer, settings: &[(&str, &str)]) -> Result<App, Error> {
    let dir = tempfile::tempdir().expect("a directory");
    let mut variables = vec![
        ("USHER_SERVER__PUBLIC_URL", PORTAL),
        ("USHER_DATABASE__URL", usher.database.as_str()),
        ("USHER_DATA__DIR", dir.path().to_str().expect("readable")),
    ];
    variables.extend_from_slice(settings);
    let variables = variables.into_iter();
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config::layered(None, variables).expect("a good configuration");
    let clock = usher.clock.clone();
    let app = App::open(config, clock, Chance::system()).await;
    let key = dir.path().join("master.key");
    assert!(!key.exists(), "no key is made for a database that has one");
    app
}

async fn refused(usher: &TestServer, settings: &[(&str, &str)], words: &str) {
    match opened(usher, settings).await {
        Err(Error::MasterKey(why)) => assert!(why.contains(words), "{why}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it opened"),
    }
}

/// A portal with a sealed value in every column.
async fn full() -> TestServer {
    let usher = TestServer::configured(&MAIL_SERVER).await;
    let without = json!({ "metadata": null });
    let draft = campus::seed(campus::settings(without)).plus(shared_secret::SEED);
    usher.seed(&draft).await;
    // Second factors: an app and a passkey; a challenge.
    let (mut ana, ..) = with_app(&usher, "ana").await;
    with_passkey(&usher, "ben").await;
    challenge(&mut ana, "/account/factors/passkey/challenge").await;
    // A provider's document, and a user on the way there.
    let mut cleo = Browser::of(&usher, "cleo").await;
    make_admin(&usher, "cleo").await;
    let metadata = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("metadata", &theirs())
        .finish();
    let page = cleo
        .post("/admin/providers/campus/metadata", OURS, &metadata)
        .await;
    assert!(page.says("valid until"), "{}", page.text());
    let mut away = Browser::new(&usher);
    let attempt = away.peek("/sign-in").await.location().to_owned();
    away.peek(&format!("{attempt}/to/campus")).await;
    ask(&mut Browser::new(&usher), "ana").await;
    // A sign-in that awaits a second factor.
    usher.seed(&draft.plus(ALWAYS)).await;
    after_password(&mut Browser::new(&usher), "/", "ana").await;
    // The answer to a form, not yet shown.
    let mut stranger = Browser::new(&usher);
    let form = stranger.get("/sign-in").await;
    stranger.stays = true;
    let wrong = "provider=local&name=ana&password=wrong";
    stranger
        .peek_post(form.url.path(), Some("https://usher.test"), wrong)
        .await;
    // The upstream state of a session.
    let session = cleo.session().await.expect("signed in").session.id;
    let purpose = SESSION.of(&[session.as_str()]);
    let sealed = usher.app.parts.seal.seal(&purpose, b"an id_token");
    sqlx::query("update sessions set sealed_upstream = $1 where id = $2")
        .bind(sealed.expect("sealed"))
        .bind(session.as_str())
        .execute(&mut usher.connection().await)
        .await
        .expect("written");
    usher
}

/// Every text in the database by table, column and number of the row.
async fn dump(usher: &TestServer) -> BTreeMap<(String, String, usize), String> {
    let mut connection = usher.connection().await;
    let tables = if usher.database.starts_with("sqlite:") {
        "select name from sqlite_master where type = 'table' and name not like '\\_sqlx%' escape '\\'"
    } else {
        "select table_name::text from information_schema.tables
         where table_schema = 'public' and table_type = 'BASE TABLE' and table_name not like '\\_sqlx%'"
    };
    let tables: Vec<String> = sqlx::query_scalar(tables)
        .fetch_all(&mut connection)
        .await
        .expect("tables");
    assert!(tables.len() > 20, "{tables:?}");
    let mut all = BTreeMap::new();
    for table in tables {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            // A table may have one column; two are what it is sorted by.
            "select t.*, 0 as padding from {table} t order by 1, 2"
        )))
        .fetch_all(&mut connection)
        .await
        .expect("rows");
        for (number, row) in rows.iter().enumerate() {
            for column in row.columns() {
                if let Ok(Some(text)) = row.try_get::<Option<String>, _>(column.ordinal()) {
                    all.insert((table.clone(), column.name().to_owned(), number), text);
                }
            }
        }
    }
    all
}

/// Standard base64 without padding, of a nonce, a tag and what is between them. What we hash or
/// draw is in the other alphabet, but may have none of the letters in which they differ.
fn looks_sealed(text: &str) -> bool {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(text);
    bytes.is_ok_and(|bytes| bytes.len() >= 12 + 16)
}

fn is_a_place(table: &str, column: &str) -> bool {
    let places = PLACES.iter().map(|place| place.column);
    places
        .into_iter()
        .any(|known| known.table == table && known.column == column)
}

/// Columns of hashes, names and documents, some of which look like something sealed.
fn is_open(column: &str) -> bool {
    column.ends_with("_hash") || ["kid", "credential_id", "id", "slot", "name"].contains(&column)
}

/// A new sealed column that rekey does not know fails here.
#[tokio::test]
async fn everything_that_is_sealed_is_sealed_anew() {
    let usher = full().await;
    let before = dump(&usher).await;
    let (_, new) = new_key();
    let old = &usher.app.parts.seal;
    let done = change(&usher, old, &new).await.expect("done");
    for one in &done {
        assert!(one.resealed > 0, "the portal has no {}", one.what);
        assert_eq!(one.already, 0);
    }
    let after = dump(&usher).await;
    let mut columns = std::collections::BTreeSet::new();
    for ((table, column, number), text) in &after {
        if text.is_empty() {
            continue;
        }
        let same = before.get(&(table.clone(), column.clone(), *number)) == Some(text);
        if column.starts_with("sealed_") {
            columns.insert(format!("{table}.{column}"));
            assert!(!same, "{table}.{column} is as it was");
            assert!(is_a_place(table, column), "{table}.{column} is no place");
        } else if looks_sealed(text) && !is_open(column) {
            panic!("{table}.{column} looks sealed, and is not on the list: {text}");
        }
    }
    assert_eq!(columns.len(), PLACES.len(), "{columns:?}");
    assert_eq!(usher.events_named("master_key.changed").await, 1);
}

/// The schema and the list say the same, whether or not there is anything in a column.
#[tokio::test]
async fn every_sealed_column_of_the_schema_is_a_place() {
    let usher = TestServer::empty().await;
    let sql = if usher.database.starts_with("sqlite:") {
        "select m.name || '.' || c.name from sqlite_master m, pragma_table_info(m.name) c
         where m.type = 'table' and c.name like 'sealed%'"
    } else {
        "select table_name || '.' || column_name from information_schema.columns
         where table_schema = 'public' and column_name like 'sealed%'"
    };
    let mut found = usher.column(sql).await;
    let place = |place: &&SealedField| format!("{}.{}", place.column.table, place.column.column);
    let mut known: Vec<String> = PLACES.iter().map(place).collect();
    found.sort();
    known.sort();
    assert_eq!(found, known);
}

#[tokio::test]
async fn under_the_new_key_everything_goes_on() {
    let usher = TestServer::open().await;
    let (_, app, _) = with_app(&usher, "ana").await;
    let kids = published(&usher).await;
    let pairwise = |usher: &TestServer| {
        let user = usher::id::UserId::stored("usr_0".to_owned());
        usher.app.issuer.keys.pairwise("crm.test", &user)
    };
    let known_as = pairwise(&usher);
    let (text, new) = new_key();
    change(&usher, &usher.app.parts.seal, &new)
        .await
        .expect("done");
    let moved = usher.replica_with(&[("USHER_KEYS__MASTER", &text)]).await;
    assert_eq!(published(&moved).await, kids);
    assert_eq!(pairwise(&moved), known_as);
    assert_eq!(signed_by(&sign_in_as_ben(&moved).await), kids[0]);
    moved.seed(&Draft::sample().plus(ALWAYS)).await;
    let mut ana = Browser::new(&moved);
    let page = after_password(&mut ana, "/", "ana").await;
    let code = app.shows(moved.clock.now());
    let page = ana.fill(&page, &[("Code", &code)]).await;
    assert!(page.says("Hello, Ana"), "{}", page.text());
}

async fn sign_in_as_ben(usher: &TestServer) -> serde_json::Value {
    let mut ben = Browser::of(usher, "ben").await;
    let ask = support::relying_party::Ask::of("crm-eu");
    support::relying_party::tokens(usher, &mut ben, &ask)
        .await
        .0
}

#[tokio::test]
async fn the_old_key_opens_nothing_then_and_says_what_to_do() {
    let usher = TestServer::open().await;
    let old = std::fs::read_to_string(usher.scratch().join("master.key")).expect("the key");
    let (text, new) = new_key();
    change(&usher, &usher.app.parts.seal, &new)
        .await
        .expect("done");
    refused(
        &usher,
        &[("USHER_KEYS__MASTER", &old)],
        "after `usher rekey` it is the new one",
    )
    .await;
    let other = new_key().0;
    refused(
        &usher,
        &[("USHER_KEYS__MASTER", &other)],
        "is not the one that this database",
    )
    .await;
    refused(
        &usher,
        &[],
        "there is no master key: neither keys.master is set nor",
    )
    .await;
    assert!(
        opened(&usher, &[("USHER_KEYS__MASTER", &text)])
            .await
            .is_ok()
    );
    assert_eq!(
        usher.column("select kid from signing_keys").await.len(),
        4,
        "none was made"
    );
}

/// A process that runs under the old key would lose whatever it wrote.
#[tokio::test]
async fn a_portal_that_runs_under_the_old_key_ends_by_itself() {
    let usher = TestServer::open().await;
    let (_, new) = new_key();
    change(&usher, &usher.app.parts.seal, &new)
        .await
        .expect("done");
    let round = queue::round(&usher.app).await;
    assert!(matches!(round, Err(Error::MasterKey(_))), "{round:?}");
    let ended = queue::run(usher.app.clone()).await;
    assert!(matches!(ended, Error::MasterKey(_)), "{ended}");
}

#[tokio::test]
async fn a_value_that_neither_key_opens_is_named_and_nothing_is_changed() {
    let usher = full().await;
    let (_, other) = new_key();
    let foreign = other
        .seal(&provider_purpose("campus"), b"{}")
        .expect("sealed");
    sqlx::query("update identity_providers set sealed_settings = $1 where slug = 'campus'")
        .bind(foreign)
        .execute(&mut usher.connection().await)
        .await
        .expect("written");
    // What is sealed for another row is as void.
    let stolen = "update factors set sealed_secret = (select min(sealed_secret) from factors)";
    usher
        .connection()
        .await
        .execute(stolen)
        .await
        .expect("written");
    let before = dump(&usher).await;
    let (_, new) = new_key();
    let refused = change(&usher, &usher.app.parts.seal, &new).await;
    let why = refused.expect_err("refused").to_string();
    let campus = "identity_providers.sealed_settings of \"campus\"";
    assert!(
        why.contains(campus) && why.contains("nothing was changed"),
        "{why}"
    );
    assert!(why.contains("factors.sealed_secret of \"fac_"), "{why}");
    assert!(!why.contains("signing_keys"), "{why}");
    let lost = unreadable(&usher.app.store, &usher.app.parts.seal).await;
    let lost = lost.expect("looked");
    assert_eq!(lost.len(), 2, "`usher check` names the same: {lost:?}");
    assert!(lost.iter().all(|one| why.contains(one)), "{lost:?}");
    assert_eq!(dump(&usher).await, before);
    let (_, wrong) = new_key();
    let why = change(&usher, &wrong, &new)
        .await
        .expect_err("refused")
        .to_string();
    assert!(why.contains("more; nothing was changed"), "{why}");
    assert_eq!(dump(&usher).await, before);
}

#[tokio::test]
async fn run_again_it_does_what_is_left() {
    let usher = TestServer::open().await;
    let old = &usher.app.parts.seal;
    let (_, new) = new_key();
    change(&usher, old, &new).await.expect("done");
    // A portal that had not noticed yet.
    let (_browser, ..) = with_app(&usher, "ana").await;
    let lost = unreadable(&usher.app.store, &new).await.expect("looked");
    assert!(
        lost.len() == 1 && lost[0].starts_with("factors."),
        "{lost:?}"
    );
    let done = change(&usher, old, &new).await.expect("done");
    let of = |place: &SealedField| {
        let one = done.iter().find(|one| one.what == place.what);
        one.map(|one| (one.resealed, one.already))
    };
    assert_eq!(of(&FACTOR), Some((1, 0)));
    assert_eq!(of(&MAIL), Some((0, 0)));
    let done = change(&usher, old, &new).await.expect("done");
    assert!(done.iter().all(|one| one.resealed == 0), "{done:?}");
    let lost = unreadable(&usher.app.store, &new).await.expect("looked");
    assert!(lost.is_empty(), "{lost:?}");
    assert_eq!(usher.events_named("master_key.changed").await, 2);
}

/// A concurrent write is waited for, and not overwritten.
#[tokio::test]
async fn a_concurrent_write_stops_it_and_nothing_is_changed() {
    let usher = TestServer::open().await;
    let mut other = usher.connection().await;
    let begin = match usher.database.starts_with("sqlite:") {
        true => "begin immediate",
        false => "begin",
    };
    other.execute(begin).await.expect("begun");
    let write = "update identity_providers set title = 'x' where slug = 'local'";
    other.execute(write).await.expect("written");
    let before = usher
        .column("select sealed_key from signing_keys order by kid")
        .await;
    let (_, new) = new_key();
    let old = &usher.app.parts.seal;
    let away = change(&usher, old, &new).await;
    assert!(matches!(away, Err(Error::Away(_))), "{away:?}");
    other.execute("rollback").await.expect("ended");
    let after = usher
        .column("select sealed_key from signing_keys order by kid")
        .await;
    assert_eq!(before, after);
    change(&usher, old, &new).await.expect("done");
}

#[tokio::test]
async fn a_value_that_has_changed_is_not_overwritten() {
    let usher = TestServer::open().await;
    let store = &usher.app.store;
    let column = &usher::keys::PROVIDER.column;
    let mut tx = store.begin().await.expect("begun");
    let mut value = tx.sealed_values(column).await.expect("values").remove(0);
    value.sealed.push('x');
    assert!(!tx.reseal(column, &value, "anything").await.expect("asked"));
    value.sealed.pop();
    assert!(tx.reseal(column, &value, "anything").await.expect("asked"));
}

/// A copy of the database, as a backup has it.
async fn copy(usher: &TestServer) -> String {
    let mut connection = usher.connection().await;
    if usher.database.starts_with("sqlite:") {
        let path = usher.scratch().join("backup.db");
        let sql = format!("vacuum into '{}'", path.display());
        connection
            .execute(sqlx::AssertSqlSafe(sql))
            .await
            .expect("copied");
        return format!("sqlite:{}?mode=rwc", path.display());
    }
    // PostgreSQL copies a database without connections.
    connection.close().await.expect("closed");
    usher.app.store.close().await;
    let server = variable("USHER_TEST_POSTGRES_URL").expect("the server");
    let (base, name) = usher
        .database
        .rsplit_once('/')
        .expect("a URL with a database");
    let mut connection = sqlx::AnyConnection::connect(&server)
        .await
        .expect("it answers");
    let sql = format!("create database {name}_copy template {name}");
    connection
        .execute(sqlx::AssertSqlSafe(sql))
        .await
        .expect("copied");
    format!("{base}/{name}_copy")
}

#[tokio::test]
async fn a_restored_backup_signs_with_the_same_keys() {
    let usher = TestServer::open().await;
    let kids = published(&usher).await;
    let ids = signed_by(&sign_in(&usher).await);
    let copy = copy(&usher).await;
    let restored = usher.replica_with(&[("USHER_DATABASE__URL", &copy)]).await;
    usher.advance(HOUR + SECOND);
    assert_eq!(published(&restored).await, kids);
    assert_eq!(signed_by(&sign_in(&restored).await), ids);
}

#[tokio::test]
async fn a_backup_from_before_opens_with_the_old_key_only() {
    let usher = TestServer::open().await;
    let kids = published(&usher).await;
    let old = std::fs::read_to_string(usher.scratch().join("master.key")).expect("the key");
    let copy = copy(&usher).await;
    let restored = usher.replica_with(&[("USHER_DATABASE__URL", &copy)]).await;
    let (text, new) = new_key();
    change(&restored, &restored.app.parts.seal, &new)
        .await
        .expect("done");
    // The copy goes its own way: the one that was rekeyed refuses the old key, the other the new.
    let at_copy = ("USHER_DATABASE__URL", copy.as_str());
    let sentence = "is not the one that this database was encrypted with";
    refused(&usher, &[at_copy, ("USHER_KEYS__MASTER", &old)], sentence).await;
    refused(&usher, &[("USHER_KEYS__MASTER", &text)], sentence).await;
    let moved = usher
        .replica_with(&[at_copy, ("USHER_KEYS__MASTER", &text)])
        .await;
    assert_eq!(published(&moved).await, kids);
    assert!(
        opened(&usher, &[("USHER_KEYS__MASTER", &old)])
            .await
            .is_ok()
    );
}
