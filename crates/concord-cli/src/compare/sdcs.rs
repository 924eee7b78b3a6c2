//! Two summary reports of the national system, or ours and theirs: which findings both have, and which only one of them.
//!
//! A finding is known by its rule and by the values that it names; words and the order of rows do not count.

mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::counts::{self, CountDifferences};
use crate::arguments::CompareFormat;
use crate::failure::Failure;

/// Files of a report that hold findings.
const FILES: [&str; 2] = ["validations.csv", "data_quality.csv"];
/// What the header begins with.
const BEGINS: &str = "REPORT_TYPE,DESCRIPTION,CODE";
/// Findings of a rule that are shown.
const SHOWN: usize = 3;
/// The columns of a report.
const COLUMNS: usize = 25;

/// The findings of one rule in a report.
#[derive(Debug, Default)]
struct Findings {
    /// As what they stand there: `Validation Failures` reject, `Data Quality Issues` warn.
    kinds: BTreeSet<String>,
    /// How often each stands there, by the values that it names.
    by_values: BTreeMap<String, u64>,
}

impl Findings {
    fn total(&self) -> u64 {
        self.by_values.values().sum()
    }

    fn is_masked(&self) -> bool {
        self.by_values.keys().any(|values| values.contains('•'))
    }

    /// The first that stand here more often than in another report.
    fn beyond(&self, other: &Self) -> Vec<String> {
        let alone = self
            .by_values
            .iter()
            .filter(|(values, count)| **count > other.by_values.get(*values).copied().unwrap_or(0));
        let shown = alone.take(SHOWN);
        shown.map(|(values, _)| values.clone()).collect()
    }
}

/// How two reports differ. `schemas/meta/summary-comparison.schema.json` describes it.
#[derive(Debug, Serialize)]
pub(super) struct SummaryDifference {
    first: String,
    second: String,
    /// Whether they say the same.
    same: bool,
    /// How many rules have the same findings in both, and how many findings that are.
    alike: Alike,
    /// The rules that have not, in their order.
    rules: Vec<RuleDifference>,
    counts: CountDifferences,
}

#[derive(Debug, Default, Serialize)]
struct Alike {
    rules: u64,
    findings: u64,
}

/// A rule whose findings differ.
#[derive(Debug, Serialize)]
struct RuleDifference {
    rule: String,
    both: u64,
    only_first: u64,
    only_second: u64,
    why: String,
    /// Values that the first findings name that only one report has.
    of_first: Vec<String>,
    of_second: Vec<String>,
}

/// Whether a path is such a report: a folder with its files, or one of them.
pub(super) fn is_report(path: &Path) -> bool {
    if path.is_dir() {
        let mut names = FILES.iter().chain(&counts::FILES);
        return names.any(|name| path.join(name).is_file());
    }
    let mut first = String::new();
    let read = File::open(path).map(|file| {
        let mut file = BufReader::new(std::io::Read::take(file, 256));
        // What is no text is no report.
        let _ = file.read_line(&mut first);
    });
    read.is_ok()
        && first
            .trim_start_matches('\u{feff}')
            .replace('"', "")
            .starts_with(BEGINS)
}

impl SummaryDifference {
    /// What differs between two reports.
    pub(super) fn between(ours: &Path, theirs: &Path) -> Result<Self, Failure> {
        let (own, other) = (findings(ours)?, findings(theirs)?);
        let (mut alike, mut rules) = (Alike::default(), Vec::new());
        let none = Findings::default();
        let all: BTreeSet<&String> = own.keys().chain(other.keys()).collect();
        for rule in all {
            let first = own.get(rule).unwrap_or(&none);
            let second = other.get(rule).unwrap_or(&none);
            let met = |(values, count): (&String, &u64)| {
                (*count).min(second.by_values.get(values).copied().unwrap_or(0))
            };
            let both: u64 = first.by_values.iter().map(met).sum();
            let (only_first, only_second) = (first.total() - both, second.total() - both);
            let Some(why) = why(first, second, only_first + only_second > 0) else {
                alike.rules += 1;
                alike.findings += both;
                continue;
            };
            rules.push(RuleDifference {
                rule: rule.clone(),
                both,
                only_first,
                only_second,
                why,
                of_first: first.beyond(second),
                of_second: second.beyond(first),
            });
        }
        let counts = counts::compare(ours, theirs)?;
        Ok(Self {
            first: ours.display().to_string(),
            second: theirs.display().to_string(),
            same: rules.is_empty() && counts.other.is_empty(),
            alike,
            rules,
            counts,
        })
    }

    /// Whether they do not say the same.
    pub(super) fn differs(&self) -> bool {
        !self.same
    }

    /// What differs, as it is asked for.
    pub(super) fn shown(&self, format: CompareFormat) -> String {
        match format {
            CompareFormat::Human => shown::human(self),
            CompareFormat::Json => shown::json(self),
            CompareFormat::Markdown => shown::markdown(self),
        }
    }
}

/// What kind of difference there is between the findings of a rule; `None` when there is none.
fn why(first: &Findings, second: &Findings, differs: bool) -> Option<String> {
    let either = first.kinds.is_empty() || second.kinds.is_empty();
    if !either && first.kinds != second.kinds {
        let list = |kinds: &BTreeSet<String>| {
            let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
            kinds.join(", ")
        };
        return Some(format!(
            "the first has it under {}, the second under {}: one rejects what the other warns of",
            list(&first.kinds),
            list(&second.kinds)
        ));
    }
    if !differs {
        return None;
    }
    let why = if first.by_values.is_empty() {
        "only the second has it: the rule may not have been run (no reference data, no --param), or the data are others"
    } else if second.by_values.is_empty() {
        "only the first has it: the rule may not be run there, or the data are others"
    } else if first.is_masked() != second.is_masked() {
        "one report masks personal values and the other does not: write ours with --show-values"
    } else if first.total() == second.total() {
        "as many findings in both, with other values"
    } else {
        "some rows are found by one of them only"
    };
    Some(why.to_owned())
}

fn findings(path: &Path) -> Result<BTreeMap<String, Findings>, Failure> {
    let mut found: BTreeMap<String, Findings> = BTreeMap::new();
    let files: Vec<PathBuf> = if path.is_dir() {
        let all = FILES.iter().map(|name| path.join(name));
        all.filter(|file| file.is_file()).collect()
    } else {
        vec![path.to_owned()]
    };
    for file in files {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::unreadable(format!("{}: {error}", file.display()))
        };
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_path(&file)
            .map_err(|error| failed(&error))?;
        for row in reader.records() {
            let row = row.map_err(|error| failed(&error))?;
            let cell = |column: usize| row.get(column).unwrap_or("");
            if matches!(cell(0), "Aggregation" | "Diagnostic") || cell(2).is_empty() {
                continue;
            }
            let mut values: Vec<String> = (5..COLUMNS - 1)
                .step_by(2)
                .filter(|column| !cell(*column).is_empty())
                .map(|column| {
                    format!(
                        "{}={}",
                        plain(cell(column)),
                        cell(column + 1).trim_start_matches('\'')
                    )
                })
                .collect();
            values.sort_unstable();
            values.dedup();
            let of_rule = found.entry(cell(2).to_owned()).or_default();
            if !of_rule.kinds.contains(cell(0)) {
                of_rule.kinds.insert(cell(0).to_owned());
            }
            *of_rule.by_values.entry(values.join(", ")).or_default() += 1;
        }
    }
    Ok(found)
}

/// The name of a column without its unique id: `LocalPatientID` of `[M001901]LocalPatientID`.
fn plain(label: &str) -> &str {
    label.rsplit(']').next().unwrap_or(label).trim()
}
