//! Logout, in both directions. Any client that knows the address can send a logout token.

use std::time::Duration;

use serde_json::{Value, json};
use usher::{
    protocol::oauth::Params,
    upstream::{LogoutMessage, OneTimeName, ProviderFailure, ProviderStep, Upstream},
};

use super::{CLIENT, STATE, World, down, params};
use support::op::{
    Fields, Mood, SECRET,
    key::{Key, by_hmac, unsigned},
};

async fn send(world: &World, token: &str) -> Result<LogoutMessage, ProviderFailure> {
    let message = params(&Fields::from([(
        "logout_token".to_owned(),
        token.to_owned(),
    )]));
    world.part.logout(&message, world.usher.clock.now()).await
}

async fn outcome(
    world: &World,
    claims: Value,
    header: Value,
) -> Result<LogoutMessage, ProviderFailure> {
    send(world, &world.op.logout_token(claims, header)).await
}

fn ended(
    outcome: Result<LogoutMessage, ProviderFailure>,
) -> (Option<String>, Option<String>, Vec<OneTimeName>) {
    match outcome {
        Ok(LogoutMessage::Ended {
            subject,
            session,
            once,
            answer: None,
        }) => (subject, session, once),
        other => panic!("not ended: {other:?}"),
    }
}

fn invalid(outcome: Result<LogoutMessage, ProviderFailure>) -> String {
    match outcome {
        Err(ProviderFailure::Invalid(words)) => words,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_logout_token_names_whom_it_ends_and_is_good_once() {
    let world = World::new().await;
    let (subject, session, once) = ended(outcome(&world, json!({}), json!({})).await);
    assert_eq!(
        (subject.as_deref(), session.as_deref()),
        (Some("ana-1"), Some("s-1"))
    );
    let [once] = once.as_slice() else {
        panic!("{once:?}");
    };
    assert!(once.name.contains("j-1") && once.name.contains(&world.op.issuer));
    let now = world.usher.clock.now();
    assert_eq!(
        once.until,
        now + Duration::from_secs(150),
        "its end, and the clocks' difference"
    );
}

#[tokio::test]
async fn logout_tokens_that_the_specification_allows_are_taken() {
    let world = World::new().await;
    let now = world.usher.clock.now().secs();
    for (claims, header) in [
        (json!({"sid": null}), json!({})),
        (json!({"sub": null}), json!({})),
        (json!({"exp": null}), json!({})),
        (json!({"exp": null, "iat": now - 149}), json!({})),
        (json!({"exp": now - 29}), json!({})),
        (json!({"iat": now + 30}), json!({})),
        (json!({"aud": [CLIENT]}), json!({})),
        (json!({}), json!({"typ": null})),
        (json!({}), json!({"typ": "JWT"})),
        (json!({}), json!({"typ": "application/Logout+JWT"})),
        (json!({}), json!({"kid": null})),
    ] {
        ended(outcome(&world, claims, header).await);
    }
}

#[tokio::test]
async fn logout_tokens_with_one_fault_are_refused() {
    const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";
    let world = World::new().await;
    let now = world.usher.clock.now().secs();
    for (claims, words) in [
        (json!({"iss": "https://evil.example"}), "(iss)"),
        (json!({"iss": null}), "claims"),
        (json!({"aud": "somebody"}), "(aud)"),
        (json!({"aud": ["usher", "somebody"]}), "(aud)"),
        (json!({"aud": []}), "(aud)"),
        (json!({"aud": null}), "claims"),
        (json!({"iat": now + 31}), "(iat)"),
        (json!({"iat": null}), "claims"),
        (json!({"exp": now - 31}), "(exp)"),
        (json!({"exp": null, "iat": now - 151}), "(exp)"),
        (json!({"iat": now - 4000, "exp": now + 1_000_000}), "(exp)"),
        (json!({"nonce": "n"}), "(nonce)"),
        (json!({"nonce": ""}), "(nonce)"),
        (json!({"events": null}), "claims"),
        (json!({"events": {}}), "(events)"),
        (
            json!({"events": {"http://schemas.openid.net/event/other": {}}}),
            "(events)",
        ),
        (json!({"events": {EVENT: true}}), "(events)"),
        (json!({"events": [EVENT]}), "(events)"),
        (json!({"jti": null}), "claims"),
        (json!({"jti": ""}), "(jti)"),
        (json!({"jti": "x".repeat(256)}), "(jti)"),
        (json!({"sub": null, "sid": null}), "(sub, sid)"),
        (json!({"sub": "", "sid": ""}), "(sub, sid)"),
    ] {
        let said = invalid(outcome(&world, claims.clone(), json!({})).await);
        assert!(said.contains(words), "{claims}: {said}");
        assert!(!said.contains("ana"), "{said}");
    }
}

#[tokio::test]
async fn forged_logout_tokens_are_refused() {
    let world = World::new().await;
    let claims = |token: &str| {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let payload = token.split('.').nth(1).expect("a payload");
        let bytes = URL_SAFE_NO_PAD.decode(payload).expect("base64url");
        serde_json::from_slice::<Value>(&bytes).expect("JSON")
    };
    let good = world.op.logout_token(json!({}), json!({}));
    let claims = claims(&good);
    let head = json!({"alg": "HS256", "kid": "k1", "typ": "logout+jwt"});
    let public = world.op.mind().key.public().to_string();
    let (body, _) = good.rsplit_once('.').expect("a signature");
    for forged in [
        unsigned(&claims),
        by_hmac(&head, &claims, public.as_bytes()),
        by_hmac(&head, &claims, SECRET.as_bytes()),
        Key::new("k1", "ES256").token(&json!({"alg": "ES256", "kid": "k1"}), &claims),
        Key::new("k9", "RS256").token(&json!({"alg": "RS256", "kid": "k9"}), &claims),
        body.to_owned(),
        format!("{body}."),
        format!("{body}.AAAA"),
        format!("{good}="),
        format!("{good}.x"),
        format!(" {good}"),
        "x".repeat(20_000),
        "..".to_owned(),
    ] {
        invalid(send(&world, &forged).await);
    }
    for header in [
        json!({"typ": "at+jwt"}),
        json!({"alg": "none"}),
        json!({"alg": "RS256"}),
        json!({"crit": ["x"]}),
        json!({"b64": false}),
        json!({"kid": 7}),
    ] {
        invalid(outcome(&world, json!({}), header).await);
    }
    let nothing = Params::parse("SAMLRequest=x").expect("parameters");
    let outcome = world.part.logout(&nothing, world.usher.clock.now()).await;
    assert!(invalid(outcome).contains("no logout_token"));
}

/// THREATS: kind confusion, both ways: `typ`, `nonce` and `events` keep the two apart.
#[tokio::test]
async fn kind_confusion_an_id_token_ends_no_session() {
    let world = World::new().await;
    let vouched = world.sign_in().await.expect("vouched");
    let id_token = vouched.upstream.and_then(|upstream| upstream.secret);
    invalid(send(&world, &id_token.expect("an id_token")).await);
    world.op.mind().forge = Some(|mind, claims| {
        let mut claims = claims.clone();
        claims["events"] = json!({"http://schemas.openid.net/event/backchannel-logout": {}});
        claims["nonce"] = Value::Null;
        mind.key.token(&mind.key.header(), &claims)
    });
    world.refusal().await;
}

#[tokio::test]
async fn a_logout_signed_by_a_new_key_is_understood_and_junk_does_not_hammer() {
    let world = World::new().await;
    ended(outcome(&world, json!({}), json!({})).await);
    world.op.mind().key = Key::new("k2", "ES256");
    ended(outcome(&world, json!({}), json!({})).await);
    assert_eq!(world.op.visits("/jwks"), 2);
    for _ in 0..5 {
        invalid(outcome(&world, json!({}), json!({"kid": "k9"})).await);
    }
    assert_eq!(world.op.visits("/jwks"), 2);
}

#[tokio::test]
async fn a_logout_while_the_provider_cannot_be_asked_is_not_an_invalid_one() {
    let world = World::new().await;
    let place = "/.well-known/openid-configuration";
    world.op.mind().moods.insert(place, Mood::Status(503));
    down(outcome(&world, json!({}), json!({})).await);
}

fn upstream(secret: Option<String>) -> Upstream {
    Upstream {
        subject: "ana-1".to_owned(),
        session: None,
        secret,
    }
}

#[tokio::test]
async fn signing_out_here_leads_to_the_providers_own_sign_out() {
    let world = World::new().await;
    let vouched = world.sign_in().await.expect("vouched");
    let upstream = vouched.upstream.expect("for a logout");
    let step = world.part.sign_out(&upstream, &world.wish()).await;
    let Some(ProviderStep::Redirect(address)) = step else {
        panic!("{step:?}");
    };
    let (place, _) = address.as_str().split_once('?').expect("a query");
    assert_eq!(place, format!("{}/end", world.op.issuer));
    let sent: Fields = address.query_pairs().into_owned().collect();
    assert_eq!(
        sent["id_token_hint"],
        upstream.secret.expect("the id_token")
    );
    assert_eq!(sent["client_id"], CLIENT);
    assert_eq!(
        sent["post_logout_redirect_uri"],
        "https://usher.test/signed-out"
    );
    assert_eq!(sent["state"], STATE);
}

#[tokio::test]
async fn a_sign_out_too_long_for_an_address_goes_as_a_form() {
    let world = World::new().await;
    world.op.mind().claims = json!({"groups": vec!["a-group-of-people"; 400]});
    let vouched = world.sign_in().await.expect("vouched");
    let upstream = vouched.upstream.expect("for a logout");
    let step = world.part.sign_out(&upstream, &world.wish()).await;
    let Some(ProviderStep::Post { action, fields }) = step else {
        panic!("{step:?}");
    };
    assert_eq!(action.as_str(), format!("{}/end", world.op.issuer));
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        names,
        [
            "id_token_hint",
            "client_id",
            "post_logout_redirect_uri",
            "state"
        ]
    );
}

#[tokio::test]
async fn there_is_no_way_out_where_there_is_none() {
    let world = World::with(json!({"logout": false})).await;
    assert_eq!(
        world.part.sign_out(&upstream(None), &world.wish()).await,
        None
    );
    let world = World::new().await;
    world.op.mind().metadata = json!({"end_session_endpoint": null});
    assert_eq!(
        world.part.sign_out(&upstream(None), &world.wish()).await,
        None
    );
    let world = World::new().await;
    for hint in [None, Some("not a token".to_owned())] {
        let step = world.part.sign_out(&upstream(hint), &world.wish()).await;
        let Some(ProviderStep::Redirect(address)) = step else {
            panic!("{step:?}");
        };
        assert!(!address.as_str().contains("id_token_hint"));
    }
}

/// Front-Channel Logout 1.0 section 2: the link that a provider's page has the browser fetch.
#[tokio::test]
async fn a_logout_by_the_browser_ends_the_session_it_names_and_no_other() {
    let world = World::new().await;
    let now = world.usher.clock.now();
    let link = |fields: &[(&str, &str)]| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        Params::parse(&query).expect("parameters").with_raw(&query)
    };
    let issuer = world.op.issuer.clone();
    let good = link(&[("iss", &issuer), ("sid", "s-1")]);
    let (subject, session, once) = ended(world.part.logout(&good, now).await);
    assert_eq!((subject, session.as_deref()), (None, Some("s-1")));
    assert!(once.is_empty());
    let token = world.op.logout_token(json!({}), json!({}));
    for bad in [
        link(&[]),
        link(&[("iss", &issuer)]),
        link(&[("sid", "s-1")]),
        link(&[("iss", &issuer), ("sid", "")]),
        link(&[("iss", "https://evil.example"), ("sid", "s-1")]),
        link(&[("iss", &issuer), ("sub", "ana-1")]),
        link(&[("logout_token", &token)]),
    ] {
        let outcome = world.part.logout(&bad, now).await;
        assert!(
            matches!(outcome, Err(ProviderFailure::InvalidMessage(_))),
            "{outcome:?}"
        );
    }
}
