//! Acknowledgements (HL7 v2.4, 2.9 and 2.14; 2.5.1 for the later form of ERR).

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use concord_read::hl7::Delimiters;
use concord_read::hl7::escape::escaped;
use jiff::Timestamp;

use crate::clock::hl7_time;
use crate::header::Header;
use crate::judge::{Broken, Outcome, Place};

/// No more rules than this are told in one answer; the number of all is told besides.
const MOST: usize = 20;

/// What an acknowledgement says (HL7 table 0008).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// Accepted.
    AA,
    /// The content is wrong.
    AE,
    /// Rejected, for its type or for a reason of our own: it may be sent again.
    AR,
    /// Commit: it is safely stored.
    CA,
    /// Commit: it could not be stored; it may be sent again.
    CE,
    /// Commit: it is not taken.
    CR,
}

impl Code {
    fn text(self) -> &'static str {
        match self {
            Self::AA => "AA",
            Self::AE => "AE",
            Self::AR => "AR",
            Self::CA => "CA",
            Self::CE => "CE",
            Self::CR => "CR",
        }
    }

    /// The answer of the application to a message of this outcome.
    pub(crate) fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Accept => Self::AA,
            Outcome::Error => Self::AE,
            Outcome::Reject => Self::AR,
        }
    }

    /// Whether a sender wants this answer, who wrote `condition` (HL7 table 0155) into MSH-15 or MSH-16.
    pub(crate) fn wanted(self, condition: &str) -> bool {
        let good = matches!(self, Self::AA | Self::CA);
        match condition {
            "AL" => true,
            "SU" => good,
            "ER" => !good,
            _ => false,
        }
    }
}

/// Makes control ids that are our own: by the time at which they began, and counted.
#[derive(Debug)]
pub(crate) struct ControlIds {
    start: String,
    next: AtomicU64,
}

impl ControlIds {
    /// Ids that begin now.
    pub(crate) fn new(now: Timestamp) -> Self {
        let seconds = u64::try_from(now.as_millisecond()).unwrap_or_default();
        Self {
            start: base36(seconds),
            next: AtomicU64::new(1),
        }
    }

    fn next(&self) -> String {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        // MSH-10 has 20 characters (2.4): 9 for the time until the year 5188, 10 for more messages than there will be.
        format!("C{}{:0>10}", self.start, base36(number))
    }
}

fn base36(mut number: u64) -> String {
    let mut digits = Vec::new();
    loop {
        digits.extend(char::from_digit((number % 36) as u32, 36));
        number /= 36;
        if number == 0 {
            return digits.iter().rev().collect::<String>().to_uppercase();
        }
    }
}

/// An acknowledgement of the message with this header.
pub(crate) fn acknowledge(
    header: &Header,
    code: Code,
    text: &str,
    findings: &[Broken],
    ids: &ControlIds,
    now: Timestamp,
) -> Vec<u8> {
    let delimiters = &header.delimiters;
    let field = char::from(delimiters.field);
    let identity = &header.identity;
    let mut out = format!("MSH{}", header.written);
    for part in [
        &*header.receiving_application,
        &header.receiving_facility,
        &identity.application,
        &identity.facility,
        &hl7_time(now),
        "",
        &kind(header),
        &ids.next(),
        &header.processing,
        &header.version,
    ] {
        out.push(field);
        out.push_str(part);
    }
    if !header.profile.is_empty() {
        out.extend(std::iter::repeat_n(field, 9));
        out.push_str(&header.profile);
    }
    let told: Vec<&Broken> = findings.iter().filter(|broken| !broken.warning).collect();
    let mut text = text.to_owned();
    if told.len() > MOST {
        let _ = write!(
            text,
            "{} rules are broken; the first {MOST} are told",
            told.len()
        );
    }
    let _ = write!(
        out,
        "\rMSA{field}{}{field}{}",
        code.text(),
        identity.control_id
    );
    if !text.is_empty() {
        out.push(field);
        out.push_str(&one_line(&text, delimiters));
    }
    out.push('\r');
    for broken in told.into_iter().take(MOST) {
        error(&mut out, header, broken);
    }
    out.into_bytes()
}

/// ACK, the event of the message that is answered, and from 2.4 on the structure's name.
fn kind(header: &Header) -> String {
    let separator = char::from(header.delimiters.component);
    match header.identity.kind.split(separator).nth(1) {
        Some(event) if !event.is_empty() => {
            let structure = if later_than(&header.version, 4) {
                format!("{separator}ACK")
            } else {
                String::new()
            };
            format!("ACK{separator}{event}{structure}")
        }
        _ => "ACK".to_owned(),
    }
}

/// Whether a version is 2.`minor` or later.
fn later_than(version: &str, minor: u32) -> bool {
    let mut parts = version.split(|character: char| !character.is_ascii_digit());
    let major = parts.next().and_then(|part| part.parse::<u32>().ok());
    let found = parts.next().and_then(|part| part.parse::<u32>().ok());
    major == Some(2) && found.is_some_and(|found| found >= minor)
}

fn error(out: &mut String, header: &Header, broken: &Broken) {
    let delimiters = &header.delimiters;
    let field = char::from(delimiters.field);
    let component = char::from(delimiters.component);
    let rule = one_line(&broken.rule, delimiters);
    let text = one_line(&broken.text, delimiters);
    let numbers = |place: &Place| {
        [
            place.field,
            place.repetition,
            place.component,
            place.subcomponent,
        ]
        .map(|number| number.map(|number| number.to_string()).unwrap_or_default())
    };
    out.push_str("ERR");
    out.push(field);
    if later_than(&header.version, 5) {
        // ERR-2 place, ERR-3 code, ERR-4 severity, ERR-5 the application's code, ERR-8 text for people.
        let place = broken.place.as_ref().map(|place| {
            let mut parts = vec![place.segment.clone(), place.sequence.to_string()];
            parts.extend(numbers(place));
            let separator = component.to_string();
            parts
                .join(&separator)
                .trim_end_matches(component)
                .to_owned()
        });
        let _ = write!(
            out,
            "{field}{}{field}{rule}{component}{text}{component}L{field}E{field}{rule}{field}{field}{field}{text}",
            place.unwrap_or_default()
        );
    } else {
        let inner = delimiters.subcomponent.map_or('&', char::from);
        let place = broken.place.as_ref();
        let segment = place.map_or("", |place| &place.segment);
        let sequence = place
            .map(|place| place.sequence.to_string())
            .unwrap_or_default();
        let [number, ..] = place.map(numbers).unwrap_or_default();
        let _ = write!(
            out,
            "{segment}{component}{sequence}{component}{number}{component}{rule}{inner}{text}{inner}L"
        );
    }
    out.push('\r');
}

/// Text that may stand in a field: delimiters escaped, on one line, and in ASCII, because the sender's character set is not
/// ours to choose. What masks a value becomes asterisks.
fn one_line(text: &str, delimiters: &Delimiters) -> String {
    let text: String = text
        .chars()
        .map(|character| match character {
            '•' => '*',
            character if character.is_control() => ' ',
            character if character.is_ascii() => character,
            _ => '?',
        })
        .collect();
    escaped(&text, delimiters).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(message: &str, code: Code, findings: &[Broken]) -> String {
        let header = Header::read(message.as_bytes()).expect("a header");
        let now = Timestamp::from_second(1_795_000_000).expect("a time");
        let bytes = acknowledge(&header, code, "", findings, &ControlIds::new(now), now);
        String::from_utf8(bytes).expect("it is text")
    }

    fn broken() -> Broken {
        Broken {
            rule: "HL7-REQUIRED".into(),
            text: "PID-3 | is missing".into(),
            place: Some(Place {
                segment: "PID".into(),
                sequence: 1,
                field: Some(3),
                ..Place::default()
            }),
            warning: false,
        }
    }

    #[test]
    fn senders_and_receivers_are_swapped() {
        let text = answer(
            "MSH|^~\\&|PAS|RXX|HUB|NHS|20260101||ADT^A01^ADT_A01|42|P|2.4|||||||||ITKv1.0\r",
            Code::AA,
            &[],
        );
        assert_eq!(
            text,
            "MSH|^~\\&|HUB|NHS|PAS|RXX|20261118110640+0000||ACK^A01^ACK|CMWM0NK740000000001|P|2.4|||||||||ITKv1.0\rMSA|AA|42\r"
        );
    }

    #[test]
    fn rules_are_told_with_their_places() {
        let text = answer(
            "MSH|^~\\&|P|R|H|N|||ADT^A01|42|P|2.4\r",
            Code::AE,
            &[broken()],
        );
        assert!(
            text.ends_with("\rMSA|AE|42\rERR|PID^1^3^HL7-REQUIRED&PID-3 \\F\\ is missing&L\r"),
            "{text}"
        );
        let text = answer(
            "MSH|^~\\&|P|R|H|N|||ADT^A01|42|P|2.5.1\r",
            Code::AE,
            &[broken()],
        );
        assert!(text.ends_with(
            "\rMSA|AE|42\rERR||PID^1^3|HL7-REQUIRED^PID-3 \\F\\ is missing^L|E|HL7-REQUIRED|||PID-3 \\F\\ is missing\r"
        ), "{text}");
        let many = vec![broken(); 30];
        let text = answer("MSH|^~\\&|P|R|H|N|||ADT^A01|42|P|2.4\r", Code::AE, &many);
        assert_eq!(text.matches("\rERR|").count(), MOST);
        assert!(text.contains("|30 rules are broken"));
    }

    #[test]
    fn texts_are_ascii_on_one_line() {
        let broken = Broken {
            text: "999•••••19: caf\u{e9}\r\nno".into(),
            ..broken()
        };
        let text = answer(
            "MSH|^~\\&|P|R|H|N|||ADT^A01|42|P|2.4\r",
            Code::AE,
            &[broken],
        );
        assert!(text.ends_with("&999*****19: caf?  no&L\r"), "{text}");
    }

    #[test]
    fn answers_keep_the_delimiters_of_the_question() {
        let text = answer(
            "MSH#*!%+#A#B#C#D###ADT*A01#1#P#2.4\r",
            Code::AR,
            &[broken()],
        );
        assert!(text.starts_with("MSH#*!%+#C#D#A#B#"), "{text}");
        assert!(text.contains("\rMSA#AR#1\r"), "{text}");
    }

    #[test]
    fn conditions_say_which_answers_are_wanted() {
        let wanted = |condition| [Code::CA, Code::CE].map(|code| code.wanted(condition));
        assert_eq!(wanted("AL"), [true, true]);
        assert_eq!(wanted("NE"), [false, false]);
        assert_eq!(wanted("ER"), [false, true]);
        assert_eq!(wanted("SU"), [true, false]);
        assert_eq!(wanted(""), [false, false]);
    }
}
