//! Tables: rows of delimited text or of fixed width, checked against the columns of a layout.
//!
//! | module | does |
//! |---|---|
//! | `plan` | a layout made ready to check with: what each column takes, which rule speaks for it |
//! | `form` | delimited text and fixed width as one |
//! | `header` | the row of names: which cell is which column, and what is wrong with it |
//! | `row` | one row: its cells against their columns |
//! | `suspect` | a row with several faults that are really one: a repeated header, totals, cells moved aside |
//! | `chunk` | the rows of one chunk, then the rules, then places for what was found |
//! | `merge` | chunks in order: lines, row numbers, the account |
//!
//! An empty cell is an absent element. Values that only carry damage (blanks around them, a currency sign) are told of and
//! go to the rules repaired, so that one slip gives one finding.

mod chunk;
mod form;
mod header;
mod merge;
mod pipeline;
mod plan;
mod row;
mod rows_index;
mod suspect;

pub use header::{HeaderRow, header_row};
pub use pipeline::{TableInput, check_table};
pub use plan::{FieldRules, TablePlan};
