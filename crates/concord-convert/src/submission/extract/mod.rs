//! What the national system gives back of a submission, and to whom: extracts, written from the tables of a submission.
//!
//! | module | does |
//! |---|---|
//! | `layout` | which tables and columns an extract has, and where their values come from: `extracts/` beside a standard |
//! | `stored` | the tables of a submission as a lake holds them, texts as they came |
//! | `kin` | the rows that rows lead to |
//! | `derived` | values that nobody submits |
//! | `payers` | which commissioners get which rows |
//! | `files` | the files of one table, one for each who gets rows of it |
//! | `write` | the whole of it |
//!
//! What can be worked out of the submission alone is; every other column is empty, and told of as lost.

mod derived;
mod files;
mod kin;
mod layout;
mod payers;
mod stored;
mod write;

pub use layout::{Extract, ExtractLayouts};
pub use write::{ExtractWritten, Placed, write_extract};
