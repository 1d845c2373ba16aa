//! Tickets: every stage as it was written, changed by one writer only.

use std::sync::Arc;

use tokio::task::JoinSet;
use usher::{
    id::LaunchId,
    model::{
        context::Context,
        launch::{Departed, Launch, Stage},
        session::{Session, SignedIn},
        user::User,
    },
};

use super::{MINUTE, SECOND, TestStore, write};

fn departure(cellar: &TestStore) -> Departed {
    Departed {
        at: cellar.now(),
        instance: "crm-eu".to_owned(),
        method: "oidc".to_owned(),
        client: Some("crm-eu".to_owned()),
        target: "https://crm-eu.test/customers/C-1042?x=%20#y".to_owned(),
        context: Some(Context {
            kind: "customer".to_owned(),
            key: "C-1042".to_owned(),
            fields: [("tab".to_owned(), "\"ö\"".to_owned())].into(),
        }),
        handle: Some(cellar.hash()),
        handle_expires_at: Some(cellar.now() + MINUTE),
    }
}

fn claimed(cellar: &TestStore, ticket: &Launch, session: &Session, user: &User) -> Launch {
    let Stage::Requested { browser } = &ticket.stage else {
        panic!("a ticket that no user has claimed");
    };
    let who = SignedIn {
        session: session.clone(),
        user: user.clone(),
    };
    ticket
        .clone()
        .claim(browser, &who, cellar.now())
        .expect("claimed")
}

async fn kept(cellar: &TestStore, id: &LaunchId) -> Launch {
    let found = cellar.store.launch(id).await.expect("an answer");
    found.expect("a launch")
}

/// A stage with everything on it.
fn whole(launch: &Launch) -> String {
    format!("{launch:?}")
}

#[tokio::test]
async fn every_stage_comes_back_as_it_was_written() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let requested = cellar.requested();
    let claimed = claimed(&cellar, &requested, &session, &ana);
    let departed = claimed.clone().depart(departure(&cellar));
    let mut at = requested.clone();
    write!(cellar, tx => tx.insert_launch(&at));
    assert_eq!(whole(&kept(&cellar, &at.id).await), whole(&at));
    let refused = claimed.clone().refuse("no_instance", cellar.now() + SECOND);
    for next in [claimed.clone(), departed, refused] {
        let from = at.stage.as_str();
        assert!(write!(cellar, tx => tx.move_launch(&next, from)));
        assert_eq!(whole(&kept(&cellar, &at.id).await), whole(&next));
        at = next;
    }
    // At once, as a single statement, at any stage; with nothing on it that could be missing.
    for mut one in [
        requested.clone(),
        claimed.clone(),
        claimed.clone().depart(Departed {
            client: None,
            context: None,
            handle: None,
            handle_expires_at: None,
            ..departure(&cellar)
        }),
        claimed.refuse("not_found", cellar.now()),
        requested.refuse("not_found", cellar.now()),
    ] {
        one.id = LaunchId::new(cellar.now(), &cellar.chance);
        (one.ask.record, one.ask.fields) = (None, Default::default());
        write!(cellar, tx => tx.insert_launch(&one));
        assert_eq!(whole(&kept(&cellar, &one.id).await), whole(&one));
    }
    let stranger = LaunchId::new(cellar.now(), &cellar.chance);
    assert!(
        cellar
            .store
            .launch(&stranger)
            .await
            .expect("an answer")
            .is_none()
    );
}

#[tokio::test]
async fn a_ticket_is_moved_on_only_from_where_it_stands() {
    let cellar = TestStore::open().await;
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let requested = cellar.requested();
    write!(cellar, tx => tx.insert_launch(&requested));
    let claimed = claimed(&cellar, &requested, &session, &ana);
    for wrong in ["claimed", "departed", "landed", "refused", ""] {
        assert!(
            !write!(cellar, tx => tx.move_launch(&claimed, wrong)),
            "{wrong}"
        );
    }
    assert_eq!(
        kept(&cellar, &requested.id).await.stage.as_str(),
        "requested"
    );
    assert!(write!(cellar, tx => tx.move_launch(&claimed, "requested")));
    assert!(
        !write!(cellar, tx => tx.move_launch(&claimed, "requested")),
        "twice"
    );
}

#[tokio::test]
async fn twenty_that_move_one_ticket_on_are_one() {
    let cellar = Arc::new(TestStore::open().await);
    let ana = cellar.user("ana").await;
    let (session, _) = cellar.signed_in(&ana).await;
    let requested = cellar.requested();
    write!(cellar, tx => tx.insert_launch(&requested));
    let claimed = claimed(&cellar, &requested, &session, &ana);
    let mut crowd = JoinSet::new();
    for _ in 0..20 {
        let (cellar, claimed) = (cellar.clone(), claimed.clone());
        crowd.spawn(async move { write!(cellar, tx => tx.move_launch(&claimed, "requested")) });
    }
    let moved = crowd.join_all().await;
    assert_eq!(moved.into_iter().filter(|moved| *moved).count(), 1);
}

#[tokio::test]
async fn recent_launches_are_a_users_departures_into_records_newest_first() {
    let cellar = TestStore::open().await;
    let (ana, ben) = (cellar.user("ana").await, cellar.user("ben").await);
    let (of_ana, _) = cellar.signed_in(&ana).await;
    let (of_ben, _) = cellar.signed_in(&ben).await;
    for (n, (user, session)) in [(&ana, &of_ana), (&ben, &of_ben), (&ana, &of_ana)]
        .into_iter()
        .enumerate()
    {
        cellar.usher.advance(SECOND);
        let mut ticket = cellar.requested();
        ticket.ask.record = Some(("customer".to_owned(), format!("C-100{n}")));
        let claimed = claimed(&cellar, &ticket, session, user);
        let mut waiting = claimed.clone();
        waiting.id = LaunchId::new(cellar.now(), &cellar.chance);
        write!(cellar, tx => tx.insert_launch(&waiting));
        let departed = claimed.depart(departure(&cellar));
        write!(cellar, tx => tx.insert_launch(&departed));
        let mut front = departed.clone();
        front.id = LaunchId::new(cellar.now(), &cellar.chance);
        front.ask.record = None;
        if let Stage::Departed { departure, .. } = &mut front.stage {
            departure.handle = Some(cellar.hash());
        }
        write!(cellar, tx => tx.insert_launch(&front));
    }
    let recent = cellar.store.recent_launches(&ana.id).await.expect("a list");
    let keys: Vec<_> = recent.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(keys, ["C-1002", "C-1000"]);
    assert_eq!(
        (recent[0].service.as_str(), recent[0].at),
        ("crm", cellar.now())
    );
}

/// A departed launch with its handle, kept.
pub(super) async fn on_its_way(
    cellar: &TestStore,
    session: &Session,
    user: &User,
) -> (Launch, Departed) {
    let departure = departure(cellar);
    let requested = cellar.requested();
    let departed = claimed(cellar, &requested, session, user).depart(departure.clone());
    write!(cellar, tx => tx.insert_launch(&departed));
    (departed, departure)
}
