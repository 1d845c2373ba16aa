//! The authorization endpoint (OpenID Connect Core 1.0 section 3.1.2): small checks in order,
//! decided by (request, visitor) alone, so that a request that waited for a sign-in passes the
//! same ones again.

use std::{borrow::Cow, time::Duration};

use super::{EndpointFault, Issuer, asked::read, may_enter, pushed, refusal};
use crate::{
    catalog::{Snapshot, client_demand, locate::RuleInput},
    clock::Time,
    error::{Error, Result},
    handoff::Landing,
    id::{Artefact, AuthorizationId, Bearer, BearerHash},
    model::{
        assurance::{AssuranceOccasion, Demand, demanded},
        attempt::After,
        client::Client,
        session::{SignedIn, Visitor},
    },
    protocol::{
        jose,
        oauth::{AuthorizationRequest, OAuthError, Params, ResponseMode, ResponseType},
    },
    store::Tx,
};

/// What the browser does next.
#[derive(Debug)]
pub enum BrowserReply {
    /// Back to the client, with a code or an error.
    Back(AuthorizationReply),
    /// Likewise, to a client that no admin vouches for, and with what no user has agreed to: the
    /// browser goes there only when its user says so.
    Unvouched(AuthorizationReply),
    SignIn {
        after: After,
        hint: Option<String>,
        /// Whatever sessions there are, here and upstream: a proof of just now.
        fresh: bool,
    },
    /// The signed-in user must prove more first.
    Confirm(After, Demand),
    /// The signed-in user is asked whether the client may have what it asks for.
    Consent(AuthorizationId),
}

/// A response on its way to the client.
#[derive(Debug)]
pub struct AuthorizationReply {
    pub landing: Landing,
    /// The client's title, for the page that posts.
    pub client: String,
}

/// A request waits this long for its person to sign in.
const REQUEST_LIFE: Duration = Duration::from_secs(1800);

/// Where in its life a request is.
pub(super) enum RequestOrigin {
    New,
    /// Pushed by its client; its name is used up by the answer.
    Pushed(BearerHash),
    Waited {
        id: AuthorizationId,
        fresh_since: Option<Time>,
        /// The person has just said yes to what the client asks for.
        agreed: bool,
    },
}

impl Issuer {
    /// A client's request, as query or form.
    pub async fn authorize(&self, params: &Params, visitor: &Visitor) -> Result<BrowserReply> {
        let snapshot = self.catalog.snapshot();
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
            return self
                .decide(request, RequestOrigin::Pushed(uri), visitor)
                .await;
        }
        let (params, opened) = match self.opened(client, params).await {
            Ok(inside) => (inside, Ok(())),
            // Nothing that it says inside counts.
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
            Ok(request) => self.decide(request, RequestOrigin::New, visitor).await,
            Err(error) => {
                let mode = ResponseMode::of_broken(&params);
                self.error_back(client, redirect_uri, mode, params.one("state"), &error)
            }
        }
    }

    /// A request that waited for its person.
    pub async fn resume(&self, id: &AuthorizationId, visitor: &Visitor) -> Result<BrowserReply> {
        let (request, fresh_since) = self.waiting(id, visitor).await?;
        let origin = RequestOrigin::Waited {
            id: id.clone(),
            fresh_since,
            agreed: false,
        };
        self.decide(request, origin, visitor).await
    }

    /// A request that was read and judged before, in another browser or long ago.
    pub(super) async fn authorize_anew(
        &self,
        request: AuthorizationRequest,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        self.decide(request, RequestOrigin::New, visitor).await
    }

    pub(super) async fn waiting(
        &self,
        id: &AuthorizationId,
        visitor: &Visitor,
    ) -> Result<(AuthorizationRequest, Option<Time>)> {
        let now = self.clock.now();
        let kept = self.store.authorization(id, &visitor.browser, now).await?;
        kept.ok_or(Error::AttemptExpired)
    }

    pub(super) async fn decide(
        &self,
        request: AuthorizationRequest,
        origin: RequestOrigin,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        let snapshot = self.catalog.snapshot();
        let client = client_of(&snapshot, &request)?;
        let fresh_since = self.since(&request, &origin);
        let fresh =
            |who: &&SignedIn| fresh_since.is_none_or(|since| who.session.proved_since(since));
        let Some(who) = visitor.signed_in.as_ref().filter(fresh) else {
            return self
                .sign_in_first(client, request, origin, fresh_since, visitor)
                .await;
        };
        let outcome = if !self.hint_fits(&snapshot, &request, who) {
            Err(OAuthError::new(
                "login_required",
                "id_token_hint is of another person",
            ))
        } else if !self.subject_fits(client, &request, who) {
            Err(OAuthError::new(
                "login_required",
                "claims asks for another person",
            ))
        } else if !may_enter(&snapshot, client, &who.user) {
            Err(OAuthError::new(
                "access_denied",
                "this person may not use this application",
            ))
        } else {
            Ok(())
        };
        let demand = self.demand(&snapshot, client, &request, who);
        if outcome.is_ok() && !demand.met_by(&who.session, self.clock.now()) {
            return self
                .confirm_first(client, request, origin, demand, visitor)
                .await;
        }
        if let Err(error) = outcome {
            return self.refuse(client, &request, &origin, &error).await;
        }
        if self.must_ask(client, &request, &origin, who).await? {
            return self.ask_consent(client, request, origin, visitor).await;
        }
        match request.kind {
            ResponseType::Code => self.issue_code(client, &request, origin, who).await,
            ResponseType::IdToken => self.issue_id_token(client, &request, origin, who).await,
        }
    }

    /// What was decided when the request came stands.
    pub(super) fn since(
        &self,
        request: &AuthorizationRequest,
        origin: &RequestOrigin,
    ) -> Option<Time> {
        match origin {
            RequestOrigin::New | RequestOrigin::Pushed(_) => self.fresh_since(request),
            RequestOrigin::Waited { fresh_since, .. } => *fresh_since,
        }
    }

    /// The time after which the person must have proved themselves (`prompt=login`, `max_age`).
    fn fresh_since(&self, request: &AuthorizationRequest) -> Option<Time> {
        let now = self.clock.now();
        if request.prompts("login") || request.prompts("select_account") {
            return Some(now + Duration::from_millis(1));
        }
        request.max_age.map(|age| match age {
            0 => now + Duration::from_millis(1),
            age => now - Duration::from_secs(age),
        })
    }

    async fn sign_in_first(
        &self,
        client: &Client,
        request: AuthorizationRequest,
        origin: RequestOrigin,
        fresh_since: Option<Time>,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        if request.prompts("none") {
            let error = OAuthError::new("login_required", "nobody is signed in");
            return self.refuse(client, &request, &origin, &error).await;
        }
        let handle = |hint: &str| Bearer::parse(Artefact::LaunchHandle, hint).is_some();
        let hint = request.login_hint.clone().filter(|hint| !handle(hint));
        Ok(BrowserReply::SignIn {
            after: After::Authorize(self.wait(&request, origin, fresh_since, visitor).await?),
            hint,
            fresh: fresh_since.is_some(),
        })
    }

    /// How sure we must be for this client: by the rules of the services it belongs to, so that no
    /// application is entered by its own sign-in where a launch would have asked for more; and by
    /// the client's own word (`acr_values`).
    fn demand(
        &self,
        snapshot: &Snapshot,
        client: &Client,
        request: &AuthorizationRequest,
        who: &SignedIn,
    ) -> Demand {
        let by_service = client_demand(snapshot, &client.id, &who.user);
        let by_rule = by_service.unwrap_or_else(|| {
            let facts = RuleInput {
                user: &who.user,
                context: None,
            };
            demanded(&snapshot.assurance, &facts, AssuranceOccasion::SignIn)
        });
        by_rule.and(Demand {
            second_factor: request.second_factor,
            max_age: None,
        })
    }

    async fn confirm_first(
        &self,
        client: &Client,
        request: AuthorizationRequest,
        origin: RequestOrigin,
        demand: Demand,
        visitor: &Visitor,
    ) -> Result<BrowserReply> {
        if request.prompts("none") {
            let error = OAuthError::new("interaction_required", "the person must prove more");
            return self.refuse(client, &request, &origin, &error).await;
        }
        let fresh_since = self.since(&request, &origin);
        let id = self.wait(&request, origin, fresh_since, visitor).await?;
        Ok(BrowserReply::Confirm(After::Authorize(id), demand))
    }

    /// Keeps a request until its person is ready for it.
    pub(super) async fn wait(
        &self,
        request: &AuthorizationRequest,
        origin: RequestOrigin,
        fresh_since: Option<Time>,
        visitor: &Visitor,
    ) -> Result<AuthorizationId> {
        if let RequestOrigin::Waited { id, .. } = origin {
            return Ok(id);
        }
        let now = self.clock.now();
        let write = visitor.write(now)?;
        let id = AuthorizationId::new(now, &self.chance);
        let mut tx = self.store.begin().await?;
        used_up(&mut tx, &origin, now).await?;
        tx.insert_authorization(
            &write,
            &id,
            &visitor.browser,
            request,
            fresh_since,
            now + REQUEST_LIFE,
        )
        .await?;
        tx.commit().await?;
        Ok(id)
    }

    fn hint_fits(
        &self,
        snapshot: &Snapshot,
        request: &AuthorizationRequest,
        who: &SignedIn,
    ) -> bool {
        let Some(hint) = &request.id_token_hint else {
            return true;
        };
        self.subject_of(hint).is_some_and(|(subject, hinted)| {
            let client = snapshot.client(&hinted.client);
            client.is_some_and(|client| subject == self.keys.subject(client, &who.user.id))
        })
    }

    /// Core 5.5.1: an answer about another user is none.
    fn subject_fits(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        who: &SignedIn,
    ) -> bool {
        let asked = request.claims.subject.as_ref();
        asked.is_none_or(|asked| *asked == self.keys.subject(client, &who.user.id))
    }

    /// Subject and session of an id_token of ours, expired or not (Core 3.1.2.1).
    pub(super) fn subject_of(&self, id_token: &str) -> Option<(String, Hinted)> {
        #[derive(serde::Deserialize)]
        struct HintClaims {
            iss: String,
            sub: String,
            aud: String,
            sid: Option<String>,
        }
        let token = jose::verify(
            id_token,
            &self.keys.jwks(),
            &jose::Algorithm::ALL,
            &jose::kind::ID_TOKEN,
        )
        .ok()?;
        let claims: HintClaims = token.claims().ok()?;
        (claims.iss == *self.issuer).then_some((
            claims.sub,
            Hinted {
                client: claims.aud,
                session: claims.sid,
            },
        ))
    }
}

/// Uses up what a request came by, in the transaction that keeps its answer: of two browsers with
/// one request, one is answered.
pub(super) async fn used_up(tx: &mut Tx, origin: &RequestOrigin, now: Time) -> Result<()> {
    match origin {
        RequestOrigin::New => Ok(()),
        RequestOrigin::Pushed(uri) if tx.take_pushed_request(uri, now).await? => Ok(()),
        RequestOrigin::Pushed(_) => Err(pushed::gone()),
        RequestOrigin::Waited { id, .. } if tx.take_authorization(id, now).await? => Ok(()),
        RequestOrigin::Waited { .. } => Err(Error::AttemptExpired),
    }
}

/// The client of a request that may have waited: still there, and still to be answered where it
/// wanted (THREATS: disabled principal, redirect_uri bypass).
pub(super) fn client_of<'a>(
    snapshot: &'a Snapshot,
    request: &AuthorizationRequest,
) -> Result<&'a Client> {
    let client = snapshot
        .client(&request.client)
        .ok_or(Error::UnknownClient)?;
    match client.redirect_uris.contains(&request.redirect_uri) {
        true => Ok(client),
        false => Err(Error::UnknownAddress),
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
