//! Consent (OpenID Connect Core 1.0 section 3.1.2.4): a user is asked before an application that
//! the organisation does not vouch for receives data about them. Asked once, and again when it
//! requests more; on the account page it can be revoked, together with every token given for it.

use super::super::{Issuer, claims::scope_of, decide::AppRequest, pending::Pending};
use crate::{
    error::{Error, Result},
    id::PendingId,
    model::{
        client::Client,
        consent::{Consent, ConsentParty, Item, is_given},
        event::{EventKind, Target},
        next::Next,
        session::{SignedIn, Visitor},
    },
    protocol::oauth::{AuthorizationRequest, OAuthError},
};

/// The question to the user.
pub struct ConsentQuestion {
    /// The client's title.
    pub client: String,
    /// The host that receives the answer, of a client that registered itself: its name may be
    /// false, its host is not.
    pub unvouched_host: Option<String>,
    /// Everything the client requests.
    pub items: Vec<Item>,
    /// The part of it that was allowed before.
    pub known: Vec<Item>,
}

/// The consents that users are asked for, and have given.
#[derive(Clone, Copy)]
pub struct Consents<'a>(&'a Issuer);

impl Issuer {
    pub fn consents(&self) -> Consents<'_> {
        Consents(self)
    }
}

impl Consents<'_> {
    /// The question of a pending request to the signed-in user.
    pub async fn question(
        self,
        id: &PendingId,
        visitor: &Visitor,
        who: &SignedIn,
    ) -> Result<ConsentQuestion> {
        let Pending { request, .. } = self.0.waiting::<AuthorizationRequest>(id, visitor).await?;
        let snapshot = self.0.catalog.snapshot();
        let client = request.party(self.0, &snapshot)?;
        let party = ConsentParty::of(client, &request.redirect_uri);
        Ok(ConsentQuestion {
            client: client.title.clone(),
            items: items(&request),
            known: self.known(who, client, &party).await?,
            unvouched_host: (!client.is_vouched_for()).then_some(party.host),
        })
    }

    /// The user consented: it is stored, so that they are not asked again, and the request
    /// continues.
    pub async fn agree(self, id: &PendingId, visitor: &Visitor, who: &SignedIn) -> Result<Next> {
        let pending = self.0.waiting::<AuthorizationRequest>(id, visitor).await?;
        let request = &pending.request;
        // A client that was removed meanwhile gets no consent.
        let snapshot = self.0.catalog.snapshot();
        let client = request.party(self.0, &snapshot)?;
        let party = ConsentParty::of(client, &request.redirect_uri);
        let mut all = self.known(who, client, &party).await?;
        all.extend(items(request));
        all.sort();
        all.dedup();
        let given = Consent {
            client: client.id.clone(),
            party,
            items: all,
            given_at: self.0.clock.now(),
        };
        let event = self.0.events.of(EventKind::ConsentGiven, who);
        let event = event.about(Target::client(&request.client));
        let mut tx = self.0.store.begin().await?;
        tx.keep_consent(&who.user.id, &given).await?;
        tx.record(&event).await?;
        tx.commit().await?;
        let pending = Pending {
            has_consented: true,
            ..pending
        };
        self.0.decide(pending, visitor).await
    }

    /// The consent of a user for this client with its current registration.
    async fn known(
        self,
        who: &SignedIn,
        client: &Client,
        party: &ConsentParty,
    ) -> Result<Vec<Item>> {
        let given = self.0.store.consents_for(&who.user.id, &client.id).await?;
        let own = given.into_iter().find(|one| one.party == *party);
        Ok(own.map(|one| one.items).unwrap_or_default())
    }

    /// The user declined: the client receives `access_denied`, and the request is used up.
    pub async fn decline(self, id: &PendingId, visitor: &Visitor, who: &SignedIn) -> Result<Next> {
        let Pending { request, .. } = self.0.waiting::<AuthorizationRequest>(id, visitor).await?;
        let snapshot = self.0.catalog.snapshot();
        let client = request.party(self.0, &snapshot)?;
        let event = self.0.events.of(EventKind::ConsentRefused, who);
        let event = event.about(Target::client(&client.id));
        let mut tx = self.0.store.begin().await?;
        if !tx.take_pending_request(id, self.0.clock.now()).await? {
            return Err(Error::AttemptExpired);
        }
        tx.record(&event).await?;
        tx.commit().await?;
        let error = OAuthError::new("access_denied", "the user did not consent");
        self.0
            .openid()
            .refusal(client, &request, &error)
            .map(Next::Leave)
    }

    /// All consents of a user, per application.
    pub async fn given_by(self, who: &SignedIn) -> Result<Vec<Consent>> {
        let mut all: Vec<Consent> = Vec::new();
        for one in self.0.store.consents(&who.user.id).await? {
            match all.iter_mut().find(|known| known.client == one.client) {
                Some(known) => {
                    known.items.extend(one.items);
                    known.items.sort();
                    known.items.dedup();
                }
                None => all.push(one),
            }
        }
        Ok(all)
    }

    /// Revokes the consent for an application; its tokens for this user are void.
    pub async fn withdraw(self, who: &SignedIn, client: &str) -> Result<()> {
        let event = self.0.events.of(EventKind::ConsentWithdrawn, who);
        let event = event.about(Target::client(client));
        let mut tx = self.0.store.begin().await?;
        let now = self.0.clock.now();
        if !tx.withdraw_consent(&who.user.id, client, now).await? {
            return Err(Error::NotFound);
        }
        tx.record(&event).await?;
        tx.commit().await
    }
}

/// Whether the user must be asked first.
pub(super) async fn must_ask(
    issuer: &Issuer,
    request: &AuthorizationRequest,
    client: &Client,
    who: &SignedIn,
) -> Result<bool> {
    if request.prompts("consent") {
        return Ok(true);
    }
    if !client.asks() {
        return Ok(false);
    }
    let given = issuer.store.consents_for(&who.user.id, &client.id).await?;
    let party = ConsentParty::of(client, &request.redirect_uri);
    Ok(!is_given(&given, &party, &items(request)))
}

/// The items of a request: its scopes, the scopes that its single claims belong to, its resources,
/// the context it requests. The user's subject at this client needs no consent.
fn items(request: &AuthorizationRequest) -> Vec<Item> {
    let claims = request
        .claims
        .id_token
        .iter()
        .chain(&request.claims.userinfo);
    let mut items = asked(&request.scope, request.resources.iter().map(String::as_str));
    let scopes = claims.filter_map(|claim| scope_of(claim));
    items.extend(scopes.map(|scope| Item::Scope(scope.to_owned())));
    if !request.details.is_empty() {
        items.push(Item::Context);
    }
    items.sort();
    items.dedup();
    items
}

/// The items of a token with this scope for these resources.
pub(super) fn asked<'a>(scope: &str, resources: impl IntoIterator<Item = &'a str>) -> Vec<Item> {
    let scopes = scope.split(' ').filter(|scope| *scope != "openid");
    let scopes = scopes.map(|scope| Item::Scope(scope.to_owned()));
    let resources = resources.into_iter().map(str::to_owned);
    scopes.chain(resources.map(Item::Resource)).collect()
}
