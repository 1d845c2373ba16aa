//! Wire formats, pure: bytes and `now` in, values out. No I/O, no clock, no randomness.

pub mod gateway;
pub mod jose;
pub mod loopback;
pub mod oauth;
pub mod otpauth;
pub mod saml;
pub mod uri_template;
