//! Landing receipts: the application of a launch reports how it ended there. It authenticates as at
//! the token endpoint, or by the access token it was given for this launch.

use super::{ClientProof, EndpointFault, Issuer, may_enter};
use crate::{
    catalog::Snapshot,
    error::{Error, Result},
    id::{Artefact, Bearer, LaunchId},
    model::{
        client::Client,
        event::{Actor, Event},
        receipt::{Awaited, LandingOutcome, ReceiptVoid},
        user::User,
    },
};

/// An application's credentials.
pub enum ReceiptCredentials {
    Client(ClientProof),
    AccessToken(String),
}

/// What applications report of launches.
#[derive(Clone, Copy)]
pub struct Receipts<'a>(&'a Issuer);

impl Issuer {
    pub fn receipts(&self) -> Receipts<'_> {
        Receipts(self)
    }
}

impl Receipts<'_> {
    /// Accepts a receipt. The same one again changes nothing; a different one after the first is a
    /// contradiction. A launch of another client is not found: its existence is not revealed.
    pub async fn receive(
        self,
        id: &LaunchId,
        witness: &ReceiptCredentials,
        outcome: &LandingOutcome,
    ) -> Result<()> {
        let snapshot = self.0.catalog.snapshot();
        let client = match witness {
            ReceiptCredentials::Client(proof) => {
                self.0.prove(&snapshot, proof).await.map_err(unproved)?
            }
            ReceiptCredentials::AccessToken(token) => self.bearer(&snapshot, id, token).await?,
        };
        let awaited = self.0.store.awaited(id, &client.id).await?;
        let awaited = awaited.ok_or(Error::NotFound)?;
        // An ended session does not matter: the receipt reveals nothing, and only records where a
        // user has been. A disabled user is not reported on.
        let user = self.0.store.user(&awaited.user).await?;
        let user = user.filter(|user| is_open(&snapshot, client, &awaited, user));
        if user.is_none() {
            return Err(ReceiptVoid::Closed.into());
        }
        self.note(&client.id, &awaited, outcome).await
    }

    async fn note(self, client: &str, awaited: &Awaited, outcome: &LandingOutcome) -> Result<()> {
        let now = self.0.clock.now();
        let mut tx = self.0.store.begin().await?;
        if let Some(first) = tx.receipt(&awaited.launch).await? {
            return agree(&first, outcome);
        }
        if now >= awaited.departed_at + self.0.receipt_window {
            return Err(ReceiptVoid::Late.into());
        }
        if !tx.insert_receipt(&awaited.launch, outcome, now).await? {
            // A concurrent receipt was first.
            let first = tx.receipt(&awaited.launch).await?;
            return first.map_or(Err(ReceiptVoid::Contradicts.into()), |first| {
                agree(&first, outcome)
            });
        }
        tx.record(&self.reported(client, awaited, outcome)).await?;
        tx.commit().await
    }

    fn reported(self, client: &str, awaited: &Awaited, outcome: &LandingOutcome) -> Event {
        let event = self
            .0
            .events
            .by(Actor::Client(client.to_owned()), outcome.event())
            .of_user(Some(&awaited.user))
            .in_session(&awaited.session)
            .of_launch(&awaited.launch)
            .at_service(&awaited.service);
        match outcome.reason() {
            Some(reason) => event.with("reason", reason.as_str()),
            None => event,
        }
    }

    /// The client an access token was given to, for this launch. It is valid for this as long as it
    /// is for userinfo.
    async fn bearer<'a>(
        self,
        snapshot: &'a Snapshot,
        id: &LaunchId,
        token: &str,
    ) -> Result<&'a Client> {
        let invalid = || ReceiptVoid::Unproved("the access token is void".to_owned());
        let token = Bearer::parse(Artefact::AccessToken, token).ok_or_else(invalid)?;
        let now = self.0.clock.now();
        let grant = self.0.store.grant_by_access(&token.hash(), now).await?;
        // A bound token (RFC 9449) needs a proof, for which a receipt has no field: that client
        // authenticates as at the token endpoint.
        let grant = grant.filter(|(_, key)| key.is_none());
        let (grant, _) = grant.ok_or_else(invalid)?;
        let alive = self.0.store.session_by_id(&grant.session, now).await?;
        let client = snapshot.client(&grant.client).ok_or_else(invalid)?;
        if alive.is_none() {
            return Err(invalid().into());
        }
        if grant.launch.as_ref() != Some(id) {
            return Err(Error::NotFound);
        }
        Ok(client)
    }
}

/// Whether user, service and instance are still open, as they were when the launch departed.
fn is_open(snapshot: &Snapshot, client: &Client, awaited: &Awaited, user: &User) -> bool {
    let service = snapshot.service(&awaited.service);
    may_enter(snapshot, client, user)
        && service.is_some_and(|service| service.disabled_at.is_none())
}

fn agree(first: &LandingOutcome, outcome: &LandingOutcome) -> Result<()> {
    match first == outcome {
        true => Ok(()),
        false => Err(ReceiptVoid::Contradicts.into()),
    }
}

fn unproved(fault: EndpointFault) -> Error {
    match fault {
        EndpointFault::OAuth(error) => ReceiptVoid::Unproved(error.description).into(),
        EndpointFault::Own(error) => error,
    }
}
