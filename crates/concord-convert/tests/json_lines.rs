//! JSON Lines: the schema is the model's, lines keep to it, patches hold what changed.

#![allow(clippy::unwrap_used)] // a test fails by panicking

use std::io::Cursor;
use std::path::Path;

use concord_convert::builder::{Origin, RecordsBuilder};
use concord_convert::json_lines::{JsonLinesWriter, Previous as _, PreviousLines, merge, schema};
use concord_convert::records::{RecordSource, RecordWriter as _, Records};
use concord_model::entities::{ENTITIES, Kind};
use serde_json::{Value, json};

/// With `CONCORD_WRITE` the file is written anew.
#[test]
fn the_schema_that_is_shipped_is_that_of_the_model() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../schemas/meta/canonical-record.schema.json");
    let mut expected = serde_json::to_string_pretty(&schema()).unwrap();
    expected.push('\n');
    if std::env::var_os("CONCORD_WRITE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let shipped = std::fs::read_to_string(&path).unwrap();
    assert!(
        shipped == expected,
        "the model changed: run this test with CONCORD_WRITE=1"
    );
}

fn origin() -> Origin {
    Origin {
        standard: Some("cds@6-3-1".into()),
        file: "may.xml".into(),
        interchange: Some("000123".into()),
    }
}

/// A record with a birth, whose person lies in it, and one to delete.
fn records(family_name: &str, diagnoses: &[&str]) -> Records {
    let mut builder = RecordsBuilder::new(origin());
    builder.add(
        "submission",
        0,
        None,
        &[("sender", "RXX"), ("control_count", "2")],
    );
    let activity = [
        ("cds_unique_identifier", "B1"),
        ("cds_type_code", "120"),
        ("cds_update_type", "9"),
    ];
    builder.add("activity_record", 1, None, &activity);
    builder.add(
        "hospital_spell",
        1,
        None,
        &[("start_date_hospital_provider_spell", "2025-04-01")],
    );
    let birth = builder.add("birth", 1, None, &[]);
    let baby = [("role", "baby"), ("person_death_date", "2025-04")];
    builder.add("person", 1, Some(birth), &baby);
    builder.add(
        "person",
        1,
        None,
        &[("role", "patient"), ("patient_family_name", family_name)],
    );
    for code in diagnoses {
        let values = [
            ("code", *code),
            ("coded_diagnosis_timestamp", "2025-04-01T10:30:00+01:00"),
        ];
        builder.add("diagnosis", 1, None, &values);
    }
    let deletion = [("cds_unique_identifier", "B2"), ("cds_update_type", "1")];
    builder.add("activity_record", 2, None, &deletion);
    let (records, losses) = builder.finish().unwrap();
    assert!(losses.is_empty(), "{:?}", losses.list());
    records
}

fn lines(bytes: &[u8]) -> Vec<Value> {
    let lines = std::str::from_utf8(bytes).unwrap().lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn written(records: &Records, previous: Option<&[u8]>) -> Vec<u8> {
    let mut writer = JsonLinesWriter::new(Vec::new());
    if let Some(previous) = previous {
        let previous = PreviousLines::new(Cursor::new(previous.to_vec())).unwrap();
        writer = writer.since(Box::new(previous));
    }
    writer.write(records).unwrap();
    let (account, bytes) = writer.finish().unwrap();
    assert!(account.losses.is_empty(), "{:?}", account.losses.list());
    bytes
}

#[test]
fn a_record_is_one_line_with_its_rows_in_their_parents() {
    let bytes = written(&records("Testcase", &["I10X", "E119"]), None);
    let lines = lines(&bytes);
    assert_eq!(
        lines[0],
        json!({
            "operation": "insert",
            "key": "B1",
            "source": {
                "standard": "cds@6-3-1", "file": "may.xml", "interchange": "000123", "record": 1,
                "submission": {"sender": "RXX", "control_count": 2},
            },
            "record": {
                "activity_record": {"cds_type_code": "120", "cds_unique_identifier": "B1", "cds_update_type": "9"},
                "birth": [{"person": [{"role": "baby", "person_death_date": "2025-04"}]}],
                "person": [{"role": "patient", "patient_family_name": "Testcase"}],
                "hospital_spell": {"start_date_hospital_provider_spell": "2025-04-01"},
                "diagnosis": [
                    {"code": "I10X", "coded_diagnosis_timestamp": "2025-04-01T10:30:00+01:00"},
                    {"code": "E119", "coded_diagnosis_timestamp": "2025-04-01T10:30:00+01:00"},
                ],
            },
        })
    );
    assert_eq!(lines[1]["operation"], "delete");
    assert_eq!(lines[1]["key"], "B2");
}

#[test]
fn what_an_earlier_output_has_is_patched() {
    let first = written(&records("Testcase", &["I10X"]), None);
    let same = written(&records("Testcase", &["I10X"]), Some(&first));
    let operations: Vec<Value> = lines(&same)
        .iter()
        .map(|line| line["operation"].clone())
        .collect();
    assert_eq!(
        operations,
        ["delete"],
        "what did not change is not written again"
    );

    let second = written(&records("Testcase", &["I10X", "E119"]), Some(&first));
    let patch = &lines(&second)[0];
    assert_eq!(patch["operation"], "patch");
    let changed: Vec<&String> = patch["patch"].as_object().unwrap().keys().collect();
    assert_eq!(changed, ["diagnosis"]);
    let mut record = lines(&first)[0]["record"].clone();
    merge::apply(&mut record, patch["patch"].clone());
    let whole = written(&records("Testcase", &["I10X", "E119"]), None);
    assert_eq!(record, lines(&whole)[0]["record"]);

    // A third run knows the first and what the second changed.
    let both = [first, second].concat();
    let third = written(&records("Testcase", &["I10X", "E119"]), Some(&both));
    assert_eq!(lines(&third).len(), 1);
    let mut previous = PreviousLines::new(Cursor::new(both)).unwrap();
    assert_eq!(previous.get("B1").unwrap(), Some(record));
    assert_eq!(previous.get("B2").unwrap(), None, "it was deleted");
}

#[test]
fn a_record_that_comes_twice_is_whole_the_second_time() {
    let first = written(&records("Testcase", &["I10X"]), None);
    let previous = PreviousLines::new(Cursor::new(first.clone())).unwrap();
    let mut writer = JsonLinesWriter::new(Vec::new()).since(Box::new(previous));
    writer.write(&records("Other", &["I10X"])).unwrap();
    writer.write(&records("Testcase", &["I10X"])).unwrap();
    let (_, second) = writer.finish().unwrap();
    let operations: Vec<Value> = lines(&second)
        .iter()
        .map(|line| line["operation"].clone())
        .collect();
    assert_eq!(operations, ["patch", "delete", "insert", "delete"]);
    // B2 is taken out last; B1 is as it came last.
    let mut previous = PreviousLines::new(Cursor::new([first.clone(), second].concat())).unwrap();
    assert_eq!(
        previous.get("B1").unwrap(),
        Some(lines(&first)[0]["record"].clone())
    );
}

#[test]
fn what_is_said_of_one_file_is_not_said_of_the_next() {
    let mut builder = RecordsBuilder::new(Origin {
        file: "lines.csv".into(),
        ..Origin::default()
    });
    builder.add(
        "contract_line",
        1,
        None,
        &[
            ("kind", "activity"),
            ("record_identifier", "L1"),
            ("organisation_identifier_code_of_provider", "RXX"),
            ("financial_year", "202526"),
            ("financial_month", "2"),
        ],
    );
    let (lines_of_another, _) = builder.finish().unwrap();
    let mut writer = JsonLinesWriter::new(Vec::new());
    writer.write(&records("Testcase", &[])).unwrap();
    writer.write(&lines_of_another).unwrap();
    let (_, bytes) = writer.finish().unwrap();
    let lines = lines(&bytes);
    assert!(
        lines[1]["source"]["submission"].is_object(),
        "all records of the file"
    );
    assert_eq!(
        lines[2]["source"],
        json!({"file": "lines.csv", "record": 1})
    );
    assert_eq!(lines[2]["key"], "RXX/202526/2/activity/L1");
}

#[test]
fn an_earlier_output_may_be_records() {
    struct Once(Option<Records>);
    impl RecordSource for Once {
        fn next(&mut self) -> Result<Option<Records>, String> {
            Ok(self.0.take())
        }
    }
    let mut source = Once(Some(records("Testcase", &["I10X"])));
    let previous = PreviousLines::of_records(&mut source, Cursor::new(Vec::new())).unwrap();
    let mut writer = JsonLinesWriter::new(Vec::new()).since(Box::new(previous));
    writer.write(&records("Other", &["I10X"])).unwrap();
    let (account, bytes) = writer.finish().unwrap();
    assert_eq!(
        (account.patches, account.inserts, account.deletes),
        (1, 0, 1)
    );
    assert_eq!(
        lines(&bytes)[0]["patch"],
        json!({"person": [{"role": "patient", "patient_family_name": "Other"}]})
    );
}

#[test]
fn a_line_that_is_none_of_ours_is_an_error_without_its_content() {
    let wrong =
        "{\"operation\":\"insert\",\"key\":\"B1\",\"record\":{}}\n{\"nhs\":\"9990000018\"}\n";
    let error = PreviousLines::new(Cursor::new(wrong.as_bytes()))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("line 2") && !error.contains("999"),
        "{error}"
    );
}

/// A record with a row of every entity and a value in every field keeps to the schema.
#[test]
fn lines_keep_to_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut builder = RecordsBuilder::new(origin());
    for entity in ENTITIES.iter().filter(|entity| entity.name != "submission") {
        let values: Vec<(&str, &str)> = entity
            .fields
            .iter()
            .map(|field| {
                let value = match field.kind {
                    Kind::Text | Kind::Code { .. } => "x",
                    Kind::Date => "2025-04-01",
                    Kind::Time => "10:30:00",
                    Kind::Moment => "2025-04-01T10:30:00.5Z",
                    Kind::PartialDate => "2025",
                    Kind::Integer => "7",
                    Kind::Decimal { .. } => "1.5",
                    Kind::Boolean => "true",
                };
                (field.name, value)
            })
            .collect();
        builder.add(entity.name, 1, entity.parent.map(|_| 1), &values);
    }
    let (all, losses) = builder.finish().unwrap();
    assert!(losses.is_empty(), "{:?}", losses.list());
    let first = written(&all, None);
    let second = written(&records("Testcase", &["I10X"]), None);
    let third = written(&records("Testcase", &[]), Some(&second));
    for line in [first, second, third].iter().flat_map(|bytes| lines(bytes)) {
        let errors: Vec<String> = validator
            .iter_errors(&line)
            .map(|error| error.to_string())
            .collect();
        assert_eq!(errors, Vec::<String>::new());
    }
    let wrong = json!({"operation": "insert", "key": "B1", "source": {"file": "x", "record": 1}, "record": {"diagnosis": [{"cod": "I10X"}]}});
    assert!(!validator.is_valid(&wrong));
}
