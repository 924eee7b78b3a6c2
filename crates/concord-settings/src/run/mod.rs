//! The findings of an earlier run, from the report that it wrote as `json` or `ndjson`.

mod known;
mod report;

use std::io;

pub use known::{Class, Known};
pub use report::{Entry, read};

/// Why a report cannot stand for a run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Io(#[source] io::Error),
    /// It is not what `concord check` writes.
    #[error("line {line}, column {column}: {reason}")]
    NotAReport {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        reason: String,
    },
    /// It has no summary, which stands last.
    #[error("it has no summary, so it is not whole")]
    CutShort,
    /// Findings were left out of it.
    #[error("{0} of its findings were left out when it was written")]
    LeftOut(u64),
}

impl RunError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Io(_) => "give a file that `concord check --format json -o FILE` wrote",
            Self::NotAReport { .. } => {
                "give a report that `concord check` wrote with --format json or ndjson"
            }
            Self::CutShort => "write the report again with `concord check --format json -o FILE`",
            Self::LeftOut(_) => {
                "write the report again without --max-findings and without --baseline"
            }
        }
    }
}
