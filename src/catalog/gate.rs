//! What the providers' rows say of people: who comes in, as what, and whose provider each is.

use std::collections::HashMap;

use super::snapshot::{Faults, at, keep};
use crate::{
    model::{
        admission::Admission,
        mapping::Vocabulary,
        routing::{Candidate, Routing, conflicts},
    },
    store::ProviderRow,
};

/// By slug.
#[derive(Default)]
pub(super) struct Gates(HashMap<String, Gate>);

struct Gate {
    admission: Admission,
    routing: Routing,
}

impl Gates {
    /// Checks each, and each against the others.
    pub fn build(rows: &[ProviderRow], faults: &mut Faults) -> Self {
        let gates = keep(faults, rows.iter().collect(), gate);
        let gates = Self(gates.into_iter().collect());
        faults.extend(conflicts(&gates.candidates(rows)));
        gates
    }

    pub fn admission(&self, provider: &str) -> Option<&Admission> {
        Some(&self.0.get(provider)?.admission)
    }

    /// Those that are enabled, in the order of the rows.
    pub fn candidates<'a>(&'a self, rows: &'a [ProviderRow]) -> Vec<Candidate<'a>> {
        let enabled = rows.iter().filter(|row| row.disabled_at.is_none());
        let routed = enabled.filter_map(|row| {
            Some(Candidate {
                slug: &row.slug,
                routing: &self.0.get(&row.slug)?.routing,
            })
        });
        routed.collect()
    }
}

fn gate(row: &ProviderRow) -> Result<(String, Gate), Faults> {
    let place = format!("provider \"{}\"", row.slug);
    let admission = row.admission.build(Vocabulary::of(&row.kind));
    let gate = Gate {
        admission: at(place.clone(), admission)?,
        routing: at(place, row.routing.build())?,
    };
    Ok((row.slug.clone(), gate))
}
