//! Clients that registered themselves: no admin vouches for their addresses, so no link of theirs
//! redirects a browser there by itself (RFC 9700 section 4.11.2).

use serde_json::json;

use super::registration::{ask, code_after_consent, registered, text, tokens};
use support::{
    browser::{Browser, Page},
    relying_party::{Ask, onward},
    server::TestServer,
};

/// The page says where the way leads; nothing on it goes there by itself.
fn warned(page: &Page) {
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(page.says("Continue to notes.test?"), "{}", page.text());
    assert!(page.says("registered itself here"), "{}", page.text());
    for by_itself in ["http-equiv=\"refresh\"", "data-auto-submit"] {
        assert!(!page.body.contains(by_itself), "{by_itself}");
    }
    assert!(!page.headers.contains_key("location"));
}

#[tokio::test]
async fn a_self_registered_client_makes_no_open_redirector_of_refusals() {
    let usher = TestServer::open().await;
    let client = registered(&usher, json!({})).await;
    let mut stranger = Browser::new(&usher);
    for broken in [
        ask(&client).with("prompt", "none"),
        ask(&client).without("code_challenge"),
        ask(&client).with("request", "a.b.c"),
        ask(&client).with("response_type", "token"),
    ] {
        let page = stranger.peek(&broken.path()).await;
        warned(&page);
        let there = onward(&page);
        assert_eq!(there.host_str(), Some("notes.test"));
        let sent: Vec<_> = there.query_pairs().collect();
        assert!(sent.iter().any(|(name, _)| name == "error"), "{there}");
    }
    let page = stranger
        .peek(
            &ask(&client)
                .with("prompt", "none")
                .with("response_mode", "form_post")
                .path(),
        )
        .await;
    warned(&page);
    assert_eq!(page.all_actions(), ["https://notes.test/callback"]);
    let policy = page.headers["content-security-policy"]
        .to_str()
        .expect("text");
    assert!(
        policy.contains("form-action https://notes.test"),
        "{policy}"
    );
    // One that an admin has named is answered at once.
    let named = Ask::of("crm-eu").with("prompt", "none");
    assert_eq!(stranger.peek(&named.path()).await.status, 303);
}

#[tokio::test]
async fn a_self_registered_client_makes_no_open_redirector_of_sign_out() {
    let usher = TestServer::open().await;
    let bye = "https://notes.test/bye";
    let client = registered(&usher, json!({ "post_logout_redirect_uris": [bye] })).await;
    let id = text(&client, "client_id");
    let path = format!(
        "/oidc/end-session?client_id={id}&state=s&post_logout_redirect_uri=https%3A%2F%2Fnotes.test%2Fbye"
    );
    let mut stranger = Browser::new(&usher);
    let page = stranger.peek(&path).await;
    warned(&page);
    assert_eq!(onward(&page).as_str(), "https://notes.test/bye?state=s");
    // Also with proof: the session ends, and the way on is the user's.
    let mut ana = Browser::of(&usher, "ana").await;
    let given = tokens(&usher, &mut ana, &client, &ask(&client)).await;
    let hint = text(&given, "id_token");
    let page = ana.peek(&format!("{path}&id_token_hint={hint}")).await;
    warned(&page);
    assert!(ana.session().await.is_none());
}

/// A user who has consented has seen where the answer goes.
#[tokio::test]
async fn a_code_that_was_agreed_to_goes_back_at_once() {
    let usher = TestServer::open().await;
    let client = registered(&usher, json!({})).await;
    let mut ana = Browser::of(&usher, "ana").await;
    code_after_consent(&mut ana, &ask(&client)).await;
    let page = ana.peek(&ask(&client).path()).await;
    assert!(
        page.location()
            .starts_with("https://notes.test/callback?code=")
    );
}
