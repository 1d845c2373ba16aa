//! The one table of the kinds of events: their names, and how pages show them.

use super::Target;

/// A kind of event: its name, and how pages show it.
#[derive(Clone, Copy, Debug)]
pub struct KindRow {
    /// Stable: `noun.past_participle`, with the noun in the singular.
    pub name: &'static str,
    /// The names under which earlier releases wrote it; rows with them are kept as they are.
    pub old_names: &'static [&'static str],
    /// The key of its words in the audit log.
    pub words: &'static str,
    /// The key of its words in a user's history. `None` if it is never part of one.
    pub history: Option<&'static str>,
    pub icon: &'static str,
    /// A user may want to check it.
    pub is_notable: bool,
}

impl KindRow {
    const fn was(mut self, names: &'static [&'static str]) -> Self {
        self.old_names = names;
        self
    }

    const fn history(mut self, key: &'static str) -> Self {
        self.history = Some(key);
        self
    }

    const fn icon(mut self, icon: &'static str) -> Self {
        self.icon = icon;
        self
    }

    const fn notable(mut self) -> Self {
        self.icon = "alert";
        self.is_notable = true;
        self
    }

    /// Whether this is the name, the noun, or one of them in an earlier release.
    fn is_named(&self, text: &str) -> bool {
        let mut names = self.old_names.iter().chain([&self.name]);
        names.any(|name| *name == text || noun_of(name) == text)
    }
}

const fn row(name: &'static str, words: &'static str) -> KindRow {
    KindRow {
        name,
        old_names: &[],
        words,
        history: None,
        icon: "lock",
        is_notable: false,
    }
}

fn noun_of(name: &str) -> &str {
    name.split_once('.').map_or(name, |(noun, _)| noun)
}

/// Declares the kinds, each with its row.
macro_rules! kinds {
    ($($(#[$about:meta])* $kind:ident = $row:expr;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventKind {
            $($(#[$about])* $kind,)*
        }

        impl EventKind {
            /// Every kind, in the order of the table.
            pub const ALL: &'static [EventKind] = &[$(EventKind::$kind,)*];

            /// Its row of the table.
            pub const fn row(self) -> KindRow {
                match self {
                    $(EventKind::$kind => $row,)*
                }
            }
        }
    };
}

kinds! {
    SignInSucceeded = row("sign_in.succeeded", "event-sign-in-succeeded")
        .history("history-signed-in").icon("check");
    SignInFailed = row("sign_in.failed", "event-sign-in-failed")
        .history("history-failed").notable();
    SignInRefused = row("sign_in.refused", "event-sign-in-refused")
        .history("history-refused").notable();
    /// A signed-in user authenticated again, or proved more.
    SignInConfirmed = row("sign_in.confirmed", "event-sign-in-confirmed")
        .history("history-confirmed").icon("check");
    SessionEnded = row("session.ended", "event-session-ended")
        .history("history-ended").icon("exit");
    /// All sessions of a user except the one of the request.
    OtherSessionsEnded = row("session.others_ended", "event-session-others-ended")
        .was(&["sessions.ended_others"]).history("history-ended-others").icon("exit");
    /// A remote application confirmed the notification of a session's end.
    LogoutDelivered = row("logout.delivered", "event-logout-delivered").was(&["logout.told"]);
    /// A remote application could not be notified, after all tries.
    LogoutFailed = row("logout.failed", "event-logout-failed");
    /// An admin repeated a failed notification.
    LogoutRetried = row("logout.retried", "event-logout-retried");
    IdentityLinked = row("identity.linked", "event-identity-linked").history("history-linked");
    IdentityUnlinked = row("identity.unlinked", "event-identity-unlinked")
        .history("history-unlinked");
    /// A user downloaded what is stored about them.
    AccountExported = row("account.exported", "event-account-exported").history("history-exported");
    FactorEnrolled = row("factor.enrolled", "event-factor-enrolled")
        .history("history-factor-enrolled");
    FactorRemoved = row("factor.removed", "event-factor-removed").history("history-factor-removed");
    /// A second factor that was not accepted.
    FactorRefused = row("factor.refused", "event-factor-refused")
        .history("history-factor-refused").notable();
    /// All factors of a user were removed, from the command line.
    FactorsReset = row("factor.reset", "event-factor-reset")
        .was(&["factors.reset"]).history("history-factors-reset").notable();
    /// A user trusts a browser: the second factor is not asked for there for a while.
    DeviceTrusted = row("device.trusted", "event-device-trusted").history("history-device-trusted");
    /// A user trusts no browser any longer.
    DeviceUntrusted = row("device.untrusted", "event-device-untrusted")
        .was(&["devices.forgotten"]).history("history-devices-forgotten");
    RecoveryCodesCreated = row("recovery_code.created", "event-recovery-code-created")
        .was(&["recovery_codes.made"]).history("history-codes-made");
    RecoveryCodeUsed = row("recovery_code.used", "event-recovery-code-used")
        .history("history-code-used").notable();
    /// Of the row of a launch, by the view `audit`; it is never recorded.
    LaunchDeparted = row("launch.departed", "event-launch-departed");
    /// Of the row of a launch, by the view `audit`; it is never recorded.
    LaunchLanded = row("launch.landed", "event-launch-landed");
    /// Of the row of a launch, by the view `audit`; it is never recorded.
    LaunchRefused = row("launch.refused", "event-launch-refused");
    /// A ticket that did not let its visitor continue.
    LaunchBlocked = row("launch.blocked", "event-launch-blocked").was(&["launch.void"]);
    /// The application reports that the user has reached the record.
    LaunchConfirmed = row("launch.confirmed", "event-launch-confirmed");
    /// The application reports why it does not open the record.
    LaunchRejected = row("launch.rejected", "event-launch-rejected");
    ConsentGiven = row("consent.given", "event-consent-given").history("history-consent-given");
    ConsentRefused = row("consent.refused", "event-consent-refused")
        .history("history-consent-refused");
    ConsentWithdrawn = row("consent.withdrawn", "event-consent-withdrawn")
        .history("history-consent-withdrawn");
    CodeReused = row("code.reused", "event-code-reused").history("history-code-reused").notable();
    /// A refresh token that had been used before: its family is revoked.
    RefreshTokenReused = row("refresh_token.reused", "event-refresh-token-reused")
        .history("history-refresh-token-reused").notable();
    InstanceChosen = row("instance.chosen", "event-instance-chosen").history("history-chosen");
    UserDisabled = row("user.disabled", "event-user-disabled")
        .history("history-user-disabled").notable();
    UserEnabled = row("user.enabled", "event-user-enabled").history("history-user-enabled");
    CatalogSeeded = row("catalog.seeded", "event-catalog-seeded");
    /// The registration of clients was permitted.
    RegistrationTokenCreated = row("registration_token.created", "event-registration-token-created")
        .was(&["registration_token.made"]);
    RegistrationTokenRevoked = row("registration_token.revoked", "event-registration-token-revoked");
    /// A client registered itself.
    ClientRegistered = row("client.registered", "event-client-registered");
    /// A client replaced what it had registered.
    ClientChanged = row("client.changed", "event-client-changed");
    ClientRemoved = row("client.removed", "event-client-removed");
    ClientDisabled = row("client.disabled", "event-client-disabled");
    ClientEnabled = row("client.enabled", "event-client-enabled");
    /// An admin tested the connections of an identity provider.
    ProviderChecked = row("provider.checked", "event-provider-checked")
        .history("history-administered");
    /// An admin fetched the documents of an identity provider.
    ProviderRefreshed = row("provider.refreshed", "event-provider-refreshed")
        .history("history-administered");
    /// An admin imported the metadata of an identity provider.
    ProviderImported = row("provider.imported", "event-provider-imported")
        .history("history-administered");
    RecoveryRequested = row("recovery.requested", "event-recovery-requested")
        .was(&["recovery.asked"]).history("history-recovery-asked").notable();
    PasswordReset = row("password.reset", "event-password-reset").history("history-password-reset");
    PasswordChanged = row("password.changed", "event-password-changed")
        .history("history-password-changed");
    PasswordRefused = row("password.refused", "event-password-refused")
        .history("history-password-refused").notable();
    MailVerified = row("mail.verified", "event-mail-verified").history("history-mail-verified");
    AdminGranted = row("admin.granted", "event-admin-granted").history("history-admin-granted");
    AdminRevoked = row("admin.revoked", "event-admin-revoked").history("history-admin-revoked");
    /// A signing key was created.
    KeyRotated = row("key.rotated", "event-key-rotated").history("history-key-rotated");
    /// A signing key is used and published no longer.
    KeyWithdrawn = row("key.withdrawn", "event-key-withdrawn").history("history-key-withdrawn");
    /// An admin recorded that a service provider has a certificate of ours.
    CertificateConfirmed = row("key.confirmed", "event-key-confirmed")
        .history("history-key-confirmed");
    /// Everything that is encrypted was re-encrypted.
    MasterKeyChanged = row("master_key.changed", "event-master-key-changed");
}

impl EventKind {
    pub const fn as_str(self) -> &'static str {
        self.row().name
    }

    /// Its subject: the first half of its name.
    pub fn noun(self) -> &'static str {
        noun_of(self.as_str())
    }

    /// The kind of a stored row, by the name of any release.
    pub fn named(name: &str) -> Option<Self> {
        let is_it = |kind: &Self| {
            let row = kind.row();
            row.name == name || row.old_names.contains(&name)
        };
        Self::ALL.iter().copied().find(is_it)
    }

    /// Every name, old ones too, that rows of a kind or of a noun are stored under.
    pub fn stored_names(text: &str) -> Vec<&'static str> {
        let rows = Self::ALL.iter().map(|kind| kind.row());
        let wanted = rows.filter(|row| row.is_named(text));
        let names = |row: KindRow| row.old_names.iter().copied().chain([row.name]);
        wanted.flat_map(names).collect()
    }
}

/// The nouns of all kinds, with the keys of their words, in the order in which a filter offers them.
pub const NOUNS: &[(&str, &str)] = &[
    ("sign_in", "event-noun-sign-in"),
    ("session", "event-noun-session"),
    ("logout", "event-noun-logout"),
    ("launch", "event-noun-launch"),
    ("instance", "event-noun-instance"),
    ("consent", "event-noun-consent"),
    ("code", "event-noun-code"),
    ("refresh_token", "event-noun-refresh-token"),
    ("account", "event-noun-account"),
    ("identity", "event-noun-identity"),
    ("factor", "event-noun-factor"),
    ("device", "event-noun-device"),
    ("recovery_code", "event-noun-recovery-code"),
    ("password", "event-noun-password"),
    ("recovery", "event-noun-recovery"),
    ("mail", "event-noun-mail"),
    ("user", "event-noun-user"),
    ("admin", "event-noun-admin"),
    ("provider", "event-noun-provider"),
    ("client", "event-noun-client"),
    ("registration_token", "event-noun-registration-token"),
    ("catalog", "event-noun-catalog"),
    ("key", "event-noun-key"),
    ("master_key", "event-noun-master-key"),
];

/// The kinds of targets of events, as [`super::Target`] names them, with the keys of their texts.
pub const TARGETS: &[(&str, &str)] = &[
    (Target::APPLICATION, "event-target-application"),
    (Target::CLIENT, "event-noun-client"),
    (Target::FACTOR, "event-noun-factor"),
    (Target::INSTANCE, "event-noun-instance"),
    (Target::KEY, "event-noun-key"),
    (Target::PROVIDER, "event-noun-provider"),
    (Target::REGISTRATION_TOKEN, "event-noun-registration-token"),
    (Target::SERVICE_PROVIDER, "event-target-service-provider"),
    (Target::SESSION, "event-noun-session"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_an_old_name_belongs_to_one_kind() {
        let mut names = BTreeSet::new();
        for kind in EventKind::ALL {
            let row = kind.row();
            for name in row.old_names.iter().chain([&row.name]) {
                assert!(names.insert(*name), "{name} twice");
                assert_eq!(EventKind::named(name), Some(*kind), "{name}");
            }
        }
        assert_eq!(EventKind::named("sign_in"), None);
    }

    #[test]
    fn the_nouns_are_those_of_the_table() {
        let of_kinds: BTreeSet<_> = EventKind::ALL.iter().map(|kind| kind.noun()).collect();
        let listed: BTreeSet<_> = NOUNS.iter().map(|(noun, _)| *noun).collect();
        assert_eq!(of_kinds, listed);
        assert_eq!(listed.len(), NOUNS.len(), "one twice");
    }

    #[test]
    fn a_kind_is_found_by_noun_and_by_every_name_it_had() {
        for text in ["session.others_ended", "sessions.ended_others", "sessions"] {
            let found = EventKind::stored_names(text);
            assert_eq!(found, ["sessions.ended_others", "session.others_ended"]);
        }
        assert_eq!(EventKind::stored_names("session").len(), 3);
        assert!(EventKind::stored_names("").is_empty());
        assert!(EventKind::stored_names("%").is_empty());
    }
}
