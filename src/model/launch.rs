//! The ticket of a launch: everything that must survive a redirect is on it, and only its opaque
//! id (or, towards a remote, its handle) travels.
//!
//! ```text
//! Requested ──claim──▶ Claimed ──depart──▶ Departed ──land──▶ Landed
//!     └────────────────────┴──refuse──▶ Refused
//! ```
//!
//! Transitions consume the ticket, so an illegal order does not compile or is refused.

use std::{collections::BTreeMap, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    clock::Time,
    id::{BearerHash, LaunchId, SessionId, UserId},
    model::{allowance::Write, session::SignedIn},
};

/// A ticket not used within its hour is void.
pub const TICKET_LIFE: Duration = Duration::from_secs(3600);
/// A remote has this long to come back with a launch's handle.
pub const HANDLE_LIFE: Duration = Duration::from_secs(120);
/// A one-time code is valid for this long.
pub const CODE_LIFE: Duration = Duration::from_secs(60);

/// The request of a link, as it was written: slugs and texts, never an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    pub service: String,
    /// Type and key; `None` for the service's front page.
    pub record: Option<(String, String)>,
    pub intent: String,
    pub fields: BTreeMap<String, String>,
}

impl Ask {
    /// The link again, as a path of our own; for "open it again".
    pub fn path(&self) -> String {
        let escape = |text: &str| -> String {
            url::form_urlencoded::byte_serialize(text.as_bytes())
                .collect::<String>()
                .replace('+', "%20")
        };
        let mut path = format!("/go/{}", escape(&self.service));
        if let Some((kind, key)) = &self.record {
            path.push_str(&format!("/{}/{}", escape(kind), escape(key)));
        }
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        if self.intent != super::service::VIEW {
            query.append_pair("intent", &self.intent);
        }
        query.extend_pairs(&self.fields);
        let query = query.finish();
        if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        }
    }
}

/// One launch of a user to a service.
#[derive(Clone, Debug)]
pub struct Launch {
    pub id: LaunchId,
    pub ask: Ask,
    pub stage: Stage,
    pub created_at: Time,
    /// Where the link was followed from, for the audit trail.
    pub address: String,
}

/// Where an application sends a user back whose record it does not open, with `?reason=`.
pub fn return_uri(issuer: &str, launch: &LaunchId) -> String {
    format!("{issuer}/launches/{launch}/refused")
}

/// The stage of a launch.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Requested by a browser in which no user has signed in.
    Requested { browser: BearerHash },
    /// A signed-in user's.
    Claimed { holder: LaunchHolder },
    /// The user was sent to the application.
    Departed {
        holder: LaunchHolder,
        departure: Departed,
    },
    /// The remote has fetched identity and context.
    Landed { holder: LaunchHolder },
    /// Ended without a departure; with the reason as a machine-readable word.
    Refused {
        holder: Option<LaunchHolder>,
        reason: String,
        at: Time,
    },
}

/// The user and session of a launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchHolder {
    pub user: UserId,
    pub session: SessionId,
}

/// The destination of a launch, and its method.
#[derive(Clone, Debug)]
pub struct Departed {
    pub at: Time,
    pub instance: String,
    pub method: String,
    /// The client that the remote uses, if there is one.
    pub client: Option<String>,
    pub target: String,
    /// The record, normalised: type, key and fields as they go into the assertion.
    pub context: Option<crate::model::context::Context>,
    /// The stored form of the handle that the remote will return.
    pub handle: Option<BearerHash>,
    pub handle_expires_at: Option<Time>,
}

/// Why a ticket is refused for this visitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketVoid {
    Expired,
    Used,
    /// It belongs to another browser or another user.
    Foreign,
}

impl TicketVoid {
    /// The machine-readable reason, in events.
    pub const fn reason(self) -> &'static str {
        match self {
            TicketVoid::Expired => "expired",
            TicketVoid::Used => "used",
            TicketVoid::Foreign => "foreign",
        }
    }

    /// For the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            TicketVoid::Expired => "it has expired",
            TicketVoid::Used => "it was used",
            TicketVoid::Foreign => "it is of another browser or user",
        }
    }
}

impl Launch {
    pub fn request(
        _write: &Write,
        id: LaunchId,
        ask: Ask,
        browser: BearerHash,
        address: &str,
        now: Time,
    ) -> Self {
        Self {
            id,
            ask,
            stage: Stage::Requested { browser },
            created_at: now,
            address: address.to_owned(),
        }
    }

    pub fn expires_at(&self) -> Time {
        self.created_at + TICKET_LIFE
    }

    /// Binds the ticket to the user who signed in with the browser that asked.
    pub fn claim(
        self,
        browser: &BearerHash,
        who: &SignedIn,
        now: Time,
    ) -> Result<Self, TicketVoid> {
        let holder = LaunchHolder {
            user: who.user.id.clone(),
            session: who.session.id.clone(),
        };
        match &self.stage {
            _ if now >= self.expires_at() => Err(TicketVoid::Expired),
            Stage::Requested { browser: asked } if asked == browser => Ok(Self {
                stage: Stage::Claimed { holder },
                ..self
            }),
            Stage::Claimed { holder: claimed } if *claimed == holder => Ok(self),
            Stage::Requested { .. } | Stage::Claimed { .. } => Err(TicketVoid::Foreign),
            Stage::Departed { holder: h, .. } | Stage::Landed { holder: h }
                if h.user != holder.user =>
            {
                Err(TicketVoid::Foreign)
            }
            Stage::Departed { .. } | Stage::Landed { .. } | Stage::Refused { .. } => {
                Err(TicketVoid::Used)
            }
        }
    }

    /// Records the departure of a claimed ticket; any other stays as it is.
    pub fn depart(self, departure: Departed) -> Self {
        match self.stage {
            Stage::Claimed { holder } => Self {
                stage: Stage::Departed { holder, departure },
                ..self
            },
            _ => self,
        }
    }

    /// Ends a ticket that cannot be honoured.
    pub fn refuse(self, reason: &str, now: Time) -> Self {
        let holder = self.holder().cloned();
        Self {
            stage: Stage::Refused {
                holder,
                reason: reason.to_owned(),
                at: now,
            },
            ..self
        }
    }

    pub fn holder(&self) -> Option<&LaunchHolder> {
        match &self.stage {
            Stage::Requested { .. } => None,
            Stage::Claimed { holder }
            | Stage::Departed { holder, .. }
            | Stage::Landed { holder } => Some(holder),
            Stage::Refused { holder, .. } => holder.as_ref(),
        }
    }
}

impl Stage {
    pub const fn as_str(&self) -> &'static str {
        match self {
            Stage::Requested { .. } => "requested",
            Stage::Claimed { .. } => "claimed",
            Stage::Departed { .. } => "departed",
            Stage::Landed { .. } => "landed",
            Stage::Refused { .. } => "refused",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        chance::Chance,
        model::{session::Session, user::User},
    };

    fn browser(name: &str) -> BearerHash {
        BearerHash::stored(name.to_owned())
    }

    fn signed_in(seed: u64) -> SignedIn {
        let (now, chance) = (Time::from_secs(1), Chance::seeded(seed));
        let user = UserId::new(now, &chance);
        SignedIn {
            session: Session {
                id: SessionId::new(now, &chance),
                user: user.clone(),
                provider: "local".into(),
                amr: "pwd".into(),
                acr: None,
                factor_at: None,
                remembered_at: None,
                created_at: now,
                authenticated_at: now,
                proved_at: Some(now),
                seen_at: now,
                expires_at: now + TICKET_LIFE,
            },
            user: User {
                id: user,
                login: "ana".into(),
                name: "Ana".into(),
                attributes: Default::default(),
                username: "ana".into(),
                mail_verified_at: None,
                disabled_at: None,
                admin_at: None,
            },
        }
    }

    fn launch() -> Launch {
        let ask = Ask {
            service: "crm".into(),
            record: Some(("customer".into(), "C-1042".into())),
            intent: "view".into(),
            fields: BTreeMap::new(),
        };
        let id = LaunchId::new(Time::from_secs(1), &Chance::seeded(9));
        Launch::request(
            &Write::proved(),
            id,
            ask,
            browser("a"),
            "192.0.2.7",
            Time::from_secs(1),
        )
    }

    #[test]
    fn a_ticket_is_claimed_by_the_browser_that_asked() {
        let who = signed_in(1);
        let claimed = launch()
            .claim(&browser("a"), &who, Time::from_secs(2))
            .unwrap();
        assert_eq!(claimed.stage.as_str(), "claimed");
        let other = launch().claim(&browser("b"), &who, Time::from_secs(2));
        assert_eq!(other.unwrap_err(), TicketVoid::Foreign);
    }

    #[test]
    fn a_claimed_ticket_is_void_for_another_user() {
        let claimed = launch()
            .claim(&browser("a"), &signed_in(1), Time::from_secs(2))
            .unwrap();
        let stolen = claimed.claim(&browser("a"), &signed_in(2), Time::from_secs(3));
        assert_eq!(stolen.unwrap_err(), TicketVoid::Foreign);
    }

    #[test]
    fn a_ticket_is_void_after_its_hour() {
        let late = launch().claim(&browser("a"), &signed_in(1), Time::from_secs(3601));
        assert_eq!(late.unwrap_err(), TicketVoid::Expired);
    }

    #[test]
    fn a_refused_ticket_stays_refused() {
        let refused = launch().refuse("not_found", Time::from_secs(2));
        let again = refused.claim(&browser("a"), &signed_in(1), Time::from_secs(2));
        assert_eq!(again.unwrap_err(), TicketVoid::Used);
    }

    #[test]
    fn the_link_again_is_a_path_of_our_own() {
        let mut ask = launch().ask;
        assert_eq!(ask.path(), "/go/crm/customer/C-1042");
        ask.intent = "edit".into();
        ask.record = Some(("customer".into(), "//evil/ ?".into()));
        assert_eq!(
            ask.path(),
            "/go/crm/customer/%2F%2Fevil%2F%20%3F?intent=edit"
        );
    }
}
