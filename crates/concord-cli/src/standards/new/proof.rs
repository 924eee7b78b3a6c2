//! Whether the samples follow the definition that was made of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::ExitCode;

use concord_check::Options;
use concord_finding::{Finding, RuleId};
use concord_read::{Input, Limits};

use crate::failure::{FINDINGS, Failure};
use crate::prepare::{Ask, Standards, Which, Whole};
use crate::terminal;

/// Rules that are listed.
const LISTED: usize = 10;

/// What is left to tell of the samples.
pub(super) struct Left {
    pub(super) told: String,
    pub(super) exit: ExitCode,
}

/// Checks the samples against the definition in `folder`; `None` without samples.
pub(super) fn held(
    samples: &[Input],
    folder: &Path,
    name: &str,
    limits: &Limits,
) -> Result<Option<Left>, Failure> {
    if samples.is_empty() {
        return Ok(None);
    }
    let ask = Ask {
        standard: Some(name),
        schemas: Some(folder),
        ..Ask::default()
    };
    let mut standards = Standards::new(ask, limits)?;
    let threads = terminal::threads(None);
    let options = Options {
        threads,
        ..Options::default()
    };
    let mut found: BTreeMap<RuleId, u64> = BTreeMap::new();
    let mut records = 0;
    for input in samples {
        let whole = Whole::open(input, limits)?;
        let Which::This(prepared) = standards.of(input.name(), &whole.first)? else {
            continue;
        };
        let mut sink = |finding: Finding| {
            *found.entry(finding.rule.id.clone()).or_default() += 1;
            ControlFlow::Continue(())
        };
        let (summary, error) = terminal::pool(threads)?
            .install(|| whole.checked(&prepared, limits, options, &mut sink));
        if let Some(error) = error {
            return Err(error.into());
        }
        records += summary.records.records;
    }
    let mut told = String::new();
    // Writing to a `String` does not fail.
    if found.is_empty() {
        let _ = writeln!(
            told,
            "The samples follow it: {records} records, no findings."
        );
        return Ok(Some(Left {
            told,
            exit: ExitCode::SUCCESS,
        }));
    }
    let _ = writeln!(
        told,
        "The samples have mistakes that no definition takes away ({records} records):"
    );
    for (rule, count) in found.iter().take(LISTED) {
        let times = if *count == 1 { "once" } else { "times" };
        let count = if *count == 1 {
            String::new()
        } else {
            format!("{count} ")
        };
        let _ = writeln!(told, "  {rule} {count}{times}");
    }
    if found.len() > LISTED {
        let _ = writeln!(told, "  and {} more rules", found.len() - LISTED);
    }
    Ok(Some(Left {
        told,
        exit: ExitCode::from(FINDINGS),
    }))
}
