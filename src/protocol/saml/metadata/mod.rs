//! Metadata: writing ours as a service provider ([`ours`]), and as an identity provider
//! ([`our_idp`]); reading an identity provider's ([`theirs`]) and comparing it with the previous
//! one ([`mod@weaker`]); reading a service provider's ([`service`]).

pub mod our_idp;
pub mod ours;
pub mod service;
pub mod theirs;
pub mod weaker;

pub use ours::Ours;
pub use theirs::{Endpoint, Theirs};
pub use weaker::{Weaker, weaker};
