//! The nouns of the business and their rules: complete sentences, no I/O, no async, no clock.
//! Every room speaks in these types; the store writes and reads them.

pub mod account;
pub mod address;
pub mod admission;
pub mod assurance;
pub mod attempt;
pub mod cas;
pub mod client;
pub mod condition;
pub mod consent;
pub mod context;
pub mod destination;
pub mod device;
pub mod discourse;
pub mod event;
pub mod explanation;
pub mod export;
pub mod factor;
pub mod gate;
pub mod grant;
pub mod identity;
pub mod launch;
pub mod link;
pub mod mail;
pub mod mapping;
pub mod notice;
pub mod party;
pub mod password;
pub mod receipt;
pub mod recovery;
pub mod registration;
pub mod routing;
pub mod service;
pub mod service_provider;
pub mod session;
pub mod user;
