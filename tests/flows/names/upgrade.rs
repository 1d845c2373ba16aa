//! Portals from before: every provider's groups counted as the portal's own, and applications could
//! receive one name for several users. No user loses access by the upgrade, and no name stays
//! shared.

use super::{by_clinic, seed, seed_with, username, usher};
use support::{browser::Browser, draft::Draft, server::TestServer};

/// Takes the database back to before, with its data.
async fn taken_back(usher: &TestServer) {
    for sql in [
        "drop table usernames",
        "drop table kept_providers",
        "alter table users drop column username",
        "delete from _sqlx_migrations where version = 30",
    ] {
        sqlx::query(sql)
            .execute(&mut usher.connection().await)
            .await
            .expect(sql);
    }
}

#[tokio::test]
async fn after_the_upgrade_no_user_loses_access_and_no_name_is_shared() {
    let usher = usher().await;
    // Mallory came first, and both are `ana` to applications.
    by_clinic(&usher, "mallory").await;
    Browser::of(&usher, "ana").await;
    taken_back(&usher).await;
    let upgraded = usher.replica().await;
    let names = "select username || ' ' || login from users order by username";
    assert_eq!(
        upgraded.column(names).await,
        ["ana ana", "ana@clinic ana"],
        "the default provider's user has the name"
    );
    let audit = "/go/crm/customer/C-1042?intent=audit";
    let mut mallory = by_clinic(&upgraded, "mallory").await;
    assert_eq!(mallory.peek(audit).await.status, 303, "as before");
    let user = mallory.session().await.expect("in").user;
    assert_eq!(
        user.attributes.groups().expect("known"),
        ["admins", "suspended"]
    );
    let ana = Browser::of(&upgraded, "ana").await;
    assert_eq!(username(&ana).await, "ana");
    let renamed = upgraded.app.store.renamed_users(10).await.expect("read");
    assert_eq!(renamed.len(), 1, "{renamed:?}");
    let shared = upgraded.app.store.shared_logins(10).await.expect("read");
    assert_eq!((shared[0].login.as_str(), shared[0].users), ("ana", 2));
    // The same catalogue again changes nothing; a setting of the admin's does.
    upgraded.seed(&seed()).await;
    let mut mallory = by_clinic(&upgraded, "mallory").await;
    assert_eq!(mallory.peek(audit).await.status, 303);
    upgraded
        .seed(&seed_with(|clinic| clinic.trusted_groups = Some(false)))
        .await;
    let mut mallory = by_clinic(&upgraded, "mallory").await;
    assert_eq!(mallory.peek(audit).await.status, 403);
}

#[tokio::test]
async fn a_provider_that_was_gone_comes_back_as_a_new_one() {
    let usher = usher().await;
    taken_back(&usher).await;
    let upgraded = usher.replica().await;
    assert!(is_kept(&upgraded), "it was there before");
    upgraded.seed(&Draft::sample()).await;
    upgraded.seed(&seed()).await;
    assert!(!is_kept(&upgraded));
}

fn is_kept(usher: &TestServer) -> bool {
    let snapshot = usher.app.catalog.snapshot();
    snapshot
        .word("clinic")
        .is_some_and(|word| word.is_kept_by_upgrade)
}
