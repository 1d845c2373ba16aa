//! Styles, scripts and icons: embedded in the binary, under names that hold a hash of their
//! content, compressed when they were built. A changed file has another name, so browsers may keep
//! each for a year.

use std::{collections::HashMap, sync::LazyLock};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};

use super::{
    extract::Path,
    route::{Access, Format, Route},
    view::Assets,
};
use crate::error::{Error, Result};

pub const ROUTES: &[Route] = &[
    Route::get("/assets/{name}", Access::Machine(Format::Page), || {
        get(show)
    }),
    Route::get("/favicon.ico", Access::Machine(Format::Page), || get(icon)),
];

#[derive(RustEmbed)]
#[folder = "static/dist"]
struct Dist;

static MANIFEST: LazyLock<Result<Assets, String>> = LazyLock::new(read_manifest);

fn read_manifest() -> Result<Assets, String> {
    let file = Dist::get("manifest.json").ok_or("static/dist is empty: run `make assets`")?;
    let names: HashMap<String, String> =
        serde_json::from_slice(&file.data).map_err(|error| error.to_string())?;
    let path = |name: &str| {
        let hashed = names
            .get(name)
            .ok_or_else(|| format!("the manifest has no {name}"))?;
        Ok::<_, String>(format!("/assets/{hashed}"))
    };
    Ok(Assets {
        css: path("app.css")?,
        js: path("app.js")?,
        icons: path("icons.svg")?,
        icon: path("icon.svg")?,
    })
}

/// The addresses of the assets.
pub fn manifest() -> Result<&'static Assets> {
    MANIFEST
        .as_ref()
        .map_err(|error| Error::Internal(format!("assets: {error}")))
}

/// The content of a name with a hash in it never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FOR_A_DAY: &str = "public, max-age=86400";

/// `GET /assets/{name}`.
pub async fn show(Path(name): Path<String>, headers: HeaderMap) -> Result<Response> {
    send(&name, FOR_EVER, &headers)
}

/// `GET /favicon.ico`, which browsers request by themselves.
pub async fn icon(headers: HeaderMap) -> Result<Response> {
    let path = &manifest()?.icon;
    send(path.trim_start_matches("/assets/"), FOR_A_DAY, &headers)
}

fn send(name: &str, kept: &'static str, asked: &HeaderMap) -> Result<Response> {
    let kind = content_type(name).ok_or(Error::NotFound)?;
    let accepted = asked
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok());
    let (file, encoding) = best(name, accepted.unwrap_or_default()).ok_or(Error::NotFound)?;
    let etag = format!("\"{name}\"");
    let known = asked.get(header::IF_NONE_MATCH);
    let known = known.is_some_and(|known| known.as_bytes() == etag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(file.data.into_owned()));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Some(encoding) = encoding {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    };
    // On a 304 as well: it renews what the browser keeps (RFC 9110 section 15.4.5).
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(etag) = HeaderValue::try_from(etag) {
        headers.insert(header::ETAG, etag);
    }
    Ok(response)
}

fn best(name: &str, accepted: &str) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let takes = |encoding: &str| accepted.split(',').any(|one| is_wanted(one, encoding));
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        if takes(encoding)
            && let Some(file) = Dist::get(&format!("{name}.{ending}"))
        {
            return Some((file, Some(encoding)));
        }
    }
    Dist::get(name).map(|file| (file, None))
}

/// One element of `Accept-Encoding` (RFC 9110 section 12.5.3); a weight of 0 excludes the encoding.
fn is_wanted(element: &str, encoding: &str) -> bool {
    let mut parts = element.split(';').map(str::trim);
    let named = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case(encoding));
    let refused = |part: &str| {
        part.strip_prefix("q=")
            .is_some_and(|weight| weight.parse() == Ok(0.0))
    };
    named && !parts.any(refused)
}

fn content_type(name: &str) -> Option<&'static str> {
    match name.rsplit('.').next()? {
        "css" => Some("text/css; charset=utf-8"),
        "js" => Some("text/javascript; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "txt" => Some("text/plain; charset=utf-8"),
        _ => None,
    }
}
