//! The device a user signed in with, as far as its user agent shows (RFC 9110 section 10.1.5), and
//! its network. An unknown device is not guessed; the text is written by the client, so it is shown
//! to users and no decision depends on it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The kind of device the user holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Computer,
    Phone,
    Tablet,
    /// A program, or an unknown device.
    Unknown,
}

/// A browser on a system, by the names users know them by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    pub browser: Option<&'static str>,
    pub system: Option<&'static str>,
    pub shape: Shape,
}

/// Browsers by their own tokens. Most also claim to be Chrome, Safari or both, so the order
/// matters: a browser that is based on another one comes first.
const BROWSERS: &[(&str, &str)] = &[
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("Edge/", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("OPiOS/", "Opera"),
    ("Opera", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("UCBrowser/", "UC Browser"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("Whale/", "Whale"),
    ("MiuiBrowser/", "Mi Browser"),
    ("HuaweiBrowser/", "Huawei Browser"),
    ("Silk/", "Silk"),
    ("Teams/", "Microsoft Teams"),
    ("Slack", "Slack"),
    ("FBAN/", "Facebook"),
    ("FBAV/", "Facebook"),
    ("Instagram ", "Instagram"),
    ("GSA/", "Google app"),
    ("Focus/", "Firefox Focus"),
    ("Klar/", "Firefox Klar"),
    ("FxiOS/", "Firefox"),
    ("Seamonkey/", "SeaMonkey"),
    ("SeaMonkey/", "SeaMonkey"),
    ("Firefox/", "Firefox"),
    ("Electron/", "Electron"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("MSIE ", "Internet Explorer"),
    ("Trident/", "Internet Explorer"),
    ("Epiphany/", "GNOME Web"),
    ("Konqueror/", "Konqueror"),
    // Only Safari itself has its version here; an app that shows pages on an iPhone does not.
    ("Version/", "Safari"),
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("python-requests/", "Python"),
    ("Python-urllib/", "Python"),
    ("okhttp/", "OkHttp"),
    ("PostmanRuntime/", "Postman"),
];

/// Systems likewise: a phone's user agent also has a token of Linux or of a Mac.
const SYSTEMS: &[(&str, &str, Shape)] = &[
    ("Windows Phone", "Windows Phone", Shape::Phone),
    ("Windows NT", "Windows", Shape::Computer),
    ("Windows", "Windows", Shape::Computer),
    ("iPhone", "iPhone", Shape::Phone),
    ("iPad", "iPad", Shape::Tablet),
    ("iPod", "iPod", Shape::Phone),
    ("Tizen", "Tizen", Shape::Unknown),
    ("KAIOS", "KaiOS", Shape::Phone),
    ("HarmonyOS", "HarmonyOS", Shape::Phone),
    ("Android", "Android", Shape::Tablet),
    ("CrOS", "ChromeOS", Shape::Computer),
    ("Macintosh", "macOS", Shape::Computer),
    ("Ubuntu", "Ubuntu", Shape::Computer),
    ("Fedora", "Fedora", Shape::Computer),
    ("FreeBSD", "FreeBSD", Shape::Computer),
    ("OpenBSD", "OpenBSD", Shape::Computer),
    ("X11", "Linux", Shape::Computer),
    ("Linux", "Linux", Shape::Unknown),
];

impl Device {
    pub fn of(user_agent: &str) -> Self {
        let says = |mark: &str| user_agent.contains(mark);
        let browser = BROWSERS.iter().find(|(mark, _)| says(mark));
        // The browser of early Androids had both tokens, too.
        let safari = says("Safari/") && !says("Android");
        let browser = browser.filter(|(mark, _)| *mark != "Version/" || safari);
        let system = SYSTEMS.iter().find(|(mark, ..)| says(mark));
        let shape = match system {
            // A phone's browser adds this token; a tablet's does not.
            Some((_, "Android", _)) if says("Mobile") => Shape::Phone,
            Some((.., shape)) => *shape,
            None => Shape::Unknown,
        };
        Self {
            browser: browser.map(|(_, name)| *name),
            system: system.map(|(_, name, _)| *name),
            shape,
        }
    }
}

/// Whether an address is for internal networks: then it has no geographic location.
pub fn is_internal(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_internal_v4(address),
        IpAddr::V6(address) => is_internal_v6(address),
    }
}

/// RFC 1918, loopback, link-local (RFC 3927), shared between a carrier's customers (RFC 6598).
fn is_internal_v4(address: Ipv4Addr) -> bool {
    let [a, b, ..] = address.octets();
    address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || (a == 100 && b & 0xc0 == 64)
}

/// Unique local (RFC 4193), loopback, link-local (RFC 4291 section 2.5.6).
fn is_internal_v6(address: Ipv6Addr) -> bool {
    address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As browsers send them.
    const REAL: &[(&str, Option<&str>, Option<&str>, Shape)] = &[
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
            Some("Firefox"),
            Some("Windows"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            Some("Chrome"),
            Some("Windows"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            Some("Edge"),
            Some("Windows"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/64.0.3282.140 Safari/537.36 Edge/18.17763",
            Some("Edge"),
            Some("Windows"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36 OPR/125.0.0.0",
            Some("Opera"),
            Some("Windows"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
            Some("Internet Explorer"),
            Some("Windows"),
            Shape::Computer,
        ),
        (
            "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)",
            Some("Internet Explorer"),
            Some("Windows"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
            Some("Safari"),
            Some("macOS"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            Some("Chrome"),
            Some("macOS"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0",
            Some("Firefox"),
            Some("macOS"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1",
            Some("Safari"),
            Some("iPhone"),
            Shape::Phone,
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.7444.77 Mobile/15E148 Safari/604.1",
            Some("Chrome"),
            Some("iPhone"),
            Shape::Phone,
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 15_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/145.0 Mobile/15E148 Safari/605.1.15",
            Some("Firefox"),
            Some("iPhone"),
            Shape::Phone,
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 EdgiOS/142.0.3595.66 Mobile/15E148 Safari/604.1",
            Some("Edge"),
            Some("iPhone"),
            Shape::Phone,
        ),
        (
            // A page inside an app.
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
            None,
            Some("iPhone"),
            Shape::Phone,
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 16_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.6 Mobile/15E148 Safari/604.1",
            Some("Safari"),
            Some("iPad"),
            Shape::Tablet,
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
            Some("Chrome"),
            Some("Android"),
            Shape::Phone,
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            Some("Chrome"),
            Some("Android"),
            Shape::Tablet,
        ),
        (
            "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
            Some("Firefox"),
            Some("Android"),
            Shape::Phone,
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
            Some("Samsung Internet"),
            Some("Android"),
            Shape::Phone,
        ),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36 EdgA/142.0.0.0",
            Some("Edge"),
            Some("Android"),
            Shape::Phone,
        ),
        (
            "Mozilla/5.0 (Linux; U; Android 4.0.3; de-de; GT-I9100 Build/IML74K) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Mobile Safari/534.30",
            None,
            Some("Android"),
            Shape::Phone,
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            Some("Firefox"),
            Some("Linux"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            Some("Firefox"),
            Some("Ubuntu"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/142.0.0.0 Safari/537.36",
            Some("Chrome"),
            Some("Linux"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            Some("Chrome"),
            Some("ChromeOS"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Vivaldi/7.6.3797.58",
            Some("Vivaldi"),
            Some("Windows"),
            Shape::Computer,
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Teams/25290 Chrome/140.0.0.0 Electron/38.2.0 Safari/537.36",
            Some("Microsoft Teams"),
            Some("Windows"),
            Shape::Computer,
        ),
        ("curl/8.14.1", Some("curl"), None, Shape::Unknown),
        (
            "python-requests/2.32.5",
            Some("Python"),
            None,
            Shape::Unknown,
        ),
        ("a test", None, None, Shape::Unknown),
        ("", None, None, Shape::Unknown),
        ("<script>alert(1)</script>", None, None, Shape::Unknown),
    ];

    #[test]
    fn real_browsers_are_called_by_their_common_names() {
        for (agent, browser, system, shape) in REAL {
            let device = Device::of(agent);
            assert_eq!(
                (device.browser, device.system, device.shape),
                (*browser, *system, *shape),
                "{agent}"
            );
        }
    }

    #[test]
    fn an_address_of_an_inner_network_is_known() {
        for inner in [
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "127.0.0.1",
            "169.254.1.1",
            "100.64.0.1",
            "100.127.255.255",
            "::1",
            "fd12:3456::1",
            "fe80::1",
            "::ffff:192.168.1.1",
        ] {
            let address = inner.parse().expect("an address");
            assert!(is_internal(address), "{inner}");
        }
        for outer in [
            "192.0.2.7",
            "8.8.8.8",
            "172.32.0.1",
            "100.128.0.1",
            "100.63.0.1",
            "2001:db8::1",
            "::ffff:8.8.8.8",
        ] {
            let address = outer.parse().expect("an address");
            assert!(!is_internal(address), "{outer}");
        }
    }
}
