//! URI templates (RFC 6570, all four levels): an administrator writes a deep link as one, and the
//! key of a record is inserted without being able to change where the link leads.
//!
//! [`Strictness::Link`] is for deep links. It is narrower than the RFC on purpose: no `{+v}`,
//! because a value such as `//evil` would pass through it; no variable in the host; `{#v}` encodes
//! everything but the unreserved characters, where section 3.2.4 would let `/` and `?` through; a
//! variable that the path needs is required, where the RFC would omit it; no `.` and `..` segments.
//! [`Strictness::Rfc`] follows the RFC exactly, for templates and values that are both our own.
//!
//! The catalogue parses when a template is saved; `launch` and `handoff` expand, then check by
//! [`within`] whether the link is still inside its instance. Whether a value is a valid key is
//! checked before, by its context type: encoding is no validation. What an application does with a
//! decoded value (quotes in a query language, say) cannot be checked here.

mod expand;
mod link;
mod parse;

use std::collections::BTreeMap;

use thiserror::Error;

pub use self::link::{LinkError, within};
pub use self::parse::{ParseProblem, TemplateError};

/// The variable for another template's link, see [`UriTemplate::expand_nested`].
const INNER: &str = "inner";

/// How much of RFC 6570 a template may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// Everything in the RFC.
    Rfc,
    /// What is safe with values that come from a request.
    Link,
}

/// A parsed template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UriTemplate {
    text: String,
    strictness: Strictness,
    pieces: Vec<TemplatePiece>,
}

impl UriTemplate {
    /// A deep link's template. The error has the position and how to fix it.
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        Self::parse_as(text, Strictness::Link)
    }

    pub fn parse_as(text: &str, strictness: Strictness) -> Result<Self, TemplateError> {
        Ok(Self {
            text: text.to_owned(),
            strictness,
            pieces: parse::parse(text, strictness)?,
        })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Every variable in the order of its uses; one that is used twice appears twice.
    pub fn variables(&self) -> impl Iterator<Item = Variable<'_>> {
        self.expressions().flat_map(|expression| {
            expression.variables.iter().map(|variable| Variable {
                name: &variable.name,
                part: expression.part,
                operator: expression.operator,
            })
        })
    }

    /// The required variables: those outside `{?…}` and `{&…}`, each once.
    pub fn required(&self) -> Vec<&str> {
        unique(self.variables().filter(|variable| !variable.is_query()))
    }

    /// The variables that were not given, each once, optional ones too. Empty counts as not given.
    pub fn missing(&self, values: &Values) -> Vec<&str> {
        unique(self.variables().filter(|v| !values.has(v.name)))
    }

    /// Whether another template's link goes into this one.
    pub fn nests(&self) -> bool {
        self.variables().any(|variable| variable.name == INNER)
    }

    /// The link. In [`Strictness::Link`] a required variable that is not given is an error.
    pub fn expand(&self, values: &Values) -> Result<String, ExpandError> {
        if self.strictness == Strictness::Link {
            self.check_given(values)?;
            link::check_values(self, values)?;
        }
        let expansion = expand::expand(&self.pieces, values, self.strictness)?;
        if self.strictness == Strictness::Link {
            link::check_expansion(&expansion)?;
        }
        Ok(expansion)
    }

    /// A link inside a link (`nav_to.do?uri=…`): `inner`'s own expansion is the value of the
    /// variable `inner`, encoded as any other value. A given value of that name is ignored.
    pub fn expand_nested(&self, inner: &Self, values: &Values) -> Result<String, ExpandError> {
        if !self.nests() {
            return Err(ExpandError::NoInner);
        }
        let link = inner.expand(values)?;
        self.expand(&values.clone().with(INNER, link))
    }

    fn check_given(&self, values: &Values) -> Result<(), ExpandError> {
        let mut required = self.required();
        required.retain(|name| !values.has(name));
        if required.is_empty() {
            return Ok(());
        }
        Err(ExpandError::Missing(required.join(", ")))
    }

    fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.pieces.iter().filter_map(|piece| match piece {
            TemplatePiece::Expression(expression) => Some(expression),
            TemplatePiece::Literal(_) => None,
        })
    }
}

fn unique<'a>(variables: impl Iterator<Item = Variable<'a>>) -> Vec<&'a str> {
    let mut names = Vec::new();
    for variable in variables {
        if !names.contains(&variable.name) {
            names.push(variable.name);
        }
    }
    names
}

/// One use of a variable in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable<'a> {
    /// Decoded: `{&var%2Dhost}` uses `var-host`.
    pub name: &'a str,
    pub part: Part,
    pub operator: ExpansionOperator,
}

impl Variable<'_> {
    fn is_query(&self) -> bool {
        matches!(
            self.operator,
            ExpansionOperator::Query | ExpansionOperator::Continuation
        )
    }
}

/// The part of a link a value goes to. What is in the fragment never reaches a server or its log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Path,
    Query,
    Fragment,
}

/// What follows the brace (RFC 6570 section 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpansionOperator {
    /// `{v}`
    Simple,
    /// `{+v}`
    Reserved,
    /// `{#v}`
    Fragment,
    /// `{.v}`
    Label,
    /// `{/v}`
    Segment,
    /// `{;v}`
    Parameter,
    /// `{?v}`
    Query,
    /// `{&v}`
    Continuation,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum TemplatePiece {
    /// Already percent-encoded where it has to be.
    Literal(String),
    Expression(Expression),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Expression {
    operator: ExpansionOperator,
    part: Part,
    variables: Vec<Specification>,
}

/// A variable as an expression names it (RFC 6570 section 2.3).
#[derive(Clone, Debug, PartialEq, Eq)]
struct Specification {
    /// With its `%XX`, which are part of the name as shown in the link.
    written: String,
    name: String,
    modifier: Modifier,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Modifier {
    None,
    Prefix(usize),
    Explode,
}

/// The value of a variable (RFC 6570 section 2.3). A map keeps its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Text(String),
    List(Vec<String>),
    Map(Vec<(String, String)>),
}

impl Value {
    /// Every text that would be inserted into a link.
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => vec![text],
            Self::List(items) => items.iter().map(String::as_str).collect(),
            Self::Map(pairs) => pairs.iter().flat_map(|(k, v)| [&**k, &**v]).collect(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Values by the name of their variable, which may be given decoded or as it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values(BTreeMap<String, Value>);

impl Values {
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.insert(name, value);
        self
    }

    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.insert(parse::decoded(&name.into()), value.into());
    }

    /// By the decoded name, as [`Variable::name`] has it.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Whether there is a value and it is not empty, nor any item of it.
    fn has(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| {
            let texts = value.texts();
            !texts.is_empty() && texts.iter().all(|text| !text.is_empty())
        })
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Values {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(pairs: T) -> Self {
        let mut values = Self::new();
        for (name, value) in pairs {
            values.insert(name, value);
        }
        values
    }
}

/// Why a template gave no link for these values. Names variables, never quotes values: they are
/// record keys.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExpandError {
    #[error("the link cannot do without: {0}")]
    Missing(String),
    #[error("the value of {0} has several parts, and a prefix like {{v:3}} takes a text")]
    Prefixed(String),
    #[error("the value of {0} contains a control character or a backslash")]
    Characters(String),
    #[error("a value turns a part of the path into \".\" or \"..\"")]
    DotSegment,
    #[error("the outer template has no place for the inner link: write {{inner}} there")]
    NoInner,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(template: &UriTemplate, part: Part) -> Vec<&str> {
        unique(template.variables().filter(|v| v.part == part))
    }

    #[test]
    fn variables_know_their_part() {
        let text = "/d/{uid}{/slug}?orgId=1{&var%2Dhost*}#/{tab}{?q}";
        let template = UriTemplate::parse(text).unwrap();
        assert_eq!(names(&template, Part::Path), ["uid", "slug"]);
        assert_eq!(names(&template, Part::Query), ["var-host"]);
        assert_eq!(names(&template, Part::Fragment), ["tab", "q"]);
        assert_eq!(template.required(), ["uid", "slug", "tab"]);
        assert_eq!(template.as_str(), text);
    }

    #[test]
    fn a_variable_that_is_not_given_is_named_and_refused() {
        let template = UriTemplate::parse("/x/{a}/{b}/{a}{?c,d}").unwrap();
        let values = Values::new().with("b", "").with("d", "1");
        assert_eq!(template.missing(&values), ["a", "b", "c"]);
        assert_eq!(
            template.expand(&values),
            Err(ExpandError::Missing("a, b".to_owned()))
        );
        let values = values.with("a", "1").with("b", "2");
        assert_eq!(template.expand(&values).unwrap(), "/x/1/2/1?d=1");
    }

    #[test]
    fn a_hole_in_a_list_counts_as_not_given() {
        let template = UriTemplate::parse("{/path*}").unwrap();
        for list in [vec![], vec![""], vec!["", "evil"], vec!["a", "", "b"]] {
            let list = Value::List(list.into_iter().map(str::to_owned).collect());
            let refused = template.expand(&Values::new().with("path", list));
            assert_eq!(refused, Err(ExpandError::Missing("path".to_owned())));
        }
    }

    #[test]
    fn a_link_inside_a_link_is_encoded_as_a_value() {
        let outer = UriTemplate::parse("/nav_to.do?uri={inner}").unwrap();
        let inner = UriTemplate::parse("{table}.do?sys_id={id}").unwrap();
        let values = Values::new().with("table", "incident").with("id", "a b");
        assert_eq!(
            outer.expand_nested(&inner, &values).unwrap(),
            "/nav_to.do?uri=incident.do%3Fsys_id%3Da%2520b"
        );
        assert!(outer.nests() && !inner.nests());
        assert_eq!(
            inner.expand_nested(&outer, &values),
            Err(ExpandError::NoInner)
        );
        let forged = values.with("inner", "https://evil.example");
        let link = outer.expand_nested(&inner, &forged).unwrap();
        assert!(!link.contains("evil"));
    }
}
