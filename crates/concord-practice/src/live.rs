//! Which of all rows that were ever sent count: found by reading keys alone, some millions at a time, so that memory does not grow with
//! the table.

use std::collections::HashMap;
use std::path::PathBuf;

use arrow_array::cast::AsArray as _;
use arrow_array::{Array as _, BooleanArray, RecordBatch, StringArray};
use arrow_select::filter::filter_record_batch;

use crate::agreement::{self, Held};
use crate::error::Error;
use crate::extract::System;
use crate::key::KeyHash;
use crate::segment::{REMOVED, Stored};
use crate::store::Store;

/// Keys that are held at a time: about 160 MB.
const KEYS: u64 = 4_000_000;

/// Times that keys are read: beyond so many rows more are held at a time.
const MOST_PARTS: u64 = 4096;

/// A stored file whose rows may count.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) path: PathBuf,
    /// The batch that they are of; of a state the batch after which it was.
    batch: u64,
    pub(crate) rows: u64,
    /// Whether it is a state, in which what was withdrawn until then is not.
    state: bool,
    /// Batches that took the place of everything but what the organisations have whose agreement was disabled then.
    outlived: Vec<u64>,
}

/// A bit for each row that was read.
#[derive(Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn set(&mut self, row: usize, to: bool) {
        let place = row / 64;
        if place >= self.0.len() {
            self.0.resize(place + 1, 0);
        }
        let bit = 1 << (row % 64);
        let word = &mut self.0[place];
        *word = if to { *word | bit } else { *word & !bit };
    }

    fn get(&self, row: usize) -> bool {
        self.0
            .get(row / 64)
            .is_some_and(|word| word >> (row % 64) & 1 == 1)
    }
}

impl Store {
    /// The files whose rows may count, from the last that replaced everything on; from the state that is kept, if `kept`.
    pub(crate) fn pieces(&self, table: &str, kept: bool) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let Some(ledger) = &self.ledger else {
            return pieces;
        };
        let state = ledger.latest.get(table).filter(|_| kept);
        if let Some(state) = state {
            pieces.push(Piece {
                path: self.snapshot(table, state.after),
                batch: state.after,
                rows: state.rows,
                state: true,
                outlived: Vec::new(),
            });
        }
        let since = state.map_or(0, |state| state.after);
        for entry in ledger.batches.iter().filter(|entry| entry.number > since) {
            let Some(file) = entry.files.get(table) else {
                continue;
            };
            if file.replaces && entry.held.is_empty() {
                pieces.clear();
            } else if file.replaces {
                for piece in &mut pieces {
                    piece.outlived.push(entry.number);
                }
            }
            if file.stored.is_some() {
                pieces.push(Piece {
                    path: self.history(table, entry.number),
                    batch: entry.number,
                    rows: file.rows,
                    state: false,
                    outlived: Vec::new(),
                });
            }
        }
        pieces
    }

    /// The people who fell out, and the last batch that said so; only those who did after some batch matter.
    fn fallen(
        &self,
        system: &System,
        table: &str,
        after: u64,
    ) -> Result<HashMap<u128, u64>, Error> {
        let mut fallen = HashMap::new();
        let (Some(ledger), Some(person), Some(_)) = (
            &self.ledger,
            &system.description.person,
            system.person_column(table),
        ) else {
            return Ok(fallen);
        };
        for entry in ledger.batches.iter().filter(|entry| entry.number >= after) {
            let removes = entry
                .files
                .get(&person.table)
                .is_some_and(|file| file.removed > 0);
            if !removes {
                continue;
            }
            let stored = Stored::open(&self.history(&person.table, entry.number))?;
            stored.read(Some(&[&person.column, REMOVED]), |batch| {
                let removed = removed(&batch);
                let people = text(&batch, &person.column);
                for row in 0..batch.num_rows() {
                    if removed.is_some_and(|removed| removed.value(row)) {
                        fallen.insert(hash(&[people], row), entry.number);
                    }
                }
                Ok(())
            })?;
        }
        Ok(fallen)
    }

    /// Hands over what a column of a table ever said.
    pub(crate) fn each_ever(
        &self,
        table: &str,
        column: &str,
        mut each: impl FnMut(&str),
    ) -> Result<(), Error> {
        let Some(ledger) = &self.ledger else {
            return Ok(());
        };
        for entry in &ledger.batches {
            let stored = entry.files.get(table).and_then(|file| file.stored);
            if stored.is_none() {
                continue;
            }
            let stored = Stored::open(&self.history(table, entry.number))?;
            stored.read(Some(&[column]), |batch| {
                for text in text(&batch, column).into_iter().flatten().flatten() {
                    each(text);
                }
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Which rows of each piece count.
    fn live(&self, system: &System, table: &str, pieces: &[Piece]) -> Result<Vec<Bits>, Error> {
        let mut live: Vec<Bits> = pieces.iter().map(|_| Bits::default()).collect();
        let (Some(layout), Some(first)) = (system.layout.table(table), pieces.first()) else {
            return Ok(live);
        };
        let key = system.key(layout);
        let person = system.person_column(table);
        let fallen = self.fallen(system, table, first.batch)?;
        let mut wanted = key.clone();
        wanted.extend(person);
        wanted.push(REMOVED);
        // Rows of a table that does not say whose they are stay.
        let organisation = agreement::column(system, table);
        wanted.extend(organisation);
        let held = self.held(organisation.is_some(), pieces);
        let total = pieces
            .iter()
            .fold(0_u64, |total, piece| total.saturating_add(piece.rows));
        let parts = u128::from(total.div_ceil(KEYS).clamp(1, MOST_PARTS));
        for part in 0..parts {
            let mut last: HashMap<u128, (usize, usize)> = HashMap::new();
            for (number, piece) in pieces.iter().enumerate() {
                let mut at = 0;
                Stored::open(&piece.path)?.read(Some(&wanted), |batch| {
                    let removed = removed(&batch);
                    let keys: Vec<_> = key.iter().map(|column| text(&batch, column)).collect();
                    let people = person.map(|column| text(&batch, column));
                    let organisations = organisation.and_then(|column| text(&batch, column));
                    for row in 0..batch.num_rows() {
                        let hash_of_key = hash(&keys, row);
                        if hash_of_key % parts != part {
                            continue;
                        }
                        // What it outlived took the place of it, but for some organisations.
                        let replaced = organisations.is_some_and(|organisations| {
                            !held[number].is_empty() && {
                                let organisation = hash(&[Some(organisations)], row);
                                !held[number].iter().all(|held| held.has(organisation))
                            }
                        });
                        let place = at + row;
                        if let Some((piece, row)) = last.insert(hash_of_key, (number, place)) {
                            live[piece].set(row, false);
                        }
                        let fell = people.filter(|_| !fallen.is_empty()).is_some_and(|people| {
                            let batch = fallen.get(&hash(&[people], row));
                            batch.is_some_and(|batch| {
                                *batch > piece.batch || *batch == piece.batch && !piece.state
                            })
                        });
                        let withdrawn = removed.is_some_and(|removed| removed.value(row));
                        live[number].set(place, !withdrawn && !fell && !replaced);
                    }
                    at += batch.num_rows();
                    Ok(())
                })?;
            }
        }
        Ok(live)
    }

    /// Of each piece what organisations a row must be of to have outlived the batches since.
    fn held(&self, said: bool, pieces: &[Piece]) -> Vec<Vec<Held>> {
        let entries = self.ledger.iter().flat_map(|ledger| &ledger.batches);
        let held_by: HashMap<u64, &Vec<String>> =
            entries.map(|entry| (entry.number, &entry.held)).collect();
        let of = |piece: &Piece| {
            let batches = piece.outlived.iter().filter(|_| said);
            batches
                .filter_map(|number| held_by.get(number))
                .map(|names| Held::of((*names).clone()))
                .collect()
        };
        pieces.iter().map(of).collect()
    }

    /// Hands over the rows that count, with the columns of the file that they stand in.
    pub(crate) fn each_batch(
        &self,
        system: &System,
        table: &str,
        kept: bool,
        mut each: impl FnMut(RecordBatch) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let pieces = self.pieces(table, kept);
        let live = self.live(system, table, &pieces)?;
        for (piece, live) in pieces.iter().zip(&live) {
            let mut at = 0;
            Stored::open(&piece.path)?.read(None, |batch| {
                let rows = batch.num_rows();
                let counts: BooleanArray = (at..at + rows).map(|row| Some(live.get(row))).collect();
                at += rows;
                let failed = |error| Error::stored(&piece.path, "cannot be read", &error);
                each(filter_record_batch(&batch, &counts).map_err(failed)?)
            })?;
        }
        Ok(())
    }
}

/// Whether rows of a batch are withdrawn; a state has no such rows.
fn removed(batch: &RecordBatch) -> Option<&BooleanArray> {
    batch.column_by_name(REMOVED)?.as_boolean_opt()
}

/// A column of text, if the batch has it.
fn text<'b>(batch: &'b RecordBatch, column: &str) -> Option<&'b StringArray> {
    batch.column_by_name(column)?.as_string_opt()
}

fn hash(columns: &[Option<&StringArray>], row: usize) -> u128 {
    let mut hash = KeyHash::default();
    for column in columns {
        let text = column
            .filter(|column| !column.is_null(row))
            .map_or("", |column| column.value(row));
        hash = hash.with(text);
    }
    hash.finish()
}
