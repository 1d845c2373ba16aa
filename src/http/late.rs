//! The answer to a request that has timed out, or whose handler ended: in the form of its route, so
//! that the application can distinguish it from a regular answer.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};

use super::{
    cas, oidc,
    route::{self, Format},
    saml,
};
use crate::{error::Error, issuer::EndpointFault};

/// The form in which an internal error is reported to the sender of a request.
pub struct FaultForm {
    format: Format,
    /// The validation of a CAS ticket asked for JSON.
    is_cas_json: bool,
}

impl FaultForm {
    pub fn of(request: &Request) -> Self {
        let route = route::of(request.extensions());
        let format = route.map_or(Format::Page, |route| route.access.format());
        let query = request.uri().query().unwrap_or_default();
        Self {
            format,
            is_cas_json: format == Format::Cas && cas::wants_json(query),
        }
    }

    pub fn respond(self, error: Error) -> Response {
        match self.format {
            Format::Page | Format::Problem => error.into_response(),
            Format::OAuth => oidc::refusal(&EndpointFault::Own(error), false),
            Format::CasLines => {
                tracing::error!(%error, "a ticket could not be validated in time");
                cas::failed_lines()
            }
            Format::Cas => {
                tracing::error!(%error, "a ticket could not be validated in time");
                cas::failed(self.is_cas_json)
            }
            Format::Soap => {
                tracing::error!(%error, "a logout by SOAP could not be answered in time");
                saml::failed()
            }
        }
    }
}
