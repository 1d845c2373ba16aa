//! Every way a seed can be wrong, as a table: what is changed in a good one, and the words that
//! must be in the answer.

use super::{seed, version, written};
use support::server::{TestServer, changed};

/// From, to, and what the answer says.
pub(super) type Fault = (&'static str, &'static str, &'static [&'static str]);

pub(super) async fn all_refused(faults: &[Fault]) {
    let house = TestServer::open().await;
    let (rows, before) = (written(&house).await, version(&house).await);
    for (from, to, words) in faults {
        let error = seed(&house, &changed(&[(from, to)])).await;
        let error = error.expect_err(to);
        for word in *words {
            assert!(error.contains(word), "{to}\nmisses \"{word}\":\n{error}");
        }
    }
    assert_eq!(written(&house).await, rows, "a faulty seed wrote something");
    assert_eq!(version(&house).await, before);
}

#[tokio::test]
async fn a_misspelt_key_is_named_with_the_known_ones_at_every_level() {
    all_refused(&[
        (
            "[[provider]]",
            "[[providers]]",
            &["providers", "`provider`", "`service`"],
        ),
        (
            "default = true",
            "defualt = true",
            &["defualt", "`default`"],
        ),
        (
            "name = \"Ana Almeida\"",
            "nmae = \"Ana\"",
            &["nmae", "`name`"],
        ),
        (
            "password = \"{PASSWORD}\"",
            "pasword = \"x\"",
            &["pasword", "`password`"],
        ),
        ("pattern = \"C-", "patern = \"C-", &["patern", "`pattern`"]),
        ("title = \"Tab\"", "titel = \"Tab\"", &["titel", "`title`"]),
        (
            "category = \"Customers\"",
            "kategory = \"x\"",
            &["kategory", "`category`"],
        ),
        ("base_url =", "base_uri =", &["base_uri", "`base_url`"]),
        ("when = {", "wenn = {", &["wenn", "`when`"]),
        (
            "attribute = \"region\"",
            "atribute = \"region\"",
            &["atribute", "`attribute`"],
        ),
        (
            "equals = \"europe\"",
            "equal = \"europe\"",
            &["equal", "`equals`"],
        ),
        (
            "{ group = \"admins\" } }",
            "{ grup = \"admins\" } }",
            &["grup", "`group`"],
        ),
        (
            "type = \"customer\"",
            "kind = \"customer\"",
            &["kind", "`type`"],
        ),
        (
            "audit = { template",
            "audit = { templat",
            &["templat", "`template`"],
        ),
        (
            "redirect_uris =",
            "redirect_uri =",
            &["redirect_uri", "`redirect_uris`"],
        ),
        ("secret = \"", "secrte = \"", &["secrte", "`secret`"]),
    ])
    .await;
}

#[tokio::test]
async fn unknown_kinds_and_settings_are_named_with_the_known_ones() {
    all_refused(&[
        (
            "kind = \"local\"",
            "kind = \"kerberos\"",
            &["provider \"local\"", "kerberos", "local, ldap, oidc, saml"],
        ),
        (
            "kind = \"local\"",
            "kind = \"LDAP\"",
            &["LDAP", "local, ldap"],
        ),
        (
            "handoff = \"oidc\"",
            "handoff = \"odic\"",
            &["crm-eu", "odic", "oidc, code, request_init"],
        ),
        (
            "settings = { client = \"crm-eu\" }",
            "settings = { cleint = \"crm-eu\" }",
            &["instance \"crm-eu\"", "cleint", "client, login_hint"],
        ),
        (
            "settings = { client = \"crm-eu\" }",
            "settings = {}",
            &["instance \"crm-eu\"", "\"client\" is missing"],
        ),
        (
            "settings = { client = \"crm-eu\" }",
            "settings = { client = \"crm-eu\", login_hint = \"mail\" }",
            &["instance \"crm-eu\"", "mail", "handle"],
        ),
        (
            "kind = \"local\"",
            "kind = \"local\"\nsettings = { pasword_file = \"x\" }",
            &["provider \"local\"", "pasword_file"],
        ),
        (
            "kind = \"local\"",
            "kind = \"ldap\"\nsettings = { servre = \"ldaps://x\" }",
            &["provider \"local\"", "servre"],
        ),
        (
            "case = \"upper\"",
            "case = \"Upper\"",
            &["Upper", "`upper`"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn what_points_nowhere_is_named() {
    all_refused(&[
        (
            "instances = [\"crm-eu\"]",
            "instances = [\"crm-asia\"]",
            &["rule \"People in Europe\"", "crm-asia", "crm-eu, crm-us"],
        ),
        (
            "instances = [\"crm-eu\"]",
            "instances = [\"desk-eu\"]",
            &["desk-eu", "crm-eu, crm-us"],
        ),
        (
            "instances = [\"crm-eu\"]",
            "instances = []",
            &["People in Europe", "names no instance"],
        ),
        (
            "type = \"customer\"",
            "type = \"custmer\"",
            &["service \"crm\"", "custmer"],
        ),
        (
            "settings = { client = \"crm-eu\" }",
            "settings = { client = \"crm-asia\" }",
            &["instance \"crm-eu\"", "no client \"crm-asia\""],
        ),
        (
            "slug = \"crm-us\"",
            "slug = \"crm-eu\"",
            &["instance \"crm-eu\" is defined twice"],
        ),
        (
            "slug = \"tickets\"",
            "slug = \"crm\"",
            &["service \"crm\" is defined twice"],
        ),
        (
            "slug = \"case\"",
            "slug = \"customer\"",
            &["record type \"customer\" is defined twice"],
        ),
        (
            "id = \"crm-us\"",
            "id = \"crm-eu\"",
            &["client \"crm-eu\" is defined twice"],
        ),
        (
            "[[person]]",
            "[[provider]]\nslug = \"local\"\nkind = \"local\"\ntitle = \"x\"\n[[person]]",
            &["provider \"local\" is defined twice"],
        ),
        (
            "slug = \"crm\"",
            "slug = \"CRM\"",
            &["service \"CRM\"", "a-z, 0-9 and -"],
        ),
        (
            "slug = \"crm\"",
            "slug = \"c/rm\"",
            &["service \"c/rm\"", "a-z, 0-9 and -"],
        ),
        (
            "slug = \"crm\"",
            "slug = \"\"",
            &["service \"\"", "a-z, 0-9 and -"],
        ),
        (
            "slug = \"case\"",
            "slug = \"ca se\"",
            &["record type \"ca se\"", "a-z, 0-9 and -"],
        ),
        (
            "edit = \"/c",
            "\"Edit!\" = \"/c",
            &["service \"crm\"", "an intent is named"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_template_is_checked_before_anybody_follows_it() {
    let view = "view = \"/customers/{key}{?tab}\"";
    all_refused(&[
        (
            view,
            "view = \"/customers/{id}\"",
            &["link customer/view", "\"id\""],
        ),
        (
            view,
            "view = \"/customers/{key}{?tabs}\"",
            &["link customer/view", "\"tabs\""],
        ),
        (
            view,
            "view = \"/customers/{inner}\"",
            &["link customer/view", "\"inner\""],
        ),
        (
            view,
            "view = \"/customers/{+key}\"",
            &["link customer/view", "+"],
        ),
        (view, "view = \"/customers/{key\"", &["link customer/view"]),
        (
            view,
            "view = \"/customers/{=key}\"",
            &["link customer/view"],
        ),
        (
            view,
            "view = { template = \"/go?u={inner}\", inner = \"/c/{nonsense}\" }",
            &["link customer/view, inner", "\"nonsense\""],
        ),
        (
            "hint = \"C- and",
            "sensitivity = \"special\"\nhint = \"C- and",
            &["link customer/view", "special", "fragment"],
        ),
        (
            "handoff = \"oidc\"",
            "handoff = \"oidc\"\nhome = \"/x/{key}\"",
            &["service \"crm\"", "\"key\""],
        ),
        (
            "pattern = \"C-[0-9]{4,6}\"",
            "pattern = \"C-[0-9\"",
            &["record type \"customer\"", "C-[0-9"],
        ),
        (
            "name = \"tab\"",
            "name = \"key\"",
            &["record type \"customer\"", "field \"key\""],
        ),
        (
            "name = \"tab\"",
            "name = \"intent\"",
            &["field \"intent\"", "word of ours"],
        ),
        (
            "name = \"tab\"",
            "name = \"a-b\"",
            &["field \"a-b\"", "letters, digits and _"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn script_urls_and_plain_http_are_refused_wherever_a_browser_could_be_sent() {
    let mut faults: Vec<(String, String)> = Vec::new();
    for address in [
        "javascript:alert(1)",
        "data:text/html,x",
        "http://crm-eu.test",
        "https://user:pass@crm-eu.test",
        "https://crm-eu.test/#x",
        "//crm-eu.test",
        "/relative",
        "",
    ] {
        for (from, to) in [
            ("base_url = \"https://crm-eu.test\"", "base_url = \"{}\""),
            (
                "redirect_uris = [\"https://crm-eu.test/callback\"]",
                "redirect_uris = [\"https://crm-eu.test/callback\", \"{}\"]",
            ),
            (
                "post_logout_redirect_uris = [\"https://crm-eu.test/\"]",
                "post_logout_redirect_uris = [\"{}\"]",
            ),
            (
                "initiate_login_uri = \"https://crm-eu.test/login/initiate\"",
                "initiate_login_uri = \"{}\"",
            ),
            (
                "handoff_uri = \"https://desk-eu.test/handoff\"",
                "handoff_uri = \"{}\"",
            ),
        ] {
            faults.push((from.to_owned(), to.replace("{}", address)));
        }
    }
    let house = TestServer::open().await;
    let before = version(&house).await;
    for (from, to) in &faults {
        let error = seed(&house, &changed(&[(from, to)])).await.expect_err(to);
        assert!(
            error.contains("crm-eu") || error.contains("desk-eu"),
            "{to}: {error}"
        );
    }
    assert_eq!(version(&house).await, before);
    let loopback = (
        "base_url = \"https://crm-eu.test\"",
        "base_url = \"http://127.0.0.1:1/x\"",
    );
    seed(&house, &changed(&[loopback]))
        .await
        .expect("loopback may");
}

#[tokio::test]
async fn conditions_are_one_of_the_known_forms() {
    let when = "when = { attribute = \"region\", equals = \"europe\" }";
    let place = &["service \"crm\"", "People in Europe"];
    let nested = "when = { not = { not = { not = { not = { not = { not = { not = { not = { not = \
                  { group = \"x\" } } } } } } } } } }";
    all_refused(&[
        (when, "when = {}", place),
        (when, "when = { attribute = \"region\" }", place),
        (when, "when = { equals = \"europe\" }", place),
        (
            when,
            "when = { attribute = \"region\", equals = \"a\", matches = \"b\" }",
            place,
        ),
        (when, "when = { group = \"a\", equals = \"b\" }", place),
        (
            when,
            "when = { group = \"a\", not = { group = \"b\" } }",
            place,
        ),
        (when, "when = { all = [] }", place),
        (when, "when = { any = [] }", place),
        (
            when,
            "when = { attribute = \"region\", matches = \"(\" }",
            place,
        ),
        (
            when,
            "when = { attribute = \"region\", matches = \"(a{1000}){1000}\" }",
            place,
        ),
        (when, nested, &["service \"crm\"", "deeper"]),
    ])
    .await;
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let house = TestServer::open().await;
    let text = changed(&[
        ("instances = [\"crm-eu\"]", "instances = [\"crm-asia\"]"),
        (
            "base_url = \"https://desk-eu.test\"",
            "base_url = \"ftp://desk\"",
        ),
        ("handoff = \"code\"", "handoff = \"coed\""),
        ("secret = \"secret-of-wiki-eu", "secret = \"x\" # "),
    ]);
    let error = seed(&house, &text).await.expect_err("four faults");
    for word in ["crm-asia", "ftp://desk", "coed", "wiki-eu"] {
        assert!(error.contains(word), "{word}: {error}");
    }
    assert!(!error.contains("secret-of"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_toml_or_ends_early_changes_nothing() {
    let house = TestServer::open().await;
    let (rows, before) = (written(&house).await, version(&house).await);
    let good = changed(&[]);
    for text in [
        "[[",
        "provider = 1",
        "\u{0}",
        "<xml/>",
        &good[..good.len() - 30],
    ] {
        let error = seed(&house, text).await.expect_err("no seed");
        assert!(error.contains("seed"), "{error}");
    }
    assert_eq!(
        (written(&house).await, version(&house).await),
        (rows, before)
    );
}
