//! Which row of a table above a row lies in.

use std::borrow::Cow;

use concord_check::capture::Captured;

use crate::ruleset::RuleSet;

/// For the rows of one table, the rows of the tables above it.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    own: usize,
    /// For each table above, from the inside out: its number, and the row for each own row.
    above: Vec<(usize, Vec<u32>)>,
    depth: usize,
}

impl Rows {
    /// Works them out for a table.
    pub(crate) fn of(&mut self, rules: &RuleSet, captured: &Captured, table: usize) {
        self.own = table;
        self.depth = 0;
        let mut below = table;
        while let Some(parent) = rules.tables[below].parent {
            if self.above.len() == self.depth {
                self.above.push((0, Vec::new()));
            }
            let (known, current) = self.above.split_at_mut(self.depth);
            let (number, rows) = &mut current[0];
            *number = parent;
            rows.clear();
            let parents = &captured.groups[below].parents;
            match known.last() {
                None => rows.extend_from_slice(parents),
                Some((_, inner)) => rows.extend(inner.iter().map(|&row| parents[row as usize])),
            }
            self.depth += 1;
            below = parent;
        }
    }

    /// The rows of a table above, one for each own row; `None` when it is the own table.
    pub(crate) fn in_table(&self, table: usize) -> Option<&[u32]> {
        self.above[..self.depth]
            .iter()
            .find(|(number, _)| *number == table)
            .map(|(_, rows)| rows.as_slice())
    }

    /// The row of a table above (or of the own table) that a row lies in.
    pub(crate) fn above(&self, table: usize, row: usize) -> usize {
        match self.in_table(table) {
            Some(rows) => rows[row] as usize,
            None => row,
        }
    }
}

/// For the rows of `table`, the rows of the table `above` that they lie in.
pub(crate) fn lying_in<'c>(
    rules: &RuleSet,
    captured: &'c Captured,
    table: usize,
    above: usize,
) -> Cow<'c, [u32]> {
    let mut rows = Cow::Borrowed(captured.groups[table].parents.as_slice());
    let mut parent = rules.tables[table].parent;
    while let Some(reached) = parent.filter(|&reached| reached != above) {
        let parents = &captured.groups[reached].parents;
        rows = rows.iter().map(|&row| parents[row as usize]).collect();
        parent = rules.tables[reached].parent;
    }
    rows
}

/// The row of the table `above` that a row of `table` lies in.
pub(crate) fn climb(
    rules: &RuleSet,
    captured: &Captured,
    mut table: usize,
    mut row: usize,
    above: usize,
) -> usize {
    while table != above {
        let Some(parent) = rules.tables[table].parent else {
            break;
        };
        row = captured.groups[table].parents[row] as usize;
        table = parent;
    }
    row
}
