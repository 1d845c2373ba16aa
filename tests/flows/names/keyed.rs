//! Applications that know users by their mail address: they get an address that is the user's, or
//! nothing.

use serde_json::json;

use super::{CLINIC, MALLORY};
use support::{
    browser::Browser,
    dictated::opened,
    server::{TestServer, changed},
};

const SECRET: &str = "a-secret-of-thirty-two-bytes-or-more";

/// The tests' catalogue with the clinic and one application; `local` and `clinic` say more of the
/// two providers.
fn seed(profile: &str, local: &str, clinic: &str) -> String {
    let own = format!("default = true\n{local}");
    let app = format!(
        "\n[[service]]\nslug = \"app\"\ntitle = \"App\"\nhandoff = \"jwt\"\n\
         [[service.instance]]\nslug = \"app-all\"\ntitle = \"App\"\nbase_url = \"https://app.test\"\n\
         settings = {{ {profile} }}\n\
         [[service.rule]]\ntitle = \"Everybody\"\ninstances = [\"app-all\"]\n"
    );
    changed(&[("default = true\n", &own)]) + CLINIC + clinic + MALLORY + &app
}

fn shared(profile: &str) -> String {
    format!("profile = \"{profile}\", secret = \"{SECRET}\"")
}

/// What becomes of Mallory, who comes by the clinic with Ana's address, and of Ana.
async fn statuses(seed: &str) -> (u16, u16) {
    let house = TestServer::with(seed).await;
    let mut mallory = super::by_clinic(&house, "mallory").await;
    let mut ana = Browser::of(&house, "ana").await;
    (
        mallory.peek("/go/app").await.status,
        ana.peek("/go/app").await.status,
    )
}

#[tokio::test]
async fn an_application_that_knows_users_by_mail_gets_no_address_that_is_not_theirs() {
    let ours = "scopes = [\"example.org\"]\n";
    for profile in [
        shared("zendesk"),
        shared("metabase"),
        "profile = \"grafana\"".to_owned(),
        shared("custom") + ", address = \"/in\", claims = { who = \"{mail}\" }",
        shared("custom") + ", address = \"/in\", claims = { who = \"{attribute(mail)}\" }",
    ] {
        let (mallory, ana) = statuses(&seed(&profile, ours, "")).await;
        assert_eq!(mallory, 500, "{profile}");
        assert!([200, 303].contains(&ana), "{profile}: {ana}");
        // Nobody answers for any address: nobody gets in, and it is said why.
        let (mallory, ana) = statuses(&seed(&profile, "", "")).await;
        assert_eq!((mallory, ana), (500, 500), "{profile}");
        // Trusting a provider with groups is not trusting it with addresses.
        let trusted = "trusted_groups = true\n";
        let (mallory, _) = statuses(&seed(&profile, ours, trusted)).await;
        assert_eq!(mallory, 500, "{profile}");
        let scoped = "scopes = [\"example.org\"]\n";
        let (mallory, _) = statuses(&seed(&profile, ours, scoped)).await;
        assert!([200, 303].contains(&mallory), "{profile}: the clinic may");
    }
}

#[tokio::test]
async fn an_address_that_the_user_has_confirmed_is_theirs_whoever_said_it() {
    let house = TestServer::with(&seed(&shared("zendesk"), "", "")).await;
    let mut ana = Browser::of(&house, "ana").await;
    assert_eq!(ana.peek("/go/app").await.status, 500);
    let sql = "update users set mail_verified_at = 1";
    sqlx::query(sql)
        .execute(&mut house.connection().await)
        .await
        .expect("done");
    assert_eq!(ana.peek("/go/app").await.status, 200);
}

#[tokio::test]
async fn an_address_may_be_left_out_where_the_application_does_not_need_it() {
    let profile = shared("custom")
        + ", address = \"/in\", claims = { who = \"{login}\", mail = \"{mail?}\" }";
    let house = TestServer::with(&seed(&profile, "", "")).await;
    let mut mallory = super::by_clinic(&house, "mallory").await;
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
    for (scopes, status) in [("", 500), ("scopes = [\"example.org\"]\n", 200)] {
        let lab = support::lab::seed_set("saml", json!({ "name_id": "email" }));
        let house = TestServer::with(&(lab + CLINIC + scopes + MALLORY)).await;
        let mut mallory = super::by_clinic(&house, "mallory").await;
        let page = mallory.peek("/go/lab").await;
        assert_eq!(page.status, status, "{scopes}: {}", page.text());
    }
}
