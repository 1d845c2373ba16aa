//! The authorization endpoint (OpenID Connect Core 1.0 section 3.1.2): small checks in order,
//! decided by (request, visitor) alone, so that a request that waited for a sign-in passes the
//! same ones again.

use std::time::Duration;

use url::Url;

use super::{Fault, Provider, may_enter};
use crate::{
    catalog::{Snapshot, locate::Asked},
    clock::Time,
    error::{Error, Result},
    handoff::Landing,
    id::{Artefact, AuthorizationId, Bearer, BearerHash, GrantId},
    model::{
        assurance::{Demand, Occasion, demanded},
        attempt::After,
        client::{Client, GrantType},
        grant::Grant,
        session::{SignedIn, Visitor},
    },
    protocol::{
        jose,
        oauth::{AuthorizationRequest, OAuthError, OFFLINE, Params, ResponseMode},
    },
};

/// What the browser does next.
#[derive(Debug)]
pub enum Reply {
    /// Back to the client, with a code or an error.
    Back(Arrival),
    SignIn {
        after: After,
        hint: Option<String>,
        /// Whatever sessions there are, here and upstream: a proof of just now.
        fresh: bool,
    },
    /// Whoever is signed in must prove more first.
    Confirm(After, Demand),
}

/// A response on its way to the client.
#[derive(Debug)]
pub struct Arrival {
    pub landing: Landing,
    /// The client's title, for the page that posts.
    pub client: String,
}

/// An authorization code is redeemed within this time (RFC 6749 section 4.1.2: at most ten
/// minutes; ours is a redirect away).
const CODE_LIFE: Duration = Duration::from_secs(60);
/// A request waits this long for its person to sign in.
const REQUEST_LIFE: Duration = Duration::from_secs(1800);

/// Where in its life a request is.
enum Origin {
    New,
    Waited {
        id: AuthorizationId,
        fresh_since: Option<Time>,
    },
}

impl Provider {
    /// A client's request, as query or form.
    pub async fn authorize(&self, params: &Params, visitor: &Visitor) -> Result<Reply> {
        let snapshot = self.catalog.snapshot();
        let client = params.one("client_id").and_then(|id| snapshot.client(id));
        let client = client.ok_or(Error::UnknownClient)?;
        if let Some(request) = self.pushed(client, params).await? {
            return self.decide(request, Origin::New, visitor).await;
        }
        let redirect_uri = params.one("redirect_uri").unwrap_or_default();
        // Character by character, no pattern (RFC 9700 section 2.1; THREATS: redirect_uri bypass).
        if !client
            .redirect_uris
            .iter()
            .any(|known| known == redirect_uri)
        {
            return Err(Error::UnknownAddress);
        }
        let parsed = AuthorizationRequest::parse(
            params,
            &client.id,
            redirect_uri,
            &client.registration.scopes,
        )
        .and_then(|request| within_registration(client, request))
        .and_then(|request| {
            match client.registration.require_pushed_authorization_requests {
                true => Err(OAuthError::request(
                    "this client must push its requests (RFC 9126)",
                )),
                false => Ok(request),
            }
        });
        match parsed {
            Ok(request) => self.decide(request, Origin::New, visitor).await,
            Err(error) => {
                let mode = match params.one("response_mode") {
                    Some("form_post") => ResponseMode::FormPost,
                    _ => ResponseMode::Query,
                };
                self.error_back(client, redirect_uri, mode, params.one("state"), &error)
            }
        }
    }

    /// A request that waited for its person.
    pub async fn resume(&self, id: &AuthorizationId, visitor: &Visitor) -> Result<Reply> {
        let kept = self
            .store
            .authorization(id, &visitor.browser, self.clock.now())
            .await?;
        let (request, fresh_since) = kept.ok_or(Error::AttemptExpired)?;
        self.decide(
            request,
            Origin::Waited {
                id: id.clone(),
                fresh_since,
            },
            visitor,
        )
        .await
    }

    async fn decide(
        &self,
        request: AuthorizationRequest,
        origin: Origin,
        visitor: &Visitor,
    ) -> Result<Reply> {
        let snapshot = self.catalog.snapshot();
        let client = snapshot
            .client(&request.client)
            .ok_or(Error::UnknownClient)?;
        let fresh_since = match &origin {
            Origin::New => self.fresh_since(&request),
            Origin::Waited { fresh_since, .. } => *fresh_since,
        };
        let fresh =
            |who: &&SignedIn| fresh_since.is_none_or(|since| who.session.authenticated_at >= since);
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
        match outcome {
            Ok(()) => self.issue_code(client, &request, origin, who).await,
            Err(error) => self.refuse(client, &request, &error),
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
        origin: Origin,
        fresh_since: Option<Time>,
        visitor: &Visitor,
    ) -> Result<Reply> {
        if request.prompts("none") {
            let error = OAuthError::new("login_required", "nobody is signed in");
            return self.refuse(client, &request, &error);
        }
        let handle = |hint: &str| Bearer::parse(Artefact::LaunchHandle, hint).is_some();
        let hint = request.login_hint.clone().filter(|hint| !handle(hint));
        Ok(Reply::SignIn {
            after: self.wait(&request, origin, fresh_since, visitor).await?,
            hint,
            fresh: fresh_since.is_some(),
        })
    }

    /// How sure we must be for this client: by the rules of the service it belongs to, so that no
    /// application is entered by its own sign-in where a launch would have asked for more; and by
    /// the client's own word (`acr_values`).
    fn demand(
        &self,
        snapshot: &Snapshot,
        client: &Client,
        request: &AuthorizationRequest,
        who: &SignedIn,
    ) -> Demand {
        let occasion = match snapshot.home(&client.id) {
            Some((service, _)) => Occasion::Entry {
                service: &service.slug,
            },
            None => Occasion::SignIn,
        };
        let facts = Asked {
            user: &who.user,
            context: None,
        };
        demanded(&snapshot.assurance, &facts, occasion).and(Demand {
            second_factor: request.second_factor,
            max_age: None,
        })
    }

    async fn confirm_first(
        &self,
        client: &Client,
        request: AuthorizationRequest,
        origin: Origin,
        demand: Demand,
        visitor: &Visitor,
    ) -> Result<Reply> {
        if request.prompts("none") {
            let error = OAuthError::new("interaction_required", "the person must prove more");
            return self.refuse(client, &request, &error);
        }
        let fresh_since = match &origin {
            Origin::New => self.fresh_since(&request),
            Origin::Waited { fresh_since, .. } => *fresh_since,
        };
        let after = self.wait(&request, origin, fresh_since, visitor).await?;
        Ok(Reply::Confirm(after, demand))
    }

    /// Keeps a request until its person is ready for it.
    async fn wait(
        &self,
        request: &AuthorizationRequest,
        origin: Origin,
        fresh_since: Option<Time>,
        visitor: &Visitor,
    ) -> Result<After> {
        if let Origin::Waited { id, .. } = origin {
            return Ok(After::Authorize(id));
        }
        let now = self.clock.now();
        let id = AuthorizationId::new(now, &self.chance);
        let mut tx = self.store.begin().await?;
        tx.insert_authorization(
            &id,
            &visitor.browser,
            request,
            fresh_since,
            now + REQUEST_LIFE,
        )
        .await?;
        tx.commit().await?;
        Ok(After::Authorize(id))
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

    /// Subject and session of an id_token of ours, expired or not (Core 3.1.2.1).
    pub(super) fn subject_of(&self, id_token: &str) -> Option<(String, Hinted)> {
        #[derive(serde::Deserialize)]
        struct Claims {
            iss: String,
            sub: String,
            aud: String,
            sid: Option<String>,
        }
        let token = jose::verify(id_token, &self.keys.jwks(), &jose::Algorithm::ALL).ok()?;
        let claims: Claims = token.claims().ok()?;
        // Other tokens of ours are typed otherwise, and are no hints (RFC 8725 section 3.11).
        (token.header.is_typed("JWT") && claims.iss == *self.issuer).then_some((
            claims.sub,
            Hinted {
                client: claims.aud,
                session: claims.sid,
            },
        ))
    }

    /// The code, bound to client, session and — if the hint is its handle — launch, in one
    /// transaction.
    async fn issue_code(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        origin: Origin,
        who: &SignedIn,
    ) -> Result<Reply> {
        let now = self.clock.now();
        let code = Bearer::mint(Artefact::AuthorizationCode, &self.chance);
        let grant = Grant {
            id: GrantId::new(now, &self.chance),
            code: code.hash(),
            client: client.id.clone(),
            user: who.user.id.clone(),
            session: who.session.id.clone(),
            launch: None,
            redirect_uri: Some(request.redirect_uri.clone()),
            scope: request.scope.clone(),
            resources: request.resources.clone(),
            nonce: request.nonce.clone(),
            challenge: Some(request.challenge.clone()),
            issued_at: now,
            expires_at: now + CODE_LIFE,
        };
        let hint = request.login_hint.as_deref();
        let handle = hint.and_then(|hint| Bearer::parse(Artefact::LaunchHandle, hint));
        self.keep(&grant, handle.map(|handle| handle.hash()), origin)
            .await?;
        let fields = vec![("code", code.as_str().to_owned())];
        self.back(
            client,
            &request.redirect_uri,
            request.mode,
            request.state.as_deref(),
            fields,
        )
    }

    async fn keep(&self, grant: &Grant, handle: Option<BearerHash>, origin: Origin) -> Result<()> {
        let Origin::Waited { id, .. } = origin else {
            return self.store.insert_grant(grant, handle.as_ref()).await;
        };
        let mut tx = self.store.begin().await?;
        if !tx.take_authorization(&id, grant.issued_at).await? {
            return Err(Error::AttemptExpired);
        }
        if !tx.insert_grant(grant, handle.as_ref()).await? {
            tx.insert_grant(grant, None).await?;
        }
        tx.commit().await
    }

    fn refuse(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        error: &OAuthError,
    ) -> Result<Reply> {
        let state = request.state.as_deref();
        self.error_back(client, &request.redirect_uri, request.mode, state, error)
    }

    fn error_back(
        &self,
        client: &Client,
        redirect_uri: &str,
        mode: ResponseMode,
        state: Option<&str>,
        error: &OAuthError,
    ) -> Result<Reply> {
        let fields = vec![
            ("error", error.code.to_owned()),
            ("error_description", error.description.clone()),
        ];
        self.back(client, redirect_uri, mode, state, fields)
    }

    /// Every response names its issuer (RFC 9207 section 2).
    fn back(
        &self,
        client: &Client,
        redirect_uri: &str,
        mode: ResponseMode,
        state: Option<&str>,
        mut fields: Vec<(&'static str, String)>,
    ) -> Result<Reply> {
        fields.extend(state.map(|state| ("state", state.to_owned())));
        fields.push(("iss", self.issuer.to_string()));
        let mut url = Url::parse(redirect_uri).map_err(|_| Error::UnknownAddress)?;
        let landing = match mode {
            ResponseMode::FormPost => Landing::post(url, fields),
            ResponseMode::Query => {
                url.query_pairs_mut().extend_pairs(&fields);
                Landing::Redirect(url)
            }
        };
        Ok(Reply::Back(Arrival {
            landing,
            client: client.title.clone(),
        }))
    }
}

/// Nothing beyond what the client registered: a refresh token it would get is not promised, a
/// resource it may not reach is refused (RFC 8707 section 2).
pub(super) fn within_registration(
    client: &Client,
    mut request: AuthorizationRequest,
) -> Result<AuthorizationRequest, OAuthError> {
    let known = &client.registration.resources;
    if request.resources.iter().any(|one| !known.contains(one)) {
        return Err(OAuthError::target(
            "a resource is not registered for this client",
        ));
    }
    if !client.may(GrantType::RefreshToken) {
        let scope = request.scope.split(' ').filter(|one| *one != OFFLINE);
        request.scope = scope.collect::<Vec<_>>().join(" ");
    }
    Ok(request)
}

/// What an id_token_hint names besides its subject.
pub(super) struct Hinted {
    pub client: String,
    pub session: Option<String>,
}

impl From<Fault> for Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Own(error) => error,
            Fault::OAuth(error) => Error::Invalid(error.description),
        }
    }
}
