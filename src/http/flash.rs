//! The result of a form, carried over a redirect to the page that shows it: a form is posted,
//! answered by a redirect, and the page is a GET. So no browser asks whether to send a form again,
//! on a reload or on going back.
//!
//! It is kept in the browser's state for one page and one minute, and is shown once.

use axum::{
    http::{StatusCode, header},
    response::Response,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{extract::Visit, page};
use crate::{
    app::App,
    error::{Error, Result},
};

/// The most characters of one field that are kept for a client that is not signed in; no name or
/// address is longer.
const LONGEST: usize = 256;

#[derive(Serialize, Deserialize)]
struct FlashRecord<T> {
    /// The path of the page that shows it.
    path: String,
    /// The user who was signed in; it is not shown to another.
    user: Option<String>,
    #[serde(rename = "told")]
    content: T,
}

/// Sends the browser to the page at `address` (path and query), which shows `content`.
pub async fn redirect<T: Serialize>(
    app: &App,
    visit: &Visit,
    address: &str,
    content: T,
) -> Result<Response> {
    keep(app, visit, address, content).await?;
    Ok(page::to(address))
}

/// Stores `content` for the page at `address`, to which the caller redirects itself.
pub async fn keep<T: Serialize>(app: &App, visit: &Visit, address: &str, content: T) -> Result<()> {
    let carried = FlashRecord {
        path: path_of(address).to_owned(),
        user: user(visit),
        content,
    };
    let value = serde_json::to_value(&carried)
        .map_err(|error| Error::Internal(format!("an answer to carry: {error}")))?;
    let write = visit.visitor.write(app.parts.clock.now())?;
    visit.state.put(&write, value).await
}

/// What is to be shown on the page at `path`, once; `None` if there is nothing for it.
pub async fn take<T: DeserializeOwned>(visit: &Visit, path: &str) -> Result<Option<T>> {
    let fits = |value: &Value| {
        let is_path = value["path"].as_str() == Some(path);
        let whose = value["user"].as_str();
        is_path
            && whose.is_none_or(|user| Some(user) == visit.visitor.user_id().map(|id| id.as_str()))
    };
    let Some(value) = visit.state.take(fits).await? else {
        return Ok(None);
    };
    let carried = serde_json::from_value::<FlashRecord<T>>(value).ok();
    Ok(carried.map(|carried| carried.content))
}

fn user(visit: &Visit) -> Option<String> {
    visit.visitor.user_id().map(ToString::to_string)
}

/// What a client that is not signed in typed, up to the length that is kept.
pub fn short(typed: &str) -> String {
    typed.chars().take(LONGEST).collect()
}

fn path_of(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

/// Gives a page the status that fits its message; `wait` is in seconds.
pub fn marked(mut response: Response, status: StatusCode, wait: Option<u64>) -> Response {
    *response.status_mut() = status;
    if let Some(wait) = wait {
        let headers = response.headers_mut();
        headers.insert(header::RETRY_AFTER, wait.max(1).into());
    }
    response
}
