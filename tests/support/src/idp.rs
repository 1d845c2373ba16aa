//! Real identity providers, by others: npm oidc-provider, PyPI oidc-provider-mock, SimpleSAMLphp and
//! npm samlp. Each knows the users of `tests/peers/idp/people.json`, and is steered from here.

use std::{fs, path::PathBuf, process::Command};

use serde_json::{Value, json};
use url::Url;
use usher::kind::Settings;

use super::{
    process::{Process, home, in_target, key_and_certificate, node, python, script},
    server::PORTAL,
};

/// The password of all users, at every one of them.
pub const PASSWORD: &str = "correct horse upstream";
/// The id and secret of Usher there.
pub const CLIENT: &str = "usher";
pub const CLIENT_SECRET: &str = "the-secret-of-usher-the-secret-of-usher";
/// With it, a sign-in at npm oidc-provider is of two factors.
pub const SECOND_FACTOR: &str = "123456";

/// The address of an endpoint of the provider `slug`.
pub fn endpoint(slug: &str, name: &str) -> String {
    format!("{PORTAL}/upstream/{slug}/{name}")
}

fn settings(value: Value) -> Settings {
    value.as_object().expect("an object").clone()
}

async fn steer(url: String, body: String) -> Value {
    let client = reqwest::Client::builder().no_proxy().build();
    let request = client.expect("a client").post(url).body(body);
    let reply = request.send().await.expect("the peer answers");
    assert!(reply.status().is_success(), "the peer says {reply:?}");
    let text = reply.text().await.expect("text");
    serde_json::from_str(&text).unwrap_or_default()
}

/// npm oidc-provider: a certified OpenID provider.
pub struct OidcProvider(Process);

impl OidcProvider {
    /// One at which Usher is registered under this slug.
    pub async fn start(slug: &str) -> Self {
        let provider = Self(Process::start(home(), node("idp/oidc_provider.mjs")));
        provider.register(&Self::client(slug)).await;
        provider
    }

    /// What is registered of Usher.
    pub fn client(slug: &str) -> Value {
        json!({
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "redirect_uris": [endpoint(slug, "callback")],
            "post_logout_redirect_uris": [endpoint(slug, "logout"), format!("{PORTAL}/signed-out")],
        })
    }

    pub fn issuer(&self) -> String {
        self.0.url()
    }

    pub fn settings(&self) -> Settings {
        settings(json!({
            "issuer": self.issuer(),
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "scopes": ["openid", "profile", "email", "groups"],
        }))
    }

    async fn steer(&self, verb: &str, what: Value) -> Value {
        steer(format!("{}/steer/{verb}", self.issuer()), what.to_string()).await
    }

    /// Registers a client, or changes it.
    pub async fn register(&self, client: &Value) {
        self.steer("client", client.clone()).await;
    }

    /// Signs with a new key; the old one stays published.
    pub async fn rotate_keys(&self) {
        self.steer("rotate", json!({})).await;
    }

    /// Signs with a new key and publishes no other.
    pub async fn replace_keys(&self) {
        self.steer("rotate", json!({"forget": true})).await;
    }

    /// The issuer in its redirects: `foreign-iss`, `no-iss` or the right one.
    pub async fn lie(&self, lie: Option<&str>) {
        self.steer("lie", json!({"lie": lie})).await;
    }

    /// These paths answer 503 from now on.
    pub async fn break_paths(&self, paths: &[&str]) {
        self.steer("break", json!({"paths": paths})).await;
    }

    /// The requests it received, as `GET /path`.
    pub async fn seen(&self) -> Vec<String> {
        let said = self.steer("seen", json!({})).await;
        let seen = said["seen"].as_array().expect("a list");
        let line = |one: &Value| format!("{} {}", text(&one[0]), text(&one[1]));
        seen.iter().map(line).collect()
    }

    /// The results of its logout tokens: `taken`, or the error.
    pub async fn logouts(&self) -> Vec<String> {
        let said = self.steer("seen", json!({})).await;
        let logouts = said["logouts"].as_array().expect("a list");
        logouts.iter().map(|one| text(one).to_owned()).collect()
    }

    pub fn stop(&mut self) {
        self.0.stop();
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

/// PyPI oidc-provider-mock: it answers as configured.
pub struct OidcMock(Process);

impl OidcMock {
    pub fn start() -> Self {
        Self(Process::start(home(), python("idp/oidc_mock.py")))
    }

    pub fn issuer(&self) -> String {
        self.0.url()
    }

    pub fn settings(&self) -> Settings {
        settings(json!({
            "issuer": self.issuer(),
            "client_id": CLIENT,
            "client_secret": CLIENT_SECRET,
            "scopes": ["openid", "profile", "email"],
        }))
    }

    /// One of the faults of `oidc_mock.py`, or `none`.
    pub async fn lie(&self, lie: &str) {
        steer(format!("{}/steer/lie/{lie}", self.issuer()), String::new()).await;
    }
}

/// SimpleSAMLphp as an identity provider, in PHP's own web server.
pub struct SimpleSaml {
    process: Process,
    /// How it is set, for [`SimpleSaml::set`].
    state: Value,
}

impl SimpleSaml {
    /// One without any service provider yet: see [`SimpleSaml::trust`].
    pub fn start() -> Self {
        let home = home();
        fs::create_dir(home.path().join("tmp")).expect("a new directory");
        key_and_certificate(home.path(), "first");
        let mut php = Command::new("php");
        php.args(["-S", "127.0.0.1:0", "-t"])
            .arg(installed().join("www"))
            .env("SIMPLESAMLPHP_CONFIG_DIR", script("idp/simplesaml"))
            .env("USHER_IDP_HOME", home.path());
        let process = Process::start(home, php);
        let state = json!({
            "url": process.url(), "key": "first", "options": {},
            "salt": "not a secret, but not the default either",
        });
        let mut idp = Self { process, state };
        idp.trust(NO_SERVICE_PROVIDER);
        idp.set(json!({}));
        idp
    }

    pub fn entity_id(&self) -> String {
        format!("{}/metadata", self.process.url())
    }

    pub fn metadata_url(&self) -> String {
        format!("{}/saml2/idp/metadata.php", self.process.url())
    }

    pub fn settings(&self) -> Settings {
        settings(json!({
            "metadata_url": self.metadata_url(),
            "entity_id": self.entity_id(),
        }))
    }

    /// Trusts the service provider of these metadata.
    pub fn trust(&self, metadata: &str) {
        fs::write(self.process.home().join("portal.xml"), metadata).expect("writable");
    }

    /// Options of the identity provider, by SimpleSAMLphp's own names (`assertion.encryption`, …).
    pub fn set(&mut self, options: Value) {
        self.state["options"] = options;
        self.write();
    }

    /// Has its next key in its metadata beside the present one, by which it still signs.
    pub fn announce_key(&mut self) {
        key_and_certificate(self.process.home(), "second");
        self.set(json!({"new_privatekey": "second.key", "new_certificate": "second.pem"}));
    }

    /// Signs with its next key, which is the only one in its metadata from now on.
    pub fn roll_over(&mut self) {
        if !self.process.home().join("second.key").exists() {
            key_and_certificate(self.process.home(), "second");
        }
        self.state["key"] = json!("second");
        self.set(json!({}));
    }

    fn write(&self) {
        let file = self.process.home().join("settings.json");
        fs::write(file, self.state.to_string()).expect("writable");
    }

    /// Where a user signs in without being asked to by the service provider.
    pub fn initiated(&self, service_provider: &str, relay_state: Option<&str>) -> String {
        let place = format!("{}/saml2/idp/SSOService.php", self.process.url());
        let mut url = Url::parse(&place).expect("an address");
        url.query_pairs_mut()
            .append_pair("spentityid", service_provider);
        if let Some(state) = relay_state {
            url.query_pairs_mut().append_pair("RelayState", state);
        }
        url.to_string()
    }

    /// Where a user signs out of it, and of all that they were signed in to by it.
    pub fn sign_out(&self) -> String {
        let back = format!("{}/logout.php", self.process.url());
        let place = format!("{}/saml2/idp/SingleLogoutService.php", self.process.url());
        let query = [("ReturnTo", back.as_str())];
        Url::parse_with_params(&place, query)
            .expect("an address")
            .to_string()
    }

    pub fn log(&self) -> String {
        let log = self.process.home().join("simplesamlphp.log");
        fs::read_to_string(log).unwrap_or_default() + &self.process.log()
    }

    pub fn stop(&mut self) {
        self.process.stop();
    }
}

const NO_SERVICE_PROVIDER: &str = "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
     entityID=\"urn:nobody\"><md:SPSSODescriptor \
     protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
     <md:AssertionConsumerService index=\"0\" Location=\"https://nobody.test/\" \
     Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\"/>\
     </md:SPSSODescriptor></md:EntityDescriptor>";

fn installed() -> PathBuf {
    let places = [
        PathBuf::from("/usr/share/simplesamlphp"),
        in_target("simplesamlphp"),
    ];
    let found = places.into_iter().find(|place| place.join("www").exists());
    found.expect("SimpleSAMLphp is not here: run `make deps`")
}

/// npm samlp: signs what and how it is configured to, and sends unsolicited responses.
pub struct Samlp(Process);

impl Samlp {
    pub fn start() -> Self {
        let home = home();
        key_and_certificate(home.path(), "samlp");
        let mut samlp = node("idp/samlp.mjs");
        samlp
            .args(["samlp.key", "samlp.pem"])
            .current_dir(home.path());
        Self(Process::start(home, samlp))
    }

    pub fn entity_id(&self) -> String {
        format!("{}/metadata", self.0.url())
    }

    pub fn settings(&self) -> Settings {
        settings(json!({
            "metadata_url": self.entity_id(),
            "entity_id": self.entity_id(),
        }))
    }

    /// Options of the library for all answers from now on: `signResponse`, `signAssertion`,
    /// `signatureAlgorithm`, `digestAlgorithm`, `audience`, `recipient`, …
    pub async fn set(&self, options: Value) {
        steer(
            format!("{}/steer/options", self.0.url()),
            options.to_string(),
        )
        .await;
    }

    /// A page that posts an unsolicited response.
    pub fn unsolicited(
        &self,
        user: &str,
        slug: &str,
        audience: &str,
        state: Option<&str>,
    ) -> String {
        let to = endpoint(slug, "acs");
        let place = format!("{}/unsolicited", self.0.url());
        let query = [("user", user), ("to", &to), ("audience", audience)];
        let query = query.into_iter().chain(state.map(|state| ("state", state)));
        Url::parse_with_params(&place, query)
            .expect("an address")
            .to_string()
    }
}
