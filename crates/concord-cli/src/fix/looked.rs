//! An input checked for its fixes.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

use concord_check::Options;
use concord_finding::Finding;
use concord_read::Limits;

use super::sorted::{Pair, Sorted, Sorting};
use super::spool::{Change, Spool, Spooling};
use crate::failure::Failure;
use crate::prepare::{Prepared, Whole};

/// What a check of an input came to.
pub(super) struct Looked {
    /// Why it could not be read to its end, if so.
    pub(super) failure: Option<Failure>,
    /// Records in it.
    pub(super) records: u64,
    /// Bytes of it as they are decoded.
    pub(super) bytes: u64,
    /// Its fixes.
    pub(super) spool: Spool,
    /// What its findings are about, and their records.
    pub(super) findings: Sorted,
}

/// Checks an input. What does not fit into memory goes to files without a name in `folder`.
pub(super) fn look(
    whole: Whole<'_>,
    prepared: &Prepared,
    limits: &Limits,
    options: Options,
    folder: &Path,
) -> io::Result<Looked> {
    let (mut spool, mut findings) = (Spooling::new(folder)?, Sorting::new(folder));
    let mut failed = None;
    let mut sink = |finding: Finding| {
        let kept = findings.push(about(&finding));
        let kept = kept.and_then(|()| match Change::of(&finding) {
            Some(change) => spool.push(&change),
            None => Ok(()),
        });
        match kept {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        }
    };
    let (summary, error) = whole.checked(prepared, limits, options, &mut sink);
    if let Some(error) = failed {
        return Err(error);
    }
    let unreadable = || {
        let reason = summary.unreadable.as_ref()?;
        Some(Failure::unreadable(format!("{}: {reason}", summary.file)))
    };
    Ok(Looked {
        failure: error.map(Failure::from).or_else(unreadable),
        records: summary.records.records,
        bytes: summary.bytes,
        spool: spool.finish()?,
        findings: findings.finish()?,
    })
}

/// What a finding is about as a number: its rule, record and path; and its record, 0 outside of records.
fn about(finding: &Finding) -> Pair {
    let record = finding.record.unwrap_or(0);
    let mut hasher = DefaultHasher::new();
    (record, &*finding.rule.id, finding.path.as_deref()).hash(&mut hasher);
    (hasher.finish(), record)
}
