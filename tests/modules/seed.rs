//! The catalogue as code: what is wrong with a file is said in words that name the place and the
//! known ways, and a faulty file changes nothing.

mod docs;
mod fault;
mod gate;
mod secret;

use support::{
    browser::Browser,
    server::{PASSWORD, TestServer, changed},
};

/// Everything a seed writes, as text.
async fn written(house: &TestServer) -> Vec<String> {
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
        all.extend(house.column(sql).await);
    }
    all
}

async fn version(house: &TestServer) -> i64 {
    house.app.store.catalog_version().await.expect("a version")
}

async fn seed(house: &TestServer, text: &str) -> Result<(), String> {
    let text = text.replace("{PASSWORD}", PASSWORD);
    let done = house.app.seed(&text).await;
    done.map(drop).map_err(|error| error.to_string())
}

#[tokio::test]
async fn seeding_twice_is_seeding_once() {
    let house = TestServer::open().await;
    let (rows, before) = (written(&house).await, version(&house).await);
    assert!(rows.len() > 40, "{rows:?}");
    seed(&house, &changed(&[])).await.expect("a good seed");
    assert_eq!(written(&house).await, rows);
    assert_eq!(version(&house).await, before + 1);
}

#[tokio::test]
async fn a_seed_says_how_much_it_brought() {
    let house = TestServer::empty().await;
    let text = changed(&[]).replace("{PASSWORD}", PASSWORD);
    let report = house.app.seed(&text).await.expect("a good seed");
    assert_eq!(
        (report.people, report.context_types, report.providers),
        (3, 2, 1)
    );
    assert_eq!((report.services, report.clients), (5, 8));
}

#[tokio::test]
async fn what_a_seed_no_longer_says_is_gone_and_accounts_stay() {
    let house = TestServer::open().await;
    let mut ana = Browser::of(&house, "ana").await;
    assert!(ana.get("/").await.says("Wiki"));
    let less = "[[provider]]\nslug = \"local\"\nkind = \"local\"\ntitle = \"Sign in\"\n\
                [[service]]\nslug = \"news\"\ntitle = \"News\"\nhandoff = \"link\"\n\
                [[service.instance]]\nslug = \"news\"\ntitle = \"News\"\n\
                base_url = \"https://news.test\"\n\
                [[service.rule]]\ntitle = \"All\"\ninstances = [\"news\"]\n";
    seed(&house, less).await.expect("a good seed");
    let page = ana.get("/").await;
    assert!(page.says("News") && !page.says("Wiki") && !page.says("CRM"));
    assert_eq!(house.column("select id from clients").await.len(), 0);
    assert_eq!(
        house.column("select login from local_accounts").await.len(),
        3
    );
    Browser::of(&house, "ben").await;
}

#[tokio::test]
async fn an_account_that_is_seeded_anew_is_the_same_person() {
    let house = TestServer::open().await;
    let first = Browser::of(&house, "ana")
        .await
        .session()
        .await
        .expect("one");
    house
        .reseed("name = \"Ana Almeida\"", "name = \"Ana Alves\"")
        .await;
    let second = Browser::of(&house, "ana")
        .await
        .session()
        .await
        .expect("one");
    assert_eq!(first.user.id, second.user.id);
    assert_eq!(second.user.name, "Ana Alves");
}

#[tokio::test]
async fn disabled_is_a_word_a_seed_knows_everywhere() {
    let off = "\ndisabled = true";
    let after = |line: &str| format!("{line}{off}");
    let house = TestServer::open().await;
    let mut ana = Browser::of(&house, "ana").await;
    let service = "handoff = \"oidc\"";
    house.reseed(service, &after(service)).await;
    assert_eq!(ana.get("/go/crm").await.status, 503);
    let instance = "title = \"CRM Europe\"";
    house.reseed(instance, &after(instance)).await;
    let page = ana.get("/go/crm").await;
    assert!(
        page.status == 503 && page.says("CRM Europe is not available"),
        "{}",
        page.text()
    );
    let person = "name = \"Ana Almeida\"";
    house.reseed(person, &after(person)).await;
    let mut again = Browser::new(&house);
    let form = again.get("/sign-in").await;
    let page = again.sign_in(&form, "ana").await;
    assert!(
        page.status != 200 && again.session().await.is_none(),
        "{}",
        page.text()
    );
    let second = "[[provider]]\nslug = \"old\"\nkind = \"local\"\ntitle = \"The old way\"\n";
    for (text, shown) in [
        (second.to_owned(), true),
        (format!("{second}disabled = true\n"), false),
    ] {
        house
            .reseed("[[person]]", &format!("{text}[[person]]"))
            .await;
        let page = Browser::new(&house).get("/sign-in").await;
        assert_eq!(page.says("The old way"), shown);
    }
}
