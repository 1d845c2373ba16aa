//! Our signature on our own XML: enveloped, exclusive canonical XML, RSA with SHA-256 (Core section
//! 5.4).

use samael::crypto::{Crypto, CryptoProvider};

use super::{PrivateKey, SamlFault, key::SIGNATURE_ALGORITHM, ns, xml::Element};

pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// An unfilled signature for the element with this `ID`.
pub fn template(id: &str) -> Element {
    let ds = |name: &str| Element::new(ns::DSIG, &format!("ds:{name}"));
    let by = |name: &str, algorithm: &str| ds(name).with("Algorithm", algorithm);
    let transforms = ds("Transforms")
        .child(by("Transform", ENVELOPED))
        .child(by("Transform", ns::EXC_C14N));
    let reference = ds("Reference")
        .with("URI", &format!("#{id}"))
        .child(transforms)
        .child(by("DigestMethod", SHA256))
        .child(ds("DigestValue"));
    let info = ds("SignedInfo")
        .child(by("CanonicalizationMethod", ns::EXC_C14N))
        .child(by("SignatureMethod", SIGNATURE_ALGORITHM))
        .child(reference);
    ds("Signature").child(info).child(ds("SignatureValue"))
}

/// The element's text with its one template filled in. `document` is ours: no other party's
/// document is ever signed.
///
/// The library puts an XML declaration before it, which is only allowed at the start of a document
/// (XML 1.0 section 2.8): not in a SOAP envelope, nor in an encrypted element.
pub fn sign(document: &Element, key: &PrivateKey) -> Result<String, SamlFault> {
    let text = Crypto::sign_xml(document.write(), key.pkcs8())
        .map_err(|_| SamlFault::Signature("our own key does not sign"))?;
    let element = text
        .strip_prefix("<?xml ")
        .and_then(|text| text.split_once("?>"))
        .map_or(&*text, |(_, element)| element);
    Ok(element.trim().to_owned())
}
