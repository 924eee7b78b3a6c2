//! Rows of a submission, taken while they are checked.

use std::cell::RefCell;
use std::sync::Arc;

use concord_check::capture::Captured;
use concord_check::submission::{Found, Row, Taker};
use concord_check::{Part, RecordStarts};
use concord_finding::Effect;

use super::line::push_cells;
use super::plan::{OfTable, SubmissionConversion};
use crate::converting::{Converted, OnReject, Target};
use crate::effects::Effects;
use crate::rejects::Reject;
use crate::rows::{HeaderTexts, Maker, Repeats};

/// Rows that become one batch, and bytes of them.
const BATCH_ROWS: usize = 8_192;
const BATCH_BYTES: usize = 1 << 20;
/// Rejected rows that are handed on together.
const REJECTS: usize = 1_024;

/// Makes rows of a submission's tables while it is checked.
pub struct SubmissionRows<'c, T> {
    standard: Option<Arc<str>>,
    on_reject: OnReject,
    tables: Vec<Taking<'c, T>>,
    /// The table whose row came last.
    last: Option<usize>,
}

/// The rows of one table.
struct Taking<'c, T> {
    of: &'c OfTable,
    target: &'c T,
    file: Arc<str>,
    repeats: Repeats,
    batch: Option<Batch>,
    /// Rows before those of the batch.
    before: u64,
    rejects: Vec<Reject>,
    converted: Converted,
}

/// Rows that wait to be made columns of.
struct Batch {
    chunk: Vec<u8>,
    starts: Vec<u32>,
    captured: Captured,
    effects: Vec<Option<Effect>>,
}

impl<'c, T: Target> SubmissionRows<'c, T> {
    /// Hands the rows of each table to its target. `files` says of each table which file its rows are said to come from.
    pub fn new(
        conversion: &'c SubmissionConversion,
        targets: &'c [T],
        files: Vec<Arc<str>>,
        standard: Option<Arc<str>>,
        on_reject: OnReject,
    ) -> Self {
        let tables = conversion.tables().iter().zip(targets).zip(files);
        let tables = tables.map(|((of, target), file)| Taking {
            of,
            target,
            file,
            repeats: Repeats::default(),
            batch: None,
            before: 0,
            rejects: Vec::new(),
            converted: Converted {
                of_tables: true,
                ..Converted::default()
            },
        });
        Self {
            standard,
            on_reject,
            tables: tables.collect(),
            last: None,
        }
    }

    /// Whether nothing more is wanted, because something failed.
    pub fn stopped(&self) -> bool {
        self.tables.iter().any(|table| table.target.stopped())
    }

    /// Hands on what is left; what is known of each table when all of it has been converted.
    pub fn finish(mut self) -> Vec<Converted> {
        for table in &mut self.tables {
            table.flush(self.standard.as_ref(), self.on_reject);
            table.hand_on_rejects();
        }
        let tables = self.tables.into_iter();
        tables.map(|table| table.converted).collect()
    }
}

impl<T: Target> Taker for SubmissionRows<'_, T> {
    fn row(&mut self, row: &Row<'_>, effect: Option<Effect>) {
        if self.last != Some(row.table) {
            let last = self.last.replace(row.table);
            if let Some(table) = last.and_then(|last| self.tables.get(last)) {
                table.target.rests();
            }
        }
        let Some(table) = self.tables.get_mut(row.table) else {
            return;
        };
        table.add(row, effect);
        if table.batch.as_ref().is_some_and(Batch::is_full) {
            table.flush(self.standard.as_ref(), self.on_reject);
        }
    }

    fn judged(&mut self, row: &Row<'_>, found: &[Found]) {
        if let Some(table) = self.tables.get_mut(row.table) {
            table.judged(row, found, self.on_reject);
        }
    }
}

impl<T: Target> Taking<'_, T> {
    fn add(&mut self, row: &Row<'_>, effect: Option<Effect>) {
        let batch = self.batch.get_or_insert_with(|| Batch {
            chunk: Vec::new(),
            starts: Vec::new(),
            captured: Captured::new(&self.of.conversion.capture),
            effects: Vec::new(),
        });
        let record = batch.starts.len() as u32;
        batch.starts.push(batch.chunk.len() as u32);
        batch.effects.push(effect);
        self.of
            .feed
            .add(row, record, &mut batch.chunk, &mut batch.captured);
    }

    /// Makes columns of the rows that wait.
    fn flush(&mut self, standard: Option<&Arc<str>>, on_reject: OnReject) {
        let Some(batch) = self.batch.take() else {
            return;
        };
        let first = self.before;
        self.before += batch.starts.len() as u64;
        if self.target.stopped() {
            return;
        }
        let part = Part {
            file: &self.file,
            standard,
            chunk: &batch.chunk,
            offset: 0,
            captured: &batch.captured,
            records: RecordStarts::Rows(&batch.starts),
            first_record: first,
        };
        let conversion = &*self.of.conversion;
        let maker = Maker {
            conversion,
            part: &part,
            header: &HeaderTexts::default(),
            repeats: &self.repeats,
            used: RefCell::default(),
        };
        let rejected = |record: u32| batch.effects[record as usize].is_some_and(Effect::is_reject);
        let keep = |record| !(on_reject.leaves_out() && rejected(record));
        let made = maker.tables(keep, &mut self.converted.losses);
        let effects = Effects::known(batch.effects.clone());
        for (number, made) in made.into_iter().enumerate() {
            match made.batch(&conversion.tables[number], first, &effects) {
                Ok(rows) if rows.num_rows() > 0 => self.target.rows(number, rows),
                Ok(_) => {}
                Err(error) => self.target.failed(error.to_string()),
            }
        }
        self.target.chunk_ends();
        self.target.between();
    }

    fn judged(&mut self, row: &Row<'_>, found: &[Found], on_reject: OnReject) {
        let record = u64::from(row.number) + 1;
        let effect = found.iter().map(|found| found.effect).max();
        let Some(effect) = effect else {
            return;
        };
        for late in found.iter().filter(|found| found.late) {
            let rule = Arc::clone(&late.rule);
            self.converted.late.push((record, late.effect, rule));
        }
        if !effect.is_reject() {
            return;
        }
        if on_reject.leaves_out() {
            self.converted.left_out += 1;
        }
        if on_reject != OnReject::Split {
            return;
        }
        let rejecting = found.iter().filter(|found| found.effect.is_reject());
        self.rejects.push(Reject {
            record,
            effect,
            rules: rejecting.map(|found| Arc::clone(&found.rule)).collect(),
            raw: Some(line(row)),
        });
        if self.rejects.len() >= REJECTS {
            self.hand_on_rejects();
        }
    }

    fn hand_on_rejects(&mut self) {
        let rejects = std::mem::take(&mut self.rejects);
        if !rejects.is_empty() {
            self.target.rejects(rejects);
        }
    }
}

impl Batch {
    fn is_full(&self) -> bool {
        self.starts.len() >= BATCH_ROWS || self.chunk.len() >= BATCH_BYTES
    }
}

/// A row as a line of its table, with the columns in the published order.
fn line(row: &Row<'_>) -> String {
    let mut line = String::new();
    push_cells(&mut line, row.cells.iter().map(|cell| &**cell));
    line
}
