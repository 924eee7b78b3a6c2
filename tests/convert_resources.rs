//! Resources of FHIR converted: from files, from standard input, and what becomes of those that are rejected.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test fails by panicking, and says what it skips

mod convert_support;

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use convert_support::{
    command, concord, convert, convert_to, exits, files, fixture, folder, python, read_with, rows,
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
        json!({"records": 6, "accepted": 2, "rejected": 4})
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

/// The rows of the records that a fixture of practices' messages becomes, and the account.
fn practice(name: &str, arguments: &[&str]) -> (Vec<Value>, Value) {
    let folder = folder(&format!("practice-{name}"));
    let file = fixture(&format!("fhir/practice/{name}"));
    let account = convert_to(&folder, "jsonl", "out", &[&[&*file], arguments].concat());
    let records = fs::read_to_string(folder.join("out/records/part-00000.jsonl")).unwrap();
    let records = records.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        line["record"].take()
    });
    (records.collect(), account)
}

#[test]
fn a_referral_of_the_national_service_becomes_rows() {
    let (records, account) = practice("e-referral.json", &[]);
    assert_eq!(account["inputs"][0]["standard"], "fhir@3.0.2");
    assert_eq!(
        records,
        [json!({
            "person": [{"role": "patient", "nhs_number": "9990000018"}],
            "referral": [{
                "unique_booking_reference_number": "000000090001",
                "service_request_identifier": "r.00000000-0000-4000-8000-000000000001",
                "priority_type_code": "3",
                "organisation_identifier_referring_organisation": "A99999",
                "organisation_identifier_referred_to": "RZ9",
                "specialty_requested": "CARDIOLOGY",
                "request_date": "2024-05-07",
                "request_time": "16:30:00",
                "status": "BOOKED",
            }],
            "referral_to_treatment_period": [{"referral_to_treatment_period_start_date": "2024-05-08"}],
            "service_agreement": [{"organisation_identifier_code_of_commissioner": "QZ9"}],
            // The time is that of the clock in summer, and the number of the referral comes from what the appointment refers to.
            "appointment": [{
                "unique_booking_reference_number": "000000090001",
                "booked_at": "2024-05-08T10:00:00Z",
                "appointment_date": "2024-05-20",
                "appointment_time": "13:30:00",
                "status": "booked",
                "professional_identifier": "999000000001",
            }],
        })]
    );
    let lost = account["losses"].as_array().unwrap();
    let count = |element: &str| {
        let mut lost = lost.iter();
        lost.find(|loss| loss["element"] == element)
            .map(|loss| loss["count"].clone())
    };
    // The name of the service has no field, and is told of; references that were followed are not.
    assert_eq!(
        count("Appointment.participant.actor.display"),
        Some(json!(1))
    );
    assert!(lost.iter().all(|loss| {
        let element = loss["element"].as_str().unwrap();
        !element.contains("Extension-eRS-Appointment-1") && !element.contains("nhs-number")
    }));
}

#[test]
fn what_is_rejected_of_a_referral_can_be_kept() {
    let folder = folder("practice-broken");
    let file = fixture("fhir/practice/e-referral-broken.json");
    let account = convert(&folder, &[&file]);
    assert_eq!(rows(&account, "referral"), 0);
    assert_eq!(rows(&account, "rejects"), 1);
    let (records, account) = practice("e-referral-broken.json", &["--on-reject", "keep"]);
    assert_eq!(
        records[0]["referral"][0]["unique_booking_reference_number"],
        "00000009001"
    );
    // A priority that is not on the list has no code of the model.
    assert_eq!(records[0]["referral"][0].get("priority_type_code"), None);
    let lost = account["losses"].as_array().unwrap();
    assert!(lost.iter().any(|loss| {
        loss["element"] == "PRIORITY TYPE CODE" && loss["reason"] == "no-equivalent-code"
    }));
}

#[test]
fn a_worklist_becomes_a_referral_for_each_item() {
    let (records, _) = practice("worklist.json", &[]);
    let referral = |number: &str, priority: &str| {
        json!({
            "unique_booking_reference_number": number,
            "priority_type_code": priority,
            "specialty_requested": "CARDIOLOGY",
            "status": "NEVER_REVIEWED",
        })
    };
    assert_eq!(
        records[0]["referral"],
        json!([referral("000000090001", "1"), referral("000000090002", "2")])
    );
    assert_eq!(records[0]["person"].as_array().unwrap().len(), 2);
}

#[test]
fn requests_of_r4_say_whose_they_are() {
    let (records, account) = practice("service-requests.json", &[]);
    assert_eq!(account["inputs"][0]["standard"], "fhir@4.0.1");
    assert_eq!(
        records,
        [json!({
            // Both requests say the same of the same person.
            "person": [{"role": "patient", "nhs_number": "9990000018"}],
            "referral": [
                {"direction": "incoming", "unique_booking_reference_number": "000000090001"},
                {"direction": "incoming", "unique_booking_reference_number": "000000090001"},
            ],
        })]
    );
}

#[test]
fn a_document_of_a_message_in_xml_becomes_rows() {
    let (records, account) = practice("send-document.xml", &[]);
    assert_eq!(account["inputs"][0]["verdict"], "accepted");
    assert_eq!(
        records,
        [json!({
            "person": [{
                "role": "patient",
                "nhs_number": "9990000018",
                "nhs_number_status_indicator_code": "01",
                "patient_given_name": "Ann",
                "patient_family_name": "Example",
                "postcode_of_usual_address": "ZZ99 3WZ",
                "person_birth_date": "1990-02-28",
                "person_stated_gender_code": "2",
                "address_line": [{"role": "patient", "patient_usual_address_structured": "1 Invented Street"}],
            }],
            "care_contact": [{
                "care_contact_identifier": "e1",
                "contact_date": "2024-08-15",
                "contact_time": "09:00:00",
                "consultation_type": "307778003",
                "organisation_identifier_code_of_provider": "FA999",
            }],
            "care_professional": [{
                "professional_registration_issuer_code": "16",
                "professional_registration_entry_identifier": "9999999",
            }],
            "diagnosis": [{"code": "276433004", "code_system": "snomed-ct"}],
            "observation": [{
                "code": "1577041000000109",
                "code_system": "snomed-ct",
                "observation_date": "2024-08-15",
                "term": "A consultation that nobody had",
            }],
            "medication": [{
                "code": "289411000001107",
                "code_system": "dm-d",
                "term": "Flucloxacillin 500mg capsules",
                "quantity": "20.5",
                "quantity_unit": "Capsule",
                "issue_date": "2024-08-15",
                "duration": 5,
            }],
            "organisation": [{"organisation_identifier": "FA999", "name": "An invented pharmacy"}],
        })]
    );
    // The header of the message is of the file, and has a table of its own.
    let folder = folder("practice-message");
    let file = fixture("fhir/practice/send-document.xml");
    let account = convert(&folder, &[&file]);
    assert_eq!(rows(&account, "submission"), 1);
    // XML that comes on standard input is the same.
    let bytes = fs::read(&file).unwrap();
    let piped = from_input(&folder, &bytes, &["-o", "piped"]);
    assert_eq!(account_rows(&piped), account["rows"]);
}

fn account_rows(output: &Output) -> Value {
    account(output)["rows"].clone()
}

/// One folder can hold resources of several releases, each read by the mapping of its own.
#[test]
fn a_folder_of_several_releases_is_one_lake() {
    let folder = folder("practice-folder");
    for name in [
        "e-referral.json",
        "service-requests.json",
        "send-document.xml",
    ] {
        fs::copy(fixture(&format!("fhir/practice/{name}")), folder.join(name)).unwrap();
    }
    let account = convert(&folder, &["."]);
    assert_eq!(rows(&account, "referral"), 3);
    assert_eq!(rows(&account, "person"), 3);
    assert_eq!(rows(&account, "medication"), 1);
}

/// Every sample of the reference becomes rows, kept whatever is wrong with it.
#[test]
fn samples_of_practices_become_rows() {
    let reference = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        Into::into,
    );
    let samples = reference.join("practice/samples");
    if !samples.exists() {
        eprintln!("skipped: there is no {}", samples.display());
        return;
    }
    let folder = folder("practice-samples");
    let messages = "gpconnect/pharmacy-first-1.xml gpconnect/send-document-generic.xml gpconnect/update-record-cpcs.xml gpconnect/structured_allergies1.json";
    for (name, paths, expected) in [
        (
            "ers",
            "ers",
            &[
                ("referral", 15),
                ("appointment", 7),
                ("service_agreement", 7),
            ][..],
        ),
        (
            "gpconnect",
            messages,
            &[("medication", 2), ("care_contact", 2), ("diagnosis", 2)],
        ),
        (
            "toc",
            "transfer_of_care/document-message-TOC.json",
            // The document of STU3 that it holds is opened.
            &[
                ("person", 2),
                ("submission", 1),
                ("observation", 2),
                ("diagnosis", 1),
                ("allergy", 1),
            ],
        ),
        (
            "booked",
            "ers/retrieveReferralRequest_responses_BookedDBS.json",
            &[
                ("person", 1),
                ("referral", 1),
                ("appointment", 1),
                ("service_agreement", 1),
                ("referral_to_treatment_period", 1),
            ],
        ),
    ] {
        let paths: Vec<String> = paths
            .split(' ')
            .map(|path| samples.join(path).to_str().unwrap().to_owned())
            .collect();
        let mut arguments: Vec<&str> = paths.iter().map(String::as_str).collect();
        arguments.extend(["--on-reject", "keep"]);
        let account = convert_to(&folder, "parquet", name, &arguments);
        for (entity, count) in expected {
            assert_eq!(
                rows(&account, entity),
                *count,
                "{name} {entity}: {}",
                account["rows"]
            );
        }
    }
}

#[test]
fn a_mapping_that_is_there_and_cannot_be_read_is_told() {
    let folder = folder("resources-mapping-unreadable");
    let schemas = folder.join("schemas/fhir/3-0-2");
    fs::create_dir_all(&schemas).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas/fhir/3-0-2");
    for file in fs::read_dir(shipped).unwrap() {
        let file = file.unwrap();
        fs::copy(file.path(), schemas.join(file.file_name())).unwrap();
    }
    fs::write(schemas.join("mapping.toml"), b"\xff\xfe").unwrap();
    fs::write(
        folder.join("a.ndjson"),
        "{\"resourceType\":\"Patient\",\"id\":\"1\"}\n",
    )
    .unwrap();
    let arguments = [
        "convert",
        "a.ndjson",
        "--schemas",
        "schemas",
        "--standard",
        "fhir@3.0.2",
        "--to",
        "parquet",
        "-o",
        "out",
    ];
    let output = command(&folder, &arguments).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("fhir/3-0-2/mapping.toml"), "{told}");
    assert!(!folder.join("out").exists());
}

/// A bundle's entries are counted one by one in findings, and rows by visit.
#[test]
fn findings_of_entries_join_to_the_rows_that_came_of_them() {
    let folder = folder("resources-joined");
    let entry = |kind: &str, id: &str, says: Value| {
        let mut resource = json!({"resourceType": kind, "id": id});
        let says = says.as_object().unwrap().clone();
        resource.as_object_mut().unwrap().extend(says);
        json!({"fullUrl": format!("https://example.org/{kind}/{id}"), "resource": resource})
    };
    let encounter = |id: &str, status: &str, by: &str| {
        entry(
            "Encounter",
            id,
            json!({
                "status": status,
                "class": {"code": "IMP"},
                "subject": {"reference": "https://example.org/Patient/p"},
                "participant": [{"individual": {"reference": format!("https://example.org/Practitioner/{by}")}}],
                "period": {"start": "2026-01-02"}
            }),
        )
    };
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": [
        entry("Practitioner", "d", json!({"gender": "no such gender"})),
        entry("Patient", "p", json!({})),
        encounter("e1", "finished", "d"),
        encounter("e2", "finishd", "d"),
        encounter("e3", "finished", "none"),
    ]});
    fs::write(folder.join("a.json"), bundle.to_string()).unwrap();
    let account = convert(&folder, &["a.json", "--on-reject", "keep"]);
    assert_eq!(rows(&account, "hospital_spell"), 3, "{account}");
    assert_eq!(rows(&account, "finding_rows"), 3, "{account}");
    if let Some(python) = python() {
        let told = read_with(
            &python,
            &folder,
            "import duckdb, json; print(json.dumps(duckdb.sql(\"select finding_record, value, r.source_record, s.source_effect from 'lake/findings/*.parquet' f join 'lake/finding_rows/*.parquet' r on f.source_file = finding_file and f.source_record = finding_record join 'lake/hospital_spell/*.parquet' s on s.source_file = r.source_file and s.source_record = r.source_record order by 1, 3\").fetchall()))",
        );
        assert_eq!(
            told,
            json!([
                [1, "no such gender", 1, "reject-record"],
                [1, "no such gender", 2, "reject-record"],
                [4, "finishd", 2, "reject-record"]
            ])
        );
    }
    // The lake is read again without what stands beside its rows.
    let again = convert_to(&folder, "fhir", "again", &["lake"]);
    assert_eq!(again["resources"]["Encounter"], 3, "{again}");
}
