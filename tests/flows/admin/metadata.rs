//! Metadata of an identity provider that an admin brings.

use serde_json::json;

use super::{OURS, cleo, usher};
use support::{
    browser::{Browser, Page},
    campus::{self, theirs},
    saml::IDP,
    server::TestServer,
};

#[tokio::test]
async fn metadata_goes_only_where_it_is_taken() {
    let usher = usher().await;
    let mut cleo = cleo(&usher).await;
    let page = cleo.get("/admin/providers/company").await;
    assert!(!page.says("Upload metadata"));
    let path = "/admin/providers/company/metadata";
    let page = cleo.post(path, OURS, "metadata=%3Cx%2F%3E").await;
    assert!(page.says("takes no metadata"), "{}", page.text());
    let long = format!("metadata={}", "x".repeat(1024 * 1024 + 1));
    let page = cleo.post(path, OURS, &long).await;
    assert!(page.says("at most a megabyte"), "{}", page.text());
    let longer = format!("metadata={}", "x".repeat(5 * 1024 * 1024));
    assert_eq!(cleo.post(path, OURS, &longer).await.status, 413);
    assert_eq!(usher.events_named("provider.imported").await, 0);
}

/// A provider whose metadata an admin brings.
async fn campus() -> TestServer {
    let without = json!({ "metadata": null });
    TestServer::with(&campus::seed(campus::settings(without))).await
}

const IMPORT: &str = "/admin/providers/campus/metadata";

async fn bring(browser: &mut Browser<'_>, metadata: &str, confirmed: Option<&str>) -> Page {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.append_pair("metadata", metadata);
    if let Some(word) = confirmed {
        body.append_pair("confirmed", word);
    }
    browser.post(IMPORT, OURS, &body.finish()).await
}

/// Where people are sent who sign in there.
async fn leads_to(usher: &TestServer) -> String {
    let mut browser = Browser::new(usher);
    let attempt = browser.peek("/sign-in").await.location().to_owned();
    let page = browser.peek(&format!("{attempt}/to/campus")).await;
    if page.status != 200 || !page.body.contains("http-equiv=\"refresh\"") {
        return "nowhere".to_owned();
    }
    let location = page.location().split('?').next();
    location.expect("an address").to_owned()
}

#[tokio::test]
async fn metadata_is_brought_and_used_from_now_on() {
    let usher = campus().await;
    let mut cleo = cleo(&usher).await;
    assert_eq!(leads_to(&usher).await, "nowhere");
    let page = cleo.get("/admin/providers/campus").await;
    assert!(page.says("Upload metadata"), "{}", page.text());
    for address in ["/upstream/campus/acs", "/upstream/campus/metadata"] {
        assert!(
            page.says(&format!("https://usher.test{address}")),
            "{address}"
        );
    }
    for (text, words) in [
        ("nonsense".to_owned(), "not XML"),
        (theirs().replace(IDP, "https://other.test"), "metadata"),
        ("<!DOCTYPE x []><x/>".to_owned(), "not XML"),
    ] {
        let page = bring(&mut cleo, &text, None).await;
        assert!(page.says(words), "{text:.20}: {}", page.text());
    }
    assert_eq!(usher.events_named("provider.imported").await, 0);
    let page = bring(&mut cleo, &theirs(), None).await;
    assert!(
        page.says("Documents") && page.says("valid until"),
        "{}",
        page.text()
    );
    assert_eq!(usher.events_named("provider.imported").await, 1);
    assert_eq!(leads_to(&usher).await, "https://idp.test/sso");
}

/// THREATS: metadata import weakens checks.
#[tokio::test]
async fn metadata_that_checks_less_is_told_and_taken_only_when_that_text_is_confirmed() {
    let usher = campus().await;
    let mut cleo = cleo(&usher).await;
    bring(&mut cleo, &theirs(), None).await;
    let moved = theirs().replace("https://idp.test/sso", "https://evil.test/sso");
    let page = bring(&mut cleo, &moved, None).await;
    assert!(page.says("Nothing has been changed yet"), "{}", page.text());
    assert!(page.says("evil.test"), "{}", page.text());
    assert_eq!(leads_to(&usher).await, "https://idp.test/sso");
    let word = regex::Regex::new("name=\"confirmed\" value=\"([^\"]+)\"").expect("a pattern");
    let word = word.captures(&page.body).expect("a box to tick")[1].to_owned();
    // A tick is about the text that was shown.
    let worse = moved.replace("https://evil.test/sso", "https://worse.test/sso");
    for confirmed in [word.as_str(), "1", ""] {
        let page = bring(&mut cleo, &worse, Some(confirmed)).await;
        assert!(page.says("Nothing has been changed yet"), "{}", page.text());
    }
    assert_eq!(leads_to(&usher).await, "https://idp.test/sso");
    let as_browsers_do = moved.replace('\n', "\r\n");
    bring(&mut cleo, &as_browsers_do, Some(&word)).await;
    assert_eq!(leads_to(&usher).await, "https://evil.test/sso");
    let details = usher
        .column("select target || ' ' || data from events where kind = 'provider.imported' order by data")
        .await;
    assert_eq!(
        details,
        [
            "campus {\"result\":\"taken\"}",
            "campus {\"result\":\"taken-weaker\"}"
        ]
    );
}
