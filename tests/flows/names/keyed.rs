//! Applications that identify users by their mail address: they get an address that is the user's,
//! or nothing.

use serde_json::{Value, json};
use usher::seed::file::Provider;

use super::add_clinic;
use support::{
    browser::Browser,
    draft::{Draft, settings},
    server::TestServer,
    shared_secret::opened,
};

const SECRET: &str = "a-secret-of-thirty-two-bytes-or-more";

const APP: &str = r#"
[[service]]
slug = "app"
title = "App"
handoff = "jwt"

[[service.instance]]
slug = "app-all"
title = "App"
base_url = "https://app.test"

[[service.rule]]
title = "Everybody"
instances = ["app-all"]
"#;

/// The tests' catalogue with the clinic and one application.
fn seed(values: Value) -> Draft {
    let mut draft = super::seed().plus(APP);
    draft.instance("app-all").settings = settings(values);
    draft
}

fn shared(profile: &str) -> Value {
    json!({ "profile": profile, "secret": SECRET })
}

fn custom(claims: Value) -> Value {
    json!({ "profile": "custom", "secret": SECRET, "address": "/in", "claims": claims })
}

/// The provider is trusted for its users' addresses.
fn answer(provider: &mut Provider) {
    provider.scopes = Some(vec!["example.org".into()]);
}

/// The results for Mallory, who signs in by the clinic with Ana's address, and for Ana.
async fn statuses(draft: &Draft) -> (u16, u16) {
    let usher = TestServer::with(draft).await;
    let mut mallory = super::by_clinic(&usher, "mallory").await;
    let mut ana = Browser::of(&usher, "ana").await;
    (
        mallory.peek("/go/app").await.status,
        ana.peek("/go/app").await.status,
    )
}

#[tokio::test]
async fn an_application_that_knows_users_by_mail_gets_no_address_that_is_not_theirs() {
    for profile in [
        shared("zendesk"),
        shared("metabase"),
        json!({ "profile": "grafana" }),
        custom(json!({ "who": "{mail}" })),
        custom(json!({ "who": "{attribute(mail)}" })),
    ] {
        let nobody = seed(profile.clone());
        let mut ours = nobody.clone();
        answer(ours.provider("local"));
        let (mallory, ana) = statuses(&ours).await;
        assert_eq!(mallory, 500, "{profile}");
        assert!([200, 303].contains(&ana), "{profile}: {ana}");
        // No provider has scopes: no user is admitted, and the reason is shown.
        let (mallory, ana) = statuses(&nobody).await;
        assert_eq!((mallory, ana), (500, 500), "{profile}");
        // Trusting a provider's groups is not trusting its addresses.
        let mut trusted = ours.clone();
        trusted.provider("clinic").trusted_groups = Some(true);
        let (mallory, _) = statuses(&trusted).await;
        assert_eq!(mallory, 500, "{profile}");
        let mut both = ours.clone();
        answer(both.provider("clinic"));
        let (mallory, _) = statuses(&both).await;
        assert!([200, 303].contains(&mallory), "{profile}: the clinic may");
    }
}

#[tokio::test]
async fn an_address_that_the_user_has_verified_counts_whichever_provider_sent_it() {
    let usher = TestServer::with(&seed(shared("zendesk"))).await;
    let mut ana = Browser::of(&usher, "ana").await;
    assert_eq!(ana.peek("/go/app").await.status, 500);
    let sql = "update users set mail_verified_at = 1";
    sqlx::query(sql)
        .execute(&mut usher.connection().await)
        .await
        .expect("done");
    assert_eq!(ana.peek("/go/app").await.status, 200);
}

#[tokio::test]
async fn an_address_may_be_left_out_where_the_application_does_not_need_it() {
    let profile = custom(json!({ "who": "{login}", "mail": "{mail?}" }));
    let usher = TestServer::with(&seed(profile)).await;
    let mut mallory = super::by_clinic(&usher, "mallory").await;
    let page = mallory.peek("/go/app").await;
    let (_, claims) = opened(&support::relying_party::field(&page, "jwt"), SECRET);
    assert_eq!(claims["who"], json!("ana@clinic"));
    assert_eq!(claims.get("mail"), None);
}

#[tokio::test]
async fn an_openid_provider_that_did_not_verify_an_address_does_not_answer_for_it() {
    use usher::model::{
        mapping::{MappingDocument, RawAttributes, Vocabulary},
        user::Attributes,
    };
    let written: MappingDocument =
        serde_json::from_value(json!({ "mail": "email" })).expect("a map");
    let mapping = written.build(Vocabulary::Oidc, false).expect("built");
    for (said, unverified) in [
        (
            json!({ "email": "a@x.example", "email_verified": true }),
            false,
        ),
        (
            json!({ "email": "a@x.example", "email_verified": "true" }),
            false,
        ),
        (json!({ "email": "a@x.example" }), false),
        (
            json!({ "email": "a@x.example", "email_verified": false }),
            true,
        ),
        (
            json!({ "email": "a@x.example", "email_verified": "no" }),
            true,
        ),
    ] {
        let raw = RawAttributes::from_claims(said.as_object().expect("an object"));
        let mut attributes = Attributes::default();
        attributes.take_over("idp", &mapping.apply(&raw).source_attributes());
        let mail = attributes.named("mail").expect("taken by a written rule");
        assert_eq!(mail.is_unverified, unverified, "{said}");
    }
}

#[tokio::test]
async fn a_service_provider_that_knows_users_by_mail_gets_no_address_that_is_not_theirs() {
    for (answers, status) in [(false, 500), (true, 200)] {
        let mut draft = support::lab::seed_set("saml", json!({ "name_id": "email" }));
        let clinic = add_clinic(&mut draft);
        if answers {
            answer(clinic);
        }
        let usher = TestServer::with(&draft).await;
        let mut mallory = super::by_clinic(&usher, "mallory").await;
        let page = mallory.peek("/go/lab").await;
        assert_eq!(page.status, status, "{answers}: {}", page.text());
    }
}
