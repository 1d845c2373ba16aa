//! Every way a seed can be wrong, as a table: what is changed in a good one, and the words that
//! must be in the answer.

use usher::{
    model::{condition::ConditionDocument, context::Sensitivity},
    seed::file::TargetDocument,
};

use super::{seed, version, written};
use support::{
    draft::{Draft, SAMPLE, part},
    server::TestServer,
};

/// A catalogue, and what the answer says of it.
pub(super) type Fault<'a> = (Draft, &'a [&'a str]);

/// A file that cannot be read, and what the answer says of it.
pub(super) type Unreadable<'a> = (&'a str, &'a [&'a str]);

pub(super) async fn all_refused(faults: &[Fault<'_>]) {
    refused(faults.iter().map(|(draft, words)| (draft.toml(), *words))).await;
}

pub(super) async fn all_unreadable(files: &[Unreadable<'_>]) {
    refused(
        files
            .iter()
            .map(|(text, words)| ((*text).to_owned(), *words)),
    )
    .await;
}

async fn refused<'a>(faults: impl Iterator<Item = (String, &'a [&'a str])>) {
    let usher = TestServer::open().await;
    let (rows, before) = (written(&usher).await, version(&usher).await);
    for (text, words) in faults {
        let Err(error) = seed(&usher, &text).await else {
            panic!("it was accepted, without {words:?}");
        };
        for word in words {
            assert!(error.contains(word), "\"{word}\" is missing:\n{error}");
        }
    }
    assert_eq!(written(&usher).await, rows, "a faulty seed wrote something");
    assert_eq!(version(&usher).await, before);
}

#[tokio::test]
async fn a_misspelt_key_is_named_with_the_known_ones_at_every_level() {
    all_unreadable(&[
        (
            "[[providers]]\nslug = \"local\"",
            &["providers", "`provider`", "`service`"],
        ),
        (
            "[[provider]]\nslug = \"local\"\ndefualt = true",
            &["defualt", "`default`"],
        ),
        (
            "[[person]]\nlogin = \"ana\"\nnmae = \"Ana\"",
            &["nmae", "`name`"],
        ),
        (
            "[[person]]\nlogin = \"ana\"\npasword = \"x\"",
            &["pasword", "`password`"],
        ),
        (
            "[[context_type]]\nslug = \"customer\"\npatern = \"C-[0-9]\"",
            &["patern", "`pattern`"],
        ),
        (
            "[[context_type]]\nslug = \"customer\"\n[[context_type.field]]\ntitel = \"Tab\"",
            &["titel", "`title`"],
        ),
        (
            "[[service]]\nslug = \"crm\"\nkategory = \"x\"",
            &["kategory", "`category`"],
        ),
        (
            "[[service]]\nslug = \"crm\"\n[[service.instance]]\nbase_uri = \"https://crm.test\"",
            &["base_uri", "`base_url`"],
        ),
        (
            "[[service]]\nslug = \"crm\"\n[[service.rule]]\nwenn = { group = \"sales\" }",
            &["wenn", "`when`"],
        ),
        (
            "[[service]]\nslug = \"crm\"\naudience = { atribute = \"region\" }",
            &["atribute", "`attribute`"],
        ),
        (
            "[[service]]\nslug = \"crm\"\naudience = { attribute = \"region\", equal = \"europe\" }",
            &["equal", "`equals`"],
        ),
        (
            "[[service]]\nslug = \"crm\"\naudience = { not = { grup = \"admins\" } }",
            &["grup", "`group`"],
        ),
        (
            "[[service]]\nslug = \"crm\"\n[[service.link]]\nkind = \"customer\"",
            &["kind", "`type`"],
        ),
        (
            "[[service]]\nslug = \"crm\"\n[[service.link]]\ntype = \"customer\"\n\
             intents = { audit = { templat = \"/{key}\" } }",
            &["templat", "`template`"],
        ),
        (
            "[[client]]\nid = \"crm\"\nredirect_uri = [\"https://crm.test/callback\"]",
            &["redirect_uri", "`redirect_uris`"],
        ),
        (
            "[[client]]\nid = \"crm\"\nsecrte = \"x\"",
            &["secrte", "`secret`"],
        ),
        (
            "[[context_type]]\nslug = \"customer\"\ncase = \"Upper\"",
            &["Upper", "`upper`"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn unknown_kinds_and_settings_are_named_with_the_known_ones() {
    let kind = |kind: &str| Draft::changed(|draft| draft.provider("local").kind = kind.into());
    let setting = |kind: &str, name: &str| {
        let mut draft = Draft::sample();
        let local = draft.provider("local");
        local.kind = kind.into();
        local.settings.insert(name.into(), "x".into());
        draft
    };
    all_refused(&[
        (
            kind("kerberos"),
            &["provider \"local\"", "kerberos", "local, ldap, oidc, saml"],
        ),
        (kind("LDAP"), &["LDAP", "local, ldap"]),
        (
            Draft::changed(|draft| draft.service("crm").handoff = "odic".into()),
            &["crm-eu", "odic", "oidc, code, request_init"],
        ),
        (
            Draft::changed(|draft| draft.set("crm-eu", "cleint", "crm-eu")),
            &["instance \"crm-eu\"", "cleint", "client, login_hint"],
        ),
        (
            Draft::changed(|draft| draft.instance("crm-eu").settings.clear()),
            &["instance \"crm-eu\"", "\"client\" is missing"],
        ),
        (
            Draft::changed(|draft| draft.set("crm-eu", "login_hint", "mail")),
            &["instance \"crm-eu\"", "mail", "handle"],
        ),
        (
            setting("local", "pasword_file"),
            &["provider \"local\"", "pasword_file"],
        ),
        (setting("ldap", "servre"), &["provider \"local\"", "servre"]),
    ])
    .await;
}

#[tokio::test]
async fn what_points_nowhere_is_named() {
    let rule = |instances: &[&str]| {
        let instances: Vec<String> = instances.iter().copied().map(String::from).collect();
        Draft::changed(|draft| draft.rule("crm", "People in Europe").instances = instances)
    };
    let slug = |slug: &str| Draft::changed(|draft| draft.service("crm").slug = slug.into());
    let intent = Draft::changed(|draft| {
        let intents = &mut draft.link("crm", "customer").intents;
        let edit = intents.remove("edit").expect("a target");
        intents.insert("Edit!".into(), edit);
    });
    let twice = Draft::changed(|draft| {
        draft.add_provider("local", "local", "x");
    });
    all_refused(&[
        (
            rule(&["crm-asia"]),
            &["rule \"People in Europe\"", "crm-asia", "crm-eu, crm-us"],
        ),
        (rule(&["desk-eu"]), &["desk-eu", "crm-eu, crm-us"]),
        (rule(&[]), &["People in Europe", "names no instance"]),
        (
            Draft::changed(|draft| draft.link("crm", "customer").kind = "custmer".into()),
            &["service \"crm\"", "custmer"],
        ),
        (
            Draft::changed(|draft| draft.set("crm-eu", "client", "crm-asia")),
            &["instance \"crm-eu\"", "no client \"crm-asia\""],
        ),
        (
            Draft::changed(|draft| draft.instance("crm-us").slug = "crm-eu".into()),
            &["instance \"crm-eu\" is defined twice"],
        ),
        (
            Draft::changed(|draft| draft.service("tickets").slug = "crm".into()),
            &["service \"crm\" is defined twice"],
        ),
        (
            Draft::changed(|draft| draft.context_type("case").slug = "customer".into()),
            &["record type \"customer\" is defined twice"],
        ),
        (
            Draft::changed(|draft| draft.client("crm-us").id = "crm-eu".into()),
            &["client \"crm-eu\" is defined twice"],
        ),
        (twice, &["provider \"local\" is defined twice"]),
        (slug("CRM"), &["service \"CRM\"", "a-z, 0-9 and -"]),
        (slug("c/rm"), &["service \"c/rm\"", "a-z, 0-9 and -"]),
        (slug(""), &["service \"\"", "a-z, 0-9 and -"]),
        (
            Draft::changed(|draft| draft.context_type("case").slug = "ca se".into()),
            &["record type \"ca se\"", "a-z, 0-9 and -"],
        ),
        (intent, &["service \"crm\"", "an intent is named"]),
    ])
    .await;
}

#[tokio::test]
async fn a_template_is_checked_before_a_user_follows_it() {
    let view = |template: &str| {
        Draft::changed(|draft| draft.target("crm", "customer", "view").template = template.into())
    };
    let field = |name: &str| {
        Draft::changed(|draft| draft.context_type("customer").field[0].name = name.into())
    };
    let inner = TargetDocument {
        template: "/go?u={inner}".into(),
        inner: Some("/c/{nonsense}".into()),
        audience: None,
    };
    all_refused(&[
        (view("/customers/{id}"), &["link customer/view", "\"id\""]),
        (
            view("/customers/{key}{?tabs}"),
            &["link customer/view", "\"tabs\""],
        ),
        (
            view("/customers/{inner}"),
            &["link customer/view", "\"inner\""],
        ),
        (view("/customers/{+key}"), &["link customer/view", "+"]),
        (view("/customers/{key"), &["link customer/view"]),
        (view("/customers/{=key}"), &["link customer/view"]),
        (
            Draft::changed(|draft| *draft.target("crm", "customer", "view") = inner),
            &["link customer/view, inner", "\"nonsense\""],
        ),
        (
            Draft::changed(|draft| {
                draft.context_type("customer").sensitivity = Sensitivity::Special;
            }),
            &["link customer/view", "special", "fragment"],
        ),
        (
            Draft::changed(|draft| draft.service("crm").home = Some("/x/{key}".into())),
            &["service \"crm\"", "\"key\""],
        ),
        (
            Draft::changed(|draft| draft.context_type("customer").pattern = "C-[0-9".into()),
            &["record type \"customer\"", "C-[0-9"],
        ),
        (field("key"), &["record type \"customer\"", "field \"key\""]),
        (field("intent"), &["field \"intent\"", "word of ours"]),
        (field("a-b"), &["field \"a-b\"", "letters, digits and _"]),
    ])
    .await;
}

#[tokio::test]
async fn script_urls_and_plain_http_are_refused_wherever_a_browser_could_be_sent() {
    let usher = TestServer::open().await;
    let before = version(&usher).await;
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
        let at = || address.to_owned();
        for draft in [
            Draft::changed(|draft| draft.instance("crm-eu").base_url = at()),
            Draft::changed(|draft| draft.client("crm-eu").redirect_uris.push(at())),
            Draft::changed(|draft| {
                draft.client("crm-eu").post_logout_redirect_uris = vec![at()];
            }),
            Draft::changed(|draft| draft.client("crm-eu").initiate_login_uri = Some(at())),
            Draft::changed(|draft| draft.set("desk-eu", "handoff_uri", address)),
        ] {
            let error = seed(&usher, &draft.toml()).await.expect_err(address);
            assert!(
                error.contains("crm-eu") || error.contains("desk-eu"),
                "{address}: {error}"
            );
        }
    }
    assert_eq!(version(&usher).await, before);
    let loopback =
        Draft::changed(|draft| draft.instance("crm-eu").base_url = "http://127.0.0.1:1/x".into());
    usher.seed(&loopback).await;
}

#[tokio::test]
async fn conditions_are_one_of_the_known_forms() {
    let rule = |when: ConditionDocument| {
        Draft::changed(|draft| draft.rule("crm", "People in Europe").when = Some(when))
    };
    let when = |text: &str| rule(part(text));
    let place = &["service \"crm\"", "People in Europe"];
    let (opened, closed) = ("{\"not\":".repeat(9), "}".repeat(9));
    let nested = serde_json::from_str(&format!("{opened}{{\"group\":\"x\"}}{closed}"));
    all_refused(&[
        (when(""), place),
        (when("attribute = \"region\""), place),
        (when("equals = \"europe\""), place),
        (
            when("attribute = \"region\"\nequals = \"a\"\nmatches = \"b\""),
            place,
        ),
        (when("group = \"a\"\nequals = \"b\""), place),
        (when("group = \"a\"\nnot = { group = \"b\" }"), place),
        (when("all = []"), place),
        (when("any = []"), place),
        (when("attribute = \"region\"\nmatches = \"(\""), place),
        (
            when("attribute = \"region\"\nmatches = \"(a{1000}){1000}\""),
            place,
        ),
        (
            rule(nested.expect("a condition")),
            &["service \"crm\"", "deeper"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn everything_that_is_wrong_is_said_at_once() {
    let usher = TestServer::open().await;
    let draft = Draft::changed(|draft| {
        draft.rule("crm", "People in Europe").instances = vec!["crm-asia".into()];
        draft.instance("desk-eu").base_url = "ftp://desk".into();
        draft.service("tickets").handoff = "coed".into();
        draft.client("wiki-eu").secret = Some("x".to_owned().into());
    });
    let error = seed(&usher, &draft.toml()).await.expect_err("four faults");
    for word in ["crm-asia", "ftp://desk", "coed", "wiki-eu"] {
        assert!(error.contains(word), "{word}: {error}");
    }
    assert!(!error.contains("secret-of"), "{error}");
}

#[tokio::test]
async fn a_file_that_is_no_toml_or_ends_early_changes_nothing() {
    let usher = TestServer::open().await;
    let (rows, before) = (written(&usher).await, version(&usher).await);
    for text in [
        "[[",
        "provider = 1",
        "\u{0}",
        "<xml/>",
        &SAMPLE[..SAMPLE.len() - 30],
    ] {
        let error = seed(&usher, text).await.expect_err("no seed");
        assert!(error.contains("seed"), "{error}");
    }
    assert_eq!(
        (written(&usher).await, version(&usher).await),
        (rows, before)
    );
}
