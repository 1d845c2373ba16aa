//! Secrets in a seed: how they may be given, and that they go nowhere else.

use usher::{
    model::client::AuthMethod,
    seed::file::{AccountDocument, ClientDocument},
};

use super::{
    fault::{all_refused, all_unreadable},
    seed, written,
};
use support::{
    browser::Browser,
    draft::Draft,
    server::{PASSWORD, TestServer},
};

#[tokio::test]
async fn a_secret_is_long_and_given_in_one_way() {
    let client = |change: fn(&mut ClientDocument)| {
        Draft::changed(|draft| {
            draft.client("crm-eu").secret = None;
            change(draft.client("crm-eu"));
        })
    };
    let person = |change: fn(&mut AccountDocument)| {
        Draft::changed(|draft| {
            draft.person("ana").password = None;
            change(draft.person("ana"));
        })
    };
    all_refused(&[
        (
            client(|client| client.secret = Some("short".to_owned().into())),
            &["client \"crm-eu\"", "at least 32"],
        ),
        (
            client(|client| client.secret = Some(String::new().into())),
            &["client \"crm-eu\"", "at least 32"],
        ),
        (client(|_| ()), &["client \"crm-eu\"", "exactly one way"]),
        (
            client(|client| client.auth = AuthMethod::PrivateKeyJwt),
            &["client \"crm-eu\"", "jwks"],
        ),
        (
            client(|client| {
                client.auth = AuthMethod::PrivateKeyJwt;
                client.jwks = Some(Vec::new());
            }),
            &["client \"crm-eu\"", "keys"],
        ),
        (
            client(|client| client.secret_env = Some("USHER_TEST_NO_SUCH_VARIABLE".into())),
            &["client \"crm-eu\"", "USHER_TEST_NO_SUCH_VARIABLE"],
        ),
        (
            client(|client| client.secret_file = Some("/no/such/file".into())),
            &["client \"crm-eu\"", "/no/such/file"],
        ),
        (
            client(|client| {
                client.secret_file = Some("/no/such/file".into());
                client.secret_env = Some("X".into());
            }),
            &["client \"crm-eu\"", "exactly one way"],
        ),
        (person(|_| ()), &["person \"ana\"", "exactly one way"]),
        (
            person(|person| person.password = Some(String::new().into())),
            &["person \"ana\"", "empty"],
        ),
        (
            person(|person| person.password = Some("x7q!w9z".to_owned().into())),
            &["person \"ana\"", "at least 12 characters"],
        ),
        (
            person(|person| person.password = Some("Ana Almeida Ana".to_owned().into())),
            &["person \"ana\"", "the name or address of the user"],
        ),
        (
            person(|person| person.password = Some("ana@example.org".to_owned().into())),
            &["person \"ana\"", "the name or address of the user"],
        ),
        (
            person(|person| person.password = Some("abcdefghijkl".to_owned().into())),
            &["person \"ana\"", "easy to guess"],
        ),
        (
            person(|person| {
                person.password = Some("x".to_owned().into());
                person.password_env = Some("X".into());
            }),
            &["person \"ana\"", "exactly one way"],
        ),
        (
            person(|person| person.password_env = Some("USHER_TEST_NO_SUCH_VARIABLE".into())),
            &["person \"ana\"", "USHER_TEST_NO_SUCH_VARIABLE"],
        ),
        (
            Draft::changed(|draft| draft.client("crm-eu").id_token_alg = "HS256".into()),
            &["client \"crm-eu\"", "ES256 or RS256"],
        ),
        (
            Draft::changed(|draft| draft.client("crm-eu").id_token_alg = "none".into()),
            &["client \"crm-eu\"", "ES256 or RS256"],
        ),
    ])
    .await;
    all_unreadable(&[(
        "[[client]]\nid = \"crm-eu\"\nauth = \"none\"",
        &["none", "private_key_jwt"],
    )])
    .await;
}

#[tokio::test]
async fn every_account_whose_password_is_too_weak_is_named_beside_the_other_faults() {
    let usher = TestServer::open().await;
    let before = written(&usher).await;
    let draft = Draft::changed(|draft| {
        draft.service("crm").handoff = "fax".into();
        for person in &mut draft.seed.person {
            person.password = Some("too short".to_owned().into());
        }
    });
    let error = seed(&usher, &draft.toml()).await.expect_err("refused");
    for words in [
        "person \"ana\": the password must have at least 12 characters",
        "person \"ben\": the password must have at least 12 characters",
        "person \"cleo\": the password must have at least 12 characters",
        "fax",
    ] {
        assert!(error.contains(words), "{words}:\n{error}");
    }
    assert!(!error.contains("too short"), "{error}");
    assert_eq!(written(&usher).await, before);
}

#[tokio::test]
async fn a_private_key_among_the_public_ones_is_refused() {
    all_unreadable(&[(
        "[[client]]\nid = \"crm-eu\"\nauth = \"private_key_jwt\"\n\
         jwks = [{ kty = \"EC\", crv = \"P-256\", \
         x = \"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\", \
         y = \"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\", d = \"AAAA\" }]",
        &["private"],
    )])
    .await;
}

/// A parser quotes the line it stumbles over; a line with a secret must not be quoted.
#[tokio::test]
async fn a_syntax_error_beside_a_secret_does_not_show_the_secret() {
    let usher = TestServer::open().await;
    for broken in [
        "[[client]]\nid = \"crm\"\nsecret = \"hunter2-hunter2-hunter2-hunter2\" x\ntitle = \"x\"",
        "[[client]]\nid = \"crm\"\nsecret = [\"hunter2-hunter2-hunter2-hunter2\"]\ntitle = \"x\"",
        "[[client]]\nid = \"crm\"\nsecret = \"hunter2-hunter2-hunter2-hunter2\ntitle = \"x\"",
    ] {
        let error = seed(&usher, broken).await.expect_err("broken");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn passwords_and_secrets_are_not_stored_in_the_clear() {
    let usher = TestServer::open().await;
    for hash in usher
        .column("select password_hash from local_accounts")
        .await
    {
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(!hash.contains(PASSWORD));
    }
    let draft = Draft::sample().plus(
        "[[provider]]\nslug = \"ldap\"\nkind = \"ldap\"\ntitle = \"Directory\"\n\
         [provider.settings]\nservers = [\"ldaps://ldap.test\"]\nbase_dn = \"dc=example\"\n\
         bind_dn = \"cn=usher\"\nbind_password = \"hunter2-hunter2\"",
    );
    usher.seed(&draft).await;
    let sealed = usher
        .column("select sealed_settings from identity_providers")
        .await;
    assert_eq!(sealed.len(), 2);
    for text in sealed.iter().chain(&written(&usher).await) {
        assert!(
            !text.contains("hunter2") && !text.contains("cn=usher"),
            "{text}"
        );
        assert!(!text.contains("secret-of-crm-eu"), "{text}");
    }
    let seed = usher::seed::Seed::parse(&draft.toml()).expect("a good seed");
    let debug = format!("{seed:?}");
    for secret in [PASSWORD, "hunter2", "secret-of-crm-eu"] {
        assert!(!debug.contains(secret), "a secret in {{:?}}");
    }
}

/// What may be shown of a seed with `{:?}` has no secret of a provider either.
#[tokio::test]
async fn a_providers_secrets_stay_out_of_debug_output() {
    let text = "[[provider]]\nslug = \"ldap\"\nkind = \"ldap\"\ntitle = \"Directory\"\n\
        settings = { bind_password = \"hunter2-hunter2\" }\n";
    let seed = usher::seed::Seed::parse(text).expect("a seed");
    assert!(!format!("{seed:?}").contains("hunter2"));
}

#[tokio::test]
async fn a_secret_may_come_from_a_file_or_the_environment() {
    let usher = TestServer::open().await;
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("secret");
    std::fs::write(&path, format!("{PASSWORD}\nsecond line\n")).expect("written");
    let path = path.to_str().expect("a readable path").to_owned();
    usher
        .change(|draft| {
            let ana = draft.person("ana");
            ana.password = None;
            ana.password_file = Some(path);
        })
        .await;
    Browser::of(&usher, "ana").await;
    let found = support::server::variable("CARGO_PKG_DESCRIPTION").expect("set by cargo");
    usher
        .change(|draft| {
            let ana = draft.person("ana");
            ana.password = None;
            ana.password_env = Some("CARGO_PKG_DESCRIPTION".into());
        })
        .await;
    let mut ana = Browser::new(&usher);
    let form = ana.get("/sign-in").await;
    ana.fill(&form, &[("Username", "ana"), ("Password", &found)])
        .await;
    assert!(ana.session().await.is_some());
}
