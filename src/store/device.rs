//! Browsers that a user trusts: the second factor is not asked for there for a while.

use super::{
    Store, Tx,
    row::{Columns, Row},
};
use crate::{
    clock::Time,
    error::Result,
    id::{BearerHash, UserId},
    model::factor::TrustedDevice,
};

impl Store {
    /// A user's trusted devices that have not expired, the newest first.
    pub async fn trusted_devices(&self, user: &UserId, now: Time) -> Result<Vec<TrustedDevice>> {
        self.all(
            "select user_agent, created_at, expires_at from trusted_devices
             where user_id = $1 and expires_at > $2 order by created_at desc, id",
            &[user, &now],
            device,
        )
        .await
    }
}

impl Tx {
    /// Whether a user has a second factor that works: one of these kinds, and confirmed.
    pub async fn has_factor(&mut self, user: &UserId, passkeys: bool) -> Result<bool> {
        self.exists(
            "select 1 from factors where user_id = $1 and confirmed_at is not null
               and (kind <> 'webauthn' or $2 = 1) limit 1",
            &[user, &passkeys],
        )
        .await
    }

    /// Whether this user trusts the browser with this cookie. Another user's trust in the same
    /// browser is separate.
    pub async fn trusts_device(
        &mut self,
        user: &UserId,
        device: &BearerHash,
        now: Time,
    ) -> Result<bool> {
        self.exists(
            "select 1 from trusted_devices where id = $1 and user_id = $2 and expires_at > $3",
            &[device, user, &now],
        )
        .await
    }

    pub async fn insert_trusted_device(
        &mut self,
        user: &UserId,
        hash: &BearerHash,
        device: &TrustedDevice,
    ) -> Result<()> {
        self.run(
            "insert into trusted_devices (id, user_id, user_agent, created_at, expires_at)
             values ($1, $2, $3, $4, $5)",
            &[
                hash,
                user,
                &device.user_agent,
                &device.created_at,
                &device.expires_at,
            ],
        )
        .await
    }

    /// Ends a user's trust in every device, because its basis (a password, a factor) has changed.
    pub async fn delete_trusted_devices(&mut self, user: &UserId) -> Result<u64> {
        self.changed("delete from trusted_devices where user_id = $1", &[user])
            .await
    }

    /// Removes all factors of a user with everything that depends on them; how many there were.
    pub async fn delete_factors(&mut self, user: &UserId) -> Result<u64> {
        self.run("delete from recovery_codes where user_id = $1", &[user])
            .await?;
        self.delete_trusted_devices(user).await?;
        self.changed("delete from factors where user_id = $1", &[user])
            .await
    }
}

fn device(row: &Row<'_>) -> Result<TrustedDevice> {
    Ok(TrustedDevice {
        user_agent: row.text("user_agent")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}
