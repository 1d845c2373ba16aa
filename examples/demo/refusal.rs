//! Why a request was turned away. Handlers return a [`Refusal`]; one layer around
//! all of them writes the log line and draws the page, so that every refusal looks
//! the same, has its proper status and is never silent.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::provider::Trouble;

/// What the user reads, and the word that stands in the log.
#[derive(Clone, Debug)]
pub struct Refusal {
    pub status: StatusCode,
    /// For the log and for tests: one stable word.
    pub reason: &'static str,
    pub heading: &'static str,
    pub detail: String,
    /// The next step: the text of the link, and its address.
    pub link: Option<(&'static str, String)>,
}

impl Refusal {
    pub fn new(
        status: StatusCode,
        reason: &'static str,
        heading: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            reason,
            heading,
            detail: detail.into(),
            link: None,
        }
    }

    pub fn with_link(self, label: &'static str, address: impl Into<String>) -> Self {
        Self {
            link: Some((label, address.into())),
            ..self
        }
    }

    pub fn bad_request(reason: &'static str, detail: &str) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            reason,
            "This request was refused",
            detail,
        )
    }

    pub fn forbidden(reason: &'static str, detail: &str) -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            reason,
            "This request was refused",
            detail,
        )
    }

    /// A POST that no page of this application sent.
    pub fn foreign_post() -> Self {
        Self::forbidden(
            "foreign_origin",
            "The form was not sent from this application's own page.",
        )
    }

    pub fn no_such_record() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no_such_record",
            "No such record",
            "There is no record with this key in this instance.",
        )
        .with_link("All records", "/")
    }

    /// The page for answers that axum gives by itself: no such route, wrong method, body too long.
    pub fn of_status(status: StatusCode) -> Self {
        let detail = match status {
            StatusCode::NOT_FOUND => "There is no such page.",
            StatusCode::PAYLOAD_TOO_LARGE => "That was longer than this application accepts.",
            StatusCode::METHOD_NOT_ALLOWED => "This page cannot be used that way.",
            _ => "The request could not be understood.",
        };
        Self::new(status, "not_understood", "This did not work", detail)
            .with_link("Start page", "/")
    }
}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Down(cause) => {
                tracing::warn!(cause, "the portal does not answer");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "provider_down",
                    "The portal does not answer",
                    "Signing in is not possible at the moment. Please try again shortly.",
                )
            }
            Trouble::Unverified(cause) => {
                tracing::warn!(cause, "a token was not accepted");
                Self::forbidden(
                    "token_not_verified",
                    "The proof of identity could not be verified, so no user was signed in.",
                )
            }
            Trouble::Refused(error) => Self::new(
                StatusCode::BAD_GATEWAY,
                "provider_error",
                "The portal did not complete the sign-in",
                format!("It answered: {error}"),
            ),
        }
    }
}

impl IntoResponse for Refusal {
    /// The bare status; the page is drawn by the layer that finds the extension.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
