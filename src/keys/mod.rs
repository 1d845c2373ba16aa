//! Keys: the master key that seals secrets at rest ([`Seal`]), and what it seals of our own: the
//! keys we sign with and the secret behind pairwise subjects ([`KeyRing`]).

mod ring;
mod seal;

pub use self::{
    ring::{KeyRing, Standing, State},
    seal::{Seal, provider_purpose},
};
