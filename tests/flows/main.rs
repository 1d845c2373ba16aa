//! What users and admins do, from page to page: signing in, launching, second factors, recovery, the
//! account, administration.
//!
//! `USHER_TEST_DATABASE` is `sqlite` (the default) or `postgres` (with `USHER_TEST_POSTGRES_URL`):
//! every test here passes on both.

mod account;
mod admin;
mod admit;
mod anonymous;
mod disabled;
mod factor;
mod journey;
mod key;
mod landing;
mod launch;
mod names;
mod page;
mod realm;
mod recovery;
mod routing;
mod sign_in;
mod unknown;
mod upstream;
