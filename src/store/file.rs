//! The file of a SQLite database, as the one that was opened: a file that is moved, removed or
//! replaced while it is open still accepts writes, which will be lost.

use std::{os::unix::fs::MetadataExt, path::PathBuf};

use super::connector::file_of;
use crate::error::{Error, Result};

/// Device and inode identify the file.
#[derive(Clone, Debug)]
pub(super) struct FileIdentity {
    path: PathBuf,
    identity: (u64, u64),
}

impl FileIdentity {
    /// The file that has just been opened.
    pub fn of(url: &str) -> Option<Self> {
        let path = file_of(url)?;
        let identity = identity(&path)?;
        Some(Self { path, identity })
    }

    /// Whether the path still leads to it.
    pub fn check(&self) -> Result<()> {
        let what = match identity(&self.path) {
            Some(now) if now == self.identity => return Ok(()),
            Some(_) => "was replaced by another",
            None => "is not there any more",
        };
        Err(Error::Unfit(format!(
            "the database file {} {what}: what is written from now on would be lost, so this \
             process ends. Is its disk still mounted? Start again when the file is in its place",
            self.path.display()
        )))
    }
}

fn identity(path: &std::path::Path) -> Option<(u64, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}
