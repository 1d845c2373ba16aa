//! A copy of a SQLite database while it is in use: `vacuum into` reads one snapshot, regardless of
//! concurrent writers, so it always finishes.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use sqlx::{ConnectOptions, Connection, SqliteConnection, sqlite::SqliteConnectOptions};

use crate::error::{Error, Result};

/// The file of a SQLite database; `None` for one in memory, and for another database.
pub fn database_file(url: &str) -> Option<PathBuf> {
    let options = SqliteConnectOptions::from_str(url).ok()?;
    let file = options.get_filename();
    let is_file = url.starts_with("sqlite:") && !url.contains(":memory:");
    (is_file && !url.contains("mode=memory")).then(|| file.to_path_buf())
}

/// Writes a copy of the database in `file` to `to`, which must be empty or not exist. It is read
/// completely before this returns: an incomplete copy is an error.
pub async fn copy_database(file: &Path, to: &Path) -> Result<()> {
    let target = to
        .to_str()
        .ok_or_else(|| Error::Invalid(format!("{}: the name is no readable text", to.display())))?;
    let mut source = opened(file).await?;
    sqlx::query("vacuum into ?1")
        .bind(target)
        .execute(&mut source)
        .await?;
    source.close().await?;
    examine(to).await
}

/// Checks that a file is a complete database of ours.
async fn examine(file: &Path) -> Result<()> {
    let mut copy = opened(file).await?;
    let found: Vec<String> = sqlx::query_scalar("pragma integrity_check")
        .fetch_all(&mut copy)
        .await?;
    let migrations: i64 = sqlx::query_scalar("select count(*) from _sqlx_migrations")
        .fetch_one(&mut copy)
        .await?;
    copy.close().await?;
    if found != ["ok"] || migrations == 0 {
        let found = found.join("; ");
        return Err(Error::Invalid(format!(
            "the copy is not whole: {found}; check the database itself"
        )));
    }
    Ok(())
}

/// Without a deadline for its statements, and without creating a missing file.
async fn opened(file: &Path) -> Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(false)
        .read_only(true)
        .disable_statement_logging();
    Ok(options.connect().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_a_database_is_found_in_its_address() {
        for (url, file) in [
            ("sqlite:usher.db", Some("usher.db")),
            (
                "sqlite:/var/lib/a b/usher.db?mode=rwc",
                Some("/var/lib/a b/usher.db"),
            ),
            ("sqlite:///var/usher.db", Some("/var/usher.db")),
            ("sqlite::memory:", None),
            ("postgres://u@h/usher", None),
        ] {
            let found = database_file(url);
            assert_eq!(found.as_deref(), file.map(Path::new), "{url}");
        }
    }
}
