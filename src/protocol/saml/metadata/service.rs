//! A service provider's metadata (Metadata section 2.4.4), read strictly: it decides where
//! assertions are sent, and for whom they are encrypted.

use super::{
    Endpoint,
    theirs::{certificates, endpoints, fault, find, name_id_formats},
};
use crate::protocol::saml::{
    Address, Certificate, SamlFault, address,
    binding::{POST, SOAP},
    ns,
    xml::{self, Element},
};

/// The content of a service provider's metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceMetadata {
    pub entity_id: String,
    /// By HTTP-POST, the only supported binding for assertions. The default one first.
    pub consumers: Vec<Consumer>,
    pub logout: Vec<Endpoint>,
    /// Where logout requests go by SOAP, server to server.
    pub logout_by_soap: Option<Address>,
    pub signing: Vec<Certificate>,
    /// The key that assertions are encrypted for; one that is not RSA is skipped.
    pub encryption: Option<Certificate>,
    pub signs_requests: bool,
    /// The NameID formats that it accepts, Metadata section 2.4.2; any if none are listed.
    pub name_id_formats: Vec<String>,
}

/// An assertion consumer service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consumer {
    pub index: Option<u16>,
    pub location: Address,
}

impl ServiceMetadata {
    /// The entity of this id, or the only one.
    pub fn read(bytes: &[u8], entity_id: Option<&str>) -> Result<Self, SamlFault> {
        let root = xml::parse(bytes, &xml::METADATA)?;
        let entity = find(&root, entity_id, &[])?.entity;
        let role = entity.only(ns::METADATA, "SPSSODescriptor")?;
        let role = role.ok_or_else(|| fault("the entity is no service provider"))?;
        let consumers = consumers(role)?;
        if consumers.is_empty() {
            return Err(fault("there is no AssertionConsumerService for HTTP-POST"));
        }
        let encryption = certificates(role, "encryption")?;
        Ok(Self {
            entity_id: entity.attribute("entityID").unwrap_or_default().to_owned(),
            consumers,
            logout: endpoints(role, "SingleLogoutService")?,
            logout_by_soap: soap(role)?,
            signing: certificates(role, "signing")?,
            encryption: encryption.into_iter().find(|key| key.rsa().is_some()),
            signs_requests: is_true(role, "AuthnRequestsSigned"),
            name_id_formats: name_id_formats(role)?,
        })
    }

    /// A sentence for the admin if it has an address without TLS: users' data would go there.
    pub fn plain(&self) -> Option<String> {
        let consumers = self.consumers.iter().map(|one| &one.location);
        let logout = self.logout.iter().flat_map(Endpoint::addresses);
        address::plain(consumers.chain(logout).chain(&self.logout_by_soap))
    }

    /// The consumer a request names, by address or by index; the default where it names none. An
    /// unregistered one is refused (THREATS: foreign ACS).
    pub fn consumer(&self, address: Option<&str>, index: Option<u16>) -> Option<&Address> {
        let mut all = self.consumers.iter();
        let found = match (address, index) {
            (Some(address), _) => all.find(|one| one.location.is_named(address)),
            (None, Some(index)) => all.find(|one| one.index == Some(index)),
            (None, None) => all.next(),
        };
        found.map(|one| &one.location)
    }
}

fn is_true(element: &Element, name: &str) -> bool {
    matches!(element.attribute(name), Some("true" | "1"))
}

fn consumers(role: &Element) -> Result<Vec<Consumer>, SamlFault> {
    let mut all = Vec::new();
    for service in role.all(ns::METADATA, "AssertionConsumerService") {
        if service.attribute("Binding") != Some(POST) {
            continue;
        }
        let consumer = Consumer {
            index: service
                .attribute("index")
                .and_then(|text| text.parse().ok()),
            location: Address::parse(service.attribute("Location").unwrap_or_default())?,
        };
        match is_true(service, "isDefault") {
            true => all.insert(0, consumer),
            false => all.push(consumer),
        }
    }
    Ok(all)
}

fn soap(role: &Element) -> Result<Option<Address>, SamlFault> {
    let mut all = role.all(ns::METADATA, "SingleLogoutService");
    let found = all.find(|one| one.attribute("Binding") == Some(SOAP));
    found
        .map(|one| Address::parse(one.attribute("Location").unwrap_or_default()))
        .transpose()
}
