//! A SAML identity provider in the catalogue of a portal, the slug `campus`: there and back.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;
use usher::protocol::saml::{
    binding::Redirected,
    ns, time,
    xml::{self, Element},
};

use super::{
    browser::{Browser, Page},
    draft::{self, Draft},
    saml::{IDP, NOW, Says, Signer, certificate, pem, posted},
    server::{PORTAL, TestServer},
};

pub const SLO: &str = "https://usher.test/upstream/campus/logout";

/// An identity provider's metadata as it writes it; pieces are replaced by tests.
pub fn theirs() -> String {
    let key = |name: &str| {
        format!(
            "<md:KeyDescriptor use=\"signing\"><ds:KeyInfo \
             xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{}\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
            certificate(name).to_base64()
        )
    };
    format!(
        "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" ID=\"_metadata\" \
         cacheDuration=\"PT6H\" entityID=\"{IDP}\" validUntil=\"{}\">\
         <md:IDPSSODescriptor WantAuthnRequestsSigned=\"true\" \
         protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">{}{}\
         <md:SingleLogoutService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://idp.test/slo\" ResponseLocation=\"https://idp.test/slo/back\">\
         </md:SingleLogoutService>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:SOAP\" \
         Location=\"https://idp.test/soap\"></md:SingleSignOnService>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST\" \
         Location=\"https://idp.test/sso/post\"></md:SingleSignOnService>\
         <md:SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://idp.test/sso\"></md:SingleSignOnService>\
         </md:IDPSSODescriptor></md:EntityDescriptor>",
        time::format(NOW + 86_400),
        key("idp"),
        key("idp-next"),
    )
}

/// The catalogue of the tests with a SAML provider beside the local accounts.
pub fn seed(settings: Value) -> Draft {
    Draft::changed(|draft| {
        let campus = draft.add_provider("campus", "saml", "Campus");
        campus.settings = draft::settings(settings);
    })
}

pub fn time_of(usher: &TestServer) -> i64 {
    usher.clock.now().secs()
}

/// The minimal settings, with a known key of ours; `null` removes.
pub fn settings(changes: Value) -> Value {
    let mut settings = json!({
        "entity_id": IDP, "metadata": theirs(), "key": pem("sp"),
    });
    let map = settings.as_object_mut().expect("an object");
    for (name, value) in changes.as_object().expect("an object") {
        map.insert(name.clone(), value.clone());
    }
    map.retain(|_, value| !value.is_null());
    settings
}

pub async fn portal(changes: Value) -> TestServer {
    TestServer::with(&seed(settings(changes))).await
}

/// The portal's request.
pub struct Asked {
    pub request: Element,
    pub state: String,
}

impl Asked {
    pub fn id(&self) -> &str {
        self.request.attribute("ID").expect("an ID")
    }

    /// The identity provider's response.
    pub fn says(&self, usher: &TestServer) -> Says {
        Says {
            in_response_to: self.id().to_owned(),
            confirmed_for: self.id().to_owned(),
            ..Says::at(time_of(usher))
        }
    }
}

pub async fn knock(browser: &mut Browser<'_>) -> Asked {
    let attempt = browser.peek("/sign-in").await.location().to_owned();
    ask(browser, &attempt).await
}

pub async fn ask(browser: &mut Browser<'_>, attempt: &str) -> Asked {
    let page = browser.peek(&format!("{attempt}/to/campus")).await;
    asked(&Url::parse(page.location()).expect("an address"))
}

/// The request's ID and the RelayState of the address that asks.
pub fn question(url: &Url) -> (String, String) {
    let asked = asked(url);
    (asked.id().to_owned(), asked.state)
}

pub fn asked(url: &Url) -> Asked {
    let query = url.query().expect("a query");
    let bytes = Redirected::read(query)
        .unwrap()
        .open(&[certificate("sp")])
        .unwrap();
    let parameters: BTreeMap<_, _> = url.query_pairs().into_owned().collect();
    Asked {
        request: xml::parse(&bytes, &xml::MESSAGE).unwrap(),
        state: parameters["RelayState"].clone(),
    }
}

pub fn form(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// The browser comes back from the page of ours that passes the response on.
pub async fn bring(browser: &mut Browser<'_>, response: &str, state: &str) -> Page {
    let mut fields = vec![
        ("SAMLResponse", posted(response)),
        ("RelayState", state.to_owned()),
    ];
    if !state.starts_with("st_") {
        fields.push(("pressed", "yes".to_owned()));
    }
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let body = form(&fields);
    browser
        .post("/upstream/campus/response", Some(PORTAL), &body)
        .await
}

/// There and back, with what the identity provider says changed.
pub async fn sign_in(
    usher: &TestServer,
    browser: &mut Browser<'_>,
    change: impl Fn(&mut Says),
) -> Page {
    let asked = knock(browser).await;
    let mut says = asked.says(usher);
    change(&mut says);
    bring(browser, &says.by(&Signer::of("idp")), &asked.state).await
}

/// The same, signed by a key of one's choice.
pub async fn sign_in_by(
    usher: &TestServer,
    browser: &mut Browser<'_>,
    signer: &Signer,
    change: impl Fn(&mut Says),
) -> Page {
    let asked = knock(browser).await;
    let mut says = asked.says(usher);
    change(&mut says);
    bring(browser, &says.by(signer), &asked.state).await
}

/// The NameID format that the portal asks for.
pub async fn format_asked(usher: &TestServer) -> Option<String> {
    let asked = knock(&mut Browser::new(usher)).await;
    let policy = asked.request.only(ns::PROTOCOL, "NameIDPolicy");
    let policy = policy.expect("one at most").expect("a policy");
    policy.attribute("Format").map(str::to_owned)
}
