//! Our own metadata, which an identity provider's admin imports (Metadata sections 2.3 and 2.4.4).

use aws_lc_rs::digest;

use crate::protocol::saml::{
    Certificate, PrivateKey, SamlFault,
    binding::{POST, REDIRECT},
    ns, sign,
    xml::Element,
};

/// The input.
pub struct Ours<'a> {
    pub entity_id: &'a str,
    /// Where responses are posted, and logout messages go.
    pub acs: &'a str,
    pub logout: &'a str,
    /// The present key first; others are published for a roll-over.
    pub keys: &'a [PrivateKey],
    pub requests_signed: bool,
    pub want_assertions_signed: bool,
    pub name_id_format: Option<&'a str>,
    /// The portal's name, and requested attributes, if there are any.
    pub title: &'a str,
    pub attributes: &'a [String],
}

impl Ours<'_> {
    /// The document's text, signed by the present key.
    pub fn write(&self) -> Result<String, SamlFault> {
        let Some(key) = self.keys.first() else {
            return Ok(self.entity(None).write());
        };
        // The id is derived from the content, so that every replica publishes the same document.
        let digest = digest::digest(&digest::SHA256, self.entity(None).write().as_bytes());
        let hex: String = digest.as_ref()[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(sign::sign(&self.entity(Some(&format!("_{hex}"))), key)?.write())
    }

    fn entity(&self, id: Option<&str>) -> Element {
        let mut entity = md("EntityDescriptor").with("entityID", self.entity_id);
        if let Some(id) = id {
            entity = entity.with("ID", id).child(sign::place());
        }
        entity.with("cacheDuration", "P1D").child(self.role())
    }

    fn role(&self) -> Element {
        let keys = self.keys.iter();
        let signing = keys
            .clone()
            .map(|key| descriptor("signing", key.certificate()));
        // Others encrypt for one key, the present one; messages for an older one are still
        // decrypted.
        let encryption = keys.take(1).map(|key| {
            descriptor("encryption", key.certificate()).children(
                ENCRYPTION
                    .iter()
                    .map(|how| md("EncryptionMethod").with("Algorithm", how)),
            )
        });
        let logout = [REDIRECT, POST].map(|binding| {
            let service = md("SingleLogoutService").with("Binding", binding);
            service.with("Location", self.logout)
        });
        let format = self
            .name_id_format
            .map(|format| md("NameIDFormat").containing(format));
        let acs = md("AssertionConsumerService")
            .with("Binding", POST)
            .with("Location", self.acs)
            .with("index", "0")
            .with("isDefault", "true");
        md("SPSSODescriptor")
            .with("protocolSupportEnumeration", ns::PROTOCOL)
            .with("AuthnRequestsSigned", flag(self.requests_signed))
            .with("WantAssertionsSigned", flag(self.want_assertions_signed))
            .children(signing)
            .children(encryption)
            .children(logout)
            .children(format)
            .child(acs)
            .children(self.consuming())
    }

    /// Section 2.4.4.1.
    fn consuming(&self) -> Option<Element> {
        if self.attributes.is_empty() {
            return None;
        }
        let title = md("ServiceName").with_language("en").containing(self.title);
        let wanted = self.attributes.iter().map(|name| {
            let format = match name.contains(':') {
                true => "urn:oasis:names:tc:SAML:2.0:attrname-format:uri",
                false => "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
            };
            md("RequestedAttribute")
                .with("Name", name)
                .with("NameFormat", format)
        });
        let service = md("AttributeConsumingService")
            .with("index", "0")
            .child(title);
        Some(service.children(wanted))
    }
}

const ENCRYPTION: &[&str] = &[
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2009/xmlenc11#aes128-gcm",
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
];

pub(super) fn md(name: &str) -> Element {
    Element::new(ns::METADATA, &format!("md:{name}"))
}

fn flag(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}

pub(super) fn descriptor(purpose: &str, certificate: &Certificate) -> Element {
    let ds = |name: &str| Element::new(ns::DSIG, &format!("ds:{name}"));
    let certificate = ds("X509Certificate").containing(&certificate.to_base64());
    let info = ds("KeyInfo").child(ds("X509Data").child(certificate));
    md("KeyDescriptor").with("use", purpose).child(info)
}
