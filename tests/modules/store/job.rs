//! Background work, the sweep, the audit trail and the signing keys.

use std::{collections::BTreeSet, sync::Arc};

use sqlx::Executor;
use tokio::task::JoinSet;
use usher::{
    id::{AttemptId, EventId},
    model::{
        allowance::Write,
        attempt::{After, Attempt, AttemptPurpose, LocalPath, SignInDemand},
        event::{Actor, Event, EventData, EventKind, Target},
        place::Permits,
    },
    queue,
    queue::{JobEnd, JobKind, JobQueue, Retry},
    store::{Job, NewJob, StoredKey, claim_statements},
};

use super::{
    DAY, HOUR, MINUTE, SECOND, TestStore,
    launch::on_its_way,
    sweep::{before, reads_no_whole_table, swept},
    write,
};
use support::server::TestServer;

/// A portal in which these jobs of a kind of the test's own are due.
async fn due(ids: &[&str]) -> TestStore {
    let cellar = TestStore::open().await;
    for id in ids {
        queued(&cellar, id, "key").await;
    }
    cellar
}

async fn queued(cellar: &TestStore, id: &str, key: &str) {
    let now = cellar.now();
    let job = NewJob {
        id,
        kind: "test",
        key,
        payload: "payload",
        due: now,
        now,
    };
    write!(cellar, tx => tx.insert_job(&job));
}

/// The longest due job of the kind, without those of these keys.
async fn claim_without(cellar: &TestStore, without: &[String]) -> Option<Job> {
    let now = cellar.now();
    let mut tx = cellar.begin().await;
    let due = tx.due_jobs("test", now, without, 1).await;
    let mut job = None;
    if let Some((id, _)) = due.expect("a list").first() {
        job = tx.claim_job(id, now, MINUTE).await.expect("an answer");
    }
    tx.commit().await.expect("committed");
    job
}

async fn claim(cellar: &TestStore) -> Option<Job> {
    claim_without(cellar, &[]).await
}

async fn is_due(cellar: &TestStore, kind: &str) -> bool {
    let is_due = cellar.store.job_due(kind, cellar.now()).await;
    is_due.expect("an answer")
}

#[tokio::test]
async fn a_job_is_claimed_by_one_of_twenty() {
    let cellar = Arc::new(due(&["one"]).await);
    let mut crowd = JoinSet::new();
    for _ in 0..20 {
        let cellar = cellar.clone();
        crowd.spawn(async move { claim(&cellar).await.is_some() });
    }
    let claimed = crowd.join_all().await;
    assert_eq!(claimed.into_iter().filter(|claimed| *claimed).count(), 1);
}

#[tokio::test]
async fn a_lease_runs_out_and_a_job_that_failed_waits() {
    let cellar = due(&["one"]).await;
    assert!(is_due(&cellar, "test").await && !is_due(&cellar, "other").await);
    let job = claim(&cellar).await.expect("a job");
    assert_eq!(
        (job.key.as_str(), job.payload.as_str(), job.tries),
        ("key", "payload", 1)
    );
    assert!(!is_due(&cellar, "test").await && claim(&cellar).await.is_none());
    cellar.usher.advance(MINUTE);
    assert!(is_due(&cellar, "test").await, "its replica died");
    let job = claim(&cellar).await.expect("a job");
    assert_eq!(job.tries, 2);
    let (now, later) = (cellar.now(), cellar.now() + HOUR);
    assert!(write!(cellar, tx => tx.fail_job(&job, "it broke", Some(later), now)));
    assert!(!is_due(&cellar, "test").await);
    cellar.usher.advance(HOUR);
    let job = claim(&cellar).await.expect("a job");
    assert_eq!(job.tries, 3);
    let now = cellar.now();
    assert!(write!(cellar, tx => tx.repeat_job(&job, now)));
    let job = claim(&cellar).await.expect("a job");
    assert_eq!(job.tries, 1, "as if for the first time");
    assert!(write!(cellar, tx => tx.finish_job(&job)));
    let left = "select id from jobs where kind = 'test'";
    assert!(cellar.usher.column(left).await.is_empty());
}

#[tokio::test]
async fn a_claim_that_was_lost_settles_nothing() {
    let cellar = due(&["one"]).await;
    let lost = claim(&cellar).await.expect("a job");
    cellar.usher.advance(MINUTE);
    let held = claim(&cellar).await.expect("the same job");
    let now = cellar.now();
    assert!(!write!(cellar, tx => tx.fail_job(&lost, "late", None, now)));
    assert!(!write!(cellar, tx => tx.repeat_job(&lost, now)));
    assert!(!write!(cellar, tx => tx.finish_job(&lost)));
    assert!(write!(cellar, tx => tx.finish_job(&held)));
}

#[tokio::test]
async fn a_kind_has_many_jobs_and_an_id_only_one() {
    let cellar = due(&["one", "two", "two"]).await;
    queued(&cellar, "three", "other").await;
    let other = claim_without(&cellar, &["key".to_owned()]).await;
    assert_eq!(other.expect("a job").key, "other");
    assert!(claim(&cellar).await.is_some() && claim(&cellar).await.is_some());
    assert!(claim(&cellar).await.is_none());
    let leased = write!(cellar, tx => tx.leased_keys("test", cellar.now()));
    assert_eq!(leased.len(), 3);
}

/// A kind of the test's own.
const KIND: JobKind = JobKind {
    name: "test",
    every: None,
    lease: MINUTE,
    at_once: 8,
    retry: Retry::Pauses(&[]),
    feed: None,
    places: |_| None,
    run: |_, _| Box::pin(async { Ok(JobEnd::Settled) }),
};

#[tokio::test]
async fn leases_of_a_replica_that_died_close_no_key() {
    let cellar = due(&["one", "two", "three", "four", "five"]).await;
    for _ in 0..4 {
        claim(&cellar).await.expect("a job");
    }
    let places = Permits::new(KIND.at_once);
    let queue = JobQueue {
        kind: &KIND,
        store: &cellar.store,
        clock: &cellar.usher.clock,
        places: &places,
    };
    let run = |_| async { Ok(JobEnd::Settled) };
    queue.run_due(run).await.expect("the fifth runs");
    let leased = write!(cellar, tx => tx.leased_keys("test", cellar.now()));
    assert_eq!(leased.len(), 5);
}

#[tokio::test]
async fn a_key_rests_as_a_whole() {
    let cellar = due(&["one", "two"]).await;
    queued(&cellar, "three", "other").await;
    let until = cellar.now() + MINUTE;
    write!(cellar, tx => tx.rest_jobs("test", "key", until));
    assert_eq!(claim(&cellar).await.expect("a job").key, "other");
    assert!(claim(&cellar).await.is_none());
    cellar.usher.advance(MINUTE);
    assert!(claim(&cellar).await.is_some());
}

#[tokio::test]
async fn a_dead_letter_stays_for_a_while_without_its_key() {
    let cellar = due(&["one"]).await;
    let job = claim(&cellar).await.expect("a job");
    let now = cellar.now();
    write!(cellar, tx => tx.fail_job(&job, "too often", None, now));
    write!(cellar, tx => tx.forget_job_key(&job.id));
    cellar.usher.advance(DAY);
    assert!(claim(&cellar).await.is_none());
    let now = cellar.now();
    swept(&cellar.usher, before(now, 30 * DAY, 90 * DAY)).await;
    let dead = "select last_error from jobs where dead_at is not null";
    assert_eq!(cellar.usher.column(dead).await, ["too often"]);
    let keys = "select key from jobs where dead_at is not null";
    assert_eq!(cellar.usher.column(keys).await, [""]);
    cellar.usher.advance(31 * DAY);
    swept(&cellar.usher, before(cellar.now(), 30 * DAY, 90 * DAY)).await;
    assert!(cellar.usher.column(dead).await.is_empty());
}

#[tokio::test]
async fn a_recurring_job_is_there_once() {
    let cellar = TestStore::open().await;
    let before = cellar.usher.column("select due_at || id from jobs").await;
    assert!(!before.is_empty());
    cellar.usher.advance(SECOND);
    for _ in 0..2 {
        queue::prepare(&cellar.usher.app).await.expect("prepared");
    }
    let after = cellar.usher.column("select due_at || id from jobs").await;
    assert_eq!(after, before, "the first one's time counts");
}

#[tokio::test]
async fn a_recurring_job_that_fails_is_put_back_for_later() {
    let cellar = TestStore::open().await;
    let mut connection = cellar.usher.connection().await;
    connection
        .execute("drop table replays")
        .await
        .expect("broken");
    cellar.usher.advance(HOUR);
    let state = "select tries || case when last_error is null then ' well' else ' failed' end
                 from jobs where kind = 'sweep'";
    for (pause, tries) in [(15, "1"), (30, "2"), (60, "3")] {
        queue::round(&cellar.usher.app).await.expect("a round");
        assert_eq!(
            cellar.usher.column(state).await,
            [format!("{tries} failed")]
        );
        cellar.usher.advance((pause - 1) * SECOND);
        assert!(!is_due(&cellar, "sweep").await);
        cellar.usher.advance(SECOND);
        assert!(is_due(&cellar, "sweep").await);
    }
}

/// One of a newer version's is left to the replicas of that version.
#[tokio::test]
async fn a_job_of_an_unknown_kind_is_left_alone() {
    let cellar = due(&["one"]).await;
    queue::round(&cellar.usher.app).await.expect("a round");
    assert_eq!(claim(&cellar).await.expect("a job").tries, 1);
    assert!(queue::run_due(&cellar.usher.app, "test").await.is_err());
}

#[tokio::test]
async fn no_statement_of_a_claim_reads_a_whole_table() {
    let usher = TestServer::open().await;
    let statements = claim_statements().map(|sql| {
        sql.replace("$1", "'mail'")
            .replace("$2", "1795000000000")
            .replace("$3", "64")
    });
    reads_no_whole_table(&usher, &statements).await;
}

#[tokio::test]
async fn the_sweep_takes_what_is_due_and_leaves_the_rest() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
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
    cellar.usher.advance(2 * MINUTE);
    let now = cellar.now();
    let sweep = async |now| swept(&cellar.usher, before(now, 30 * DAY, 90 * DAY)).await;
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
    // A ticket without a user is deleted after its hour; a departed launch is kept.
    cellar.usher.advance(HOUR);
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
    // After a month the record is deleted; after three the launch is.
    cellar.usher.advance(30 * DAY);
    sweep(cellar.now()).await;
    let recent = store.recent_launches(&ana.id).await;
    assert!(
        recent.expect("a list").is_empty(),
        "the record is forgotten"
    );
    let texts = "select id from launches where record_key is not null or target is not null \
                 or context is not null";
    assert!(cellar.usher.column(texts).await.is_empty());
    let sessions = cellar.usher.column("select id from sessions").await;
    assert!(sessions.is_empty(), "the session is over for a month");
    let departures = cellar.usher.events_named("launch.departed").await;
    assert_eq!(departures, 1, "the trail still says that there was one");
    cellar.usher.advance(60 * DAY);
    sweep(cellar.now()).await;
    assert!(
        store
            .launch(&departed.id)
            .await
            .expect("an answer")
            .is_none()
    );
    assert_eq!(cellar.usher.events_named("launch.departed").await, 0);
}

/// The recent list reads launches whose record was deleted; it must not fail on them.
#[tokio::test]
async fn a_portal_whose_old_records_are_forgotten_still_opens() {
    use support::browser::Browser;
    let usher = TestServer::open().await;
    let mut ana = Browser::of(&usher, "ana").await;
    ana.get("/go/crm/customer/C-2001").await;
    assert!(ana.get("/").await.says("C-2001"));
    usher.advance(HOUR);
    let now = usher.clock.now();
    swept(&usher, before(now, std::time::Duration::ZERO, DAY)).await;
    let page = ana.get("/").await;
    assert_eq!(page.status, 200, "{}", page.text());
    assert!(!page.says("C-2001"));
}

/// A launch has landed when its grant is redeemed; that survives the grant.
#[tokio::test]
async fn a_landing_is_remembered_when_its_grant_is_forgotten() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let (launch, departed) = on_its_way(&cellar, &session, &ana).await;
    let grant = cellar.grant_of(&session);
    write!(cellar, tx => tx.insert_grant(&grant, departed.handle.as_ref()));
    assert_eq!(cellar.usher.events_named("launch.landed").await, 0);
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
        assert_eq!(cellar.usher.events_named("launch.landed").await, 1);
        cellar.usher.advance(pause);
        let now = cellar.now();
        swept(&cellar.usher, before(now, DAY, DAY)).await;
    }
    assert!(
        cellar
            .usher
            .column("select id from grants")
            .await
            .is_empty()
    );
    assert_eq!(cellar.usher.events_named("launch.landed").await, 1);
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
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let kinds = [
        EventKind::SignInSucceeded,
        EventKind::SessionEnded,
        EventKind::CodeReused,
    ];
    for (n, kind) in kinds.into_iter().enumerate() {
        cellar.usher.advance(SECOND);
        let full = n == 0;
        let event = Event {
            id: EventId::new(cellar.now(), &cellar.chance),
            at: cellar.now(),
            kind,
            actor: Actor::Worker,
            target: full.then(|| Target::client("crm-eu")),
            user: full.then(|| ana.id.clone()),
            session: full.then(|| session.id.clone()),
            launch: None,
            service: full.then(|| "crm".to_owned()),
            address: full.then(|| "192.0.2.7".to_owned()),
            data: EventData::new(),
        };
        let event = match full {
            true => event.with("reason", "a reason"),
            false => event,
        };
        write!(cellar, tx => tx.record(&event));
    }
    let events = cellar.store.recent_events(2).await.expect("events");
    let names: Vec<_> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(names, ["code.reused", "session.ended"]);
    let events = cellar.store.recent_events(9).await.expect("events");
    let facts = &events[2].1;
    assert_eq!(facts.actor, Some(Actor::Worker));
    assert_eq!(facts.target(Target::CLIENT), Some("crm-eu"));
    assert_eq!(facts.value("reason"), "a reason");
    assert_eq!((&events[0].1.target, events[0].1.data.len()), (&None, 0));
}

#[tokio::test]
async fn replicas_that_start_together_agree_on_one_key() {
    let cellar = TestStore::open().await;
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
