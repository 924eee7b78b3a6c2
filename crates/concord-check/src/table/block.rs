//! Rows whose cells are checked column by column.
//!
//! One row after the other would ask of each cell anew how its column is checked; of some rows together it is asked once, and
//! what is done for a column is a short loop. They are few enough to stay in the processor's nearest memory.

use concord_read::delimited::Cell;

use super::plan::{FieldCapture, FieldPlan};
use super::row::{RowAt, Table};
use crate::capture::{Captured, Span};

/// Most rows of a block: one for each bit of a number.
const ROWS: usize = u64::BITS as usize;

/// Most cells of a block, unless one row has more.
const CELLS: usize = 4096;

/// Rows that are waiting to be checked, and what the quick checks found.
#[derive(Debug, Default)]
pub(super) struct Block {
    rows: Vec<RowStart>,
    /// Cells of all rows, one row behind the other.
    pub(super) cells: Vec<Cell>,
    /// Texts of the rows, one column behind the other.
    spans: Vec<Span>,
    /// For each column the rows whose cells must be looked at more closely.
    refused: Vec<u64>,
}

/// Where a row of a block begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct RowStart {
    /// In the bytes.
    pub(super) start: usize,
    /// In the block's cells.
    pub(super) cells: usize,
    /// Its number in the chunk.
    pub(super) record: u32,
    /// Whether it is printable ASCII throughout.
    pub(super) plain: bool,
}

impl Block {
    /// Forgets all rows and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.cells.clear();
    }

    /// Adds the row whose cells stand behind those of the rows before it, at least as many as there are columns. Says
    /// whether the block is full.
    pub(super) fn push(&mut self, row: RowStart, columns: usize) -> bool {
        self.rows.push(row);
        self.rows.len() >= ROWS.min(CELLS / columns.max(1))
    }

    /// The rows in order.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// A row of the block, whose cells stand in `bytes`.
    pub(super) fn row<'r>(&'r self, bytes: &'r [u8], row: usize) -> RowAt<'r> {
        let end = self.rows.get(row + 1).map(|next| next.cells);
        let RowStart {
            start,
            cells,
            record,
            plain: _,
        } = self.rows[row];
        RowAt {
            bytes,
            cells: &self.cells[cells..end.unwrap_or(self.cells.len())],
            start,
            record,
        }
    }

    /// Whether the cell of a column must be looked at more closely.
    pub(super) fn is_refused(&self, row: usize, column: usize) -> bool {
        self.refused[column] >> row & 1 == 1
    }

    /// Checks all cells quickly. Gives the rows with cells that must be looked at more closely, a bit for each.
    pub(super) fn check(&mut self, table: &Table<'_>, bytes: &[u8]) -> u64 {
        let fields = &table.columns.fields;
        let rows = self.rows.len();
        let plain = self.rows.iter().enumerate();
        let plain = plain.fold(0, |plain, (row, at)| plain | u64::from(at.plain) << row);
        self.spans.resize(fields.len() * rows, Span::default());
        self.refused.resize(fields.len(), 0);
        let mut any = 0;
        for (column, field) in fields.iter().enumerate() {
            let Some(field) = *field else {
                self.refused[column] = 0;
                continue;
            };
            let spans = &mut self.spans[column * rows..][..rows];
            let found = gather(&self.rows, &self.cells, column, spans);
            let refused = found.refused(&table.plan.fields[usize::from(field)], bytes, spans, plain);
            self.refused[column] = refused;
            any |= refused;
        }
        any
    }

    /// Captures the cells of some rows of which none is refused.
    pub(super) fn capture(
        &self,
        table: &Table<'_>,
        rows: std::ops::Range<usize>,
        captured: &mut Captured,
    ) {
        let mut first = None;
        for row in &self.rows[rows.clone()] {
            let opened = table.open(row.start, row.record, captured);
            first.get_or_insert(opened);
        }
        let first = first.unwrap_or(0);
        let mut with_rows = Vec::new();
        for (column, field) in table.columns.fields.iter().enumerate() {
            let Some(field) = *field else { continue };
            let spans = &self.spans[column * self.rows.len()..][rows.clone()];
            let captures = &table.plan.fields[usize::from(field)].captures;
            for capture in captures {
                if let FieldCapture::Cell { group, column } = *capture {
                    captured.put_spans(group, first, column, spans);
                }
            }
            let makes_row = |capture: &FieldCapture| matches!(capture, FieldCapture::Row { .. });
            if captures.iter().any(makes_row) {
                with_rows.push((column, captures));
            }
        }
        self.capture_rows(&with_rows, rows, first, captured);
    }

    /// Captures the cells that make rows of their own, in the order in which they stand.
    fn capture_rows(
        &self,
        columns: &[(usize, &Vec<FieldCapture>)],
        rows: std::ops::Range<usize>,
        first: u32,
        captured: &mut Captured,
    ) {
        if columns.is_empty() {
            return;
        }
        for (row, parent) in rows.zip(first..) {
            for (column, captures) in columns {
                let at = &self.rows[row];
                let cell = self.cells[at.cells + column];
                for capture in captures.iter().filter(|_| cell.length > 0) {
                    if let FieldCapture::Row { group, columns } = *capture {
                        captured.add_spans(group, parent, at.record, columns, cell);
                    }
                }
            }
        }
    }
}

/// What is known of a column's cells before they are looked at, a bit for each row.
#[derive(Default)]
struct Cells {
    present: u64,
    escaped: u64,
    all: u64,
}

/// Takes the spans of a column together.
fn gather(rows: &[RowStart], cells: &[Cell], column: usize, spans: &mut [Span]) -> Cells {
    let mut found = Cells::default();
    for (row, (at, span)) in rows.iter().zip(spans).enumerate() {
        let cell = &cells[at.cells + column];
        *span = Span::new(cell.start, cell.length);
        found.present |= u64::from(cell.length > 0) << row;
        found.escaped |= u64::from(cell.escaped) << row;
        found.all |= 1 << row;
    }
    found
}

impl Cells {
    /// The cells that must be looked at more closely.
    fn refused(&self, plan: &FieldPlan, bytes: &[u8], spans: &[Span], plain: u64) -> u64 {
        let missing = if plan.mandatory {
            self.all & !self.present
        } else {
            0
        };
        let wrong = if plan.not_used {
            self.present
        } else {
            plan.quick.refused(bytes, spans, plain) | (self.escaped & self.present)
        };
        missing | wrong
    }
}
