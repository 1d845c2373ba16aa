//! Parsing a document, or refusing it.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesDecl, BytesRef, BytesStart, Event},
};

use super::{
    Element, IN_SCOPE, LONGEST_NAMESPACE, Node, XmlAttribute, XmlLimits, is_name, is_xml, resolve,
};
use crate::protocol::saml::{SamlFault, ns};

const MOST_ATTRIBUTES: usize = 40;

/// Parses a document.
pub fn parse(bytes: &[u8], limits: &XmlLimits) -> Result<Element, SamlFault> {
    if bytes.len() > limits.bytes {
        return Err(SamlFault::Xml("it is too large"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| SamlFault::Xml("it is not UTF-8"))?;
    look_over(text, limits)?;
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut builder = Builder::new(limits);
    loop {
        let event = reader.read_event();
        match event.map_err(|_| SamlFault::Xml("it is not well-formed"))? {
            Event::Start(start) => builder.open(&start)?,
            Event::Empty(start) => {
                builder.open(&start)?;
                builder.close()?;
            }
            Event::End(_) => builder.close()?,
            Event::Text(text) => builder.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => builder.text(&resolved(&reference)?)?,
            Event::Decl(declaration) => declared(&declaration)?,
            Event::Comment(_) => builder.comment()?,
            Event::CData(_) | Event::PI(_) | Event::DocType(_) => return Err(MARKUP),
            Event::Eof => return builder.finish(),
        }
    }
}

const DECLARES_TOO_MUCH: SamlFault =
    SamlFault::Xml("it declares too many namespaces, or too long ones");
const MARKUP: SamlFault =
    SamlFault::Xml("it has a DTD, a comment, CDATA or a processing instruction");

/// Checked before any parser: anything that begins with `<!` or `<?` is refused, except the
/// declaration at the start and comments where they are allowed.
fn look_over(text: &str, limits: &XmlLimits) -> Result<(), SamlFault> {
    if text.chars().any(|c| !is_xml(c)) {
        return Err(SamlFault::Xml("it has characters that XML does not"));
    }
    let is_comment = |at: usize| limits.comments && text[at..].starts_with("<!--");
    if text.match_indices("<!").any(|(at, _)| !is_comment(at)) {
        return Err(MARKUP);
    }
    let is_declaration = |at: usize| at == 0 && text.starts_with("<?xml ");
    if text.match_indices("<?").any(|(at, _)| !is_declaration(at)) {
        return Err(MARKUP);
    }
    Ok(())
}

fn declared(declaration: &BytesDecl) -> Result<(), SamlFault> {
    let version = declaration.version();
    if !version.is_ok_and(|version| version == "1.0") {
        return Err(SamlFault::Xml("its version is not 1.0"));
    }
    match declaration.encoding() {
        None => Ok(()),
        Some(Ok(name)) if name.eq_ignore_ascii_case("utf-8") => Ok(()),
        Some(_) => Err(SamlFault::Xml("it is not UTF-8")),
    }
}

fn resolved(reference: &BytesRef) -> Result<String, SamlFault> {
    const UNKNOWN: SamlFault = SamlFault::Xml("it has an entity of its own");
    if let Some(c) = reference.resolve_char_ref().map_err(|_| UNKNOWN)? {
        return legal(c.to_string());
    }
    let name: &str = reference;
    let known = quick_xml::escape::resolve_predefined_entity(name);
    known.map(str::to_owned).ok_or(UNKNOWN)
}

fn legal(text: String) -> Result<String, SamlFault> {
    match text.chars().all(is_xml) {
        true => Ok(text),
        false => Err(SamlFault::Xml("it has characters that XML does not")),
    }
}

/// The open elements while a document is parsed.
struct Builder<'l> {
    limits: &'l XmlLimits,
    open: Vec<Element>,
    scope: Vec<(String, String)>,
    /// The length of `scope` before each open element.
    marks: Vec<usize>,
    elements: usize,
    /// Comments seen in each open element.
    comments: Vec<bool>,
    root: Option<Element>,
}

impl<'l> Builder<'l> {
    fn new(limits: &'l XmlLimits) -> Self {
        Self {
            limits,
            open: Vec::new(),
            scope: vec![("xml".to_owned(), ns::XML.to_owned())],
            marks: Vec::new(),
            elements: 0,
            comments: Vec::new(),
            root: None,
        }
    }

    fn open(&mut self, start: &BytesStart) -> Result<(), SamlFault> {
        self.elements += 1;
        if self.open.len() >= self.limits.depth || self.elements > self.limits.elements {
            return Err(SamlFault::Xml("it is too deep or has too many elements"));
        }
        if self.root.is_some() {
            return Err(SamlFault::Xml("it has two roots"));
        }
        self.marks.push(self.scope.len());
        self.comments.push(false);
        let raw = raw_attributes(start)?;
        let declared = declarations(&raw, self.limits.declarations)?;
        if self.scope.len() + declared.len() > IN_SCOPE {
            return Err(DECLARES_TOO_MUCH);
        }
        self.scope.extend(declared.iter().cloned());
        let (prefix, name) = split(start.name().into_inner())?;
        let mut attributes = Vec::new();
        for (key, value) in raw.iter().filter(|(key, _)| !is_declaration(key)) {
            attributes.push(self.attribute(key, value)?);
        }
        attributes.sort();
        let twins = |pair: &[XmlAttribute]| {
            pair[0].name == pair[1].name && pair[0].namespace == pair[1].namespace
        };
        if attributes.windows(2).any(twins) {
            return Err(SamlFault::Xml("an attribute is there twice"));
        }
        let namespace = self.namespace(prefix)?;
        self.open.push(Element {
            prefix: prefix.to_owned(),
            name: name.to_owned(),
            namespace,
            declared,
            attributes,
            children: Vec::new(),
        });
        Ok(())
    }

    fn attribute(&self, key: &str, value: &str) -> Result<XmlAttribute, SamlFault> {
        let (prefix, name) = split(key)?;
        let namespace = match prefix {
            "" => String::new(),
            _ => self.namespace(prefix)?,
        };
        Ok(XmlAttribute {
            namespace,
            name: name.to_owned(),
            prefix: prefix.to_owned(),
            value: value.to_owned(),
        })
    }

    fn namespace(&self, prefix: &str) -> Result<String, SamlFault> {
        match resolve(&self.scope, prefix) {
            Some(uri) => Ok(uri.to_owned()),
            None if prefix.is_empty() => Ok(String::new()),
            None => Err(SamlFault::Xml("a prefix is bound to no namespace")),
        }
    }

    fn close(&mut self) -> Result<(), SamlFault> {
        const UNBALANCED: SamlFault = SamlFault::Xml("it is not well-formed");
        let element = self.open.pop().ok_or(UNBALANCED)?;
        self.scope.truncate(self.marks.pop().ok_or(UNBALANCED)?);
        if self.comments.pop().ok_or(UNBALANCED)? && element.is_mixed() {
            return Err(SamlFault::Xml("a comment stands beside text"));
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), SamlFault> {
        match self.open.last_mut() {
            Some(element) => element.push_text(text),
            None if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() => {}
            None => return Err(SamlFault::Xml("it has text outside its root")),
        }
        Ok(())
    }

    fn comment(&mut self) -> Result<(), SamlFault> {
        if !self.limits.comments {
            return Err(MARKUP);
        }
        if let Some(seen) = self.comments.last_mut() {
            *seen = true;
        }
        Ok(())
    }

    fn finish(self) -> Result<Element, SamlFault> {
        match self.open.is_empty() {
            true => self.root.ok_or(SamlFault::Xml("it is empty")),
            false => Err(SamlFault::Xml("it ends in the middle")),
        }
    }
}

fn raw_attributes(start: &BytesStart) -> Result<Vec<(String, String)>, SamlFault> {
    const ILL: SamlFault = SamlFault::Xml("it is not well-formed");
    let mut all = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| ILL)?;
        if all.len() == MOST_ATTRIBUTES || attribute.value.contains('<') {
            return Err(ILL);
        }
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|_| SamlFault::Xml("it has an entity of its own"))?;
        let key = attribute.key.into_inner().to_owned();
        all.push((key, legal(value.into_owned())?));
    }
    Ok(all)
}

fn is_declaration(key: &str) -> bool {
    key == "xmlns" || key.starts_with("xmlns:")
}

/// Namespaces in XML 1.0 section 3: `xml` and `xmlns` are fixed, a prefix is never unbound.
fn declarations(raw: &[(String, String)], most: usize) -> Result<Vec<(String, String)>, SamlFault> {
    const ODD: SamlFault = SamlFault::Xml("it declares a namespace as none may be");
    let mut all = Vec::new();
    for (key, uri) in raw.iter().filter(|(key, _)| is_declaration(key)) {
        let prefix = key.strip_prefix("xmlns:").unwrap_or_default();
        let reserved = prefix == "xml" || prefix == "xmlns" || uri == ns::XML;
        let unbinds = uri.is_empty() && !prefix.is_empty();
        if reserved || unbinds || (key != "xmlns" && !is_name(prefix)) {
            return Err(ODD);
        }
        if all.len() == most || uri.len() > LONGEST_NAMESPACE {
            return Err(DECLARES_TOO_MUCH);
        }
        all.push((prefix.to_owned(), uri.clone()));
    }
    Ok(all)
}

/// Prefix and local name.
fn split(name: &str) -> Result<(&str, &str), SamlFault> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let fine = is_name(local) && (is_name(prefix) || !name.contains(':'));
    match fine {
        true => Ok((prefix, local)),
        false => Err(SamlFault::Xml("it has a name that none may have")),
    }
}
