//! Stays across messages, the whole way: the binary writes streams that contradict themselves, and finds where.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod ran;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Runs the binary, which must succeed, and gives its standard output.
#[track_caller]
fn concord(folder: &Path, arguments: &[&str]) -> String {
    ran::concord(folder, arguments).exits(0).out
}

fn folder(name: &str) -> PathBuf {
    ran::folder("stays", name)
}

/// The lines of a report.
fn report(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let mut all = vec!["check", "--format", "ndjson", "--fail-on", "never"];
    all.extend(arguments);
    let text = concord(folder, &all);
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// A rule, its message, line and place.
type Found = (String, u64, u64, String);

/// Findings about stays.
fn findings(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let of_stays = |line: &Value| {
        line["rule"]
            .as_str()
            .is_some_and(|rule| rule.starts_with("STAY-"))
            && line.get("message").is_some()
    };
    report(folder, arguments)
        .into_iter()
        .filter(of_stays)
        .collect()
}

fn placed(findings: &[Value]) -> BTreeSet<Found> {
    let found = findings.iter().map(|finding| {
        (
            finding["rule"].as_str().unwrap().to_owned(),
            finding["record"].as_u64().unwrap(),
            finding["line"].as_u64().unwrap(),
            finding["path"].as_str().unwrap().to_owned(),
        )
    });
    let set: BTreeSet<Found> = found.collect();
    assert_eq!(set.len(), findings.len(), "nothing is told twice");
    set
}

fn labels(file: &Path) -> BTreeSet<Found> {
    let text = fs::read_to_string(file).unwrap();
    text.lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.splitn(5, ',').collect();
            let number = |at: usize| cells[at].parse().unwrap();
            (
                cells[0].to_owned(),
                number(1),
                number(2),
                cells[3].to_owned(),
            )
        })
        .collect()
}

/// Writes a stream with everything that can be wrong with it.
fn stream(folder: &Path, messages: &str) -> BTreeSet<Found> {
    concord(
        folder,
        &[
            "sample",
            "hl7-adt",
            "-n",
            messages,
            "--seed",
            "4",
            "--stream",
            "--faults",
            "0.1",
            "--shuffle",
            "40",
            "--duplicates",
            "0.05",
            "--delays",
            "0.05",
            "--labels",
            "l.csv",
            "-o",
            "a.hl7",
        ],
    );
    labels(&folder.join("l.csv"))
}

#[track_caller]
fn same(found: &BTreeSet<Found>, labels: &BTreeSet<Found>) {
    let missed: Vec<_> = labels.difference(found).take(5).collect();
    let beyond: Vec<_> = found.difference(labels).take(5).collect();
    assert!(
        missed.is_empty() && beyond.is_empty(),
        "missed {missed:?}, beyond {beyond:?}"
    );
}

#[test]
fn every_label_is_found_and_nothing_else() {
    let folder = folder("labels");
    let labels = stream(&folder, "12000");
    let rules: BTreeSet<&str> = labels.iter().map(|(rule, ..)| &**rule).collect();
    assert_eq!(rules.len(), 18, "{rules:?}");
    same(
        &placed(&findings(&folder, &["a.hl7", "--stays=arrival"])),
        &labels,
    );
    // In the order of events nothing is late.
    let event: BTreeSet<Found> = labels
        .into_iter()
        .filter(|(rule, ..)| rule != "STAY-LATE")
        .collect();
    same(&placed(&findings(&folder, &["a.hl7", "--stays"])), &event);
    // What is told of single messages is what it was, but for control ids and classes that were changed on purpose.
    let single = |line: &&Value| {
        line.get("message").is_some()
            && line["rule"]
                .as_str()
                .is_some_and(|rule| !rule.starts_with("STAY-") && rule != "HL7-CONTROL-ID")
    };
    assert_eq!(
        report(&folder, &["a.hl7", "--stays"]).iter().find(single),
        None
    );
}

#[test]
fn a_plain_sample_has_no_anomaly() {
    let folder = folder("plain");
    concord(
        &folder,
        &[
            "sample",
            "itk-adt@1.0",
            "-n",
            "3000",
            "--seed",
            "6",
            "-o",
            "a.hl7",
        ],
    );
    assert!(findings(&folder, &["a.hl7", "--stays"]).is_empty());
    assert!(findings(&folder, &["a.hl7", "--stays=arrival"]).is_empty());
}

/// What is found, without where it stands: rule, control id and message.
fn unplaced(findings: &[Value]) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found: Vec<_> = findings
        .iter()
        .map(|finding| {
            (
                text(&finding["rule"]),
                text(&finding["record_key"]),
                text(&finding["message"]),
            )
        })
        .collect();
    found.sort();
    found
}

#[test]
fn it_does_not_matter_how_messages_are_spread_nor_how_many_threads_there_are() {
    let folder = folder("spread");
    stream(&folder, "4000");
    let whole = findings(&folder, &["a.hl7", "--stays"]);
    assert!(whole.len() > 200);
    // Files of thirty messages, in no order that means anything.
    let text = fs::read_to_string(folder.join("a.hl7")).unwrap();
    let messages: Vec<String> = text
        .split("MSH|")
        .skip(1)
        .map(|rest| format!("MSH|{rest}"))
        .collect();
    fs::create_dir(folder.join("in")).unwrap();
    let name = |number: usize| {
        folder
            .join("in")
            .join(format!("{:03}.hl7", number * 61 % 101))
    };
    for (number, part) in messages.chunks(40).enumerate() {
        fs::write(name(number), part.concat()).unwrap();
    }
    let spread = findings(&folder, &["in", "--stays"]);
    assert_eq!(unplaced(&spread), unplaced(&whole));
    let files: BTreeSet<&str> = spread
        .iter()
        .map(|finding| finding["file"].as_str().unwrap())
        .collect();
    assert!(files.len() > 50, "{files:?}");
    let lines = |threads: &str| -> Vec<String> {
        let found = findings(&folder, &["in", "--stays", "--threads", threads]);
        found.iter().map(Value::to_string).collect()
    };
    assert_eq!(lines("1"), lines("2"));
    assert_eq!(lines("1"), lines("4"));
}

#[test]
fn whoever_does_not_ask_is_told_what_was_not_looked_at() {
    let folder = folder("asked");
    stream(&folder, "300");
    assert!(findings(&folder, &["a.hl7"]).is_empty());
    let not_run = |arguments: &[&str]| {
        let lines = report(&folder, arguments);
        let summary = lines.last().unwrap().clone();
        let found = summary
            .pointer("/summary/not_run")
            .or(summary.get("not_run"))
            .unwrap()
            .clone();
        found.to_string()
    };
    assert!(not_run(&["a.hl7"]).contains("give --stays"));
    assert!(!not_run(&["a.hl7", "--stays"]).contains("STAY"));
    fs::write(
        folder.join("concord.toml"),
        "[rules]\nSTAY-DUPLICATE = \"off\"\nSTAY-GAP = \"reject-record\"\n",
    )
    .unwrap();
    let found = findings(&folder, &["a.hl7", "--stays"]);
    assert!(
        found
            .iter()
            .all(|finding| finding["rule"] != "STAY-DUPLICATE")
    );
    let gaps = found.iter().filter(|finding| finding["rule"] == "STAY-GAP");
    assert!(
        gaps.map(|finding| finding["effect"].as_str().unwrap())
            .all(|effect| effect == "reject-record")
    );
    assert!(not_run(&["a.hl7", "--stays"]).contains("STAY-DUPLICATE"));
    let ran = ran::concord(&folder, &["check", "a.hl7", "--stays"]).exits(1);
    assert!(!ran.err.contains("no standard has a rule"));
}

#[test]
fn nobody_can_be_recognised() {
    let folder = folder("masked");
    stream(&folder, "4000");
    let text = fs::read_to_string(folder.join("a.hl7")).unwrap();
    let personal: BTreeSet<&str> = text
        .split('\r')
        .filter(|segment| segment.starts_with("PID|") || segment.starts_with("MRG|"))
        .flat_map(|segment| segment.split(['|', '~', '^']))
        .filter(|value| {
            value.len() == 8 && value.starts_with(['L', 'D', 'U'])
                || value.len() == 10 && value.starts_with("999")
        })
        .collect();
    assert!(personal.len() > 500);
    for format in ["human", "ndjson", "concise"] {
        let shown = concord(
            &folder,
            &[
                "check",
                "a.hl7",
                "--stays",
                "--fail-on",
                "never",
                "--format",
                format,
            ],
        );
        let found = shown
            .split(|letter: char| !letter.is_ascii_alphanumeric())
            .find(|word| personal.contains(word));
        assert_eq!(found, None, "{format}");
    }
}

#[test]
fn rules_are_explained() {
    let folder = folder("explain");
    let text = concord(&folder, &["standards", "explain", "stay-merged-away"]);
    for part in [
        "STAY-MERGED-AWAY  patient who was merged away",
        "HL7 v2.4, 3.3.40",
        "inferred from",
        "concord check --stays",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let ran = ran::concord(&folder, &["standards", "explain", "STAY-NONE"]).exits(2);
    assert!(ran.err.contains("STAY-GAP"));
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let folder = folder("options");
    for arguments in [
        &["sample", "hl7-adt", "--shuffle", "10"][..],
        &["sample", "hl7-adt", "--labels", "l.csv"],
        &[
            "sample",
            "hl7-adt",
            "--stream",
            "--faults",
            "0.1",
            "--labels",
            "l.csv",
            "--fault-rules",
            "SEGMENT-MISSING",
        ],
        &["sample", "cds@6-3-1", "--stream"],
        &["check", "a.hl7", "--stays=sideways"],
        &["check", "a.hl7", "--stays-window", "10"],
    ] {
        let ran = ran::concord(&folder, arguments);
        assert_eq!(ran.code, 2, "{arguments:?}");
    }
    let text = concord(
        &folder,
        &[
            "sample",
            "hl7-adt",
            "--stream",
            "-n",
            "50",
            "--duplicates",
            "0.5",
            "--labels",
            "l.csv",
        ],
    );
    let label = labels(&folder.join("l.csv"));
    assert_eq!(text.matches("MSH|").count(), 50);
    assert!(label.len() > 5 && label.iter().all(|(rule, ..)| rule == "STAY-DUPLICATE"));
}
