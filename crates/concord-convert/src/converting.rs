//! A check that converts on the way.

use std::sync::Arc;

use arrow_array::RecordBatch;
use concord_check::capture::{CaptureGroup, CapturePlan};
use concord_check::{Draft, Part, Rules};
use concord_finding::Effect;

use crate::conversion::Conversion;
use crate::effects::Effects;
use crate::loss::{LossReason, Losses};
use crate::rejects::{Reject, merge, raw};
use crate::rows::{HeaderTexts, MadeTable, Maker};

/// What is done with rejected records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnReject {
    /// They are converted like the others; `source_effect` tells them apart.
    Keep,
    /// They are left out and counted.
    Drop,
    /// They are left out, and stand as they came, with the rules that they break, in a dataset of their own.
    #[default]
    Split,
}

impl OnReject {
    fn leaves_out(self) -> bool {
        self != Self::Keep
    }
}

/// Takes what a conversion makes, in the order of the input.
pub trait Target: Sync {
    /// Takes rows of a table of the conversion.
    fn rows(&self, table: usize, rows: RecordBatch);
    /// Takes the rows of all the tables of one chunk of records: they are complete.
    fn chunk_ends(&self) {}
    /// Takes rejected records.
    fn rejects(&self, rejects: Vec<Reject>);
    /// Does work that was put off, on a thread that has nothing else to do.
    fn between(&self) {}
    /// Takes note that rows could not be made.
    fn failed(&self, reason: String);
    /// Whether nothing more is wanted, because something failed.
    fn stopped(&self) -> bool;
}

/// What is known when a submission has been converted.
#[derive(Debug, Clone, Default)]
pub struct Converted {
    /// What could not be carried.
    pub losses: Losses,
    /// Records that were found to be rejected when their rows had been handed on: number from 1, effect and rule.
    pub late: Vec<(u64, Effect, Arc<str>)>,
    /// Records left out because they are rejected.
    pub left_out: u64,
}

/// Rules with a conversion beside them.
#[derive(Debug)]
pub struct Converting<'c, R, T> {
    rules: &'c R,
    conversion: &'c Conversion,
    /// How many tables the rules capture; those of the conversion stand behind them.
    base: usize,
    on_reject: OnReject,
    target: &'c T,
}

impl<'c, R: Rules, T: Target> Converting<'c, R, T> {
    /// Converts beside `rules`, whose plan captures `captured` tables.
    pub fn new(
        rules: &'c R,
        captured: usize,
        conversion: &'c Conversion,
        on_reject: OnReject,
        target: &'c T,
    ) -> Self {
        Self {
            rules,
            conversion,
            base: captured,
            on_reject,
            target,
        }
    }
}

/// What rules want to see, and behind it what a conversion wants to see.
pub fn both(rules: &CapturePlan, conversion: &Conversion) -> CapturePlan {
    let base = rules.groups.len();
    let moved = conversion.capture.groups.iter().map(|group| CaptureGroup {
        parent: group.parent.map(|parent| parent + base),
        ..group.clone()
    });
    CapturePlan {
        groups: rules.groups.iter().cloned().chain(moved).collect(),
    }
}

/// What a chunk contributes.
pub struct ChunkRows {
    tables: Vec<MadeTable>,
    effects: Effects,
    rejects: Vec<Reject>,
    losses: Losses,
}

impl<R: Rules, T: Target> Rules for Converting<'_, R, T> {
    type Header = (R::Header, HeaderOf);
    type Scratch = R::Scratch;
    type Summary = (R::Summary, ChunkRows);
    type State = (R::State, Converted);
    type Outcome = (R::Outcome, Converted);

    fn scratch(&self) -> R::Scratch {
        self.rules.scratch()
    }

    fn header(&self, head: &Part<'_>) -> Self::Header {
        let texts = HeaderTexts::of(self.conversion, self.base, head);
        (self.rules.header(head), HeaderOf(texts))
    }

    fn evaluate(
        &self,
        part: &Part<'_>,
        (header, texts): &Self::Header,
        scratch: &mut R::Scratch,
        drafts: &mut Vec<Draft>,
    ) -> Self::Summary {
        let summary = self.rules.evaluate(part, header, scratch, drafts);
        let effects = Effects::of(part.records.len(), drafts);
        let leave_out = self.on_reject.leaves_out() && effects.rejects_any();
        let mut losses = Losses::default();
        let maker = Maker {
            conversion: self.conversion,
            base: self.base,
            part,
            header: &texts.0,
        };
        let keep = |record| !(leave_out && effects.rejects(record));
        let tables = maker.tables(keep, &mut losses);
        let mut rejects = Vec::new();
        if self.on_reject == OnReject::Split && effects.rejects_any() {
            raw(part, drafts, &effects, &mut rejects);
        }
        let rows = ChunkRows {
            tables,
            effects,
            rejects,
            losses,
        };
        (summary, rows)
    }

    fn start(&self) -> Self::State {
        (self.rules.start(), Converted::default())
    }

    fn fold(
        &self,
        (state, converted): &mut Self::State,
        (summary, mut rows): Self::Summary,
        part: &Part<'_>,
        drafts: &mut Vec<Draft>,
    ) {
        let before = drafts.len();
        self.rules.fold(state, summary, part, drafts);
        let leaves_out = self.on_reject.leaves_out();
        let found = rows.effects.add(&drafts[before..]);
        if found && self.on_reject == OnReject::Split {
            let mut again = Vec::new();
            raw(part, &drafts[before..], &rows.effects, &mut again);
            merge(&mut rows.rejects, again);
        }
        if leaves_out {
            let records = 0..part.records.len() as u32;
            converted.left_out += records.filter(|record| rows.effects.rejects(*record)).count() as u64;
        }
        converted.losses.merge(rows.losses);
        if self.target.stopped() {
            return;
        }
        for (number, made) in rows.tables.into_iter().enumerate() {
            let made = if found && leaves_out {
                made.without_rejected(&rows.effects)
            } else {
                Ok(made)
            };
            let table = &self.conversion.tables[number];
            let batch = made.and_then(|made| made.batch(table, part.first_record, &rows.effects));
            match batch {
                Ok(batch) if batch.num_rows() > 0 => self.target.rows(number, batch),
                Ok(_) => {}
                Err(error) => self.target.failed(error.to_string()),
            }
        }
        for reject in &mut rows.rejects {
            reject.record += part.first_record;
        }
        if !rows.rejects.is_empty() {
            self.target.rejects(rows.rejects);
        }
        self.target.chunk_ends();
    }

    fn finish(
        &self,
        (state, mut converted): Self::State,
        (header, _): Self::Header,
        last: &Part<'_>,
        drafts: &mut Vec<(Draft, Option<u64>)>,
    ) -> Self::Outcome {
        let before = drafts.len();
        let outcome = self.rules.finish(state, header, last, drafts);
        for (draft, _) in &drafts[before..] {
            let finding = &draft.finding;
            if let Some(record) = finding.record {
                let rule = Arc::clone(&finding.rule.id);
                converted.late.push((record, finding.effect, rule));
            }
        }
        let records: Arc<str> = "record".into();
        converted.losses.add(&records, LossReason::Rejected, converted.left_out);
        (outcome, converted)
    }

    fn between(&self) {
        self.rules.between();
        self.target.between();
    }

    fn stopped(&self) -> bool {
        self.rules.stopped() || self.target.stopped()
    }
}

/// What the header says, for rows.
#[derive(Debug, Clone)]
pub struct HeaderOf(HeaderTexts);
