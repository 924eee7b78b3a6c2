//! Rules across the records of a submission: chunks are summarised in parallel, summaries folded in input order.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use concord_check::capture::Captured;
use concord_finding::Fact;

use super::across::{Here, Key, first};
use super::consistent::{self, Consistent};
use super::outside::{Late, Outside};
use super::unique::{self, Unique};
use super::{Cross, CrossCheck, exists};
use crate::evaluate::Scratch;
use crate::header::Header;
use crate::query::{Batches, PlacedBatches, SpanningRows, Store};
use crate::ruleset::RuleSet;
use crate::tables::{Cell, RECORD};

/// What the rules across records need of one chunk.
#[derive(Debug, Clone, Default)]
pub struct ChunkSummary {
    records: u64,
    /// For each rule across records.
    parts: Vec<Part>,
    /// Rows for queries.
    batches: Batches,
    /// Rows for queries over all inputs.
    spanning: PlacedBatches,
}

impl ChunkSummary {
    /// Keeps of the values that must be the same throughout those of which `keep` says so, given the rule and where the value
    /// stands in the chunk.
    pub(crate) fn retain_consistent(
        &mut self,
        rules: &RuleSet,
        captured: &Captured,
        keep: impl Fn(u32, Option<u32>) -> bool,
    ) {
        for (cross, part) in rules.cross.iter().zip(&mut self.parts) {
            if let (CrossCheck::Consistent { of, cell }, Part::Keys(keys)) = (&cross.check, part) {
                keys.retain(|key| {
                    let row = rules.row_at(*cell, of.table, captured, key.row);
                    keep(cross.rule, captured.offset(cell.table, row, cell.column))
                });
            }
        }
    }
}

/// What one rule needs of a chunk.
#[derive(Debug, Clone)]
enum Part {
    Nothing,
    Numbers(Vec<Numbered>),
    Keys(Vec<Key>),
}

/// A record that has a text where a number should be.
#[derive(Debug, Clone, Copy)]
struct Numbered {
    row: u32,
    number: Option<u64>,
}

/// What the rules across records remember while a submission is read: bounded, whatever its size.
#[derive(Debug, Default)]
pub struct SubmissionState {
    /// Records before the chunk that comes next, where the checker counts them: some have no rows, because they are no more
    /// than a slip.
    pub(crate) before: Option<u64>,
    records: u64,
    rules: Vec<Memory>,
    store: Store,
    /// Rows for queries over all inputs, and the lines that have gone by.
    spanning: Store,
    line_feeds: u64,
    /// Bytes that the keys in memory may still take, once the first chunk has come.
    left_for_keys: usize,
    /// In place of [`RuleSet::for_keys`].
    #[cfg(test)]
    bytes_for_keys: Option<usize>,
}

#[derive(Debug)]
enum Memory {
    Nothing,
    Last(Option<u64>),
    Unique(Unique),
    Consistent(Consistent),
    Exists(Outside),
    Failed(String),
}

/// A rule across records broken, with everything that a finding says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CrossBroken {
    /// Number of the rule in its [`RuleSet`].
    pub rule: u32,
    /// The record, counted from 0 in the submission; `None` when it is about the submission.
    pub record: Option<u64>,
    /// Where it stands in the input.
    pub offset: Option<u64>,
    /// The value that stood there.
    pub value: Option<Fact>,
    /// What should have stood there.
    pub expected: Option<Fact>,
    /// Further facts for the message.
    pub facts: Vec<(Cow<'static, str>, Fact)>,
}

#[cfg(test)]
impl SubmissionState {
    /// Other limits in bytes for keys and for the rows of queries.
    pub(crate) fn limit(&mut self, keys: Option<usize>, rows: Option<usize>) {
        self.bytes_for_keys = keys;
        self.store.in_memory = rows;
        self.spanning.in_memory = rows;
    }
}

impl RuleSet {
    /// Takes out of a chunk what the rules across records need. `scratch` is what the chunk was evaluated with.
    pub fn summarise(&self, captured: &Captured, chunk: &[u8], scratch: &Scratch) -> ChunkSummary {
        let parts = self.cross.iter().map(|cross| match &cross.check {
            CrossCheck::Sequence { cell, .. } => Part::Numbers(numbers(captured, chunk, *cell)),
            check @ (CrossCheck::Unique { .. }
            | CrossCheck::Consistent { .. }
            | CrossCheck::Exists { .. }) => {
                Part::Keys(self.keys_of(check, captured, chunk, scratch))
            }
            CrossCheck::RecordCount { .. } | CrossCheck::SubmissionSequence { .. } => Part::Nothing,
        });
        ChunkSummary {
            records: captured.groups[RECORD].len() as u64,
            parts: parts.collect(),
            batches: self.queries.batches(self, captured, chunk),
            spanning: self.spanning.placed_batches(self, captured, chunk),
        }
    }

    /// Folds the summary of the next chunk, which begins `base` bytes into the input, into the state, and adds to `broken`
    /// what it shows, in input order.
    pub fn fold(
        &self,
        state: &mut SubmissionState,
        summary: ChunkSummary,
        (captured, chunk, base): (&Captured, &[u8], u64),
        broken: &mut Vec<CrossBroken>,
    ) {
        if state.rules.len() != self.cross.len() {
            state.left_for_keys = self.for_keys;
            #[cfg(test)]
            if let Some(bytes) = state.bytes_for_keys {
                state.left_for_keys = bytes;
            }
            let consistent = |cross: &&Cross| matches!(cross.check, CrossCheck::Consistent { .. });
            let count = self.cross.iter().filter(consistent).count().max(1);
            let memory = |cross: &Cross| Memory::of(cross, state.left_for_keys / count);
            state.rules = self.cross.iter().map(memory).collect();
        }
        let here = Here {
            captured,
            chunk,
            base,
            before: state.before.unwrap_or(state.records),
        };
        let before = broken.len();
        for ((cross, part), memory) in self.cross.iter().zip(&summary.parts).zip(&mut state.rules) {
            let out = (&mut state.left_for_keys, &mut *broken);
            if let Err(error) = memory.fold(self, cross, part, &here, out) {
                *memory = Memory::failed(&error);
            }
        }
        broken[before..].sort_by_key(|broken| (broken.record, broken.rule));
        state
            .store
            .add(&self.queries, summary.batches, &here_of(&here));
        let spanning = summary.spanning.at_line(&mut state.line_feeds);
        state
            .spanning
            .add(&self.spanning, spanning, &here_of(&here));
        state.records += summary.records;
    }

    /// The rows that queries over all inputs look at; none where there are no such queries.
    pub(crate) fn spanning_rows(&self, state: &mut SubmissionState) -> Option<SpanningRows> {
        let store = std::mem::take(&mut state.spanning);
        self.spanning.rows(store)
    }

    /// Checks what can be known only at the end of the submission; the header and the trailer are known by now.
    ///
    /// `not_run` gets the rules that could not be checked to the end, with the reason.
    pub fn finish(
        &self,
        mut state: SubmissionState,
        header: &Header,
        broken: &mut Vec<CrossBroken>,
        not_run: &mut Vec<(u32, String)>,
    ) {
        let before = broken.len();
        self.count_records(&state, header, broken);
        for (cross, memory) in self.cross.iter().zip(std::mem::take(&mut state.rules)) {
            if let Err(reason) = self.late(cross, memory, broken) {
                not_run.push((cross.rule, reason));
            }
        }
        self.run_queries(state.store, broken, not_run);
        broken[before..].sort_by_key(|broken| (broken.record, broken.rule));
        not_run.extend(self.not_run.iter().cloned());
        not_run.sort();
    }

    fn count_records(
        &self,
        state: &SubmissionState,
        header: &Header,
        broken: &mut Vec<CrossBroken>,
    ) {
        for cross in &self.cross {
            let CrossCheck::RecordCount { cell } = cross.check else {
                continue;
            };
            let Some(text) = header.text(cell.column) else {
                continue;
            };
            // Not a number: the structure check says so.
            let Some(stated) = number(text.as_bytes()) else {
                continue;
            };
            if stated != state.records {
                broken.push(CrossBroken {
                    rule: cross.rule,
                    record: None,
                    offset: header.offset(cell.column),
                    value: Some(Fact::Number(stated)),
                    expected: Some(Fact::Number(state.records)),
                    facts: Vec::new(),
                });
            }
        }
    }

    /// The findings of a rule that are known only at the end.
    fn late(
        &self,
        cross: &Cross,
        memory: Memory,
        broken: &mut Vec<CrossBroken>,
    ) -> Result<(), String> {
        let (outside, known) = match memory {
            Memory::Unique(unique) => unique.into_late(),
            Memory::Consistent(consistent) => (consistent.into_outside(), Vec::new()),
            Memory::Exists(outside) => (Some(outside), Vec::new()),
            Memory::Failed(reason) => return Err(reason),
            Memory::Nothing | Memory::Last(_) => return Ok(()),
        };
        let Some(Outside { sorter, log }) = outside else {
            return Ok(());
        };
        let told = || -> io::Result<Vec<CrossBroken>> {
            let sorted = sorter.finish()?;
            let late = match &cross.check {
                CrossCheck::Unique { keep, .. } => unique::shared(sorted, *keep)?,
                CrossCheck::Consistent { .. } => consistent::differing(sorted)?,
                _ => exists::missing(sorted)?,
            };
            let late: BTreeMap<u64, Option<u64>> = late
                .into_iter()
                .chain(known)
                .map(|Late { row, first }| (row, first))
                .collect();
            let mut told = Vec::new();
            if late.is_empty() {
                return Ok(told);
            }
            for noted in log.read(|row| late.contains_key(&row))? {
                let noted = noted?;
                if let Some(first_row) = late.get(&noted.row) {
                    let mut found = self.broken_then(cross.rule, noted);
                    found.facts.extend(first_row.map(first));
                    told.push(found);
                }
            }
            Ok(told)
        };
        let told = told().map_err(|error| reason(&error))?;
        broken.extend(told);
        Ok(())
    }
}

fn here_of<'h>(here: &Here<'h>) -> crate::query::Here<'h> {
    crate::query::Here {
        captured: here.captured,
        base: here.base,
        before: here.before,
    }
}

fn numbers(captured: &Captured, chunk: &[u8], cell: Cell) -> Vec<Numbered> {
    let rows = captured.groups[cell.table].len() as u32;
    (0..rows)
        .map(|row| Numbered {
            row,
            number: captured
                .bytes(chunk, cell.table, row as usize, cell.column)
                .and_then(number),
        })
        .collect()
}

fn number(text: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    text.trim_start_matches('+').parse().ok()
}

fn reason(error: &io::Error) -> String {
    format!("its temporary file could not be used: {error}")
}

impl Memory {
    fn of(cross: &Cross, bytes: usize) -> Self {
        match &cross.check {
            CrossCheck::Sequence { .. } => Self::Last(None),
            CrossCheck::Unique { keep, .. } => Self::Unique(Unique::new(*keep)),
            CrossCheck::Consistent { .. } => Self::Consistent(Consistent::new(bytes)),
            CrossCheck::Exists { .. } => Self::Exists(Outside::new()),
            CrossCheck::RecordCount { .. } | CrossCheck::SubmissionSequence { .. } => Self::Nothing,
        }
    }

    fn failed(error: &io::Error) -> Self {
        Self::Failed(reason(error))
    }

    fn fold(
        &mut self,
        rules: &RuleSet,
        cross: &Cross,
        part: &Part,
        here: &Here<'_>,
        (left, broken): (&mut usize, &mut Vec<CrossBroken>),
    ) -> io::Result<()> {
        let table = |of: &super::Look| (cross.rule, of.table);
        match (self, &cross.check, part) {
            (Self::Last(last), CrossCheck::Sequence { cell, greatest }, Part::Numbers(numbers)) => {
                for numbered in numbers {
                    if let Some((expected, previous)) = follow(last, numbered.number, *greatest) {
                        let mut found =
                            rules.broken_here(cross.rule, cell.table, numbered.row, here);
                        found.expected = Some(Fact::Plain(expected.to_string()));
                        let previous = Fact::Plain(previous.to_string());
                        found.facts.push(("previous".into(), previous));
                        broken.push(found);
                    }
                }
                Ok(())
            }
            (Self::Unique(unique), CrossCheck::Unique { of, .. }, Part::Keys(keys)) => {
                unique.fold(rules, table(of), keys, here, (left, broken))
            }
            (Self::Consistent(known), CrossCheck::Consistent { of, .. }, Part::Keys(keys)) => {
                known.fold(rules, table(of), keys, here, broken)
            }
            (Self::Exists(outside), CrossCheck::Exists { of, .. }, Part::Keys(keys)) => {
                exists::fold(outside, rules, table(of), keys, here)
            }
            _ => Ok(()),
        }
    }
}

/// The number that should follow and the one before, when a number does not follow.
fn follow(last: &mut Option<u64>, number: Option<u64>, greatest: u64) -> Option<(u64, u64)> {
    // Behind a record without the number, what comes next cannot be said.
    let before = std::mem::replace(last, number)?;
    let expected = if before >= greatest { 1 } else { before + 1 };
    (number? != expected).then_some((expected, before))
}
