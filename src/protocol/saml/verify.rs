//! Verification: from the bytes a browser sent to an assertion that is accepted, or a
//! [`SamlFault`]. All decisions are here, and those on signatures in `signature.rs`; everything
//! else that is called only parses ([`xml`], `assertion.rs`) or decrypts (`decrypt.rs`).
//!
//! ```text
//! bytes ─▶ strict XML ─▶ ids, signatures and assertions where they belong ─▶ signature of the
//! Response ─▶ Response is for us ─▶ decrypt ─▶ the same again ─▶ signature of the Assertion ─▶
//! Assertion is for us, now, once ─▶ Verified, read from what was signed
//! ```
//!
//! The rule of signatures: every signature must be valid. The assertion is accepted if it is signed
//! itself, or lies within a signed Response and the admin does not require the former. Encryption
//! proves nothing. Keys are those passed in; `KeyInfo` is ignored.

use super::{
    Certificate, PrivateKey, SamlFault, Status, VerifiedAssertion,
    assertion::{self, Authentication, moment},
    decrypt, ns,
    signature::{in_their_places, signed},
    xml::{self, Element},
};

/// The requirements for an assertion. Times are seconds since 1970.
pub struct ExpectedAssertion<'a> {
    /// The identity provider: its entity id, and the certificates of its signing keys.
    pub issuer: &'a str,
    pub certificates: &'a [Certificate],
    /// We: our entity id, the address that received this, and our keys, the present one first.
    pub audience: &'a str,
    pub recipient: &'a str,
    pub keys: &'a [PrivateKey],
    /// The id of the request this must answer; `None` for an unsolicited response.
    pub request: Option<&'a str>,
    pub now: i64,
    /// How far clocks may be apart, in seconds.
    pub skew: i64,
    /// The user must have authenticated since then.
    pub authenticated_since: Option<i64>,
    /// One of these must be the AuthnContextClassRef, if any are given.
    pub contexts: &'a [String],
    pub want_assertions_signed: bool,
    pub want_encrypted: bool,
    pub allow_cbc: bool,
}

/// Verifies a Response, or returns the reason for refusing it.
pub fn verify(bytes: &[u8], expected: &ExpectedAssertion) -> Result<VerifiedAssertion, SamlFault> {
    let raw = xml::parse(bytes, &xml::MESSAGE)?;
    if !raw.is(ns::PROTOCOL, "Response") {
        return Err(SamlFault::Shape("it is not a Response"));
    }
    in_their_places(&[&raw])?;
    let response = signed(&raw, expected.certificates)?;
    response_is_for_us(
        response.as_ref().unwrap_or(&raw),
        response.is_some(),
        expected,
    )?;
    let sent = assertion_of(&raw, expected)?;
    let own = signed(&sent, expected.certificates)?;
    let believed = match (own, response) {
        (Some(assertion), _) => assertion,
        (None, _) if expected.want_assertions_signed => {
            return Err(SamlFault::Unsigned("the assertion has to be signed itself"));
        }
        (None, Some(response)) => assertion_of(&response, expected)?,
        (None, None) => {
            return Err(SamlFault::Unsigned(
                "neither Response nor Assertion is signed",
            ));
        }
    };
    assertion_is_for_us(&believed, expected)
}

/// Core section 3.2.2, Profiles section 4.1.4.2. If the response is unsigned, these checks prove
/// nothing.
fn response_is_for_us(
    response: &Element,
    is_signed: bool,
    expected: &ExpectedAssertion,
) -> Result<(), SamlFault> {
    from_them(response, expected.issuer)?;
    match response.attribute("Destination") {
        Some(there) if there == expected.recipient => {}
        None if !is_signed => {}
        _ => return Err(SamlFault::Claim("the Destination is not this address")),
    }
    if response.attribute("InResponseTo") != expected.request {
        return Err(SamlFault::Claim("the Response does not answer our request"));
    }
    not_ahead(response, "IssueInstant", expected)?;
    is_success(response)
}

/// Core section 3.2.2.2, for responses of all kinds.
pub(super) fn is_success(response: &Element) -> Result<(), SamlFault> {
    let missing = SamlFault::Shape("the Status is missing");
    let status = response
        .only(ns::PROTOCOL, "Status")?
        .ok_or(missing.clone())?;
    let outer = status.only(ns::PROTOCOL, "StatusCode")?.ok_or(missing)?;
    let value = |code: &Element| code.attribute("Value").unwrap_or_default().to_owned();
    if value(outer) == "urn:oasis:names:tc:SAML:2.0:status:Success" {
        return Ok(());
    }
    let inner = outer.only(ns::PROTOCOL, "StatusCode")?;
    let code = value(inner.unwrap_or(outer));
    let message = status.only(ns::PROTOCOL, "StatusMessage")?;
    let message = message.map(Element::text).transpose()?.unwrap_or_default();
    let printable = |text: &str| text.chars().filter(|c| !c.is_control()).take(200).collect();
    Err(SamlFault::Status(Status {
        code: printable(code.rsplit(':').next().unwrap_or_default()),
        message: printable(message),
    }))
}

/// What the schema requires of messages and assertions alike (Core sections 2.3.3 and 3.2), and the
/// expected issuer.
pub(super) fn from_them(element: &Element, issuer: &str) -> Result<(), SamlFault> {
    assertion::id(element)?;
    if element.attribute("Version") != Some("2.0") {
        return Err(SamlFault::Shape("the Version is not 2.0"));
    }
    moment(element, "IssueInstant")?.ok_or(SamlFault::Shape("IssueInstant is missing"))?;
    match element.only(ns::ASSERTION, "Issuer")? {
        Some(found) if found.text()? == issuer => Ok(()),
        _ => Err(SamlFault::Claim("the Issuer is another entity")),
    }
}

/// The one assertion, as it was received and not verified yet. A second one anywhere is refused
/// (THREATS: signature wrapping).
fn assertion_of(response: &Element, expected: &ExpectedAssertion) -> Result<Element, SamlFault> {
    let is_assertion = |one: &Element| {
        one.is(ns::ASSERTION, "Assertion") || one.is(ns::ASSERTION, "EncryptedAssertion")
    };
    let mut count = 0;
    response.walk(&mut |element| count += usize::from(is_assertion(element)));
    let found = response.elements().find(|one| is_assertion(one));
    let found = match (count, found) {
        (1, Some(found)) => found,
        _ => return Err(SamlFault::Shape("there is not exactly one assertion")),
    };
    if found.name() == "Assertion" {
        return match expected.want_encrypted {
            true => Err(SamlFault::Encryption("the assertion is not encrypted")),
            false => Ok(found.detached(response)),
        };
    }
    let plain = decrypt::open(found, expected.keys, expected.allow_cbc)?;
    let opened = xml::parse(&plain, &xml::MESSAGE)?;
    let mut count = 0;
    opened.walk(&mut |element| count += usize::from(is_assertion(element)));
    if !opened.is(ns::ASSERTION, "Assertion") || count != 1 {
        return Err(SamlFault::Shape("what was encrypted is not one assertion"));
    }
    in_their_places(&[response, &opened])?;
    Ok(opened)
}

/// Core section 2.3.3, Profiles section 4.1.4.3.
fn assertion_is_for_us(
    assertion: &Element,
    expected: &ExpectedAssertion,
) -> Result<VerifiedAssertion, SamlFault> {
    from_them(assertion, expected.issuer)?;
    not_ahead(assertion, "IssueInstant", expected)?;
    let subject = assertion.only(ns::ASSERTION, "Subject")?;
    let subject = subject.ok_or(SamlFault::Claim("there is no Subject"))?;
    let until = confirmed_until(subject, expected)?;
    let until = until.min(conditions_until(assertion, expected)?.unwrap_or(until));
    let authentication = Authentication::read(assertion)?;
    is_recent(&authentication, expected)?;
    Ok(VerifiedAssertion {
        id: assertion::id(assertion)?.to_owned(),
        until: until + expected.skew,
        issuer: expected.issuer.to_owned(),
        name_id: assertion::name_id(subject, expected.keys, expected.allow_cbc)?,
        authenticated_at: authentication.at,
        context: authentication.context,
        session_index: authentication.session_index,
        session_until: authentication.session_until,
        attributes: assertion::attributes(assertion, expected.keys, expected.allow_cbc)?,
    })
}

/// Bearer, sent to this address, in answer to our request, in time; returns until when that holds.
fn confirmed_until(subject: &Element, expected: &ExpectedAssertion) -> Result<i64, SamlFault> {
    const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
    let mut why = SamlFault::Claim("there is no bearer SubjectConfirmation");
    let mut latest = None;
    for confirmation in subject.all(ns::ASSERTION, "SubjectConfirmation") {
        if confirmation.attribute("Method") != Some(BEARER) {
            continue;
        }
        match confirmation.only(ns::ASSERTION, "SubjectConfirmationData")? {
            None => why = SamlFault::Claim("the confirmation has no data"),
            Some(data) => match holds_until(data, expected) {
                Ok(until) => latest = latest.max(Some(until)),
                Err(fault) => why = fault,
            },
        }
    }
    latest.ok_or(why)
}

fn holds_until(data: &Element, expected: &ExpectedAssertion) -> Result<i64, SamlFault> {
    if data.attribute("Recipient") != Some(expected.recipient) {
        return Err(SamlFault::Claim("the Recipient is not this address"));
    }
    if data.attribute("InResponseTo") != expected.request {
        return Err(SamlFault::Claim(
            "the assertion does not answer our request",
        ));
    }
    if data.attribute("NotBefore").is_some() {
        return Err(SamlFault::Claim("a bearer confirmation has a NotBefore"));
    }
    match moment(data, "NotOnOrAfter")? {
        Some(until) if expected.now - expected.skew < until => Ok(until),
        Some(_) => Err(SamlFault::Claim("the confirmation has expired")),
        None => Err(SamlFault::Claim("the confirmation never expires")),
    }
}

/// Core section 2.5.1: an unknown condition makes the assertion invalid.
fn conditions_until(
    assertion: &Element,
    expected: &ExpectedAssertion,
) -> Result<Option<i64>, SamlFault> {
    let conditions = assertion.only(ns::ASSERTION, "Conditions")?;
    let conditions = conditions.ok_or(SamlFault::Claim("there are no Conditions"))?;
    not_ahead(conditions, "NotBefore", expected)?;
    let until = moment(conditions, "NotOnOrAfter")?;
    if until.is_some_and(|until| until <= expected.now - expected.skew) {
        return Err(SamlFault::Claim("the assertion has expired"));
    }
    let mut restrictions = 0;
    for condition in conditions.elements() {
        match condition.name() {
            _ if condition.namespace() != ns::ASSERTION => return Err(NOT_UNDERSTOOD),
            "AudienceRestriction" => {
                restrictions += 1;
                is_for(condition, expected.audience)?;
            }
            // Every assertion is used once here; and applications receive our own assertions.
            "OneTimeUse" | "ProxyRestriction" => {}
            _ => return Err(NOT_UNDERSTOOD),
        }
    }
    match restrictions {
        0 => Err(SamlFault::Claim("there is no AudienceRestriction")),
        _ => Ok(until),
    }
}

const NOT_UNDERSTOOD: SamlFault = SamlFault::Claim("there is a condition that is not understood");

fn is_for(restriction: &Element, us: &str) -> Result<(), SamlFault> {
    for audience in restriction.all(ns::ASSERTION, "Audience") {
        if audience.text()? == us {
            return Ok(());
        }
    }
    Err(SamlFault::Claim("the Audience is another entity"))
}

fn is_recent(
    authentication: &Authentication,
    expected: &ExpectedAssertion,
) -> Result<(), SamlFault> {
    if authentication.at > expected.now + expected.skew {
        return Err(SamlFault::Claim("the AuthnInstant lies ahead"));
    }
    let since = expected.authenticated_since.unwrap_or(i64::MIN);
    if authentication.at < since.saturating_sub(expected.skew) {
        return Err(SamlFault::Claim("the user signed in too long ago"));
    }
    let until = authentication.session_until.unwrap_or(i64::MAX);
    if until <= expected.now - expected.skew {
        return Err(SamlFault::Claim("the session there has ended"));
    }
    let context = authentication.context.as_deref().unwrap_or_default();
    match expected.contexts.is_empty() || expected.contexts.iter().any(|one| one == context) {
        true => Ok(()),
        false => Err(SamlFault::Claim("the AuthnContext is not one we asked for")),
    }
}

fn not_ahead(element: &Element, name: &str, expected: &ExpectedAssertion) -> Result<(), SamlFault> {
    match moment(element, name)? {
        Some(at) if at > expected.now + expected.skew => {
            Err(SamlFault::Claim("it is not valid yet"))
        }
        _ => Ok(()),
    }
}
