//! Resident memory: of a portal just started, and of one that ten thousand sessions have visited.

use std::time::Duration;

use tokio::{task::JoinSet, time::sleep};
use usher::{
    chance::Chance,
    clock::Clock,
    id::{Artefact, Bearer, SessionId},
    model::session::{Session, SignedIn},
    store::Store,
};

use crate::{
    Result, load::Plan, load::Work as _, process::Portal, report, scenario::page::Plain,
    visit::Visitor,
};

/// The portal is left alone for so long before it counts as idle.
const SETTLED: Duration = Duration::from_secs(1);

/// Prints both; the idle one in MB is the result. `known` are sessions there are already.
pub async fn of_sessions(portal: &Portal, plan: &Plan, known: &[String]) -> Result<f64> {
    let (server, _) = portal.serve().await?;
    sleep(SETTLED).await;
    let idle = server.resident_mb()?;
    report::fact("memory idle", &format!("{idle:.1} MB"));
    let sessions = make_sessions(portal, plan.sessions, known).await?;
    visit_all(portal, plan.connections, sessions).await?;
    let (now, count) = (server.resident_mb()?, plan.sessions);
    report::fact(
        &format!("memory, {count} sessions"),
        &format!("{now:.1} MB"),
    );
    server.stop().await?;
    Ok(idle)
}

/// New sessions of the users who have one, written where the portal finds them.
async fn make_sessions(portal: &Portal, count: usize, known: &[String]) -> Result<Vec<String>> {
    let store = Store::open(&portal.database_url()).await.map_err(text)?;
    let (clock, chance) = (Clock::system(), Chance::system());
    let people = users(&store, known).await?;
    let mut tx = store.begin().await.map_err(text)?;
    let mut made = Vec::new();
    for who in people.iter().cycle().take(count) {
        let token = Bearer::mint(Artefact::Session, &chance);
        let session = Session {
            id: SessionId::new(clock.now(), &chance),
            ..who.session.clone()
        };
        tx.insert_session(&session, &token.hash(), "", "127.0.0.1")
            .await
            .map_err(text)?;
        made.push(token.as_str().to_owned());
    }
    tx.commit().await.map_err(text)?;
    store.close().await;
    Ok(made)
}

async fn users(store: &Store, sessions: &[String]) -> Result<Vec<SignedIn>> {
    let now = Clock::system().now();
    let lately = now - Duration::from_secs(3600);
    let mut people = Vec::new();
    for session in sessions {
        let token = Bearer::parse(Artefact::Session, session).ok_or("not a session")?;
        let who = store
            .session(&token.hash(), now, lately)
            .await
            .map_err(text)?;
        people.push(who.ok_or("a session that has ended")?);
    }
    Ok(people)
}

/// One portal page each.
async fn visit_all(portal: &Portal, connections: usize, sessions: Vec<String>) -> Result<()> {
    let mut visits = JoinSet::new();
    for part in sessions.chunks(sessions.len().div_ceil(connections)) {
        let part = part.to_vec();
        let mut page = Plain(Visitor::new(portal).await?);
        visits.spawn(async move {
            for session in part {
                page.0.take_session(session);
                page.once().await?;
            }
            Ok::<_, String>(())
        });
    }
    while let Some(done) = visits.join_next().await {
        done.map_err(|error| error.to_string())??;
    }
    Ok(())
}

fn text(error: usher::error::Error) -> String {
    error.to_string()
}
