//! Single logout, both ways: Core section 3.7, Profiles section 4.4. An unsigned message is
//! refused: otherwise any sender could end any user's session.

use url::Url;

use super::{
    Address, Certificate, NameId, PrivateKey, SamlFault, Status, assertion,
    assertion::moment,
    binding::{self, Message, Redirected},
    ns, sign,
    signature::{in_their_places, signed},
    time,
    verify::{from_them, is_success},
    xml::{self, Element},
};

pub mod soap;

/// How a message was received.
pub enum MessageSource<'a> {
    Post(&'a str),
    Redirect(Redirected),
    /// Server to server, in its envelope.
    Soap(&'a [u8]),
}

/// A received message, parsed once; nothing of it is verified yet.
pub struct UnverifiedMessage<'a> {
    carried: &'a MessageSource<'a>,
    message: Element,
}

impl MessageSource<'_> {
    pub fn open(&self) -> Result<UnverifiedMessage<'_>, SamlFault> {
        let message = match self {
            MessageSource::Post(text) => xml::parse(&binding::from_post(text)?, &xml::MESSAGE)?,
            MessageSource::Redirect(redirected) => {
                xml::parse(&redirected.unverified()?, &xml::MESSAGE)?
            }
            MessageSource::Soap(envelope) => soap::message(envelope)?,
        };
        Ok(UnverifiedMessage {
            carried: self,
            message,
        })
    }
}

impl UnverifiedMessage<'_> {
    /// The unverified issuer: for finding its keys.
    pub fn claimed_issuer(&self) -> Result<&str, SamlFault> {
        let issuer = self.message.only(ns::ASSERTION, "Issuer")?;
        issuer
            .ok_or(SamlFault::Shape("the Issuer is missing"))?
            .text()
    }
}

/// The party whose messages are accepted, and at which address.
pub struct Peer<'a> {
    pub issuer: &'a str,
    pub certificates: &'a [Certificate],
    /// Our address that received the message.
    pub destination: &'a str,
    pub keys: &'a [PrivateKey],
    pub allow_cbc: bool,
    pub now: i64,
    pub skew: i64,
}

/// A user's session at the other party has ended; it must end here, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutRequest {
    pub id: String,
    pub name_id: NameId,
    /// These sessions; all of the user's if none are named.
    pub sessions: Vec<String>,
    /// Until when it could be sent again.
    pub until: i64,
}

/// The answer to a request of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutResponse {
    pub in_response_to: Option<String>,
    /// Whether all of the user's sessions have ended, not only some.
    pub is_complete: bool,
    pub answered: LogoutStatus,
}

/// The result of a request, according to the other party.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogoutStatus {
    /// All of the user's sessions have ended.
    Wholly,
    /// Only some have.
    Partly,
    No(Status),
}

/// A request without an expiry of its own is accepted for this long, in seconds.
const REQUEST_LIFE: i64 = 300;

impl LogoutRequest {
    pub fn receive(carried: &MessageSource, peer: &Peer) -> Result<Self, SamlFault> {
        Self::of(&carried.open()?, peer)
    }

    pub fn of(opened: &UnverifiedMessage, peer: &Peer) -> Result<Self, SamlFault> {
        let request = verified(opened, "LogoutRequest", peer)?;
        let issued = moment(&request, "IssueInstant")?;
        let issued = issued.ok_or(SamlFault::Shape("IssueInstant is missing"))?;
        let own = moment(&request, "NotOnOrAfter")?.unwrap_or(i64::MAX);
        let until = own.min(issued + REQUEST_LIFE);
        if issued > peer.now + peer.skew {
            return Err(SamlFault::Claim("it is not valid yet"));
        }
        if until <= peer.now - peer.skew {
            return Err(SamlFault::Claim("the request has expired"));
        }
        let name_id = assertion::name_id(&request, peer.keys, peer.allow_cbc)?;
        let sessions = request
            .all(ns::PROTOCOL, "SessionIndex")
            .map(|one| one.text().map(str::to_owned));
        Ok(Self {
            id: assertion::id(&request)?.to_owned(),
            name_id: name_id.ok_or(SamlFault::Shape("the request has no NameID"))?,
            sessions: sessions.collect::<Result<_, _>>()?,
            until: until + peer.skew,
        })
    }
}

impl LogoutResponse {
    pub fn receive(carried: &MessageSource, peer: &Peer) -> Result<Self, SamlFault> {
        Self::of(&carried.open()?, peer)
    }

    /// A refusal is a fault.
    pub fn of(opened: &UnverifiedMessage, peer: &Peer) -> Result<Self, SamlFault> {
        match Self::read(opened, peer)? {
            Self {
                answered: LogoutStatus::No(status),
                ..
            } => Err(SamlFault::Status(status)),
            said => Ok(said),
        }
    }

    /// Any status, if the answer is theirs.
    pub fn read(opened: &UnverifiedMessage, peer: &Peer) -> Result<Self, SamlFault> {
        let response = verified(opened, "LogoutResponse", peer)?;
        let answered = match is_success(&response) {
            Ok(()) if is_partial(&response)? => LogoutStatus::Partly,
            Ok(()) => LogoutStatus::Wholly,
            Err(SamlFault::Status(status)) if status.code == PARTIAL => LogoutStatus::Partly,
            Err(SamlFault::Status(status)) => LogoutStatus::No(status),
            Err(fault) => return Err(fault),
        };
        Ok(Self {
            in_response_to: response.attribute("InResponseTo").map(str::to_owned),
            is_complete: answered == LogoutStatus::Wholly,
            answered,
        })
    }
}

const PARTIAL: &str = "PartialLogout";

/// `PartialLogout` may be nested below success (Core section 3.7.3.2).
fn is_partial(response: &Element) -> Result<bool, SamlFault> {
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

/// The message, verified: signed, from the peer, for us.
fn verified(opened: &UnverifiedMessage, name: &str, peer: &Peer) -> Result<Element, SamlFault> {
    let element = match opened.carried {
        // The signature is over the exact bytes that were parsed.
        MessageSource::Redirect(redirected) => {
            redirected.is_signed_by(peer.certificates)?;
            opened.message.clone()
        }
        MessageSource::Post(_) | MessageSource::Soap(_) => {
            in_their_places(&[&opened.message])?;
            let signed = signed(&opened.message, peer.certificates)?;
            signed.ok_or(SamlFault::Unsigned("the message came without a signature"))?
        }
    };
    if !element.is(ns::PROTOCOL, name) {
        return Err(SamlFault::Shape("it is another kind of message"));
    }
    from_them(&element, peer.issuer)?;
    match (element.attribute("Destination"), opened.carried) {
        (Some(there), _) if there == peer.destination => Ok(element),
        // Bindings sections 3.4.5.2 and 3.5.5.2 require one for messages through a browser; 3.2
        // does not.
        (None, MessageSource::Soap(_)) => Ok(element),
        _ => Err(SamlFault::Claim("the Destination is not this address")),
    }
}

/// A message of ours, to be sent.
pub struct Outgoing {
    message: Message,
    element: Element,
}

/// The sender of a message, and its destination.
pub struct Sender<'a> {
    pub id: &'a str,
    pub issued_at: i64,
    pub issuer: &'a str,
    /// `None` where the answer goes back in the same exchange.
    pub destination: Option<&'a Address>,
}

/// The result of a logout request (Core section 3.7.3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All of the user's sessions have ended, everywhere.
    Whole,
    /// Ours have, but not every party could be notified.
    Partial,
    /// The requester never received a user of this name from us.
    UnknownUser,
}

impl Sender<'_> {
    /// Asks the identity provider to end the user's session there.
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

    /// The response to a request: its true outcome.
    pub fn response(&self, to: &str, ending: Ending) -> Outgoing {
        let code = |name: &str| {
            let value = format!("urn:oasis:names:tc:SAML:2.0:status:{name}");
            Element::new(ns::PROTOCOL, "samlp:StatusCode").with("Value", &value)
        };
        let outer = match ending {
            Ending::Whole => code("Success"),
            Ending::Partial => code("Success").child(code(PARTIAL)),
            Ending::UnknownUser => code("Requester").child(code("UnknownPrincipal")),
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
        Outgoing { message, element }
    }
}

impl Outgoing {
    /// The parameter or form field of the message.
    pub fn parameter(&self) -> &'static str {
        self.message.parameter()
    }

    pub fn redirect(
        &self,
        endpoint: &Url,
        relay_state: Option<&str>,
        key: &PrivateKey,
    ) -> Result<Url, SamlFault> {
        let xml = self.element.write();
        binding::to_redirect(endpoint, self.message, &xml, relay_state, Some(key))
    }

    /// The value of the form field.
    pub fn post(&self, key: &PrivateKey) -> Result<String, SamlFault> {
        Ok(binding::to_post(&self.signed(key)?))
    }

    /// The message's text with its signature.
    pub fn signed(&self, key: &PrivateKey) -> Result<String, SamlFault> {
        let element = self.element.clone().after_first(sign::place());
        Ok(sign::sign(&element, key)?.write())
    }
}
