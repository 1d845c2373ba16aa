//! A SAML identity provider of the tests' own: it writes responses by hand, signs them with keys of
//! `tests/saml/`, encrypts them, and reproduces known faults of others. Its signatures are made
//! here, not by the code under test: canonical by construction, so that anything can be signed.

pub mod encryption;
pub mod signature;

use usher::protocol::saml::{
    Certificate, ExpectedAssertion, PrivateKey, SamlFault, VerifiedAssertion, binding, time, verify,
};

pub use signature::{Signer, Template};

/// A Saturday in 2026, as the portal's clock starts.
pub const NOW: i64 = 1_795_000_000;
pub const IDP: &str = "https://idp.test/saml";
pub const SP: &str = "https://usher.test/upstream/campus/metadata";
pub const ACS: &str = "https://usher.test/upstream/campus/acs";
pub const REQUEST: &str = "_request";

pub const PASSWORD_CONTEXT: &str =
    "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";

/// The text of a key and certificate in `tests/saml/`.
pub fn pem(name: &str) -> &'static str {
    match name {
        "idp" => include_str!("../../../saml/idp.pem"),
        "idp-next" => include_str!("../../../saml/idp-next.pem"),
        "idp-ec" => include_str!("../../../saml/idp-ec.pem"),
        "attacker" => include_str!("../../../saml/attacker.pem"),
        "sp" => include_str!("../../../saml/sp.pem"),
        "sp-previous" => include_str!("../../../saml/sp-previous.pem"),
        "weak" => include_str!("../../../saml/weak.pem"),
        _ => panic!("there is no key {name}"),
    }
}

pub fn certificate(name: &str) -> Certificate {
    Certificate::from_pem(pem(name)).expect("a certificate")
}

/// The content of an assertion and its response; valid until a test changes it. Empty fields are
/// left out.
#[derive(Clone)]
pub struct Says {
    pub response_id: String,
    pub assertion_id: String,
    pub response_issuer: String,
    pub issuer: String,
    pub destination: String,
    pub in_response_to: String,
    pub confirmed_for: String,
    pub recipient: String,
    pub method: String,
    pub confirmation: bool,
    pub confirmation_not_before: String,
    pub audience: String,
    pub name_id: String,
    pub name_id_format: String,
    pub not_before: String,
    pub not_on_or_after: String,
    pub confirmed_until: String,
    pub authenticated_at: String,
    pub session_until: String,
    pub context: String,
    pub statement: bool,
    pub status: String,
    pub issued_at: String,
    pub version: String,
    /// Inserted as they are.
    pub conditions: String,
    pub attributes: String,
    pub extensions: String,
}

impl Default for Says {
    fn default() -> Self {
        Self::at(NOW)
    }
}

impl Says {
    pub fn at(now: i64) -> Self {
        let text = str::to_owned;
        Self {
            response_id: text("_response"),
            assertion_id: text("_assertion"),
            response_issuer: text(IDP),
            issuer: text(IDP),
            destination: text(ACS),
            in_response_to: text(REQUEST),
            confirmed_for: text(REQUEST),
            recipient: text(ACS),
            method: text("urn:oasis:names:tc:SAML:2.0:cm:bearer"),
            confirmation: true,
            confirmation_not_before: String::new(),
            audience: text(SP),
            name_id: text("ana-4711"),
            name_id_format: text(PERSISTENT),
            not_before: time::format(now - 5),
            not_on_or_after: time::format(now + 120),
            confirmed_until: time::format(now + 120),
            authenticated_at: time::format(now - 30),
            session_until: String::new(),
            context: text(PASSWORD_CONTEXT),
            statement: true,
            status: status("Success", "", ""),
            issued_at: time::format(now),
            version: text("2.0"),
            conditions: String::new(),
            attributes: attribute(
                "urn:oid:0.9.2342.19200300.100.1.3",
                "mail",
                &["ana@example.org"],
            ),
            extensions: String::new(),
        }
    }

    /// Sent by the identity provider without a request.
    pub fn unsolicited() -> Self {
        Self {
            in_response_to: String::new(),
            confirmed_for: String::new(),
            ..Self::default()
        }
    }

    pub fn assertion(&self) -> String {
        let statement = match self.statement {
            true => format!(
                "<saml:AuthnStatement{} SessionIndex=\"_session\"{}><saml:AuthnContext>\
                 <saml:AuthnContextClassRef>{}</saml:AuthnContextClassRef></saml:AuthnContext>\
                 </saml:AuthnStatement>",
                some("AuthnInstant", &self.authenticated_at),
                some("SessionNotOnOrAfter", &self.session_until),
                self.context,
            ),
            false => String::new(),
        };
        let attributes = match self.attributes.is_empty() {
            true => String::new(),
            false => format!(
                "<saml:AttributeStatement>{}</saml:AttributeStatement>",
                self.attributes
            ),
        };
        format!(
            "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\"{}{}{}>\
             <saml:Issuer>{}</saml:Issuer><saml:Subject><saml:NameID{}>{}</saml:NameID>{}\
             </saml:Subject>{}{statement}{attributes}</saml:Assertion>",
            some("ID", &self.assertion_id),
            some("IssueInstant", &self.issued_at),
            some("Version", &self.version),
            self.issuer,
            some("Format", &self.name_id_format),
            self.name_id,
            self.subject_confirmation(),
            self.conditions(),
        )
    }

    fn subject_confirmation(&self) -> String {
        if !self.confirmation {
            return String::new();
        }
        format!(
            "<saml:SubjectConfirmation Method=\"{}\"><saml:SubjectConfirmationData{}{}{}{}>\
             </saml:SubjectConfirmationData></saml:SubjectConfirmation>",
            self.method,
            some("InResponseTo", &self.confirmed_for),
            some("NotBefore", &self.confirmation_not_before),
            some("NotOnOrAfter", &self.confirmed_until),
            some("Recipient", &self.recipient),
        )
    }

    fn conditions(&self) -> String {
        let audience = match self.audience.is_empty() {
            true => String::new(),
            false => format!(
                "<saml:AudienceRestriction><saml:Audience>{}</saml:Audience>\
                 </saml:AudienceRestriction>",
                self.audience
            ),
        };
        format!(
            "<saml:Conditions{}{}>{audience}{}</saml:Conditions>",
            some("NotBefore", &self.not_before),
            some("NotOnOrAfter", &self.not_on_or_after),
            self.conditions,
        )
    }

    /// The response around an assertion (or whatever else).
    pub fn response(&self, inside: &str) -> String {
        let issuer = match self.response_issuer.is_empty() {
            true => String::new(),
            false => format!(
                "<saml:Issuer xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{}</saml:Issuer>",
                self.response_issuer
            ),
        };
        format!(
            "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\"{}{}{}{}{}>\
             {issuer}{}{}{inside}</samlp:Response>",
            some("Destination", &self.destination),
            some("ID", &self.response_id),
            some("InResponseTo", &self.in_response_to),
            some("IssueInstant", &self.issued_at),
            some("Version", &self.version),
            self.extensions,
            self.status,
        )
    }

    /// The assertion, signed.
    pub fn signed_assertion(&self, signer: &Signer) -> String {
        signer.sign(&self.assertion(), &self.assertion_id)
    }

    /// A response with a signed assertion, unsigned itself: what most identity providers send.
    pub fn by(&self, signer: &Signer) -> String {
        self.response(&self.signed_assertion(signer))
    }

    /// A signed response with an unsigned assertion.
    pub fn by_response(&self, signer: &Signer) -> String {
        signer.sign(&self.response(&self.assertion()), &self.response_id)
    }
}

fn some(name: &str, value: &str) -> String {
    match value.is_empty() {
        true => String::new(),
        false => format!(" {name}=\"{value}\""),
    }
}

/// A status; `inner` and `message` may be empty.
pub fn status(outer: &str, inner: &str, message: &str) -> String {
    let value = |code: &str| format!("urn:oasis:names:tc:SAML:2.0:status:{code}");
    let inner = match inner.is_empty() {
        true => String::new(),
        false => format!(
            "<samlp:StatusCode Value=\"{}\"></samlp:StatusCode>",
            value(inner)
        ),
    };
    let message = match message.is_empty() {
        true => String::new(),
        false => format!("<samlp:StatusMessage>{message}</samlp:StatusMessage>"),
    };
    format!(
        "<samlp:Status><samlp:StatusCode Value=\"{}\">{inner}</samlp:StatusCode>{message}\
         </samlp:Status>",
        value(outer)
    )
}

pub fn attribute(name: &str, friendly: &str, values: &[&str]) -> String {
    let values: String = values
        .iter()
        .map(|value| format!("<saml:AttributeValue>{value}</saml:AttributeValue>"))
        .collect();
    format!(
        "<saml:Attribute{}{}>{values}</saml:Attribute>",
        some("FriendlyName", friendly),
        some("Name", name)
    )
}

/// What is known here of the identity provider, and what is required.
pub struct Lab {
    pub idp: Signer,
    pub attacker: Signer,
    pub certificates: Vec<Certificate>,
    pub keys: Vec<PrivateKey>,
    pub request: Option<&'static str>,
    pub now: i64,
    pub authenticated_since: Option<i64>,
    pub contexts: Vec<String>,
    pub want_assertions_signed: bool,
    pub want_encrypted: bool,
    pub allow_cbc: bool,
}

impl Lab {
    pub fn open() -> Self {
        Self {
            idp: Signer::of("idp"),
            attacker: Signer::of("attacker"),
            certificates: vec![certificate("idp")],
            keys: ["sp", "sp-previous"].map(key).into(),
            request: Some(REQUEST),
            now: NOW,
            authenticated_since: None,
            contexts: Vec::new(),
            want_assertions_signed: false,
            want_encrypted: false,
            allow_cbc: false,
        }
    }

    pub fn verify(&self, response: &str) -> Result<VerifiedAssertion, SamlFault> {
        self.verify_bytes(response.as_bytes())
    }

    pub fn verify_bytes(&self, response: &[u8]) -> Result<VerifiedAssertion, SamlFault> {
        let expected = ExpectedAssertion {
            issuer: IDP,
            certificates: &self.certificates,
            audience: SP,
            recipient: ACS,
            keys: &self.keys,
            request: self.request,
            now: self.now,
            skew: 60,
            authenticated_since: self.authenticated_since,
            contexts: &self.contexts,
            want_assertions_signed: self.want_assertions_signed,
            want_encrypted: self.want_encrypted,
            allow_cbc: self.allow_cbc,
        };
        verify(response, &expected)
    }

    /// Signs a response's assertion and expects it to be accepted.
    pub fn accepts(&self, says: &Says) -> VerifiedAssertion {
        let verified = self.verify(&says.by(&self.idp));
        verified.unwrap_or_else(|fault| panic!("{fault}"))
    }

    /// Why a well-signed response is refused.
    pub fn refuses(&self, says: &Says) -> String {
        let verified = self.verify(&says.by(&self.idp));
        verified.expect_err("it is refused").to_string()
    }
}

pub fn key(name: &str) -> PrivateKey {
    PrivateKey::from_pem(pem(name)).expect("a private key")
}

/// What a form's `SAMLResponse` holds.
pub fn posted(xml: &str) -> String {
    binding::to_post(xml)
}

/// Metadata signed as it is: by its own ID, the signature its first child.
pub fn signed_metadata(text: &str, signer: &Signer) -> String {
    let id = text.split(" ID=\"").nth(1).expect("an ID");
    let id = id.split('"').next().expect("its end");
    let signature = signer.signature(text, id, &Template::default());
    let at = text.find('>').expect("a root") + 1;
    format!("{}{signature}{}", &text[..at], &text[at..])
}
