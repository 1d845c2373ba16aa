//! One-time links: only their hashes are here, each under its kind.

use super::{
    Store, Tx,
    row::{Columns, Row},
    statement::Json,
};
use crate::{
    clock::Time,
    error::{Error, Result},
    id::{BearerHash, UserId},
    model::{
        link::{LinkKind, LinkStage, OneTimeLink},
        recovery::Move,
    },
};

impl Store {
    /// The link of this kind; of another kind there is none.
    pub async fn link(&self, kind: LinkKind, token: &BearerHash) -> Result<Option<OneTimeLink>> {
        self.one(
            "select token_hash, kind, user_id, stage, detail, created_at, expires_at
             from one_time_links where token_hash = $1 and kind = $2",
            &[token, &kind.as_str()],
            link,
        )
        .await
    }
}

impl Tx {
    /// How many links of a kind were made for an account since then. Until the transaction ends no
    /// other transaction makes one, so that concurrent jobs do not all get the same count.
    pub async fn links_made(&mut self, kind: LinkKind, subject: &str, since: Time) -> Result<i64> {
        self.hold(&["one_time_links"]).await?;
        let sql = "select count(*) as made from one_time_links
             where kind = $1 and created_at > $2 and detail like $3";
        self.only(
            sql,
            &[&kind.as_str(), &since, &of_subject(subject)],
            |row| row.number("made"),
        )
        .await
    }

    pub async fn insert_one_time_link(&mut self, link: &OneTimeLink) -> Result<()> {
        self.run(
            "insert into one_time_links
                 (token_hash, kind, user_id, stage, detail, created_at, expires_at)
             values ($1, $2, $3, $4, $5, $6, $7)",
            &[
                &link.token,
                &link.kind.as_str(),
                &link.user,
                &link.stage.as_str(),
                &Json(&link.bound),
                &link.created_at,
                &link.expires_at,
            ],
        )
        .await
    }

    /// Writes a link's next stage, if its stage has not changed; whether it did.
    pub async fn move_link(&mut self, moved: &Move, now: Time) -> Result<bool> {
        let Move { link, from } = moved;
        let over = matches!(link.stage, LinkStage::Done | LinkStage::Void);
        self.changes_one(
            "update one_time_links set stage = $1, detail = $2,
                 opened_at = coalesce(opened_at, $3), consumed_at = $4
             where token_hash = $5 and kind = $6 and stage = $7 and consumed_at is null
               and expires_at > $3",
            &[
                &link.stage.as_str(),
                &Json(&link.bound),
                &now,
                &over.then_some(now),
                &link.token,
                &link.kind.as_str(),
                &from.as_str(),
            ],
        )
        .await
    }

    /// Voids all links to the password of this account.
    pub async fn void_links_to(&mut self, subject: &str, now: Time) -> Result<()> {
        self.run(
            "update one_time_links set stage = 'void', consumed_at = $1
             where kind in ('reset', 'invite') and consumed_at is null and detail like $2",
            &[&now, &of_subject(subject)],
        )
        .await
    }

    /// Voids all links of this kind: one user's, or all users'.
    pub async fn void_links(
        &mut self,
        kind: LinkKind,
        user: Option<&UserId>,
        now: Time,
    ) -> Result<()> {
        self.run(
            "update one_time_links set stage = 'void', consumed_at = $1
             where kind = $2 and consumed_at is null and coalesce(user_id, '') = $3",
            &[&now, &kind.as_str(), &user.map_or("", UserId::as_str)],
        )
        .await
    }
}

/// Finds a subject in a link's detail. A subject is a UUID of ours: it has no wildcard.
fn of_subject(subject: &str) -> String {
    format!("%\"subject\":\"{subject}\"%")
}

fn link(row: &Row<'_>) -> Result<OneTimeLink> {
    let kind = row.str("kind")?;
    let unknown = || Error::Internal(format!("a link of an unknown kind \"{kind}\""));
    Ok(OneTimeLink {
        token: row.id("token_hash")?,
        kind: LinkKind::parse(kind).ok_or_else(unknown)?,
        user: row.maybe_id("user_id")?,
        stage: LinkStage::from_stored(row.str("stage")?),
        bound: row.json("detail")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}
