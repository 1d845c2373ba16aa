//! Logout messages machine to machine: the SAML SOAP binding (Bindings section 3.2).

use super::super::{
    Certificate, Fault, ns,
    signature::{in_their_places, signed},
    verify::{from_them, is_success},
    xml::{self, Element},
};

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// The envelope around a message that is signed already: its signature is over itself alone.
pub fn envelope(message: &str) -> String {
    format!("<soap:Envelope xmlns:soap=\"{SOAP}\"><soap:Body>{message}</soap:Body></soap:Envelope>")
}

/// Whether all of the person's sessions there have ended; a fault if the answer is not theirs, not
/// signed, or to something else.
pub fn answer(
    body: &[u8],
    issuer: &str,
    keys: &[Certificate],
    request: &str,
) -> Result<bool, Fault> {
    let envelope = xml::parse(body, &xml::MESSAGE)?;
    let misshapen = || Fault::Shape("it is not a SOAP answer");
    let body = envelope.only(SOAP, "Body")?.ok_or_else(misshapen)?;
    let response = body
        .only(ns::PROTOCOL, "LogoutResponse")?
        .ok_or_else(misshapen)?;
    let response: Element = response.detached(body).detached(&envelope);
    in_their_places(&[&response])?;
    let believed = signed(&response, keys)?;
    let believed = believed.ok_or(Fault::Unsigned("the answer came without a signature"))?;
    from_them(&believed, issuer)?;
    if believed.attribute("InResponseTo") != Some(request) {
        return Err(Fault::Claim("it answers something else"));
    }
    match is_success(&believed) {
        Ok(()) => Ok(!super::is_partial(&believed)?),
        Err(Fault::Status(status)) if status.code == super::PARTIAL => Ok(false),
        Err(fault) => Err(fault),
    }
}
