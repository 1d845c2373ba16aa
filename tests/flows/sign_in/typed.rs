//! Names and passwords as keyboards compose them (RFC 8265): equal-looking input is equal.

use argon2::{Argon2, PasswordHasher};

use support::{
    browser::{Browser, Page},
    draft::Draft,
    server::{PASSWORD, TestServer},
};

/// One character each, and one more for the marks above them.
const COMPOSED: &str = "Gr\u{fc}\u{df}e von Zo\u{eb} aus K\u{f6}ln";
const DECOMPOSED: &str = "Gru\u{308}\u{df}e von Zoe\u{308} aus Ko\u{308}ln";

async fn usher(login: &str, password: &str) -> TestServer {
    let mut draft = Draft::sample();
    draft.add_person(login, "Zoe").password = Some(password.to_owned().into());
    draft.set_attribute(login, "region", "europe");
    TestServer::with(&draft).await
}

async fn typed(usher: &TestServer, name: &str, password: &str) -> Page {
    let mut browser = Browser::new(usher);
    let form = browser.get("/go/crm/customer/C-1042").await;
    browser
        .fill(&form, &[("Username", name), ("Password", password)])
        .await
}

fn landed(page: &Page) {
    let path = page.shown("path");
    assert_eq!(
        path.as_deref(),
        Some("/customers/C-1042"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_name_and_a_password_are_the_same_however_they_are_composed() {
    for set in [COMPOSED, DECOMPOSED] {
        let usher = usher("zo\u{eb}", set).await;
        for name in [
            "zo\u{eb}",
            "Zoe\u{308}",
            "ZO\u{cb}",
            " zoe\u{308} ",
            "\u{ff3a}o\u{eb}",
        ] {
            for password in [COMPOSED, DECOMPOSED] {
                landed(&typed(&usher, name, password).await);
            }
        }
        let page = typed(&usher, "zo\u{eb}", "Grusse von Zoe aus Koln").await;
        assert_eq!(page.shown("path"), None);
    }
    let usher = usher("zoe\u{308}", PASSWORD).await;
    landed(&typed(&usher, "zo\u{eb}", PASSWORD).await);
    assert_eq!(usher.column("select login from users").await, ["zo\u{eb}"]);
}

#[tokio::test]
async fn a_password_that_was_hashed_as_it_was_typed_still_opens_its_account() {
    let usher = usher("zoe", PASSWORD).await;
    let hash = Argon2::default()
        .hash_password_with_salt(DECOMPOSED.as_bytes(), b"sixteen bytes of")
        .expect("a hash")
        .to_string();
    sqlx::query("update local_accounts set password_hash = $1 where login = 'zoe'")
        .bind(hash)
        .execute(&mut usher.connection().await)
        .await
        .expect("done");
    landed(&typed(&usher, "zoe", DECOMPOSED).await);
    let page = typed(&usher, "zoe", "Gru\u{308}nde").await;
    assert_eq!(page.shown("path"), None);
}

#[tokio::test]
async fn each_spelling_of_a_name_is_counted_as_one() {
    let usher = usher("zo\u{eb}", PASSWORD).await;
    let names = ["zo\u{eb}", "Zoe\u{308}", "ZO\u{cb}", "\u{ff3a}o\u{eb}"];
    for turn in 0..12 {
        typed(&usher, names[turn % names.len()], "wrong").await;
    }
    let page = typed(&usher, "zo\u{eb}", PASSWORD).await;
    assert_eq!(page.status, 429, "{}", page.text());
}
