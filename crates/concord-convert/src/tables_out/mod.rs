//! Canonical records as the text of a tabular standard, delimited or of fixed width: its mapping read backwards.
//!
//! | module | does |
//! |---|---|
//! | `backwards` | which canonical field stands in which column, and which rows of an entity go where |
//! | `bound` | canonical rows that go into columns, and what of them does not |
//! | `column` | a value in the form of its column |
//! | `extract` | layouts of extracts that no definition describes, such as those of SUS+ |
//! | `lines` | the lines of a table, delimited or of fixed width |
//! | `texts` | the texts of columns of canonical rows |
//! | `writer` | [`TableWriter`]: records in, rows out, and what had no place |
//! | [`aggregate`] | contract lines added up |
//! | [`priced`] | contract lines of activity and a list of prices |
//!
//! A mapping whose only row stands at the record makes a line of each canonical row; any other makes a line of each
//! record. Data files are data: what a spreadsheet would run as a formula is left as it is.

pub mod aggregate;
mod backwards;
mod bound;
mod column;
mod extract;
mod lines;
pub mod priced;
pub(crate) mod texts;
mod writer;

pub use backwards::TableOutError;
pub use extract::{ExtractError, ExtractLayout};
pub use writer::{TableWriter, TableWritten};
