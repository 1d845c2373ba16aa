//! The keys of the catalogue: `catalogue.toml` beside this file uses every one. Unknown keys are
//! errors, so what loads is known.

use support::{draft::Draft, saml::pem, server::TestServer};

/// The certificate in a file that also has its key.
fn certificate(name: &str) -> &'static str {
    let text = pem(name);
    let at = text.find("-----BEGIN CERTIFICATE-----");
    &text[at.expect("a certificate")..]
}

/// The file, with keys and certificates in their places.
fn catalogue() -> Draft {
    let mut draft = Draft::parse(include_str!("catalogue.toml"));
    for (provider, setting, value) in [
        ("active-directory", "ca_pem", certificate("idp")),
        ("campus", "metadata_certificate", certificate("idp")),
        ("campus", "key", pem("sp")),
        ("campus", "previous_key", pem("sp-previous")),
    ] {
        let settings = &mut draft.provider(provider).settings;
        settings.insert(setting.to_owned(), value.into());
    }
    draft
}

#[tokio::test]
async fn a_catalogue_that_uses_every_key_loads() {
    let usher = TestServer::empty().await;
    let seeded = usher.app.seed(&catalogue().toml()).await;
    let report = seeded.unwrap_or_else(|error| {
        panic!("a catalogue of the previous release does not load any more: {error}")
    });
    assert_eq!(
        (report.providers, report.accounts, report.context_types),
        (5, 1, 1)
    );
    assert_eq!((report.services, report.clients), (11, 1));
}

#[test]
fn a_catalogue_is_written_as_it_was_read() {
    let draft = catalogue();
    assert_eq!(Draft::parse(&draft.toml()), draft, "{}", draft.toml());
}

#[tokio::test]
async fn secrets_may_be_in_files_and_in_the_environment_by_the_same_suffixes() {
    let usher = TestServer::empty().await;
    let path = usher.scratch().join("secret");
    std::fs::write(&path, "a secret of more than thirty-two characters\n").expect("a file");
    let path = path.to_str().expect("a path");
    let mut person = catalogue();
    person.person("ana").password = None;
    person.person("ana").password_file = Some(path.into());
    let mut client = catalogue();
    client.client("crm").secret = None;
    client.client("crm").secret_file = Some(path.into());
    let mut instance = catalogue();
    instance.instance("app-discourse").settings.remove("secret");
    instance.set("app-discourse", "secret_file", path);
    for (place, draft) in [
        ("person", person),
        ("client", client),
        ("instance", instance),
    ] {
        let seeded = usher.app.seed(&draft.toml()).await;
        assert!(seeded.is_ok(), "{place}: {:?}", seeded.err());
    }
}

/// The opposite: a misspelt key does not pass, so that the test above proves something.
#[tokio::test]
async fn a_key_that_is_not_known_is_refused() {
    let usher = TestServer::empty().await;
    for (text, key) in [
        (
            "[[provider]]\nslug = \"local\"\ntrust_groups = true",
            "trust_groups",
        ),
        ("[[service]]\nslug = \"crm\"\nchoice = true", "choice"),
        (
            "[[client]]\nid = \"crm\"\nregistration = { subject_kind = \"pairwise\" }",
            "subject_kind",
        ),
        ("[[assurance]]\ntitle = \"CRM\"\nmax_age = 15", "max_age"),
    ] {
        let error = usher.app.seed(text).await.expect_err(key).to_string();
        assert!(error.contains(&format!("`{key}`")), "{error}");
    }
    let mut provider = catalogue();
    let settings = &mut provider.provider("directory").settings;
    settings.insert("subject_name".to_owned(), "entryUUID".into());
    let mut instance = catalogue();
    instance.set("crm-eu", "hint", "handle");
    for (draft, key) in [(provider, "subject_name"), (instance, "hint")] {
        let seeded = usher.app.seed(&draft.toml()).await;
        let error = seeded.expect_err(key).to_string();
        assert!(error.contains(&format!("\"{key}\"")), "{error}");
    }
}
