//! Signature verification: a signature is accepted for one element, as it is, made with one of the
//! given keys. Everything else that XML Signature permits is refused before the library sees it.
//!
//! samael and the xmlsec below it are used for hashing and verifying only. Their state in C is set
//! up once, at first use, by samael; the work is done on the thread that calls this, which should
//! be one that may block.

use std::collections::BTreeSet;

use samael::crypto::{
    AllowedSignatureAlgorithm, CertificateDer, Crypto, CryptoProvider, ReduceMode,
};

use super::{
    Certificate, SamlFault, assertion,
    certificate::{ALGORITHMS, RSA_SHA1},
    ns,
    sign::{ENVELOPED, SHA256},
    xml::{self, Element},
};

/// The element as its signer saw it, or `None` if it has no signature of its own. Callers check
/// first that every signature is [`in_their_places`].
///
/// The library is given our own serialisation of this element alone, keys, and the list of
/// algorithms; its answer is the text that it hashed. That must be what we passed, less the
/// signature: neither another element, nor a part of it, nor nothing.
pub(super) fn signed(
    element: &Element,
    certificates: &[Certificate],
) -> Result<Option<Element>, SamlFault> {
    let Some(signature) = element.only(ns::DSIG, "Signature")? else {
        return Ok(None);
    };
    if certificates.is_empty() {
        return Err(SamlFault::Signature("no key of the other side is known"));
    }
    let is_legacy = is_made_with(signature, RSA_SHA1) || is_made_with(signature, SHA1);
    let keys: Vec<_> = certificates
        .iter()
        .filter(|certificate| !is_legacy || certificate.allows_sha1())
        .map(|certificate| CertificateDer::from(certificate.der().to_vec()))
        .collect();
    if keys.is_empty() {
        return Err(SamlFault::Signature(
            match is_made_with(signature, RSA_SHA1) {
                true => "its algorithm is not allowed",
                false => "its digest is not allowed",
            },
        ));
    }
    let reduced = Crypto::reduce_xml_to_signed_with_allowed_algorithms(
        &element.write(),
        &keys,
        ReduceMode::PreDigest,
        // The library has no name for RSA-SHA1; its position and structure were checked before.
        (!is_legacy).then_some(ALLOWED),
    );
    let reduced = reduced.map_err(|_| SamlFault::Signature(super::NO_KEY))?;
    let reduced = xml::parse(reduced.as_bytes(), &xml::METADATA)?;
    if reduced != element.without(ns::DSIG, "Signature") {
        return Err(SamlFault::Signature("what was signed is not what was sent"));
    }
    Ok(Some(reduced))
}

/// Whether a signature, or the digest in it, is made with this algorithm.
fn is_made_with(signature: &Element, algorithm: &str) -> bool {
    let mut found = false;
    signature.walk(&mut |one| found |= one.attribute("Algorithm") == Some(algorithm));
    found
}

const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";

const ALLOWED: &[AllowedSignatureAlgorithm] = &[
    AllowedSignatureAlgorithm::RsaSha256,
    AllowedSignatureAlgorithm::RsaSha384,
    AllowedSignatureAlgorithm::RsaSha512,
    AllowedSignatureAlgorithm::EcdsaSha256,
    AllowedSignatureAlgorithm::EcdsaSha384,
    AllowedSignatureAlgorithm::EcdsaSha512,
];

const DIGESTS: &[&str] = &[
    SHA256,
    "http://www.w3.org/2001/04/xmldsig-more#sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512",
];

/// The elements that may have a signature.
const SIGNABLE: &[(&str, &str)] = &[
    (ns::PROTOCOL, "Response"),
    (ns::PROTOCOL, "AuthnRequest"),
    (ns::PROTOCOL, "LogoutRequest"),
    (ns::PROTOCOL, "LogoutResponse"),
    (ns::ASSERTION, "Assertion"),
    (ns::METADATA, "EntityDescriptor"),
    (ns::METADATA, "EntitiesDescriptor"),
];

/// Checks that no id is there twice, in any spelling of `ID`, and that every signature is a child
/// of the element it signs and has the required structure (THREATS: signature wrapping). Documents
/// that were received together are checked together.
pub(super) fn in_their_places(documents: &[&Element]) -> Result<(), SamlFault> {
    let mut elements = Vec::new();
    for document in documents {
        document.walk(&mut |element| elements.push(element));
    }
    let mut ids = BTreeSet::new();
    for attribute in elements.iter().flat_map(|element| element.attributes()) {
        if attribute.name.eq_ignore_ascii_case("id") && !ids.insert(attribute.value.as_str()) {
            return Err(SamlFault::Shape("an ID is there twice"));
        }
    }
    let mut placed = 0;
    for element in &elements {
        let Some(signature) = element.only(ns::DSIG, "Signature")? else {
            continue;
        };
        if !SIGNABLE.iter().any(|(space, name)| element.is(space, name)) {
            return Err(SamlFault::Shape("a signature is where none belongs"));
        }
        signs_its_parent(signature, assertion::id(element)?)?;
        placed += 1;
    }
    let all = elements
        .iter()
        .filter(|one| one.is(ns::DSIG, "Signature"))
        .count();
    match all == placed {
        true => Ok(()),
        false => Err(SamlFault::Shape("a signature is where none belongs")),
    }
}

/// Core section 5.4: one reference, to the parent by its ID, with the two transforms that leave the
/// parent unchanged, and algorithms of the list. Everything else that XML Signature permits is
/// refused: objects, XSLT, XPath, references to other elements, HMAC.
fn signs_its_parent(signature: &Element, id: &str) -> Result<(), SamlFault> {
    let parts = children(
        signature,
        &["SignedInfo", "SignatureValue"],
        Some("KeyInfo"),
    )?;
    let info = children(
        parts[0],
        &["CanonicalizationMethod", "SignatureMethod", "Reference"],
        None,
    )?;
    let reference = children(
        info[2],
        &["Transforms", "DigestMethod", "DigestValue"],
        None,
    )?;
    if info[2].attribute("URI") != Some(&format!("#{id}")) {
        return Err(SamlFault::Signature(
            "it refers to something else than its parent",
        ));
    }
    let transforms = children(reference[0], &["Transform", "Transform"], None)?;
    let algorithm = |element: &Element| {
        element
            .attribute("Algorithm")
            .unwrap_or_default()
            .to_owned()
    };
    let canonical = |element: &Element| {
        let mut inner = element.elements();
        let prefixes = inner.all(|one| one.is(ns::EXC_C14N, "InclusiveNamespaces"));
        algorithm(element) == ns::EXC_C14N && prefixes
    };
    let is_bare = |element: &Element| element.elements().next().is_none();
    let enveloped = algorithm(transforms[0]) == ENVELOPED && is_bare(transforms[0]);
    if !enveloped || !canonical(transforms[1]) || !canonical(info[0]) {
        return Err(SamlFault::Signature(
            "it has a transform that is not allowed",
        ));
    }
    let made = algorithm(info[1]);
    // Whether SHA-1 is allowed depends on the key, and is checked in `signed`.
    let is_listed = made == RSA_SHA1 || ALGORITHMS.iter().any(|(uri, _)| *uri == made);
    if !is_listed || !is_bare(info[1]) {
        return Err(SamlFault::Signature("its algorithm is not allowed"));
    }
    let digest = algorithm(reference[1]);
    if !(digest == SHA1 || DIGESTS.contains(&digest.as_str())) || !is_bare(reference[1]) {
        return Err(SamlFault::Signature("its digest is not allowed"));
    }
    Ok(())
}

/// The children, which are exactly these in this order, and perhaps one more.
fn children<'a>(
    element: &'a Element,
    names: &[&str],
    last: Option<&str>,
) -> Result<Vec<&'a Element>, SamlFault> {
    let all: Vec<_> = element.elements().collect();
    let allowed: Vec<_> = names.iter().copied().chain(last).collect();
    let mut pairs = all.iter().zip(&allowed);
    let fits = (names.len()..=allowed.len()).contains(&all.len())
        && pairs.all(|(one, name)| one.is(ns::DSIG, name))
        && !element.is_mixed();
    match fits {
        true => Ok(all),
        false => Err(SamlFault::Signature("it is not shaped as SAML's are")),
    }
}
