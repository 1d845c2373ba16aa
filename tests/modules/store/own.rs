//! A user's own data: never another user's.

use usher::{
    chance::Chance,
    clock::Clock,
    event::Events,
    id::{EventId, UserId},
    model::event::{Actor, Event, EventKind},
};

use super::{HOUR, MINUTE, SECOND, TestStore, write};

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_own_user_only() {
    let cellar = TestStore::open().await;
    let (ana, ben) = (cellar.user("ana").await, cellar.user("ben").await);
    let (first, _) = cellar.signed_in(&ana).await;
    let (second, _) = cellar.signed_in(&ana).await;
    let (foreign, _) = cellar.signed_in(&ben).await;
    let now = cellar.now();
    write!(cellar, tx => tx.touch_session(&second.id, now + SECOND));
    let listed = cellar.store.sessions_of(&ana.id).await.expect("an answer");
    let ids: Vec<_> = listed.iter().map(|one| one.session.id.clone()).collect();
    assert_eq!(
        ids,
        [second.id.clone(), first.id.clone()],
        "last used first"
    );
    assert_eq!(
        (&*listed[0].user_agent, &*listed[0].address),
        ("a test", "192.0.2.7")
    );
    assert!(listed.iter().all(|one| one.ended_at.is_none()));
    assert!(!write!(cellar, tx => tx.end_session_of(&ana.id, &foreign.id, now)));
    assert!(
        !write!(cellar, tx => tx.end_session_of(&ana.id, &first.id, now + HOUR)),
        "over"
    );
    assert!(write!(cellar, tx => tx.end_session_of(&ana.id, &first.id, now)));
    assert!(
        !write!(cellar, tx => tx.end_session_of(&ana.id, &first.id, now)),
        "twice"
    );
    let listed = cellar.store.sessions_of(&ana.id).await.expect("an answer");
    let ended: Vec<_> = listed.iter().map(|one| one.ended_at).collect();
    assert_eq!(ended, [None, Some(now)]);
}

#[tokio::test]
async fn others_end_and_those_of_one_provider() {
    let cellar = TestStore::open().await;
    let (ana, ben) = (cellar.user("ana").await, cellar.user("ben").await);
    let (kept, _) = cellar.signed_in(&ana).await;
    let (other, _) = cellar.signed_in(&ana).await;
    let (foreign, _) = cellar.signed_in(&ben).await;
    let now = cellar.now();
    let ended = write!(cellar, tx => tx.end_sessions_but(&ana.id, &kept.id, now));
    assert_eq!(ended, [other.id]);
    assert!(write!(cellar, tx => tx.end_sessions_but(&ana.id, &kept.id, now)).is_empty());
    assert!(write!(cellar, tx => tx.end_sessions_by(&ana.id, "ldap", now)).is_empty());
    let ended = write!(cellar, tx => tx.end_sessions_by(&ana.id, "local", now));
    assert_eq!(ended, [kept.id]);
    let theirs = cellar.store.session_by_id(&foreign.id, now).await;
    assert!(theirs.expect("an answer").is_some(), "Ben's goes on");
}

#[tokio::test]
async fn an_identity_goes_unless_it_is_the_last() {
    let cellar = TestStore::open().await;
    let (ana, ben) = (cellar.user("ana").await, cellar.user("ben").await);
    let now = cellar.now();
    for (provider, subject, user) in [
        ("local", "1", &ana),
        ("ldap", "1", &ana),
        ("ldap", "2", &ben),
    ] {
        assert!(write!(cellar, tx => tx.insert_identity(provider, subject, &user.id, now)));
    }
    write!(cellar, tx => tx.use_identity("ldap", "1", now + MINUTE));
    let mine = cellar
        .store
        .identities_of(&ana.id)
        .await
        .expect("an answer");
    let told: Vec<_> = mine
        .iter()
        .map(|one| (&*one.provider, one.used_at))
        .collect();
    assert_eq!(told, [("ldap", Some(now + MINUTE)), ("local", None)]);
    write!(cellar, tx => tx.hold_user(&ana.id));
    assert!(
        !write!(cellar, tx => tx.delete_identity(&ana.id, "ldap", "2")),
        "Ben's"
    );
    assert!(
        !write!(cellar, tx => tx.delete_identity(&ben.id, "ldap", "2")),
        "his last"
    );
    assert!(write!(cellar, tx => tx.delete_identity(&ana.id, "ldap", "1")));
    assert!(
        !write!(cellar, tx => tx.delete_identity(&ana.id, "local", "1")),
        "now the last"
    );
}

#[tokio::test]
async fn a_name_is_known_where_one_user_has_it() {
    let cellar = TestStore::open().await;
    let (ana, twin) = (cellar.user("ana").await, cellar.user("ana").await);
    let now = cellar.now();
    let known = |provider: &'static str, name: &'static str| {
        let store = cellar.store.clone();
        async move {
            store
                .user_known_as(provider, name)
                .await
                .expect("an answer")
        }
    };
    assert_eq!(known("ldap", "ana").await, None, "no provider knows them");
    write!(cellar, tx => tx.insert_identity("ldap", "1", &ana.id, now));
    write!(cellar, tx => tx.insert_identity("ldap", "1b", &ana.id, now));
    for name in ["ana", "ANA"] {
        assert_eq!(known("ldap", name).await, Some(ana.id.clone()), "{name}");
    }
    for (provider, name) in [
        ("local", "ana"),
        ("ldap", "an"),
        ("ldap", ""),
        ("ldap", "an%"),
    ] {
        assert_eq!(known(provider, name).await, None, "{provider} {name}");
    }
    write!(cellar, tx => tx.insert_identity("ldap", "2", &twin.id, now));
    assert_eq!(known("ldap", "ana").await, None, "two of that name");
}

#[tokio::test]
async fn a_history_is_read_in_pages_newest_first() {
    let cellar = TestStore::open().await;
    let (ana, ben) = (cellar.user("ana").await, cellar.user("ben").await);
    let (session, _) = cellar.signed_in(&ana).await;
    let mut ids = Vec::new();
    for kind in [
        EventKind::SignInSucceeded,
        EventKind::LaunchBlocked,
        EventKind::SignInFailed,
        EventKind::SessionEnded,
    ] {
        cellar.usher.advance(SECOND);
        for user in [&ana, &ben] {
            let event = line(&cellar, kind, &user.id);
            let event = event.in_session(&session.id);
            ids.extend((user.id == ana.id).then(|| event.id.clone()));
            write!(cellar, tx => tx.record(&event));
        }
    }
    let read = |before: Option<EventId>, most| {
        let (store, user) = (cellar.store.clone(), ana.id.clone());
        async move {
            let lines = store.events_of(&user, before.as_ref(), most).await;
            let lines = lines.expect("an answer");
            lines.into_iter().map(|line| line.id).collect::<Vec<_>>()
        }
    };
    let newest = [ids[3].clone(), ids[2].clone(), ids[0].clone()];
    assert_eq!(
        read(None, 9).await,
        newest,
        "launches have a list of their own"
    );
    assert_eq!(read(None, 2).await, newest[..2]);
    assert_eq!(read(Some(ids[2].clone()), 9).await, newest[2..]);
    let lines = cellar
        .store
        .events_of(&ana.id, None, 1)
        .await
        .expect("lines");
    assert_eq!(lines[0].user_agent.as_deref(), Some("a test"));
    let lines = cellar
        .store
        .events_of(&ben.id, None, 1)
        .await
        .expect("lines");
    assert_eq!(lines[0].user_agent, None, "of a session of their own only");
}

fn line(cellar: &TestStore, kind: EventKind, user: &UserId) -> Event {
    let events = Events::new(Clock::manual(cellar.now()), Chance::system());
    let actor = Actor::User(user.clone());
    events.by(actor, kind).of_user(Some(user))
}

#[tokio::test]
async fn what_is_taken_away_is_ones_own() {
    let cellar = TestStore::open().await;
    let (ana, ben) = (cellar.user("ana").await, cellar.user("ben").await);
    let now = cellar.now();
    let (session, _) = cellar.signed_in(&ana).await;
    let grant = cellar.grant_of(&session);
    write!(cellar, tx => tx.insert_grant(&grant, None));
    write!(cellar, tx => tx.put_override(&ana.id, "crm", "crm-us", now + HOUR));
    let store = &cellar.store;
    let profile = store
        .profile(&ana.id)
        .await
        .expect("an answer")
        .expect("ana");
    assert_eq!((&*profile.login, profile.created_at.0), ("ana", now));
    for (user, count) in [(&ana.id, 1), (&ben.id, 0)] {
        assert_eq!(
            store.grants_of(user, 9).await.expect("an answer").len(),
            count
        );
        assert_eq!(
            store.choices_of(user, now).await.expect("an answer").len(),
            count
        );
    }
    assert!(
        store
            .grants_of(&ana.id, 0)
            .await
            .expect("an answer")
            .is_empty()
    );
    let later = store.choices_of(&ana.id, now + HOUR).await;
    assert!(later.expect("an answer").is_empty(), "over");
    assert!(
        store
            .launches_of(&ana.id, 9)
            .await
            .expect("an answer")
            .is_empty()
    );
    assert!(
        store
            .local_accounts_of(&ana.id)
            .await
            .expect("an answer")
            .is_empty()
    );
    assert!(
        store
            .factors_of(&ana.id)
            .await
            .expect("an answer")
            .is_empty()
    );
    let nobody = UserId::new(now, &cellar.chance);
    assert!(store.profile(&nobody).await.expect("an answer").is_none());
}
