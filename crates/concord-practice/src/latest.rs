//! The latest state of a table: of the rows of each key the last one, unless it is withdrawn.
//!
//! Rows are only ever added to a store. The state of a table is put together of those that count, once, and kept; later states start
//! from it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, RecordBatch, StringArray, new_null_array};
use arrow_schema::DataType;

use crate::error::Error;
use crate::extract::System;
use crate::kept;
use crate::key::KeyHash;
use crate::ledger::Snapshot;
use crate::segment::{self, Stored};
use crate::store::Store;

/// Changes that are not worth putting a state together for.
const FEW: u64 = 50_000;

/// A count of rows and a sum over what they say, whatever their order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Digest {
    /// How many rows.
    pub(crate) rows: u64,
    /// The sum of their hashes.
    sum: u128,
}

/// The latest state of a table as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LatestTable {
    /// The table.
    pub table: String,
    /// The file.
    pub path: PathBuf,
    /// Its rows.
    pub rows: u64,
}

impl Store {
    /// Brings the latest state of a table up to date; none when no batch had a row of it.
    ///
    /// # Errors
    /// [`ErrorKind::Stored`](crate::ErrorKind::Stored) when a stored file cannot be read or written.
    pub fn latest(&mut self, system: &System, table: &str) -> Result<Option<LatestTable>, Error> {
        let Some(ledger) = &self.ledger else {
            return Ok(None);
        };
        let after = ledger.batches.len() as u64;
        let kept = ledger.latest.get(table).filter(|kept| kept.after == after);
        let rows = match kept {
            Some(kept) => kept.rows,
            None => match self.put_together(system, table, after)? {
                Some(rows) => rows,
                None => return Ok(None),
            },
        };
        Ok(Some(LatestTable {
            table: table.to_owned(),
            path: self.snapshot(table, after),
            rows,
        }))
    }

    /// Hands over the rows of the latest state of a table: names of columns and what they say, absent ones left out.
    ///
    /// # Errors
    /// [`ErrorKind::Stored`](crate::ErrorKind::Stored) when a stored file cannot be read.
    pub fn each(
        &self,
        system: &System,
        table: &str,
        mut row: impl FnMut(&[(&str, &str)]),
    ) -> Result<(), Error> {
        self.each_batch(system, table, true, |batch| {
            each_row(&batch, &mut row);
            Ok(())
        })
    }

    /// The rows of the latest state, counted from everything that was ever sent, or from the state that is kept.
    pub(crate) fn digest(&self, system: &System, table: &str, kept: bool) -> Result<Digest, Error> {
        let mut digest = Digest::default();
        self.each_batch(system, table, kept, |batch| {
            each_row(&batch, &mut |row: &[(&str, &str)]| {
                let mut row: Vec<_> = row.to_vec();
                row.sort_unstable();
                let mut hash = KeyHash::default();
                for (column, text) in row {
                    hash = hash.with(column).with(text);
                }
                digest.rows += 1;
                digest.sum = digest.sum.wrapping_add(hash.finish());
            });
            Ok(())
        })?;
        Ok(digest)
    }

    /// Puts states together of tables whose changes have outgrown them, so that every row is moved a few times at most.
    pub(crate) fn compact_outgrown(
        &mut self,
        system: &System,
        tables: &[String],
    ) -> Result<(), Error> {
        for table in tables {
            let pieces = self.pieces(table, true);
            let (first, changes) = match pieces.split_first() {
                Some((first, changes)) => (first.rows, changes),
                None => continue,
            };
            let rows = changes.iter().map(|piece| piece.rows);
            let changed = rows.fold(0, u64::saturating_add);
            if changed > FEW && changed > first {
                self.latest(system, table)?;
            }
        }
        Ok(())
    }

    /// Writes the state of a table after a batch, and how many rows it has.
    fn put_together(
        &mut self,
        system: &System,
        table: &str,
        after: u64,
    ) -> Result<Option<u64>, Error> {
        let pieces = self.pieces(table, true);
        let mut columns: Vec<String> = Vec::new();
        for piece in &pieces {
            for column in Stored::open(&piece.path)?.columns() {
                if !columns.contains(&column) {
                    columns.push(column);
                }
            }
        }
        let had = self
            .ledger
            .as_ref()
            .is_some_and(|ledger| ledger.tables().contains(&table));
        if !had {
            return Ok(None);
        }
        let schema = segment::schema(&columns, false);
        let target = self.snapshot(table, after);
        let mut writer = segment::Batches::new(target.clone(), Arc::clone(&schema))?;
        let mut rows = 0;
        let failed =
            |reason: &dyn std::fmt::Display| Error::stored(&target, "cannot be written", reason);
        self.each_batch(system, table, true, |batch| {
            let arrays = columns
                .iter()
                .map(|column| match batch.column_by_name(column) {
                    Some(array) => Arc::clone(array),
                    None => new_null_array(&DataType::Utf8, batch.num_rows()),
                });
            let batch = RecordBatch::try_new(Arc::clone(&schema), arrays.collect())
                .map_err(|error| failed(&error))?;
            rows += batch.num_rows() as u64;
            writer.write(&batch)
        })?;
        let (part, stored) = writer.finish()?;
        part.complete()?;
        let folder = self.table_folder("latest", table);
        kept::sync_folder(&folder)?;
        let store = self.folder().to_owned();
        if let Some(ledger) = &mut self.ledger {
            let state = Snapshot {
                after,
                rows,
                stored,
            };
            ledger.latest.insert(table.to_owned(), state);
            ledger.save(&store)?;
        }
        forget_others(&folder, &target);
        Ok(Some(rows))
    }
}

/// Rows as names and texts, absent ones left out.
fn each_row(batch: &RecordBatch, each: &mut impl FnMut(&[(&str, &str)])) {
    let schema = batch.schema();
    let columns: Vec<(&str, &StringArray)> = schema
        .fields()
        .iter()
        .zip(batch.columns())
        .filter_map(|(field, array)| Some((field.name().as_str(), array.as_string_opt::<i32>()?)))
        .collect();
    let mut row: Vec<(&str, &str)> = Vec::with_capacity(columns.len());
    for number in 0..batch.num_rows() {
        row.clear();
        let there = columns.iter().filter(|(_, array)| !array.is_null(number));
        row.extend(there.map(|(name, array)| (*name, array.value(number))));
        each(&row);
    }
}

/// Removes what other files stand in the folder of a state: earlier ones, and what was left behind.
fn forget_others(folder: &Path, kept: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        if entry.path() != kept {
            // What cannot be removed counts for nothing, and is looked at again the next time.
            let _ = fs::remove_file(entry.path());
        }
    }
}
