//! # Usher
//!
//! A portal that takes people where they need to be: it checks who they are, knows where *their*
//! instance of each remote application lives, and lands them, signed in, in the right record.
//!
//! ## The map
//!
//! Modules, downhill. A module uses only what stands below it; `tests/it/architecture.rs` holds
//! the house to that.
//!
//! | floor | module | what it is |
//! | --- | --- | --- |
//! | street | [`command`] | `serve`, `demo`, `migrate`, `seed`, `rotate-keys`, `rekey`, `disable`, `preview`, `registration-token`, `client`, `backup`, `check` |
//! | hall | [`app`] | the composition root: configuration in, rooms out |
//! | doors | [`http`] | the route table; extract, one verb of one room, render |
//! | | [`worker`] | background jobs: claim what is due, run it once, try again |
//! | rooms | [`admin`] | the admin's desk: services by rung, providers, keys, previews, the audit trail |
//! | | [`seed`] | the catalogue as code |
//! | | [`launch`] | from deep link to landing: the ticket and the one dispatcher |
//! | | [`sign_in`] | who are you: attempts, providers (parts), limits, admission, second factors |
//! | | [`provider`] | we vouch: the OpenID, SAML and CAS provider that remote applications trust, the gateway's and the forum's; consent, registration; who hears of a session's end |
//! | parts | [`handoff`] | how a person lands: one file a method |
//! | rooms | [`catalog`] | which services, for whom, where; [`catalog::locate`] is pure rules |
//! | | [`directory`] | people and their passwords; recovery, and who is an admin |
//! | | [`mail`] | what is to be sent, sealed, until the server has it |
//! | | [`event`] | the audit trail |
//! | | [`browser_state`] | what the answer to a form says on the next page: tower-sessions over our store |
//! | cellar | [`net`] | the one way out: outgoing HTTP, with limits |
//! | | [`config`] | settings: the embedded reference, a file, the environment |
//! | | [`keys`] | the master key, the one list of what it seals, and the keys we sign with |
//! | | [`store`] | all SQL, one file an aggregate; one text for SQLite and PostgreSQL |
//! | | [`error`] | the one domain error |
//! | nouns | [`model`] | the business in types: no I/O, no async |
//! | wire | [`protocol`] | OAuth, JOSE, SAML, CAS, what gateways say, URI templates: pure |
//! | ground | [`kind`], [`id`], [`text`], [`clock`], [`chance`], [`blocking`] | what everything stands on |
//!
//! Names are mirrored: `http/launch.rs` → `launch/` → `store/launch.rs` → `templates/launch/` →
//! `tests/it/launch.rs`.
//!
//! ## Invariants
//!
//! - Only `http` (and [`app`], which gives it its state) knows axum; only [`store`] knows sqlx;
//!   only `sign_in/ldap` knows ldap3; only [`net`] knows reqwest, only [`mail`] lettre. [`model`] and [`protocol`] are pure.
//! - Time and chance are handed in ([`clock::Clock`], [`chance::Chance`]); the environment is read
//!   in [`config`] alone.
//! - No address of a request is used but one that is registered, or lies inside one that is.
//!   Targets are ids and keys; addresses come from the catalogue, by a template that cannot leave
//!   its instance.
//! - Everything that must survive a redirect is on one row; the browser carries its opaque id. The
//!   address of a sign-in carries the destination as well, sealed and without anything of a person,
//!   so that it can begin anew.
//! - What comes next is decided in one place: `Launches::dispatch`, of (ticket, visitor).
//! - Single use is one guarded `update … where … is null returning`.
//! - Only hashes of bearer secrets are stored; each kind has a prefix that is part of the hash.
//! - Only [`store::Tx`] writes. A one-time artefact and its answer are one transaction: taken, looked
//!   up, what is given for it kept, committed, then answered; nothing is committed after its
//!   request's deadline ([`store::Deadline`]).
//! - No network inside a transaction, no event outside the transaction it tells of; a launch's row
//!   is its own line in the audit trail (docs/decisions/0006).
//! - Deliberately absent: repository traits, mocks, globals, URLs in `next` parameters.
//!
//! ## Walkthrough: a cold click
//!
//! `GET /go/crm/customer/C-1042` enters `http/launch.rs`, which reads it into an `Ask`.
//! [`launch::Launches::open`] makes the ticket; nobody is signed in, so it is kept as `Requested`
//! and the answer is `SignIn(After::Launch(id))`. The door begins an attempt and sends the browser
//! to its page. What is typed goes to [`sign_in::SignIns::submit`]: counted, checked by the
//! provider, admitted (person, session, event: one transaction). Then, as a function call,
//! [`launch::Launches::resume`]: claimed, seen, understood, located, and landed by the instance's
//! hand-off; ticket and code are committed together before the browser is answered.
//!
//! ## Walkthrough: the remote comes back
//!
//! The CRM, reached at its `initiate_login_uri`, sends an ordinary authentication request with our
//! `login_hint`. `provider/authorize.rs` finds the session warm and binds the launch to the code:
//! same client, same session, once. At the token endpoint one guarded update redeems the code, the
//! launch has landed, and the id_token carries the record as `urn:usher:launch`.

pub mod admin;
pub mod app;
pub mod blocking;
pub mod browser_state;
pub mod catalog;
pub mod chance;
pub mod clock;
pub mod command;
pub mod config;
pub mod directory;
pub mod error;
pub mod event;
pub mod handoff;
pub mod http;
pub mod id;
pub mod keys;
pub mod kind;
pub mod launch;
pub mod mail;
pub mod model;
pub mod net;
pub mod protocol;
pub mod provider;
pub mod seed;
pub mod sign_in;
pub mod store;
pub mod text;
pub mod worker;
