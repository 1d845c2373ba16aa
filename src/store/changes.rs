//! Notifications of what other replicas have changed, where the database supports them.

use sqlx::postgres::PgListener;
use tokio::time::timeout;

use super::connection::PATIENCE;

/// The channel replicas are notified on.
const CHANNEL: &str = "usher_catalog";

/// A wait for the next change. Without a listener it never ends: the caller polls as well.
pub struct Changes(Option<PgListener>);

impl Changes {
    pub(super) fn none() -> Self {
        Self(None)
    }

    /// A listener of PostgreSQL; none if it is not available now.
    pub(super) async fn of(url: &str) -> Self {
        let listening = timeout(PATIENCE, listening(url)).await.ok();
        Self(listening.and_then(Result::ok))
    }

    pub async fn next(&mut self) {
        match &mut self.0 {
            Some(listener) => {
                if listener.recv().await.is_err() {
                    self.0 = None;
                }
            }
            None => std::future::pending().await,
        }
    }

    /// Whether it receives no notifications.
    pub fn is_disconnected(&self) -> bool {
        self.0.is_none()
    }
}

async fn listening(url: &str) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}
