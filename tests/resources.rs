//! FHIR resources, the whole way: the binary recognises them, checks them, samples them and converts them.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod ran;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/fhir")
}

fn folder(name: &str) -> PathBuf {
    ran::folder("resources", name)
}

fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
    command
        .current_dir(folder)
        .args(arguments)
        .env("NO_COLOR", "1");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Rules and records of the findings of a check.
fn found(folder: &Path, arguments: &[&str]) -> Vec<(String, Option<u64>)> {
    let mut all = vec!["check", "--format", "ndjson", "--fail-on", "never"];
    all.extend(arguments);
    out(&run(folder, &all))
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|finding| finding.get("rule").is_some() && finding.get("message").is_some())
        .map(|finding| {
            let rule = finding["rule"].as_str().unwrap().to_owned();
            (rule, finding["record"].as_u64())
        })
        .collect()
}

#[test]
fn the_fixtures_have_the_mistakes_that_their_readme_says() {
    let expected = |all: &[(&str, u64)]| -> Vec<(String, Option<u64>)> {
        all.iter()
            .map(|(rule, record)| ((*rule).to_owned(), Some(*record)))
            .collect()
    };
    assert!(found(&fixtures(), &["clean.json"]).is_empty());
    assert_eq!(
        found(&fixtures(), &["encounters.ndjson"]),
        expected(&[
            ("VALUE-CODE", 2),
            ("RESOURCE-UNKNOWN", 3),
            ("VALUE-RANGE", 4),
            ("JSON-DUPLICATE", 4),
            ("JSON-NOT-WELL-FORMED", 5),
            ("RESOURCE-KIND", 6),
            ("RESOURCE-KIND", 6),
        ])
    );
    assert_eq!(
        found(&fixtures(), &["transaction.json"]),
        expected(&[
            ("BUNDLE-ENTRY", 1),
            ("REFERENCE-UNRESOLVED", 2),
            ("RESOURCE-CONTAINED", 3),
            ("REFERENCE-TARGET", 3),
        ])
    );
}

#[test]
fn every_format_says_it_and_nobody_is_named() {
    for format in [
        "human", "concise", "json", "ndjson", "sarif", "junit", "github", "html", "csv",
    ] {
        let output = run(
            &fixtures(),
            &[
                "check",
                "--format",
                format,
                "encounters.ndjson",
                "transaction.json",
            ],
        );
        assert_eq!(output.status.code(), Some(1), "{format}");
        let text = out(&output);
        assert!(text.contains("RESOURCE-UNKNOWN"), "{format}\n{text}");
        assert!(
            !text.contains("9990000018") && !text.contains("1990-02-30"),
            "{format}"
        );
    }
    let shown = out(&run(
        &fixtures(),
        &["check", "--show-values", "encounters.ndjson"],
    ));
    assert!(shown.contains("1990-02-30"));
}

#[test]
fn exit_codes_are_those_of_every_carrier() {
    let folder = folder("exit");
    let clean = fs::read(fixtures().join("clean.json")).unwrap();
    fs::write(folder.join("clean.json"), &clean).unwrap();
    fs::write(folder.join("cut.json"), &clean[..clean.len() / 2]).unwrap();
    fs::write(folder.join("empty.ndjson"), "").unwrap();
    fs::write(folder.join("other.json"), "{\"a\": 1}").unwrap();
    let lines = fs::read(fixtures().join("encounters.ndjson")).unwrap();
    fs::write(folder.join("cut.ndjson"), &lines[..lines.len() - 20]).unwrap();
    for (file, code) in [
        ("clean.json", 0),
        ("cut.json", 3),
        ("cut.ndjson", 3),
        ("empty.ndjson", 1),
        ("other.json", 1),
        (".", 3),
    ] {
        let output = run(&folder, &["check", file]);
        assert_eq!(output.status.code(), Some(code), "{file}\n{}", out(&output));
    }
    let named = run(
        &folder,
        &["check", "--standard", "fhir@4.0.1", "clean.json"],
    );
    assert_eq!(named.status.code(), Some(0));
}

#[test]
fn standard_input_is_recognised() {
    for (file, code) in [("clean.json", 0), ("encounters.ndjson", 1)] {
        let mut child = command(&fixtures(), &["check", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let bytes = fs::read(fixtures().join(file)).unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", out(&output));
        assert!(out(&output).contains("fhir@4.0.1"));
    }
}

/// Resources do not say of which release they are: what they hold does, in JSON and XML.
#[test]
fn releases_are_recognised() {
    let practice = fixtures().join("practice");
    for (file, standard, code) in [
        ("e-referral.json", "fhir@3.0.2", 0),
        ("e-referral-broken.json", "fhir@3.0.2", 1),
        ("worklist.json", "fhir@3.0.2", 0),
        ("send-document.xml", "fhir@3.0.2", 0),
        ("send-document-broken.xml", "fhir@3.0.2", 1),
        ("service-requests.json", "fhir@4.0.1", 0),
    ] {
        let output = run(&practice, &["check", "--format", "json", file]);
        assert_eq!(output.status.code(), Some(code), "{file}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            report["summary"]["files"][0]["standard"], standard,
            "{file}"
        );
    }
    let named = run(
        &practice,
        &["check", "--standard", "fhir@4.0.1", "e-referral.json"],
    );
    assert_eq!(named.status.code(), Some(1));
    let folder = folder("cut-xml");
    let xml = fs::read(practice.join("send-document.xml")).unwrap();
    fs::write(folder.join("cut.xml"), &xml[..xml.len() / 2]).unwrap();
    let cut = run(&folder, &["check", "cut.xml"]);
    assert_eq!(cut.status.code(), Some(3), "{}", out(&cut));
}

/// Neither the lines around a mistake in XML nor its values show who somebody is.
#[test]
fn nobody_is_named_in_xml() {
    let practice = fixtures().join("practice");
    for format in ["human", "json", "html", "sarif", "csv"] {
        let output = run(
            &practice,
            &["check", "--format", format, "send-document-broken.xml"],
        );
        let text = out(&output);
        assert!(text.contains("STRUCTURE-ORDER"), "{format}\n{text}");
        for personal in ["9990000019", "Ann Example", "Annie", "1990-02-30"] {
            assert!(!text.contains(personal), "{format} {personal}\n{text}");
        }
    }
}

#[test]
fn settings_grade_and_switch_off() {
    let folder = folder("grades");
    fs::copy(
        fixtures().join("encounters.ndjson"),
        folder.join("a.ndjson"),
    )
    .unwrap();
    fs::write(
        folder.join("concord.toml"),
        "[rules]\nRESOURCE-UNKNOWN = \"note\"\nJSON-DUPLICATE = \"off\"\n",
    )
    .unwrap();
    let output = run(
        &folder,
        &[
            "check",
            "--format",
            "json",
            "--fail-on",
            "never",
            "a.ndjson",
        ],
    );
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let effect = |rule: &str| {
        let mut findings = findings.iter();
        findings
            .find(|finding| finding["rule"] == rule)
            .map(|finding| finding["effect"].clone())
    };
    assert_eq!(effect("RESOURCE-UNKNOWN"), Some("note".into()));
    assert_eq!(effect("JSON-DUPLICATE"), None);
}

#[test]
fn the_standard_is_shown() {
    let here = fixtures();
    let list = out(&run(&here, &["standards", "list"]));
    assert!(list.contains("fhir@4.0.1"), "{list}");
    let whole = out(&run(&here, &["standards", "show", "fhir@4.0.1"]));
    assert!(
        whole.contains("Encounter") && whole.contains("214 code lists"),
        "{whole}"
    );
    let of = out(&run(
        &here,
        &["standards", "show", "fhir@4.0.1", "Encounter"],
    ));
    assert!(
        of.contains("status") && of.contains("1..1") && of.contains("encounter-status"),
        "{of}"
    );
    let status = out(&run(
        &here,
        &["standards", "show", "fhir@4.0.1", "Encounter.status"],
    ));
    assert!(status.contains("finished"), "{status}");
    let unknown = run(&here, &["standards", "show", "fhir@4.0.1", "Encountr"]);
    assert_eq!(unknown.status.code(), Some(2));
    let lint = run(&here, &["standards", "lint", "fhir@4.0.1"]);
    assert_eq!(lint.status.code(), Some(0), "{}", out(&lint));
}

#[test]
fn samples_are_clean_and_faults_are_found() {
    let folder = folder("samples");
    let made = run(
        &folder,
        &[
            "sample",
            "fhir@4.0.1",
            "-n",
            "2000",
            "--seed",
            "3",
            "-o",
            "a.ndjson",
        ],
    );
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    assert!(found(&folder, &["a.ndjson"]).is_empty());
    let again = run(
        &folder,
        &[
            "sample",
            "fhir@4.0.1",
            "-n",
            "2000",
            "--seed",
            "3",
            "-o",
            "b.ndjson",
        ],
    );
    assert!(again.status.success());
    assert_eq!(
        fs::read(folder.join("a.ndjson")).unwrap(),
        fs::read(folder.join("b.ndjson")).unwrap()
    );
    let faulty = run(
        &folder,
        &[
            "sample",
            "fhir@4.0.1",
            "-n",
            "2000",
            "--faults",
            "0.2",
            "--labels",
            "labels.csv",
            "-o",
            "c.ndjson",
        ],
    );
    assert!(
        faulty.status.success(),
        "{}",
        String::from_utf8_lossy(&faulty.stderr)
    );
    let labels: Vec<(String, Option<u64>)> = fs::read_to_string(folder.join("labels.csv"))
        .unwrap()
        .lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.split(',');
            let rule = cells.next().unwrap().to_owned();
            (rule, cells.next().unwrap().parse().ok())
        })
        .collect();
    assert!(labels.len() > 200);
    assert_eq!(found(&folder, &["c.ndjson"]), labels);
}

#[test]
fn resources_are_checked_on_their_way_to_parquet() {
    let folder = folder("convert");
    let lines = fs::read_to_string(fixtures().join("encounters.ndjson")).unwrap();
    // What no parser reads cannot be converted.
    let readable: Vec<&str> = lines
        .lines()
        .filter(|line| !line.contains("\"e5\""))
        .collect();
    fs::write(folder.join("a.ndjson"), readable.join("\n") + "\n").unwrap();
    let output = run(
        &folder,
        &[
            "convert", "a.ndjson", "--to", "parquet", "-o", "lake", "--format", "json",
        ],
    );
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let account: Value = serde_json::from_slice(&output.stdout).unwrap();
    let input = &account["inputs"][0];
    assert_eq!(input["findings"]["reject-record"], 6, "{account}");
    assert_eq!(input["verdict"], "partly-accepted");
    assert!(folder.join("lake/findings").exists());
    assert!(account.to_string().contains("VALUE-CODE"));
}
