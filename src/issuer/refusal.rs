//! The log entries on refusals: which application, and why, in words. Text from an unauthenticated
//! client is shortened, and the query of an address is left out.

use super::{ClientProof, EndpointFault};
use crate::protocol::oauth::{OAuthError, Params};

/// The part of a name or address from an unauthenticated client that is logged, at most.
const MOST: usize = 200;
/// Ordinary answers: a client asked whether a user is signed in, and none was.
const ORDINARY: [&str; 5] = [
    "login_required",
    "consent_required",
    "interaction_required",
    "authorization_pending",
    "slow_down",
];

pub(super) fn shown(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    text.chars()
        .take(MOST)
        .flat_map(char::escape_default)
        .collect()
}

pub(super) fn shown_address(address: &str) -> String {
    shown(address.split(['?', '#']).next())
}

/// An error that goes back to a client through the browser.
pub(super) fn log_error_back(client: &str, error: &OAuthError) {
    let OAuthError {
        code, description, ..
    } = error;
    match ORDINARY.contains(code) {
        true => tracing::debug!(client, error = code, "an authorization request is answered"),
        false => tracing::warn!(
            client,
            error = code,
            why = description,
            "an authorization request was refused"
        ),
    }
}

/// Why a client was not authenticated; it receives `invalid_client` only.
pub(super) fn log_unproven(client: &str, why: &str) {
    let client = shown(Some(client));
    tracing::warn!(client, why, "a client did not prove who it is");
}

/// A refusal at an endpoint that clients call themselves. Why one was not authenticated is logged
/// where that is known.
pub fn log_refusal(
    endpoint: &str,
    authorization: Option<&str>,
    params: &Params,
    fault: &EndpointFault,
) {
    let EndpointFault::OAuth(error) = fault else {
        return;
    };
    if error.code == "invalid_client" {
        return;
    }
    let proof = ClientProof::read(authorization, params).ok();
    let client = shown(proof.as_ref().and_then(ClientProof::client));
    let (error, why) = (error.code, &error.description);
    tracing::warn!(endpoint, client, error, why, "a client was refused");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_an_unauthenticated_client_is_logged_on_one_line_and_without_its_query() {
        assert_eq!(shown(Some("a\nb\u{202e}")), "a\\nb\\u{202e}");
        assert_eq!(shown(Some(&"x".repeat(500))).len(), MOST);
        assert_eq!(
            shown_address("https://crm.test/cb?code=secret#x"),
            "https://crm.test/cb"
        );
    }
}
