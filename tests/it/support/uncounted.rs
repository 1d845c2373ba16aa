//! What a provider is tried with by itself: a client, and no limiter behind it.

use std::{net::Ipv4Addr, sync::Arc};

use usher::{
    kind::BoxFuture,
    model::allowance::{Allowances, Asker},
    sign_in::{Entries, Failure},
};

/// Counts nothing.
pub struct Uncounted;

impl Entries for Uncounted {
    fn count<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), Failure>> {
        Box::pin(async { Ok(()) })
    }
}

pub fn asker() -> Asker {
    Asker::new(&Arc::new(Allowances::new(1, 1)), Ipv4Addr::LOCALHOST.into())
}
