//! The plan for third-party-initiated login (OpenID Connect Core 1.0 section 4).

use serde_json::json;

use crate::issuer_oidc::registration::{initial, notes_with, register, registered};
use support::{
    browser::Browser,
    draft::Draft,
    relying_party::RECORD,
    server::{PORTAL, TestServer},
};

#[tokio::test]
async fn oidcc_3rdparty_init_login() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.peek(RECORD).await;
    assert!(
        page.location()
            .starts_with("https://crm-eu.test/login/initiate?")
    );
    let sent = page.sent();
    assert_eq!(sent["iss"], PORTAL);
    assert_eq!(
        sent["target_link_uri"],
        "https://crm-eu.test/customers/C-1042"
    );
    // The whole way: the relying party sends an ordinary request, and lands on the record.
    let page = ana.get(RECORD).await;
    assert_eq!(page.url.as_str(), "https://crm-eu.test/customers/C-1042");
}

/// The value that was registered is echoed, or refused.
#[tokio::test]
async fn oidcc_3rdparty_init_login_by_registration() {
    let usher = TestServer::open().await;
    let address = "https://notes.test/login/initiate";
    let client = registered(&usher, json!({ "initiate_login_uri": address })).await;
    assert_eq!(client["initiate_login_uri"], address);
}

/// An initiation address that is not https is refused at registration, with the reason; in a seed
/// as well.
#[tokio::test]
async fn oidcc_3rdparty_init_login_nohttps() {
    let usher = TestServer::open().await;
    let address = "http://crm-eu.example/login/initiate";
    let body = notes_with(json!({ "initiate_login_uri": address }));
    let (status, answer) = register(&usher, &initial(&usher, 1).await, &body).await;
    assert_eq!(
        (status, &answer["error"]),
        (400, &json!("invalid_client_metadata"))
    );
    let said = answer["error_description"].as_str().expect("a sentence");
    assert!(
        said.contains(address) && said.contains("https://"),
        "{said}"
    );
    let draft =
        Draft::changed(|draft| draft.client("crm-eu").initiate_login_uri = Some(address.into()));
    let refused = usher.app.seed(&draft.toml()).await;
    let refused = refused.expect_err("refused");
    let said = refused.to_string();
    assert!(
        said.contains(address) && said.contains("https://"),
        "{said}"
    );
}
