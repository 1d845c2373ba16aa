//! Sign-ins, each by a browser that nobody is signed in with: the page, the form, the session.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{task::JoinSet, time::sleep};

use super::{Stage, page::Plain};
use crate::{
    Result, catalogue,
    load::Work,
    measure::Measured,
    slapd,
    upstream::{self, Idp, OpenIdProvider},
    visit::{Visitor, Welcome},
};

/// More than hashes at once, fewer than may queue.
const LOCAL: usize = 8;
/// At once, while portal pages are asked for.
const QUEUED: usize = 100;
/// A person who is told to come back does so after this.
const PAUSE: Duration = Duration::from_millis(100);

/// Somebody who signs in over and over, as one person or another.
struct SignIn {
    visitor: Visitor,
    provider: &'static str,
    password: &'static str,
    name: fn(usize) -> String,
    number: usize,
}

/// With argon2.
pub async fn local(stage: &Stage<'_>) -> Result<Measured> {
    let works = people(stage, LOCAL, SignIn::local).await?;
    stage.run(works).await
}

/// With search and bind, over LDAPS.
pub async fn ldap(stage: &Stage<'_>) -> Result<Measured> {
    let works = people(stage, stage.plan.connections, SignIn::ldap).await?;
    stage.run(works).await
}

/// There and back, with a token redeemed and verified; nobody waits for the provider longer than
/// its own process takes.
pub async fn oidc(stage: &Stage<'_>, campus: &Arc<OpenIdProvider>) -> Result<Measured> {
    from_upstream(stage, || By::Oidc(campus.clone())).await
}

/// There and back, with a signed request and a signed assertion.
pub async fn saml(stage: &Stage<'_>) -> Result<Measured> {
    from_upstream(stage, || By::Saml(Idp::of(&stage.portal.origin()))).await
}

async fn from_upstream(stage: &Stage<'_>, by: impl Fn() -> By) -> Result<Measured> {
    let mut works = Vec::new();
    for number in 0..stage.plan.connections {
        works.push(Away {
            visitor: Visitor::new(stage.portal).await?,
            by: by(),
            number: number * SPREAD,
        });
    }
    stage.run(works).await
}

/// Connections are this many names apart.
const SPREAD: usize = 100_000;
/// So many people come from upstream.
const FROM_UPSTREAM: usize = 200;

/// Somebody whom another place vouches for, over and over.
struct Away {
    visitor: Visitor,
    by: By,
    number: usize,
}

enum By {
    Oidc(Arc<OpenIdProvider>),
    Saml(Idp),
}

impl Work for Away {
    async fn once(&mut self) -> Result<()> {
        self.number += 1;
        let who = format!("u{:03}", self.number % FROM_UPSTREAM);
        match &self.by {
            By::Oidc(provider) => {
                let sent_to = self.visitor.leave_for(upstream::OIDC).await?;
                let query = provider.answer(&sent_to, &who)?;
                self.visitor.call_back(upstream::OIDC, &query).await
            }
            By::Saml(idp) => {
                let sent_to = self.visitor.leave_for(upstream::SAML).await?;
                let (response, relay) = idp.answer(&sent_to, &who, self.number)?;
                let form = upstream::form(&[("SAMLResponse", response), ("RelayState", relay)]);
                self.visitor.bring(upstream::SAML, &form).await
            }
        }
    }
}

/// Portal pages while a crowd signs in, and how that went.
pub async fn queued(stage: &Stage<'_>) -> Result<(Measured, String)> {
    let count = Arc::new(Crowd::default());
    // They end with the set.
    let mut crowd = JoinSet::new();
    for person in people(stage, QUEUED, SignIn::local).await? {
        crowd.spawn(come_again(person, count.clone()));
    }
    let pages = stage.visitors().await?.into_iter().map(Plain).collect();
    let pages = stage.run(pages).await?.without_cpu();
    if let Some(ended) = crowd.try_join_next() {
        ended.map_err(|error| error.to_string())??;
    }
    let (inside, busy) = (count.inside.load(Relaxed), count.busy.load(Relaxed));
    let span = (stage.plan.warm_up + stage.plan.measured).as_secs_f64();
    let words = format!(
        "{:.1} sign-ins a second; {busy} times somebody was told to come back",
        inside as f64 / span
    );
    Ok((pages, words))
}

#[derive(Default)]
struct Crowd {
    inside: AtomicU64,
    busy: AtomicU64,
}

async fn come_again(mut person: SignIn, count: Arc<Crowd>) -> Result<()> {
    loop {
        match person.try_once().await? {
            Welcome::In => count.inside.fetch_add(1, Relaxed),
            Welcome::Busy => {
                sleep(PAUSE).await;
                count.busy.fetch_add(1, Relaxed)
            }
        };
    }
}

async fn people(
    stage: &Stage<'_>,
    count: usize,
    make: fn(Visitor, usize) -> SignIn,
) -> Result<Vec<SignIn>> {
    let mut people = Vec::new();
    for number in 0..count {
        people.push(make(Visitor::new(stage.portal).await?, number));
    }
    Ok(people)
}

impl SignIn {
    fn local(visitor: Visitor, number: usize) -> Self {
        Self {
            visitor,
            provider: "local",
            password: catalogue::PASSWORD,
            name: catalogue::person,
            number,
        }
    }

    fn ldap(visitor: Visitor, number: usize) -> Self {
        Self {
            visitor,
            provider: "ldap",
            password: slapd::PASSWORD,
            name: catalogue::directory_person,
            number,
        }
    }

    async fn try_once(&mut self) -> Result<Welcome> {
        self.number += 1;
        let name = (self.name)(self.number);
        let visitor = &mut self.visitor;
        visitor.sign_in(self.provider, &name, self.password).await
    }
}

impl Work for SignIn {
    async fn once(&mut self) -> Result<()> {
        match self.try_once().await? {
            Welcome::In => Ok(()),
            Welcome::Busy => Err("told to come back, though few sign in".to_owned()),
        }
    }
}
