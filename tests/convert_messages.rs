//! `concord convert` of HL7 v2 messages, as its user sees it.

#![allow(clippy::unwrap_used)] // a test fails by panicking
#![allow(clippy::print_stderr)] // what is skipped is said

mod convert_support;

use std::fs;
use std::path::Path;

use convert_support::{
    convert, convert_to, exits, files, fixture, folder, python, read_with, root, rows, sample,
};
use serde_json::Value;

/// What the envelope of a document says.
const ENVELOPE: [&str; 14] = [
    "--param",
    "sender=999000000100001",
    "--param",
    "receiver=999000000200001",
    "--param",
    "control-reference=1",
    "--param",
    "date-of-preparation=2026-04-01",
    "--param",
    "time-of-preparation=13:57:00",
    "--param",
    "application-reference=NHSCDS",
    "--param",
    "protocol=010",
];

fn lines(folder: &Path, output: &str) -> Vec<Value> {
    let records = folder.join(output).join("records");
    let mut lines = Vec::new();
    for file in files(&records) {
        let text = fs::read_to_string(records.join(file)).unwrap();
        lines.extend(text.lines().map(|line| serde_json::from_str(line).unwrap()));
    }
    lines
}

/// A copy of the messages of the fixture.
fn stay(name: &str) -> std::path::PathBuf {
    let folder = folder(name);
    fs::create_dir(folder.join("stay")).unwrap();
    for entry in fs::read_dir(fixture("convert/stay")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "hl7") {
            fs::copy(&path, folder.join("stay").join(path.file_name().unwrap())).unwrap();
        }
    }
    folder
}

#[test]
fn the_stay_of_the_fixture_is_one_record() {
    let folder = stay("messages-stay");
    let account = convert_to(&folder, "jsonl", "out", &["stay"]);
    let found = lines(&folder, "out");
    let expected = fs::read_to_string(fixture("convert/stay.jsonl")).unwrap();
    let expected: Vec<Value> = expected
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(found, expected);
    assert_eq!(account["inputs"].as_array().unwrap().len(), 4);

    let account = convert(&folder, &["stay"]);
    assert_eq!(
        (
            rows(&account, "hospital_spell"),
            rows(&account, "patient_event")
        ),
        (1, 5)
    );
    // It stands where its last message stood.
    assert_eq!(account["inputs"][3]["rows"]["hospital_spell"], 1);
    assert_eq!(
        files(&folder.join("lake/hospital_spell")),
        ["part-00003.parquet"]
    );
    assert!(
        !files(&folder.join("lake"))
            .iter()
            .any(|file| file.contains(".stays"))
    );
}

#[test]
fn drafts_list_what_they_lack_and_no_values() {
    let folder = stay("messages-drafts");
    let without = [&["stay"], &ENVELOPE[..]].concat();
    let account = convert_to(&folder, "cds@6-3-1", "cds", &without);
    assert_eq!(account["records"]["cds@6-3-1"], 0);
    let account = convert_to(
        &folder,
        "cds@6-3-1",
        "cds",
        &[&["--draft"], &*without].concat(),
    );
    assert_eq!(account["records"]["cds@6-3-1"], 1);
    let found = fs::read_to_string(folder.join("cds/cds@6-3-1/part-00000.missing.csv")).unwrap();
    let expected = fs::read_to_string(fixture("convert/stay.missing.csv")).unwrap();
    assert_eq!(found, expected);
    for personal in ["9990000018", "Trialby", "WX18", "V17", "1933"] {
        assert!(!found.contains(personal), "{personal}");
        assert!(!account.to_string().contains(personal), "{personal}");
    }
    let losses = account["losses"].as_array().unwrap();
    let missing = losses.iter().filter(|loss| loss["reason"] == "missing");
    let counted: u64 = missing.map(|loss| loss["count"].as_u64().unwrap()).sum();
    assert_eq!(counted, found.lines().count() as u64 - 1);
    let told = exits(
        0,
        &folder,
        &[
            &["convert", "stay", "--to", "cds@6-3-1", "-o", "cds"],
            &ENVELOPE[..],
        ]
        .concat(),
    );
    assert!(told.contains("--draft"), "{told}");
}

#[test]
fn what_cannot_be_is_said() {
    let folder = stay("messages-refused");
    let told = exits(
        2,
        &folder,
        &["convert", "stay", "--to", "itk-adt@1.0", "-o", "out"],
    );
    assert!(
        told.contains("messages are read, and not written"),
        "{told}"
    );
    let told = exits(
        2,
        &folder,
        &["convert", "stay", "--to", "parquet", "--draft", "-o", "out"],
    );
    assert!(told.contains("--draft is for documents"), "{told}");
    assert!(!folder.join("out").exists());
}

#[test]
fn rejected_messages_are_left_out_unless_they_are_kept() {
    let folder = stay("messages-rejected");
    let path = folder.join("stay/4-discharged.hl7");
    let text = fs::read_to_string(&path).unwrap();
    // Without who it is about, the profile rejects a message.
    let nameless = text.replace("||Trialby^Ulric^^^Mr^^L||", "||||");
    assert_ne!(text, nameless);
    fs::write(&path, nameless).unwrap();
    let account = convert(&folder, &["stay"]);
    assert_eq!(
        (rows(&account, "patient_event"), rows(&account, "rejects")),
        (4, 1)
    );
    convert_to(&folder, "jsonl", "out", &["stay"]);
    let line = lines(&folder, "out").remove(0).to_string();
    assert!(
        !line.contains("discharge_date_hospital_provider_spell"),
        "{line}"
    );
    let account = convert(&folder, &["stay", "--on-reject", "keep"]);
    assert_eq!(
        (rows(&account, "patient_event"), rows(&account, "rejects")),
        (5, 0)
    );
    convert_to(&folder, "jsonl", "out", &["stay", "--on-reject", "keep"]);
    let line = lines(&folder, "out").remove(0).to_string();
    assert!(
        line.contains("discharge_date_hospital_provider_spell"),
        "{line}"
    );
    assert!(
        line.contains("Trialby"),
        "what was said before stays: {line}"
    );
}

#[test]
fn agreements_with_a_sender_come_first() {
    let folder = stay("messages-overlay");
    let path = folder.join("stay/1-admitted.hl7");
    let text = fs::read_to_string(&path).unwrap();
    let theirs = text
        .replace("|PAS|RXX|", "|WORLDPAS|RZZ|")
        .replace("|19330215|1|", "|19330215|M|")
        .replace("^4^RXX01|21|", "^4^RZZ01|R|");
    fs::remove_dir_all(folder.join("stay")).unwrap();
    fs::write(folder.join("theirs.hl7"), theirs).unwrap();
    convert_to(&folder, "jsonl", "out", &["theirs.hl7"]);
    let line = lines(&folder, "out").remove(0).to_string();
    assert!(
        line.contains(r#""person_stated_gender_code":"1""#),
        "{line}"
    );
    assert!(
        line.contains(r#""method_of_admission_hospital_provider_spell":"12""#),
        "{line}"
    );
}

#[test]
fn native_keeps_every_message_as_it_is() {
    let folder = stay("messages-native");
    let account = convert(&folder, &["stay", "--native"]);
    assert_eq!(rows(&account, "itk-adt@1.0/record"), 5);
    assert_eq!(rows(&account, "itk-adt@1.0/PID.3"), 10);
    assert_eq!(rows(&account, "itk-adt@1.0/DG1"), 1);
    assert_eq!(account["losses"], serde_json::json!([]));
    let Some(python) = python() else {
        return;
    };
    let program = r#"
import duckdb, json
rows = duckdb.sql("select * from 'lake/itk-adt@1.0/record/*.parquet' order by source_file, source_record")
column = [number for number, name in enumerate(rows.columns) if name.startswith("PID.16")][0]
print(json.dumps([row[column] for row in rows.fetchall()]))
"#;
    let found = read_with(&python, &folder, program);
    assert_eq!(found, serde_json::json!(["M", "M", "M", "M", "\"\""]));
}

#[test]
fn other_readers_see_stays_and_their_events() {
    let folder = folder("messages-readers");
    sample(
        &folder,
        "itk-adt@1.0",
        "adt.hl7",
        &["-n", "2000", "--seed", "5"],
    );
    let account = convert(&folder, &["adt.hl7"]);
    assert_eq!(rows(&account, "patient_event"), 2000);
    let Some(python) = python() else {
        return;
    };
    let program = r#"
import duckdb, json
spells, joined, moves = duckdb.sql("""
    select (select count(*) from 'lake/hospital_spell/*.parquet'),
           (select count(distinct (source_file, source_record)) from 'lake/hospital_spell/*.parquet'
             join 'lake/patient_event/*.parquet' using (source_file, source_record)
             where visit_identifier = hospital_provider_spell_identifier),
           (select count(*) from 'lake/location_stay/*.parquet' where role = 'ward-stay' and end_date < start_date)
""").fetchall()[0]
print(json.dumps([spells, joined, moves]))
"#;
    let found = read_with(&python, &folder, program);
    let spells = rows(&account, "hospital_spell");
    assert_eq!(found, serde_json::json!([spells, spells, 0]));
}

#[test]
fn an_input_that_cannot_be_read_leaves_what_stood_there() {
    let folder = stay("messages-unreadable");
    convert(&folder, &["stay"]);
    let before = files(&folder.join("lake"));
    fs::write(folder.join("stay/5-cut.hl7.gz"), [0x1f, 0x8b, 8, 0, 0, 0]).unwrap();
    exits(
        3,
        &folder,
        &["convert", "stay", "--to", "parquet", "-o", "lake"],
    );
    assert_eq!(files(&folder.join("lake")), before);
    let fixed = ["convert", "stay", "--to", "parquet", "-o", "lake"];
    exits(3, &folder, &[&fixed[..], &["--skip-unreadable"]].concat());
    assert_eq!(files(&folder.join("lake")), before);
}

#[test]
fn resources_and_an_earlier_output_say_the_same() {
    let folder = stay("messages-further");
    convert(&folder, &["stay"]);
    convert_to(&folder, "fhir", "direct", &["stay"]);
    convert_to(&folder, "fhir", "later", &["lake"]);
    let all = |output: &str| -> String {
        let place = folder.join(output).join("fhir");
        let read = |file: &String| fs::read_to_string(place.join(file)).unwrap();
        files(&place).iter().map(read).collect()
    };
    assert!(all("direct").contains("\"Encounter\""));
    assert_eq!(all("direct"), all("later"));
    assert!(root().join("fixtures/convert/README.md").is_file());
}
