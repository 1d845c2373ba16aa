//! Changing the master key: everything that is sealed is opened with the old one and sealed with
//! the new one, in one transaction. Called by the command alone, while no portal runs.

use super::{PLACES, Seal, SealPurpose, SealedField};
use crate::{
    error::{Error, Result},
    model::event::Event,
    store::{SealedColumn, SealedValue, Store, Tx},
};

/// The result for one column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resealed {
    /// As [`SealedField::what`](super::SealedField::what).
    pub what: &'static str,
    pub resealed: usize,
    /// The number that the new key had sealed before.
    pub already: usize,
}

/// More are not named: the first ones suffice for finding the cause.
const MOST_NAMED: usize = 10;

/// Seals everything with the new key. A value that neither key opens is named, and then nothing is
/// changed; `audit_event` creates the audit event, from the number of values. A second run does the
/// remaining values.
pub async fn rekey(
    store: &Store,
    old: &Seal,
    new: &Seal,
    audit_event: impl FnOnce(usize) -> Event,
) -> Result<Vec<Resealed>> {
    let mut tx = store.begin_long().await?;
    let columns: Vec<SealedColumn> = PLACES.iter().map(|place| place.column).collect();
    tx.hold_sealed(&columns).await?;
    let mut lost = Vec::new();
    let mut all = Vec::new();
    for place in PLACES {
        let work = Work { place, old, new };
        all.push(work.reseal(&mut tx, &mut lost).await?);
    }
    if !lost.is_empty() {
        return Err(Error::Invalid(named(&lost)));
    }
    let resealed = all.iter().map(|one| one.resealed).sum();
    if resealed > 0 {
        tx.record(&audit_event(resealed)).await?;
        // Portals that run nevertheless reload at once, where the database notifies them.
        tx.bump_catalog().await?;
    }
    tx.commit().await?;
    Ok(all)
}

/// Everything that this master key does not open, by name.
pub async fn unreadable(store: &Store, seal: &Seal) -> Result<Vec<String>> {
    let mut lost = Vec::new();
    // The transaction only reads, and ends when it is dropped.
    let mut tx = store.begin_long().await?;
    for place in PLACES {
        for value in tx.sealed_values(&place.column).await? {
            if seal.unseal(&purpose(place, &value), &value.sealed).is_err() {
                lost.push(place_of(&place.column, &value));
            }
        }
    }
    Ok(lost)
}

fn purpose(place: &SealedField, value: &SealedValue) -> SealPurpose {
    let names: Vec<&str> = value.names.iter().map(String::as_str).collect();
    place.of(&names)
}

struct Work<'a> {
    place: &'static SealedField,
    old: &'a Seal,
    new: &'a Seal,
}

impl Work<'_> {
    async fn reseal(&self, tx: &mut Tx, lost: &mut Vec<String>) -> Result<Resealed> {
        let column = &self.place.column;
        let mut done = Resealed {
            what: self.place.what,
            resealed: 0,
            already: 0,
        };
        for value in tx.sealed_values(column).await? {
            let purpose = purpose(self.place, &value);
            if self.new.unseal(&purpose, &value.sealed).is_ok() {
                done.already += 1;
            } else if let Ok(secret) = self.old.unseal(&purpose, &value.sealed) {
                let sealed = self.new.seal(&purpose, &secret)?;
                if !tx.reseal(column, &value, &sealed).await? {
                    return Err(Error::Invalid(changed(column, &value)));
                }
                done.resealed += 1;
            } else {
                lost.push(place_of(column, &value));
            }
        }
        Ok(done)
    }
}

fn place_of(column: &SealedColumn, value: &SealedValue) -> String {
    let SealedColumn { table, column, .. } = column;
    format!("{table}.{column} of \"{}\"", value.names.join(" "))
}

fn changed(column: &SealedColumn, value: &SealedValue) -> String {
    format!(
        "{} was changed by another process meanwhile, so nothing was changed here: stop the portal \
         and run this again",
        place_of(column, value)
    )
}

fn named(lost: &[String]) -> String {
    let shown = some_of(lost);
    format!(
        "neither the current master key nor the new one decrypts {shown}; nothing was changed. Is \
         the current key the one that this database was encrypted with?"
    )
}

/// The first few, and how many more.
pub fn some_of(lost: &[String]) -> String {
    let mut shown = lost[..lost.len().min(MOST_NAMED)].join(", ");
    if lost.len() > MOST_NAMED {
        shown.push_str(&format!(" and {} more", lost.len() - MOST_NAMED));
    }
    shown
}
