//! Logout messages server to server: the SAML SOAP binding (Bindings section 3.2), over SOAP 1.1.

use super::super::{
    Certificate, SamlFault, ns,
    signature::{in_their_places, signed},
    verify::{from_them, is_success},
    xml::{self, Element},
};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// The envelope of a signed message, whose signature does not include the envelope.
pub fn envelope(message: &str) -> String {
    format!("<soap:Envelope xmlns:soap=\"{SOAP}\"><soap:Body>{message}</soap:Body></soap:Envelope>")
}

/// A fault in place of an answer (SOAP 1.1 section 4.4): an error of the requester, with the
/// reason.
pub fn fault(reason: &str) -> String {
    say("soap:Client", reason)
}

/// The same for an internal error: the same message may be sent again.
pub fn our_fault(reason: &str) -> String {
    say("soap:Server", reason)
}

fn say(code: &str, reason: &str) -> String {
    let part = |name: &str, text: &str| Element::new("", name).containing(text);
    let fault = Element::new(SOAP, "soap:Fault")
        .child(part("faultcode", code))
        .child(part("faultstring", reason));
    let body = Element::new(SOAP, "soap:Body").child(fault);
    Element::new(SOAP, "soap:Envelope").child(body).write()
}

/// The one message in an envelope, as a document; nothing of it is verified yet. An envelope with a
/// header that must be understood is refused (SOAP 1.1 section 4.2.3).
pub(super) fn message(envelope: &[u8]) -> Result<Element, SamlFault> {
    let envelope = xml::parse(envelope, &xml::MESSAGE)?;
    if !envelope.is(SOAP, "Envelope") {
        return Err(SamlFault::Shape("it is not a SOAP 1.1 envelope"));
    }
    if let Some(header) = envelope.only(SOAP, "Header")? {
        let must = |block: &Element| {
            let mut all = block.attributes().iter();
            all.any(|one| one.namespace == SOAP && one.name == "mustUnderstand" && one.value != "0")
        };
        if header.elements().any(must) {
            return Err(SamlFault::Shape("a SOAP header is not understood"));
        }
    }
    let body = envelope.only(SOAP, "Body")?;
    let body = body.ok_or(SamlFault::Shape("the SOAP envelope has no Body"))?;
    let mut inside = body.elements();
    match (inside.next(), inside.next()) {
        (Some(message), None) => Ok(message.detached(body).detached(&envelope)),
        _ => Err(SamlFault::Shape("the SOAP Body has not one message")),
    }
}

/// The requirements for an answer.
pub struct ExpectedReply<'a> {
    pub issuer: &'a str,
    pub keys: &'a [Certificate],
    /// The id of the request it answers.
    pub request: &'a str,
    /// It came over verified TLS, in answer to a request to the registered https address: that
    /// authenticates the answer (Profiles section 4.4.4.2), and a signature is not required.
    pub is_proved_by_tls: bool,
}

/// Whether all of the user's sessions there have ended; a fault if the answer is from another party
/// or to another request. A signature must be valid if there is one.
pub fn answer(body: &[u8], expected: &ExpectedReply) -> Result<bool, SamlFault> {
    let response = message(body)?;
    if !response.is(ns::PROTOCOL, "LogoutResponse") {
        return Err(SamlFault::Shape("it is not a SOAP answer"));
    }
    in_their_places(&[&response])?;
    let believed = match signed(&response, expected.keys)? {
        Some(believed) => believed,
        None if expected.is_proved_by_tls => response,
        None => return Err(SamlFault::Unsigned("the answer came without a signature")),
    };
    from_them(&believed, expected.issuer)?;
    if believed.attribute("InResponseTo") != Some(expected.request) {
        return Err(SamlFault::Claim("it answers something else"));
    }
    match is_success(&believed) {
        Ok(()) => Ok(!super::is_partial(&believed)?),
        Err(SamlFault::Status(status)) if status.code == super::PARTIAL => Ok(false),
        Err(fault) => Err(fault),
    }
}
