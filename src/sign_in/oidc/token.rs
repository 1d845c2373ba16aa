//! The code is exchanged and the id_token judged (OpenID Connect Core 1.0 section 3.1.3.7):
//! openidconnect checks signature, issuer, audience, expiry and nonce with the time that is handed
//! in; what it leaves to its user — `azp`, `nbf`, `at_hash`, the age of the sign-in there — is
//! checked here. Called by `mod.rs` only; nothing of a token is believed before it is through.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use openidconnect::{
    AccessToken, AccessTokenHash, AuthorizationCode, ClaimsVerificationError, ClientId, IssuerUrl,
    Nonce, OAuth2TokenResponse, PkceCodeVerifier, RedirectUrl, RequestTokenError,
    SignatureVerificationError, TokenResponse,
};

use super::{
    Oidc,
    carry::{Away, Courier},
    client,
    discovery::Known,
    form::{Claims, Keys, Token, TokenReply, Verifier},
    request::Remembered,
    strict,
};
use crate::{clock::Time, sign_in::Failure};

/// What a code was good for.
pub struct Tokens {
    pub claims: Claims,
    pub id_token: Token,
    pub access_token: AccessToken,
}

impl Oidc {
    /// Exchanges and judges. Keys that are not known yet are looked for once.
    pub(super) async fn tokens(
        &self,
        known: &mut Arc<Known>,
        code: &str,
        remembered: &Remembered,
        now: Time,
    ) -> Result<Tokens, Failure> {
        let reply = self.exchange(known, code, remembered, now).await?;
        let id_token = reply.id_token().cloned();
        let id_token =
            id_token.ok_or_else(|| Failure::Invalid("there is no id_token".to_owned()))?;
        let access_token = reply.access_token().clone();
        let claims = match self.judge(known, &id_token, remembered, now) {
            Err(Verdict::Key(why)) => {
                let newer = self.discovery.newer_keys(&self.config, known, now).await;
                *known = newer.ok_or(Failure::Invalid(why))?;
                self.judge(known, &id_token, remembered, now)
            }
            outcome => outcome,
        };
        let claims = claims.map_err(|verdict| Failure::Invalid(verdict.words()))?;
        self.check_hash(known, &id_token, &claims, &access_token)
            .map_err(Failure::Invalid)?;
        Ok(Tokens {
            claims,
            id_token,
            access_token,
        })
    }

    async fn exchange(
        &self,
        known: &Known,
        code: &str,
        remembered: &Remembered,
        now: Time,
    ) -> Result<TokenReply, Failure> {
        let down = |why: String| Failure::Down(format!("the token endpoint: {why}"));
        let request = known
            .client
            .exchange_code(AuthorizationCode::new(code.to_owned()))
            .map_err(|error| down(error.to_string()))?;
        let callback = RedirectUrl::new(self.urls.callback());
        let callback = callback.map_err(|error| down(error.to_string()))?;
        let mut request = request
            .set_pkce_verifier(PkceCodeVerifier::new(remembered.verifier.clone()))
            .set_redirect_uri(std::borrow::Cow::Owned(callback));
        for (name, value) in client::assertion(&self.config, &self.chance, now).map_err(down)? {
            request = request.add_extra_param(name, value);
        }
        let courier = Courier(&self.net);
        request
            .request_async(&courier)
            .await
            .map_err(|error| match error {
                RequestTokenError::Request(Away(why)) | RequestTokenError::Other(why) => down(why),
                RequestTokenError::ServerResponse(answer) => {
                    let code = super::answer::plain(answer.error().as_ref());
                    match code.as_str() {
                        "invalid_grant" => Failure::Invalid("the code is refused".to_owned()),
                        _ => down(code),
                    }
                }
                RequestTokenError::Parse(error, _) => {
                    Failure::Invalid(unreadable(&error.inner().to_string()))
                }
            })
    }

    fn judge(
        &self,
        known: &Known,
        token: &Token,
        remembered: &Remembered,
        now: Time,
    ) -> Result<Claims, Verdict> {
        let keys = self.keys_for(known, token);
        let verifier = self.verifier(keys, remembered, now)?;
        let nonce = Nonce::new(remembered.nonce.clone());
        let claims = token.claims(&verifier, &nonce).map_err(Verdict::of)?;
        self.check_parties(claims)
            .and_then(|()| self.check_begin(claims, now))
            .map_err(Verdict::Wrong)?;
        Ok(claims.clone())
    }

    fn keys_for(&self, known: &Known, token: &Token) -> Keys {
        strict::fitting(&token.to_string(), &known.keys, &self.config.algorithms)
    }

    fn verifier<'a>(
        &'a self,
        keys: Keys,
        remembered: &'a Remembered,
        now: Time,
    ) -> Result<Verifier<'a>, Verdict> {
        let config = &self.config;
        let issuer = IssuerUrl::new(config.issuer.clone());
        let issuer = issuer.map_err(|error| Verdict::Wrong(error.to_string()))?;
        let client = ClientId::new(config.client_id.clone());
        // A client secret is never a key to check a signature with, so it is not handed over.
        let verifier = Verifier::new_public_client(client, issuer, keys)
            .set_allowed_algs(config.algorithms.iter().cloned())
            .set_other_audience_verifier_fn(|other| config.other_audiences.contains(other.as_str()))
            .set_time_fn(move || system_time(now - config.clock_skew).into())
            .set_issue_time_verifier_fn(move |issued| {
                let latest = (now + config.clock_skew).secs();
                within(issued.timestamp() <= latest, "issued in the future (iat)")
            })
            .set_auth_time_verifier_fn(move |time| {
                let Some(age) = remembered.max_age else {
                    return Ok(());
                };
                let Some(time) = time else {
                    let why = "it does not say when the person signed in (auth_time)";
                    return within(!remembered.must_tell, why);
                };
                let slack = config.clock_skew + Duration::from_secs(age);
                let earliest = (remembered.began - slack).secs();
                let latest = (now + config.clock_skew).secs();
                let is_good = (earliest..=latest).contains(&time.timestamp());
                within(is_good, "the sign-in there is too old (auth_time)")
            })
            .set_auth_context_verifier_fn(|acr| {
                let asked = acr.is_some_and(|acr| config.acr_values.contains(acr));
                let fits = asked || !config.require_acr;
                within(fits, "not an authentication context that was asked for")
            });
        Ok(verifier)
    }

    /// Core 1.0 section 3.1.3.7, steps 4 and 5: with several audiences the token says who asked
    /// for it, and that is us. (Issuer and audience again, byte by byte: the crate compares, too.)
    fn check_parties(&self, claims: &Claims) -> Result<(), String> {
        let us = &self.config.client_id;
        let party = claims.authorized_party().map(|party| party.as_str());
        if claims.issuer().as_str() != self.config.issuer {
            return Err("the token is of another issuer (iss)".to_owned());
        }
        match (party, claims.audiences().len()) {
            (Some(party), _) if party != us => {
                Err("the token was issued to another client (azp)".to_owned())
            }
            (None, 2..) => Err("the token does not say for whom it is meant (azp)".to_owned()),
            _ => Ok(()),
        }
    }

    /// RFC 7519 section 4.1.5.
    fn check_begin(&self, claims: &Claims, now: Time) -> Result<(), String> {
        let Some(begin) = claims.additional_claims().all.get("nbf") else {
            return Ok(());
        };
        let latest = (now + self.config.clock_skew).secs();
        #[expect(
            clippy::cast_precision_loss,
            reason = "seconds since 1970 fit a float for a while"
        )]
        let is_good = begin.as_f64().is_some_and(|begin| begin <= latest as f64);
        within(is_good, "the token is not valid yet (nbf)")
    }

    /// Core 1.0 section 3.1.3.8: the access token is the one that the id_token came with.
    fn check_hash(
        &self,
        known: &Known,
        token: &Token,
        claims: &Claims,
        access_token: &AccessToken,
    ) -> Result<(), String> {
        let Some(expected) = claims.access_token_hash() else {
            return Ok(());
        };
        let unusable = |error: SignatureVerificationError| error.to_string();
        let client = ClientId::new(self.config.client_id.clone());
        let issuer = claims.issuer().clone();
        let keys = self.keys_for(known, token);
        let verifier = Verifier::new_public_client(client, issuer, keys);
        let key = token.signing_key(&verifier).map_err(unusable)?;
        let algorithm = token.signing_alg().map_err(unusable)?;
        let actual = AccessTokenHash::from_token(access_token, algorithm, key)
            .map_err(|error| error.to_string())?;
        within(actual == *expected, "the access token is another (at_hash)")
    }
}

/// What is wrong with an answer that is not a token response: the name of what is missing, and
/// nothing else of what the reader says, because it quotes (tokens, people).
fn unreadable(said: &str) -> String {
    let rest = said.split_once("missing field `").map(|(_, rest)| rest);
    let name = rest
        .and_then(|rest| rest.split_once('`'))
        .map(|(name, _)| name);
    name.map_or_else(
        || "the token endpoint's answer or its id_token cannot be read".to_owned(),
        |name| format!("the token endpoint's answer or its id_token has no {name}"),
    )
}

/// Why a token does not hold.
enum Verdict {
    /// Perhaps for want of a newer key.
    Key(String),
    Wrong(String),
}

impl Verdict {
    fn words(self) -> String {
        let (Self::Key(words) | Self::Wrong(words)) = self;
        words
    }

    fn of(error: ClaimsVerificationError) -> Self {
        use SignatureVerificationError as Fault;
        let words = super::answer::plain(&format!("the id_token: {error}"));
        match error {
            ClaimsVerificationError::SignatureVerification(
                fault @ (Fault::NoMatchingKey | Fault::AmbiguousKeyId(_) | Fault::CryptoError(_)),
            ) => Self::Key(format!("{words}: {fault}")),
            ClaimsVerificationError::SignatureVerification(fault) => {
                Self::Wrong(format!("{words}: {fault}"))
            }
            _ => Self::Wrong(words),
        }
    }
}

fn within(is_good: bool, why: &str) -> Result<(), String> {
    is_good.then_some(()).ok_or_else(|| why.to_owned())
}

fn system_time(time: Time) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(time.millis()).unwrap_or(0))
}
