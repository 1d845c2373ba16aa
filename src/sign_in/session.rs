//! Sessions: looked up by their cookie, limited by the rules, ended here or from upstream.

use std::time::Duration;

use super::SignIns;
use crate::{
    clock::Time,
    error::Result,
    id::{Artefact, Bearer, SessionId},
    keys::{SESSION, SealPurpose},
    model::{
        event::{EventKind, Target},
        session::SignedIn,
    },
    upstream::{ProviderStep, Upstream, UpstreamWish},
};

/// How long a session lasts, and how many a user may have.
#[derive(Clone, Copy, Debug)]
pub struct SessionRules {
    pub idle: Duration,
    pub absolute: Duration,
    /// "Keep me signed in"; `None` when it is not offered.
    pub remembered: Option<Duration>,
    /// How many of a user's sessions are kept, the newest first; older ones end.
    pub most: i64,
}

impl SessionRules {
    /// The longest lifetime of a session.
    pub fn life(&self, remember: bool) -> Duration {
        self.remembered
            .filter(|_| remember)
            .unwrap_or(self.absolute)
    }
}

/// `seen_at` is written at most this often.
const TOUCH: Duration = Duration::from_secs(300);

/// Sessions: looked up, and ended here or from upstream.
#[derive(Clone, Copy)]
pub struct Sessions<'a>(pub(super) &'a SignIns);

impl SignIns {
    pub fn sessions(&self) -> Sessions<'_> {
        Sessions(self)
    }
}

impl Sessions<'_> {
    /// The living session behind a cookie.
    pub async fn find(self, cookie: &str) -> Result<Option<SignedIn>> {
        let Some(token) = Bearer::parse(Artefact::Session, cookie) else {
            return Ok(None);
        };
        let now = self.0.clock.now();
        let found = self
            .0
            .store
            .session(&token.hash(), now, now - self.0.rules.idle)
            .await?;
        if let Some(who) = &found
            && now.since(who.session.seen_at) >= TOUCH
        {
            // A page that only reads must not fail because this cannot be written.
            if let Err(error) = self.touch(&who.session.id, now).await {
                tracing::debug!(%error, "a session was not touched");
            }
        }
        Ok(found)
    }

    async fn touch(self, session: &SessionId, now: Time) -> Result<()> {
        let mut tx = self.0.store.begin_single().await?;
        tx.touch_session(session, now).await?;
        tx.commit().await
    }

    /// Ends the session of a visitor from this network address. The result shows their browser which
    /// applications are notified.
    pub async fn end(self, who: &SignedIn, address: &str) -> Result<Bearer> {
        let parting = Bearer::mint(Artefact::Parting, &self.0.chance);
        let mut tx = self.0.store.begin().await?;
        tx.set_parting(&who.session.id, &parting.hash()).await?;
        if tx.end_session(&who.session.id, self.0.clock.now()).await? {
            let event = self
                .0
                .events
                .of(EventKind::SessionEnded, who)
                .at_address(address)
                .about(Target::session(&who.session.id));
            tx.record(&event).await?;
        }
        tx.commit().await?;
        Ok(parting)
    }

    /// Where the browser goes to end the session upstream, too (OpenID Connect RP-Initiated Logout
    /// 1.0, SAML Profiles 4.4); `None` where there is no such address or it is unavailable.
    pub async fn sign_out_upstream(
        self,
        who: &SignedIn,
        language: &'static str,
    ) -> Option<ProviderStep> {
        let (subject, session, sealed) = self.0.store.upstream_of(&who.session.id).await.ok()??;
        let purpose = upstream_purpose(&who.session.id);
        let secret = sealed.and_then(|sealed| self.0.seal.unseal(&purpose, &sealed).ok());
        let upstream = Upstream {
            subject,
            session,
            secret: secret.and_then(|secret| String::from_utf8(secret.to_vec()).ok()),
        };
        let state = Bearer::mint(Artefact::State, &self.0.chance);
        let wish = UpstreamWish {
            state: state.as_str(),
            hint: None,
            fresh: false,
            second_factor: false,
            language,
            now: self.0.clock.now(),
        };
        let providers = self.0.providers().list().ok()?;
        let provider = providers
            .iter()
            .find(|one| one.slug == who.session.provider)?;
        provider.part.sign_out(&upstream, &wish).await
    }
}

/// The purpose the secret of an upstream session is sealed for.
pub(super) fn upstream_purpose(session: &SessionId) -> SealPurpose {
    SESSION.of(&[session.as_str()])
}
