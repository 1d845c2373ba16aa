//! Receiving a service provider's request: `AuthnRequest` (Core section 3.4.1, Profiles section
//! 4.1.4.1). The issuer is read first, unverified, for finding its keys; a signature must be valid
//! if there is one, and must be there if it is required.

use super::{
    Certificate, SamlFault, assertion,
    assertion::moment,
    binding::{self, Redirected},
    ns,
    signature::{in_their_places, signed},
    xml::{self, Element},
};

/// A received request, parsed once; nothing of it is verified yet.
pub struct Came {
    request: Element,
    /// `None` where it came by form.
    redirected: Option<Redirected>,
}

/// The content of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthnAsk {
    pub id: String,
    /// Seconds since 1970.
    pub issued_at: i64,
    pub destination: Option<String>,
    pub consumer: Option<String>,
    pub consumer_index: Option<u16>,
    /// The user must authenticate again.
    pub force: bool,
    /// The user must not be asked.
    pub passive: bool,
    pub name_id_format: Option<String>,
    /// Requested authentication contexts, and how they are compared; any if there are none.
    pub contexts: Vec<String>,
    pub comparison: Comparison,
}

/// Core section 3.3.2.2.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparison {
    #[default]
    Exact,
    Minimum,
    Maximum,
    Better,
}

impl Came {
    /// From the text of a query (Bindings section 3.4).
    pub fn by_redirect(query: &str) -> Result<Self, SamlFault> {
        let redirected = Redirected::read(query)?;
        Ok(Self {
            request: request(&redirected.unverified()?)?,
            redirected: Some(redirected),
        })
    }

    /// From the field of a form (Bindings section 3.5).
    pub fn by_form(message: &str) -> Result<Self, SamlFault> {
        Ok(Self {
            request: request(&binding::from_post(message)?)?,
            redirected: None,
        })
    }

    /// The unverified issuer.
    pub fn claimed_issuer(&self) -> Result<&str, SamlFault> {
        let issuer = self.request.only(ns::ASSERTION, "Issuer")?;
        issuer
            .ok_or(SamlFault::Shape("the Issuer is missing"))?
            .text()
    }

    /// The request, read from its signed part if it is signed (THREATS: signature wrapping).
    pub fn read(&self, keys: &[Certificate], must_be_signed: bool) -> Result<AuthnAsk, SamlFault> {
        let believed = match &self.redirected {
            // The signature is over the exact bytes that were parsed.
            Some(redirected) if redirected.is_signed() => {
                redirected.is_signed_by(keys)?;
                return AuthnAsk::of(&self.request);
            }
            Some(_) => None,
            None => {
                in_their_places(&[&self.request])?;
                signed(&self.request, keys)?
            }
        };
        match believed {
            Some(believed) => AuthnAsk::of(&believed),
            None if must_be_signed => Err(SamlFault::Unsigned(
                "this service provider's requests must be signed",
            )),
            None => AuthnAsk::of(&self.request),
        }
    }
}

fn request(bytes: &[u8]) -> Result<Element, SamlFault> {
    let request = xml::parse(bytes, &xml::MESSAGE)?;
    match request.is(ns::PROTOCOL, "AuthnRequest") {
        true => Ok(request),
        false => Err(SamlFault::Shape("it is not an AuthnRequest")),
    }
}

impl AuthnAsk {
    fn of(request: &Element) -> Result<Self, SamlFault> {
        if request.attribute("Version") != Some("2.0") {
            return Err(SamlFault::Shape("the Version is not 2.0"));
        }
        let owned = |name: &str| request.attribute(name).map(str::to_owned);
        let policy = request.only(ns::PROTOCOL, "NameIDPolicy")?;
        let format = policy.and_then(|policy| policy.attribute("Format"));
        let wanted = request.only(ns::PROTOCOL, "RequestedAuthnContext")?;
        let contexts = wanted.map(contexts).transpose()?;
        Ok(Self {
            id: assertion::id(request)?.to_owned(),
            issued_at: moment(request, "IssueInstant")?
                .ok_or(SamlFault::Shape("IssueInstant is missing"))?,
            destination: owned("Destination"),
            consumer: owned("AssertionConsumerServiceURL"),
            consumer_index: index(request)?,
            force: flag(request, "ForceAuthn")?,
            passive: flag(request, "IsPassive")?,
            name_id_format: format.map(str::to_owned),
            contexts: contexts.unwrap_or_default(),
            comparison: match wanted.and_then(|wanted| wanted.attribute("Comparison")) {
                None | Some("exact") => Comparison::Exact,
                Some("minimum") => Comparison::Minimum,
                Some("maximum") => Comparison::Maximum,
                Some("better") => Comparison::Better,
                Some(_) => return Err(SamlFault::Shape("the Comparison is not one of SAML's")),
            },
        })
    }
}

/// The schema requires at least one class or declaration (Core section 3.3.2.2.1). We support no
/// declarations: one of them is a context that we cannot give, rather than none.
fn contexts(wanted: &Element) -> Result<Vec<String>, SamlFault> {
    let is_context = |one: &&Element| {
        one.is(ns::ASSERTION, "AuthnContextClassRef")
            || one.is(ns::ASSERTION, "AuthnContextDeclRef")
    };
    let all: Result<Vec<_>, SamlFault> = wanted
        .elements()
        .filter(is_context)
        .map(|one| match one.text()? {
            "" => Err(SamlFault::Shape("a requested AuthnContext is empty")),
            // Must not be confused with the class of the same name.
            text if one.name() == "AuthnContextDeclRef" => Ok(format!("declaration {text}")),
            text => Ok(text.to_owned()),
        })
        .collect();
    match all?.as_slice() {
        [] => Err(SamlFault::Shape("the RequestedAuthnContext is empty")),
        all => Ok(all.to_vec()),
    }
}

fn flag(request: &Element, name: &str) -> Result<bool, SamlFault> {
    match request.attribute(name) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(SamlFault::Shape("a flag is neither true nor false")),
    }
}

fn index(request: &Element) -> Result<Option<u16>, SamlFault> {
    let text = request.attribute("AssertionConsumerServiceIndex");
    let index = text.map(|text| {
        text.parse()
            .map_err(|_| SamlFault::Shape("an index is no number"))
    });
    index.transpose()
}
