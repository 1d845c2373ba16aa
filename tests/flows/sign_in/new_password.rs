//! Changing a password during the sign-in, when required or wanted.

use serde_json::json;

use super::{OURS, RECORD};
use support::{
    browser::{Browser, Page},
    domain_controller::{ANA, DomainController, Entry, group, user},
    draft::Draft,
    server::TestServer,
    slapd::PASSWORD,
};

const NEW: &str = "Grüße & küsse 2026";

/// A portal with a directory of Active Directory's kind beside its own accounts.
async fn portal(controller: &DomainController, changes: serde_json::Value) -> TestServer {
    let mut settings = controller.settings();
    settings.insert(
        "attributes".into(),
        json!({"region": "l", "department": "department"}),
    );
    settings.extend(changes.as_object().expect("an object").clone());
    let mut draft = Draft::sample();
    draft.add_provider("corp", "ldap", "Corp").settings = settings;
    TestServer::with(&draft).await
}

fn changing() -> serde_json::Value {
    json!({"password_change": "active-directory"})
}

fn directory(ana: Entry) -> DomainController {
    let ana = ana.with("l", "europe").with("department", "sales");
    let groups = [group("sales", 1, &[ANA]), group("staff", 2, &[ANA])];
    let people = vec![ana, user("Ben")];
    DomainController::start([people, groups.to_vec()].concat(), "127.0.0.1:1")
}

fn must_change() -> Entry {
    Entry {
        code: Some("773"),
        ..user("Ana")
    }
}

/// The form of the directory, with this target.
async fn form(browser: &mut Browser<'_>, target: &str) -> Page {
    let page = browser.get(target).await;
    browser
        .get(&format!("{}?provider=corp", page.url.path()))
        .await
}

async fn fill(browser: &mut Browser<'_>, page: &Page, old: &str, new: [&str; 2]) -> Page {
    let typed = [
        ("Current password", old),
        ("New password", new[0]),
        ("Confirm new password", new[1]),
    ];
    browser.fill(page, &typed).await
}

#[tokio::test]
async fn who_must_change_their_password_does_and_lands_where_they_were_headed() {
    let controller = directory(must_change());
    let usher = portal(&controller, changing()).await;
    let mut browser = Browser::new(&usher);
    let page = form(&mut browser, RECORD).await;
    let page = browser
        .fill(&page, &[("Username", "CORP\\ana"), ("Password", PASSWORD)])
        .await;
    assert_eq!(page.status, 403);
    assert!(
        page.says("Your password is correct, but it must be changed"),
        "{}",
        page.text()
    );
    assert!(
        page.body.contains("value=\"CORP\\ana\""),
        "the name is kept"
    );
    assert!(!page.body.contains(PASSWORD), "the password is not");
    assert!(browser.session().await.is_none());

    let page = fill(&mut browser, &page, PASSWORD, [NEW, NEW]).await;
    assert_eq!(
        page.shown("path").as_deref(),
        Some("/customers/C-1042"),
        "{}",
        page.text()
    );
    assert_eq!(usher.events_named("password.changed").await, 1);

    let mut later = Browser::new(&usher);
    let page = form(&mut later, "/sign-in").await;
    let page = later
        .fill(&page, &[("Username", "ana"), ("Password", NEW)])
        .await;
    assert!(page.says("Hello, Ana"), "{}", page.text());

    // Its owner is known: the provider has just accepted the old password, although no session
    // shows it.
    let mut third = Browser::new(&usher);
    let page = form(&mut third, RECORD).await;
    let link = format!("{}/password?provider=corp", page.url.path());
    let page = third.get(&link).await;
    let next = "another good long password 7";
    let typed = [
        ("Username", "ana"),
        ("Current password", NEW),
        ("New password", next),
        ("Confirm new password", next),
    ];
    third.fill(&page, &typed).await;
    assert_eq!(usher.events_named("password.changed").await, 2);
    let by_owner = "select id from events where kind = 'password.changed'
                        and actor_kind = 'user' and actor = user_id";
    assert_eq!(usher.column(by_owner).await.len(), 1);
}

#[tokio::test]
async fn each_mistake_is_reported_and_changes_nothing() {
    let controller = directory(user("Ana"));
    let usher = portal(&controller, changing()).await;
    let mut browser = Browser::new(&usher);
    let page = form(&mut browser, RECORD).await;
    let link = format!("{}/password?provider=corp", page.url.path());
    assert!(page.body.contains(&link), "the form leads there");
    let page = browser.get(&link).await;
    assert_eq!(page.status, 200);
    let page = browser
        .fill(
            &page,
            &[("Username", "ana"), ("Current password", PASSWORD)],
        )
        .await;
    assert_eq!(page.status, 422);
    for (old, new, status, words) in [
        (
            PASSWORD,
            [NEW, "another"],
            422,
            "The new passwords do not match",
        ),
        (
            PASSWORD,
            [PASSWORD, PASSWORD],
            422,
            "This is your current password",
        ),
        (
            PASSWORD,
            ["short", "short"],
            422,
            "does not meet your organisation’s password policy",
        ),
        (
            PASSWORD,
            ["", ""],
            422,
            "does not meet your organisation’s password policy",
        ),
        ("wrong", [NEW, NEW], 422, "Incorrect username or password"),
        ("", [NEW, NEW], 422, "Incorrect username or password"),
    ] {
        let page = fill(&mut browser, &page, old, new).await;
        assert_eq!(page.status, status, "{new:?}: {}", page.text());
        assert!(page.says(words), "{new:?}: {}", page.text());
        for typed in [PASSWORD, NEW, "short", "wrong"] {
            assert!(!page.body.contains(&format!("value=\"{typed}")), "{typed}");
        }
        assert!(page.body.contains("value=\"ana\""), "the name is kept");
    }
    assert!(browser.session().await.is_none());
    assert_eq!(usher.events_named("password.changed").await, 0);
    let page = fill(&mut browser, &page, PASSWORD, [NEW, NEW]).await;
    assert_eq!(
        page.shown("path").as_deref(),
        Some("/customers/C-1042"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn who_is_known_reads_in_their_history_that_their_password_was_changed() {
    let controller = directory(user("Ana"));
    let usher = portal(&controller, changing()).await;
    let mut browser = Browser::new(&usher);
    let page = form(&mut browser, "/sign-in").await;
    let typed = [("Username", "ana"), ("Password", PASSWORD)];
    assert!(browser.fill(&page, &typed).await.says("Hello, Ana"));
    let mut elsewhere = Browser::new(&usher);
    let page = form(&mut elsewhere, "/sign-in").await;
    let path = page.url.path().to_owned();
    let page = elsewhere
        .get(&format!("{path}/password?provider=corp"))
        .await;
    let typed = [
        ("Username", "ana"),
        ("Current password", PASSWORD),
        ("New password", NEW),
        ("Confirm new password", NEW),
    ];
    assert!(elsewhere.fill(&page, &typed).await.says("Hello, Ana"));
    let page = browser.get("/account/history").await;
    assert!(page.says("Password changed at “Corp”"), "{}", page.text());
}

#[tokio::test]
async fn guessing_the_old_password_there_is_guessing() {
    let controller = directory(must_change());
    let usher = portal(&controller, changing()).await;
    let mut browser = Browser::new(&usher);
    let page = form(&mut browser, "/sign-in").await;
    let page = browser
        .get(&format!("{}/password?provider=corp", page.url.path()))
        .await;
    // New passwords that are refused are no guesses.
    for _ in 0..12 {
        let typed = [
            ("Username", "ana"),
            ("Current password", PASSWORD),
            ("New password", "short"),
            ("Confirm new password", "short"),
        ];
        assert_eq!(browser.fill(&page, &typed).await.status, 422);
    }
    let guess = [
        ("Username", "ana"),
        ("Current password", "guess"),
        ("New password", NEW),
        ("Confirm new password", NEW),
    ];
    for _ in 0..10 {
        assert_eq!(browser.fill(&page, &guess).await.status, 422);
    }
    let refused = browser.fill(&page, &guess).await;
    assert_eq!(refused.status, 429);
    assert!(refused.headers.contains_key("retry-after"));
    let right = fill(&mut browser, &refused, PASSWORD, [NEW, NEW]).await;
    assert_eq!(right.status, 429, "the right one is not even looked at");
    let form = form(&mut browser, "/sign-in").await;
    let page = browser
        .fill(&form, &[("Username", "ana"), ("Password", PASSWORD)])
        .await;
    assert_eq!(page.status, 429, "one count for both pages");
}

#[tokio::test]
async fn a_domain_before_a_name_is_no_way_around_a_limit() {
    let controller = directory(user("Ana"));
    let usher = portal(&controller, json!({})).await;
    let mut browser = Browser::new(&usher);
    for guess in 0..10 {
        let name = [format!("D{guess}\\ana"), format!("ana@d{guess}.example")][guess % 2].clone();
        let page = form(&mut browser, "/sign-in").await;
        let page = browser
            .fill(&page, &[("Username", &name), ("Password", "guess")])
            .await;
        assert_eq!(page.status, 422, "{}", page.text());
    }
    for name in ["ana", "CORP\\ana", "ANA@corp.example", "X\\Y\\ana@z"] {
        let page = form(&mut browser, "/sign-in").await;
        let page = browser
            .fill(&page, &[("Username", name), ("Password", PASSWORD)])
            .await;
        assert_eq!(page.status, 429, "{name}");
    }
}

#[tokio::test]
async fn where_passwords_cannot_be_changed_there_is_no_such_page() {
    let controller = directory(must_change());
    let usher = portal(&controller, json!({})).await;
    let mut browser = Browser::new(&usher);
    let page = form(&mut browser, "/sign-in").await;
    assert!(!page.body.contains("/password?"), "no link");
    let path = page.url.path().to_owned();
    for provider in ["corp", "local", "nobody", ""] {
        let page = browser
            .get(&format!("{path}/password?provider={provider}"))
            .await;
        assert_eq!(page.status, 404, "{provider}");
        let body = format!("provider={provider}&name=ana&password=x&new=y&again=y");
        let page = browser.post(&format!("{path}/password"), OURS, &body).await;
        assert_eq!(page.status, 404, "{provider}");
    }
    let page = browser
        .fill(&page, &[("Username", "ana"), ("Password", PASSWORD)])
        .await;
    assert_eq!(page.status, 403);
    assert!(
        page.says("Change it where your organisation manages passwords"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn another_browsers_attempt_is_not_found_and_a_used_one_changes_nothing() {
    let controller = directory(user("Ana"));
    let usher = portal(&controller, changing()).await;
    let mut browser = Browser::new(&usher);
    let page = form(&mut browser, "/sign-in").await;
    let path = format!("{}/password", page.url.path());
    let body = format!("provider=corp&name=ana&password={PASSWORD}&new=abcdefgh&again=abcdefgh");
    let body = body.replace(' ', "+");
    let mut stranger = Browser::new(&usher);
    assert_eq!(stranger.post(&path, OURS, &body).await.status, 400);
    let anew = stranger.post(&path, OURS, &body).await;
    assert!(!anew.url.path().starts_with(&path), "with a cookie, anew");
    assert!(stranger.session().await.is_none());
    let foreign = browser
        .post(&path, Some("https://evil.example"), &body)
        .await;
    assert_eq!(foreign.status, 403);
    let page = browser
        .fill(&page, &[("Username", "ana"), ("Password", PASSWORD)])
        .await;
    assert!(page.says("Hello, Ana"), "{}", page.text());
    browser.post(&path, OURS, &body).await;
    assert_eq!(usher.events_named("password.changed").await, 0);
    let log = controller.log();
    assert!(
        !log.iter().any(|line| line.starts_with("MODIFY")),
        "{log:?}"
    );
}
