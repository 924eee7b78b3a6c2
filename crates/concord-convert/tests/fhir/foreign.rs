//! Resources of others: what is understood, what is told as lost, and what is refused.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use concord_convert::Losses;
use concord_convert::fhir::{FhirSource, ResourceFile};
use concord_convert::records::{RecordSource as _, Records};
use concord_model::entities::ENTITIES;
use serde_json::{Value, json};

use crate::trip::mapping;

fn source(text: &str) -> Result<FhirSource, String> {
    let reader = Cursor::new(text.to_owned().into_bytes());
    FhirSource::new(vec![ResourceFile::new("other.json", reader)], mapping())
        .map_err(|error| error.to_string())
}

fn read(text: &str) -> Result<(Vec<Records>, Losses), String> {
    let mut source = source(text)?;
    let mut all = Vec::new();
    while let Some(records) = source.next()? {
        all.push(records);
    }
    Ok((all, source.into_losses()))
}

/// The rows of a record, as texts.
fn rows(all: &[Records], number: i64) -> BTreeMap<String, String> {
    let records = all.iter().flat_map(Records::records);
    let mut told = BTreeMap::new();
    for record in records.filter(|record| record.number == number) {
        for entity in ENTITIES {
            for (at, row) in record.rows(entity.name).enumerate() {
                for field in entity.fields {
                    if let Some(text) = row.text(field.name) {
                        told.insert(
                            format!("{} {at} {}", entity.name, field.name),
                            text.into_owned(),
                        );
                    }
                }
            }
        }
    }
    told
}

fn losses(losses: &Losses) -> Vec<String> {
    let list = losses.list();
    let told = list.iter().map(|loss| {
        let detail = loss
            .detail
            .as_ref()
            .map_or(String::new(), |detail| format!(" {detail}"));
        format!("{:?} {}{detail}", loss.reason, loss.element)
    });
    told.collect()
}

/// A bundle as an integration engine might send it: references without identifiers, names with a use, times in universal
/// time, a resource of another type, and elements that the model has no place for.
fn bundle() -> Value {
    let url = |id: &str| format!("https://fhir.example.org/{id}");
    json!({
        "resourceType": "Bundle", "type": "transaction",
        "entry": [
            {"fullUrl": url("Organization/1"), "resource": {"resourceType": "Organization", "id": "1", "name": "Example Trust",
                "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RXX"}]}},
            {"fullUrl": url("Patient/1"), "resource": {"resourceType": "Patient", "id": "1",
                "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}, {"system": "urn:other", "value": "7"}],
                "name": [{"use": "official", "family": "Testcase", "given": ["Ada", "May"]}],
                "gender": "female", "birthDate": "1961-02-03", "deceasedDateTime": "2025-07-31T23:30:00Z",
                "telecom": [{"system": "phone", "value": "01632 960018"}],
                "generalPractitioner": [{"reference": "Organization/1"}]}},
            {"fullUrl": url("Encounter/1"), "resource": {"resourceType": "Encounter", "id": "1", "status": "onleave",
                "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "EMER"},
                "subject": {"reference": "Patient/1"}, "serviceProvider": {"reference": url("Organization/1")},
                "period": {"start": "2025-07-31T23:30:00Z", "end": "2025-08"}}},
            {"fullUrl": url("Condition/1"), "resource": {"resourceType": "Condition", "id": "1",
                "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-9", "code": "250"}], "text": "diabetes"},
                "subject": {"reference": "Patient/1"}, "encounter": {"reference": "Encounter/9"}}},
            {"resource": {"resourceType": "Observation", "id": "1", "status": "final"}},
        ],
    })
}

#[test]
fn a_bundle_of_others_is_understood() {
    let (all, lost) = read(&format!("{:#}", bundle())).unwrap();
    let expected = [
        ("diagnosis 0 code", "250"),
        (
            "emergency_attendance 0 emergency_care_arrival_date",
            "2025-08-01",
        ),
        (
            "emergency_attendance 0 emergency_care_arrival_time",
            "00:30:00",
        ),
        (
            "emergency_attendance 0 organisation_identifier_code_of_provider",
            "RXX",
        ),
        ("organisation 0 name", "Example Trust"),
        ("organisation 0 organisation_identifier", "RXX"),
        ("person 0 nhs_number", "9990000018"),
        ("person 0 patient_family_name", "Testcase"),
        ("person 0 patient_given_name", "Ada"),
        ("person 0 person_birth_date", "1961-02-03"),
        ("person 0 person_death_date", "2025-08-01"),
        ("person 0 person_stated_gender_code", "2"),
        ("person 0 role", "patient"),
        (
            "registration 0 general_medical_practice_patient_registration",
            "RXX",
        ),
    ];
    let expected = expected
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    assert_eq!(rows(&all, 1), expected.collect::<BTreeMap<_, _>>());
    assert_eq!(
        losses(&lost),
        [
            "NoPlace Condition.code.text",
            "NoPlace Condition.encounter.reference",
            "NoPlace Encounter.period.end",
            "NoPlace Encounter.status",
            "NoPlace Observation",
            "Precision PERSON DEATH DATE",
            "NoPlace Patient.identifier.system",
            "NoPlace Patient.identifier.value",
            "NoPlace Patient.name.given",
            "NoPlace Patient.name.use",
            "NoPlace Patient.telecom.system",
            "NoPlace Patient.telecom.value",
            "NoEquivalentCode diagnosis.code_system http://hl7.org/fhir/sid/icd-9",
        ]
    );
}

#[test]
fn resources_of_others_are_records_of_their_own() {
    let patients = "{\"resourceType\":\"Patient\",\"gender\":\"male\"}\n\n{\"resourceType\":\"Patient\",\"gender\":\"unknown\"}\n";
    let (all, lost) = read(patients).unwrap();
    assert!(lost.is_empty(), "{:?}", losses(&lost));
    assert_eq!(rows(&all, 1)["person 0 person_stated_gender_code"], "1");
    assert_eq!(rows(&all, 2)["person 0 person_stated_gender_code"], "X");
}

#[test]
fn what_is_no_resource_is_refused() {
    let deep = format!(
        "{{\"resourceType\":\"Patient\",\"a\":{}",
        "[".repeat(100_000)
    );
    let cases = [
        ("{\"resourceType\":\"Patient\",\"gender\":", "EOF"),
        ("[1, 2]", "no resource of FHIR"),
        ("{\"a\":1}", "no resource of FHIR"),
        ("NHS Number,Name", "line 1"),
        (&deep, "recursion limit"),
        (
            "{\"resourceType\":\"Patient\"}\n{\"resourceType\":\"Patient\"",
            "line 2",
        ),
    ];
    for (text, told) in cases {
        let error = read(text).unwrap_err();
        assert!(error.contains(told), "{error}");
        assert!(error.starts_with("other.json"), "{error}");
    }
    assert!(read("").unwrap().0.is_empty());
    assert!(read("{\"resourceType\":\"Bundle\"}").is_ok());
    for odd in [
        "7",
        "null",
        "{\"resource\":7}",
        "{}",
        "{\"resource\":{\"resourceType\":\"Patient\",\"name\":7}}",
    ] {
        let (_, lost) = read(&format!(
            "{{\"resourceType\":\"Bundle\",\"entry\":[{odd}]}}"
        ))
        .unwrap();
        assert!(lost.list().iter().all(|loss| !loss.element.contains('7')));
    }
}

/// The examples of UK Core are read without an error, and every one of a type that is mapped gives a row.
#[test]
fn the_published_examples_are_read() {
    let folder = std::env::var_os("CONCORD_REFERENCE").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference"),
        PathBuf::from,
    );
    let Ok(entries) = std::fs::read_dir(folder.join("fhir/examples")) else {
        eprintln!("SKIPPED: no reference material at {}", folder.display());
        return;
    };
    let mut read = 0;
    for entry in entries {
        let path = entry.unwrap().path();
        let mut source = FhirSource::open(std::slice::from_ref(&path), mapping()).unwrap();
        while let Some(records) = source.next().unwrap_or_else(|error| panic!("{error}")) {
            read += records.records().count();
        }
        assert!(
            !source
                .into_losses()
                .list()
                .iter()
                .any(|loss| loss.count == 0)
        );
    }
    eprintln!("{read} of the examples made rows");
    assert!(read >= 10, "{read}");
}

/// The mapping can be shared by several sources.
#[test]
fn a_mapping_is_shared() {
    fn shared<T: Send + Sync>(_: &T) {}
    shared(&Arc::clone(&mapping()));
}

/// What would be a row of the opposite of what it says is left out, and told.
#[test]
fn what_was_not_done_or_does_not_hold_is_no_row() {
    let said = |system: &str, code: &str| json!({"coding": [{"system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code}]});
    let code = json!({"coding": [{"system": "http://snomed.info/sct", "code": "195967001"}]});
    let mut cases = Vec::new();
    let mut case = |kind: &str, says: Value, told: Option<&str>| {
        let mut resource = says;
        resource["resourceType"] = json!(kind);
        resource["code"] = code.clone();
        resource["subject"] = json!({"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}});
        cases.push((resource, told.map(str::to_owned)));
    };
    case("Procedure", json!({"status": "completed"}), None);
    case(
        "Procedure",
        json!({"status": "not-done"}),
        Some("status=not-done"),
    );
    let surgical = said("condition-category", "x");
    case(
        "Procedure",
        json!({"status": "entered-in-error", "category": surgical}),
        Some("status=entered-in-error"),
    );
    for (status, told) in [
        ("confirmed", false),
        ("refuted", true),
        ("entered-in-error", true),
    ] {
        let filter = format!("verificationStatus.coding[].code={status}");
        let says = json!({"verificationStatus": said("condition-ver-status", status)});
        case("Condition", says, told.then_some(&*filter));
    }
    for (status, told) in [("active", false), ("resolved", true), ("inactive", true)] {
        let filter = format!("clinicalStatus.coding[].code={status}");
        let says = json!({"clinicalStatus": said("allergyintolerance-clinical", status)});
        case("AllergyIntolerance", says, told.then_some(&*filter));
    }
    case(
        "ServiceRequest",
        json!({"status": "active", "intent": "order", "authoredOn": "2026-01-02"}),
        None,
    );
    case(
        "ServiceRequest",
        json!({"status": "active", "intent": "order", "doNotPerform": true}),
        Some("doNotPerform=true"),
    );
    case(
        "ServiceRequest",
        json!({"status": "active", "intent": "order", "doNotPerform": false, "authoredOn": "2026-01-02"}),
        None,
    );
    case(
        "Encounter",
        json!({"status": "cancelled", "class": {"code": "IMP"}, "period": {"start": "2026-01-02"}}),
        Some("status=cancelled"),
    );
    case(
        "Encounter",
        json!({"status": "finished", "class": {"code": "IMP"}, "period": {"start": "2026-01-02"}}),
        None,
    );
    case(
        "Condition",
        json!({"modifierExtension": [{"url": "https://example.org/not", "valueBoolean": true}]}),
        Some("modifierExtension"),
    );
    for (resource, told) in cases {
        let (all, lost) = read(&resource.to_string()).unwrap();
        let rows = rows(&all, 1);
        let kept = rows.keys().any(|name| !name.starts_with("person"));
        assert_eq!(kept, told.is_none(), "{resource}: {rows:?}");
        let kind = resource["resourceType"].as_str().unwrap();
        let negated: Vec<String> = losses(&lost)
            .into_iter()
            .filter(|loss| loss.starts_with("Negated"))
            .collect();
        let expected: Vec<String> = told
            .iter()
            .map(|told| format!("Negated {kind} {told}"))
            .collect();
        assert_eq!(negated, expected, "{resource}");
    }
}

/// Several codes say that an appointment was cancelled: which one it was, nobody said.
#[test]
fn a_cancelled_appointment_is_told() {
    let resource = json!({"resourceType": "Encounter", "status": "cancelled", "class": {"code": "AMB"}, "period": {"start": "2026-01-02"}});
    let (all, lost) = read(&resource.to_string()).unwrap();
    assert_eq!(
        rows(&all, 1)["outpatient_attendance 0 appointment_date"],
        "2026-01-02"
    );
    let told = losses(&lost);
    assert!(
        told.iter()
            .any(|loss| loss.starts_with("NoEquivalentCode ") && loss.ends_with(" cancelled")),
        "{told:?}"
    );
}

/// The model holds the usual address: of several, no line or postcode of another one stands with it.
#[test]
fn addresses_are_not_mixed() {
    let read_address = |addresses: Value| {
        let patient = json!({"resourceType": "Patient", "gender": "male", "address": addresses});
        let (all, lost) = read(&patient.to_string()).unwrap();
        let mut said = rows(&all, 1);
        said.retain(|name, _| name.contains("usual_address"));
        (said.into_values().collect::<Vec<_>>(), losses(&lost))
    };
    let old = json!({"use": "old", "line": ["9 Former Road"], "postalCode": "ZZ99 3VZ"});
    let home = json!({"use": "home", "line": ["1 Invented Street", "Exampleton"]});
    let plain = json!({"line": ["2 Invented Street"], "postalCode": "ZZ99 3WZ"});
    let (said, lost) = read_address(json!([old, plain, home]));
    assert_eq!(said, ["1 Invented Street", "Exampleton"]);
    let all = [
        "NoPlace Patient.address.line",
        "NoPlace Patient.address.postalCode",
        "NoPlace Patient.address.use",
    ];
    assert_eq!(lost, all);
    let (said, lost) = read_address(json!([plain, old]));
    assert_eq!(said, ["2 Invented Street", "ZZ99 3WZ"]);
    assert_eq!(lost, all);
    let (said, lost) = read_address(json!([old]));
    assert_eq!(said, [""; 0]);
    assert_eq!(lost, all);
    let (said, lost) = read_address(json!([plain]));
    assert_eq!(said, ["2 Invented Street", "ZZ99 3WZ"]);
    assert_eq!(lost, [""; 0]);
}
