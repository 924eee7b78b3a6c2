//! Records in, rows of a table out.

use std::io::Write;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, RecordBatch};
use concord_model::entities::{Field, PROVENANCE, entity};
use concord_standards::definition::{Definition, Mapping};

use super::backwards::{Backwards, Cell, TableOutError, Take};
use super::extract::ExtractLayout;
use super::texts::Texts;
use crate::loss::{LossReason, Losses};
use crate::records::{RecordWriter, Records};

/// Writes canonical records as a table of a standard.
pub struct TableWriter<W: Write> {
    plan: Arc<Backwards>,
    out: csv::Writer<W>,
    written: TableWritten,
    /// The cells of the line that is being made.
    line: Vec<String>,
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
        shown.field("written", &self.written).finish_non_exhaustive()
    }
}

impl<W: Write> TableWriter<W> {
    /// Writes to `out`, the header first.
    ///
    /// # Errors
    /// [`TableOutError`] when the standard has no table that can be written, or writing fails.
    pub fn new(
        definition: &Definition,
        mapping: &Mapping,
        out: W,
    ) -> Result<Self, TableOutError> {
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
        let mut out = csv::WriterBuilder::new()
            .delimiter(plan.delimiter)
            .terminator(csv::Terminator::CRLF)
            .from_writer(out);
        if plan.header {
            let headers = plan.columns.iter().map(|column| column.header.as_bytes());
            out.write_record(headers).map_err(|error| TableOutError::Write(error.to_string()))?;
        }
        Ok(Self {
            line: vec![String::new(); plan.columns.len()],
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
        let out = self.out.into_inner();
        let out = out.map_err(|error| TableOutError::Write(error.error().to_string()))?;
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
        if column.not_used {
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
            losses.add_detail(&column.element, reason, code.as_deref(), 1);
        }
        for column in &cell.columns {
            self.line[*column].clone_from(&self.text);
        }
    }

    /// Writes the line that was made, unless something is missing.
    fn end_line(&mut self) -> Result<(), String> {
        let mut complete = true;
        for (column, cell) in self.plan.columns.iter().zip(&self.line) {
            if column.mandatory && cell.is_empty() {
                complete = false;
                self.written.losses.add(&column.element, LossReason::Incomplete, 1);
            }
        }
        if complete {
            self.out.write_record(&self.line).map_err(|error| error.to_string())?;
            self.written.rows += 1;
        } else {
            self.written.left_out += 1;
        }
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
            takes.filter_map(|take| Bound::new(take, records.table(take.entity.name)?)).collect();
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
            while let Some(number) = bound.iter().filter_map(Bound::next_record).min() {
                for bound in &mut bound {
                    let mut seat = 0;
                    while bound.next_record() == Some(number) {
                        let row = bound.next;
                        bound.next += 1;
                        if !bound.wants(row) {
                            continue;
                        }
                        if seat < bound.seats.len() {
                            self.seat(&plan, bound, seat, row);
                        } else {
                            bound.too_many += 1;
                        }
                        seat += 1;
                    }
                }
                self.end_line()?;
            }
        }
        unseated(&bound, &mut self.written.losses);
        Ok(())
    }
}

/// Counts the values of entities that go nowhere.
fn without_entity(plan: &Backwards, records: &Records, losses: &mut Losses) {
    for (name, rows) in records.tables() {
        let goes = plan.takes.iter().any(|take| take.entity.name == name);
        let Some(entity) = entity(name).filter(|_| !goes) else {
            continue;
        };
        for field in entity.fields {
            if let Some(column) = rows.column_by_name(field.name) {
                let there = rows.num_rows() - column.null_count();
                losses.add(&element(field), LossReason::NoPlace, there as u64);
            }
        }
    }
}

/// Counts rows and values of entities that go somewhere, but have no seat there.
fn unseated(bound: &[Bound<'_>], losses: &mut Losses) {
    for (number, one) in bound.iter().enumerate() {
        let title: Arc<str> = one.take.entity.title.into();
        losses.add_detail(&title, LossReason::Several, said(one.take).as_deref(), one.too_many);
        for seat in &one.seats {
            for rest in &seat.rest {
                losses.add(&rest.element, LossReason::NoPlace, rest.count);
            }
        }
        // Every row once, with the first of the takes of its entity.
        let same = |other: &&Bound<'_>| other.take.entity.name == one.take.entity.name;
        if bound[..number].iter().any(|other| same(&other)) {
            continue;
        }
        let all: Vec<&Bound<'_>> = bound.iter().filter(same).collect();
        let nobody = |row: &usize| !all.iter().any(|bound| bound.wants(*row));
        let unwanted = (0..one.rows()).filter(nobody).count();
        losses.add(&title, LossReason::NoPlace, unwanted as u64);
    }
}

/// The constants that a row must have to go somewhere.
fn said(take: &Take) -> Option<String> {
    let set = take.set.iter().map(|(field, value)| format!("{field} {value}"));
    let set: Vec<String> = set.collect();
    (!set.is_empty()).then(|| set.join(", "))
}

fn element(field: &Field) -> Arc<str> {
    if field.title.is_empty() { field.name.into() } else { field.title.into() }
}

/// The rows of an entity that go somewhere.
struct Bound<'b> {
    take: &'b Take,
    records: &'b [i64],
    set: Vec<(Option<Texts<'b>>, &'b str)>,
    seats: Vec<Seat<'b>>,
    next: usize,
    too_many: u64,
}

struct Seat<'b> {
    cells: Vec<(&'b Cell, Texts<'b>)>,
    rest: Vec<Rest<'b>>,
}

/// A field that has values and no column.
struct Rest<'b> {
    texts: Texts<'b>,
    element: Arc<str>,
    count: u64,
}

impl<'b> Bound<'b> {
    fn new(take: &'b Take, rows: &'b RecordBatch) -> Option<Self> {
        let records = rows.column_by_name(PROVENANCE[3].name)?;
        let set = take.set.iter();
        Some(Self {
            take,
            records: records.as_primitive_opt::<Int64Type>()?.values(),
            set: set.map(|(field, value)| (Texts::of(rows, field), &**value)).collect(),
            seats: take.seats.iter().map(|cells| Seat::new(take, cells, rows)).collect(),
            next: 0,
            too_many: 0,
        })
    }

    fn rows(&self) -> usize {
        self.records.len()
    }

    fn next_record(&self) -> Option<i64> {
        self.records.get(self.next).copied()
    }

    fn wants(&self, row: usize) -> bool {
        self.set.iter().all(|(texts, value)| {
            texts.as_ref().and_then(|texts| texts.str(row)) == Some(value)
        })
    }
}

impl<'b> Seat<'b> {
    fn new(take: &'b Take, cells: &'b [Cell], rows: &'b RecordBatch) -> Self {
        let named = |field: &&Field| {
            cells.iter().any(|cell| cell.field == field.name)
                || take.set.iter().any(|(set, _)| *set == field.name)
        };
        let rest = take.entity.fields.iter().filter(|field| !named(field));
        let rest = rest.filter_map(|field| {
            let column = rows.column_by_name(field.name)?;
            (column.null_count() < rows.num_rows()).then_some(Rest {
                texts: Texts::of(rows, field.name)?,
                element: element(field),
                count: 0,
            })
        });
        let cells = cells.iter();
        Self {
            rest: rest.collect(),
            cells: cells.filter_map(|cell| Some((cell, Texts::of(rows, cell.field)?))).collect(),
        }
    }
}
