//! Sign-in by LDAP against a real slapd: what must work, and what was tried against others.

mod active_directory;
mod names;
mod paging;
mod policy;
mod pool;
mod servers;

use std::{collections::BTreeMap, time::Duration};

use serde_json::{Value, json};
use usher::{
    clock::{Clock, Time},
    kind::{BoxFuture, Settings},
    model::identity::Identity,
    upstream::{
        Credentials, Entries, IdentityProvider, ProviderFailure, ProviderResponse, UpstreamArrival,
        ldap,
    },
};
use zeroize::Zeroizing;

use support::{
    slapd::{BASE, PASSWORD, Slapd, silent_server},
    uncounted::{Uncounted, client},
};

/// What a sign-in may take by default.
const PATIENCE: Duration = Duration::from_secs(8);
const NOW: Time = Time::from_secs(1_795_000_000);

/// Settings with some changed; `null` removes.
fn with(mut settings: Settings, changes: Value) -> Settings {
    for (name, value) in changes.as_object().expect("an object") {
        settings.insert(name.clone(), value.clone());
    }
    settings.retain(|_, value| !value.is_null());
    settings
}

fn try_to_open(settings: &Settings) -> Result<Box<dyn IdentityProvider>, String> {
    ldap::open(settings, &Clock::manual(NOW), PATIENCE)
}

fn open(settings: &Settings) -> Box<dyn IdentityProvider> {
    try_to_open(settings).unwrap_or_else(|error| panic!("{error}"))
}

/// A provider for this directory with some settings changed.
fn provider(slapd: &Slapd, changes: Value) -> Box<dyn IdentityProvider> {
    open(&with(slapd.settings(), changes))
}

fn typed(name: &str, password: &str) -> Credentials {
    Credentials {
        name: name.to_owned(),
        password: Zeroizing::new(password.to_owned()),
    }
}

/// The identity, or the reason why there is none.
async fn sign_in(
    provider: &dyn IdentityProvider,
    name: &str,
    password: &str,
) -> Result<Identity, String> {
    let arrival = UpstreamArrival {
        answer: &ProviderResponse::Password(typed(name, password)),
        memory: None,
        client: &client(),
        entries: &Uncounted,
        now: NOW,
    };
    let vouched = provider.complete(&arrival).await;
    vouched.map(|vouched| vouched.identity).map_err(word)
}

async fn change_password(
    provider: &dyn IdentityProvider,
    name: &str,
    old: &str,
    new: &str,
) -> Result<(), String> {
    let old = typed(name, old);
    let changed = provider.change_password(&old, new, &Uncounted);
    changed.await.map_err(word)
}

fn word(failure: ProviderFailure) -> String {
    match failure {
        ProviderFailure::Wrong => "wrong".to_owned(),
        ProviderFailure::Refused(why) => format!("refused: {why}"),
        ProviderFailure::Down(why) => format!("down: {why}"),
        ProviderFailure::Busy => "busy".to_owned(),
        ProviderFailure::Expired => "must be changed".to_owned(),
        other => format!("{other:?}"),
    }
}

async fn ana(provider: &dyn IdentityProvider) -> Result<Identity, String> {
    sign_in(provider, "ana", PASSWORD).await
}

/// Signing in Ana fails as "down", with these words for the log.
async fn assert_down(provider: &dyn IdentityProvider, words: &str) {
    let failure = ana(provider).await.expect_err("it is down");
    assert!(
        failure.starts_with("down: ") && failure.contains(words),
        "{failure}"
    );
    assert!(!failure.contains("ana"), "the log names no user: {failure}");
}

fn groups(identity: &Identity) -> String {
    identity
        .attributes
        .get("groups")
        .cloned()
        .unwrap_or_default()
        .join(" ")
}

#[tokio::test]
async fn the_right_password_over_ldaps_gives_an_identity_with_mapped_attributes_and_nested_groups()
{
    let slapd = Slapd::start();
    let identity = ana(&*provider(&slapd, json!({}))).await.unwrap();
    assert_eq!(
        (identity.login.as_str(), identity.name.as_str()),
        ("ana", "Ana Almeida")
    );
    assert_eq!(
        identity.subject.len(),
        36,
        "an entryUUID: {}",
        identity.subject
    );
    let expected = BTreeMap::from([
        ("department", vec!["sales"]),
        (
            "groups",
            vec!["all-sales", "company", "sales", "sales-emea", "staff"],
        ),
        ("mail", vec!["ana.almeida@example.org"]),
        ("region", vec!["europe"]),
    ]);
    let found: BTreeMap<_, Vec<_>> = identity.attributes.iter().map(texts).collect();
    assert_eq!(found, expected);
}

fn texts<'a>((name, values): (&'a String, &'a Vec<String>)) -> (&'a str, Vec<&'a str>) {
    (name, values.iter().map(String::as_str).collect())
}

#[tokio::test]
async fn start_tls_gives_the_same_identity_and_verifies_the_same() {
    let slapd = Slapd::start();
    let over_tls = ana(&*provider(&slapd, json!({}))).await.unwrap();
    let start_tls = json!({"servers": [slapd.ldap_url()], "start_tls": true});
    assert_eq!(ana(&*provider(&slapd, start_tls)).await, Ok(over_tls));
    assert!(slapd.log().contains("STARTTLS"), "{}", slapd.log());

    let strangers = json!({"servers": [slapd.ldap_url()], "start_tls": true, "ca_pem": null});
    assert_down(
        &*provider(&slapd, strangers),
        "signed by an unknown authority",
    )
    .await;
}

#[tokio::test]
async fn a_subject_is_permanent_and_unique_to_a_user() {
    let slapd = Slapd::start();
    let provider = provider(&slapd, json!({}));
    let one = ana(&*provider).await.unwrap();
    assert_eq!(ana(&*provider).await.unwrap().subject, one.subject);
    assert_ne!(
        sign_in(&*provider, "ben", PASSWORD).await.unwrap().subject,
        one.subject
    );
}

#[tokio::test]
async fn an_unknown_user_gets_the_same_answer_for_the_same_work_as_a_wrong_password() {
    let slapd = Slapd::start();
    let provider = provider(&slapd, json!({}));
    ana(&*provider).await.unwrap();
    let mut work = Vec::new();
    for name in ["ana", "nobody"] {
        let before = operations(&slapd);
        assert_eq!(
            sign_in(&*provider, name, "wrong").await,
            Err("wrong".to_owned())
        );
        let after = operations(&slapd);
        work.push((after.0 - before.0, after.1 - before.1));
    }
    assert_eq!(work, [(1, 1), (1, 1)], "one search and one bind for each");
}

/// How many searches and binds the server has seen.
fn operations(slapd: &Slapd) -> (usize, usize) {
    let log = slapd.log();
    (
        log.matches("SRCH base=").count(),
        log.matches("BIND dn=").count() - rebinds(&log),
    )
}

/// slapd writes a second line for a bind that succeeds.
fn rebinds(log: &str) -> usize {
    log.matches("mech=SIMPLE").count()
}

#[tokio::test]
async fn searches_share_one_connection_on_which_no_user_is_ever_bound() {
    let slapd = Slapd::start();
    let provider = provider(&slapd, json!({}));
    for _ in 0..3 {
        ana(&*provider).await.unwrap();
    }
    let log = slapd.log();
    let connections = |what: &str| -> Vec<String> {
        let lines = log.lines().filter(|line| line.contains(what));
        let mut all: Vec<_> = lines.filter_map(connection).collect();
        all.sort();
        all.dedup();
        all
    };
    let (searched, bound) = (connections("SRCH base="), connections("BIND dn=\"uid=ana"));
    assert_eq!(searched.len(), 1, "{log}");
    assert_eq!(bound.len(), 3, "{log}");
    assert!(!bound.contains(&searched[0]), "{log}");
}

fn connection(line: &str) -> Option<String> {
    let word = line.split(' ').find(|word| word.starts_with("conn="));
    word.map(str::to_owned)
}

#[tokio::test]
async fn an_empty_password_never_reaches_the_directory() {
    let (listener, address) = silent_server();
    listener.set_nonblocking(true).unwrap();
    let settings = json!({
        "servers": [format!("ldap://{address}")], "allow_plain_text": true, "base_dn": BASE,
    });
    let provider = open(settings.as_object().unwrap());
    for (name, password) in [
        ("ana", ""),
        ("ana", "\0"),
        ("", "x"),
        (" ", "x"),
        ("an\0a", "x"),
    ] {
        assert_eq!(
            sign_in(&*provider, name, password).await,
            Err("wrong".to_owned())
        );
    }
    let long = "a".repeat(257);
    assert_eq!(
        sign_in(&*provider, &long, PASSWORD).await,
        Err("wrong".to_owned())
    );
    assert!(listener.accept().is_err(), "there was no connection");
}

#[tokio::test]
async fn filter_metacharacters_in_a_name_match_no_user() {
    let slapd = Slapd::start();
    let provider = provider(&slapd, json!({}));
    let names = [
        "*",
        "an*",
        "a?a",
        ")(uid=*",
        "ana)(|(uid=*",
        "*)(uid=ana",
        "ana)(objectClass=*",
        "ana\0",
        "\\61na",
        "ana\\",
        "ana))(&(uid=ana",
        "{login}",
        "(uid=ana)",
        "ana,ou=people",
        "&",
        "|",
    ];
    for name in names {
        let answer = sign_in(&*provider, name, PASSWORD).await;
        assert_eq!(answer, Err("wrong".to_owned()), "{name:?}");
    }
    assert!(ana(&*provider).await.is_ok());
}

#[tokio::test]
async fn a_name_that_two_users_have_is_refused() {
    let slapd = Slapd::start();
    let settings = json!({});
    let answer = sign_in(&*provider(&slapd, settings), "twin", PASSWORD).await;
    assert_eq!(answer, Err("refused: ambiguous".to_owned()));
    // With more hits than are asked for, too.
    let wide = json!({"user_filter": "(|(uid={login})(objectClass=inetOrgPerson))"});
    let answer = ana(&*provider(&slapd, wide)).await;
    assert_eq!(answer, Err("refused: ambiguous".to_owned()));
}

#[tokio::test]
async fn an_entry_without_its_lasting_id_is_down_and_names_the_setting() {
    let slapd = Slapd::start();
    let settings = json!({"subject_attribute": "employeeNumber"});
    assert_down(&*provider(&slapd, settings), "has no employeeNumber").await;
}

#[tokio::test]
async fn groups_come_from_member_of_from_a_search_or_from_both() {
    let slapd = Slapd::start();
    let on_entry = json!({"group_base_dn": null, "nested_groups": null});
    let searched = json!({"member_of_attribute": "", "nested_groups": null});
    let nested = json!({"member_of_attribute": ""});
    let neither = json!({"member_of_attribute": "", "group_base_dn": null, "nested_groups": null});
    for (changes, name, expected) in [
        (&on_entry, "ana", "sales sales-emea staff"),
        (&searched, "ana", "sales sales-emea staff"),
        (&nested, "ana", "all-sales company sales sales-emea staff"),
        (&on_entry, "ben", "staff support"),
        (&searched, "ben", "printers staff support"),
        (&nested, "cleo", "admins circle-a circle-b staff"),
        (&neither, "ana", ""),
    ] {
        let identity = sign_in(&*provider(&slapd, changes.clone()), name, PASSWORD)
            .await
            .unwrap();
        assert_eq!(groups(&identity), expected, "{name} with {changes}");
    }
}

#[tokio::test]
async fn a_group_outside_the_place_of_groups_does_not_count() {
    let slapd = Slapd::start();
    let elsewhere = json!({"group_base_dn": format!("ou=partners,{BASE}")});
    let identity = ana(&*provider(&slapd, elsewhere)).await.unwrap();
    assert_eq!(groups(&identity), "");
}

#[tokio::test]
async fn a_name_in_another_case_is_the_same_user_as_the_directory_spells_it() {
    let slapd = Slapd::start();
    let provider = provider(&slapd, json!({}));
    let identity = ana(&*provider).await.unwrap();
    for name in ["ANA", "Ana", " ana "] {
        assert_eq!(
            sign_in(&*provider, name, PASSWORD).await.as_ref(),
            Ok(&identity),
            "{name:?}"
        );
    }
    assert_eq!(
        sign_in(&*provider, "ana", &PASSWORD.to_uppercase()).await,
        Err("wrong".into())
    );
}

#[tokio::test]
async fn a_spelling_that_only_the_directory_takes_for_the_same_name_is_no_way_around_a_limit() {
    let slapd = Slapd::start();
    let provider = provider(&slapd, json!({}));
    for name in ["\u{ff41}na", "\u{ff41}\u{ff4e}\u{ff41}", "\u{aa}na"] {
        let answer = sign_in(&*provider, name, PASSWORD).await;
        assert_eq!(answer, Err("wrong".to_owned()), "{name:?}");
    }
    assert!(!slapd.log().contains("SRCH"));
}

#[tokio::test]
async fn fifty_users_at_once_each_get_their_own_identity() {
    let slapd = Slapd::start();
    let provider: std::sync::Arc<dyn IdentityProvider> = provider(&slapd, json!({})).into();
    let tasks: Vec<_> = (1..=50)
        .map(|user| {
            let provider = provider.clone();
            tokio::spawn(async move {
                let name = format!("user{user:03}");
                (
                    sign_in(&*provider, &name, PASSWORD).await.unwrap().login,
                    name,
                )
            })
        })
        .collect();
    for task in tasks {
        let (login, name) = task.await.unwrap();
        assert_eq!(login, name);
    }
}

/// The entries that a limiter counted.
#[derive(Default)]
struct CountedEntries(std::sync::Mutex<Vec<String>>);

impl Entries for CountedEntries {
    fn count<'a>(&'a self, entry: &'a str) -> BoxFuture<'a, Result<(), ProviderFailure>> {
        let mut told = self.0.lock().expect("no panic");
        told.push(entry.to_owned());
        let first = told.len() == 1;
        let span = std::time::Duration::from_secs(60);
        Box::pin(async move {
            match first {
                true => Ok(()),
                false => Err(ProviderFailure::Throttled { span, first }),
            }
        })
    }
}

/// A directory accepts more spellings than a limiter knows: the entry that was found is counted,
/// and once its limit is reached its password is not tried.
#[tokio::test]
async fn brute_force_by_several_names_of_one_entry_is_counted_as_one() {
    let slapd = Slapd::start();
    let by_mail = json!({ "user_filter": "(|(uid={login})(mail={login}))" });
    let provider = provider(&slapd, by_mail);
    ana(&*provider)
        .await
        .expect("the account's connections are made");
    let told = CountedEntries::default();
    let mut outcomes = Vec::new();
    for name in ["ana", "ana.almeida@example.org"] {
        let arrival = UpstreamArrival {
            answer: &ProviderResponse::Password(typed(name, "wrong")),
            memory: None,
            client: &client(),
            entries: &told,
            now: NOW,
        };
        let binds = operations(&slapd).1;
        let failure = provider.complete(&arrival).await.expect_err("it is wrong");
        outcomes.push((word(failure), operations(&slapd).1 - binds));
    }
    assert_eq!(outcomes[0], ("wrong".to_owned(), 1));
    assert!(outcomes[1].0.starts_with("Throttled") && outcomes[1].1 == 0);
    let told = told.0.into_inner().expect("no panic");
    assert_eq!(told[0], told[1], "one entry");
    assert!(told[0].starts_with("uid=ana,"), "{told:?}");
}
