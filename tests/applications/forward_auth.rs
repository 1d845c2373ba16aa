//! Pages behind a gateway: who is let through, as whom, and what a gateway cannot be made to believe
//! (THREATS: URL normalisation in gateways; login CSRF; disabled principals).

mod check;
mod entry;
mod gateway;
mod nested;
