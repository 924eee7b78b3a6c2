//! Synthetic submissions of many tables that fit together, for any standard of that kind.
//!
//! What stands in a submission follows from the definition: tables are filled from those that others lead to, each row below the
//! row that it belongs to; a column is filled where a rule asks for it, and now and then where no rule speaks of it but by its
//! form and codes. All days of a patient's rows are one day of the reporting period, so that whatever must not be before
//! another is not. People are made up; NHS numbers are of the 999 range.

mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use concord_standards::submission::{Check, Condition, Operand, Submission, Test};
use jiff::civil::Date;

use crate::Dice;
use value::Values;

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
    let mut writer = Writer {
        counts: vec![0; submission.tables.len()],
        tables,
        text: Vec::new(),
    };
    for table in 0..submission.tables.len() {
        let names = submission.tables[table]
            .columns
            .iter()
            .map(|column| column.name.to_string());
        writer.write(table, &names.collect::<Vec<_>>())?;
        writer.counts[table] = 0;
    }
    let plan = Plan::new(submission);
    let mut values = Values::new(request);
    let header = values.header(submission);
    writer.write(submission.header, &header)?;
    for patient in 0..request.patients {
        let mut dice = Dice::part(request.seed, patient);
        values.begin(patient, &mut dice);
        let mut family: BTreeMap<usize, Vec<Vec<String>>> = BTreeMap::new();
        for table in &plan.order {
            let rows = plan.rows(*table, &family, &mut values, &mut dice);
            for row in &rows {
                writer.write(*table, row)?;
            }
            family.insert(*table, rows);
        }
    }
    Ok(writer.counts)
}

struct Writer<'w> {
    tables: &'w mut [Box<dyn Write>],
    counts: Vec<u64>,
    text: Vec<u8>,
}

impl Writer<'_> {
    /// Writes a row. No value that is made here needs quotes.
    fn write(&mut self, table: usize, cells: &[String]) -> io::Result<()> {
        self.text.clear();
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.text.push(b',');
            }
            self.text.extend_from_slice(cell.as_bytes());
        }
        self.text.push(b'\n');
        self.counts[table] += 1;
        match self.tables.get_mut(table) {
            Some(out) => out.write_all(&self.text),
            None => Ok(()),
        }
    }
}

/// What follows from the rules for every row.
struct Plan<'d> {
    submission: &'d Submission,
    /// Tables, those that others lead to first.
    order: Vec<usize>,
    /// For each table the columns that must be filled, and those that may be.
    columns: Vec<(BTreeSet<usize>, BTreeSet<usize>)>,
    /// Tables without any row: no row of them is taken.
    never: BTreeSet<usize>,
    /// Tables of which each row of another needs one.
    needed: BTreeSet<usize>,
}

impl<'d> Plan<'d> {
    fn new(submission: &'d Submission) -> Self {
        let tables = submission.tables.len();
        let mut columns = vec![(BTreeSet::new(), BTreeSet::new()); tables];
        for (table, of) in submission.tables.iter().enumerate() {
            columns[table].1 = (0..of.columns.len()).collect();
        }
        let (mut never, mut needed) = (BTreeSet::new(), BTreeSet::new());
        for rule in &submission.rules {
            let (must, may) = &mut columns[rule.table];
            match &rule.check {
                Check::Required { columns, when } if always(when) => must.extend(columns),
                Check::Code {
                    column,
                    blank_fails: true,
                    when,
                    ..
                } if always(when) => {
                    must.insert(*column);
                    may.remove(column);
                }
                // One of them is enough.
                Check::OneOf { columns, .. } => must.extend(columns.first()),
                Check::Form {
                    blank_fails: false,
                    not: false,
                    column,
                    ..
                } if rule.place == Some(*column) => {}
                Check::Code {
                    blank_fails: false,
                    not: false,
                    when,
                    ..
                } if when.is_empty() => {}
                Check::Scheme { column, scheme, .. } => must.extend([column, scheme]),
                Check::Scale { tool, score, .. } => must.extend([tool, score]),
                Check::Needs { table, on } => {
                    needed.insert(*table);
                    must.extend(on.iter().map(|(own, _)| own));
                }
                Check::Never => {
                    never.insert(rule.table);
                }
                Check::Live { .. } | Check::Age { .. } => {}
                check => {
                    for column in check.columns() {
                        may.remove(&column);
                    }
                    for operand in check.operands() {
                        if let Operand::Own(column) = operand {
                            may.remove(column);
                        }
                    }
                }
            }
        }
        Self {
            submission,
            order: order(submission),
            columns,
            never,
            needed,
        }
    }

    /// The rows of a table for one patient.
    fn rows(
        &self,
        table: usize,
        family: &BTreeMap<usize, Vec<Vec<String>>>,
        values: &mut Values<'_>,
        dice: &mut Dice,
    ) -> Vec<Vec<String>> {
        let of = &self.submission.tables[table];
        if self.never.contains(&table) {
            return Vec::new();
        }
        let parents = |link: &concord_standards::submission::Link| {
            family.get(&link.table).map_or(0, Vec::len)
        };
        let Some(first) = of.links.first() else {
            return vec![self.row(table, &[], values, dice)];
        };
        let mut rows = Vec::new();
        for parent in 0..parents(first) {
            // Of what nobody needs, some have none.
            if !self.needed.contains(&table) && dice.percent(40) {
                continue;
            }
            let mut given = Vec::new();
            for link in &of.links {
                let Some(others) = family.get(&link.table).filter(|others| !others.is_empty())
                else {
                    continue;
                };
                let other = &others[parent % others.len()];
                given.extend(
                    link.columns
                        .iter()
                        .map(|(own, theirs)| (*own, other[*theirs].clone())),
                );
            }
            rows.push(self.row(table, &given, values, dice));
        }
        rows
    }

    fn row(
        &self,
        table: usize,
        given: &[(usize, String)],
        values: &mut Values<'_>,
        dice: &mut Dice,
    ) -> Vec<String> {
        let of = &self.submission.tables[table];
        let (must, may) = &self.columns[table];
        let mut cells = vec![String::new(); of.columns.len()];
        for (column, cell) in cells.iter_mut().enumerate() {
            let wanted = must.contains(&column) || of.columns[column].key;
            if wanted || (may.contains(&column) && dice.percent(50)) {
                *cell = values.value(self.submission, table, column, dice);
            }
        }
        for (column, value) in given {
            cells[*column].clone_from(value);
        }
        values.agree(self.submission, table, &mut cells);
        cells
    }
}

/// Whether conditions are true of rows in which little is filled.
fn always(when: &[Condition]) -> bool {
    when.iter()
        .all(|condition| matches!(condition.test, Test::Blank))
}

/// Tables but for the header, those that others lead to first.
fn order(submission: &Submission) -> Vec<usize> {
    let mut order = Vec::new();
    let mut left: Vec<usize> = (0..submission.tables.len())
        .filter(|table| *table != submission.header)
        .collect();
    while !left.is_empty() {
        let ready: Vec<usize> = left
            .iter()
            .copied()
            .filter(|table| {
                let mut links = submission.tables[*table].links.iter();
                links.all(|link| link.table == *table || !left.contains(&link.table))
            })
            .collect();
        // Tables that lead to one another are taken as they stand.
        let ready = if ready.is_empty() {
            left.clone()
        } else {
            ready
        };
        left.retain(|table| !ready.contains(table));
        order.extend(ready);
    }
    order
}
