//! # Usher
//!
//! A web portal that signs users in, knows which instance of each remote application is theirs, and
//! opens the right record there, with the user already signed in.
//!
//! ## The map
//!
//! Modules, downhill: a module uses only what stands below it, and `tests/modules/architecture.rs`
//! holds the code to that. Handlers read a request, call one domain module and render its answer,
//! and neither call each other nor use the store; domain modules decide; parts are one file each,
//! behind an interface; storage and wire formats decide nothing.
//!
//! | layer | module | what it is |
//! | --- | --- | --- |
//! | commands | [`command`] | `serve`, `demo`, `migrate`, `seed`, `rotate-keys`, `rekey`, `disable`, `preview`, `registration-token`, `client`, `backup`, `check` |
//! | composition | [`app`] | the composition root: configuration in, domain modules out |
//! | handlers | [`http`] | a table of routes in each file; extract, call one domain module, render |
//! | domain | [`admin`] | what admins see and do: services by strength, identity providers, keys, previews, the audit log |
//! | | [`seed`] | the catalogue as code: a TOML file into the database |
//! | | [`launch`] | from deep link to landing: the ticket and the one dispatcher |
//! | | [`factor`] | second factors and step-up: authenticator apps, passkeys, recovery codes, trusted devices |
//! | | [`sign_in`] | attempts, limits, admission, sessions |
//! | | [`issuer`] | the issuer that remote applications trust, one folder a protocol; the one decision of their requests; consent, registration, logout notifications |
//! | | [`catalog`] | which services there are, for whom, and where, with their parts opened; [`catalog::locate`] is pure rules |
//! | parts | [`upstream`] | the identity providers that vouch for users: one file or folder a kind |
//! | | [`handoff`] | how a user lands in an application: one file a method |
//! | domain | [`directory`] | users and their local passwords; recovery; who is an admin |
//! | | [`mail`] | mails that wait, encrypted, until the server has taken them |
//! | | [`queue`] | background work: one queue of jobs, one file a kind; claimed, run, retried, or kept as dead letters |
//! | | [`event`] | the audit log |
//! | | [`browser_state`] | the results of forms, for the next page: tower-sessions over our store |
//! | storage and network | [`net`] | outgoing HTTP, with limits: the only way out |
//! | | [`config`] | settings: the embedded reference, a file, the environment |
//! | | [`keys`] | the master key, the one list of what it encrypts, and the signing keys |
//! | | [`store`] | all SQL, one file an aggregate; one text for SQLite and PostgreSQL |
//! | | [`error`] | the one domain error |
//! | nouns | [`model`] | the business in types: no I/O, no async |
//! | wire formats | [`protocol`] | OAuth, JOSE, SAML, gateway headers, URI templates: pure; one that a single issuer protocol has to itself is `wire.rs` in its folder |
//! | foundations | [`kind`], [`id`], [`text`], [`clock`], [`chance`], [`blocking`] | tables of parts, ids and secrets, texts, time, randomness, bounded blocking work |
//!
//! A domain module is one struct with its dependencies. The functions of one protocol or concern
//! are on a handle that borrows it: `issuer.saml()`, `directory.admins()`, `sign_ins.providers()`.
//!
//! A protocol downstream is a folder of the issuer and a row of its table: name, stored requests,
//! artefacts, what a launch carries, logout notifications. Its handlers, with their error format, and
//! its tables are a file in [`http`] and in [`store`] (docs/decisions/0015).
//!
//! Names are mirrored: `http/launch.rs` → `launch/` → `store/launch.rs` → `templates/launch/` →
//! `tests/flows/launch.rs`. Upstream are the identity providers that vouch for users; the issuer is
//! what the portal is to applications downstream.
//!
//! ## Invariants
//!
//! - Only `http` (and [`app`], which gives it its state) knows axum; only [`store`] knows sqlx and
//!   rusqlite; only `upstream/ldap` knows ldap3; only [`net`] knows reqwest, only [`mail`] lettre.
//!   [`model`] and [`protocol`] are pure.
//! - Time and randomness are passed in ([`clock::Clock`], [`chance::Chance`]); the environment is
//!   read in [`config`] alone.
//! - An address in a request is used only if it is registered, or lies inside one that is. Targets
//!   are ids and keys; addresses come from the catalogue, by a template that cannot leave its
//!   instance.
//! - Everything that must survive a redirect is on one row; the browser carries its opaque id. The
//!   address of a sign-in carries the destination as well, encrypted and without anything about the
//!   user, so that it can be restarted.
//! - Parts are opened once for each snapshot of the catalogue ([`catalog::Parts`]), never for a
//!   request; parts that were not changed are taken over. An instance or provider whose settings
//!   cannot be opened is unavailable, with the reason; the others are not affected.
//! - What comes next is decided in two places, each of (ticket or request, visitor) alone:
//!   `Launches::dispatch` for launches, `Issuer::decide` for the requests of applications, whichever
//!   protocol they came by (docs/decisions/0014). The result is a [`model::next::Next`], which
//!   `http/next.rs` alone answers.
//! - A request that waits for its user is a row of `pending_requests`, and passes every check again.
//! - Single use is one guarded `update … where … is null`.
//! - Unknown is different from absent: a condition on an attribute that is not known is neither true
//!   nor false, and access that depends on it is refused.
//! - Only hashes of bearer secrets are stored; each kind has a prefix that is part of the hash.
//! - Only [`store::Tx`] writes. A one-time artefact and its answer are one transaction: taken, looked
//!   up, its result stored, committed, then answered; nothing is committed after its request's
//!   deadline ([`store::Deadline`]).
//! - What happens after a request is a job: only [`queue`] and `store/job.rs` claim, lease and retry.
//!   A record and the job that delivers it are settled in one transaction.
//! - No network inside a transaction, no event outside the transaction it belongs to; a launch's row
//!   is its own line in the audit log (docs/decisions/0006).
//! - Deliberately absent: repository traits, mocks, globals, URLs in `next` parameters.
//!
//! ## Walkthrough: a cold click
//!
//! `GET /go/crm/customer/C-1042` enters `http/launch.rs`, which reads it into an `Ask`.
//! [`launch::Launches::open`] makes the ticket; the user is not signed in, so it is kept as
//! `Requested` and the result is `Next::SignIn`, to be continued at `After::Launch(id)`.
//! `http/next.rs` begins an attempt and sends the browser to its page. What is typed goes to
//! [`sign_in::SignIns::submit`]: counted, checked by the identity provider, admitted (user,
//! session, event: one transaction). Then, as a function call, [`launch::Launches::resume`]:
//! claimed, seen, understood, located, and landed by the instance's hand-off; ticket and code are
//! committed together before the browser is answered.
//!
//! ## Walkthrough: the remote comes back
//!
//! The CRM, reached at its `initiate_login_uri`, sends an ordinary authentication request with our
//! `login_hint`. `issuer/openid/authorize.rs` reads it into an `AuthorizationRequest`;
//! `Issuer::decide` finds the user signed in, and the launch is bound to the code: same client, same
//! session, once. At the token endpoint one guarded update redeems the code, the launch has landed,
//! and the id_token carries the record as `urn:usher:launch`.

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
pub mod factor;
pub mod handoff;
pub mod http;
pub mod id;
pub mod issuer;
pub mod keys;
pub mod kind;
pub mod launch;
pub mod mail;
pub mod model;
pub mod net;
pub mod protocol;
pub mod queue;
pub mod seed;
pub mod sign_in;
pub mod store;
pub mod text;
pub mod upstream;
