//! A user's own account: what they see of it and do to it, and that no other user can.

mod export;
mod history;
mod link;
mod link_away;
mod page;
mod session;
mod unlink;

use usher::seed::file::Provider;

use support::{
    browser::{Browser, Page, SESSION},
    draft::Draft,
    server::{PASSWORD, TestServer},
};

const HOST: &str = "usher.test";
const OURS: Option<&str> = Some("https://usher.test");

const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) \
    AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1";

/// A portal with a second provider, for the same accounts under names of its own.
async fn two_ways() -> TestServer {
    two_ways_with(|_| ()).await
}

/// The same with a change of the second one.
async fn two_ways_with(change: impl FnOnce(&mut Provider)) -> TestServer {
    let mut draft = Draft::sample();
    change(draft.add_provider("branch", "local", "Branch account"));
    TestServer::with(&draft).await
}

/// A browser with this user agent in which a user has signed in, at an address.
async fn device<'a>(
    usher: &'a TestServer,
    name: &str,
    agent: &str,
    address: [u8; 4],
) -> Browser<'a> {
    let mut browser = Browser::new(usher);
    browser.headers = vec![("user-agent", agent.to_owned())];
    browser.address = Some((address, 4711).into());
    let form = browser.get("/sign-in").await;
    let page = browser.sign_in(&form, name).await;
    assert_eq!(page.status, 200, "{}", page.text());
    browser
}

/// Signs in by a provider that is not the first.
async fn by<'a>(usher: &'a TestServer, provider: &str, name: &str) -> Browser<'a> {
    let mut browser = Browser::new(usher);
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

/// The visitor authenticates again, and is back where they came from.
async fn confirm(browser: &mut Browser<'_>, page: &Page, name: &str) -> Page {
    assert!(page.url.path().starts_with("/sign-in/"), "{}", page.url);
    browser.sign_in(page, name).await
}
