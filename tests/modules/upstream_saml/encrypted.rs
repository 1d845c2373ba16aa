//! THREATS row 4: encryption hides, and proves nothing. A signature is required after decryption.

use usher::protocol::saml::SamlFault;

use support::saml::{
    Lab, Says,
    encryption::{CBC_256, GCM_128, GCM_256, OAEP, OAEP_11, RSA_1_5, encrypted},
};

fn signed() -> (Lab, Says, String) {
    let lab = Lab::open();
    let says = Says::default();
    let assertion = says.signed_assertion(&lab.idp);
    (lab, says, assertion)
}

#[track_caller]
fn assert_refused(lab: &Lab, response: &str, words: &str) {
    let fault = lab.verify(response).expect_err("it is refused");
    assert!(fault.to_string().contains(words), "{fault}");
}

#[test]
fn a_signed_assertion_encrypted_for_our_key() {
    let (mut lab, says, assertion) = signed();
    for (cipher, transport) in [(GCM_256, OAEP), (GCM_128, OAEP), (GCM_256, OAEP_11)] {
        let response = says.response(&encrypted(&assertion, "sp", cipher, transport));
        let verified = lab
            .verify(&response)
            .unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(verified.name_id.expect("a NameID").value, "ana-4711");
    }
    lab.want_encrypted = true;
    assert_refused(&lab, &says.response(&assertion), "not encrypted");
}

#[test]
fn an_assertion_encrypted_for_the_key_before() {
    let (mut lab, says, assertion) = signed();
    let response = says.response(&encrypted(&assertion, "sp-previous", GCM_256, OAEP));
    assert!(lab.verify(&response).is_ok());
    lab.keys.pop();
    assert_refused(&lab, &response, "not for our key");
}

#[test]
fn an_unsigned_assertion_encrypted_within_a_signed_response() {
    let mut lab = Lab::open();
    let says = Says::default();
    let inside = encrypted(&says.assertion(), "sp", GCM_256, OAEP);
    let response = lab.idp.sign(&says.response(&inside), &says.response_id);
    lab.verify(&response)
        .unwrap_or_else(|fault| panic!("{fault}"));
    lab.want_assertions_signed = true;
    assert_refused(&lab, &response, "has to be signed itself");
}

#[test]
fn an_unsigned_assertion_encrypted_within_an_unsigned_response() {
    let lab = Lab::open();
    let says = Says::default();
    let response = says.response(&encrypted(&says.assertion(), "sp", GCM_256, OAEP));
    let fault = lab.verify(&response).unwrap_err();
    assert!(matches!(fault, SamlFault::Unsigned(_)), "{fault}");
}

#[test]
fn an_assertion_of_the_attackers_encrypted_for_us() {
    let lab = Lab::open();
    let says = Says::default();
    let assertion = says.signed_assertion(&lab.attacker);
    let response = says.response(&encrypted(&assertion, "sp", GCM_256, OAEP));
    assert_refused(&lab, &response, "no key we know made it");
}

#[test]
fn what_is_inside_passes_the_same_gate() {
    let (lab, says, assertion) = signed();
    for (inside, words) in [
        (assertion.replace("ana-4711", "ana<!-- -->-4711"), "comment"),
        (format!("<!DOCTYPE x>{assertion}"), "DTD"),
        (format!("{assertion}{assertion}"), "two roots"),
        (says.response(&assertion), "not one assertion"),
        (
            encrypted(&assertion, "sp", GCM_256, OAEP),
            "not one assertion",
        ),
        (
            assertion
                .replace("\"_assertion\"", "\"_response\"")
                .replace("#_assertion", "#_response"),
            "ID is there twice",
        ),
        ("ana".to_owned(), "text outside"),
    ] {
        let response = says.response(&encrypted(&inside, "sp", GCM_256, OAEP));
        assert_refused(&lab, &response, words);
    }
}

#[test]
fn an_expired_assertion_inside() {
    let lab = Lab::open();
    let says = Says {
        audience: "https://other.test".to_owned(),
        ..Says::default()
    };
    let assertion = says.signed_assertion(&lab.idp);
    let response = says.response(&encrypted(&assertion, "sp", GCM_256, OAEP));
    assert_refused(&lab, &response, "Audience is another entity");
}

#[test]
fn cbc_only_where_an_admin_allows_it() {
    let (mut lab, says, assertion) = signed();
    let response = says.response(&encrypted(&assertion, "sp", CBC_256, OAEP));
    assert_refused(&lab, &response, "CBC, which is not allowed");
    lab.allow_cbc = true;
    lab.verify(&response)
        .unwrap_or_else(|fault| panic!("{fault}"));
}

#[test]
fn rsa_1_5_never() {
    let (mut lab, says, assertion) = signed();
    lab.allow_cbc = true;
    for cipher in [GCM_256, CBC_256] {
        let response = says.response(&encrypted(&assertion, "sp", cipher, RSA_1_5));
        assert_refused(&lab, &response, "RSA 1.5");
    }
}

#[test]
fn every_failure_looks_the_same_from_outside() {
    let (mut lab, says, assertion) = signed();
    lab.allow_cbc = true;
    let mut words = Vec::new();
    for cipher in [GCM_256, CBC_256] {
        let good = encrypted(&assertion, "sp", cipher, OAEP);
        let other = encrypted(&assertion, "attacker", cipher, OAEP);
        let value = good.rfind("<xenc:CipherValue>").expect("a value") + 60;
        let mut broken = good.clone();
        let flipped = if &good[value..=value] == "A" {
            "B"
        } else {
            "A"
        };
        broken.replace_range(value..=value, flipped);
        for inside in [other, broken] {
            let fault = lab.verify(&says.response(&inside)).expect_err("refused");
            words.push(fault.to_string());
        }
    }
    // CBC lets a changed text through to the parser, which is why it is off.
    assert_eq!(words[0], words[1]);
    assert_eq!(words[0], words[2]);
}

#[test]
fn a_reference_to_fetch_is_not_followed() {
    let (lab, says, assertion) = signed();
    let good = encrypted(&assertion, "sp", GCM_256, OAEP);
    let start = good.rfind("<xenc:CipherValue>").expect("a value");
    let end = good.rfind("</xenc:CipherValue>").expect("its end") + "</xenc:CipherValue>".len();
    let fetched = format!(
        "{}<xenc:CipherReference URI=\"http://127.0.0.1:9/\"></xenc:CipherReference>{}",
        &good[..start],
        &good[end..]
    );
    assert_refused(&lab, &says.response(&fetched), "not shaped as it must be");
}

#[test]
fn plain_and_encrypted_together() {
    let (lab, says, assertion) = signed();
    let both = format!("{assertion}{}", encrypted(&assertion, "sp", GCM_256, OAEP));
    assert_refused(&lab, &says.response(&both), "not exactly one assertion");
}
