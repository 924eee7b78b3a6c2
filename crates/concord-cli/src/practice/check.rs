//! `concord practice check`: every rule that batches break, without applying them.

use std::io::stdout;
use std::process::ExitCode;

use concord_finding::Summary;
use concord_practice::{Before, ErrorKind, Judge, Store, System, batches};
use concord_read::{Limits, expand};
use concord_report::{Options, reporter};

use super::arguments::CheckBatches;
use crate::check::unwritten;
use crate::failure::{FINDINGS, Failure};
use crate::terminal;

/// Judges batches in their order.
pub(super) fn run(arguments: &CheckBatches, systems: &[System]) -> Result<ExitCode, Failure> {
    let inputs = expand(&arguments.batches, &Limits::default())?;
    let found = batches(systems, &inputs)?;
    let store = match arguments.store.as_deref().map(Store::open) {
        Some(Ok(store)) => Some(store),
        Some(Err(error)) if !matches!(error.kind(), ErrorKind::Absent { .. }) => {
            return Err(error.into());
        }
        _ => None,
    };
    let before = match (&store, &arguments.store) {
        (Some(store), _) => Before::Store(store),
        (None, Some(_)) => Before::Nothing,
        (None, None) => Before::Unknown,
    };
    let mut judge = Judge::new(found.system, before)?;
    let options = Options {
        colour: terminal::colour(),
        width: terminal::width(),
        ..Options::default()
    };
    let mut report = reporter(arguments.format, options, Box::new(stdout()));
    let mut summary = Summary::default();
    let mut refused = false;
    for batch in &found.batches {
        let mut failed = None;
        let judged = judge.batch(batch, &mut |finding| {
            summary.count(&finding);
            if failed.is_none() {
                failed = report.finding(&finding).err();
            }
        })?;
        if let Some(error) = failed {
            return Err(unwritten(&error));
        }
        refused |= !judged.taken;
        summary.files.extend(judged.files);
    }
    summary.not_run = judge.not_run();
    report.finish(&summary).map_err(|error| unwritten(&error))?;
    Ok(if refused {
        ExitCode::from(FINDINGS)
    } else {
        ExitCode::SUCCESS
    })
}
