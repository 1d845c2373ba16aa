//! Second factors as users set them up and prove them: authenticator apps, passkeys, recovery codes.

use serde_json::Value;
use usher::clock::Time;

use super::{
    authenticator::{App, Passkey},
    browser::{Browser, Page},
    server::TestServer,
};

pub const OURS: Option<&str> = Some("https://usher.test");
pub const OWN: &str = "/account/factors";
/// Every user needs a second factor at sign-in.
pub const ALWAYS: &str = "[[assurance]]\ntitle = \"Everybody\"\nsecond_factor = true\n";

/// The form after the password, for users with a factor; or the offer to set one up.
pub async fn after_password(browser: &mut Browser<'_>, link: &str, name: &str) -> Page {
    let form = browser.get(link).await;
    let page = browser.sign_in(&form, name).await;
    assert!(page.url.path().ends_with("/factor"), "{}", page.url);
    page
}

/// The key that a set-up page shows.
pub fn key_on(page: &Page) -> App {
    let (_, rest) = page.body.split_once("class=\"secret\"").expect("a key");
    let (_, rest) = rest.split_once('>').expect("a key");
    App::typed(rest.split('<').next().expect("a key"))
}

/// Sets an app up where `page` offers it; the page after that, and the app.
pub async fn set_up_app(browser: &mut Browser<'_>, page: &Page, now: Time) -> (Page, App) {
    let action = page.forms().into_iter().map(|form| form.action);
    let action = action.into_iter().find(|action| action.ends_with("/app"));
    let page = browser.send(page, &action.expect("an offer")).await;
    let app = key_on(&page);
    let code = app.shows(now);
    let label = "Code shown in the app";
    (browser.fill(&page, &[(label, &code)]).await, app)
}

/// A user with an app, set up on their own page.
pub async fn with_app<'a>(usher: &'a TestServer, name: &str) -> (Browser<'a>, App, Vec<String>) {
    let mut browser = Browser::of(usher, name).await;
    let page = browser.get(OWN).await;
    let (page, app) = set_up_app(&mut browser, &page, usher.clock.now()).await;
    let codes = codes_on(&page);
    assert_eq!(codes.len(), 10, "{}", page.text());
    // The code of this moment is used up.
    usher.advance(std::time::Duration::from_secs(30));
    (browser, app, codes)
}

/// The recovery codes on a page.
pub fn codes_on(page: &Page) -> Vec<String> {
    let code = regex::Regex::new("<li>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</li>").expect("a pattern");
    let found = code.captures_iter(&page.body);
    found.map(|found| found[1].to_owned()).collect()
}

/// A challenge: its id, and the options for the authenticator.
pub async fn challenge(browser: &mut Browser<'_>, link: &str) -> (String, Value) {
    let page = browser.post(link, OURS, "").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let mut said: Value = serde_json::from_str(&page.body).expect("JSON");
    let id = said["ceremony"].as_str().expect("an id").to_owned();
    (id, said["options"].take())
}

pub fn answer(ceremony: &str, credential: &str) -> String {
    let fields = [
        ("way", "passkey"),
        ("title", "My key"),
        ("ceremony", ceremony),
        ("credential", credential),
    ];
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// Makes a passkey at this address, and sends it.
pub async fn create(browser: &mut Browser<'_>, base: &str, key: &mut Passkey) -> Page {
    let (id, options) = challenge(browser, &format!("{base}/passkey/challenge")).await;
    let body = answer(&id, &key.create(&options));
    browser.post(&format!("{base}/passkey"), OURS, &body).await
}

/// A user with a passkey, created on their own page.
pub async fn with_passkey<'a>(usher: &'a TestServer, name: &str) -> (Browser<'a>, Passkey) {
    let mut browser = Browser::of(usher, name).await;
    let mut key = Passkey::default();
    let page = create(&mut browser, OWN, &mut key).await;
    assert_eq!(codes_on(&page).len(), 10, "{}", page.text());
    (browser, key)
}

/// Uses a passkey on the factor page of an attempt.
pub async fn use_key(browser: &mut Browser<'_>, page: &Page, key: &mut Passkey) -> Page {
    let path = page.url.path().to_owned();
    let (id, options) = challenge(browser, &format!("{path}/challenge")).await;
    let body = answer(&id, &key.get(&options));
    browser.post(&path, OURS, &body).await
}

/// Uses a passkey instead of a name and a password, on an attempt's first page.
pub async fn enter(browser: &mut Browser<'_>, page: &Page, key: &mut Passkey) -> Page {
    let path = format!("{}/passkey", page.url.path());
    let (id, options) = challenge(browser, &format!("{path}/challenge")).await;
    let body = answer(&id, &key.get(&options));
    browser.post(&path, OURS, &body).await
}
