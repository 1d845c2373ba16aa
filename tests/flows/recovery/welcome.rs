//! The first admin, by the link of the first start.

use std::{sync::Arc, time::Duration};

use tokio::task::JoinSet;

use super::{Desk, NEW, PORTAL, gets_in};
use support::{
    browser::{Browser, Page},
    draft::SAMPLE,
    factor::set_up_app,
    mail::{MailSink, link_in},
    server::TestServer,
};

async fn link(usher: &TestServer) -> String {
    let link = usher.app.directory.admins().first_link().await;
    let link = link.expect("an answer").expect("there is no admin");
    link.strip_prefix(PORTAL)
        .expect("a link of ours")
        .to_owned()
}

async fn take(browser: &mut Browser<'_>, link: &str, login: &str) -> Page {
    let page = browser.get(link).await;
    assert!(page.says("Welcome to Usher"), "{}", page.text());
    let fields = [
        ("Username", login),
        ("Display name", "Olga Operator"),
        ("Email address (optional)", "olga@example.org"),
        ("Password", NEW),
    ];
    browser.fill(&page, &fields).await
}

async fn admins(usher: &TestServer) -> Vec<String> {
    usher
        .column("select login from users where admin_at is not null order by login")
        .await
}

#[tokio::test]
async fn no_default_password_an_empty_portal_has_no_accounts() {
    let usher = TestServer::empty().await;
    assert!(
        usher
            .column("select login from local_accounts")
            .await
            .is_empty()
    );
    assert!(usher.column("select id from users").await.is_empty());
    link(&usher).await;
    assert!(
        usher
            .column("select login from local_accounts")
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn the_first_admin_is_signed_in_by_the_link_sets_up_a_factor_and_sees_what_comes_next() {
    let usher = TestServer::empty().await;
    let link = link(&usher).await;
    let config = &usher.app.parts.config;
    usher::app::write_link(config, Some(&link)).expect("a file");
    let mut olga = Browser::new(&usher);
    let page = olga.get(&link).await;
    assert_eq!(page.headers["referrer-policy"], "strict-origin");
    assert!(usher::app::link_file(config).exists(), "until it is used");
    let page = take(&mut olga, &link, " Olga ").await;
    assert!(
        !usher::app::link_file(config).exists(),
        "it goes with the link"
    );
    assert!(page.says("Protect your account"), "{}", page.text());
    assert!(olga.session().await.is_none(), "an admin needs a factor");
    let (page, _) = set_up_app(&mut olga, &page, usher.clock.now()).await;
    assert!(page.body.contains("href=\"/admin\""), "{}", page.text());
    let page = olga.get("/admin").await;
    assert!(page.says("What to do next"), "{}", page.text());
    assert!(page.says("usher seed FILE"), "{}", page.text());
    let who = olga.session().await.expect("signed in");
    assert!(who.user.admin_at.is_some() && who.session.factor_at.is_some());
    assert_eq!(who.user.attributes.first("mail"), Some("olga@example.org"));
    assert_eq!(
        usher.column("select id from users").await.len(),
        1,
        "one user"
    );
    assert_eq!(usher.events_named("admin.granted").await, 1);
}

#[tokio::test]
async fn a_portal_without_a_catalogue_says_that_it_is_not_set_up_yet() {
    let usher = TestServer::empty().await;
    let mut olga = Browser::new(&usher);
    for path in ["/", "/sign-in", "/go/crm/customer/C-1042"] {
        let page = olga.get(path).await;
        assert_eq!(page.status, 503, "{path}: {}", page.text());
        assert!(page.says("This portal is not set up yet"), "{path}");
        assert!(page.says("usher serve"), "it says what to do");
    }
}

#[tokio::test]
async fn a_seed_does_not_take_over_the_first_admins_provider_and_says_so() {
    let usher = TestServer::empty().await;
    let link = link(&usher).await;
    take(&mut Browser::new(&usher), &link, "olga").await;
    let refused = usher.app.seed(SAMPLE).await;
    let words = refused.expect_err("the slug is taken").to_string();
    assert!(
        words.contains("there is a provider \"local\" already"),
        "{words}"
    );
    assert!(words.contains("give yours another name"), "{words}");
    let slugs = usher.column("select slug from identity_providers").await;
    assert_eq!(slugs, ["local"], "nothing is half written");
}

#[tokio::test]
async fn once_there_is_an_admin_the_link_says_that_it_was_used() {
    let usher = TestServer::empty().await;
    let link = link(&usher).await;
    let mut olga = Browser::new(&usher);
    take(&mut olga, &link, "olga").await;
    for method in ["GET", "POST"] {
        let page = match method {
            "GET" => olga.get(&link).await,
            _ => {
                let body = "login=eve&name=Eve&mail=&password=seven+green+bottles";
                olga.post(&link, Some(PORTAL), body).await
            }
        };
        assert_eq!(page.status, 410, "{method}");
        assert!(
            page.says("This link has already been used"),
            "{}",
            page.text()
        );
    }
    let page = olga.get("/welcome/ul_nothing").await;
    assert_eq!(page.status, 404, "what was never a link is nothing");
    assert_eq!(admins(&usher).await, ["olga"]);
    let another = usher.app.directory.admins().first_link().await;
    assert_eq!(another.expect("an answer"), None, "and there is no new one");
}

#[tokio::test]
async fn every_start_makes_a_new_link_and_voids_the_old_one() {
    let usher = TestServer::empty().await;
    let old = link(&usher).await;
    let new = link(&usher).await;
    let mut olga = Browser::new(&usher);
    let page = olga.get(&old).await;
    assert_eq!(page.status, 410);
    assert!(page.says("This link is no longer valid"), "{}", page.text());
    assert_eq!(olga.get(&new).await.status, 200);
    usher.advance(Duration::from_secs(3600));
    assert_eq!(olga.get(&new).await.status, 410, "good for an hour");
    let body = "login=olga&name=Olga&mail=&password=seven+green+bottles";
    assert_eq!(olga.post(&new, Some(PORTAL), body).await.status, 410);
    assert!(admins(&usher).await.is_empty());
}

#[tokio::test]
async fn an_admin_from_the_command_line_voids_the_link() {
    let usher = TestServer::open().await;
    let link = link(&usher).await;
    let ana = Browser::of(&usher, "ana").await.session().await;
    let ana = ana.expect("signed in").user.id;
    assert!(
        usher
            .app
            .directory
            .admins()
            .grant(&ana)
            .await
            .expect("done")
    );
    assert!(
        !usher
            .app
            .directory
            .admins()
            .grant(&ana)
            .await
            .expect("done")
    );
    assert_eq!(Browser::new(&usher).get(&link).await.status, 410);
}

#[tokio::test]
async fn what_is_typed_wrong_is_said_and_the_link_stays_good() {
    let usher = TestServer::open().await;
    let link = link(&usher).await;
    let mut olga = Browser::new(&usher);
    let good = [
        ("login", "olga"),
        ("name", "Olga Operator"),
        ("mail", "olga@example.org"),
        ("password", NEW),
    ];
    for (field, value, words) in [
        ("login", "", "letters, digits and"),
        ("login", "olga o", "letters, digits and"),
        ("login", "olga\r\nx", "letters, digits and"),
        ("login", &"x".repeat(65), "letters, digits and"),
        ("login", "ANA", "is taken"),
        ("name", " ", "at most 100 characters"),
        (
            "name",
            "Olga\r\nBcc: x@example.org",
            "at most 100 characters",
        ),
        ("mail", "olga", "enter a valid email address"),
        (
            "mail",
            "olga@example.org\r\nBcc: x@example.org",
            "enter a valid email address",
        ),
        ("password", "short", "at least 12 characters"),
        ("password", "olga-operator-1", "little more than your name"),
    ] {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(good.map(|(name, text)| (name, if name == field { value } else { text })))
            .finish();
        let page = olga.post(&link, Some(PORTAL), &body).await;
        assert_eq!(page.status, 422, "{field}={value:?}");
        assert!(page.says(words), "{field}={value:?}: {}", page.text());
        assert!(!page.body.contains(NEW), "no password is shown again");
    }
    assert!(admins(&usher).await.is_empty());
    assert_eq!(
        usher.column("select login from local_accounts").await.len(),
        3
    );
    take(&mut olga, &link, "olga").await;
    assert_eq!(admins(&usher).await, ["olga"]);
    let providers = usher.column("select slug from identity_providers").await;
    assert_eq!(
        providers,
        ["local"],
        "the provider that was there is theirs, too"
    );
    assert!(gets_in(&usher, "olga", NEW).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_who_would_be_first_are_one() {
    let usher = Arc::new(TestServer::empty().await);
    let link = link(&usher).await;
    let mut tries = JoinSet::new();
    for number in 0..50 {
        let (usher, link) = (usher.clone(), link.clone());
        tries.spawn(async move {
            let mut browser = Browser::new(&usher);
            let body =
                format!("login=olga{number}&name=O&mail=&password=seven+green+bottles+on+a+wall");
            browser.post(&link, Some(PORTAL), &body).await.status
        });
    }
    let statuses = tries.join_all().await;
    assert_eq!(
        statuses.iter().filter(|one| **one == 200).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|one| **one == 410).count(),
        49,
        "{statuses:?}"
    );
    assert_eq!(admins(&usher).await.len(), 1);
    assert_eq!(
        usher.column("select login from local_accounts").await.len(),
        1
    );
}

#[tokio::test]
async fn the_first_admin_is_asked_to_confirm_the_address() {
    let sink = MailSink::start();
    let usher = Desk::usher(&sink).await;
    let link = link(&usher).await;
    let mut olga = Browser::new(&usher);
    take(&mut olga, &link, "olga").await;
    let desk = Desk { usher, sink };
    let verify = link_in(&desk.post().await[0]);
    let mut olga = Browser::new(&desk.usher);
    let page = olga.get(&verify).await;
    olga.send(&page, &verify).await;
    assert!(desk.link("olga").await.starts_with("/recover/ul_"));
}

#[tokio::test]
async fn a_seed_that_comes_later_leaves_the_first_admin_alone() {
    let usher = TestServer::empty().await;
    let link = link(&usher).await;
    take(&mut Browser::new(&usher), &link, "cleo").await;
    usher
        .change(|draft| draft.provider("local").slug = "usher".into())
        .await;
    assert!(gets_in(&usher, "cleo", NEW).await, "her password is hers");
    assert_eq!(admins(&usher).await, ["cleo"]);
}
