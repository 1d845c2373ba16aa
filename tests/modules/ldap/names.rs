//! Names and passwords as they are typed, and entries that have several of what most have one of.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use super::{groups, provider, sign_in};
use support::{
    browser::Browser,
    slapd::{BASE, PASSWORD, Slapd},
    upstream::{Upstream, house_with},
};

/// Eva has two names, and is in a group of each kind.
fn eva(password: &str) -> String {
    let secret = STANDARD.encode(password);
    format!(
        "dn: uid=eva,ou=people,{BASE}\nobjectClass: inetOrgPerson\nuid: eva\nuid: eva.ng\n\
         cn: Eva Ng\nsn: Ng\nuserPassword:: {secret}\n\n\
         dn: cn=by-member,ou=groups,{BASE}\nobjectClass: groupOfNames\ncn: by-member\n\
         member: uid=eva,ou=people,{BASE}\n\n\
         dn: cn=by-unique-member,ou=groups,{BASE}\nobjectClass: groupOfUniqueNames\n\
         cn: by-unique-member\nuniqueMember: uid=eva,ou=people,{BASE}\n\n\
         dn: cn=by-first-name,ou=groups,{BASE}\nobjectClass: posixGroup\ncn: by-first-name\n\
         gidNumber: 601\nmemberUid: eva\n\n\
         dn: cn=by-other-name,ou=groups,{BASE}\nobjectClass: posixGroup\ncn: by-other-name\n\
         gidNumber: 602\nmemberUid: eva.ng\n\n"
    )
}

#[tokio::test]
async fn groups_are_found_by_member_unique_member_and_member_uid() {
    let slapd = Slapd::holding(&eva(PASSWORD));
    let provider = provider(&slapd, json!({"nested_groups": null}));
    let identity = sign_in(&*provider, "eva", PASSWORD).await.unwrap();
    assert_eq!(
        groups(&identity),
        "by-first-name by-member by-other-name by-unique-member"
    );
}

#[tokio::test]
async fn of_two_names_it_is_not_the_typed_one_that_decides() {
    let slapd = Slapd::holding(&eva(PASSWORD));
    let provider = provider(&slapd, json!({"nested_groups": null}));
    let mut found = Vec::new();
    for typed in ["eva", "eva.ng", "EVA.NG"] {
        let identity = sign_in(&*provider, typed, PASSWORD).await.unwrap();
        found.push((identity.login.clone(), identity.other_logins.clone()));
        assert_eq!(groups(&identity).split(' ').count(), 4);
    }
    assert_eq!(found[0], ("eva".to_owned(), vec!["eva.ng".to_owned()]));
    assert!(found.iter().all(|one| *one == found[0]), "{found:?}");
}

#[tokio::test]
async fn a_password_is_the_same_however_it_is_composed() {
    let (composed, decomposed) = (
        "Gr\u{fc}\u{df}e aus K\u{f6}ln",
        "Gru\u{308}\u{df}e aus Ko\u{308}ln",
    );
    // The directory keeps either form: what was typed is tried as it is, too.
    for kept in [composed, decomposed] {
        let slapd = Slapd::holding(&eva(kept));
        let provider = provider(&slapd, json!({"nested_groups": null}));
        assert!(sign_in(&*provider, "eva", kept).await.is_ok());
        let other = sign_in(&*provider, "eva", decomposed).await;
        assert!(other.is_ok(), "{other:?}");
        let wrong = sign_in(&*provider, "eva", "Gru\u{308}nde aus Ko\u{308}ln").await;
        assert_eq!(wrong, Err("wrong".to_owned()));
    }
}

#[tokio::test]
async fn the_name_on_record_stays_while_the_entry_still_has_it() {
    let slapd = Slapd::holding(&eva(PASSWORD));
    let usher = house_with(&[Upstream::new("ldap", "ldap", slapd.settings())]).await;
    for (on_record, typed, wanted) in [
        (None, "eva.ng", "eva"),
        (Some("eva.ng"), "eva", "eva.ng"),
        (Some("EVA.ng"), "eva", "eva.ng"),
        (Some("gone"), "eva.ng", "eva"),
    ] {
        if let Some(login) = on_record {
            sqlx::query("update users set login = $1")
                .bind(login)
                .execute(&mut usher.connection().await)
                .await
                .expect("done");
        }
        let mut browser = Browser::new(&usher);
        let form = browser.get("/sign-in?provider=ldap").await;
        let filled = [("Username", typed), ("Password", PASSWORD)];
        let page = browser.fill(&form, &filled).await;
        let who = browser.session().await;
        let who = who.unwrap_or_else(|| panic!("not in: {}", page.text()));
        assert_eq!(who.user.login, wanted, "{on_record:?} {typed}");
    }
}
