//! The answer: a Response with an assertion (Core section 3.3.3, Profiles section 4.1.4.2) or with
//! a status that gives the reason for a refusal (Core section 3.2.2). Both are signed, the
//! assertion as well, and encrypted last. Everything is written by [`xml`](super::xml), which
//! escapes: no value can become markup.

use super::{
    Address, Certificate, NameId, PrivateKey, SamlFault, binding, encrypt::encrypted, ns, sign,
    time, xml::Element,
};

pub use super::encrypt::EncryptionSecrets;

/// Lifetime of an assertion, in seconds: it is redeemed by the next page.
pub const ASSERTION_LIFE: i64 = 120;
/// How much the service provider's clock may be behind ours, in seconds.
const BEHIND: i64 = 30;

/// The common content of both kinds of answer.
pub struct ResponseEnvelope<'a> {
    pub id: &'a str,
    pub issued_at: i64,
    /// Our entity id.
    pub issuer: &'a str,
    /// The assertion consumer service.
    pub destination: &'a Address,
    /// The request that is answered; none for an unsolicited response.
    pub in_response_to: Option<&'a str>,
}

/// The content of an assertion.
pub struct VouchedUser<'a> {
    /// The assertion's own id.
    pub id: &'a str,
    /// The service provider's entity id.
    pub audience: &'a str,
    pub subject: NameId,
    /// The schema requires a time: an unknown one is set to long ago, so that a service provider
    /// that checks its age does not take it for a recent one.
    pub authenticated_at: i64,
    pub session_index: &'a str,
    pub session_until: i64,
    pub context: &'a str,
    /// By name, with all values.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// Why there is no assertion: Core section 3.2.2.2, the last part of each code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatusRefusal {
    /// `Requester` or `Responder`: which side caused it.
    pub outer: &'static str,
    pub inner: &'static str,
}

impl StatusRefusal {
    pub const NO_PASSIVE: StatusRefusal = StatusRefusal::ours("NoPassive");
    pub const NO_CONTEXT: StatusRefusal = StatusRefusal::ours("NoAuthnContext");
    pub const DENIED: StatusRefusal = StatusRefusal::ours("RequestDenied");
    pub const NAME_ID: StatusRefusal = StatusRefusal::theirs("InvalidNameIDPolicy");

    /// For the admin of either side.
    pub fn words(self) -> &'static str {
        match self.inner {
            "NoPassive" => "it asked for no interaction, and the user has to sign in",
            "NoAuthnContext" => "the way of signing in that it asks for is not to be had",
            "RequestDenied" => "the service is closed, or closed to this user",
            "InvalidNameIDPolicy" => {
                "it asks for a NameID format that it may not have, or the user has no such name"
            }
            _ => "it was refused",
        }
    }

    const fn ours(inner: &'static str) -> Self {
        Self {
            outer: "Responder",
            inner,
        }
    }

    const fn theirs(inner: &'static str) -> Self {
        Self {
            outer: "Requester",
            inner,
        }
    }
}

impl ResponseEnvelope<'_> {
    /// The form field's value with an assertion about a user.
    pub fn vouch(
        &self,
        vouched: &VouchedUser,
        key: &PrivateKey,
        to: Option<(&Certificate, &EncryptionSecrets)>,
    ) -> Result<String, SamlFault> {
        let assertion = sign::sign(&self.assertion(vouched), key)?;
        let assertion = match to {
            Some((certificate, once)) => encrypted(&assertion.write(), certificate, once)?,
            None => assertion,
        };
        self.close(&[status("Success", None)], Some(assertion), key)
    }

    /// The form field's value with a refusal.
    pub fn refuse(&self, why: StatusRefusal, key: &PrivateKey) -> Result<String, SamlFault> {
        self.close(&[status(why.outer, Some(why.inner))], None, key)
    }

    fn close(
        &self,
        statuses: &[Element],
        assertion: Option<Element>,
        key: &PrivateKey,
    ) -> Result<String, SamlFault> {
        let mut response = Element::new(ns::PROTOCOL, "samlp:Response")
            .with("ID", self.id)
            .with("Version", "2.0")
            .with("IssueInstant", &time::format(self.issued_at))
            .with("Destination", self.destination.as_str());
        if let Some(request) = self.in_response_to {
            response = response.with("InResponseTo", request);
        }
        let response = response
            .child(self.issuer())
            .child(sign::place())
            .children(statuses.iter().cloned())
            .children(assertion);
        Ok(binding::to_post(&sign::sign(&response, key)?.write()))
    }

    fn issuer(&self) -> Element {
        saml("Issuer").containing(self.issuer)
    }

    fn assertion(&self, vouched: &VouchedUser) -> Element {
        saml("Assertion")
            .with("ID", vouched.id)
            .with("Version", "2.0")
            .with("IssueInstant", &time::format(self.issued_at))
            .child(self.issuer())
            .child(sign::place())
            .child(self.subject(vouched))
            .child(self.conditions(vouched))
            .child(authentication(vouched))
            .children(attributes(vouched))
    }

    fn subject(&self, vouched: &VouchedUser) -> Element {
        let mut data = saml("SubjectConfirmationData")
            .with(
                "NotOnOrAfter",
                &time::format(self.issued_at + ASSERTION_LIFE),
            )
            .with("Recipient", self.destination.as_str());
        if let Some(request) = self.in_response_to {
            data = data.with("InResponseTo", request);
        }
        let confirmation = saml("SubjectConfirmation")
            .with("Method", "urn:oasis:names:tc:SAML:2.0:cm:bearer")
            .child(data);
        saml("Subject")
            .child(vouched.subject.write())
            .child(confirmation)
    }

    fn conditions(&self, vouched: &VouchedUser) -> Element {
        let audience = saml("Audience").containing(vouched.audience);
        saml("Conditions")
            .with("NotBefore", &time::format(self.issued_at - BEHIND))
            .with(
                "NotOnOrAfter",
                &time::format(self.issued_at + ASSERTION_LIFE),
            )
            .child(saml("AudienceRestriction").child(audience))
    }
}

fn authentication(vouched: &VouchedUser) -> Element {
    let class = saml("AuthnContextClassRef").containing(vouched.context);
    saml("AuthnStatement")
        .with("AuthnInstant", &time::format(vouched.authenticated_at))
        .with("SessionIndex", vouched.session_index)
        .with("SessionNotOnOrAfter", &time::format(vouched.session_until))
        .child(saml("AuthnContext").child(class))
}

fn attributes(vouched: &VouchedUser) -> Option<Element> {
    if vouched.attributes.is_empty() {
        return None;
    }
    let all = vouched.attributes.iter().map(|(name, values)| {
        let format = match name.contains(':') {
            true => "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
            false => "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
        };
        let values = values
            .iter()
            .map(|value| saml("AttributeValue").containing(value));
        saml("Attribute")
            .with("Name", name)
            .with("NameFormat", format)
            .children(values)
    });
    Some(saml("AttributeStatement").children(all))
}

fn status(outer: &str, inner: Option<&str>) -> Element {
    let code = |name: &str| {
        let value = format!("urn:oasis:names:tc:SAML:2.0:status:{name}");
        Element::new(ns::PROTOCOL, "samlp:StatusCode").with("Value", &value)
    };
    let code = code(outer).children(inner.map(code));
    Element::new(ns::PROTOCOL, "samlp:Status").child(code)
}

fn saml(name: &str) -> Element {
    Element::new(ns::ASSERTION, &format!("saml:{name}"))
}
