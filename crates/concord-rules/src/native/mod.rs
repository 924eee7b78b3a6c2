//! Checks that are about the carrier and the submission rather than about values: native and typed.

mod cross;
mod intervals;
pub(crate) mod leak;
mod run;
mod seen;

pub use cross::{ChunkSummary, CrossBroken, SubmissionState};
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
        cell: Cell,
    },
    SubmissionSequence {
        cell: Cell,
        per: Vec<Cell>,
        greatest: u64,
    },
}
