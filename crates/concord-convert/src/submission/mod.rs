//! Submissions of many tables, converted while they are checked.
//!
//! | module | does |
//! |---|---|
//! | [`extract`] | what the national system gives back of a submission, written from its tables |
//! | `feed` | where the cells of a row go among what a conversion asks for |
//! | `line` | lines of delimited text |
//! | `plan` | what becomes of each table: its own columns, typed or as texts, or rows of the canonical model |
//! | `rows` | [`SubmissionRows`]: rows in while they are checked, Arrow batches out |
//!
//! Every row is a record, numbered within its table. What rules about several rows find is known when all tables have been read; what
//! was written before is then revised, as for every other input whose records are rejected late.

pub mod extract;
mod feed;
mod line;
mod plan;
mod rows;

pub use plan::SubmissionConversion;
pub use rows::SubmissionRows;
