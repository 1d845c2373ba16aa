//! Redeeming a one-time code: one call from server to server. The grant is an extension
//! grant of OAuth (RFC 6749, section 4.5) at the token endpoint every OpenID provider
//! has, with the client authentication every OAuth client has.

use openidconnect::http::{Request, Response, StatusCode, header};
use openidconnect::{AccessToken, HttpRequest};
use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::demo::provider::{IdToken, Provider, Trouble, Vouched, chain};
use crate::demo::receipt::basic;

const GRANT: &str = "urn:usher:params:oauth:grant-type:launch-code";

/// The members of the token answer that the desk reads. Launch, target and context are also beside
/// the id_token; the desk takes them from inside it, where they are signed.
#[derive(Deserialize)]
struct Tokens {
    access_token: AccessToken,
    id_token: IdToken,
}

/// RFC 6749, section 5.2.
#[derive(Deserialize)]
struct Refused {
    error: String,
}

/// Redeems the code and verifies its user and launch.
pub async fn redeem(provider: &Provider, code: &str) -> Result<Vouched, Trouble> {
    let metadata = provider.metadata().await?;
    let endpoint = metadata
        .token_endpoint()
        .ok_or_else(|| Trouble::Down("the provider names no token endpoint".to_owned()))?;
    let request = request(provider, endpoint.as_str(), code)?;
    let answer = provider
        .net
        .send(request)
        .await
        .map_err(|error| Trouble::Down(chain(&error)))?;
    let tokens = tokens(&answer)?;
    provider
        .verify(&tokens.id_token, &tokens.access_token, None)
        .await
}

fn request(provider: &Provider, endpoint: &str, code: &str) -> Result<HttpRequest, Trouble> {
    let form = Serializer::new(String::new())
        .append_pair("grant_type", GRANT)
        .append_pair("code", code)
        .finish();
    Request::post(endpoint)
        .header(header::AUTHORIZATION, basic(provider))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ACCEPT, "application/json")
        .body(form.into_bytes())
        .map_err(|error| Trouble::Down(chain(&error)))
}

fn tokens(answer: &Response<Vec<u8>>) -> Result<Tokens, Trouble> {
    if answer.status() == StatusCode::OK {
        return serde_json::from_slice(answer.body())
            .map_err(|error| Trouble::Unverified(chain(&error)));
    }
    match serde_json::from_slice::<Refused>(answer.body()) {
        Ok(refused) if answer.status().is_client_error() => Err(Trouble::Refused(refused.error)),
        _ => Err(Trouble::Down(format!(
            "the token endpoint answered {}",
            answer.status()
        ))),
    }
}
