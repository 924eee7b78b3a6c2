//! What two summary reports of the national system count beyond findings: rows of tables, and diagnostics.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use concord_report::harmless;

use crate::failure::Failure;

/// Files of a report that hold counts.
pub(super) const FILES: [&str; 2] = ["aggregation.csv", "diagnostics.csv"];
/// Codes that are listed where only one report has them.
const LISTED: usize = 12;

/// Counts by their codes, as `12` or `3 of 12`.
type Counts = BTreeMap<String, String>;

/// What differs, in words, and whether a code that both have does. The national report counts more than ours.
pub(super) fn compare(ours: &Path, theirs: &Path) -> Result<(String, bool), Failure> {
    let (first, second) = (counts(ours)?, counts(theirs)?);
    let mut text = String::new();
    for (code, count) in &first {
        if let Some(other) = second.get(code).filter(|other| *other != count) {
            let code = harmless(code);
            // Writing to a `String` does not fail.
            let _ = writeln!(
                text,
                "\n{code}: {} in the first, {} in the second",
                harmless(count),
                harmless(other)
            );
        }
    }
    let differs = !text.is_empty();
    for (word, one, other) in [("first", &first, &second), ("second", &second, &first)] {
        let alone: Vec<&str> = one
            .keys()
            .filter(|code| !other.contains_key(*code))
            .map(String::as_str)
            .collect();
        if alone.is_empty() || other.is_empty() {
            continue;
        }
        let more = if alone.len() > LISTED { ", …" } else { "" };
        let listed = alone[..alone.len().min(LISTED)].join(", ");
        let _ = writeln!(
            text,
            "\ncounted in the {word} only: {}{more}",
            harmless(&listed)
        );
    }
    Ok((text, differs))
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
