//! Solicited: by redirect and by form, with and without a session, and the content of the answer.

use std::time::Duration;

use serde_json::json;

use super::{Ask, ana, posted, status, values, verify};
use support::{
    browser::Browser,
    lab::{ACS, ENTITY, key_descriptor, metadata, usher},
    saml::PERSISTENT,
};

const MFA: &str = "https://refeds.org/profile/mfa";
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";

#[tokio::test]
async fn a_warm_request_is_answered_at_once_and_says_who() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let who = ana.session().await.expect("a session");
    let page = ana.peek(&Ask::at(&usher, "_1").by_redirect()).await;
    let (action, response) = posted(&page);
    assert_eq!(action, ACS);
    assert_eq!(support::relying_party::field(&page, "RelayState"), "relay");
    assert_eq!(page.headers["cache-control"], "no-store");
    let said = verify(&usher, &response, Some("_1"), &[])
        .await
        .expect("verified");
    let name_id = said.name_id.clone().expect("a NameID");
    assert_eq!(name_id.format.as_deref(), Some(PERSISTENT));
    assert_eq!(name_id.sp_name_qualifier.as_deref(), Some(ENTITY));
    assert_ne!(name_id.value, who.user.id.as_str(), "pairwise");
    let index = said.session_index.as_deref().expect("an index");
    assert_ne!(index, who.session.id.as_str(), "the assertion's own");
    assert_eq!(said.until - usher.clock.now().secs(), 120);
    assert_eq!(values(&said, "mail"), ["ana@example.org"]);
    assert_eq!(values(&said, "displayName"), ["Ana Almeida"]);
    assert_eq!(
        values(&said, "urn:oid:1.3.6.1.4.1.5923.1.5.1.1"),
        ["sales", "staff"]
    );
    assert_eq!(said.attributes.len(), 3, "nothing that is not released");
    let again = ana.peek(&Ask::at(&usher, "_2").by_redirect()).await;
    let again = verify(&usher, &posted(&again).1, Some("_2"), &[])
        .await
        .expect("verified");
    assert_eq!(again.name_id, said.name_id, "the same each time");
}

#[tokio::test]
async fn a_request_without_a_session_waits_for_its_user_by_either_binding() {
    let usher = usher("request_init", json!({})).await;
    for by_form in [false, true] {
        let mut ana = Browser::new(&usher);
        ana.stays = true;
        let ask = Ask::at(&usher, if by_form { "_form" } else { "_link" });
        let page = if by_form {
            // From another site, without cookies: it goes on at our own address.
            let page = ana
                .post("/saml/sso", Some("https://lab.test"), &ask.by_form())
                .await;
            assert!(page.trail.iter().any(|url| url.contains("/saml/sso/pen_")));
            page
        } else {
            ana.get(&ask.by_redirect()).await
        };
        let page = ana.sign_in(&page, "ana").await;
        let (_, response) = posted(&page);
        let said = verify(&usher, &response, Some(&ask.id), &[])
            .await
            .expect("verified");
        assert_eq!(values(&said, "mail"), ["ana@example.org"]);
        // Another browser with the same address gets nothing.
        if by_form {
            let waiting = usher.column("select id from pending_requests").await;
            for id in waiting {
                let page = Browser::new(&usher).peek(&format!("/saml/sso/{id}")).await;
                assert_eq!(page.status, 410, "{}", page.text());
            }
        }
    }
}

#[tokio::test]
async fn force_authn_requires_a_recent_proof_and_is_passive_shows_no_page() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let before = ana
        .session()
        .await
        .expect("a session")
        .session
        .authenticated_at;
    usher.advance(Duration::from_secs(60));
    let mut ask = Ask::at(&usher, "_force");
    ask.force = true;
    let page = ana.get(&ask.by_redirect()).await;
    assert!(
        page.forms()
            .iter()
            .any(|form| form.action.starts_with("/sign-in/"))
    );
    usher.advance(Duration::from_secs(1));
    let page = ana.sign_in(&page, "ana").await;
    let said = verify(&usher, &posted(&page).1, Some("_force"), &[])
        .await
        .expect("verified");
    assert_eq!(said.authenticated_at, before.secs() + 61);

    let mut nobody = Browser::new(&usher);
    nobody.stays = true;
    let passive = Ask::at(&usher, "_passive").by_redirect_with("IsPassive=\"true\"");
    let page = nobody.peek(&passive).await;
    assert_eq!(status(&usher, &page, "_passive").await, "NoPassive");
}

#[tokio::test]
async fn contexts_and_formats_are_given_or_refused_by_name() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let mut ask = Ask::at(&usher, "_transient");
    ask.format = Some(TRANSIENT);
    let said = verify(
        &usher,
        &posted(&ana.peek(&ask.by_redirect()).await).1,
        Some("_transient"),
        &[],
    )
    .await
    .expect("verified");
    assert_eq!(
        said.name_id.expect("one").format.as_deref(),
        Some(TRANSIENT)
    );

    let mut ask = Ask::at(&usher, "_email");
    ask.format = Some("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress");
    let page = ana.peek(&ask.by_redirect()).await;
    assert_eq!(status(&usher, &page, "_email").await, "InvalidNameIDPolicy");

    let mut ask = Ask::at(&usher, "_smartcard");
    ask.contexts = vec!["urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard".to_owned()];
    let page = ana.peek(&ask.by_redirect()).await;
    assert_eq!(status(&usher, &page, "_smartcard").await, "NoAuthnContext");

    let mut ask = Ask::at(&usher, "_mfa");
    ask.contexts = vec![MFA.to_owned()];
    let page = ana.get(&ask.by_redirect()).await;
    assert!(page.url.path().ends_with("/factor"), "{}", page.url);
}

#[tokio::test]
async fn an_assertion_is_encrypted_for_who_publishes_a_key() {
    let extra = key_descriptor("signing", "sp") + &key_descriptor("encryption", "sp");
    let usher = usher("request_init", json!({ "metadata": metadata(&extra) })).await;
    let mut ana = ana(&usher).await;
    let page = ana.peek(&Ask::at(&usher, "_1").by_redirect()).await;
    let (_, response) = posted(&page);
    let keys = [super::key("sp")];
    let said = verify(&usher, &response, Some("_1"), &keys)
        .await
        .expect("verified");
    assert_eq!(values(&said, "mail"), ["ana@example.org"]);
    let bytes = usher::protocol::saml::binding::from_post(&response).expect("base64");
    let text = String::from_utf8(bytes).expect("text");
    assert!(!text.contains("ana@example.org"), "nothing in the clear");
    assert!(
        text.contains("aes256-gcm") && text.contains("rsa-oaep"),
        "{text}"
    );
}

#[tokio::test]
async fn no_value_becomes_markup() {
    let evil = "Ana</saml:AttributeValue></saml:Attribute><saml:Attribute Name=\"admin\">";
    let mut draft = support::lab::seed("request_init", support::lab::settings(json!({})));
    draft.person("ana").name = evil.into();
    let usher = support::server::TestServer::with(&draft).await;
    let mut ana = ana(&usher).await;
    let page = ana.peek(&Ask::at(&usher, "_1").by_redirect()).await;
    let said = verify(&usher, &posted(&page).1, Some("_1"), &[])
        .await
        .expect("verified");
    assert_eq!(values(&said, "displayName"), [evil]);
    assert!(values(&said, "admin").is_empty());
}

impl Ask {
    /// By redirect, unsigned, with an attribute more.
    pub fn by_redirect_with(&self, attribute: &str) -> String {
        let destination =
            usher::protocol::saml::Address::parse(&self.destination).expect("an address");
        let message = self.request(&destination).post(None).expect("written");
        let bytes = usher::protocol::saml::binding::from_post(&message).expect("base64");
        let text = String::from_utf8(bytes).expect("text");
        let text = text.replacen(" ID=", &format!(" {attribute} ID="), 1);
        let url = usher::protocol::saml::binding::to_redirect(
            &destination,
            usher::protocol::saml::binding::Message::Request,
            &text,
            Some(&self.relay_state),
            self.key.map(super::key).as_ref(),
        );
        format!(
            "/saml/sso?{}",
            url.expect("packed").query().expect("a query")
        )
    }
}

#[tokio::test]
async fn an_unknown_authn_instant_is_not_a_recent_one() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let mut database = usher.connection().await;
    let untold = "update sessions set proved_at = null";
    sqlx::Executor::execute(&mut database, untold)
        .await
        .expect("done");
    let page = ana.peek(&Ask::at(&usher, "_untold").by_redirect()).await;
    let said = verify(&usher, &posted(&page).1, Some("_untold"), &[])
        .await
        .expect("verified");
    assert_eq!(said.authenticated_at, 0);
}

/// A service provider that takes mail addresses only: metadata says so, and no setting is needed.
#[tokio::test]
async fn the_name_id_format_of_a_service_providers_metadata_is_the_default() {
    const EMAIL: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
    let with = |formats: &[&str]| {
        let formats: String = formats
            .iter()
            .map(|format| format!("<md:NameIDFormat>{format}</md:NameIDFormat>"))
            .collect();
        metadata(&format!("{}{formats}", key_descriptor("signing", "sp")))
    };
    let usher = usher("request_init", json!({"metadata": with(&[EMAIL])})).await;
    let mut ana = ana(&usher).await;
    // An address that is known to be hers.
    let confirmed = "update users set mail_verified_at = 1";
    sqlx::Executor::execute(&mut usher.connection().await, confirmed)
        .await
        .expect("done");
    for (id, format) in [("_plain", None), ("_mail", Some(EMAIL))] {
        let mut ask = Ask::at(&usher, id);
        ask.format = format;
        let (_, response) = posted(&ana.peek(&ask.by_redirect()).await);
        let said = verify(&usher, &response, Some(id), &[]).await;
        let name_id = said.expect("verified").name_id.expect("a NameID");
        assert_eq!(name_id.value, "ana@example.org", "{id}");
        assert_eq!(name_id.format.as_deref(), Some(EMAIL), "{id}");
    }
    // The admin is warned of what will not work, on the page of services and by `usher check`.
    let listed = metadata(&format!(
        "{}<md:NameIDFormat>{EMAIL}</md:NameIDFormat>",
        key_descriptor("signing", "sp")
    ));
    let wrong = json!({"metadata": listed, "name_id": "persistent"});
    let warned = self::usher("request_init", wrong).await;
    let sheets = warned.app.administration().services();
    let mut instances = sheets.iter().flat_map(|sheet| &sheet.instances);
    let has_warning = instances.any(|one| {
        let warning = one.warning.as_deref().unwrap_or_default();
        warning.contains("set name_id") && one.fault.is_none()
    });
    assert!(has_warning);
    for (formats, changes, warning) in [
        (vec![EMAIL], json!({}), None),
        (vec![], json!({}), None),
        (vec![PERSISTENT, TRANSIENT], json!({}), None),
        (
            vec![PERSISTENT, EMAIL],
            json!({}),
            Some("InvalidNameIDPolicy"),
        ),
        (vec![PERSISTENT, EMAIL], json!({"name_id": "email"}), None),
        (
            vec![EMAIL],
            json!({"name_id": "persistent"}),
            Some("set name_id"),
        ),
    ] {
        let mut all = json!({"metadata": with(&formats)});
        let map = all.as_object_mut().expect("an object");
        map.extend(changes.as_object().expect("an object").clone());
        let party = usher::model::service_provider::ServiceProvider::parse(map);
        let said = party.expect("good settings").format_warning();
        let is_right = match (warning, &said) {
            (None, None) => true,
            (Some(words), Some(said)) => said.contains(words),
            _ => false,
        };
        assert!(is_right, "{formats:?} {changes}: {said:?}");
    }
}
