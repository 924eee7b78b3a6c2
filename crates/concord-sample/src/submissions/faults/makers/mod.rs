//! Changes that may break a rule, by the kind of its check. Which of them does it best is seen by judging what they leave.
//!
//! | module | does |
//! |---|---|
//! | `values` | values that are wrong by themselves, scores |
//! | `days` | days in the wrong order, ages, registrations without an end |
//! | `rows` | rows that stand twice, rows that lost what they need |
//! | `whole` | the header, the reporting period, everything |

mod days;
mod rows;
mod values;
mod whole;

use std::collections::BTreeSet;

use concord_standards::submission::{Check, Condition, Submission, Test, cases};
use jiff::civil::DateTime;

use super::super::Tables;
use super::super::judge::Judge;
use super::super::plan::{Extent, Plan};
use super::super::value::Values;
use super::change::{Change, Step, World};
use super::texts::right;
use crate::Dice;
pub(super) use days::noon;

/// Texts for columns of one row.
type Texts = Vec<(usize, String)>;

/// Makes changes in the rows of one patient.
pub(super) struct Makers<'m, 'd> {
    pub(super) judge: &'m Judge<'d>,
    pub(super) plan: &'m Plan<'d>,
    pub(super) values: &'m mut Values<'d>,
    pub(super) dice: &'m mut Dice,
    /// The rows, and the header.
    pub(super) tables: &'m Tables,
    /// A day within the reporting period.
    pub(super) day: DateTime,
}

impl Makers<'_, '_> {
    fn submission(&self) -> &Submission {
        self.judge.submission
    }

    /// Changes that may break a rule, the likeliest first.
    pub(super) fn changes(&mut self, rule: usize) -> Vec<Change> {
        let judge = self.judge;
        let of = &judge.submission.rules[rule];
        let table = of.table;
        match &of.check {
            Check::Required { columns, when } => {
                let columns = columns.iter().copied();
                let empty = columns.map(|column| vec![(column, String::new())]);
                self.rows(table, when, empty.collect(), "left out what is required")
            }
            Check::OneOf { columns, when } => {
                let empty = columns.iter().map(|column| (*column, String::new()));
                self.rows(
                    table,
                    when,
                    vec![empty.collect()],
                    "left out every one of several",
                )
            }
            Check::Blank { columns, when } => {
                let mut filled = Vec::new();
                for column in columns {
                    for value in self.right(table, *column) {
                        filled.push(vec![(*column, value)]);
                    }
                }
                self.rows(table, when, filled, "filled what must be blank")
            }
            Check::Form { .. } | Check::Live { .. } | Check::Equal { .. } => self.wrong(rule, &[]),
            Check::Code { when, .. } => self.wrong(rule, when),
            Check::Order { .. } => self.order(rule),
            Check::Age {
                column,
                at,
                until,
                greatest,
            } => self.age((table, *column), (at, until), *greatest),
            Check::Scheme {
                column,
                scheme,
                forms,
            } => self.scheme(table, *column, *scheme, forms),
            Check::Scale { tool, score, judge } => self.scale(table, *tool, *score, *judge),
            Check::Never => {
                let cells = self.fresh_row(table);
                vec![Change::of(
                    vec![Step::Add { table, cells }],
                    "put a row into a table that takes none",
                )]
            }
            Check::Unique { .. } => self.unique(rule),
            Check::Singleton => vec![Change::of(
                vec![Step::Copy {
                    table,
                    values: Vec::new(),
                }],
                "put a second row into a table of one row",
            )],
            Check::Needs { table: other, on } => self.needs(table, *other, on),
            Check::Consecutive { start, end, .. } => self.consecutive(table, *start, *end),
            Check::Structure => vec![Change {
                world: World {
                    unpublished: true,
                    ..World::default()
                },
                what: "added a column that is not published".to_owned(),
                ..Change::default()
            }],
            Check::Rows => vec![Change::of(
                vec![Step::ClearBelow(table)],
                "left a table without rows",
            )],
            Check::SoundHeader => self.header(table),
            Check::InPeriod { valid: false, .. } => whole::out_of_period(),
            Check::InPeriod { valid: true, .. } => self.all_rejected(),
        }
    }

    /// A row for a table that has none, below the first rows of those that it leads to.
    fn fresh_row(&mut self, table: usize) -> Vec<String> {
        self.plan.below(
            (table, 0),
            Extent::Bare,
            self.tables,
            self.values,
            self.dice,
        )
    }

    /// The first row of a table, and the step that makes one where there is none.
    fn first(&mut self, table: usize) -> (Vec<Step>, Vec<String>) {
        if let Some(cells) = self.tables[table].first() {
            return (Vec::new(), cells.clone());
        }
        let cells = self.fresh_row(table);
        let add = Step::Add {
            table,
            cells: cells.clone(),
        };
        (vec![add], cells)
    }

    /// Values that a column takes: those that samples have, then others.
    fn right(&mut self, table: usize, column: usize) -> Vec<String> {
        let submission = self.judge.submission;
        let mut values: Vec<String> = (0..3)
            .map(|_| self.values.value(submission, table, column, self.dice))
            .collect();
        if &*submission.tables[table].columns[column].element == "NHS NUMBER" {
            values.push(self.values.another_number());
        }
        values.extend(right(submission, table, column));
        let mut seen = BTreeSet::new();
        values.retain(|value| !value.is_empty() && seen.insert(value.clone()));
        values
    }

    /// A change for each of several texts in the first row of a table of which conditions are true.
    fn rows(
        &mut self,
        table: usize,
        when: &[Condition],
        all: Vec<Texts>,
        what: &str,
    ) -> Vec<Change> {
        let (first, _) = self.first(table);
        let mut changes = Vec::new();
        for texts in all {
            for truth in self.truths(table, when, &texts) {
                let mut steps = first.clone();
                let texts = truth.into_iter().chain(texts.iter().cloned());
                steps.extend(texts.map(|(column, value)| Step::Set {
                    table,
                    row: 0,
                    column,
                    value,
                }));
                changes.push(Change::of(steps, what));
            }
        }
        changes
    }

    /// Some ways to make conditions true, but for those about columns that are given.
    fn truths(&mut self, table: usize, when: &[Condition], given: &Texts) -> Vec<Texts> {
        const WAYS: usize = 12;
        let mut ways: Vec<Texts> = vec![Vec::new()];
        for condition in when {
            if given.iter().any(|(column, _)| *column == condition.column) {
                continue;
            }
            let column = condition.column;
            let mut values = match &condition.test {
                Test::Blank => vec![String::new()],
                Test::In(codes) => codes.iter().map(ToString::to_string).collect(),
                Test::Filled | Test::NotIn(_) => self.right(table, column),
            };
            if let Some(row) = self.tables[table].first() {
                values.insert(0, row[column].clone());
            }
            values.retain(|value| condition.holds(value));
            let more = ways.iter().flat_map(|way| {
                values.iter().take(5).map(|value| {
                    let mut way = way.clone();
                    way.push((column, value.clone()));
                    way
                })
            });
            ways = more.take(WAYS).collect();
        }
        ways
    }

    /// The failing examples of a rule, laid over the first rows of their tables.
    pub(super) fn examples(&mut self, rule: usize) -> Vec<Change> {
        let submission = self.judge.submission;
        let of = &submission.rules[rule];
        let Ok(cases) = cases(submission, of) else {
            return Vec::new();
        };
        let mut changes = Vec::new();
        for case in cases
            .iter()
            .filter(|case| case.breaks && case.parameters.is_empty())
        {
            let mut steps = Vec::new();
            for (table, cells) in &case.rows {
                if !steps.iter().any(|step: &Step| step.table() == *table) {
                    steps.extend(self.first(*table).0);
                }
                steps.extend(cells.iter().map(|(column, value)| Step::Set {
                    table: *table,
                    row: 0,
                    column: *column,
                    value: value.clone(),
                }));
            }
            changes.push(Change::of(
                steps,
                "made it like an example of what breaks the rule",
            ));
        }
        changes
    }
}
