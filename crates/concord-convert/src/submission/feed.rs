//! Where the cells of a row go among what a conversion asks for.

use concord_check::capture::{CapturePath, CapturePlan, Captured};
use concord_check::submission::Row;
use concord_standards::layout::TableLayout;

/// What the rows of one table fill.
#[derive(Debug)]
pub(super) struct Feed {
    groups: Vec<GroupFeed>,
}

/// A captured table that gets a row for each row, or for each row in which a column is filled.
#[derive(Debug)]
struct GroupFeed {
    group: usize,
    parent: Option<usize>,
    when: Option<usize>,
    /// Captured columns, and the columns that fill them.
    columns: Vec<(usize, usize)>,
}

impl Feed {
    /// What rows of `table` fill of a plan. Paths are those of a structure that is made of tables: root, table, column.
    pub(super) fn new(plan: &CapturePlan, table: &TableLayout) -> Self {
        let mut groups = Vec::new();
        for (group, asked) in plan.groups.iter().enumerate() {
            let seats: Vec<Option<usize>> = asked
                .paths
                .iter()
                .filter_map(|path| seat(table, path))
                .collect();
            let filled = asked.columns.iter().enumerate();
            let columns = filled.filter_map(|(captured, column)| {
                let mut paths = column.paths.iter();
                let own = paths.find_map(|path| seat(table, path).flatten())?;
                Some((captured, own))
            });
            let columns: Vec<(usize, usize)> = columns.collect();
            for when in seats {
                let own = |(_, column): &&(usize, usize)| when.is_none_or(|when| when == *column);
                groups.push(GroupFeed {
                    group,
                    parent: asked.parent,
                    when,
                    columns: columns.iter().filter(own).copied().collect(),
                });
            }
        }
        Self { groups }
    }

    /// Captures a row as the record of a number; its texts are added to the chunk.
    pub(super) fn add(
        &self,
        row: &Row<'_>,
        record: u32,
        chunk: &mut Vec<u8>,
        captured: &mut Captured,
    ) {
        let offset = chunk.len() as u32;
        let starts: Vec<u32> = row
            .cells
            .iter()
            .map(|cell| {
                let start = chunk.len() as u32;
                chunk.extend_from_slice(cell.as_bytes());
                start
            })
            .collect();
        for feed in &self.groups {
            if feed.when.is_some_and(|when| row.cell(when).is_empty()) {
                continue;
            }
            let parent = match feed.parent {
                // The row of the group above was added just before.
                Some(parent) => captured.groups[parent].len().saturating_sub(1),
                None => captured.groups[feed.group].len(),
            };
            let number = captured.add_row(feed.group, parent as u32, record, offset);
            for &(column, own) in &feed.columns {
                let length = row.cell(own).len() as u32;
                if length > 0 {
                    captured.put_span(feed.group, number, column, starts[own], length);
                }
            }
        }
    }
}

/// What a path names of a table: the table itself, or one of its columns.
#[allow(clippy::option_option)] // the outer one says that it names something of the table
fn seat(table: &TableLayout, path: &CapturePath) -> Option<Option<usize>> {
    match &path[..] {
        [_, name] if *name == table.name => Some(None),
        [_, name, column] if *name == table.name => {
            let mut fields = table.fields.iter();
            fields.position(|field| field.column == *column).map(Some)
        }
        _ => None,
    }
}
