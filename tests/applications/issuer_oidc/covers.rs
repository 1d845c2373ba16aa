//! What a grant is for: nothing is issued that the user did not agree to, by whichever path.

use serde_json::{Value, json};
use sqlx::Executor;
use usher::model::client::{ConsentRule, GrantType};

use super::{
    refresh::{refresh, refresh_token},
    resource::{API, LEDGER, exchange, introspect, read, refused, serve},
};
use support::{
    browser::{Browser, Page},
    draft::Draft,
    relying_party::{Ask, access_token, callback, code, form, tokens},
    remote::token,
    server::TestServer,
};

/// The CRM must ask; the desk serves its API and may go on to the ledger.
fn seed() -> Draft {
    Draft::changed(|draft| {
        let crm = &mut draft.client("crm-eu").registration;
        crm.consent = ConsentRule::Ask;
        crm.grant_types = vec![GrantType::RefreshToken, GrantType::TokenExchange];
        crm.resources = vec![API.into(), LEDGER.into()];
        crm.scopes = vec!["read".into()];
        serve(draft);
    })
}

async fn asking() -> TestServer {
    TestServer::with(&seed()).await
}

fn asks(page: &Page) -> bool {
    page.status == 200 && page.url.path().starts_with("/oidc/consent/pen_")
}

async fn agree(browser: &mut Browser<'_>, ask: &Ask) {
    browser.stays = true;
    let page = browser.get(&ask.path()).await;
    assert!(asks(&page), "{}: {}", page.url, page.text());
    browser.press(&page, "answer", "yes").await;
    browser.stays = false;
}

fn plain() -> Ask {
    Ask::of("crm-eu").with("scope", "openid offline_access read")
}

/// The page said "an identifier of yours"; the token endpoint gave a token for an API.
#[tokio::test]
async fn a_resource_first_named_behind_the_users_back_is_not_given_by_any_grant_type() {
    let usher = asking().await;
    let mut ana = Browser::of(&usher, "ana").await;
    agree(&mut ana, &plain()).await;
    let code = code(&mut ana, &plain()).await;
    let back = callback("crm-eu");
    let good = form(&code, &back);
    for resource in [API, LEDGER] {
        let wish = [&good[..], &[("resource", resource)]].concat();
        refused(token(&usher, "crm-eu", &wish).await, "invalid_target");
    }
    let (status, given) = token(&usher, "crm-eu", &good).await;
    assert_eq!(status, 200, "the code was not used up: {given}");
    let by_refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token(&given)),
        ("resource", API),
    ];
    refused(token(&usher, "crm-eu", &by_refresh).await, "invalid_target");
    for target in [("resource", API), ("audience", API)] {
        let answer = exchange(&usher, "crm-eu", access_token(&given), &[target]).await;
        refused(answer, "invalid_target");
    }
    assert_eq!(refresh(&usher, refresh_token(&given)).await.0, 200);
}

#[tokio::test]
async fn who_serves_a_resource_goes_no_further_than_the_user_agreed() {
    let usher = asking().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let one = plain().with("resource", API);
    agree(&mut ana, &one).await;
    let (given, _) = tokens(&usher, &mut ana, &one).await;
    assert_eq!(read(&usher, access_token(&given)).await.1["aud"], API);
    let further = [("resource", LEDGER), ("scope", "read")];
    let answer = exchange(&usher, "desk-eu", access_token(&given), &further).await;
    refused(answer, "invalid_target");
    let both = one.also("resource", LEDGER);
    agree(&mut ana, &both).await;
    let code = code(&mut ana, &both).await;
    let back = callback("crm-eu");
    let wish = [&form(&code, &back)[..], &[("resource", API)]].concat();
    let (status, given) = token(&usher, "crm-eu", &wish).await;
    assert_eq!(status, 200, "{given}");
    let (status, next) = exchange(&usher, "desk-eu", access_token(&given), &further).await;
    assert_eq!(status, 200, "{next}");
}

/// What an admin changes about a client that asks is asked anew as well.
#[tokio::test]
async fn consent_is_for_the_name_that_was_shown() {
    let usher = asking().await;
    let mut ana = Browser::of(&usher, "ana").await;
    agree(&mut ana, &plain()).await;
    let (given, _) = tokens(&usher, &mut ana, &plain()).await;
    let mut renamed = seed();
    renamed.client("crm-eu").title = "Payroll".into();
    usher.seed(&renamed).await;
    ana.stays = true;
    assert!(asks(&ana.get(&plain().path()).await), "another name");
    let by_refresh = refresh(&usher, refresh_token(&given)).await;
    refused(by_refresh, "invalid_grant");
}

/// Of these it is not known what was shown.
#[tokio::test]
async fn a_consent_from_before_the_upgrade_lasts_for_its_grants_and_is_asked_anew() {
    let usher = asking().await;
    let mut ana = Browser::of(&usher, "ana").await;
    agree(&mut ana, &plain()).await;
    let (given, _) = tokens(&usher, &mut ana, &plain()).await;
    let mut database = usher.connection().await;
    let old = "update consents set host = '', title = ''";
    database.execute(old).await.expect("as it was");
    let old = "update grants set sid = null";
    database.execute(old).await.expect("as it was");
    let (status, next) = refresh(&usher, refresh_token(&given)).await;
    assert_eq!(status, 200, "{next}");
    let who = ana.session().await.expect("a session").session;
    let told = introspect(&usher, "crm-eu", access_token(&next)).await;
    assert_eq!(told["sid"], who.id.as_str(), "as it was sent before");
    ana.stays = true;
    assert!(asks(&ana.get(&plain().path()).await));
}

#[tokio::test]
async fn introspection_reveals_no_more_than_the_scope_allows() {
    let usher = super::resource::portal().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let few = Ask::of("crm-eu").with("scope", "openid offline_access read");
    let many = Ask::of("crm-eu").with("scope", "openid profile offline_access read");
    for (ask, login) in [(few, Value::Null), (many, json!("ana"))] {
        let (given, claims) = tokens(&usher, &mut ana, &ask).await;
        for text in [access_token(&given), refresh_token(&given)] {
            let told = introspect(&usher, "crm-eu", text).await;
            assert_eq!(told["username"], login);
            assert_eq!(told["sid"], claims["sid"], "as the id_token has it");
        }
    }
    // Who serves the resource has a name of its own for the session.
    let (given, _) = tokens(
        &usher,
        &mut ana,
        &Ask::of("crm-eu")
            .with("scope", "openid read")
            .with("resource", API),
    )
    .await;
    let own = introspect(&usher, "crm-eu", access_token(&given)).await;
    let serving = introspect(&usher, "desk-eu", access_token(&given)).await;
    assert_eq!(serving["active"], true);
    assert_ne!(own["sid"], serving["sid"]);
    assert_eq!(serving["username"], Value::Null);
}

/// Pairwise subjects are worth nothing beside a name that all clients share.
#[tokio::test]
async fn no_two_clients_receive_the_same_id_of_a_session() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    let who = ana.session().await.expect("a session").session;
    let (_, crm) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let (_, again) = tokens(&usher, &mut ana, &Ask::of("crm-eu")).await;
    let (wiki, claims) = tokens(&usher, &mut ana, &Ask::of("wiki-eu")).await;
    assert_eq!(crm["sid"], again["sid"]);
    assert_ne!(crm["sid"], claims["sid"]);
    for sid in [&crm["sid"], &claims["sid"]] {
        assert_ne!(sid.as_str(), Some(who.id.as_str()));
    }
    // A client ends the session by its own name for it, and by no other client's.
    let hint = wiki["id_token"].as_str().expect("one");
    let path = format!("/oidc/end-session?id_token_hint={hint}&client_id=crm-eu");
    assert_eq!(ana.peek(&path).await.status, 200, "the user is asked");
    let page = ana
        .peek(&format!("/oidc/end-session?id_token_hint={hint}"))
        .await;
    assert_eq!(page.status, 303);
    assert!(ana.session().await.is_none());
}
