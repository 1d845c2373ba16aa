//! Specifics of Active Directory: names, accounts and groups against a real directory with as much
//! of its schema, and what only a domain controller does against one of our own.

use std::fmt::Write as _;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use usher::upstream::IdentityProvider;

use super::{NOW, change_password, groups, open, provider, sign_in, with};
use support::{
    domain_controller::{ACCOUNT, ANA, DOMAIN, DomainController, Entry, group, sid, user},
    slapd::{BASE, PASSWORD, Slapd, silent_server},
};

/// 100 ns since 1601.
fn filetime(seconds: i64) -> i64 {
    (seconds + 11_644_473_600) * 10_000_000
}

/// Users and groups as Active Directory has them, for slapd.
fn forest() -> String {
    let mut text = format!("dn: ou=corp,{BASE}\nobjectClass: organizationalUnit\nou: corp\n\n");
    let now = NOW.secs();
    for (sam, upn, state) in [
        (
            "ana",
            "ana.almeida@corp.example",
            "userAccountControl: 512\n".to_owned(),
        ),
        (
            "dora",
            "dora@corp.example",
            "userAccountControl: 514\n".to_owned(),
        ),
        (
            "emil",
            "emil@corp.example",
            format!("accountExpires: {}\n", filetime(now)),
        ),
        (
            "fred",
            "fred@corp.example",
            format!("accountExpires: {}\n", filetime(now + 1)),
        ),
        ("gina", "gina@corp.example", "pwdLastSet: 0\n".to_owned()),
        (
            "hugo",
            "hugo@corp.example",
            "pwdLastSet: 0\nuserAccountControl: 66048\n".to_owned(),
        ),
        ("mallory", "hugo", String::new()),
    ] {
        let number = text.len() as u32;
        let guid = BASE64_STANDARD.encode([sam.as_bytes()[0]; 16]);
        let sid = BASE64_STANDARD.encode(sid(number));
        let _ = write!(
            text,
            "dn: cn={sam},ou=corp,{BASE}\nobjectClass: user\ncn: {sam}\nsn: {sam}\n\
             displayName: {sam} of Corp\nobjectCategory: person\nsAMAccountName: {sam}\n\
             userPrincipalName: {upn}\nobjectGUID:: {guid}\nobjectSid:: {sid}\n\
             primaryGroupID: 513\nuserPassword: {PASSWORD}\n{state}\n"
        );
    }
    for (name, last, member) in [
        ("Domain Users", 513, None),
        ("Sales", 1200, Some("cn=ana")),
        ("All Sales", 1201, Some("cn=Sales")),
        ("Everybody", 1202, Some("cn=Domain Users")),
        ("Others", 1203, Some("cn=dora")),
    ] {
        let sid = BASE64_STANDARD.encode(sid(last));
        let member = member.map(|name| format!("member: {name},ou=corp,{BASE}\n"));
        let _ = write!(
            text,
            "dn: cn={name},ou=corp,{BASE}\nobjectClass: group\ncn: {name}\nobjectSid:: {sid}\n{}\n",
            member.unwrap_or_default()
        );
    }
    text
}

fn corp(changes: Value) -> Value {
    let mut settings = json!({
        "flavour": "active-directory", "base_dn": format!("ou=corp,{BASE}"),
        "group_base_dn": null, "nested_groups": null, "attributes": null,
    });
    for (name, value) in changes.as_object().expect("an object") {
        settings[name] = value.clone();
    }
    settings
}

#[tokio::test]
async fn one_filter_takes_account_names_principal_names_and_names_with_a_domain() {
    let slapd = Slapd::holding(&forest());
    let provider = provider(&slapd, corp(json!({})));
    let identity = sign_in(&*provider, "ana", PASSWORD).await.unwrap();
    assert_eq!(
        (identity.login.as_str(), identity.name.as_str()),
        ("ana", "ana of Corp")
    );
    assert_eq!(identity.subject, "61616161-6161-6161-6161-616161616161");
    for name in [
        "ANA",
        "ana.almeida@corp.example",
        "CORP\\ana",
        "corp\\Ana",
        " CORP\\ana ",
    ] {
        let answer = sign_in(&*provider, name, PASSWORD).await;
        assert_eq!(answer.as_ref(), Ok(&identity), "{name}");
    }
    for name in [
        "CORP\\",
        "\\",
        "CORP\\*",
        "CORP/ana",
        "ana@",
        "@corp.example",
        "CORP\\X\\ana",
    ] {
        let answer = sign_in(&*provider, name, PASSWORD).await;
        assert_eq!(answer, Err("wrong".to_owned()), "{name}");
    }
}

#[tokio::test]
async fn a_name_of_another_domain_is_unknown_where_the_domain_is_configured() {
    let slapd = Slapd::holding(&forest());
    let provider = provider(&slapd, corp(json!({"domain": "CORP"})));
    assert!(sign_in(&*provider, "corp\\ana", PASSWORD).await.is_ok());
    let answer = sign_in(&*provider, "OTHER\\ana", PASSWORD).await;
    assert_eq!(answer, Err("wrong".to_owned()));
}

#[tokio::test]
async fn a_principal_name_equal_to_another_users_account_name_is_not_that_user() {
    let slapd = Slapd::holding(&forest());
    let provider = provider(&slapd, corp(json!({})));
    let answer = sign_in(&*provider, "hugo", PASSWORD).await;
    assert_eq!(answer, Err("refused: ambiguous".to_owned()));
    let answer = sign_in(&*provider, "hugo@corp.example", PASSWORD).await;
    assert_eq!(answer.map(|identity| identity.login), Ok("hugo".to_owned()));
}

#[tokio::test]
async fn an_account_that_is_disabled_or_over_is_refused_though_the_directory_lets_it_in() {
    let slapd = Slapd::holding(&forest());
    for (name, changes, said) in [
        ("dora", "off", "refused: disabled"),
        ("emil", "off", "refused: account-expired"),
        ("gina", "off", "refused: expired"),
        ("gina", "rfc3062", "must be changed"),
    ] {
        let provider = provider(&slapd, corp(json!({"password_change": changes})));
        let answer = sign_in(&*provider, name, PASSWORD).await;
        assert_eq!(answer, Err(said.to_owned()), "{name}");
        let answer = sign_in(&*provider, name, "wrong").await;
        assert_eq!(answer, Err("wrong".to_owned()), "{name}");
    }
    let provider = provider(&slapd, corp(json!({})));
    for name in ["fred", "hugo@corp.example"] {
        assert!(sign_in(&*provider, name, PASSWORD).await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn the_primary_group_counts_and_the_groups_it_is_in() {
    let slapd = Slapd::holding(&forest());
    for (changes, expected) in [
        (
            json!({"nested_groups": true}),
            "All Sales,Domain Users,Everybody,Sales",
        ),
        (json!({"nested_groups": false}), "Domain Users,Sales"),
        (json!({"nested_groups": false, "group_base_dn": ""}), ""),
    ] {
        let provider = provider(&slapd, corp(changes.clone()));
        let identity = sign_in(&*provider, "ana", PASSWORD).await.unwrap();
        let found = identity
            .attributes
            .get("groups")
            .cloned()
            .unwrap_or_default();
        assert_eq!(found.join(","), expected, "{changes}");
    }
}

/// A domain controller whose references lead nowhere.
fn controller(entries: Vec<Entry>) -> DomainController {
    DomainController::start(entries, "127.0.0.1:1")
}

fn at(controller: &DomainController, changes: Value) -> Box<dyn IdentityProvider> {
    open(&with(controller.settings(), changes))
}

#[tokio::test]
async fn codes_that_follow_the_right_password_are_revealed_and_no_others() {
    let mut people = Vec::new();
    let cases = [
        ("530", "refused: not-now"),
        ("531", "refused: not-here"),
        ("532", "must be changed"),
        ("533", "refused: disabled"),
        ("701", "refused: account-expired"),
        ("773", "must be changed"),
        ("52f", "wrong"),
    ];
    for (code, _) in cases {
        people.push(Entry {
            code: Some(code),
            ..user(code)
        });
    }
    people.push(Entry {
        any_code: Some("775"),
        ..user("locked")
    });
    let controller = controller(people);
    let provider = at(&controller, json!({"password_change": "active-directory"}));
    for (code, said) in cases {
        let answer = sign_in(&*provider, code, PASSWORD).await;
        assert_eq!(answer, Err(said.to_owned()), "{code}");
        let answer = sign_in(&*provider, code, "wrong").await;
        assert_eq!(
            answer,
            Err("wrong".to_owned()),
            "{code}: a guess learns nothing"
        );
    }
    for (name, password) in [
        ("locked", PASSWORD),
        ("locked", "wrong"),
        ("nobody", PASSWORD),
    ] {
        let answer = sign_in(&*provider, name, password).await;
        assert_eq!(answer, Err("wrong".to_owned()), "{name}");
    }
    let off = at(&controller, json!({}));
    let answer = sign_in(&*off, "773", PASSWORD).await;
    assert_eq!(answer, Err("refused: expired".to_owned()));
}

#[tokio::test]
async fn groups_in_groups_are_one_question_to_the_directory() {
    let controller = controller(vec![
        user("Ana"),
        group("Domain Users", 513, &[]),
        group("Sales", 1, &[ANA]),
        group("All Sales", 2, &["CN=Sales,OU=Groups,DC=corp,DC=example"]),
        group(
            "Everybody",
            3,
            &["CN=Domain Users,OU=Groups,DC=corp,DC=example"],
        ),
        group("Others", 4, &["CN=Ben,OU=Staff,DC=corp,DC=example"]),
    ]);
    let provider = at(&controller, json!({}));
    let identity = sign_in(&*provider, "ana", PASSWORD).await.unwrap();
    assert_eq!(
        identity.attributes["groups"],
        ["All Sales", "Domain Users", "Everybody", "Sales"]
    );
    let log = controller.log();
    let searches = log.iter().filter(|line| line.starts_with("SEARCH"));
    assert_eq!(
        searches.count(),
        3,
        "the user, the primary group, the groups: {log:?}"
    );
}

#[tokio::test]
async fn references_to_other_partitions_are_not_wanted_and_not_followed() {
    let (elsewhere, address) = silent_server();
    elsewhere.set_nonblocking(true).unwrap();
    let controller = DomainController::start(vec![user("Ana")], &address);
    assert!(
        sign_in(&*at(&controller, json!({})), "ana", PASSWORD)
            .await
            .is_ok()
    );
    let log = controller.log();
    let searches = log.iter().filter(|line| line.starts_with("SEARCH"));
    assert!(
        searches
            .clone()
            .all(|line| line.contains("1.2.840.113556.1.4.1339")),
        "{log:?}"
    );
    assert!(elsewhere.accept().is_err(), "there was no connection to it");
}

#[tokio::test]
async fn more_groups_than_are_shown_at_once_come_in_pages() {
    let mut entries = vec![user("Ana")];
    entries.extend((0..1_200).map(|each| group(&format!("G{each:04}"), 2_000 + each, &[ANA])));
    let controller = controller(entries);
    let provider = at(&controller, json!({}));
    let identity = sign_in(&*provider, "ana", PASSWORD).await.unwrap();
    assert_eq!(identity.attributes["groups"].len(), 1_200);
    // Without pages the list would be cut short: then it is not known.
    let unpaged = at(&controller, json!({"page_size": 0}));
    let identity = sign_in(&*unpaged, "ana", PASSWORD).await.unwrap();
    assert!(identity.incomplete.contains("groups"));
    assert_eq!(identity.attributes.get("groups"), None);
}

#[tokio::test]
async fn more_values_than_are_shown_at_once_come_in_ranges() {
    let count = 3_200;
    let ana = (0..count).fold(user("Ana"), |ana, each| {
        ana.with("memberOf", format!("CN=G{each:04},OU=Groups,{DOMAIN}"))
    });
    let controller = controller(vec![ana]);
    let provider = at(&controller, json!({"group_base_dn": ""}));
    let identity = sign_in(&*provider, "ana", PASSWORD).await.unwrap();
    assert_eq!(identity.attributes["groups"].len(), count);
}

#[tokio::test]
async fn of_more_groups_than_are_kept_none_is_known() {
    let ana = (0..8_000).fold(user("Ana"), |ana, each| {
        ana.with("memberOf", format!("CN=G{each:04},OU=Groups,{DOMAIN}"))
    });
    let controller = controller(vec![ana]);
    let provider = at(&controller, json!({"group_base_dn": ""}));
    let identity = sign_in(&*provider, "ana", PASSWORD).await.unwrap();
    assert!(identity.incomplete.contains("groups"));
    assert_eq!(identity.attributes.get("groups"), None);
}

#[tokio::test]
async fn a_mapped_attribute_that_comes_in_ranges_is_read_whole_or_not_known() {
    for (count, known) in [(3_200, true), (8_000, false)] {
        let ana = (0..count).fold(user("Ana"), |ana, each| {
            ana.with("otherMailbox", format!("ana{each}@example.org"))
        });
        let controller = controller(vec![ana]);
        let mapped = json!({"group_base_dn": "", "attributes": {"boxes": "otherMailbox"}});
        let identity = sign_in(&*at(&controller, mapped), "ana", PASSWORD).await;
        let identity = identity.unwrap();
        let boxes = identity.attributes.get("boxes").map(Vec::len);
        assert_eq!(boxes, known.then_some(count));
        assert_eq!(identity.incomplete.contains("boxes"), !known);
    }
}

const NEW: &str = "Grüße 2026";

#[tokio::test]
async fn a_password_is_changed_as_the_user_or_for_a_user_who_cannot_bind() {
    let must = Entry {
        code: Some("773"),
        ..user("Must")
    };
    let controller = controller(vec![user("Ana"), must]);
    let provider = at(&controller, json!({"password_change": "active-directory"}));
    for (name, bound) in [("ana", ANA), ("CORP\\must", ACCOUNT)] {
        assert_eq!(
            change_password(&*provider, name, PASSWORD, NEW).await,
            Ok(()),
            "{name}"
        );
        let log = controller.log();
        let line = log.iter().rfind(|line| line.starts_with("MODIFY")).unwrap();
        assert!(line.ends_with(&format!("as {bound}")), "{line}");
        assert!(sign_in(&*provider, name, NEW).await.is_ok(), "{name}");
        let old = sign_in(&*provider, name, PASSWORD).await;
        assert_eq!(old, Err("wrong".to_owned()), "{name}");
    }
}

#[tokio::test]
async fn a_change_that_is_refused_says_which_password_is_at_fault() {
    let disabled = Entry {
        code: Some("533"),
        ..user("Dora")
    };
    let must = Entry {
        code: Some("773"),
        ..user("Must")
    };
    let controller = controller(vec![user("Ana"), disabled, must]);
    let provider = at(&controller, json!({"password_change": "active-directory"}));
    for (name, old, new, said) in [
        ("ana", "wrong", NEW, "wrong"),
        ("nobody", PASSWORD, NEW, "wrong"),
        ("ana", PASSWORD, "short", "refused: weak-password"),
        ("must", PASSWORD, "short", "refused: weak-password"),
        ("dora", PASSWORD, NEW, "refused: disabled"),
        ("dora", "wrong", NEW, "wrong"),
    ] {
        let answer = change_password(&*provider, name, old, new).await;
        assert_eq!(answer, Err(said.to_owned()), "{name} {new}");
    }
    assert!(
        sign_in(&*provider, "ana", PASSWORD).await.is_ok(),
        "nothing was changed"
    );
}

#[test]
fn a_password_is_never_changed_in_clear() {
    for change in ["rfc3062", "active-directory"] {
        let settings = json!({
            "servers": ["ldap://127.0.0.1"], "allow_plain_text": true, "base_dn": BASE,
            "password_change": change,
        });
        let error = super::try_to_open(settings.as_object().unwrap())
            .err()
            .unwrap();
        assert!(
            error.contains("\"password_change\": needs ldaps://"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn what_is_usual_in_active_directory_needs_no_saying() {
    let controller = controller(vec![user("Ana"), group("Sales", 1, &[ANA])]);
    let said = at(&controller, json!({})).check().await.unwrap();
    assert!(said.ends_with(": 1 users"), "{said}");
    let identity = sign_in(&*at(&controller, json!({})), "ana@corp.example", PASSWORD).await;
    assert_eq!(groups(&identity.unwrap()), "Sales");
}
