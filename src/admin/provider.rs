//! One identity provider: its settings without their secrets, the addresses to register at the
//! provider, its documents; and the actions an admin can take on it.

use serde_json::Value;

use super::Administration;
use crate::{
    catalog::{Snapshot, Word},
    error::{Error, Result},
    id::sha256,
    kind::{Kind, Settings, find},
    model::{
        admission,
        event::{EventKind, Target},
        routing,
        session::SignedIn,
    },
    store::{KeptDocument, ProviderRow},
    upstream::{Import, KINDS, OpenProviderKind},
};

/// Longer metadata is not read.
const METADATA_BYTES: usize = 1024 * 1024;

/// Everything an admin may see of a provider.
pub struct ProviderDetails {
    pub slug: String,
    pub kind: String,
    pub title: String,
    pub is_disabled: bool,
    pub settings: Vec<Setting>,
    pub admission: admission::AdmissionDocument,
    pub routing: routing::RoutingDocument,
    /// How far the provider's statements are trusted.
    pub word: Option<Word>,
    /// Our own addresses that the provider must know, with what they are called there.
    pub addresses: Vec<(&'static str, String)>,
    /// It reads metadata that an admin brings.
    pub imports: bool,
    pub documents: Vec<KeptDocument>,
    /// Why it cannot be opened.
    pub fault: Option<String>,
}

/// One setting of a provider.
pub struct Setting {
    pub name: &'static str,
    pub about: &'static str,
    /// `None` for a secret, and for what is not set.
    pub value: Option<String>,
    pub is_secret: bool,
    pub is_set: bool,
}

/// Result of an import of metadata by an admin.
pub enum Taken {
    /// It is used from now on; a sentence.
    Done(String),
    /// It requires less than the metadata before, listed in sentences. It needs a confirmation,
    /// which is about this text and no other.
    Weaker { weaker: Vec<String>, word: String },
    /// It cannot be used; the reason is a sentence.
    Refused(String),
}

impl Administration {
    /// All providers, the disabled ones too, in the admin's order.
    pub async fn providers(&self) -> Result<Vec<ProviderDetails>> {
        let snapshot = self.catalog.snapshot();
        let mut sheets = Vec::new();
        for row in &snapshot.providers {
            sheets.push(self.sheet(&snapshot, row).await?);
        }
        Ok(sheets)
    }

    pub async fn provider(&self, slug: &str) -> Result<ProviderDetails> {
        let snapshot = self.catalog.snapshot();
        let row = snapshot.providers.iter().find(|row| row.slug == slug);
        self.sheet(&snapshot, row.ok_or(Error::NotFound)?).await
    }

    async fn sheet(&self, snapshot: &Snapshot, row: &ProviderRow) -> Result<ProviderDetails> {
        let settings = self.catalog.tools().provider_settings(row)?;
        let kind = find(KINDS, &row.kind);
        let (addresses, imports, fault) = match snapshot.parts.provider(&row.slug) {
            Ok(part) => (part.addresses(), part.imports(), None),
            Err(fault) => (Vec::new(), false, Some(fault.to_owned())),
        };
        Ok(ProviderDetails {
            slug: row.slug.clone(),
            kind: row.kind.clone(),
            title: row.title.clone(),
            is_disabled: row.disabled_at.is_some(),
            settings: kind.map_or_else(|_| Vec::new(), |kind| redacted(kind, &settings)),
            admission: row.admission.clone(),
            routing: row.routing.clone(),
            word: snapshot.word(&row.slug).cloned(),
            addresses,
            imports,
            documents: self.store.documents_of(&row.slug).await?,
            fault,
        })
    }

    /// Opens its connections once and reports their state in plain words.
    pub async fn check(&self, who: &SignedIn, slug: &str) -> Result<Result<String, String>> {
        let found = self.sign_ins.providers().check(slug).await?;
        let word = if found.is_ok() { "fine" } else { "wrong" };
        self.record_action(EventKind::ProviderChecked, who, slug, word)
            .await?;
        Ok(found)
    }

    /// Fetches its documents now.
    pub async fn refresh(&self, who: &SignedIn, slug: &str) -> Result<Result<(), String>> {
        let done = self.sign_ins.providers().refresh_now(slug).await?;
        let word = if done.is_ok() { "fetched" } else { "failed" };
        self.record_action(EventKind::ProviderRefreshed, who, slug, word)
            .await?;
        Ok(done)
    }

    /// Takes over metadata that an admin brings. Metadata that requires less than before is
    /// reported, and taken over only when the admin confirms it (THREATS: metadata import weakens
    /// checks).
    pub async fn import(
        &self,
        who: &SignedIn,
        slug: &str,
        text: &str,
        confirmed: Option<&str>,
    ) -> Result<Taken> {
        if text.len() > METADATA_BYTES {
            return Ok(Taken::Refused("metadata has at most a megabyte".to_owned()));
        }
        let word = word_for(text);
        let import = Import {
            text,
            is_confirmed: confirmed == Some(word.as_str()),
        };
        let taken = match self.sign_ins.providers().import(slug, &import).await? {
            Ok(taken) => taken,
            Err(fault) => return Ok(Taken::Refused(fault)),
        };
        if taken.is_kept {
            let word = if taken.weaker.is_empty() {
                "taken"
            } else {
                "taken-weaker"
            };
            self.record_action(EventKind::ProviderImported, who, slug, word)
                .await?;
            return Ok(Taken::Done(taken.about));
        }
        let weaker = taken.weaker;
        Ok(Taken::Weaker { weaker, word })
    }

    async fn record_action(
        &self,
        kind: EventKind,
        who: &SignedIn,
        slug: &str,
        word: &str,
    ) -> Result<()> {
        let event = self.events.of(kind, who);
        let event = event.about(Target::provider(slug)).with("result", word);
        let mut tx = self.store.begin_single().await?;
        tx.record(&event).await?;
        tx.commit().await
    }
}

/// The confirmation token of a text, independent of line ends: browsers write those in their own
/// way, and drop the first.
fn word_for(text: &str) -> String {
    let lines: Vec<&str> = text.trim().lines().collect();
    sha256(&lines.join("\n"))
}

/// Only what its kind declares, and no secret; what it does not declare is not shown.
fn redacted(kind: &'static Kind<OpenProviderKind>, settings: &Settings) -> Vec<Setting> {
    let each = kind.fields.iter().map(|field| {
        let value = settings.get(field.name).filter(|value| !value.is_null());
        Setting {
            name: field.name,
            about: field.about,
            value: value.filter(|_| !field.secret).map(in_words),
            is_secret: field.secret,
            is_set: value.is_some(),
        }
    });
    each.collect()
}

fn in_words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) if list.iter().all(Value::is_string) => {
            let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            texts.join(", ")
        }
        other => other.to_string(),
    }
}
