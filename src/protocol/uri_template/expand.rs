//! The expansion algorithm of RFC 6570 section 3, exactly; the additional restrictions of deep
//! links are in `link.rs`.

use super::parse::{encode, is_triplet};
use super::{
    ExpandError, ExpansionOperator, Expression, Modifier, Specification, Strictness, TemplatePiece,
    Value, Values,
};

pub(super) fn expand(
    pieces: &[TemplatePiece],
    values: &Values,
    strictness: Strictness,
) -> Result<String, ExpandError> {
    let mut link = String::new();
    for piece in pieces {
        match piece {
            TemplatePiece::Literal(text) => link.push_str(text),
            TemplatePiece::Expression(expression) => {
                let style = Style::of(expression.operator, strictness);
                expand_expression(expression, values, &style, &mut link)?;
            }
        }
    }
    Ok(link)
}

fn expand_expression(
    expression: &Expression,
    values: &Values,
    style: &Style,
    link: &mut String,
) -> Result<(), ExpandError> {
    let mut before = style.first;
    for variable in &expression.variables {
        let Some(value) = values.get(&variable.name) else {
            continue;
        };
        if let Some(expansion) = style.variable(variable, value)? {
            link.push_str(before);
            link.push_str(&expansion);
            before = style.separator;
        }
    }
    Ok(())
}

/// One row of the table in RFC 6570 appendix A.
struct Style {
    first: &'static str,
    separator: &'static str,
    is_named: bool,
    if_empty: &'static str,
    keeps_reserved: bool,
}

impl Style {
    fn of(operator: ExpansionOperator, strictness: Strictness) -> Self {
        let (first, separator, is_named, if_empty) = match operator {
            ExpansionOperator::Simple | ExpansionOperator::Reserved => ("", ",", false, ""),
            ExpansionOperator::Fragment => ("#", ",", false, ""),
            ExpansionOperator::Label => (".", ".", false, ""),
            ExpansionOperator::Segment => ("/", "/", false, ""),
            ExpansionOperator::Parameter => (";", ";", true, ""),
            ExpansionOperator::Query => ("?", "&", true, "="),
            ExpansionOperator::Continuation => ("&", "&", true, "="),
        };
        let reserved = matches!(
            operator,
            ExpansionOperator::Reserved | ExpansionOperator::Fragment
        );
        Self {
            first,
            separator,
            is_named,
            if_empty,
            keeps_reserved: reserved && strictness == Strictness::Rfc,
        }
    }

    /// `None` for what the RFC calls undefined: an empty list or map.
    fn variable(
        &self,
        variable: &Specification,
        value: &Value,
    ) -> Result<Option<String>, ExpandError> {
        let name = &variable.written;
        Ok(match (value, variable.modifier) {
            (Value::Text(text), Modifier::Prefix(length)) => Some(self.named(
                name,
                &self.encode(prefix(text, length, self.keeps_reserved)),
            )),
            (Value::Text(text), _) => Some(self.named(name, &self.encode(text))),
            (_, Modifier::Prefix(_)) => return Err(ExpandError::Prefixed(variable.name.clone())),
            (Value::List(items), Modifier::None) => self.joined(name, items),
            (Value::List(items), Modifier::Explode) => self.exploded_list(name, items),
            (Value::Map(pairs), Modifier::None) => {
                self.joined(name, pairs.iter().flat_map(|(key, value)| [key, value]))
            }
            (Value::Map(pairs), Modifier::Explode) => self.exploded_map(pairs),
        })
    }

    fn joined<'a>(
        &self,
        name: &str,
        items: impl IntoIterator<Item = &'a String>,
    ) -> Option<String> {
        let items: Vec<_> = items.into_iter().map(|item| self.encode(item)).collect();
        (!items.is_empty()).then(|| self.named(name, &items.join(",")))
    }

    fn exploded_list(&self, name: &str, items: &[String]) -> Option<String> {
        let item = |item: &String| self.named(name, &self.encode(item));
        let items: Vec<_> = items.iter().map(item).collect();
        (!items.is_empty()).then(|| items.join(self.separator))
    }

    fn exploded_map(&self, pairs: &[(String, String)]) -> Option<String> {
        let pairs: Vec<_> = pairs
            .iter()
            .map(|(key, value)| self.pair(key, value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join(self.separator))
    }

    fn pair(&self, key: &str, value: &str) -> String {
        let (key, value) = (self.encode(key), self.encode(value));
        if self.is_named {
            return self.named(&key, &value);
        }
        format!("{key}={value}")
    }

    fn named(&self, name: &str, value: &str) -> String {
        match (self.is_named, value.is_empty()) {
            (false, _) => value.to_owned(),
            (true, true) => format!("{name}{}", self.if_empty),
            (true, false) => format!("{name}={value}"),
        }
    }

    fn encode(&self, text: &str) -> String {
        let mut encoded = String::with_capacity(text.len());
        for (offset, character) in text.char_indices() {
            if is_unreserved(character) || self.keeps_reserved && is_kept(&text[offset..]) {
                encoded.push(character);
            } else {
                encode(character, &mut encoded);
            }
        }
        encoded
    }
}

/// RFC 3986 section 2.3.
fn is_unreserved(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~".contains(character)
}

/// A reserved character (RFC 3986 section 2.2), or a `%XX` that is there already.
fn is_kept(rest: &str) -> bool {
    rest.starts_with(|first| ":/?#[]@!$&'()*+,;=".contains(first)) || is_triplet(rest.as_bytes())
}

/// The first characters, where `%XX` counts as one if it is kept (RFC 6570 section 2.4.1).
fn prefix(text: &str, length: usize, keeps_triplets: bool) -> &str {
    let mut end = 0;
    for _ in 0..length {
        let rest = &text[end..];
        end += match rest.chars().next() {
            None => break,
            Some(_) if keeps_triplets && is_triplet(rest.as_bytes()) => 3,
            Some(character) => character.len_utf8(),
        };
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::UriTemplate;
    use super::*;

    fn rfc(template: &str, values: &Values) -> Result<String, ExpandError> {
        UriTemplate::parse_as(template, Strictness::Rfc)
            .unwrap()
            .expand(values)
    }

    #[test]
    fn a_prefix_counts_characters() {
        let values = Values::new().with("v", "éàü%2Fx").with("short", "é");
        for (template, link) in [
            ("{v:2}", "%C3%A9%C3%A0"),
            ("{v:4}", "%C3%A9%C3%A0%C3%BC%25"),
            ("{+v:4}", "%C3%A9%C3%A0%C3%BC%2F"),
            ("{short:9999}", "%C3%A9"),
        ] {
            assert_eq!(rfc(template, &values).unwrap(), link, "{template}");
        }
    }

    #[test]
    fn a_prefix_of_a_list_or_map_is_refused() {
        for value in [Value::List(vec!["a".into()]), Value::Map(vec![])] {
            let refused = rfc("{v:3}", &Values::new().with("v", value));
            assert_eq!(refused, Err(ExpandError::Prefixed("v".to_owned())));
        }
    }

    #[test]
    fn a_fragment_keeps_reserved_characters_for_the_rfc_only() {
        let values = Values::new().with("v", "/a?b#c%2F");
        assert_eq!(rfc("{#v}", &values).unwrap(), "#/a?b#c%2F");
        let link = UriTemplate::parse("/{#v}").unwrap();
        let expansion = link.expand(&values).unwrap();
        assert_eq!(expansion, "/#%2Fa%3Fb%23c%252F");
    }

    #[test]
    fn a_name_is_found_encoded_and_decoded() {
        for name in ["var%2Dhost", "var-host"] {
            let hosts = Value::List(vec!["web 1".into(), "db".into()]);
            let values = Values::new().with(name, hosts);
            let link = rfc("/d{?var%2Dhost*}", &values).unwrap();
            assert_eq!(link, "/d?var%2Dhost=web%201&var%2Dhost=db");
        }
    }

    proptest! {
        #[test]
        fn expansions_are_ascii_and_never_panic(
            template in "([a-z/]|\\{[+#./;?&]?[a-c](:[1-9]|\\*)?\\}){0,8}",
            a in "\\PC{0,8}", b in prop::collection::vec("\\PC{0,4}", 0..3),
            c in prop::collection::vec(("\\PC{0,4}", "\\PC{0,4}"), 0..3),
        ) {
            let values = Values::new()
                .with("a", a)
                .with("b", Value::List(b))
                .with("c", Value::Map(c));
            for strictness in [Strictness::Rfc, Strictness::Link] {
                let template = UriTemplate::parse_as(&template, strictness).ok();
                if let Some(link) = template.and_then(|template| template.expand(&values).ok()) {
                    prop_assert!(link.bytes().all(|byte| byte.is_ascii_graphic()));
                }
            }
        }
    }
}
