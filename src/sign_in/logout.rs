//! Logouts that come from upstream: they end our sessions at once, and with them everything that
//! was issued in them, because tokens and codes are valid only as long as their session.

use super::Sessions;
use crate::{
    error::{Error, Result},
    id::{SessionId, UserId},
    model::event::{Actor, EventKind, Target},
    protocol::oauth::Params,
    store::Tx,
    upstream::{LogoutMessage, ProviderFailure, ProviderStep},
};

/// The result that the sender of a logout message gets.
#[derive(Debug)]
pub enum LoggedOut {
    /// Done; a browser that sent the message takes this back.
    Done(Option<ProviderStep>),
    /// It was an answer to a logout of ours.
    Answered,
    /// The message is not valid; a sentence for the log.
    Refused(String),
}

impl Sessions<'_> {
    /// A message at a provider's logout address.
    pub async fn logout(self, slug: &str, message: &Params) -> Result<LoggedOut> {
        let now = self.0.clock.now();
        self.0
            .with_provider(slug, async |provider| {
                let (subject, session, once, answer) = match provider
                    .part
                    .logout(message, now)
                    .await
                {
                    Ok(LogoutMessage::Ended {
                        subject,
                        session,
                        once,
                        answer,
                    }) => (subject, session, once, answer),
                    Ok(LogoutMessage::Answered) => return Ok(LoggedOut::Answered),
                    Err(ProviderFailure::Down(reason)) => return Err(Error::Away(reason)),
                    Err(ProviderFailure::Refused("unsupported")) => return Err(Error::NotFound),
                    Err(failure) => {
                        tracing::warn!(provider = slug, %failure, "a logout message is refused");
                        return Ok(LoggedOut::Refused(failure.words()));
                    }
                };
                let mut tx = self.0.store.begin().await?;
                for once in &once {
                    if !tx.remember_once(&once.name, once.until).await? {
                        return Ok(LoggedOut::Refused("the message was used before".to_owned()));
                    }
                }
                let ended = tx
                    .end_upstream_sessions(slug, subject.as_deref(), session.as_deref(), now)
                    .await?;
                self.notify_ended(&mut tx, slug, ended).await?;
                tx.commit().await?;
                Ok(LoggedOut::Done(answer))
            })
            .await
    }

    async fn notify_ended(
        self,
        tx: &mut Tx,
        slug: &str,
        ended: Vec<(SessionId, UserId)>,
    ) -> Result<()> {
        for (session, user) in ended {
            let event = self
                .0
                .events
                .by(Actor::Provider(slug.to_owned()), EventKind::SessionEnded)
                .of_user(Some(&user))
                .in_session(&session)
                .about(Target::session(&session))
                .with("reason", "upstream");
            tx.record(&event).await?;
        }
        Ok(())
    }
}
