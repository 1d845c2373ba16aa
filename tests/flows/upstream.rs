//! Signing in by real identity providers of others: what must work with them, and what they may
//! not do to us.

mod down;
mod endpoint;
mod lies;
mod oidc;
mod saml;
mod samlp;
mod sign_out;
pub mod unreported;

use support::{
    browser::{Browser, Page},
    form::pattern,
    idp,
    server::PASSWORD,
    upstream::title,
};

/// Ana's record, of which every test here keeps sight.
const LINK: &str = "/go/crm/customer/c-1042";

const DENIED: &str = "was cancelled or refused";
const DOWN: &str = "is not responding";
const INVALID: &str = "sent a response that could not be accepted";

/// Follows the link and goes to the provider's own page.
async fn open(browser: &mut Browser<'_>, slug: &str) -> Page {
    let asked = browser.get(LINK).await;
    browser.choose(&asked, slug).await
}

/// Follows the link and signs in by npm oidc-provider or npm samlp.
async fn sign_in(browser: &mut Browser<'_>, slug: &str, login: &str) -> Page {
    let form = open(browser, slug).await;
    let typed = [("User", login), ("Secret", idp::PASSWORD)];
    browser.fill(&form, &typed).await
}

fn landed(page: &Page) {
    let at = (page.shown("app"), page.shown("path"));
    let want = (
        Some("crm-eu".to_owned()),
        Some("/customers/C-1042".to_owned()),
    );
    assert_eq!(
        at,
        want,
        "{} by {:#?}\n{}",
        page.url,
        page.trail,
        page.text()
    );
    assert_eq!(page.shown("who").as_deref(), Some("Ana Almeida"));
}

/// The page shows this error about this provider; no user is signed in; and another way leads to
/// the record.
async fn blames(browser: &mut Browser<'_>, page: &Page, slug: &str, words: &str, at: &str) {
    let said = page.says(words) && page.says(&format!("“{}”", title(slug)));
    assert!(
        said,
        "{at}: {} by {:#?}\n{}",
        page.url,
        page.trail,
        page.text()
    );
    assert!(browser.session().await.is_none(), "{at}: signed in");
    let way = pattern("href=\"(/sign-in/[^\"]*provider=local)\"").captures(&page.body);
    let way = way.unwrap_or_else(|| panic!("{at}: no other way\n{}", page.body));
    let form = browser.get(&way[1]).await;
    let typed = [("Username", "ana"), ("Password", PASSWORD)];
    landed(&browser.fill(&form, &typed).await);
}
