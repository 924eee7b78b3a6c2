//! Submissions of many tables as users check them: a folder, what the portal knows, the national summary report and its comparison.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod ran;

use std::fs;
use std::path::{Path, PathBuf};

use ran::concord;

const STANDARD: &str = "iapt@2.0";

/// A sample of 40 patients in a folder of its own.
fn sample(name: &str) -> PathBuf {
    let folder = ran::folder("submissions", name);
    concord(&folder, &["sample", STANDARD, "-n", "40", "-o", "s"]).exits(0);
    folder
}

/// Changes a cell of the first row of a table.
fn change(folder: &Path, table: &str, column: &str, value: &str) {
    let path = folder.join("s").join(format!("{table}.csv"));
    let text = fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let at = lines[0].split(',').position(|name| name == column).unwrap();
    let mut cells: Vec<&str> = lines[1].split(',').collect();
    cells[at] = value;
    lines[1] = cells.join(",");
    fs::write(&path, lines.join("\n") + "\n").unwrap();
}

#[test]
fn a_sample_is_taken_and_the_portal_is_asked() {
    let folder = sample("taken");
    let portal = [
        "provider=RWK",
        "submitter=RWK",
        "period-start=2020-04-01",
        "period-end=2020-04-30",
        "submitted=2020-05-10T10:00:00",
    ];
    let mut arguments = vec!["check", "s", "--standard", STANDARD];
    for parameter in &portal {
        arguments.extend(["--param", parameter]);
    }
    let taken = concord(&folder, &arguments).exits(0);
    assert!(!taken.words().contains("--param"), "{}", taken.out);
    // Another period than the header's: the header is rejected, and the submission with it.
    let other = concord(
        &folder,
        &[
            "check",
            "s",
            "--standard",
            STANDARD,
            "--param",
            "period-start=2020-05-01",
            "--format",
            "concise",
        ],
    )
    .exits(1);
    assert!(
        other.out.contains("IDS00016") && other.out.contains("IDSREJ015"),
        "{}",
        other.out
    );
    let unknown = concord(
        &folder,
        &[
            "check",
            "s",
            "--standard",
            STANDARD,
            "--param",
            "colour=red",
        ],
    )
    .exits(2);
    assert!(unknown.told().contains("the portal knows no `colour`"));
    let piped = concord(&folder, &["check", "-", "--standard", STANDARD]).exits(2);
    assert!(piped.told().contains("standard input"));
}

#[test]
fn a_rejected_row_says_through_which_parent() {
    let folder = sample("cascade");
    change(
        &folder,
        "IDS101Referral",
        "ReferralRequestReceivedDate",
        "1900-01-01",
    );
    let ran = concord(
        &folder,
        &["check", "s", "--standard", STANDARD, "--format", "concise"],
    )
    .exits(1);
    for words in [
        "IDS10140",
        "IDS20142",
        "was rejected by IDS10140",
        "was rejected by IDS20142",
    ] {
        assert!(ran.out.contains(words), "{words}\n{}", ran.out);
    }
    // Nobody is shown.
    let shown = concord(
        &folder,
        &[
            "check",
            "s",
            "--standard",
            STANDARD,
            "--format",
            "json",
            "--show-values",
        ],
    )
    .exits(1);
    let hidden = concord(
        &folder,
        &["check", "s", "--standard", STANDARD, "--format", "json"],
    )
    .exits(1);
    assert!(shown.out.contains("0K1") && !hidden.out.contains("\"0K1\""));
}

#[test]
fn the_summary_report_has_four_files_that_can_be_compared() {
    let folder = sample("report");
    change(&folder, "IDS001MPI", "Gender", "7");
    change(&folder, "IDS101Referral", "LocalPatientId", "nobody");
    let report = [
        "check",
        "s",
        "--standard",
        STANDARD,
        "--format",
        "sdcs",
        "--show-values",
        "-o",
    ];
    concord(&folder, &[&report[..], &["ours"]].concat()).exits(1);
    for name in ["aggregation", "diagnostics", "validations", "data_quality"] {
        let text = fs::read_to_string(folder.join("ours").join(format!("{name}.csv"))).unwrap();
        assert_eq!(
            text.lines().next().unwrap().split(',').count(),
            25,
            "{name}"
        );
    }
    let rows = fs::read_to_string(folder.join("ours/aggregation.csv")).unwrap();
    assert!(rows.contains("\"IDSARV001\",\"40\""), "{rows}");
    concord(&folder, &[&report[..], &["again"]].concat()).exits(1);
    let same = concord(&folder, &["compare", "ours", "again"]).exits(0);
    assert!(same.words().contains("both say the same"), "{}", same.out);
    change(&folder, "IDS001MPI", "Gender", "1");
    concord(&folder, &[&report[..], &["theirs"]].concat()).exits(1);
    let differs = concord(&folder, &["compare", "ours", "theirs"]).exits(1);
    let words = differs.words();
    assert!(
        words.contains("IDS00131: only the first has it") && words.contains("Gender=7"),
        "{words}"
    );
    // What both have is counted, and not listed.
    assert!(
        words.contains("1 rule differs") && !words.contains("IDS10101"),
        "{words}"
    );
    let none = concord(&folder, &["compare", "ours", "nobody"]).exits(2);
    assert!(
        none.told()
            .contains("ours is a summary report, and nobody cannot be read"),
        "{}",
        none.err
    );
}

#[test]
fn how_summary_reports_differ_is_told_to_programs_and_pull_requests() {
    let folder = sample("summaries");
    change(&folder, "IDS001MPI", "Gender", "7");
    change(&folder, "IDS101Referral", "LocalPatientId", "nobody");
    let report = [
        "check",
        "s",
        "--standard",
        STANDARD,
        "--format",
        "sdcs",
        "--show-values",
        "-o",
        "ours",
    ];
    concord(&folder, &report).exits(1);
    // Theirs warns of what ours rejects, lacks a finding, and counts otherwise.
    fs::create_dir(folder.join("theirs")).unwrap();
    let read = |name: &str| fs::read_to_string(folder.join("ours").join(name)).unwrap();
    let write = |name: &str, text: &str| fs::write(folder.join("theirs").join(name), text).unwrap();
    let (moved, kept): (Vec<String>, Vec<String>) = read("validations.csv")
        .lines()
        .map(str::to_owned)
        .partition(|line| line.contains("\"IDS10101\""));
    assert!(!moved.is_empty());
    let moved = moved
        .join("\n")
        .replace("Validation Failures", "Data Quality Issues");
    write("validations.csv", &(kept.join("\n") + "\n"));
    let warnings = read("data_quality.csv");
    let header = warnings.lines().next().unwrap();
    write("data_quality.csv", &format!("{header}\n{moved}\n"));
    let rows = read("aggregation.csv").replace("\"IDSARV000\",\"1\"", "\"IDSARV000\",\"2\"");
    write("aggregation.csv", &rows);
    let compare = |format| {
        concord(&folder, &["compare", "ours", "theirs", "--format", format])
            .exits(1)
            .out
    };
    let json: serde_json::Value = serde_json::from_str(&compare("json")).unwrap();
    let schema = include_str!("../schemas/meta/summary-comparison.schema.json");
    let schema = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let errors: Vec<String> = schema
        .iter_errors(&json)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    let of = |rule: &str| {
        let rules = json["rules"].as_array().unwrap();
        let found = rules.iter().find(|known| known["rule"] == rule);
        found.unwrap_or_else(|| panic!("{rule} in {json:#}"))
    };
    let why = of("IDS10101")["why"].as_str().unwrap();
    assert!(
        why.contains(
            "the first has it under Validation Failures, the second under Data Quality Issues"
        ),
        "{why}"
    );
    assert_eq!(of("IDS10101")["only_first"], 0);
    assert_eq!(of("IDS00131")["only_first"], 1);
    assert_eq!(json["same"], false);
    assert_eq!(json["counts"]["other"][0]["code"], "IDSARV000");
    let page = compare("markdown");
    assert!(
        page.starts_with("### ❌ 2 rules differ") && page.contains("| `IDS00131` | 0 | 1 | 0 |"),
        "{page}"
    );
}

#[test]
fn an_archive_and_files_are_submissions_too() {
    let folder = sample("files");
    let files: Vec<String> = fs::read_dir(folder.join("s"))
        .unwrap()
        .map(|entry| format!("s/{}", entry.unwrap().file_name().to_string_lossy()))
        .collect();
    let mut arguments = vec!["check", "--standard", STANDARD, "--format", "concise"];
    arguments.extend(files.iter().map(String::as_str));
    concord(&folder, &arguments).exits(0);
    let nothing = concord(
        &folder,
        &[
            "check",
            ".",
            "--standard",
            "cds@6-3-1",
            "--format",
            "concise",
        ],
    );
    assert_ne!(nothing.code, 0);
    fs::create_dir(folder.join("empty")).unwrap();
    fs::write(folder.join("empty/readme.csv"), "a\n").unwrap();
    let none = concord(&folder, &["check", "empty", "--standard", STANDARD]).exits(2);
    assert!(none.told().contains("has the name of a table"));
}
