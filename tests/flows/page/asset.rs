//! Styles, scripts and icons: kept for a year under names that hold their hash, compressed.

use regex::Regex;

use super::request;
use support::{
    browser::{Browser, Page},
    server::TestServer,
};

const YEAR: &str = "public, max-age=31536000, immutable";

/// The address of the page's first asset of this kind.
pub fn path(page: &Page, ending: &str) -> String {
    let found = Regex::new(&format!("\"(/assets/[a-z]+-[0-9a-f]+\\.{ending})")).expect("a pattern");
    found.captures(&page.body).expect("an asset")[1].to_owned()
}

#[tokio::test]
async fn assets_are_kept_for_a_year_and_sent_compressed() {
    let usher = TestServer::open().await;
    let page = Browser::new(&usher).get("/sign-in").await;
    for (ending, kind) in [
        ("css", "text/css"),
        ("js", "text/javascript"),
        ("svg", "image/svg+xml"),
    ] {
        let path = path(&page, ending);
        let mut sizes = Vec::new();
        for (accepted, encoding) in [
            ("", None),
            ("gzip", Some("gzip")),
            ("gzip, br;q=1", Some("br")),
        ] {
            let sent = request("GET", &path, &[("accept-encoding", accepted)]);
            let response = usher.send(sent).await;
            let (parts, body) = response.into_parts();
            assert_eq!(parts.status, 200, "{path}");
            let text = |name: &str| {
                parts
                    .headers
                    .get(name)
                    .map(|value| value.to_str().expect("text"))
            };
            assert_eq!(text("cache-control"), Some(YEAR));
            assert_eq!(text("content-encoding"), encoding, "{path} for {accepted}");
            assert!(text("vary").is_some_and(|vary| vary.eq_ignore_ascii_case("accept-encoding")));
            assert!(text("content-type").is_some_and(|found| found.starts_with(kind)));
            assert_eq!(text("set-cookie"), None);
            sizes.push(
                axum::body::to_bytes(body, 1 << 20)
                    .await
                    .expect("a body")
                    .len(),
            );
            let known = [("if-none-match", text("etag").expect("an ETag"))];
            let (status, headers, body) = usher.ask(request("GET", &path, &known)).await;
            assert_eq!((status, body.as_str()), (304, ""));
            assert_eq!(
                headers["cache-control"], YEAR,
                "a 304 says what the 200 said"
            );
        }
        assert!(
            sizes[2] < sizes[0] && sizes[1] < sizes[0],
            "{path}: {sizes:?}"
        );
    }
}

#[tokio::test]
async fn an_encoding_that_is_refused_is_not_used() {
    let usher = TestServer::open().await;
    let page = Browser::new(&usher).get("/sign-in").await;
    let refused = [("accept-encoding", "br;q=0, gzip;q=0")];
    let (_, headers, _) = usher
        .ask(request("GET", &path(&page, "css"), &refused))
        .await;
    assert_eq!(headers.get("content-encoding"), None);
}

#[tokio::test]
async fn what_has_no_hash_in_its_name_is_not_kept_for_ever() {
    let usher = TestServer::open().await;
    let (_, headers, _) = usher.ask(request("GET", "/favicon.ico", &[])).await;
    assert_ne!(headers["cache-control"], YEAR);
}

#[tokio::test]
async fn an_asset_that_is_not_there_is_not_found() {
    let usher = TestServer::open().await;
    for name in [
        "x.css",
        "manifest.json",
        "..%2f..%2fCargo.toml",
        "app.css",
        "%2e%2e",
        "",
        "%FF",
    ] {
        let (status, headers, _) = usher
            .ask(request("GET", &format!("/assets/{name}"), &[]))
            .await;
        assert!((400..500).contains(&status), "{name}: {status}");
        assert_eq!(headers["cache-control"], "no-store", "{name}");
    }
}
