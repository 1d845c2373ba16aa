//! The content of an assertion, read from the verified node only. `verify.rs` decides whether it is
//! valid; this only reads.

use super::{
    PrivateKey, SamlFault, decrypt, ns, time,
    xml::{self, Element},
};

/// A verified assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedAssertion {
    /// The assertion's own id, for the replay cache.
    pub id: String,
    /// Until when this assertion could be sent again.
    pub until: i64,
    pub issuer: String,
    pub name_id: Option<NameId>,
    /// When and how the user authenticated, Core section 2.7.2.
    pub authenticated_at: i64,
    pub context: Option<String>,
    pub session_index: Option<String>,
    pub session_until: Option<i64>,
    pub attributes: Vec<SamlAttribute>,
}

/// Core section 2.2.3.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NameId {
    pub value: String,
    pub format: Option<String>,
    pub name_qualifier: Option<String>,
    pub sp_name_qualifier: Option<String>,
}

pub const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
pub const EMAIL: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
pub const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";

impl NameId {
    pub fn is_transient(&self) -> bool {
        self.format.as_deref() == Some(TRANSIENT)
    }

    pub(super) fn read(element: &Element) -> Result<Self, SamlFault> {
        let value = element.text()?;
        if value.is_empty() || value.len() > 1024 {
            return Err(SamlFault::Shape("the NameID is empty or too long"));
        }
        let owned = |name: &str| element.attribute(name).map(str::to_owned);
        Ok(Self {
            value: value.to_owned(),
            format: owned("Format"),
            name_qualifier: owned("NameQualifier"),
            sp_name_qualifier: owned("SPNameQualifier"),
        })
    }

    pub(super) fn write(&self) -> Element {
        let mut element = Element::new(ns::ASSERTION, "saml:NameID");
        for (name, value) in [
            ("NameQualifier", &self.name_qualifier),
            ("SPNameQualifier", &self.sp_name_qualifier),
            ("Format", &self.format),
        ] {
            if let Some(value) = value {
                element = element.with(name, value);
            }
        }
        element.containing(&self.value)
    }
}

/// The `NameID` below an element, decrypted if it is encrypted for us.
pub(super) fn name_id(
    parent: &Element,
    keys: &[PrivateKey],
    allow_cbc: bool,
) -> Result<Option<NameId>, SamlFault> {
    let Some(encrypted) = parent.only(ns::ASSERTION, "EncryptedID")? else {
        let plain = parent.only(ns::ASSERTION, "NameID")?;
        return plain.map(NameId::read).transpose();
    };
    let plain = decrypt::open(encrypted, keys, allow_cbc)?;
    let opened = xml::parse(&plain, &xml::MESSAGE)?;
    match opened.is(ns::ASSERTION, "NameID") {
        true => NameId::read(&opened).map(Some),
        false => Err(SamlFault::Shape("what was encrypted is no NameID")),
    }
}

/// Core section 2.7.3.1; the name is often `urn:oid:…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamlAttribute {
    pub name: String,
    pub friendly_name: Option<String>,
    pub values: Vec<String>,
    /// It contains markup (an address of eIDAS), which is no text and is not read.
    pub has_markup: bool,
}

/// The content of `AuthnStatement`.
pub(super) struct Authentication {
    pub at: i64,
    pub context: Option<String>,
    pub session_index: Option<String>,
    pub session_until: Option<i64>,
}

impl Authentication {
    /// The one statement; without it no user has authenticated.
    pub fn read(assertion: &Element) -> Result<Self, SamlFault> {
        let statement = assertion.only(ns::ASSERTION, "AuthnStatement")?;
        let statement = statement.ok_or(SamlFault::Claim("there is no AuthnStatement"))?;
        let context = statement.only(ns::ASSERTION, "AuthnContext")?;
        let context = context.ok_or(SamlFault::Shape("AuthnContext is missing"))?;
        let class = context.only(ns::ASSERTION, "AuthnContextClassRef")?;
        let class = class.map(Element::text).transpose()?;
        let class = class.filter(|class| !class.is_empty());
        // Core section 2.7.2.2: a class, a declaration, or both.
        let says = |name| context.all(ns::ASSERTION, name).next().is_some();
        if class.is_none() && !says("AuthnContextDecl") && !says("AuthnContextDeclRef") {
            return Err(SamlFault::Shape("AuthnContext says nothing"));
        }
        Ok(Self {
            at: moment(statement, "AuthnInstant")?
                .ok_or(SamlFault::Shape("AuthnInstant is missing"))?,
            context: class.map(str::to_owned),
            session_index: statement.attribute("SessionIndex").map(str::to_owned),
            session_until: moment(statement, "SessionNotOnOrAfter")?,
        })
    }
}

/// An attribute that is a moment.
pub(super) fn moment(element: &Element, name: &str) -> Result<Option<i64>, SamlFault> {
    let text = element.attribute(name);
    let read = |text| time::parse(text).ok_or(SamlFault::Shape("a moment cannot be read"));
    text.map(read).transpose()
}

/// The statements' attributes, in their order, including those encrypted for us. Values that are
/// more than text (a NameID inside, as in `eduPersonTargetedID`) are read as that text. What cannot
/// be read is reported separately, for the caller to decide.
pub(super) fn attributes(
    assertion: &Element,
    keys: &[PrivateKey],
    allow_cbc: bool,
) -> Result<Vec<SamlAttribute>, SamlFault> {
    let mut all = Vec::new();
    for statement in assertion.all(ns::ASSERTION, "AttributeStatement") {
        for element in statement.elements() {
            if element.is(ns::ASSERTION, "Attribute") {
                all.push(SamlAttribute::read(element)?);
            } else if element.is(ns::ASSERTION, ENCRYPTED) {
                all.push(
                    opened(element, keys, allow_cbc).unwrap_or_else(|_| SamlAttribute::closed()),
                );
            }
        }
    }
    Ok(all)
}

/// The attributes of a pasted assertion, or of the one in a pasted response: nothing of it is
/// verified, and encrypted ones are not decrypted.
///
/// # Errors
/// [`SamlFault::Xml`] and [`SamlFault::Shape`]: what was pasted is no assertion that can be read.
pub fn unverified_attributes(text: &str) -> Result<Vec<SamlAttribute>, SamlFault> {
    let root = xml::parse(text.trim().as_bytes(), &xml::MESSAGE)?;
    let assertion = if root.is(ns::ASSERTION, "Assertion") {
        &root
    } else if root.is(ns::PROTOCOL, "Response") {
        if root.only(ns::ASSERTION, "EncryptedAssertion")?.is_some() {
            return Err(SamlFault::Shape(
                "the assertion is encrypted; the identity provider's own log has it in the clear",
            ));
        }
        let inside = root.only(ns::ASSERTION, "Assertion")?;
        inside.ok_or(SamlFault::Shape("the response has no assertion"))?
    } else {
        return Err(SamlFault::Shape(
            "neither a saml:Assertion nor a samlp:Response",
        ));
    };
    attributes(assertion, &[], false)
}

const ENCRYPTED: &str = "EncryptedAttribute";

fn opened(
    element: &Element,
    keys: &[PrivateKey],
    allow_cbc: bool,
) -> Result<SamlAttribute, SamlFault> {
    let plain = decrypt::open(element, keys, allow_cbc)?;
    let inner = xml::parse(&plain, &xml::MESSAGE)?;
    match inner.is(ns::ASSERTION, "Attribute") {
        true => SamlAttribute::read(&inner),
        false => Err(SamlFault::Shape("what was encrypted is no attribute")),
    }
}

impl SamlAttribute {
    /// One `saml:Attribute` (Core section 2.7.3.1), verified or not.
    pub fn read(element: &Element) -> Result<Self, SamlFault> {
        let name = element.attribute("Name").unwrap_or_default();
        if name.is_empty() {
            return Err(SamlFault::Shape("an attribute has no name"));
        }
        let mut attribute = Self {
            name: name.to_owned(),
            friendly_name: element.attribute("FriendlyName").map(str::to_owned),
            values: Vec::new(),
            has_markup: false,
        };
        for one in element.all(ns::ASSERTION, "AttributeValue") {
            match value(one) {
                Ok(value) => attribute.values.extend(value),
                Err(_) => attribute.has_markup = true,
            }
        }
        Ok(attribute)
    }

    /// Whether its name is unknown, too: it may be any attribute.
    pub fn is_closed(&self) -> bool {
        self.name == ENCRYPTED && self.has_markup
    }

    /// One that is encrypted, and not for a key of ours.
    fn closed() -> Self {
        Self {
            name: ENCRYPTED.to_owned(),
            friendly_name: None,
            values: Vec::new(),
            has_markup: true,
        }
    }
}

/// `xsi:nil` and an empty value are treated as missing.
fn value(element: &Element) -> Result<Option<String>, SamlFault> {
    let mut text = element;
    let mut inner = element.elements();
    if let Some(name_id) = inner.next() {
        let alone = inner.next().is_none() && !element.is_mixed();
        if !alone || !name_id.is(ns::ASSERTION, "NameID") {
            return Err(SamlFault::Shape("an attribute's value is markup"));
        }
        text = name_id;
    }
    let text = text.text()?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// An id that may be referred to: an NCName.
pub(super) fn id(element: &Element) -> Result<&str, SamlFault> {
    let id = element.attribute("ID").unwrap_or_default();
    match xml::is_name(id) && id.len() <= 256 {
        true => Ok(id),
        false => Err(SamlFault::Shape("an ID is missing or no name")),
    }
}
