//! Tables with their rows, written as files.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use concord_sample::submissions::{Request, write};
use concord_standards::definition::Definition;
use concord_standards::submission::Submission;
use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use crate::proof::Told;

/// The files of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Files {
    pub(super) tables: Vec<File>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// An organisation that exists.
const PROVIDER: &str = "RWK";

/// What a table is written into.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A sample of a month in which a standard is in force; `None` when none can be made.
pub(super) fn sample(
    submission: &Submission,
    in_force: &Definition,
    seed: u64,
    patients: u64,
) -> Option<Files> {
    let texts: Vec<Shared> = submission
        .tables
        .iter()
        .map(|_| Shared::default())
        .collect();
    let mut writers: Vec<Box<dyn Write>> = texts
        .iter()
        .map(|text| Box::new(text.clone()) as Box<dyn Write>)
        .collect();
    let request = Request {
        submission,
        patients,
        seed,
        period: period(in_force),
        provider: PROVIDER.to_owned(),
    };
    write(&request, &mut writers).ok()?;
    let tables = submission.tables.iter().zip(&texts).map(|(table, text)| {
        let bytes = text.0.borrow();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        // What is made here has no quotes.
        let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut lines = text.lines();
        File {
            name: table.name.to_string(),
            columns: lines.next().map(cells).unwrap_or_default(),
            rows: lines.map(cells).collect(),
        }
    });
    Some(Files {
        tables: tables.filter(|file| !file.rows.is_empty()).collect(),
    })
}

/// The first month that begins when a standard is in force, or later.
fn period(definition: &Definition) -> (Date, Date) {
    let from = definition.standard.effective_from.as_deref();
    let from: Date = from
        .and_then(|day| day.parse().ok())
        .unwrap_or(date(2024, 4, 1));
    let first = if from.day() == 1 {
        from
    } else {
        from.last_of_month().checked_add(1.day()).unwrap_or(from)
    };
    (first, first.last_of_month())
}

impl File {
    /// Writes a text into a cell; `None` when there is no such column.
    pub(super) fn set(&mut self, row: usize, column: &str, text: &str) -> Option<()> {
        let at = self.columns.iter().position(|known| known == column)?;
        text.clone_into(self.rows.get_mut(row)?.get_mut(at)?);
        Some(())
    }

    /// The text of a cell.
    pub(super) fn get(&self, row: usize, column: &str) -> &str {
        let at = self.columns.iter().position(|known| known == column);
        at.and_then(|at| self.rows.get(row)?.get(at))
            .map_or("", String::as_str)
    }

    fn write(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
            cells.join(",")
        };
        let mut text = line(&self.columns);
        text.push('\n');
        for row in &self.rows {
            text.push_str(&line(row));
            text.push('\n');
        }
        text
    }
}

fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

impl Files {
    pub(super) fn rows(&self) -> usize {
        self.tables.iter().map(|table| table.rows.len()).sum()
    }

    pub(super) fn table_mut(&mut self, name: &str) -> Option<&mut File> {
        self.tables.iter_mut().find(|table| table.name == name)
    }

    /// Each file: its name and its text.
    pub(super) fn write(&self) -> Vec<(String, String)> {
        let files = self.tables.iter();
        files
            .map(|file| (format!("{}.csv", file.name), file.write()))
            .collect()
    }

    /// All files in one text, each below its name.
    pub(super) fn shown(&self) -> String {
        let parts: Vec<String> = self
            .write()
            .into_iter()
            .map(|(name, text)| format!("==> {name} <==\n{text}"))
            .collect();
        parts.concat()
    }

    /// The line of that text that a finding is about.
    pub(super) fn line_of(&self, told: &Told) -> Option<u64> {
        let (path, line) = (told.path.as_deref()?, told.line?);
        let table = path.split('/').next()?;
        let mut before = 0;
        for file in &self.tables {
            before += 1;
            if file.name == table {
                return Some(before + line);
            }
            before += 1 + file.rows.len() as u64;
        }
        None
    }

    /// Leaves out every file, row and text without which `holds` still does, as long as `tries` lasts.
    pub(super) fn least(mut self, tries: &mut u32, holds: &mut dyn FnMut(&Self) -> bool) -> Self {
        let mut attempt = |less: Self, now: &mut Self| {
            if *tries == 0 {
                return false;
            }
            *tries -= 1;
            let kept = holds(&less);
            if kept {
                *now = less;
            }
            kept
        };
        for at in (0..self.tables.len()).rev() {
            let mut less = self.clone();
            less.tables.remove(at);
            attempt(less, &mut self);
        }
        for at in 0..self.tables.len() {
            for row in (0..self.tables[at].rows.len()).rev() {
                let mut less = self.clone();
                less.tables[at].rows.remove(row);
                attempt(less, &mut self);
            }
        }
        for at in 0..self.tables.len() {
            for row in 0..self.tables[at].rows.len() {
                for column in 0..self.tables[at].columns.len() {
                    if self.tables[at].rows[row]
                        .get(column)
                        .is_none_or(String::is_empty)
                    {
                        continue;
                    }
                    let mut less = self.clone();
                    less.tables[at].rows[row][column].clear();
                    attempt(less, &mut self);
                }
            }
        }
        self
    }
}
