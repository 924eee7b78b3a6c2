//! What two summary reports of the national system count beyond findings: rows of tables, and diagnostics.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::failure::Failure;

/// Files of a report that hold counts.
pub(super) const FILES: [&str; 2] = ["aggregation.csv", "diagnostics.csv"];
/// Counts by their codes, as `12` or `3 of 12`.
type Counts = BTreeMap<String, String>;

/// How the counts of two reports differ.
#[derive(Debug, Serialize)]
pub(super) struct CountDifferences {
    /// Codes that both count otherwise.
    pub(super) other: Vec<CountDifference>,
    /// Codes that only one counts, where both count anything. The national report counts more than ours.
    pub(super) only_first: Vec<String>,
    pub(super) only_second: Vec<String>,
}

/// A code that both reports count, one otherwise than the other.
#[derive(Debug, Serialize)]
pub(super) struct CountDifference {
    pub(super) code: String,
    pub(super) first: String,
    pub(super) second: String,
}

/// What differs.
pub(super) fn compare(ours: &Path, theirs: &Path) -> Result<CountDifferences, Failure> {
    let (first, second) = (counts(ours)?, counts(theirs)?);
    let other = first.iter().filter_map(|(code, count)| {
        let theirs = second.get(code).filter(|other| *other != count)?;
        Some(CountDifference {
            code: code.clone(),
            first: count.clone(),
            second: theirs.clone(),
        })
    });
    let other = other.collect();
    let alone = |one: &Counts, other: &Counts| -> Vec<String> {
        let codes = one.keys().filter(|code| !other.contains_key(*code));
        let codes = codes.filter(|_| !other.is_empty());
        codes.cloned().collect()
    };
    Ok(CountDifferences {
        other,
        only_first: alone(&first, &second),
        only_second: alone(&second, &first),
    })
}

fn counts(report: &Path) -> Result<Counts, Failure> {
    let mut counts = Counts::new();
    let files = FILES.map(|name| report.join(name));
    let mut paths: Vec<&Path> = files.iter().map(|file| &**file).collect();
    if !report.is_dir() {
        paths = vec![report];
    }
    for file in paths.into_iter().filter(|file| file.is_file()) {
        let failed =
            |error: csv::Error| Failure::unreadable(format!("{}: {error}", file.display()));
        let reader = csv::ReaderBuilder::new().flexible(true).from_path(file);
        for row in reader.map_err(failed)?.records() {
            let row = row.map_err(failed)?;
            let cell = |column: usize| row.get(column).unwrap_or("").trim();
            if !matches!(cell(0), "Aggregation" | "Diagnostic") || cell(2).is_empty() {
                continue;
            }
            let count = match (cell(3), cell(4)) {
                (numerator, "") => numerator.to_owned(),
                (numerator, denominator) => format!("{numerator} of {denominator}"),
            };
            counts.insert(cell(2).to_owned(), count);
        }
    }
    Ok(counts)
}
