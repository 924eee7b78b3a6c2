//! A copy is written, checked, and written again without the fixes that did harm.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use concord_check::Options;
use concord_read::{Input, Limits, open};
use tempfile::NamedTempFile;

use super::copy::{CopyError, copy};
use super::looked::{self, Looked};
use super::sorted::beyond;
use super::spool::Change;
use super::{folder_of, unwritten};
use crate::failure::Failure;
use crate::prepare::{Prepared, Whole};

/// Times that fixes of single records are taken back before all are.
const MOST_ROUNDS: usize = 4;

/// Records whose fixes are taken back singly; with more, all are.
const MOST_RECORDS: usize = 1 << 16;

/// Fixes that are taken back.
#[derive(Debug, Default)]
pub(super) struct Back {
    records: BTreeSet<u64>,
    all: bool,
}

impl Back {
    /// Whether a fix is taken back.
    pub(super) fn takes(&self, change: &Change) -> bool {
        self.all || self.records.contains(&change.record)
    }
}

/// The rounds of one input.
pub(super) struct Rounds<'r> {
    pub(super) limits: &'r Limits,
    pub(super) options: Options,
    pub(super) prepared: &'r Prepared,
    pub(super) input: &'r Input,
    /// Where the copy is to stand.
    pub(super) target: &'r Path,
    /// What the input came to.
    pub(super) before: Looked,
}

impl Rounds<'_> {
    /// A copy that has no finding which the input has not, and the fixes that are not in it.
    pub(super) fn copied(&mut self) -> Result<(NamedTempFile, Back), Failure> {
        let mut back = Back::default();
        for _ in 0..MOST_ROUNDS {
            let copied = self.copy(&back)?;
            if self.before.spool.count == 0 {
                return Ok((copied, back));
            }
            let Some(harmed) = self.harmed(&copied)? else {
                back.all = true;
                break;
            };
            if harmed.is_empty() {
                return Ok((copied, back));
            }
            if !self.all_fixed(&harmed, &back)? {
                // What was fixed did harm elsewhere.
                back.all = true;
                break;
            }
            back.records.extend(harmed);
        }
        back.all = true;
        Ok((self.copy(&back)?, back))
    }

    fn copy(&mut self, back: &Back) -> Result<NamedTempFile, Failure> {
        let target = self.target;
        let unwritten = |error: io::Error| unwritten(target, &error);
        let opened = open(self.input, self.limits)?;
        let copied = beside(target).map_err(unwritten)?;
        let mut out = BufWriter::new(&copied);
        let changes = self.before.spool.read().map_err(unwritten)?;
        let kept = changes.filter(|change| !matches!(change, Ok(change) if back.takes(change)));
        let bytes = copy(opened, kept, &mut out).map_err(|error| match error {
            CopyError::Write(error) => unwritten(error),
            other => Failure::unreadable(format!("{}: {other}", self.input.name())),
        })?;
        out.flush().map_err(unwritten)?;
        drop(out);
        if bytes != self.before.bytes {
            return Err(Failure::unreadable(format!(
                "{}: {}",
                self.input.name(),
                CopyError::Changed
            )));
        }
        Ok(copied)
    }

    /// Records of which something is wrong in the copy that is not in the input; `None` when they are too many, or when the
    /// copy has other records than the input.
    fn harmed(&mut self, copied: &NamedTempFile) -> Result<Option<BTreeSet<u64>>, Failure> {
        let target = self.target;
        let unwritten = |error: io::Error| unwritten(target, &error);
        let written = Input::file(copied.path());
        let mut whole = Whole::open(&written, self.limits)?;
        whole.name = self.input.name();
        let folder = folder_of(target);
        let mut after = looked::look(whole, self.prepared, self.limits, self.options, folder)
            .map_err(unwritten)?;
        if let Some(failure) = after.failure {
            return Err(failure);
        }
        if after.records != self.before.records {
            return Ok(None);
        }
        let mut harmed = BTreeSet::new();
        beyond(&mut after.findings, &mut self.before.findings, |record| {
            if harmed.len() <= MOST_RECORDS {
                harmed.insert(record);
            }
        })
        .map_err(unwritten)?;
        Ok((harmed.len() <= MOST_RECORDS).then_some(harmed))
    }

    /// Whether all of these records have fixes that are not taken back yet.
    fn all_fixed(&mut self, records: &BTreeSet<u64>, back: &Back) -> Result<bool, Failure> {
        let target = self.target;
        let unwritten = |error: io::Error| unwritten(target, &error);
        let mut left = records.clone();
        for change in self.before.spool.read().map_err(unwritten)? {
            let change = change.map_err(unwritten)?;
            if !back.takes(&change) {
                left.remove(&change.record);
            }
        }
        Ok(left.is_empty())
    }
}

/// A file beside a target that goes when it does not take its place, with the rights that a new file has.
fn beside(target: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let name = format!(".concord-{}-", std::process::id());
    builder
        .prefix(&name)
        .suffix(".part")
        .tempfile_in(folder_of(target))
}
