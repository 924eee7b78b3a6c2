//! Samples of the national data sets with faults, as users make and check them: what is found is what the labels say.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod ran;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ran::concord;

#[test]
fn imaging_samples_are_written_as_documents_too() {
    let folder = ran::folder("sample-faults", "dids-xml");
    let sample = |more: &[&str]| {
        let arguments = ["sample", "dids@1", "-n", "200", "-o", "imaging.xml"];
        concord(&folder, &[&arguments, more].concat()).exits(0);
    };
    // It is recognised by its records.
    let check = ["check", "imaging.xml"];
    let of_records = |said: Said| -> BTreeSet<(String, u64)> {
        said.into_iter()
            .map(|(rule, record, _)| (rule, record))
            .collect()
    };
    sample(&[]);
    assert!(found(&folder, &check, false).0.is_empty());
    let faults = ["--faults", "0.6", "--labels", "labels.csv"];
    sample(&faults);
    let (said, not_run) = found(&folder, &check, false);
    let (all, rules) = labelled(&folder, &not_run);
    assert!(rules.len() > 30 && !rules.contains("DIDS075"), "{rules:?}");
    assert_eq!(of_records(said), of_records(all));
    let broken = [
        "--faults",
        "1",
        "--fault-rules",
        "DIDS076",
        "--labels",
        "labels.csv",
    ];
    sample(&broken);
    let (said, not_run) = found(&folder, &check, false);
    let (all, _) = labelled(&folder, &not_run);
    assert_eq!(
        of_records(said),
        BTreeSet::from([("DIDS076".to_owned(), 0)])
    );
    assert_eq!(all.len(), 1);
}

/// Rule, record (0 for the submission), column.
type Said = BTreeSet<(String, u64, String)>;

/// What the labels of a folder say, but for rules that were not run; and how many faults there are.
fn labelled(folder: &Path, not_run: &BTreeSet<String>) -> (Said, BTreeSet<String>) {
    let mut said = Said::new();
    let mut rules = BTreeSet::new();
    for line in csv::Reader::from_path(folder.join("labels.csv"))
        .unwrap()
        .records()
    {
        let line = line.unwrap();
        if line.get(7).is_none_or(|role| role == "fault") {
            rules.insert(line[0].to_owned());
        }
        if !not_run.contains(&line[0]) {
            let record: u64 = line[1].parse().unwrap();
            let column = if record == 0 { "" } else { &line[3] };
            let table = line.get(5).filter(|_| record > 0).unwrap_or_default();
            said.insert((line[0].to_owned(), record, format!("{table}/{column}")));
        }
    }
    (said, rules)
}

/// What a check finds, and the rules that it does not run.
fn found(folder: &Path, arguments: &[&str], many: bool) -> (Said, BTreeSet<String>) {
    let ran = concord(folder, &[arguments, &["--format", "ndjson"]].concat());
    assert!(ran.code <= 1, "{}", ran.err);
    let mut said = Said::new();
    let mut not_run = BTreeSet::new();
    for line in ran.out.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        for left in line["summary"]["not_run"].as_array().into_iter().flatten() {
            not_run.insert(left["rule"].as_str().unwrap().to_owned());
        }
        let Some(rule) = line["rule"].as_str() else {
            continue;
        };
        let record = line["record"].as_u64().unwrap_or(0);
        let path = line["path"].as_str().unwrap_or_default();
        let (table, column) = path.split_once('/').unwrap_or((path, ""));
        let (table, column) = match (record, many) {
            (0, _) => ("", ""),
            (_, true) => (table, column),
            (_, false) => ("", column),
        };
        said.insert((rule.to_owned(), record, format!("{table}/{column}")));
    }
    (said, not_run)
}

#[test]
fn faults_of_many_tables_are_found_with_all_that_follows() {
    let folder = ran::folder("sample-faults", "iapt");
    let sample = [
        "sample",
        "iapt@2.0",
        "-n",
        "500",
        "--faults",
        "0.8",
        "--labels",
        "labels.csv",
        "-o",
        "s",
    ];
    concord(&folder, &sample).exits(0);
    let (said, not_run) = found(&folder, &["check", "s", "--standard", "iapt@2.0"], true);
    let (labelled, rules) = labelled(&folder, &not_run);
    assert!(rules.len() > 340, "{}", rules.len());
    assert_eq!(said, labelled);
    assert!(not_run.is_disjoint(&rules), "what is not run is not broken");
}

#[test]
fn a_rule_about_the_whole_is_broken_alone() {
    let folder = ran::folder("sample-faults", "whole");
    let sample = |rules: &str| {
        let arguments = [
            "sample",
            "mhsds@6.0",
            "-n",
            "2",
            "--faults",
            "1",
            "--fault-rules",
            rules,
            "--labels",
            "labels.csv",
            "-o",
            "s",
        ];
        concord(&folder, &arguments)
    };
    sample("MHSREJ004").exits(0);
    let (said, not_run) = found(&folder, &["check", "s", "--standard", "mhsds@6.0"], true);
    let (labelled, rules) = labelled(&folder, &not_run);
    assert_eq!(rules, BTreeSet::from(["MHSREJ004".to_owned()]));
    assert_eq!(said, labelled);
    assert!(
        said.iter().any(|(rule, ..)| rule == "MHS00146"),
        "patients need a referral"
    );
    let two = sample("MHSREJ004,MHSREJ005").exits(2);
    assert!(
        two.told().contains("its fault is made alone"),
        "{}",
        two.err
    );
    let unknown = sample("MHS99999").exits(2);
    assert!(
        unknown.told().contains("there is no rule `MHS99999`"),
        "{}",
        unknown.err
    );
}

#[test]
fn imaging_samples_break_nothing_but_what_their_labels_say() {
    let folder = ran::folder("sample-faults", "dids");
    let fixtures = |folder: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
        path.join(folder).to_str().unwrap().to_owned()
    };
    let sample = |more: &[&str]| {
        let arguments = ["sample", "dids@1", "-n", "400", "-o", "imaging.csv"];
        concord(&folder, &[&arguments, more].concat()).exits(0);
    };
    let check = ["check", "imaging.csv", "--standard", "dids@1"];
    sample(&[]);
    let (said, not_run) = found(&folder, &check, false);
    assert!(said.is_empty(), "{said:?}");
    let faults = ["--faults", "0.6", "--labels", "labels.csv"];
    sample(&faults);
    let (said, _) = found(&folder, &check, false);
    let (all, rules) = labelled(&folder, &not_run);
    assert!(rules.len() > 35, "{rules:?}");
    assert_eq!(said, all);
    // With reference data, rules about them too.
    let (organisations, codes) = (fixtures("reference"), fixtures("imaging-codes"));
    concord(&folder, &["reference", "import", &organisations, &codes]).exits(0);
    let asking = not_run.iter().cloned().collect::<Vec<_>>().join(",");
    sample(&[]);
    let (said, still) = found(&folder, &check, false);
    assert!(said.is_empty(), "{said:?}");
    // What is left asks for the moment of the submission.
    let moments = ["DIDS049", "DIDS051", "DIDS055", "DIDS066"].map(str::to_owned);
    assert_eq!(still, BTreeSet::from(moments.clone()));
    sample(&[&faults[..], &["--fault-rules", &asking]].concat());
    let (said, still) = found(&folder, &check, false);
    assert_eq!(said, labelled(&folder, &still).0);
    let broken: BTreeSet<&String> = said.iter().map(|(rule, ..)| rule).collect();
    for rule in ["DIDS057", "DIDS059", "DIDS077", "DIDS078", "DIDS082"] {
        assert!(broken.contains(&rule.to_owned()), "{rule}");
    }
    let rows = fs::read_to_string(folder.join("imaging.csv")).unwrap();
    assert!(rows.lines().all(|row| row.split(',').count() == 18));
    let told = ["--param", "submitted=2024-06-14T09:00:00"];
    let check = [&check[..], &told].concat();
    sample(&[]);
    assert_eq!(found(&folder, &check, false), Default::default());
    sample(&[&faults[..], &["--fault-rules", &moments.join(",")]].concat());
    let (said, still) = found(&folder, &check, false);
    let (all, rules) = labelled(&folder, &still);
    assert_eq!((said, rules), (all, BTreeSet::from(moments)));
}

/// National validation knows no spreadsheets: a day that one has written breaks the rule about the day, and is read for no other.
#[test]
fn values_of_imaging_are_judged_as_they_are_written() {
    let folder = ran::folder("sample-faults", "dids-written");
    let row = |column: usize, value: &str| {
        let mut cells = [
            "9990000018",
            "01",
            "1980-04-02",
            "H",
            "1",
            "SW1A 2AA",
            "",
            "03",
            "C1585176",
            "",
            "2024-04-22",
            "2024-04-25",
            "2024-04-26",
            "XCHES",
            "",
            "2024-05-16",
            "5N424",
            "X1",
        ];
        cells[column] = value;
        cells.join(",") + "\n"
    };
    for (column, value, rules) in [
        (2, "1980-04-02", &[][..]),
        (2, "02/04/1980", &["DIDS005"]),
        (2, "19800402", &["DIDS005"]),
        (3, "N/A", &["DIDS012"]),
        (3, "h", &["DIDS012"]),
        (7, "3", &["DIDS021"]),
        (10, "2024-4-22", &["DIDS026"]),
        // Read for what it was, it would be before the request.
        (11, "2024-04-5", &["DIDS036"]),
        (12, "45408", &["DIDS045"]),
        (15, "2024/05/16", &["DIDS061"]),
        (3, " H ", &["VALUE-UNCLEAN"]),
    ] {
        fs::write(folder.join("imaging.csv"), row(column, value)).unwrap();
        let check = ["check", "imaging.csv", "--standard", "dids@1"];
        let ran = concord(&folder, &[&check[..], &["--format", "ndjson"]].concat());
        let lines = ran.out.lines().map(|line| {
            serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| {
                panic!("{error}: {line}");
            })
        });
        let found: Vec<String> = lines
            .filter_map(|line| line["rule"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(found, rules, "{value}");
    }
}
