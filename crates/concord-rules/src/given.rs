//! What rules look things up in besides the data: code lists and reference data.

use std::fmt;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::code_lists::CodeLists;

/// Reference data as rules see them: organisations, practices, postcodes.
pub trait Reference: fmt::Debug + Send + Sync {
    /// Whether a code is in force in a table on a day (days since 1970-01-01), or on any day when none is given;
    /// `None` when there is no such table.
    fn is_live(&self, table: &str, code: &str, date: Option<i32>) -> Option<bool>;

    /// A table as SQL sees it; `None` when there is no such table.
    fn table(&self, name: &str) -> Option<ReferenceTable>;
}

/// A table of reference data.
#[derive(Debug, Clone)]
pub struct ReferenceTable {
    /// Its columns.
    pub schema: SchemaRef,
    /// Its rows.
    pub batches: Vec<RecordBatch>,
}

/// What a set of rules is given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    pub(crate) code_lists: Arc<CodeLists>,
    pub(crate) reference: Option<Arc<dyn Reference>>,
}

impl Given {
    /// Why a reference table cannot be used; `None` when it can.
    pub(crate) fn lacks(&self, table: &str) -> Option<String> {
        match &self.reference {
            None => Some(format!(
                "no reference data were given, and it needs the table `{table}`"
            )),
            Some(reference) if reference.is_live(table, "", None).is_none() => {
                Some(format!("the reference data have no table `{table}`"))
            }
            Some(_) => None,
        }
    }
}
