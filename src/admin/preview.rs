//! Preview of a sign-in: applies the admission's own functions to a pasted assertion. Nothing of it
//! is stored.

use super::Administration;
use crate::{
    error::{Error, Result},
    model::{
        admission::ProviderFacts,
        condition::{ConditionFinding, Truth},
        mapping::Mapped,
        user::Attributes,
    },
    upstream,
};

/// What would happen to a user with these attributes.
pub struct Preview {
    pub mapped: Mapped,
    /// The admin's condition, and what each of its tests found.
    pub allowed: Truth,
    pub tests: Vec<ConditionFinding>,
    /// Whether an unknown user would be created.
    pub creates: bool,
}

impl Administration {
    /// Applies a provider's mapping and condition to pasted claims, attributes or a SAML assertion;
    /// a fault is a sentence about what was pasted.
    pub fn preview(&self, provider: &str, pasted: &str) -> Result<Result<Preview, String>> {
        let snapshot = self.catalog.snapshot();
        let gate = snapshot.admission(provider).ok_or(Error::NotFound)?;
        let raw = match upstream::read_pasted(pasted) {
            Ok(raw) => raw,
            Err(fault) => return Ok(Err(fault)),
        };
        let mapped = gate.mapping.apply(&raw);
        let mut attributes = Attributes::default();
        attributes.take_over(provider, &mapped.source_attributes());
        let (allowed, tests) = gate.allows(&ProviderFacts {
            attributes: &attributes,
            source: provider,
        });
        Ok(Ok(Preview {
            mapped,
            allowed,
            tests,
            creates: gate.creates,
        }))
    }
}
