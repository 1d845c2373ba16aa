//! THREATS: a way in that skips checks. One user with every kind of way in, and any order of
//! signing in, being disabled and being enabled: a disabled user has no session, and an ended one
//! stays ended.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::json;
use usher::id::UserId;

use support::{
    authenticator::Passkey,
    browser::Browser,
    campus, factor,
    saml::{Says, Signer},
    server::TestServer,
};

/// How a user signs in.
#[derive(Clone, Copy, Debug)]
enum Way {
    Password,
    /// By a redirect and back.
    Saml,
    /// By an unsolicited response of the identity provider.
    Unsolicited,
    Passkey,
    /// The same browser once more, whichever user is signed in there.
    Again,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Enter(Way),
    Disable,
    Enable,
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let way = prop_oneof![
        Just(Way::Password),
        Just(Way::Saml),
        Just(Way::Unsolicited),
        Just(Way::Passkey),
        Just(Way::Again),
    ];
    let act = prop_oneof![
        4 => way.prop_map(Act::Enter),
        2 => Just(Act::Disable),
        1 => Just(Act::Enable),
    ];
    prop::collection::vec(act, 4..9)
}

#[test]
fn disabled_means_no_session_whatever_the_way_in() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let config = Config {
        failure_persistence: None,
        ..Config::with_cases(12)
    };
    let mut runner = TestRunner::new(config);
    let outcome = runner.run(&acts(), |acts| {
        runtime.block_on(play(&acts));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// Ana, known by a password, a passkey and an identity over there.
struct Ana {
    id: UserId,
    key: Passkey,
    /// Numbers her assertions, because each is accepted once.
    said: usize,
}

async fn play(acts: &[Act]) {
    // Each way in by itself: that a second factor is requested after one is tested elsewhere.
    let usher = TestServer::configured(&[("USHER_SIGN_IN__FACTOR_WHEN_ENROLLED", "false")]).await;
    let settings = campus::settings(json!({ "allow_unsolicited": true }));
    usher.seed(&campus::seed(settings)).await;
    let (browser, key) = factor::with_passkey(&usher, "ana").await;
    let id = browser.session().await.expect("signed in").user.id;
    let subject = Says::default().name_id;
    let now = usher.clock.now();
    let mut tx = usher.app.store.begin().await.expect("a transaction");
    let known = tx.insert_identity("campus", &subject, &id, now).await;
    assert!(known.expect("written"));
    tx.commit().await.expect("kept");
    let mut ana = Ana { id, key, said: 0 };
    // A browser, and whether it should have a session.
    let mut browsers = vec![(browser, true)];
    let mut disabled = false;
    for (step, act) in acts.iter().enumerate() {
        match act {
            Act::Enter(Way::Again) => {
                let (browser, lives) = browsers.last_mut().expect("the first");
                ana.enter(&usher, browser, Way::Password).await;
                *lives = !disabled;
            }
            Act::Enter(way) => {
                let mut browser = Browser::new(&usher);
                ana.enter(&usher, &mut browser, *way).await;
                browsers.push((browser, !disabled));
            }
            Act::Disable => {
                usher.app.directory.disable(&ana.id).await.expect("done");
                disabled = true;
                browsers.iter_mut().for_each(|(_, lives)| *lives = false);
            }
            Act::Enable => {
                usher.app.directory.enable(&ana.id).await.expect("done");
                disabled = false;
            }
        }
        for (at, (browser, lives)) in browsers.iter().enumerate() {
            let who = browser.session().await;
            assert_eq!(
                who.is_some(),
                *lives,
                "browser {at} after {step} of {acts:?}"
            );
            assert!(who.is_none_or(|who| who.user.id == ana.id), "{acts:?}");
        }
    }
}

impl Ana {
    async fn enter(&mut self, usher: &TestServer, browser: &mut Browser<'_>, way: Way) {
        self.said += 1;
        let id = format!("_said{}", self.said);
        match way {
            Way::Password | Way::Again => {
                let form = browser.get("/sign-in?provider=local").await;
                // A signed-in user is shown no form.
                if form.url.path().starts_with("/sign-in/") {
                    browser.sign_in(&form, "ana").await;
                }
            }
            Way::Saml => {
                campus::sign_in(usher, browser, |says| says.assertion_id.clone_from(&id)).await;
            }
            Way::Unsolicited => {
                let says = Says {
                    assertion_id: id,
                    in_response_to: String::new(),
                    confirmed_for: String::new(),
                    ..Says::at(usher.clock.now().secs())
                };
                campus::bring(browser, &says.by(&Signer::of("idp")), "").await;
            }
            Way::Passkey => {
                let form = browser.get("/sign-in?provider=local").await;
                factor::enter(browser, &form, &mut self.key).await;
            }
        }
    }
}
