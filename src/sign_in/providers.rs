//! The identity providers of the catalogue, as users and admins use them. They are opened with the
//! snapshot and have connections and caches.

use std::sync::Arc;

use super::{OpenProvider, SignIns};
use crate::{
    catalog::Snapshot,
    error::{Error, Result},
    upstream::{Import, Imported},
};

/// The identity providers, as their admins and the pages of a sign-in see them.
#[derive(Clone, Copy)]
pub struct Providers<'a>(&'a SignIns);

impl SignIns {
    pub fn providers(&self) -> Providers<'_> {
        Providers(self)
    }

    /// Runs a function on one of them.
    pub(super) async fn with_provider<T>(
        &self,
        slug: &str,
        work: impl AsyncFnOnce(&OpenProvider) -> Result<T>,
    ) -> Result<T> {
        let snapshot = self.catalog.snapshot();
        check_opened(&snapshot, slug)?;
        let providers = snapshot.parts.usable_providers();
        let provider = providers.iter().find(|one| one.slug == slug);
        work(provider.ok_or(Error::NotFound)?).await
    }
}

impl Providers<'_> {
    /// The providers a user may choose from; the first is the default.
    ///
    /// # Errors
    /// [`Error::Internal`] if there are providers and none of them can be opened.
    pub fn list(self) -> Result<Arc<Vec<OpenProvider>>> {
        let snapshot = self.0.catalog.snapshot();
        let usable = snapshot.parts.usable_providers();
        match snapshot.parts.broken_providers().first_key_value() {
            Some((slug, fault)) if usable.is_empty() => Err(broken(slug, fault)),
            _ => Ok(usable),
        }
    }

    /// Checks that the provider of this name is not one whose settings cannot be opened. No other
    /// provider replaces it, because the password is meant for this one.
    ///
    /// # Errors
    /// [`Error::Internal`] with the reason.
    pub fn check_opened(self, slug: &str) -> Result<()> {
        check_opened(&self.0.catalog.snapshot(), slug)
    }

    /// Lets every provider fetch due documents; a failure is logged and the provider keeps the old
    /// ones.
    pub async fn refresh(self) -> Result<()> {
        for provider in self.list()?.iter() {
            if let Err(reason) = provider.part.refresh(self.0.clock.now()).await {
                tracing::warn!(provider = %provider.slug, reason, "a refresh failed");
            }
        }
        Ok(())
    }

    /// Opens a provider's connections once and reports their state in plain words.
    pub async fn check(self, slug: &str) -> Result<Result<String, String>> {
        self.0
            .with_provider(slug, async |provider| Ok(provider.part.check().await))
            .await
    }

    /// Lets one provider fetch due documents.
    pub async fn refresh_now(self, slug: &str) -> Result<Result<(), String>> {
        let now = self.0.clock.now();
        self.0
            .with_provider(slug, async |provider| Ok(provider.part.refresh(now).await))
            .await
    }

    /// Passes metadata that an admin brings to a provider.
    pub async fn import(self, slug: &str, import: &Import<'_>) -> Result<Result<Imported, String>> {
        let now = self.0.clock.now();
        self.0
            .with_provider(slug, async |provider| {
                Ok(provider.part.import(import, now).await)
            })
            .await
    }

    /// Our own metadata for a provider, if its protocol has metadata.
    pub async fn metadata(self, slug: &str) -> Result<String> {
        let now = self.0.clock.now();
        self.0
            .with_provider(slug, async |provider| {
                let metadata = provider.part.metadata(now).await.ok_or(Error::NotFound)?;
                metadata.map_err(Error::Internal)
            })
            .await
    }
}

fn check_opened(snapshot: &Snapshot, slug: &str) -> Result<()> {
    match snapshot.parts.broken_providers().get(slug) {
        Some(fault) => Err(broken(slug, fault)),
        None => Ok(()),
    }
}

fn broken(slug: &str, fault: &str) -> Error {
    Error::Internal(format!("provider \"{slug}\": {fault}"))
}
