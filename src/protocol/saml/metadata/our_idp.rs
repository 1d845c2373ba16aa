//! Our own metadata as an identity provider, which a service provider's admin imports (Metadata
//! section 2.4.3).

use aws_lc_rs::digest;

use super::ours::{descriptor, md};
use crate::protocol::saml::{
    PrivateKey, SamlFault,
    assertion::{EMAIL, PERSISTENT, TRANSIENT},
    binding::{POST, REDIRECT, SOAP},
    ns, sign,
    xml::Element,
};

/// The input.
pub struct OurIdp<'a> {
    pub entity_id: &'a str,
    pub sign_on: &'a str,
    pub logout: &'a str,
    /// The address for logout requests server to server.
    pub logout_by_soap: &'a str,
    /// The present key, which signs; others are published for a roll-over.
    pub key: &'a PrivateKey,
    pub others: &'a [&'a PrivateKey],
}

impl OurIdp<'_> {
    /// The document's text, signed; the same on every replica.
    pub fn write(&self) -> Result<String, SamlFault> {
        let digest = digest::digest(&digest::SHA256, self.entity(None).write().as_bytes());
        let hex: String = digest.as_ref()[..16]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Ok(sign::sign(&self.entity(Some(&format!("_{hex}"))), self.key)?.write())
    }

    fn entity(&self, id: Option<&str>) -> Element {
        let mut entity = md("EntityDescriptor").with("entityID", self.entity_id);
        if let Some(id) = id {
            entity = entity.with("ID", id).child(sign::place());
        }
        entity.with("cacheDuration", "P1D").child(self.role())
    }

    fn role(&self) -> Element {
        let keys = [self.key].into_iter().chain(self.others.iter().copied());
        let signing = keys.map(|key| descriptor("signing", key.certificate()));
        let at = |name: &str, location: &str| {
            [REDIRECT, POST]
                .map(|binding| md(name).with("Binding", binding).with("Location", location))
        };
        let by_soap = md("SingleLogoutService")
            .with("Binding", SOAP)
            .with("Location", self.logout_by_soap);
        let formats = [PERSISTENT, TRANSIENT, EMAIL].map(|one| md("NameIDFormat").containing(one));
        // No WantAuthnRequestsSigned: a service provider's own metadata or the admin decides that,
        // and "false" makes some stop signing.
        md("IDPSSODescriptor")
            .with("protocolSupportEnumeration", ns::PROTOCOL)
            .children(signing)
            .children(at("SingleLogoutService", self.logout))
            .child(by_soap)
            .children(formats)
            .children(at("SingleSignOnService", self.sign_on))
    }
}
