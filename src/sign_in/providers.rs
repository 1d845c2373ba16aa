//! The providers of the catalogue, opened once: they have connections and caches.

use std::sync::{Arc, Mutex, PoisonError};

use super::SignIns;
use crate::{
    error::{Error, Result},
    keys::provider_purpose,
    kind::{Settings, find},
    store::ProviderRow,
    upstream::{
        Answers, Documents, IdentityProvider, Import, Imported, KINDS, ProviderForm, Tools, Urls,
    },
};

/// A provider that is ready.
pub struct OpenProvider {
    pub slug: String,
    pub title: String,
    pub(super) part: Box<dyn IdentityProvider>,
}

impl OpenProvider {
    pub fn answers(&self) -> Answers {
        self.part.answers()
    }

    pub fn asks(&self) -> ProviderForm {
        self.part.asks()
    }

    pub fn changes_passwords(&self) -> bool {
        self.part.changes_passwords()
    }

    pub async fn check(&self) -> Result<String, String> {
        self.part.check().await
    }
}

/// The providers of one version of the catalogue.
#[derive(Clone, Default)]
pub struct OpenedProviders(Arc<Mutex<Option<(i64, ProviderList)>>>);

type ProviderList = Arc<Vec<OpenProvider>>;

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
        let providers = self.providers().list()?;
        let provider = providers.iter().find(|one| one.slug == slug);
        work(provider.ok_or(Error::NotFound)?).await
    }
}

impl Providers<'_> {
    /// The providers a user may choose from; the first is the default.
    pub fn list(self) -> Result<ProviderList> {
        let snapshot = self.0.catalog.snapshot();
        let mut opened = self
            .0
            .opened
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((version, providers)) = &*opened
            && *version == snapshot.version
        {
            return Ok(providers.clone());
        }
        let living = snapshot
            .providers
            .iter()
            .filter(|row| row.disabled_at.is_none());
        let providers: Vec<_> = living
            .map(|row| self.open_provider(row))
            .collect::<Result<_, _>>()?;
        let providers = Arc::new(providers);
        *opened = Some((snapshot.version, providers.clone()));
        Ok(providers)
    }

    /// A provider's settings, including secrets.
    pub fn settings(self, row: &ProviderRow) -> Result<Settings> {
        let settings = self
            .0
            .seal
            .unseal(&provider_purpose(&row.slug), &row.sealed_settings)?;
        serde_json::from_slice(&settings)
            .map_err(|error| Error::Internal(format!("provider \"{}\": {error}", row.slug)))
    }

    fn open_provider(self, row: &ProviderRow) -> Result<OpenProvider> {
        let part = self
            .open_kind(&row.slug, &row.kind, &self.settings(row)?)
            .map_err(|fault| Error::Internal(format!("provider \"{}\": {fault}", row.slug)))?;
        Ok(OpenProvider {
            slug: row.slug.clone(),
            title: row.title.clone(),
            part,
        })
    }

    /// Opens a provider of this kind; an error is a sentence for the admin.
    pub fn open_kind(
        self,
        slug: &str,
        kind: &str,
        settings: &Settings,
    ) -> Result<Box<dyn IdentityProvider>, String> {
        let tools = Tools {
            passwords: self.0.passwords.clone(),
            net: self.0.net.clone(),
            blocking: self.0.blocking.clone(),
            documents: Documents::new(self.0.store.clone(), self.0.seal.clone(), slug),
            chance: self.0.chance.clone(),
            clock: self.0.clock.clone(),
            urls: Urls::new(&self.0.public_url, slug),
            patience: self.0.patience,
        };
        (find(KINDS, kind)?.open)(settings, &tools)
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
