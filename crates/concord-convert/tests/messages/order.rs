//! The records are the same whatever the order, the number of inputs, threads and the memory.

use concord_sample::Dice;
use concord_sample::messages::{Request, write};

use crate::given::{Said, Together, files, together, together_with, value};
use crate::support::Standard;

/// A stream of so many messages, one text each, in the order in which they were sent.
pub(crate) fn stream(messages: u64, seed: u64) -> Vec<Vec<u8>> {
    let standard = Standard::load(files(), "itk-adt/1-0");
    let request = Request {
        definition: &standard.definition,
        messages,
        seed,
        faults: None,
        fault_rules: Vec::new(),
    };
    let mut text = Vec::new();
    write(&request, &mut text, None).unwrap();
    let mut all: Vec<Vec<u8>> = Vec::new();
    for segment in text.split_inclusive(|byte| *byte == b'\r') {
        if segment.starts_with(b"MSH") {
            all.push(Vec::new());
        }
        all.last_mut().unwrap().extend_from_slice(segment);
    }
    assert_eq!(all.len() as u64, messages);
    all
}

/// What the records say but for where their messages stood, in an order of their own.
fn facts(together: &Together) -> Vec<Said> {
    let mut said = together.said();
    for event in said
        .iter_mut()
        .filter_map(|said| said.get_mut("patient_event"))
        .flatten()
    {
        event.remove("message_file");
        event.remove("message_number");
    }
    said.sort();
    said
}

#[test]
fn order_inputs_threads_and_memory_make_no_difference() {
    let messages = stream(400, 7);
    let one = messages.concat();
    let expected = together_with(&[&one], usize::MAX, 1);
    assert!(expected.said().len() > 40);
    let mut shuffled = messages.clone();
    let mut dice = Dice::part(3, 1);
    for last in (1..shuffled.len()).rev() {
        shuffled.swap(last, dice.below(last as u64 + 1) as usize);
    }
    let thirds: Vec<Vec<u8>> = shuffled.chunks(150).map(<[Vec<u8>]>::concat).collect();
    let thirds: Vec<&[u8]> = thirds.iter().map(Vec::as_slice).collect();
    let each: Vec<&[u8]> = shuffled.iter().map(Vec::as_slice).collect();
    let hardly_any = 5_000;
    for (name, found) in [
        ("four threads", together_with(&[&one], usize::MAX, 4)),
        ("little memory", together_with(&[&one], hardly_any, 2)),
        ("three inputs in disorder", together(&thirds)),
        (
            "a message each, little memory",
            together_with(&each, hardly_any, 2),
        ),
    ] {
        assert!(facts(&found) == facts(&expected), "{name}");
        assert_eq!(found.losses.list(), expected.losses.list(), "{name}");
    }
}

#[test]
fn a_record_stands_where_its_last_message_stood() {
    let messages = stream(300, 9);
    let (first, second) = messages.split_at(150);
    let together = together(&[&first.concat(), &second.concat()]);
    let mut last = (0, 0);
    for (input, records) in &together.records {
        for record in records.records() {
            assert!(
                (*input, record.number) > last,
                "records stand in their order"
            );
            last = (*input, record.number);
            for entity in record.entities() {
                let row = record.first(entity).unwrap();
                assert_eq!(row.str("source_file"), Some(&*format!("{input}.hl7")));
                assert_eq!(row.str("source_standard"), Some("itk-adt@1.0"));
            }
            let event = record.rows("patient_event").last().unwrap();
            assert_eq!(event.integer("message_number"), Some(record.number));
            assert_eq!(event.str("message_file"), Some(&*format!("{input}.hl7")));
        }
    }
    let counted: usize = together
        .said()
        .iter()
        .map(|said| said["patient_event"].len())
        .sum();
    assert_eq!(counted, 300, "every message stands in one record");
}

#[test]
fn what_is_no_message_of_a_patient_is_no_record() {
    let answer = "MSH|^~\\&|EPR|RXX|PAS|RXX|202603011000||ACK^A01^ACK|1|P|2.4|||||GBR||en||ITKv1.0\rMSA|AA|2\r";
    let found = together(&[answer.as_bytes()]);
    assert!(found.said().is_empty(), "{:#?}", found.said());
    assert!(!found.losses.is_empty());
    assert!(together(&[]).said().is_empty());
    let said = together(&[&stream(1, 1)[0]]).only();
    assert_eq!(
        value(&said, "patient_event", "event"),
        Some("patient-added")
    );
}

#[test]
fn a_message_that_comes_twice_counts_twice_and_says_nothing_more() {
    let messages = stream(400, 13);
    let once = together(&[&messages.concat()]);
    let twice = together(&[&messages.concat(), &messages.concat()]);
    let mut expected = facts(&once);
    for events in expected
        .iter_mut()
        .filter_map(|said| said.get_mut("patient_event"))
    {
        *events = events
            .iter()
            .flat_map(|event| [event.clone(), event.clone()])
            .collect();
    }
    expected.sort();
    assert!(facts(&twice) == expected);
    // A cancellation takes back one move, however often the move was sent.
    let position = |event: &str| {
        let name = format!("ADT^{event}");
        messages
            .iter()
            .position(|message| String::from_utf8_lossy(message).contains(&name))
            .unwrap()
    };
    let mut again = messages.clone();
    again.push(messages[position("A02")].clone());
    let again = together(&[&again.concat()]);
    let places = |together: &Together| -> Vec<_> {
        let mut said = together.said();
        said.sort();
        said.into_iter()
            .map(|mut said| said.remove("location_stay"))
            .collect()
    };
    let mut found = places(&again);
    let mut expected = places(&once);
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn damage_makes_no_panic_and_every_message_is_accounted_for() {
    let whole = stream(40, 17).concat();
    let mut dice = Dice::part(19, 1);
    for _ in 0..150 {
        let mut damaged = whole.clone();
        for _ in 0..=dice.below(8) {
            let at = dice.index(damaged.len());
            let bytes = b"|^~\\&\r\"Z0\0\xff";
            damaged[at] = bytes[dice.index(bytes.len())];
        }
        damaged.truncate(damaged.len() - dice.below(200) as usize);
        let together = together(&[&damaged]);
        let events: usize = together
            .said()
            .iter()
            .map(|said| said["patient_event"].len())
            .sum();
        let rejected = together
            .lost("record")
            .iter()
            .map(|(_, count)| *count)
            .sum::<u64>();
        // What is no message about a patient any more is none of the two.
        let others = together.messages - events as u64 - rejected;
        assert!(others <= 9, "{others}");
    }
}
