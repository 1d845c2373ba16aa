//! Keys: the master key that seals secrets at rest ([`Seal`]), and what it seals of our own: the
//! keys we sign with and the secret behind pairwise subjects ([`KeyRing`]). Values that pass
//! through clients have a seal of their own by their purpose ([`PurposeSeal`]). A secret that is
//! shared with an application ([`SharedSecret`]) is the admin's; it is stored sealed, too.

mod make;
mod place;
mod rekey;
mod ring;
mod seal;
mod shared;

pub use self::{
    make::AuditHooks,
    place::{
        ATTEMPT, BROWSER_STATE, CEREMONY, DOCUMENT, FACTOR, INSTANCE, MAIL, PLACES, PROVIDER,
        SESSION, SIGNING_KEY, SealPurpose, SealedField, UPSTREAM_REQUEST, handoff_purpose,
        provider_purpose,
    },
    rekey::{Resealed, rekey, some_of, unreadable},
    ring::{KeyRing, KeyState, KeyStatus, RotationPolicy, RotationReason},
    seal::{PurposeSeal, Seal},
    shared::SharedSecret,
};
