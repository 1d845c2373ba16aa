//! Software that we did not write accepts our responses: node-saml, and xmlsec1.

use std::io::Write;

use serde_json::{Value, json};
use usher::protocol::saml::binding;

use super::{Ask, ana, ours, posted};
use support::{
    lab::{ACS, ENTITY, IDP, key_descriptor, metadata, usher},
    saml::pem,
    server::variable,
};

/// node-saml's result for a response.
fn node_saml(options: &Value) -> Value {
    let node = variable("USHER_TEST_NODE").expect("USHER_TEST_NODE: run `make test`");
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/node_saml.mjs");
    let mut child = std::process::Command::new(node)
        .arg(script)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("node runs");
    let mut input = child.stdin.take().expect("its input");
    input
        .write_all(options.to_string().as_bytes())
        .expect("written");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test]
async fn node_saml_accepts_our_responses_solicited_unsolicited_and_encrypted() {
    let both = key_descriptor("signing", "sp") + &key_descriptor("encryption", "sp");
    for (method, extra, at) in [
        (
            "request_init",
            key_descriptor("signing", "sp"),
            "/customers",
        ),
        ("request_init", both, ""),
        ("saml", key_descriptor("signing", "sp"), "unasked"),
    ] {
        let usher = usher(method, json!({ "metadata": metadata(&extra) })).await;
        let mut ana = ana(&usher).await;
        let path = match method {
            "saml" => "/go/lab/customer/C-1042".to_owned(),
            _ => Ask::at(&usher, "_node").by_redirect(),
        };
        let page = ana.peek(&path).await;
        let (_, response) = posted(&page);
        let cert = ours(&usher).await[0].to_base64();
        let options = |cert: &str, audience: &str| {
            json!({
                "now": usher.clock.now().secs() * 1000,
                "response": response,
                "request": (method != "saml").then_some("_node"),
                "options": {
                    "callbackUrl": ACS, "issuer": ENTITY, "audience": audience, "idpIssuer": IDP,
                    "idpCert": cert, "wantAuthnResponseSigned": true, "wantAssertionsSigned": true,
                    "decryptionPvk": pem("sp").split("-----BEGIN CERTIFICATE").next(),
                    "validateInResponseTo": if method == "saml" { "never" } else { "always" },
                },
            })
        };
        let said = node_saml(&options(&cert, ENTITY));
        assert_eq!(said["profile"]["mail"], "ana@example.org", "{at}: {said}");
        assert_eq!(said["profile"]["issuer"], IDP);
        if method == "saml" {
            assert_eq!(said["profile"]["urn:usher:context:customer"], "C-1042");
        }
        let other = node_saml(&options(&cert, "https://other.test/sp"));
        assert!(other["error"].is_string(), "another audience: {other}");
        let stranger = support::saml::certificate("attacker").to_base64();
        let other = node_saml(&options(&stranger, ENTITY));
        assert!(other["error"].is_string(), "another key: {other}");
    }
}

#[tokio::test]
async fn xmlsec1_verifies_response_and_assertion() {
    let usher = usher("request_init", json!({})).await;
    let mut ana = ana(&usher).await;
    let page = ana.peek(&Ask::at(&usher, "_xmlsec").by_redirect()).await;
    let dir = tempfile::tempdir().expect("a directory");
    let (file, key) = (dir.path().join("response.xml"), dir.path().join("cert.pem"));
    let bytes = binding::from_post(&posted(&page).1).expect("base64");
    std::fs::write(&file, bytes).expect("written");
    let cert = ours(&usher).await[0].to_base64();
    let lines: Vec<&str> = cert
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("text"))
        .collect();
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    );
    std::fs::write(&key, pem).expect("written");
    for (node, xpath) in [
        (
            "urn:oasis:names:tc:SAML:2.0:protocol:Response",
            "/*[local-name()='Response']/*[local-name()='Signature']",
        ),
        (
            "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
            "//*[local-name()='Assertion']/*[local-name()='Signature']",
        ),
    ] {
        let output = std::process::Command::new("xmlsec1")
            .args([
                "--verify",
                "--id-attr:ID",
                node,
                "--node-xpath",
                xpath,
                "--pubkey-cert-pem",
            ])
            .arg(&key)
            .arg(&file)
            .output()
            .expect("xmlsec1 runs");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{node}: {told}");
    }
}
