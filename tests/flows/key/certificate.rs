//! The key that signs SAML: service providers keep copies of its certificate, so it is created
//! manually only, its end is warned of, and it is recorded who has which.

use usher::{
    keys::{KeyState, KeyStatus, RotationReason},
    queue,
};

use super::{DAY, HOUR, page::cleo};
use support::{
    browser::Browser,
    lab::portal,
    server::{PORTAL, TestServer},
};

const KEYS: &str = "/admin/keys";
const ENTITY: &str = "https://lab.test/sp";

fn certificates(usher: &TestServer) -> Vec<KeyStatus> {
    let standing = usher.app.issuer.keys.standing().into_iter();
    standing.filter(|one| one.ends.is_some()).collect()
}

fn states(usher: &TestServer) -> Vec<KeyState> {
    certificates(usher).iter().map(|one| one.state).collect()
}

/// Every ninety days, with a day's notice: then the copies of service providers were worthless.
#[tokio::test]
async fn copied_metadata_stays_good_until_an_admin_makes_another_key() {
    let usher = TestServer::open().await;
    for _ in 0..9 {
        usher.advance(100 * DAY);
        queue::round(&usher.app).await.expect("a round");
    }
    assert_eq!(states(&usher), [KeyState::Current]);
    let made = usher.app.rotate_keys_by_hand(RotationReason::AtOnce).await;
    assert!(made.expect("made").contains(&"saml"));
    let made = usher.app.rotate_keys_by_hand(RotationReason::Early).await;
    assert!(made.expect("made").contains(&"saml"));
    let metadata = usher.app.issuer.saml().metadata().await;
    assert_eq!(
        metadata
            .expect("metadata")
            .matches("<ds:X509Certificate>")
            .count(),
        3,
        "all are published"
    );
    usher.advance(30 * DAY - HOUR);
    assert_eq!(
        states(&usher),
        [KeyState::Next, KeyState::Current],
        "a month to hand it on"
    );
    usher.advance(HOUR);
    assert_eq!(states(&usher), [KeyState::Current, KeyState::Retiring]);
}

#[tokio::test]
async fn a_new_certificate_is_good_for_five_years_and_its_end_is_warned_of() {
    let usher = TestServer::open().await;
    let keys = &usher.app.issuer.keys;
    let begun = usher.clock.now();
    let [first] = &certificates(&usher)[..] else {
        panic!("one");
    };
    let ends = first.ends.expect("an end");
    assert_eq!(ends.secs() - begun.secs(), 1826 * 24 * 3600);
    usher.advance((1826 - 61) * DAY);
    assert!(keys.ending().is_none());
    for (days, warning) in [
        (60, 60),
        (31, 60),
        (30, 30),
        (8, 30),
        (7, 7),
        (1, 7),
        (0, 0),
    ] {
        let left = certificates(&usher)[0].days_left(usher.clock.now());
        let left = left.expect("an end");
        usher.advance(DAY * u32::try_from(left - days).expect("onward"));
        let ending = keys.ending().expect("one that ends");
        assert_eq!(ending.warning(usher.clock.now()), Some(warning), "{days}");
        // The log has each once.
        let is_new = [60, 30, 7, 0].contains(&days);
        assert_eq!(keys.newly_ending().is_some(), is_new, "{days}");
        assert!(keys.newly_ending().is_none());
        let mut cleo = cleo(&usher).await;
        let page = cleo.get(KEYS).await;
        let words = match days {
            0 => "The SAML certificate has expired".to_owned(),
            1 => "The SAML certificate expires in one day".to_owned(),
            days => format!("The SAML certificate expires in {days} days"),
        };
        assert!(page.says(&words), "{words}: {}", page.text());
    }
    usher
        .app
        .rotate_keys_by_hand(RotationReason::Early)
        .await
        .expect("made");
    assert!(keys.ending().is_none(), "the next one is there");
}

#[tokio::test]
async fn it_is_noted_which_service_provider_has_which_certificate() {
    let usher = portal().await;
    let mut cleo = cleo(&usher).await;
    let page = cleo.get(KEYS).await;
    assert!(page.says(ENTITY), "{}", page.text());
    assert!(page.says("Not known whether it has the latest certificate"));
    let newest = certificates(&usher)[0].kid.clone();
    let page = cleo.press(&page, "fingerprint", &newest).await;
    assert!(page.says("Has the latest certificate"), "{}", page.text());
    let noted = "select target || ' ' || data from events where kind = 'key.confirmed'";
    assert_eq!(
        usher.column(noted).await,
        [format!("{ENTITY} {{\"certificate\":\"{newest}\"}}")]
    );
    usher
        .app
        .rotate_keys_by_hand(RotationReason::Early)
        .await
        .expect("made");
    let page = cleo.get(KEYS).await;
    assert!(
        page.says("Has an older certificate that is still published"),
        "{}",
        page.text()
    );
    // Neither an unknown certificate nor an unknown service provider.
    let form = |entity: &str, fingerprint: &str| {
        url::form_urlencoded::Serializer::new(String::new())
            .append_pair("entity", entity)
            .append_pair("fingerprint", fingerprint)
            .finish()
    };
    let path = "/admin/keys/confirmations";
    for body in [form(ENTITY, "00:11"), form("https://evil.test/sp", &newest)] {
        let page = cleo.post(path, Some(PORTAL), &body).await;
        assert_eq!(page.status, 404, "{}", page.text());
    }
    let mut ana = Browser::of(&usher, "ana").await;
    let page = ana.post(path, Some(PORTAL), &form(ENTITY, &newest)).await;
    assert_eq!(page.status, 404);
    assert_eq!(usher.column(noted).await.len(), 1);
}
