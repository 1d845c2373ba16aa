//! Background work, the sweep, the audit trail and the signing keys.

use std::{collections::BTreeSet, sync::Arc};

use tokio::task::JoinSet;
use usher::{
    id::{AttemptId, EventId, JobId},
    model::{
        allowance::Write,
        attempt::{After, Attempt, AttemptPurpose, LocalPath, SignInDemand},
        event::{Event, EventKind},
    },
    store::{Job, StoredKey},
    worker,
};

use super::{
    Cellar, DAY, HOUR, MINUTE, SECOND,
    launch::on_its_way,
    sweep::{before, swept},
    write,
};
use crate::support::house::TestServer;

/// A house in which the sweep is due, and nothing else for a year.
async fn due() -> Cellar {
    let cellar = Cellar::open().await;
    cellar.house.advance(HOUR);
    let now = cellar.now();
    while let Some(job) = claim(&cellar).await {
        let due = if job.kind == "sweep" {
            now + SECOND
        } else {
            now + DAY * 365
        };
        write!(cellar, tx => tx.put_back_job(&job, due, None));
    }
    cellar.house.advance(SECOND);
    cellar
}

async fn claim(cellar: &Cellar) -> Option<Job> {
    let now = cellar.now();
    write!(cellar, tx => tx.claim_job(now, MINUTE))
}

#[tokio::test]
async fn a_job_is_claimed_by_one_of_twenty() {
    let cellar = Arc::new(due().await);
    let mut crowd = JoinSet::new();
    for _ in 0..20 {
        let cellar = cellar.clone();
        crowd.spawn(async move { claim(&cellar).await.is_some() });
    }
    let claimed = crowd.join_all().await;
    assert_eq!(claimed.into_iter().filter(|claimed| *claimed).count(), 1);
}

#[tokio::test]
async fn a_claim_runs_out_and_a_job_put_back_waits() {
    let cellar = due().await;
    let is_due = async || cellar.store.job_due(cellar.now()).await.expect("an answer");
    assert!(is_due().await);
    let job = claim(&cellar).await.expect("a job");
    assert_eq!((job.kind.as_str(), job.failures), ("sweep", 0));
    assert!(!is_due().await && claim(&cellar).await.is_none());
    cellar.house.advance(MINUTE);
    assert!(is_due().await, "whoever claimed it died");
    let job = claim(&cellar).await.expect("a job");
    let later = cellar.now() + HOUR;
    write!(cellar, tx => tx.put_back_job(&job, later, Some("it broke")));
    assert!(!is_due().await);
    cellar.house.advance(HOUR);
    let job = claim(&cellar).await.expect("a job");
    assert_eq!(job.failures, 1);
    let now = cellar.now();
    write!(cellar, tx => tx.put_back_job(&job, now, None));
    assert_eq!(claim(&cellar).await.expect("a job").failures, 0);
}

#[tokio::test]
async fn a_recurring_job_is_there_once() {
    let cellar = Cellar::open().await;
    let now = cellar.now();
    for _ in 0..3 {
        let id = JobId::new(now, &cellar.chance);
        write!(cellar, tx => tx.ensure_job(&id, "sweep", now));
    }
    assert!(
        claim(&cellar).await.is_none(),
        "the first one's time counts"
    );
    let id = JobId::new(now, &cellar.chance);
    write!(cellar, tx => tx.ensure_job(&id, "other", now));
    assert_eq!(claim(&cellar).await.expect("a job").kind, "other");
    assert!(claim(&cellar).await.is_none());
}

/// An unknown job is not run for ever: it waits longer each time.
#[tokio::test]
async fn a_job_that_fails_is_put_back_for_later() {
    let cellar = Cellar::open().await;
    let now = cellar.now();
    let id = JobId::new(now, &cellar.chance);
    write!(cellar, tx => tx.ensure_job(&id, "nonsense", now));
    for _ in 0..3 {
        worker::round(&cellar.house.app).await.expect("a round");
        assert!(!cellar.store.job_due(cellar.now()).await.expect("an answer"));
        cellar.house.advance(5 * MINUTE);
    }
    let failed = cellar
        .house
        .column("select last_error from jobs where kind = 'nonsense'")
        .await;
    assert!(failed[0].contains("nonsense"), "{failed:?}");
}

#[tokio::test]
async fn the_sweep_takes_what_is_due_and_leaves_the_rest() {
    let cellar = Cellar::open().await;
    let ana = cellar.person("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let start = cellar.now();
    let attempt = |expires_at| Attempt {
        id: AttemptId::new(start, &cellar.chance),
        browser: cellar.hash(),
        after: After::Page(LocalPath::portal()),
        hint: None,
        purpose: AttemptPurpose::SignIn,
        demand: SignInDemand::default(),
        provider: None,
        vouched: None,
        remember: false,
        expires_at,
        consumed_at: None,
        return_to: None,
    };
    let (old, young) = (attempt(start + MINUTE), attempt(start + HOUR));
    for attempt in [&old, &young] {
        write!(cellar, tx => tx.insert_attempt(&Write::proved(), attempt));
    }
    write!(cellar, tx => tx.remember_once("old", start + MINUTE));
    write!(cellar, tx => tx.remember_once("young", start + HOUR));
    write!(cellar, tx => tx.count_failure("old", start, start + MINUTE));
    write!(cellar, tx => tx.count_failure("young", start, start + HOUR));
    write!(cellar, tx => tx.put_override(&ana.id, "crm", "crm-us", start + MINUTE));
    write!(cellar, tx => tx.put_override(&ana.id, "wiki", "wiki-us", start + HOUR));
    let waiting = cellar.requested();
    write!(cellar, tx => tx.insert_launch(&waiting));
    let (departed, _) = on_its_way(&cellar, &session, &ana).await;
    cellar.house.advance(2 * MINUTE);
    let now = cellar.now();
    let sweep = async |now| swept(&cellar.house, before(now, 30 * DAY, 90 * DAY)).await;
    assert_eq!(sweep(now).await, 4, "attempt, replay, throttle, override");
    let store = &cellar.store;
    assert!(store.attempt(&old.id).await.expect("an answer").is_none());
    assert!(store.attempt(&young.id).await.expect("an answer").is_some());
    assert!(write!(cellar, tx => tx.remember_once("old", now + HOUR)));
    assert!(!write!(cellar, tx => tx.remember_once("young", now + HOUR)));
    assert_eq!(
        store.failures("young", start).await.expect("an answer").0,
        1
    );
    let overrides = store.overrides(&ana.id, start).await.expect("an answer");
    assert_eq!(overrides.into_keys().collect::<Vec<_>>(), ["wiki"]);
    assert!(
        store
            .launch(&waiting.id)
            .await
            .expect("an answer")
            .is_some()
    );
    assert_eq!(sweep(now).await, 0, "nothing twice");
    // A ticket nobody claimed is gone after its hour; a departed launch is remembered.
    cellar.house.advance(HOUR);
    sweep(cellar.now()).await;
    assert!(
        store
            .launch(&waiting.id)
            .await
            .expect("an answer")
            .is_none()
    );
    let kept = cellar
        .store
        .launch(&departed.id)
        .await
        .expect("an answer")
        .expect("kept");
    assert_eq!(kept.ask.record, departed.ask.record);
    // After a month nobody knows which record it was; after three it is gone.
    cellar.house.advance(30 * DAY);
    sweep(cellar.now()).await;
    let recent = store.recent_launches(&ana.id).await;
    assert!(
        recent.expect("a list").is_empty(),
        "the record is forgotten"
    );
    let texts = "select id from launches where record_key is not null or target is not null \
                 or context is not null";
    assert!(cellar.house.column(texts).await.is_empty());
    let sessions = cellar.house.column("select id from sessions").await;
    assert!(sessions.is_empty(), "the session is over for a month");
    let departures = cellar.house.events_named("launch.departed").await;
    assert_eq!(departures, 1, "the trail still says that there was one");
    cellar.house.advance(60 * DAY);
    sweep(cellar.now()).await;
    assert!(
        store
            .launch(&departed.id)
            .await
            .expect("an answer")
            .is_none()
    );
    assert_eq!(cellar.house.events_named("launch.departed").await, 0);
}

/// The recent list reads launches whose record is forgotten; it must not stumble over them.
#[tokio::test]
async fn a_portal_whose_old_records_are_forgotten_still_opens() {
    use crate::support::browser::Browser;
    let house = TestServer::open().await;
    let mut ana = Browser::of(&house, "ana").await;
    ana.get("/go/crm/customer/C-2001").await;
    assert!(ana.get("/").await.says("C-2001"));
    house.advance(HOUR);
    let now = house.clock.now();
    swept(&house, before(now, std::time::Duration::ZERO, DAY)).await;
    let page = ana.get("/").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(!page.says("C-2001"));
}

/// A launch has landed when its grant is redeemed; that survives the grant.
#[tokio::test]
async fn a_landing_is_remembered_when_its_grant_is_forgotten() {
    let cellar = Cellar::open().await;
    let ana = cellar.person("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let (launch, departed) = on_its_way(&cellar, &session, &ana).await;
    let grant = cellar.grant_of(&session);
    write!(cellar, tx => tx.insert_grant(&grant, departed.handle.as_ref()));
    assert_eq!(cellar.house.events_named("launch.landed").await, 0);
    let (now, access) = (cellar.now(), cellar.hash());
    let redemption = usher::store::Redemption {
        code: &grant.code,
        client: "crm-eu",
        access: &access,
        key: None,
        access_expires_at: now + 5 * MINUTE,
        now,
    };
    assert!(write!(cellar, tx => tx.redeem(&redemption)).is_some());
    for pause in [SECOND, 2 * MINUTE, HOUR] {
        assert_eq!(cellar.house.events_named("launch.landed").await, 1);
        cellar.house.advance(pause);
        let now = cellar.now();
        swept(&cellar.house, before(now, DAY, DAY)).await;
    }
    assert!(
        cellar
            .house
            .column("select id from grants")
            .await
            .is_empty()
    );
    assert_eq!(cellar.house.events_named("launch.landed").await, 1);
    let kept = cellar
        .store
        .launch(&launch.id)
        .await
        .expect("an answer")
        .expect("kept");
    assert_eq!(kept.stage.as_str(), "landed");
}

#[tokio::test]
async fn events_are_read_newest_first() {
    let cellar = Cellar::open().await;
    let ana = cellar.person("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let kinds = [
        EventKind::SignInSucceeded,
        EventKind::SessionEnded,
        EventKind::CodeReused,
    ];
    for (n, kind) in kinds.into_iter().enumerate() {
        cellar.house.advance(SECOND);
        let full = n == 0;
        let event = Event {
            id: EventId::new(cellar.now(), &cellar.chance),
            at: cellar.now(),
            kind,
            user: full.then(|| ana.id.clone()),
            session: full.then(|| session.id.clone()),
            launch: None,
            service: full.then(|| "crm".to_owned()),
            address: full.then(|| "192.0.2.7".to_owned()),
            detail: full.then(|| "detail".to_owned()),
        };
        write!(cellar, tx => tx.insert_event(&event));
    }
    let events = cellar.store.recent_events(2).await.expect("events");
    let names: Vec<_> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(names, ["code.reused", "session.ended"]);
    let events = cellar.store.recent_events(9).await.expect("events");
    assert_eq!(events[2].1.as_deref(), Some("detail"));
    assert_eq!(events[0].1, None);
}

#[tokio::test]
async fn replicas_that_start_together_agree_on_one_key() {
    let cellar = Cellar::open().await;
    let before = cellar.store.signing_keys().await.expect("keys");
    let algorithms: BTreeSet<_> = before.iter().map(|key| key.algorithm.as_str()).collect();
    assert_eq!(
        algorithms,
        BTreeSet::from(["ES256", "RS256", "pairwise", "saml"])
    );
    let now = cellar.now();
    let key = |kid: &str| StoredKey {
        kid: kid.to_owned(),
        algorithm: "ES256".to_owned(),
        sealed: "sealed".to_owned(),
        active_from: now,
        withdrawn_at: None,
    };
    for (slot, kid) in [
        ("ES256:1", "late"),
        ("ES256:2", "next"),
        ("ES256:2", "later"),
    ] {
        let key = key(kid);
        write!(cellar, tx => tx.offer_signing_key(slot, &key, now + MINUTE));
    }
    let after = cellar.store.signing_keys().await.expect("keys");
    let kids: Vec<_> = after.iter().map(|key| key.kid.as_str()).collect();
    assert_eq!(
        (kids.len(), kids[0]),
        (before.len() + 1, "next"),
        "newest first"
    );
}
