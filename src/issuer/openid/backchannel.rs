//! OpenID Connect Back-Channel Logout 1.0: a signed logout token, posted to the client.

use serde::Serialize;
use serde_json::json;
use url::Url;

use super::super::{Issuer, logout_delivery::DeliveryResult};
use crate::{
    id::lasting_id,
    kind::BoxFuture,
    model::{client::Client, notice::LogoutDelivery},
    net::Request,
};

/// Lifetime of a logout token, in seconds (section 2.4 recommends two minutes at most).
const LIFE: i64 = 120;
/// Section 2.4: the one member of `events`.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A logout token's claims (section 2.4). Never a nonce, so that it cannot be used as an id_token.
#[derive(Serialize)]
struct IssuedLogoutToken<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    sid: &'a str,
    events: serde_json::Value,
}

/// Notifies the client. A disabled one is notified, too: it has a session to end.
pub(super) fn deliver<'a>(
    provider: &'a Issuer,
    notice: &'a LogoutDelivery,
) -> BoxFuture<'a, DeliveryResult> {
    Box::pin(notify(provider, notice))
}

async fn notify(provider: &Issuer, notice: &LogoutDelivery) -> DeliveryResult {
    let snapshot = provider.catalog.snapshot();
    let Some(client) = snapshot.registered(&notice.at.party) else {
        return DeliveryResult::Impossible;
    };
    let registration = &client.registration;
    let address = match (
        &registration.backchannel_logout_uri,
        &registration.frontchannel_logout_uri,
    ) {
        (Some(address), _) => address,
        (None, Some(_)) => return DeliveryResult::Browser,
        (None, None) => return DeliveryResult::Impossible,
    };
    let Ok(url) = Url::parse(address) else {
        return DeliveryResult::Failed("backchannel_logout_uri is no address".to_owned());
    };
    let token = match logout_token(provider, client, notice) {
        Ok(token) => token,
        Err(error) => return DeliveryResult::Failed(error.to_string()),
    };
    let request = Request::form(&url, [("logout_token", token.as_str())]);
    match provider.net.send(request).await {
        // Section 2.8; some frameworks turn an empty 200 into 204.
        Ok(reply) if matches!(reply.status, 200 | 204) => DeliveryResult::Confirmed,
        Ok(reply) => DeliveryResult::Failed(format!("it answered {}", reply.status)),
        Err(error) => error.into(),
    }
}

fn logout_token(
    provider: &Issuer,
    client: &Client,
    notice: &LogoutDelivery,
) -> crate::error::Result<String> {
    let now = provider.clock.now();
    let claims = IssuedLogoutToken {
        iss: &provider.issuer,
        sub: provider.keys.subject(client, &notice.user),
        aud: &client.id,
        iat: now.secs(),
        exp: now.secs() + LIFE,
        jti: lasting_id(now, &provider.chance),
        sid: notice.at.sid(),
        events: json!({ EVENT: {} }),
    };
    provider
        .keys
        .sign(client.id_token_alg, Some("logout+jwt"), &claims)
}
