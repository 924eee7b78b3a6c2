//! The header, the reporting period, everything.

use concord_standards::submission::form::Form;
use concord_standards::submission::{Check, Parameter, TableRule};
use jiff::ToSpan;

use super::super::super::judge::moments;
use super::super::super::plan::Extent;
use super::super::change::{Change, Step, World};
use super::Makers;

/// Another provider than that of the sample.
const OTHER: &str = "RX9";

impl Makers<'_, '_> {
    /// Headers that say another thing than the portal.
    pub(super) fn other_portal(
        &self,
        table: usize,
        column: usize,
        parameter: Parameter,
    ) -> Vec<Change> {
        let set = |column, value| Step::Set {
            table,
            row: 0,
            column,
            value,
        };
        let what = "made the header say another thing than the portal";
        let now = |column: usize| {
            let header = self.tables[table].first();
            header.and_then(|header| moments::day(&header[column]))
        };
        let month = |column: usize, months: i64| {
            let day = now(column)?.checked_add(months.months()).ok()?;
            Some(day)
        };
        match parameter {
            Parameter::Provider => vec![Change {
                world: World {
                    provider: Some(OTHER.to_owned()),
                    ..World::default()
                },
                // Who submits is who the portal says.
                steps: self.submitter(table, column),
                what: what.to_owned(),
            }],
            Parameter::PeriodStart => {
                let day = month(column, -1).map(|day| day.to_string());
                day.map(|day| Change::of(vec![set(column, day)], what))
                    .into_iter()
                    .collect()
            }
            Parameter::PeriodEnd => {
                let Some(day) = month(column, 1).map(jiff::civil::Date::last_of_month) else {
                    return Vec::new();
                };
                // What was put together before the end of its period is another fault.
                let mut steps = vec![set(column, day.to_string())];
                for (other, of) in self.submission().tables[table].columns.iter().enumerate() {
                    if matches!(of.form, Some(Form::Moment)) {
                        steps.push(set(other, format!("{day}T23:59:59")));
                    }
                }
                vec![Change::of(steps, what)]
            }
            Parameter::Submitter | Parameter::Submitted | Parameter::SubmissionId => Vec::new(),
        }
    }

    /// Leaves the columns of the header that name an organisation as they are, but for one.
    fn submitter(&self, table: usize, but: usize) -> Vec<Step> {
        let Some(header) = self.tables[table].first() else {
            return Vec::new();
        };
        let provider = self.values.provider();
        let others = header.iter().enumerate();
        let others = others.filter(|(column, value)| *column != but && *value == provider);
        others
            .map(|(column, value)| Step::Set {
                table,
                row: 0,
                column,
                value: value.clone(),
            })
            .collect()
    }

    /// Headers that are rejected.
    pub(super) fn header(&mut self, table: usize) -> Vec<Change> {
        let columns = 0..self.submission().tables[table].columns.len();
        let empty = columns.map(|column| vec![(column, String::new())]);
        let mut changes = self.rows(
            table,
            &[],
            empty.collect(),
            "left out what the header must have",
        );
        changes.push(Change::of(
            vec![Step::Copy {
                table,
                values: Vec::new(),
            }],
            "wrote a second header",
        ));
        changes.push(Change::of(vec![Step::Clear(table)], "left out the header"));
        changes
    }

    /// Patients of whom every row is rejected, through one rule about a row that all others need.
    pub(super) fn all_rejected(&mut self) -> Vec<Change> {
        let judge = self.judge;
        let mut changes = Vec::new();
        for (number, rule) in judge.submission.rules.iter().enumerate() {
            let Check::Required { columns, when } = &rule.check else {
                continue;
            };
            let has_rows =
                |other: &TableRule| other.table == rule.table && matches!(other.check, Check::Rows);
            let wanted = rule.table != judge.submission.header
                && judge.rejects(number)
                && judge.submission.rules.iter().any(has_rows);
            if wanted {
                let empty = columns.iter().map(|column| vec![(*column, String::new())]);
                let what = "left out what is required, for every patient";
                let mut made = self.rows(rule.table, when, empty.collect(), what);
                for change in &mut made {
                    change.world.extent = Some(Extent::Lean);
                }
                changes.append(&mut made);
            }
        }
        changes
    }
}

/// Days of patients that are outside the reporting period.
pub(super) fn out_of_period() -> Vec<Change> {
    let mut changes = Vec::new();
    for extent in [Extent::Lean, Extent::Full] {
        for day in [-1, -20, -40, 60] {
            changes.push(Change {
                world: World {
                    extent: Some(extent),
                    day: Some(day),
                    ..World::default()
                },
                what: "put all days outside the reporting period".to_owned(),
                ..Change::default()
            });
        }
    }
    changes
}
