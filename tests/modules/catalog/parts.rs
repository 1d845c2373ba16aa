//! Parts are opened once for a snapshot, and one that does not open closes nothing but itself.

use std::sync::Arc;

use serde_json::json;
use usher::catalog::{OpenProvider, Snapshot};

use support::{
    browser::Browser,
    draft::{Draft, settings},
    relying_party::{Ask, code, error},
    saml::certificate,
    server::TestServer,
};

/// Where the hand-off of an instance lies in memory.
fn handoff(snapshot: &Snapshot, service: &str, instance: &str) -> *const () {
    let service = snapshot.service(service).expect("a service");
    let instance = service.instance(instance).expect("an instance");
    let part = snapshot.parts.handoff(instance).expect("it opens");
    std::ptr::from_ref(part).cast()
}

fn provider(snapshot: &Snapshot) -> Arc<Vec<OpenProvider>> {
    let usable = snapshot.parts.usable_providers();
    assert_eq!(usable.len(), 1);
    usable
}

/// Writes past the checks of a seed, as an older version or another program may have done.
async fn write(usher: &TestServer, sql: &'static str) {
    for sql in [
        sql,
        "update facts set value = value + 1 where name = 'catalog_version'",
    ] {
        sqlx::query(sql)
            .execute(&mut usher.connection().await)
            .await
            .expect("written");
    }
    assert!(usher.app.catalog.refresh().await.expect("a newer one"));
}

#[tokio::test]
async fn a_part_that_was_not_changed_is_taken_over() {
    let usher = TestServer::open().await;
    let before = usher.app.catalog.snapshot();
    write(
        &usher,
        "update instances set settings = '{\"client\":\"crm-eu\",\"login_hint\":\"none\"}'
         where slug = 'crm-eu'",
    )
    .await;
    let after = usher.app.catalog.snapshot();
    for (service, instance, is_same) in [
        ("crm", "crm-eu", false),
        ("crm", "crm-us", true),
        ("tickets", "desk-eu", true),
    ] {
        let (old, new) = (
            handoff(&before, service, instance),
            handoff(&after, service, instance),
        );
        assert_eq!(old == new, is_same, "{instance}");
    }
    let (old, new) = (provider(&before), provider(&after));
    assert!(Arc::ptr_eq(&old[0].part, &new[0].part));
}

/// A client of no service is open to all users: an instance that does not open must not make its
/// client one of those.
#[tokio::test]
async fn an_instance_that_does_not_open_admits_no_user_and_closes_no_other() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    code(&mut ana, &Ask::of("crm-eu")).await;
    write(
        &usher,
        "update instances set settings = '{\"client\":\"crm-eu\",\"unknown\":1}'
         where slug = 'crm-eu'",
    )
    .await;
    assert_eq!(error(&mut ana, &Ask::of("crm-eu")).await, "access_denied");
    assert_eq!(ana.peek("/go/crm").await.status, 500);
    assert_eq!(ana.peek("/go/tickets").await.status, 200);
    let sheets = usher.app.administration().services();
    let crm = sheets.iter().find(|sheet| sheet.slug == "crm");
    let faults: Vec<_> = crm.expect("it is listed").instances.iter().collect();
    let fault = faults[0].fault.as_deref().expect("the reason");
    assert!(fault.contains("unknown setting \"unknown\""), "{fault}");
    assert_eq!(faults[1].fault, None);
}

#[tokio::test]
async fn a_provider_that_does_not_open_closes_no_application() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    write(
        &usher,
        "update identity_providers set kind = 'unknown' where slug = 'local'",
    )
    .await;
    code(&mut ana, &Ask::of("crm-eu")).await;
    let snapshot = usher.app.catalog.snapshot();
    let fault = &snapshot.parts.broken_providers()["local"];
    assert!(fault.contains("there is no kind \"unknown\""), "{fault}");
    let mut visitor = Browser::new(&usher);
    assert_eq!(visitor.get("/").await.status, 500);
}

fn broken(usher: &TestServer) -> Vec<String> {
    let snapshot = usher.app.catalog.snapshot();
    let broken = snapshot.parts.broken_providers().keys();
    broken.cloned().collect()
}

/// A directory whose certificate authority is in a file, as on a volume that is mounted late.
#[tokio::test]
async fn a_provider_that_did_not_open_is_tried_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("ca.pem");
    let authority = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        certificate("sp").to_base64()
    );
    std::fs::write(&file, &authority).expect("written");
    let mut draft = Draft::sample();
    draft.add_provider("company", "ldap", "Company").settings = settings(json!({
        "servers": ["ldaps://127.0.0.1:1"],
        "base_dn": "dc=example,dc=org",
        "ca_file": file.to_str().expect("a readable path"),
    }));
    let first = TestServer::with(&draft).await;
    assert!(broken(&first).is_empty());
    std::fs::remove_file(&file).expect("removed");
    let usher = first.replica().await;
    assert_eq!(broken(&usher), ["company"]);
    let refreshed = usher.app.catalog.refresh().await;
    assert!(
        !refreshed.expect("the same one"),
        "the file is still missing"
    );
    std::fs::write(&file, authority).expect("written");
    let refreshed = usher.app.catalog.refresh().await;
    assert!(refreshed.expect("the same one"), "now it opens");
    assert!(broken(&usher).is_empty());
    let refreshed = usher.app.catalog.refresh().await;
    assert!(!refreshed.expect("the same one"), "nothing is left to open");
}

/// Two services lead to one client, and the stricter one does not open: its rule is in force all the
/// same.
#[tokio::test]
async fn an_instance_that_does_not_open_lowers_no_assurance() {
    let mut draft = Draft::sample();
    let rule = draft.add_assurance("CRM");
    rule.service = Some("crm".into());
    rule.second_factor = true;
    draft = draft.plus(
        "[[service]]\nslug = \"notes\"\ntitle = \"Notes\"\nhandoff = \"oidc\"\n\
         [[service.instance]]\nslug = \"notes-eu\"\ntitle = \"Notes\"\n\
         base_url = \"https://notes-eu.test\"\nsettings = { client = \"crm-eu\" }\n\
         [[service.rule]]\ntitle = \"All\"\ninstances = [\"notes-eu\"]\n",
    );
    let usher = TestServer::with(&draft).await;
    let user = {
        let ana = Browser::of(&usher, "ana").await;
        ana.session().await.expect("signed in").user
    };
    let demand = || {
        let snapshot = usher.app.catalog.snapshot();
        usher::catalog::client_demand(&snapshot, "crm-eu", &user)
    };
    let before = demand();
    assert!(before.is_some_and(|demand| demand.second_factor));
    write(
        &usher,
        "update instances set settings = '{\"client\":\"crm-eu\",\"unknown\":1}'
         where slug = 'crm-eu'",
    )
    .await;
    assert_eq!(demand(), before);
}
