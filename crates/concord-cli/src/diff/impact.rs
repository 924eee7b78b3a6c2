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
use super::tables::{Said, Tables};
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
pub(super) fn impact(folder: &Path, pipelines: &Pipelines<'_>) -> Result<Impact, Failure> {
    if let Some((old, new)) = pipelines.tables() {
        return of_tables(folder, old, new);
    }
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
    impact.providers = by_provider(providers);
    Ok(impact)
}

/// Providers, those first of whom most is newly rejected.
fn by_provider(providers: BTreeMap<Arc<str>, Counts>) -> Vec<ProviderImpact> {
    let mut all: Vec<ProviderImpact> = providers
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
    all.sort_by_key(|one| (std::cmp::Reverse(one.newly_rejected), one.provider.clone()));
    all
}

/// The same of submissions of many tables: each folder that holds tables, archive and document is one. A record is a row.
fn of_tables(folder: &Path, old: &Tables<'_>, new: &Tables<'_>) -> Result<Impact, Failure> {
    let mut found = Vec::new();
    below(
        folder,
        &|stem| old.is_table(stem) || new.is_table(stem),
        &mut found,
        0,
    );
    found.sort();
    if found.is_empty() {
        return Err(Failure::usage(
            format!("{} holds no submission", folder.display()),
            "a submission is a folder with a file for each table, a zip archive of them, or an XML document",
        ));
    }
    let mut impact = Impact::default();
    let mut providers: BTreeMap<Arc<str>, Counts> = BTreeMap::new();
    for path in &found {
        match (old.said(path), new.said(path)) {
            (Ok(before), Ok(now)) => {
                impact.files += 1;
                let provider = old.provider(path).or_else(|| new.provider(path));
                let named = || Arc::from(path.to_string_lossy());
                let counts = providers.entry(provider.unwrap_or_else(named)).or_default();
                impact.records += of_rows((old, &before), (new, &now), counts);
            }
            (Err(error), _) | (_, Err(error)) => {
                let name = path.to_string_lossy().into_owned();
                impact.not_read.push((name, error));
            }
        }
    }
    providers.retain(|_, counts| counts.rejected + counts.accepted > 0);
    impact.providers = by_provider(providers);
    Ok(impact)
}

/// Counts the rows of a submission that only one side takes, and gives the number of its rows.
fn of_rows(
    (old, before): (&Tables<'_>, &Said),
    (new, now): (&Tables<'_>, &Said),
    counts: &mut Counts,
) -> u64 {
    let mut all = 0;
    let named = |side: &Tables<'_>, name: &str| side.submission.table(name);
    let mut names: Vec<Arc<str>> = Vec::new();
    for table in old.submission.tables.iter().chain(&new.submission.tables) {
        if !names
            .iter()
            .any(|known| known.eq_ignore_ascii_case(&table.name))
        {
            names.push(Arc::clone(&table.name));
        }
    }
    for name in names {
        let (there, here) = (named(old, &name), named(new, &name));
        let rows = |said: &Said, table: Option<usize>| {
            table.map_or(0, |table| said.checked.rows().nth(table).unwrap_or(0))
        };
        let count = rows(before, there).max(rows(now, here));
        all += count;
        for row in 0..usize::try_from(count).unwrap_or(usize::MAX) {
            let refused = |said: &Said, table: Option<usize>| -> Option<BTreeSet<Arc<str>>> {
                let by = table.and_then(|table| said.checked.rejected_by(table, row));
                let mut rules: BTreeSet<Arc<str>> = by.into_iter().map(Arc::from).collect();
                rules.extend(said.whole.iter().cloned());
                (!rules.is_empty()).then_some(rules)
            };
            match (refused(before, there), refused(now, here)) {
                (None, Some(rules)) => {
                    counts.rejected += 1;
                    for rule in rules {
                        *counts.rules.entry(rule).or_default() += 1;
                    }
                }
                (Some(_), None) => counts.accepted += 1,
                _ => {}
            }
        }
    }
    all
}

/// Folders below one in which submissions are looked for.
const DEEPEST: usize = 16;

/// The submissions below a folder.
fn below(folder: &Path, is_table: &dyn Fn(&str) -> bool, found: &mut Vec<PathBuf>, depth: usize) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        found.push(folder.to_owned());
        return;
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let stem = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.split('.').next().unwrap_or_default().to_owned()
    };
    if paths
        .iter()
        .any(|path| path.is_file() && is_table(&stem(path)))
    {
        found.push(folder.to_owned());
        return;
    }
    for path in paths {
        if path.is_dir() {
            if depth < DEEPEST {
                below(&path, is_table, found, depth + 1);
            }
        } else if path.extension().is_some_and(|extension| {
            extension.eq_ignore_ascii_case("zip") || extension.eq_ignore_ascii_case("xml")
        }) {
            found.push(path);
        }
    }
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
    pipelines: &Pipelines<'_>,
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
