//! A form that was sent after its session had ended: stored for its user, who gets it back after
//! signing in. Secrets are never stored.

use std::time::Duration;

use super::attempt::LocalPath;
use crate::{
    clock::Time,
    id::{BearerHash, KeptFormId, UserId},
};

/// A form is kept this long.
pub const KEPT_LIFE: Duration = Duration::from_secs(2 * 3600);
/// A longer one is not kept.
pub const LONGEST_FORM: usize = 8 * 1024;

/// Fields that hold a secret or a proof: a form with one of them is not kept.
const SECRET: [&str; 7] = [
    "password",
    "current",
    "new",
    "again",
    "code",
    "ceremony",
    "credential",
];

/// The form, and its sender.
#[derive(Clone, Debug)]
pub struct KeptForm {
    pub id: KeptFormId,
    pub browser: BearerHash,
    /// The user whose session had ended.
    pub user: UserId,
    pub action: LocalPath,
    pub fields: Vec<(String, String)>,
    pub page: LocalPath,
    pub expires_at: Time,
}

/// Whether none of the fields may hold a secret.
pub fn may_be_kept(fields: &[(String, String)]) -> bool {
    fields
        .iter()
        .all(|(name, _)| !SECRET.contains(&name.as_str()))
}
