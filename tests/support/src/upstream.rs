//! The portal of the tests with identity providers in its catalogue.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};
use usher::kind::Settings;

use super::{
    idp::SimpleSaml,
    server::{TestServer, changed},
};

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

    fn row(&self) -> toml::Value {
        let row = json!({
            "slug": self.slug,
            "kind": self.kind,
            "title": title(self.slug),
            "settings": self.settings,
        });
        toml::Value::try_from(row).expect("a row")
    }
}

/// What people read of the provider with this slug.
pub fn title(slug: &str) -> String {
    format!("Sign in by {slug}")
}

/// The catalogue of the tests with these providers beside the local accounts.
pub fn seed_with(providers: &[Upstream]) -> String {
    seed_changed(providers, &[])
}

/// The same with some pieces of the catalogue replaced.
pub fn seed_changed(providers: &[Upstream], changes: &[(&str, &str)]) -> String {
    let mut seed: toml::Table = changed(changes).parse().expect("the seed");
    let rows = seed["provider"].as_array_mut().expect("a list");
    rows.extend(providers.iter().map(Upstream::row));
    seed.to_string()
}

/// A portal beside real peers, with these providers.
pub async fn house_with(providers: &[Upstream]) -> TestServer {
    let house = TestServer::beside_peers().await;
    house.seed(&seed_with(providers)).await;
    house
}

/// What the portal says of itself to this provider.
pub async fn metadata(house: &TestServer, slug: &str) -> String {
    let path = format!("/upstream/{slug}/metadata");
    let request = Request::get(path).body(Body::empty()).expect("a request");
    let (status, _, text) = house.ask(request).await;
    assert_eq!(status, 200, "{text}");
    text
}

/// SimpleSAMLphp reads the portal's metadata.
pub async fn trust(idp: &SimpleSaml, house: &TestServer, slug: &str) {
    idp.trust(&metadata(house, slug).await);
}
