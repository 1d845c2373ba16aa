//! From text to pieces (RFC 6570 section 2), with errors an administrator can act on.

use std::fmt::Write as _;

use thiserror::Error;

use super::{
    ExpansionOperator, Expression, Modifier, Part, Specification, Strictness, TemplatePiece, link,
};

/// Browsers and servers truncate longer links.
const LONGEST: usize = 8 * 1024;
/// RFC 6570 section 2.4.1.
const LONGEST_PREFIX: usize = 9999;

/// The position of an error in a template, and how to fix it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("at character {position}: {problem}")]
pub struct TemplateError {
    /// Counted in characters, from 1.
    pub position: usize,
    pub problem: ParseProblem,
}

impl TemplateError {
    fn new(text: &str, (offset, problem): ParseFault) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let position = before.chars().count() + 1;
        Self { position, problem }
    }
}

/// The error, and its offset in bytes.
type ParseFault = (usize, ParseProblem);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ParseProblem {
    #[error("the template is longer than {LONGEST} bytes")]
    TooLong,
    #[error("`{{` is never closed: add `}}`, or write %7B for the character itself")]
    Unclosed,
    #[error("`}}` without `{{`: remove it, or write %7D for the character itself")]
    Unopened,
    #[error("a name is missing: write `{{name}}`")]
    Empty,
    #[error("the operator `{0}` has no meaning: remove it")]
    Operator(char),
    #[error("`{0}` cannot be in a name: use letters, digits, `_` and `.`, and %2D for `-`")]
    Name(char),
    #[error("a prefix takes a number from 1 to {LONGEST_PREFIX}, as in `{{name:3}}`")]
    Prefix,
    #[error("`%` takes two hexadecimal digits: write %25 for the character itself")]
    Percent,
    #[error("{0:?} cannot be in a link: write it as %XX")]
    Literal(char),
    #[error(
        "`{{+name}}` lets a value change where the link leads: write `{{name}}`, \
         or `{{/name*}}` for a path of several parts"
    )]
    Reserved,
    #[error("no variable may be in the scheme or the host: the instance's address decides those")]
    Host,
    #[error("the query has begun already: write `{{&name}}`")]
    SecondQuery,
    #[error("there is no query yet: write `{{?name}}`")]
    NoQuery,
    #[error("the fragment has begun already: one `#` is all a link can have")]
    SecondFragment,
    #[error("the parts `.` and `..` lead elsewhere than they say: write the path they mean")]
    DotSegment,
}

pub(super) fn parse(
    text: &str,
    strictness: Strictness,
) -> Result<Vec<TemplatePiece>, TemplateError> {
    pieces(text, strictness).map_err(|trouble| TemplateError::new(text, trouble))
}

fn pieces(text: &str, strictness: Strictness) -> Result<Vec<TemplatePiece>, ParseFault> {
    if text.len() > LONGEST {
        return Err((LONGEST, ParseProblem::TooLong));
    }
    let (mut pieces, mut part, mut at) = (Vec::new(), Part::Path, 0);
    while at < text.len() {
        let (piece, length) = piece(&text[at..], at, part)?;
        if strictness == Strictness::Link {
            link::check_piece(&piece, part).map_err(|problem| (at, problem))?;
        }
        part = part_after(&piece, part);
        pieces.push(piece);
        at += length;
    }
    if strictness == Strictness::Link {
        let first = text.find('{').unwrap_or_default();
        link::check_whole(&pieces).map_err(|problem| (first, problem))?;
    }
    Ok(pieces)
}

/// The next piece and how many bytes of the text it takes.
fn piece(rest: &str, at: usize, part: Part) -> Result<(TemplatePiece, usize), ParseFault> {
    let Some(inside) = rest.strip_prefix('{') else {
        let length = rest.find('{').unwrap_or(rest.len());
        return Ok((
            TemplatePiece::Literal(literal(&rest[..length], at)?),
            length,
        ));
    };
    let length = inside.find('}').ok_or((at, ParseProblem::Unclosed))?;
    let expression = expression(&inside[..length], at + 1, part)?;
    Ok((TemplatePiece::Expression(expression), length + 2))
}

fn part_after(piece: &TemplatePiece, part: Part) -> Part {
    match piece {
        TemplatePiece::Expression(expression) => expression.part,
        TemplatePiece::Literal(text) if text.contains('#') => Part::Fragment,
        TemplatePiece::Literal(text) if text.contains('?') && part == Part::Path => Part::Query,
        TemplatePiece::Literal(_) => part,
    }
}

/// Characters that a link can contain unencoded; others are encoded, or refused where they are
/// most likely a mistake (RFC 6570 section 2.1; `'` as in its erratum, Kibana's links need it).
fn literal(text: &str, at: usize) -> Result<String, ParseFault> {
    let mut literal = String::with_capacity(text.len());
    for (offset, character) in text.char_indices() {
        match character {
            '}' => return Err((at + offset, ParseProblem::Unopened)),
            '%' if !is_triplet(&text.as_bytes()[offset..]) => {
                return Err((at + offset, ParseProblem::Percent));
            }
            '"' | '<' | '>' | '\\' | '^' | '`' | '|' | ' ' => {
                return Err((at + offset, ParseProblem::Literal(character)));
            }
            _ if character.is_control() => {
                return Err((at + offset, ParseProblem::Literal(character)));
            }
            _ if character.is_ascii() => literal.push(character),
            _ => encode(character, &mut literal),
        }
    }
    Ok(literal)
}

/// `%` and two hexadecimal digits.
pub(super) fn is_triplet(bytes: &[u8]) -> bool {
    matches!(bytes, [b'%', a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
}

/// Every byte of its UTF-8 form as `%XX` (RFC 3986 section 2.5).
pub(super) fn encode(character: char, to: &mut String) {
    for byte in character.encode_utf8(&mut [0; 4]).bytes() {
        write!(to, "%{byte:02X}").expect("writing to a String does not fail");
    }
}

fn expression(inside: &str, at: usize, part: Part) -> Result<Expression, ParseFault> {
    let operator = operator(inside, at)?;
    let skipped = usize::from(operator != ExpansionOperator::Simple);
    let mut from = at + skipped;
    let mut variables = Vec::new();
    for specification in inside[skipped..].split(',') {
        variables.push(variable(specification, from)?);
        from += specification.len() + 1;
    }
    Ok(Expression {
        operator,
        part: part_of(operator, part),
        variables,
    })
}

fn operator(inside: &str, at: usize) -> Result<ExpansionOperator, ParseFault> {
    Ok(match inside.chars().next() {
        None => return Err((at, ParseProblem::Empty)),
        Some('+') => ExpansionOperator::Reserved,
        Some('#') => ExpansionOperator::Fragment,
        Some('.') => ExpansionOperator::Label,
        Some('/') => ExpansionOperator::Segment,
        Some(';') => ExpansionOperator::Parameter,
        Some('?') => ExpansionOperator::Query,
        Some('&') => ExpansionOperator::Continuation,
        Some(other @ ('=' | ',' | '!' | '@' | '|')) => {
            return Err((at, ParseProblem::Operator(other)));
        }
        Some(_) => ExpansionOperator::Simple,
    })
}

fn part_of(operator: ExpansionOperator, part: Part) -> Part {
    match (operator, part) {
        (ExpansionOperator::Fragment, _) => Part::Fragment,
        (ExpansionOperator::Query | ExpansionOperator::Continuation, Part::Path) => Part::Query,
        _ => part,
    }
}

fn variable(text: &str, at: usize) -> Result<Specification, ParseFault> {
    let (written, modifier) = if let Some(written) = text.strip_suffix('*') {
        (written, Modifier::Explode)
    } else if let Some((written, length)) = text.split_once(':') {
        let length = prefix(length).ok_or((at + written.len(), ParseProblem::Prefix))?;
        (written, Modifier::Prefix(length))
    } else {
        (text, Modifier::None)
    };
    check_name(written, at)?;
    Ok(Specification {
        written: written.to_owned(),
        name: decoded(written),
        modifier,
    })
}

/// Digits only, without a leading zero; `parse` alone would accept `+3`.
fn prefix(text: &str) -> Option<usize> {
    let plain = text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let length = text
        .parse()
        .ok()
        .filter(|_| plain && !text.starts_with('0'))?;
    (1..=LONGEST_PREFIX).contains(&length).then_some(length)
}

fn check_name(name: &str, at: usize) -> Result<(), ParseFault> {
    if name.is_empty() {
        return Err((at, ParseProblem::Empty));
    }
    for (offset, character) in name.char_indices() {
        let (before, after) = (&name[..offset], &name[offset + character.len_utf8()..]);
        let good = match character {
            '.' => !before.is_empty() && !before.ends_with('.') && !after.is_empty(),
            '%' if !is_triplet(&name.as_bytes()[offset..]) => {
                return Err((at + offset, ParseProblem::Percent));
            }
            _ => character.is_ascii_alphanumeric() || "_%".contains(character),
        };
        if !good {
            return Err((at + offset, ParseProblem::Name(character)));
        }
    }
    Ok(())
}

/// The decoded name. If its bytes are not UTF-8, it stays as it is written.
pub(super) fn decoded(name: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(name.len()), name);
    while let Some(first) = rest.bytes().next() {
        let code = rest.get(1..3).filter(|_| first == b'%');
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = &rest[if byte.is_some() { 3 } else { 1 }..];
    }
    String::from_utf8(bytes).unwrap_or_else(|_| name.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Strictness, UriTemplate};
    use super::*;

    fn refusal(text: &str) -> (usize, ParseProblem) {
        let error = UriTemplate::parse_as(text, Strictness::Rfc).unwrap_err();
        (error.position, error.problem)
    }

    #[test]
    fn each_mistake_is_named_with_its_place() {
        for (text, position, problem) in [
            ("/x/{v", 4, ParseProblem::Unclosed),
            ("/é/{", 4, ParseProblem::Unclosed),
            ("/x}", 3, ParseProblem::Unopened),
            ("{}", 2, ParseProblem::Empty),
            ("{?}", 3, ParseProblem::Empty),
            ("{a,}", 4, ParseProblem::Empty),
            ("{*}", 2, ParseProblem::Empty),
            ("{:3}", 2, ParseProblem::Empty),
            ("{!a}", 2, ParseProblem::Operator('!')),
            ("{=a}", 2, ParseProblem::Operator('=')),
            ("{|a}", 2, ParseProblem::Operator('|')),
            ("{var-host}", 5, ParseProblem::Name('-')),
            ("{a b}", 3, ParseProblem::Name(' ')),
            ("{é}", 2, ParseProblem::Name('é')),
            ("{a{b}", 3, ParseProblem::Name('{')),
            ("{?a*b}", 4, ParseProblem::Name('*')),
            ("{a**}", 3, ParseProblem::Name('*')),
            ("{??a}", 3, ParseProblem::Name('?')),
            ("{.a..b}", 5, ParseProblem::Name('.')),
            ("{a.}", 3, ParseProblem::Name('.')),
            ("{a%2}", 3, ParseProblem::Percent),
            ("{a%é}", 3, ParseProblem::Percent),
            ("{v:0}", 3, ParseProblem::Prefix),
            ("{v:}", 3, ParseProblem::Prefix),
            ("{v:+3}", 3, ParseProblem::Prefix),
            ("{v:03}", 3, ParseProblem::Prefix),
            ("{v:10000}", 3, ParseProblem::Prefix),
            ("{v:99999}", 3, ParseProblem::Prefix),
            ("{v:99999999999999999999999}", 3, ParseProblem::Prefix),
            ("{v:3*}", 3, ParseProblem::Name(':')),
            ("/50%", 4, ParseProblem::Percent),
            ("/%é", 2, ParseProblem::Percent),
            ("/a b", 3, ParseProblem::Literal(' ')),
            ("/a\\b", 3, ParseProblem::Literal('\\')),
            ("/a\r\nb", 3, ParseProblem::Literal('\r')),
            ("/a\u{85}", 3, ParseProblem::Literal('\u{85}')),
        ] {
            assert_eq!(refusal(text), (position, problem), "{text:?}");
        }
        assert_eq!(refusal(&"x".repeat(9000)).1, ParseProblem::TooLong);
    }

    #[test]
    fn the_message_says_what_to_do() {
        let message = |text| UriTemplate::parse(text).unwrap_err().to_string();
        assert_eq!(
            message("/d?host={var-host}"),
            "at character 13: `-` cannot be in a name: \
             use letters, digits, `_` and `.`, and %2D for `-`"
        );
        assert_eq!(
            message("/x/{key"),
            "at character 4: `{` is never closed: add `}`, or write %7B for the character itself"
        );
    }

    #[test]
    fn names_may_be_encoded() {
        for (written, name) in [
            ("var%2Dhost", "var-host"),
            ("Stra%C3%9Fe", "Straße"),
            ("a%FFb", "a%FFb"),
            ("last.name", "last.name"),
        ] {
            let template = UriTemplate::parse(&format!("{{{written}}}")).unwrap();
            let names: Vec<_> = template.variables().map(|v| v.name.to_owned()).collect();
            assert_eq!(names, [name]);
        }
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text in "\\PC{0,80}") {
            let _ = UriTemplate::parse(&text);
        }

        #[test]
        fn arbitrary_near_templates_never_panic(
            text in "([{}%:*,+#./;?&=é\\\\a-c0-9\r\n]|%2E|\\{[+#./;?&]?[a-c](:[0-9]{1,5}|\\*)?\\})\
                     {0,24}",
        ) {
            for strictness in [Strictness::Rfc, Strictness::Link] {
                let _ = UriTemplate::parse_as(&text, strictness);
            }
        }
    }
}
