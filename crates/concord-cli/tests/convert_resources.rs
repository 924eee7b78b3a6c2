//! Resources of FHIR converted: from files, from standard input, and what becomes of those that are rejected.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod convert_support;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use convert_support::{
    command, concord, convert, exits, files, fixture, folder, python, read_with, rows,
};

/// Converts what comes on standard input.
fn from_input(folder: &Path, bytes: &[u8], arguments: &[&str]) -> Output {
    let fixed = ["convert", "-", "--to", "parquet", "--format", "json"];
    let mut child = command(folder, &[&fixed, arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn account(output: &Output) -> Value {
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"))
}

/// Six resources, of which the first is right and the fifth is no JSON.
fn lines() -> String {
    let lines = fs::read_to_string(fixture("fhir/encounters.ndjson")).unwrap();
    let class = r#""class":{"code":"IMP"}"#;
    lines.replace(
        class,
        &format!(r#"{class},"period":{{"start":"2026-01-02"}}"#),
    )
}

#[test]
fn rejected_resources_are_split_off() {
    let folder = folder("resources-split");
    fs::write(folder.join("a.ndjson"), lines()).unwrap();
    let account = convert(&folder, &["a.ndjson"]);
    let input = &account["inputs"][0];
    assert_eq!(
        input["records"],
        json!({"records": 6, "accepted": 1, "rejected": 5})
    );
    assert_eq!(input["verdict"], "partly-accepted");
    assert_eq!(rows(&account, "hospital_spell"), 1);
    assert_eq!(rows(&account, "rejects"), 5);
    let lost = account["losses"].as_array().unwrap();
    let rejected = lost.iter().find(|loss| loss["element"] == "record");
    assert_eq!(rejected.unwrap()["count"], 5);
    let Some(python) = python() else { return };
    let told = read_with(
        &python,
        &folder,
        "import duckdb, json; print(json.dumps(duckdb.sql(\"select source_file, source_record, raw from 'lake/rejects/*.parquet' order by 2\").fetchall()))",
    );
    let lines = lines();
    let expected: Vec<Value> = lines
        .lines()
        .enumerate()
        .skip(1)
        .map(|(number, line)| json!(["a.ndjson", number + 1, line]))
        .collect();
    assert_eq!(told, Value::Array(expected));
}

#[test]
fn rejected_resources_are_dropped_or_kept() {
    let folder = folder("resources-kept");
    let readable: Vec<String> = lines()
        .lines()
        .filter(|line| !line.contains("\"e5\""))
        .map(str::to_owned)
        .collect();
    fs::write(folder.join("a.ndjson"), readable.join("\n")).unwrap();
    let dropped = convert(&folder, &["a.ndjson", "--on-reject", "drop"]);
    assert_eq!(rows(&dropped, "hospital_spell"), 1);
    assert!(!folder.join("lake/rejects").exists());
    assert_eq!(dropped["inputs"][0]["records"]["rejected"], 4);
    let kept = convert(&folder, &["a.ndjson", "--on-reject", "keep"]);
    assert_eq!(rows(&kept, "rejects"), 0);
    assert_eq!(kept["inputs"][0]["records"]["accepted"], 5);
    assert_eq!(rows(&kept, "hospital_spell"), 3);
    let Some(python) = python() else { return };
    let told = read_with(
        &python,
        &folder,
        "import duckdb, json; print(json.dumps(duckdb.sql(\"select source_record, source_effect from 'lake/hospital_spell/*.parquet' order by 1\").fetchall()))",
    );
    assert_eq!(told[0], json!([1, null]));
    assert_eq!(told[1], json!([2, "reject-record"]));
    // What is no JSON cannot be kept.
    fs::write(folder.join("b.ndjson"), lines()).unwrap();
    let told = exits(
        3,
        &folder,
        &[
            "convert",
            "b.ndjson",
            "--to",
            "parquet",
            "-o",
            "b",
            "--on-reject",
            "keep",
        ],
    );
    assert!(told.contains("resource 5"), "{told}");
    assert!(!folder.join("b").exists());
}

#[test]
fn entries_of_a_bundle_are_rejected_one_by_one() {
    let folder = folder("resources-bundle");
    let entry = |resource: Value| json!({"fullUrl": format!("https://example.org/{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap()), "resource": resource});
    let encounter = |id: &str, status: &str| {
        entry(
            json!({"resourceType": "Encounter", "id": id, "status": status, "class": {"code": "IMP"}, "period": {"start": "2026-01-02"}}),
        )
    };
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [encounter("a", "finished"), encounter("b", "finishd"), encounter("c", "finished")]});
    fs::write(
        folder.join("a.json"),
        serde_json::to_vec_pretty(&bundle).unwrap(),
    )
    .unwrap();
    let account = convert(&folder, &["a.json"]);
    assert_eq!(rows(&account, "hospital_spell"), 2, "{account}");
    assert_eq!(rows(&account, "rejects"), 1);
    // What is wrong with a bundle itself rejects it as a whole, and none of the files beside it.
    fs::create_dir(folder.join("two")).unwrap();
    fs::copy(folder.join("a.json"), folder.join("two/a.json")).unwrap();
    let mut refused = bundle.clone();
    refused["type"] = json!("no such type");
    fs::write(folder.join("two/b.json"), refused.to_string()).unwrap();
    let account = convert(&folder, &["two"]);
    assert_eq!(rows(&account, "hospital_spell"), 2, "{account}");
    assert_eq!(rows(&account, "rejects"), 2);
    assert_eq!(
        account["inputs"][0]["records"],
        json!({"records": 5, "accepted": 1, "rejected": 4})
    );
    let account = convert(&folder, &["two", "--on-reject", "keep"]);
    assert_eq!(rows(&account, "hospital_spell"), 6);
}

#[test]
fn standard_input_is_converted_like_a_file() {
    let folder = folder("resources-input");
    let here = fixture("fhir/clean.json");
    let clean = fs::read(&here).unwrap();
    let sampled = {
        exits(
            0,
            &folder,
            &["sample", "fhir@4.0.1", "-n", "400", "-o", "many.ndjson"],
        );
        fs::read(folder.join("many.ndjson")).unwrap()
    };
    for (number, bytes) in [clean, lines().into_bytes(), sampled].iter().enumerate() {
        let name = format!("{number}.{}", if number == 0 { "json" } else { "ndjson" });
        fs::write(folder.join(&name), bytes).unwrap();
        let file = convert(&folder, &[&name]);
        let input = account(&from_input(&folder, bytes, &["-o", "input"]));
        assert_eq!(file["rows"], input["rows"]);
        assert_eq!(file["losses"], input["losses"]);
        assert_eq!(file["inputs"][0]["records"], input["inputs"][0]["records"]);
        assert_eq!(input["inputs"][0]["file"], "-");
        // Nothing of the copy is left.
        assert!(
            !files(&folder.join("input"))
                .iter()
                .any(|name| name.contains(".resources"))
        );
    }
}

#[test]
fn what_does_not_end_is_not_converted() {
    let folder = folder("resources-cut");
    let lines = lines();
    let cut = &lines[..lines.len() - 20];
    let output = from_input(&folder, cut.as_bytes(), &["-o", "lake"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(!folder.join("lake").exists());
    fs::write(folder.join("a.ndjson"), cut).unwrap();
    exits(
        3,
        &folder,
        &["convert", "a.ndjson", "--to", "parquet", "-o", "lake"],
    );
    assert!(!folder.join("lake").exists());
}

/// A schema of the user's own, which knows fewer members than FHIR does.
fn schema() -> String {
    json!({
        "$schema": "http://json-schema.org/draft-06/schema#",
        "definitions": {"Encounter": {"properties": {
            "resourceType": {"const": "Encounter"}, "id": {}, "class": {}, "period": {},
            "status": {"enum": ["finished"]}, "subject": {},
        }, "required": ["period"], "additionalProperties": false}},
        "oneOf": [{"$ref": "#/definitions/Encounter"}],
    })
    .to_string()
}

#[test]
fn a_json_schema_of_ones_own_is_followed() {
    let folder = folder("resources-schema");
    fs::write(folder.join("own.json"), schema()).unwrap();
    fs::write(folder.join("a.ndjson"), lines()).unwrap();
    let report = concord(
        &folder,
        &[
            "check", "--schema", "own.json", "--format", "json", "a.ndjson",
        ],
    );
    assert_eq!(report.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&report.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let of = |record: u64| {
        let found = findings.iter().find(|finding| finding["record"] == record);
        found.map(|finding| {
            (
                finding["rule"].as_str().unwrap(),
                finding["path"].as_str().unwrap(),
            )
        })
    };
    assert_eq!(of(1), None);
    assert_eq!(of(2), Some(("JSON-SCHEMA", "Encounter.status")));
    assert_eq!(of(3), Some(("JSON-SCHEMA", "Encounter")));
    assert_eq!(of(5).map(|(rule, _)| rule), Some("JSON-NOT-WELL-FORMED"));
    let converted = convert(&folder, &["a.ndjson", "--schema", "own.json"]);
    assert_eq!(converted["inputs"][0]["records"]["accepted"], 1);
    fs::write(folder.join("wrong.json"), "{\"type\": 7}").unwrap();
    exits(2, &folder, &["check", "--schema", "wrong.json", "a.ndjson"]);
    exits(2, &folder, &["check", "--schema", "none.json", "a.ndjson"]);
    let told = exits(
        2,
        &folder,
        &[
            "convert", "a.ndjson", "--to", "parquet", "-o", "x", "--schema", "own.xsd",
        ],
    );
    assert!(told.contains("JSON Schema"), "{told}");
}
