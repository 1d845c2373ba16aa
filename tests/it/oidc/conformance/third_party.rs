//! The plan for third-party-initiated login (OpenID Connect Core 1.0 section 4).

use crate::{
    oidc::relying_party::RECORD,
    support::{
        browser::Browser,
        house::{House, PORTAL, changed},
    },
};

#[tokio::test]
async fn oidcc_3rdparty_init_login() {
    let house = House::open().await;
    let mut ana = Browser::of(&house, "ana").await;
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

/// An initiation address that is not https is refused at registration, with a word on why.
#[tokio::test]
async fn oidcc_3rdparty_init_login_nohttps() {
    let house = House::open().await;
    let text = changed(&[(
        "initiate_login_uri = \"https://crm-eu.test/login/initiate\"",
        "initiate_login_uri = \"http://crm-eu.example/login/initiate\"",
    )]);
    let refused = house.app.seed(&text.replace("{PASSWORD}", "x")).await;
    let refused = refused.expect_err("refused");
    let said = refused.to_string();
    assert!(
        said.contains("http://crm-eu.example/login/initiate") && said.contains("https://"),
        "{said}"
    );
}
