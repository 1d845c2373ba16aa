//! The catalogue as code: errors in a file are reported with the place and the known alternatives,
//! and a faulty file changes nothing.

mod docs;
mod fault;
mod gate;
mod secret;

use support::{browser::Browser, draft::Draft, server::TestServer};

/// Everything a seed writes, as text.
async fn written(usher: &TestServer) -> Vec<String> {
    let mut all = Vec::new();
    for sql in [
        "select slug || kind || title || admission || routing || coalesce(owner, '') \
         from identity_providers order by slug",
        "select slug || title || handoff || coalesce(audience, '') from services order by slug",
        "select slug || service || base_url || settings from instances order by slug",
        "select service || title || coalesce(condition, '') || instances from locator_rules \
         order by service, position",
        "select slug || pattern || fields from context_types order by slug",
        "select service || kind || intent || template from links order by service, kind, intent",
        "select id || coalesce(secret_hash, '') || redirect_uris from clients order by id",
        "select login || subject || name || attributes from local_accounts order by login",
    ] {
        all.extend(usher.column(sql).await);
    }
    all
}

async fn version(usher: &TestServer) -> i64 {
    usher.app.store.catalog_version().await.expect("a version")
}

async fn seed(usher: &TestServer, text: &str) -> Result<(), String> {
    let done = usher.app.seed(text).await;
    done.map(drop).map_err(|error| error.to_string())
}

#[tokio::test]
async fn seeding_twice_is_seeding_once() {
    let usher = TestServer::open().await;
    let (rows, before) = (written(&usher).await, version(&usher).await);
    assert!(rows.len() > 40, "{rows:?}");
    usher.seed(&Draft::sample()).await;
    assert_eq!(written(&usher).await, rows);
    assert_eq!(version(&usher).await, before + 1);
}

#[tokio::test]
async fn a_seed_says_how_much_it_brought() {
    let usher = TestServer::empty().await;
    let report = usher.app.seed(&Draft::sample().toml()).await;
    let report = report.expect("a good seed");
    assert_eq!(
        (report.accounts, report.context_types, report.providers),
        (3, 2, 1)
    );
    assert_eq!((report.services, report.clients), (5, 8));
}

#[tokio::test]
async fn what_a_seed_no_longer_says_is_gone_and_accounts_stay() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    assert!(ana.get("/").await.says("Wiki"));
    let less = "[[provider]]\nslug = \"local\"\nkind = \"local\"\ntitle = \"Sign in\"\n\
                [[service]]\nslug = \"news\"\ntitle = \"News\"\nhandoff = \"link\"\n\
                [[service.instance]]\nslug = \"news\"\ntitle = \"News\"\n\
                base_url = \"https://news.test\"\n\
                [[service.rule]]\ntitle = \"All\"\ninstances = [\"news\"]\n";
    seed(&usher, less).await.expect("a good seed");
    let page = ana.get("/").await;
    assert!(page.says("News") && !page.says("Wiki") && !page.says("CRM"));
    assert_eq!(usher.column("select id from clients").await.len(), 0);
    assert_eq!(
        usher.column("select login from local_accounts").await.len(),
        3
    );
    Browser::of(&usher, "ben").await;
}

#[tokio::test]
async fn an_account_that_is_seeded_anew_is_the_same_user() {
    let usher = TestServer::open().await;
    let first = Browser::of(&usher, "ana")
        .await
        .session()
        .await
        .expect("one");
    usher
        .change(|draft| draft.person("ana").name = "Ana Alves".into())
        .await;
    let second = Browser::of(&usher, "ana")
        .await
        .session()
        .await
        .expect("one");
    assert_eq!(first.user.id, second.user.id);
    assert_eq!(second.user.name, "Ana Alves");
}

#[tokio::test]
async fn disabled_is_a_word_a_seed_knows_everywhere() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    usher
        .change(|draft| draft.service("crm").disabled = true)
        .await;
    assert_eq!(ana.get("/go/crm").await.status, 503);
    usher
        .change(|draft| draft.instance("crm-eu").disabled = true)
        .await;
    let page = ana.get("/go/crm").await;
    assert!(
        page.status == 503 && page.says("CRM Europe is not available"),
        "{}",
        page.text()
    );
    usher
        .change(|draft| draft.person("ana").disabled = true)
        .await;
    let mut again = Browser::new(&usher);
    let form = again.get("/sign-in").await;
    let page = again.sign_in(&form, "ana").await;
    assert!(
        page.status != 200 && again.session().await.is_none(),
        "{}",
        page.text()
    );
    for disabled in [false, true] {
        usher
            .change(|draft| {
                let second = draft.add_provider("old", "local", "The old way");
                second.disabled = disabled;
            })
            .await;
        let page = Browser::new(&usher).get("/sign-in").await;
        assert_eq!(page.says("The old way"), !disabled);
    }
}
