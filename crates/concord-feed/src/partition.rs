//! Which messages must keep their order: those of one patient.

use concord_read::hl7::Message;
use sha2::{Digest, Sha256};

use crate::header::Header;
use crate::resource::Resource;

/// Repetitions of the patient's identifiers that are looked at.
const MOST: usize = 16;

/// A number that messages of one patient have in common, by which a broker shares them out: messages of the same number are
/// taken in their order.
///
/// It is a piece of a hash (16 bits of SHA-256) of the sender's own identifier of the patient (PID-3, or PID-2 of older
/// messages); of the NHS number where there is no other. So it spreads patients evenly, and thousands of them have each
/// number: none can be found by it. Messages without a patient have the number of their sender.
///
/// A message that merges two patients has the number of the one that remains. Resources of FHIR have that of the patient whom
/// they are about, by the reference; messages and resources of one patient have different ones.
///
/// ```
/// let admitted = b"MSH|^~\\&|PAS|RXX|||||ADT^A01|1\rPID|||9990000018^^^NHS^NH~A12^^^RXX^PI\r";
/// let discharged = b"MSH|^~\\&|PAS|RXX|||||ADT^A03|2\rPID|||A12^^^RXX^PI\r";
/// assert_eq!(concord_feed::partition_key(admitted), concord_feed::partition_key(discharged));
/// ```
pub fn partition_key(message: &[u8]) -> u16 {
    let mut hash = Sha256::new();
    if let Some(resource) = Resource::read(message) {
        if let Some(patient) = resource.patient {
            hash.update(b"reference\0");
            hash.update(patient);
        } else {
            hash.update(b"source\0");
            hash.update(resource.identity.application);
        }
    } else if let Some(patient) = patient(message) {
        hash.update(b"patient\0");
        hash.update(patient.trim_ascii());
    } else if let Some(header) = Header::read(message) {
        hash.update(b"sender\0");
        hash.update(header.identity.application);
        hash.update(b"\0");
        hash.update(header.identity.facility);
    }
    let hash = hash.finalize();
    u16::from_be_bytes([hash[0], hash[1]])
}

/// The identifier by which a sender knows a patient: the NHS number only where there is no other, because it comes and goes.
fn patient(bytes: &[u8]) -> Option<&[u8]> {
    let message = Message::read(bytes).ok()?;
    let identifiers = |field| {
        let message = &message;
        (0..MOST).filter_map(move |repetition| {
            let id = message.text("PID", field, repetition, 1)?;
            let part = |number| message.text("PID", field, repetition, number);
            // The type of the identifier, and the name of whoever assigns it.
            let national = matches!(part(5), Some(b"NH" | b"HN"))
                || part(4).is_some_and(|authority| {
                    let end = authority
                        .iter()
                        .position(|byte| Some(*byte) == message.delimiters.subcomponent);
                    &authority[..end.unwrap_or(authority.len())] == b"NHS"
                });
            Some((id, national))
        })
    };
    let mut national = None;
    for (id, is_national) in identifiers(3).chain(identifiers(2)) {
        if !is_national {
            return Some(id);
        }
        national = national.or(Some(id));
    }
    national
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(pid: &str) -> u16 {
        partition_key(format!("MSH|^~\\&|PAS|RXX|||||ADT^A01|1\r{pid}\r").as_bytes())
    }

    #[test]
    fn the_senders_own_identifier_decides() {
        let both = key("PID|||9990000018^^^NHS^NH~A12^^^RXX^PI");
        assert_eq!(both, key("PID|||A12^^^RXX^PI~9990000026^^^NHS^NH"));
        assert_eq!(both, key("PID|||A12"));
        assert_eq!(both, key("PID||A12"));
        assert_ne!(both, key("PID|||A13"));
        let national = key("PID|||9990000018^^^NHS^NH");
        assert_eq!(national, key("PID|||9990000018^^^^NH"));
        assert_ne!(national, both);
    }

    #[test]
    fn whatever_has_no_patient_has_the_number_of_its_sender() {
        let sender = key("PV1||I");
        assert_eq!(sender, key("PID|||^^^RXX^PI"));
        assert_eq!(sender, key("PID"));
        assert_ne!(sender, partition_key(b"no message"));
        assert_eq!(partition_key(b""), partition_key(b"no message"));
    }

    #[test]
    fn resources_of_a_patient_stay_together() {
        let of = |text: &str| partition_key(text.as_bytes());
        let patient = of(r#"{"resourceType": "Patient", "id": "p1"}"#);
        let encounter = r#"{"resourceType": "Encounter", "subject": {"reference": "Patient/p1"}}"#;
        assert_eq!(patient, of(encounter));
        assert_eq!(
            patient,
            of(&format!(
                r#"{{"resourceType": "Bundle", "entry": [{{"resource": {encounter}}}]}}"#
            ))
        );
        assert_ne!(patient, of(&encounter.replace("p1", "p2")));
        let source = of(r#"{"resourceType": "Location", "meta": {"source": "http://a#1"}}"#);
        assert_eq!(source, of(r#"{"meta": {"source": "http://a?x"}}"#));
        assert_ne!(source, of("{}"));
    }

    #[test]
    fn patients_are_spread() {
        let mut counts = [0; 8];
        for patient in 0..8_000 {
            counts[usize::from(key(&format!("PID|||{patient}")) % 8)] += 1;
        }
        assert!(
            counts.iter().all(|count| (800..1_200).contains(count)),
            "{counts:?}"
        );
    }
}
