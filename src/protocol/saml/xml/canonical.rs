//! Exclusive canonical XML without comments (https://www.w3.org/TR/xml-exc-c14n), of documents that
//! this crate has built: the bytes that a signature's digest is of. What another party sent is
//! canonicalised by the library that verifies it.

use super::{Element, Node, XmlAttribute, is_xml, write::push_qualified};

/// The namespaces that the elements around one have declared in the output: prefix and name.
type Rendered<'a> = Vec<(&'a str, &'a str)>;

impl Element {
    /// The element as the root of a document subset: no namespace around it is repeated on it that
    /// it does not use.
    pub fn canonical(&self) -> String {
        let mut out = String::with_capacity(2048);
        self.canonical_to(&mut out, &mut Vec::new());
        out
    }

    fn canonical_to<'a>(&'a self, out: &mut String, rendered: &mut Rendered<'a>) {
        let depth = rendered.len();
        out.push('<');
        push_qualified(out, &self.prefix, &self.name);
        self.namespaces_to(out, rendered);
        let mut attributes: Vec<&XmlAttribute> = self.attributes.iter().collect();
        attributes.sort_by_key(|one| (&one.namespace, &one.name));
        for one in attributes {
            out.push(' ');
            push_qualified(out, &one.prefix, &one.name);
            push_value(out, &one.value);
        }
        out.push('>');
        for child in &self.children {
            match child {
                Node::Element(element) => element.canonical_to(out, rendered),
                Node::Text(text) => push_text(out, text),
            }
        }
        out.push_str("</");
        push_qualified(out, &self.prefix, &self.name);
        out.push('>');
        rendered.truncate(depth);
    }

    /// Declares the namespaces that are visibly used here (section 3, "visibly utilizes") and not
    /// declared around it, in the order of their prefixes.
    fn namespaces_to<'a>(&'a self, out: &mut String, rendered: &mut Rendered<'a>) {
        let own = (self.prefix.as_str(), self.namespace.as_str());
        let of_attributes = self.attributes.iter();
        let of_attributes = of_attributes
            .filter(|one| !one.prefix.is_empty() && one.prefix != "xml")
            .map(|one| (one.prefix.as_str(), one.namespace.as_str()));
        let mut used: Rendered = of_attributes.chain([own]).collect();
        used.sort_unstable();
        used.dedup();
        for (prefix, name) in used {
            let mut around = rendered.iter().rev();
            let known = around.find(|(known, _)| *known == prefix);
            // Without a declaration, no prefix means no namespace.
            if known.map_or("", |(_, name)| name) == name {
                continue;
            }
            match prefix {
                "" => out.push_str(" xmlns"),
                _ => push_qualified(out, " xmlns", prefix),
            }
            push_value(out, name);
            rendered.push((prefix, name));
        }
    }
}

/// An attribute's value (Canonical XML 1.0, section 2.3, "Attribute Nodes").
fn push_value(out: &mut String, value: &str) {
    out.push_str("=\"");
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            c => push_char(out, c),
        }
    }
    out.push('"');
}

/// Text (the same, "Text Nodes").
fn push_text(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            c => push_char(out, c),
        }
    }
}

/// What XML cannot hold is written as it is in the document itself.
fn push_char(out: &mut String, c: char) {
    out.push(if is_xml(c) {
        c
    } else {
        char::REPLACEMENT_CHARACTER
    });
}

#[cfg(test)]
mod tests {
    use super::{super::parse, Element};
    use crate::protocol::saml::xml::MESSAGE;

    fn canonical(text: &str) -> String {
        parse(text.as_bytes(), &MESSAGE).expect("XML").canonical()
    }

    #[test]
    fn namespaces_are_declared_where_they_are_used_and_not_again_below() {
        let text = r#"<a:r xmlns:a="urn:a" xmlns:b="urn:b" xmlns="urn:c"><a:x><b:y/></a:x><b:y/><z/></a:r>"#;
        let expected = r#"<a:r xmlns:a="urn:a"><a:x><b:y xmlns:b="urn:b"></b:y></a:x><b:y xmlns:b="urn:b"></b:y><z xmlns="urn:c"></z></a:r>"#;
        assert_eq!(canonical(text), expected);
    }

    #[test]
    fn attributes_are_in_the_order_of_their_namespaces_and_names() {
        let text =
            r#"<r z="1" xmlns:b="urn:a" b:c="2" xmlns:a="urn:b" a:b="3" a="4" xml:lang="de"/>"#;
        let expected =
            r#"<r xmlns:a="urn:b" xmlns:b="urn:a" a="4" z="1" xml:lang="de" b:c="2" a:b="3"></r>"#;
        assert_eq!(canonical(text), expected);
    }

    #[test]
    fn a_namespace_that_ends_is_undeclared() {
        let inner = Element::new("", "in");
        let text = Element::new("urn:a", "out").child(inner).canonical();
        assert_eq!(text, r#"<out xmlns="urn:a"><in xmlns=""></in></out>"#);
    }

    #[test]
    fn values_and_texts_are_escaped_as_the_standard_says() {
        let odd = "a\t\n\r<>&\"'\u{0}é";
        let element = Element::new("", "r").with("v", odd).containing(odd);
        let expected = "<r v=\"a&#x9;&#xA;&#xD;&lt;>&amp;&quot;'\u{fffd}é\">\
                        a\t\n&#xD;&lt;&gt;&amp;\"'\u{fffd}é</r>";
        assert_eq!(element.canonical(), expected);
    }
}
