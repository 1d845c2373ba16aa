//! The answer to a request that has timed out, or whose handler ended: in the form of its route, so
//! that the application can distinguish it from a regular answer.

use axum::{
    extract::Request,
    http::Uri,
    response::{IntoResponse, Response},
};

use super::route::{self, Format};
use crate::error::Error;

/// The form in which an internal error is reported to the sender of a request.
pub struct FaultForm {
    format: Format,
    uri: Uri,
}

impl FaultForm {
    pub fn of(request: &Request) -> Self {
        let route = route::of(request.extensions());
        Self {
            format: route.map_or(Format::Page, |route| route.access.format()),
            uri: request.uri().clone(),
        }
    }

    pub fn respond(self, error: Error) -> Response {
        match self.format {
            Format::Page | Format::Problem => error.into_response(),
            Format::Protocol(own) => (own.respond)(error, &self.uri),
        }
    }
}
