//! Two summary reports of the national system, or ours and theirs: which findings both have, and which only one of them.
//!
//! A finding is known by its rule and by the values that it names; words and the order of rows do not count.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use concord_report::{count, harmless};

use super::counts;
use crate::failure::Failure;

/// Files of a report that hold findings.
const FILES: [&str; 2] = ["validations.csv", "data_quality.csv"];
/// What the header begins with.
const BEGINS: &str = "REPORT_TYPE,DESCRIPTION,CODE";
/// Findings of a rule that are shown.
const SHOWN: usize = 3;
/// The columns of a report.
const COLUMNS: usize = 25;

/// The findings of a report by rule: how often each stands there.
type Findings = BTreeMap<String, BTreeMap<String, u64>>;

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

/// What differs, in words, and whether anything does.
pub(super) fn compare(ours: &Path, theirs: &Path) -> Result<(String, bool), Failure> {
    let (own, other) = (findings(ours)?, findings(theirs)?);
    let mut text = format!(
        "{} and {}\n\n{:<12} {:>10} {:>10} {:>10}\n",
        harmless(&ours.display().to_string()),
        harmless(&theirs.display().to_string()),
        "rule",
        "both",
        "first",
        "second"
    );
    let mut rules: Vec<&String> = own.keys().chain(other.keys()).collect();
    rules.sort_unstable();
    rules.dedup();
    let mut explained = String::new();
    let mut differs = false;
    let none = BTreeMap::new();
    for rule in rules {
        let (first, second) = (
            own.get(rule).unwrap_or(&none),
            other.get(rule).unwrap_or(&none),
        );
        let both: u64 = first
            .iter()
            .map(|(values, count)| (*count).min(second.get(values).copied().unwrap_or(0)))
            .sum();
        let only = |one: &BTreeMap<String, u64>| one.values().sum::<u64>() - both;
        let (only_first, only_second) = (only(first), only(second));
        // Writing to a `String` does not fail.
        let _ = writeln!(
            text,
            "{:<12} {:>10} {:>10} {:>10}",
            harmless(rule),
            count(both),
            count(only_first),
            count(only_second)
        );
        if only_first + only_second == 0 {
            continue;
        }
        differs = true;
        let _ = writeln!(explained, "\n{}: {}", harmless(rule), why(first, second));
        for (word, one, another) in [("first", first, second), ("second", second, first)] {
            let alone = one
                .iter()
                .filter(|(values, count)| **count > another.get(*values).copied().unwrap_or(0));
            for (values, _) in alone.take(SHOWN) {
                let _ = writeln!(explained, "  only in the {word}: {}", harmless(values));
            }
        }
    }
    let (counted, other_counts) = counts::compare(ours, theirs)?;
    differs |= other_counts;
    explained.push_str(&counted);
    if !differs {
        explained.push_str("\nboth say the same\n");
    }
    Ok((text + &explained, differs))
}

/// What kind of difference it is.
fn why(first: &BTreeMap<String, u64>, second: &BTreeMap<String, u64>) -> &'static str {
    let masked = |one: &BTreeMap<String, u64>| one.keys().any(|values| values.contains('•'));
    if masked(first) != masked(second) {
        "one report masks personal values and the other does not: write ours with --show-values"
    } else if first.is_empty() {
        "only the second has it: the rule may not have been run (no reference data, no --param), or the data are others"
    } else if second.is_empty() {
        "only the first has it: the rule may not be run there, or the data are others"
    } else if first.values().sum::<u64>() == second.values().sum::<u64>() {
        "as many findings in both, with other values"
    } else {
        "some rows are found by one of them only"
    }
}

fn findings(path: &Path) -> Result<Findings, Failure> {
    let mut found = Findings::new();
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
            *of_rule.entry(values.join(", ")).or_default() += 1;
        }
    }
    Ok(found)
}

/// The name of a column without its unique id: `LocalPatientID` of `[M001901]LocalPatientID`.
fn plain(label: &str) -> &str {
    label.rsplit(']').next().unwrap_or(label).trim()
}
