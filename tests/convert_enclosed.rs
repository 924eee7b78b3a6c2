//! Resources that resources hold as bytes, and results of a search that are about several people.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod convert_support;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use convert_support::{convert, convert_to, exits, fixture, folder, rows};

/// What was made of a fixture: rows by entity, without the header of the message.
fn made(account: &Value) -> BTreeMap<String, u64> {
    let rows = account["rows"].as_object().unwrap();
    let kept = rows.iter().filter(|(entity, _)| *entity != "submission");
    kept.map(|(entity, count)| (entity.clone(), count.as_u64().unwrap()))
        .collect()
}

fn lost(account: &Value, wanted: &str) -> Vec<String> {
    let losses = account["losses"].as_array().unwrap().iter();
    let told = losses.filter(|loss| loss["element"].as_str().unwrap().contains(wanted));
    told.map(|loss| loss["detail"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn a_document_in_a_message_is_read() {
    let folder = folder("enclosed");
    let alone = convert(&folder, &[&fixture("fhir/practice/send-document.xml")]);
    let file = fixture("fhir/practice/document-in-message.json");
    let account = convert_to(&folder, "parquet", "held", &[&file]);
    let mut expected = made(&alone);
    // The message names its patient by number.
    *expected.get_mut("person").unwrap() += 1;
    assert_eq!(made(&account), expected, "{}", account["losses"]);
    assert_eq!(rows(&account, "submission"), 2);
    let input = &account["inputs"][0];
    assert_eq!(input["standard"], "fhir@4.0.1");
    assert_eq!(input["bytes"], fs::metadata(&file).unwrap().len());
    // The letter is not opened: what it is, how long, and which.
    let detail = lost(&account, "attachment.data");
    assert_eq!(detail.len(), 1);
    assert!(
        detail[0].starts_with("application/pdf, 38 bytes, SHA-256 "),
        "{detail:?}"
    );
    assert_eq!(lost(&account, "Binary"), Vec::<String>::new());
}

/// A message with the fixture's document in the place of another text in base64.
fn message_with(folder: &Path, name: &str, data: &str) {
    let file = fixture("fhir/practice/document-in-message.json");
    let mut message: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    message["entry"][2]["resource"]["data"] = json!(data);
    fs::write(folder.join(name), message.to_string()).unwrap();
}

#[test]
fn what_is_wrong_inside_is_found_there() {
    let folder = folder("enclosed-broken");
    // {"resourceType":"Patient","gender":"x","meta":{"profile":["https://fhir.nhs.uk/STU3/StructureDefinition/A"]}}
    let patient = "eyJyZXNvdXJjZVR5cGUiOiJQYXRpZW50IiwiZ2VuZGVyIjoieCIsIm1ldGEiOnsicHJvZmlsZSI6WyJodHRwczovL2ZoaXIubmhzLnVrL1NUVTMvU3RydWN0dXJlRGVmaW5pdGlvbi9BIl19fQ==";
    message_with(&folder, "a.json", patient);
    let account = convert_to(&folder, "parquet", "a", &["a.json", "--on-reject", "split"]);
    let input = &account["inputs"][0];
    assert_eq!(input["findings"]["reject-record"], 1, "{input}");
    assert_eq!(
        input["records"],
        json!({"records": 2, "accepted": 1, "rejected": 1})
    );
    let found = exits(1, &folder, &["check", "a.json", "--format", "concise"]);
    assert!(
        found.contains("a.json!Bundle.entry[2].resource:1:"),
        "{found}"
    );
    // {"resourceType": cut off
    message_with(&folder, "b.json", "eyJyZXNvdXJjZVR5cGUiOg==");
    exits(3, &folder, &["check", "b.json"]);
    let account = convert_to(&folder, "parquet", "b", &["b.json"]);
    assert_eq!(account["inputs"][0]["unreadable"], Value::Null);
    assert_eq!(
        lost(&account, "held as bytes").len(),
        1,
        "{}",
        account["losses"]
    );
    // What is no base64 stays where it is, and is told.
    message_with(&folder, "c.json", "no base64!");
    let account = convert_to(&folder, "parquet", "c", &["c.json", "--on-reject", "keep"]);
    assert_eq!(
        lost(&account, "Binary"),
        ["application/fhir+xml, no base64"]
    );
}

#[test]
fn results_of_a_search_are_records_by_person() {
    let folder = folder("search-of-two");
    let account = convert(&folder, &[&fixture("fhir/practice/search-of-two.json")]);
    assert_eq!(account["inputs"][0]["records"]["records"], 2);
    assert_eq!(rows(&account, "person"), 2);
    assert_eq!(rows(&account, "organisation"), 1);
    let lines = convert_to(
        &folder,
        "jsonl",
        "lines",
        &[&fixture("fhir/practice/search-of-two.json")],
    );
    assert_eq!(lines["inputs"][0]["records"]["records"], 2);
    let mut found = Vec::new();
    for file in convert_support::files(&folder.join("lines/records")) {
        let text = fs::read_to_string(folder.join("lines/records").join(file)).unwrap();
        for line in text.lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let record = &record["record"];
            let visit = record.get("outpatient_attendance").is_some();
            found.push((
                record["person"][0]["nhs_number"]
                    .as_str()
                    .unwrap()
                    .to_owned(),
                visit,
            ));
        }
    }
    found.sort();
    let expected = [
        ("9990000018".to_owned(), false),
        ("9990000026".to_owned(), true),
    ];
    assert_eq!(found, expected);
}
