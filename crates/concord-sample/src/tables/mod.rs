//! Synthetic submissions of tabular standards: rows that break no rule, sets of data sets that add up, labelled faults.
//!
//! | module | does |
//! |---|---|
//! | `submission` | what all rows share: provider, year and month, the codes that are drawn from |
//! | `story` | what one row is about |
//! | `column` | what stands in a column of it |
//! | `pen` | rows as delimited text |
//! | [`set`] | data sets whose totals agree |
//! | [`sheet`] | a table as cells, which can be changed before it is written |
//! | `judge` | which rule speaks of a value |
//! | `faults` | makers of faults, one or more for each rule |
//! | [`coverage`] | which rules a fault can be made for |
//!
//! People are made up; NHS numbers are of the 999 range, which is never issued. Codes are those of the code lists, and
//! organisations are a few that exist. Rows are written one by one, so that a sample of any size needs little memory.

mod column;
pub mod coverage;
pub(crate) mod faults;
pub(crate) mod judge;
pub(crate) mod pen;
pub mod set;
pub mod sheet;
mod story;
pub(crate) mod submission;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use concord_model::financial::FinancialYear;
use concord_standards::compile::CompileError;
use concord_standards::definition::Definition;
use concord_standards::layout::{HeaderUse, TableLayout};

use crate::Dice;
use column::{Column, fill};
use faults::Faults;
use pen::{Pen, Row};
use story::Story;
use submission::Submission;

/// What to write.
#[derive(Debug, Clone)]
pub struct Request<'d> {
    /// The standard, which must be tabular.
    pub definition: &'d Definition,
    /// How many rows.
    pub rows: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// The financial year; that of the standard when not given.
    pub year: Option<FinancialYear>,
    /// Share of the rows that break a rule, from 0 to 1; none when not given.
    pub faults: Option<f64>,
    /// Rules to break; all when none is named, but for those beside which nothing else could be checked.
    pub fault_rules: Vec<String>,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Records, rows that were put in by mistake included.
    pub records: u64,
    /// Lines.
    pub lines: u64,
    /// Bytes.
    pub bytes: u64,
    /// Labels.
    pub faults: u64,
}

/// Why a sample of a table could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableSampleError {
    /// The standard has no table.
    #[error("{0} is not a tabular standard")]
    NotTabular(String),
    /// Nothing can be written in this carrier.
    #[error("{0} is a table without a header, of which no sample can be written")]
    Headerless(String),
    /// Its publisher alone makes such files.
    #[error("{0} is published, not submitted: no sample of it is made")]
    Published(String),
    /// The values of the standard make no sense.
    #[error(transparent)]
    Schema(#[from] Box<CompileError>),
    /// The year is out of range.
    #[error("the financial year is out of range")]
    Year,
    /// A set that has no use for a standard, or has it twice.
    #[error(
        "{0} cannot stand in a set of data sets that add up: it is made of one each of acm, plcm, drplcm and deplcm"
    )]
    Set(String),
    /// Could not write.
    #[error("cannot write the sample")]
    Write(#[from] io::Error),
}

/// Writes a table. It breaks no rule, but for the faults that were asked for, each of which is labelled.
///
/// # Errors
/// [`TableSampleError`] when the standard is not a delimited table, or writing fails.
pub fn write(
    request: &Request<'_>,
    out: &mut dyn Write,
    labels: Option<&mut dyn Write>,
) -> Result<Written, TableSampleError> {
    let submission = Submission::new(request.definition, request.year, request.seed, false)?;
    let table = table(request.definition)?;
    let mut faults = match request.faults {
        Some(rate) => Some(Faults::new(
            request.definition,
            table,
            &submission,
            request.seed,
            rate,
            &request.fault_rules,
        )?),
        None => None,
    };
    let mut pen = Pen::new(out, labels, table);
    if let Some(faults) = &mut faults {
        pen.begin()?;
        if faults.file(&mut pen)? {
            return Ok(written(&pen));
        }
    } else {
        pen.header()?;
    }
    let mut rows = Rows::new(request.definition, table, submission, request.seed);
    let mut row = Row::default();
    for number in 0..request.rows {
        rows.draw(number, &mut row);
        match &mut faults {
            Some(faults) => faults.row(number, &mut row, &mut pen)?,
            None => {
                pen.row(&row, None)?;
            }
        }
    }
    Ok(written(&pen))
}

fn written(pen: &Pen<'_, '_>) -> Written {
    Written {
        records: pen.records,
        lines: pen.lines,
        bytes: pen.bytes,
        faults: pen.faults,
    }
}

/// The table of a standard.
fn table(definition: &Definition) -> Result<&TableLayout, TableSampleError> {
    let name = definition.standard.name();
    let table = definition
        .layout
        .as_ref()
        .and_then(|layout| layout.tables.first());
    match table {
        None => Err(TableSampleError::NotTabular(name)),
        Some(_) if definition.standard.record.published => Err(TableSampleError::Published(name)),
        Some(table)
            if table.header == HeaderUse::None
                || table.fields.iter().any(|field| field.span.is_some()) =>
        {
            Err(TableSampleError::Headerless(name))
        }
        Some(table) => Ok(table),
    }
}

/// Draws the rows of a table.
struct Rows {
    submission: Submission,
    columns: Vec<Column>,
    seed: u64,
}

impl Rows {
    fn new(
        definition: &Definition,
        table: &TableLayout,
        submission: Submission,
        seed: u64,
    ) -> Self {
        let columns = table
            .fields
            .iter()
            .map(|field| Column::of(field, definition))
            .collect();
        Self {
            submission,
            columns,
            seed,
        }
    }

    /// Draws a row; answers what it is about.
    fn draw(&mut self, number: u64, row: &mut Row) -> Story {
        let mut dice = Dice::part(self.seed, number + 1);
        let story = Story::new(&self.submission, number, &mut dice);
        self.put(&story, &mut dice, row);
        story
    }

    fn put(&self, story: &Story, dice: &mut Dice, row: &mut Row) {
        row.cells.resize_with(self.columns.len(), String::new);
        for (column, cell) in self.columns.iter().zip(&mut row.cells) {
            fill(column, story, &self.submission, dice, cell);
        }
    }
}
