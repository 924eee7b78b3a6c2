//! What a message is about, and when that happened: the order in which messages are put together.
//!
//! | a message that | is about |
//! |---|---|
//! | names a visit (`visit_identifier`) | the visit of that key of the sending system |
//! | says when the patient was admitted | the stay of that patient from that time |
//! | names a patient | the patient |
//! | names nobody | itself |
//!
//! A patient is known by the local identifier with who gave it, else by the NHS number. Keys of two systems are never the same.

use super::fold::{Told, entity_number, field_number};

/// Ends what a key says of the stay; no text of a message holds it.
const END: u8 = 0;

/// The key of a message: what it is about, then when it happened, when it was sent, and where it stood.
pub(super) fn of(told: &Told) -> Vec<u8> {
    let said = |entity: &str, field: &str| -> &str {
        let text = entity_number(entity)
            .zip(field_number(entity, field))
            .and_then(|(entity, field)| told.first(entity, field));
        text.filter(|text| *text != crate::EMPTIED)
            .unwrap_or_default()
    };
    let event = |field| said("patient_event", field);
    let local = said("person", "local_patient_identifier_extended");
    let patient = if local.is_empty() {
        ["nhs-number", said("person", "nhs_number")]
    } else {
        [
            said("person", "organisation_identifier_local_patient_identifier"),
            local,
        ]
    };
    let admitted = [
        said("hospital_spell", "start_date_hospital_provider_spell"),
        said("hospital_spell", "start_time_hospital_provider_spell"),
    ];
    let system = [event("sending_application"), event("sending_organisation")];
    let visit = event("visit_identifier");
    let place = [told.input.to_string(), told.record.to_string()];
    let about: Vec<&str> = if !visit.is_empty() {
        vec!["visit", system[0], system[1], visit]
    } else if patient[1].is_empty() {
        vec!["message", &place[0], &place[1]]
    } else if !admitted[0].is_empty() {
        vec![
            "stay",
            system[0],
            system[1],
            patient[0],
            patient[1],
            admitted[0],
            admitted[1],
        ]
    } else {
        vec!["patient", system[0], system[1], patient[0], patient[1]]
    };
    let mut key = Vec::new();
    for part in about {
        // Parts end with a byte that texts do not hold, so that no two of them are taken for others.
        key.extend(part.bytes().map(|byte| byte.max(2)));
        key.push(1);
    }
    key.push(END);
    let sent = event("sent");
    let occurred = Some(event("event_occurred")).filter(|text| !text.is_empty());
    for time in [occurred.unwrap_or(sent), sent] {
        key.extend(time.bytes().map(|byte| byte.max(2)));
        key.push(1);
    }
    let sequence: u64 = event("sequence_number").parse().unwrap_or_default();
    key.extend(sequence.to_be_bytes());
    key.extend(self::place(told.input, told.record));
    key
}

/// What a key says the message is about.
pub(super) fn group(key: &[u8]) -> &[u8] {
    let end = key.iter().position(|byte| *byte == END);
    &key[..end.unwrap_or(key.len())]
}

/// The key of a record by its place: the input, and the number in it.
pub(super) fn place(input: usize, record: i64) -> Vec<u8> {
    let input = u64::try_from(input).unwrap_or(u64::MAX);
    [input.to_be_bytes(), record.to_be_bytes()].concat()
}
