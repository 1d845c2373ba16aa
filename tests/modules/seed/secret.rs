//! Secrets in a seed: how they may be given, and that they go nowhere else.

use super::{fault::all_refused, seed, written};
use support::{
    browser::Browser,
    server::{PASSWORD, TestServer, changed},
};

#[tokio::test]
async fn a_secret_is_long_and_given_in_one_way() {
    let secret = "secret = \"secret-of-crm-eu-secret-of-crm-eu-secret\"";
    let password = "password = \"{PASSWORD}\"";
    let jwks = "auth = \"private_key_jwt\"";
    all_refused(&[
        (
            secret,
            "secret = \"short\"",
            &["client \"crm-eu\"", "at least 32"],
        ),
        (
            secret,
            "secret = \"\"",
            &["client \"crm-eu\"", "at least 32"],
        ),
        (secret, "", &["client \"crm-eu\"", "exactly one way"]),
        (secret, jwks, &["client \"crm-eu\"", "jwks"]),
        (
            secret,
            "auth = \"private_key_jwt\"\njwks = []",
            &["client \"crm-eu\"", "keys"],
        ),
        (secret, "auth = \"none\"", &["none", "private_key_jwt"]),
        (
            secret,
            "secret_env = \"USHER_TEST_NO_SUCH_VARIABLE\"",
            &["client \"crm-eu\"", "USHER_TEST_NO_SUCH_VARIABLE"],
        ),
        (
            secret,
            "secret_file = \"/no/such/file\"",
            &["client \"crm-eu\"", "/no/such/file"],
        ),
        (
            secret,
            "secret_file = \"/no/such/file\"\nsecret_env = \"X\"",
            &["client \"crm-eu\"", "exactly one way"],
        ),
        (password, "", &["person \"ana\"", "exactly one way"]),
        (password, "password = \"\"", &["person \"ana\"", "empty"]),
        (
            password,
            "password = \"x\"\npassword_env = \"X\"",
            &["person \"ana\"", "exactly one way"],
        ),
        (
            password,
            "password_env = \"USHER_TEST_NO_SUCH_VARIABLE\"",
            &["person \"ana\"", "USHER_TEST_NO_SUCH_VARIABLE"],
        ),
        (
            "title = \"crm-eu\"",
            "title = \"crm-eu\"\nid_token_alg = \"HS256\"",
            &["client \"crm-eu\"", "ES256 or RS256"],
        ),
        (
            "title = \"crm-eu\"",
            "title = \"crm-eu\"\nid_token_alg = \"none\"",
            &["client \"crm-eu\"", "ES256 or RS256"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_private_key_among_the_public_ones_is_refused() {
    let house = TestServer::open().await;
    let key = "auth = \"private_key_jwt\"\njwks = [{ kty = \"EC\", crv = \"P-256\", \
        x = \"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\", \
        y = \"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\", d = \"AAAA\" }]";
    let secret = "secret = \"secret-of-crm-eu-secret-of-crm-eu-secret\"";
    let error = seed(&house, &changed(&[(secret, key)])).await;
    let error = error.expect_err("a private key");
    assert!(error.contains("private"), "{error}");
}

/// A parser quotes the line it stumbles over; a line with a secret must not be quoted.
#[tokio::test]
async fn a_syntax_error_beside_a_secret_does_not_show_the_secret() {
    let house = TestServer::open().await;
    for broken in [
        "secret = \"hunter2-hunter2-hunter2-hunter2\" x",
        "secret = [\"hunter2-hunter2-hunter2-hunter2\"]",
        "secret = \"hunter2-hunter2-hunter2-hunter2",
    ] {
        let secret = "secret = \"secret-of-crm-eu-secret-of-crm-eu-secret\"";
        let error = seed(&house, &changed(&[(secret, broken)])).await;
        let error = error.expect_err("broken");
        assert!(!error.contains("hunter2"), "{error}");
    }
}

#[tokio::test]
async fn passwords_and_secrets_are_not_stored_in_the_clear() {
    let house = TestServer::open().await;
    for hash in house
        .column("select password_hash from local_accounts")
        .await
    {
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(!hash.contains(PASSWORD));
    }
    let directory = "[[provider]]\nslug = \"ldap\"\nkind = \"ldap\"\ntitle = \"Directory\"\n\
        [provider.settings]\nservers = [\"ldaps://ldap.test\"]\nbase_dn = \"dc=example\"\n\
        bind_dn = \"cn=usher\"\nbind_password = \"hunter2-hunter2\"\n[[person]]";
    let text = changed(&[("[[person]]", directory)]);
    match seed(&house, &text).await {
        Ok(()) => {}
        Err(error) => panic!("{error}"),
    }
    let sealed = house
        .column("select sealed_settings from identity_providers")
        .await;
    assert_eq!(sealed.len(), 2);
    for text in sealed.iter().chain(&written(&house).await) {
        assert!(
            !text.contains("hunter2") && !text.contains("cn=usher"),
            "{text}"
        );
        assert!(!text.contains("secret-of-crm-eu"), "{text}");
    }
    let debug = format!(
        "{:?}",
        usher::seed::Seed::parse(&text).expect("a good seed")
    );
    for secret in [PASSWORD, "{PASSWORD}", "secret-of-crm-eu"] {
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
    let house = TestServer::open().await;
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("secret");
    std::fs::write(&path, format!("{PASSWORD}\nsecond line\n")).expect("written");
    let from_file = format!("password_file = \"{}\"", path.display());
    house.reseed("password = \"{PASSWORD}\"", &from_file).await;
    Browser::of(&house, "ana").await;
    let found = support::server::variable("CARGO_MANIFEST_DIR").expect("set by cargo");
    house
        .reseed(
            "password = \"{PASSWORD}\"",
            "password_env = \"CARGO_MANIFEST_DIR\"",
        )
        .await;
    let mut ana = Browser::new(&house);
    let form = ana.get("/sign-in").await;
    ana.fill(&form, &[("Username", "ana"), ("Password", &found)])
        .await;
    assert!(ana.session().await.is_some());
}
