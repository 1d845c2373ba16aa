//! The wire format of CAS protocol 3.0: which addresses are services, the answers of validation (as
//! XML, JSON and the two lines of version 1), and the message of single logout. Section numbers are
//! those of the CAS Protocol 3.0 Specification.

use serde_json::{Map, Value, json};
use url::Url;

use crate::protocol::{
    saml::{ns, time, xml::Element},
    uri_template::within,
};

/// The namespace of validation responses (appendix A).
const NAMESPACE: &str = "http://www.yale.edu/tp/cas";
/// No service has a longer address.
const LONGEST: usize = 2000;

/// The result of a validation.
pub type CasValidation = Result<Success, CasFailure>;

/// The subject of a ticket (section 2.5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    pub user: String,
    /// Names and their values; only version 3 returns them.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// Why a ticket is not valid (section 2.5.3): a code of the protocol, and a sentence for the
/// operator of the application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasFailure {
    pub code: &'static str,
    pub description: &'static str,
}

impl CasFailure {
    pub const REQUEST: Self = Self::new(
        "INVALID_REQUEST",
        "send service and ticket, each once, and format as XML or JSON",
    );
    pub const TICKET_SPEC: Self = Self::new(
        "INVALID_TICKET_SPEC",
        "only service tickets (ST-) are issued here",
    );
    pub const TICKET: Self = Self::new(
        "INVALID_TICKET",
        "the ticket is unknown, used or too old, its session has ended, or renew was asked for",
    );
    pub const SERVICE: Self = Self::new(
        "INVALID_SERVICE",
        "the ticket was issued for another address; it is used up now",
    );
    pub const UNAUTHORIZED: Self = Self::new(
        "UNAUTHORIZED_SERVICE",
        "the service is closed, or closed to this user",
    );
    pub const PROXY_CALLBACK: Self = Self::new(
        "INVALID_PROXY_CALLBACK",
        "proxy tickets are not issued here: validate without pgtUrl",
    );
    pub const INTERNAL: Self = Self::new("INTERNAL_ERROR", "something went wrong on our side");

    const fn new(code: &'static str, description: &'static str) -> Self {
        Self { code, description }
    }
}

/// The address of a service, if it lies inside `base`: same scheme, host and port, under its path
/// segment by segment, without anything that parsers read differently (user names, backslashes, dot
/// segments in any encoding), and without a ticket.
pub fn service_url(base: &Url, text: &str) -> Option<Url> {
    let (_, rest) = text.split_once("://").filter(|_| text.len() <= LONGEST)?;
    let (host, place) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let url = Url::parse(text).ok()?;
    let link = place.strip_prefix(base.path().trim_end_matches('/'))?;
    let inside = within(base, link).ok()?;
    let plain = !host.contains(['@', '\\']) && place.bytes().all(|byte| byte.is_ascii_graphic());
    let ticketed = url.query_pairs().any(|(name, _)| name == "ticket");
    (plain && !ticketed && inside == url).then_some(url)
}

/// The address that a ticket is bound to and validated with: without its fragment, which browsers
/// do not send.
pub fn bound(url: &Url) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    url.into()
}

/// The address with the ticket in its query (section 2.2.4).
pub fn with_ticket(mut url: Url, ticket: &str) -> Url {
    url.query_pairs_mut().append_pair("ticket", ticket);
    url
}

/// Attributes for all clients. Some clients pass them on as headers, and a header whose name has a
/// character other than letters, digits and `-` is dropped when it becomes a CGI variable; so each
/// such name has a second spelling: `context_id` is `contextId` as well. An existing attribute is
/// not replaced.
pub fn spelt_twice(mut attributes: Vec<(String, Vec<String>)>) -> Vec<(String, Vec<String>)> {
    for (name, values) in attributes.clone() {
        let plain = camel(&name);
        let is_taken = attributes.iter().any(|(known, _)| *known == plain);
        if !is_taken && plain.starts_with(|first: char| first.is_ascii_alphabetic()) {
            attributes.push((plain, values));
        }
    }
    attributes
}

fn camel(name: &str) -> String {
    let between = |c: char| !c.is_ascii_alphanumeric() && c != '-';
    let mut words = name.split(between).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let (initial, rest) = word.split_at(1);
        text + &initial.to_ascii_uppercase() + rest
    })
}

/// Section 2.4.2: two lines.
pub fn to_lines(answer: &CasValidation) -> String {
    match answer {
        Ok(success) => format!("yes\n{}\n", success.user.replace(['\r', '\n'], " ")),
        Err(_) => "no\n\n".to_owned(),
    }
}

/// Section 2.5.2 and 2.5.3, as XML; `with_attributes` in version 3.
pub fn to_xml(answer: &CasValidation, with_attributes: bool) -> String {
    let inner = match answer {
        Ok(success) => {
            let authentication =
                element("authenticationSuccess").child(text("user", &success.user));
            let attributes = success.attributes.iter();
            let values = attributes
                .flat_map(|(name, values)| values.iter().map(move |value| text(name, value)));
            match with_attributes {
                true => authentication.child(element("attributes").children(values)),
                false => authentication,
            }
        }
        Err(failure) => element("authenticationFailure")
            .with("code", failure.code)
            .containing(failure.description),
    };
    element("serviceResponse").child(inner).write()
}

/// The same as JSON (section 2.5.1, `format`).
pub fn to_json(answer: &CasValidation, with_attributes: bool) -> Value {
    let response = match answer {
        Ok(success) => {
            let mut authentication = json!({ "user": success.user });
            if with_attributes {
                let pairs = success.attributes.iter();
                let pairs = pairs.map(|(name, values)| (name.clone(), json!(values)));
                authentication["attributes"] = Value::Object(pairs.collect::<Map<_, _>>());
            }
            json!({ "authenticationSuccess": authentication })
        }
        Err(failure) => json!({ "authenticationFailure":
            { "code": failure.code, "description": failure.description } }),
    };
    json!({ "serviceResponse": response })
}

fn element(name: &str) -> Element {
    Element::new(NAMESPACE, &format!("cas:{name}"))
}

fn text(name: &str, value: &str) -> Element {
    element(name).containing(value)
}

/// The value of `logoutRequest` in the form posted to an application whose session has ended
/// (section 2.3.3). The session is named by the ticket that started it; `now` in seconds.
pub fn logout_request(id: &str, ticket: &str, now: i64) -> String {
    Element::new(ns::PROTOCOL, "samlp:LogoutRequest")
        .with("ID", &format!("_{id}"))
        .with("Version", "2.0")
        .with("IssueInstant", &time::format(now))
        .child(Element::new(ns::ASSERTION, "saml:NameID").containing("@NOT_USED@"))
        .child(Element::new(ns::PROTOCOL, "samlp:SessionIndex").containing(ticket))
        .write()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(base: &str, text: &str) -> Option<String> {
        service_url(&Url::parse(base).unwrap(), text).map(String::from)
    }

    #[test]
    fn a_service_lies_inside_its_instance() {
        for (base, text) in [
            ("https://h.example", "https://h.example"),
            ("https://h.example", "https://h.example/"),
            ("https://h.example", "https://H.example:443/x?a=b&c=%20d#f"),
            ("https://h.example/app", "https://h.example/app"),
            ("https://h.example/app", "https://h.example/app/x"),
            ("https://h.example/app/", "https://h.example/app/x?y"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/cas/login"),
        ] {
            assert!(at(base, text).is_some(), "{text} in {base}");
        }
    }

    #[test]
    fn service_bypass_everything_else_is_refused() {
        for text in [
            "",
            "/app/x",
            "//h.example/app/x",
            "https:/h.example/app/x",
            "http://h.example/app/x",
            "https://h.example:444/app/x",
            "https://h.example.evil/app/x",
            "https://evil.example/app/x",
            "https://h.example@evil.example/app/x",
            "https://a:b@h.example/app/x",
            "https://@h.example/app/x",
            "https://evil.example\\@h.example/app/x",
            "https://h.example\\.evil.example/app/x",
            "https://h.example/application",
            "https://h.example/App/x",
            "https://h.example/%61pp/x",
            "https://h.example/app/../x",
            "https://h.example/x/../app/y",
            "https://h.example/app/%2e%2e/x",
            "https://h.example/app/..%2fx",
            "https://h.example/app/%2e%2e%5cx",
            "https://h.example/app/..;/x",
            "https://h.example/app\\..\\x",
            "https://h.example/app//evil.example",
            "https://h.example/app/x y",
            "https://h.example/app/x\r\nLocation: y",
            "https://h.example/app/\u{e4}",
            "https://h.example/app?ticket=ST-mine",
            "https://h.example/app?a=b&%74icket=ST-mine",
            "javascript://h.example/app/%0aalert(1)",
            "data:text/html,x",
        ] {
            assert_eq!(at("https://h.example/app", text), None, "{text}");
        }
    }

    #[test]
    fn a_ticket_goes_into_the_query_before_the_fragment() {
        let url = Url::parse("https://h.example/x?a=b#c").unwrap();
        assert_eq!(bound(&url), "https://h.example/x?a=b");
        let sent = with_ticket(url, "ST-1");
        assert_eq!(sent.as_str(), "https://h.example/x?a=b&ticket=ST-1#c");
    }

    #[test]
    fn each_attribute_name_has_a_spelling_that_survives_cgi() {
        let one = |name: &str, value: &str| (name.to_owned(), vec![value.to_owned()]);
        let attributes = vec![
            one("mail", "m"),
            one("context_id", "C"),
            one("context_field_order_no", "7"),
            one("cost.centre", "c"),
            one("x-y", "-"),
            one("orderNo", "theirs"),
            one("order_no", "ours"),
            one("_1", "none"),
        ];
        let attributes = spelt_twice(attributes);
        let names: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names[8..],
            ["contextId", "contextFieldOrderNo", "costCentre"],
            "beside those that are there"
        );
        assert_eq!(attributes[9].1, ["7"]);
    }

    #[test]
    fn a_users_name_breaks_no_document() {
        let evil = "</cas:user><cas:user>admin\n&\"";
        let answer = Ok(Success {
            user: evil.to_owned(),
            attributes: vec![("name".to_owned(), vec![evil.to_owned()])],
        });
        let written = to_xml(&answer, true);
        assert_eq!(written.matches("<cas:user>").count(), 1, "{written}");
        assert!(!to_xml(&answer, false).contains("attributes"));
        assert_eq!(to_lines(&answer).lines().count(), 2);
    }
}
