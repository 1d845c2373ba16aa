//! Keys: the master key that seals secrets at rest ([`Seal`]), and what it seals of our own: the
//! keys we sign with and the secret behind pairwise subjects ([`KeyRing`]).

mod make;
mod place;
mod rekey;
mod ring;
mod seal;

pub use self::{
    make::Told,
    place::{
        ATTEMPT, CEREMONY, DOCUMENT, FACTOR, MAIL, PLACES, PROVIDER, Place, Purpose, SESSION,
        SIGNING_KEY, TRIP, provider_purpose,
    },
    rekey::{Resealed, rekey, some_of, unreadable},
    ring::{KeyRing, Standing, State, Turn, Turns},
    seal::Seal,
};
