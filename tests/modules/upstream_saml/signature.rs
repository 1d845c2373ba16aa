//! THREATS row 1, the signatures themselves: algorithms, transforms, references and keys that must
//! be refused, though the library below may accept them.

use usher::protocol::saml::SamlFault;

use support::saml::{
    Lab, Says, Signer, Template,
    signature::{
        DIGEST_SHA1, DIGEST_SHA256, ENVELOPED, EXC_C14N, HMAC_SHA256, cut, digest_of, enveloped,
        reference, transform,
    },
};

/// The assertion signed by the identity provider's own key, in a way that is not allowed.
fn signed_by(template: &Template) -> (Lab, String) {
    let lab = Lab::open();
    let says = Says::default();
    let signed = lab
        .idp
        .sign_by(&says.assertion(), &says.assertion_id, template);
    (lab, says.response(&signed))
}

#[track_caller]
fn assert_refused(template: &Template, words: &str) {
    let (lab, response) = signed_by(template);
    assert_response_refused(&lab, &response, words);
}

#[track_caller]
fn assert_response_refused(lab: &Lab, response: &str, words: &str) {
    let fault = lab.verify(response).expect_err("it is refused");
    assert!(fault.to_string().contains(words), "{fault}");
}

fn text(words: &str) -> String {
    words.to_owned()
}

#[test]
fn an_unsigned_response() {
    let lab = Lab::open();
    let says = Says::default();
    let fault = lab.verify(&says.response(&says.assertion())).unwrap_err();
    assert!(matches!(fault, SamlFault::Unsigned(_)), "{fault}");
}

#[test]
fn a_signature_by_the_attacker() {
    let lab = Lab::open();
    let response = Says::default().by(&lab.attacker);
    assert_response_refused(&lab, &response, "no key we know made it");
}

#[test]
fn a_key_info_of_the_attacker() {
    let lab = Lab::open();
    let says = Says::default();
    let key_info = format!(
        "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data>\
         </ds:KeyInfo>",
        lab.attacker.certificate()
    );
    let template = Template {
        after: key_info,
        ..Template::default()
    };
    let signed = lab
        .attacker
        .sign_by(&says.assertion(), &says.assertion_id, &template);
    assert_response_refused(&lab, &says.response(&signed), "no key we know made it");
    // A good signature is valid whatever its KeyInfo contains.
    let signed = lab
        .idp
        .sign_by(&says.assertion(), &says.assertion_id, &template);
    assert!(lab.verify(&says.response(&signed)).is_ok());
}

#[test]
fn no_certificate_at_all() {
    let mut lab = Lab::open();
    let response = Says::default().by(&lab.idp);
    lab.certificates.clear();
    assert_response_refused(&lab, &response, "no key of the other side is known");
}

#[test]
fn a_sha1_signature() {
    let template = Template {
        algorithm: text("http://www.w3.org/2000/09/xmldsig#rsa-sha1"),
        ..Template::default()
    };
    assert_refused(&template, "algorithm is not allowed");
}

#[test]
fn a_sha1_digest() {
    let template = Template {
        digest: text(DIGEST_SHA1),
        ..Template::default()
    };
    assert_refused(&template, "digest is not allowed");
}

#[test]
fn hmac_with_a_public_key() {
    let template = Template {
        algorithm: text(HMAC_SHA256),
        ..Template::default()
    };
    assert_refused(&template, "algorithm is not allowed");
}

#[test]
fn no_algorithm_at_all() {
    let template = Template {
        algorithm: String::new(),
        ..Template::default()
    };
    assert_refused(&template, "algorithm is not allowed");
}

#[test]
fn two_references() {
    let says = Says::default();
    let transforms = [transform(ENVELOPED, ""), transform(EXC_C14N, "")];
    let digest = digest_of(DIGEST_SHA256, &says.assertion());
    let template = Template {
        more_references: reference("#_assertion", &transforms, DIGEST_SHA256, &digest),
        ..Template::default()
    };
    assert_refused(&template, "not shaped as SAML's are");
}

#[test]
fn a_reference_to_another_element() {
    let template = Template {
        uri: Some(text("#_response")),
        ..Template::default()
    };
    assert_refused(&template, "something else than its parent");
}

#[test]
fn an_empty_reference() {
    let template = Template {
        uri: Some(String::new()),
        ..Template::default()
    };
    assert_refused(&template, "something else than its parent");
}

#[test]
fn a_reference_by_xpointer() {
    let template = Template {
        uri: Some(text("#xpointer(id('_assertion'))")),
        ..Template::default()
    };
    assert_refused(&template, "something else than its parent");
}

#[test]
fn a_reference_to_somewhere_on_the_network() {
    let template = Template {
        uri: Some(text("http://127.0.0.1:9/assertion.xml")),
        ..Template::default()
    };
    assert_refused(&template, "something else than its parent");
}

#[test]
fn transforms_that_are_not_the_two() {
    let xslt = "<xsl:stylesheet xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\" \
                version=\"1.0\"></xsl:stylesheet>";
    let xpath = "<ds:XPath>not(ancestor-or-self::ds:Signature)</ds:XPath>";
    for (algorithm, inside) in [
        ("http://www.w3.org/TR/1999/REC-xslt-19991116", xslt),
        ("http://www.w3.org/TR/1999/REC-xpath-19991116", xpath),
        ("http://www.w3.org/2002/06/xmldsig-filter2", ""),
        ("http://www.w3.org/2000/09/xmldsig#base64", ""),
        ("http://www.w3.org/TR/2001/REC-xml-c14n-20010315", ""),
        ("http://www.w3.org/2001/10/xml-exc-c14n#WithComments", ""),
        ("http://www.w3.org/2006/12/xml-c14n11", ""),
    ] {
        let instead = Template {
            transforms: vec![transform(ENVELOPED, ""), transform(algorithm, inside)],
            ..Template::default()
        };
        assert_refused(&instead, "transform that is not allowed");
        let first = Template {
            transforms: vec![transform(algorithm, inside), transform(EXC_C14N, "")],
            ..Template::default()
        };
        assert_refused(&first, "transform that is not allowed");
        let more = Template {
            transforms: vec![
                transform(ENVELOPED, ""),
                transform(EXC_C14N, ""),
                transform(algorithm, inside),
            ],
            ..Template::default()
        };
        assert_refused(&more, "not shaped as SAML's are");
    }
    let hidden = Template {
        transforms: vec![transform(ENVELOPED, xpath), transform(EXC_C14N, "")],
        ..Template::default()
    };
    assert_refused(&hidden, "transform that is not allowed");
    let none = Template {
        transforms: Vec::new(),
        ..Template::default()
    };
    assert_refused(&none, "not shaped as SAML's are");
}

#[test]
fn another_canonicalization_of_what_is_signed() {
    for algorithm in [
        "",
        "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
        "urn:nothing",
    ] {
        let template = Template {
            canonicalization: text(algorithm),
            ..Template::default()
        };
        assert_refused(&template, "transform that is not allowed");
    }
}

/// Libraries that cannot canonicalise may hash nothing: a signature over nothing, made once for
/// whatever reason, then fits every document (ruby-saml CVE-2025-66567).
#[test]
fn void_canonicalization_by_a_relative_namespace() {
    let lab = Lab::open();
    let says = Says {
        attributes: text("<saml:Attribute xmlns:x=\"1\" Name=\"a\"><x:y></x:y></saml:Attribute>"),
        ..Says::default()
    };
    let template = Template {
        digest_value: Some(digest_of(DIGEST_SHA256, "")),
        ..Template::default()
    };
    let signed = lab
        .idp
        .sign_by(&says.assertion(), &says.assertion_id, &template);
    assert_response_refused(&lab, &says.response(&signed), "no key we know made it");
}

#[test]
fn an_object_in_the_signature() {
    let template = Template {
        after: text("<ds:Object>more</ds:Object>"),
        ..Template::default()
    };
    assert_refused(&template, "not shaped as SAML's are");
}

#[test]
fn a_digest_value_with_a_comment_or_markup_in_it() {
    let lab = Lab::open();
    let says = Says::default();
    let response = says.by(&lab.idp);
    let commented = response.replacen("<ds:DigestValue>", "<ds:DigestValue><!-- x -->", 1);
    assert_response_refused(&lab, &commented, "comment");
}

#[test]
fn a_changed_name() {
    let lab = Lab::open();
    let response = Says::default().by(&lab.idp).replace("ana-4711", "admin");
    assert_response_refused(&lab, &response, "no key we know made it");
}

#[test]
fn a_changed_signed_info() {
    let lab = Lab::open();
    let response = Says::default().by(&lab.idp);
    let changed = response.replace("<ds:SignatureMethod ", "<ds:SignatureMethod  Id=\"x\" ");
    assert_response_refused(&lab, &changed, "no key we know made it");
}

/// A bad signature is never made up for by a good one elsewhere.
#[test]
fn a_good_signature_around_a_bad_one_and_the_other_way_round() {
    let lab = Lab::open();
    let says = Says::default();
    let bad_inside = lab.idp.sign(&says.by(&lab.attacker), &says.response_id);
    assert_response_refused(&lab, &bad_inside, "no key we know made it");
    let bad_outside = lab.attacker.sign(&says.by(&lab.idp), &says.response_id);
    assert_response_refused(&lab, &bad_outside, "no key we know made it");
}

#[test]
fn a_signature_of_the_response_moved_to_the_assertion() {
    let lab = Lab::open();
    let says = Says::default();
    let (signature, bare) = cut(&says.by_response(&lab.idp));
    let moved = bare.replace(&says.assertion(), &enveloped(&says.assertion(), &signature));
    assert_response_refused(&lab, &moved, "something else than its parent");
}

#[test]
fn a_weak_key_is_no_key() {
    let weak = usher::protocol::saml::Certificate::from_pem(support::saml::pem("weak"));
    let words = weak.unwrap_err().to_string();
    assert!(words.contains("less than 2048 bits"), "{words}");
}

/// An RSA signature under the name of an elliptic curve's algorithm, and the reverse.
#[test]
fn an_algorithm_that_is_not_the_keys() {
    let lab = Lab::open();
    let says = Says::default();
    let template = Template {
        algorithm: text(support::saml::signature::ECDSA_SHA256),
        ..Template::default()
    };
    let signed = lab
        .idp
        .sign_by(&says.assertion(), &says.assertion_id, &template);
    assert_response_refused(&lab, &says.response(&signed), "no key we know made it");
    let other =
        Signer::of("idp-ec").sign_by(&says.assertion(), &says.assertion_id, &Template::default());
    assert_response_refused(&lab, &says.response(&other), "no key we know made it");
}
