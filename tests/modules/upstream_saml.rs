//! SAML: accepted responses, and a corpus of hostile ones, each refused for its own reason.

mod accepted;
mod claim;
mod encrypted;
mod logout;
mod markup;
pub mod metadata;
mod metadata_url;
pub mod portal;
mod portal_logout;
mod request;
mod signature;
mod wrapped;
