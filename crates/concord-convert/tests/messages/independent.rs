//! The records agree with what a small reader of the tests' own finds in the messages, and one of other people's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Command;

use crate::given::{Said, reference, together, value};
use crate::order::stream;

/// A message in its parts: fields of the first segment of each name, components.
struct Plain(BTreeMap<String, Vec<String>>);

impl Plain {
    fn of(message: &[u8]) -> Self {
        let text = String::from_utf8(message.to_vec()).unwrap();
        let mut segments = BTreeMap::new();
        for line in text.split('\r').filter(|line| !line.is_empty()) {
            let mut fields: Vec<String> = line.split('|').map(str::to_owned).collect();
            if fields[0] == "MSH" {
                fields.insert(1, "|".to_owned());
            }
            segments.entry(fields[0].clone()).or_insert(fields);
        }
        Self(segments)
    }

    /// A component of the first repetition, or of the one that holds `with`.
    fn get(&self, segment: &str, field: usize, component: usize, with: &str) -> String {
        let fields = self.0.get(segment);
        let text = fields
            .and_then(|fields| fields.get(field))
            .map_or("", String::as_str);
        let repetition = text
            .split('~')
            .find(|one| one.contains(with))
            .unwrap_or_default();
        repetition
            .split('^')
            .nth(component - 1)
            .unwrap_or_default()
            .to_owned()
    }
}

/// `CCYYMMDDHHMM` as day and time.
fn moment(text: &str) -> (String, String) {
    (
        format!("{}-{}-{}", &text[..4], &text[4..6], &text[6..8]),
        format!("{}:{}:00", &text[8..10], &text[10..12]),
    )
}

/// What is known of a stay.
#[derive(Debug, Default, PartialEq)]
struct Known {
    nhs_number: String,
    born: String,
    admitted: Option<(String, String)>,
    discharged: Option<(String, String)>,
    /// Units with the day and time of arrival there.
    units: Vec<(String, String, String)>,
    messages: usize,
}

/// Follows the messages about each visit, as they come.
fn followed(messages: &[Vec<u8>]) -> BTreeMap<String, Known> {
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    for message in messages {
        let plain = Plain::of(message);
        let visit = plain.get("PV1", 19, 1, "");
        if visit.is_empty() {
            continue;
        }
        let stay = known.entry(visit).or_default();
        stay.messages += 1;
        stay.nhs_number = plain.get("PID", 3, 1, "^NHS");
        let born = plain.get("PID", 7, 1, "");
        stay.born = format!("{}-{}-{}", &born[..4], &born[4..6], &born[6..8]);
        let event = plain.get("MSH", 9, 2, "");
        let (day, time) = moment(&plain.get("EVN", 6, 1, ""));
        let unit = (plain.get("PV1", 3, 1, ""), day, time);
        let admitted = plain.get("PV1", 44, 1, "");
        if !admitted.is_empty() && event != "A05" {
            stay.admitted = Some(moment(&admitted));
        }
        let discharged = plain.get("PV1", 45, 1, "");
        if !discharged.is_empty() {
            stay.discharged = Some(moment(&discharged));
        }
        match event.as_str() {
            "A01" => stay.units = vec![unit],
            // A move inside a unit is one too, and can be taken back.
            "A02" => stay.units.push(unit),
            "A12" => {
                stay.units.pop();
            }
            "A13" => stay.discharged = None,
            "A11" => {
                stay.admitted = None;
                stay.units.clear();
            }
            _ => {}
        }
    }
    for stay in known.values_mut() {
        stay.units.dedup_by(|later, earlier| later.0 == earlier.0);
    }
    known
}

/// The same of a record.
fn told(said: &Said) -> Known {
    let both = |entity: &str, date: &str, time: &str| {
        let date = value(said, entity, date)?.to_owned();
        Some((date, value(said, entity, time)?.to_owned()))
    };
    let spell = "hospital_spell";
    let rows = said.get("location_stay").into_iter().flatten();
    let stays = rows.filter(|row| row["role"] == "ward-stay");
    Known {
        nhs_number: value(said, "person", "nhs_number")
            .unwrap_or_default()
            .to_owned(),
        born: value(said, "person", "person_birth_date")
            .unwrap_or_default()
            .to_owned(),
        admitted: both(
            spell,
            "start_date_hospital_provider_spell",
            "start_time_hospital_provider_spell",
        ),
        discharged: both(
            spell,
            "discharge_date_hospital_provider_spell",
            "discharge_time_hospital_provider_spell",
        ),
        units: stays
            .map(|row| {
                (
                    row["point_of_care"].clone(),
                    row["start_date"].clone(),
                    row["start_time"].clone(),
                )
            })
            .collect(),
        messages: said["patient_event"].len(),
    }
}

#[test]
fn stays_are_what_their_messages_say_one_after_the_other() {
    let mut moves = BTreeSet::new();
    for seed in 1..6 {
        let messages = stream(800, seed);
        let expected = followed(&messages);
        assert!(expected.len() > 50);
        let together = together(&[&messages.concat()]);
        let said = together.said();
        let visits = said.iter().filter_map(|said| {
            let visit = value(said, "patient_event", "visit_identifier")?;
            Some((visit.to_owned(), told(said)))
        });
        let found: BTreeMap<String, Known> = visits.collect();
        for (visit, expected) in &expected {
            assert_eq!(found.get(visit), Some(expected), "{visit}, seed {seed}");
            moves.insert(expected.units.len());
        }
        assert_eq!(found.len(), expected.len());
    }
    assert!(
        moves.contains(&0) && moves.contains(&1) && moves.contains(&2),
        "{moves:?}"
    );
}

/// What python-hl7 finds in messages, a line each: the control id and the values, parted by bars.
const READ: &str = r"
import sys, hl7
for text in sys.stdin.buffer.read().decode().split('\x00'):
    message = hl7.parse(text)
    def get(segment, field, repetition=1, component=1):
        try:
            return message.extract_field(segment, 1, field, repetition, component, 1)
        except LookupError:
            return ''
    evn = get('EVN', 6)
    print('|'.join([get('MSH', 10), get('MSH', 9, 1, 2), evn, get('PV1', 19),
        get('PV1', 3, 1, 1), get('PV1', 3, 1, 2), get('PV1', 3, 1, 3), get('PV1', 3, 1, 4), get('PV1', 6, 1, 1)]))
";

#[test]
fn events_are_what_another_reader_finds() {
    let python = std::env::var("CONCORD_READERS").unwrap_or_else(|_| "python3".to_owned());
    let there = Command::new(&python).args(["-c", "import hl7"]).output();
    if !there.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: no Python with hl7; set CONCORD_READERS");
        return;
    }
    let mut messages = stream(400, 11);
    if let Some(folder) = reference() {
        for entry in std::fs::read_dir(folder.join("hl7v2/samples")).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let text = text.replace("\r\n", "\r").replace('\n', "\r");
            messages.push(text.trim_end().as_bytes().to_vec());
        }
    }
    let input = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(input.path(), messages.join(&0)).unwrap();
    let output = Command::new(&python)
        .args(["-c", READ])
        .stdin(std::fs::File::open(input.path()).unwrap())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut expected: Vec<String> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .collect();
    let mut found = Vec::new();
    let ended: Vec<Vec<u8>> = messages
        .iter()
        .map(|message| {
            let mut message = message.clone();
            if message.last() != Some(&b'\r') {
                message.push(b'\r');
            }
            message
        })
        .collect();
    for said in together(&[&ended.concat()]).said() {
        for row in &said["patient_event"] {
            let get = |field: &str| row.get(field).map_or("", String::as_str);
            let occurred: String = get("event_occurred")
                .chars()
                .filter(char::is_ascii_digit)
                .take(12)
                .collect();
            let mut line = String::new();
            write!(
                line,
                "{}|{}|{occurred}",
                get("message_identifier"),
                get("event_code")
            )
            .unwrap();
            for field in [
                "visit_identifier",
                "point_of_care",
                "ward_code",
                "bed",
                "organisation_site_identifier_of_treatment",
                "prior_point_of_care",
            ] {
                write!(line, "|{}", get(field)).unwrap();
            }
            found.push(line);
        }
    }
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[test]
fn published_samples_are_converted() {
    let Some(folder) = reference() else {
        return;
    };
    let read = |name: &str| {
        let text = std::fs::read_to_string(folder.join("hl7v2/samples").join(name)).unwrap();
        text.replace("\r\n", "\r").replace('\n', "\r")
    };
    let said = together(&[read("03_ADT_A01_ADT_A01.hl7").as_bytes()]).only();
    for (entity, field, expected) in [
        ("person", "person_birth_date", "1965-12-13"),
        ("person", "person_stated_gender_code", "2"),
        (
            "registration",
            "general_medical_practice_patient_registration",
            "Y06601",
        ),
        (
            "hospital_spell",
            "method_of_admission_hospital_provider_spell",
            "13",
        ),
        (
            "hospital_spell",
            "start_date_hospital_provider_spell",
            "2010-10-20",
        ),
        (
            "elective_admission_list_entry",
            "decided_to_admit_date",
            "2010-10-07",
        ),
        ("location_stay", "ward_code", "OBS1"),
        (
            "location_stay",
            "organisation_site_identifier_of_treatment",
            "RCB55",
        ),
        (
            "care_professional",
            "professional_registration_issuer_code",
            "03",
        ),
        (
            "care_professional",
            "activity_treatment_function_code",
            "300",
        ),
    ] {
        assert_eq!(
            value(&said, entity, field),
            Some(expected),
            "{entity}.{field}"
        );
    }
    let said = together(&[read("01_ADT_A28_ADT_A05.hl7").as_bytes()]).only();
    assert_eq!(
        value(&said, "patient_event", "event"),
        Some("patient-added")
    );
    assert!(!said.contains_key("hospital_spell"));
    let said = together(&[read("04_ADT_A03_ADT_A03.hl7").as_bytes()]).only();
    assert_eq!(value(&said, "patient_event", "event"), Some("discharged"));
    assert_eq!(
        value(
            &said,
            "outpatient_attendance",
            "outpatient_attendance_identifier"
        ),
        Some("11554")
    );
}
