//! Directories that return only a limited number at once.

use std::{fmt::Write as _, sync::Arc};

use serde_json::json;
use usher::upstream::IdentityProvider;

use super::{provider, sign_in};
use support::slapd::{BASE, PASSWORD, Slapd};

/// More groups than slapd sends at once, all with Ana in them.
fn groups() -> String {
    let mut text = String::new();
    for number in 0..1_100 {
        let _ = write!(
            text,
            "dn: cn=many{number:04},ou=groups,{BASE}\nobjectClass: groupOfNames\n\
             cn: many{number:04}\nmember: uid=ana,ou=people,{BASE}\n\n"
        );
    }
    text
}

#[tokio::test]
async fn a_user_in_more_groups_than_are_sent_at_once_has_them_all() {
    let slapd = Slapd::holding(&groups());
    let paged = json!({"page_size": 100, "nested_groups": null});
    let provider = provider(&slapd, paged);
    for _ in 0..2 {
        let identity = sign_in(&*provider, "ana", PASSWORD).await.unwrap();
        assert_eq!(identity.attributes["groups"].len(), 1_103);
    }
    let log = slapd.log();
    let pages = log.matches("SRCH base=\"ou=groups").count();
    assert_eq!(pages, 24, "twelve pages each time");
}

#[tokio::test]
async fn groups_that_are_cut_short_are_not_known_and_no_shorter_list() {
    let slapd = Slapd::holding(&groups());
    let unpaged = json!({"page_size": 0, "nested_groups": null});
    let identity = sign_in(&*provider(&slapd, unpaged), "ana", PASSWORD).await;
    let identity = identity.unwrap();
    assert!(identity.incomplete.contains("groups"));
    assert_eq!(identity.attributes.get("groups"), None);
}

#[tokio::test]
async fn many_users_at_once_in_many_groups_do_not_disturb_each_others_pages() {
    let slapd = Slapd::holding(&groups());
    let paged = json!({"page_size": 100, "nested_groups": null});
    let provider: Arc<dyn IdentityProvider> = provider(&slapd, paged).into();
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let provider = provider.clone();
            tokio::spawn(async move { sign_in(&*provider, "ana", PASSWORD).await })
        })
        .collect();
    for task in tasks {
        let identity = task.await.unwrap().unwrap();
        assert_eq!(identity.attributes["groups"].len(), 1_103);
    }
}

#[tokio::test]
async fn check_looks_at_a_thousand_users_and_no_further() {
    let mut text = String::new();
    for number in 0..1_000 {
        let _ = write!(
            text,
            "dn: uid=temp{number:04},ou=people,{BASE}\nobjectClass: inetOrgPerson\n\
             uid: temp{number:04}\ncn: Temp\nsn: Temp\n\n"
        );
    }
    let slapd = Slapd::holding(&text);
    let provider = provider(&slapd, json!({"page_size": 100}));
    let said = provider.check().await.unwrap();
    assert!(said.ends_with(": 1100 or more users"), "{said}");
    let log = slapd.log();
    let pages = log.matches("SRCH base=\"dc=example,dc=org\"").count();
    assert_eq!(pages, 12, "eleven pages, and a word that it is enough");
}
