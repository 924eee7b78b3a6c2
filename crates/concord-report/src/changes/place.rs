//! Where both sides say what a change is about.

use concord_gate::change::{Change, Side};

use super::JudgedComparison;

/// A line of a definition file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FilePlace {
    pub(super) side: Side,
    pub(super) file: String,
    /// From 1; `None` when it is not known.
    pub(super) line: Option<u32>,
}

/// Where the new side says it, else where the old one did.
pub(super) fn of(comparison: &JudgedComparison, change: &Change) -> Option<FilePlace> {
    on(comparison, change, Side::New).or_else(|| on(comparison, change, Side::Old))
}

/// Where a side says it.
pub(super) fn on(comparison: &JudgedComparison, change: &Change, side: Side) -> Option<FilePlace> {
    let (origin, root) = match side {
        Side::New => (&change.new_origin, &comparison.new.root),
        Side::Old => (&change.old_origin, &comparison.old.root),
    };
    let origin = origin.as_ref().filter(|origin| !origin.file.is_empty())?;
    Some(FilePlace {
        side,
        file: format!("{root}{}", origin.file),
        line: (origin.line > 0).then_some(origin.line),
    })
}

impl FilePlace {
    /// `schemas/cds/6-3-1/structure.toml:12`.
    pub(super) fn shown(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.file),
            None => self.file.clone(),
        }
    }
}
