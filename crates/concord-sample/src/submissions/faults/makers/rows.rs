//! Rows that stand twice, and rows that lost what they need.

use std::collections::BTreeSet;

use concord_standards::submission::{Check, Condition};

use super::super::change::{Change, Step};
use super::{Makers, Texts};

impl Makers<'_, '_> {
    /// A row that is the same in the columns of a rule, and else another one.
    pub(super) fn unique(&mut self, rule: usize) -> Vec<Change> {
        let judge = self.judge;
        let submission = judge.submission;
        let of = &submission.rules[rule];
        let Check::Unique {
            columns,
            when,
            blanks_same,
            counted,
        } = &of.check
        else {
            return Vec::new();
        };
        let table = of.table;
        let (mut first, row) = self.first(table);
        let conditions: Vec<Condition> = when.iter().chain(counted).cloned().collect();
        for column in columns {
            let conditional = conditions.iter().any(|when| when.column == *column);
            if row[*column].is_empty() && !blanks_same && !conditional {
                first.push(Step::Set {
                    table,
                    row: 0,
                    column: *column,
                    value: self
                        .right(table, *column)
                        .into_iter()
                        .next()
                        .unwrap_or_default(),
                });
            }
        }
        // Columns of other rules of this kind are to differ.
        let mut others = BTreeSet::new();
        for other in submission.rules.iter().filter(|other| other.table == table) {
            if let Check::Unique {
                columns: theirs, ..
            } = &other.check
                && !columns
                    .iter()
                    .all(|column| theirs.contains(column) && theirs.len() == columns.len())
            {
                let free = theirs.iter().filter(|column| !columns.contains(column));
                let links = submission.tables[table].links.iter();
                let linked: Vec<usize> = links
                    .flat_map(|link| link.columns.iter().map(|(own, _)| *own))
                    .collect();
                others.extend(free.filter(|column| !linked.contains(column)).copied());
            }
        }
        let mut values = Texts::new();
        for column in others {
            let other = self.right(table, column);
            let other = other.into_iter().find(|value| *value != row[column]);
            values.extend(other.map(|value| (column, value)));
        }
        let mut changes = Vec::new();
        for truth in self.truths(table, &conditions, &Vec::new()) {
            for values in [values.clone(), Vec::new()] {
                let mut steps = first.clone();
                steps.extend(truth.iter().map(|(column, value)| Step::Set {
                    table,
                    row: 0,
                    column: *column,
                    value: value.clone(),
                }));
                steps.push(Step::Copy { table, values });
                changes.push(Change::of(steps, "wrote a row that is the same as another"));
            }
        }
        changes
    }

    pub(super) fn needs(
        &mut self,
        table: usize,
        other: usize,
        on: &[(usize, usize)],
    ) -> Vec<Change> {
        let submission = self.judge.submission;
        let mut changes = Vec::new();
        let mut keys = Vec::new();
        for (column, _) in on {
            keys.push(vec![(*column, self.values.key(submission, table, *column))]);
        }
        let all: Texts = keys.iter().flatten().cloned().collect();
        keys.push(all);
        let lost = self.rows(
            table,
            &[],
            keys,
            "made a row belong to one that there is not",
        );
        let removed = Change::of(
            vec![Step::ClearBelow(other)],
            "left out the rows that another row needs",
        );
        let upward = submission.tables[other]
            .links
            .iter()
            .any(|link| link.table == table);
        if upward {
            changes.push(removed);
            changes.extend(lost);
        } else {
            changes.extend(lost);
            changes.push(removed);
        }
        changes
    }
}
