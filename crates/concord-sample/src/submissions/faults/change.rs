//! What is changed to break a rule.

use std::collections::BTreeSet;

use concord_standards::submission::Submission;

use super::super::Tables;
use super::super::plan::Extent;

/// A change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    pub(crate) world: World,
    pub(crate) steps: Vec<Step>,
    /// What was done, for people; it names no value.
    pub(crate) what: String,
}

/// What is otherwise than in other samples from the beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct World {
    /// How much each patient has.
    pub(crate) extent: Option<Extent>,
    /// The day of all that happens, in days from the first of the reporting period.
    pub(crate) day: Option<i64>,
    /// Who the header and the rows say has provided the data.
    pub(crate) provider: Option<String>,
    /// Whether the header has a column that is not published.
    pub(crate) unpublished: bool,
}

/// A step of a change. Rows are counted from 0.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// Writes a value.
    Set {
        table: usize,
        row: usize,
        column: usize,
        value: String,
    },
    /// Puts a row behind the others of its table.
    Add { table: usize, cells: Vec<String> },
    /// Puts a copy of the first row behind the others, with these values.
    Copy {
        table: usize,
        values: Vec<(usize, String)>,
    },
    /// Takes away the rows of a table.
    Clear(usize),
    /// Takes away the rows of a table and of all tables that lead to it.
    ClearBelow(usize),
}

impl Step {
    pub(crate) fn table(&self) -> usize {
        match self {
            Self::Set { table, .. }
            | Self::Add { table, .. }
            | Self::Copy { table, .. }
            | Self::Clear(table)
            | Self::ClearBelow(table) => *table,
        }
    }
}

impl Change {
    /// A change of these steps.
    pub(crate) fn of(steps: Vec<Step>, what: impl Into<String>) -> Self {
        Self {
            steps,
            what: what.into(),
            ..Self::default()
        }
    }

    /// Does it. Whether all that it is about was there.
    pub(crate) fn apply(&self, submission: &Submission, tables: &mut Tables) -> bool {
        for step in &self.steps {
            match step {
                Step::Set {
                    table,
                    row,
                    column,
                    value,
                } => match tables[*table].get_mut(*row) {
                    Some(cells) => cells[*column].clone_from(value),
                    None => return false,
                },
                Step::Add { table, cells } => tables[*table].push(cells.clone()),
                Step::Copy { table, values } => {
                    let Some(mut cells) = tables[*table].first().cloned() else {
                        return false;
                    };
                    for (column, value) in values {
                        cells[*column].clone_from(value);
                    }
                    tables[*table].push(cells);
                }
                Step::Clear(table) => tables[*table].clear(),
                Step::ClearBelow(table) => {
                    for below in below(submission, *table) {
                        tables[below].clear();
                    }
                }
            }
        }
        true
    }
}

/// A table and all that lead to it. Where a table leads to several, the first is the one that it belongs to.
fn below(submission: &Submission, table: usize) -> BTreeSet<usize> {
    let mut below = BTreeSet::from([table]);
    loop {
        let more: Vec<usize> = (0..submission.tables.len())
            .filter(|of| !below.contains(of))
            .filter(|of| {
                let first = submission.tables[*of].links.first();
                first.is_some_and(|link| below.contains(&link.table))
            })
            .collect();
        if more.is_empty() {
            return below;
        }
        below.extend(more);
    }
}
