//! Room: from deep link to landing. A link becomes a ticket; [`Launches::dispatch`], a function
//! of (ticket, visitor) alone, says what comes next, however the visitor got here.
//!
//! ```text
//! open ──▶ dispatch ──▶ sign in, and back to resume
//! resume ─▶    │   ───▶ choose an instance, and back to choose
//! choose ─▶    └──────▶ land: ticket Departed, event, code — one transaction
//! ```

mod opener;

use std::sync::Arc;

use url::Url;

pub use self::opener::{Opener, Openers};
use crate::{
    catalog::{
        self, Catalog, Snapshot,
        locate::{Asked, locate},
    },
    chance::Chance,
    clock::{Clock, Time},
    error::{Error, Refusal, Result},
    event::Events,
    handoff::{self, Departure, Landing},
    id::{Artefact, Bearer, GrantId, LaunchId},
    model::{
        attempt::After,
        context::{Context, ContextType, Misnamed},
        event::EventKind,
        explanation::Located,
        grant::Grant,
        launch::{Ask, CODE_LIFE, Departed, HANDLE_LIFE, Launch, Stage, Void},
        service::{Choice, Instance, Link, Service, VIEW},
        session::{SignedIn, Visitor},
    },
    protocol::uri_template::{self, Template, Values},
    store::{Store, Tx},
};

/// The room.
#[derive(Clone)]
pub struct Launches {
    pub store: Store,
    pub catalog: Catalog,
    pub events: Events,
    pub clock: Clock,
    pub chance: Chance,
    pub issuer: Arc<str>,
}

/// What comes next for the visitor.
#[derive(Debug)]
pub enum Next {
    SignIn(After),
    Choose(Choosing),
    Land(Leaving),
}

/// Several instances: the person says which.
#[derive(Debug)]
pub struct Choosing {
    pub launch: LaunchId,
    pub service: String,
    pub icon: String,
    pub options: Vec<Place>,
    pub key: Option<String>,
}

/// One of several places to go.
#[derive(Debug)]
pub struct Place {
    pub slug: String,
    pub title: String,
    pub base_url: String,
}

/// On the way.
#[derive(Debug)]
pub struct Leaving {
    pub landing: Landing,
    pub service: String,
    pub instance: String,
}

/// A launch that passed every check.
struct Plan<'a> {
    service: &'a Service,
    instance: &'a Instance,
    context: Option<Context>,
    target: Url,
}

/// What was asked for, understood.
struct Wanted<'a> {
    service: &'a Service,
    context: Option<Context>,
    kind: Option<&'a ContextType>,
    link: Option<&'a Link>,
}

enum Decision<'a> {
    Choose(Choosing),
    Depart(Plan<'a>),
}

/// Where a ticket comes from: made just now, or kept at this stage.
#[derive(Clone, Copy)]
enum Origin {
    New,
    Kept(&'static str),
}

impl Launches {
    /// A link was followed.
    pub async fn open(&self, ask: Ask, visitor: &Visitor) -> Result<Next> {
        let now = self.clock.now();
        let id = LaunchId::new(now, &self.chance);
        let ticket = Launch::request(id, ask, visitor.browser.clone(), &visitor.address, now);
        self.dispatch(ticket, Origin::New, visitor, None).await
    }

    /// The visitor is back with a ticket: from signing in, or by a reload.
    pub async fn resume(&self, id: &LaunchId, visitor: &Visitor) -> Result<Next> {
        let ticket = self.ticket(id).await?;
        let origin = Origin::Kept(ticket.stage.as_str());
        self.dispatch(ticket, origin, visitor, None).await
    }

    /// The visitor chose one of several instances.
    pub async fn choose(&self, id: &LaunchId, visitor: &Visitor, instance: &str) -> Result<Next> {
        let ticket = self.ticket(id).await?;
        let origin = Origin::Kept(ticket.stage.as_str());
        self.dispatch(ticket, origin, visitor, Some(instance)).await
    }

    /// What a used ticket of the visitor's own asked for, so that it can be asked again.
    pub async fn asked(&self, id: &LaunchId, visitor: &Visitor) -> Result<Option<Ask>> {
        let ticket = self.store.launch(id).await?;
        let own = |ticket: &Launch| match (&ticket.stage, ticket.holder()) {
            (Stage::Requested { browser }, _) => *browser == visitor.browser,
            (_, Some(holder)) => Some(&holder.user) == visitor.user_id(),
            (_, None) => false,
        };
        Ok(ticket.filter(own).map(|ticket| ticket.ask))
    }

    async fn ticket(&self, id: &LaunchId) -> Result<Launch> {
        self.store.launch(id).await?.ok_or(Error::NotFound)
    }

    /// The one gate. Every way in ends here, and nothing that leaves has missed a check.
    async fn dispatch(
        &self,
        ticket: Launch,
        origin: Origin,
        visitor: &Visitor,
        pick: Option<&str>,
    ) -> Result<Next> {
        let Some(who) = &visitor.signed_in else {
            let after = After::Launch(ticket.id.clone());
            if let Origin::New = origin {
                let mut tx = self.store.begin().await?;
                tx.insert_launch(&ticket).await?;
                tx.commit().await?;
            }
            return Ok(Next::SignIn(after));
        };
        let id = ticket.id.clone();
        let claimed = match ticket.claim(&visitor.browser, who, self.clock.now()) {
            Ok(claimed) => claimed,
            Err(void) => {
                self.note_void(&id, void, who, visitor).await?;
                return Err(void.into());
            }
        };
        let snapshot = self.catalog.snapshot();
        match self.decide(&snapshot, &claimed, who, pick).await {
            Ok(Decision::Choose(choosing)) => {
                self.keep(&claimed, origin).await?;
                Ok(Next::Choose(choosing))
            }
            Ok(Decision::Depart(plan)) => self
                .depart(&snapshot, claimed, origin, plan, who)
                .await
                .map(Next::Land),
            Err(error) => {
                self.refuse(claimed, origin, &error).await?;
                Err(error)
            }
        }
    }

    /// From ticket to plan: seen? open? understood? allowed? where?
    async fn decide<'a>(
        &self,
        snapshot: &'a Snapshot,
        ticket: &Launch,
        who: &SignedIn,
        pick: Option<&str>,
    ) -> Result<Decision<'a>> {
        let wanted = understand(snapshot, &ticket.ask, who)?;
        let service = wanted.service;
        let chosen = self.chosen(service, who).await?;
        let asked = Asked {
            user: &who.user,
            context: wanted.context.as_ref(),
        };
        let (located, explanation) = locate(service, &asked, chosen.as_deref());
        let slug = match (located, pick) {
            (Located::One(slug), _) => slug,
            (Located::Several(slugs), Some(pick)) if slugs.iter().any(|slug| slug == pick) => {
                pick.to_owned()
            }
            (Located::Several(slugs), _) => {
                return Ok(Decision::Choose(choosing(ticket, service, &slugs, &wanted)));
            }
            (Located::Closed(slug), _) => {
                let title = service
                    .instance(&slug)
                    .map(|instance| instance.title.clone());
                return Err(Refusal::InstanceClosed {
                    instance: title.unwrap_or(slug),
                }
                .into());
            }
            (Located::Nowhere, _) => {
                return Err(Refusal::NoInstance {
                    service: service.title.clone(),
                    slug: service.slug.clone(),
                    explanation: Box::new(explanation),
                }
                .into());
            }
        };
        let instance = service.instance(&slug).ok_or(Error::NotFound)?;
        let target = target(instance, wanted.link, wanted.context.as_ref())
            .map_err(|detail| misconfigured(service, detail))?;
        Ok(Decision::Depart(Plan {
            service,
            instance,
            context: wanted.context,
            target,
        }))
    }

    async fn chosen(&self, service: &Service, who: &SignedIn) -> Result<Option<String>> {
        if service.choice == Choice::Fixed {
            return Ok(None);
        }
        Ok(self
            .catalog
            .overrides(&who.user.id)
            .await?
            .remove(&service.slug))
    }

    /// Sends the person on their way: the landing, then ticket, code and event in one
    /// transaction. The browser is answered only after the commit.
    async fn depart(
        &self,
        snapshot: &Snapshot,
        claimed: Launch,
        origin: Origin,
        plan: Plan<'_>,
        who: &SignedIn,
    ) -> Result<Leaving> {
        let now = self.clock.now();
        let Plan {
            service,
            instance,
            context,
            target,
        } = plan;
        let fail = |detail: String| Error::from(misconfigured(service, detail));
        let method = handoff::open(&service.handoff, &instance.settings).map_err(fail)?;
        let client = match method.client() {
            Some(id) => Some(
                snapshot
                    .client(id)
                    .ok_or_else(|| fail(format!("client \"{id}\" is not there")))?,
            ),
            None => None,
        };
        let bearer = method
            .artefact()
            .map(|kind| Bearer::mint(kind, &self.chance));
        let landing = method
            .land(&Departure {
                issuer: &self.issuer,
                target: &target,
                client,
                bearer: bearer.as_ref(),
                subject: who.user.id.as_str(),
            })
            .map_err(fail)?;
        let handle = bearer
            .as_ref()
            .filter(|b| b.kind() == Artefact::LaunchHandle);
        let departed = claimed.depart(Departed {
            at: now,
            instance: instance.slug.clone(),
            method: service.handoff.clone(),
            client: client.map(|client| client.id.clone()),
            target: target.into(),
            context,
            handle: handle.map(Bearer::hash),
            handle_expires_at: handle.map(|_| now + HANDLE_LIFE),
        });
        let code = bearer.filter(|bearer| bearer.kind() == Artefact::LaunchCode);
        let grant = code
            .zip(client)
            .map(|(code, client)| self.code_grant(&code, &client.id, &departed, who, now));
        self.commit(&departed, origin, grant.as_ref()).await?;
        Ok(Leaving {
            landing,
            service: service.title.clone(),
            instance: instance.title.clone(),
        })
    }

    /// The departure's one transaction. A warm launch without a code is a single statement; its
    /// row is its own line in the audit trail.
    async fn commit(&self, ticket: &Launch, origin: Origin, grant: Option<&Grant>) -> Result<()> {
        if let (Origin::New, None) = (origin, grant) {
            return self.store.insert_launch(ticket).await;
        }
        let mut tx = self.store.begin().await?;
        write(&mut tx, ticket, origin).await?;
        if let Some(grant) = grant {
            tx.insert_grant(grant, None).await?;
        }
        tx.commit().await
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
            launch: Some(launch.id.clone()),
            redirect_uri: None,
            scope: "openid profile email groups".to_owned(),
            nonce: None,
            challenge: None,
            issued_at: now,
            expires_at: now + CODE_LIFE,
        }
    }

    async fn keep(&self, claimed: &Launch, origin: Origin) -> Result<()> {
        if let Origin::Kept("claimed") = origin {
            return Ok(());
        }
        self.commit(claimed, origin, None).await
    }

    /// Ends a ticket that cannot be honoured; its row is its line in the audit trail. What is
    /// nobody's fault (the database was away) leaves the ticket as it was.
    async fn refuse(&self, claimed: Launch, origin: Origin, error: &Error) -> Result<()> {
        let reason = match error {
            Error::Refused(refusal) => refusal.reason(),
            Error::NotFound => "not_found",
            _ => return Ok(()),
        };
        let refused = claimed.refuse(reason, self.clock.now());
        self.commit(&refused, origin, None).await
    }

    async fn note_void(
        &self,
        id: &LaunchId,
        void: Void,
        who: &SignedIn,
        visitor: &Visitor,
    ) -> Result<()> {
        let detail = format!("{void:?}").to_lowercase();
        let mut event = self.events.of(EventKind::LaunchVoid, who);
        event.launch = Some(id.clone());
        event.address = Some(visitor.address.clone());
        event.detail = Some(detail);
        let mut tx = self.store.begin().await?;
        tx.insert_event(&event).await?;
        tx.commit().await
    }
}

/// Writes a ticket's stage; somebody else having moved it on means it is used.
async fn write(tx: &mut Tx, ticket: &Launch, origin: Origin) -> Result<()> {
    match origin {
        Origin::New => tx.insert_launch(ticket).await,
        Origin::Kept(from) if tx.move_launch(ticket, from).await? => Ok(()),
        Origin::Kept(_) => Err(Void::Used.into()),
    }
}

/// What the link means for this person: service seen and open, record named right, intent known
/// and allowed.
fn understand<'a>(snapshot: &'a Snapshot, ask: &Ask, who: &SignedIn) -> Result<Wanted<'a>> {
    let service = catalog::visible(snapshot, &who.user, &ask.service)?;
    if service.disabled_at.is_some() {
        return Err(Refusal::ServiceClosed {
            service: service.title.clone(),
        }
        .into());
    }
    let Some((kind, key)) = &ask.record else {
        return front_page(service, ask);
    };
    let kind = snapshot
        .context_type(kind)
        .ok_or_else(|| Refusal::UnknownType { kind: kind.clone() })?;
    if !service.opens(&kind.slug) {
        let (service, kind) = (service.title.clone(), kind.title.clone());
        return Err(Refusal::NotOpened { service, kind }.into());
    }
    let link = link_for(service, kind, ask, who)?;
    let context = kind
        .parse(key, &ask.fields)
        .map_err(|why| misnamed(kind, key, why))?;
    Ok(Wanted {
        service,
        context: Some(context),
        kind: Some(kind),
        link: Some(link),
    })
}

fn front_page<'a>(service: &'a Service, ask: &Ask) -> Result<Wanted<'a>> {
    if ask.intent != VIEW {
        let (service, intent) = (service.title.clone(), ask.intent.clone());
        return Err(Refusal::UnknownIntent { service, intent }.into());
    }
    if let Some(name) = ask.fields.keys().next() {
        return Err(Refusal::UnknownField { name: name.clone() }.into());
    }
    Ok(Wanted {
        service,
        context: None,
        kind: None,
        link: service.link("", ""),
    })
}

fn link_for<'a>(
    service: &'a Service,
    kind: &ContextType,
    ask: &Ask,
    who: &SignedIn,
) -> Result<&'a Link> {
    let link = service
        .link(&kind.slug, &ask.intent)
        .ok_or_else(|| Refusal::UnknownIntent {
            service: service.title.clone(),
            intent: ask.intent.clone(),
        })?;
    if !may_use(link, who) {
        return Err(Refusal::IntentForbidden {
            intent: ask.intent.clone(),
        }
        .into());
    }
    Ok(link)
}

fn may_use(link: &Link, who: &SignedIn) -> bool {
    let asked = Asked {
        user: &who.user,
        context: None,
    };
    link.audience
        .as_ref()
        .is_none_or(|audience| audience.holds(&asked))
}

fn misnamed(kind: &ContextType, key: &str, why: Misnamed) -> Refusal {
    match why {
        Misnamed::Key => Refusal::BadKey {
            key: key.chars().take(40).collect(),
            hint: kind.hint.clone(),
        },
        Misnamed::UnknownField(name) => Refusal::UnknownField { name },
        Misnamed::Field(title) => Refusal::BadField { title },
        Misnamed::MissingField(title) => Refusal::MissingField { title },
    }
}

fn choosing(ticket: &Launch, service: &Service, slugs: &[String], wanted: &Wanted) -> Choosing {
    let place = |slug: &String| {
        service.instance(slug).map(|instance| Place {
            slug: slug.clone(),
            title: instance.title.clone(),
            base_url: instance.base_url.clone(),
        })
    };
    let shown = wanted
        .kind
        .is_some_and(|kind| kind.sensitivity.may_be_remembered());
    Choosing {
        launch: ticket.id.clone(),
        service: service.title.clone(),
        icon: service.icon.clone(),
        options: slugs.iter().filter_map(place).collect(),
        key: wanted
            .context
            .as_ref()
            .filter(|_| shown)
            .map(|context| context.key.clone()),
    }
}

fn misconfigured(service: &Service, detail: String) -> Refusal {
    Refusal::Misconfigured {
        service: service.title.clone(),
        detail,
    }
}

/// The deep link: template, values, then held against the instance's own address. An error is a
/// sentence for the admin.
fn target(
    instance: &Instance,
    link: Option<&Link>,
    context: Option<&Context>,
) -> Result<Url, String> {
    let base = Url::parse(&instance.base_url).map_err(|error| error.to_string())?;
    let Some(link) = link else { return Ok(base) };
    let values = values(context);
    let template = Template::parse(&link.template).map_err(|error| error.to_string())?;
    let inner = link.inner.as_deref().map(Template::parse).transpose();
    let inner = inner.map_err(|error| error.to_string())?;
    // Expansion refuses a missing variable, where RFC 6570 would let it vanish.
    let text = match &inner {
        Some(inner) => template.expand_nested(inner, &values),
        None => template.expand(&values),
    };
    let text = text.map_err(|error| error.to_string())?;
    uri_template::within(&base, &text).map_err(|error| error.to_string())
}

fn values(context: Option<&Context>) -> Values {
    let Some(context) = context else {
        return Values::new();
    };
    context.fields.iter().fold(
        Values::new().with("key", context.key.as_str()),
        |values, field| values.with(field.0.as_str(), field.1.as_str()),
    )
}
