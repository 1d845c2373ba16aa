//! THREATS row 3: audience, conditions, time. One table: whatever is missing, expired or for
//! another entity fails, though the signature is good.

use usher::protocol::saml::time;

use support::saml::{Lab, NOW, Says, status};

/// Named tests that change one thing of a good response and say why it is refused.
macro_rules! refused {
    ($($name:ident: |$says:ident| $change:expr => $words:literal;)*) => {$(
        #[test]
        fn $name() {
            let mut $says = Says::default();
            $change;
            let words = Lab::open().refuses(&$says);
            assert!(words.contains($words), "{words}");
        }
    )*};
}

fn at(offset: i64) -> String {
    time::format(NOW + offset)
}

fn text(words: &str) -> String {
    words.to_owned()
}

refused! {
    an_assertion_for_another_audience: |s| s.audience = text("https://other.test") => "Audience is another entity";
    an_audience_that_only_begins_like_ours: |s| s.audience.push_str("/x") => "Audience is another entity";
    an_assertion_without_an_audience: |s| s.audience.clear() => "no AudienceRestriction";
    an_assertion_for_another_recipient: |s| s.recipient = text("https://other.test/acs") => "Recipient is not this address";
    an_assertion_without_a_recipient: |s| s.recipient.clear() => "Recipient is not this address";
    a_response_for_another_destination: |s| s.destination = text("https://other.test/acs") => "Destination is not this address";
    a_response_to_another_request: |s| s.in_response_to = text("_other") => "Response does not answer our request";
    a_response_to_no_request: |s| s.in_response_to.clear() => "Response does not answer our request";
    an_assertion_for_another_request: |s| s.confirmed_for = text("_other") => "assertion does not answer our request";
    an_assertion_for_no_request: |s| s.confirmed_for.clear() => "assertion does not answer our request";
    an_assertion_by_another_issuer: |s| s.issuer = text("https://evil.test") => "Issuer is another entity";
    a_response_by_another_issuer: |s| s.response_issuer = text("https://evil.test") => "Issuer is another entity";
    a_response_without_an_issuer: |s| s.response_issuer.clear() => "Issuer is another entity";
    an_expired_assertion: |s| s.not_on_or_after = at(-60) => "assertion has expired";
    an_expired_confirmation: |s| s.confirmed_until = at(-60) => "confirmation has expired";
    a_confirmation_that_never_expires: |s| s.confirmed_until.clear() => "never expires";
    a_confirmation_with_a_not_before: |s| s.confirmation_not_before = at(-5) => "has a NotBefore";
    an_assertion_that_is_not_valid_yet: |s| s.not_before = at(61) => "not valid yet";
    an_assertion_issued_in_the_future: |s| s.issued_at = at(61) => "not valid yet";
    an_assertion_without_a_subject_confirmation: |s| s.confirmation = false => "no bearer SubjectConfirmation";
    an_assertion_for_the_holder_of_a_key_only: |s| s.method = text("urn:oasis:names:tc:SAML:2.0:cm:holder-of-key") => "no bearer SubjectConfirmation";
    an_assertion_without_an_authn_statement: |s| s.statement = false => "no AuthnStatement";
    an_authn_statement_without_a_moment: |s| s.authenticated_at.clear() => "AuthnInstant is missing";
    a_response_without_an_issue_instant: |s| s.issued_at.clear() => "IssueInstant is missing";
    an_authn_context_that_says_nothing: |s| s.context.clear() => "AuthnContext";
    a_sign_in_in_the_future: |s| s.authenticated_at = at(61) => "AuthnInstant lies ahead";
    a_session_there_that_has_ended: |s| s.session_until = at(-60) => "session there has ended";
    a_moment_that_is_none: |s| s.confirmed_until = text("tomorrow") => "moment cannot be read";
    another_version: |s| s.version = text("1.1") => "Version is not 2.0";
    no_version: |s| s.version.clear() => "Version is not 2.0";
    a_status_that_is_not_success_with_an_assertion: |s| s.status = status("Responder", "AuthnFailed", "") => "answered AuthnFailed";
    no_status: |s| s.status.clear() => "Status is missing";
    a_condition_that_is_not_understood: |s| s.conditions = text("<saml:Weather></saml:Weather>") => "condition that is not understood";
    a_foreign_condition: |s| s.conditions = text("<x:OneTimeUse xmlns:x=\"urn:x\"></x:OneTimeUse>") => "condition that is not understood";
    a_second_audience_that_is_not_us: |s| s.conditions = text("<saml:AudienceRestriction><saml:Audience>https://other.test</saml:Audience></saml:AudienceRestriction>") => "Audience is another entity";
    an_empty_name_id: |s| s.name_id.clear() => "NameID is empty";
}

#[test]
fn clocks_may_be_a_minute_apart_and_no_more() {
    let lab = Lab::open();
    let fine = Says {
        not_before: at(60),
        not_on_or_after: at(-59),
        confirmed_until: at(-59),
        authenticated_at: at(60),
        session_until: at(-59),
        ..Says::default()
    };
    let verified = lab.accepts(&fine);
    assert_eq!(verified.until, NOW + 1, "the replay cache outlives it");
}

#[test]
fn an_assertion_without_conditions() {
    let lab = Lab::open();
    let says = Says::default();
    let assertion = says.assertion();
    let (start, end) = ("<saml:Conditions", "</saml:Conditions>");
    let (start, end) = (assertion.find(start).unwrap(), assertion.find(end).unwrap());
    let bare = assertion.replace(&assertion[start..end + "</saml:Conditions>".len()], "");
    let response = says.response(&lab.idp.sign(&bare, &says.assertion_id));
    let words = lab.verify(&response).unwrap_err().to_string();
    assert!(words.contains("no Conditions"), "{words}");
}

/// Core sections 2.3.3 and 2.7.2: what the schema requires is required.
#[test]
fn an_assertion_that_lacks_what_the_schema_requires() {
    let lab = Lab::open();
    let says = Says::default();
    let whole = says.assertion();
    let issued = format!(" IssueInstant=\"{}\"", says.issued_at);
    let context = {
        let (start, end) = ("<saml:AuthnContext>", "</saml:AuthnContext>");
        let (start, end) = (
            whole.find(start).unwrap(),
            whole.find(end).unwrap() + end.len(),
        );
        whole[start..end].to_owned()
    };
    let empty = {
        let (start, end) = ("<saml:AuthnStatement", "</saml:AuthnStatement>");
        let (start, end) = (
            whole.find(start).unwrap(),
            whole.find(end).unwrap() + end.len(),
        );
        whole.replace(
            &whole[start..end],
            "<saml:AuthnStatement></saml:AuthnStatement>",
        )
    };
    for (assertion, words) in [
        (whole.replacen(&issued, "", 1), "IssueInstant is missing"),
        (whole.replace(&context, ""), "AuthnContext is missing"),
        (
            whole.replace(&context, "<saml:AuthnContext></saml:AuthnContext>"),
            "AuthnContext says nothing",
        ),
        (empty, "AuthnContext is missing"),
    ] {
        assert_ne!(assertion, whole);
        let response = says.response(&lab.idp.sign(&assertion, &says.assertion_id));
        let why = lab.verify(&response).expect_err(words).to_string();
        assert!(why.contains(words), "{why}");
    }
    let declared = "<saml:AuthnContext><saml:AuthnContextDeclRef>urn:x</saml:AuthnContextDeclRef>\
                    </saml:AuthnContext>";
    let assertion = whole.replace(&context, declared);
    let response = says.response(&lab.idp.sign(&assertion, &says.assertion_id));
    assert!(lab.verify(&response).is_ok(), "a declaration will do");
}

#[test]
fn a_sign_in_that_is_too_old_for_what_is_asked() {
    let mut lab = Lab::open();
    lab.authenticated_since = Some(NOW + 30);
    lab.accepts(&Says::default());
    lab.authenticated_since = Some(NOW + 31);
    let words = lab.refuses(&Says::default());
    assert!(words.contains("too long ago"), "{words}");
}

#[test]
fn a_context_that_was_not_asked_for() {
    let mut lab = Lab::open();
    lab.contexts = vec!["https://refeds.org/profile/mfa".to_owned()];
    let words = lab.refuses(&Says::default());
    assert!(
        words.contains("AuthnContext is not one we asked for"),
        "{words}"
    );
    let says = Says {
        context: lab.contexts[0].clone(),
        ..Says::default()
    };
    lab.accepts(&says);
}

#[test]
fn a_signed_response_without_a_destination() {
    let lab = Lab::open();
    let mut says = Says::default();
    says.destination.clear();
    lab.accepts(&says);
    let words = lab
        .verify(&says.by_response(&lab.idp))
        .unwrap_err()
        .to_string();
    assert!(words.contains("Destination is not this address"), "{words}");
}
