//! A check that converts on the way.

use std::cell::RefCell;
use std::sync::Arc;

use arrow_array::RecordBatch;
use concord_check::wanted::RECORD;
use concord_check::{Draft, Part, Rules, Unread};
use concord_finding::Effect;

use crate::conversion::Conversion;
use crate::effects::Effects;
use crate::loss::{LossReason, Losses};
use crate::rejects::{Reject, merge, raw};
use crate::rows::{HeaderTexts, MadeTable, Maker, Repeats};

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
    pub(crate) fn leaves_out(self) -> bool {
        self != Self::Keep
    }
}

/// Takes what a conversion makes, in the order of the input.
pub trait Target: Sync {
    /// Takes the row of the submission as a whole as far as it is known before the first record.
    fn begins(&self, table: usize, row: RecordBatch) {
        let _ = (table, row);
    }
    /// Takes rows of a table of the conversion. The row of the submission as a whole comes last.
    fn rows(&self, table: usize, rows: RecordBatch);
    /// Takes the rows of all the tables of one chunk of records: they are complete.
    fn chunk_ends(&self) {}
    /// Takes rejected records.
    fn rejects(&self, rejects: Vec<Reject>);
    /// Takes note that other things come next, perhaps for long.
    fn rests(&self) {}
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
    /// Records left out because they are rejected, or because they are and no row can be made of them.
    pub left_out: u64,
    /// Whether the records are rows of a submission of many tables: one whose group is rejected is rejected, and what is rejected
    /// has been handed on with all its rules.
    pub of_tables: bool,
}

/// Rules with a conversion beside them.
#[derive(Debug)]
pub struct Converting<'c, R, T> {
    rules: &'c R,
    conversion: &'c Conversion,
    on_reject: OnReject,
    target: &'c T,
    repeats: Repeats,
}

impl<'c, R: Rules, T: Target> Converting<'c, R, T> {
    /// Converts beside `rules`; what is captured is what the conversion captures, [beside](Conversion::beside) what they do.
    pub fn new(
        rules: &'c R,
        conversion: &'c Conversion,
        on_reject: OnReject,
        target: &'c T,
    ) -> Self {
        Self {
            rules,
            conversion,
            on_reject,
            target,
            repeats: Repeats::default(),
        }
    }
}

impl<R, T> Converting<'_, R, T> {
    /// Whether a rejected record is to stand among the rejects: all of them when they are split off; of those that are kept
    /// the ones that no row can be made of, because what stands where cannot be told.
    fn goes_to_rejects(&self, part: &Part<'_>, record: u32) -> bool {
        match self.on_reject {
            OnReject::Split => true,
            OnReject::Drop => false,
            OnReject::Keep => without_rows(part, record),
        }
    }

    /// Whether a record is left out: because it is rejected, or because no row can be made of it.
    fn leaves_out(&self, part: &Part<'_>, effects: &Effects, record: u32) -> bool {
        effects.rejects(record) && (self.on_reject.leaves_out() || without_rows(part, record))
    }

    /// Counts what was not read of the records that are converted.
    fn count_unread(
        &self,
        part: &Part<'_>,
        effects: &Effects,
        unread: &[(u32, Unread)],
        losses: &mut Losses,
    ) {
        for (record, unread) in unread {
            if !self.leaves_out(part, effects, *record) {
                let reason = if unread.again {
                    LossReason::Several
                } else {
                    LossReason::NoPlace
                };
                losses.add(&unread.what, reason, 1);
            }
        }
    }

    fn batch(
        &self,
        table: usize,
        made: MadeTable,
        first: u64,
        effects: &Effects,
    ) -> Result<RecordBatch, arrow_schema::ArrowError> {
        made.batch(&self.conversion.tables[table], first, effects)
    }
}

/// Whether what stands where in a record cannot be told, so that nothing of it was captured.
fn without_rows(part: &Part<'_>, record: u32) -> bool {
    let rows = &part.captured.groups[RECORD];
    rows.records.binary_search(&record).is_err()
}

/// What a chunk contributes.
pub struct ChunkRows {
    tables: Vec<MadeTable>,
    effects: Effects,
    rejects: Vec<Reject>,
    losses: Losses,
    /// What of records was not read, as findings say.
    unread: Vec<(u32, Unread)>,
    /// The row of the submission, with the number of its table, in the first chunk.
    submission: Vec<(usize, MadeTable)>,
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
        let texts = HeaderTexts::of(self.conversion, head);
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
            part,
            header: &texts.0,
            repeats: &self.repeats,
            used: RefCell::default(),
        };
        let keep = |record| !(leave_out && effects.rejects(record));
        let tables = maker.tables(keep, &mut losses);
        let mut rejects = Vec::new();
        if effects.rejects_any() {
            let wanted = |record| self.goes_to_rejects(part, record);
            raw(part, drafts, &effects, wanted, &mut rejects);
        }
        let submission = if part.offset == 0 {
            // What of it cannot be carried is counted at the end.
            maker.submission(&mut Losses::default())
        } else {
            Vec::new()
        };
        let unread = drafts.iter();
        let unread = unread.filter_map(|draft| Some((draft.record?, draft.unread.clone()?)));
        let rows = ChunkRows {
            tables,
            effects,
            rejects,
            losses,
            unread: unread.collect(),
            submission,
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
        if found {
            let mut again = Vec::new();
            let wanted = |record| self.goes_to_rejects(part, record);
            raw(part, &drafts[before..], &rows.effects, wanted, &mut again);
            merge(&mut rows.rejects, again);
        }
        if rows.effects.rejects_any() {
            let records = 0..part.records.len() as u32;
            converted.left_out += records
                .filter(|record| self.leaves_out(part, &rows.effects, *record))
                .count() as u64;
        }
        self.count_unread(part, &rows.effects, &rows.unread, &mut rows.losses);
        converted.losses.merge(rows.losses);
        if self.target.stopped() {
            return;
        }
        for (number, made) in rows.submission {
            match self.batch(number, made, 0, &rows.effects) {
                Ok(row) => self.target.begins(number, row),
                Err(error) => self.target.failed(error.to_string()),
            }
        }
        for (number, made) in rows.tables.into_iter().enumerate() {
            let made = if found && leaves_out {
                made.without_rejected(&rows.effects)
            } else {
                Ok(made)
            };
            let first = part.first_record;
            let batch = made.and_then(|made| self.batch(number, made, first, &rows.effects));
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
        (header, HeaderOf(mut texts)): Self::Header,
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
        texts.add_trailer(last);
        let maker = Maker {
            conversion: self.conversion,
            part: last,
            header: &texts,
            repeats: &self.repeats,
            used: RefCell::default(),
        };
        maker.submission_without_place(&mut converted.losses);
        for (number, made) in maker.submission(&mut converted.losses) {
            match self.batch(number, made, 0, &Effects::default()) {
                Ok(row) => self.target.rows(number, row),
                Err(error) => self.target.failed(error.to_string()),
            }
        }
        self.target.chunk_ends();
        let records: Arc<str> = "record".into();
        converted
            .losses
            .add(&records, LossReason::Rejected, converted.left_out);
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
