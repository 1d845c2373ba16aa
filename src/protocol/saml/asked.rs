//! The question, as a service provider asks it: `AuthnRequest` received (Core section 3.4.1,
//! Profiles section 4.1.4.1). Who asks is read first, unbelieved, to find whose keys count; a
//! signature that is there must hold, and one that is demanded must be there.

use super::{
    Certificate, Fault, assertion,
    assertion::moment,
    binding::{self, Redirected},
    ns,
    signature::{in_their_places, signed},
    xml::{self, Element},
};

/// How a request came.
pub enum Came<'a> {
    Redirect(&'a Redirected),
    Post(&'a str),
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub id: String,
    /// Seconds since 1970.
    pub issued_at: i64,
    pub destination: Option<String>,
    pub consumer: Option<String>,
    pub consumer_index: Option<u16>,
    /// The person is to prove who they are again.
    pub force: bool,
    /// Nobody may be asked anything.
    pub passive: bool,
    pub name_id_format: Option<String>,
    /// Ways to sign in, and how they are meant; any way if there are none.
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

impl Came<'_> {
    /// Who says that they ask.
    pub fn claimed_issuer(&self) -> Result<String, Fault> {
        let request = self.unverified()?;
        let issuer = request.only(ns::ASSERTION, "Issuer")?;
        let issuer = issuer.ok_or(Fault::Shape("the Issuer is missing"))?;
        Ok(issuer.text()?.to_owned())
    }

    fn unverified(&self) -> Result<Element, Fault> {
        let bytes = match self {
            Came::Redirect(redirected) => redirected.unverified()?,
            Came::Post(text) => binding::from_post(text)?,
        };
        let request = xml::parse(&bytes, &xml::MESSAGE)?;
        match request.is(ns::PROTOCOL, "AuthnRequest") {
            true => Ok(request),
            false => Err(Fault::Shape("it is not an AuthnRequest")),
        }
    }

    /// The request, read from what was signed where it was (THREATS: signature wrapping).
    pub fn read(&self, keys: &[Certificate], must_be_signed: bool) -> Result<Asked, Fault> {
        let unsigned = Fault::Unsigned("this service provider's requests must be signed");
        let request = match self {
            Came::Redirect(redirected) if redirected.is_signed() => {
                xml::parse(&redirected.open(keys)?, &xml::MESSAGE)?
            }
            Came::Redirect(_) if must_be_signed => return Err(unsigned),
            Came::Redirect(_) => self.unverified()?,
            Came::Post(_) => {
                let raw = self.unverified()?;
                in_their_places(&[&raw])?;
                match signed(&raw, keys)? {
                    Some(believed) => believed,
                    None if must_be_signed => return Err(unsigned),
                    None => raw,
                }
            }
        };
        Asked::of(&request)
    }
}

impl Asked {
    fn of(request: &Element) -> Result<Self, Fault> {
        if request.attribute("Version") != Some("2.0") {
            return Err(Fault::Shape("the Version is not 2.0"));
        }
        let owned = |name: &str| request.attribute(name).map(str::to_owned);
        let policy = request.only(ns::PROTOCOL, "NameIDPolicy")?;
        let format = policy.and_then(|policy| policy.attribute("Format"));
        let wanted = request.only(ns::PROTOCOL, "RequestedAuthnContext")?;
        let classes = wanted
            .into_iter()
            .flat_map(|wanted| wanted.all(ns::ASSERTION, "AuthnContextClassRef"));
        let contexts: Result<Vec<String>, Fault> =
            classes.map(|one| Ok(one.text()?.to_owned())).collect();
        Ok(Self {
            id: assertion::id(request)?.to_owned(),
            issued_at: moment(request, "IssueInstant")?
                .ok_or(Fault::Shape("IssueInstant is missing"))?,
            destination: owned("Destination"),
            consumer: owned("AssertionConsumerServiceURL"),
            consumer_index: index(request)?,
            force: flag(request, "ForceAuthn")?,
            passive: flag(request, "IsPassive")?,
            name_id_format: format.map(str::to_owned),
            contexts: contexts?,
            comparison: match wanted.and_then(|wanted| wanted.attribute("Comparison")) {
                None | Some("exact") => Comparison::Exact,
                Some("minimum") => Comparison::Minimum,
                Some("maximum") => Comparison::Maximum,
                Some("better") => Comparison::Better,
                Some(_) => return Err(Fault::Shape("the Comparison is not one of SAML's")),
            },
        })
    }
}

fn flag(request: &Element, name: &str) -> Result<bool, Fault> {
    match request.attribute(name) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(Fault::Shape("a flag is neither true nor false")),
    }
}

fn index(request: &Element) -> Result<Option<u16>, Fault> {
    let text = request.attribute("AssertionConsumerServiceIndex");
    let index = text.map(|text| {
        text.parse()
            .map_err(|_| Fault::Shape("an index is no number"))
    });
    index.transpose()
}
