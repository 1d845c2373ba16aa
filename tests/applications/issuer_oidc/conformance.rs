//! The OpenID Foundation's modules for providers, each by its own name: Basic, Config, Dynamic, Form
//! Post, third-party-initiated login and RP-Initiated Logout. Those for back-channel and front-channel
//! logout are in `logout/conformance.rs`.

mod basic;
mod config;
mod dynamic;
mod form_post;
mod logout;
mod third_party;
