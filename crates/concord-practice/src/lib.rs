//! Extracts of practice systems: batches that follow one another, and the state that they leave behind.
//!
//! | part | does |
//! |---|---|
//! | [`System`] | what an `extract.toml` says: names of files, keys, deletions, what is a bulk |
//! | [`batches`] | inputs put together as batches, in their order |
//! | [`Store`] | a folder with every row that was ever sent and the latest state, as Parquet |
//! | [`Judge`] | tells every rule that batches break, without applying them |
//! | [`Store::apply`] | takes a batch, whole or not at all, once, and only where it follows on |
//! | [`Store::latest`] | brings the latest state of a table up to date |
//! | [`Store::write`] | writes that state as the files of an extract |
//! | [`Store::verify`] | counts everything again |
//! | [`Reports`] | what comes out of it: facts of each system, and the reports that are made of them, as queries |
//! | [`Table`] | the latest state of a table, or a file that was given beside it, as queries see it |
//!
//! It must never know a system by name, judge values (`concord check` does), print, or show what a row says in an error.

mod agreement;
mod apply;
mod batch;
mod bulk;
mod day;
mod demands;
mod error;
mod extract;
mod follow;
mod given;
mod judge;
mod kept;
mod key;
mod latest;
mod ledger;
mod live;
mod period;
mod reading;
mod reference;
mod report;
mod rows;
mod rule;
mod segment;
mod store;
mod table;
mod telling;
mod verify;
mod written;

pub use apply::{AcceptGap, Applied, Outcome};
pub use batch::{Batch, Batches, batches};
pub use error::{Class, Error, ErrorKind, ManifestProblem, Mixture, RowProblem};
pub use extract::System;
pub use judge::{Before, Judge, Judged};
pub use latest::LatestTable;
pub use report::{Fact, Given, Output, Report, Reports};
pub use rule::{ExtractRule, rules};
pub use store::Store;
pub use table::{Batches as TableBatches, Table};
pub use verify::{Behind, Difference, TableCount, Verified};
