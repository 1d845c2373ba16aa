//! Single logout, both ways: Core section 3.7, Profiles section 4.4. A message that is not signed
//! is not heard: anybody could end anybody's session.

use url::Url;

use super::{
    Address, Certificate, Fault, NameId, PrivateKey, Status, assertion,
    assertion::moment,
    binding::{self, Message, Redirected},
    ns, sign,
    signature::{in_their_places, signed},
    time,
    verify::{from_them, is_success},
    xml::{self, Element},
};

pub mod soap;

/// How a message came.
pub enum Carried<'a> {
    Post(&'a str),
    Redirect(Redirected),
    /// Machine to machine, in its envelope.
    Soap(&'a [u8]),
}

/// A message as it came, read once; nothing of it is believed yet.
pub struct Opened<'a> {
    carried: &'a Carried<'a>,
    message: Element,
}

impl Carried<'_> {
    pub fn open(&self) -> Result<Opened<'_>, Fault> {
        let message = match self {
            Carried::Post(text) => xml::parse(&binding::from_post(text)?, &xml::MESSAGE)?,
            Carried::Redirect(redirected) => xml::parse(&redirected.unverified()?, &xml::MESSAGE)?,
            Carried::Soap(envelope) => soap::message(envelope)?,
        };
        Ok(Opened {
            carried: self,
            message,
        })
    }
}

impl Opened<'_> {
    /// Who says that they send it: to find whose keys count.
    pub fn claimed_issuer(&self) -> Result<&str, Fault> {
        let issuer = self.message.only(ns::ASSERTION, "Issuer")?;
        issuer.ok_or(Fault::Shape("the Issuer is missing"))?.text()
    }
}

/// Whose messages are heard, and where.
pub struct Peer<'a> {
    pub issuer: &'a str,
    pub certificates: &'a [Certificate],
    /// Our address that this arrived at.
    pub destination: &'a str,
    pub keys: &'a [PrivateKey],
    pub allow_cbc: bool,
    pub now: i64,
    pub skew: i64,
}

/// Somebody's session over there has ended; it is to end here, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutRequest {
    pub id: String,
    pub name_id: NameId,
    /// Those sessions; all of the person's if none are named.
    pub sessions: Vec<String>,
    /// Until when it could be sent again.
    pub until: i64,
}

/// The answer to ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutResponse {
    pub in_response_to: Option<String>,
    /// Whether all of the person's sessions have ended, not only some.
    pub is_complete: bool,
    pub answered: Answered,
}

/// What the other side says became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// All of the person's sessions have ended.
    Wholly,
    /// Only some have.
    Partly,
    No(Status),
}

/// A request without an end of its own is heard this long after it was written, in seconds.
const REQUEST_LIFE: i64 = 300;

impl LogoutRequest {
    pub fn receive(carried: &Carried, peer: &Peer) -> Result<Self, Fault> {
        Self::of(&carried.open()?, peer)
    }

    pub fn of(opened: &Opened, peer: &Peer) -> Result<Self, Fault> {
        let request = believed(opened, "LogoutRequest", peer)?;
        let issued = moment(&request, "IssueInstant")?;
        let issued = issued.ok_or(Fault::Shape("IssueInstant is missing"))?;
        let own = moment(&request, "NotOnOrAfter")?.unwrap_or(i64::MAX);
        let until = own.min(issued + REQUEST_LIFE);
        if issued > peer.now + peer.skew {
            return Err(Fault::Claim("it is not valid yet"));
        }
        if until <= peer.now - peer.skew {
            return Err(Fault::Claim("the request has expired"));
        }
        let name_id = assertion::name_id(&request, peer.keys, peer.allow_cbc)?;
        let sessions = request
            .all(ns::PROTOCOL, "SessionIndex")
            .map(|one| one.text().map(str::to_owned));
        Ok(Self {
            id: assertion::id(&request)?.to_owned(),
            name_id: name_id.ok_or(Fault::Shape("the request names nobody"))?,
            sessions: sessions.collect::<Result<_, _>>()?,
            until: until + peer.skew,
        })
    }
}

impl LogoutResponse {
    pub fn receive(carried: &Carried, peer: &Peer) -> Result<Self, Fault> {
        Self::of(&carried.open()?, peer)
    }

    /// One that says no is a fault.
    pub fn of(opened: &Opened, peer: &Peer) -> Result<Self, Fault> {
        match Self::read(opened, peer)? {
            Self {
                answered: Answered::No(status),
                ..
            } => Err(Fault::Status(status)),
            said => Ok(said),
        }
    }

    /// Whatever it says, if it is theirs.
    pub fn read(opened: &Opened, peer: &Peer) -> Result<Self, Fault> {
        let response = believed(opened, "LogoutResponse", peer)?;
        let answered = match is_success(&response) {
            Ok(()) if is_partial(&response)? => Answered::Partly,
            Ok(()) => Answered::Wholly,
            Err(Fault::Status(status)) if status.code == PARTIAL => Answered::Partly,
            Err(Fault::Status(status)) => Answered::No(status),
            Err(fault) => return Err(fault),
        };
        Ok(Self {
            in_response_to: response.attribute("InResponseTo").map(str::to_owned),
            is_complete: answered == Answered::Wholly,
            answered,
        })
    }
}

const PARTIAL: &str = "PartialLogout";

/// `PartialLogout` may stand below success (Core section 3.7.3.2).
fn is_partial(response: &Element) -> Result<bool, Fault> {
    let Some(status) = response.only(ns::PROTOCOL, "Status")? else {
        return Ok(false);
    };
    let mut is_partial = false;
    status.walk(&mut |one| {
        is_partial |= one
            .attribute("Value")
            .is_some_and(|value| value.ends_with(PARTIAL));
    });
    Ok(is_partial)
}

/// The message as it was signed, from them, to us.
fn believed(opened: &Opened, name: &str, peer: &Peer) -> Result<Element, Fault> {
    let element = match opened.carried {
        // The signature is over the very bytes that were read.
        Carried::Redirect(redirected) => {
            redirected.is_signed_by(peer.certificates)?;
            opened.message.clone()
        }
        Carried::Post(_) | Carried::Soap(_) => {
            in_their_places(&[&opened.message])?;
            let signed = signed(&opened.message, peer.certificates)?;
            signed.ok_or(Fault::Unsigned("the message came without a signature"))?
        }
    };
    if !element.is(ns::PROTOCOL, name) {
        return Err(Fault::Shape("it is another kind of message"));
    }
    from_them(&element, peer.issuer)?;
    match (element.attribute("Destination"), opened.carried) {
        (Some(there), _) if there == peer.destination => Ok(element),
        // Bindings sections 3.4.5.2 and 3.5.5.2 demand one of what a browser carries; 3.2 does not.
        (None, Carried::Soap(_)) => Ok(element),
        _ => Err(Fault::Claim("the Destination is not this address")),
    }
}

/// A message of ours, to be sent.
pub struct Outgoing {
    message: Message,
    id: String,
    element: Element,
}

/// Who sends what is sent, and where to.
pub struct Sender<'a> {
    pub id: &'a str,
    pub issued_at: i64,
    pub issuer: &'a str,
    /// None where the answer goes back the way the request came.
    pub destination: Option<&'a Address>,
}

/// What came of a logout request (Core section 3.7.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All of the person's sessions have ended, everywhere.
    Whole,
    /// Ours has, but not everybody could be told.
    Partial,
    /// We never told the asker of a person of this name.
    Nobody,
}

impl Sender<'_> {
    /// Asks the identity provider to end the person's session there.
    pub fn request(&self, name_id: &NameId, session: Option<&str>) -> Outgoing {
        let life = time::format(self.issued_at + REQUEST_LIFE);
        let mut element = self
            .element("samlp:LogoutRequest")
            .with("NotOnOrAfter", &life);
        element = self.issued(element).child(name_id.write());
        if let Some(session) = session {
            let index = Element::new(ns::PROTOCOL, "samlp:SessionIndex").containing(session);
            element = element.child(index);
        }
        self.outgoing(Message::Request, element)
    }

    /// Tells whoever asked what came of the request, honestly.
    pub fn response(&self, to: &str, ending: Ending) -> Outgoing {
        let code = |name: &str| {
            let value = format!("urn:oasis:names:tc:SAML:2.0:status:{name}");
            Element::new(ns::PROTOCOL, "samlp:StatusCode").with("Value", &value)
        };
        let outer = match ending {
            Ending::Whole => code("Success"),
            Ending::Partial => code("Success").child(code(PARTIAL)),
            Ending::Nobody => code("Requester").child(code("UnknownPrincipal")),
        };
        let status = Element::new(ns::PROTOCOL, "samlp:Status").child(outer);
        let element = self
            .element("samlp:LogoutResponse")
            .with("InResponseTo", to);
        self.outgoing(Message::Response, self.issued(element).child(status))
    }

    fn element(&self, name: &str) -> Element {
        let element = Element::new(ns::PROTOCOL, name)
            .with("ID", self.id)
            .with("Version", "2.0")
            .with("IssueInstant", &time::format(self.issued_at));
        match self.destination {
            Some(url) => element.with("Destination", url.as_str()),
            None => element,
        }
    }

    fn issued(&self, element: Element) -> Element {
        element.child(Element::new(ns::ASSERTION, "saml:Issuer").containing(self.issuer))
    }

    fn outgoing(&self, message: Message, element: Element) -> Outgoing {
        Outgoing {
            message,
            id: self.id.to_owned(),
            element,
        }
    }
}

impl Outgoing {
    /// The parameter or form field it travels in.
    pub fn parameter(&self) -> &'static str {
        self.message.parameter()
    }

    pub fn redirect(
        &self,
        endpoint: &Url,
        relay_state: Option<&str>,
        key: &PrivateKey,
    ) -> Result<Url, Fault> {
        let xml = self.element.write();
        binding::to_redirect(endpoint, self.message, &xml, relay_state, Some(key))
    }

    /// The value of the form field.
    pub fn post(&self, key: &PrivateKey) -> Result<String, Fault> {
        Ok(binding::to_post(&self.signed(key)?))
    }

    /// The message's text, with its signature in it.
    pub fn signed(&self, key: &PrivateKey) -> Result<String, Fault> {
        let template = sign::template(&self.id);
        sign::sign(&self.element.clone().after_first(template), key)
    }
}
