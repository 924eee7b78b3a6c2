//! Records in, rows of a table out.

use std::io::Write;
use std::sync::Arc;

use concord_standards::definition::{Definition, Mapping};
use concord_standards::layout::Mandation;

use super::backwards::{Backwards, Cell, TableOutError};
use super::bound::{Bound, Placed, unseated, without_entity};
use super::extract::ExtractLayout;
use super::lines::Lines;
use crate::loss::{LossReason, Losses};
use crate::records::{RecordWriter, Records};

/// Writes canonical records as a table of a standard.
pub struct TableWriter<W: Write> {
    plan: Arc<Backwards>,
    out: Lines<W>,
    written: TableWritten,
    /// The cells of the line that is being made.
    line: Vec<String>,
    /// Columns of it whose value has no equivalent among their codes: another code does not take its place.
    lost: Vec<usize>,
    text: String,
}

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct TableWritten {
    /// Lines, without the header.
    pub rows: u64,
    /// Lines that were left out because something that must stand in them was missing.
    pub left_out: u64,
    /// What could not be carried.
    pub losses: Losses,
}

impl<W: Write> std::fmt::Debug for TableWriter<W> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut shown = formatter.debug_struct("TableWriter");
        shown
            .field("written", &self.written)
            .finish_non_exhaustive()
    }
}

impl<W: Write> TableWriter<W> {
    /// Writes to `out`, the header first.
    ///
    /// # Errors
    /// [`TableOutError`] when the standard has no table that can be written, or writing fails.
    pub fn new(definition: &Definition, mapping: &Mapping, out: W) -> Result<Self, TableOutError> {
        Self::of(Backwards::new(definition, mapping)?, out)
    }

    /// Writes an extract to `out`, the header first.
    ///
    /// # Errors
    /// [`TableOutError`] when writing fails.
    pub fn of_extract(layout: &ExtractLayout, out: W) -> Result<Self, TableOutError> {
        Self::of(layout.backwards(), out)
    }

    fn of(plan: Backwards, out: W) -> Result<Self, TableOutError> {
        let headers = plan.columns.iter().map(|column| &*column.header);
        let out = Lines::new(&plan.form, headers, out).map_err(TableOutError::Write)?;
        Ok(Self {
            line: vec![String::new(); plan.columns.len()],
            lost: Vec::new(),
            text: String::new(),
            plan: Arc::new(plan),
            out,
            written: TableWritten::default(),
        })
    }

    /// Ends the table: what was written, and what it was written to.
    ///
    /// # Errors
    /// [`TableOutError::Write`] when the last bytes cannot be written.
    pub fn finish(self) -> Result<(TableWritten, W), TableOutError> {
        let out = self.out.finish().map_err(TableOutError::Write)?;
        Ok((self.written, out))
    }

    /// Puts a canonical row into its columns.
    fn seat(&mut self, plan: &Backwards, bound: &mut Bound<'_>, seat: usize, row: usize) {
        let seat = &mut bound.seats[seat];
        for rest in &mut seat.rest {
            rest.count += u64::from(rest.texts.has(row));
        }
        for (cell, texts) in &seat.cells {
            if texts.write(row, &mut self.text) {
                self.cell(plan, cell);
            }
        }
    }

    /// Puts the text of a value into its columns.
    fn cell(&mut self, plan: &Backwards, cell: &Cell) {
        let losses = &mut self.written.losses;
        let column = &plan.columns[cell.columns[0]];
        if column.mandation == Mandation::NotUsed {
            losses.add(&column.element, LossReason::NoPlace, 1);
            return;
        }
        if let Some(codes) = &cell.codes {
            let Some(code) = codes.from_model(&self.text) else {
                let code = (!column.personal).then_some(&*self.text);
                losses.add_detail(&column.element, LossReason::NoEquivalentCode, code, 1);
                return;
            };
            code.clone_into(&mut self.text);
        }
        if let Some((reason, code)) = column.fit(cell.kind, &mut self.text) {
            if reason == LossReason::NoEquivalentCode {
                self.lost.extend(&cell.columns);
            }
            losses.add_detail(&column.element, reason, code.as_deref(), 1);
        }
        for column in &cell.columns {
            self.line[*column].clone_from(&self.text);
        }
    }

    /// Writes the line that was made, unless something is missing.
    fn end_line(&mut self) -> Result<(), String> {
        let mut complete = true;
        let cells = self.plan.columns.iter().zip(&mut self.line);
        for (number, (column, cell)) in cells.enumerate() {
            let absent = cell.is_empty() && !self.lost.contains(&number);
            if let Some(constant) = column.constant.as_ref().filter(|_| absent) {
                cell.clone_from(constant);
            }
            if column.mandation == Mandation::Mandatory && cell.is_empty() {
                complete = false;
                self.written
                    .losses
                    .add(&column.element, LossReason::Incomplete, 1);
            }
        }
        if complete {
            self.out.write(&self.line)?;
            self.written.rows += 1;
        } else {
            self.written.left_out += 1;
            let line: Arc<str> = "line".into();
            self.written.losses.add(&line, LossReason::Incomplete, 1);
        }
        self.lost.clear();
        for cell in &mut self.line {
            cell.clear();
        }
        Ok(())
    }
}

impl<W: Write + Send> RecordWriter for TableWriter<W> {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        let plan = Arc::clone(&self.plan);
        without_entity(&plan, records, &mut self.written.losses);
        let takes = plan.takes.iter();
        let mut bound: Vec<Bound<'_>> =
            takes.filter_map(|take| Bound::new(take, records)).collect();
        if plan.each_row {
            for bound in &mut bound {
                for row in 0..bound.rows() {
                    if bound.wants(row) {
                        self.seat(&plan, bound, 0, row);
                        self.end_line()?;
                    }
                }
            }
        } else {
            let mut placed = Placed::default();
            while let Some(number) = bound.iter().filter_map(Bound::next_record).min() {
                placed.next_line();
                for bound in &mut bound {
                    let mut count = 0;
                    bound.next_line();
                    while bound.next_record() == Some(number) {
                        let row = bound.next;
                        bound.next += 1;
                        if !bound.wants(row) {
                            continue;
                        }
                        match bound.seat_of(row, count, &placed) {
                            Some(seat) => {
                                bound.place(row, seat, &mut placed);
                                self.seat(&plan, bound, seat, row);
                            }
                            None => bound.too_many += 1,
                        }
                        count += 1;
                    }
                }
                self.end_line()?;
            }
        }
        unseated(&bound, &mut self.written.losses);
        Ok(())
    }
}
