//! An application that uses SAML, in the catalogue of a portal: the laboratory at `https://lab.test`.

use serde_json::{Value, json};

use super::{
    draft::{self, Draft},
    saml::certificate,
    server::TestServer,
};

pub const ENTITY: &str = "https://lab.test/sp";
pub const ACS: &str = "https://lab.test/acs";
pub const SLO: &str = "https://lab.test/slo";
pub const IDP: &str = "https://usher.test/saml/metadata";
pub const SSO: &str = "https://usher.test/saml/sso";

/// The lab's metadata; `extra` stands before its endpoints.
pub fn metadata(extra: &str) -> String {
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" entityID=\"{ENTITY}\">\
         <md:SPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         {extra}\
         <md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"{SLO}\"/>\
         <md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
         Location=\"https://lab.test/other-acs\" index=\"3\"/>\
         <md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
         Location=\"{ACS}\" index=\"0\" isDefault=\"true\"/>\
         </md:SPSSODescriptor></md:EntityDescriptor>"
    )
}

pub fn key_descriptor(purpose: &str, name: &str) -> String {
    format!(
        "<md:KeyDescriptor use=\"{purpose}\"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{}\
         </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
        certificate(name).to_base64()
    )
}

/// Settings of the lab: signs its requests with `sp`, reads attributes, changed as a test needs.
pub fn settings(changes: Value) -> Value {
    let mut settings = json!({
        "metadata": metadata(&key_descriptor("signing", "sp")),
        "attributes": { "mail": "mail", "displayName": "name", "urn:oid:1.3.6.1.4.1.5923.1.5.1.1": "groups" },
        "initiator": "https://lab.test/start",
    });
    let map = settings.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        map.insert(name.clone(), value.clone());
    }
    map.retain(|_, value| !value.is_null());
    settings
}

/// The tests' catalogue with a lab that uses SAML with these settings.
pub fn seed_set(method: &str, changes: Value) -> Draft {
    seed(method, settings(changes))
}

/// The tests' catalogue with a lab that uses SAML.
pub fn seed(method: &str, settings: Value) -> Draft {
    let mut draft = Draft::sample().plus(LAB);
    draft.service("lab").handoff = method.into();
    draft.instance("lab-eu").settings = draft::settings(settings);
    draft
}

const LAB: &str = r#"
[[service]]
slug = "lab"
title = "Lab"
description = "Findings"
icon = "chart"
category = "Customers"
handoff = "saml"

[[service.instance]]
slug = "lab-eu"
title = "Lab Europe"
base_url = "https://lab.test"

[[service.rule]]
title = "Everybody"
instances = ["lab-eu"]

[[service.link]]
type = "customer"
intents = { view = "/customers/{key}" }
"#;

pub async fn usher(method: &str, changes: Value) -> TestServer {
    TestServer::with(&seed(method, settings(changes))).await
}

/// The portal with the lab as it is set up by default.
pub async fn portal() -> TestServer {
    usher("request_init", json!({})).await
}
