//! The input of a provider that is tested by itself: a client, without a limiter.

use std::{net::Ipv4Addr, sync::Arc};

use usher::{
    kind::BoxFuture,
    model::allowance::{Allowances, ClientNetwork},
    upstream::{Entries, ProviderFailure},
};

/// Counts nothing.
pub struct Uncounted;

impl Entries for Uncounted {
    fn count<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), ProviderFailure>> {
        Box::pin(async { Ok(()) })
    }
}

pub fn client() -> ClientNetwork {
    ClientNetwork::new(&Arc::new(Allowances::new(1, 1)), Ipv4Addr::LOCALHOST.into())
}
