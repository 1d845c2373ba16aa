//! Every method of the store, on the database that `USHER_TEST_DATABASE` names.

mod catalog;
mod grant;
mod job;
mod launch;
mod own;
mod party;
mod session;
mod sweep;
mod transaction;
mod user;

use std::time::Duration;

use usher::{
    chance::Chance,
    clock::Time,
    id::{Artefact, Bearer, BearerHash, GrantId, LaunchId, SessionId, UserId},
    model::{
        allowance::Write,
        grant::Grant,
        launch::{Ask, Launch},
        session::Session,
        user::{Attributes, User},
    },
    store::{Store, Tx},
};

use support::server::TestServer;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(86_400);

/// An empty database, with its clock and one user.
struct TestStore {
    usher: TestServer,
    store: Store,
    chance: Chance,
}

impl TestStore {
    async fn open() -> Self {
        let usher = TestServer::empty().await;
        Self {
            store: usher.app.store.clone(),
            chance: Chance::system(),
            usher,
        }
    }

    fn now(&self) -> Time {
        self.usher.clock.now()
    }

    fn hash(&self) -> BearerHash {
        Bearer::mint(Artefact::Session, &self.chance).hash()
    }

    async fn begin(&self) -> Tx {
        self.store.begin().await.expect("a transaction")
    }

    /// A user, kept.
    async fn user(&self, login: &str) -> User {
        let user = User {
            id: UserId::new(self.now(), &self.chance),
            login: login.to_owned(),
            name: login.to_uppercase(),
            attributes: Attributes::default(),
            username: login.to_owned(),
            mail_verified_at: None,
            disabled_at: None,
            admin_at: None,
        };
        let mut tx = self.begin().await;
        tx.insert_user(&user, self.now()).await.expect("kept");
        tx.commit().await.expect("committed");
        user
    }

    fn session_of(&self, user: &User) -> Session {
        let now = self.now();
        Session {
            id: SessionId::new(now, &self.chance),
            user: user.id.clone(),
            provider: "local".to_owned(),
            amr: "pwd".to_owned(),
            acr: None,
            factor_at: None,
            remembered_at: None,
            created_at: now,
            authenticated_at: now,
            proved_at: Some(now),
            seen_at: now,
            expires_at: now + HOUR,
        }
    }

    /// A session, kept, and what its cookie hashes to.
    async fn signed_in(&self, user: &User) -> (Session, BearerHash) {
        let (session, token) = (self.session_of(user), self.hash());
        let mut tx = self.begin().await;
        tx.insert_session(&session, &token, "a test", "192.0.2.7")
            .await
            .expect("kept");
        tx.commit().await.expect("committed");
        (session, token)
    }

    fn requested(&self) -> Launch {
        let ask = Ask {
            service: "crm".to_owned(),
            record: Some(("customer".to_owned(), "C-1042".to_owned())),
            intent: "edit".to_owned(),
            fields: [("tab".to_owned(), "ordérs & \"more\"".to_owned())].into(),
        };
        let id = LaunchId::new(self.now(), &self.chance);
        Launch::request(
            &Write::proved(),
            id,
            ask,
            self.hash(),
            "192.0.2.7",
            self.now(),
        )
    }

    fn grant_of(&self, session: &Session) -> Grant {
        let now = self.now();
        Grant {
            id: GrantId::new(now, &self.chance),
            code: self.hash(),
            client: "crm-eu".to_owned(),
            user: session.user.clone(),
            session: session.id.clone(),
            sid: None,
            launch: None,
            redirect_uri: Some("https://crm-eu.test/callback".to_owned()),
            scope: "openid".to_owned(),
            resources: Vec::new(),
            nonce: None,
            challenge: Some("challenge".to_owned()),
            claims: Default::default(),
            details: Vec::new(),
            key: None,
            issued_at: now,
            expires_at: now + MINUTE,
        }
    }
}

/// Does something in a transaction of its own.
macro_rules! write {
    ($cellar:expr, $tx:ident => $act:expr) => {{
        let mut $tx = $cellar.begin().await;
        let done = $act.await.expect("the database answers");
        $tx.commit().await.expect("committed");
        done
    }};
}
use write;
