//! A batch taken into the store: whole or not at all, once, and only where it follows on.

use std::collections::BTreeMap;

use concord_read::Input;
use concord_standards::layout::{HeaderUse, TableLayout};

use crate::agreement::{self, Held, Holding};
use crate::batch::{Batch, digits};
use crate::bulk::Watch;
use crate::error::{Error, ErrorKind, RowProblem};
use crate::extract::System;
use crate::kept::{self, Part};
use crate::ledger::{Entry, FileEntry, Ledger};
use crate::reading::Reading;
use crate::segment::Writer;
use crate::store::Store;
use crate::{demands, follow, period, rows};

/// Whether to go on where something is missing between batches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptGap {
    /// Go on; the store keeps what was missing.
    Yes,
    /// Refuse.
    No,
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Its name.
    pub name: String,
    /// Whether anything was done.
    pub outcome: Outcome,
}

/// Whether a batch was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was applied before, with the same content; nothing was done.
    Before,
    /// It was applied.
    Now {
        /// Whether it took the place of everything before.
        bulk: bool,
        /// Rows of all its tables.
        rows: u64,
        /// Those that are withdrawn.
        removed: u64,
        /// What was missing before it.
        gap: Option<String>,
        /// Columns that the standard does not know, with their tables. They are kept.
        unknown: Vec<(String, String)>,
        /// Organisations whose agreement is disabled: what the store has of them stays as it was.
        held: Vec<String>,
        /// Rows of these that were not taken.
        held_rows: u64,
        /// Organisations that were held in the batch before and are not any more, where no bulk brings what they had meanwhile.
        resumed: Vec<String>,
    },
}

/// The rows of one file, written and not yet in their place.
struct Taken {
    part: Option<Part>,
    entry: FileEntry,
    unknown: Vec<String>,
}

impl Store {
    /// Applies a batch.
    ///
    /// Costs what the batch costs, and now and then what a table costs whose changes have outgrown it.
    ///
    /// # Errors
    /// An [`Error`] of the class [`Refused`](crate::Class::Refused) when the batch is not what it must be or does not follow on; then the
    /// store is as it was.
    pub fn apply(
        &mut self,
        system: &System,
        batch: &Batch,
        accept_gap: AcceptGap,
    ) -> Result<Applied, Error> {
        let name = batch.name();
        let mut ledger = self.ledger_for(system, batch)?;
        demands::once_each(batch)?;
        demands::unmixed(batch)?;
        let manifest = system.description.manifest.as_ref();
        let period = manifest
            .map(|manifest| period::period(system, manifest, batch))
            .transpose()?;
        let stamp = match &period {
            Some(period) => digits(&period.to),
            None => batch.identity.stamp.clone(),
        };
        if let Some(entry) = ledger.find(&stamp, &batch.identity) {
            demands::unchanged(system, entry, batch)?;
            return Ok(Applied {
                name,
                outcome: Outcome::Before,
            });
        }
        follow::in_order(&ledger, batch, &stamp)?;
        demands::whole(system, batch)?;
        let mut said = agreement::said(self, system)?;
        let held = agreement::held(&mut said, system, batch)?;
        let number = ledger.batches.len() as u64 + 1;
        let mut watch = Watch::default();
        let mut taken = BTreeMap::new();
        for (table, input) in in_order(system, batch) {
            taken.insert(
                table.name.to_string(),
                self.take(system, (table, input), number, &held, &mut watch)?,
            );
        }
        let replaces = follow::replaces(system, batch, &ledger, period.as_ref(), &watch)?;
        let gap = follow::gap(&ledger, batch, period.as_ref(), replaces.bulk);
        if let Some(missing) = gap.clone().filter(|_| accept_gap == AcceptGap::No) {
            return Err(ErrorKind::Gap {
                batch: name,
                missing,
            }
            .into());
        }
        let mut unknown = Vec::new();
        let mut files = BTreeMap::new();
        for (table, file) in taken {
            if let Some(part) = file.part {
                part.complete()?;
                kept::sync_folder(&self.table_folder("history", &table))?;
            }
            unknown.extend(
                file.unknown
                    .into_iter()
                    .map(|column| (table.clone(), column)),
            );
            let replaces = replaces.table(&table);
            files.insert(
                table,
                FileEntry {
                    replaces,
                    ..file.entry
                },
            );
        }
        let sum = |of: fn(&FileEntry) -> u64| files.values().map(of).sum::<u64>();
        let (rows, removed) = (sum(|file| file.rows), sum(|file| file.removed));
        let held_rows = sum(|file| file.held);
        let before = ledger.last().map_or(&[][..], |last| &last.held);
        let mut resumed: Vec<String> = before.to_vec();
        resumed.retain(|name| !replaces.bulk && !held.names.contains(name));
        let tables: Vec<String> = files.keys().cloned().collect();
        ledger.batches.push(Entry {
            number,
            name: name.clone(),
            stamp,
            covers: batch.identity.covers,
            bulk: replaces.bulk,
            gap: gap.clone(),
            held: held.names.clone(),
            files,
        });
        ledger.save(self.folder())?;
        self.ledger = Some(ledger);
        self.compact_outgrown(system, &tables)?;
        Ok(Applied {
            name,
            outcome: Outcome::Now {
                bulk: replaces.bulk,
                rows,
                removed,
                gap,
                unknown,
                held: held.names,
                held_rows,
                resumed,
            },
        })
    }

    /// What the store holds, if it is of the same system and sender.
    pub(crate) fn ledger_for(&self, system: &System, batch: &Batch) -> Result<Ledger, Error> {
        let sender = &batch.identity.sender;
        let Some(ledger) = &self.ledger else {
            return Ok(Ledger::new(system.id(), sender));
        };
        let other = |held: &str, given: &str| {
            Err(ErrorKind::Other {
                batch: batch.name(),
                held: held.to_owned(),
                given: given.to_owned(),
            }
            .into())
        };
        if ledger.system != **system.id() {
            return other(&ledger.system, system.id());
        }
        if ledger.sender != *sender {
            return other(
                &format!("extracts of {}", ledger.sender),
                &format!("of {sender}"),
            );
        }
        Ok(ledger.clone())
    }

    /// Reads a file and writes its rows beside their place.
    fn take(
        &self,
        system: &System,
        (table, input): (&TableLayout, &Input),
        number: u64,
        held: &Held,
        watch: &mut Watch,
    ) -> Result<Taken, Error> {
        let mut reading: Option<Reading<'_>> = None;
        let mut holding: Option<Holding<'_>> = None;
        let mut held_rows = 0;
        let mut writer: Option<Writer> = None;
        let print = rows::read(input, |row| {
            let reading = match &mut reading {
                Some(reading) => reading,
                none => {
                    let first = none.insert(Reading::new(system, table, input, row)?);
                    holding = Holding::new(held, system, table, &first.columns);
                    if table.header != HeaderUse::None {
                        return Ok(());
                    }
                    first
                }
            };
            let removed = reading.row(row, watch)?;
            let place = (self, system, &*table.name);
            if let Some(holding) = &mut holding
                && holding.holds(row, removed, place)?
            {
                reading.forget(removed);
                held_rows += 1;
                return Ok(());
            }
            let writer = match &mut writer {
                Some(writer) => writer,
                none => {
                    let target = self.history(&table.name, number);
                    none.insert(Writer::new(target, &reading.columns)?)
                }
            };
            writer.push((0..row.len()).map(|cell| row.text(cell)), removed)
        })?;
        if reading.is_none() && table.header != HeaderUse::None {
            let reason = "the file has no header";
            return Err(Error::row(input.name(), 1, RowProblem::Header, reason));
        }
        let (part, stored) = match writer.map(Writer::finish).transpose()? {
            Some((part, sum)) => (Some(part), Some(sum)),
            None => (None, None),
        };
        let (rows, removed, unknown) = reading.map_or((0, 0, Vec::new()), |reading| {
            (reading.rows, reading.removed, reading.unknown)
        });
        Ok(Taken {
            part,
            entry: FileEntry {
                rows,
                removed,
                replaces: false,
                length: print.length,
                sum: print.sum,
                stored,
                held: held_rows,
            },
            unknown,
        })
    }
}

/// The files that hold rows to keep: people first, so that others can be held against them.
pub(crate) fn in_order<'b>(
    system: &'b System,
    batch: &'b Batch,
) -> Vec<(&'b TableLayout, &'b Input)> {
    let people = system
        .description
        .person
        .as_ref()
        .map(|person| person.table.as_str());
    let manifest = system
        .description
        .manifest
        .as_ref()
        .map(|manifest| manifest.table.as_str());
    let mut files: Vec<(&TableLayout, &Input)> = batch
        .files
        .keys()
        .filter(|table| manifest != Some(table.as_str()))
        .filter_map(|table| Some((system.layout.table(table)?, batch.file(table)?)))
        .collect();
    files.sort_by_key(|(table, _)| people != Some(&*table.name));
    files
}
