//! Forward authentication: a gateway asks about each request to a page that has no sign-in of its
//! own. Whoever was let in is known by a cookie of the page's host, bound to a session of ours; it
//! is asked for anew each time, so that signing out shuts the page at once. The page is told who it
//! is by headers, and by a signed one, because headers alone can be written by anybody who reaches
//! it past the gateway.
//!
//! No address is taken from a request: a person who must sign in first is brought back to the
//! instance's registered origin, with the path in a seal that only we can make.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{Arrival, Provider, Reply, claims::Carried, entry};
use crate::{
    catalog::Snapshot,
    clock::Time,
    error::{Error, Refusal, Result},
    handoff::{DOOR, ForwardAuth, GATEWAY, GateName, GateRelease, Landing},
    id::{Artefact, Bearer, SessionId},
    model::{
        attempt::{After, LocalPath},
        client::Client,
        gate::{GateTicket, LetIn, Place, TICKET_LIFE},
        party::{PartyKind, PartySession},
        service::{Instance, Service},
        session::SignedIn,
    },
    protocol::gateway::Requested,
};

/// The explicit type of the signed header (RFC 8725 section 3.11).
pub const ASSERTION: &str = "usher-assertion+jwt";
/// Seconds the signed header is good for.
const ASSERTION_LIFE: i64 = 60;
/// Somebody who was sent to sign in may take this long, and still comes to their page.
const KNOCK_LIFE: Duration = Duration::from_secs(1800);
/// What a knock is sealed for.
const KNOCK: &str = "gateway knock";
/// A longer address does not fit into the way back: then it leads to the instance's front page.
const LONGEST_TARGET: usize = 1500;
/// `seen_at` is written at most this often.
const TOUCH: Duration = Duration::from_secs(300);

/// What the gateway is to do.
#[derive(Debug)]
pub enum Verdict {
    /// Let the request through, with these headers; an empty one takes away what the client sent.
    Pass(Box<Identity>),
    /// Send the person here, if the request is one of a person's.
    SignIn(Url),
    /// This person may not.
    Deny,
}

/// Who sends a request, as headers say it. All empty: nobody, on a page for everybody.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Identity {
    pub user: String,
    pub name: String,
    pub mail: String,
    pub groups: String,
    pub assertion: String,
}

/// Somebody on their way to a page: the seal's content.
#[derive(Serialize, Deserialize)]
struct Knock {
    instance: String,
    target: String,
    until: i64,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    sid: &'a str,
    auth_time: i64,
    acr: &'static str,
    amr: Vec<&'a str>,
    preferred_username: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<&'a [String]>,
    #[serde(rename = "urn:usher:launch", skip_serializing_if = "Option::is_none")]
    launch: Option<&'a Value>,
}

/// An instance behind a gateway.
struct Gate<'a> {
    service: &'a Service,
    instance: &'a Instance,
    settings: ForwardAuth,
    client: &'a Client,
}

impl<'a> Gate<'a> {
    /// The instance of this service that the request is for: by its origin, and by its path where
    /// several share one.
    fn of(snapshot: &'a Snapshot, slug: &str, asked: &Requested) -> Result<Self> {
        let service = behind(snapshot, slug)?;
        let mut instances: Vec<_> = service
            .instances
            .iter()
            .filter(|instance| is_for(instance, asked))
            .collect();
        instances.sort_by_key(|instance| instance.base_url.len());
        let instance = instances.pop().ok_or(Error::UnknownAddress)?;
        Self::at(snapshot, service, instance)
    }

    fn named(snapshot: &'a Snapshot, slug: &str, instance: &str) -> Result<Self> {
        let service = behind(snapshot, slug)?;
        let mut known = service.instances.iter();
        let instance = known.find(|known| known.slug == instance);
        Self::at(snapshot, service, instance.ok_or(Error::NotFound)?)
    }

    fn at(snapshot: &'a Snapshot, service: &'a Service, instance: &'a Instance) -> Result<Self> {
        let wrong = |detail: String| {
            Error::from(Refusal::Misconfigured {
                service: service.slug.clone(),
                detail,
            })
        };
        let settings = ForwardAuth::of(&instance.settings).map_err(wrong)?;
        let client = snapshot.client(&settings.client);
        let client = client.ok_or_else(|| wrong("its client is missing or disabled".to_owned()))?;
        Ok(Self {
            service,
            instance,
            settings,
            client,
        })
    }

    fn is_open(&self) -> bool {
        self.service.disabled_at.is_none() && self.instance.disabled_at.is_none()
    }

    /// The instance's address with the path of a request; it never leaves the registered origin.
    fn address(&self, target: &str) -> Result<Url> {
        let wrong = || Error::Internal(format!("{} has no address", self.instance.slug));
        let base = Url::parse(&self.instance.base_url).map_err(|_| wrong())?;
        let origin = base.origin().ascii_serialization();
        Url::parse(&format!("{origin}{target}")).map_err(|_| wrong())
    }
}

fn behind<'a>(snapshot: &'a Snapshot, slug: &str) -> Result<&'a Service> {
    let service = snapshot.service(slug);
    service
        .filter(|service| service.handoff == GATEWAY)
        .ok_or(Error::NotFound)
}

/// Where an instance has a path of its own, only what is surely below it is its.
fn is_for(instance: &Instance, asked: &Requested) -> bool {
    let Ok(base) = Url::parse(&instance.base_url) else {
        return false;
    };
    base.origin().ascii_serialization() == asked.origin
        && (base.path() == "/" || asked.is_below(base.path()))
}

impl Provider {
    /// One request through a gateway; `cookie` is what the page's host keeps in the browser.
    pub async fn gate(
        &self,
        service: &str,
        asked: &Requested,
        cookie: Option<&str>,
    ) -> Result<Verdict> {
        let snapshot = self.catalog.snapshot();
        let gate = Gate::of(&snapshot, service, asked)?;
        let found = match cookie.and_then(|text| Bearer::parse(Artefact::GateSession, text)) {
            Some(token) => self.let_in(&gate, &token).await?,
            None => None,
        };
        let is_public = gate.settings.public.iter().any(|path| asked.is_below(path));
        // What is for everybody is for those who were let in as well, whatever else they may.
        let otherwise = |verdict| match is_public && gate.is_open() {
            true => Verdict::Pass(Box::default()),
            false => verdict,
        };
        let Some(found) = found else {
            return Ok(otherwise(Verdict::SignIn(self.way_in(&gate, asked)?)));
        };
        if entry::admit(gate.service, gate.instance, &found.who.user).is_err() {
            return Ok(otherwise(Verdict::Deny));
        }
        let demand = entry::demand(&snapshot, gate.service, &found.who);
        if !demand.met_by(&found.who.session, self.clock.now()) {
            return Ok(otherwise(Verdict::SignIn(self.way_in(&gate, asked)?)));
        }
        let identity = self.identity(&gate, &found, asked)?;
        Ok(Verdict::Pass(Box::new(identity)))
    }

    async fn let_in(&self, gate: &Gate<'_>, token: &Bearer) -> Result<Option<LetIn>> {
        let now = self.clock.now();
        let idle_since = now - self.idle;
        let found = self.store.let_in(&token.hash(), now, idle_since).await?;
        // A cookie of one instance opens no other, though they share a host.
        let found = found.filter(|found| {
            found.place.service == gate.service.slug && found.place.instance == gate.instance.slug
        });
        if let Some(LetIn { who, .. }) = &found
            && now.since(who.session.seen_at) >= TOUCH
        {
            // A page that only reads must not fail because this cannot be written.
            if let Err(error) = self.touch(&who.session.id, now).await {
                tracing::debug!(%error, "a session was not touched");
            }
        }
        Ok(found)
    }

    async fn touch(&self, session: &SessionId, now: Time) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.touch_session(session, now).await?;
        tx.commit().await
    }

    /// Our door for somebody who stands before the gateway.
    fn way_in(&self, gate: &Gate, asked: &Requested) -> Result<Url> {
        let target = match asked.target.len() <= LONGEST_TARGET {
            true => asked.target.clone(),
            false => "/".to_owned(),
        };
        let knock = Knock {
            instance: gate.instance.slug.clone(),
            target,
            until: (self.clock.now() + KNOCK_LIFE).secs(),
        };
        let text =
            serde_json::to_vec(&knock).map_err(|error| Error::Internal(error.to_string()))?;
        let sealed = self.keys.purpose(KNOCK).seal(&text)?;
        let mut url = Url::parse(&self.issuer)
            .map_err(|_| Error::Internal("the issuer is no address".to_owned()))?;
        url.set_path(&enter_path(&gate.service.slug));
        url.query_pairs_mut().append_pair("at", &sealed);
        Ok(url)
    }

    /// Somebody signed in, whom a gateway has sent to us: back they go, with a ticket.
    pub async fn gate_enter(&self, service: &str, sealed: &str, who: &SignedIn) -> Result<Reply> {
        let now = self.clock.now();
        let knock = self.keys.purpose(KNOCK).open(sealed);
        let knock = knock.and_then(|text| serde_json::from_slice::<Knock>(&text).ok());
        let knock = knock.ok_or_else(|| Error::Invalid("the way in".to_owned()))?;
        let snapshot = self.catalog.snapshot();
        let gate = Gate::named(&snapshot, service, &knock.instance)?;
        entry::admit(gate.service, gate.instance, &who.user)?;
        let demand = entry::demand(&snapshot, gate.service, who);
        if !demand.met_by(&who.session, now) {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("at", sealed)
                .finish();
            let here = format!("{}?{query}", enter_path(service));
            return Ok(Reply::Confirm(After::Page(LocalPath::of(&here)), demand));
        }
        // Too late for the page, not for the place.
        let path = match now.secs() < knock.until {
            true => knock.target,
            false => "/".to_owned(),
        };
        let bearer = Bearer::mint(Artefact::GateTicket, &self.chance);
        let ticket = GateTicket {
            hash: bearer.hash(),
            session: who.session.id.clone(),
            place: Place {
                service: gate.service.slug.clone(),
                instance: gate.instance.slug.clone(),
                path,
                launch: None,
            },
            expires_at: now + TICKET_LIFE,
        };
        let mut tx = self.store.begin().await?;
        tx.insert_gate_ticket(&ticket).await?;
        tx.commit().await?;
        Ok(Reply::Back(Arrival {
            landing: Landing::post(
                gate.address(DOOR)?,
                vec![("ticket", bearer.as_str().to_owned())],
            ),
            client: gate.instance.title.clone(),
        }))
    }

    /// A ticket, brought to the page's own host: used up whatever is found wrong with it. What comes
    /// back is the cookie for that host, and where in it the person goes.
    pub async fn gate_admit(
        &self,
        service: &str,
        asked: &Requested,
        ticket: &str,
    ) -> Result<(Bearer, Url)> {
        let gone = || Error::BadAsk("the ticket is unknown, was used, or is too old".to_owned());
        let ticket = Bearer::parse(Artefact::GateTicket, ticket).ok_or_else(gone)?;
        let now = self.clock.now();
        let ticket = self.store.take_gate_ticket(&ticket.hash(), now).await?;
        let ticket = ticket.ok_or_else(gone)?;
        let snapshot = self.catalog.snapshot();
        let gate = Gate::named(&snapshot, service, &ticket.place.instance)?;
        let base = Url::parse(&gate.instance.base_url).ok();
        let is_here = base.is_some_and(|base| base.origin().ascii_serialization() == asked.origin);
        if !is_here || ticket.place.service != gate.service.slug {
            return Err(gone());
        }
        let who = self.store.session_by_id(&ticket.session, now).await?;
        let who = who.ok_or_else(gone)?;
        entry::admit(gate.service, gate.instance, &who.user)?;
        let launch = match &ticket.place.launch {
            Some(id) => self.store.launch(id).await?,
            None => None,
        };
        let carried = launch.and_then(|launch| Carried::of(&self.issuer, &launch, &snapshot));
        let told = carried.and_then(|carried| serde_json::to_value(carried).ok());
        let token = Bearer::mint(Artefact::GateSession, &self.chance);
        let party = PartySession {
            session: ticket.session.clone(),
            kind: PartyKind::Gate,
            party: gate.service.slug.clone(),
            subject: gate.instance.slug.clone(),
            index: None,
        };
        let mut tx = self.store.begin().await?;
        tx.insert_gate_session(&token.hash(), &ticket, told.as_ref(), now)
            .await?;
        tx.note_party_session(&party, now).await?;
        if let Some(launch) = &ticket.place.launch {
            tx.land_launch(launch, now).await?;
        }
        tx.commit().await?;
        Ok((token, gate.address(&ticket.place.path)?))
    }

    fn identity(&self, gate: &Gate<'_>, found: &LetIn, asked: &Requested) -> Result<Identity> {
        let (settings, user) = (&gate.settings, &found.who.user);
        let mail = user.attributes.first("mail").unwrap_or_default();
        let told = |what, text: &str| match settings.tells(what) {
            true => header(text),
            false => String::new(),
        };
        let launch = found.told.as_ref();
        let launch = launch.filter(|_| asked.target == found.place.path);
        Ok(Identity {
            user: header(match settings.user {
                GateName::Login => &user.login,
                GateName::Id => user.id.as_str(),
            }),
            name: told(GateRelease::Name, &user.name),
            mail: told(GateRelease::Mail, mail),
            groups: match settings.tells(GateRelease::Groups) {
                true => groups(user.attributes.groups()),
                false => String::new(),
            },
            assertion: self.assert(gate, &found.who, launch)?,
        })
    }

    fn assert(&self, gate: &Gate, who: &SignedIn, launch: Option<&Value>) -> Result<String> {
        let (settings, user, session) = (&gate.settings, &who.user, &who.session);
        let now = self.clock.now().secs();
        let claims = Claims {
            iss: &self.issuer,
            aud: &gate.client.id,
            sub: self.keys.subject(gate.client, &user.id),
            iat: now,
            nbf: now,
            exp: now + ASSERTION_LIFE,
            sid: session.id.as_str(),
            auth_time: session.authenticated_at.secs(),
            acr: session.assurance(),
            amr: session.amr.split_whitespace().collect(),
            preferred_username: &user.login,
            name: settings.tells(GateRelease::Name).then_some(&user.name),
            email: match settings.tells(GateRelease::Mail) {
                true => user.attributes.first("mail"),
                false => None,
            },
            groups: settings
                .tells(GateRelease::Groups)
                .then(|| user.attributes.groups()),
            launch,
        };
        self.keys
            .sign(gate.client.id_token_alg, Some(ASSERTION), &claims)
    }
}

fn enter_path(service: &str) -> String {
    format!("/forward-auth/{service}/enter")
}

/// Text as a header may carry it; what none can is left out.
fn header(text: &str) -> String {
    match text.contains(char::is_control) {
        true => String::new(),
        false => text.trim().to_owned(),
    }
}

/// A group that contains the separator would read as several: it is told by the signed header only.
fn groups(all: &[String]) -> String {
    let plain = all
        .iter()
        .filter(|group| !group.contains(|c: char| c == ',' || c.is_control()));
    plain.map(String::as_str).collect::<Vec<_>>().join(",")
}
