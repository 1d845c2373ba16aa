//! The catalogue's rows, its version, and replicas that follow.

use usher::{
    model::{
        assurance::Demand,
        condition::ConditionDocument,
        context::{Case, Sensitivity},
        service::ChoicePolicy,
    },
    protocol::jose::{Algorithm, JwkSet, SigningKey},
    queue,
    store::{
        AssuranceRow, CatalogRows, ClientRow, FieldRow, InstanceRow, LinkRow, ProviderRow, RuleRow,
        ServiceRow, TypeRow,
    },
};

use super::{DAY, HOUR, MINUTE, TestStore, write};
use support::{browser::Browser, server::TestServer};

/// Rows with something in every column.
fn read<T: serde::de::DeserializeOwned>(json: &str) -> T {
    serde_json::from_str(json).expect("JSON")
}

fn rows(cellar: &TestStore) -> CatalogRows {
    let closed = Some(cellar.now());
    let group = |name: &str| ConditionDocument {
        group: Some(name.to_owned()),
        ..ConditionDocument::default()
    };
    let when = ConditionDocument {
        any: Some(vec![
            ConditionDocument {
                attribute: Some("region".to_owned()),
                one_of: Some(vec!["a".to_owned(), "\"b\"".to_owned()]),
                ..ConditionDocument::default()
            },
            ConditionDocument {
                not: Some(Box::new(group("staff"))),
                ..ConditionDocument::default()
            },
        ]),
        ..ConditionDocument::default()
    };
    let instance = |slug: &str, disabled_at| InstanceRow {
        slug: slug.to_owned(),
        title: slug.to_uppercase(),
        base_url: "https://crm.test/ümlaut".to_owned(),
        sealed_settings: None,
        settings: read(r#"{"client":"crm","n":1,"list":["x"]}"#),
        disabled_at,
    };
    let key = SigningKey::generate(Algorithm::Es256).expect("a key").1;
    let client = |id: &str, secret_hash: Option<&str>, jwks| ClientRow {
        id: id.to_owned(),
        title: "Client".to_owned(),
        secret_hash: secret_hash.map(str::to_owned),
        jwks,
        redirect_uris: vec!["https://crm.test/cb".to_owned()],
        post_logout_redirect_uris: vec![],
        initiate_login_uri: Some("https://crm.test/start".to_owned()),
        id_token_alg: "RS256".to_owned(),
        registration: Default::default(),
        disabled_at: closed,
    };
    CatalogRows {
        version: 0,
        assurance: vec![AssuranceRow {
            title: "the desk".to_owned(),
            service: Some("crm".to_owned()),
            intent: None,
            when: None,
            demand: Demand {
                second_factor: true,
                max_age: Some(900),
            },
        }],
        providers: ["z", "a"]
            .map(|slug| ProviderRow {
                slug: slug.to_owned(),
                kind: "local".to_owned(),
                title: "Title".to_owned(),
                sealed_settings: "sealed".to_owned(),
                admission: read(r#"{"create":false,"map":{"mail":"email"}}"#),
                routing: read(r#"{"domains":["*.uni.example"],"hidden":true}"#),
                disabled_at: closed,
                is_kept: false,
                is_seeded: true,
            })
            .into(),
        types: vec![TypeRow {
            slug: "customer".to_owned(),
            title: "Customer".to_owned(),
            icon: "people".to_owned(),
            pattern: "C-[0-9]+".to_owned(),
            case: Case::Lower,
            hint: "a hint".to_owned(),
            example: "C-1".to_owned(),
            sensitivity: Sensitivity::Personal,
            system: "urn:x".to_owned(),
            fields: vec![FieldRow {
                name: "tab".to_owned(),
                title: "Tab".to_owned(),
                pattern: "[a-z]+".to_owned(),
                required: true,
            }],
        }],
        services: vec![ServiceRow {
            slug: "crm".to_owned(),
            title: "CRM".to_owned(),
            description: "Customers".to_owned(),
            icon: "people".to_owned(),
            category: "Work".to_owned(),
            handoff: "link".to_owned(),
            audience: Some(group("sales")),
            choice: ChoicePolicy::Allowed,
            disabled_at: closed,
            instances: vec![instance("crm-z", None), instance("crm-a", closed)],
            rules: vec![
                RuleRow {
                    title: "Some".to_owned(),
                    when: Some(when),
                    instances: vec!["crm-z".to_owned(), "crm-a".to_owned()],
                },
                RuleRow {
                    title: "Everybody".to_owned(),
                    when: None,
                    instances: vec!["crm-a".to_owned()],
                },
            ],
            links: vec![LinkRow {
                kind: "customer".to_owned(),
                intent: "view".to_owned(),
                template: "/go?u={inner}".to_owned(),
                inner: Some("/c/{key}".to_owned()),
                audience: Some(group("admins")),
            }],
        }],
        clients: vec![
            client("crm", Some("hash"), None),
            client(
                "with-key",
                None,
                Some(JwkSet::new(vec![key.public_jwk().clone()])),
            ),
        ],
    }
}

#[tokio::test]
async fn the_catalogue_comes_back_as_it_was_written_in_the_same_order() {
    let cellar = TestStore::open().await;
    let mut rows = rows(&cellar);
    for _ in 0..2 {
        let before = cellar.store.catalog_version().await.expect("a version");
        write!(cellar, tx => tx.replace_seeded(&rows));
        rows.version = before + 1;
        let kept = cellar.store.catalog().await.expect("a catalogue");
        assert_eq!(format!("{kept:#?}"), format!("{rows:#?}"));
    }
    let nothing = CatalogRows::default();
    write!(cellar, tx => tx.replace_seeded(&nothing));
    let kept = cellar.store.catalog().await.expect("a catalogue");
    assert!(kept.services.is_empty() && kept.clients.is_empty());
    assert!(kept.types.is_empty() && kept.providers.is_empty());
}

#[tokio::test]
async fn every_change_raises_the_version() {
    let cellar = TestStore::open().await;
    let first = cellar.store.catalog_version().await.expect("a version");
    for n in 1..=3 {
        write!(cellar, tx => tx.bump_catalog());
        let version = cellar.store.catalog_version().await.expect("a version");
        assert_eq!(version, first + n);
    }
    assert!(
        cellar.usher.app.catalog.refresh().await.expect("read"),
        "newer"
    );
    assert!(
        !cellar.usher.app.catalog.refresh().await.expect("read"),
        "not again"
    );
}

#[tokio::test]
async fn another_replica_follows_a_change_of_the_catalogue() {
    let usher = TestServer::open().await;
    let replica = usher.replica().await;
    let mut ana = Browser::of(&replica, "ana").await;
    assert!(ana.get("/").await.says("CRM"));
    usher
        .change(|draft| draft.service("crm").title = "Customer care".into())
        .await;
    assert!(ana.get("/").await.says("CRM"), "it has not reloaded yet");
    queue::round(&replica.app).await.expect("a round");
    assert!(ana.get("/").await.says("Customer care"));
}

#[tokio::test]
async fn a_users_choice_holds_until_its_time() {
    let cellar = TestStore::open().await;
    let (ana, ben) = (cellar.user("ana").await, cellar.user("ben").await);
    let now = cellar.now();
    for (instance, until) in [("crm-us", now + MINUTE), ("crm-eu", now + HOUR)] {
        write!(cellar, tx => tx.put_override(&ana.id, "crm", instance, until));
    }
    write!(cellar, tx => tx.put_override(&ana.id, "wiki", "wiki-us", now + DAY));
    let of = async |user, now| cellar.store.overrides(user, now).await.expect("choices");
    let choices = of(&ana.id, now).await;
    assert_eq!(
        (&*choices["crm"].slug, &*choices["wiki"].slug),
        ("crm-eu", "wiki-us")
    );
    assert_eq!(
        (choices["crm"].until, choices["wiki"].until),
        (now + HOUR, now + DAY)
    );
    assert_eq!(
        of(&ana.id, now + HOUR)
            .await
            .into_keys()
            .collect::<Vec<_>>(),
        ["wiki"]
    );
    assert!(of(&ben.id, now).await.is_empty());
    write!(cellar, tx => tx.delete_override(&ben.id, "wiki"));
    write!(cellar, tx => tx.delete_override(&ana.id, "wiki"));
    assert_eq!(
        of(&ana.id, now).await.into_keys().collect::<Vec<_>>(),
        ["crm"]
    );
}
