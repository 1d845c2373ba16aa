//! One kind of link is not accepted as another (THREATS: kind confusion).

use std::time::Duration;

use usher::directory::NewAdminForm;

use super::{Desk, NEW, PORTAL, opened, set};
use support::{
    browser::{Browser, SESSION},
    mail::link_in,
    server::TestServer,
};

/// A link of each kind, all of them good, and where each belongs.
struct Links {
    reset: String,
    invite: String,
    verify: String,
    welcome: String,
}

fn token(link: &str) -> &str {
    link.rsplit('/').next().expect("a token")
}

async fn verification(desk: &Desk) -> String {
    let mut cleo = Browser::of(&desk.usher, "cleo").await;
    cleo.post("/account/mail", Some(PORTAL), "").await;
    link_in(desk.post().await.last().expect("a mail"))
}

async fn all(desk: &Desk) -> Links {
    let directory = &desk.usher.app.directory;
    let path = |link: String| link.replace(PORTAL, "");
    let welcome = directory.admins().first_link().await.expect("an answer");
    let invite = directory
        .recoveries()
        .password_link("ben")
        .await
        .expect("an answer");
    Links {
        reset: desk.link("ana").await,
        invite: path(invite.expect("a link")),
        verify: verification(desk).await,
        welcome: path(welcome.expect("a link")),
    }
}

/// Whether a token is taken at a place: as page, and as any of its forms.
async fn is_taken(usher: &TestServer, place: &str, token: &str) -> bool {
    let mut browser = Browser::new(usher);
    let path = format!("{place}{token}");
    let form = "login=eve&name=Eve&mail=&password=seven+green+bottles+hang";
    let mut statuses = vec![browser.get(&path).await.status];
    for path in [format!("{path}/opening"), format!("{path}/password"), path] {
        statuses.push(browser.post(&path, Some(PORTAL), form).await.status);
    }
    statuses.iter().any(|status| *status < 400)
}

#[tokio::test]
async fn kind_confusion_no_link_opens_where_another_belongs() {
    let desk = Desk::open().await;
    let links = all(&desk).await;
    let cleo = Browser::of(&desk.usher, "cleo").await;
    let session = cleo.cookie("usher.test", SESSION).expect("one").to_owned();
    let browser = cleo
        .cookie("usher.test", "__Host-usher-browser")
        .expect("one")
        .to_owned();
    let places = ["/recover/", "/invite/", "/mail/", "/welcome/"];
    let things = [
        (links.reset.as_str(), "/recover/"),
        (&links.invite, "/invite/"),
        (&links.verify, "/mail/"),
        (&links.welcome, "/welcome/"),
        (&session, ""),
        (&browser, ""),
    ];
    for (thing, home) in things {
        for place in places.iter().filter(|place| **place != home) {
            assert!(
                !is_taken(&desk.usher, place, token(thing)).await,
                "{home} at {place}"
            );
        }
    }
    let hashes = desk
        .usher
        .column("select token_hash from one_time_links")
        .await;
    for hash in hashes {
        for place in places {
            assert!(
                !is_taken(&desk.usher, place, &hash).await,
                "a hash at {place}"
            );
            assert!(!is_taken(&desk.usher, place, &format!("ul_{hash}")).await);
        }
    }
    for (thing, home) in things.iter().filter(|(_, home)| !home.is_empty()) {
        assert!(
            is_taken(&desk.usher, home, token(thing)).await,
            "{home} is broken"
        );
    }
}

#[tokio::test]
async fn a_link_is_no_session_and_no_hint() {
    let desk = Desk::open().await;
    let link = desk.link("ana").await;
    let mut browser = Browser::new(&desk.usher);
    browser.set_cookie("usher.test", SESSION, token(&link));
    assert!(browser.session().await.is_none());
    let page = browser.peek("/").await;
    assert!(page.location().starts_with("/sign-in/att_"));
    let page = browser.get(&format!("/sign-in/{}", token(&link))).await;
    assert_eq!(page.status, 404);
}

#[tokio::test]
async fn an_invitation_is_good_for_a_day_and_leads_to_a_password() {
    let desk = Desk::open().await;
    let newcomer = NewAdminForm {
        login: "Dora".to_owned(),
        name: "Dora Dorn".to_owned(),
        mail: "dora@example.org".to_owned(),
    };
    let directory = &desk.usher.app.directory;
    let made = directory
        .admins()
        .create(newcomer.clone())
        .await
        .expect("an answer");
    let link = made.expect("a link").replace(PORTAL, "");
    desk.usher.advance(Duration::from_secs(23 * 3600));
    let mut dora = Browser::new(&desk.usher);
    let page = dora.get(&link).await;
    assert!(
        page.says("An account has been created for you"),
        "{}",
        page.text()
    );
    let page = opened(&mut dora, &link).await;
    assert!(
        set(&mut dora, &page, NEW)
            .await
            .says("Your password has been set")
    );
    assert!(super::gets_in(&desk.usher, "dora", NEW).await);
    desk.usher.advance(Duration::from_secs(3600));
    let late = directory
        .recoveries()
        .password_link("dora")
        .await
        .expect("an answer");
    let late = late.expect("a link").replace(PORTAL, "");
    desk.usher.advance(Duration::from_secs(24 * 3600));
    assert_eq!(dora.get(&late).await.status, 410);
}
