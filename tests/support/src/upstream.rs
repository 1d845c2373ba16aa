//! The portal of the tests with upstream providers in its catalogue.

use axum::{body::Body, http::Request};
use serde_json::Value;
use usher::kind::Settings;

use super::{draft::Draft, idp::SimpleSaml, server::TestServer};

/// A row of the catalogue's providers.
pub struct Upstream {
    slug: &'static str,
    kind: &'static str,
    settings: Settings,
}

impl Upstream {
    pub fn new(slug: &'static str, kind: &'static str, settings: Settings) -> Self {
        Self {
            slug,
            kind,
            settings,
        }
    }

    /// With some settings changed; `null` removes.
    pub fn with(mut self, changes: Value) -> Self {
        for (name, value) in changes.as_object().expect("an object") {
            self.settings.insert(name.clone(), value.clone());
        }
        self.settings.retain(|_, value| !value.is_null());
        self
    }
}

/// The title of the provider with this slug.
pub fn title(slug: &str) -> String {
    format!("Sign in by {slug}")
}

/// The catalogue of the tests with these providers beside the local accounts.
pub fn seed_with(providers: &[Upstream]) -> Draft {
    let mut draft = Draft::sample();
    for upstream in providers {
        let title = title(upstream.slug);
        let provider = draft.add_provider(upstream.slug, upstream.kind, &title);
        provider.settings = upstream.settings.clone();
    }
    draft
}

/// A portal with real peers and these providers.
pub async fn house_with(providers: &[Upstream]) -> TestServer {
    let usher = TestServer::beside_peers().await;
    usher.seed(&seed_with(providers)).await;
    usher
}

/// The portal's own metadata for this provider.
pub async fn metadata(usher: &TestServer, slug: &str) -> String {
    let path = format!("/upstream/{slug}/metadata");
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let (status, _, text) = usher.ask(request).await;
    assert_eq!(status, 200, "{text}");
    text
}

/// SimpleSAMLphp reads the portal's metadata.
pub async fn trust(idp: &SimpleSaml, usher: &TestServer, slug: &str) {
    idp.trust(&metadata(usher, slug).await);
}
