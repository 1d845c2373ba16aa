//! Signing in by an OpenID provider that is ours and hostile: what must work, and every known
//! attack by such a provider, or by one in the middle. The part is called directly, with the
//! portal's own network, database and clock; real providers of others are in `upstream`.

mod answer;
mod client;
mod discovery;
mod logout;
mod request;
mod token;
mod userinfo;

use serde_json::{Value, json};
use url::{Url, form_urlencoded};
use usher::{
    kind::Settings,
    protocol::oauth::Params,
    upstream::{
        Began, IdentityProvider, Memory, ProviderFailure, ProviderForm, ProviderResponse,
        ProviderStep, UpstreamArrival, UpstreamWish, Vouched,
    },
};

use support::{
    op::{self, CLIENT, Fields, Op, SECRET},
    server::TestServer,
    uncounted::{Uncounted, client},
};

/// `state` as `sign_in` makes it.
const STATE: &str = "st_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const CALLBACK: &str = "https://usher.test/upstream/op/callback";

/// A portal, a provider, and the part for it.
struct World {
    usher: TestServer,
    op: Op,
    part: Box<dyn IdentityProvider>,
}

/// A browser on its way.
struct Trip {
    address: Url,
    memory: Memory,
}

impl World {
    async fn new() -> Self {
        Self::with(json!({})).await
    }

    /// With some settings changed.
    async fn with(changes: Value) -> Self {
        let usher = usher().await;
        let op = Op::start(&usher.clock).await;
        Self::of(usher, op, changes)
    }

    fn of(usher: TestServer, op: Op, changes: Value) -> Self {
        let part = open(&usher, &op, changes).unwrap_or_else(|error| panic!("{error}"));
        Self { usher, op, part }
    }

    fn wish(&self) -> UpstreamWish<'static> {
        UpstreamWish {
            state: STATE,
            hint: None,
            fresh: false,
            second_factor: false,
            language: "en",
            now: self.usher.clock.now(),
        }
    }

    async fn depart(&self) -> Trip {
        self.depart_as(&self.wish()).await
    }

    async fn depart_as(&self, wish: &UpstreamWish<'_>) -> Trip {
        let began = self.part.begin(wish).await;
        let Began { step, memory } = began.unwrap_or_else(|failure| panic!("{failure:?}"));
        let ProviderStep::Redirect(address) = step else {
            panic!("{step:?}");
        };
        Trip { address, memory }
    }

    /// Back with these parameters.
    async fn arrive(&self, trip: &Trip, fields: &Fields) -> Result<Vouched, ProviderFailure> {
        let answer = ProviderResponse::Message(params(fields));
        let arrival = UpstreamArrival {
            answer: &answer,
            client: &client(),
            entries: &Uncounted,
            memory: Some(&trip.memory),
            now: self.usher.clock.now(),
        };
        self.part.complete(&arrival).await
    }

    /// There and back, with the provider's response.
    async fn sign_in(&self) -> Result<Vouched, ProviderFailure> {
        let trip = self.depart().await;
        let fields = self.op.consent(&trip.address);
        self.arrive(&trip, &fields).await
    }

    /// A sign-in that must be refused; the words for the log, which name no user.
    async fn refusal(&self) -> String {
        match self.sign_in().await {
            Err(ProviderFailure::Invalid(words)) => {
                for secret in ["ana", "at-2Yotn", "eyJ"] {
                    assert!(!words.contains(secret), "{words}");
                }
                words
            }
            other => panic!("not refused: {other:?}"),
        }
    }
}

async fn usher() -> TestServer {
    TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await
}

/// `null` removes a setting.
fn settings(op: &Op, changes: Value) -> Settings {
    let whole = json!({"issuer": op.issuer, "client_id": CLIENT, "client_secret": SECRET});
    let Value::Object(settings) = op::laid(whole, &changes) else {
        unreachable!("settings are an object");
    };
    settings
}

fn open(usher: &TestServer, op: &Op, changes: Value) -> Result<Box<dyn IdentityProvider>, String> {
    let tools = usher.app.catalog.tools();
    tools.provider("op", "oidc", &settings(op, changes))
}

fn params(fields: &Fields) -> Params {
    let mut text = form_urlencoded::Serializer::new(String::new());
    text.extend_pairs(fields);
    Params::parse(&text.finish()).expect("parameters")
}

fn down(outcome: Result<impl std::fmt::Debug, ProviderFailure>) -> String {
    match outcome {
        Err(ProviderFailure::Down(words)) => words,
        other => panic!("not down: {other:?}"),
    }
}

#[tokio::test]
async fn a_user_is_vouched_for_with_everything_the_provider_sent() {
    let world = World::new().await;
    world.op.mind().claims = json!({"acr": "gold", "amr": ["pwd", "otp"], "groups": ["a", "b"]});
    assert_eq!(world.part.asks(), ProviderForm::Away);
    let vouched = world.sign_in().await.expect("vouched");
    let identity = &vouched.identity;
    assert_eq!(identity.subject, "ana-1");
    assert_eq!(
        (identity.login.as_str(), identity.name.as_str()),
        ("ana", "Ana Almeida")
    );
    let values = |name: &str| identity.attributes.get(name).map(|all| all.join(" "));
    assert_eq!(values("email").as_deref(), Some("ana@example.org"));
    assert_eq!(values("groups").as_deref(), Some("a b"));
    assert_eq!(
        values("department").as_deref(),
        Some("sales"),
        "from userinfo"
    );
    for about_the_token in ["iss", "aud", "nonce", "exp", "at_hash", "sid"] {
        assert_eq!(values(about_the_token), None);
    }
    assert_eq!(vouched.acr.as_deref(), Some("gold"));
    assert_eq!(vouched.amr, ["pwd", "otp"]);
    assert_eq!(vouched.proved_at, Some(world.usher.clock.now()));
    assert!(
        !vouched.strong,
        "nothing counts as strong unless the admin says so"
    );
    let upstream = vouched.upstream.expect("for a logout");
    assert_eq!(
        (upstream.subject.as_str(), upstream.session.as_deref()),
        ("ana-1", Some("s-1"))
    );
}

#[tokio::test]
async fn a_second_factor_there_counts_only_by_the_admins_list() {
    for (settings, claims, expected) in [
        (
            json!({"strong_acr": ["gold"]}),
            json!({"acr": "gold"}),
            true,
        ),
        (
            json!({"strong_acr": ["gold"]}),
            json!({"acr": "Gold"}),
            false,
        ),
        (
            json!({"strong_acr": ["gold"]}),
            json!({"amr": ["gold"]}),
            false,
        ),
        (
            json!({"strong_amr": ["mfa"]}),
            json!({"amr": ["pwd", "mfa"]}),
            true,
        ),
        (json!({"strong_amr": ["mfa"]}), json!({"acr": "mfa"}), false),
        (
            json!({}),
            json!({"amr": ["mfa", "hwk", "otp"], "acr": "aal3"}),
            false,
        ),
    ] {
        let world = World::with(settings).await;
        world.op.mind().claims = claims.clone();
        let vouched = world.sign_in().await.expect("vouched");
        assert_eq!(vouched.strong, expected, "{claims}");
    }
}

#[tokio::test]
async fn check_reports_a_providers_features_and_faults() {
    let world = World::new().await;
    let words = world.part.check().await.expect("it is fine");
    assert_eq!(
        words,
        "connection successful: 1 signing key, iss in the response, sign-out"
    );
    world.op.mind().metadata = json!({"issuer": "https://other.example"});
    let words = world.part.check().await.expect_err("another issuer");
    assert!(words.contains("another issuer"), "{words}");
    for (metadata, why) in [
        (
            json!({"code_challenge_methods_supported": ["plain"]}),
            "PKCE",
        ),
        (
            json!({"id_token_signing_alg_values_supported": ["HS256"]}),
            "algorithms",
        ),
    ] {
        world.op.mind().metadata = metadata;
        let words = world.part.check().await.expect_err("unusable");
        assert!(words.contains(why), "{words}");
    }
}
