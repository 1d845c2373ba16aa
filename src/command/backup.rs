//! `usher backup FILE`: a complete copy of the database in one new file that others cannot read.
//! The portal may run meanwhile.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    process::ExitCode,
};

use crate::{
    config::Config,
    error::{Error, Result},
    store::{copy_database, database_file},
};

pub async fn run(config: &Config, to: &Path) -> Result<ExitCode> {
    let Some(database) = database_file(&config.database.url) else {
        print_error!(
            "usher: this command is for SQLite only. For PostgreSQL: pg_dump --format=custom \
             --file={} \"$DATABASE_URL\" (docs/operations.md)",
            to.display()
        );
        return Ok(ExitCode::FAILURE);
    };
    if !database.is_file() {
        return Err(at(&database, "there is no database to back up"));
    }
    refuse_to_overwrite(to)?;
    let unfinished = Unfinished::beside(to)?;
    copy_database(&database, &unfinished.0).await?;
    unfinished.keep_as(to)?;
    print_line!("backup written: {}", to.display());
    print_line!(
        "It needs the current master key, which is not part of it: keep both, in separate places."
    );
    Ok(ExitCode::SUCCESS)
}

fn refuse_to_overwrite(to: &Path) -> Result<()> {
    match fs::symlink_metadata(to) {
        Ok(_) => Err(at(to, "exists already; a backup does not overwrite files")),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(at(to, &error.to_string())),
    }
}

/// A file that is deleted unless it is kept: a file with the name of a backup is always complete.
struct Unfinished(PathBuf);

impl Unfinished {
    fn beside(to: &Path) -> Result<Self> {
        let name = to.file_name().ok_or_else(|| at(to, "is not a file name"))?;
        let mut name = name.to_owned();
        name.push(format!(".unfinished-{}", std::process::id()));
        let path = to.with_file_name(name);
        OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(&path)
            .map_err(|error| at(&path, &error.to_string()))?;
        Ok(Self(path))
    }

    /// Syncs the file to the disk, and only then gives it its name.
    fn keep_as(self, to: &Path) -> Result<()> {
        let kept = File::open(&self.0).and_then(|file| {
            file.sync_all()?;
            name_it(&self.0, to)?;
            File::open(directory(to))?.sync_all()
        });
        kept.map_err(|error| at(to, &error.to_string()))
    }
}

/// A link fails if the name has been taken meanwhile; a rename would overwrite.
fn name_it(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // For file systems without hard links.
        Err(_) if fs::symlink_metadata(to).is_err() => fs::rename(from, to),
        done => done,
    }
}

fn directory(of: &Path) -> &Path {
    let parent = of.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        for end in ["", "-wal", "-shm", "-journal"] {
            let mut name = self.0.as_os_str().to_owned();
            name.push(end);
            // It does not exist any more if it was renamed.
            let _ = fs::remove_file(PathBuf::from(name));
        }
    }
}

fn at(path: &Path, why: &str) -> Error {
    Error::Invalid(format!("{}: {why}", path.display()))
}
