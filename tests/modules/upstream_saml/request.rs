//! Our request, and how it is sent.

use usher::protocol::saml::{
    Address,
    binding::{self, Message, Redirected},
    ns,
    request::AuthnRequest,
    xml::{self, Element},
};

use support::saml::{ACS, NOW, SP, certificate, key};

const SSO: &str = "https://idp.test/sso?tenant=a%26b";

fn ask<'a>(destination: &'a Address, contexts: &'a [String]) -> AuthnRequest<'a> {
    AuthnRequest {
        id: "_id",
        issued_at: NOW,
        issuer: SP,
        recipient: ACS,
        destination,
        force: true,
        name_id_format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"),
        contexts,
    }
}

fn read(bytes: &[u8]) -> Element {
    xml::parse(bytes, &xml::MESSAGE).expect("good XML")
}

fn assert_is_our_request(request: &Element) {
    assert!(request.is(ns::PROTOCOL, "AuthnRequest"));
    for (name, value) in [
        ("ID", "_id"),
        ("Version", "2.0"),
        ("IssueInstant", "2026-11-18T11:06:40Z"),
        ("Destination", SSO),
        ("AssertionConsumerServiceURL", ACS),
        ("ForceAuthn", "true"),
    ] {
        assert_eq!(request.attribute(name), Some(value), "{name}");
    }
    let issuer = request.only(ns::ASSERTION, "Issuer").unwrap().unwrap();
    assert_eq!(issuer.text().unwrap(), SP);
    let context = request
        .only(ns::PROTOCOL, "RequestedAuthnContext")
        .unwrap()
        .unwrap();
    let class = context
        .only(ns::ASSERTION, "AuthnContextClassRef")
        .unwrap()
        .unwrap();
    assert_eq!(class.text().unwrap(), "urn:a<&>\"b");
}

#[test]
fn a_redirect_is_deflated_and_signed_beside_the_message() {
    let destination = Address::parse(SSO).unwrap();
    let contexts = ["urn:a<&>\"b".to_owned()];
    let key = key("sp");
    let url = ask(&destination, &contexts)
        .redirect("st_state", Some(&key))
        .unwrap();
    let query = url.query().expect("a query");
    assert!(query.starts_with("tenant=a%26b&SAMLRequest="), "{query}");
    assert!(query.contains("&RelayState=st_state&SigAlg="), "{query}");
    let came = Redirected::read(query).unwrap();
    assert_eq!(came.message, Message::Request);
    let request = read(&came.open(&[certificate("sp")]).unwrap());
    assert_is_our_request(&request);
    assert!(request.only(ns::DSIG, "Signature").unwrap().is_none());
    assert!(came.open(&[certificate("attacker")]).is_err());
    let moved = query.replace("st_state", "st_other");
    assert!(
        Redirected::read(&moved)
            .unwrap()
            .open(&[certificate("sp")])
            .is_err()
    );
}

#[test]
fn a_posted_request_is_signed_inside() {
    let destination = Address::parse(SSO).unwrap();
    let contexts = ["urn:a<&>\"b".to_owned()];
    let text = ask(&destination, &contexts).post(Some(&key("sp"))).unwrap();
    let request = read(&binding::from_post(&text).unwrap());
    assert_is_our_request(&request);
    let names: Vec<_> = request.elements().map(Element::name).collect();
    assert_eq!(
        names,
        [
            "Issuer",
            "Signature",
            "NameIDPolicy",
            "RequestedAuthnContext"
        ]
    );
    let signature = request.only(ns::DSIG, "Signature").unwrap().unwrap();
    let value = signature.only(ns::DSIG, "SignatureValue").unwrap().unwrap();
    assert!(value.text().unwrap().len() > 300);
}

#[test]
fn a_bomb_is_not_unpacked() {
    use std::io::Read;

    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use flate2::{Compression, read::DeflateEncoder};

    let zeros = vec![b' '; 64 * 1024 * 1024];
    let mut packed = Vec::new();
    DeflateEncoder::new(zeros.as_slice(), Compression::best())
        .read_to_end(&mut packed)
        .unwrap();
    let key = key("sp");
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("SAMLResponse", &STANDARD.encode(packed));
    query.append_pair("SigAlg", support::saml::signature::RSA_SHA256);
    let query = query.finish();
    let signature = key.sign_base64(query.as_bytes()).unwrap();
    let signature: String = url::form_urlencoded::byte_serialize(signature.as_bytes()).collect();
    let came = Redirected::read(&format!("{query}&Signature={signature}")).unwrap();
    let words = came.open(&[certificate("sp")]).unwrap_err().to_string();
    assert!(words.contains("too large"), "{words}");
}

/// .NET writes small letters; what counts is the text as it was sent.
#[test]
fn a_redirect_holds_as_its_sender_wrote_it() {
    let destination = Address::parse("https://idp.test/slo").unwrap();
    let key = key("sp");
    let url = binding::to_redirect(&destination, Message::Response, "<x/>", None, None).unwrap();
    let value = url.query().unwrap().to_owned();
    let small = value
        .split('%')
        .enumerate()
        .map(|(i, part)| match (i, part.split_at_checked(2)) {
            (0, _) | (_, None) => part.to_owned(),
            (_, Some((hex, rest))) => format!("%{}{rest}", hex.to_lowercase()),
        })
        .collect::<String>();
    let octets = format!(
        "{small}&RelayState=&SigAlg=http%3a%2f%2fwww.w3.org%2f2001%2f04%2fxmldsig-more%23rsa-sha256"
    );
    let signature = key.sign_base64(octets.as_bytes()).unwrap();
    let signature: String = url::form_urlencoded::byte_serialize(signature.as_bytes()).collect();
    let came = Redirected::read(&format!("{octets}&Signature={signature}")).unwrap();
    assert_eq!(came.open(&[certificate("sp")]).unwrap(), b"<x/>");
}
