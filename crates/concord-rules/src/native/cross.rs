//! Rules across the records of a submission: chunks are summarised in parallel, summaries folded in input order.

use std::borrow::Cow;

use concord_check::capture::Captured;
use concord_finding::Fact;

use super::seen::Seen;
use super::{Cross, CrossCheck};
use crate::header::Header;
use crate::ruleset::RuleSet;
use crate::tables::{Cell, RECORD};

/// What the rules across records need of one chunk.
#[derive(Debug, Clone, Default)]
pub struct ChunkSummary {
    records: u64,
    /// For each rule across records that looks at a value of every record.
    values: Vec<Values>,
}

/// One value of each record of a chunk.
#[derive(Debug, Clone, Default)]
struct Values {
    texts: String,
    /// For each record, the end of its text, whether it has one, and where a finding points.
    records: Vec<(u32, bool, u64)>,
}

/// What the rules across records remember while a submission is read: bounded, whatever its size.
#[derive(Debug, Default)]
pub struct SubmissionState {
    records: u64,
    rules: Vec<Memory>,
}

#[derive(Debug)]
enum Memory {
    Nothing,
    Last(Option<u64>),
    Seen(Seen),
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

impl Cross {
    /// The column of the records that the rule looks at.
    fn column(&self) -> Option<usize> {
        match self.check {
            CrossCheck::Sequence { cell, .. } | CrossCheck::Unique { cell } => {
                (cell.table == RECORD).then_some(cell.column)
            }
            CrossCheck::RecordCount { .. } | CrossCheck::SubmissionSequence { .. } => None,
        }
    }
}

impl RuleSet {
    /// Takes out of a chunk that begins `base` bytes into the input what the rules across records need.
    pub fn summarise(&self, captured: &Captured, chunk: &[u8], base: u64) -> ChunkSummary {
        let group = &captured.groups[RECORD];
        let values = self.cross.iter().map(|cross| {
            let mut values = Values::default();
            let Some(column) = cross.column() else {
                return values;
            };
            values.records.reserve(group.len());
            for row in 0..group.len() {
                let text = captured.text(chunk, RECORD, row, column);
                values.texts.push_str(text.unwrap_or_default());
                let offset = captured
                    .offset(RECORD, row, column)
                    .unwrap_or(group.offsets[row]);
                let place = base + u64::from(offset);
                values
                    .records
                    .push((values.texts.len() as u32, text.is_some(), place));
            }
            values
        });
        ChunkSummary {
            records: group.len() as u64,
            values: values.collect(),
        }
    }

    /// Folds the summary of the next chunk into the state, and adds to `broken` what it shows, in input order.
    pub fn fold(
        &self,
        state: &mut SubmissionState,
        summary: &ChunkSummary,
        broken: &mut Vec<CrossBroken>,
    ) {
        if state.rules.len() != self.cross.len() {
            state.rules = self.cross.iter().map(Memory::of).collect();
        }
        let before = broken.len();
        for ((cross, values), memory) in
            self.cross.iter().zip(&summary.values).zip(&mut state.rules)
        {
            let mut start = 0;
            for (index, &(end, present, place)) in values.records.iter().enumerate() {
                let text = &values.texts[start..end as usize];
                start = end as usize;
                if !present {
                    memory.skip();
                    continue;
                }
                if let Some((expected, facts)) = memory.step(&cross.check, text) {
                    broken.push(CrossBroken {
                        rule: cross.rule,
                        record: Some(state.records + index as u64),
                        offset: Some(place),
                        value: Some(self.fact(cross.cell(), text)),
                        expected,
                        facts,
                    });
                }
            }
        }
        broken[before..].sort_by_key(|broken| (broken.record, broken.rule));
        state.records += summary.records;
    }

    /// Checks what can be known only at the end of the submission; the header and the trailer are known by now.
    pub fn finish(&self, state: &SubmissionState, header: &Header, broken: &mut Vec<CrossBroken>) {
        for cross in &self.cross {
            let CrossCheck::RecordCount { cell } = cross.check else {
                continue;
            };
            let Some(text) = header.text(cell.column) else {
                continue;
            };
            // Not a number: the structure check says so.
            let Ok(stated) = text.trim().trim_start_matches('+').parse::<u64>() else {
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

    /// The rules that could not be checked to the end because too many different values would have to be remembered,
    /// each with the reason.
    pub fn not_run(&self, state: &SubmissionState) -> Vec<(u32, &'static str)> {
        let full = |memory: &Memory| matches!(memory, Memory::Seen(seen) if seen.full);
        self.cross
            .iter()
            .zip(&state.rules)
            .filter(|(_, memory)| full(memory))
            .map(|(cross, _)| {
                (
                    cross.rule,
                    "too many different values to remember: checked for the first ones only",
                )
            })
            .collect()
    }
}

impl Cross {
    fn cell(&self) -> Cell {
        match self.check {
            CrossCheck::Sequence { cell, .. }
            | CrossCheck::Unique { cell }
            | CrossCheck::RecordCount { cell }
            | CrossCheck::SubmissionSequence { cell, .. } => cell,
        }
    }
}

type Shown = (Option<Fact>, Vec<(Cow<'static, str>, Fact)>);

impl Memory {
    fn of(cross: &Cross) -> Self {
        match cross.check {
            CrossCheck::Sequence { .. } => Self::Last(None),
            CrossCheck::Unique { .. } => Self::Seen(Seen::default()),
            CrossCheck::RecordCount { .. } | CrossCheck::SubmissionSequence { .. } => Self::Nothing,
        }
    }

    /// A record without the value: what comes next cannot be said.
    fn skip(&mut self) {
        if let Self::Last(last) = self {
            *last = None;
        }
    }

    /// The next value; what is wrong with it, if anything.
    fn step(&mut self, check: &CrossCheck, text: &str) -> Option<Shown> {
        match (self, check) {
            (Self::Last(last), CrossCheck::Sequence { greatest, .. }) => {
                let Ok(number) = text.trim().trim_start_matches('+').parse::<u64>() else {
                    *last = None;
                    return None;
                };
                let before = last.replace(number)?;
                let expected = if before >= *greatest { 1 } else { before + 1 };
                (number != expected).then(|| {
                    let previous = (Cow::Borrowed("previous"), Fact::Plain(before.to_string()));
                    (Some(Fact::Plain(expected.to_string())), vec![previous])
                })
            }
            (Self::Seen(seen), CrossCheck::Unique { .. }) => {
                (!seen.insert(text.trim())).then(|| (None, Vec::new()))
            }
            _ => None,
        }
    }
}
