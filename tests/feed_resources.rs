//! Resources of FHIR in a feed, the whole way.

#![cfg(unix)] // what is shared with the other tests of feeds needs signals
#![allow(clippy::unwrap_used)] // a test fails by panicking

mod feed_support;
mod ran;

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use feed_support::{Client, Live, admission, becomes, delivered, folder};
use ran::concord;

/// Feeds a file through standard input.
fn feed(folder: &Path, file: &str, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_concord"))
        .current_dir(folder)
        .args(["feed", "-", "--store", "store", "--into", "into"])
        .arg("--no-config")
        .args(arguments)
        .stdin(File::open(folder.join(file)).unwrap())
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(!told.contains("panicked"), "{told}");
}

fn status(folder: &Path) -> Value {
    let ran = concord(folder, &["feed", "status", "store", "--format", "json"]);
    serde_json::from_str(&ran.exits(0).out).unwrap()
}

#[test]
fn resources_are_judged_as_the_check_of_files_judges_them() {
    let folder = folder("resources");
    let sample = [
        "sample",
        "fhir@4.0.1",
        "-n",
        "300",
        "--seed",
        "7",
        "--faults",
        "0.3",
        "--labels",
        "labels.csv",
        "-o",
        "all.ndjson",
    ];
    concord(&folder, &sample).exits(0);
    let checked = concord(&folder, &["check", "all.ndjson", "--format", "json"]);
    let checked: Value = serde_json::from_str(&checked.out).unwrap();
    let checked = &checked["summary"];
    let records = &checked["files"][0]["records"];
    feed(&folder, "all.ndjson", &[]);
    let found = status(&folder);
    let counted = |name: &str| -> u64 {
        let senders = found["senders"].as_array().unwrap().iter();
        senders.map(|sender| sender[name].as_u64().unwrap()).sum()
    };
    assert_eq!(
        counted("accepted"),
        records["accepted"].as_u64().unwrap(),
        "{checked}"
    );
    assert_eq!(
        counted("not_accepted"),
        records["rejected"].as_u64().unwrap()
    );
    assert!(counted("accepted") > 0 && counted("not_accepted") > 0);

    // Rule by rule what the check of the file finds.
    let mut rules = std::collections::BTreeMap::new();
    for line in delivered(&folder, "findings").lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(
            line["place"]
                .as_str()
                .unwrap_or("Encounter")
                .contains(|c: char| c.is_ascii_uppercase())
        );
        *rules
            .entry(line["rule"].as_str().unwrap().to_owned())
            .or_insert(0) += 1;
    }
    let expected = checked["rules"].as_array().unwrap().iter();
    let expected: std::collections::BTreeMap<String, u64> = expected
        .map(|rule| {
            let id = rule["rule"].as_str().unwrap().to_owned();
            (id, rule["findings"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(rules, expected);

    // What comes again is recognised.
    let before = found["last"].clone();
    feed(&folder, "all.ndjson", &[]);
    assert_eq!(status(&folder)["last"], before);

    // Every line is in one of the files as it came.
    let mut came: Vec<String> = fs::read_to_string(folder.join("all.ndjson"))
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    let out = delivered(&folder, "accepted") + &delivered(&folder, "rejected");
    let mut out: Vec<&str> = out.lines().collect();
    came.sort();
    came.dedup();
    out.sort_unstable();
    assert_eq!(out, came);
    let replayed = concord(&folder, &["feed", "replay", "store"]).exits(0).out;
    assert!(replayed.contains(" 0 with another outcome"), "{replayed}");
}

#[test]
fn a_held_resource_is_listed_without_its_id_and_released() {
    let folder = folder("resources-held");
    let encounter = |id: &str, version: u32, status: &str| {
        format!(
            "{{\"resourceType\": \"Encounter\", \"id\": \"{id}\", \"meta\": {{\"versionId\": \"{version}\", \"source\": \"http://pas.example/#9990000018\"}}, \"status\": \"{status}\", \"class\": {{\"code\": \"AMB\"}}, \"subject\": {{\"reference\": \"Patient/9990000018\"}}}}\n"
        )
    };
    let text = [
        encounter("9990000026", 1, "finished"),
        encounter("9990000026", 2, "over"),
        encounter("9990000026", 2, "finished"),
        "{\"resourceType\": \"Encounter\", \"id\": \"9990000034\"\n".to_owned(),
    ];
    fs::write(folder.join("some.ndjson"), text.concat()).unwrap();
    feed(
        &folder,
        "some.ndjson",
        &["--standard", "fhir@4.0.1", "--log", "json"],
    );
    let held = concord(&folder, &["feed", "quarantine", "list", "store"])
        .exits(0)
        .out;
    assert!(held.contains("http://pas.example/  Encounter/9"), "{held}");
    assert!(
        held.contains("VALUE-CODE") && held.contains("JSON-"),
        "{held}"
    );
    assert!(held.ends_with("2 messages held\n"), "{held}");
    let findings = delivered(&folder, "findings");
    assert!(
        findings.contains("FEED-ID-AGAIN") && findings.contains("\"place\":\"Encounter.status\""),
        "{findings}"
    );
    let said = concord(&folder, &["feed", "status", "store"]).exits(0).out;
    for personal in ["9990000018", "9990000026", "9990000034"] {
        assert!(
            !(held.clone() + &findings + &said).contains(personal),
            "{personal}"
        );
    }
    let release = [
        "feed",
        "quarantine",
        "release",
        "store",
        "2",
        "--reason",
        "agreed",
        "--by",
        "test",
    ];
    concord(&folder, &release).exits(0);
    fs::write(folder.join("none.ndjson"), "").unwrap();
    feed(&folder, "none.ndjson", &[]);
    assert!(delivered(&folder, "accepted").contains("\"over\""));
}

#[test]
fn a_feed_takes_one_carrier_when_it_is_told_to() {
    let folder = folder("resources-carrier");
    let both = format!(
        "{{\"resourceType\": \"Patient\", \"id\": \"p\"}}\n{}",
        admission("1").replace('\r', "\\r")
    );
    fs::write(folder.join("patient.json"), both.lines().next().unwrap()).unwrap();
    fs::write(folder.join("adt.hl7"), admission("1")).unwrap();
    feed(&folder, "patient.json", &["--standard", "itk-adt@1.0"]);
    feed(&folder, "adt.hl7", &["--standard", "fhir@4.0.1"]);
    let held = concord(&folder, &["feed", "quarantine", "list", "store"])
        .exits(0)
        .out;
    assert_eq!(held.matches("FEED-STANDARD").count(), 2, "{held}");
    // Without one it takes both, in one store.
    let live = Live::start(&folder, &["--into", "into"]);
    let mut client = Client::new(live.address);
    assert!(client.ask(&admission("2")).contains("\nMSA|AA|2"));
    let answer = client.ask("{\"resourceType\": \"Patient\"}");
    assert!(
        answer.contains("MSA|AR") && answer.contains("FEED-CARRIER"),
        "{answer}"
    );
    live.stop();
    let explained = concord(&folder, &["standards", "explain", "FEED-CARRIER"]).exits(0);
    assert!(
        explained.out.starts_with("FEED-CARRIER"),
        "{}",
        explained.out
    );
}

#[test]
fn bundles_and_documents_are_taken_from_a_folder_that_is_killed() {
    let folder = folder("resources-folder");
    fs::create_dir(folder.join("inbox")).unwrap();
    let start = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_concord"));
        command.args([
            "feed",
            "inbox",
            "--store",
            "store",
            "--into",
            "into",
            "--no-config",
        ]);
        command.args(["--log", "json", "--settle", "100ms"]);
        Live::run(command, &folder)
    };
    let bundle = "{\n  \"resourceType\": \"Bundle\",\n  \"type\": \"collection\",\n  \"timestamp\": \"2026-11-22T12:00:00Z\",\n  \"entry\": [\n    {\"fullUrl\": \"urn:uuid:c757873d-ec9a-4326-a141-556f43239520\", \"resource\": {\"resourceType\": \"Patient\", \"id\": \"p1\"}}\n  ]\n}\n";
    fs::write(folder.join("inbox/bundle.json"), bundle).unwrap();
    let mut live = start();
    becomes("the bundle is stored", || {
        folder.join("inbox/processed/bundle.json").exists()
    });
    live.kill();
    let patients: Vec<String> = (0..500)
        .map(|number| format!("{{\"resourceType\":\"Patient\",\"id\":\"p{number}\"}}"))
        .collect();
    let patients = patients.join("\n") + "\n";
    // What was stored before the kill and comes again is recognised.
    fs::write(folder.join("inbox/bundle.json"), bundle).unwrap();
    fs::write(folder.join("inbox/patients.ndjson"), &patients).unwrap();
    let live = start();
    becomes("the patients are stored", || {
        folder.join("inbox/processed/patients.ndjson").exists()
    });
    live.stop();
    assert_eq!(status(&folder)["last"], 501);
    let accepted = delivered(&folder, "accepted");
    assert_eq!(accepted.lines().count(), 501);
    assert!(
        accepted.starts_with("{   \"resourceType\": \"Bundle\", ") && accepted.ends_with(&patients)
    );
}
