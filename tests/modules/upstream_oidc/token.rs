//! Invalid tokens (THREATS: audience, conditions, time; kind confusion). Each row has one defect.

use std::time::Duration;

use serde_json::{Value, json};
use usher::upstream::{ProviderFailure, UpstreamWish};

use super::{World, down, usher};
use support::op::{
    Mind, Mood, Op, SECRET,
    key::{Key, by_hmac, encode, unsigned},
    laid,
};

fn now(world: &World) -> i64 {
    world.usher.clock.now().secs()
}

#[tokio::test]
async fn an_id_token_with_one_wrong_claim_is_refused() {
    let world = World::new().await;
    let now = now(&world);
    for (claims, words) in [
        (json!({"iss": "https://evil.example"}), "issuer"),
        (json!({"iss": format!("{}/", world.op.issuer)}), "issuer"),
        (json!({"iss": null}), "id_token"),
        (json!({"aud": "somebody"}), "audience"),
        (json!({"aud": []}), "audience"),
        (json!({"aud": null}), "audience"),
        (json!({"aud": ["usher", "somebody"]}), "audience"),
        (json!({"azp": "somebody"}), "azp"),
        (json!({"exp": now - 31}), "xpired"),
        (json!({"exp": now - 86_400}), "xpired"),
        (json!({"exp": null}), "id_token"),
        (json!({"exp": "tomorrow"}), "id_token"),
        (json!({"iat": now + 31}), "iat"),
        (json!({"iat": null}), "id_token"),
        (json!({"nbf": now + 31}), "nbf"),
        (json!({"nbf": "x"}), "nbf"),
        (json!({"nonce": "another"}), "nonce"),
        (json!({"nonce": null}), "nonce"),
        (json!({"nonce": ""}), "nonce"),
        (json!({"sub": null}), "id_token"),
        (json!({"sub": ""}), "sub"),
        (json!({"sub": "x".repeat(256)}), "sub"),
        (json!({"sub": "a\nb"}), "sub"),
        (json!({"sub": 7}), "id_token"),
        (json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}), "at_hash"),
        (json!({"at_hash": ""}), "at_hash"),
    ] {
        world.op.mind().claims = claims.clone();
        let said = world.refusal().await;
        assert!(said.to_lowercase().contains(words), "{claims}: {said}");
    }
    assert_eq!(
        world.op.visits("/userinfo"),
        0,
        "no request follows a false token"
    );
}

#[tokio::test]
async fn clocks_may_differ_by_what_the_admin_allows() {
    let world = World::new().await;
    let now = now(&world);
    for claims in [
        json!({"exp": now - 29}),
        json!({"iat": now + 30}),
        json!({"nbf": now + 30}),
        json!({"at_hash": null}),
        json!({"azp": "usher"}),
        json!({"aud": ["usher"]}),
    ] {
        world.op.mind().claims = claims.clone();
        assert!(world.sign_in().await.is_ok(), "{claims}");
    }
    let strict = World::with(json!({"clock_skew_seconds": 0})).await;
    strict.op.mind().claims = json!({"iat": now + 1});
    strict.refusal().await;
}

#[tokio::test]
async fn other_audiences_are_trusted_by_name_and_only_with_azp() {
    let world = World::with(json!({"other_audiences": ["api"]})).await;
    for (claims, fine) in [
        (json!({"aud": ["usher", "api"], "azp": "usher"}), true),
        (json!({"aud": ["usher", "api"]}), false),
        (json!({"aud": ["usher", "api"], "azp": "api"}), false),
        (json!({"aud": ["usher", "evil"], "azp": "usher"}), false),
        (json!({"aud": ["api"], "azp": "usher"}), false),
    ] {
        world.op.mind().claims = claims.clone();
        assert_eq!(world.sign_in().await.is_ok(), fine, "{claims}");
    }
}

#[tokio::test]
async fn algorithm_confusion_none_hmac_and_unlisted_algorithms_are_refused() {
    let forgeries: &[fn(&Mind, &Value) -> String] = &[
        |_, claims| unsigned(claims),
        |_, claims| {
            let head = encode(json!({"alg": "nOnE"}).to_string());
            format!("{head}.{}.", encode(claims.to_string()))
        },
        // The public key, in each form that has been mistaken for a secret.
        |mind, claims| {
            let header = json!({"alg": "HS256", "kid": "k1"});
            by_hmac(&header, claims, mind.key.public().to_string().as_bytes())
        },
        |mind, claims| {
            let x = mind.key.public()["x"].as_str().expect("a point").to_owned();
            by_hmac(&json!({"alg": "HS256", "kid": "k1"}), claims, x.as_bytes())
        },
        // Our own secret: we could have signed that ourselves.
        |_, claims| by_hmac(&json!({"alg": "HS256"}), claims, SECRET.as_bytes()),
        |mind, claims| {
            mind.key
                .token(&laid(mind.key.header(), &json!({"alg": "RS256"})), claims)
        },
        |mind, claims| {
            mind.key
                .token(&laid(mind.key.header(), &json!({"alg": "ES384"})), claims)
        },
        |mind, claims| {
            mind.key
                .token(&laid(mind.key.header(), &json!({"alg": null})), claims)
        },
    ];
    let world = World::new().await;
    for (number, forge) in forgeries.iter().enumerate() {
        world.op.mind().forge = Some(*forge);
        let words = world.refusal().await;
        assert!(!words.is_empty(), "{number}");
    }
}

#[tokio::test]
async fn a_key_that_the_token_brings_along_proves_nothing() {
    let world = World::new().await;
    world.op.mind().forge = Some(|_, claims| {
        let mine = Key::new("k1", "ES256");
        let header = json!({
            "alg": "ES256", "kid": "k1", "jwk": mine.public(), "jku": "http://127.0.0.1:1/keys",
        });
        mine.token(&header, claims)
    });
    world.refusal().await;
}

#[tokio::test]
async fn kind_confusion_a_token_of_another_kind_is_no_id_token() {
    let world = World::new().await;
    for header in [
        json!({"typ": "logout+jwt"}),
        json!({"typ": "at+jwt"}),
        json!({"cty": "JWT"}),
        json!({"crit": ["exp"]}),
    ] {
        world.op.mind().header = header.clone();
        let words = world.refusal().await;
        assert!(words.contains("nsupported"), "{header}: {words}");
    }
}

#[tokio::test]
async fn every_listed_algorithm_verifies_and_no_other() {
    for alg in [
        "RS256", "RS512", "PS256", "PS384", "ES256", "ES384", "EdDSA",
    ] {
        let usher = usher().await;
        let op = Op::with_key(&usher.clock, Key::new("k", alg)).await;
        let world = World::of(usher, op, json!({"algorithms": [alg]}));
        let outcome = world.sign_in().await;
        assert!(outcome.is_ok(), "{alg}: {outcome:?}");
        world.op.mind().claims = json!({"at_hash": "wrong"});
        world.refusal().await;
        // Signed by another key of the same name.
        world.op.mind().claims = json!({});
        let published = world.op.mind().key.public();
        world.op.mind().published = Some(json!([published]));
        world.op.mind().key = Key::new("k", alg);
        world.refusal().await;
    }
    let world = World::with(json!({"algorithms": ["RS256", "ES256"]})).await;
    world.op.mind().published = Some(json!([
        Key::new("k1", "ES256").public(),
        Key::new("p", "PS256").public(),
    ]));
    world.op.mind().key = Key::new("p", "PS256");
    let words = world.refusal().await;
    assert!(words.contains("algorithm"), "{words}");
}

#[tokio::test]
async fn a_sign_in_that_is_older_than_asked_for_is_refused() {
    let world = World::with(json!({"max_age": 600})).await;
    let now = now(&world);
    for (time, fine) in [
        (json!(now - 630), true),
        (json!(now - 631), false),
        (json!(now + 31), false),
        (json!(null), false),
    ] {
        world.op.mind().claims = json!({"auth_time": time});
        assert_eq!(world.sign_in().await.is_ok(), fine, "{time}");
    }
}

/// A step-up is worthless if the provider ignores prompt=login.
#[tokio::test]
async fn a_fresh_sign_in_that_was_not_fresh_is_refused() {
    let world = World::new().await;
    let wish = UpstreamWish {
        fresh: true,
        ..world.wish()
    };
    let began = now(&world);
    for (time, fine) in [
        (json!(began - 3600), false),
        (json!(began - 31), false),
        (json!(began + 50), true),
    ] {
        let trip = world.depart_as(&wish).await;
        world.usher.advance(Duration::from_secs(60));
        world.op.mind().claims = json!({"auth_time": time});
        let fields = world.op.consent(&trip.address);
        let outcome = world.arrive(&trip, &fields).await;
        assert_eq!(outcome.is_ok(), fine, "{time}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_time_that_is_not_reported_is_unknown_and_not_now() {
    let world = World::new().await;
    for fresh in [false, true] {
        let wish = UpstreamWish {
            fresh,
            ..world.wish()
        };
        let trip = world.depart_as(&wish).await;
        world.op.mind().claims = json!({"auth_time": null});
        let fields = world.op.consent(&trip.address);
        let vouched = world.arrive(&trip, &fields).await.expect("vouched");
        assert_eq!(vouched.proved_at, None);
    }
}

#[tokio::test]
async fn an_authentication_context_that_is_required_is_checked() {
    let world = World::with(json!({"acr_values": ["gold"], "require_acr": true})).await;
    for (acr, fine) in [
        (json!("gold"), true),
        (json!("lead"), false),
        (json!(null), false),
    ] {
        world.op.mind().claims = json!({"acr": acr});
        assert_eq!(world.sign_in().await.is_ok(), fine, "{acr}");
    }
}

#[tokio::test]
async fn a_failing_token_endpoint_is_distinguished_from_a_false_one() {
    let world = World::new().await;
    for mood in [Mood::Status(500), Mood::Status(503), Mood::TooLong] {
        world.op.mind().moods.insert("/token", mood);
        let words = down(world.sign_in().await);
        assert!(words.contains("token endpoint"), "{words}");
    }
    for text in ["", "<html>", "[]", "{}", "{\"access_token\":1}", "\u{0}"] {
        world.op.mind().moods.insert("/token", Mood::Text(text));
        let outcome = world.sign_in().await;
        let refused = matches!(
            outcome,
            Err(ProviderFailure::Down(_) | ProviderFailure::Invalid(_))
        );
        assert!(refused, "{text}: {outcome:?}");
    }
    world.op.mind().moods.clear();
    for reply in [
        json!({"id_token": null}),
        json!({"id_token": ""}),
        json!({"id_token": "a.b.c"}),
        json!({"id_token": {"sub": "ana-1"}}),
        json!({"access_token": null}),
        json!({"access_token": "line\r\nX-Evil: 1"}),
        json!({"access_token": "\u{e9}"}),
    ] {
        world.op.mind().reply = reply.clone();
        world.op.mind().claims = json!({"at_hash": null});
        world.refusal().await;
    }
}

#[tokio::test]
async fn a_token_endpoint_that_hangs_is_not_waited_for() {
    let quick = [
        ("USHER_NET__ALLOW", "127.0.0.1"),
        ("USHER_NET__TIMEOUT_MS", "200"),
    ];
    let usher = support::server::TestServer::configured(&quick).await;
    let op = Op::start(&usher.clock).await;
    let world = World::of(usher, op, json!({}));
    world.op.mind().moods.insert("/token", Mood::Silent);
    let words = down(world.sign_in().await);
    assert!(words.contains("in time"), "{words}");
}

/// THREATS: session mix-up. One part serves all users at once.
#[tokio::test]
async fn many_users_at_once_are_never_mixed_up() {
    let world = World::with(json!({"userinfo": false})).await;
    let mut trips = Vec::new();
    for _ in 0..20 {
        let trip = world.depart().await;
        let fields = world.op.consent(&trip.address);
        trips.push((trip, fields));
    }
    let own = trips
        .iter()
        .map(|(trip, fields)| world.arrive(trip, fields));
    for outcome in own {
        assert!(outcome.await.is_ok());
    }
    let world = World::with(json!({"userinfo": false})).await;
    let (one, two) = (world.depart().await, world.depart().await);
    let mut crossed = world.op.consent(&two.address);
    crossed.insert("state".to_owned(), super::STATE.to_owned());
    assert!(world.arrive(&one, &crossed).await.is_err());
}

/// A provider with several keys that names none in its tokens: id_tokens were refused where logout
/// tokens were read.
#[tokio::test]
async fn a_token_without_kid_is_held_against_every_key_as_a_logout_token_is() {
    let world = World::new().await;
    let published = world.op.mind().key.public();
    let others = ["k7", "k8"].map(|kid| Key::new(kid, "ES256").public());
    world.op.mind().published = Some(json!([others[0], published, others[1]]));
    world.op.mind().header = json!({"kid": null});
    world
        .usher
        .advance(std::time::Duration::from_secs(7 * 3600));
    world.sign_in().await.expect("signed by one of them");
    world.op.mind().published = Some(json!(others));
    let world = {
        let fresh = World::new().await;
        fresh.op.mind().published = Some(json!(others));
        fresh.op.mind().header = json!({"kid": null});
        fresh
    };
    world.refusal().await;
}

/// What is not needed to judge a token is not read by type.
#[tokio::test]
async fn odd_types_of_claims_that_decide_nothing_end_no_sign_in() {
    let world = World::new().await;
    {
        let mut mind = world.op.mind();
        mind.claims = json!({
            "email_verified": "true", "updated_at": "2017-08-28T16:10:58.969Z",
            "locale": {"country": "US", "language": "en"}, "birthdate": 7, "address": ["x"],
            "phone_number_verified": "no", "gender": {}, "amr": "mfa", "acr": {"x": 1}, "sid": 7,
        });
        mind.reply = json!({"expires_in": "3599", "scope": ["openid"], "token_type": 7});
        mind.userinfo = json!({
            "sub": "ana-1", "updated_at": "yesterday", "zoneinfo": 3, "website": {"a": "b"},
        });
        mind.metadata = json!({
            "registration_endpoint": "", "service_documentation": 7, "claims_supported": "x",
            "end_session_endpoint": "", "scopes_supported": null, "revocation_endpoint": [],
            "response_types_supported": "code", "ui_locales_supported": {},
            "require_request_uri_registration": "no", "backchannel_logout_supported": "true",
        });
    }
    let vouched = world.sign_in().await.expect("vouched");
    let value = |name: &str| {
        vouched
            .identity
            .attributes
            .get(name)
            .map(|all| all.join(" "))
    };
    for (name, expected) in [
        ("email_verified", "true"),
        ("updated_at", "2017-08-28T16:10:58.969Z"),
        ("locale.country", "US"),
        ("locale.language", "en"),
        ("birthdate", "7"),
        ("website.a", "b"),
    ] {
        assert_eq!(value(name).as_deref(), Some(expected), "{name}");
    }
    assert_eq!((vouched.acr, vouched.amr), (None, vec!["mfa".to_owned()]));
}

#[tokio::test]
async fn a_fault_names_the_member_and_not_what_it_says() {
    for (metadata, name) in [
        (json!({"token_endpoint": 7}), "token_endpoint"),
        (json!({"token_endpoint": ""}), "token_endpoint"),
        (json!({"jwks_uri": "quoted nowhere"}), "jwks_uri"),
        (
            json!({"userinfo_endpoint": "quoted nowhere"}),
            "userinfo_endpoint",
        ),
        (
            json!({"require_pushed_authorization_requests": "quoted nowhere"}),
            "require_pushed_authorization_requests",
        ),
    ] {
        let world = World::new().await;
        world.op.mind().metadata = metadata;
        let words = down(world.sign_in_begun().await);
        assert!(words.contains(name), "{words}");
        assert!(!words.contains("quoted"), "{words}");
    }
    let world = World::new().await;
    for (claims, name) in [
        (json!({"exp": "quoted nowhere"}), "exp"),
        (json!({"nonce": {"quoted": 1}}), "nonce"),
        (json!({"at_hash": ["quoted"]}), "at_hash"),
        (json!({"iss": ["quoted"]}), "iss"),
        (json!({"azp": ["quoted"]}), "azp"),
    ] {
        world.op.mind().claims = claims;
        let words = world.refusal().await;
        assert!(words.contains(name), "{words}");
        assert!(!words.contains("quoted"), "{words}");
    }
}

#[tokio::test]
async fn a_code_that_the_provider_refuses_is_the_browsers_fault() {
    let world = World::new().await;
    let trip = world.depart().await;
    let mut fields = world.op.consent(&trip.address);
    fields.insert("code".to_owned(), "made up".to_owned());
    let outcome = world.arrive(&trip, &fields).await;
    assert!(
        matches!(outcome, Err(ProviderFailure::InvalidMessage(_))),
        "{outcome:?}"
    );
}
