//! The admin's page of keys: who sees it, what it says, and what its buttons do.

use sqlx::Executor;
use usher::{
    keys::{KeyState, RotationReason},
    queue,
};

use super::{DAY, HOUR, SECOND, published, sign_in, signed_by};
use support::{
    admin::make_admin,
    browser::{Browser, Page},
    draft::Draft,
    relying_party::{Ask, code, error},
    server::{PORTAL, TestServer},
};

const OURS: Option<&str> = Some(PORTAL);
const KEYS: &str = "/admin/keys";

/// An admin who was made one while she was signed in: she has no second factor yet.
pub(super) async fn cleo(usher: &TestServer) -> Browser<'_> {
    let before = "update users set admin_at = null where login = 'cleo'";
    let mut database = usher.connection().await;
    database.execute(before).await.expect("no admin");
    let cleo = Browser::of(usher, "cleo").await;
    make_admin(usher, "cleo").await;
    cleo
}

/// As the buttons do it.
async fn turn(browser: &mut Browser<'_>, body: &str) -> Page {
    browser.post(KEYS, OURS, body).await
}

async fn details(usher: &TestServer, kind: &'static str) -> Vec<String> {
    let sql = match kind {
        "made" => {
            "select data || ' ' || target from events where kind = 'key.rotated' order by data"
        }
        _ => "select data || ' ' || target from events where kind = 'key.withdrawn' order by data",
    };
    usher.column(sql).await
}

#[tokio::test]
async fn it_is_there_for_admins_alone() {
    let usher = TestServer::open().await;
    let mut nobody = Browser::new(&usher);
    assert_eq!(nobody.get(KEYS).await.status, 404);
    let mut ana = Browser::of(&usher, "ana").await;
    assert_eq!(ana.get(KEYS).await.status, 404);
    for browser in [&mut nobody, &mut ana] {
        let page = turn(browser, "turn=leaked&confirmed=1").await;
        assert_eq!(page.status, 404);
    }
    assert_eq!(published(&usher).await.len(), 1, "nothing was made");
    let mut cleo = cleo(&usher).await;
    assert!(
        cleo.get("/admin")
            .await
            .body
            .contains("href=\"/admin/keys\"")
    );
    let page = cleo.get(KEYS).await;
    assert_eq!(page.status, 200, "{}", page.text());
    let kid = &published(&usher).await[0];
    assert!(page.says(&format!("Key ID {kid}")), "{}", page.text());
    for words in [
        "OpenID Connect tokens (ES256)",
        "(RS256)",
        "SAML assertions",
    ] {
        assert!(page.says(words), "{words}");
    }
    assert!(
        page.says("Used for signing since 2026-11-18 11:06:40 UTC"),
        "{}",
        page.text()
    );
    assert!(
        page.says("Next key 2027-02-16 11:06:40 UTC"),
        "{}",
        page.text()
    );
    assert!(
        page.says("published for the configured time"),
        "{}",
        page.text()
    );
}

/// THREATS: a form that no page of ours made.
#[tokio::test]
async fn a_page_of_another_site_rotates_nothing() {
    let usher = TestServer::open().await;
    let mut cleo = cleo(&usher).await;
    for origin in [Some("https://evil.example"), None] {
        let page = cleo.post(KEYS, origin, "turn=leaked&confirmed=1").await;
        assert_eq!(page.status, 403, "{}", page.text());
    }
    assert_eq!(published(&usher).await.len(), 1);
    assert!(details(&usher, "made").await.is_empty());
}

#[tokio::test]
async fn rotate_now_publishes_and_says_who_did_it() {
    let usher = TestServer::open().await;
    let mut cleo = cleo(&usher).await;
    let old = signed_by(&sign_in(&usher).await);
    let page = cleo.get(KEYS).await;
    let page = cleo.press(&page, "turn", "early").await;
    assert!(page.says("New keys have been published"), "{}", page.text());
    assert!(
        page.says("Next") && page.says("already created"),
        "{}",
        page.text()
    );
    assert!(
        page.says("Used for signing from 2026-11-19 11:06:40 UTC"),
        "{}",
        page.text()
    );
    assert_eq!(signed_by(&sign_in(&usher).await), old, "not yet");
    let made = details(&usher, "made").await;
    assert_eq!(made.len(), 3);
    let kids = published(&usher).await;
    let new = kids.iter().find(|kid| **kid != old).expect("a new one");
    assert_eq!(
        made[0],
        format!("{{\"purpose\":\"ES256\",\"signs_from\":\"2026-11-19T11:06:40Z\"}} {new}")
    );
    let whose = "select distinct u.login from events e join users u on u.id = e.user_id
                 where e.kind = 'key.rotated' and e.session_id is not null";
    assert_eq!(usher.column(whose).await, ["cleo"]);
    let trail = cleo.get("/admin/events?kind=key").await;
    assert!(
        trail.says("key.rotated") && trail.says(new),
        "{}",
        trail.text()
    );
    let history = cleo.get("/account/history").await;
    assert!(
        history.says("You rotated the signing keys"),
        "{}",
        history.text()
    );
    // Again: there is nothing to do, and no message.
    let page = turn(&mut cleo, "turn=early").await;
    assert!(
        page.says("the next keys have already been created"),
        "{}",
        page.text()
    );
    assert_eq!(details(&usher, "made").await.len(), 3);
    usher.advance(25 * HOUR);
    let mut cleo = self::cleo(&usher).await;
    let page = cleo.get(KEYS).await;
    assert!(
        page.says("Published until 2026-11-21 11:06:40 UTC"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn in_an_emergency_new_keys_sign_at_once_and_what_was_signed_stays_good() {
    let usher = TestServer::open().await;
    let mut cleo = cleo(&usher).await;
    let old = signed_by(&sign_in(&usher).await);
    turn(&mut cleo, "turn=early").await;
    usher.advance(SECOND);
    let page = turn(&mut cleo, "turn=at-once&confirmed=1").await;
    assert!(
        page.says("New keys are now used for signing."),
        "{}",
        page.text()
    );
    let new = signed_by(&sign_in(&usher).await);
    assert_ne!(new, old);
    let kids = published(&usher).await;
    assert_eq!(
        kids.len(),
        2,
        "the one that was waiting never signs: {kids:?}"
    );
    assert!(kids.contains(&old) && kids.contains(&new));
    assert_eq!(
        details(&usher, "withdrawn").await.len(),
        3,
        "those that were waiting"
    );
    usher.advance(25 * HOUR);
    assert_eq!(signed_by(&sign_in(&usher).await), new, "nor later");
}

/// THREATS: a compromised signing key.
#[tokio::test]
async fn a_leaked_key_is_good_for_nothing_from_then_on() {
    let usher = TestServer::open().await;
    let replica = usher.replica().await;
    let mut cleo = cleo(&usher).await;
    let old = signed_by(&sign_in(&usher).await);
    let certificate = usher.app.issuer.saml().metadata().await.expect("metadata");
    let page = turn(&mut cleo, "turn=leaked&confirmed=1").await;
    assert!(
        page.says("the previous keys have been revoked"),
        "{}",
        page.text()
    );
    let kids = published(&usher).await;
    assert_eq!(kids.len(), 1);
    assert_ne!(kids[0], old);
    assert_eq!(signed_by(&sign_in(&usher).await), kids[0]);
    let metadata = usher.app.issuer.saml().metadata().await.expect("metadata");
    let line = |text: &str| text.split("X509Certificate>").nth(1).map(str::to_owned);
    assert_ne!(line(&certificate), line(&metadata));
    assert_eq!(metadata.matches("X509Certificate>").count(), 2);
    assert!(details(&usher, "withdrawn").await[0].contains(&old));
    queue::round(&replica.app).await.expect("a round");
    assert_eq!(published(&replica).await, kids, "on every replica");
    assert_eq!(signed_by(&sign_in(&replica).await), kids[0]);
    // And they are rotated again.
    usher.advance(91 * DAY);
    usher.app.rotate_keys().await.expect("made");
    let states: Vec<KeyState> = usher
        .app
        .issuer
        .keys
        .standing()
        .iter()
        .map(|one| one.state)
        .collect();
    assert_eq!(&states[..2], [KeyState::Next, KeyState::Current]);
}

/// Its signatures are not valid any more, not even for us.
#[tokio::test]
async fn what_a_withdrawn_key_signed_is_no_hint_any_more() {
    let usher = TestServer::open().await;
    let before = sign_in(&usher).await;
    let hint = before["id_token"].as_str().expect("one");
    let ask = Ask::of("crm-eu")
        .with("prompt", "none")
        .with("id_token_hint", hint);
    let mut ana = Browser::of(&usher, "ana").await;
    code(&mut ana, &ask).await;
    let leaked = usher.app.rotate_keys_by_hand(RotationReason::Leaked).await;
    assert_eq!(leaked.expect("made").len(), 3);
    assert_eq!(error(&mut ana, &ask).await, "login_required");
}

#[tokio::test]
async fn actions_that_break_sign_ins_are_confirmed_first() {
    let usher = TestServer::open().await;
    let mut cleo = cleo(&usher).await;
    for body in ["turn=at-once", "turn=leaked"] {
        let page = turn(&mut cleo, body).await;
        assert!(
            page.says("Nothing was changed: please tick the box"),
            "{}",
            page.text()
        );
    }
    for body in ["turn=never", "turn=", "confirmed=1", ""] {
        let page = turn(&mut cleo, body).await;
        assert_eq!(page.status, 400, "{body}: {}", page.text());
    }
    assert_eq!(published(&usher).await.len(), 1);
    let page = cleo.get("/admin/keys?done=nonsense").await;
    assert!(!page.body.contains("role=\"status\""));
}

#[tokio::test]
async fn without_turns_it_says_that_they_are_made_by_hand() {
    let usher = TestServer::configured(&[
        ("USHER_KEYS__ROTATE_DAYS", "0"),
        ("USHER_KEYS__PUBLISH_HOURS", "1"),
    ])
    .await;
    usher.seed(&Draft::sample()).await;
    let mut cleo = cleo(&usher).await;
    let page = cleo.get(KEYS).await;
    assert!(page.says("manual only"), "{}", page.text());
    assert!(
        page.says("published for the configured time"),
        "{}",
        page.text()
    );
    usher.advance(400 * DAY);
    assert!(usher.app.rotate_keys().await.expect("asked").is_empty());
}

#[tokio::test]
async fn it_is_available_in_german() {
    let usher = TestServer::open().await;
    let mut cleo = cleo(&usher).await;
    cleo.headers.push(("accept-language", "de".to_owned()));
    let page = cleo.get(KEYS).await;
    assert!(page.body.contains("<html lang=\"de\">"));
    for words in [
        "Signaturschlüssel",
        "Signiert seit",
        "für die konfigurierte Zeit",
        "Notfallwechsel",
    ] {
        assert!(page.says(words), "{words}: {}", page.text());
    }
    let page = turn(&mut cleo, "turn=early").await;
    assert!(
        page.says("Neue Schlüssel wurden veröffentlicht"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn the_worker_is_the_actor_of_its_events() {
    let usher = TestServer::open().await;
    queue::round(&usher.app).await.expect("a round");
    usher.advance(90 * DAY);
    queue::round(&usher.app).await.expect("a round");
    let made = details(&usher, "made").await;
    assert_eq!(made.len(), 2, "{made:?}");
    let whose = "select coalesce(user_id, actor_kind) from events where kind = 'key.rotated'";
    assert_eq!(usher.column(whose).await, ["worker"; 2]);
}
