//! A person's own account: what they see of it, what they do to it, and that it is nobody else's.

mod export;
mod history;
mod link;
mod link_away;
mod page;
mod session;
mod unlink;

use support::{
    browser::{Browser, Page, SESSION},
    server::{PASSWORD, TestServer, changed},
};

const HOST: &str = "usher.test";
const OURS: Option<&str> = Some("https://usher.test");

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) \
    AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1";

/// A house with a second provider, for the same accounts under names of its own.
async fn two_ways() -> TestServer {
    two_ways_that("").await
}

/// And the second one says more.
async fn two_ways_that(says: &str) -> TestServer {
    let branch = format!(
        "[[provider]]\nslug = \"branch\"\nkind = \"local\"\ntitle = \"Branch account\"\n{says}\n\
         [[person]]"
    );
    TestServer::with(&changed(&[("[[person]]", &branch)])).await
}

/// A browser of this make that somebody has signed in with, at an address.
async fn device<'a>(
    house: &'a TestServer,
    name: &str,
    agent: &str,
    address: [u8; 4],
) -> Browser<'a> {
    let mut browser = Browser::new(house);
    browser.headers = vec![("user-agent", agent.to_owned())];
    browser.address = Some((address, 4711).into());
    let form = browser.get("/sign-in").await;
    let page = browser.sign_in(&form, name).await;
    assert_eq!(page.status, 200, "{}", page.text());
    browser
}

/// Signs in by a provider that is not the first.
async fn by<'a>(house: &'a TestServer, provider: &str, name: &str) -> Browser<'a> {
    let mut browser = Browser::new(house);
    let form = browser.get("/sign-in").await;
    let form = browser
        .get(&format!("{}?provider={provider}", form.url.path()))
        .await;
    let page = browser.sign_in(&form, name).await;
    assert_eq!(page.status, 200, "{}", page.text());
    browser
}

async fn session_id(browser: &Browser<'_>) -> String {
    let who = browser.session().await.expect("signed in");
    who.session.id.to_string()
}

/// The page's first link to an address that begins so.
fn link_to(page: &Page, start: &str) -> Option<String> {
    let found = regex::Regex::new(&format!("href=\"({}[^\"]*)\"", regex::escape(start)));
    let found = found.expect("a pattern").captures(&page.body)?;
    Some(found[1].to_owned())
}

/// The visitor proves once more who they are, and is where they came from.
async fn confirm(browser: &mut Browser<'_>, page: &Page, name: &str) -> Page {
    assert!(page.url.path().starts_with("/sign-in/"), "{}", page.url);
    browser.sign_in(page, name).await
}
