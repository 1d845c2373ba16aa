//! Our signature on our own XML: enveloped, exclusive canonical XML, RSA with SHA-256 (Core section
//! 5.4). `document` is ours in every call: no other party's document is ever signed, so what is
//! signed is the canonical form of a tree that this crate has built (docs/decisions/0016).

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{PrivateKey, SamlFault, key::SIGNATURE_ALGORITHM, ns, xml::Element};

pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// The place of a signature in an element that is to be signed: [`sign`] replaces it.
pub fn place() -> Element {
    ds("Signature")
}

/// The element with its signature (XML Signature section 3.1): a reference to its `ID`, and where
/// [`place`] is a child of it.
pub fn sign(document: &Element, key: &PrivateKey) -> Result<Element, SamlFault> {
    let id = document.attribute("ID");
    let id = id.ok_or(SamlFault::Signature("what is signed has no ID"))?;
    let unsigned = document.without(ns::DSIG, "Signature").canonical();
    let digest = digest::digest(&digest::SHA256, unsigned.as_bytes());
    let info = signed_info(id, &STANDARD.encode(digest));
    let value = key.sign_base64(info.canonical().as_bytes())?;
    let signature = ds("Signature")
        .child(info)
        .child(ds("SignatureValue").containing(&value));
    document
        .replacing(ns::DSIG, "Signature", signature)
        .ok_or(SamlFault::Signature("there is no place for a signature"))
}

fn signed_info(id: &str, digest: &str) -> Element {
    let by = |name: &str, algorithm: &str| ds(name).with("Algorithm", algorithm);
    let transforms = ds("Transforms")
        .child(by("Transform", ENVELOPED))
        .child(by("Transform", ns::EXC_C14N));
    let reference = ds("Reference")
        .with("URI", &format!("#{id}"))
        .child(transforms)
        .child(by("DigestMethod", SHA256))
        .child(ds("DigestValue").containing(digest));
    ds("SignedInfo")
        .child(by("CanonicalizationMethod", ns::EXC_C14N))
        .child(by("SignatureMethod", SIGNATURE_ALGORITHM))
        .child(reference)
}

fn ds(name: &str) -> Element {
    Element::new(ns::DSIG, &format!("ds:{name}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PrivateKey, place, sign};
    use crate::protocol::saml::{
        ns,
        signature::signed,
        xml::{self, Element},
    };

    fn key() -> PrivateKey {
        let pem = PrivateKey::generate().expect("a key");
        PrivateKey::from_pem(&pem).expect("that can be read")
    }

    fn request(id: &str, attribute: &str, text: &str) -> Element {
        let assertion = |name: &str| Element::new(ns::ASSERTION, &format!("saml:{name}"));
        Element::new(ns::PROTOCOL, "samlp:Response")
            .with("ID", id)
            .with("Destination", attribute)
            .child(assertion("Issuer").containing(text))
            .child(place())
            .child(
                Element::new("", "plain")
                    .with_language("de")
                    .containing(text)
                    .child(assertion("Issuer").with("Format", attribute)),
            )
    }

    /// The library that verifies what others sign, xmlsec, verifies what we sign: an independent
    /// implementation of the same standards.
    #[test]
    fn an_independent_library_verifies_every_signature() {
        let key = key();
        let certificates = [key.certificate().clone()];
        let any = "[\\PC\t\n\r<>&\"'\u{0}\u{fffe}]{0,40}";
        proptest!(ProptestConfig::with_cases(64), |(attribute in any, text in any)| {
            let document = sign(&request("_a1", &attribute, &text), &key).expect("signed");
            let sent = document.write();
            let read = xml::parse(sent.as_bytes(), &xml::MESSAGE).expect("XML");
            let verified = signed(&read, &certificates);
            prop_assert!(matches!(verified, Ok(Some(_))), "{sent}: {verified:?}");
            let forged = sent.replacen("_a1\"", "_a2\"", 2);
            let forged = xml::parse(forged.as_bytes(), &xml::MESSAGE).expect("XML");
            prop_assert!(signed(&forged, &certificates).is_err());
        });
    }

    #[test]
    fn an_element_without_an_id_or_a_place_is_not_signed() {
        let element = Element::new(ns::PROTOCOL, "samlp:Response");
        assert!(sign(&element.clone().child(place()), &key()).is_err());
        assert!(sign(&element.with("ID", "_a1"), &key()).is_err());
    }
}
