//! Values of rows that a row leads to, for the findings that name them: which rows those are is known when all rows have been
//! read, so that the tables that hold them are read once more.

use std::ops::ControlFlow;

use concord_read::ReadError;
use concord_standards::submission::Operand;

use super::late::Late;
use super::plan::{SubmissionPlan, Way};
use super::sources::{Row, Source};
use super::store::{NO_KEY, NO_ROW, Rows};

/// A row: its table and its number in it.
type At = (u32, u32);

/// What findings name of other rows.
#[derive(Debug, Default)]
pub(crate) struct Beyond {
    /// For each way, for each row of the table where it begins, the row at its end. Ways that no finding goes are left out.
    ends: Vec<Option<Vec<u32>>>,
    /// Rows that are named, in order.
    rows: Vec<At>,
    /// Their cells in the columns that are named of their table.
    cells: Vec<Box<[Box<str>]>>,
}

impl Beyond {
    /// Finds the rows that findings name: those of rows by themselves that are yet to be told, and late ones.
    pub(crate) fn of(plan: &SubmissionPlan<'_>, tables: &[Rows], late: &[Late]) -> Self {
        let mut beyond = Self {
            ends: vec![None; plan.ways.len()],
            ..Self::default()
        };
        for found in late {
            for (way, _) in &plan.active(found.rule).beyond {
                beyond.name(plan, tables, *way, found.row);
            }
        }
        for (table, rows) in tables.iter().enumerate() {
            let rules = plan.near[table].iter();
            let mut ways: Vec<usize> = rules
                .flat_map(|rule| &plan.active(*rule).beyond)
                .map(|(way, _)| *way)
                .collect();
            ways.sort_unstable();
            ways.dedup();
            for row in rows.to_be_told() {
                for way in &ways {
                    beyond.name(plan, tables, *way, row);
                }
            }
        }
        beyond.settle();
        beyond.cells = vec![Box::default(); beyond.rows.len()];
        beyond
    }

    /// Notes the row to which another leads.
    fn name(&mut self, plan: &SubmissionPlan<'_>, tables: &[Rows], way: usize, row: u32) {
        const MANY: usize = 1 << 20;
        let path = &plan.ways[way];
        let ends = self.ends[way].get_or_insert_with(|| ends(plan, tables, path));
        let end = ends.get(row as usize).copied().unwrap_or(NO_ROW);
        if end != NO_ROW {
            self.rows.push((path.end as u32, end));
        }
        // What is named again and again is kept once.
        if self.rows.len() >= MANY && self.rows.len().is_power_of_two() {
            self.settle();
        }
    }

    fn settle(&mut self) {
        self.rows.sort_unstable();
        self.rows.dedup();
    }

    /// Reads the cells that are named.
    ///
    /// # Errors
    /// When a table cannot be read to its end.
    pub(crate) fn read(
        &mut self,
        plan: &SubmissionPlan<'_>,
        source: &mut dyn Source,
    ) -> Result<(), ReadError> {
        if self.rows.is_empty() {
            return Ok(());
        }
        let mut wanted = vec![false; plan.named.len()];
        for (table, _) in &self.rows {
            wanted[*table as usize] = true;
        }
        let (rows, cells) = (&self.rows, &mut self.cells);
        source.rows(&|table| wanted[table], &mut |row: &Row<'_>| {
            if let Ok(at) = rows.binary_search(&(row.table as u32, row.number)) {
                let named = plan.named[row.table].iter();
                cells[at] = named.map(|column| row.cell(*column).into()).collect();
            }
            ControlFlow::Continue(())
        })
    }

    /// The value of a column of the row at the end of a way; empty where the row leads nowhere.
    pub(crate) fn value(
        &self,
        plan: &SubmissionPlan<'_>,
        row: u32,
        (way, column): (usize, usize),
    ) -> &str {
        let end = plan.ways[way].end;
        let found = self.ends.get(way).and_then(|ends| {
            let to = *ends.as_ref()?.get(row as usize)?;
            let at = self.rows.binary_search(&(end as u32, to)).ok()?;
            let named = plan.named[end].iter().position(|named| *named == column)?;
            self.cells[at].get(named)
        });
        found.map_or("", |cell| cell)
    }
}

/// For each row of a table the row that it leads to along a way, or [`NO_ROW`]. Of several rows with a key the first is taken.
pub(crate) fn ends(plan: &SubmissionPlan<'_>, tables: &[Rows], way: &Way) -> Vec<u32> {
    let mut table = way.from;
    let mut ends: Vec<u32> = (0..tables[way.from].count).collect();
    for link in &way.path {
        let link = &plan.submission.tables[table].links[*link];
        let (own, theirs): (Vec<usize>, Vec<usize>) = link.columns.iter().copied().unzip();
        let own = plan.kept[table].key_of(&own, false);
        let theirs = plan.kept[link.table].key_of(&theirs, false);
        let Some((own, theirs)) = own.zip(theirs) else {
            ends.fill(NO_ROW);
            return ends;
        };
        let first = tables[link.table].first_of(theirs);
        let hashes = &tables[table].keys[own];
        for end in &mut ends {
            let hash = hashes.get(*end as usize).copied().unwrap_or(NO_KEY);
            *end = first.get(&hash).copied().unwrap_or(NO_ROW);
        }
        table = link.table;
    }
    ends
}

/// The values of other rows among operands: how rows lead there, and the column.
pub(crate) fn ancestors<'o>(
    operands: impl IntoIterator<Item = &'o Operand>,
) -> impl Iterator<Item = (&'o [usize], usize)> {
    operands.into_iter().filter_map(|operand| match operand {
        Operand::Ancestor { path, column } => Some((&**path, *column)),
        _ => None,
    })
}
