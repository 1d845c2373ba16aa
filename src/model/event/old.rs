//! Events of earlier releases: one text `detail` in place of target and data.

use super::{Actor, EventData, EventFacts, EventKind, Target};

/// Parses the `detail` of a row. Besides rows of earlier releases, this reads the lines that the
/// view `audit` makes of launches, whose detail is the instance or the reason.
pub fn facts_of(kind: Option<EventKind>, detail: &str) -> EventFacts {
    let Some(kind) = kind else {
        return said("detail", detail);
    };
    match kind {
        EventKind::SignInSucceeded
        | EventKind::SignInConfirmed
        | EventKind::SignInFailed
        | EventKind::SignInRefused
        | EventKind::IdentityLinked
        | EventKind::IdentityUnlinked
        | EventKind::PasswordChanged => of_provider("reason", detail),
        EventKind::ProviderChecked | EventKind::ProviderRefreshed | EventKind::ProviderImported => {
            of_provider("result", detail)
        }
        EventKind::SessionEnded => session_ended(detail),
        EventKind::OtherSessionsEnded => sessions_ended(detail),
        EventKind::FactorEnrolled | EventKind::FactorRemoved => about("factor", detail),
        EventKind::FactorsReset | EventKind::AdminGranted | EventKind::AdminRevoked => {
            commanded(detail)
        }
        EventKind::FactorRefused => factor_refused(detail),
        EventKind::PasswordRefused
        | EventKind::LaunchBlocked
        | EventKind::LaunchRefused
        | EventKind::LaunchRejected => said("reason", detail),
        EventKind::PasswordReset => said("link", detail),
        EventKind::LaunchDeparted | EventKind::LaunchLanded | EventKind::InstanceChosen => {
            about("instance", detail)
        }
        EventKind::ConsentGiven
        | EventKind::ConsentRefused
        | EventKind::ConsentWithdrawn
        | EventKind::CodeReused
        | EventKind::RefreshTokenReused
        | EventKind::ClientChanged
        | EventKind::ClientRemoved
        | EventKind::ClientDisabled
        | EventKind::ClientEnabled => about(Target::CLIENT, detail),
        EventKind::ClientRegistered => halves(Target::CLIENT, "token", detail),
        EventKind::RegistrationTokenCreated | EventKind::RegistrationTokenRevoked => {
            about("registration_token", detail)
        }
        EventKind::LogoutDelivered | EventKind::LogoutFailed | EventKind::LogoutRetried => {
            halves("application", "session", detail)
        }
        EventKind::KeyRotated | EventKind::KeyWithdrawn => key(detail),
        EventKind::CertificateConfirmed => certificate(detail),
        EventKind::MasterKeyChanged => said("count", detail.trim_end_matches(" values")),
        // These had no detail.
        _ => said("detail", detail),
    }
}

fn said(name: &str, value: &str) -> EventFacts {
    EventFacts {
        data: EventData::from([(name.to_owned(), value.to_owned())]),
        ..EventFacts::default()
    }
}

fn about(kind: &str, id: &str) -> EventFacts {
    EventFacts {
        target: Some(Target::of(kind, id)),
        ..EventFacts::default()
    }
}

/// "id: word", or an id alone.
fn halves(kind: &str, name: &str, detail: &str) -> EventFacts {
    match detail.rsplit_once(": ") {
        Some((id, word)) => EventFacts {
            target: Some(Target::of(kind, id)),
            ..said(name, word)
        },
        None => about(kind, detail),
    }
}

/// "slug: word", or a slug alone.
fn of_provider(name: &str, detail: &str) -> EventFacts {
    match detail.split_once(": ") {
        Some((slug, word)) => EventFacts {
            target: Some(Target::provider(slug)),
            ..said(name, word)
        },
        None => about(Target::PROVIDER, detail),
    }
}

/// "by ses_…", "slug: upstream", "entity: single logout", "surplus" or "unlinked".
fn session_ended(detail: &str) -> EventFacts {
    if let Some(session) = detail.strip_prefix("by ") {
        let mut facts = said("reason", "elsewhere");
        facts
            .data
            .insert("by_session".to_owned(), session.to_owned());
        return facts;
    }
    let (actor, reason) = match detail.rsplit_once(": ") {
        Some((slug, "upstream")) => (Some(Actor::Provider(slug.to_owned())), "upstream"),
        Some((entity, _)) => (Some(Actor::Client(entity.to_owned())), "single_logout"),
        None => (None, detail),
    };
    EventFacts {
        actor,
        ..said("reason", reason)
    }
}

/// The kind of the factor, or why none was checked.
fn factor_refused(detail: &str) -> EventFacts {
    match detail {
        "totp" | "recovery" | "passkey" => said("factor", detail),
        reason => said("reason", reason),
    }
}

/// The ids of the sessions.
fn sessions_ended(detail: &str) -> EventFacts {
    let mut facts = said("sessions", detail);
    let count = detail.split_whitespace().count().to_string();
    facts.data.insert("count".to_owned(), count);
    facts
}

/// "command", or another cause.
fn commanded(detail: &str) -> EventFacts {
    match detail {
        "command" => EventFacts {
            actor: Some(Actor::Command),
            ..EventFacts::default()
        },
        reason => said("reason", reason),
    }
}

/// "ES256 kid", or "ES256 kid, signs from 2026-11-19T11:06:40Z".
fn key(detail: &str) -> EventFacts {
    let (purpose, rest) = detail.split_once(' ').unwrap_or(("", detail));
    let (id, from) = match rest.split_once(", signs from ") {
        Some((id, from)) => (id, Some(from)),
        None => (rest, None),
    };
    let mut facts = said("purpose", purpose);
    facts.target = Some(Target::key(id));
    if let Some(from) = from {
        facts.data.insert("signs_from".to_owned(), from.to_owned());
    }
    facts
}

/// "entity fingerprint".
fn certificate(detail: &str) -> EventFacts {
    match detail.rsplit_once(' ') {
        Some((entity, fingerprint)) => EventFacts {
            target: Some(Target::service_provider(entity)),
            ..said("certificate", fingerprint)
        },
        None => about("service_provider", detail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: EventKind, detail: &str) -> EventFacts {
        facts_of(Some(kind), detail)
    }

    #[test]
    fn a_slug_and_a_word_are_target_and_data() {
        let facts = read(EventKind::SignInRefused, "op: throttled");
        assert_eq!(facts.provider(), Some("op"));
        assert_eq!(facts.value("reason"), "throttled");
        let facts = read(EventKind::SignInSucceeded, "op");
        assert_eq!(facts.provider(), Some("op"));
        assert!(facts.data.is_empty());
        let facts = read(EventKind::ProviderImported, "op: taken, weaker");
        assert_eq!(facts.value("result"), "taken, weaker");
        let facts = read(EventKind::ClientRegistered, "dyn-1: rtk_1");
        assert_eq!(facts.target(Target::CLIENT), Some("dyn-1"));
        assert_eq!(facts.value("token"), "rtk_1");
    }

    #[test]
    fn the_end_of_a_session_says_why() {
        let facts = read(EventKind::SessionEnded, "op: upstream");
        assert_eq!(facts.provider(), Some("op"));
        assert_eq!(facts.value("reason"), "upstream");
        let facts = read(
            EventKind::SessionEnded,
            "https://lab.test/sp: single logout",
        );
        let lab = Actor::Client("https://lab.test/sp".to_owned());
        assert_eq!(facts.actor, Some(lab));
        let facts = read(EventKind::SessionEnded, "by ses_1");
        assert_eq!(facts.value("reason"), "elsewhere");
        assert_eq!(facts.value("by_session"), "ses_1");
        let facts = read(EventKind::SessionEnded, "surplus");
        assert_eq!(facts.value("reason"), "surplus");
        let facts = read(EventKind::OtherSessionsEnded, "ses_1 ses_2");
        assert_eq!(facts.value("count"), "2");
    }

    #[test]
    fn keys_are_read_with_purpose_and_time() {
        let facts = read(
            EventKind::KeyRotated,
            "ES256 k1, signs from 2026-11-19T11:06:40Z",
        );
        assert_eq!(facts.target("key"), Some("k1"));
        assert_eq!(facts.value("purpose"), "ES256");
        assert_eq!(facts.value("signs_from"), "2026-11-19T11:06:40Z");
        let facts = read(EventKind::KeyWithdrawn, "saml 6c:08");
        assert_eq!(facts.target("key"), Some("6c:08"));
        let facts = read(EventKind::CertificateConfirmed, "https://lab.test/sp 6c:08");
        assert_eq!(
            facts.target("service_provider"),
            Some("https://lab.test/sp")
        );
        assert_eq!(facts.value("certificate"), "6c:08");
        assert_eq!(
            read(EventKind::MasterKeyChanged, "42 values").value("count"),
            "42"
        );
    }

    #[test]
    fn a_command_is_an_actor_and_what_is_unknown_is_kept() {
        let facts = read(EventKind::AdminGranted, "command");
        assert_eq!((facts.actor, facts.data.len()), (Some(Actor::Command), 0));
        assert_eq!(
            read(EventKind::AdminGranted, "first").value("reason"),
            "first"
        );
        let facts = facts_of(None, "anything: at all");
        assert_eq!(facts.value("detail"), "anything: at all");
    }
}
