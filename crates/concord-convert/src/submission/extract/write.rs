//! An extract, written from the tables of a submission.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_check::submission::Parameters;
use concord_standards::submission::Submission;

use super::derived;
use super::files::Files;
use super::kin::{Kin, Wanted};
use super::layout::{Extract, ExtractTable, Place, Take};
use super::payers::Payers;
use super::stored::{Stored, Texts};
use crate::lake::LakeError;
use crate::loss::{LossReason, Losses};
use crate::submission::line::push_cell;

/// The folder of rows of which it is not known who pays.
const NOBODY: &str = "unknown";

/// Where the tables of a submission stand, and where the extract of it will.
#[derive(Debug, Clone)]
pub struct Placed {
    /// The file of each table; a table without rows has none.
    pub tables: Vec<PathBuf>,
    /// The folder to write.
    pub folder: PathBuf,
    /// What the portal knows of the submission.
    pub portal: Parameters,
}

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct ExtractWritten {
    /// Lines by table, those of all commissioners together.
    pub rows: BTreeMap<String, u64>,
    /// What the extract has no place for, and what it has that could not be worked out.
    pub losses: Losses,
}

/// Writes an extract of one submission.
///
/// # Errors
/// [`LakeError`] when a table cannot be read, or a file not be written.
pub fn write_extract(
    extract: &Extract,
    submission: &Submission,
    placed: &Placed,
) -> Result<ExtractWritten, LakeError> {
    let stored = Stored::new(placed.tables.clone());
    let mut wanted = Wanted::default();
    for table in &extract.tables {
        for column in &table.columns {
            for place in column.take.places() {
                if let Place::Above { path, column } = place {
                    wanted.add(submission, table.table, path, Some(*column));
                }
            }
        }
    }
    if let Some(split) = &extract.split {
        Payers::wanted(split, submission, &mut wanted);
    }
    let kin = Kin::read(submission, &stored, &wanted)?;
    let mut writing = Writing {
        submission,
        stored: &stored,
        kin: &kin,
        header: header(submission, &stored)?,
        counts: (0..submission.tables.len())
            .map(|table| stored.rows(table))
            .collect::<Result<_, _>>()?,
        payers: None,
        folder: &placed.folder,
        portal: &placed.portal,
        written: ExtractWritten::default(),
    };
    if let Some(split) = &extract.split {
        let period = writing.period();
        writing.payers = Some(Payers::find(split, submission, (&stored, &kin), period)?);
    }
    for table in &extract.tables {
        writing.table(table)?;
    }
    Ok(writing.written)
}

/// The cells of the header's first row.
fn header(submission: &Submission, stored: &Stored) -> Result<Vec<String>, LakeError> {
    let columns = submission.tables[submission.header].columns.len();
    let all: Vec<usize> = (0..columns).collect();
    let mut cells = vec![String::new(); columns];
    let mut first = true;
    stored.each(submission.header, &all, &mut |rows| {
        if std::mem::take(&mut first) && rows.rows() > 0 {
            for (column, cell) in cells.iter_mut().enumerate() {
                rows.text(0, column).unwrap_or_default().clone_into(cell);
            }
        }
        Ok(())
    })?;
    Ok(cells)
}

struct Writing<'w> {
    submission: &'w Submission,
    stored: &'w Stored,
    kin: &'w Kin<'w>,
    header: Vec<String>,
    counts: Vec<u64>,
    payers: Option<Payers<'w>>,
    folder: &'w Path,
    portal: &'w Parameters,
    written: ExtractWritten,
}

/// A row being written.
struct Row<'r> {
    table: usize,
    texts: &'r Texts,
    at: usize,
}

impl Row<'_> {
    fn cell(&self, column: usize) -> &str {
        self.texts.text(self.at, column).unwrap_or_default()
    }
}

impl Writing<'_> {
    fn header(&self, column: usize) -> &str {
        self.header.get(column).map_or("", String::as_str)
    }

    /// The reporting period that the header says.
    fn period(&self) -> Option<(String, String)> {
        let (from, to) = self.submission.period?;
        let (from, to) = (self.header(from), self.header(to));
        let known = derived::days(from, to).is_some();
        known.then(|| (from.to_owned(), to.to_owned()))
    }

    fn table(&mut self, of: &ExtractTable) -> Result<(), LakeError> {
        if !self.stored.has(of.table) {
            return Ok(());
        }
        let table = &self.submission.tables[of.table];
        let names = of.columns.iter().map(|column| &*column.name);
        let mut files = Files::new(self.folder, format!("{}.csv", table.name), names);
        let all: Vec<usize> = (0..table.columns.len()).collect();
        let left: Vec<usize> = all
            .iter()
            .copied()
            .filter(|own| !of.columns.iter().any(|column| column.take.is_of(*own)))
            .collect();
        let mut lost = vec![0_u64; table.columns.len()];
        let (mut line, mut scratch) = (String::new(), String::new());
        let mut number = 0;
        self.stored.each(of.table, &all, &mut |rows| {
            for row in 0..rows.rows() {
                let own = Row {
                    table: of.table,
                    texts: rows,
                    at: row,
                };
                line.clear();
                for (place, column) in of.columns.iter().enumerate() {
                    if place > 0 {
                        line.push(',');
                    }
                    scratch.clear();
                    self.take(&column.take, &own, &mut scratch);
                    push_cell(&mut line, &scratch);
                }
                for column in &left {
                    lost[*column] += u64::from(!own.cell(*column).is_empty());
                }
                match &self.payers {
                    None => files.add("", &line)?,
                    Some(payers) => {
                        let payers = payers.of(of.table, number, (rows, row), self.kin);
                        for payer in &payers {
                            files.add(payer, &line)?;
                        }
                        if payers.is_empty() {
                            files.add(NOBODY, &line)?;
                        }
                    }
                }
                number += 1;
            }
            Ok(())
        })?;
        let rows = files.finish()?;
        self.written.rows.insert(table.name.to_string(), rows);
        for column in left {
            let name: Arc<str> = format!("{}.{}", table.name, table.columns[column].name).into();
            let count = lost[column];
            self.written.losses.add(&name, LossReason::NoPlace, count);
        }
        for column in &of.columns {
            let unknown = match &column.take {
                Take::Nothing => true,
                Take::Portal(parameter, _) => !self.portal.contains_key(parameter),
                _ => false,
            };
            if unknown {
                let name: Arc<str> = format!("{}.{}", table.name, column.name).into();
                let count = self.counts[of.table];
                let reason = LossReason::NotDerived;
                self.written.losses.add(&name, reason, count);
            }
        }
        Ok(())
    }

    fn place<'p>(&'p self, place: &Place, row: &'p Row<'_>) -> &'p str {
        match place {
            Place::Own(column) => row.cell(*column),
            Place::Header(column) => self.header(*column),
            Place::Above { path, column } => {
                let found = self.kin.up(row.table, path, |column| row.cell(column));
                let end = self.submission.end_of(row.table, path);
                found.map_or("", |found| self.kin.text(end, *column, found))
            }
        }
    }

    fn take(&self, take: &Take, row: &Row<'_>, out: &mut String) {
        let number = |out: &mut String, number: Option<i32>| {
            if let Some(number) = number {
                // Writing to a string cannot fail.
                let _ = write!(out, "{number}");
            }
        };
        match take {
            Take::Nothing => {}
            Take::Value(place) => out.push_str(self.place(place, row)),
            Take::ProviderAnd(place) => {
                let provider = self.submission.provider;
                let provider = provider.map_or("", |column| self.header(column));
                out.push_str(&derived::provider_and(provider, self.place(place, row)));
            }
            Take::Portal(parameter, part) => {
                let said = self.portal.get(parameter).map_or("", String::as_str);
                out.push_str(derived::part(said, *part));
            }
            Take::Month(day) => number(out, derived::month(self.place(day, row))),
            Take::Rows(tables) => {
                let rows: u64 = tables.iter().map(|table| self.counts[*table]).sum();
                let _ = write!(out, "{rows}");
            }
            Take::Years(from, to) => {
                number(
                    out,
                    derived::years(self.place(from, row), self.place(to, row)),
                );
            }
            Take::Days(from, to) => {
                number(
                    out,
                    derived::days(self.place(from, row), self.place(to, row)),
                );
            }
        }
    }
}

impl Take {
    /// Where its values stand.
    fn places(&self) -> Vec<&Place> {
        match self {
            Self::Nothing | Self::Rows(_) | Self::Portal(..) => Vec::new(),
            Self::Value(place) | Self::ProviderAnd(place) | Self::Month(place) => vec![place],
            Self::Years(from, to) | Self::Days(from, to) => vec![from, to],
        }
    }

    /// Whether it is the value of a column of the row.
    fn is_of(&self, column: usize) -> bool {
        *self == Self::Value(Place::Own(column))
    }
}
