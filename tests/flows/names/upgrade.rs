//! Portals of before: every provider's groups counted as the portal's own, and several users could
//! be told to applications by one name. Nobody loses access by the upgrade, and no name stays two
//! users'.

use super::{by_clinic, house, username};
use support::{browser::Browser, server::TestServer};

/// Takes the database back to before, with what it held.
async fn taken_back(house: &TestServer) {
    for sql in [
        "drop table usernames",
        "drop table kept_providers",
        "alter table users drop column username",
        "delete from _sqlx_migrations where version = 30",
    ] {
        sqlx::query(sql)
            .execute(&mut house.connection().await)
            .await
            .expect(sql);
    }
}

#[tokio::test]
async fn after_the_upgrade_nobody_loses_access_and_no_name_is_two_users() {
    let house = house("").await;
    // Mallory came first, and both are `ana` to applications.
    by_clinic(&house, "mallory").await;
    Browser::of(&house, "ana").await;
    taken_back(&house).await;
    let upgraded = house.replica().await;
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
    // The same catalogue again changes nothing; a word of the admin's does.
    upgraded.seed(&super::seed("")).await;
    let mut mallory = by_clinic(&upgraded, "mallory").await;
    assert_eq!(mallory.peek(audit).await.status, 303);
    upgraded
        .seed(&super::seed("trusted_groups = false\n"))
        .await;
    let mut mallory = by_clinic(&upgraded, "mallory").await;
    assert_eq!(mallory.peek(audit).await.status, 403);
}

#[tokio::test]
async fn a_provider_that_was_gone_comes_back_as_a_new_one() {
    let house = house("").await;
    taken_back(&house).await;
    let upgraded = house.replica().await;
    assert!(is_kept(&upgraded), "it was there before");
    upgraded.seed(&support::server::changed(&[])).await;
    upgraded.seed(&super::seed("")).await;
    assert!(!is_kept(&upgraded));
}

fn is_kept(house: &TestServer) -> bool {
    let snapshot = house.app.catalog.snapshot();
    snapshot
        .word("clinic")
        .is_some_and(|word| word.is_kept_by_upgrade)
}
