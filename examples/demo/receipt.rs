//! Landing receipts: the portal knows that a user was sent here and that this application fetched
//! their identity. Only the application knows whether the record was opened, and reports it once:
//! when the record is first shown, or when there is none to show. The receipt is sent in the
//! background, so a portal that is down does not delay the page.

use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use openidconnect::HttpRequest;
use openidconnect::http::{Request, header};
use url::Url;
use url::form_urlencoded::byte_serialize;

use super::arrival::Launch;
use super::provider::Provider;

const LANDED: &str = r#"{"outcome":"landed"}"#;
const NO_SUCH_RECORD: &str = r#"{"outcome":"refused","reason":"no_such_record"}"#;

/// The record of this launch is on the screen.
pub fn confirm(provider: &Provider, launch: Option<Launch>) {
    if let Some(launch) = launch {
        send(provider, &launch, LANDED);
    }
}

/// There is no such record: the portal is notified, and the user goes back to its page, which
/// offers the next steps. Nothing without a launch: users who came by themselves see our own page.
pub fn turn_back(provider: &Provider, launch: Option<Launch>) -> Option<Response> {
    let launch = launch?;
    send(provider, &launch, NO_SUCH_RECORD);
    let mut back = Url::parse(launch.return_uri.as_deref()?).ok()?;
    // It was signed; a redirect out of the portal's own origin is refused all the same.
    if back.origin() != provider.issuer.url().origin() {
        return None;
    }
    back.query_pairs_mut()
        .append_pair("reason", "no_such_record");
    Some(Redirect::to(back.as_str()).into_response())
}

fn send(provider: &Provider, launch: &Launch, body: &'static str) {
    let Ok(request) = request(provider, launch, body) else {
        return;
    };
    let (net, id) = (provider.net.clone(), launch.id.clone());
    tokio::spawn(async move {
        match net.send(request).await {
            Ok(answer) if answer.status().is_success() => (),
            Ok(answer) => tracing::warn!(launch = id, status = %answer.status(), "no receipt"),
            Err(error) => tracing::warn!(launch = id, %error, "no receipt"),
        }
    });
}

/// `POST {issuer}/launches/{launch}/receipt`, as the client that the launch was for.
fn request(
    provider: &Provider,
    launch: &Launch,
    body: &'static str,
) -> Result<HttpRequest, openidconnect::http::Error> {
    let issuer = provider.issuer.as_str().trim_end_matches('/');
    Request::post(format!("{issuer}/launches/{}/receipt", launch.id))
        .header(header::AUTHORIZATION, basic(provider))
        .header(header::CONTENT_TYPE, "application/json")
        .body(body.as_bytes().to_vec())
}

/// `client_secret_basic`: both halves are form-encoded first (RFC 6749, section 2.3.1).
pub fn basic(provider: &Provider) -> String {
    let id: String = byte_serialize(provider.client_id.as_bytes()).collect();
    let secret: String = byte_serialize(provider.client_secret.secret().as_bytes()).collect();
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}
