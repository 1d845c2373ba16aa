//! What the answer to a form says, carried over a redirect to the page that shows it: a form is
//! posted, answered by a redirect, and the page is a GET. So no browser asks whether to send a form
//! again, on a reload or on the way back.
//!
//! It travels in a cookie, sealed, for one page and one minute, and is shown once.

use std::sync::atomic::{AtomicBool, Ordering};

use axum::{
    http::{StatusCode, header},
    response::Response,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    extract::Visit,
    layers::{CookieNames, set_cookie},
    page,
};
use crate::{
    app::App,
    clock::Time,
    error::{Error, Result},
};

/// What it is sealed for.
const PURPOSE: &str = "flash";
/// Seconds.
const LIFE: i64 = 60;
/// The characters of one field that are carried; no name or address is longer.
const LONGEST: usize = 256;

/// The cookie a request brought.
#[derive(Debug, Default)]
pub struct Flash {
    sealed: Option<String>,
    taken: AtomicBool,
}

#[derive(Serialize, Deserialize)]
struct Carried<T> {
    /// The path of the page that shows it.
    path: String,
    /// Milliseconds.
    until: i64,
    told: T,
}

impl Flash {
    pub fn of(sealed: Option<&str>) -> Self {
        Self {
            sealed: sealed.map(str::to_owned),
            taken: AtomicBool::new(false),
        }
    }

    /// Whether it was shown: then the cookie goes.
    pub fn is_taken(&self) -> bool {
        self.taken.load(Ordering::Relaxed)
    }
}

/// Sends the browser to the page at `address` (path and query), which shows `told`.
pub fn redirect<T: Serialize>(app: &App, address: &str, told: T) -> Result<Response> {
    let until = app.parts.clock.now() + std::time::Duration::from_secs(LIFE.unsigned_abs());
    let carried = Carried {
        path: path_of(address).to_owned(),
        until: until.millis(),
        told,
    };
    let text = serde_json::to_vec(&carried)
        .map_err(|error| Error::Internal(format!("an answer to carry: {error}")))?;
    let sealed = app.parts.seal.purpose(PURPOSE).seal(&text)?;
    let mut response = page::to(address);
    let name = CookieNames::of(&app.site).flash;
    set_cookie(&mut response, &app.site, name, &sealed, Some(LIFE));
    Ok(response)
}

/// What is to be shown on the page at `path`, once; nothing if there is nothing for it.
pub fn take<T: DeserializeOwned>(app: &App, visit: &Visit, path: &str) -> Option<T> {
    let sealed = visit.flash.sealed.as_deref()?;
    let text = app.parts.seal.purpose(PURPOSE).open(sealed)?;
    let carried: Carried<T> = serde_json::from_slice(&text).ok()?;
    let fits = carried.path == path && app.parts.clock.now() < Time::from_millis(carried.until);
    if !fits {
        return None;
    }
    visit.flash.taken.store(true, Ordering::Relaxed);
    Some(carried.told)
}

/// What a user typed, as far as it is carried: browsers drop cookies above 4,096 bytes (RFC 6265
/// section 6.1), and with one the message would be lost.
pub fn short(typed: &str) -> String {
    typed.chars().take(LONGEST).collect()
}

fn path_of(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

/// Gives a page the status of what it says; `wait` is in seconds.
pub fn marked(mut response: Response, status: StatusCode, wait: Option<u64>) -> Response {
    *response.status_mut() = status;
    if let Some(wait) = wait {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, wait.max(1).into());
    }
    response
}
