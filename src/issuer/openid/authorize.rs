//! The authorization endpoint (OpenID Connect Core 1.0 section 3.1.2): reads the client's request
//! and checks it against the registration; what a decision needs to know of it.

use std::{borrow::Cow, time::Duration};

use super::{
    super::{
        EndpointFault, Issuer,
        decide::{AppRequest, Denial},
        may_enter,
        pending::{Arrival, Pending},
        refusal,
    },
    OpenId,
    answer::CodeAnswer,
    asked::read,
    consent,
};
use crate::{
    catalog::{Snapshot, client_demand, locate::RuleInput},
    clock::Time,
    error::{Error, Result},
    id::{Artefact, Bearer},
    model::{
        assurance::{AssuranceOccasion, Demand, demanded},
        client::Client,
        next::{Leaving, Next},
        session::{SignedIn, Visitor},
    },
    protocol::{
        jose,
        oauth::{AuthorizationRequest, OAuthError, Params, ResponseMode},
    },
    store::Tx,
};

impl OpenId<'_> {
    /// A client's request, as query or form.
    pub async fn authorize(self, params: &Params, visitor: &Visitor) -> Result<Next> {
        let snapshot = self.0.catalog.snapshot();
        let client = params.one("client_id").and_then(|id| snapshot.client(id));
        let client = client.ok_or_else(|| {
            let named = refusal::shown(params.one("client_id"));
            tracing::warn!(
                client = named,
                "an authorization request of an unknown client"
            );
            Error::UnknownClient
        })?;
        if let Some((uri, request)) = self.pushed(client, params).await? {
            let pending = Pending::new(request, Arrival::Pushed(uri), self.0.clock.now());
            return self.0.decide(pending, visitor).await;
        }
        let (params, opened) = match self.opened(client, params).await {
            Ok(inside) => (inside, Ok(())),
            // Nothing inside the object is used.
            Err(EndpointFault::OAuth(error)) => (Cow::Borrowed(params), Err(error)),
            Err(EndpointFault::Own(error)) => return Err(error),
        };
        let redirect_uri = params.one("redirect_uri").unwrap_or_default();
        // Character by character, no pattern (RFC 9700 section 2.1; THREATS: redirect_uri bypass).
        if !client
            .redirect_uris
            .iter()
            .any(|known| known == redirect_uri)
        {
            let address = refusal::shown_address(redirect_uri);
            tracing::warn!(client = %client.id, address, "a redirect_uri is not registered");
            return Err(Error::UnknownAddress);
        }
        let parsed = opened.and_then(|()| {
            if client.registration.require_pushed_authorization_requests {
                return Err(OAuthError::request(
                    "this client must push its requests (RFC 9126)",
                ));
            }
            read(&snapshot, client, &params)
        });
        match parsed {
            Ok(request) => {
                let pending = Pending::new(request, Arrival::New, self.0.clock.now());
                self.0.decide(pending, visitor).await
            }
            Err(error) => {
                let mode = ResponseMode::of_broken(&params);
                self.error_back(client, redirect_uri, mode, params.one("state"), &error)
                    .map(Next::Leave)
            }
        }
    }

    pub(super) fn hint_fits(
        self,
        snapshot: &Snapshot,
        request: &AuthorizationRequest,
        who: &SignedIn,
    ) -> bool {
        let Some(hint) = &request.id_token_hint else {
            return true;
        };
        self.subject_of(hint).is_some_and(|(subject, hinted)| {
            let client = snapshot.client(&hinted.client);
            client.is_some_and(|client| subject == self.0.keys.subject(client, &who.user.id))
        })
    }

    /// Core 5.5.1: the answer must be about the requested user.
    pub(super) fn subject_fits(
        self,
        client: &Client,
        request: &AuthorizationRequest,
        who: &SignedIn,
    ) -> bool {
        let asked = request.claims.subject.as_ref();
        asked.is_none_or(|asked| *asked == self.0.keys.subject(client, &who.user.id))
    }

    /// Subject and session of an id_token of ours, expired or not (Core 3.1.2.1).
    pub(super) fn subject_of(self, id_token: &str) -> Option<(String, Hinted)> {
        #[derive(serde::Deserialize)]
        struct HintClaims {
            iss: String,
            sub: String,
            aud: String,
            sid: Option<String>,
        }
        let token = jose::verify(
            id_token,
            &self.0.keys.jwks(),
            &jose::Algorithm::ALL,
            &jose::kind::ID_TOKEN,
        )
        .ok()?;
        let claims: HintClaims = token.claims().ok()?;
        (claims.iss == *self.0.issuer).then_some((
            claims.sub,
            Hinted {
                client: claims.aud,
                session: claims.sid,
            },
        ))
    }
}

impl AppRequest for AuthorizationRequest {
    const NAME: &'static str = "oidc";
    type Party<'a> = &'a Client;
    type Answer = CodeAnswer;

    /// The client still exists, and its redirect_uri is still registered (THREATS: disabled
    /// principal, redirect_uri bypass).
    fn party<'a>(&self, _: &Issuer, snapshot: &'a Snapshot) -> Result<&'a Client> {
        let client = snapshot.client(&self.client).ok_or(Error::UnknownClient)?;
        match client.redirect_uris.contains(&self.redirect_uri) {
            true => Ok(client),
            false => Err(Error::UnknownAddress),
        }
    }

    /// `prompt=login`, `max_age`.
    fn fresh_since(&self, asked_at: Time) -> Option<Time> {
        let just_now = asked_at + Duration::from_millis(1);
        if self.prompts("login") || self.prompts("select_account") {
            return Some(just_now);
        }
        self.max_age.map(|age| match age {
            0 => just_now,
            age => asked_at - Duration::from_secs(age),
        })
    }

    fn is_passive(&self) -> bool {
        self.prompts("none")
    }

    fn login_hint(&self) -> Option<String> {
        let is_handle = |hint: &str| Bearer::parse(Artefact::LaunchHandle, hint).is_some();
        self.login_hint.clone().filter(|hint| !is_handle(hint))
    }

    fn check_access(
        &self,
        issuer: &Issuer,
        snapshot: &Snapshot,
        client: &Self::Party<'_>,
        who: &SignedIn,
    ) -> Result<(), Denial> {
        if !issuer.openid().hint_fits(snapshot, self, who) {
            return Err(Denial::OtherUser("id_token_hint is of another user"));
        }
        if !issuer.openid().subject_fits(client, self, who) {
            return Err(Denial::OtherUser("claims asks for another user"));
        }
        match may_enter(snapshot, client, &who.user) {
            true => Ok(()),
            false => Err(Denial::NoAccess(Error::Forbidden(
                "this user may not use this application",
            ))),
        }
    }

    /// By the rules of the services that the client belongs to, so that an application's own
    /// sign-in does not require less than a launch; and by the client's request (`acr_values`).
    fn demand(&self, snapshot: &Snapshot, client: &Self::Party<'_>, who: &SignedIn) -> Demand {
        let by_service = client_demand(snapshot, &client.id, &who.user);
        let by_rule = by_service.unwrap_or_else(|| {
            let facts = RuleInput {
                user: &who.user,
                context: None,
            };
            demanded(&snapshot.assurance, &facts, AssuranceOccasion::SignIn)
        });
        by_rule.and(Demand {
            second_factor: self.second_factor,
            max_age: None,
        })
    }

    async fn must_consent(
        &self,
        issuer: &Issuer,
        client: &Self::Party<'_>,
        who: &SignedIn,
    ) -> Result<bool> {
        consent::must_ask(issuer, self, client, who).await
    }

    async fn prepare(
        &self,
        issuer: &Issuer,
        _: &Snapshot,
        _: &Self::Party<'_>,
        _: Time,
        who: &SignedIn,
    ) -> Result<Result<CodeAnswer, Denial>> {
        Ok(Ok(issuer.openid().code_answer(self, who)))
    }

    async fn keep(
        &self,
        issuer: &Issuer,
        tx: &mut Tx,
        client: &Self::Party<'_>,
        answer: CodeAnswer,
    ) -> Result<Leaving> {
        issuer.openid().keep_code(tx, client, self, &answer).await
    }

    async fn keep_alone(
        &self,
        issuer: &Issuer,
        client: &Self::Party<'_>,
        answer: CodeAnswer,
    ) -> Result<Leaving> {
        issuer.openid().keep_code_alone(client, self, &answer).await
    }

    async fn refuse(
        &self,
        issuer: &Issuer,
        client: &Self::Party<'_>,
        denial: Denial,
    ) -> Result<Leaving> {
        issuer.openid().refusal(client, self, &oauth_error(denial))
    }

    /// A `login_hint` is the name of a user, or the handle of a launch of theirs.
    fn without_user(self) -> Self {
        Self {
            login_hint: None,
            ..self
        }
    }
}

/// OpenID Connect Core 1.0 section 3.1.2.6.
fn oauth_error(denial: Denial) -> OAuthError {
    match denial {
        Denial::NotSignedIn => OAuthError::new("login_required", "no user is signed in"),
        Denial::OtherUser(why) => OAuthError::new("login_required", why),
        Denial::MoreProof => OAuthError::new("interaction_required", "the user must prove more"),
        Denial::NoConsent => OAuthError::new("consent_required", "the user has not consented yet"),
        Denial::NoAccess(_) => {
            OAuthError::new("access_denied", "this user may not use this application")
        }
        Denial::NoContext | Denial::NoName => {
            OAuthError::request("what the request asks for cannot be given")
        }
    }
}

/// What an id_token_hint names besides its subject.
pub(super) struct Hinted {
    pub client: String,
    pub session: Option<String>,
}

impl From<EndpointFault> for Error {
    fn from(fault: EndpointFault) -> Self {
        match fault {
            EndpointFault::Own(error) => error,
            EndpointFault::OAuth(error) => Error::Invalid(error.description),
        }
    }
}
