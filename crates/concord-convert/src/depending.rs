//! Which values are carried in some circumstances only: where the conditions of a mapping hold, or where other values of their
//! row are there.
//!
//! What a mapping says of them in other circumstances is nothing, so that they would be dropped in silence. A value that one
//! source takes under a condition and another where it does not hold is always carried.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use concord_check::wanted::{Cell, SUBMISSION};

use crate::conversion::{Depending, OutTable, RowSource, Taker, Tests, Value};

/// A value of a source that can take a cell: the table that comes out, the source, and the column.
type Use = (usize, usize, usize);

/// The values that tables take in some circumstances only; `name` is what losses call a cell.
pub(crate) fn depending(tables: &[OutTable], name: impl Fn(Cell) -> Arc<str>) -> Vec<Depending> {
    let uses = uses(tables);
    let mut alike: BTreeMap<(usize, Vec<Use>), Vec<usize>> = BTreeMap::new();
    for (cell, uses) in uses {
        let source = |(table, source, _): Use| &tables[table].sources[source];
        let value =
            |(table, source, column): Use| tables[table].sources[source].values[column].as_ref();
        let is_sure =
            |used: &Use| value(*used).is_some_and(|value| takes_always(source(*used), value, cell));
        if uses.iter().any(is_sure) {
            continue;
        }
        // The column matters only where it has conditions of its own.
        let key = uses.into_iter().map(|used| match value(used) {
            Some(Value::Where { .. }) => used,
            _ => (used.0, used.1, usize::MAX),
        });
        let key: BTreeSet<Use> = key.collect();
        alike
            .entry((cell.table, key.into_iter().collect()))
            .or_default()
            .push(cell.column);
    }
    let made = alike.into_iter().map(|((table, uses), columns)| {
        let columns = columns.into_iter();
        let columns: Vec<(usize, Arc<str>)> = columns
            .map(|column| (column, name(Cell { table, column })))
            .collect();
        Depending {
            table,
            why: why(tables, &uses, &columns, &name),
            columns,
            takers: uses.iter().map(|used| taker(tables, *used)).collect(),
        }
    });
    made.collect()
}

/// The values that can take each cell of a record.
fn uses(tables: &[OutTable]) -> BTreeMap<Cell, Vec<Use>> {
    let mut uses: BTreeMap<Cell, Vec<Use>> = BTreeMap::new();
    for (number, table) in tables.iter().enumerate() {
        for (source, known) in table.sources.iter().enumerate() {
            for (column, value) in known.values.iter().enumerate() {
                for cell in value.iter().flat_map(Value::cells) {
                    uses.entry(*cell)
                        .or_default()
                        .push((number, source, column));
                }
            }
        }
    }
    uses.retain(|cell, _| cell.table != SUBMISSION);
    uses
}

/// Whether a source takes a cell wherever it is there. What it finds outside its own rows is counted as taken.
fn takes_always(source: &RowSource, value: &Value, cell: Cell) -> bool {
    if cell.table != source.table {
        return true;
    }
    let makes_a_row = source.keep_empty || source.own.contains(&cell.column);
    match value {
        Value::Where { group, .. } => group.is_some(),
        _ => source.tests.are_none() && makes_a_row,
    }
}

fn taker(tables: &[OutTable], (table, source, column): Use) -> Taker {
    Taker {
        table,
        source,
        tests: own_tests(&tables[table].sources[source], column).cloned(),
    }
}

/// What must hold for a value besides what makes its row.
fn own_tests(source: &RowSource, column: usize) -> Option<&Tests> {
    match source.values.get(column)?.as_ref()? {
        Value::Where { tests, .. } => Some(tests),
        _ => None,
    }
}

/// What decides whether the values are taken, besides themselves, in words.
fn why(
    tables: &[OutTable],
    uses: &[Use],
    columns: &[(usize, Arc<str>)],
    name: &impl Fn(Cell) -> Arc<str>,
) -> Arc<str> {
    let tests = uses.iter().flat_map(|(table, source, column)| {
        let source = &tables[*table].sources[*source];
        std::iter::once(&source.tests).chain(own_tests(source, *column))
    });
    let tests = tests.flat_map(|tests| tests.when.iter().chain(&tests.unless).flatten());
    let mut names: BTreeSet<Arc<str>> = tests.map(|test| name(test.cell)).collect();
    names.retain(|name| columns.iter().all(|(_, own)| own != name));
    let names: Vec<&str> = names.iter().map(|name| &**name).collect();
    match &names[..] {
        [] => "what it belongs to is not there".into(),
        [one] => format!("because of {one}").into(),
        [others @ .., last] => format!("because of {} and {last}", others.join(", ")).into(),
    }
}
