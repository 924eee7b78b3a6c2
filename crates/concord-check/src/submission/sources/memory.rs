//! Tables in memory, for examples and tests.

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_read::ReadError;

use super::{Misfit, Row, Source};

/// Rows by table.
#[derive(Debug, Clone, Default)]
pub struct TablesInMemory {
    /// For each table its rows, each a text for each column.
    pub tables: Vec<Vec<Vec<String>>>,
}

impl Source for TablesInMemory {
    fn rows(
        &mut self,
        wanted: &dyn Fn(usize) -> bool,
        each: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        for (table, rows) in self.tables.iter().enumerate() {
            if !wanted(table) {
                continue;
            }
            for (number, row) in (0u32..).zip(rows) {
                let cells: Vec<Cow<'_, str>> =
                    row.iter().map(|cell| Cow::Borrowed(&**cell)).collect();
                let row = Row {
                    table,
                    number,
                    line: u64::from(number) + 1,
                    offset: 0,
                    end: 0,
                    cells: &cells,
                    fault: None,
                };
                if each(&row).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn name(&self) -> Arc<str> {
        self.file(0)
    }

    fn file(&self, _: usize) -> Arc<str> {
        "in memory".into()
    }

    fn has(&self, table: usize) -> bool {
        self.tables.get(table).is_some_and(|rows| !rows.is_empty())
    }

    fn misfits(&mut self) -> Vec<Misfit> {
        Vec::new()
    }
}
