//! Addresses that a browser may be sent to: checked when they are registered and used as they
//! are.

pub use crate::protocol::loopback::is_loopback;

/// An address a browser may be sent to: https (http on loopback only), no fragment, no user info.
/// Anything else (`javascript:`, `data:`) is refused when it is registered (THREATS: script URLs).
pub fn web_address(text: &str) -> Result<url::Url, String> {
    // A parser skips these where a comparison does not.
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(format!("{text:?} must have no spaces in it"));
    }
    let url = url::Url::parse(text).map_err(|_| format!("\"{text}\" is not an absolute URL"))?;
    let https = url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url));
    if !https {
        return Err(format!(
            "\"{text}\" must begin with https:// (http:// on loopback only)"
        ));
    }
    if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(format!("\"{text}\" must have no fragment and no user name"));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn script_urls_and_plain_http_are_refused() {
        for bad in [
            "javascript:alert(1)",
            "data:text/html,x",
            "http://crm.example",
            "https://user@crm.example",
            "https://crm.example/#x",
            "/relative",
            " https://crm.example/",
            "https://crm.example/\0",
            "https://crm.ex\nample/",
            "",
        ] {
            assert!(web_address(bad).is_err(), "{bad}");
        }
        for good in [
            "https://crm.example/a?b",
            "http://127.0.0.11:7000/",
            "http://[::1]/",
        ] {
            assert!(web_address(good).is_ok(), "{good}");
        }
    }
}
