//! XML as SAML needs it, and no more: a tree of elements and text. No DTD, no entities of one's
//! own, no processing instructions, no CDATA; comments only where a caller allows them (metadata)
//! and never beside text. Everything else about XML is refused before it is processed (THREATS:
//! XXE, entity expansion, comment truncation).
//!
//! [`Element::write`] serialises the same document, escaped: everything that goes to the signature
//! library and to other parties is written by it.

mod canonical;
mod parse;
mod write;

use super::{LONGEST_MESSAGE, SamlFault};

pub use parse::parse;

/// The limits for parsing a document.
pub struct XmlLimits {
    pub bytes: usize,
    pub depth: usize,
    pub elements: usize,
    /// Namespace declarations on one element. Those in scope are at most [`IN_SCOPE`]: every prefix
    /// is looked up among them.
    pub declarations: usize,
    /// Comments between elements are skipped; beside text they are refused all the same.
    pub comments: bool,
}

/// For messages: requests, responses, assertions.
pub const MESSAGE: XmlLimits = XmlLimits {
    bytes: LONGEST_MESSAGE,
    depth: 32,
    elements: 10_000,
    declarations: 8,
    comments: false,
};

/// Namespace declarations in scope at once (THREATS: resource exhaustion).
pub const IN_SCOPE: usize = 64;
/// Bytes of a namespace's name: each element and attribute has a copy of its own.
pub const LONGEST_NAMESPACE: usize = 256;

/// For metadata, which may hold a federation: its root declares the namespaces of all extensions,
/// some twenty of them.
pub const METADATA: XmlLimits = XmlLimits {
    bytes: 16 * 1024 * 1024,
    depth: 32,
    elements: 400_000,
    declarations: 32,
    comments: true,
};

/// One element. Equality is that of canonical XML: prefixes matter, the place of a namespace's
/// declaration does not.
#[derive(Clone, Debug)]
pub struct Element {
    prefix: String,
    name: String,
    namespace: String,
    declared: Vec<(String, String)>,
    attributes: Vec<XmlAttribute>,
    children: Vec<Node>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Element(Element),
    Text(String),
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct XmlAttribute {
    pub namespace: String,
    pub name: String,
    prefix: String,
    pub value: String,
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.prefix == other.prefix
            && self.name == other.name
            && self.namespace == other.namespace
            && self.attributes == other.attributes
            && self.children == other.children
    }
}

impl Eq for Element {}

/// Reading.
impl Element {
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.name == name && self.namespace == namespace
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// An attribute in no namespace, as all of SAML's are.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        let found = all.find(|one| one.name == name && one.namespace.is_empty());
        found.map(|one| one.value.as_str())
    }

    pub fn attributes(&self) -> &[XmlAttribute] {
        &self.attributes
    }

    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    pub fn all<'a>(
        &'a self,
        namespace: &'a str,
        name: &'a str,
    ) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |one| one.is(namespace, name))
    }

    /// The one child of this name; a second one is a fault, none is `None`.
    pub fn only(&self, namespace: &str, name: &str) -> Result<Option<&Element>, SamlFault> {
        let mut all = self.elements().filter(|one| one.is(namespace, name));
        let first = all.next();
        match all.next() {
            None => Ok(first),
            Some(_) => Err(SamlFault::Shape(
                "an element that may be there once is repeated",
            )),
        }
    }

    /// The text of an element that has nothing but text, without the blanks around it.
    pub fn text(&self) -> Result<&str, SamlFault> {
        match self.children.as_slice() {
            [] => Ok(""),
            [Node::Text(text)] => Ok(text.trim_matches([' ', '\t', '\r', '\n'])),
            _ => Err(SamlFault::Shape("an element has more than text")),
        }
    }

    /// Whether there is text between its elements.
    pub fn is_mixed(&self) -> bool {
        self.children.iter().any(|node| match node {
            Node::Element(_) => false,
            Node::Text(text) => !text.trim_matches([' ', '\t', '\r', '\n']).is_empty(),
        })
    }

    /// This element and all below it, in document order.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Element)) {
        visit(self);
        self.elements().for_each(|child| child.walk(visit));
    }

    /// A copy as a document of its own, equivalent to the element below `parent`: with the
    /// inherited namespaces.
    pub fn detached(&self, parent: &Element) -> Element {
        let mut copy = self.clone();
        for (prefix, uri) in &parent.declared {
            if !copy.declared.iter().any(|(own, _)| own == prefix) {
                copy.declared.push((prefix.clone(), uri.clone()));
            }
        }
        copy
    }

    /// A copy with another child in the place of the first one of this name, if there is one.
    pub fn replacing(&self, namespace: &str, name: &str, by: Element) -> Option<Element> {
        let mut copy = self.clone();
        let mut children = copy.children.iter_mut();
        let place = children.find(|node| match node {
            Node::Element(element) => element.is(namespace, name),
            Node::Text(_) => false,
        })?;
        *place = Node::Element(by);
        Some(copy)
    }

    /// A copy without the children of this name, like the result of an enveloped signature's
    /// transform.
    pub fn without(&self, namespace: &str, name: &str) -> Element {
        let mut copy = self.clone();
        copy.children.clear();
        for child in &self.children {
            match child {
                Node::Element(element) if element.is(namespace, name) => {}
                Node::Element(element) => copy.children.push(Node::Element(element.clone())),
                Node::Text(text) => copy.push_text(text),
            }
        }
        copy
    }
}

impl Element {
    fn push_text(&mut self, text: &str) {
        match self.children.last_mut() {
            Some(Node::Text(last)) => last.push_str(text),
            _ if text.is_empty() => {}
            _ => self.children.push(Node::Text(text.to_owned())),
        }
    }
}

fn resolve<'s>(scope: &'s [(String, String)], prefix: &str) -> Option<&'s str> {
    let mut inner = scope.iter().rev();
    let found = inner.find(|(known, _)| known == prefix);
    found.map(|(_, uri)| uri.as_str())
}

/// XML 1.0 section 2.2, Char.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

/// An NCName, of ASCII: SAML's own names are.
pub fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    first && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}
