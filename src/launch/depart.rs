//! Departure: the landing is prepared, then ticket and code are written in one transaction, and
//! only then is the browser answered.

use super::{
    Launches, TicketOrigin,
    plan::{Plan, misconfigured},
    write,
};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::{Error, Result},
    handoff::{Departure, Handoff, Record},
    id::{Artefact, Bearer, GrantId},
    issuer::{LaunchTicket, LeavingLaunch},
    model::{
        client::Client,
        grant::Grant,
        launch::{CODE_LIFE, Departed, HANDLE_LIFE, Launch},
        next::Leaving,
        party::{PartyKind, PartySession},
        session::SignedIn,
    },
};

/// A departure that can fail only in the database.
pub(super) struct PreparedLanding {
    pub departed: Departed,
    pub leaving: Leaving,
    pub carries: Artefacts,
}

/// What a landing carries, to be kept with its ticket.
#[derive(Default)]
pub(super) struct Artefacts {
    /// The grant of a one-time code.
    grant: Option<Grant>,
    /// The names by which the application knows the user already.
    party: Option<PartySession>,
    /// The row of the protocol that its artefact belongs to.
    ticket: Option<Box<dyn LaunchTicket>>,
}

impl Launches {
    /// Creates the landing by the instance's hand-off, with its artefacts.
    pub(super) fn prepare(
        &self,
        snapshot: &Snapshot,
        claimed: &Launch,
        plan: Plan<'_>,
        who: &SignedIn,
    ) -> Result<PreparedLanding> {
        let now = self.clock.now();
        let fail = |detail: String| Error::from(misconfigured(plan.service, detail));
        let method = snapshot.parts.handoff(plan.instance);
        let method = method.map_err(|fault| fail(fault.to_owned()))?;
        let client = client_of(method, snapshot).map_err(fail)?;
        let bearer = method
            .artefact()
            .map(|kind| Bearer::mint(kind, &self.chance));
        let record = plan.context.as_ref().and_then(|context| {
            let kind = snapshot.context_type(&context.kind)?;
            Some(Record { context, kind })
        });
        let departure = Departure {
            issuer: &self.issuer,
            launch: &claimed.id,
            intent: &claimed.ask.intent,
            base: &plan.instance.base,
            target: &plan.target,
            record,
            client,
            bearer: bearer.as_ref(),
            who,
            mail: snapshot.mail(&who.user),
            keys: &self.keys,
            now,
            chance: &self.chance,
        };
        let (landing, party) = method.land_at(&departure).map_err(fail)?;
        let party = match method.has_no_logout() {
            true => Some(without_logout(&plan, who)),
            false => party,
        };
        let of_kind = |kind| bearer.as_ref().filter(|bearer| bearer.kind() == kind);
        let handle = of_kind(Artefact::LaunchHandle);
        let code = of_kind(Artefact::LaunchCode).zip(client);
        let ticket = bearer.as_ref().and_then(|bearer| {
            let leaving = LeavingLaunch {
                bearer,
                launch: claimed,
                service: plan.service,
                instance: plan.instance,
                target: &plan.target,
                who,
                now,
            };
            leaving.ticket()
        });
        Ok(PreparedLanding {
            carries: Artefacts {
                party,
                grant: code
                    .map(|(code, client)| self.code_grant(code, &client.id, claimed, who, now)),
                ticket,
            },
            leaving: Leaving {
                landing,
                title: plan.instance.title.clone(),
                is_vouched: true,
            },
            departed: Departed {
                at: now,
                instance: plan.instance.slug.clone(),
                method: plan.service.handoff.clone(),
                client: client.map(|client| client.id.clone()),
                target: plan.target.into(),
                context: plan.context,
                handle: handle.map(Bearer::hash),
                handle_expires_at: handle.map(|_| now + HANDLE_LIFE),
            },
        })
    }

    fn code_grant(
        &self,
        code: &Bearer,
        client: &str,
        launch: &Launch,
        who: &SignedIn,
        now: Time,
    ) -> Grant {
        Grant {
            id: GrantId::new(now, &self.chance),
            code: code.hash(),
            client: client.to_owned(),
            user: who.user.id.clone(),
            session: who.session.id.clone(),
            sid: Some(self.keys.sid(client, &who.session.id)),
            launch: Some(launch.id.clone()),
            redirect_uri: None,
            scope: "openid profile email groups".to_owned(),
            resources: Vec::new(),
            nonce: None,
            challenge: None,
            claims: Default::default(),
            details: Vec::new(),
            key: None,
            issued_at: now,
            expires_at: now + CODE_LIFE,
        }
    }

    /// The one transaction; the launch's row is its own line in the audit trail.
    pub(super) async fn commit(
        &self,
        ticket: &Launch,
        origin: TicketOrigin,
        carries: &Artefacts,
    ) -> Result<()> {
        let Artefacts {
            grant,
            party,
            ticket: of_protocol,
        } = carries;
        // Most tickets need only their own row.
        let is_alone = grant.is_none() && party.is_none() && of_protocol.is_none();
        let mut tx = match is_alone {
            true => self.store.begin_single().await?,
            false => self.store.begin().await?,
        };
        write(&mut tx, ticket, origin).await?;
        if let Some(grant) = grant {
            tx.insert_grant(grant, None).await?;
        }
        if let Some(party) = party {
            tx.note_party_session(party, self.clock.now()).await?;
        }
        if let Some(ticket) = of_protocol {
            ticket.keep(&mut tx).await?;
        }
        tx.commit().await
    }
}

/// The session of an application that identifies the user and does not support logout
/// notifications.
fn without_logout(plan: &Plan, who: &SignedIn) -> PartySession {
    PartySession {
        session: who.session.id.clone(),
        kind: PartyKind::NO_LOGOUT,
        party: plan.service.slug.clone(),
        subject: plan.instance.slug.clone(),
        index: None,
    }
}

/// The client the remote acts as; a missing or disabled one must be fixed by the admin.
fn client_of<'a>(
    method: &dyn Handoff,
    snapshot: &'a Snapshot,
) -> Result<Option<&'a Client>, String> {
    let known = |id: &str| {
        snapshot
            .client(id)
            .ok_or_else(|| format!("its client \"{id}\" is missing or disabled"))
    };
    method.client().map(known).transpose()
}
