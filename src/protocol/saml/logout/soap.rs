//! Logout messages machine to machine: the SAML SOAP binding (Bindings section 3.2), over SOAP 1.1.

use super::super::{
    Certificate, SamlFault, ns,
    signature::{in_their_places, signed},
    verify::{from_them, is_success},
    xml::{self, Element},
};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// The envelope around a message that is signed already: its signature is over itself alone.
pub fn envelope(message: &str) -> String {
    format!("<soap:Envelope xmlns:soap=\"{SOAP}\"><soap:Body>{message}</soap:Body></soap:Envelope>")
}

/// What is said in place of an answer (SOAP 1.1 section 4.4): it was the asker who erred, and how.
pub fn fault(reason: &str) -> String {
    say("soap:Client", reason)
}

/// The same where the fault is ours: the same message may be sent again.
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

/// The one message in an envelope, as it would stand alone; nothing of it is believed yet. A header
/// that must be understood is not (SOAP 1.1 section 4.2.3).
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

/// What an answer must be to be believed.
pub struct ExpectedReply<'a> {
    pub issuer: &'a str,
    pub keys: &'a [Certificate],
    /// The id of the request it answers.
    pub request: &'a str,
    /// It came over verified TLS, in answer to what we sent to the registered https address: that
    /// proves who answers (Profiles section 4.4.4.2), and a signature need not be there.
    pub is_proved_by_tls: bool,
}

/// Whether all of the user's sessions there have ended; a fault if the answer is not theirs or to
/// something else. A signature that is there must hold.
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
