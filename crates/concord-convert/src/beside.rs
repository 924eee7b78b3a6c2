//! A conversion beside rules: what both want of a record is captured once.

use concord_check::capture::{CaptureGroup, CapturePlan};
use concord_check::wanted::{Cell, RECORD};

use crate::conversion::{Conversion, RowSource, Tests, Value};

impl Conversion {
    /// The same beside rules that capture `rules`, with its places among all that is then captured: tables and columns of the
    /// rules keep theirs, and what nobody but the conversion wants stands behind them. Both are of one standard.
    #[must_use]
    pub fn beside(mut self, rules: &CapturePlan) -> Self {
        let mut all = rules.clone();
        let mut seats: Vec<Seat> = Vec::with_capacity(self.capture.groups.len());
        for (number, group) in self.capture.groups.drain(..).enumerate() {
            let parent = group.parent.map(|parent| seats[parent].table);
            let is_same = |(place, known): (usize, &CaptureGroup)| {
                let taken = seats.iter().any(|seat| seat.table == place);
                !taken && known.parent == parent && known.paths == group.paths
            };
            // The submission and the records are the first two tables of everybody.
            let known = if number <= RECORD && number < rules.groups.len() {
                Some(number)
            } else {
                all.groups.iter().enumerate().position(is_same)
            };
            let table = known.unwrap_or_else(|| {
                all.groups.push(CaptureGroup {
                    parent,
                    paths: group.paths.clone(),
                    columns: Vec::new(),
                });
                all.groups.len() - 1
            });
            seats.push(Seat::of(table, group, &mut all.groups[table]));
        }
        self.capture = all;
        let cell = |cell: &mut Cell| {
            let seat = &seats[cell.table];
            *cell = Cell {
                table: seat.table,
                column: seat.columns[cell.column],
            };
        };
        self.interchange.iter_mut().for_each(cell);
        let elements = self.without_place.iter_mut().chain(&mut self.names);
        elements.for_each(|(known, _)| cell(known));
        for depending in &mut self.depending {
            let seat = &seats[depending.table];
            depending.table = seat.table;
            for (column, _) in &mut depending.columns {
                *column = seat.columns[*column];
            }
            let takers = depending.takers.iter_mut();
            let tests = takers.filter_map(|taker| taker.tests.as_mut());
            tests.for_each(|tests| move_tests(tests, &cell));
        }
        let sources = self.tables.iter_mut().flat_map(|table| &mut table.sources);
        sources.for_each(|source| move_source(source, &seats, &cell));
        self
    }
}

/// Where a captured table of a conversion stands, and where its columns do.
struct Seat {
    table: usize,
    columns: Vec<usize>,
}

impl Seat {
    /// Finds the columns of a group in the table that stands for it, or puts them there.
    fn of(table: usize, group: CaptureGroup, all: &mut CaptureGroup) -> Self {
        let mut columns: Vec<usize> = Vec::with_capacity(group.columns.len());
        for column in group.columns {
            let mut known = all.columns.iter().enumerate();
            let known = known.position(|(place, known)| {
                known.paths == column.paths && !columns.contains(&place)
            });
            columns.push(known.unwrap_or_else(|| {
                all.columns.push(column);
                all.columns.len() - 1
            }));
        }
        Self { table, columns }
    }
}

fn move_source(source: &mut RowSource, seats: &[Seat], cell: &impl Fn(&mut Cell)) {
    let seat = &seats[source.table];
    source.table = seat.table;
    for column in &mut source.own {
        *column = seat.columns[*column];
    }
    move_tests(&mut source.tests, cell);
    let values = source.values.iter_mut().flatten();
    values.for_each(|value| move_value(value, seats, cell));
}

fn move_tests(tests: &mut Tests, cell: &impl Fn(&mut Cell)) {
    let alternatives = tests.when.iter_mut().chain(&mut tests.unless);
    alternatives.flatten().for_each(|test| cell(&mut test.cell));
}

fn move_value(value: &mut Value, seats: &[Seat], cell: &impl Fn(&mut Cell)) {
    match value {
        Value::Text(known) => cell(known),
        Value::FirstOf(cells, _) | Value::Spread(cells, _) | Value::Point { cells, .. } => {
            cells.iter_mut().for_each(cell);
        }
        Value::KnownTo { year, month, value } => {
            let tests = year.iter_mut().chain(month);
            tests.for_each(|tests| move_tests(tests, cell));
            move_value(value, seats, cell);
        }
        Value::Where {
            group,
            tests,
            value,
        } => {
            if let Some(group) = group {
                *group = seats[*group].table;
            }
            move_tests(tests, cell);
            move_value(value, seats, cell);
        }
        Value::Constant(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use concord_check::capture::CaptureColumn;
    use concord_check::wanted::SUBMISSION;

    use super::*;
    use crate::conversion::{OutTable, Test};

    fn path(name: &str) -> Vec<Arc<str>> {
        vec!["root".into(), "record".into(), name.into()]
    }

    fn group(parent: Option<usize>, name: &str, columns: &[&str]) -> CaptureGroup {
        let column = |name: &&str| CaptureColumn {
            name: (*name).to_owned(),
            paths: vec![path(name)],
        };
        CaptureGroup {
            parent,
            paths: vec![path(name)],
            columns: columns.iter().map(column).collect(),
        }
    }

    fn plan(groups: &[(Option<usize>, &str, &[&str])]) -> CapturePlan {
        let groups = groups.iter();
        CapturePlan {
            groups: groups
                .map(|(parent, name, columns)| group(*parent, name, columns))
                .collect(),
        }
    }

    /// The element that a cell takes.
    fn named(plan: &CapturePlan, cell: Cell) -> &str {
        &plan.groups[cell.table].columns[cell.column].name
    }

    #[test]
    fn what_rules_capture_too_is_captured_once() {
        let rules = plan(&[
            (None, "all", &[]),
            (None, "record", &["a", "b"]),
            (Some(1), "ward", &["w"]),
        ]);
        // Two columns that take the same places stay two; a table below another one is another one.
        let own = plan(&[
            (None, "all", &["ref"]),
            (None, "record", &["b", "c", "b"]),
            (Some(1), "bed", &["x"]),
            (Some(2), "ward", &["w"]),
            (Some(1), "ward", &["v", "w"]),
        ]);
        let cell = |table, column| Cell { table, column };
        let test = Test {
            cell: cell(4, 0),
            values: Vec::new(),
        };
        let source = RowSource {
            table: 4,
            values: vec![
                Some(Value::Text(cell(1, 0))),
                Some(Value::FirstOf(vec![cell(1, 2), cell(3, 0)], None)),
                Some(Value::Where {
                    group: Some(2),
                    tests: Tests::default(),
                    value: Box::new(Value::Text(cell(2, 0))),
                }),
            ],
            parent: None,
            tests: Tests {
                when: vec![vec![test]],
                ..Tests::default()
            },
            own: vec![1],
            own_where: Vec::new(),
            numbers: Vec::new(),
            keep_empty: false,
        };
        let conversion = Conversion {
            capture: own,
            tables: vec![OutTable {
                sources: vec![source],
                ..OutTable::of_entity(concord_model::entities::ENTITIES[0])
            }],
            interchange: Some(cell(SUBMISSION, 0)),
            ..Conversion::default()
        };
        let alone = conversion.clone().beside(&CapturePlan::default());
        assert_eq!(
            format!("{:?}", alone.tables[0].sources),
            format!("{:?}", conversion.tables[0].sources)
        );
        let moved = conversion.beside(&rules);
        let all = &moved.capture;
        let columns = |table: usize| {
            let columns = all.groups[table].columns.iter();
            columns.map(|column| &*column.name).collect::<String>()
        };
        assert_eq!(all.groups.len(), 5);
        assert_eq!([1, 2, 3, 4].map(columns), ["abcb", "wv", "x", "w"]);
        assert_eq!(all.groups[4].parent, Some(3));
        assert_eq!(moved.interchange, Some(cell(SUBMISSION, 0)));
        let source = &moved.tables[0].sources[0];
        assert_eq!(source.table, 2);
        assert_eq!(source.own, [0]);
        assert_eq!(named(all, source.tests.when[0][0].cell), "v");
        let Some(Value::Text(first)) = &source.values[0] else {
            panic!("{source:?}");
        };
        assert_eq!(*first, cell(RECORD, 1));
        let Some(Value::FirstOf(places, _)) = &source.values[1] else {
            panic!("{source:?}");
        };
        assert_eq!(places[..], [cell(RECORD, 3), cell(4, 0)]);
        let Some(Value::Where { group, value, .. }) = &source.values[2] else {
            panic!("{source:?}");
        };
        assert_eq!(*group, Some(3));
        assert!(matches!(&**value, Value::Text(place) if *place == cell(3, 0)));
    }
}
