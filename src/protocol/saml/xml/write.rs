//! Building a document and writing it, escaped: all XML of this crate is written here.

use std::borrow::Cow;

use quick_xml::{
    Writer,
    events::{BytesEnd, BytesStart, BytesText, Event, attributes},
    name::QName,
};

use super::{Element, Node, XmlAttribute, is_xml, resolve};
use crate::protocol::saml::ns;

/// Writing.
impl Element {
    /// `name` as it is written, `samlp:AuthnRequest`; its namespace is declared on it.
    pub fn new(namespace: &str, name: &str) -> Self {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        Self {
            prefix: prefix.to_owned(),
            name: local.to_owned(),
            namespace: namespace.to_owned(),
            declared: vec![(prefix.to_owned(), namespace.to_owned())],
            attributes: Vec::new(),
            children: Vec::new(),
        }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.attributes.push(XmlAttribute {
            namespace: String::new(),
            name: name.to_owned(),
            prefix: String::new(),
            value: value.to_owned(),
        });
        self
    }

    /// `xml:lang`, which some of metadata's elements must have.
    pub fn with_language(mut self, language: &str) -> Self {
        self.attributes.push(XmlAttribute {
            namespace: ns::XML.to_owned(),
            name: "lang".to_owned(),
            prefix: "xml".to_owned(),
            value: language.to_owned(),
        });
        self
    }

    pub fn child(mut self, child: Element) -> Self {
        self.children.push(Node::Element(child));
        self
    }

    pub fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children
            .extend(children.into_iter().map(Node::Element));
        self
    }

    /// A signature's place: right after the issuer.
    pub fn after_first(mut self, child: Element) -> Self {
        let at = self.children.len().min(1);
        self.children.insert(at, Node::Element(child));
        self
    }

    pub fn containing(mut self, text: &str) -> Self {
        self.push_text(text);
        self
    }

    /// The document's text.
    pub fn write(&self) -> String {
        let mut writer = Writer::new(Vec::new());
        // Writing to memory does not fail; if it did, the incomplete document would be refused.
        let _ = self.write_to(&mut writer, &mut Vec::new());
        String::from_utf8(writer.into_inner()).unwrap_or_default()
    }

    fn write_to(
        &self,
        writer: &mut Writer<Vec<u8>>,
        scope: &mut Vec<(String, String)>,
    ) -> std::io::Result<()> {
        let name = qualified(&self.prefix, &self.name);
        let mut start = BytesStart::new(name.as_str());
        let depth = scope.len();
        for (prefix, uri) in &self.declared {
            if resolve(scope, prefix) != Some(uri.as_str()) {
                let key = match prefix.as_str() {
                    "" => "xmlns".to_owned(),
                    _ => qualified("xmlns", prefix),
                };
                push(&mut start, &key, uri);
                scope.push((prefix.clone(), uri.clone()));
            }
        }
        for one in &self.attributes {
            let key = qualified(&one.prefix, &one.name);
            push(&mut start, &key, &one.value);
        }
        if self.children.is_empty() {
            scope.truncate(depth);
            return writer.write_event(Event::Empty(start));
        }
        writer.write_event(Event::Start(start))?;
        for child in &self.children {
            match child {
                Node::Element(element) => element.write_to(writer, scope)?,
                Node::Text(text) => {
                    writer.write_event(Event::Text(BytesText::from_escaped(escaped(text))))?;
                }
            }
        }
        scope.truncate(depth);
        writer.write_event(Event::End(BytesEnd::new(name)))
    }
}

fn push(start: &mut BytesStart, key: &str, value: &str) {
    start.push_attribute(attributes::Attribute {
        key: QName(key),
        value: Cow::Owned(escaped(value)),
    });
}

fn qualified(prefix: &str, name: &str) -> String {
    let mut out = String::with_capacity(prefix.len() + 1 + name.len());
    push_qualified(&mut out, prefix, name);
    out
}

/// A name with its prefix, if it has one.
pub(super) fn push_qualified(out: &mut String, prefix: &str, name: &str) {
    if !prefix.is_empty() {
        out.push_str(prefix);
        out.push(':');
    }
    out.push_str(name);
}

/// Escaped for text and attributes alike; white space that a parser would change becomes a
/// reference.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            c if is_xml(c) => out.push(c),
            _ => out.push('\u{fffd}'),
        }
    }
    out
}
