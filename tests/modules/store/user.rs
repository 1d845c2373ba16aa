//! Users, the identities they are known by, and local accounts.

use std::collections::BTreeMap;

use usher::{id::UserId, store::LocalAccount};

use super::{TestStore, write};

#[tokio::test]
async fn a_user_is_kept_refreshed_and_disabled() {
    let cellar = TestStore::open().await;
    let mut ana = cellar.user("ana").await;
    let (now, id) = (cellar.now(), ana.id.clone());
    let facts = BTreeMap::from([(
        "groups".to_owned(),
        vec!["söles, \"a\"".to_owned(), "b".to_owned()],
    )]);
    ana.attributes.refresh("ldap", &facts);
    (ana.login, ana.name) = ("ana2".to_owned(), "Ana 'the second'".to_owned());
    write!(cellar, tx => tx.refresh_user(&ana, now));
    let kept = cellar
        .store
        .user(&id)
        .await
        .expect("an answer")
        .expect("ana");
    assert_eq!((kept.login, kept.name), (ana.login, ana.name));
    assert_eq!(kept.attributes, ana.attributes);
    assert_eq!(kept.disabled_at, None);
    assert!(write!(cellar, tx => tx.disable_user(&id, Some(now))));
    let kept = cellar
        .store
        .user(&id)
        .await
        .expect("an answer")
        .expect("ana");
    assert_eq!(kept.disabled_at, Some(now));
    assert!(write!(cellar, tx => tx.disable_user(&id, None)));
    let stranger = UserId::new(now, &cellar.chance);
    assert!(!write!(cellar, tx => tx.disable_user(&stranger, Some(now))));
    assert!(
        cellar
            .store
            .user(&stranger)
            .await
            .expect("an answer")
            .is_none()
    );
}

/// THREATS: account-linking takeover. An identity of one user stays theirs.
#[tokio::test]
async fn an_identity_belongs_to_one_user() {
    let cellar = TestStore::open().await;
    let (ana, ben) = (cellar.user("ana").await, cellar.user("ben").await);
    let now = cellar.now();
    assert!(write!(cellar, tx => tx.insert_identity("ldap", "uid-1", &ana.id, now)));
    for user in [&ana, &ben] {
        assert!(!write!(cellar, tx => tx.insert_identity("ldap", "uid-1", &user.id, now)));
    }
    assert!(write!(cellar, tx => tx.insert_identity("local", "uid-1", &ben.id, now)));
    for (provider, subject, who) in [
        ("ldap", "uid-1", Some(&ana)),
        ("local", "uid-1", Some(&ben)),
        ("ldap", "UID-1", None),
        ("ldap", "ana", None),
        ("", "uid-1", None),
    ] {
        let found = cellar.store.user_by_identity(provider, subject).await;
        let found = found.expect("an answer").map(|user| user.id);
        assert_eq!(
            found,
            who.map(|user| user.id.clone()),
            "{provider} {subject}"
        );
    }
}

#[tokio::test]
async fn a_local_account_keeps_its_subject_whatever_else_changes() {
    let cellar = TestStore::open().await;
    let now = cellar.now();
    let first = LocalAccount {
        login: "ana".to_owned(),
        subject: "subject-1".to_owned(),
        name: "Ana".to_owned(),
        attributes: BTreeMap::from([("region".to_owned(), vec!["europe".to_owned()])]),
        password_hash: "hash-1".to_owned(),
        disabled_at: None,
    };
    let second = LocalAccount {
        subject: "subject-2".to_owned(),
        name: "Ana A.".to_owned(),
        attributes: BTreeMap::new(),
        password_hash: "hash-2".to_owned(),
        disabled_at: Some(now),
        ..first.clone()
    };
    for (put, owner) in [(&first, Some("seed")), (&second, None)] {
        write!(cellar, tx => tx.put_local_account(put, owner, now));
        let kept = cellar.store.local_account("ana").await.expect("an answer");
        let kept = kept.expect("an account");
        assert_eq!(kept.subject, "subject-1");
        assert_eq!(
            (kept.name, kept.attributes),
            (put.name.clone(), put.attributes.clone())
        );
        assert_eq!(kept.password_hash, put.password_hash);
        assert_eq!(kept.disabled_at, put.disabled_at);
    }
    for stranger in ["ben", "ANA", "", "ana' --"] {
        let found = cellar
            .store
            .local_account(stranger)
            .await
            .expect("an answer");
        assert!(found.is_none(), "{stranger}");
    }
}
