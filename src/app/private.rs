//! Files on this machine that only this process's user may read: the data directory, the SQLite
//! files in it and the master key. Wider permissions are corrected where we own the file, and
//! refused where we do not.

use std::{
    fs::{self, DirBuilder, Permissions},
    io::{self, ErrorKind, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use rustix::{fs::Mode, process};

use super::master_file;
use crate::{
    config::Config,
    error::{Error, Result},
    store::database_file,
};

/// Group and others.
const GROUP_AND_OTHERS: u32 = 0o077;
/// All other users of this machine.
const OTHERS: u32 = 0o007;

/// From now on, files that this process creates are readable by its user only. Call it before
/// anything is opened.
pub fn keep_to_ourselves() {
    process::umask(Mode::from_raw_mode(GROUP_AND_OTHERS));
}

/// The data directory, created if it does not exist.
pub fn make_private_dir(dir: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(|error| at(dir, &error))?;
    close(dir)
}

/// Restricts the files in the data directory, and those of the database wherever they are.
pub fn close_files(config: &Config) -> Result<()> {
    files(config).iter().try_for_each(|file| close(file))
}

/// What other users can read, in words; for `usher check`, which changes nothing.
pub fn readable(config: &Config) -> Vec<String> {
    let all = std::iter::once(config.data.dir.clone()).chain(files(config));
    let open = all.filter_map(|path| {
        let open = open_to_others(&path).ok().flatten()?;
        Some(format!("{} (mode {:o})", path.display(), open.mode))
    });
    open.collect()
}

fn files(config: &Config) -> Vec<PathBuf> {
    let mut files = vec![master_file(config), link_file(config)];
    if let Some(database) = database_file(&config.database.url) {
        files.extend(["", "-wal", "-shm", "-journal"].map(|end| {
            let mut name = database.as_os_str().to_owned();
            name.push(end);
            PathBuf::from(name)
        }));
    }
    files
}

/// A file or directory that other users may read.
struct ReadableByOthers {
    mode: u32,
    is_ours: bool,
}

/// A file of another user (a mounted volume) may be open to a group, because this process may have
/// its access as a member of that group.
fn open_to_others(path: &Path) -> io::Result<Option<ReadableByOthers>> {
    let found = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        found => found?,
    };
    let is_ours = found.uid() == process::geteuid().as_raw();
    let mask = if is_ours { GROUP_AND_OTHERS } else { OTHERS };
    let mode = found.permissions().mode() & 0o7777;
    Ok((mode & mask != 0).then_some(ReadableByOthers { mode, is_ours }))
}

fn close(path: &Path) -> Result<()> {
    let Some(open) = open_to_others(path).map_err(|error| at(path, &error))? else {
        return Ok(());
    };
    let mode = open.mode;
    let refuse = |why: &str| {
        let path = path.display();
        Err(Error::Invalid(format!(
            "{path} can be read by others (mode {mode:o}) and {why}: take their permissions away, or \
             let data.dir be a directory in it that Usher makes"
        )))
    };
    if !open.is_ours {
        return refuse("is not ours to correct");
    }
    if is_shared_by_root(path) {
        return refuse("holds things that are not ours");
    }
    let closed = Permissions::from_mode(mode & !GROUP_AND_OTHERS);
    fs::set_permissions(path, closed).map_err(|error| at(path, &error))?;
    tracing::warn!(path = %path.display(), mode = format!("{mode:o}"),
        "others could read this; its permissions are corrected");
    Ok(())
}

/// Root owns much: a mistake in the configuration must not lock all other users out of `/srv`.
fn is_shared_by_root(path: &Path) -> bool {
    let Ok(entries) = fs::read_dir(path) else {
        return false;
    };
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    let is_of_usher = names
        .iter()
        .any(|name| name == "usher.db" || name == "master.key");
    process::geteuid().is_root() && !names.is_empty() && !is_of_usher
}

fn at(path: &Path, error: &io::Error) -> Error {
    Error::Invalid(format!("{}: {error}", path.display()))
}

/// Path of the file with the first admin's link, which is used where no terminal shows it.
pub fn link_file(config: &Config) -> PathBuf {
    config.data.dir.join("first-admin-link")
}

/// Writes the file, or deletes it if there is no link.
pub fn write_link(config: &Config, link: Option<&str>) -> Result<()> {
    let path = link_file(config);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(at(&path, &error)),
        _ => {}
    }
    let Some(link) = link else { return Ok(()) };
    let file = fs::OpenOptions::new()
        .create_new(true)
        .write(true)
        .mode(0o600)
        .open(&path);
    file.and_then(|mut file| writeln!(file, "{link}"))
        .map_err(|error| at(&path, &error))
}
