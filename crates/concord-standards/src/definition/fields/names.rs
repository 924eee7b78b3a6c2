//! The names of columns alone, which is what recognising a header row needs of every standard.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{COLUMNS, Cell, aliases};
use crate::definition::csv_rows::rows;
use crate::definition::load::{Loading, join};
use crate::definition::standard::StandardInfo;
use crate::layout::{Headers, Mandation, TableHeaders};
use crate::source::Source;

/// The names of the columns of a tabular standard and how they are spelt.
#[derive(Debug)]
pub(crate) struct ColumnNames {
    /// For each table its columns and whether they must be filled.
    pub(crate) tables: Vec<Vec<(Arc<str>, Mandation)>>,
    aliases: BTreeMap<String, Arc<str>>,
}

impl ColumnNames {
    pub(crate) fn headers(&self) -> Headers<'_> {
        let columns = |table: &'_ Vec<(Arc<str>, Mandation)>| TableHeaders {
            columns: table.iter().map(|(column, _)| Arc::clone(column)).collect(),
        };
        Headers {
            tables: self.tables.iter().map(columns).collect(),
            aliases: &self.aliases,
        }
    }
}

/// Reads the names; `None` when the files of the standard are wrong, which is told when the standard is asked for.
pub(crate) fn read_names(source: &dyn Source, info: &StandardInfo) -> Option<ColumnNames> {
    let mut loading = Loading::new(source);
    let mut tables = vec![Vec::new(); info.tables.len()];
    let text = loading.open(&join(&info.folder, "fields.csv"))?;
    let mut problems = Vec::new();
    for row in rows(&text, COLUMNS, &mut problems) {
        let name = row.text(Cell::Table);
        let table = info
            .tables
            .iter()
            .position(|table| &*table.name == name)
            .or((name.is_empty() && tables.len() == 1).then_some(0))?;
        let mandation = Mandation::from_letter(row.text(Cell::Mandation))?;
        tables[table].push((Arc::from(row.text(Cell::Column)), mandation));
    }
    let columns = tables.iter().flatten().map(|(column, _)| column);
    let aliases = aliases::read(info, columns, &mut loading);
    (problems.is_empty() && loading.problems.is_empty()).then_some(ColumnNames { tables, aliases })
}
