//! What happened: one line of the audit trail.

use crate::{
    clock::Time,
    id::{EventId, LaunchId, SessionId, UserId},
};

/// Names are `noun.past_participle`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    SignInSucceeded,
    SignInFailed,
    SignInRefused,
    /// A signed-in user proved more, or again.
    SignInConfirmed,
    SessionEnded,
    /// All but one of a person's.
    OtherSessionsEnded,
    /// A remote application confirmed the notification of a session's end.
    LogoutTold,
    /// A party could not be notified, after all tries.
    LogoutFailed,
    /// An admin had one that failed tried again.
    LogoutRetried,
    IdentityLinked,
    IdentityUnlinked,
    /// A person took away what we know of them.
    AccountExported,
    FactorEnrolled,
    FactorRemoved,
    /// A second factor that did not hold; of whom, and which kind.
    FactorRefused,
    /// All factors of a user were removed, from the command line.
    FactorsReset,
    /// A user trusts a browser: the second factor is not asked for there for a while.
    DeviceTrusted,
    /// And no longer any.
    DevicesForgotten,
    RecoveryCodesMade,
    RecoveryCodeUsed,
    /// A ticket that did not let its visitor pass. Departed, landed and refused launches are
    /// lines of the trail by their own rows.
    LaunchVoid,
    /// The application says that the person stands in the record.
    LaunchConfirmed,
    /// The application says why it does not open the record.
    LaunchRejected,
    /// A person let an application know of them; or not; or no longer.
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    CodeReused,
    /// A refresh token that had been used: its family is taken back.
    RefreshTokenReused,
    InstanceChosen,
    UserDisabled,
    UserEnabled,
    CatalogSeeded,
    /// An admin permitted the registration of clients; or withdrew that.
    RegistrationTokenMade,
    RegistrationTokenRevoked,
    /// A client registered itself, by which token.
    ClientRegistered,
    /// It replaced what it had registered.
    ClientChanged,
    /// It removed itself, or an admin did.
    ClientRemoved,
    ClientDisabled,
    ClientEnabled,
    /// An admin had a provider's connections tried.
    ProviderChecked,
    /// An admin had a provider's documents fetched.
    ProviderRefreshed,
    /// An admin brought a provider's metadata.
    ProviderImported,
    RecoveryAsked,
    PasswordReset,
    PasswordChanged,
    PasswordRefused,
    MailVerified,
    AdminGranted,
    AdminRevoked,
    /// A key that we sign with was made, and from when it signs.
    KeyRotated,
    /// A key that may be compromised is used and published no more.
    KeyWithdrawn,
    /// A service provider is known to have a certificate of ours.
    CertificateConfirmed,
    /// Everything sealed was sealed anew; how many values.
    MasterKeyChanged,
}

impl EventKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            EventKind::SignInSucceeded => "sign_in.succeeded",
            EventKind::SignInFailed => "sign_in.failed",
            EventKind::SignInRefused => "sign_in.refused",
            EventKind::SignInConfirmed => "sign_in.confirmed",
            EventKind::SessionEnded => "session.ended",
            EventKind::LogoutTold => "logout.told",
            EventKind::LogoutFailed => "logout.failed",
            EventKind::LogoutRetried => "logout.retried",
            EventKind::OtherSessionsEnded => "sessions.ended_others",
            EventKind::IdentityLinked => "identity.linked",
            EventKind::IdentityUnlinked => "identity.unlinked",
            EventKind::AccountExported => "account.exported",
            EventKind::FactorEnrolled => "factor.enrolled",
            EventKind::FactorRemoved => "factor.removed",
            EventKind::FactorRefused => "factor.refused",
            EventKind::FactorsReset => "factors.reset",
            EventKind::DeviceTrusted => "device.trusted",
            EventKind::DevicesForgotten => "devices.forgotten",
            EventKind::RecoveryCodesMade => "recovery_codes.made",
            EventKind::RecoveryCodeUsed => "recovery_code.used",
            EventKind::LaunchVoid => "launch.void",
            EventKind::LaunchConfirmed => "launch.confirmed",
            EventKind::LaunchRejected => "launch.rejected",
            EventKind::ConsentGiven => "consent.given",
            EventKind::ConsentRefused => "consent.refused",
            EventKind::ConsentWithdrawn => "consent.withdrawn",
            EventKind::CodeReused => "code.reused",
            EventKind::RefreshTokenReused => "refresh_token.reused",
            EventKind::InstanceChosen => "instance.chosen",
            EventKind::UserDisabled => "user.disabled",
            EventKind::UserEnabled => "user.enabled",
            EventKind::CatalogSeeded => "catalog.seeded",
            EventKind::RegistrationTokenMade => "registration_token.made",
            EventKind::RegistrationTokenRevoked => "registration_token.revoked",
            EventKind::ClientRegistered => "client.registered",
            EventKind::ClientChanged => "client.changed",
            EventKind::ClientRemoved => "client.removed",
            EventKind::ClientDisabled => "client.disabled",
            EventKind::ClientEnabled => "client.enabled",
            EventKind::ProviderChecked => "provider.checked",
            EventKind::ProviderRefreshed => "provider.refreshed",
            EventKind::ProviderImported => "provider.imported",
            EventKind::RecoveryAsked => "recovery.asked",
            EventKind::PasswordReset => "password.reset",
            EventKind::PasswordChanged => "password.changed",
            EventKind::PasswordRefused => "password.refused",
            EventKind::MailVerified => "mail.verified",
            EventKind::AdminGranted => "admin.granted",
            EventKind::AdminRevoked => "admin.revoked",
            EventKind::KeyRotated => "key.rotated",
            EventKind::KeyWithdrawn => "key.withdrawn",
            EventKind::CertificateConfirmed => "key.confirmed",
            EventKind::MasterKeyChanged => "master_key.changed",
        }
    }
}

/// An event. It holds ids and words of our own, never keys, names or secrets.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: EventId,
    pub at: Time,
    pub kind: EventKind,
    pub user: Option<UserId>,
    pub session: Option<SessionId>,
    pub launch: Option<LaunchId>,
    pub service: Option<String>,
    pub address: Option<String>,
    /// A machine word or id that says more: an instance, a reason.
    pub detail: Option<String>,
}
