//! Which table and column of the one side is which of the other: one numbering for both, in which rules are compared.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_standards::layout::normalised_header;
use concord_standards::submission::{Submission, Table};

use crate::change::Side;
use crate::compare::facts::same_name;
use crate::compare::matching::{Likeness, Match, pair_off};

/// Tables and columns of both sides: those of the new side in its order, then what only the old side has.
pub(super) struct Numbering<'n> {
    pub(super) old: &'n Submission,
    pub(super) new: &'n Submission,
    pub(super) tables: Vec<Both>,
    /// Columns of each table.
    pub(super) columns: Vec<Vec<Both>>,
}

/// The numbers that something has on the sides that have it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Both {
    pub(super) old: Option<usize>,
    pub(super) new: Option<usize>,
    /// How sure it is that it has another name, where it has.
    pub(super) renamed: Option<Likeness>,
}

impl Both {
    pub(super) fn of(&self, side: Side) -> Option<usize> {
        match side {
            Side::Old => self.old,
            Side::New => self.new,
        }
    }
}

impl<'n> Numbering<'n> {
    /// Matches tables and columns by their names, and what is left by what is alike.
    pub(super) fn new(old: &'n Submission, new: &'n Submission, least: u8) -> Self {
        let mut numbering = Self {
            old,
            new,
            tables: tables(old, new, least),
            columns: Vec::new(),
        };
        for both in &numbering.tables {
            let own = match (both.old, both.new) {
                (Some(old), Some(new)) => columns(
                    &numbering.old.tables[old],
                    &numbering.new.tables[new],
                    least,
                ),
                (None, Some(table)) => (0..new.tables[table].columns.len())
                    .map(|column| Both {
                        new: Some(column),
                        ..Both::default()
                    })
                    .collect(),
                (Some(table), None) => (0..old.tables[table].columns.len())
                    .map(|column| Both {
                        old: Some(column),
                        ..Both::default()
                    })
                    .collect(),
                (None, None) => Vec::new(),
            };
            numbering.columns.push(own);
        }
        numbering
    }

    pub(super) fn submission(&self, side: Side) -> &'n Submission {
        match side {
            Side::Old => self.old,
            Side::New => self.new,
        }
    }

    /// The common number of a table of a side.
    pub(super) fn table(&self, side: Side, table: usize) -> usize {
        let found = self
            .tables
            .iter()
            .position(|both| both.of(side) == Some(table));
        // Every table of either side was numbered.
        found.unwrap_or(usize::MAX)
    }

    /// The common number of a column of a table, which is given by its own number.
    pub(super) fn column(&self, side: Side, table: usize, column: usize) -> usize {
        let columns = self.columns.get(self.table(side, table));
        let found = columns.and_then(|columns| {
            columns
                .iter()
                .position(|both| both.of(side) == Some(column))
        });
        found.unwrap_or(usize::MAX)
    }

    /// Whether a side has a table, by its common number.
    pub(super) fn knows_table(&self, side: Side, table: usize) -> bool {
        let both = self.tables.get(table);
        both.is_some_and(|both| both.of(side).is_some())
    }

    /// Whether a side has a column, by common numbers.
    pub(super) fn knows(&self, side: Side, table: usize, column: usize) -> bool {
        let both = self.columns.get(table).and_then(|all| all.get(column));
        both.is_some_and(|both| both.of(side).is_some())
    }

    /// The name of a table on the new side, or on the old one where only that has it.
    pub(super) fn table_name(&self, table: usize) -> Arc<str> {
        let Some(both) = self.tables.get(table) else {
            return "?".into();
        };
        match (both.new, both.old) {
            (Some(new), _) => Arc::clone(&self.new.tables[new].name),
            (None, Some(old)) => Arc::clone(&self.old.tables[old].name),
            (None, None) => "?".into(),
        }
    }

    /// The name of a column, as [`Numbering::table_name`] gives that of a table.
    pub(super) fn column_name(&self, table: usize, column: usize) -> Arc<str> {
        [Side::New, Side::Old]
            .into_iter()
            .find_map(|side| self.name_on(side, table, column))
            .unwrap_or_else(|| "?".into())
    }

    /// The name that a side gives a column; `None` when it has no such column.
    pub(super) fn name_on(&self, side: Side, table: usize, column: usize) -> Option<Arc<str>> {
        let of = self.tables.get(table)?.of(side)?;
        let column = self.columns.get(table)?.get(column)?.of(side)?;
        let columns = &self.submission(side).tables[of].columns;
        Some(Arc::clone(&columns[column].name))
    }

    /// The name that a side gives a table.
    pub(super) fn table_on(&self, side: Side, table: usize) -> Option<Arc<str>> {
        let of = self.tables.get(table)?.of(side)?;
        Some(Arc::clone(&self.submission(side).tables[of].name))
    }
}

/// Names as files are told apart by them.
fn same_table(old: &Table, new: &Table) -> bool {
    old.name.eq_ignore_ascii_case(&new.name)
}

fn tables(old: &Submission, new: &Submission, least: u8) -> Vec<Both> {
    let mut all: Vec<Both> = (0..new.tables.len())
        .map(|number| {
            let table = &new.tables[number];
            let mut olds = old.tables.iter();
            Both {
                old: olds.position(|known| same_table(known, table)),
                new: Some(number),
                renamed: None,
            }
        })
        .collect();
    let taken: BTreeSet<usize> = all.iter().filter_map(|both| both.old).collect();
    let mut gone: Vec<usize> = (0..old.tables.len())
        .filter(|number| !taken.contains(number))
        .collect();
    let come: Vec<usize> = (0..all.len())
        .filter(|number| all[*number].old.is_none())
        .collect();
    let names = |table: &Table| -> BTreeSet<String> {
        let columns = table.columns.iter();
        columns
            .map(|column| normalised_header(&column.name))
            .collect()
    };
    let found = pair_off(gone.len(), come.len(), least, |before, now| {
        let (mine, theirs) = (&old.tables[gone[before]], &new.tables[come[now]]);
        let (left, right) = (names(mine), names(theirs));
        let shared = left.intersection(&right).count();
        let together = left.union(&right).count().max(1);
        let score = i32::try_from(shared * 70 / together).unwrap_or(0);
        Likeness::default()
            .when(shared > 0, score, "columns in common")
            .when(mine.code == theirs.code, 25, "same short name")
            .names(&mine.name, &theirs.name)
    });
    let matched: Vec<(usize, usize, Likeness)> = found
        .into_iter()
        .map(|found| (gone[found.old], come[found.new], found.likeness))
        .collect();
    for (before, now, likeness) in matched {
        all[now].old = Some(before);
        all[now].renamed = Some(likeness);
        gone.retain(|number| *number != before);
    }
    all.extend(gone.into_iter().map(|number| Both {
        old: Some(number),
        ..Both::default()
    }));
    all
}

fn columns(old: &Table, new: &Table, least: u8) -> Vec<Both> {
    let by_name: BTreeMap<String, usize> = old
        .columns
        .iter()
        .enumerate()
        .map(|(number, column)| (normalised_header(&column.name), number))
        .collect();
    let mut all: Vec<Both> = new
        .columns
        .iter()
        .enumerate()
        .map(|(number, column)| Both {
            old: by_name.get(&normalised_header(&column.name)).copied(),
            new: Some(number),
            renamed: None,
        })
        .collect();
    let taken: BTreeSet<usize> = all.iter().filter_map(|both| both.old).collect();
    let mut gone: Vec<usize> = (0..old.columns.len())
        .filter(|number| !taken.contains(number))
        .collect();
    let come: Vec<usize> = (0..all.len())
        .filter(|number| all[*number].old.is_none())
        .collect();
    let found = pair_off(gone.len(), come.len(), least, |before, now| {
        alike((old, gone[before]), (new, come[now]))
    });
    let matched: Vec<Match> = found
        .into_iter()
        .map(|found| Match {
            old: gone[found.old],
            new: come[found.new],
            likeness: found.likeness,
        })
        .collect();
    for found in matched {
        gone.retain(|number| *number != found.old);
        all[found.new].old = Some(found.old);
        all[found.new].renamed = Some(found.likeness);
    }
    all.extend(gone.into_iter().map(|number| Both {
        old: Some(number),
        ..Both::default()
    }));
    all
}

/// How much a column that is gone is like one that came.
fn alike((old, gone): (&Table, usize), (new, come): (&Table, usize)) -> Likeness {
    let (mine, theirs) = (&old.columns[gone], &new.columns[come]);
    let named = !mine.element.is_empty() && !theirs.element.is_empty();
    let same = named && same_name(&mine.element, &theirs.element);
    let same_id = !mine.uid.is_empty() && mine.uid == theirs.uid;
    let beside = |above: bool| {
        let next = |at: usize| {
            if above {
                at.checked_sub(1)
            } else {
                at.checked_add(1)
            }
        };
        let name = |table: &Table, at: Option<usize>| {
            at.and_then(|at| table.columns.get(at))
                .map(|column| normalised_header(&column.name))
        };
        name(old, next(gone)) == name(new, next(come))
    };
    let format = mine.format == theirs.format && !mine.format.is_empty();
    Likeness::default()
        .when(same, 50, "same dictionary name")
        .when(same_id, 30, "same unique id")
        .when(format, 15, "same format")
        .when(beside(true) && beside(false), 15, "same place")
        .names(&mine.name, &theirs.name)
}
