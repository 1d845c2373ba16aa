//! A new password during sign-in: where the provider can change it, a user whose password must be
//! changed, or who wants to, does so with the old one and is signed in with the new one.

use zeroize::Zeroizing;

use super::{
    OpenProvider, SignInOutcome, SignIns,
    throttle::{EntryCount, account},
};
use crate::{
    error::{Error, Result},
    model::{
        attempt::Attempt,
        event::{Actor, EventKind},
        session::Visitor,
    },
    upstream::{
        Credentials, NEW_PASSWORD_REFUSED, ProviderFailure, ProviderForm, ProviderResponse,
    },
};

/// The result of a change.
pub enum PasswordChangeOutcome {
    /// The password was changed; with the result of signing in with it.
    Made(SignInOutcome),
    /// It is still the old one.
    Refused(SignInOutcome),
}

/// Passwords that are forgotten or changed: every try is counted.
#[derive(Clone, Copy)]
pub struct PasswordChanges<'a>(pub(super) &'a SignIns);

impl SignIns {
    pub fn password_changes(&self) -> PasswordChanges<'_> {
        PasswordChanges(self)
    }
}

impl PasswordChanges<'_> {
    /// Changes a password and signs in. The old one is a credential like any other: it is counted
    /// before it is tried (THREATS: brute-force bypass on side paths).
    pub async fn replace(
        self,
        attempt: &Attempt,
        visitor: &Visitor,
        provider: &str,
        old: Credentials,
        new: Zeroizing<String>,
    ) -> Result<PasswordChangeOutcome> {
        self.0
            .with_provider(provider, async |provider| {
                if provider.asks() != ProviderForm::Password || !provider.changes_passwords() {
                    return Err(Error::NotFound);
                }
                if let Some(outcome) = self.refused(visitor, provider, &old, &new).await? {
                    return Ok(PasswordChangeOutcome::Refused(outcome));
                }
                let answer = ProviderResponse::Password(Credentials {
                    name: old.name,
                    password: new,
                });
                let outcome = self.0.prove(attempt, visitor, provider, &answer, None);
                Ok(PasswordChangeOutcome::Made(outcome.await?))
            })
            .await
    }

    /// `None` when it is the new one.
    async fn refused(
        self,
        visitor: &Visitor,
        provider: &OpenProvider,
        old: &Credentials,
        new: &str,
    ) -> Result<Option<SignInOutcome>> {
        let whose = self.0.whose(provider, &old.name).await?;
        let account = account(provider, &old.name);
        let reservation = self.0.account_try(account, visitor);
        let ticket = match self.0.counted(reservation, visitor).await? {
            Ok(ticket) => ticket,
            Err(wait) => {
                let outcome = self.0.has_to_wait(visitor, provider, whose, &wait).await;
                return outcome.map(Some);
            }
        };
        let entries = EntryCount {
            sign_ins: self.0,
            provider,
            visitor,
            reservation: &ticket,
        };
        let changed = provider.part.change_password(old, new, &entries).await;
        let Err(failure) = changed else {
            self.0.release(&ticket, true).await?;
            let kind = EventKind::PasswordChanged;
            // The provider has just accepted the old password: the actor is its owner, whoever is
            // signed in here.
            let actor = whose.clone().map_or(Actor::Anonymous, Actor::User);
            let event = self.0.events.by(actor, kind).of_user(whose.as_ref());
            let event = event.at_address(&visitor.address);
            self.0
                .record_at(event, visitor, provider, "by-owner")
                .await?;
            return Ok(None);
        };
        // The old password was right: this was no guess.
        if matches!(failure, ProviderFailure::Refused(word) if NEW_PASSWORD_REFUSED.contains(&word))
        {
            self.0.release(&ticket, false).await?;
        }
        self.0
            .again(visitor, provider, &ticket, whose, failure)
            .await
            .map(Some)
    }
}
