//! The CAS server: a ticket for the very address it was asked for, once, for half a minute, and
//! what it says of person and record. Section numbers are those of CAS Protocol 3.0.

mod attack;
mod login;
mod logout;
mod peer;
mod validate;
