//! Input is never trusted: nothing panics, and neither cuts nor threads change what is found.

use std::io::{Cursor, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

use concord_check::message::{MessageInput, check_messages};
use concord_check::{NoRules, Options};
use proptest::prelude::*;

use crate::support::{ADMISSION, BASE, ITK, check, told};

fn bytes() -> Vec<u8> {
    ADMISSION.replace('\n', "\r").into_bytes()
}

/// Many messages, some of them wrong.
fn many(count: usize) -> Vec<u8> {
    let mut all = Vec::new();
    for number in 0..count {
        let message = ADMISSION.replace("|C1|", &format!("|C{number}|"));
        let message = match number % 7 {
            1 => message.replace("|2\n", "|F\n"),
            3 => message.replace("EVN|", "EVX|"),
            5 => message.replace("PV1|", "ZZZ|1\nPV1|"),
            6 => message.replace("||19700101", "\\x\\||19700101"),
            _ => message,
        };
        all.extend(message.replace('\n', "\r").into_bytes());
    }
    all
}

#[test]
fn a_message_cut_off_anywhere() {
    let whole = bytes();
    for end in 0..whole.len() {
        for plan in [&*ITK, &*BASE] {
            let (checked, findings) = check(plan, &whole[..end], 1);
            assert!(!findings.is_empty(), "{end}");
            assert_eq!(checked.summary.bytes, end as u64);
        }
    }
}

#[test]
fn any_byte_changed() {
    let whole = bytes();
    for at in 0..whole.len() {
        for byte in [
            0, b'\r', b'\n', b'|', b'^', b'~', b'&', b'\\', b'"', 0x0B, 0x1C, 0x80, 0xFF, b'M',
        ] {
            let mut changed = whole.clone();
            changed[at] = byte;
            let (checked, _) = check(&ITK, &changed, 1);
            assert_eq!(checked.summary.bytes, whole.len() as u64);
            let counts = checked.summary.records;
            assert_eq!(counts.records, counts.accepted + counts.rejected);
        }
    }
}

#[test]
fn the_same_for_any_number_of_threads() {
    // More than a few chunks.
    let all = many(6000);
    let (one, expected) = check(&ITK, &all, 1);
    let expected = told(&expected);
    assert!(expected.len() > 2000);
    for threads in [2, 5] {
        let (checked, findings) = check(&ITK, &all, threads);
        assert_eq!(told(&findings), expected);
        assert_eq!(checked.summary.records, one.summary.records);
    }
}

/// Gives a few bytes at a time.
struct Slow<R>(R, usize);

impl<R: Read> Read for Slow<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let most = buffer.len().min(self.1);
        self.0.read(&mut buffer[..most])
    }
}

#[test]
fn the_same_however_it_is_read() {
    let all = many(60);
    let expected = told(&check(&ITK, &all, 1).1);
    for size in [1, 7, 4096] {
        let mut findings = Vec::new();
        let file = Arc::from("messages.hl7");
        let input = MessageInput {
            bytes: Slow(Cursor::new(&all), size),
            file: &file,
            size: None,
        };
        check_messages(input, &ITK, &NoRules, Options::default(), &mut |finding| {
            findings.push(finding);
            ControlFlow::Continue(())
        });
        assert_eq!(told(&findings), expected);
    }
}

#[test]
fn one_message_says_the_same_alone_and_among_others() {
    let all = many(14);
    let together = told(&check(&ITK, &all, 1).1);
    let mut alone = Vec::new();
    for message in String::from_utf8(all).unwrap().split_inclusive("300\r") {
        alone.extend(told(&check(&ITK, message.as_bytes(), 1).1));
    }
    let without_places = |lines: &[String]| -> Vec<String> {
        lines
            .iter()
            .map(|line| {
                let mut words: Vec<&str> = line.split(' ').collect();
                words.remove(2);
                words.join(" ")
            })
            .collect()
    };
    assert_eq!(without_places(&together), without_places(&alone));
}

#[test]
fn a_message_that_is_too_large() {
    let mut plan = crate::support::plan("itk-adt@1.0", &[]);
    plan.document.limits.record_size = 1 << 20;
    let mut all = bytes();
    all.extend(bytes().strip_suffix(b"\r").unwrap());
    all.extend(std::iter::repeat_n(b"\rZZZ|1".as_slice(), 1 << 19).flatten());
    all.push(b'\r');
    all.extend(bytes());
    let (checked, findings) = check(&plan, &all, 2);
    let told = told(&findings);
    assert!(
        told.iter()
            .filter(|line| line.starts_with("LIMIT-RECORD"))
            .count()
            == 1,
        "{told:?}"
    );
    assert_eq!(checked.summary.bytes, all.len() as u64);
    assert_eq!(checked.summary.records.accepted, 2);
}

#[test]
fn hostile_messages() {
    let head = "MSH|^~\\&|A|B|C|D|202603311200||ADT^A01^ADT_A01|7|P|2.4|||||||||ITKv1.0\r";
    let cases = [
        format!("{head}PID|{}\r", "|".repeat(20_000)),
        format!("{head}PID|||{}\r", "~".repeat(20_000)),
        format!("{head}PID|||{}\r", "^".repeat(20_000)),
        format!("{head}PID|||{}\r", "&".repeat(20_000)),
        format!("{head}PID|||{}\r", "\\".repeat(20_001)),
        format!("{head}{}\r", "PID|1\r".repeat(20_000)),
        head.repeat(2000),
        "MSH\r".repeat(2000),
        "MSH|\rMSH||\rMSH|^\rMSH|^~\\&".to_owned(),
        format!("{head}PID|||\"\"~\"\"^\"\"^^\"\"&\"\"\r"),
        "\u{b}\u{1c}\r".repeat(2000),
        "BTS|1\rFTS|1\rBHS|^~\\&\r".repeat(500),
    ];
    for case in cases {
        for plan in [&*ITK, &*BASE] {
            let (checked, _) = check(plan, case.as_bytes(), 2);
            assert_eq!(checked.summary.bytes, case.len() as u64);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text(text in "(MSH\\|\\^~\\\\&\\|)?([A-Z0-9]{3}[|^~&\\\\\"A-Z0-9]{0,30}[\r\n]){0,12}") {
        check(&ITK, text.as_bytes(), 1);
        check(&BASE, text.as_bytes(), 1);
    }

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut whole = b"MSH|^~\\&|A|B|C|D|2026||ADT^A01^ADT_A01|7|P|2.4\r".to_vec();
        whole.extend(bytes);
        check(&ITK, &whole, 1);
    }

    #[test]
    fn segments_in_any_order(names in proptest::collection::vec("(MSH|EVN|PID|PD1|NK1|PV1|PV2|OBX|PR1|ROL|IN1|IN2|ZU1|ZZZ|OBR|NTE|ORC)", 0..25), event in "(ADT\\^A01|ADT\\^A08|ORU\\^R01|ADT\\^A40|ADT\\^A45|ACK)") {
        let body: Vec<String> = names.iter().map(|name| format!("{name}|1\r")).collect();
        let body = body.concat();
        let text = format!("MSH|^~\\&|A|B|C|D|2026||{event}|7|P|2.4\r{body}");
        for plan in [&*ITK, &*BASE] {
            let (_, findings) = check(plan, text.as_bytes(), 1);
            prop_assert!(findings.len() < 2000);
        }
    }
}
