//! What becomes of a stay, event by event.

use crate::given::{PATIENT, Said, Together, message, stay, together, value};

/// A discharge, from PV1-36 on: where to (37), admitted (44), discharged (45).
fn times(to: &str, discharged: &str) -> String {
    format!("|{to}|||||||202603011000|{discharged}")
}

fn all(messages: &[String]) -> Together {
    together(&[messages.concat().as_bytes()])
}

fn admitted() -> String {
    let pv1 = stay("RXX^W1^B4^RXX01", &times("", ""));
    message("A01", "202603011000", &format!("{PATIENT}\n{pv1}"))
}

fn moved() -> String {
    let pv1 = stay("RXX^W2^B1^RXX01", &times("", ""));
    message("A02", "202603021230", &format!("{PATIENT}\n{pv1}"))
}

fn discharged() -> String {
    let pv1 = stay("RXX^W2^B1^RXX01", &times("19", "202603051115"));
    message("A03", "202603051120", &format!("{PATIENT}\n{pv1}"))
}

/// The places of a stay: role, ward, from, to.
fn places(said: &Said) -> Vec<String> {
    let rows = said
        .get("location_stay")
        .map(Vec::as_slice)
        .unwrap_or_default();
    let field = |row: &std::collections::BTreeMap<String, String>, name: &str| {
        row.get(name).cloned().unwrap_or_default()
    };
    rows.iter()
        .map(|row| {
            format!(
                "{} {} {} {} - {} {}",
                field(row, "role"),
                field(row, "ward_code"),
                field(row, "start_date"),
                field(row, "start_time"),
                field(row, "end_date"),
                field(row, "end_time")
            )
        })
        .collect()
}

#[test]
fn a_stay_is_one_record() {
    let said = all(&[admitted(), moved(), discharged()]).only();
    for (entity, field, expected) in [
        ("person", "nhs_number", "9990000018"),
        ("person", "nhs_number_status_indicator_code", "01"),
        ("person", "identity", "verified"),
        ("person", "local_patient_identifier_extended", "L0000001"),
        (
            "person",
            "organisation_identifier_local_patient_identifier",
            "RXX",
        ),
        ("person", "patient_family_name", "Trialby"),
        ("person", "person_birth_date", "1933-02-15"),
        ("person", "person_stated_gender_code", "1"),
        ("person", "ethnic_category", "A"),
        ("person", "person_marital_status", "M"),
        ("person", "postcode_of_usual_address", "WX18 4ZZ"),
        (
            "hospital_spell",
            "hospital_provider_spell_identifier",
            "V17",
        ),
        (
            "hospital_spell",
            "method_of_admission_hospital_provider_spell",
            "21",
        ),
        (
            "hospital_spell",
            "admission_source_hospital_provider_spell",
            "19",
        ),
        (
            "hospital_spell",
            "start_date_hospital_provider_spell",
            "2026-03-01",
        ),
        (
            "hospital_spell",
            "start_time_hospital_provider_spell",
            "10:00:00",
        ),
        (
            "hospital_spell",
            "destination_of_discharge_hospital_provider_spell",
            "19",
        ),
        (
            "hospital_spell",
            "discharge_date_hospital_provider_spell",
            "2026-03-05",
        ),
        (
            "hospital_spell",
            "discharge_time_hospital_provider_spell",
            "11:15:00",
        ),
        ("episode", "organisation_identifier_code_of_provider", "RXX"),
        ("episode", "completion", "finished"),
        (
            "care_professional",
            "professional_registration_issuer_code",
            "03",
        ),
        (
            "care_professional",
            "professional_registration_entry_identifier",
            "C3456789",
        ),
        (
            "care_professional",
            "activity_treatment_function_code",
            "300",
        ),
        ("activity_record", "cds_type_code", "130"),
    ] {
        assert_eq!(
            value(&said, entity, field),
            Some(expected),
            "{entity}.{field}"
        );
    }
    let lines: Vec<&String> = said["address_line"]
        .iter()
        .filter_map(|row| row.get("patient_usual_address_structured"))
        .collect();
    assert_eq!(lines, ["17 Sample Road", "Mockridge", "Fauxshire"]);
    assert_eq!(
        places(&said),
        [
            "start-of-episode W1   -  ",
            "ward-stay W1 2026-03-01 10:00:00 - 2026-03-02 12:30:00",
            "ward-stay W2 2026-03-02 12:30:00 - 2026-03-05 11:15:00",
            "end-of-episode W2   -  ",
        ]
    );
    let events: Vec<&str> = said["patient_event"]
        .iter()
        .map(|row| row["event"].as_str())
        .collect();
    assert_eq!(events, ["admitted", "moved", "discharged"]);
}

#[test]
fn messages_are_put_in_the_order_in_which_things_happened() {
    let expected = all(&[admitted(), moved(), discharged()]).only();
    let mut found = all(&[discharged(), admitted(), moved()]).only();
    for row in found.get_mut("patient_event").unwrap() {
        let number = row["message_number"].parse::<u32>().unwrap();
        row.insert("message_number".to_owned(), (number % 3).to_string());
    }
    let mut expected = expected;
    for row in expected.get_mut("patient_event").unwrap() {
        let number = row["message_number"].parse::<u32>().unwrap();
        row.insert("message_number".to_owned(), ((number + 1) % 3).to_string());
    }
    assert_eq!(found, expected);
}

#[test]
fn what_is_taken_back_is_taken_back() {
    let pv1 = stay("RXX^W1^B4^RXX01", &times("", ""));
    let cancel = |event: &str, at: &str| message(event, at, &format!("{PATIENT}\n{pv1}"));

    let said = all(&[admitted(), moved(), cancel("A12", "202603021300")]).only();
    assert_eq!(
        places(&said),
        [
            "start-of-episode W1   -  ",
            "ward-stay W1 2026-03-01 10:00:00 -  "
        ]
    );
    assert_eq!(
        value(&said, "activity_record", "cds_type_code"),
        Some("190")
    );

    let said = all(&[admitted(), discharged(), cancel("A13", "202603051200")]).only();
    assert_eq!(
        value(
            &said,
            "hospital_spell",
            "discharge_date_hospital_provider_spell"
        ),
        None
    );
    assert_eq!(
        value(
            &said,
            "hospital_spell",
            "destination_of_discharge_hospital_provider_spell"
        ),
        None
    );
    assert_eq!(value(&said, "episode", "completion"), Some("unfinished"));

    let said = all(&[admitted(), cancel("A11", "202603011005")]).only();
    assert!(!said.contains_key("hospital_spell"), "{said:#?}");
    assert!(!said.contains_key("location_stay"), "{said:#?}");
    assert_eq!(value(&said, "person", "nhs_number"), Some("9990000018"));
    assert_eq!(said["patient_event"].len(), 2);
}

#[test]
fn what_is_emptied_goes_and_what_is_not_said_stays() {
    let again = PATIENT
        .replace("|19330215|1|", "|\"\"||")
        .replace("WX18 4ZZ", "WX18 4AA");
    let pv1 = stay("RXX^W1^B4^RXX01", &times("", ""));
    let changed = message("A08", "202603011100", &format!("{again}\n{pv1}"));
    let said = all(&[admitted(), changed]).only();
    assert_eq!(value(&said, "person", "person_birth_date"), None);
    assert_eq!(
        value(&said, "person", "person_stated_gender_code"),
        Some("1")
    );
    assert_eq!(
        value(&said, "person", "postcode_of_usual_address"),
        Some("WX18 4AA")
    );
}

#[test]
fn a_message_that_says_any_diagnosis_says_all() {
    let pv1 = stay("RXX^W1^B4^RXX01", &times("", ""));
    let with = |at: &str, diagnoses: &[&str]| {
        let each = diagnoses.iter().enumerate().map(|(number, code)| {
            format!(
                "\nDG1|{}||{code}^Text^I10||202603011015|A|||||||||{}",
                number + 1,
                number + 1
            )
        });
        let each: String = each.collect();
        message("A08", at, &format!("{PATIENT}\n{pv1}{each}"))
    };
    let first = with("202603011030", &["J189", "I10X"]);
    let said = all(&[admitted(), first.clone(), with("202603011100", &[])]).only();
    let codes = |said: &Said| -> Vec<String> {
        said["diagnosis"]
            .iter()
            .map(|row| format!("{} {} {}", row["role"], row["code"], row["code_system"]))
            .collect()
    };
    assert_eq!(
        codes(&said),
        ["primary J189 icd-10", "secondary I10X icd-10"]
    );
    let said = all(&[admitted(), first, with("202603011100", &["J181"])]).only();
    assert_eq!(codes(&said), ["primary J181 icd-10"]);
}

#[test]
fn stays_and_patients_are_records_of_their_own() {
    let other = stay("RXX^W9^B4^RXX01", &times("", "")).replace("V17^", "V18^");
    let second = message("A01", "202604011000", &format!("{PATIENT}\n{other}"));
    let patient = message("A28", "202602011000", PATIENT);
    let updated = message("A31", "202602021000", &PATIENT.replace("Ulric", "Ulrich"));
    let merge = format!("{PATIENT}\nMRG|L0000009^^^RXX");
    let merged = message("A40", "202602031000", &merge);
    let together = all(&[patient, updated, merged, admitted(), second]);
    let said = together.said();
    let found: Vec<(usize, Option<&str>, Option<&str>)> = said
        .iter()
        .map(|said| {
            let visit = value(said, "hospital_spell", "hospital_provider_spell_identifier");
            (
                said["patient_event"].len(),
                visit,
                value(said, "person", "patient_given_name"),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (3, None, Some("Ulric")),
            (1, Some("V17"), Some("Ulric")),
            (1, Some("V18"), Some("Ulric"))
        ]
    );
    let merged = said[0]["patient_event"][2].get("merged_identifier");
    assert_eq!(merged.map(String::as_str), Some("L0000009"));
}

#[test]
fn a_stay_without_a_number_is_one_of_a_patient_since_a_time() {
    let strip = |message: String| message.replace("V17^^^RXX^VN", "");
    let said = all(&[strip(admitted()), strip(moved()), strip(discharged())]).said();
    assert_eq!(said.len(), 1, "{said:#?}");
    assert_eq!(said[0]["patient_event"].len(), 3);
}

#[test]
fn attendances_go_by_the_class_of_the_patient() {
    let of = |class: &str| {
        let pv1 = stay("RXX^ED^^RXX01", &times("", "202603011345")).replace("|I|", class);
        let message = message("A04", "202603011000", &format!("{PATIENT}\n{pv1}"));
        all(&[message]).only()
    };
    let said = of("|E|");
    assert_eq!(
        value(
            &said,
            "emergency_attendance",
            "emergency_care_attendance_identifier"
        ),
        Some("V17")
    );
    assert_eq!(
        value(&said, "emergency_attendance", "emergency_care_arrival_time"),
        Some("10:00:00")
    );
    assert_eq!(
        value(
            &said,
            "emergency_attendance",
            "emergency_care_departure_time"
        ),
        Some("13:45:00")
    );
    assert_eq!(
        value(&said, "activity_record", "cds_type_code"),
        Some("011")
    );
    assert!(!said.contains_key("hospital_spell") && !said.contains_key("location_stay"));
    let said = of("|O|");
    assert_eq!(
        value(&said, "outpatient_attendance", "appointment_date"),
        Some("2026-03-01")
    );
    assert_eq!(
        value(&said, "activity_record", "cds_type_code"),
        Some("020")
    );
}

#[test]
fn who_is_only_expected_is_in_no_hospital() {
    let pv1 = stay("RXX^W1^B4^RXX01", "");
    let expected = message(
        "A05",
        "202602251000",
        &format!("{PATIENT}\n{pv1}\nPV2||||||||202603011000"),
    );
    let said = all(std::slice::from_ref(&expected)).only();
    assert!(!said.contains_key("hospital_spell"), "{said:#?}");
    assert!(!said.contains_key("activity_record"), "{said:#?}");
    let said = all(&[expected, admitted()]).only();
    assert_eq!(
        value(
            &said,
            "hospital_spell",
            "start_date_hospital_provider_spell"
        ),
        Some("2026-03-01")
    );
    assert_eq!(said["patient_event"].len(), 2);
}

#[test]
fn leave_is_a_stay_at_home() {
    let pv1 = stay("RXX^W1^B4^RXX01", &times("", ""));
    let event = |event: &str, at: &str| message(event, at, &format!("{PATIENT}\n{pv1}"));
    let said = all(&[
        admitted(),
        event("A21", "202603031000"),
        event("A22", "202603041800"),
        event("A21", "202603061000"),
        event("A52", "202603061005"),
    ])
    .only();
    assert_eq!(
        places(&said)[2..],
        ["home-leave  2026-03-03 10:00:00 - 2026-03-04 18:00:00"]
    );
}
