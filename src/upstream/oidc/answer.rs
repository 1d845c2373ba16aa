//! The response: the authorization response (RFC 6749 section 4.1.2, RFC 9207) is compared with the
//! stored request before anything in it is used, its errors included.

use super::{OidcProvider, discovery::DiscoveredProvider, request::Remembered};
use crate::{protocol::oauth::Params, upstream::ProviderFailure};

impl OidcProvider {
    /// The code, if the response belongs to the request.
    pub(super) fn code<'a>(
        &self,
        known: &DiscoveredProvider,
        answer: &'a Params,
        remembered: &Remembered,
    ) -> Result<&'a str, ProviderFailure> {
        let invalid = |why: &str| Err(ProviderFailure::InvalidMessage(why.to_owned()));
        if answer.one("state") != Some(&remembered.state) {
            return invalid("the answer is to another request (state)");
        }
        // RFC 9207 section 2.4: simple string comparison, for errors, too (THREATS: mix-up).
        let extra = &known.metadata.additional_metadata().additional_metadata;
        let is_required =
            self.config.is_iss_required || extra.authorization_response_iss_parameter_supported;
        match answer.one("iss") {
            Some(issuer) if issuer != self.config.issuer => {
                return invalid("the answer is of another issuer (iss)");
            }
            None if is_required => return invalid("the answer does not say of whom it is (iss)"),
            _ => {}
        }
        if let Some(error) = answer.one("error") {
            return Err(refusal(error, answer.one("error_description")));
        }
        answer
            .one("code")
            .map_or_else(|| invalid("the answer has neither code nor error"), Ok)
    }
}

/// RFC 6749 section 4.1.2.1, OpenID Connect Core 1.0 section 3.1.2.6.
fn refusal(error: &str, description: Option<&str>) -> ProviderFailure {
    let words = match description {
        Some(description) => format!("{}: {}", plain(error), plain(description)),
        None => plain(error),
    };
    match error {
        "server_error" | "temporarily_unavailable" => ProviderFailure::Down(words),
        _ => ProviderFailure::Denied(words),
    }
}

/// Text from the provider, escaped for one line of a log.
pub fn plain(words: &str) -> String {
    let printable = words.chars().filter(|c| !c.is_control());
    printable.take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_distinguished_from_a_fault_of_the_provider() {
        for no in ["access_denied", "login_required", "consent_required", "x"] {
            assert!(
                matches!(refusal(no, None), ProviderFailure::Denied(_)),
                "{no}"
            );
        }
        for fault in ["server_error", "temporarily_unavailable"] {
            assert!(
                matches!(refusal(fault, None), ProviderFailure::Down(_)),
                "{fault}"
            );
        }
    }

    #[test]
    fn words_of_others_do_not_forge_lines_of_the_log() {
        let long = "x".repeat(5000);
        let failure = refusal("access_denied", Some(&format!("no\r\nERROR forged {long}")));
        let ProviderFailure::Denied(words) = failure else {
            panic!("{failure:?}");
        };
        assert!(
            words.starts_with("access_denied: noERROR forged"),
            "{words}"
        );
        assert!(words.len() < 250);
    }
}
