//! Which rows a patient has, and which of their columns are filled.

use std::collections::BTreeSet;

use concord_standards::submission::{Check, Condition, Link, Operand, Submission, Test};

use super::Tables;
use super::value::Values;
use crate::Dice;

/// How much a patient has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// What is needed, and some of what is not.
    Some,
    /// A row of every table that takes rows, with some of what need not be filled.
    Full,
    /// A row of every table that takes rows, with what must be filled.
    Bare,
    /// The tables that must have rows alone.
    Lean,
}

/// What follows from the rules for every row.
pub(super) struct Plan<'d> {
    submission: &'d Submission,
    /// Tables but for the header, those that others lead to first.
    pub(super) order: Vec<usize>,
    /// For each table the columns that must be filled, and those that may be.
    columns: Vec<(BTreeSet<usize>, BTreeSet<usize>)>,
    /// Tables without any row: no row of them is taken.
    never: BTreeSet<usize>,
    /// Tables of which each row of another needs one.
    needed: BTreeSet<usize>,
    /// Tables that must have rows, and those that their rows need.
    lean: BTreeSet<usize>,
    /// What rows of each table need beyond what they lead to.
    others: Vec<Vec<Link>>,
}

impl<'d> Plan<'d> {
    pub(super) fn new(submission: &'d Submission) -> Self {
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
                check @ Check::Order { .. } if of_one_day(submission, check) => {}
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
        let others = others(submission);
        for link in others.iter().flatten() {
            columns[link.table]
                .0
                .extend(link.columns.iter().map(|(_, theirs)| *theirs));
        }
        Self {
            submission,
            order: order(submission, &others),
            others,
            columns,
            never,
            needed,
            lean: lean(submission),
        }
    }

    /// The rows of a patient, table by table.
    pub(super) fn family(
        &self,
        extent: Extent,
        values: &mut Values<'_>,
        dice: &mut Dice,
    ) -> Tables {
        let mut family = vec![Vec::new(); self.submission.tables.len()];
        for table in &self.order {
            if extent == Extent::Lean && !self.lean.contains(table) {
                continue;
            }
            family[*table] = self.rows(*table, extent, &family, values, dice);
        }
        family
    }

    /// The rows of a table for one patient.
    fn rows(
        &self,
        table: usize,
        extent: Extent,
        family: &Tables,
        values: &mut Values<'_>,
        dice: &mut Dice,
    ) -> Vec<Vec<String>> {
        let of = &self.submission.tables[table];
        if self.never.contains(&table) {
            return Vec::new();
        }
        if self.others[table]
            .iter()
            .any(|link| family[link.table].is_empty())
        {
            return Vec::new();
        }
        let Some(first) = of.links.first() else {
            return vec![self.below((table, 0), extent, family, values, dice)];
        };
        let mut rows = Vec::new();
        for parent in 0..family[first.table].len() {
            // Of what nobody needs, some have none.
            let some = matches!(extent, Extent::Some | Extent::Lean);
            let spared = some && !self.needed.contains(&table);
            if spared && dice.percent(40) {
                continue;
            }
            rows.push(self.below((table, parent), extent, family, values, dice));
        }
        rows
    }

    /// A row below the parent of a number.
    pub(super) fn below(
        &self,
        (table, parent): (usize, usize),
        extent: Extent,
        family: &Tables,
        values: &mut Values<'_>,
        dice: &mut Dice,
    ) -> Vec<String> {
        let mut given = Vec::new();
        for Link {
            table: other,
            columns,
        } in self.submission.tables[table]
            .links
            .iter()
            .chain(&self.others[table])
        {
            let others = &family[*other];
            let Some(other) = others.get(parent % others.len().max(1)) else {
                continue;
            };
            given.extend(
                columns
                    .iter()
                    .map(|(own, theirs)| (*own, other[*theirs].clone())),
            );
        }
        self.row(table, extent, &given, values, dice)
    }

    /// The tables without which rows of a table cannot be: those that they need or lead to, and those that must have rows.
    pub(super) fn around(&self, table: usize) -> BTreeSet<usize> {
        let mut around = self.lean.clone();
        around.insert(table);
        loop {
            let mut more = BTreeSet::new();
            for table in &around {
                let links = self.submission.tables[*table].links.iter();
                more.extend(links.chain(&self.others[*table]).map(|link| link.table));
            }
            for rule in &self.submission.rules {
                if let Check::Needs { table, .. } = rule.check
                    && around.contains(&rule.table)
                {
                    more.insert(table);
                }
            }
            if more.is_subset(&around) {
                return around;
            }
            around.append(&mut more);
        }
    }

    fn row(
        &self,
        table: usize,
        extent: Extent,
        given: &[(usize, String)],
        values: &mut Values<'_>,
        dice: &mut Dice,
    ) -> Vec<String> {
        let of = &self.submission.tables[table];
        let (must, may) = &self.columns[table];
        let mut cells = vec![String::new(); of.columns.len()];
        for (column, cell) in cells.iter_mut().enumerate() {
            let wanted = must.contains(&column) || of.columns[column].key;
            let spare = extent != Extent::Bare && may.contains(&column);
            if wanted || (spare && dice.percent(50)) {
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

/// Whether days that are all one day of the reporting period are in an order.
fn of_one_day(submission: &Submission, order: &Check) -> bool {
    let Check::Order {
        limit,
        after,
        offset,
        ..
    } = order
    else {
        return false;
    };
    let room = if *after {
        offset.months <= 0 && offset.days <= 0
    } else {
        offset.months >= 0 && offset.days >= 0
    };
    let side = match limit {
        Operand::Own(_) | Operand::Ancestor { .. } => true,
        // What is put together comes after its period.
        Operand::Header(column) => match submission.period {
            Some((first, _)) if *column == first => *after,
            _ => !*after,
        },
        Operand::Parameter(_) | Operand::Day(_) => false,
    };
    room && side
}

/// Whether conditions are true of rows in which little is filled.
fn always(when: &[Condition]) -> bool {
    when.iter()
        .all(|condition| matches!(condition.test, Test::Blank))
}

/// What rows need that they do not lead to, and that does not lead to them.
fn others(submission: &Submission) -> Vec<Vec<Link>> {
    let mut others = vec![Vec::new(); submission.tables.len()];
    for rule in &submission.rules {
        let Check::Needs { table, on } = &rule.check else {
            continue;
        };
        let leads = |from: usize, to: usize| {
            let mut links = submission.tables[from].links.iter();
            links.any(|link| link.table == to)
        };
        if !leads(rule.table, *table) && !leads(*table, rule.table) && rule.table != *table {
            others[rule.table].push(Link {
                table: *table,
                columns: on.clone(),
            });
        }
    }
    others
}

/// Tables that must have rows, and those that their rows need.
fn lean(submission: &Submission) -> BTreeSet<usize> {
    let mut lean: BTreeSet<usize> = submission
        .rules
        .iter()
        .filter(|rule| matches!(rule.check, Check::Rows))
        .map(|rule| rule.table)
        .collect();
    loop {
        let needed = submission.rules.iter().filter_map(|rule| match rule.check {
            Check::Needs { table, .. } if lean.contains(&rule.table) => Some(table),
            _ => None,
        });
        let more: Vec<usize> = needed.filter(|table| !lean.contains(table)).collect();
        if more.is_empty() {
            return lean;
        }
        lean.extend(more);
    }
}

/// Tables but for the header, those that others lead to first.
fn order(submission: &Submission, others: &[Vec<Link>]) -> Vec<usize> {
    let mut order = Vec::new();
    let mut left: Vec<usize> = (0..submission.tables.len())
        .filter(|table| *table != submission.header)
        .collect();
    while !left.is_empty() {
        let ready: Vec<usize> = left
            .iter()
            .copied()
            .filter(|table| {
                let links = submission.tables[*table].links.iter();
                let mut links = links.chain(&others[*table]);
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
