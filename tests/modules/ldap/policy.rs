//! Passwords that have expired, were reset or are locked away, by OpenLDAP's own policies; and
//! changing them (RFC 3062).

use serde_json::{Value, json};
use usher::upstream::IdentityProvider;

use super::{change_password, provider, sign_in};
use support::slapd::{BASE, PASSWORD, Slapd};

const NEW: &str = "a new and longer password";

/// Policies, and users each with one.
fn users() -> String {
    let mut text =
        format!("dn: ou=policies,{BASE}\nobjectClass: organizationalUnit\nou: policies\n\n");
    for (name, rules) in [
        ("ageing", "pwdMaxAge: 86400"),
        ("graceful", "pwdMaxAge: 86400\npwdGraceAuthNLimit: 2"),
        ("reset", "pwdMustChange: TRUE"),
        ("locked", "pwdLockout: TRUE"),
        (
            "strict",
            "pwdCheckQuality: 2\npwdMinLength: 12\npwdInHistory: 3",
        ),
        ("young", "pwdMinAge: 2000000000"),
        ("fixed", "pwdAllowUserChange: FALSE"),
    ] {
        text += &format!(
            "dn: cn={name},ou=policies,{BASE}\nobjectClass: device\nobjectClass: pwdPolicy\n\
             cn: {name}\npwdAttribute: userPassword\n{rules}\n\n"
        );
    }
    for (uid, policy, state) in [
        ("eva", "ageing", "pwdChangedTime: 20200101000000Z\n"),
        ("gus", "graceful", "pwdChangedTime: 20200101000000Z\n"),
        ("rita", "reset", "pwdReset: TRUE\n"),
        ("lou", "locked", "pwdAccountLockedTime: 000001010000Z\n"),
        ("stan", "strict", ""),
        ("yves", "young", "pwdChangedTime: 20200101000000Z\n"),
        ("fay", "fixed", ""),
    ] {
        text += &format!(
            "dn: uid={uid},ou=people,{BASE}\nobjectClass: inetOrgPerson\nuid: {uid}\ncn: {uid}\n\
             sn: {uid}\nuserPassword: {PASSWORD}\n\
             pwdPolicySubentry: cn={policy},ou=policies,{BASE}\n{state}\n"
        );
    }
    text
}

async fn word(provider: &dyn IdentityProvider, name: &str, password: &str) -> String {
    match sign_in(provider, name, password).await {
        Ok(_) => "in".to_owned(),
        Err(word) => word,
    }
}

#[tokio::test]
async fn a_password_expired_or_reset_is_distinguished_from_a_wrong_one_and_a_locked_one_is_not() {
    let slapd = Slapd::holding(&users());
    for (change, right) in [("off", "refused: expired"), ("rfc3062", "must be changed")] {
        let provider = provider(&slapd, json!({"password_change": change}));
        for (name, said) in [
            ("eva", right),
            ("rita", right),
            ("lou", "wrong"),
            ("stan", "in"),
        ] {
            assert_eq!(word(&*provider, name, PASSWORD).await, said, "{name}");
            assert_eq!(word(&*provider, name, "wrong").await, "wrong", "{name}");
        }
    }
}

#[tokio::test]
async fn an_expired_password_lets_in_as_often_as_the_directory_is_gracious() {
    let slapd = Slapd::holding(&users());
    let provider = provider(&slapd, json!({}));
    for said in ["in", "in", "refused: expired"] {
        assert_eq!(word(&*provider, "gus", PASSWORD).await, said);
    }
}

fn changing() -> Value {
    json!({"password_change": "rfc3062"})
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_the_old_one() {
    let slapd = Slapd::holding(&users());
    let provider = provider(&slapd, changing());
    // Normally, after a reset, and when the directory refuses every bind with the old one.
    for name in ["stan", "rita", "eva"] {
        assert_eq!(
            change_password(&*provider, name, PASSWORD, NEW).await,
            Ok(()),
            "{name}"
        );
        assert_eq!(word(&*provider, name, NEW).await, "in", "{name}");
        assert_eq!(word(&*provider, name, PASSWORD).await, "wrong", "{name}");
    }
}

#[tokio::test]
async fn an_old_password_that_is_wrong_changes_nothing() {
    let slapd = Slapd::holding(&users());
    let provider = provider(&slapd, changing());
    for (name, old) in [
        ("stan", "wrong"),
        ("stan", ""),
        ("eva", "wrong"),
        ("lou", PASSWORD),
        ("nobody", PASSWORD),
        ("*", PASSWORD),
        ("", PASSWORD),
    ] {
        let said = change_password(&*provider, name, old, NEW).await;
        assert_eq!(said, Err("wrong".to_owned()), "{name}");
    }
    assert_eq!(word(&*provider, "stan", PASSWORD).await, "in");
    assert!(!slapd.log().contains("PASSMOD"), "nothing was asked for");
}

#[tokio::test]
async fn a_new_password_that_breaks_the_policy_is_not_a_wrong_old_one() {
    let slapd = Slapd::holding(&users());
    let provider = provider(&slapd, changing());
    for (name, new, said) in [
        ("stan", "short", "refused: weak-password"),
        ("stan", "", "refused: weak-password"),
        ("stan", "long enough\0 but", "refused: weak-password"),
        ("stan", PASSWORD, "refused: weak-password"),
        ("yves", NEW, "refused: password-too-young"),
        ("fay", NEW, "refused: password-fixed"),
    ] {
        let answer = change_password(&*provider, name, PASSWORD, new).await;
        assert_eq!(answer, Err(said.to_owned()), "{name}: {new}");
        assert_eq!(
            word(&*provider, name, PASSWORD).await,
            "in",
            "{name}: {new}"
        );
    }
}

#[tokio::test]
async fn no_password_is_changed_where_the_settings_do_not_say_so() {
    let slapd = Slapd::holding(&users());
    let provider = provider(&slapd, json!({}));
    let answer = change_password(&*provider, "stan", PASSWORD, NEW).await;
    assert_eq!(answer, Err("refused: unsupported".to_owned()));
    assert!(
        !slapd.log().contains("BIND dn=\"uid=stan"),
        "no server was queried"
    );
}

#[tokio::test]
async fn without_an_account_that_may_an_expired_password_stays() {
    let slapd = Slapd::holding(&users());
    // An account that may search, and not write passwords.
    let weak = json!({
        "password_change": "rfc3062", "bind_dn": format!("uid=stan,ou=people,{BASE}"),
        "bind_password": PASSWORD,
    });
    let answer = change_password(&*provider(&slapd, weak), "eva", PASSWORD, NEW).await;
    assert!(answer.is_err(), "{answer:?}");
}

#[tokio::test]
async fn check_says_whether_a_server_can_change_passwords() {
    let slapd = Slapd::holding(&users());
    let said = provider(&slapd, changing()).check().await.unwrap();
    assert!(said.ends_with("212 users"), "{said}");
}
