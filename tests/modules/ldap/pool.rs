//! The connections that searches share.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use serde_json::json;
use usher::{
    clock::Clock,
    upstream::{IdentityProvider, ldap},
};

use super::{NOW, ana, connection, provider, sign_in, with};
use support::slapd::{PASSWORD, Slapd};

/// Many users at once.
async fn many_users(provider: &Arc<dyn IdentityProvider>) {
    let tasks: Vec<_> = (1..=40)
        .map(|user| {
            let provider = provider.clone();
            tokio::spawn(async move {
                let name = format!("user{user:03}");
                (sign_in(&*provider, &name, PASSWORD).await, name)
            })
        })
        .collect();
    for task in tasks {
        let (identity, name) = task.await.unwrap();
        assert_eq!(identity.map(|identity| identity.login), Ok(name));
    }
}

/// The connections that were searched on.
fn searched(slapd: &Slapd) -> BTreeSet<String> {
    let log = slapd.log();
    let lines = log.lines().filter(|line| line.contains("SRCH base="));
    lines.filter_map(connection).collect()
}

#[tokio::test]
async fn many_searches_use_as_many_connections_as_allowed() {
    for (size, most) in [(json!(1), 1), (json!(3), 3), (json!(null), 4)] {
        let slapd = Slapd::start();
        let provider: Arc<dyn IdentityProvider> =
            provider(&slapd, json!({"pool_size": size})).into();
        many_users(&provider).await;
        many_users(&provider).await;
        let used = searched(&slapd).len();
        assert!((1..=most).contains(&used), "{used} of {most}");
        let log = slapd.log();
        let accounts = log.matches("BIND dn=\"cn=usher,ou=services").count();
        assert!(accounts <= 2 * most, "each is bound once: {accounts} lines");
    }
}

#[tokio::test]
async fn a_search_connection_that_is_not_used_is_closed() {
    let slapd = Slapd::start();
    let clock = Clock::manual(NOW);
    let settings = with(slapd.settings(), json!({"pool_idle_ms": 30_000}));
    let provider =
        ldap::open(&settings, &clock, super::PATIENCE).unwrap_or_else(|error| panic!("{error}"));
    ana(&*provider).await.unwrap();
    clock.advance(Duration::from_secs(29));
    ana(&*provider).await.unwrap();
    assert_eq!(searched(&slapd).len(), 1);
    clock.advance(Duration::from_secs(30));
    ana(&*provider).await.unwrap();
    assert_eq!(searched(&slapd).len(), 2);
}

#[tokio::test]
async fn when_a_server_dies_with_many_connections_the_next_takes_over() {
    let (mut one, two) = (Slapd::start(), Slapd::start());
    let both = json!({
        "servers": [one.ldaps_url(), two.ldaps_url()],
        "ca_pem": format!("{}{}", one.ca_pem(), two.ca_pem()),
    });
    let provider: Arc<dyn IdentityProvider> = provider(&one, both).into();
    many_users(&provider).await;
    assert!(searched(&two).is_empty(), "the first is first");
    one.stop();
    many_users(&provider).await;
    let used = searched(&two).len();
    assert!((1..=4).contains(&used), "{used}");
}
