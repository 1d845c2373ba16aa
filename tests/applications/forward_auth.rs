//! Pages behind a gateway: who is admitted, with which identity, and what a gateway must not be
//! able to forge (THREATS: URL normalisation in gateways; login CSRF; disabled principals).

mod check;
mod entry;
mod gateway;
mod nested;
