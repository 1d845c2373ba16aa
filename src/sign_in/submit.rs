//! Names and passwords: counted, then checked by the provider.

use super::{
    Answer, Arrival, Asks, Failure, OpenProvider, Outcome, SignIns, Trouble,
    throttle::{Found, Reservation, Wait},
};
use crate::{
    error::{Error, Result},
    id::UserId,
    model::{attempt::Attempt, event::EventKind, session::Visitor, typed},
};

impl SignIns {
    /// Tries what was typed. The attempt survives everything but success.
    pub async fn submit(
        &self,
        attempt: &Attempt,
        visitor: &Visitor,
        provider: &str,
        answer: Answer,
    ) -> Result<Outcome> {
        self.with_provider(provider, async |provider| {
            if provider.asks() != Asks::Password {
                return Err(Error::NotFound);
            }
            self.prove(attempt, visitor, provider, &answer, None).await
        })
        .await
    }

    /// Every answer to every provider, typed or brought: limiter, provider, welcome.
    pub(super) async fn prove(
        &self,
        attempt: &Attempt,
        visitor: &Visitor,
        provider: &OpenProvider,
        answer: &Answer,
        memory: Option<&super::Memory>,
    ) -> Result<Outcome> {
        let ticket = match self.reserve(provider, visitor, answer).await? {
            Ok(ticket) => ticket,
            Err(wait) => {
                let whose = self.typed(provider, answer).await?;
                return self.has_to_wait(visitor, provider, whose, &wait).await;
            }
        };
        let arrival = Arrival {
            answer,
            memory,
            asker: &visitor.asker,
            entries: &Found {
                sign_ins: self,
                provider,
                visitor,
                reservation: &ticket,
            },
            now: self.clock.now(),
        };
        match provider.part.complete(&arrival).await {
            Ok(vouched) => {
                self.release(&ticket, true).await?;
                self.welcome(attempt, visitor, provider, vouched).await
            }
            Err(failure) => {
                let whose = match failure {
                    Failure::Wrong
                    | Failure::Expired
                    | Failure::Refused(_)
                    | Failure::Throttled { .. } => self.typed(provider, answer).await?,
                    _ => None,
                };
                self.again(visitor, provider, &ticket, whose, failure).await
            }
        }
    }

    async fn typed(&self, provider: &OpenProvider, answer: &Answer) -> Result<Option<UserId>> {
        match answer {
            Answer::Password(credentials) => self.whose(provider, &credentials.name).await,
            Answer::Message(_) => Ok(None),
        }
    }

    /// Whose name it was that somebody typed, if that is clear: they should hear of it. Nobody else
    /// does: what the browser is told does not depend on it.
    pub(super) async fn whose(
        &self,
        provider: &OpenProvider,
        name: &str,
    ) -> Result<Option<UserId>> {
        let name = &typed::name(name);
        if name.contains(char::is_control) {
            return Ok(None);
        }
        self.store.user_known_as(&provider.slug, name).await
    }

    /// A try that was not even made. The audit trail hears of it once in a window.
    pub(super) async fn has_to_wait(
        &self,
        visitor: &Visitor,
        provider: &OpenProvider,
        whose: Option<UserId>,
        wait: &Wait,
    ) -> Result<Outcome> {
        if wait.first {
            let (kind, word) = (EventKind::SignInRefused, "throttled");
            self.note_of(kind, whose, visitor, provider, word).await?;
        }
        Ok(Outcome::Again(Trouble::Throttled(wait.span)))
    }

    pub(super) async fn again(
        &self,
        visitor: &Visitor,
        provider: &OpenProvider,
        ticket: &Reservation,
        whose: Option<UserId>,
        failure: Failure,
    ) -> Result<Outcome> {
        let title = provider.title.clone();
        let trouble = match failure {
            Failure::Wrong => {
                self.note_of(EventKind::SignInFailed, whose, visitor, provider, "wrong")
                    .await?;
                Trouble::Wrong
            }
            Failure::Expired => {
                self.note_of(
                    EventKind::SignInRefused,
                    whose,
                    visitor,
                    provider,
                    "expired",
                )
                .await?;
                Trouble::Expired
            }
            Failure::Refused(word) => {
                self.note_of(EventKind::SignInRefused, whose, visitor, provider, word)
                    .await?;
                Trouble::Refused(word)
            }
            Failure::Denied(words) => {
                tracing::info!(provider = %provider.slug, words, "a provider said no");
                self.note(EventKind::SignInRefused, visitor, provider, "denied")
                    .await?;
                self.release(ticket, false).await?;
                Trouble::Denied(title)
            }
            Failure::Unbelieved(reason) => {
                tracing::warn!(provider = %provider.slug, reason, "what a browser brought is refused");
                self.note(EventKind::SignInFailed, visitor, provider, "invalid")
                    .await?;
                Trouble::Unbelieved(title)
            }
            Failure::Invalid(reason) => {
                tracing::warn!(provider = %provider.slug, reason, "what a provider sent is refused");
                self.note(EventKind::SignInFailed, visitor, provider, "invalid")
                    .await?;
                Trouble::Invalid(title)
            }
            Failure::Down(reason) => {
                self.down(visitor, provider, &reason).await?;
                self.release(ticket, false).await?;
                Trouble::Down(title)
            }
            Failure::Busy => {
                self.release(ticket, false).await?;
                Trouble::Busy
            }
            Failure::Throttled { span, first } => {
                self.release(ticket, false).await?;
                let wait = Wait { span, first };
                return self.has_to_wait(visitor, provider, whose, &wait).await;
            }
        };
        Ok(Outcome::Again(trouble))
    }

    pub(super) async fn down(
        &self,
        visitor: &Visitor,
        provider: &OpenProvider,
        reason: &str,
    ) -> Result<()> {
        tracing::warn!(provider = %provider.slug, reason, "an identity provider is down");
        self.note(EventKind::SignInRefused, visitor, provider, "down")
            .await
    }
}
