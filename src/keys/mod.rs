//! Keys: the master key that seals secrets at rest ([`Seal`]), and what it seals of our own: the
//! keys we sign with and the secret behind pairwise subjects ([`KeyRing`]). A secret that is shared
//! with an application ([`SharedSecret`]) is the admin's; it rests sealed, too.

mod ring;
mod seal;
mod shared;

pub use self::{
    ring::{KeyRing, Standing, State},
    seal::{Seal, handoff_purpose, provider_purpose},
    shared::SharedSecret,
};
