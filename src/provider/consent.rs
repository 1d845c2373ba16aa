//! Consent (OpenID Connect Core 1.0 section 3.1.2.4): a person is asked before an application that
//! the organisation does not vouch for learns of them. Asked once, and again when it wants more; on
//! the account page it can be taken back, and with it every token given for it.

use super::{
    Provider,
    authorize::{Origin, Reply, client_of},
    claims::scope_of,
};
use crate::{
    error::{Error, Result},
    id::AuthorizationId,
    model::{
        client::{Client, ConsentRule, REGISTERED},
        consent::{Consent, Item},
        event::EventKind,
        session::{SignedIn, Visitor},
    },
    protocol::oauth::{AuthorizationRequest, OAuthError},
};

/// What is put to the person.
pub struct Question {
    /// The client's title.
    pub client: String,
    /// Where the answer goes, of a client that nobody but itself has named.
    pub stranger: Option<String>,
    /// Everything it asks for.
    pub items: Vec<Item>,
    /// Of these, what was allowed before.
    pub known: Vec<Item>,
}

impl Provider {
    /// Whether the person must be asked first.
    pub(super) async fn must_ask(
        &self,
        client: &Client,
        request: &AuthorizationRequest,
        origin: &Origin,
        who: &SignedIn,
    ) -> Result<bool> {
        if matches!(origin, Origin::Waited { agreed: true, .. }) {
            return Ok(false);
        }
        if request.prompts("consent") {
            return Ok(true);
        }
        if client.registration.consent == ConsentRule::Trusted {
            return Ok(false);
        }
        let given = self.store.consent(&who.user.id, &client.id).await?;
        Ok(!given.is_some_and(|given| given.covers(&items(request))))
    }

    pub(super) async fn ask_consent(
        &self,
        client: &Client,
        request: AuthorizationRequest,
        origin: Origin,
        visitor: &Visitor,
    ) -> Result<Reply> {
        if request.prompts("none") {
            let error = OAuthError::new("consent_required", "the person has not agreed yet");
            return self.refuse(client, &request, &origin, &error).await;
        }
        let since = self.since(&request, &origin);
        let id = self.wait(&request, origin, since, visitor).await?;
        Ok(Reply::Consent(id))
    }

    /// What a waiting request asks of whoever is signed in.
    pub async fn question(
        &self,
        id: &AuthorizationId,
        visitor: &Visitor,
        who: &SignedIn,
    ) -> Result<Question> {
        let (request, _) = self.waiting(id, visitor).await?;
        let snapshot = self.catalog.snapshot();
        let client = client_of(&snapshot, &request)?;
        let given = self.store.consent(&who.user.id, &client.id).await?;
        Ok(Question {
            client: client.title.clone(),
            stranger: stranger(client, &request.redirect_uri),
            items: items(&request),
            known: given.map(|given| given.items).unwrap_or_default(),
        })
    }

    /// The person said yes: kept, so that they are not asked again, and the request goes on.
    pub async fn agree(
        &self,
        id: &AuthorizationId,
        visitor: &Visitor,
        who: &SignedIn,
    ) -> Result<Reply> {
        let (request, fresh_since) = self.waiting(id, visitor).await?;
        // One that was removed meanwhile is allowed nothing.
        client_of(&self.catalog.snapshot(), &request)?;
        let now = self.clock.now();
        let given = self.store.consent(&who.user.id, &request.client).await?;
        let mut all = given.map(|given| given.items).unwrap_or_default();
        all.extend(items(&request));
        all.sort();
        all.dedup();
        let mut event = self.events.of(EventKind::ConsentGiven, who);
        event.detail = Some(request.client.clone());
        let mut tx = self.store.begin().await?;
        tx.keep_consent(&who.user.id, &request.client, &all, now)
            .await?;
        tx.insert_event(&event).await?;
        tx.commit().await?;
        let origin = Origin::Waited {
            id: id.clone(),
            fresh_since,
            agreed: true,
        };
        self.decide(request, origin, visitor).await
    }

    /// The person said no: the client hears `access_denied`, and the request is used up.
    pub async fn decline(
        &self,
        id: &AuthorizationId,
        visitor: &Visitor,
        who: &SignedIn,
    ) -> Result<Reply> {
        let (request, _) = self.waiting(id, visitor).await?;
        let snapshot = self.catalog.snapshot();
        let client = client_of(&snapshot, &request)?;
        let mut event = self.events.of(EventKind::ConsentRefused, who);
        event.detail = Some(client.id.clone());
        let mut tx = self.store.begin().await?;
        if !tx.take_authorization(id, self.clock.now()).await? {
            return Err(Error::AttemptExpired);
        }
        tx.insert_event(&event).await?;
        tx.commit().await?;
        let error = OAuthError::new("access_denied", "the person did not agree");
        self.no(client, &request, &error)
    }

    /// Everything a person has allowed.
    pub async fn consents(&self, who: &SignedIn) -> Result<Vec<Consent>> {
        self.store.consents(&who.user.id).await
    }

    /// Takes back what an application was allowed; its tokens for this person are void.
    pub async fn withdraw(&self, who: &SignedIn, client: &str) -> Result<()> {
        let mut event = self.events.of(EventKind::ConsentWithdrawn, who);
        event.detail = Some(client.to_owned());
        let mut tx = self.store.begin().await?;
        let now = self.clock.now();
        if !tx.withdraw_consent(&who.user.id, client, now).await? {
            return Err(Error::NotFound);
        }
        tx.insert_event(&event).await?;
        tx.commit().await
    }
}

/// The host of a client that registered itself: its name may be anybody's, this is not.
fn stranger(client: &Client, redirect_uri: &str) -> Option<String> {
    let url = url::Url::parse(redirect_uri).ok()?;
    let host = url.host_str()?.to_owned();
    client.id.starts_with(REGISTERED).then_some(host)
}

/// What a request comes to: its scopes, the scopes its single claims stand for, its resources, the
/// context it wants. Who the person is, under a name for this client, goes without saying.
fn items(request: &AuthorizationRequest) -> Vec<Item> {
    let claims = request
        .claims
        .id_token
        .iter()
        .chain(&request.claims.userinfo);
    let scopes = request.scope.split(' ').filter(|scope| *scope != "openid");
    let scopes = scopes.chain(claims.filter_map(|claim| scope_of(claim)));
    let mut items: Vec<Item> = scopes.map(|scope| Item::Scope(scope.to_owned())).collect();
    let resources = request.resources.iter().cloned();
    items.extend(resources.map(Item::Resource));
    if !request.details.is_empty() {
        items.push(Item::Context);
    }
    items.sort();
    items.dedup();
    items
}
