//! THREATS rows 2 and 19: features of XML that SAML does not use, refused before any parser sees
//! them: DTDs and entities, comments, processing instructions, CDATA, and sheer size.

use usher::protocol::saml::SamlFault;

use support::saml::{Lab, Says, attribute};

#[track_caller]
fn assert_refused(response: &str, words: &str) {
    assert_bytes_refused(response.as_bytes(), words);
}

#[track_caller]
fn assert_bytes_refused(response: &[u8], words: &str) {
    let fault = Lab::open()
        .verify_bytes(response)
        .expect_err("it is refused");
    assert!(
        matches!(fault, SamlFault::Xml(_) | SamlFault::Shape(_)),
        "{fault}"
    );
    assert!(fault.to_string().contains(words), "{fault}");
}

fn good() -> String {
    Says::default().by(&Lab::open().idp)
}

/// What a signer would sign of a name with a comment, and what a browser's attacker then sends.
fn with_name(name: &str) -> String {
    good().replace("ana-4711", name)
}

const MARKUP: &str = "a DTD, a comment, CDATA or a processing instruction";

#[test]
fn a_comment_in_the_name_id() {
    // Canonical XML drops comments: the signature over "admin.evil" would hold.
    let lab = Lab::open();
    let says = Says {
        name_id: "admin.evil".to_owned(),
        ..Says::default()
    };
    let response = says
        .by(&lab.idp)
        .replace("admin.evil", "admin<!-- -->.evil");
    assert_refused(&response, MARKUP);
}

#[test]
fn a_comment_in_an_attribute_value() {
    assert_refused(
        &good().replace("ana@example.org", "ana@<!---->example.org"),
        MARKUP,
    );
}

#[test]
fn a_comment_anywhere() {
    for response in [
        good().replace("<samlp:Status>", "<!-- x --><samlp:Status>"),
        format!("{}<!-- x -->", good()),
        format!("<!-- x -->{}", good()),
    ] {
        assert_refused(&response, MARKUP);
    }
}

#[test]
fn a_processing_instruction_in_the_name_id() {
    assert_refused(&with_name("ana<?x?>-4711"), MARKUP);
}

#[test]
fn a_style_sheet() {
    assert_refused(&format!("<?xml-stylesheet href=\"x\"?>{}", good()), MARKUP);
}

#[test]
fn a_second_declaration() {
    let declaration = "<?xml version=\"1.0\"?>";
    assert_refused(&format!("{declaration}{declaration}{}", good()), MARKUP);
    assert_refused(&format!(" {declaration}{}", good()), MARKUP);
}

#[test]
fn cdata_in_the_name_id() {
    assert_refused(&with_name("<![CDATA[ana-4711]]>"), MARKUP);
}

#[test]
fn a_dtd() {
    assert_refused(&format!("<!DOCTYPE x>{}", good()), MARKUP);
}

#[test]
fn an_external_entity() {
    let dtd = "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>";
    assert_refused(&format!("{dtd}{}", with_name("&e;")), MARKUP);
}

#[test]
fn an_external_parameter_entity() {
    let dtd = "<!DOCTYPE x [<!ENTITY % e SYSTEM \"http://127.0.0.1:9/x\"> %e;]>";
    assert_refused(&format!("{dtd}{}", good()), MARKUP);
}

#[test]
fn a_billion_laughs() {
    let mut dtd = String::from("<!DOCTYPE x [<!ENTITY e0 \"ha\">");
    for i in 1..30 {
        let before = i - 1;
        dtd += &format!("<!ENTITY e{i} \"&e{before};&e{before};&e{before};\">");
    }
    assert_refused(&format!("{dtd}]>{}", with_name("&e29;")), MARKUP);
}

#[test]
fn an_id_attribute_declared_by_a_dtd() {
    let dtd = "<!DOCTYPE x [<!ATTLIST samlp:Extensions evil ID #IMPLIED>]>";
    assert_refused(&format!("{dtd}{}", good()), MARKUP);
}

#[test]
fn an_undeclared_entity() {
    assert_refused(&with_name("&ana;"), "entity of its own");
    let attribute = good().replace("_session", "&session;");
    assert_refused(&attribute, "entity of its own");
}

#[test]
fn another_encoding() {
    let declared = format!("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>{}", good());
    assert_refused(&declared, "not UTF-8");
    let seven = format!("<?xml version=\"1.0\" encoding=\"UTF-7\"?>{}", good());
    assert_refused(&seven, "not UTF-8");
    let wide: Vec<u8> = good().encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_bytes_refused(&[b"\xff\xfe".as_slice(), &wide].concat(), "not UTF-8");
    assert_bytes_refused(&wide, "");
    let latin = with_name("x").replace('x', "\u{e9}");
    let latin: Vec<u8> = latin
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect();
    assert_bytes_refused(&latin, "not UTF-8");
}

#[test]
fn xml_1_1() {
    assert_refused(
        &format!("<?xml version=\"1.1\"?>{}", good()),
        "version is not 1.0",
    );
}

#[test]
fn characters_that_xml_does_not_have() {
    for odd in [
        "\0", "\u{1}", "\u{b}", "\u{ffff}", "&#0;", "&#1;", "&#xffff;", "&#xd800;",
    ] {
        assert_refused(&with_name(odd), "");
    }
}

#[test]
fn markup_in_the_name_id() {
    let lab = Lab::open();
    let says = Says {
        name_id: "ana<saml:b></saml:b>-4711".to_owned(),
        ..Says::default()
    };
    assert_refused(&says.by(&lab.idp), "more than text");
}

/// What an identity provider that does not escape signs when a user's name is markup.
#[test]
fn an_attribute_with_injected_markup() {
    let lab = Lab::open();
    let injected = "x</saml:b><saml:b>admin";
    let says = Says {
        attributes: attribute("name", "", &[&format!("<saml:b>{injected}</saml:b>")]),
        ..Says::default()
    };
    let verified = lab.accepts(&says);
    let [name] = verified.attributes.as_slice() else {
        panic!("{:?}", verified.attributes);
    };
    assert!(name.values.is_empty(), "none of it is a value: {name:?}");
    assert!(name.has_markup);
}

#[test]
fn a_huge_response() {
    let lab = Lab::open();
    let says = Says {
        attributes: attribute("name", "", &[&"x".repeat(600 * 1024)]),
        ..Says::default()
    };
    assert_refused(&says.by(&lab.idp), "too large");
}

#[test]
fn a_deep_response() {
    let lab = Lab::open();
    for depth in [40, 10_000] {
        let deep = format!("{}{}", "<saml:b>".repeat(depth), "</saml:b>".repeat(depth));
        let says = Says {
            attributes: attribute("name", "", &[&deep]),
            ..Says::default()
        };
        assert_refused(&says.by(&lab.idp), "too deep");
    }
}

#[test]
fn ten_thousand_elements_and_a_hundred_attributes() {
    let many = "<saml:b></saml:b>".repeat(10_001);
    let says = Says {
        extensions: format!("<samlp:Extensions>{many}</samlp:Extensions>"),
        ..Says::default()
    };
    let lab = Lab::open();
    let response = says.by(&lab.idp).replace("saml:b>", "samlp:b>");
    assert_refused(&response, "too many elements");
    let attributes: String = (0..100).map(|i| format!(" a{i}=\"\"")).collect();
    let response = good().replacen("<samlp:Status>", &format!("<samlp:Status{attributes}>"), 1);
    assert_refused(&response, "not well-formed");
}

#[test]
fn what_is_not_well_formed() {
    for (response, words) in [
        (String::new(), "empty"),
        (" ".to_owned(), "empty"),
        ("SAMLResponse".to_owned(), "text outside"),
        (format!("{}{}", good(), good()), "two roots"),
        (format!("{}x", good()), "text outside"),
        (
            good().replace("</samlp:Response>", ""),
            "ends in the middle",
        ),
        (
            good().replace("</saml:Subject>", "</saml:Object>"),
            "not well-formed",
        ),
        (
            good().replace(" Version=", " Version=\"2.0\" Version="),
            "not well-formed",
        ),
        (
            good().replace("samlp:Status>", "nobody:Status>"),
            "bound to no namespace",
        ),
        (
            good().replace("samlp:Status>", "a:b:Status>"),
            "name that none may have",
        ),
        (
            good().replace("<samlp:Status>", "<samlp:Status a=\"<\">"),
            "not well-formed",
        ),
        (
            good().replace("<samlp:Status>", "<samlp:Status a=b>"),
            "not well-formed",
        ),
        (
            good().replace("<samlp:Status>", "<samlp:Status xmlns:xml=\"urn:x\">"),
            "declares a namespace",
        ),
        (
            good().replace("<samlp:Status>", "<samlp:Status xmlns:samlp=\"\">"),
            "declares a namespace",
        ),
        (
            good().replace(
                "<samlp:Status>",
                "<samlp:Status xmlns:a=\"u\" xmlns:b=\"u\" a:x=\"\" b:x=\"\">",
            ),
            "attribute is there twice",
        ),
    ] {
        assert_refused(&response, words);
    }
}
