//! Where the shared secret is stored, and where it never goes.

use serde_json::json;
use usher::{handoff::secret::merged_settings, keys::handoff_purpose};

use super::{RECORD, SECRET, land, seed, shared, to, usher};
use support::{
    browser::Browser,
    server::TestServer,
    shared_secret::{opened, pairs},
};

/// Every column of every row that a launch or a seed writes.
async fn dump(usher: &TestServer) -> String {
    let mut all = String::new();
    for sql in [
        "select slug || settings || coalesce(sealed_settings, '') from instances",
        "select coalesce(target, '') || coalesce(context, '') || fields from launches",
        "select kind || coalesce(data, '') || coalesce(target, '') from events",
        "select after_text from attempts",
        "select request from pending_requests",
    ] {
        all.push_str(&usher.column(sql).await.join("\n"));
    }
    all
}

#[tokio::test]
async fn a_secret_rests_sealed_and_its_neighbours_in_the_clear() {
    let usher = usher(shared("metabase", json!({ "life": 61 }))).await;
    let settings = "select settings from instances where slug = 'app-all'";
    assert_eq!(
        usher.column(settings).await,
        ["{\"life\":61,\"profile\":\"metabase\"}"]
    );
    let sealed = "select sealed_settings from instances where slug = 'app-all'";
    let sealed = usher.column(sealed).await;
    let seal = &usher.app.parts.seal;
    let purpose = handoff_purpose("app", "app-all");
    let opened = seal.unseal(&purpose, &sealed[0]).expect("it opens");
    assert!(String::from_utf8_lossy(&opened).contains(SECRET));
    let none = "select slug from instances where sealed_settings is not null";
    assert_eq!(usher.column(none).await, ["app-all"]);
}

/// A sealed secret belongs to one instance of one service.
#[tokio::test]
async fn a_sealed_secret_moved_elsewhere_opens_nothing() {
    let usher = usher(shared("metabase", json!({}))).await;
    let snapshot = usher.app.catalog.snapshot();
    let service = snapshot.service("app").expect("it is there");
    let instance = service.instance("app-all").expect("it is there");
    let seal = &usher.app.parts.seal;
    assert_eq!(
        merged_settings(seal, service, instance).expect("whole")["secret"],
        SECRET
    );
    let mut moved = instance.clone();
    moved.slug = "crm-eu".to_owned();
    assert!(
        merged_settings(seal, service, &moved).is_err(),
        "another instance"
    );
    let mut stranger = service.clone();
    stranger.slug = "crm".to_owned();
    assert!(
        merged_settings(seal, &stranger, instance).is_err(),
        "another service"
    );
    let shown = format!("{service:?}");
    assert!(!shown.contains(SECRET), "not in memory in the clear either");
}

#[tokio::test]
async fn sealing_survives_another_seed_and_another_replica() {
    let usher = usher(shared("metabase", json!({}))).await;
    let mut draft = seed(shared("metabase", json!({})));
    usher.seed(&draft).await;
    let replica = usher.replica().await;
    for usher in [&usher, &replica] {
        let sent = pairs(to(&land(usher).await).query().expect("a query"));
        opened(&sent["jwt"], SECRET);
    }
    // A new secret takes the place of the old one.
    let other = "another-secret-of-thirty-two-bytes-or-more";
    draft.set("app-all", "secret", other);
    usher.seed(&draft).await;
    let sent = pairs(to(&land(&usher).await).query().expect("a query"));
    opened(&sent["jwt"], other);
}

#[tokio::test]
async fn a_secret_may_come_from_a_file_or_the_environment() {
    let usher = TestServer::open().await;
    let path = usher.scratch().join("shared");
    std::fs::write(&path, format!("{SECRET}\nsecond line\n")).expect("written");
    let from_file = json!({ "profile": "metabase", "secret_file": path });
    usher.seed(&seed(from_file)).await;
    let sent = pairs(to(&land(&usher).await).query().expect("a query"));
    opened(&sent["jwt"], SECRET);
    let found = support::server::variable("CARGO_PKG_DESCRIPTION").expect("set by cargo");
    let from_variable = json!({ "profile": "metabase", "secret_env": "CARGO_PKG_DESCRIPTION" });
    usher.seed(&seed(from_variable)).await;
    let sent = pairs(to(&land(&usher).await).query().expect("a query"));
    opened(&sent["jwt"], &found);
    assert!(!dump(&usher).await.contains(&found));
}

/// An address with a token in it is stored nowhere here; nor is the secret.
#[tokio::test]
async fn neither_token_nor_secret_is_in_the_database_the_audit_trail_or_a_page() {
    for settings in [
        shared("metabase", json!({})),
        shared("metabase-embed", json!({})),
        shared("zendesk", json!({})),
        json!({ "profile": "grafana" }),
    ] {
        let usher = usher(settings.clone()).await;
        Browser::of(&usher, "cleo").await;
        support::admin::make_admin(&usher, "cleo").await;
        let page = land(&usher).await;
        let body = page.body.replace(['"', '&', '/', '?'], " ");
        let gone = page
            .headers
            .get("location")
            .map(|to| to.to_str().expect("text"));
        let all = format!(
            "{body} {}",
            gone.unwrap_or_default().replace(['=', '&', '/', '?'], " ")
        );
        let token = all.split(' ').find(|word| word.starts_with("eyJ"));
        let token = token.expect("a token").to_owned();
        let dump = dump(&usher).await;
        assert!(dump.contains("/boards/42"), "{dump}");
        let mut cleo = Browser::of(&usher, "cleo").await;
        let mut shown = String::new();
        for path in [
            "/",
            "/services/app",
            "/admin",
            "/admin/events",
            "/account/history",
        ] {
            shown.push_str(&cleo.get(path).await.body);
        }
        for secret in [SECRET, token.as_str()] {
            assert!(
                !dump.contains(secret) && !shown.contains(secret),
                "{settings}"
            );
        }
    }
}

#[tokio::test]
async fn neither_token_nor_secret_is_in_debug_output() {
    let draft = seed(shared("metabase", json!({})));
    let parsed = usher::seed::Seed::parse(&draft.toml()).expect("a good seed");
    assert!(!format!("{parsed:?}").contains(SECRET));
    let url = "https://app.test/auth/sso?jwt=eyJ.x.y"
        .parse()
        .expect("one");
    let landing = usher::handoff::Landing::Redirect(url);
    assert_eq!(format!("{landing:?}"), "Redirect(https://app.test)");
}

/// A wrong master key is reported plainly, and there is no redirect.
#[tokio::test]
async fn a_secret_that_does_not_open_stops_the_launch() {
    let usher = usher(shared("metabase", json!({}))).await;
    sqlx::query("update instances set sealed_settings = 'AAAA' where slug = 'app-all'")
        .execute(&mut usher.connection().await)
        .await
        .expect("written");
    sqlx::query("update facts set value = value + 1 where name = 'catalog_version'")
        .execute(&mut usher.connection().await)
        .await
        .expect("written");
    assert!(usher.app.catalog.refresh().await.expect("a newer one"));
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(RECORD).await;
    assert_eq!(page.status, 500);
    assert!(!page.headers.contains_key("location"));
}
