//! What this reader, another one in Rust (`hl7-parser`) and two Python libraries (`hl7`, `hl7apy`) take a message apart into.
//!
//! The latter are asked for with `CONCORD_HL7_PYTHON`, a Python that has them (`pip install hl7 hl7apy`), or `python3`.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // a test fails by panicking, and says what it skips
#![allow(clippy::format_push_string)] // clearer than writing, and a test

use std::io::Write as _;
use std::process::{Command, Stdio};

use concord_read::hl7::{Message, parts, split};

/// Prints for each message, segment by segment, `name field repetition component subcomponent text` of what is not empty.
const HL7: &str = r#"
import sys, hl7
for text in sys.stdin.buffer.read().decode().split("\x1e"):
    message = hl7.parse(text)
    for segment in message:
        name = str(segment[0])
        for field in range(1, len(segment)):
            if name == "MSH" and field <= 2:
                continue
            for r, repetition in enumerate(segment[field]):
                if isinstance(repetition, str):
                    components = [repetition]
                else:
                    components = list(repetition)
                for c, component in enumerate(components):
                    subs = [component] if isinstance(component, str) else list(component)
                    for s, sub in enumerate(subs):
                        if str(sub):
                            print(name, field, r, c, s, str(sub), sep="\t")
    print("END")
"#;

/// The same of `hl7apy`, which takes a message apart by its version's tables: segments and fields only.
const HL7APY: &str = r#"
import sys
from hl7apy.parser import parse_message
from hl7apy.consts import VALIDATION_LEVEL
for text in sys.stdin.buffer.read().decode().split("\x1e"):
    message = parse_message(text, validation_level=VALIDATION_LEVEL.TOLERANT, find_groups=False)
    for segment in message.children:
        if segment.name == "MSH":
            continue
        counts = {}
        for field in segment.children:
            number = int(field.name.split("_")[1])
            r = counts.get(number, 0)
            counts[number] = r + 1
            text = "^".join(part.rstrip("&") for part in field.to_er7().split("^")).rstrip("^")
            if text:
                print(segment.name, number, r, text, sep="\t")
    print("END")
"#;

/// Messages of every shape: fields, repetitions, components and subcomponents, empty ones and escape sequences.
fn messages() -> Vec<String> {
    let mut state = 7_u64;
    let mut next = move |bound: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) % bound
    };
    let mut field = move || {
        let mut text = String::new();
        for _ in 0..next(4) {
            text.push_str(
                ["A", "x y", "\\T\\", "^", "^", "~", "&", "\"\"", "é", ""][next(10) as usize],
            );
        }
        text
    };
    (0..200)
        .map(|number| {
            let mut text =
                format!("MSH|^~\\&|PAS|RXX|EPR|RXX|202603311200||ADT^A01^ADT_A01|{number}|P|2.4\r");
            for name in ["EVN", "PID", "NK1", "NK1", "PV1", "OBX"] {
                let fields: Vec<String> = (0..5).map(|_| field()).collect();
                text += &format!("{name}|{}|z\r", fields.join("|"));
            }
            text
        })
        .collect()
}

/// What a Python script prints of the messages; `None`, said visibly, when it cannot be run.
fn asked(module: &str, script: &str, messages: &[String]) -> Option<String> {
    let python = std::env::var("CONCORD_HL7_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has = Command::new(&python)
        .args(["-c", &format!("import {module}")])
        .stderr(Stdio::null())
        .status();
    if !has.is_ok_and(|status| status.success()) {
        eprintln!("SKIPPED: {python} has no {module}; name one that has with CONCORD_HL7_PYTHON");
        return None;
    }
    let mut child = Command::new(&python)
        .args(["-c", script])
        .env("PYTHONIOENCODING", "utf-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let text = messages.join("\x1e");
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success());
    Some(String::from_utf8(output.stdout).unwrap())
}

/// What this reader finds, a line for each subcomponent that is not empty, as the first script prints it.
fn own_parts(messages: &[String]) -> String {
    let mut own = String::new();
    for text in messages {
        let bytes = text.as_bytes();
        let message = Message::read(bytes).unwrap();
        for segment in &message.segments {
            let name = &text[segment.span.start..segment.span.start + 3];
            for (number, field) in message.fields(segment).into_iter().enumerate() {
                if name == "MSH" && number < 2 {
                    continue;
                }
                for (r, repetition) in parts(bytes, field, b'~').enumerate() {
                    for (c, component) in parts(bytes, repetition, b'^').enumerate() {
                        for (s, part) in split(bytes, component, Some(b'&')).enumerate() {
                            let text = String::from_utf8_lossy(part.of(bytes));
                            if !text.is_empty() {
                                own += &format!("{name}\t{}\t{r}\t{c}\t{s}\t{text}\n", number + 1);
                            }
                        }
                    }
                }
            }
        }
        own += "END\n";
    }
    own
}

/// The same by the other reader.
fn parts_of_hl7_parser(messages: &[String]) -> String {
    let mut found = String::new();
    for text in messages {
        let message = hl7_parser::Message::parse(text).unwrap();
        for segment in message.segments() {
            for (f, field) in segment.fields().enumerate() {
                if segment.name == "MSH" && f < 2 {
                    continue;
                }
                for (r, repeat) in field.repeats().enumerate() {
                    for (c, component) in repeat.components().enumerate() {
                        for (s, part) in component.subcomponents().enumerate() {
                            let text = part.raw_value();
                            if !text.is_empty() {
                                let name = segment.name;
                                found += &format!("{name}\t{}\t{r}\t{c}\t{s}\t{text}\n", f + 1);
                            }
                        }
                    }
                }
            }
        }
        found += "END\n";
    }
    found
}

#[track_caller]
fn same_lines(own: &str, other: &str) {
    for (number, (own, other)) in own.lines().zip(other.lines()).enumerate() {
        assert_eq!(own, other, "line {number}");
    }
    assert_eq!(own.lines().count(), other.lines().count());
    assert!(own.lines().count() > 2000);
}

#[test]
fn the_parts_are_those_of_hl7_parser() {
    let messages = messages();
    same_lines(&own_parts(&messages), &parts_of_hl7_parser(&messages));
}

#[test]
fn the_parts_are_those_of_hl7() {
    let messages = messages();
    if let Some(asked) = asked("hl7", HL7, &messages) {
        same_lines(&own_parts(&messages), &asked);
    }
}

#[test]
fn the_fields_are_those_of_hl7apy() {
    let messages = messages();
    let Some(asked) = asked("hl7apy", HL7APY, &messages) else {
        return;
    };
    let mut own = String::new();
    for text in &messages {
        let bytes = text.as_bytes();
        let message = Message::read(bytes).unwrap();
        for segment in message.segments.iter().skip(1) {
            let name = &text[segment.span.start..segment.span.start + 3];
            for (number, field) in message.fields(segment).into_iter().enumerate() {
                for (r, repetition) in parts(bytes, field, b'~').enumerate() {
                    // What is empty at the end of a field or of a component says nothing.
                    let components: Vec<String> = parts(bytes, repetition, b'^')
                        .map(|part| {
                            let text = String::from_utf8_lossy(part.of(bytes)).into_owned();
                            text.trim_end_matches('&').to_owned()
                        })
                        .collect();
                    let text = components.join("^");
                    let text = text.trim_end_matches('^');
                    if !text.is_empty() {
                        own += &format!("{name}\t{}\t{r}\t{text}\n", number + 1);
                    }
                }
            }
        }
        own += "END\n";
    }
    let differing: Vec<(&str, &str)> = own
        .lines()
        .zip(asked.lines())
        .filter(|(own, asked)| own != asked)
        .collect();
    assert!(
        differing.is_empty(),
        "{:?}",
        &differing[..differing.len().min(5)]
    );
    assert_eq!(own.lines().count(), asked.lines().count());
}
