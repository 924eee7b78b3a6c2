//! Checks that are about the carrier, the submission and its records as a whole rather than about one row: native and typed.

mod across;
mod consistent;
mod cross;
mod exists;
mod hash;
mod keys;
pub(crate) mod leak;
mod log;
mod outside;
mod run;
mod sorter;
mod unique;

use concord_standards::rules::Keep;

use across::{Here, Key};
pub use cross::{ChunkSummary, CrossBroken, SubmissionState};
pub(crate) use hash::Hasher;
pub use run::{Run, RunBroken};

use crate::tables::Cell;

/// A rule across records or submissions.
#[derive(Debug)]
pub(crate) struct Cross {
    pub(crate) rule: u32,
    pub(crate) check: CrossCheck,
}

/// What it checks.
#[derive(Debug)]
pub(crate) enum CrossCheck {
    RecordCount {
        cell: Cell,
    },
    Sequence {
        cell: Cell,
        greatest: u64,
    },
    Unique {
        of: Look,
        keep: Keep,
    },
    Consistent {
        /// The cells in which the records agree.
        of: Look,
        /// The cell that holds one value only.
        cell: Cell,
    },
    Exists {
        of: Look,
        within: Look,
    },
    SubmissionSequence {
        cell: Cell,
        per: Vec<Cell>,
        greatest: u64,
    },
}

/// Which rows of a table a rule looks at, and which values of them.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) table: usize,
    pub(crate) cells: Vec<Cell>,
    /// The output of the table that must be true; all rows without it.
    pub(crate) when: Option<usize>,
}
