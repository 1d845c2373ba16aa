//! Responses of correct identity providers.

use usher::protocol::saml::SamlFault;

use support::saml::{
    IDP, Lab, NOW, PASSWORD_CONTEXT, PERSISTENT, Says, Signer, Template, attribute, certificate,
    signature::{self, EXC_C14N, RSA_SHA512, digest_of, transform},
    status,
};

#[test]
fn a_signed_assertion_in_an_unsigned_response() {
    let verified = Lab::open().accepts(&Says::default());
    let name_id = verified.name_id.expect("a NameID");
    assert_eq!(name_id.value, "ana-4711");
    assert_eq!(name_id.format.as_deref(), Some(PERSISTENT));
    assert_eq!(
        (verified.id.as_str(), verified.issuer.as_str()),
        ("_assertion", IDP)
    );
    assert_eq!(verified.until, NOW + 120 + 60);
    assert_eq!(verified.authenticated_at, NOW - 30);
    assert_eq!(verified.context.as_deref(), Some(PASSWORD_CONTEXT));
    assert_eq!(verified.session_index.as_deref(), Some("_session"));
    let mail = &verified.attributes[0];
    assert_eq!(mail.name, "urn:oid:0.9.2342.19200300.100.1.3");
    assert_eq!(mail.friendly_name.as_deref(), Some("mail"));
    assert_eq!(mail.values, ["ana@example.org"]);
}

#[test]
fn an_assertion_in_a_signed_response() {
    let lab = Lab::open();
    let response = Says::default().by_response(&lab.idp);
    assert!(lab.verify(&response).is_ok());
}

#[test]
fn a_signed_assertion_in_a_signed_response() {
    let lab = Lab::open();
    let says = Says::default();
    let response = lab.idp.sign(&says.by(&lab.idp), &says.response_id);
    assert!(lab.verify(&response).is_ok());
}

#[test]
fn a_signed_response_is_not_enough_where_assertions_must_be_signed() {
    let mut lab = Lab::open();
    lab.want_assertions_signed = true;
    let says = Says::default();
    let fault = lab.verify(&says.by_response(&lab.idp)).unwrap_err();
    assert!(matches!(fault, SamlFault::Unsigned(_)), "{fault}");
    assert!(lab.verify(&says.by(&lab.idp)).is_ok());
}

#[test]
fn signatures_of_elliptic_curves_and_longer_digests() {
    let mut lab = Lab::open();
    let says = Says::default();
    let longer = Template {
        algorithm: RSA_SHA512.to_owned(),
        digest: "http://www.w3.org/2001/04/xmlenc#sha512".to_owned(),
        ..Template::default()
    };
    let assertion = lab
        .idp
        .sign_by(&says.assertion(), &says.assertion_id, &longer);
    assert!(lab.verify(&says.response(&assertion)).is_ok());
    lab.certificates = vec![certificate("idp-ec")];
    assert!(lab.verify(&says.by(&Signer::of("idp-ec"))).is_ok());
}

#[test]
fn either_key_while_they_roll_over() {
    let mut lab = Lab::open();
    let says = Says::default();
    let next = says.by(&Signer::of("idp-next"));
    assert!(lab.verify(&next).is_err());
    lab.certificates.push(certificate("idp-next"));
    assert!(lab.verify(&next).is_ok());
    assert!(lab.verify(&says.by(&lab.idp)).is_ok());
}

/// OpenSAML names the prefixes that only values use, so that they are signed; and the response
/// around such an assertion does not.
#[test]
fn a_signature_with_inclusive_prefixes() {
    let lab = Lab::open();
    let typed = "<saml:Attribute Name=\"uid\"><saml:AttributeValue \
                 xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                 xsi:type=\"xs:string\">ana</saml:AttributeValue></saml:Attribute>";
    let says = Says {
        attributes: typed.to_owned(),
        ..Says::default()
    };
    let open = "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"";
    let schema = " xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"";
    let assertion = says
        .assertion()
        .replacen(open, &format!("{open}{schema}"), 1);
    let prefixes = "<ec:InclusiveNamespaces xmlns:ec=\"http://www.w3.org/2001/10/xml-exc-c14n#\" \
                    PrefixList=\"xs\"></ec:InclusiveNamespaces>";
    let template = Template {
        transforms: vec![
            transform(signature::ENVELOPED, ""),
            transform(EXC_C14N, prefixes),
        ],
        ..Template::default()
    };
    let signed = lab.idp.sign_by(&assertion, &says.assertion_id, &template);
    let response = says.response(&signed);
    assert!(lab.verify(&response).is_ok());
    // The response's canonical form has no use for the prefix, and drops it.
    let digest = digest_of(signature::DIGEST_SHA256, &response.replacen(schema, "", 1));
    let outer = Template {
        digest_value: Some(digest),
        ..Template::default()
    };
    let both = lab.idp.sign_by(&response, &says.response_id, &outer);
    let verified = lab.verify(&both).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(verified.attributes[0].values, ["ana"]);
}

/// Namespaces declared once at the top are what many write; canonical XML puts them where they
/// are used.
#[test]
fn namespaces_inherited_from_the_response() {
    let lab = Lab::open();
    let says = Says::default();
    let declared = " xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"";
    let response = says.by(&lab.idp).replace(declared, "");
    let at = "<samlp:Response";
    let response = response.replacen(at, &format!("{at}{declared}"), 1);
    assert!(lab.verify(&response).is_ok());
}

#[test]
fn white_space_references_and_a_byte_order_mark() {
    let lab = Lab::open();
    let says = Says {
        attributes: attribute("note", "", &["a&#xD;\nb &amp; &lt;c&gt;"]),
        ..Says::default()
    };
    let response = says.by(&lab.idp);
    let shown = response
        .replace("<samlp:Status>", "\n  <samlp:Status>\r\n")
        .replace("&lt;c&gt;", "&#60;c&#x3e;")
        .replace(" Destination=", "\n\tDestination = ")
        .replace("<ds:SignatureValue>", "<ds:SignatureValue>&#13;\n")
        .replace("</samlp:StatusCode>", "</samlp:StatusCode >");
    let shown = format!("\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{shown}\n");
    let verified = lab.verify(&shown).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(verified.attributes[0].values, ["a\r\nb & <c>"]);
}

#[test]
fn attributes_have_many_values_one_or_none() {
    let nested = "<saml:NameID Format=\"urn:x\">opaque</saml:NameID>";
    let says = Says {
        attributes: [
            attribute("groups", "", &["staff", "sales", "staff"]),
            attribute(
                "urn:oid:1.3.6.1.4.1.5923.1.1.1.10",
                "eduPersonTargetedID",
                &[nested],
            ),
            attribute("nothing", "", &[]),
            attribute("blank", "", &["", "  "]),
        ]
        .concat(),
        ..Says::default()
    };
    let verified = Lab::open().accepts(&says);
    let values: Vec<_> = verified
        .attributes
        .iter()
        .map(|one| one.values.join(","))
        .collect();
    assert_eq!(values, ["staff,sales,staff", "opaque", "", ""]);
}

#[test]
fn an_unsolicited_response_where_nothing_was_requested() {
    let mut lab = Lab::open();
    lab.request = None;
    lab.accepts(&Says::unsolicited());
    let mut says = Says::unsolicited();
    says.confirmed_for = "_guess".to_owned();
    assert!(lab.refuses(&says).contains("does not answer our request"));
    let mut says = Says::unsolicited();
    says.in_response_to = "_guess".to_owned();
    assert!(lab.refuses(&says).contains("does not answer our request"));
}

#[test]
fn one_of_several_confirmations_and_audiences_is_enough() {
    let lab = Lab::open();
    let says = Says::default();
    let other = "<saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:sender-vouches\">\
                 </saml:SubjectConfirmation><saml:SubjectConfirmation ";
    let assertion = says
        .assertion()
        .replacen("<saml:SubjectConfirmation ", other, 1)
        .replacen(
            "<saml:Audience>",
            "<saml:Audience>https://other.test</saml:Audience><saml:Audience>",
            1,
        )
        .replacen(
            "</saml:Conditions>",
            "<saml:OneTimeUse></saml:OneTimeUse></saml:Conditions>",
            1,
        );
    let signed = lab.idp.sign(&assertion, &says.assertion_id);
    assert!(lab.verify(&says.response(&signed)).is_ok());
}

#[test]
fn what_the_identity_provider_says_is_passed_on() {
    let lab = Lab::open();
    for (outer, inner, message, words) in [
        ("Responder", "AuthnFailed", "", "AuthnFailed"),
        ("Responder", "NoPassive", "", "NoPassive"),
        (
            "Responder",
            "RequestDenied",
            "not today",
            "RequestDenied (not today)",
        ),
        ("Requester", "NoAuthnContext", "", "NoAuthnContext"),
        ("VersionMismatch", "", "", "VersionMismatch"),
    ] {
        let says = Says {
            status: status(outer, inner, message),
            ..Says::default()
        };
        let fault = lab.verify(&says.response("")).unwrap_err();
        let SamlFault::Status(said) = fault else {
            panic!("{fault}");
        };
        assert_eq!(said.to_string(), words);
    }
}
