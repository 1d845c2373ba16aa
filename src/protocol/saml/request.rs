//! The authentication request: `AuthnRequest`, Core section 3.4.1 and Profiles section 4.1.4.1.

use url::Url;

use super::{
    Address, PrivateKey, SamlFault,
    binding::{self, Message, POST},
    ns, sign, time,
    xml::Element,
};

/// The content of our request.
pub struct AuthnRequest<'a> {
    pub id: &'a str,
    pub issued_at: i64,
    /// Our entity id, and where the answer is to go.
    pub issuer: &'a str,
    pub recipient: &'a str,
    pub destination: &'a Address,
    /// The user must authenticate again.
    pub force: bool,
    pub name_id_format: Option<&'a str>,
    /// One of these authentication contexts, exactly; any if there are none.
    pub contexts: &'a [String],
}

impl AuthnRequest<'_> {
    /// The address with the request, by HTTP-Redirect.
    pub fn redirect(&self, relay_state: &str, key: Option<&PrivateKey>) -> Result<Url, SamlFault> {
        let xml = self.element(false).write();
        binding::to_redirect(
            self.destination,
            Message::Request,
            &xml,
            Some(relay_state),
            key,
        )
    }

    /// The value of the form field with the request, by HTTP-POST.
    pub fn post(&self, key: Option<&PrivateKey>) -> Result<String, SamlFault> {
        let xml = match key {
            Some(key) => sign::sign(&self.element(true), key)?.write(),
            None => self.element(false).write(),
        };
        Ok(binding::to_post(&xml))
    }

    fn element(&self, is_signed: bool) -> Element {
        let samlp = |name: &str| Element::new(ns::PROTOCOL, name);
        let mut request = samlp("samlp:AuthnRequest")
            .with("ID", self.id)
            .with("Version", "2.0")
            .with("IssueInstant", &time::format(self.issued_at))
            .with("Destination", self.destination.as_str())
            .with("AssertionConsumerServiceURL", self.recipient)
            .with("ProtocolBinding", POST);
        if self.force {
            request = request.with("ForceAuthn", "true");
        }
        let issuer = Element::new(ns::ASSERTION, "saml:Issuer").containing(self.issuer);
        request = request.child(issuer);
        if is_signed {
            request = request.child(sign::place());
        }
        let mut policy = samlp("samlp:NameIDPolicy").with("AllowCreate", "true");
        if let Some(format) = self.name_id_format {
            policy = policy.with("Format", format);
        }
        request = request.child(policy);
        if self.contexts.is_empty() {
            return request;
        }
        let classes = self.contexts.iter().map(|context| {
            Element::new(ns::ASSERTION, "saml:AuthnContextClassRef").containing(context)
        });
        request.child(
            samlp("samlp:RequestedAuthnContext")
                .with("Comparison", "exact")
                .children(classes),
        )
    }
}
