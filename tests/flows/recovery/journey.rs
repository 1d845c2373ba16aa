//! From a link in a mail through a forgotten password and back to where the user was headed.

use super::{Desk, NEW, PORTAL, gets_in, opened, set};
use support::{
    browser::{Browser, Page},
    mail::link_in,
    server::{PASSWORD, TestServer},
};

const RECORD: &str = "/go/crm/customer/C-1042";

/// The attempt of a sign-in page, without the destination that its address carries.
fn attempt_of(form: &Page) -> &str {
    let segment = &form.url.path()["/sign-in/".len()..];
    segment.split('.').next().expect("an id")
}

#[tokio::test]
async fn a_forgotten_password_keeps_the_destination() {
    let desk = Desk::open().await;
    let elsewhere = Browser::of(&desk.usher, "ana").await;
    let mut ana = Browser::new(&desk.usher);
    let form = ana.get(RECORD).await;
    let forgot = format!("/recover?attempt={}", attempt_of(&form));
    assert!(
        form.body.contains(&format!("href=\"{forgot}\"")),
        "{}",
        form.body
    );
    let page = ana.get(&forgot).await;
    let page = ana
        .fill(&page, &[("Username or email address", "Ana@Example.org ")])
        .await;
    assert_eq!(page.url.path(), "/recover/sent");
    assert!(desk.sink.mails().is_empty(), "no request sends a mail");
    let link = link_in(&desk.post().await[0]);
    assert!(link.starts_with("/recover/ul_"), "{link}");

    let page = opened(&mut ana, &link).await;
    let page = set(&mut ana, &page, NEW).await;
    assert!(page.says("Your password has been set"), "{}", page.text());
    assert!(ana.session().await.is_none(), "a link signs no user in");
    assert!(
        elsewhere.session().await.is_none(),
        "every session has ended"
    );
    let onward = &format!("/sign-in/{}", attempt_of(&form));
    assert!(
        page.body.contains(&format!("href=\"{onward}\"")),
        "{}",
        page.body
    );
    let form = ana.get(onward).await;
    let page = ana
        .fill(&form, &[("Username", "ana"), ("Password", NEW)])
        .await;
    assert_eq!(page.shown("path").as_deref(), Some("/customers/C-1042"));
    assert!(!gets_in(&desk.usher, "ana", PASSWORD).await);

    let mails = desk.post().await;
    assert_eq!(mails.len(), 2);
    assert!(mails[1].contains("Subject: Your password at Usher was changed"));
    assert!(!mails[1].contains("ul_"), "a notice has no link");
    let events = desk
        .usher
        .app
        .store
        .recent_events(50)
        .await
        .expect("events");
    let reset = events.iter().find(|(name, _)| name == "password.reset");
    assert_eq!(reset.map(|(_, facts)| facts.value("link")), Some("reset"));
    assert!(events.iter().any(|(name, _)| name == "recovery.requested"));
}

#[tokio::test]
async fn in_another_browser_the_way_ends_at_the_sign_in_page() {
    let desk = Desk::open().await;
    let mut desktop = Browser::new(&desk.usher);
    let form = desktop.get(RECORD).await;
    let attempt = attempt_of(&form).to_owned();
    desktop
        .post(
            "/recover",
            Some(PORTAL),
            &format!("who=ana&attempt={attempt}"),
        )
        .await;
    let link = link_in(&desk.post().await[0]);
    let mut phone = Browser::new(&desk.usher);
    let page = opened(&mut phone, &link).await;
    let page = set(&mut phone, &page, NEW).await;
    assert!(page.body.contains("href=\"/sign-in\""), "{}", page.body);
    assert!(!page.body.contains("C-1042"));
}

#[tokio::test]
async fn a_password_a_user_chose_outlives_the_next_seeding() {
    let desk = Desk::open().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let page = opened(&mut ana, &link).await;
    set(&mut ana, &page, NEW).await;
    desk.usher
        .change(|draft| draft.person("ana").name = "Ana Alves".into())
        .await;
    assert!(gets_in(&desk.usher, "ana", NEW).await);
    assert!(
        !gets_in(&desk.usher, "ana", PASSWORD).await,
        "the old one stays gone"
    );
    let names = desk.usher.column("select name from users").await;
    assert_eq!(names, ["Ana Alves"], "the rest follows the catalogue");
    assert!(gets_in(&desk.usher, "ben", PASSWORD).await);
    let again = desk.link("ana@example.org").await;
    assert_ne!(again, link, "and she can recover it once more");
}

#[tokio::test]
async fn the_pages_and_mails_are_in_the_users_language() {
    let desk = Desk::open().await;
    let mut ana = Browser::new(&desk.usher);
    ana.headers = vec![("accept-language", "de".to_owned())];
    let page = ana.get("/recover").await;
    assert!(page.says("Probleme bei der Anmeldung?"), "{}", page.text());
    ana.fill(&page, &[("Anmeldename oder E-Mail-Adresse", "ana")])
        .await;
    let mail = desk.post().await[0].clone();
    assert!(mail.contains("Subject: Ihr Passwort bei Usher"), "{mail}");
    assert!(mail.contains("Guten Tag, Ana Almeida!"), "{mail}");
    assert!(mail.contains("Content-Language: de"), "{mail}");
    let page = ana.get(&link_in(&mail)).await;
    assert!(page.says("Neues Passwort"), "{}", page.text());
}

#[tokio::test]
async fn weak_passwords_are_refused_and_the_link_stays_good() {
    let desk = Desk::open().await;
    let link = desk.link("ana").await;
    let mut ana = Browser::new(&desk.usher);
    let page = opened(&mut ana, &link).await;
    for (weak, words) in [
        ("tiny-7q", "at least 12 characters"),
        ("ana.almeida@example.org", "little more than your name"),
        ("usherusherusher", "the name of this portal"),
        ("passwordpassword", "This password is too common"),
        ("123456789012345", "This password is too common"),
        (&"xy7-Kq".repeat(171), "This password is too long"),
    ] {
        let page = set(&mut ana, &page, weak).await;
        assert_eq!(page.status, 422, "{weak}");
        assert!(page.says(words), "{weak}: {}", page.text());
        assert!(!page.body.contains(weak), "{weak} is not shown again");
    }
    assert!(
        set(&mut ana, &page, NEW)
            .await
            .says("Your password has been set")
    );
}

#[tokio::test]
async fn the_shortest_password_is_configured_and_never_below_eight() {
    let usher = TestServer::configured(&[("USHER_SIGN_IN__PASSWORD_MIN_LENGTH", "20")]).await;
    assert_eq!(usher.app.directory.rules.shortest, 20);
    let variable = (
        "USHER_SIGN_IN__PASSWORD_MIN_LENGTH".to_owned(),
        "7".to_owned(),
    );
    let error = usher::config::Config::layered(None, [variable]).expect_err("too short");
    assert!(error.to_string().contains("password_min_length"), "{error}");
}
