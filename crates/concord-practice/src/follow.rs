//! How a batch follows on what came before: what it takes the place of, and what is missing between.

use std::collections::BTreeMap;

use crate::batch::{Batch, digits};
use crate::bulk::{self, Watch};
use crate::error::{Error, ErrorKind};
use crate::extract::System;
use crate::ledger::{Entry, Ledger};
use crate::period::Period;

/// Which files of a batch take the place of what came before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Replaces<'p> {
    /// Whether all do.
    pub(crate) bulk: bool,
    /// What the manifest says of tables. One that it does not list adds to what is there.
    listed: Option<&'p BTreeMap<String, bool>>,
}

impl Replaces<'_> {
    /// Whether the file of a table does.
    pub(crate) fn table(&self, table: &str) -> bool {
        match self.listed {
            Some(listed) => listed.get(table).copied().unwrap_or(false),
            None => self.bulk,
        }
    }
}

/// What a batch takes the place of.
///
/// # Errors
/// [`ErrorKind::NoBulk`] when nothing came before a batch that is no bulk.
pub(crate) fn replaces<'p>(
    system: &System,
    batch: &Batch,
    ledger: &Ledger,
    period: Option<&'p Period>,
    watch: &Watch,
) -> Result<Replaces<'p>, Error> {
    let first = ledger.batches.is_empty();
    let told = if let Some(period) = period {
        match period.whole.iter().find(|(_, whole)| !**whole) {
            None => Ok(()),
            Some((table, _)) => Err(format!("{table} holds only what changed")),
        }
    } else {
        let bulk = system.description.bulk.as_ref();
        bulk::no_bulk(bulk, &batch.identity.kind, watch, first).map_err(str::to_owned)
    };
    match told {
        Err(reason) if first => Err(ErrorKind::NoBulk {
            batch: batch.name(),
            reason,
        }
        .into()),
        told => Ok(Replaces {
            bulk: told.is_ok(),
            listed: period.map(|period| &period.whole),
        }),
    }
}

/// A batch is later than the last one: made later, and of numbers that do not begin before those of that one.
///
/// # Errors
/// [`ErrorKind::OutOfOrder`].
pub(crate) fn in_order(ledger: &Ledger, batch: &Batch, stamp: &str) -> Result<(), Error> {
    let falls = |last: &Entry| {
        let numbers = last.covers.zip(batch.identity.covers);
        numbers.is_some_and(|((before, _), (first, _))| first < before)
    };
    match ledger
        .last()
        .filter(|last| *last.stamp >= *stamp || falls(last))
    {
        None => Ok(()),
        Some(last) => Err(ErrorKind::OutOfOrder {
            batch: batch.name(),
            last: last.name.clone(),
        }
        .into()),
    }
}

/// What is missing between the last batch and this one. Nothing is before a bulk.
pub(crate) fn gap(
    ledger: &Ledger,
    batch: &Batch,
    period: Option<&Period>,
    bulk: bool,
) -> Option<String> {
    let last = ledger.last().filter(|_| !bulk)?;
    if let Some(from) = period.and_then(|period| period.from.as_ref()) {
        return (digits(from) > last.stamp)
            .then(|| format!("changes from {} to {}", last.name, from));
    }
    let ((_, last), (first, _)) = (last.covers?, batch.identity.covers?);
    let next = last.checked_add(1)?;
    match first.checked_sub(1)? {
        before if before < next => None,
        before if before == next => Some(format!("the batch of number {next}")),
        before => Some(format!("the batches of numbers {next} to {before}")),
    }
}
