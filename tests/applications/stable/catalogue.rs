//! The keys of the catalogue: `catalogue.toml` beside this file uses every one. Unknown keys are
//! errors, so what loads is known.

use support::{
    saml::pem,
    server::{PASSWORD, TestServer},
};

/// The certificate in a file that also has its key.
fn certificate(name: &str) -> &'static str {
    let text = pem(name);
    let at = text.find("-----BEGIN CERTIFICATE-----");
    &text[at.expect("a certificate")..]
}

fn catalogue() -> String {
    include_str!("catalogue.toml")
        .replace("{PASSWORD}", PASSWORD)
        .replace("{CERTIFICATE}", certificate("idp"))
        .replace("{KEY}", pem("sp"))
        .replace("{PREVIOUS_KEY}", pem("sp-previous"))
}

#[tokio::test]
async fn a_catalogue_that_uses_every_key_loads() {
    let house = TestServer::empty().await;
    let seeded = house.app.seed(&catalogue()).await;
    let report = seeded.unwrap_or_else(|error| {
        panic!("a catalogue of the previous release does not load any more: {error}")
    });
    assert_eq!(
        (report.providers, report.people, report.context_types),
        (5, 1, 1)
    );
    assert_eq!((report.services, report.clients), (11, 1));
}

#[tokio::test]
async fn secrets_may_be_in_files_and_in_the_environment_by_the_same_suffixes() {
    let house = TestServer::empty().await;
    let path = house.scratch().join("secret");
    std::fs::write(&path, "a secret of more than thirty-two characters\n").expect("a file");
    let path = path.to_str().expect("a path");
    for (from, to) in [
        (
            "password = \"correct horse battery staple\"".to_owned(),
            format!("password_file = \"{path}\""),
        ),
        (
            "secret = \"secret-of-crm-secret-of-crm-secret-of-crm\"".to_owned(),
            format!("secret_file = \"{path}\""),
        ),
        (
            "secret = \"a secret of the forum in the tests\"".to_owned(),
            format!("secret_file = \"{path}\""),
        ),
    ] {
        let text = catalogue();
        assert!(text.contains(&from), "the catalogue does not say {from}");
        let seeded = house.app.seed(&text.replacen(&from, &to, 1)).await;
        assert!(seeded.is_ok(), "{to}: {:?}", seeded.err());
    }
}

/// The opposite: a misspelt key does not pass, so that the test above proves something.
#[tokio::test]
async fn a_key_that_is_not_known_is_refused() {
    let house = TestServer::empty().await;
    for (from, to) in [
        ("trusted_groups =", "trust_groups ="),
        ("subject_attribute =", "subject_name ="),
        ("choice_allowed =", "choice ="),
        ("subject_type =", "subject_kind ="),
        ("login_hint = \"handle\"", "hint = \"handle\""),
        ("max_age_minutes =", "max_age ="),
    ] {
        let text = catalogue();
        assert!(text.contains(from), "the catalogue does not say {from}");
        let seeded = house.app.seed(&text.replacen(from, to, 1)).await;
        assert!(seeded.is_err(), "{to} was accepted");
    }
}
