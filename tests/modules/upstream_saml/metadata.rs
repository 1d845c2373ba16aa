//! Metadata, ours and theirs. THREATS row 5 (an import never lowers a security setting silently)
//! and row 7 (script URLs).

use usher::protocol::saml::{
    Certificate, PrivateKey,
    metadata::{Ours, Theirs, Weaker, weaker},
    ns, time,
    xml::{self, Element},
};

use support::{
    campus::theirs,
    saml::{ACS, IDP, NOW, SP, Signer, certificate, key, pem, signed_metadata},
};

fn read(text: &str) -> Result<Theirs, String> {
    Theirs::read(text.as_bytes(), None, &[], NOW).map_err(|fault| fault.to_string())
}

#[track_caller]
fn assert_refused(text: &str, words: &str) {
    let error = read(text).expect_err("it is refused");
    assert!(error.contains(words), "{error}");
}

fn group(inside: &str) -> String {
    format!(
        "<md:EntitiesDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_group\" \
         Name=\"federation\">{inside}</md:EntitiesDescriptor>"
    )
}

#[test]
fn an_entity_with_two_keys_is_read() {
    let theirs = read(&theirs()).unwrap();
    assert_eq!(theirs.entity_id, IDP);
    assert_eq!(
        theirs.signing,
        [certificate("idp"), certificate("idp-next")]
    );
    let addresses: Vec<_> = theirs
        .sign_on
        .iter()
        .map(|one| one.location.as_str())
        .collect();
    assert_eq!(
        addresses,
        ["https://idp.test/sso/post", "https://idp.test/sso"]
    );
    let back = theirs.logout[0].response_location.as_ref().unwrap();
    assert_eq!(back.as_str(), "https://idp.test/slo/back");
    assert!(theirs.wants_signed_requests && !theirs.is_signed);
    assert_eq!(theirs.valid_until, Some(NOW + 86_400));
    assert_eq!(theirs.cache_for, Some(21_600));
}

#[test]
fn an_entity_is_found_in_a_federation() {
    let other = theirs()
        .replace(IDP, "https://other.test")
        .replace("_metadata", "_other");
    let nested = group(&theirs()).replace("_group", "_inner");
    let all = group(&format!("<!-- comment -->{other}{nested}"));
    let find = |id| Theirs::read(all.as_bytes(), Some(id), &[], NOW);
    assert_eq!(find(IDP).unwrap().entity_id, IDP);
    assert_eq!(
        find("https://other.test").unwrap().entity_id,
        "https://other.test"
    );
    let words = find("https://nobody.test").unwrap_err().to_string();
    assert!(
        words.contains("https://nobody.test is not in it"),
        "{words}"
    );
    assert_refused(&all, "several entities");
    let twice = group(&format!("{}{}", theirs(), theirs()));
    let words = Theirs::read(twice.as_bytes(), Some(IDP), &[], NOW)
        .unwrap_err()
        .to_string();
    assert!(words.contains("twice"), "{words}");
}

#[test]
fn metadata_of_another_entity() {
    let fault = Theirs::read(theirs().as_bytes(), Some("https://other.test"), &[], NOW);
    let words = fault.unwrap_err().to_string();
    assert!(words.contains(&format!("another entity, {IDP}")), "{words}");
}

#[test]
fn expired_metadata() {
    let text = theirs();
    assert!(Theirs::read(text.as_bytes(), None, &[], NOW + 86_399).is_ok());
    let late = Theirs::read(text.as_bytes(), None, &[], NOW + 86_400);
    let words = late.unwrap_err().to_string();
    assert!(words.contains("it has expired"), "{words}");
    let dated = group(&theirs()).replace(
        "Name=\"federation\"",
        &format!("validUntil=\"{}\"", time::format(NOW)),
    );
    assert_refused(&dated, "it has expired");
}

#[test]
fn script_urls_and_other_addresses_a_browser_must_not_be_sent_to() {
    for address in [
        "javascript:alert(1)",
        "JavaScript:alert(1)//https://idp.test",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://idp.test/",
        "//idp.test/sso",
        "/sso",
        "https://",
        "https://user:secret@idp.test/sso",
        "",
    ] {
        for place in [
            "https://idp.test/sso\"",
            "https://idp.test/slo\"",
            "https://idp.test/slo/back\"",
        ] {
            let text = theirs().replace(place, &format!("{address}\""));
            assert_refused(&text, "not an http or https URL");
        }
    }
}

#[test]
fn what_is_no_identity_provider() {
    for (from, to, words) in [
        (
            "md:IDPSSODescriptor",
            "md:SPSSODescriptor",
            "no identity provider",
        ),
        ("EntityDescriptor", "Entity", "not SAML metadata"),
        (
            ":2.0:protocol\"",
            ":1.1:protocol\"",
            "does not support SAML 2.0",
        ),
        ("SingleSignOnService", "Service", "no sign-on address"),
        (
            "use=\"signing\"",
            "use=\"encryption\"",
            "no certificate for signatures",
        ),
        (
            "<ds:X509Certificate>MII",
            "<ds:X509Certificate>MIJ",
            "certificate cannot be read",
        ),
        (
            "<md:IDPSSODescriptor",
            "<!DOCTYPE x><md:IDPSSODescriptor",
            "a DTD",
        ),
        (
            "<ds:X509Certificate>MII",
            "<ds:X509Certificate>MI<!-- -->I",
            "comment stands beside text",
        ),
    ] {
        assert_refused(&theirs().replace(from, to), words);
    }
    assert_refused("", "empty");
    assert_refused("<html><body>Not found</body></html>", "not SAML metadata");
    assert_refused(&" ".repeat(17 * 1024 * 1024), "too large");
}

#[test]
fn a_weak_key_beside_a_good_one_is_left_out() {
    let weak = pem("weak")
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect::<String>();
    let text = theirs().replace(&certificate("idp-next").to_base64(), &weak);
    assert_eq!(read(&text).unwrap().signing, [certificate("idp")]);
    assert_refused(
        &text.replace(&certificate("idp").to_base64(), &weak),
        "less than 2048 bits",
    );
}

#[test]
fn a_pinned_certificate_must_have_signed_it() {
    let pinned = [certificate("attacker")];
    let signer = Signer::of("attacker");
    let read = |text: &str, pinned: &[Certificate]| {
        let read = Theirs::read(text.as_bytes(), Some(IDP), pinned, NOW);
        read.map_err(|fault| fault.to_string())
    };
    let good = signed_metadata(&theirs(), &signer);
    assert!(read(&good, &pinned).unwrap().is_signed);
    assert!(
        !read(&good, &[]).unwrap().is_signed,
        "its signature was not checked"
    );
    // Canonical XML declares a namespace once.
    let inner = theirs().replacen(" xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"", "", 1);
    let around = signed_metadata(&group(&inner), &signer);
    assert!(read(&around, &pinned).unwrap().is_signed);
    let inside = group(&good);
    assert!(read(&inside, &pinned).unwrap().is_signed);

    assert!(read(&theirs(), &pinned).unwrap_err().contains("not signed"));
    let by_other = signed_metadata(&theirs(), &Signer::of("idp"));
    assert!(
        read(&by_other, &pinned)
            .unwrap_err()
            .contains("no key we know made it")
    );
    let changed = good.replace("https://idp.test/sso\"", "https://evil.test/sso\"");
    assert!(
        read(&changed, &pinned)
            .unwrap_err()
            .contains("no key we know made it")
    );
    // The wrapping of responses, tried on metadata.
    let evil = theirs().replace("https://idp.test/sso\"", "https://evil.test/sso\"");
    let evil = evil
        .replace("_metadata", "_evil")
        .replacen(IDP, "https://x.test", 1);
    let wrapped = group(&format!("{evil}{good}"));
    let found = read(&wrapped, &pinned).unwrap();
    assert!(
        found
            .sign_on
            .iter()
            .all(|one| one.location.host_str() == Some("idp.test"))
    );
}

fn weakened(change: impl Fn(&str) -> String) -> Vec<Weaker> {
    let old = read(&theirs()).unwrap();
    let new = read(&change(&theirs())).unwrap();
    weaker(&old, &new)
}

#[test]
fn an_import_never_lowers_a_security_setting_silently() {
    assert_eq!(weakened(str::to_owned), []);
    let next = certificate("idp-next").to_base64();
    let first = certificate("idp").to_base64();
    let attacker = certificate("attacker").to_base64();

    let gone = weakened(|text| text.replace(&next, &first));
    assert_eq!(
        gone,
        [Weaker::KeyRemoved(certificate("idp-next").fingerprint())]
    );
    assert!(!gone[0].is_grave());
    let replaced = weakened(|text| text.replace(&next, &attacker).replace(&first, &attacker));
    assert_eq!(replaced, [Weaker::KeysReplaced]);
    assert!(replaced[0].is_grave());
    let rolled = weakened(|text| text.replace(&first, &attacker));
    assert_eq!(
        rolled,
        [Weaker::KeyRemoved(certificate("idp").fingerprint())]
    );

    let moved = weakened(|text| text.replace("https://idp.test/sso\"", "https://evil.test/sso\""));
    let to = |host: &str| Weaker::Moved {
        from: "idp.test".to_owned(),
        to: host.to_owned(),
    };
    assert_eq!(moved, [to("evil.test")]);
    assert!(moved[0].is_grave());
    let back = weakened(|text| text.replace("https://idp.test/slo/back", "https://evil.test/"));
    assert_eq!(back, [to("evil.test")]);
    let plain = weakened(|text| text.replace("https://idp.test/sso\"", "http://idp.test/sso\""));
    assert_eq!(plain, [Weaker::Unencrypted("idp.test".to_owned())]);
    let unsigned = weakened(|text| text.replace("WantAuthnRequestsSigned=\"true\" ", ""));
    assert_eq!(unsigned, [Weaker::RequestsUnsigned]);
    let mute = weakened(|text| text.replace("SingleLogoutService", "Extensions"));
    assert_eq!(mute, [Weaker::NoLogout]);
}

fn ours(keys: &[PrivateKey]) -> String {
    let attributes = [
        "urn:oid:0.9.2342.19200300.100.1.3".to_owned(),
        "a\"<b>&".to_owned(),
    ];
    let ours = Ours {
        entity_id: SP,
        acs: ACS,
        logout: "https://usher.test/upstream/campus/logout",
        keys,
        requests_signed: true,
        want_assertions_signed: true,
        name_id_format: Some("urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"),
        title: "Campus <Portal>",
        attributes: &attributes,
    };
    ours.write().expect("it is written")
}

#[test]
fn our_metadata_has_two_keys_and_every_address() {
    let keys = ["sp", "sp-previous"].map(key);
    let text = ours(&keys);
    assert_eq!(
        text,
        ours(&["sp", "sp-previous"].map(key)),
        "every replica writes the same"
    );
    let entity = xml::parse(text.as_bytes(), &xml::METADATA).unwrap();
    assert_eq!(entity.attribute("entityID"), Some(SP));
    let role = entity
        .only(ns::METADATA, "SPSSODescriptor")
        .unwrap()
        .unwrap();
    let names: Vec<_> = role.elements().map(Element::name).collect();
    assert_eq!(
        names,
        [
            "KeyDescriptor",
            "KeyDescriptor",
            "KeyDescriptor",
            "SingleLogoutService",
            "SingleLogoutService",
            "NameIDFormat",
            "AssertionConsumerService",
            "AttributeConsumingService",
        ]
    );
    let uses: Vec<_> = role
        .elements()
        .filter_map(|one| one.attribute("use"))
        .collect();
    assert_eq!(uses, ["signing", "signing", "encryption"]);
    let service = role
        .only(ns::METADATA, "AttributeConsumingService")
        .unwrap()
        .unwrap();
    let title = service.only(ns::METADATA, "ServiceName").unwrap().unwrap();
    assert_eq!(title.text().unwrap(), "Campus <Portal>");
    let names: Vec<_> = service
        .elements()
        .filter_map(|one| one.attribute("Name"))
        .collect();
    assert_eq!(names, ["urn:oid:0.9.2342.19200300.100.1.3", "a\"<b>&"]);
}

#[test]
fn our_metadata_is_signed_and_reads_as_such() {
    let text = ours(&[key("sp")]);
    // Read as though we were an identity provider, to have the signature looked at.
    let as_idp = Theirs::read(text.as_bytes(), Some(SP), &[certificate("sp")], NOW);
    let words = as_idp.unwrap_err().to_string();
    assert!(
        words.contains("no identity provider"),
        "the signature held: {words}"
    );
    let as_idp = Theirs::read(text.as_bytes(), Some(SP), &[certificate("idp")], NOW);
    let words = as_idp.unwrap_err().to_string();
    assert!(words.contains("no key we know made it"), "{words}");
}

#[test]
fn a_key_without_a_certificate_gets_one_that_is_always_the_same() {
    let bare = pem("sp")
        .split("-----BEGIN CERTIFICATE-----")
        .next()
        .unwrap();
    let (first, second) = (
        PrivateKey::from_pem(bare).unwrap(),
        PrivateKey::from_pem(bare).unwrap(),
    );
    assert_eq!(first.certificate(), second.certificate());
    assert_ne!(first.certificate(), &certificate("sp"));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("certificate.der");
    std::fs::write(&path, first.certificate().der()).unwrap();
    let shown = std::process::Command::new("openssl")
        .args([
            "x509", "-inform", "der", "-noout", "-subject", "-enddate", "-in",
        ])
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(
        text.contains("CN = usher") && text.contains("2049"),
        "{text}"
    );
}

#[test]
fn a_key_that_is_none_is_named() {
    for (text, words) in [
        ("", "is missing"),
        ("hello", "is missing"),
        (pem("weak"), "is missing"),
        (pem("idp-ec"), "not RSA"),
    ] {
        let error = PrivateKey::from_pem(text).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
    let (ours, theirs) = (pem("sp"), pem("idp"));
    let at = |text: &str| text.find("-----BEGIN CERT").unwrap();
    let mixed = format!("{}{}", &ours[..at(ours)], &theirs[at(theirs)..]);
    let error = PrivateKey::from_pem(&mixed).unwrap_err().to_string();
    assert!(error.contains("not that of the private key"), "{error}");
}
