//! An identity provider's metadata, read strictly: it decides whose signatures are accepted and
//! where browsers are sent.

use crate::protocol::saml::{
    Address, Certificate, SamlFault, address,
    assertion::moment,
    binding::{POST, REDIRECT},
    ns,
    signature::{in_their_places, signed},
    time,
    xml::{self, Element},
};

/// The content of an identity provider's metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theirs {
    pub entity_id: String,
    /// By HTTP-Redirect and HTTP-POST; others are not listed.
    pub sign_on: Vec<Endpoint>,
    pub logout: Vec<Endpoint>,
    /// Keys whose signatures are accepted; several during a roll-over.
    pub signing: Vec<Certificate>,
    pub wants_signed_requests: bool,
    /// The NameID formats that it issues, Metadata section 2.4.2; any if none are listed.
    pub name_id_formats: Vec<String>,
    /// When it must not be used any more, and for how many seconds it need not be fetched again.
    pub valid_until: Option<i64>,
    pub cache_for: Option<i64>,
    /// Whether the pinned certificate's key had signed it.
    pub is_signed: bool,
}

/// The address for a kind of message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub binding: &'static str,
    pub location: Address,
    /// Where answers go, if elsewhere.
    pub response_location: Option<Address>,
}

impl Endpoint {
    pub(super) fn addresses(&self) -> impl Iterator<Item = &Address> {
        [Some(&self.location), self.response_location.as_ref()]
            .into_iter()
            .flatten()
    }
}

impl Theirs {
    /// The entity of this id, or the only one. With pinned certificates one of their keys must have
    /// signed it, or a group that contains it.
    pub fn read(
        bytes: &[u8],
        entity_id: Option<&str>,
        pinned: &[Certificate],
        now: i64,
    ) -> Result<Self, SamlFault> {
        let root = xml::parse(bytes, &xml::METADATA)?;
        if !pinned.is_empty() {
            in_their_places(&[&root])?;
        }
        let found = find(&root, entity_id, pinned)?;
        let role = found.entity.only(ns::METADATA, "IDPSSODescriptor")?;
        let role = role.ok_or_else(|| fault("the entity is no identity provider"))?;
        let mut theirs = Self::of_role(role)?;
        theirs.entity_id = found
            .entity
            .attribute("entityID")
            .unwrap_or_default()
            .to_owned();
        theirs.is_signed = found.is_signed;
        let dated = found.around.iter().chain([&found.entity, role]);
        for element in dated {
            let until = moment(element, "validUntil")?;
            theirs.valid_until = theirs.valid_until.into_iter().chain(until).min();
            let cache = element.attribute("cacheDuration").and_then(time::duration);
            theirs.cache_for = theirs.cache_for.into_iter().chain(cache).min();
        }
        match theirs.valid_until {
            Some(until) if until <= now => Err(fault(&format!(
                "it has expired: it was valid until {}",
                time::format(until)
            ))),
            _ => Ok(theirs),
        }
    }

    fn of_role(role: &Element) -> Result<Self, SamlFault> {
        let is_saml_2 = role
            .attribute("protocolSupportEnumeration")
            .unwrap_or_default();
        if !is_saml_2
            .split_ascii_whitespace()
            .any(|one| one == ns::PROTOCOL)
        {
            return Err(fault("the entity does not support SAML 2.0"));
        }
        let sign_on = endpoints(role, "SingleSignOnService")?;
        if sign_on.is_empty() {
            return Err(fault(
                "there is no sign-on address for HTTP-Redirect or HTTP-POST",
            ));
        }
        Ok(Self {
            entity_id: String::new(),
            sign_on,
            logout: endpoints(role, "SingleLogoutService")?,
            signing: match certificates(role, "signing")? {
                none if none.is_empty() => {
                    return Err(fault("there is no certificate for signatures"));
                }
                keys => keys,
            },
            wants_signed_requests: matches!(
                role.attribute("WantAuthnRequestsSigned"),
                Some("true" | "1")
            ),
            name_id_formats: name_id_formats(role)?,
            valid_until: None,
            cache_for: None,
            is_signed: false,
        })
    }

    /// A sentence for the admin if it has an address without TLS.
    pub fn plain(&self) -> Option<String> {
        let all = self.sign_on.iter().chain(&self.logout);
        address::plain(all.flat_map(Endpoint::addresses))
    }

    /// The endpoint to use, preferably with this binding.
    pub fn endpoint<'a>(of: &'a [Endpoint], preferred: &str) -> Option<&'a Endpoint> {
        let fitting = of.iter().find(|one| one.binding == preferred);
        fitting.or(of.first())
    }
}

pub(super) fn name_id_formats(role: &Element) -> Result<Vec<String>, SamlFault> {
    let formats = role.all(ns::METADATA, "NameIDFormat").map(Element::text);
    let formats = formats.map(|text| text.map(|text| text.trim().to_owned()));
    formats.collect()
}

pub(super) fn fault(words: &str) -> SamlFault {
    SamlFault::Metadata(words.to_owned())
}

/// The entity, and the groups that contain it.
pub(super) struct FoundEntity {
    pub entity: Element,
    around: Vec<Element>,
    is_signed: bool,
}

/// Descends to the entity; a signed part on the way replaces the received one.
pub(super) fn find(
    root: &Element,
    id: Option<&str>,
    pinned: &[Certificate],
) -> Result<FoundEntity, SamlFault> {
    let mut around: Vec<Element> = Vec::new();
    let mut here = root.clone();
    let mut is_signed = false;
    loop {
        if !is_signed
            && !pinned.is_empty()
            && let Some(believed) = signed(&here, pinned)?
        {
            (here, is_signed) = (believed, true);
        }
        if here.is(ns::METADATA, "EntityDescriptor") {
            return finish(here, around, is_signed, id, pinned);
        }
        if !here.is(ns::METADATA, "EntitiesDescriptor") {
            return Err(fault("it is not SAML metadata"));
        }
        let next = below(&here, id)?.detached(&here);
        around.push(hollow(&here));
        here = next;
    }
}

fn finish(
    entity: Element,
    around: Vec<Element>,
    is_signed: bool,
    id: Option<&str>,
    pinned: &[Certificate],
) -> Result<FoundEntity, SamlFault> {
    if !pinned.is_empty() && !is_signed {
        return Err(fault("it is not signed, and a certificate is pinned"));
    }
    let own = entity.attribute("entityID").unwrap_or_default();
    match id {
        Some(id) if id != own => Err(fault(&format!("it is of another entity, {own}"))),
        _ if own.is_empty() => Err(fault("the entity has no entityID")),
        _ => Ok(FoundEntity {
            entity,
            around,
            is_signed,
        }),
    }
}

/// The one child that is, or contains, the entity.
fn below<'a>(group: &'a Element, id: Option<&str>) -> Result<&'a Element, SamlFault> {
    let holds = |one: &Element| {
        let mut found = 0;
        one.walk(&mut |inner| {
            let is_it = id.is_none_or(|id| inner.attribute("entityID") == Some(id));
            found += usize::from(is_it && inner.is(ns::METADATA, "EntityDescriptor"));
        });
        found > 0
    };
    let mut holding = group.elements().filter(|one| holds(one));
    match (holding.next(), holding.next(), id) {
        (Some(one), None, _) => Ok(one),
        (None, _, Some(id)) => Err(fault(&format!("the entity {id} is not in it"))),
        (None, _, None) => Err(fault("there is no entity in it")),
        (Some(_), Some(_), None) => Err(fault("it has several entities; say which by entity_id")),
        (Some(_), Some(_), Some(id)) => Err(fault(&format!("the entity {id} is in it twice"))),
    }
}

/// The group's own attributes, without its entities.
fn hollow(group: &Element) -> Element {
    let dates = ["validUntil", "cacheDuration"];
    let dates = dates
        .iter()
        .filter_map(|name| Some((name, group.attribute(name)?)));
    dates.fold(
        Element::new(ns::METADATA, "md:EntitiesDescriptor"),
        |all, (name, value)| all.with(name, value),
    )
}

pub(super) fn endpoints(role: &Element, name: &str) -> Result<Vec<Endpoint>, SamlFault> {
    let mut all = Vec::new();
    for service in role.all(ns::METADATA, name) {
        let binding = match service.attribute("Binding") {
            Some(REDIRECT) => REDIRECT,
            Some(POST) => POST,
            _ => continue,
        };
        let location = service.attribute("Location").unwrap_or_default();
        let response = service
            .attribute("ResponseLocation")
            .map(Address::parse)
            .transpose()?;
        all.push(Endpoint {
            binding,
            location: Address::parse(location)?,
            response_location: response,
        });
    }
    Ok(all)
}

/// Every KeyDescriptor's first certificate, for this use or for any; those after it are its
/// issuers, which sign nothing here. One that cannot be read is a fault if there is no other.
pub(super) fn certificates(role: &Element, purpose: &str) -> Result<Vec<Certificate>, SamlFault> {
    let mut keys: Vec<Certificate> = Vec::new();
    let mut unread = None;
    for descriptor in role.all(ns::METADATA, "KeyDescriptor") {
        if descriptor.attribute("use").is_some_and(|is| is != purpose) {
            continue;
        }
        let mut first: Option<&Element> = None;
        descriptor.walk(&mut |one| {
            if one.is(ns::DSIG, "X509Certificate") {
                first = first.or(Some(one));
            }
        });
        let Some(first) = first else { continue };
        match Certificate::from_base64(first.text()?) {
            Ok(key) if keys.contains(&key) => {}
            Ok(key) => keys.push(key),
            Err(fault) => unread = Some(fault),
        }
    }
    match unread {
        Some(fault) if keys.is_empty() => Err(fault),
        _ => Ok(keys),
    }
}
