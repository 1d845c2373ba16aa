//! Metadata: ours, written ([`ours`]); an identity provider's, read ([`theirs`]) and compared with
//! what it was ([`weaker`]).

pub mod ours;
pub mod theirs;
pub mod weaker;

pub use ours::Ours;
pub use theirs::{Endpoint, Theirs};
pub use weaker::{Weaker, weaker};
