//! Where the rows of a submission come from.

mod files;
mod memory;
mod seen;
mod xml;

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_read::ReadError;

use crate::catalogue::BuiltinRule;

pub use files::TableFiles;
pub use memory::TablesInMemory;
pub use seen::{seen_in_document, seen_in_table, stem};
pub use xml::XmlTables;

/// A row of a table.
#[derive(Debug, Clone)]
pub struct Row<'r> {
    /// The table.
    pub table: usize,
    /// Its number in the table, from 0.
    pub number: u32,
    /// The line on which it begins, from 1.
    pub line: u64,
    /// Bytes before it in its input.
    pub offset: u64,
    /// Bytes up to its end.
    pub end: u64,
    /// The texts of its columns, in the order of the standard; an empty one is absent.
    pub cells: &'r [Cow<'r, str>],
    /// What is wrong with it as a row of its carrier.
    pub(crate) fault: Option<Fault>,
}

/// What is wrong with a row as a row of its carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) rule: BuiltinRule,
    /// Cells that the row has, and should have.
    pub(crate) cells: (usize, usize),
    /// The column that it is about.
    pub(crate) column: Option<String>,
}

impl Row<'_> {
    /// The text of a column; empty when there is no such column.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", |cell| cell)
    }
}

/// Something that is not as published: a file that is no table, a column that is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The file.
    pub file: Arc<str>,
    /// What is wrong, in words.
    pub problem: String,
}

/// Tables that can be read several times.
pub trait Source {
    /// Gives every row of the wanted tables. Those of one table come in their order, and have the same numbers every time.
    ///
    /// # Errors
    /// [`ReadError`] when an input cannot be read to its end.
    fn rows(
        &mut self,
        wanted: &dyn Fn(usize) -> bool,
        each: &mut dyn FnMut(&Row<'_>) -> ControlFlow<()>,
    ) -> Result<(), ReadError>;
    /// The name of the whole.
    fn name(&self) -> Arc<str>;
    /// The name of the input that holds a table.
    fn file(&self, table: usize) -> Arc<str>;
    /// The name of a table in the account: that of its input, where each has its own.
    fn name_of(&self, table: usize) -> String {
        self.file(table).to_string()
    }
    /// Whether there is an input for a table.
    fn has(&self, table: usize) -> bool;
    /// What is not as published.
    fn misfits(&mut self) -> Vec<Misfit>;
}
