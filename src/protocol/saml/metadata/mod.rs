//! Metadata: ours as a service provider, written ([`ours`]), and as an identity provider
//! ([`our_idp`]); an identity provider's, read ([`theirs`]) and compared with what it was
//! ([`mod@weaker`]); a service provider's, read ([`service`]).

pub mod our_idp;
pub mod ours;
pub mod service;
pub mod theirs;
pub mod weaker;

pub use ours::Ours;
pub use theirs::{Endpoint, Theirs};
pub use weaker::{Weaker, weaker};
