//! Sign-ins, each by a browser without a session: the page, the form, the session.

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
/// The pause of a user who is asked to try again.
const PAUSE: Duration = Duration::from_millis(100);

/// A user who signs in over and over, as one user or another.
struct SignIn {
    visitor: Visitor,
    provider: &'static str,
    password: &'static str,
    name: fn(usize) -> String,
    turn: Turn,
}

/// With argon2.
pub async fn local(stage: &Stage<'_>) -> Result<Measured> {
    let works = users(stage, (LOCAL, catalogue::USERS), SignIn::local).await?;
    stage.run(works).await
}

/// With search and bind, over LDAPS.
pub async fn ldap(stage: &Stage<'_>) -> Result<Measured> {
    let count = (stage.plan.connections, IN_DIRECTORY);
    let works = users(stage, count, SignIn::ldap).await?;
    stage.run(works).await
}

/// There and back, with a token redeemed and verified; no sign-in waits for the provider longer
/// than its own process takes.
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
            turn: Turn::of(number, stage.plan.connections, FROM_UPSTREAM),
        });
    }
    stage.run(works).await
}

/// So many users come from upstream.
const FROM_UPSTREAM: usize = 200;
/// So many are in the directory.
const IN_DIRECTORY: usize = 200;

/// Whose turn it is. Each connection has users of its own, as long as there are enough of them:
/// one user who signs in from several places at the same moment would wait for themselves.
struct Turn {
    place: usize,
    connections: usize,
    users: usize,
    taken: usize,
}

impl Turn {
    fn of(place: usize, connections: usize, people: usize) -> Self {
        Self {
            place,
            connections,
            users: people,
            taken: 0,
        }
    }

    fn next(&mut self) -> usize {
        self.taken += 1;
        let own = (self.users / self.connections).max(1);
        (self.place + self.connections * (self.taken % own)) % self.users
    }

    /// Different for every turn of every connection.
    fn serial(&self) -> usize {
        self.place + self.connections * self.taken
    }
}

/// A user whom an upstream provider vouches for, over and over.
struct Away {
    visitor: Visitor,
    by: By,
    turn: Turn,
}

enum By {
    Oidc(Arc<OpenIdProvider>),
    Saml(Idp),
}

impl Work for Away {
    async fn once(&mut self) -> Result<()> {
        let who = format!("u{:03}", self.turn.next());
        match &self.by {
            By::Oidc(provider) => {
                let sent_to = self.visitor.leave_for(upstream::OIDC).await?;
                let query = provider.answer(&sent_to, &who)?;
                self.visitor.call_back(upstream::OIDC, &query).await
            }
            By::Saml(idp) => {
                let sent_to = self.visitor.leave_for(upstream::SAML).await?;
                let (response, relay) = idp.answer(&sent_to, &who, self.turn.serial())?;
                let form = upstream::form(&[("SAMLResponse", response), ("RelayState", relay)]);
                self.visitor.bring(upstream::SAML, &form).await
            }
        }
    }
}

/// Portal pages while many users sign in, and the number of sign-ins.
pub async fn queued(stage: &Stage<'_>) -> Result<(Measured, String)> {
    let count = Arc::new(SignInLoad::default());
    // They end with the set.
    let mut tasks = JoinSet::new();
    let all = (QUEUED, catalogue::USERS);
    for user in users(stage, all, SignIn::local).await? {
        tasks.spawn(come_again(user, count.clone()));
    }
    let pages = stage.visitors().await?.into_iter().map(Plain).collect();
    let pages = stage.run(pages).await?.without_cpu();
    if let Some(ended) = tasks.try_join_next() {
        ended.map_err(|error| error.to_string())??;
    }
    let (inside, busy) = (count.inside.load(Relaxed), count.busy.load(Relaxed));
    let span = (stage.plan.warm_up + stage.plan.measured).as_secs_f64();
    let words = format!(
        "{:.1} sign-ins a second; {busy} times a user had to try again",
        inside as f64 / span
    );
    Ok((pages, words))
}

#[derive(Default)]
struct SignInLoad {
    inside: AtomicU64,
    busy: AtomicU64,
}

async fn come_again(mut user: SignIn, count: Arc<SignInLoad>) -> Result<()> {
    loop {
        match user.try_once().await? {
            Welcome::In => count.inside.fetch_add(1, Relaxed),
            Welcome::Busy => {
                sleep(PAUSE).await;
                count.busy.fetch_add(1, Relaxed)
            }
        };
    }
}

async fn users(
    stage: &Stage<'_>,
    (connections, all): (usize, usize),
    make: fn(Visitor, Turn) -> SignIn,
) -> Result<Vec<SignIn>> {
    let mut people = Vec::new();
    for place in 0..connections {
        let turn = Turn::of(place, connections, all);
        people.push(make(Visitor::new(stage.portal).await?, turn));
    }
    Ok(people)
}

impl SignIn {
    fn local(visitor: Visitor, turn: Turn) -> Self {
        Self {
            visitor,
            provider: "local",
            password: catalogue::PASSWORD,
            name: catalogue::login,
            turn,
        }
    }

    fn ldap(visitor: Visitor, turn: Turn) -> Self {
        Self {
            visitor,
            provider: "ldap",
            password: slapd::PASSWORD,
            name: catalogue::directory_login,
            turn,
        }
    }

    async fn try_once(&mut self) -> Result<Welcome> {
        let name = (self.name)(self.turn.next());
        let visitor = &mut self.visitor;
        visitor.sign_in(self.provider, &name, self.password).await
    }
}

impl Work for SignIn {
    async fn once(&mut self) -> Result<()> {
        match self.try_once().await? {
            Welcome::In => Ok(()),
            Welcome::Busy => Err("had to try again, though few sign in".to_owned()),
        }
    }
}
