//! The rows of a chunk that rules across records look at, as keys; and what findings say of them.

use std::borrow::Cow;

use concord_check::capture::{Brief, Captured};
use concord_finding::Fact;

use super::cross::CrossBroken;
use super::log::Noted;
use super::{CrossCheck, Look};
use crate::columns;
use crate::evaluate::{Broken, Scratch};
use crate::header::Header;
use crate::rows::climb;
use crate::ruleset::RuleSet;
use crate::shape::Kind;
use crate::tables::{Cell, SUBMISSION};

/// A row that a rule across records looks at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) hash: u128,
    /// Of a rule about one value only: that value. Of a rule about two tables: 0 in the one that is searched.
    pub(super) value: u64,
    /// The row in its table.
    pub(super) row: u32,
}

/// A chunk whose rows are folded in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Here<'h> {
    pub(super) captured: &'h Captured,
    pub(super) chunk: &'h [u8],
    /// Where the chunk begins in the input.
    pub(super) base: u64,
    /// Records before the chunk.
    pub(super) before: u64,
}

impl RuleSet {
    /// The keys that a rule needs of a chunk.
    pub(super) fn keys_of(
        &self,
        check: &CrossCheck,
        captured: &Captured,
        chunk: &[u8],
        scratch: &Scratch,
    ) -> Vec<Key> {
        let mut keys = Vec::new();
        match check {
            CrossCheck::Unique { of, .. } => {
                let texts_only = of.cells.iter().all(|cell| self.kind(*cell) == Kind::Text);
                Self::look(of, captured, scratch, |row| {
                    let key = if texts_only {
                        self.hasher.key(self.texts(of, captured, chunk, row))
                    } else {
                        self.hasher.key(self.values(of, captured, chunk, row))
                    };
                    keys.extend(key.map(|key| Key {
                        hash: key,
                        value: 0,
                        row,
                    }));
                });
            }
            CrossCheck::Consistent { of, cell } => {
                let cells: Vec<Cell> = std::iter::once(cell).chain(&of.cells).copied().collect();
                let mut last: Vec<Brief<'_>> = Vec::new();
                let mut known = std::collections::HashSet::new();
                Self::look(of, captured, scratch, |row| {
                    let brief = |cell: &Cell| {
                        let row = self.row_at(*cell, of.table, captured, row);
                        captured.brief(chunk, cell.table, row, cell.column)
                    };
                    // Nearly always the row before says the same.
                    let mut both = cells.iter().zip(&last);
                    if !last.is_empty() && both.all(|(cell, last)| brief(cell) == *last) {
                        return;
                    }
                    let Some(value) = self.text_at(*cell, of.table, captured, chunk, row) else {
                        return;
                    };
                    last.clear();
                    last.extend(cells.iter().map(brief));
                    // Rows agree in what is there.
                    let Some(key) = self.hasher.key(self.values(of, captured, chunk, row)) else {
                        return;
                    };
                    let value = self.said(*cell, value);
                    let value = self.hasher.key(std::iter::once(Some(value)));
                    let value = value.unwrap_or_default() as u64;
                    if known.insert((key, value)) {
                        keys.push(Key {
                            hash: key,
                            value,
                            row,
                        });
                    }
                });
            }
            CrossCheck::Exists { of, within } => {
                for (look, value) in [(within, 0), (of, 1)] {
                    Self::look(look, captured, scratch, |row| {
                        let key = self.hasher.key(self.texts(look, captured, chunk, row));
                        keys.extend(key.map(|key| Key {
                            hash: key,
                            value,
                            row,
                        }));
                    });
                }
            }
            CrossCheck::RecordCount { .. }
            | CrossCheck::Sequence { .. }
            | CrossCheck::SubmissionSequence { .. } => {}
        }
        keys
    }

    fn kind(&self, cell: Cell) -> Kind {
        self.tables[cell.table].columns[cell.column].kind
    }

    /// What a cell says, however it is written: of a number or a day the same text for all that are equal.
    fn said<'t>(&self, cell: Cell, text: &'t [u8]) -> Cow<'t, [u8]> {
        match columns::number(self.kind(cell), text) {
            Some(number) => Cow::Owned(number.to_string().into_bytes()),
            None => Cow::Borrowed(text),
        }
    }

    /// What the cells that a rule looks at say.
    fn values<'t>(
        &'t self,
        of: &'t Look,
        captured: &'t Captured,
        chunk: &'t [u8],
        row: u32,
    ) -> impl Iterator<Item = Option<Cow<'t, [u8]>>> {
        let texts = self.texts(of, captured, chunk, row);
        let cells = of.cells.iter().zip(texts);
        cells.map(|(cell, text)| Some(self.said(*cell, text?)))
    }

    /// Calls `each` with every row that a rule looks at.
    fn look(of: &Look, captured: &Captured, scratch: &Scratch, mut each: impl FnMut(u32)) {
        let rows = captured.groups[of.table].len() as u32;
        let Some(output) = of.when else {
            (0..rows).for_each(each);
            return;
        };
        let outputs = scratch.outputs.get(of.table);
        if let Some(when) = outputs.and_then(|outputs| outputs.get(output)) {
            when.rows_that_are(true, |row| each(row as u32));
        }
    }

    fn texts<'t>(
        &'t self,
        of: &'t Look,
        captured: &'t Captured,
        chunk: &'t [u8],
        row: u32,
    ) -> impl Iterator<Item = Option<&'t [u8]>> {
        of.cells
            .iter()
            .map(move |&cell| self.text_at(cell, of.table, captured, chunk, row))
    }

    fn text_at<'t>(
        &self,
        cell: Cell,
        table: usize,
        captured: &'t Captured,
        chunk: &'t [u8],
        row: u32,
    ) -> Option<&'t [u8]> {
        let row = self.row_at(cell, table, captured, row);
        captured.bytes(chunk, cell.table, row, cell.column)
    }

    /// The row of a cell that a row of a table sees.
    pub(super) fn row_at(&self, cell: Cell, table: usize, captured: &Captured, row: u32) -> usize {
        if cell.table == table {
            row as usize
        } else {
            climb(self, captured, table, row as usize, cell.table)
        }
    }

    /// The finding about a row of the chunk that is at hand.
    pub(super) fn broken_here(
        &self,
        rule: u32,
        table: usize,
        row: u32,
        here: &Here<'_>,
    ) -> CrossBroken {
        let record = here.captured.groups[table].records[row as usize];
        let broken = Broken {
            record: Some(record),
            rule,
            group: table as u32,
            row,
            aim: 0,
        };
        let header = Header::default();
        let detail = self.detail(&broken, here.captured, here.chunk, here.base, &header);
        CrossBroken {
            rule,
            record: Some(here.before + u64::from(record)),
            offset: detail.offset,
            value: detail.value,
            expected: detail.expected,
            facts: detail.facts,
        }
    }

    /// The number of a row's record in the input.
    pub(super) fn record_of(table: usize, row: u32, here: &Here<'_>) -> u64 {
        here.before + u64::from(here.captured.groups[table].records[row as usize])
    }

    /// Where a finding about a row would stand, and the texts that it would show: that of its place, then its facts.
    pub(super) fn noted<'t>(
        &'t self,
        rule: u32,
        table: usize,
        row: u32,
        here: &Here<'t>,
    ) -> (u64, impl Iterator<Item = Option<&'t [u8]>>) {
        let compiled = &self.rules[rule as usize];
        let here = *here;
        let text = move |cell: Cell| {
            if cell.table == SUBMISSION {
                return None;
            }
            self.text_at(cell, table, here.captured, here.chunk, row)
        };
        let group = &here.captured.groups[table];
        let place = compiled.place();
        let offset = place
            .filter(|cell| cell.table == table)
            .and_then(|cell| here.captured.offset(table, row as usize, cell.column))
            .unwrap_or(group.offsets[row as usize]);
        let texts = std::iter::once(place.and_then(text))
            .chain(compiled.facts.iter().map(move |(_, cell)| text(*cell)));
        (here.base + u64::from(offset), texts)
    }

    /// The finding about a row that has gone by.
    pub(super) fn broken_then(&self, rule: u32, noted: Noted) -> CrossBroken {
        let compiled = &self.rules[rule as usize];
        let mut texts = noted.texts.into_iter();
        let value = texts
            .next()
            .flatten()
            .zip(compiled.place())
            .map(|(text, cell)| self.fact(cell, &text));
        let facts = compiled
            .facts
            .iter()
            .zip(texts)
            .filter_map(|((name, cell), text)| {
                Some((name.clone().into(), self.fact(*cell, &text?)))
            });
        CrossBroken {
            rule,
            record: Some(noted.row),
            offset: Some(noted.offset),
            value,
            expected: None,
            facts: facts.chain(compiled.fixed.iter().cloned()).collect(),
        }
    }
}

/// The fact that names the first record of several that share something, as people count.
pub(super) fn first(row: u64) -> (std::borrow::Cow<'static, str>, Fact) {
    ("first".into(), Fact::Number(row + 1))
}
