//! THREATS row 1: signature wrapping. The eight of Somorovsky and others, "On Breaking SAML"
//! (2012), and later ones. Each keeps a good signature in the document and puts another user's name
//! where a careless parser looks.

use usher::protocol::saml::SamlFault;

use support::saml::{Lab, Says, signature::cut};

struct Parts {
    lab: Lab,
    says: Says,
    /// The good assertion, signed; without its signature; and the signature.
    signed: String,
    bare: String,
    signature: String,
    /// The attacker's, with an id of its own.
    evil: String,
}

fn parts() -> Parts {
    let lab = Lab::open();
    let says = Says::default();
    let signed = says.signed_assertion(&lab.idp);
    let (signature, bare) = cut(&signed);
    Parts {
        evil: evil("_evil"),
        lab,
        says,
        signed,
        bare,
        signature,
    }
}

fn evil(id: &str) -> String {
    Says {
        assertion_id: id.to_owned(),
        name_id: "admin".to_owned(),
        ..Says::default()
    }
    .assertion()
}

fn inside(element: &str, end: &str, more: &str) -> String {
    let at = element.rfind(end).expect("its end");
    format!("{}{more}{}", &element[..at], &element[at..])
}

fn after_issuer(element: &str, more: &str) -> String {
    element.replacen("</saml:Issuer>", &format!("</saml:Issuer>{more}"), 1)
}

#[track_caller]
fn assert_refused(lab: &Lab, response: &str, words: &str) {
    let fault = lab.verify(response).expect_err("it is refused");
    assert!(
        matches!(
            fault,
            SamlFault::Shape(_) | SamlFault::Signature(_) | SamlFault::Unsigned(_)
        ),
        "{fault}"
    );
    assert!(fault.to_string().contains(words), "{fault}");
}

/// The signed response, and one of the attacker's with another id and name.
fn responses() -> (Lab, String, String, String) {
    let lab = Lab::open();
    let (signature, good) = cut(&Says::default().by_response(&lab.idp));
    let evil = Says {
        response_id: "_evil".to_owned(),
        assertion_id: "_evil_assertion".to_owned(),
        name_id: "admin".to_owned(),
        ..Says::default()
    };
    let evil = evil.response(&evil.assertion());
    (lab, signature, good, evil)
}

#[test]
fn xsw1_the_signed_response_inside_the_signature_of_an_evil_response() {
    let (lab, signature, good, evil) = responses();
    let signature = inside(&signature, "</ds:Signature>", &good);
    assert_refused(
        &lab,
        &after_issuer(&evil, &signature),
        "not shaped as SAML's are",
    );
}

#[test]
fn xsw2_the_signed_response_beside_its_detached_signature() {
    let (lab, signature, good, evil) = responses();
    let evil = after_issuer(&evil, &format!("{good}{signature}"));
    assert_refused(&lab, &evil, "something else than its parent");
}

#[test]
fn xsw3_an_evil_assertion_before_the_signed_one() {
    let p = parts();
    let response = p.says.response(&format!("{}{}", p.evil, p.signed));
    assert_refused(&p.lab, &response, "not exactly one assertion");
}

#[test]
fn xsw4_an_evil_assertion_around_the_signed_one() {
    let p = parts();
    let response = p
        .says
        .response(&inside(&p.evil, "</saml:Assertion>", &p.signed));
    assert_refused(&p.lab, &response, "not exactly one assertion");
}

#[test]
fn xsw5_an_evil_assertion_with_the_signature_and_the_signed_one_at_the_end() {
    let p = parts();
    let evil = after_issuer(&p.evil, &p.signature);
    let response = p.says.response(&format!("{evil}{}", p.bare));
    assert_refused(&p.lab, &response, "something else than its parent");
}

#[test]
fn xsw6_the_signed_assertion_inside_the_signature_of_an_evil_one() {
    let p = parts();
    let signature = inside(&p.signature, "</ds:Signature>", &p.bare);
    let response = p.says.response(&after_issuer(&p.evil, &signature));
    assert_refused(&p.lab, &response, "not shaped as SAML's are");
}

#[test]
fn xsw7_an_evil_assertion_among_the_extensions() {
    let p = parts();
    let mut says = p.says.clone();
    says.extensions = format!("<samlp:Extensions>{}</samlp:Extensions>", p.evil);
    assert_refused(
        &p.lab,
        &says.response(&p.signed),
        "not exactly one assertion",
    );
}

#[test]
fn xsw8_the_signed_assertion_in_an_object_of_the_signature_of_an_evil_one() {
    let p = parts();
    let object = format!("<ds:Object>{}</ds:Object>", p.bare);
    let signature = inside(&p.signature, "</ds:Signature>", &object);
    let response = p.says.response(&after_issuer(&p.evil, &signature));
    assert_refused(&p.lab, &response, "not shaped as SAML's are");
}

#[test]
fn an_evil_assertion_with_the_same_id() {
    let p = parts();
    let response = p
        .says
        .response(&format!("{}{}", evil("_assertion"), p.signed));
    assert_refused(&p.lab, &response, "ID is there twice");
}

#[test]
fn the_same_id_in_another_spelling() {
    for spelling in ["Id", "id", "iD", "xml:id"] {
        let p = parts();
        let mut says = p.says.clone();
        says.extensions =
            format!("<samlp:Extensions><x {spelling}=\"_assertion\"></x></samlp:Extensions>");
        assert_refused(&p.lab, &says.response(&p.signed), "ID is there twice");
    }
}

#[test]
fn two_signed_assertions() {
    let p = parts();
    let other = Says {
        assertion_id: "_second".to_owned(),
        ..Says::default()
    };
    let second = other.signed_assertion(&p.lab.idp);
    let response = p.says.response(&format!("{}{second}", p.signed));
    assert_refused(&p.lab, &response, "not exactly one assertion");
}

#[test]
fn an_assertion_inside_advice() {
    let p = parts();
    let advice = format!("<saml:Advice>{}</saml:Advice>", p.evil);
    let assertion = inside(&p.bare, "</saml:Assertion>", &advice);
    let signed = p.lab.idp.sign(&assertion, &p.says.assertion_id);
    assert_refused(
        &p.lab,
        &p.says.response(&signed),
        "not exactly one assertion",
    );
}

#[test]
fn a_signature_that_is_a_grandchild_of_what_it_signs() {
    let p = parts();
    let subject = p.bare.replacen(
        "<saml:Subject>",
        &format!("<saml:Subject>{}", p.signature),
        1,
    );
    assert_refused(
        &p.lab,
        &p.says.response(&subject),
        "a signature is where none belongs",
    );
}

#[test]
fn a_signature_beside_what_it_signs() {
    let p = parts();
    let response = p.says.response(&format!("{}{}", p.bare, p.signature));
    assert_refused(&p.lab, &response, "something else than its parent");
}

#[test]
fn two_signatures_on_one_element() {
    let p = parts();
    let twice = after_issuer(&p.signed, &p.signature);
    assert_refused(
        &p.lab,
        &p.says.response(&twice),
        "may be there once is repeated",
    );
}

#[test]
fn the_signed_assertion_deeper_than_where_it_is_read() {
    let p = parts();
    let hidden = format!("<samlp:Extensions>{}</samlp:Extensions>", p.signed);
    assert_refused(
        &p.lab,
        &p.says.response(&hidden),
        "not exactly one assertion",
    );
}

#[test]
fn an_assertion_of_another_namespace_is_none() {
    let p = parts();
    let odd = p
        .evil
        .replace("urn:oasis:names:tc:SAML:2.0:assertion", "urn:evil");
    let response = p.says.response(&odd);
    assert_refused(&p.lab, &response, "not exactly one assertion");
    // Beside the good one it changes nothing.
    let response = p.says.response(&format!("{odd}{}", p.signed));
    let verified = p.lab.verify(&response).expect("the good one is read");
    assert_eq!(verified.name_id.expect("a NameID").value, "ana-4711");
}

#[test]
fn an_assertion_alone_is_no_response() {
    let p = parts();
    assert_refused(&p.lab, &p.signed, "not a Response");
}
