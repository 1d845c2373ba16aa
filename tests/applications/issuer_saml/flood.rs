//! Unauthenticated requests must cost the portal little, and not on the async threads.

use axum::{body::Body, http::Request};
use serde_json::json;
use usher::protocol::saml::{SamlFault, binding, xml};

use support::{
    lab::{metadata, usher},
    server::TestServer,
};

/// 30 levels of 39 declarations each, every one looked up from the innermost element.
fn declarations(levels: usize, each: usize) -> String {
    let mut text = String::new();
    for level in 0..levels {
        text += "<a";
        for at in 0..each {
            text += &format!(" xmlns:p{at}=\"u{level}\"");
        }
        text += ">";
    }
    text + &"</a>".repeat(levels)
}

fn form(name: &str, text: &str) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .append_pair(name, &binding::to_post(text))
        .finish()
}

async fn post(usher: &TestServer, path: &str, kind: &str, body: String) -> (u16, String) {
    let request = Request::post(path)
        .header("content-type", kind)
        .body(Body::from(body))
        .expect("a request");
    let (status, _, text) = usher.ask(request).await;
    (status, text)
}

#[test]
fn seven_kilobytes_of_namespace_declarations_are_refused_before_they_cost_anything() {
    let refused = |text: &str, limits: &xml::XmlLimits| {
        let fault = xml::parse(text.as_bytes(), limits).expect_err("refused");
        assert!(
            matches!(fault, SamlFault::Xml(why) if why.contains("too many namespaces")),
            "{fault}"
        );
    };
    let flood = declarations(30, 39);
    assert!(flood.len() > 7000, "{}", flood.len());
    refused(&flood, &xml::MESSAGE);
    refused(&flood, &xml::METADATA);
    refused(&declarations(1, 9), &xml::MESSAGE);
    refused(&declarations(8, 8), &xml::MESSAGE);
    refused(&declarations(1, 33), &xml::METADATA);
    // Each element has a copy of its namespace's name.
    refused(
        &format!("<a xmlns=\"{}\"/>", "u".repeat(257)),
        &xml::MESSAGE,
    );
    for good in [declarations(1, 8), declarations(7, 8), declarations(9, 7)] {
        assert!(xml::parse(good.as_bytes(), &xml::MESSAGE).is_ok());
    }
    // A federation's root declares the namespaces of all extensions.
    assert!(xml::parse(declarations(1, 24).as_bytes(), &xml::METADATA).is_ok());
}

#[tokio::test]
async fn a_flood_of_namespaces_at_the_saml_endpoints_leaves_the_portal_responsive() {
    let usher = usher("request_init", json!({})).await;
    let flood = declarations(30, 39);
    let url = url::Url::parse("https://usher.test/saml/sso").expect("an address");
    let by_redirect =
        binding::to_redirect(&url, binding::Message::Request, &flood, None, None).expect("packed");
    let query = by_redirect.query().expect("a query").to_owned();
    for _ in 0..3 {
        for path in ["/saml/sso", "/saml/slo"] {
            let request = Request::get(format!("{path}?{query}")).body(Body::empty());
            let (status, _, text) = usher.ask(request.expect("a request")).await;
            assert_eq!(status, 400, "{path}: {text}");
            let kind = "application/x-www-form-urlencoded";
            let (status, text) = post(&usher, path, kind, form("SAMLRequest", &flood)).await;
            assert_eq!(status, 400, "{path}: {text}");
        }
        let (status, text) = post(&usher, "/saml/slo/soap", "text/xml", flood.clone()).await;
        assert_eq!(status, 500, "{text}");
        assert!(text.contains("too many namespaces"), "{text}");
    }
    let bomb = metadata(&format!(
        "<md:Extensions>{}</md:Extensions>",
        declarations(20, 30)
    ));
    let draft = support::lab::seed("saml", support::lab::settings(json!({ "metadata": bomb })));
    let error = usher.app.seed(&draft.toml()).await.expect_err("refused");
    assert!(error.to_string().contains("too many namespaces"), "{error}");
}

/// Without a SAML service, nothing that a client sends is unpacked or read.
#[tokio::test]
async fn the_saml_endpoints_do_not_exist_in_a_portal_without_a_saml_service() {
    let usher = TestServer::open().await;
    let get = |path: &str| Request::get(path).body(Body::empty()).expect("a request");
    for path in [
        "/saml/metadata",
        "/saml/sso",
        "/saml/sso?SAMLRequest=eJw%3D",
        "/saml/sso/smr_0197f000000000000000000000000001",
        "/saml/slo",
        "/saml/slo?SAMLRequest=eJw%3D",
    ] {
        assert_eq!(usher.ask(get(path)).await.0, 404, "{path}");
    }
    let kind = "application/x-www-form-urlencoded";
    for path in ["/saml/sso", "/saml/slo"] {
        let (status, _) = post(&usher, path, kind, form("SAMLRequest", "<x/>")).await;
        assert_eq!(status, 404, "{path}");
    }
    let (status, _) = post(&usher, "/saml/slo/soap", "text/xml", "<x/>".to_owned()).await;
    assert_eq!(status, 404);
    usher
        .seed(&support::lab::seed(
            "request_init",
            support::lab::settings(json!({})),
        ))
        .await;
    assert_eq!(usher.ask(get("/saml/metadata")).await.0, 200);
}
