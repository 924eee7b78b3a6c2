//! Synthetic submissions of many tables that fit together, for any standard of that kind, and faults in them.
//!
//! | module | does |
//! |---|---|
//! | `plan` | which rows a patient has, and which of their columns are filled |
//! | `value` | what stands in a column |
//! | `judge` | what national validation says of a few rows, worked out slowly |
//! | [`faults`] | one rule broken at a time |
//! | `labels` | samples with faults, and what is said of them |
//!
//! What stands in a submission follows from the definition: tables are filled from those that others lead to, each row below the
//! row that it belongs to; a column is filled where a rule asks for it, and now and then where no rule speaks of it but by its
//! form and codes. All days of a patient's rows are one day of the reporting period, so that whatever must not be before
//! another is not. People are made up; NHS numbers are of the 999 range.

pub mod faults;
mod judge;
mod labels;
mod plan;
mod value;

use std::collections::BTreeMap;
use std::io::{self, Write};

use concord_standards::definition::Definition;
use concord_standards::submission::{Parameter, Submission};
use jiff::ToSpan;
use jiff::civil::Date;

use crate::Dice;
pub use labels::{FaultError, FaultRequest, LABEL_HEADER, write_faulty};
use plan::{Extent, Plan};
use value::Values;

/// Rows by table, each a text for each column.
pub(crate) type Tables = Vec<Vec<Vec<String>>>;

/// What the portal knows of a submission.
pub type Portal = BTreeMap<Parameter, String>;

/// What to write.
#[derive(Debug, Clone)]
pub struct Request<'d> {
    /// The tables.
    pub submission: &'d Submission,
    /// How many patients: rows of the table that most others lead to.
    pub patients: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// First and last day of the reporting period.
    pub period: (Date, Date),
    /// Who provides the data.
    pub provider: String,
}

/// Writes a submission, each table to its own writer, in the order of the standard; how many rows each table has.
///
/// # Errors
/// When a writer cannot be written.
pub fn write(request: &Request<'_>, tables: &mut [Box<dyn Write>]) -> io::Result<Vec<u64>> {
    let submission = request.submission;
    let mut writer = Writer::new(submission, tables);
    writer.names(submission, None)?;
    let plan = Plan::new(submission);
    let mut values = Values::new(request);
    writer.row(submission.header, &values.header(submission))?;
    for patient in 0..request.patients {
        let mut dice = Dice::part(request.seed, patient);
        values.begin(patient, &mut dice);
        let family = plan.family(Extent::Some, &mut values, &mut dice);
        for table in &plan.order {
            for row in &family[*table] {
                writer.row(*table, row)?;
            }
        }
    }
    Ok(writer.counts)
}

/// The first month that begins when a standard is in force, or later: its first and last day.
pub fn period(definition: &Definition) -> (Date, Date) {
    let from = definition.standard.effective_from.as_deref();
    let from: Date = from
        .and_then(|day| day.parse().ok())
        .unwrap_or(jiff::civil::date(2024, 4, 1));
    let first = if from.day() == 1 {
        from
    } else {
        from.last_of_month().saturating_add(1.day())
    };
    (first, first.last_of_month())
}

/// What the portal must be told of a sample, so that nothing is wrong with its header.
pub fn portal(request: &Request<'_>) -> Portal {
    let (from, to) = request.period;
    let submitted = to.saturating_add(14.days());
    Portal::from([
        (Parameter::Provider, request.provider.clone()),
        (Parameter::Submitter, request.provider.clone()),
        (Parameter::PeriodStart, from.to_string()),
        (Parameter::PeriodEnd, to.to_string()),
        (Parameter::Submitted, format!("{submitted}T10:00:00")),
    ])
}

/// Whether a code of an organisation, a practice, a site, a school or a postcode in a sample is meant to be in force. Those that
/// are not begin with `ZZ`.
pub fn is_live(_table: &str, code: &str) -> bool {
    !code.starts_with("ZZ")
}

/// A day so many days after the first of the reporting period.
fn period_day(request: &Request<'_>, days: i64) -> Date {
    request.period.0.saturating_add(days.days())
}

/// Writes rows, and counts them.
struct Writer<'w> {
    tables: &'w mut [Box<dyn Write>],
    counts: Vec<u64>,
    text: Vec<u8>,
}

impl<'w> Writer<'w> {
    fn new(submission: &Submission, tables: &'w mut [Box<dyn Write>]) -> Self {
        Self {
            counts: vec![0; submission.tables.len()],
            tables,
            text: Vec::new(),
        }
    }

    /// Writes the names of the columns; the header can have one more.
    fn names(&mut self, submission: &Submission, more: Option<&str>) -> io::Result<()> {
        for (number, table) in submission.tables.iter().enumerate() {
            let mut names: Vec<String> = table
                .columns
                .iter()
                .map(|column| column.name.to_string())
                .collect();
            if number == submission.header {
                names.extend(more.map(str::to_owned));
            }
            self.row(number, &names)?;
            self.counts[number] = 0;
        }
        Ok(())
    }

    fn row(&mut self, table: usize, cells: &[String]) -> io::Result<()> {
        self.text.clear();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.text.push(b',');
            }
            if cell.contains([',', '"', '\r', '\n']) {
                let quoted = cell.replace('"', "\"\"");
                self.text.push(b'"');
                self.text.extend_from_slice(quoted.as_bytes());
                self.text.push(b'"');
            } else {
                self.text.extend_from_slice(cell.as_bytes());
            }
        }
        self.text.push(b'\n');
        self.counts[table] += 1;
        match self.tables.get_mut(table) {
            Some(out) => out.write_all(&self.text),
            None => Ok(()),
        }
    }
}
