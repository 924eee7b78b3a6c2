//! HL7 v2 messages, the whole way: the binary writes event streams and checks them.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod ran;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Runs the binary, which must succeed, and gives its standard output.
#[track_caller]
fn concord(folder: &Path, arguments: &[&str]) -> String {
    ran::concord(folder, arguments).exits(0).out
}

fn folder(name: &str) -> PathBuf {
    ran::folder("messages", name)
}

/// A rule, its message, line and place.
type Found = (String, u64, u64, String);

fn findings(folder: &Path, arguments: &[&str]) -> Vec<Found> {
    let mut all = vec!["check", "--format", "ndjson", "--fail-on", "never"];
    all.extend(arguments);
    concord(folder, &all)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|finding| finding.get("rule").is_some() && finding.get("message").is_some())
        .map(|finding| {
            (
                finding["rule"].as_str().unwrap().to_owned(),
                finding["record"].as_u64().unwrap_or(0),
                finding["line"].as_u64().unwrap_or(0),
                finding["path"].as_str().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

#[test]
fn an_event_stream_is_clean() {
    let folder = folder("clean");
    concord(
        &folder,
        &[
            "sample",
            "itk-adt@1.0",
            "-n",
            "3000",
            "--seed",
            "11",
            "-o",
            "a.hl7",
        ],
    );
    assert!(findings(&folder, &["a.hl7"]).is_empty());
    // The same again is the same bytes.
    concord(
        &folder,
        &[
            "sample",
            "itk-adt@1.0",
            "-n",
            "3000",
            "--seed",
            "11",
            "-o",
            "b.hl7",
        ],
    );
    assert_eq!(
        fs::read(folder.join("a.hl7")).unwrap(),
        fs::read(folder.join("b.hl7")).unwrap()
    );
    let base = findings(&folder, &["a.hl7", "--standard", "hl7@2.4"]);
    // Where the profile departs from 2.4: PV1 need not stand in A28 and A31, practices have codes with letters, ZU1.
    let known = ["SEGMENT-LOCAL", "SEGMENT-MISSING", "VALUE-TYPE"];
    let other = base
        .iter()
        .find(|(rule, ..)| !known.contains(&rule.as_str()));
    assert_eq!(other, None);
}

#[test]
fn a_sample_of_the_base_breaks_nothing_of_it() {
    let folder = folder("base");
    concord(
        &folder,
        &[
            "sample", "hl7@2.4", "-n", "500", "--seed", "5", "-o", "base.hl7",
        ],
    );
    let found = findings(&folder, &["base.hl7", "--standard", "hl7@2.4"]);
    assert_eq!(found, []);
    let faults = [
        "sample",
        "hl7@2.4",
        "--faults",
        "0.5",
        "--labels",
        "labels.csv",
    ];
    let faults = ran::concord(&folder, &faults).exits(2);
    assert!(faults.told().contains("itk-adt@1.0"), "{}", faults.told());
}

#[test]
fn every_labelled_fault_is_found_and_nothing_else() {
    let folder = folder("faults");
    concord(
        &folder,
        &[
            "sample",
            "itk-adt@1.0",
            "-n",
            "5000",
            "--seed",
            "12",
            "--faults",
            "0.2",
            "--labels",
            "l.csv",
            "-o",
            "a.hl7",
        ],
    );
    let labels = fs::read_to_string(folder.join("l.csv")).unwrap();
    let mut expected: Vec<Found> = labels
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<&str> = line.splitn(5, ',').collect();
            (
                cells[0].to_owned(),
                cells[1].parse().unwrap(),
                cells[2].parse().unwrap(),
                cells[3].to_owned(),
            )
        })
        .collect();
    let mut found = findings(&folder, &["a.hl7"]);
    expected.sort();
    found.sort();
    let (wanted, had): (BTreeSet<&Found>, BTreeSet<&Found>) =
        (expected.iter().collect(), found.iter().collect());
    let missed: Vec<_> = wanted.difference(&had).take(5).collect();
    let beyond: Vec<_> = had.difference(&wanted).take(5).collect();
    assert!(
        missed.is_empty() && beyond.is_empty(),
        "missed {missed:?}, beyond {beyond:?}"
    );
    assert_eq!(expected.len(), found.len());
    let rules: BTreeSet<&str> = expected.iter().map(|(rule, ..)| rule.as_str()).collect();
    assert_eq!(rules.len(), 38, "{rules:?}");
}

#[test]
fn the_report_is_the_same_for_any_number_of_threads() {
    let folder = folder("threads");
    concord(
        &folder,
        &[
            "sample",
            "itk-adt@1.0",
            "-n",
            "6000",
            "--seed",
            "3",
            "--faults",
            "0.1",
            "--labels",
            "l.csv",
            "-o",
            "a.hl7",
        ],
    );
    let report = |threads: &str| {
        let arguments = [
            "check",
            "a.hl7",
            "--format",
            "ndjson",
            "--fail-on",
            "never",
            "--threads",
            threads,
        ];
        let text = concord(&folder, &arguments);
        // The summary says how long it took.
        text.lines()
            .filter(|line| line.contains("\"fingerprint\""))
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let one = report("1");
    assert!(one.len() > 300);
    assert_eq!(one, report("2"));
    assert_eq!(one, report("4"));
}

#[test]
fn folders_and_archives_are_recognised() {
    let folder = folder("many");
    fs::create_dir(folder.join("in")).unwrap();
    concord(
        &folder,
        &[
            "sample",
            "itk-adt@1.0",
            "-n",
            "40",
            "--seed",
            "4",
            "-o",
            "a.hl7",
        ],
    );
    let all = fs::read_to_string(folder.join("a.hl7")).unwrap();
    for (number, message) in all.split("MSH|").skip(1).enumerate() {
        fs::write(
            folder.join(format!("in/{number}.hl7")),
            format!("\x0bMSH|{message}\x1c\r"),
        )
        .unwrap();
    }
    let report = concord(&folder, &["check", "in", "--format", "json"]);
    let report: Value = serde_json::from_str(&report).unwrap();
    let text = report.to_string();
    assert!(text.contains("itk-adt@1.0"), "{text}");
    assert!(findings(&folder, &["in"]).is_empty());
}

#[test]
fn a_sender_with_an_overlay() {
    let folder = folder("overlay");
    let message = format!(
        "MSH|^~\\&|WORLDPAS|RZZ01|ROUTE|ROUTE|202603311200||ADT^A01^ADT_A01|C1|P|2.4|||AL|NE|GBR||||ITKv1.0\r\
         EVN|A01|202603311200||||202603311155\r\
         PID|1||9990000018^^^NHS^NH||Testcase^Amara^^^^^L||19700101|F{}NSTS01\r\
         PV1|1|V|W12^B1^4^RXX01|E{}202603311155\r\
         ZUK|anything\r",
        "|".repeat(24),
        "|".repeat(40)
    );
    fs::write(folder.join("a.hl7"), &message).unwrap();
    assert_eq!(findings(&folder, &["a.hl7"]), []);
    fs::write(folder.join("b.hl7"), message.replace("RZZ01", "RXX01")).unwrap();
    let other: BTreeMap<String, usize> =
        findings(&folder, &["b.hl7"])
            .into_iter()
            .fold(BTreeMap::new(), |mut all, (rule, ..)| {
                *all.entry(rule).or_default() += 1;
                all
            });
    assert!(
        other["VALUE-CODE"] == 3 && other["VALUE-NOT-USED"] == 4,
        "{other:?}"
    );
    // Its own rule, for its own messages only.
    fs::write(folder.join("c.hl7"), message.replace("W12", "X12")).unwrap();
    assert_eq!(findings(&folder, &["c.hl7"])[0].0, "OVERLAY-EXAMPLE-WARD");
    fs::write(
        folder.join("d.hl7"),
        message.replace("W12", "X12").replace("RZZ01", "RXX01"),
    )
    .unwrap();
    assert!(
        findings(&folder, &["d.hl7"])
            .iter()
            .all(|(rule, ..)| rule != "OVERLAY-EXAMPLE-WARD")
    );
}

#[test]
fn nobody_can_be_recognised() {
    let folder = folder("masked");
    concord(
        &folder,
        &[
            "sample",
            "itk-adt@1.0",
            "-n",
            "1500",
            "--seed",
            "8",
            "--faults",
            "0.5",
            "--labels",
            "l.csv",
            "-o",
            "a.hl7",
        ],
    );
    let sent = fs::read_to_string(folder.join("a.hl7")).unwrap();
    let personal: BTreeSet<&str> = sent
        .split('\r')
        .filter(|segment| segment.starts_with("PID|"))
        .flat_map(|segment| segment.split(['|', '^', '~']))
        .filter(|text| text.len() == 10 && text.starts_with("999") && *text != "9999999999")
        .collect();
    assert!(personal.len() > 50);
    for format in ["human", "concise", "json", "ndjson", "sarif", "html", "csv"] {
        let report = concord(
            &folder,
            &["check", "a.hl7", "--format", format, "--fail-on", "never"],
        );
        for number in &personal {
            assert!(!report.contains(*number), "{format} shows {number}");
        }
        assert!(!report.contains("Sampleford"), "{format} shows a name");
    }
}

#[test]
fn what_is_no_message_of_a_known_standard() {
    let folder = folder("unknown");
    fs::write(
        folder.join("a.hl7"),
        "MSH|^~\\&|A|B|||20260331||ADT^A01|7|P|2.9\rEVN|\r",
    )
    .unwrap();
    let ran = ran::concord(&folder, &["check", "a.hl7"]);
    let err = ran.err + &ran.out;
    assert_ne!(ran.code, 0);
    assert!(err.contains("2.9") && err.contains("hl7@2.4"), "{err}");
}

#[test]
fn the_standards_are_shown_and_proved() {
    let folder = folder("standards");
    for name in ["hl7@2.4", "itk-adt@1.0"] {
        concord(&folder, &["standards", "show", name]);
        concord(&folder, &["standards", "lint", name]);
        let tested = concord(&folder, &["standards", "test", name]);
        assert!(tested.contains("0 wrong"), "{tested}");
    }
}
