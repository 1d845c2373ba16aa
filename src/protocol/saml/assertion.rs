//! What an assertion says, read from the verified node and nothing else. Whether it may be believed
//! is `verify.rs`' business; this only reads.

use super::{
    Fault, PrivateKey, decrypt, ns, time,
    xml::{self, Element},
};

/// A believed assertion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The assertion's own id, for the replay cache.
    pub id: String,
    /// Until when this assertion could be sent again.
    pub until: i64,
    pub issuer: String,
    pub name_id: Option<NameId>,
    /// When and how the person proved who they are, Core section 2.7.2.
    pub authenticated_at: i64,
    pub context: Option<String>,
    pub session_index: Option<String>,
    pub session_until: Option<i64>,
    pub attributes: Vec<Attribute>,
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

    pub(super) fn read(element: &Element) -> Result<Self, Fault> {
        let value = element.text()?;
        if value.is_empty() || value.len() > 1024 {
            return Err(Fault::Shape("the NameID is empty or too long"));
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

/// The `NameID` below an element, opened if it is encrypted for us.
pub(super) fn name_id(
    parent: &Element,
    keys: &[PrivateKey],
    allow_cbc: bool,
) -> Result<Option<NameId>, Fault> {
    let Some(encrypted) = parent.only(ns::ASSERTION, "EncryptedID")? else {
        let plain = parent.only(ns::ASSERTION, "NameID")?;
        return plain.map(NameId::read).transpose();
    };
    let plain = decrypt::open(encrypted, keys, allow_cbc)?;
    let opened = xml::parse(&plain, &xml::MESSAGE)?;
    match opened.is(ns::ASSERTION, "NameID") {
        true => NameId::read(&opened).map(Some),
        false => Err(Fault::Shape("what was encrypted is no NameID")),
    }
}

/// Core section 2.7.3.1; the name is `urn:oid:…` as often as not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    pub name: String,
    pub friendly_name: Option<String>,
    pub values: Vec<String>,
}

/// What `AuthnStatement` says.
pub(super) struct Authentication {
    pub at: i64,
    pub context: Option<String>,
    pub session_index: Option<String>,
    pub session_until: Option<i64>,
}

impl Authentication {
    /// The one statement; without it nobody signed in.
    pub fn read(assertion: &Element) -> Result<Self, Fault> {
        let statement = assertion.only(ns::ASSERTION, "AuthnStatement")?;
        let statement = statement.ok_or(Fault::Claim("there is no AuthnStatement"))?;
        let context = statement.only(ns::ASSERTION, "AuthnContext")?;
        let class = match context {
            Some(context) => context.only(ns::ASSERTION, "AuthnContextClassRef")?,
            None => None,
        };
        Ok(Self {
            at: moment(statement, "AuthnInstant")?
                .ok_or(Fault::Shape("AuthnInstant is missing"))?,
            context: class.map(Element::text).transpose()?.map(str::to_owned),
            session_index: statement.attribute("SessionIndex").map(str::to_owned),
            session_until: moment(statement, "SessionNotOnOrAfter")?,
        })
    }
}

/// An attribute that is a moment.
pub(super) fn moment(element: &Element, name: &str) -> Result<Option<i64>, Fault> {
    let text = element.attribute(name);
    let read = |text| time::parse(text).ok_or(Fault::Shape("a moment cannot be read"));
    text.map(read).transpose()
}

/// The statements' attributes, in their order. Values that are more than text (a NameID inside, as
/// `eduPersonTargetedID` has it) are read as that text.
pub(super) fn attributes(assertion: &Element) -> Result<Vec<Attribute>, Fault> {
    let mut all = Vec::new();
    for statement in assertion.all(ns::ASSERTION, "AttributeStatement") {
        if statement
            .all(ns::ASSERTION, "EncryptedAttribute")
            .next()
            .is_some()
        {
            return Err(Fault::Encryption(
                "single encrypted attributes are not supported",
            ));
        }
        for element in statement.all(ns::ASSERTION, "Attribute") {
            let name = element.attribute("Name").unwrap_or_default();
            if name.is_empty() {
                return Err(Fault::Shape("an attribute has no name"));
            }
            let values = element.all(ns::ASSERTION, "AttributeValue").map(value);
            let values: Vec<_> = values.collect::<Result<_, _>>()?;
            all.push(Attribute {
                name: name.to_owned(),
                friendly_name: element.attribute("FriendlyName").map(str::to_owned),
                values: values.into_iter().flatten().collect(),
            });
        }
    }
    Ok(all)
}

/// `xsi:nil` and an empty value are none.
fn value(element: &Element) -> Result<Option<String>, Fault> {
    let mut text = element;
    let mut inner = element.elements();
    if let Some(name_id) = inner.next() {
        let alone = inner.next().is_none() && !element.is_mixed();
        if !alone || !name_id.is(ns::ASSERTION, "NameID") {
            return Err(Fault::Shape("an attribute's value is markup"));
        }
        text = name_id;
    }
    let text = text.text()?;
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// An id that may be referred to: an NCName.
pub(super) fn id(element: &Element) -> Result<&str, Fault> {
    let id = element.attribute("ID").unwrap_or_default();
    match xml::is_name(id) && id.len() <= 256 {
        true => Ok(id),
        false => Err(Fault::Shape("an ID is missing or no name")),
    }
}
