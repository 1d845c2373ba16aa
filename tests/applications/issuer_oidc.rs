//! The OpenID provider, for relying parties and for attackers. OpenID Connect Core 1.0, RFC 6749,
//! RFC 7636, RFC 9207, RFC 9700.

mod authorize;
pub mod client;
mod code;
mod conformance;
mod consent;
mod covers;
mod details;
mod discovery;
pub mod dpop;
mod id_token;
mod launch;
mod logout;
mod prompt;
pub mod pushed;
pub mod refresh;
pub mod registration;
mod request_object;
pub mod resource;
mod shared;
mod token;
mod unvouched;
mod userinfo;
