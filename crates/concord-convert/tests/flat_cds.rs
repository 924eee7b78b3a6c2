//! CDS records of one line or of several, fixed width and delimited, on their way to the canonical model.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod support;

use std::collections::BTreeMap;
use std::path::Path;

use concord_convert::builder::{Origin, RecordsBuilder};
use concord_convert::records::{RecordWriter, Records};
use concord_convert::tables_out::TableWriter;
use concord_convert::{LossReason, Losses, OnReject};
use concord_model::entities::entity;
use concord_sample::cds::{Protocol, Request, write};
use support::{Standard, shipped};

/// A canonical row: its entity, the numbers of its record, of itself and of its parent, and what stands in it.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    entity: String,
    record: i64,
    sequence: i64,
    parent: Option<i64>,
    values: BTreeMap<&'static str, String>,
}

/// Keeps the canonical rows.
#[derive(Default)]
struct Kept(Vec<Row>);

impl RecordWriter for Kept {
    fn write(&mut self, records: &Records) -> Result<(), String> {
        for record in records.records() {
            for name in record.entities() {
                for row in record.rows(name) {
                    let fields = entity(name).unwrap().fields.iter();
                    let values = fields.filter_map(|field| {
                        let text = row.text(field.name)?.into_owned();
                        Some((field.name, text))
                    });
                    self.0.push(Row {
                        entity: name.to_owned(),
                        record: record.number,
                        sequence: row.sequence().unwrap(),
                        parent: row.integer("parent_sequence"),
                        values: values.collect(),
                    });
                }
            }
        }
        Ok(())
    }
}

fn fixture(name: &str) -> Vec<u8> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/cds-flat");
    std::fs::read(root.join(name)).unwrap()
}

fn converted(standard: &Standard, text: &[u8]) -> (Vec<Row>, Vec<String>, Losses) {
    let (kept, findings, losses) = standard.convert(text, OnReject::Keep, Kept::default());
    let found = findings.iter().map(|finding| finding.rule.id.to_string());
    (kept.0, found.collect(), losses)
}

/// The rows of an entity in the first record, of each these fields.
fn of<'r>(rows: &'r [Row], name: &str, fields: &[&str]) -> Vec<Vec<&'r str>> {
    let of_entity = rows
        .iter()
        .filter(|row| row.entity == name && row.record == 1);
    let values = |row: &'r Row| {
        let text = |field: &&str| row.values.get(*field).map_or("", String::as_str);
        fields.iter().map(text).collect()
    };
    of_entity.map(values).collect()
}

#[test]
fn an_outpatient_line_becomes_what_its_columns_say() {
    let standard = Standard::load(&shipped(), "cds-flat-outpatient/6-2");
    let (rows, found, losses) = converted(&standard, &fixture("outpatient/clean.txt"));
    assert_eq!(found, Vec::<String>::new());
    let told: Vec<String> = losses
        .list()
        .iter()
        .map(|loss| loss.element.clone())
        .collect();
    assert_eq!(told, ["CDS_VERSION"]);
    let activity = [
        "cds_type_code",
        "cds_applicable_date",
        "cds_applicable_time",
    ];
    assert_eq!(
        of(&rows, "activity_record", &activity),
        [["020", "2025-09-05", "11:57:00"]]
    );
    let recipient = ["role", "organisation_identifier_cds_recipient"];
    assert_eq!(
        of(&rows, "record_recipient", &recipient),
        [["prime", "QCL"], ["copy", "QEG"], ["copy", "QKY"]]
    );
    let person = [
        "role",
        "nhs_number",
        "person_birth_date",
        "patient_given_name",
        "person_stated_gender_code",
    ];
    assert_eq!(
        of(&rows, "person", &person),
        [["patient", "9993973149", "2022-02-23", "Siân", "2"]]
    );
    assert_eq!(
        of(
            &rows,
            "address_line",
            &["role", "patient_usual_address_structured"]
        ),
        [["patient", "1 Example Street"], ["patient", "Testtown"]]
    );
    let attendance = [
        "appointment_date",
        "appointment_time",
        "expected_duration_of_appointment",
        "attendance_status",
        "consultation_mechanism",
    ];
    assert_eq!(
        of(&rows, "outpatient_attendance", &attendance),
        [["2025-08-22", "09:45:00", "30", "5", "01"]]
    );
    let diagnosis = ["role", "code", "code_system", "diagnosis_scheme_in_use"];
    assert_eq!(
        of(&rows, "diagnosis", &diagnosis),
        [
            ["primary", "J459", "icd-10", "02"],
            ["secondary", "I10X", "icd-10", "02"],
            ["secondary", "Z867", "icd-10", "02"],
        ]
    );
    let procedure = [
        "role",
        "code",
        "procedure_date",
        "main_operating_professional_registration_entry_identifier",
    ];
    assert_eq!(
        of(&rows, "procedure", &procedure),
        [
            ["primary", "U281", "2025-08-22", ""],
            ["secondary", "Z941", "", ""],
            ["secondary", "Y981", "2025-08-22", "9999998"],
        ]
    );
    let sequences = rows
        .iter()
        .filter(|row| row.entity == "procedure" && row.record == 1);
    assert_eq!(
        sequences.map(|row| row.sequence).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    let second = rows.iter().filter(|row| row.record == 2);
    assert!(
        !second.clone().any(|row| row.entity == "procedure"),
        "the scheme alone is no procedure"
    );
    assert!(second.clone().any(|row| {
        row.values
            .get("person_birth_date")
            .is_some_and(|day| day == "1964-02-29")
    }));
}

#[test]
fn what_is_wrong_in_a_line_is_found_and_lost_openly() {
    let standard = Standard::load(&shipped(), "cds-flat-outpatient/6-2");
    let (rows, found, losses) = converted(&standard, &fixture("outpatient/broken.txt"));
    assert_eq!(
        found,
        [
            "VALUE-FORMAT",
            "VALUE-CODE",
            "VALUE-FORMAT",
            "VALUE-FORMAT",
            "TABLE-LINE-LENGTH",
            "TABLE-LINE-LENGTH",
        ]
    );
    let wrong = |element: &str| {
        let mut list = losses.list().into_iter();
        list.any(|loss| {
            &*loss.element == element && loss.reason == LossReason::NotOfItsForm && loss.count == 1
        })
    };
    assert!(
        wrong("APPOINTMENT DATE") && wrong("APPOINTMENT TIME"),
        "{:?}",
        losses.list()
    );
    // Blanks behind the line's end say nothing.
    for (behind, expected) in [("  ", 0), (" x", 1)] {
        let clean = String::from_utf8(fixture("outpatient/clean.txt")).unwrap();
        let first = clean.lines().next().unwrap();
        let longer = clean.replacen(first, &format!("{first}{behind}"), 1);
        let (_, _, losses) = converted(&standard, longer.as_bytes());
        let told = losses.list().into_iter();
        let told = told.filter(|loss| loss.element == "text behind the last column");
        assert_eq!(told.map(|loss| loss.count).sum::<u64>(), expected);
    }
    let attendance = rows
        .iter()
        .find(|row| row.entity == "outpatient_attendance" && row.record == 2)
        .unwrap();
    assert!(!attendance.values.contains_key("appointment_date"));
    assert!(!attendance.values.contains_key("appointment_time"));
}

#[test]
fn babies_wards_and_episodes_lie_where_they_belong() {
    let standard = Standard::load(&shipped(), "cds-flat-inpatient/6-2");
    let (rows, found, losses) = converted(&standard, &fixture("inpatient/clean.txt"));
    assert_eq!(found, Vec::<String>::new());
    let lost = losses.list();
    assert!(
        lost.iter()
            .any(|loss| &*loss.element == "DELIVERY_DATE" && loss.reason == LossReason::NoPlace)
    );
    assert_eq!(
        of(
            &rows,
            "location_stay",
            &["role", "ward_code", "start_date", "end_date"]
        ),
        [
            ["start-of-episode", "W1", "", ""],
            ["ward-stay", "W1", "2025-06-01", "2025-06-02"],
            ["ward-stay", "W2", "2025-06-02", "2025-06-03"],
            ["end-of-episode", "W2", "", ""],
        ]
    );
    assert!(
        rows.iter()
            .filter(|row| row.entity == "location_stay")
            .all(|row| row.parent == Some(1))
    );
    assert!(
        !rows
            .iter()
            .any(|row| row.entity == "birth" && row.record == 1)
    );
    let births = rows
        .iter()
        .filter(|row| row.entity == "birth")
        .map(|row| row.values["birth_weight"].as_str());
    assert_eq!(births.collect::<Vec<_>>(), ["3120", "2980"]);
    let people = rows
        .iter()
        .filter(|row| row.entity == "person" && row.record == 2);
    let people: Vec<(&str, &str, Option<i64>)> = people
        .map(|row| {
            (
                row.values["role"].as_str(),
                row.values.get("nhs_number").map_or("", String::as_str),
                row.parent,
            )
        })
        .collect();
    assert_eq!(
        people,
        [
            ("patient", "9994801953", None),
            ("baby", "", Some(1)),
            ("baby", "9999752675", Some(2))
        ]
    );
}

#[test]
fn days_of_critical_care_hold_their_own_activities() {
    let standard = Standard::load(&shipped(), "cds-flat-critical-care/6-2");
    let (rows, found, losses) = converted(&standard, &fixture("critical-care/clean.txt"));
    assert_eq!(found, Vec::<String>::new());
    assert!(losses.is_empty(), "{:?}", losses.list());
    assert_eq!(
        of(
            &rows,
            "critical_care_day",
            &["activity_date_critical_care", "person_weight"]
        ),
        [["2025-06-01", ""], ["2025-06-02", "12.5"]]
    );
    let activities = rows
        .iter()
        .filter(|row| row.entity == "critical_care_activity");
    let activities: Vec<(Option<i64>, &str)> = activities
        .map(|row| {
            let code = row.values.get("critical_care_activity_code");
            let code = code.or_else(|| row.values.get("high_cost_drugs_opcs"));
            (row.parent, code.unwrap().as_str())
        })
        .collect();
    assert_eq!(
        activities,
        [
            (Some(1), "01"),
            (Some(1), "50"),
            (Some(2), "09"),
            (Some(2), "X811")
        ]
    );
}

#[test]
fn emergency_attendances_are_kept_with_their_own_lists() {
    let standard = Standard::load(&shipped(), "cds-flat-emergency/6-2");
    let (rows, found, losses) = converted(&standard, &fixture("emergency/clean.txt"));
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(
        of(&rows, "diagnosis", &["role", "code", "code_system"]),
        [
            ["primary", "22", "accident-and-emergency"],
            ["secondary", "08110L", "accident-and-emergency"]
        ]
    );
    assert_eq!(
        of(&rows, "treatment", &["code", "procedure_date"]),
        [["22", "2019-04-04"], ["99", "2019-04-04"]]
    );
    let lost = losses.list();
    assert!(
        lost.iter()
            .any(|loss| &*loss.element == "A_AND_E_ARRIVAL_MODE_CODE"
                && loss.reason == LossReason::NoPlace)
    );
}

#[test]
fn a_delimited_emergency_line_needs_no_header() {
    let standard = Standard::load(&shipped(), "ecds-flat/6-2");
    let (rows, found, losses) = converted(&standard, &fixture("ecds/clean.txt"));
    assert_eq!(found, Vec::<String>::new());
    assert!(losses.is_empty(), "{:?}", losses.list());
    assert_eq!(
        of(
            &rows,
            "emergency_attendance",
            &["emergency_care_arrival_date", "emergency_care_arrival_time"]
        ),
        [["2025-04-04", "04:04:00"]]
    );
    assert_eq!(
        of(
            &rows,
            "diagnosis",
            &["role", "code", "coded_clinical_entry_sequence_number"]
        ),
        [
            ["entry", "287528319001", "1"],
            ["entry", "9887309003", "2"],
            ["comorbidity", "221658757008", ""]
        ]
    );
    assert_eq!(
        of(
            &rows,
            "treatment",
            &["code", "procedure_date", "procedure_time"]
        ),
        [["472725673005", "2025-04-04", "04:22:00"]]
    );
    assert_eq!(
        of(
            &rows,
            "injury",
            &[
                "injury_date",
                "injury_time",
                "emergency_care_place_of_injury_latitude"
            ]
        ),
        [["2025-04-03", "23:30:00", "51.5074"]]
    );
}

/// A document of these types of record, as lines of a layout: the canonical rows of both.
fn through_lines(version: &str, types: &[&str], layout: &str) -> (Vec<Row>, Vec<Row>) {
    let files = shipped();
    let (documents, lines) = (
        Standard::load(&files, version),
        Standard::load(&files, layout),
    );
    let request = Request {
        schema: &documents.definition.schema,
        records: 60,
        seed: 11,
        types: types.iter().map(|code| (*code).to_owned()).collect(),
        protocol: Protocol::Net,
        faults: None,
        fault_rules: Vec::new(),
    };
    let mut document = Vec::new();
    write(&request, &mut document, None).unwrap();
    let (kept, _) = documents.convert_document(&document, Kept::default());
    let writer = TableWriter::new(&lines.definition, &lines.mapping, Vec::new()).unwrap();
    let (writer, _) = documents.convert_document(&document, writer);
    let (written, text) = writer.finish().unwrap();
    assert_eq!((written.rows, written.left_out), (60, 0), "{layout}");
    let (read, found, _) = converted(&lines, &text);
    assert_eq!(
        found,
        Vec::<String>::new(),
        "{layout}: what is written passes the check"
    );
    (kept.0, read)
}

/// Whether everything that the lines say of a record stands in the document's rows of it.
#[track_caller]
fn says_nothing_else(document: &[Row], lines: &[Row]) -> usize {
    let mut values = 0;
    for row in lines {
        let same = document.iter().any(|other| {
            let says = |(field, text): (&&str, &String)| other.values.get(*field) == Some(text);
            (&other.entity, other.record) == (&row.entity, row.record)
                && row.values.iter().all(says)
        });
        assert!(same, "{row:?}");
        values += row.values.len();
    }
    values
}

/// The values of a field in all records.
fn all<'r>(rows: &'r [Row], name: &str, field: &str) -> Vec<(i64, Option<&'r String>)> {
    let of_entity = rows.iter().filter(|row| row.entity == name);
    of_entity
        .map(|row| (row.record, row.values.get(field)))
        .collect()
}

#[test]
fn an_activity_is_the_same_as_a_document_and_as_a_line() {
    for (version, types, layout, fields) in [
        (
            "cds/6-3-1",
            &["020"][..],
            "cds-flat-outpatient/6-2",
            &[
                ("outpatient_attendance", "appointment_date"),
                ("outpatient_attendance", "appointment_time"),
                ("person", "nhs_number"),
                (
                    "registration",
                    "general_medical_practice_patient_registration",
                ),
            ][..],
        ),
        (
            "cds/6-3-1",
            &["120", "130", "140", "190"],
            "cds-flat-inpatient/6-2",
            &[
                ("hospital_spell", "start_date_hospital_provider_spell"),
                ("episode", "end_time_episode"),
                ("person", "person_birth_date"),
            ],
        ),
        (
            "cds/6-3-1",
            &["020", "120", "130", "140", "190"],
            "cds-flat-lines/6-2",
            &[
                ("outpatient_attendance", "appointment_date"),
                ("hospital_spell", "start_date_hospital_provider_spell"),
                ("episode", "end_time_episode"),
                ("person", "person_birth_date"),
            ],
        ),
        (
            "cds/6-2-3",
            &["011"],
            "ecds-flat/6-2",
            &[
                ("emergency_attendance", "emergency_care_arrival_time"),
                ("emergency_attendance", "emergency_care_acuity_snomed_ct"),
                ("diagnosis", "code"),
                ("treatment", "procedure_time"),
                ("referral", "request_date"),
            ],
        ),
    ] {
        let (document, lines) = through_lines(version, types, layout);
        let values = says_nothing_else(&document, &lines);
        assert!(values > 600, "{layout}: {values} values");
        for (name, field) in fields {
            let (ours, theirs) = (all(&lines, name, field), all(&document, name, field));
            assert!(
                ours.iter().any(|(_, text)| text.is_some()),
                "{layout}: {name}.{field}"
            );
            assert_eq!(ours, theirs, "{layout}: {name}.{field}");
        }
    }
}

#[test]
fn rows_go_to_the_numbers_they_lie_in_and_too_many_are_told() {
    let files = shipped();
    let standard = Standard::load(&files, "cds-flat-critical-care/6-2");
    let mut builder = RecordsBuilder::new(Origin::default());
    builder.add(
        "critical_care_period",
        1,
        None,
        &[
            ("critical_care_local_identifier", "CC1"),
            ("critical_care_start_date", "2025-06-01"),
        ],
    );
    for day in 1..=2 {
        let date = format!("2025-06-0{day}");
        builder.add(
            "critical_care_day",
            1,
            Some(1),
            &[("activity_date_critical_care", &date)],
        );
    }
    // The first day has more than there is room for, and the second day's still go to the second day.
    for number in 0..22 {
        let code = format!("{:02}", number + 1);
        let row = [
            ("kind", "activity"),
            ("critical_care_activity_code", &*code),
        ];
        builder.add("critical_care_activity", 1, Some(1), &row);
    }
    let row = [("kind", "activity"), ("critical_care_activity_code", "99")];
    builder.add("critical_care_activity", 1, Some(2), &row);
    let (records, _) = builder.finish().unwrap();
    let mut writer = TableWriter::new(&standard.definition, &standard.mapping, Vec::new()).unwrap();
    writer.write(&records).unwrap();
    let (written, text) = writer.finish().unwrap();
    let losses = written.losses.list();
    let several = losses
        .iter()
        .find(|loss| loss.reason == LossReason::Several)
        .unwrap();
    assert_eq!(several.count, 2, "{losses:?}");
    let line = std::str::from_utf8(&text).unwrap();
    assert_eq!(line.trim_end_matches("\r\n").len(), 13_674);
    let (rows, found, _) = converted(&standard, &text);
    assert_eq!(found, Vec::<String>::new());
    let last = rows
        .iter()
        .rfind(|row| row.entity == "critical_care_activity")
        .unwrap();
    assert_eq!(last.parent, Some(2));
    assert_eq!(last.values["critical_care_activity_code"], "99");
}

/// A record of the rows.
fn record(rows: &[Row], number: i64) -> Vec<Row> {
    let mut own: Vec<Row> = rows
        .iter()
        .filter(|row| row.record == number)
        .cloned()
        .collect();
    for row in &mut own {
        row.record = 1;
    }
    own
}

#[test]
fn several_lines_make_one_record_of_whatever_activity() {
    let standard = Standard::load(&shipped(), "cds-flat-lines/6-2");
    let (rows, found, losses) = converted(&standard, &fixture("lines/clean.txt"));
    assert_eq!(found, Vec::<String>::new());
    let told: Vec<String> = losses
        .list()
        .iter()
        .map(|loss| loss.element.clone())
        .collect();
    assert_eq!(
        told,
        [
            "DELIVERY_DATE",
            "INVESTIGATION_SCHEME_IN_USE",
            "PROCEDURE_SCHEME_IN_USE",
            "RECORD_CONNECTION_IDENTIFIER"
        ]
    );
    let alone = losses.list().into_iter();
    let mut alone = alone.filter(|loss| loss.element == "PROCEDURE_SCHEME_IN_USE");
    let alone = alone.next().and_then(|loss| loss.detail);
    assert_eq!(
        alone.as_deref(),
        Some("what it belongs to is not there"),
        "a scheme of no procedure"
    );
    let diagnosis = [
        "role",
        "code",
        "code_system",
        "present_on_admission_indicator",
    ];
    assert_eq!(
        of(&rows, "diagnosis", &diagnosis),
        [
            ["primary", "J189", "icd-10", "Y"],
            ["secondary", "I10X", "icd-10", ""],
            ["secondary", "Z867", "icd-10", ""],
        ]
    );
    assert_eq!(
        of(&rows, "procedure", &["role", "code", "procedure_date"]),
        [["primary", "X522", "2025-06-02"], ["secondary", "Y981", ""]]
    );
    assert_eq!(
        of(
            &rows,
            "location_stay",
            &["role", "ward_code", "start_date", "end_time"]
        ),
        [
            ["ward-stay", "W2", "2025-06-01", "09:00:00"],
            ["", "W1", "", ""]
        ]
    );
    let periods = rows.iter().filter(|row| row.entity == "critical_care_day");
    let days = periods.map(|row| {
        (
            row.parent,
            row.values["activity_date_critical_care"].as_str(),
        )
    });
    assert_eq!(
        days.collect::<Vec<_>>(),
        [
            (Some(1), "2025-06-02"),
            (Some(1), "2025-06-03"),
            (Some(2), "2025-06-04")
        ],
        "days lie in their period"
    );
    let activities = rows
        .iter()
        .filter(|row| row.entity == "critical_care_activity");
    assert_eq!(
        activities.map(|row| row.parent).collect::<Vec<_>>(),
        [Some(1), Some(1), Some(2), Some(3)],
        "activities lie in their day"
    );
    for (number, makes, not) in [
        (1, "episode", "outpatient_attendance"),
        (2, "outpatient_attendance", "episode"),
        (3, "emergency_attendance", "outpatient_attendance"),
        (4, "delivery", "emergency_attendance"),
    ] {
        let own = record(&rows, number);
        assert!(own.iter().any(|row| row.entity == makes), "{number}");
        assert!(!own.iter().any(|row| row.entity == not), "{number}");
    }
    let attendance = [
        "organisation_site_identifier_of_treatment",
        "clinic_code",
        "appointment_time",
    ];
    let second = record(&rows, 2);
    assert_eq!(
        of(&second, "outpatient_attendance", &attendance),
        [["RXX01", "CL7", "09:45:00"]]
    );
    let coded = ["code", "code_system"];
    assert_eq!(of(&second, "diagnosis", &coded), [["H33..", "read"]]);
    let third = record(&rows, 3);
    assert_eq!(
        of(&third, "diagnosis", &coded),
        [["22", "accident-and-emergency"]]
    );
    assert_eq!(
        of(&third, "treatment", &["code", "procedure_date"]),
        [["22", "2019-04-04"]]
    );
    assert_eq!(of(&third, "investigation", &["code"]), [["01"], ["06"]]);
    let babies = ["role", "nhs_number"];
    assert_eq!(
        of(&record(&rows, 4), "person", &babies),
        [["patient", "9990000026"], ["baby", "9990000034"]]
    );
}

#[test]
fn codes_of_a_scheme_that_is_not_known_are_told() {
    let standard = Standard::load(&shipped(), "cds-flat-lines/6-2");
    let text = String::from_utf8(fixture("lines/clean.txt")).unwrap();
    let scheme = |text: &str, code: &str| {
        let lines = text.lines().map(|line| match line.strip_prefix("02A1") {
            Some(_) => format!("{}{code}{}\n", &line[..40], &line[42..]),
            None => format!("{line}\n"),
        });
        lines.collect::<String>()
    };
    let (known, _, before) = converted(&standard, scheme(&text, "02").as_bytes());
    let (unknown, _, after) = converted(&standard, scheme(&text, "99").as_bytes());
    let diagnoses = |rows: &[Row]| of(rows, "diagnosis", &["code"]).len();
    let lost = diagnoses(&known) - diagnoses(&unknown);
    assert!(lost > 0);
    let told = |losses: &Losses| {
        let all = losses.list().into_iter();
        let why = Some("because of DIAGNOSIS_SCHEME_IN_USE".to_owned());
        all.filter(|loss| loss.detail == why && loss.reason == LossReason::NoPlace)
            .filter(|loss| loss.element.contains("_ICD") || loss.element.contains("DIAGNOSIS"))
            .map(|loss| loss.element)
            .collect::<Vec<_>>()
    };
    assert_eq!(told(&before), Vec::<String>::new());
    assert!(told(&after).len() >= lost, "{:?}", told(&after));
}

#[test]
fn what_several_lines_say_comes_back_when_they_are_written_again() {
    let standard = Standard::load(&shipped(), "cds-flat-lines/6-2");
    let text = fixture("lines/clean.txt");
    let (before, _, _) = converted(&standard, &text);
    let writer = TableWriter::new(&standard.definition, &standard.mapping, Vec::new()).unwrap();
    let (writer, _, _) = standard.convert(&text, OnReject::Keep, writer);
    let (written, again) = writer.finish().unwrap();
    assert_eq!((written.rows, written.left_out), (4, 0));
    let lines: Vec<&str> = std::str::from_utf8(&again).unwrap().lines().collect();
    let codes: Vec<&str> = lines.iter().map(|line| &line[..2]).collect();
    assert_eq!(
        codes,
        [
            "01", "02", "03", "04", "05", "06", "06", "07", "07", "07", "01", "04", "09", "01",
            "12", "11", "01", "05", "08"
        ]
    );
    let (after, found, _) = converted(&standard, &again);
    assert_eq!(
        found,
        Vec::<String>::new(),
        "what is written passes the check"
    );
    let kept = |rows: &[Row]| -> Vec<Row> {
        // Of codes that share columns those of today's classifications are written, and of places the stays on wards.
        let written = |row: &&Row| {
            let system = row.values.get("code_system").map(String::as_str);
            match &*row.entity {
                "diagnosis" | "procedure" | "treatment" => {
                    !matches!(system, Some("read" | "accident-and-emergency"))
                }
                "location_stay" => row.values.contains_key("role"),
                _ => true,
            }
        };
        rows.iter().filter(written).cloned().collect()
    };
    assert_eq!(kept(&after), kept(&before));
    let several: Vec<String> = written
        .losses
        .list()
        .iter()
        .map(|loss| format!("{} {}", loss.element, loss.count))
        .collect();
    assert_eq!(
        several,
        [
            "Diagnosis 2",
            "EMERGENCY CARE PROCEDURE (SNOMED CT) 1",
            "PROCEDURE DATE (EMERGENCY CARE PROCEDURE) 1",
            "Stay at a place 1",
            "code_system 1"
        ]
    );
}

#[test]
fn lines_without_a_place_are_told_and_not_read() {
    let standard = Standard::load(&shipped(), "cds-flat-lines/6-2");
    let (rows, found, losses) = converted(&standard, &fixture("lines/broken.txt"));
    let lines = losses.list().into_iter();
    let lines = lines.filter(|loss| loss.element.starts_with("line "));
    let lines: Vec<(String, u64)> = lines.map(|loss| (loss.element, loss.count)).collect();
    let expected = [("line 02", 2), ("line 05", 1), ("line 99", 1)];
    assert_eq!(
        lines,
        expected.map(|(line, count)| (line.to_owned(), count))
    );
    assert_eq!(
        found,
        [
            "VALUE-CODE",
            "VALUE-FORMAT",
            "CDSL-LINE",
            "CDSL-LINE",
            "CDSL-LINE",
            "VALUE-CODE",
            "CDSL-LINE"
        ]
    );
    let another = rows
        .iter()
        .any(|row| row.record == 2 && row.values.get("code").is_some_and(|code| code == "J189"));
    assert!(!another, "another record's line is nobody's");
}

#[test]
fn lines_without_a_place_are_told_however_many_they_are() {
    let standard = Standard::load(&shipped(), "cds-flat-lines/6-2");
    let clean = String::from_utf8(fixture("lines/clean.txt")).unwrap();
    let spell = clean.lines().find(|line| line.starts_with("05")).unwrap();
    let lines: Vec<String> = (81..93)
        .map(|code| format!("{code}{}", &spell[2..37]))
        .collect();
    let further = clean.replacen(spell, &format!("{spell}\n{}", lines.join("\n")), 1);
    let (_, found, losses) = converted(&standard, further.as_bytes());
    let told = found.iter().filter(|rule| *rule == "CDSL-LINE").count();
    assert_eq!(told, 12, "{found:?}");
    let lost = losses.list().into_iter();
    let lost = lost.filter(|loss| loss.element.starts_with("line "));
    let lost: Vec<String> = lost.map(|loss| loss.element).collect();
    assert_eq!(
        lost,
        (81..93)
            .map(|code| format!("line {code}"))
            .collect::<Vec<_>>()
    );
}

#[test]
fn text_behind_the_last_column_of_a_line_is_told() {
    let standard = Standard::load(&shipped(), "cds-flat-lines/6-2");
    let clean = String::from_utf8(fixture("lines/clean.txt")).unwrap();
    let spell = clean.lines().find(|line| line.starts_with("05")).unwrap();
    let moved = format!("{spell:<400}TAIL");
    let (_, found, losses) = converted(&standard, clean.replacen(spell, &moved, 1).as_bytes());
    assert!(found.contains(&"TABLE-TEXT-BEHIND".to_owned()), "{found:?}");
    let told = losses.list().into_iter();
    let mut told = told.filter(|loss| loss.element == "text behind the last column");
    assert_eq!(told.next().unwrap().reason, LossReason::NoPlace);
    let blanks = format!("{spell:<400}");
    let (_, found, _) = converted(&standard, clean.replacen(spell, &blanks, 1).as_bytes());
    assert!(!found.contains(&"TABLE-TEXT-BEHIND".to_owned()));
}

#[test]
fn a_layout_of_one_line_takes_the_records_that_it_is_for() {
    let files = shipped();
    let documents = Standard::load(&files, "cds/6-3-1");
    let request = Request {
        schema: &documents.definition.schema,
        records: 5,
        seed: 5,
        types: vec!["130".to_owned()],
        protocol: Protocol::Net,
        faults: None,
        fault_rules: Vec::new(),
    };
    let mut document = Vec::new();
    write(&request, &mut document, None).unwrap();
    for (layout, rows) in [
        ("cds-flat-outpatient/6-2", 0),
        ("cds-flat-emergency/6-2", 0),
        ("cds-flat-inpatient/6-2", 5),
    ] {
        let lines = Standard::load(&files, layout);
        let writer = TableWriter::new(&lines.definition, &lines.mapping, Vec::new()).unwrap();
        let (writer, _) = documents.convert_document(&document, writer);
        let (written, _) = writer.finish().unwrap();
        assert_eq!(
            (written.rows, written.left_out),
            (rows, 5 - rows),
            "{layout}"
        );
        let left_out = written.losses.list().into_iter();
        let mut left_out = left_out.filter(|loss| loss.element == "line");
        assert_eq!(
            left_out.next().map_or(0, |loss| loss.count),
            5 - rows,
            "{layout}"
        );
    }
    let lines = Standard::load(&files, "cds-flat-outpatient/6-2");
    let mut text = fixture("outpatient/clean.txt");
    text[6..9].copy_from_slice(b"130");
    let (_, found, _) = converted(&lines, &text);
    assert_eq!(found, ["VALUE-CODE"]);
}
