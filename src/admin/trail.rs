//! The audit trail, a page at a time, newest first.

use super::Administration;
use crate::{
    error::Result,
    store::{TrailFilter, TrailLine, TrailPlace},
};

/// Lines on a page.
const PAGE: usize = 50;

/// The filter of the audit trail.
#[derive(Default)]
pub struct AuditQuery<'a> {
    /// A noun or a whole name, of this release or an earlier one; empty means all.
    pub kind: &'a str,
    /// A sign-in name or an id; empty means every user.
    pub user: &'a str,
    /// Where the page before ended, as given by [`Trail::older`].
    pub before: &'a str,
}

/// One page of the audit trail.
pub struct Trail {
    pub lines: Vec<TrailLine>,
    /// Where the next page begins, if there is more.
    pub older: Option<String>,
}

impl Administration {
    pub async fn trail(&self, wanted: &AuditQuery<'_>) -> Result<Trail> {
        let filter = TrailFilter {
            kind: wanted.kind,
            user: wanted.user,
            before: place(wanted.before),
        };
        let mut lines = self.store.trail(&filter, PAGE + 1).await?;
        let more = lines.len() > PAGE;
        lines.truncate(PAGE);
        let last = lines.last().filter(|_| more);
        let older =
            last.map(|line| format!("{}~{}~{}", line.at.millis(), line.id, line.stored_kind));
        Ok(Trail { lines, older })
    }
}

/// Parses the position that `older` gave; anything else means the beginning.
fn place(text: &str) -> Option<TrailPlace<'_>> {
    let (at, rest) = text.split_once('~')?;
    let (id, kind) = rest.split_once('~')?;
    Some(TrailPlace {
        at: at.parse().ok()?,
        id,
        kind,
    })
}
