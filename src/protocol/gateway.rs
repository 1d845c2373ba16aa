//! A gateway's description of the request it asks about: nginx's `auth_request` by
//! `X-Original-URL`, Traefik's `forwardAuth` and Caddy's `forward_auth` by `X-Forwarded-Proto`,
//! `-Host` and `-Uri`. There is no standard, and differences between parsers have been exploited
//! (THREATS: URL normalisation in gateways). So a path is used for a decision only if every parser
//! reads it alike; any other is treated as an unknown place.

use unicode_normalization::is_nfkc;

/// The headers that identify the user to the page. The gateway sets each of them on every request.
pub const IDENTITY_HEADERS: [&str; 6] = [
    "remote-user",
    "remote-name",
    "remote-email",
    "remote-groups",
    "x-usher-assertion",
    "x-usher-omitted",
];

/// A header of the request that an application could take for one of ours: CGI, WSGI, Rack and PHP
/// turn `Remote_User` and `Remote-User` into `HTTP_REMOTE_USER`, and some servers do so with every
/// character that is no letter or digit. Gateways replace only the header with our spelling.
pub fn look_alike<'a>(mut names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let folded = |name: &str| -> String {
        let fold = |c: char| match c.is_ascii_alphanumeric() {
            true => c.to_ascii_lowercase(),
            false => '-',
        };
        name.chars().map(fold).collect()
    };
    names.find(|name| {
        let is_ours = IDENTITY_HEADERS.contains(&name.to_ascii_lowercase().as_str());
        !is_ours && IDENTITY_HEADERS.contains(&folded(name).as_str())
    })
}

/// The request that a browser sends through the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requested {
    /// Scheme and authority, lower case, without a default port.
    pub origin: String,
    /// Path and query as they were sent, beginning with a slash.
    pub target: String,
    /// The path that all common parsers agree on; `None` where they differ.
    pub path: Option<String>,
    /// The gateway cannot redirect the browser by itself: the response has the address.
    pub by_subrequest: bool,
}

/// Headers of one request, as the gateway sent them; `None` for a header that came twice.
pub struct GatewayHeaders<'a> {
    pub original_url: Option<&'a str>,
    pub proto: Option<&'a str>,
    pub host: Option<&'a str>,
    pub uri: Option<&'a str>,
}

/// No application has a longer address.
const LONGEST: usize = 8 * 1024;

impl Requested {
    /// Reads one of the two forms; both at once would be ambiguous. An error is a sentence for the
    /// admin who configured the gateway.
    pub fn read(said: &GatewayHeaders) -> Result<Self, &'static str> {
        let forwarded = (said.proto, said.host, said.uri);
        match (said.original_url, forwarded) {
            (Some(url), (_, _, None)) => Self::of_url(url),
            (None, (Some(proto), Some(host), Some(uri))) => Self::of_parts(proto, host, uri, false),
            (Some(_), _) => Err("send X-Original-URL or X-Forwarded-Uri, not both"),
            _ => Err("send X-Original-URL, or X-Forwarded-Proto, -Host and -Uri"),
        }
    }

    fn of_url(url: &str) -> Result<Self, &'static str> {
        let wrong = "X-Original-URL is no absolute address";
        let (proto, rest) = url.split_once("://").ok_or(wrong)?;
        let end = rest.find(['/', '?', '#']).ok_or(wrong)?;
        let (host, uri) = rest.split_at(end);
        Self::of_parts(proto, host, uri, true)
    }

    fn of_parts(
        proto: &str,
        host: &str,
        uri: &str,
        by_subrequest: bool,
    ) -> Result<Self, &'static str> {
        if uri.len() > LONGEST {
            return Err("the address is too long");
        }
        if !uri.starts_with('/') {
            return Err("the path does not begin with a slash");
        }
        if uri.bytes().any(|b| !b.is_ascii_graphic()) || uri.contains('#') {
            return Err("the address has characters that no address has");
        }
        let path = uri.split('?').next().unwrap_or_default();
        Ok(Self {
            origin: origin(proto, host)?,
            target: uri.to_owned(),
            path: plain_path(path),
            by_subrequest,
        })
    }

    /// Whether the path is this one or below it; unknown places are below nothing.
    pub fn is_below(&self, base: &str) -> bool {
        let base = base.strip_suffix('/').unwrap_or(base);
        let below = |path: &String| {
            path.strip_prefix(base)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.path.as_ref().is_some_and(below)
    }

    /// Whether any server might read the path as this one or below it: paths that parsers read
    /// differently, and spellings that differ in case only.
    pub fn may_be_below(&self, base: &str) -> bool {
        let Some(path) = &self.path else { return true };
        let folded = Self {
            path: Some(path.to_lowercase()),
            ..self.clone()
        };
        folded.is_below(&base.to_lowercase())
    }
}

fn origin(proto: &str, host: &str) -> Result<String, &'static str> {
    let proto = proto.to_ascii_lowercase();
    let port = match proto.as_str() {
        "http" | "ws" => ":80",
        "https" | "wss" => ":443",
        _ => return Err("the scheme is http or https"),
    };
    let of_host = |b: u8| b.is_ascii_alphanumeric() || b"-.:[]".contains(&b);
    if host.is_empty() || !host.bytes().all(of_host) {
        return Err("the host is not one");
    }
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(port).unwrap_or(&host);
    // A WebSocket has the origin of its page (RFC 6455 section 3).
    let scheme = if proto.starts_with('h') {
        proto.as_str()
    } else {
        proto_of_ws(&proto)
    };
    Ok(format!("{scheme}://{host}"))
}

fn proto_of_ws(proto: &str) -> &'static str {
    match proto {
        "wss" => "https",
        _ => "http",
    }
}

/// The decoded path, if all parsers read it alike. Excluded are encoded slashes and backslashes,
/// dot segments and what some servers treat as such, empty segments, parameters of segments, and
/// what is encoded twice or is not UTF-8.
fn plain_path(raw: &str) -> Option<String> {
    let decoded = decode(raw)?;
    let is_one_by_one = decoded.matches('/').count() == raw.matches('/').count();
    (is_one_by_one && is_plain(&decoded)).then_some(decoded)
}

/// Whether all parsers read a decoded path alike.
pub fn is_plain(decoded: &str) -> bool {
    let odd = |c: char| c.is_control() || matches!(c, '\\' | ';' | '%');
    // A parser that normalises (NFKC) turns U+2025 into `..` and U+FF0F into a slash.
    if !decoded.starts_with('/') || decoded.contains(odd) || !is_nfkc(decoded) {
        return false;
    }
    let mut segments = decoded.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if (segment.is_empty() && !is_last) || is_like_dots(segment) {
            return false;
        }
    }
    true
}

/// Only dots, blanks and invisible characters: `.` and `..`, and `...`, `.. ` or dots with a
/// zero-width space, which Windows and others treat alike.
fn is_like_dots(segment: &str) -> bool {
    let is_filler =
        |c: char| c == '.' || c.is_whitespace() || (!c.is_ascii() && !c.is_alphanumeric());
    !segment.is_empty() && segment.chars().all(is_filler)
}

/// RFC 3986 section 2.1; a percent sign without two digits is an error.
fn decode(raw: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(uri: &str) -> Result<Requested, &'static str> {
        Requested::read(&GatewayHeaders {
            original_url: None,
            proto: Some("https"),
            host: Some("App.Example.org:443"),
            uri: Some(uri),
        })
    }

    #[test]
    fn both_forms_come_to_the_same() {
        let url = "https://app.example.org/a%20b?x=%2F";
        let by_url = Requested::read(&GatewayHeaders {
            original_url: Some(url),
            proto: None,
            host: None,
            uri: None,
        })
        .unwrap();
        let by_parts = at("/a%20b?x=%2F").unwrap();
        assert_eq!(by_url.origin, by_parts.origin);
        assert_eq!(by_url.path.as_deref(), Some("/a b"));
        assert_eq!(by_url.path, by_parts.path);
        assert_eq!(by_url.target, "/a%20b?x=%2F");
        assert!(by_url.by_subrequest && !by_parts.by_subrequest);
    }

    #[test]
    fn what_readers_differ_on_is_of_no_known_place() {
        for uri in [
            "/public/../admin",
            "/public/..%2fadmin",
            "/public/%2e%2e/admin",
            "/public/.%2e/admin",
            "/public/%252e%252e/admin",
            "/public/..;/admin",
            "/public;x=/../admin",
            "/public/.;/admin",
            "/public//admin",
            "//public/admin",
            "/public/./admin",
            "/public%5c..%5cadmin",
            "/public\\..\\admin",
            "/public%2f..%2fadmin",
            "/public/%00",
            "/public/%0a",
            "/public/%",
            "/public/%zz",
            "/public/%ff",
            "/public/%c0%af",
            "/public/..",
            "/public/%2e",
            "/public/..%20/admin",
            "/public/%20../admin",
            "/public/%20/admin",
            "/public/.../admin",
            "/public/.%C2%A0./admin",
            "/public/.%E2%80%8B./admin",
            "/public/.%C2%AD./admin",
            "/public/%EF%BC%8E%EF%BC%8E/admin",
            "/public/%EF%BC%8F..%EF%BC%8Fadmin",
            "/public/%E2%80%A5/admin",
            "/public/%E2%80%A4%E2%80%A4/admin",
            "/public/%EF%B9%92%EF%B9%92/admin",
            "/public/%E2%80%A6/admin",
            "/public/cafe%CC%81",
        ] {
            let read = at(uri).unwrap();
            assert_eq!(read.path, None, "{uri}");
            assert!(!read.is_below("/public") && !read.is_below("/"), "{uri}");
        }
    }

    #[test]
    fn below_is_by_whole_segments() {
        for (uri, below) in [
            ("/public", true),
            ("/public/", true),
            ("/public/a.css?v=/../x", true),
            ("/p%75blic/a", true),
            ("/publicity", false),
            ("/Public", false),
            ("/", false),
        ] {
            assert_eq!(at(uri).unwrap().is_below("/public/"), below, "{uri}");
        }
        assert!(at("/anything").unwrap().is_below("/"));
    }

    #[test]
    fn a_name_with_dots_in_it_is_a_name() {
        for uri in [
            "/public/.well-known/a",
            "/public/a..b",
            "/public/caf%C3%A9.css",
            "/public/a b",
        ] {
            let uri = uri.replace(' ', "%20");
            assert!(at(&uri).unwrap().is_below("/public"), "{uri}");
        }
    }

    #[test]
    fn a_header_that_reads_as_ours_and_is_spelt_otherwise_is_found() {
        for name in [
            "Remote_User",
            "remote_user",
            "REMOTE_GROUPS",
            "X_Usher_Assertion",
            "X-Usher_Assertion",
            "x_usher-omitted",
            "Remote.Email",
            "remote~name",
        ] {
            assert_eq!(look_alike(["host", name].into_iter()), Some(name), "{name}");
        }
        let fine = [
            "Remote-User",
            "x-usher-assertion",
            "remote_users",
            "accept",
            "x_user",
        ];
        assert_eq!(look_alike(fine.into_iter()), None);
    }

    #[test]
    fn a_path_that_may_be_anywhere_may_be_below_everything() {
        assert!(at("/x/..%20/admin").unwrap().may_be_below("/admin"));
        assert!(at("/ADMIN/x").unwrap().may_be_below("/admin/"));
        assert!(!at("/administration").unwrap().may_be_below("/admin"));
    }

    #[test]
    fn a_gateway_with_missing_or_ambiguous_headers_gets_an_error() {
        let none = GatewayHeaders {
            original_url: None,
            proto: None,
            host: None,
            uri: None,
        };
        assert!(Requested::read(&none).is_err());
        let both = GatewayHeaders {
            original_url: Some("https://a.test/"),
            proto: Some("https"),
            host: Some("a.test"),
            uri: Some("/"),
        };
        assert!(Requested::read(&both).is_err());
        for (proto, host, uri) in [
            ("ftp", "a.test", "/"),
            ("https", "", "/"),
            ("https", "a.test@evil.test", "/"),
            ("https", "a.test/evil", "/"),
            ("https", "a.test", ""),
            ("https", "a.test", "x"),
            ("https", "a.test", "/a b"),
            ("https", "a.test", "/ü"),
            ("https", "a.test", "/#x"),
        ] {
            let said = GatewayHeaders {
                original_url: None,
                proto: Some(proto),
                host: Some(host),
                uri: Some(uri),
            };
            assert!(Requested::read(&said).is_err(), "{proto} {host} {uri}");
        }
    }

    proptest! {
        #[test]
        fn a_known_path_reads_the_same_a_second_time(uri in "/[a-z%./;2fe5c]{0,30}") {
            if let Ok(read) = at(&uri) && let Some(path) = read.path {
                prop_assert!(!path.contains("..") || !path.split('/').any(|s| s == ".."));
                prop_assert_eq!(decode(&path), Some(path));
            }
        }
    }
}
