//! Tables, the whole way: the binary writes samples of every tabular standard and checks them.
//!
//! What is clean gives no finding, not even a note. Of what is faulty every label is found with exactly its rule, at its
//! row, line and column, and nothing else is.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod ran;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Runs the binary and gives its standard output.
#[track_caller]
fn concord(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_concord"))
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}\n{err}");
    String::from_utf8(output.stdout).unwrap()
}

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("tables")
        .join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// Every standard of delimited text that has a sample of one file. What is wrong with rows of imaging tests rejects whole files:
/// tests of their own look at them.
fn standards() -> Vec<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let mut names = ran::sampled(folder, &["delimited"]);
    names.retain(|name| !name.starts_with("dids@"));
    names
}

/// A rule, its record (0 for none), its line (0 for none) and its column (empty for none).
type Found = (String, u64, u64, String);

fn findings(folder: &Path, arguments: &[&str]) -> Vec<(Found, String)> {
    let mut all = vec!["check", "--format", "ndjson", "--fail-on", "never"];
    all.extend(arguments);
    concord(folder, &all)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|finding| finding.get("rule").is_some() && finding.get("message").is_some())
        .map(|finding| {
            let path = finding["path"].as_str().unwrap_or("");
            let column = path.split_once('/').map_or("", |(_, column)| column);
            let found = (
                finding["rule"].as_str().unwrap().to_owned(),
                finding["record"].as_u64().unwrap_or(0),
                finding["line"].as_u64().unwrap_or(0),
                column.to_owned(),
            );
            (found, finding["message"].as_str().unwrap_or("").to_owned())
        })
        .collect()
}

fn labels(path: &Path) -> Vec<(Found, String)> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            let found = (
                row[0].to_owned(),
                row[1].parse().unwrap(),
                row[2].parse().unwrap(),
                row[3].to_owned(),
            );
            (found, row[4].to_owned())
        })
        .collect()
}

/// Findings by rule, record and line.
type Left<'f> = BTreeMap<(&'f str, u64, u64), Vec<&'f (Found, String)>>;

/// Compares what was found with what was labelled. Columns are compared where both name one.
#[track_caller]
fn agree(about: &str, labels: &[(Found, String)], findings: &[(Found, String)]) {
    let mut left = Left::new();
    for finding in findings {
        let ((rule, record, line, _), _) = finding;
        left.entry((rule, *record, *line))
            .or_default()
            .push(finding);
    }
    let mut wrong = Vec::new();
    for ((rule, record, line, column), done) in labels {
        let there = left
            .get_mut(&(rule.as_str(), *record, *line))
            .and_then(Vec::pop);
        match there {
            None => wrong.push(format!(
                "not found: {rule} at record {record}, line {line}, {column}: {done}"
            )),
            Some(((.., found), message))
                if !column.is_empty() && !found.is_empty() && found != column =>
            {
                wrong.push(format!(
                    "{rule} at record {record}: {found} and not {column}: {message}"
                ));
            }
            Some(_) => {}
        }
    }
    for ((rule, record, line, column), message) in left.into_values().flatten() {
        wrong.push(format!(
            "not labelled: {rule} at record {record}, line {line}, {column}: {message}"
        ));
    }
    assert!(
        wrong.is_empty(),
        "{about}: {} differences\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

#[test]
fn clean_samples_have_no_finding() {
    let folder = folder("clean");
    for standard in standards() {
        let file = format!("{standard}.csv");
        concord(
            &folder,
            &["sample", &standard, "-n", "400", "--seed", "7", "-o", &file],
        );
        // The standard is recognised by the header.
        agree(&standard, &[], &findings(&folder, &[&file]));
    }
}

#[test]
#[ignore = "1.1 million rows: minutes without optimisation; run with --release"]
fn clean_samples_of_100_000_rows_have_no_finding() {
    let folder = folder("many");
    for standard in standards() {
        let file = format!("{standard}.csv");
        concord(
            &folder,
            &[
                "sample", &standard, "-n", "100000", "--seed", "11", "-o", &file,
            ],
        );
        agree(&standard, &[], &findings(&folder, &[&file]));
        fs::remove_file(folder.join(&file)).unwrap();
    }
}

#[test]
fn faults_are_found_as_they_are_labelled() {
    let folder = folder("faulty");
    for standard in standards() {
        let (file, said) = (format!("{standard}.csv"), format!("{standard}.labels.csv"));
        concord(
            &folder,
            &[
                "sample", &standard, "-n", "700", "--seed", "3", "--faults", "0.5", "--labels",
                &said, "-o", &file,
            ],
        );
        let labels = labels(&folder.join(&said));
        let rules: BTreeSet<&str> = labels.iter().map(|((rule, ..), _)| rule.as_str()).collect();
        assert!(rules.len() >= 40, "{standard}: {rules:?}");
        // A mandatory column may be hard to recognise by now.
        agree(
            &standard,
            &labels,
            &findings(&folder, &[&file, "--standard", &standard]),
        );
    }
}

#[test]
fn faults_that_must_stand_alone() {
    let folder = folder("alone");
    for rule in [
        "TABLE-DELIMITER",
        "TABLE-HEADER-MISSING",
        "TABLE-NO-ROWS",
        "TABLE-EMPTY",
    ] {
        concord(
            &folder,
            &[
                "sample",
                "acm@2025",
                "-n",
                "30",
                "--faults",
                "0.3",
                "--rule",
                rule,
                "--labels",
                "labels.csv",
                "-o",
                "alone.csv",
            ],
        );
        let labels = labels(&folder.join("labels.csv"));
        assert_eq!(labels.len(), 1, "{rule}");
        agree(
            rule,
            &labels,
            &findings(&folder, &["alone.csv", "--standard", "acm@2025"]),
        );
    }
}

/// Checks a set with its invoice, the earlier files first.
fn reconciled(folder: &Path, name: &str) -> Vec<(Found, String)> {
    let mut files: Vec<String> = fs::read_dir(folder.join(name))
        .unwrap()
        .map(|entry| format!("{name}/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    files.sort_by_key(|file| (!file.contains("earlier"), file.clone()));
    let invoice = format!("{name}.invoice.csv");
    let mut arguments: Vec<&str> = files.iter().map(String::as_str).collect();
    arguments.extend(["--reconcile", "--invoice", &invoice]);
    findings(folder, &arguments)
}

#[test]
fn sets_add_up_unless_a_label_says_otherwise() {
    let folder = folder("sets");
    for (name, standards) in [
        ("earlier", vec!["acm@2", "plcm@2", "drplcm@2", "deplcm@2"]),
        ("now", vec!["contract-set", "--year", "202526"]),
    ] {
        let sample = |name: &str, more: &[&str]| {
            let invoice = format!("{name}.invoice.csv");
            let mut arguments = vec!["sample"];
            arguments.extend(&standards);
            arguments.extend([
                "-n",
                "300",
                "--seed",
                "5",
                "-o",
                name,
                "--invoice",
                &invoice,
            ]);
            arguments.extend(more);
            concord(&folder, &arguments);
        };
        sample(name, &[]);
        agree(name, &[], &reconciled(&folder, name));

        let broken = format!("{name}-broken");
        sample(&broken, &["--faults", "1", "--labels", "labels.csv"]);
        let labels = labels(&folder.join("labels.csv"));
        let found = reconciled(&folder, &broken);
        let rules = |all: &[(Found, String)]| -> BTreeSet<String> {
            all.iter().map(|((rule, ..), _)| rule.clone()).collect()
        };
        assert_eq!(rules(&found), rules(&labels), "{found:?}");
        assert_eq!((labels.len(), found.len()), (6, 6), "one for each rule");
        for ((rule, ..), done) in labels
            .iter()
            .filter(|((rule, ..), _)| rule.starts_with("X-"))
        {
            let (_, message) = found
                .iter()
                .find(|((known, ..), _)| known == rule)
                .expect(rule);
            // `… is greater by 38.71`
            let pounds = done.rsplit(' ').next().unwrap();
            assert!(
                message.contains(&format!("a difference of -{pounds}")),
                "{rule}: {message} and not {pounds}"
            );
        }
    }
}

#[test]
fn a_seed_gives_the_same_bytes() {
    let folder = folder("seed");
    let sample = |seed: &str, file: &str| {
        concord(
            &folder,
            &[
                "sample",
                "plcm@2025",
                "-n",
                "50",
                "--seed",
                seed,
                "-o",
                file,
            ],
        );
        fs::read(folder.join(file)).unwrap()
    };
    assert_eq!(sample("1", "a.csv"), sample("1", "b.csv"));
    assert_ne!(sample("1", "a.csv"), sample("2", "b.csv"));
}

/// What DIRTY-1 reads must be what was written: not the month of another year, nor euros for pounds; and codes that a
/// spreadsheet took for numbers are those codes.
#[test]
fn what_a_spreadsheet_did_is_told_where_it_can_be_told() {
    let folder = folder("spreadsheet");
    for (standard, column, text, expected) in [
        ("acm@2025", "FINANCIAL_MONTH", "Apr-{}", "warn DIRTY-1"),
        (
            "acm@2025",
            "FINANCIAL_MONTH",
            "Apr-99",
            "reject-record DIRTY-1",
        ),
        ("acm@2025", "FINANCIAL_YEAR", "2021", "reject-record"),
        (
            "acm@2025",
            "CONTRACT_MONITORING_ACTUAL_PRICE",
            "€34173.59",
            "reject-record DIRTY-1",
        ),
        ("iap@2026", "FINANCIAL_MONTH", "13.0", "note ACM-CLEAN-1"),
        ("iap@2026", "FINANCIAL_MONTH", "0.0", "note ACM-CLEAN-1"),
        (
            "acm@2025",
            "ACTIVITY_TREATMENT_FUNCTION_CODE",
            "100.0",
            "note ACM-CLEAN-1",
        ),
        (
            "acm@2025",
            "ACTIVITY_TREATMENT_FUNCTION_CODE",
            "999.0",
            "reject-record ACM-TFC-1",
        ),
    ] {
        concord(
            &folder,
            &["sample", standard, "-n", "1", "--seed", "3", "-o", "a.csv"],
        );
        let mut sample = csv::Reader::from_path(folder.join("a.csv")).unwrap();
        let head = sample.headers().unwrap().clone();
        let place = |column: &str| head.iter().position(|name| name == column).unwrap();
        let row = sample.records().next().unwrap().unwrap();
        let year = row[place("FINANCIAL_YEAR")][2..4].to_owned();
        let text = text.replace("{}", &year);
        let mut cells: Vec<&str> = row.iter().collect();
        cells[place(column)] = &text;
        let mut changed = csv::Writer::from_path(folder.join("b.csv")).unwrap();
        changed.write_record(&head).unwrap();
        changed.write_record(&cells).unwrap();
        changed.flush().unwrap();
        let checked = ["check", "--format", "concise", "--fail-on", "never"];
        let checked = [&checked[..], &["--standard", standard, "b.csv"]].concat();
        let out = concord(&folder, &checked);
        assert!(
            out.lines().next().unwrap().contains(expected),
            "{column} {text}: {out}"
        );
    }
}

/// What rules say of a value that is none of its kind is that again, unless its own rule is off.
#[test]
fn a_value_that_is_none_is_told_once() {
    let folder = folder("once");
    concord(
        &folder,
        &[
            "sample", "acm@2025", "-n", "4", "--seed", "5", "-o", "a.csv",
        ],
    );
    let clean = fs::read_to_string(folder.join("a.csv")).unwrap();
    let (names, rows) = clean.split_once('\n').unwrap();
    let (row, others) = rows.split_once('\n').unwrap();
    let with = |column: &str, value: &str| {
        let mut names = names.trim_end().split(',');
        let column = names.position(|name| name == column).unwrap();
        let mut cells: Vec<&str> = row.split(',').collect();
        cells[column] = value;
        let changed = format!(
            "{names}\n{}\n{others}",
            cells.join(","),
            names = clean.lines().next().unwrap()
        );
        fs::write(folder.join("b.csv"), changed).unwrap();
        let found = findings(&folder, &["b.csv"]).into_iter();
        found.map(|((rule, ..), _)| rule).collect::<Vec<_>>()
    };
    for (column, value, rule) in [
        ("POINT_OF_DELIVERY_CODE", "@@EL", "ACM-POD-1"),
        ("FINANCIAL_YEAR", "XXXXXX", "ACM-FY-1"),
        ("DATE_AND_TIME_DATA_SET_CREATED", "=1+1", "ACM-DT-1"),
        (
            "ORGANISATION_IDENTIFIER_CODE_OF_PROVIDER",
            "RXXRXXRXXRXX",
            "ACM-PRV-1",
        ),
        ("DATE_AND_TIME_DATA_SET_CREATED", "#N/A", "DIRTY-1"),
    ] {
        assert_eq!(with(column, value), [rule], "{column} {value}");
    }
    // A value that is one, and another than in the other rows, has its rule.
    assert_eq!(with("FINANCIAL_YEAR", "202627"), ["CM-ONE-YEAR"]);
    fs::write(
        folder.join("concord.toml"),
        "[rules]\nACM-POD-1 = \"off\"\n",
    )
    .unwrap();
    assert_eq!(
        with("POINT_OF_DELIVERY_CODE", "@@EL"),
        ["ACM-TFC-1-REQUIRED", "ACM-TAR-1-REQUIRED"]
    );
}
