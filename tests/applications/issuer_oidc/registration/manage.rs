//! Management (RFC 7592): a client by its own token, and by no other; disabled and removed clients.

use serde_json::{Value, json};

use super::{
    ask, clients, code_after_consent, initial, notes, notes_with, path, redeem, refused,
    registered, send, text, tokens,
};
use crate::{
    issuer_oidc::client::key,
    logout::{deliver_all, outcomes},
};
use support::{
    browser::Browser,
    draft::Draft,
    listener::Listener,
    relying_party::{access_token, userinfo},
    remote::token_with,
    server::TestServer,
};

fn access(client: &Value) -> &str {
    text(client, "registration_access_token")
}

/// An update of this client's.
fn update(client: &Value, more: Value) -> Value {
    let mut body = notes_with(more);
    body["client_id"] = client["client_id"].clone();
    body
}

async fn put(usher: &TestServer, client: &Value, body: &Value) -> (u16, Value) {
    send(usher, "PUT", &path(client), access(client), Some(body)).await
}

async fn proves(usher: &TestServer, client: &Value) -> bool {
    let (id, secret) = (text(client, "client_id"), text(client, "client_secret"));
    let form = [("grant_type", "none")];
    token_with(usher, id, secret, &form).await.0 == 400
}

#[tokio::test]
async fn an_update_replaces_everything_and_rotates_nothing() {
    let usher = TestServer::open().await;
    let before = json!({
        "grant_types": ["authorization_code", "refresh_token"],
        "initiate_login_uri": "https://notes.test/initiate",
        "subject_type": "pairwise",
    });
    let made = registered(&usher, before).await;
    let moved = "https://notes.test/moved";
    let body = update(
        &made,
        json!({ "redirect_uris": [moved], "client_name": "Moved", "logo_uri": "x",
                "client_secret": made["client_secret"] }),
    );
    let (status, now) = put(&usher, &made, &body).await;
    assert_eq!(status, 200, "{now}");
    for (member, value) in [
        ("redirect_uris", json!([moved])),
        ("client_name", json!("Moved")),
        ("grant_types", json!(["authorization_code"])),
        ("subject_type", json!("public")),
    ] {
        assert_eq!(now[member], value, "{member}");
    }
    assert!(now.get("initiate_login_uri").is_none());
    assert!(now.get("client_secret").is_none(), "shown once");
    for same in [
        "client_id",
        "client_id_issued_at",
        "client_secret_expires_at",
        "registration_access_token",
        "registration_client_uri",
    ] {
        assert_eq!(now[same], made[same], "{same}");
    }
    assert!(proves(&usher, &made).await, "by the same secret");
    let (status, shown) = send(&usher, "GET", &path(&made), access(&made), None).await;
    assert_eq!((status, shown), (200, now));
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(&ask(&made).path()).await;
    assert_eq!(page.status, 400, "the old address is no longer known");
    let page = ana
        .get(&ask(&made).with("redirect_uri", moved).path())
        .await;
    assert!(page.says("Moved"), "{}", page.text());
    assert_eq!(usher.events_named("client.changed").await, 1);
}

#[tokio::test]
async fn a_wrong_update_changes_nothing() {
    let usher = TestServer::open().await;
    let (made, other) = (
        registered(&usher, json!({})).await,
        registered(&usher, json!({})).await,
    );
    let (_, before) = send(&usher, "GET", &path(&made), access(&made), None).await;
    let mut nameless = update(&made, json!({}));
    nameless["client_id"] = Value::Null;
    for (body, code) in [
        (nameless, "invalid_client_metadata"),
        (
            notes_with(json!({ "client_id": other["client_id"] })),
            "invalid_client_metadata",
        ),
        (
            notes_with(json!({ "client_id": "crm-eu" })),
            "invalid_client_metadata",
        ),
        (
            update(&made, json!({ "client_secret": other["client_secret"] })),
            "invalid_client_metadata",
        ),
        (
            update(&made, json!({ "client_secret": "mine" })),
            "invalid_client_metadata",
        ),
        (
            update(&made, json!({ "registration_access_token": access(&made) })),
            "invalid_client_metadata",
        ),
        (
            update(&made, json!({ "client_secret_expires_at": 0 })),
            "invalid_client_metadata",
        ),
        (
            update(&made, json!({ "client_id_issued_at": 0 })),
            "invalid_client_metadata",
        ),
        (
            update(&made, json!({ "registration_client_uri": "x" })),
            "invalid_client_metadata",
        ),
        (
            update(&made, json!({ "redirect_uris": ["javascript:alert(1)"] })),
            "invalid_redirect_uri",
        ),
        (
            update(&made, json!({ "redirect_uris": null })),
            "invalid_redirect_uri",
        ),
        (
            update(&made, json!({ "jwks_uri": "https://notes.test/" })),
            "invalid_client_metadata",
        ),
        (json!([]), "invalid_client_metadata"),
    ] {
        let (status, answer) = put(&usher, &made, &body).await;
        assert_eq!(
            (status, answer["error"].as_str()),
            (400, Some(code)),
            "{body}"
        );
        assert!(!text(&answer, "error_description").is_empty());
    }
    let (_, after) = send(&usher, "GET", &path(&made), access(&made), None).await;
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_change_of_method_takes_the_old_proof_away() {
    let usher = TestServer::open().await;
    let made = registered(&usher, json!({})).await;
    let own = key(usher::protocol::jose::Algorithm::Es256);
    let keys = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": { "keys": [own.public_jwk()] },
    });
    let (status, now) = put(&usher, &made, &update(&made, keys)).await;
    assert_eq!(status, 200, "{now}");
    assert!(now.get("client_secret_expires_at").is_none());
    assert!(!proves(&usher, &made).await);
    // And back: the old secret is gone, there is a new one.
    let (status, back) = put(&usher, &made, &update(&made, json!({}))).await;
    assert_eq!(status, 200, "{back}");
    assert!(back.get("jwks").is_none());
    assert!(!proves(&usher, &made).await);
    assert!(proves(&usher, &back).await);
}

/// THREATS: kind confusion, admin-plane authorisation. One answer for every client, there or not.
#[tokio::test]
async fn a_wrong_token_is_answered_alike_for_every_client() {
    let usher = TestServer::open().await;
    let (one, two) = (
        registered(&usher, json!({})).await,
        registered(&usher, json!({})).await,
    );
    let initial = initial(&usher, 5).await;
    let own = format!("/oidc/register/{}", text(&one, "client_id"));
    let absent = "/oidc/register/dyn-00000000-0000-7000-8000-000000000000";
    let mut answers = Vec::new();
    for path in [
        own.as_str(),
        absent,
        "/oidc/register/crm-eu",
        "/oidc/register/%00",
        "/oidc/register/x%27",
    ] {
        for token in [
            "",
            "x",
            access(&two),
            text(&one, "client_secret"),
            initial.as_str(),
        ] {
            for method in ["GET", "PUT", "DELETE"] {
                let body = update(&one, json!({}));
                let body = (method == "PUT").then_some(&body);
                let answer = send(&usher, method, path, token, body).await;
                refused(&answer, &format!("{method} {path} {token}"));
                answers.push(answer.1);
            }
        }
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "no oracle: {answers:?}");
    // Its own token is for no other, and for no new one.
    for path in [absent, "/oidc/register/crm-eu"] {
        refused(
            &send(&usher, "DELETE", path, access(&one), None).await,
            path,
        );
    }
    refused(
        &super::register(&usher, access(&one), &notes()).await,
        "not an initial one",
    );
    assert_eq!(clients(&usher).await.len(), 2);
    assert_eq!(send(&usher, "GET", &own, access(&one), None).await.0, 200);
}

#[tokio::test]
async fn what_is_removed_is_dead_at_once() {
    let usher = TestServer::open().await;
    let more = json!({ "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "backchannel_logout_uri": "https://notes.test/logout" });
    let made = registered(&usher, more).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let wide = ask(&made).with("scope", "openid email offline_access");
    let given = tokens(&usher, &mut ana, &made, &wide).await;
    let (id, secret) = (text(&made, "client_id"), text(&made, "client_secret"));
    let own = [("grant_type", "client_credentials")];
    let (_, own) = token_with(&usher, id, secret, &own).await;
    // A request that waits for its user's yes, and a code that was not redeemed.
    ana.stays = true;
    let more = wide.clone().with("scope", "openid email phone");
    let question = ana.get(&more.path()).await;
    let unredeemed = ana
        .get(&wide.path())
        .await
        .away()
        .remove("code")
        .expect("a code");
    assert_eq!(
        send(&usher, "DELETE", &path(&made), access(&made), None)
            .await
            .0,
        204
    );
    assert_eq!(usher.events_named("client.removed").await, 1);
    assert_eq!(userinfo(&usher, access_token(&given)).await.0, 401);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", text(&given, "refresh_token")),
    ];
    assert_eq!(token_with(&usher, id, secret, &refresh).await.0, 401);
    assert_eq!(redeem(&usher, &made, &unredeemed).await.0, 401);
    assert!(!proves(&usher, &made).await);
    refused(
        &send(&usher, "GET", &path(&made), access(&made), None).await,
        "gone",
    );
    refused(
        &send(&usher, "DELETE", &path(&made), access(&made), None).await,
        "gone",
    );
    refused(&put(&usher, &made, &update(&made, json!({}))).await, "gone");
    assert_eq!(
        ana.get(&wide.path()).await.status,
        400,
        "no client of this id"
    );
    let answered = ana.press(&question, "answer", "yes").await;
    assert!(answered.status >= 400, "{}", answered.text());
    // The database agrees, whatever a replica still has in memory.
    for sql in [
        "select id from grants where revoked_at is null",
        "select token_hash from access_tokens where revoked_at is null",
        "select client from consents",
        "select client from registrations",
    ] {
        assert!(usher.column(sql).await.is_empty(), "{sql}");
    }
    assert!(own["access_token"].is_string());
    // The user is still signed in here. When that ends, the client cannot be notified, and the page
    // says so.
    assert!(ana.session().await.is_some());
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    deliver_all(&usher).await;
    assert_eq!(outcomes(&usher).await, [format!("oidc {id} impossible")]);
}

#[tokio::test]
async fn a_disabled_client_works_nowhere_and_is_still_notified_of_logouts() {
    let rp = Listener::start().await;
    let usher = TestServer::configured(&[("USHER_NET__ALLOW", "127.0.0.1")]).await;
    usher.seed(&Draft::sample()).await;
    let made = registered(&usher, json!({ "backchannel_logout_uri": rp.at("/yes") })).await;
    let mut ana = Browser::of(&usher, "ana").await;
    let given = tokens(&usher, &mut ana, &made, &ask(&made)).await;
    let id = text(&made, "client_id");
    let registration = usher.app.issuer.registration();
    assert!(registration.shut_client(id, true).await.expect("done"));
    assert!(
        !registration.shut_client(id, true).await.expect("done"),
        "it is already"
    );
    assert_eq!(userinfo(&usher, access_token(&given)).await.0, 401);
    assert!(!proves(&usher, &made).await);
    assert_eq!(ana.peek(&ask(&made).path()).await.status, 400);
    for method in ["GET", "DELETE"] {
        refused(
            &send(&usher, method, &path(&made), access(&made), None).await,
            method,
        );
    }
    refused(
        &put(&usher, &made, &update(&made, json!({}))).await,
        "it does not help itself",
    );
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    deliver_all(&usher).await;
    assert_eq!(rp.received().len(), 1);
    assert!(registration.shut_client(id, false).await.expect("done"));
    assert!(proves(&usher, &made).await);
    assert!(
        !registration
            .shut_client("crm-eu", true)
            .await
            .expect("done"),
        "the seed's own"
    );
    assert!(
        !registration
            .remove_client("crm-eu", usher::model::event::Actor::Command)
            .await
            .expect("done"),
        "the seed's own"
    );
    assert_eq!(usher.events_named("client.disabled").await, 1);
    assert_eq!(usher.events_named("client.enabled").await, 1);
}

/// THREATS: redirect_uri bypass. An address that was removed receives no answer any more, whatever
/// was waiting meanwhile.
#[tokio::test]
async fn a_request_that_waited_is_not_answered_at_an_address_taken_back() {
    let usher = TestServer::open().await;
    let made = registered(&usher, json!({})).await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.stays = true;
    let question = ana.get(&ask(&made).path()).await;
    let moved = json!({ "redirect_uris": ["https://notes.test/moved"] });
    assert_eq!(put(&usher, &made, &update(&made, moved)).await.0, 200);
    for word in ["yes", "no"] {
        let answered = ana.press(&question, "answer", word).await;
        assert_eq!(answered.status, 400, "{}", answered.text());
    }
    assert!(usher.column("select client from consents").await.is_empty());
}

/// THREATS: SSRF. A registered logout address inside our network is not requested.
#[tokio::test]
async fn a_back_channel_into_our_own_network_is_not_called() {
    let rp = Listener::start().await;
    let usher = TestServer::open().await;
    let made = registered(&usher, json!({ "backchannel_logout_uri": rp.at("/yes") })).await;
    let mut ana = Browser::of(&usher, "ana").await;
    code_after_consent(&mut ana, &ask(&made)).await;
    let page = ana.get("/sign-out").await;
    ana.send(&page, "/sign-out").await;
    deliver_all(&usher).await;
    assert!(rp.received().is_empty());
}

/// Agreed to as "Notes" at notes.test, then renamed and moved: the code went to the new host without
/// a question, with mail and groups.
#[tokio::test]
async fn a_client_that_takes_another_name_or_host_asks_anew_and_loses_what_it_had() {
    let phish = "https://phish.test/callback";
    for (more, address) in [
        (json!({ "client_name": "CRM" }), super::CALLBACK),
        (json!({ "redirect_uris": [phish] }), phish),
        (json!({ "redirect_uris": [super::CALLBACK, phish] }), phish),
    ] {
        let usher = TestServer::open().await;
        let made = registered(&usher, json!({})).await;
        let mut ana = Browser::of(&usher, "ana").await;
        let given = tokens(&usher, &mut ana, &made, &ask(&made)).await;
        let same = update(
            &made,
            json!({ "redirect_uris": [super::CALLBACK, "https://notes.test/2"] }),
        );
        assert_eq!(put(&usher, &made, &same).await.0, 200);
        assert_eq!(
            userinfo(&usher, access_token(&given)).await.0,
            200,
            "no other host"
        );
        let (status, now) = put(&usher, &made, &update(&made, more)).await;
        assert_eq!(status, 200, "{now}");
        assert_eq!(userinfo(&usher, access_token(&given)).await.0, 401);
        ana.stays = true;
        let page = ana
            .get(&ask(&made).with("redirect_uri", address).path())
            .await;
        assert!(
            page.url.path().starts_with("/oidc/consent/"),
            "{}: {}",
            page.url,
            page.text()
        );
        assert!(!page.says("Already allowed"), "nothing is carried over");
    }
}

/// Two registered hosts: each is asked for, and neither answer takes the other's place.
#[tokio::test]
async fn consent_for_one_host_is_none_for_another() {
    let usher = TestServer::open().await;
    let other = "https://notes-eu.test/callback";
    let both = json!({ "redirect_uris": [super::CALLBACK, other] });
    let made = registered(&usher, both).await;
    let mut ana = Browser::of(&usher, "ana").await;
    code_after_consent(&mut ana, &ask(&made)).await;
    ana.stays = true;
    let elsewhere = ask(&made).with("redirect_uri", other);
    let page = ana.get(&elsewhere.path()).await;
    assert!(
        page.says("Your response is sent to notes-eu.test."),
        "{}",
        page.text()
    );
    ana.press(&page, "answer", "yes").await;
    for path in [ask(&made).path(), elsewhere.path()] {
        assert!(ana.get(&path).await.away().contains_key("code"));
    }
    let list = ana.get("/account/applications").await;
    assert_eq!(
        list.body.matches("name=\"client\"").count(),
        1,
        "one application"
    );
    ana.press(&list, "client", text(&made, "client_id")).await;
    for path in [ask(&made).path(), elsewhere.path()] {
        let page = ana.get(&path).await;
        assert!(
            page.url.path().starts_with("/oidc/consent/"),
            "{}",
            page.text()
        );
    }
}
