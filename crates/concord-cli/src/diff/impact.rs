//! What a change does to submissions that the user has: records that one side takes and the other does not.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_finding::Finding;
use concord_gate::change::Side;
use concord_gate::subject::Subject;
use concord_read::{Input, Limits, expand};
use concord_report::changes::{Impact, ProviderImpact};

use super::checker::Pipelines;
use crate::failure::Failure;
use crate::terminal;

/// Why submissions cannot be checked.
pub(super) fn no_checker(old: &Subject, new: &Subject) -> Failure {
    Failure::usage(
        format!(
            "submissions cannot be checked against {} and {}",
            old.name, new.name
        ),
        "--impact needs definitions or XSDs on both sides",
    )
}

/// Checks every submission below a folder with both sides.
pub(super) fn impact(folder: &Path, pipelines: &Pipelines) -> Result<Impact, Failure> {
    let inputs = expand(&[PathBuf::from(folder)], &Limits::default())?;
    let threads = terminal::threads(None);
    let mut impact = Impact::default();
    let mut providers: BTreeMap<Arc<str>, Counts> = BTreeMap::new();
    terminal::pool(threads)?.install(|| {
        for input in &inputs {
            match of_input(pipelines, input, threads, &mut providers) {
                Ok(records) => {
                    impact.files += 1;
                    impact.records += records;
                }
                Err(reason) => impact.not_read.push((input.name().to_string(), reason)),
            }
        }
    });
    impact.providers = providers
        .into_iter()
        .map(|(provider, counts)| ProviderImpact {
            provider: provider.to_string(),
            newly_rejected: counts.rejected,
            newly_accepted: counts.accepted,
            rules: counts
                .rules
                .into_iter()
                .map(|(rule, records)| (rule.to_string(), records))
                .collect(),
        })
        .collect();
    impact
        .providers
        .sort_by_key(|one| (std::cmp::Reverse(one.newly_rejected), one.provider.clone()));
    Ok(impact)
}

#[derive(Default)]
struct Counts {
    rejected: u64,
    accepted: u64,
    rules: BTreeMap<Arc<str>, u64>,
}

/// What one side says of the records of an input.
#[derive(Default)]
struct Verdicts {
    /// Records that are not taken, with the rules that say so and who provided them.
    records: BTreeMap<u64, Refused>,
    /// The rules by which nothing of it is taken.
    whole: BTreeSet<Arc<str>>,
    all: u64,
}

#[derive(Default)]
struct Refused {
    rules: BTreeSet<Arc<str>>,
    provider: Option<Arc<str>>,
}

impl Verdicts {
    fn take(&mut self, finding: &Finding) {
        if !finding.effect.rejects_record() {
            return;
        }
        let rule = Arc::clone(&finding.rule.id);
        if finding.effect == concord_finding::Effect::RejectFile {
            self.whole.insert(Arc::clone(&rule));
        }
        if let Some(record) = finding.record {
            let refused = self.records.entry(record).or_default();
            refused.rules.insert(rule);
            if refused.provider.is_none() {
                refused.provider = finding.provider().map(Arc::from);
            }
        }
    }

    fn refuses(&self, record: u64) -> bool {
        !self.whole.is_empty() || self.records.contains_key(&record)
    }
}

/// Compares what both sides say of an input, and gives the number of its records.
fn of_input(
    pipelines: &Pipelines,
    input: &Input,
    threads: usize,
    providers: &mut BTreeMap<Arc<str>, Counts>,
) -> Result<u64, String> {
    let verdicts = |side: Side| {
        let mut verdicts = Verdicts::default();
        let checked = pipelines.check_input(side, input, threads, &mut |finding| {
            verdicts.take(&finding);
        });
        checked.read.map(|_| {
            verdicts.all = checked.records.records;
            verdicts
        })
    };
    let (old, new) = (verdicts(Side::Old)?, verdicts(Side::New)?);
    let records = old.all.max(new.all);
    let differ: Vec<u64> = if old.whole.is_empty() == new.whole.is_empty() {
        let known: BTreeSet<u64> = old
            .records
            .keys()
            .chain(new.records.keys())
            .copied()
            .collect();
        known.into_iter().collect()
    } else {
        (1..=records).collect()
    };
    for record in differ {
        let (was_refused, is_refused) = (old.refuses(record), new.refuses(record));
        if was_refused == is_refused {
            continue;
        }
        let refused = [&new, &old]
            .into_iter()
            .find_map(|side| side.records.get(&record));
        let provider = refused
            .and_then(|refused| refused.provider.clone())
            .unwrap_or_else(|| Arc::clone(input.name()));
        let counts = providers.entry(provider).or_default();
        if is_refused {
            counts.rejected += 1;
            let own = new.records.get(&record).map(|refused| &refused.rules);
            let rules: BTreeSet<&Arc<str>> = own.into_iter().flatten().chain(&new.whole).collect();
            for rule in rules {
                *counts.rules.entry(Arc::clone(rule)).or_default() += 1;
            }
        } else {
            counts.accepted += 1;
        }
    }
    Ok(records)
}
