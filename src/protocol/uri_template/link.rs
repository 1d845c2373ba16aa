//! The restrictions of deep links: the rules of [`Strictness::Link`](super::Strictness), and the
//! last check before a user is redirected, [`within`].

use thiserror::Error;
use url::Url;

use super::{
    ExpandError, ExpansionOperator, ParseProblem, Part, TemplatePiece, UriTemplate, Value, Values,
};

/// The expressions that are allowed in the part of the link where they begin. In the fragment
/// nearly all are allowed: single-page applications have a path and a query there.
pub(super) fn check_piece(piece: &TemplatePiece, part: Part) -> Result<(), ParseProblem> {
    let operator = match piece {
        TemplatePiece::Literal(text) => return check_fragment(text, part),
        TemplatePiece::Expression(expression) => expression.operator,
    };
    match (operator, part) {
        (ExpansionOperator::Reserved, _) => Err(ParseProblem::Reserved),
        (ExpansionOperator::Fragment, Part::Fragment) => Err(ParseProblem::SecondFragment),
        (ExpansionOperator::Query, Part::Query) => Err(ParseProblem::SecondQuery),
        (ExpansionOperator::Continuation, Part::Path) => Err(ParseProblem::NoQuery),
        _ => Ok(()),
    }
}

fn check_fragment(literal: &str, part: Part) -> Result<(), ParseProblem> {
    let allowed = usize::from(part != Part::Fragment);
    if literal.matches('#').count() > allowed {
        return Err(ParseProblem::SecondFragment);
    }
    Ok(())
}

/// A value before the path could choose the scheme or the host; a `..` would lead to another place
/// than the administrator intended.
pub(super) fn check_whole(pieces: &[TemplatePiece]) -> Result<(), ParseProblem> {
    let skeleton: String = pieces.iter().map(bones).collect();
    if skeleton.contains(HOLE) && !has_fixed_host(&skeleton) {
        return Err(ParseProblem::Host);
    }
    check_expansion(&skeleton).map_err(|_| ParseProblem::DotSegment)
}

/// Represents a value: no literal contains it.
const HOLE: char = '\0';

fn bones(piece: &TemplatePiece) -> &str {
    match piece {
        TemplatePiece::Literal(text) => text,
        TemplatePiece::Expression(expression) => match expression.operator {
            ExpansionOperator::Segment => "/\0",
            ExpansionOperator::Query => "?\0",
            ExpansionOperator::Fragment => "#\0",
            _ => "\0",
        },
    }
}

/// Either there is no scheme and no host, or both are literal. Browsers read `https:/x` and
/// `https:///x` as `https://x`, so a scheme must be followed by `//` and a host.
fn has_fixed_host(skeleton: &str) -> bool {
    const PATH: [char; 3] = ['/', '?', '#'];
    let start = skeleton.find(PATH).unwrap_or(skeleton.len());
    let (scheme, rest) = skeleton.split_at(start);
    let Some(authority) = rest.strip_prefix("//") else {
        return !scheme.contains(':');
    };
    let host = authority.split(PATH).next().unwrap_or_default();
    !scheme.contains(HOLE) && !host.is_empty() && !host.contains(HOLE)
}

/// A path and a route in a fragment must not have control characters or backslashes, not even
/// encoded ones: servers decode before they route. A query may have line breaks (the text of a
/// ticket).
pub(super) fn check_values(template: &UriTemplate, values: &Values) -> Result<(), ExpandError> {
    for variable in template.variables() {
        let Some(value) = values.get(variable.name) else {
            continue;
        };
        if has_forbidden(value, variable.part) {
            return Err(ExpandError::Characters(variable.name.to_owned()));
        }
    }
    Ok(())
}

fn has_forbidden(value: &Value, part: Part) -> bool {
    let forbidden = |character: char| match character {
        '\t' | '\r' | '\n' | '\\' => part != Part::Query,
        other => other.is_control(),
    };
    value.texts().iter().any(|text| text.contains(forbidden))
}

/// No segment of the path, nor of a route in the fragment, may be `.` or `..`.
pub(super) fn check_expansion(link: &str) -> Result<(), ExpandError> {
    let (front, fragment) = link.split_once('#').unwrap_or((link, ""));
    if has_dot_segment(front) || has_dot_segment(fragment) {
        return Err(ExpandError::DotSegment);
    }
    Ok(())
}

/// Reads the path as the most lenient server does: `%2E` is a dot in the URL standard already,
/// `%2F` and `%5C` are separators for many, and Java ignores what follows a `;`.
fn has_dot_segment(link: &str) -> bool {
    let path = link
        .split('?')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let eager = path
        .replace("%2e", ".")
        .replace("%2f", "/")
        .replace("%5c", "/")
        .replace("%3b", ";");
    eager.split('/').any(|segment| {
        let name = segment.split(';').next().unwrap_or_default();
        name == "." || name == ".."
    })
}

/// Why a link does not lead into the instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LinkError {
    #[error(
        "the instance's address takes http or https, a host, and neither a user nor `?` or `#`"
    )]
    Base,
    #[error("the link begins neither with a single `/` nor with `?` or `#`")]
    Start,
    #[error("the link contains characters that no link may contain")]
    Characters,
    #[error("a part of the link's path is `.` or `..`")]
    DotSegment,
    #[error("the link leads out of the instance")]
    Outside,
}

/// The link inside the instance: `base` with its path as a prefix, then the expansion
/// (`https://h/app` and `/x` give `https://h/app/x`). Checked again after parsing, the way a
/// browser will understand it: same origin, still under the base path, no user name.
pub fn within(base: &Url, link: &str) -> Result<Url, LinkError> {
    check_base(base)?;
    check_link(link)?;
    let root = base.path().trim_end_matches('/');
    let path = if link.starts_with('/') {
        root
    } else {
        base.path()
    };
    let text = format!("{}{path}{link}", base.origin().ascii_serialization());
    let url = Url::parse(&text).map_err(|_| LinkError::Outside)?;
    if is_inside(base, root, &url) {
        Ok(url)
    } else {
        Err(LinkError::Outside)
    }
}

fn check_base(base: &Url) -> Result<(), LinkError> {
    let good = matches!(base.scheme(), "http" | "https")
        && base.has_host()
        && is_anonymous(base)
        && base.query().is_none()
        && base.fragment().is_none();
    if good { Ok(()) } else { Err(LinkError::Base) }
}

fn check_link(link: &str) -> Result<(), LinkError> {
    if !link
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    {
        return Err(LinkError::Characters);
    }
    let good = link.is_empty() || link.starts_with(['/', '?', '#']) && !link.starts_with("//");
    if !good {
        return Err(LinkError::Start);
    }
    check_expansion(link).map_err(|_| LinkError::DotSegment)
}

fn is_inside(base: &Url, root: &str, url: &Url) -> bool {
    let rest = url.path().strip_prefix(root);
    url.origin() == base.origin()
        && is_anonymous(url)
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn is_anonymous(url: &Url) -> bool {
    url.username().is_empty() && url.password().is_none()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Strictness;
    use super::*;

    fn base() -> Url {
        Url::parse("https://h.example/app").unwrap()
    }

    fn link(template: &str, value: &str) -> Result<String, ExpandError> {
        let values = Values::new().with("v", value);
        UriTemplate::parse(template).unwrap().expand(&values)
    }

    #[test]
    fn templates_that_let_a_value_lead_elsewhere_are_refused() {
        for (text, position, problem) in [
            ("/x{+v}", 3, ParseProblem::Reserved),
            ("https://{v}.example/x", 9, ParseProblem::Host),
            ("//{v}/x", 3, ParseProblem::Host),
            ("https://a{v}", 10, ParseProblem::Host),
            ("{v}:alert(1)", 1, ParseProblem::Host),
            ("{v}://h/x", 1, ParseProblem::Host),
            ("java{v}:x", 5, ParseProblem::Host),
            ("javascript:{v}", 12, ParseProblem::Host),
            ("/{/v}", 2, ParseProblem::Host),
            ("https:{/v*}", 7, ParseProblem::Host),
            ("https:/{v}", 8, ParseProblem::Host),
            ("https:///{v}", 10, ParseProblem::Host),
            ("///{v}", 4, ParseProblem::Host),
            ("a//{v}", 4, ParseProblem::Host),
            ("/x?a=1{?v}", 7, ParseProblem::SecondQuery),
            ("/x{?v}{?w}", 7, ParseProblem::SecondQuery),
            ("/x{&v}", 3, ParseProblem::NoQuery),
            ("/x#a{#v}", 5, ParseProblem::SecondFragment),
            ("/x{#v}/b#c", 7, ParseProblem::SecondFragment),
            ("/x#a#b", 1, ParseProblem::SecondFragment),
            ("/../{v}", 5, ParseProblem::DotSegment),
            ("/%2e%2E/{v}", 9, ParseProblem::DotSegment),
            ("/x/.", 1, ParseProblem::DotSegment),
            ("/#/../{v}", 7, ParseProblem::DotSegment),
        ] {
            let error = UriTemplate::parse(text).unwrap_err();
            assert_eq!(
                (error.position, error.problem),
                (position, problem),
                "{text}"
            );
            assert!(
                UriTemplate::parse_as(text, Strictness::Rfc).is_ok(),
                "{text}"
            );
        }
    }

    #[test]
    fn usual_links_are_accepted() {
        for text in [
            "",
            "/",
            "/x/{v}",
            "?id={v}",
            "#{v}",
            "{#v}",
            "{/v*}",
            "{v}.do?a={v}",
            "https://h.example/x/{v}",
            "/a:b/{v}",
            "/x/{v}:y",
            "/...{v}",
            "/x?next=../{v}",
            "/#/x?a=1{&v}",
            "/{v};x=1",
            "/index.html#!/case/~{v}/details",
        ] {
            assert!(UriTemplate::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_value_never_becomes_a_dot_segment() {
        for value in [
            ".",
            "..",
            "../x",
            "x/..",
            "..;/x",
            "x\u{2f}..\u{2f}y",
            "./x",
        ] {
            for template in ["/a/{v}", "/a/{v}/b", "/a{/v}", "/#/a/{v}", "{#v}"] {
                let refused = link(template, value);
                assert_eq!(refused, Err(ExpandError::DotSegment), "{template} {value}");
            }
            assert!(link("/a{?v}", value).is_ok());
        }
        assert_eq!(link("/a/{v}.", "."), Err(ExpandError::DotSegment));
        assert_eq!(link("/a/.{v}", "."), Err(ExpandError::DotSegment));
        assert_eq!(link("/a/%2e{v:1}", "..."), Err(ExpandError::DotSegment));
    }

    #[test]
    fn attacks_in_values_are_encoded_or_refused() {
        for (value, in_path) in [
            ("//evil.example", Some("/a/%2F%2Fevil.example")),
            (
                "https://evil.example",
                Some("/a/https%3A%2F%2Fevil.example"),
            ),
            ("..%2f", Some("/a/..%252f")),
            ("%2e%2e", Some("/a/%252e%252e")),
            ("@evil.example", Some("/a/%40evil.example")),
            ("x?admin=1#y", Some("/a/x%3Fadmin%3D1%23y")),
            ("javascript:alert(1)", Some("/a/javascript%3Aalert%281%29")),
            ("%é", Some("/a/%25%C3%A9")),
            ("{+v}", Some("/a/%7B%2Bv%7D")),
            ("x\\..\\y", None),
            ("x\r\nSet-Cookie: a=b", None),
            ("x\0", None),
            ("x\u{9b}", None),
        ] {
            assert_eq!(link("/a/{v}", value).ok().as_deref(), in_path, "{value:?}");
        }
        assert_eq!(link("/a{?v}", "a\r\nb\\c").unwrap(), "/a?v=a%0D%0Ab%5Cc");
        assert!(link("/a{?v}", "a\0").is_err());
    }

    #[test]
    fn a_link_is_joined_under_the_bases_path() {
        for (base, link, url) in [
            ("https://h/app", "/x", "https://h/app/x"),
            ("https://h/app/", "/x?y=1#z", "https://h/app/x?y=1#z"),
            ("https://h", "/x", "https://h/x"),
            ("https://h/app/", "#/case/1", "https://h/app/#/case/1"),
            ("https://h/main.aspx", "?id=1", "https://h/main.aspx?id=1"),
            ("https://h/app", "", "https://h/app"),
            (
                "http://127.0.0.11:7000",
                "/c/1",
                "http://127.0.0.11:7000/c/1",
            ),
            ("https://h/app", "/x@evil", "https://h/app/x@evil"),
        ] {
            let base = Url::parse(base).unwrap();
            assert_eq!(within(&base, link).unwrap().as_str(), url);
        }
    }

    #[test]
    fn a_link_out_of_the_instance_is_refused() {
        for (link, error) in [
            ("//evil.example/x", LinkError::Start),
            ("https://evil.example", LinkError::Start),
            ("@evil.example", LinkError::Start),
            (".evil.example", LinkError::Start),
            ("lication/x", LinkError::Start),
            (":80/x", LinkError::Start),
            ("/../x", LinkError::DotSegment),
            ("/%2e%2E/x", LinkError::DotSegment),
            ("/a/..%2f..%2f..%2fx", LinkError::DotSegment),
            ("/a\\..\\x", LinkError::Characters),
            ("/\\evil.example", LinkError::Characters),
            ("/\t/evil.example", LinkError::Characters),
            ("/x\r\n", LinkError::Characters),
            ("/é", LinkError::Characters),
        ] {
            assert_eq!(within(&base(), link), Err(error), "{link:?}");
        }
        let root = Url::parse("https://h.example").unwrap();
        for link in ["@evil.example/", ".evil.example/", ":1@evil.example/"] {
            assert_eq!(within(&root, link), Err(LinkError::Start));
        }
    }

    #[test]
    fn an_address_that_is_no_instance_is_refused() {
        for base in [
            "ftp://h/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://user@h/",
            "https://:secret@h/",
            "https://h/?x",
            "https://h/#x",
        ] {
            let base = Url::parse(base).unwrap();
            assert_eq!(within(&base, "/x"), Err(LinkError::Base), "{base}");
        }
    }

    proptest! {
        #[test]
        fn no_value_leaves_the_instance(
            template in prop::sample::select(vec![
                "/{v}", "{/v*}", "/a/{v}/b", "/a{.v}", "/a{;v}", "/a{?v}",
                "/a?x=1{&v}", "/#/{v}", "{#v}", "?{v}", "#{v}", "/{v:2}",
            ]),
            value in "([./\\\\@:%;#?&\r\n\u{0}é a-c]|%2[eEfF]|\\.\\.|//evil|\\PC){0,12}",
        ) {
            if let Ok(expansion) = link(template, &value) {
                let url = within(&base(), &expansion).unwrap();
                prop_assert_eq!(url.host_str(), Some("h.example"));
                prop_assert!(url.path() == "/app" || url.path().starts_with("/app/"));
                prop_assert!(url.as_str().ends_with(&expansion));
            }
        }

        #[test]
        fn a_link_of_any_text_stays_inside(
            text in "([/?#]?)([./\\\\@:%;#?a-c]|%2[eEfF]|\\PC){0,16}",
        ) {
            if let Ok(url) = within(&base(), &text) {
                prop_assert_eq!(url.origin(), base().origin());
                prop_assert!(url.path() == "/app" || url.path().starts_with("/app/"));
            }
        }
    }
}
