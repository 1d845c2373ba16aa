//! The export of a user's data: complete, and without secrets.

use serde_json::{Value, json};
use sqlx::Executor;

use super::{FIREFOX, OURS, device};
use support::{
    browser::{Browser, Page},
    draft::Draft,
    server::TestServer,
};

async fn export(browser: &mut Browser<'_>) -> (Page, Value) {
    let page = browser.post("/account/export", OURS, "").await;
    assert_eq!(page.status, 200, "{}", page.text());
    let value = serde_json::from_str(&page.body).expect("JSON");
    (page, value)
}

async fn full_server() -> TestServer {
    // The factor that is inserted here could not be proved.
    let usher = TestServer::configured(&[("USHER_SIGN_IN__FACTOR_WHEN_ENROLLED", "false")]).await;
    usher.seed(&Draft::sample()).await;
    let mut ana = device(&usher, "ana", FIREFOX, [203, 0, 113, 9]).await;
    ana.get("/go/crm/customer/C-1042?tab=orders").await;
    ana.get("/go/crm/customer/wrong").await;
    let page = ana.get("/services/crm").await;
    ana.fill(&page, &[("Instance", "crm-us")]).await;
    let user = ana.session().await.expect("signed in").user.id;
    let mut connection = usher.connection().await;
    for sql in [
        format!(
            "insert into factors (id, user_id, kind, title, sealed_secret, credential_id,
                 created_at, confirmed_at)
             values ('fac_1', '{user}', 'totp', 'My phone', 'SEALED-SECRET', 'CREDENTIAL', 1, 2)"
        ),
        format!(
            "insert into recovery_codes (user_id, code_hash, created_at)
             values ('{user}', 'CODE-HASH', 1)"
        ),
    ] {
        connection
            .execute(sqlx::AssertSqlSafe(sql))
            .await
            .expect("kept");
    }
    usher
}

#[tokio::test]
async fn the_export_holds_everything_there_is() {
    let usher = full_server().await;
    let mut ana = Browser::of(&usher, "ana").await;
    Browser::of(&usher, "ben").await;
    usher.advance(std::time::Duration::from_secs(1));
    let (page, export) = export(&mut ana).await;
    let who = ana.session().await.expect("signed in");
    assert_eq!(page.headers["content-type"], "application/json");
    assert_eq!(page.headers["cache-control"], "no-store");
    let disposition = "attachment; filename=\"usher-2026-11-18.json\"";
    assert_eq!(page.headers["content-disposition"], disposition);
    assert_eq!(export["format"], "urn:usher:account-export:2");
    assert_eq!(export["exported_at"], "2026-11-18T11:06:41Z");
    for (at, value) in [
        ("/person/id", json!(who.user.id.as_str())),
        ("/person/login", json!("ana")),
        ("/person/name", json!("Ana Almeida")),
        ("/person/created_at", json!("2026-11-18T11:06:40Z")),
        ("/attributes/region/values/0", json!("europe")),
        ("/attributes/region/source", json!("local")),
        ("/attributes/groups/values", json!(["sales", "staff"])),
        ("/identities/0/provider", json!("local")),
        ("/identities/0/used_at", json!("2026-11-18T11:06:40Z")),
        ("/local_accounts/0/login", json!("ana")),
        (
            "/local_accounts/0/attributes/mail/0",
            json!("ana@example.org"),
        ),
        ("/second_factors/0/title", json!("My phone")),
        ("/second_factors/0/kind", json!("totp")),
        ("/recovery_codes_left", json!(1)),
        ("/choices/0/service", json!("crm")),
        ("/choices/0/instance", json!("crm-us")),
        ("/cut_short", json!([])),
    ] {
        assert_eq!(export.pointer(at), Some(&value), "{at}");
    }
    let list = |name: &str| export[name].as_array().expect(name).clone();
    assert_eq!(list("sessions").len(), 2);
    let phone = list("sessions")
        .into_iter()
        .find(|one| one["address"] == "203.0.113.9");
    let phone = phone.expect("the other device");
    assert_eq!(phone["user_agent"], FIREFOX);
    assert_eq!(phone["methods"], json!(["pwd"]));
    let launches = list("launches");
    let landed = launches.iter().find(|one| one["record"] == "C-1042");
    let landed = landed.expect("the launch");
    assert_eq!(landed["fields"], json!({ "tab": "orders" }));
    assert_eq!(
        (&landed["service"], &landed["instance"]),
        (&json!("crm"), &json!("crm-eu"))
    );
    assert_eq!(landed["landed_at"], "2026-11-18T11:06:40Z");
    let refused = launches.iter().find(|one| one["reason"] == "bad_key");
    assert!(refused.is_some(), "{launches:#?}");
    assert_eq!(list("grants")[0]["client"], "crm-eu");
    let events: Vec<String> = list("history")
        .iter()
        .map(|one| one["event"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(events[0], "account.exported", "this one, too");
    let chosen = list("history")
        .into_iter()
        .find(|one| one["event"] == "instance.chosen");
    let chosen = chosen.expect("the choice");
    assert_eq!(
        chosen["target"],
        json!({ "kind": "instance", "id": "crm-us" })
    );
    assert_eq!(chosen["actor"], json!({ "kind": "user", "id": null }));
    assert_eq!(chosen["data"], json!({}));
    for name in ["instance.chosen", "sign_in.succeeded"] {
        assert!(events.contains(&name.to_owned()), "{events:?}");
    }
}

#[tokio::test]
async fn the_export_has_no_secret_and_nothing_of_other_users() {
    let usher = full_server().await;
    Browser::of(&usher, "ben").await;
    let mut ana = Browser::of(&usher, "ana").await;
    let (page, _) = export(&mut ana).await;
    let mut secrets = usher
        .column(
            "select token_hash from sessions union all
             select password_hash from local_accounts union all
             select code_hash from grants union all
             select access_hash from grants where access_hash is not null union all
             select handle_hash from launches where handle_hash is not null union all
             select browser_hash from attempts union all
             select sealed_settings from identity_providers union all
             select sealed_key from signing_keys union all
             select sealed_secret from factors union all
             select credential_id from factors union all
             select code_hash from recovery_codes",
        )
        .await;
    assert!(secrets.len() > 12, "{secrets:?}");
    secrets.extend(["argon2", "ben", "Ben", "americas", "hash", "sealed"].map(str::to_owned));
    for secret in secrets {
        assert!(!page.body.contains(&secret), "{secret}");
    }
}

#[tokio::test]
async fn a_link_downloads_nothing() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    assert_eq!(ana.get("/account/export").await.status, 405);
    for origin in [None, Some("null"), Some("https://evil.example")] {
        let page = ana.post("/account/export", origin, "").await;
        assert_eq!(page.status, 403, "{origin:?}");
    }
    assert_eq!(usher.events_named("account.exported").await, 0);
}
