//! The CAS server: a ticket for one exact address, once, for half a minute, and what it says of
//! user and record. Section numbers are those of CAS Protocol 3.0.

mod attack;
mod login;
mod logout;
mod peer;
mod validate;
