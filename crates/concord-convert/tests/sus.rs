//! SUS+ extracts: where a public reader looks for a value, it stands.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use concord_convert::LossReason;
use concord_convert::builder::{Origin, RecordsBuilder};
use concord_convert::records::{RecordWriter as _, Records};
use concord_convert::tables_out::{ExtractLayout, TableWriter, TableWritten};
use support::{cells, shipped};

fn written(folder: &str, records: &Records) -> (Vec<Vec<String>>, TableWritten) {
    let layout = ExtractLayout::load(&shipped(), folder).unwrap();
    let mut writer = TableWriter::of_extract(&layout, Vec::new()).unwrap();
    writer.write(records).unwrap();
    let (written, bytes) = writer.finish().unwrap();
    (cells(&bytes), written)
}

/// A spell with `diagnoses` codes and an outpatient attendance.
fn records(diagnoses: usize) -> Records {
    let mut builder = RecordsBuilder::new(Origin {
        standard: Some("cds@6-3-1".into()),
        file: "may.xml".into(),
        interchange: Some("0042".into()),
    });
    let activity = [("cds_unique_identifier", "B1"), ("cds_type_code", "130")];
    builder.add("activity_record", 1, None, &activity);
    let person = [
        ("role", "patient"),
        ("nhs_number", "9990000018"),
        ("person_birth_date", "1980-05-01"),
        ("patient_family_name", "=Testcase, \"A\""),
    ];
    builder.add("person", 1, None, &person);
    let spell = [
        ("hospital_provider_spell_identifier", "S1"),
        ("discharge_date_hospital_provider_spell", "2025-05-04"),
    ];
    builder.add("hospital_spell", 1, None, &spell);
    builder.add(
        "episode",
        1,
        None,
        &[("organisation_identifier_code_of_provider", "RXX")],
    );
    for number in 0..diagnoses {
        let code = format!("I{number:02}X");
        let role = if number == 0 { "primary" } else { "secondary" };
        let values = [("role", role), ("code", &*code), ("code_system", "icd-10")];
        builder.add("diagnosis", 1, None, &values);
    }
    let snomed = [
        ("role", "entry"),
        ("code", "73211009"),
        ("code_system", "snomed-ct"),
    ];
    builder.add("diagnosis", 1, None, &snomed);
    for (role, code, day) in [
        ("primary", "W371", "2025-05-02"),
        ("secondary", "Z942", "2025-05-03"),
    ] {
        let values = [
            ("role", role),
            ("code", code),
            ("code_system", "opcs-4"),
            ("procedure_date", day),
        ];
        builder.add("procedure", 1, None, &values);
    }
    builder.add(
        "location_stay",
        1,
        Some(1),
        &[("role", "start-of-episode"), ("ward_code", "W01")],
    );
    for ward in ["W02", "W03"] {
        builder.add(
            "location_stay",
            1,
            Some(1),
            &[("role", "ward-stay"), ("ward_code", ward)],
        );
    }
    builder.add("birth", 1, None, &[("birth_weight", "3200")]);
    builder.add(
        "critical_care_period",
        1,
        None,
        &[("critical_care_local_identifier", "C1")],
    );

    builder.add(
        "activity_record",
        2,
        None,
        &[("cds_unique_identifier", "B2")],
    );
    let attendance = [
        ("outpatient_attendance_identifier", "A1"),
        ("appointment_date", "2025-05-31"),
        ("attendance_status", "5"),
    ];
    builder.add("outpatient_attendance", 2, None, &attendance);
    let (records, losses) = builder.finish().unwrap();
    assert!(losses.is_empty(), "{:?}", losses.list());
    records
}

fn lost(written: &TableWritten, element: &str) -> Option<(LossReason, u64)> {
    let losses = written.losses.list();
    let loss = losses.into_iter().find(|loss| loss.element == element)?;
    Some((loss.reason, loss.count))
}

#[test]
fn the_commissioner_is_that_of_the_day() {
    let mut builder = RecordsBuilder::new(Origin::default());
    let spell = [
        ("hospital_provider_spell_identifier", "S1"),
        ("discharge_date_hospital_provider_spell", "2025-05-04"),
    ];
    builder.add("hospital_spell", 1, None, &spell);
    for (code, from, to) in [
        ("16C", "2024-04-01", "2025-05-03"),
        ("13T", "2025-05-04", "2026-03-31"),
    ] {
        let agreement = [
            ("organisation_identifier_code_of_commissioner", code),
            ("start_date_commissioner_assignment_period", from),
            ("end_date_commissioner_assignment_period", to),
        ];
        builder.add("service_agreement", 1, None, &agreement);
    }
    let (records, _) = builder.finish().unwrap();
    let (rows, written) = written("sus/apc", &records);
    let column = "Organisation Code Code of Commissioner";
    let place = rows[0].iter().position(|header| header == column).unwrap();
    assert_eq!(rows[1][place], "13T");
    let other = lost(&written, "Service agreement");
    assert_eq!(other, Some((LossReason::Several, 1)));
}

#[test]
fn admitted_care_stands_where_a_public_reader_looks() {
    let (rows, written) = written("sus/apc", &records(3));
    assert_eq!((rows.len(), written.rows, written.left_out), (2, 1, 1));
    let by_name = |name: &str| {
        let place = rows[0].iter().position(|header| header == name).unwrap();
        rows[1][place].as_str()
    };
    assert_eq!(by_name("Unique CDS identifier"), "B1");
    assert_eq!(by_name("CDS Interchange ID"), "0042");
    assert_eq!(by_name("NHS Number"), "9990000018");
    assert_eq!(
        by_name("Person Family Name"),
        "=Testcase, \"A\"",
        "data stays as it is"
    );
    assert_eq!(
        by_name("Discharge Date (From Hospital Provider Spell)"),
        "2025-05-04"
    );
    assert_eq!(by_name("Organisation Code Code of Provider"), "RXX");
    assert_eq!(by_name("Ward Code at Episode Start Date"), "W01");
    // The places that the reader counts to, from 0.
    let at = |place: usize| rows[1][place].as_str();
    assert_eq!(
        [at(101), at(103), at(105), at(107)],
        ["I00X", "I01X", "I02X", ""]
    );
    assert_eq!([at(175), at(176)], ["W371", "2025-05-02"]);
    assert_eq!([at(181), at(182)], ["Z942", "2025-05-03"]);
    assert_eq!([at(378), at(392)], ["W02", "W03"]);
    assert_eq!(at(771), "3200", "the twelfth of a birth's columns");
    assert_eq!(at(979), "C1");
    assert_eq!(rows[0][100], "Diagnosis Scheme In Use (ICD)");
    assert_eq!(rows[0][319], "Procedure Scheme In Use (READ)");
}

#[test]
fn what_has_no_column_is_told() {
    let (_, written) = written("sus/apc", &records(27));
    assert_eq!(
        lost(&written, "Hospital Provider Spell Number"),
        Some((LossReason::Incomplete, 1)),
        "the attendance is no spell"
    );
    let losses = written.losses.list();
    let diagnoses: Vec<(LossReason, Option<String>, u64)> = losses
        .into_iter()
        .filter(|loss| loss.element == "Diagnosis")
        .map(|loss| (loss.reason, loss.detail, loss.count))
        .collect();
    let secondary = "role secondary, code_system icd-10".to_owned();
    assert_eq!(
        diagnoses,
        [
            (LossReason::NoPlace, None, 1),
            (LossReason::Several, Some(secondary), 3)
        ],
        "the one of SNOMED CT, and 26 secondary ones for 23 places"
    );
    assert_eq!(
        lost(&written, "OUTPATIENT ATTENDANCE IDENTIFIER"),
        Some((LossReason::NoPlace, 1))
    );
}

#[test]
fn outpatients_stand_where_a_public_reader_looks() {
    let (rows, written) = written("sus/op", &records(1));
    assert_eq!((rows.len(), written.rows, written.left_out), (2, 1, 1));
    let by_name = |name: &str| {
        let place = rows[0].iter().position(|header| header == name).unwrap();
        rows[1][place].as_str()
    };
    assert_eq!(by_name("Attendance Identifier"), "A1");
    assert_eq!(by_name("Attended or Did Not Attend"), "5");
    assert_eq!(by_name("Appointment Date"), "2025-05-31");
    assert_eq!(rows[0][48], "Diagnosis Scheme In Use (ICD)");
    assert_eq!(rows[0][145], "Procedure Scheme In Use (OPCS)");
}

#[test]
fn layouts_say_how_their_columns_are_known() {
    let files = shipped();
    let counts = |folder: &str| ExtractLayout::load(&files, folder).unwrap().counts();
    assert_eq!(counts("sus/apc"), (212, 1033, 5));
    assert_eq!(counts("sus/op"), (147, 216, 0));
    assert_eq!(counts("sus/ae"), (133, 72, 1));
    let mut files = shipped();
    let text = files["sus/ae/layout.csv"].replace("emergency_care_arrival_date", "arrival");
    files.insert("sus/ae/layout.csv".to_owned(), text);
    let error = ExtractLayout::load(&files, "sus/ae")
        .unwrap_err()
        .to_string();
    assert_eq!(
        error,
        "sus/ae/layout.csv:52: there is no field of emergency_attendance `arrival`"
    );
}
