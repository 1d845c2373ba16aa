//! The answer to a request that has timed out, or whose handler ended: in the form of the request's
//! protocol, so that the application can tell it from a regular answer.

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};

use super::{cas, oidc, saml};
use crate::{error::Error, issuer::EndpointFault};

/// Which protocol a request spoke.
pub enum RequestProtocol {
    /// A page, or problem+json.
    Problem,
    /// RFC 6749 section 5.2, and what is built on it.
    OAuth,
    /// CAS Protocol 3.0 section 2.4: two lines.
    CasLines,
    /// Section 2.5; JSON if that was requested.
    Cas {
        json: bool,
    },
    Soap,
}

impl RequestProtocol {
    pub fn of(request: &Request) -> Self {
        let uri = request.uri();
        match uri.path() {
            "/oidc/token" | "/oidc/par" | "/oidc/introspect" | "/oidc/revoke"
            | "/oidc/userinfo" => Self::OAuth,
            path if path.starts_with("/oidc/register") => Self::OAuth,
            "/cas/validate" => Self::CasLines,
            "/cas/serviceValidate"
            | "/cas/proxyValidate"
            | "/cas/p3/serviceValidate"
            | "/cas/p3/proxyValidate" => Self::Cas {
                json: cas::wants_json(uri.query().unwrap_or_default()),
            },
            "/saml/slo/soap" => Self::Soap,
            _ => Self::Problem,
        }
    }

    /// A fault of ours in this form.
    pub fn tell(self, error: Error) -> Response {
        match self {
            Self::Problem => error.into_response(),
            Self::OAuth => oidc::refusal(&EndpointFault::Own(error), false),
            Self::CasLines => {
                tracing::error!(%error, "a ticket could not be validated in time");
                cas::failed_lines()
            }
            Self::Cas { json } => {
                tracing::error!(%error, "a ticket could not be validated in time");
                cas::failed(json)
            }
            Self::Soap => {
                tracing::error!(%error, "a logout by SOAP could not be answered in time");
                saml::failed()
            }
        }
    }
}
