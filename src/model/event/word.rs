//! The data of events, for pages: the labels of its names, and the texts of its machine-readable
//! words. A word that is not listed here is shown as it is.

use super::EventKind;

/// A word of the data of an event, with the key of its text.
pub type WordRow = (&'static str, &'static str);

/// The names of the data, with the keys of their labels.
pub const DATA: &[WordRow] = &[
    ("by_session", "event-data-by-session"),
    ("certificate", "event-data-certificate"),
    ("count", "event-data-count"),
    ("detail", "admin-events-detail"),
    ("factor", "event-noun-factor"),
    ("link", "event-data-link"),
    ("protocol", "event-data-protocol"),
    ("purpose", "event-data-purpose"),
    ("reason", "event-data-reason"),
    ("result", "event-data-result"),
    ("session", "event-noun-session"),
    ("sessions", "event-data-sessions"),
    ("signs_from", "admin-keys-from"),
    ("token", "event-noun-registration-token"),
];

/// The reasons of every event except those of launches.
pub const REASONS: &[WordRow] = &[
    ("account-expired", "event-reason-account-expired"),
    ("ambiguous", "event-reason-ambiguous"),
    ("another-person", "event-reason-another-person"),
    ("by-owner", "event-reason-by-owner"),
    ("cloned", "event-reason-cloned"),
    ("denied", "event-reason-denied"),
    ("disabled", "event-reason-disabled"),
    ("down", "event-reason-down"),
    ("elsewhere", "event-reason-elsewhere"),
    ("expired", "event-reason-expired"),
    ("first", "event-reason-first"),
    ("invalid", "event-reason-invalid"),
    ("link-late", "event-reason-link-late"),
    ("link-person", "event-reason-link-person"),
    ("linked-elsewhere", "event-reason-linked-elsewhere"),
    ("locked", "event-reason-locked"),
    ("not-allowed", "event-reason-not-allowed"),
    ("not-here", "event-reason-not-here"),
    ("not-known", "event-reason-not-known"),
    ("not-now", "event-reason-not-now"),
    ("password-fixed", "event-reason-password-fixed"),
    ("password-too-young", "event-reason-password-too-young"),
    ("replayed", "event-reason-replayed"),
    ("single_logout", "event-reason-single-logout"),
    ("stale", "event-reason-stale"),
    ("surplus", "event-reason-surplus"),
    ("throttled", "event-reason-throttled"),
    ("unknown", "event-reason-unknown"),
    ("unlinked", "event-reason-unlinked"),
    ("unsupported", "event-reason-unsupported"),
    ("untold", "event-reason-untold"),
    ("upstream", "event-reason-upstream"),
    ("vouch-again", "event-reason-vouch-again"),
    ("weak-password", "event-reason-weak-password"),
    ("wrong", "event-reason-wrong"),
];

/// The reasons of events of launches.
pub const LAUNCH_REASONS: &[WordRow] = &[
    ("bad_field", "event-reason-bad-field"),
    ("bad_key", "event-reason-bad-key"),
    ("expired", "event-reason-launch-expired"),
    ("foreign", "event-reason-launch-foreign"),
    ("instance_closed", "event-reason-instance-closed"),
    ("intent_forbidden", "event-reason-intent-forbidden"),
    ("misconfigured", "event-reason-misconfigured"),
    ("missing_field", "event-reason-missing-field"),
    ("no_access", "event-reason-no-access"),
    ("no_instance", "event-reason-no-instance"),
    ("no_such_record", "event-reason-no-such-record"),
    ("not_allowed", "event-reason-record-not-allowed"),
    ("not_found", "event-reason-not-found"),
    ("not_known", "event-reason-instance-not-known"),
    ("not_opened", "event-reason-not-opened"),
    ("other", "event-reason-other"),
    ("service_closed", "event-reason-service-closed"),
    ("unknown_field", "event-reason-unknown-field"),
    ("unknown_intent", "event-reason-unknown-intent"),
    ("unknown_type", "event-reason-unknown-type"),
    ("used", "event-reason-launch-used"),
];

/// The results of what admins did to an identity provider.
pub const RESULTS: &[WordRow] = &[
    ("failed", "event-result-failed"),
    ("fetched", "event-result-fetched"),
    ("fine", "event-result-fine"),
    ("taken", "event-result-taken"),
    // By earlier releases.
    ("taken, weaker", "event-result-taken-weaker"),
    ("taken-weaker", "event-result-taken-weaker"),
    ("wrong", "event-result-wrong"),
];

/// The kinds of links by which a password is set.
pub const PASSWORD_LINKS: &[WordRow] = &[
    ("invite", "event-link-invite"),
    ("reset", "event-link-reset"),
];

/// The key of the text of a word in the table; `None` if it is not listed.
pub fn word_key(table: &[WordRow], word: &str) -> Option<&'static str> {
    let row = table.iter().find(|(known, _)| *known == word);
    row.map(|(_, key)| *key)
}

impl EventKind {
    /// The reasons that an event of this kind may have.
    pub fn reasons(self) -> &'static [WordRow] {
        match self.noun() {
            "launch" => LAUNCH_REASONS,
            _ => REASONS,
        }
    }
}
