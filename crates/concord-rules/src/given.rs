//! What rules look things up in besides the data: code lists and reference data.

use std::fmt;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use concord_check::submission::Parameters;

use crate::code_lists::CodeLists;
use crate::row_index::RowIndexes;

/// Reference data as rules see them: organisations, practices, postcodes.
pub trait Reference: fmt::Debug + Send + Sync {
    /// Whether a code is in force in a table on a day (days since 1970-01-01), or on any day when none is given;
    /// `None` when there is no such table.
    fn is_live(&self, table: &str, code: &str, date: Option<i32>) -> Option<bool>;

    /// Whether a code is in force on a day, or so many months before or after it: its first day counts months earlier, its last
    /// day months later, the last of the month where that has no such day. `None` when the table does not know.
    fn is_live_within(&self, table: &str, code: &str, date: i32, months: i32) -> Option<bool> {
        let _ = (table, code, date, months);
        None
    }

    /// A table as SQL sees it; `None` when there is no such table.
    fn table(&self, name: &str) -> Option<ReferenceTable>;

    /// A table for its columns, of which the first is its key. Its rows need not be there.
    fn without_rows(&self, name: &str) -> Option<ReferenceTable> {
        self.table(name)
    }

    /// The columns of a table that hold the first and the last day on which a row is in force; `None` when its rows say no days.
    fn days_in_force(&self, table: &str) -> Option<[&'static str; 2]>;
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
    /// What the user says of submissions.
    pub(crate) parameters: Arc<Parameters>,
    /// The day (since 1970-01-01) as at which codes are looked up where a rule says no day of its own.
    pub(crate) as_at: Option<i32>,
    pub(crate) row_indexes: Arc<RowIndexes>,
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

    /// Why a reference table cannot be asked about months before and after a day; `None` when it can.
    pub(crate) fn lacks_periods(&self, table: &str) -> Option<String> {
        self.lacks(table).or_else(|| {
            let reference = self.reference.as_ref()?;
            let known = reference.is_live_within(table, "", 0, 0);
            known.is_none().then(|| {
                format!("the table `{table}` is not looked up with months before and after a day")
            })
        })
    }
}
