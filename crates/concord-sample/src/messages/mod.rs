//! Synthetic HL7 v2 messages: what happens to many patients, told event by event, valid under the ITK profile (or under HL7
//! v2.4, when that is asked for) or with labelled faults.
//!
//! | module | does |
//! |---|---|
//! | [`stream`] | what happens: registrations, admissions, transfers, discharges, cancellations, merges, in the order of time |
//! | [`message`] | an event as a message, field by field |
//! | `faults` | faults that break one named rule each |
//! | [`arrival`] | the stream as a receiver gets it: overtaken, repeated, late, and with what contradicts itself |
//! | `contradictions` | events that contradict others, one named rule each |
//!
//! A [`Stream`] is a plain iterator of [`Event`]s. People are made up; NHS numbers are of the 999 range, which is never issued. Codes are those of the profile's
//! tables.

pub mod arrival;
mod contradictions;
mod faults;
pub mod message;
pub mod stream;

use std::io::{self, Write};

use concord_standards::definition::Definition;
use concord_standards::messages::Messages;

use crate::Dice;
use crate::faults::{LABEL_HEADER, Label};
pub use faults::rules;
pub use message::Message;
pub use stream::{Event, Stream, Trigger};

/// What to write.
#[derive(Debug, Clone)]
pub struct Request<'d> {
    /// The standard, which must be one of HL7 v2 messages.
    pub definition: &'d Definition,
    /// How many messages.
    pub messages: u64,
    /// The same seed gives the same bytes.
    pub seed: u64,
    /// Share of the messages that break a rule, from 0 to 1; none when not given.
    pub faults: Option<f64>,
    /// Rules to break; all when none is named.
    pub fault_rules: Vec<String>,
}

/// What was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Messages.
    pub messages: u64,
    /// Segments.
    pub segments: u64,
    /// Bytes.
    pub bytes: u64,
    /// Labels.
    pub faults: u64,
}

/// Why no messages could be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MessageSampleError {
    /// Not a standard of messages, or one without the admission of a patient.
    #[error("{0} has no messages of which a sample can be written")]
    NotMessages(String),
    /// A standard that profiles are made of: what is wrong with messages is for a profile to say.
    #[error(
        "faults are made of a profile, such as itk-adt@1.0, and {0} is what profiles are made of"
    )]
    NoFaults(String),
    /// Could not write.
    #[error("cannot write the sample")]
    Write(#[from] io::Error),
}

/// Writes messages, each segment ended by a carriage return. They break no rule of the standard, but for the faults that
/// were asked for, each of which is labelled.
///
/// # Errors
/// [`MessageSampleError`] when the standard has no such messages, or writing fails.
pub fn write(
    request: &Request<'_>,
    out: &mut dyn Write,
    mut labels: Option<&mut dyn Write>,
) -> Result<Written, MessageSampleError> {
    let (messages, profile) = made_of(request.definition)?;
    if profile.is_none() && request.faults.is_some() {
        return Err(MessageSampleError::NoFaults(
            request.definition.standard.name(),
        ));
    }
    if let (Some(labels), Some(_)) = (labels.as_deref_mut(), request.faults) {
        writeln!(labels, "{LABEL_HEADER}")?;
    }
    let mut written = Written::default();
    let mut turns = faults::Turns::new(request);
    for event in Stream::new(request.seed).take(request.messages as usize) {
        let mut message = Message::of(&event, messages, profile.as_deref());
        let mut dice = Dice::part(request.seed, event.number.wrapping_add(1 << 40));
        if let Some(made) = turns.take(&mut message, &event, &mut dice) {
            written.faults += 1;
            if let Some(labels) = labels.as_deref_mut() {
                let label = Label {
                    rule: made.rule,
                    record: written.messages + 1,
                    line: written.segments + made.segment as u64 + 1,
                    element: made.place,
                    description: made.description,
                };
                label.write(labels)?;
            }
        }
        let text = message.to_text();
        out.write_all(text.as_bytes())?;
        written.messages += 1;
        written.segments += memchr::memchr_iter(b'\r', text.as_bytes()).count() as u64;
        written.bytes += text.len() as u64;
    }
    Ok(written)
}

/// The messages of a standard, and the profile that they name.
fn made_of(definition: &Definition) -> Result<(&Messages, Option<String>), MessageSampleError> {
    let messages = definition.messages.as_ref();
    let messages = messages.filter(|messages| messages.kind("ADT", "A01").is_some());
    let info = definition.standard.messages.as_ref();
    let profile = info.and_then(|info| info.profiles.first());
    messages
        .map(|messages| (messages, profile.map(|pattern| pattern.replace('*', ".0"))))
        .ok_or_else(|| MessageSampleError::NotMessages(definition.standard.name()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn events_are_told_in_the_order_of_time() {
        let events: Vec<Event> = Stream::new(7).take(5000).collect();
        assert!(events.is_sorted_by_key(|event| event.occurred));
        assert!(
            events
                .iter()
                .enumerate()
                .all(|(at, event)| event.number == at as u64)
        );
        let again: Vec<Event> = Stream::new(7).take(5000).collect();
        assert_eq!(events, again);
        assert_ne!(events, Stream::new(8).take(5000).collect::<Vec<_>>());
    }

    #[test]
    fn every_kind_of_event_comes() {
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for event in Stream::new(1).take(20_000) {
            *seen.entry(event.trigger.code()).or_default() += 1;
        }
        for trigger in Trigger::ALL {
            assert!(
                seen.contains_key(trigger.code()),
                "{trigger:?} never came: {seen:?}"
            );
        }
    }

    #[test]
    fn a_stay_is_coherent() {
        // What a patient's events may follow one another as.
        let mut stays: BTreeMap<String, Vec<Trigger>> = BTreeMap::new();
        for event in Stream::new(3).take(20_000) {
            if let Some(stay) = &event.stay {
                stays
                    .entry(stay.visit.clone())
                    .or_default()
                    .push(event.trigger);
            }
        }
        for (visit, triggers) in &stays {
            let (mut inside, mut moved, mut left) = (false, false, false);
            for trigger in triggers {
                match trigger {
                    Trigger::PreAdmit => assert!(!inside && !left, "{visit}: {triggers:?}"),
                    Trigger::Admit => {
                        assert!(!inside && !left, "{visit}: {triggers:?}");
                        inside = true;
                    }
                    Trigger::Transfer => {
                        assert!(inside, "{visit}: {triggers:?}");
                        moved = true;
                    }
                    Trigger::CancelTransfer => {
                        assert!(inside && moved, "{visit}: {triggers:?}");
                        moved = false;
                    }
                    Trigger::Discharge => {
                        assert!(inside, "{visit}: {triggers:?}");
                        (inside, left) = (false, true);
                    }
                    Trigger::CancelDischarge => {
                        assert!(left, "{visit}: {triggers:?}");
                        (inside, left) = (true, false);
                    }
                    Trigger::CancelAdmit => {
                        assert!(inside, "{visit}: {triggers:?}");
                        inside = false;
                    }
                    Trigger::UpdateStay => assert!(inside || left, "{visit}: {triggers:?}"),
                    Trigger::Register | Trigger::UpdatePerson | Trigger::Merge => {
                        panic!("{trigger:?} is about no stay")
                    }
                }
            }
        }
        assert!(stays.len() > 100);
    }
}
