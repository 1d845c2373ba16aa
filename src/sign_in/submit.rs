//! Names and passwords: counted, then checked by the provider.

use super::{
    OpenProvider, SignInOutcome, SignInTrouble, SignIns,
    throttle::{EntryCount, Reservation, Wait},
};
use crate::{
    error::{Error, Result},
    id::UserId,
    model::{attempt::Attempt, event::EventKind, session::Visitor, typed},
    upstream::{Memory, ProviderFailure, ProviderForm, ProviderResponse, UpstreamArrival},
};

impl SignIns {
    /// Checks the typed credentials. Only success uses the attempt up.
    pub async fn submit(
        &self,
        attempt: &Attempt,
        visitor: &Visitor,
        provider: &str,
        answer: ProviderResponse,
    ) -> Result<SignInOutcome> {
        self.with_provider(provider, async |provider| {
            if provider.asks() != ProviderForm::Password {
                return Err(Error::NotFound);
            }
            self.prove(attempt, visitor, provider, &answer, None).await
        })
        .await
    }

    /// Every response to every provider, typed or returned: limiter, provider, admission.
    pub(super) async fn prove(
        &self,
        attempt: &Attempt,
        visitor: &Visitor,
        provider: &OpenProvider,
        answer: &ProviderResponse,
        memory: Option<&Memory>,
    ) -> Result<SignInOutcome> {
        let ticket = match self.reserve(provider, visitor, answer).await? {
            Ok(ticket) => ticket,
            Err(wait) => {
                let whose = self.typed(provider, answer).await?;
                return self.has_to_wait(visitor, provider, whose, &wait).await;
            }
        };
        let arrival = UpstreamArrival {
            answer,
            memory,
            client: &visitor.client,
            entries: &EntryCount {
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
                self.complete_sign_in(attempt, visitor, provider, vouched)
                    .await
            }
            Err(failure) => {
                let whose = match failure {
                    ProviderFailure::Wrong
                    | ProviderFailure::Expired
                    | ProviderFailure::Refused(_)
                    | ProviderFailure::Throttled { .. } => self.typed(provider, answer).await?,
                    _ => None,
                };
                self.again(visitor, provider, &ticket, whose, failure).await
            }
        }
    }

    async fn typed(
        &self,
        provider: &OpenProvider,
        answer: &ProviderResponse,
    ) -> Result<Option<UserId>> {
        match answer {
            ProviderResponse::Password(credentials) => {
                self.whose(provider, &credentials.name).await
            }
            ProviderResponse::Message(_) => Ok(None),
        }
    }

    /// The user whose name was typed, if it is unambiguous: they are notified. The answer to the
    /// browser does not depend on it.
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

    /// A refused try. It is recorded in the audit trail once in a window.
    pub(super) async fn has_to_wait(
        &self,
        visitor: &Visitor,
        provider: &OpenProvider,
        whose: Option<UserId>,
        wait: &Wait,
    ) -> Result<SignInOutcome> {
        if wait.first {
            let (kind, word) = (EventKind::SignInRefused, "throttled");
            self.record_try_of(kind, whose, visitor, provider, word)
                .await?;
        }
        Ok(SignInOutcome::Again(SignInTrouble::Throttled(wait.span)))
    }

    pub(super) async fn again(
        &self,
        visitor: &Visitor,
        provider: &OpenProvider,
        ticket: &Reservation,
        whose: Option<UserId>,
        failure: ProviderFailure,
    ) -> Result<SignInOutcome> {
        let title = provider.title.clone();
        let trouble = match failure {
            ProviderFailure::Wrong => {
                self.record_try_of(EventKind::SignInFailed, whose, visitor, provider, "wrong")
                    .await?;
                SignInTrouble::Wrong
            }
            ProviderFailure::Expired => {
                self.record_try_of(
                    EventKind::SignInRefused,
                    whose,
                    visitor,
                    provider,
                    "expired",
                )
                .await?;
                SignInTrouble::Expired
            }
            ProviderFailure::Refused(word) => {
                self.record_try_of(EventKind::SignInRefused, whose, visitor, provider, word)
                    .await?;
                SignInTrouble::Refused(word)
            }
            ProviderFailure::Denied(words) => {
                tracing::info!(provider = %provider.slug, words, "a provider said no");
                self.record_try(EventKind::SignInRefused, visitor, provider, "denied")
                    .await?;
                self.release(ticket, false).await?;
                SignInTrouble::Denied(title)
            }
            ProviderFailure::InvalidMessage(reason) => {
                tracing::warn!(provider = %provider.slug, reason, "what a browser brought is refused");
                self.record_try(EventKind::SignInFailed, visitor, provider, "invalid")
                    .await?;
                SignInTrouble::InvalidMessage(title)
            }
            ProviderFailure::Invalid(reason) => {
                tracing::warn!(provider = %provider.slug, reason, "what a provider sent is refused");
                self.record_try(EventKind::SignInFailed, visitor, provider, "invalid")
                    .await?;
                SignInTrouble::Invalid(title)
            }
            ProviderFailure::Down(reason) => {
                self.down(visitor, provider, &reason).await?;
                self.release(ticket, false).await?;
                SignInTrouble::Down(title)
            }
            ProviderFailure::Busy => {
                self.release(ticket, false).await?;
                SignInTrouble::Busy
            }
            ProviderFailure::Throttled { span, first } => {
                self.release(ticket, false).await?;
                let wait = Wait { span, first };
                return self.has_to_wait(visitor, provider, whose, &wait).await;
            }
        };
        Ok(SignInOutcome::Again(trouble))
    }

    pub(super) async fn down(
        &self,
        visitor: &Visitor,
        provider: &OpenProvider,
        reason: &str,
    ) -> Result<()> {
        tracing::warn!(provider = %provider.slug, reason, "an identity provider is down");
        self.record_try(EventKind::SignInRefused, visitor, provider, "down")
            .await
    }
}
