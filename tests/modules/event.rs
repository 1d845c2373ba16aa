//! The audit log: every kind of event and every word of its data has a text, and rows of earlier
//! releases are shown.

use std::collections::BTreeSet;

use usher::{
    factor::METHODS,
    issuer::logout_protocols,
    model::event::{
        DATA, EventKind, LAUNCH_REASONS, NOUNS, PASSWORD_LINKS, REASONS, RESULTS, TARGETS, WordRow,
    },
    text::{Language, Texts},
    upstream::NEW_PASSWORD_REFUSED,
};

use crate::architecture::source::files;
use support::{admin::make_admin, browser::Browser, server::TestServer};

/// The variables that the texts of a history may take.
const VARIABLES: &[(&str, &str)] = &[
    ("provider", "a provider"),
    ("application", "an application"),
    ("service", "a service"),
    ("count", "2"),
];

#[test]
fn every_kind_has_words_in_every_language() {
    for language in Language::ALL {
        let texts = Texts::of(language);
        for kind in EventKind::ALL {
            let row = kind.row();
            assert_ne!(texts.say(row.words), row.words, "{language:?}");
            if let Some(key) = row.history {
                assert_ne!(texts.with(key, VARIABLES), key, "{language:?}");
            }
        }
        for (noun, key) in NOUNS.iter().chain(TARGETS) {
            assert_ne!(texts.say(key), *key, "{noun} in {language:?}");
        }
    }
}

#[test]
fn every_word_of_the_data_has_a_text_in_every_language() {
    let tables = [DATA, REASONS, LAUNCH_REASONS, RESULTS, PASSWORD_LINKS];
    let methods = METHODS
        .iter()
        .map(|method| (method.logged_as, method.texts.title));
    let rows = tables.into_iter().flatten().copied();
    let rows: Vec<WordRow> = rows.chain(methods).chain(logout_protocols()).collect();
    assert!(rows.len() > 70, "the tables are somewhere else");
    for language in Language::ALL {
        for (word, key) in &rows {
            assert_ne!(Texts::of(language).say(key), *key, "{word} in {language:?}");
        }
    }
}

/// How the product writes the reasons of events: where, and by which expressions.
const IN_SIGN_INS: (&[&str], &[&str]) = (
    &[
        "directory/",
        "factor/",
        "issuer/saml/",
        "sign_in/",
        "upstream/",
    ],
    &[
        r#"\.with\("reason", "([^"]+)"\)"#,
        r#"Refused\(\s*"([^"]+)",?\s*\)"#,
        r#"\b(?:refused|away|turn_away|refuse)\((?:visitor, provider, |who, visitor, )?"([a-z-]+)""#,
        r#"EventKind::SignIn\w+,[^;")]*"([a-z-]+)""#,
        r#"record_at\(event, visitor, provider, "([a-z-]+)"\)"#,
    ],
);
const IN_LAUNCHES: (&[&str], &[&str]) = (
    &[
        "error.rs",
        "launch/mod.rs",
        "model/launch.rs",
        "model/receipt.rs",
    ],
    &[
        r#"Refusal::\w+ \{ \.\. \} => "(\w+)""#,
        r#"(?:Error|TicketVoid|Reason)::\w+ => "(\w+)""#,
    ],
);
const IN_ADMINISTRATION: (&[&str], &[&str]) =
    (&["admin/provider.rs"], &[r#"\{\s*"([a-z-]+)"\s*\}"#]);

/// The words that these files write in these ways.
fn written((places, patterns): (&[&str], &[&str])) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for file in files() {
        if !places.iter().any(|place| file.path.starts_with(place)) {
            continue;
        }
        let lines: Vec<&str> = file.product().into_iter().map(|(_, line)| line).collect();
        let text = lines.join("\n");
        for pattern in patterns {
            let pattern = regex::Regex::new(pattern).expect("a pattern");
            words.extend(
                pattern
                    .captures_iter(&text)
                    .map(|found| found[1].to_owned()),
            );
        }
    }
    words
}

fn words_of(table: &[WordRow]) -> BTreeSet<String> {
    table.iter().map(|(word, _)| (*word).to_owned()).collect()
}

#[test]
fn every_reason_and_result_that_is_recorded_is_in_the_tables() {
    let mut reasons = written(IN_SIGN_INS);
    reasons.extend(NEW_PASSWORD_REFUSED.map(str::to_owned));
    // Whoever sets up a passkey that exists is told so; it is not recorded.
    assert!(reasons.remove("taken"));
    assert_eq!(reasons, words_of(REASONS));
    assert_eq!(written(IN_LAUNCHES), words_of(LAUNCH_REASONS));
    let mut results = words_of(RESULTS);
    assert!(results.remove("taken, weaker"), "by an earlier release");
    assert_eq!(written(IN_ADMINISTRATION), results);
}

/// Launches and logouts have pages of their own; the others name no user.
#[test]
fn every_kind_that_a_user_may_cause_has_a_text_in_the_history() {
    let elsewhere = [
        "catalog",
        "client",
        "launch",
        "logout",
        "master_key",
        "registration_token",
    ];
    for kind in EventKind::ALL {
        let is_elsewhere = elsewhere.contains(&kind.noun());
        let has_words = kind.row().history.is_some();
        assert_ne!(is_elsewhere, has_words, "{}", kind.as_str());
    }
}

#[test]
fn names_are_a_noun_and_a_verb_and_unique() {
    let mut names = BTreeSet::new();
    for kind in EventKind::ALL {
        let row = kind.row();
        let (noun, verb) = row.name.split_once('.').expect("noun.verb");
        assert!(NOUNS.iter().any(|(known, _)| *known == noun), "{noun}");
        assert!(!verb.contains('.'), "{}", row.name);
        for name in row.old_names.iter().chain([&row.name]) {
            assert!(names.insert(*name), "{name} twice");
        }
    }
}

#[tokio::test]
async fn rows_of_earlier_releases_are_shown_and_found() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    make_admin(&usher, "ana").await;
    let user = ana.session().await.expect("signed in").user.id;
    for (id, kind, detail) in [
        ("evt_1", "sign_in.refused", "local: throttled"),
        ("evt_2", "session.ended", "local: upstream"),
        ("evt_3", "sessions.ended_others", "ses_1 ses_2"),
        ("evt_4", "devices.forgotten", ""),
        ("evt_5", "something.unknown", "what it was"),
    ] {
        let sql = "insert into events (id, at, kind, user_id, detail) values ($1, 1, $2, $3, $4)";
        let detail = Some(detail).filter(|detail| !detail.is_empty());
        let done = sqlx::query(sql)
            .bind(id)
            .bind(kind)
            .bind(user.as_str())
            .bind(detail)
            .execute(&mut usher.connection().await)
            .await;
        done.expect("written");
    }
    let page = ana.get("/account/history").await;
    for words in [
        "Too many attempts to sign in with",
        "Signed out by “Sign in with your Usher account”",
        "Signed out 2 other devices",
        "You removed all trusted devices",
        "Other activity",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    for (kind, words) in [
        ("sign_in.refused", "Reason: too many attempts"),
        ("sessions.ended_others", "Count: 2"),
        ("session.others_ended", "Signed out other devices"),
        ("session", "session.others_ended"),
        ("devices", "device.untrusted"),
        ("something", "Details: what it was"),
    ] {
        let page = ana.get(&format!("/admin/events?kind={kind}")).await;
        assert!(page.says(words), "{kind}: {}", page.text());
    }
}

#[tokio::test]
async fn what_an_event_was_done_to_is_named_in_the_admins_language() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    make_admin(&usher, "ana").await;
    let page = ana.get("/services/crm").await;
    ana.fill(&page, &[("Instance", "crm-us")]).await;
    for (language, kind, words) in [
        (
            "en",
            "sign_in",
            "Identity provider: Sign in with your Usher account local",
        ),
        (
            "de",
            "sign_in",
            "Identitätsanbieter: Sign in with your Usher account local",
        ),
        ("en", "instance", "Instance: CRM Americas crm-us"),
        ("de", "instance", "Instanz: CRM Americas crm-us"),
    ] {
        ana.headers = vec![("accept-language", language.to_owned())];
        let page = ana.get(&format!("/admin/events?kind={kind}")).await;
        assert!(page.says(words), "{words}: {}", page.text());
    }
    // What is gone has no name but its id.
    usher
        .change(|draft| {
            draft.instance("crm-us").slug = "crm-na".into();
            let americas = draft.rule("crm", "People in the Americas");
            americas.instances = vec!["crm-na".into()];
        })
        .await;
    let page = ana.get("/admin/events?kind=instance").await;
    assert!(page.says("Instanz: crm-us"), "{}", page.text());
}

#[tokio::test]
async fn reasons_are_shown_in_words_and_services_by_their_titles() {
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    make_admin(&usher, "ana").await;
    for (link, status) in [("/go/crm/customer/x", 400), ("/go/nowhere", 403)] {
        assert_eq!(ana.get(link).await.status, status, "{link}");
    }
    for (language, words) in [
        ("en", "Reason: the number or ID is not valid"),
        (
            "en",
            "Reason: the service does not exist, or this person has no access",
        ),
        ("de", "Grund: die Nummer oder ID ist ungültig"),
    ] {
        ana.headers = vec![("accept-language", language.to_owned())];
        let page = ana.get("/admin/events?kind=launch").await;
        assert!(page.says(words), "{words}: {}", page.text());
        assert!(page.body.contains("<code>crm</code>"), "{}", page.body);
        assert!(page.body.contains("<code>nowhere</code>"), "{}", page.body);
    }
}
