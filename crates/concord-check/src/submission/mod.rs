//! Submissions of many tables: which rows, groups of rows and submissions are taken, as national validation decides it.
//!
//! | module | does |
//! |---|---|
//! | `plan` | the rules of a run: those of a profile that can be run, and what they want of each table |
//! | `row` | rules about single rows |
//! | `moments` | days, moments and months to compare |
//! | `store` | what is kept of every row: keys, moments, and by which rule it was rejected first |
//! | `across` | rules about several rows and tables |
//! | `beyond` | values of rows that a row leads to, for the findings that name them |
//! | `window` | whether the portal takes the reporting period when it is submitted |
//! | `diagnostics` | what the national summary report counts beyond findings and rows |
//! | `late` | what such rules found, until the rows are read again to tell it |
//! | `told` | findings, with the values that they name |
//! | `run` | the whole of it |
//! | `sources` | tables in files of delimited text, in one XML document, in memory |
//! | `cases` | examples of rules |
//!
//! Rows are read twice. The first time each is judged by itself, and little of it is kept: a hash of each key and the moments that
//! other rows are compared with, 8 bytes each. Then come the rules about several rows (all rows count, rejected ones too), then the
//! referential rules in their order, each of which sees the rows that are still valid. The second time, the tables in which such
//! rules found something are read again to tell it with the row's own values. So memory is a few dozen bytes for each row,
//! whatever stands in it. Keys are compared by 64-bit hashes: that two keys of a submission of five million rows are taken for
//! the same is less likely than one in a million.

mod across;
mod beyond;
mod cases;
mod diagnostics;
mod late;
mod moments;
mod plan;
mod row;
mod run;
mod sources;
mod store;
mod told;
mod window;

pub use cases::{CaseFailure, prove};
pub use diagnostics::Counted;
pub use moments::day;
pub use plan::{Parameters, SubmissionPlan};
pub use run::{CheckedSubmission, Found, Taker, check_and_take, check_submission};
pub use sources::{
    Misfit, Row, Source, TableFiles, TablesInMemory, XmlTables, seen_in_document, seen_in_table,
    stem,
};
pub use window::Submitted;

/// Reference data, as rules about codes in force ask them.
pub trait Lookup: Sync {
    /// Whether reference data have a code in force on a day (days since 1970), or at all. `None`: there are none of that name.
    fn is_live(&self, table: &str, code: &str, day: Option<i32>) -> Option<bool>;
}
