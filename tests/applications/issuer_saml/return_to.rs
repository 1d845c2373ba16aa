//! A service provider's request that comes back by the address of its sign-in: in another browser,
//! or late; and answered once all the same.

use std::time::Duration;

use serde_json::json;

use super::{Ask, posted, verify};
use support::{browser::Browser, lab::usher, server::TestServer};

async fn signed_in(usher: &TestServer, last: &str) -> support::browser::Page {
    let mut ana = Browser::new(usher);
    ana.stays = true;
    let form = ana.get(last).await;
    ana.sign_in(&form, "ana").await
}

#[tokio::test]
async fn a_request_whose_sign_in_was_left_open_or_handed_on_is_answered() {
    for late in [false, true] {
        let usher = usher("request_init", json!({})).await;
        let ask = Ask::at(&usher, "_1");
        let form = Browser::new(&usher).get(&ask.by_redirect()).await;
        if late {
            usher.advance(Duration::from_secs(3600));
        }
        let page = signed_in(&usher, form.url.path()).await;
        let (_, response) = posted(&page);
        let said = verify(&usher, &response, Some("_1"), &[]).await;
        assert!(said.is_ok(), "{late}: {said:?}");
    }
}

/// THREATS: replay. The address of a sign-in may be brought again; the answer is one.
#[tokio::test]
async fn a_request_that_comes_back_twice_is_answered_once() {
    let usher = usher("request_init", json!({})).await;
    let ask = Ask::at(&usher, "_1");
    let form = Browser::new(&usher).get(&ask.by_redirect()).await;
    let first = signed_in(&usher, form.url.path()).await;
    assert_eq!(first.status, 200, "{}", first.text());
    let second = signed_in(&usher, form.url.path()).await;
    assert_eq!(second.status, 400, "{}", second.text());
    assert!(second.says("It was answered before") || second.says("it was answered before"));
}
