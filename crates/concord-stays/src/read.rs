//! What is needed of a message, taken out of it.

use concord_read::hl7::{Delimiters, Ending, NULL, Segments, Span, begins_message, parts};

use crate::moment::{DAY, MINUTE, Moment};
use crate::told::{Field, Identifier, Origin, Spot, Told};

/// Longest text that is kept of a field, in bytes; what is longer is cut, so that what is remembered has a bound.
const LONGEST: usize = 120;
/// So many identifiers of a patient are looked at.
const IDENTIFIERS: usize = 8;
/// Fields of a segment that are looked at.
const FIELDS: usize = 46;

/// Takes out of the first message of some bytes what it says of a stay. `origin` says where the bytes begin; the message ends
/// where another one, or the trailer of a batch, begins.
///
/// `None` when there is no header that can be read, and for answers to other messages (ACK, or an MSA behind the header),
/// which say nothing of their own.
pub fn read(bytes: &[u8], origin: Origin) -> Option<Told> {
    let mut segments = Segments::new(bytes, 0);
    let first = segments.next()?;
    if !begins_message(first.span.of(bytes)) {
        return None;
    }
    let delimiters = Delimiters::of(first.span.of(bytes)).ok()?;
    let mut reading = Reading {
        bytes,
        delimiters,
        line: ends(&bytes[..first.span.start]),
        segment: first.span,
        fields: [Span::default(); FIELDS],
        hash: Hash::new(),
        told: blank(origin),
    };
    reading.hash.segment(first.span.of(bytes));
    reading.header()?;
    let mut before = first;
    for segment in segments {
        let text = segment.span.of(bytes);
        if begins_message(text) || is_envelope(text) {
            break;
        }
        let ended = u32::from(before.ending != Ending::Nothing);
        reading.line += ended + ends(bytes.get(before.next..segment.span.start)?);
        reading.segment = segment.span;
        reading.hash.segment(text);
        before = segment;
        match text.get(..3) {
            Some(b"MSA") => return None,
            Some(b"EVN") => reading.event(),
            Some(b"PID") => reading.patient(),
            Some(b"PV1") => reading.visit(),
            Some(b"MRG") => reading.merged(),
            _ => {}
        }
    }
    let Reading { mut told, hash, .. } = reading;
    told.content = hash.0;
    Some(told)
}

fn blank(origin: Origin) -> Told {
    Told {
        origin,
        sender: String::new(),
        facility: String::new(),
        receiver: String::new(),
        control_id: String::new(),
        event: String::new(),
        adt: false,
        content: 0,
        sent: None,
        occurred: None,
        sequence: None,
        patient: Vec::new(),
        merged: Vec::new(),
        visits: false,
        visit: None,
        class: String::new(),
        location: Vec::new(),
        prior_location: Vec::new(),
        admitted: None,
        discharged: None,
        spots: Vec::new(),
    }
}

fn is_envelope(segment: &[u8]) -> bool {
    let names: [&[u8]; 4] = [b"FHS", b"BHS", b"BTS", b"FTS"];
    names.iter().any(|name| segment.starts_with(name))
}

/// How many lines end in some bytes: by carriage returns, line feeds, or both.
pub fn line_ends(bytes: &[u8]) -> u64 {
    let ends = memchr::memchr2_iter(b'\r', b'\n', bytes);
    let ends = ends.filter(|at| bytes[*at] == b'\r' || *at == 0 || bytes[*at - 1] != b'\r');
    ends.count() as u64
}

fn ends(bytes: &[u8]) -> u32 {
    u32::try_from(line_ends(bytes)).unwrap_or(u32::MAX)
}

struct Reading<'b> {
    bytes: &'b [u8],
    delimiters: Delimiters,
    /// Lines before the segment.
    line: u32,
    segment: Span,
    /// Its fields by number.
    fields: [Span; FIELDS],
    hash: Hash,
    told: Told,
}

impl<'b> Reading<'b> {
    /// Splits the segment; of a header the separator is the first field.
    fn split(&mut self, header: bool) {
        let at_end = Span {
            start: self.segment.end,
            end: self.segment.end,
        };
        self.fields = [at_end; FIELDS];
        let found = parts(self.bytes, self.segment, self.delimiters.field);
        let places = self.fields.iter_mut().skip(usize::from(header));
        for (place, span) in places.zip(found) {
            *place = span;
        }
    }

    fn field(&self, number: usize) -> Span {
        self.fields.get(number).copied().unwrap_or_default()
    }

    fn repetitions(&self, number: usize) -> impl Iterator<Item = Span> + use<'b> {
        parts(self.bytes, self.field(number), self.delimiters.repetition)
    }

    /// A component (from 1) of a repetition, up to its first subcomponent.
    fn component(&self, repetition: Span, number: usize) -> &'b [u8] {
        let mut components = parts(self.bytes, repetition, self.delimiters.component);
        let span = components.nth(number - 1).unwrap_or_default();
        let first = match self.delimiters.subcomponent {
            Some(between) => parts(self.bytes, span, between).next().unwrap_or_default(),
            None => span,
        };
        let text = first.of(self.bytes).trim_ascii();
        if text == NULL { b"" } else { text }
    }

    /// The first component of the first repetition of a field.
    fn first(&self, number: usize) -> &'b [u8] {
        let repetition = self.repetitions(number).next().unwrap_or_default();
        self.component(repetition, 1)
    }

    fn whole(&self, number: usize) -> String {
        text(self.field(number).of(self.bytes))
    }

    /// Says where a field of the segment stands, when it holds something; 0 is the segment.
    fn place(&mut self, field: Field, number: usize) {
        let span = if number == 0 {
            self.segment
        } else {
            self.field(number)
        };
        if span.is_empty() {
            return;
        }
        let before = self.bytes.get(self.segment.start..span.start);
        let characters = before.unwrap_or_default().iter();
        let characters = characters.filter(|byte| **byte & 0xC0 != 0x80).count();
        self.told.spots.push(Spot {
            field,
            offset: span.start as u32,
            line: self.line,
            column: 1 + characters as u32,
        });
    }

    fn header(&mut self) -> Option<()> {
        self.split(true);
        let kind = self.repetitions(9).next().unwrap_or_default();
        let code = self.component(kind, 1);
        if code == b"ACK" {
            return None;
        }
        self.told.adt = code == b"ADT";
        self.told.event = text(self.component(kind, 2));
        self.told.sender = format!("{}|{}", self.whole(3), self.whole(4));
        self.told.receiver = format!("{}|{}", self.whole(5), self.whole(6));
        self.told.facility = text(self.first(4));
        self.told.control_id = text(self.first(10));
        self.told.sent = Moment::read(self.first(7), MINUTE);
        let number = std::str::from_utf8(self.first(13)).ok();
        self.told.sequence = number.and_then(|number| number.parse().ok());
        for (field, number) in [
            (Field::Header, 0),
            (Field::Sent, 7),
            (Field::ControlId, 10),
            (Field::Sequence, 13),
        ] {
            self.place(field, number);
        }
        Some(())
    }

    fn event(&mut self) {
        self.split(false);
        if self.told.event.is_empty() {
            self.told.event = text(self.first(1));
        }
        self.told.occurred = Moment::read(self.first(6), MINUTE);
        self.place(Field::Occurred, 6);
    }

    fn patient(&mut self) {
        // The first patient is the one that the message is about.
        if !self.told.patient.is_empty() {
            return;
        }
        self.split(false);
        for number in [3, 2] {
            self.told.patient = self.identifiers(number);
            if !self.told.patient.is_empty() {
                break;
            }
        }
        self.place(Field::Identifiers, 3);
    }

    fn merged(&mut self) {
        self.split(false);
        if self.told.merged.is_empty() {
            self.place(Field::Merged, 1);
        }
        self.told.merged = self.identifiers(1);
    }

    fn identifiers(&self, number: usize) -> Vec<Identifier> {
        let found = self.repetitions(number).take(IDENTIFIERS);
        found.filter_map(|span| self.identifier(span)).collect()
    }

    /// An identifier. NHS numbers are known by who assigns them or by their type, as feeds in use say it.
    fn identifier(&self, repetition: Span) -> Option<Identifier> {
        let number = text(self.component(repetition, 1));
        if number.is_empty() {
            return None;
        }
        let assigner = self.component(repetition, 4);
        let kind = self.component(repetition, 5);
        let key = if assigner == b"NHS" || [&b"NH"[..], b"NHS", b"HN"].contains(&kind) {
            let digits: String = number.chars().filter(|letter| *letter != ' ').collect();
            format!("NHS {digits}")
        } else {
            format!("{number}^{}", text(assigner))
        };
        Some(Identifier { key, number })
    }

    fn visit(&mut self) {
        if self.told.visits {
            return;
        }
        self.split(false);
        self.told.visits = true;
        self.told.class = text(self.first(2));
        self.told.location = self.location(3);
        self.told.prior_location = self.location(6);
        self.told.visit = self
            .repetitions(19)
            .next()
            .and_then(|span| self.identifier(span));
        self.told.admitted = Moment::read(self.first(44), DAY);
        self.told.discharged = Moment::read(self.first(45), DAY);
        for (field, number) in [
            (Field::Visit, 0),
            (Field::Class, 2),
            (Field::PriorLocation, 6),
            (Field::VisitNumber, 19),
        ] {
            self.place(field, number);
        }
    }

    /// Point of care, room, bed and facility.
    fn location(&self, number: usize) -> Vec<String> {
        let span = self.repetitions(number).next().unwrap_or_default();
        let mut parts: Vec<String> = (1..=4)
            .map(|part| text(self.component(span, part)))
            .collect();
        while parts.last().is_some_and(String::is_empty) {
            parts.pop();
        }
        parts
    }
}

/// Text of which no more than the bound is kept.
fn text(bytes: &[u8]) -> String {
    let bytes = bytes.trim_ascii();
    if bytes == NULL {
        return String::new();
    }
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]).into_owned()
}

/// A hash of a message that is the same on every machine: words of eight bytes, multiplied and turned.
///
/// It tells a repetition from another message and is no signature.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Self(0x9E37_79B9_7F4A_7C15)
    }

    fn segment(&mut self, text: &[u8]) {
        let (words, rest) = text.as_chunks::<8>();
        for word in words {
            self.word(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        self.word(u64::from_le_bytes(last));
        // So that a segment that ends earlier is another one.
        self.word(text.len() as u64);
    }

    fn word(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        self.0 = mixed ^ mixed.rotate_right(29);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = "MSH|^~\\&|PAS|RXX^x|HUB|NHS|202603011002||ADT^A02^ADT_A02|C7|P|2.4|42\r\n\
        EVN||202603011001||||202603011000\r\n\r\n\
        PID|1||9990000018^^^NHS~L7^^^RXX&1^PI||Ĉases^Amara\r\n\
        PV1||I|W1^B2^^RXX01|11||W2|||||||||||||V9^^^RXX|||||||||||||||||||||||||202602281200|\r\n\
        MSH|^~\\&|OTHER\r";

    fn told(text: &str) -> Told {
        read(text.as_bytes(), Origin::default()).expect("a message")
    }

    #[test]
    fn what_a_message_says_is_taken_out_of_it() {
        let told = told(MESSAGE);
        assert_eq!((&*told.sender, &*told.facility), ("PAS|RXX^x", "RXX"));
        assert_eq!(
            (&*told.event, told.adt, told.sequence),
            ("A02", true, Some(42))
        );
        let keys: Vec<&str> = told.patient.iter().map(|found| &*found.key).collect();
        assert_eq!(keys, ["NHS 9990000018", "L7^RXX"]);
        assert_eq!(told.visit.as_ref().map(|visit| &*visit.key), Some("V9^RXX"));
        assert_eq!(told.location, ["W1", "B2", "", "RXX01"]);
        assert_eq!(told.prior_location, ["W2"]);
        let minute = |text: &str| Moment::read(text.as_bytes(), MINUTE);
        assert_eq!(told.occurred, minute("202603011000"));
        assert_eq!(told.admitted, minute("202602281200"));
        assert_eq!(told.moment(5), told.occurred);
    }

    #[test]
    fn places_are_those_of_the_text() {
        let told = told(MESSAGE);
        let at = |field: Field| {
            let spot = told.spot(field);
            let rest = &MESSAGE[spot.offset as usize..];
            (spot.line, spot.column, rest.get(..3).unwrap_or_default())
        };
        assert_eq!(at(Field::ControlId), (0, 58, "C7|"));
        assert_eq!(at(Field::Occurred), (1, 22, "202"));
        assert_eq!(at(Field::Identifiers), (3, 8, "999"));
        assert_eq!(at(Field::VisitNumber).2, "V9^");
        assert_eq!(at(Field::VisitNumber).0, 4);
        assert_eq!(at(Field::Merged), (0, 1, "MSH"));
    }

    #[test]
    fn repetitions_are_known_by_their_content() {
        let hash = |text: &str| told(text).content;
        // Line ends, frames and what comes behind are not of the message.
        let plain = MESSAGE.replace("\r\n", "\r");
        assert_eq!(hash(MESSAGE), hash(&plain));
        assert_eq!(hash(MESSAGE), hash(&format!("\x0b{plain}\x1c\r")));
        assert_ne!(hash(MESSAGE), hash(&MESSAGE.replace("Amara", "Amaro")));
        assert_ne!(hash("MSH|^~\\&|A\rZZZ|\r"), hash("MSH|^~\\&|A\rZZZ|\0\r"));
    }

    #[test]
    fn a_moment_that_had_not_come_is_not_believed() {
        let told = told(&MESSAGE.replace("202603011000", "202703011000"));
        assert_eq!(told.moment(5), told.sent);
        let told = told_without_event();
        assert_eq!(told.moment(5), told.sent);
    }

    fn told_without_event() -> Told {
        told(&MESSAGE.replace("|202603011000", "|20260301"))
    }

    #[test]
    fn what_is_no_message_of_its_own_says_nothing() {
        for text in [
            "",
            "MSH",
            "PID|1\rMSH|^~\\&|A\r",
            "MSH|^~\\&|A|||||| ACK|\r",
            "MSH|^~\\&|A|B|C|D|||ACK^A01|1|P|2.4\rMSA|AA|1\r",
            "MSH|^~\\&|A|B|C|D|||RSP^K21|1|P|2.4\rMSA|AA|1\r",
        ] {
            assert_eq!(read(text.as_bytes(), Origin::default()), None, "{text}");
        }
        let empty = told("MSH|^~\\&|||||||ADT^A01\rEVN\rPID\rPV1\rMRG\r");
        assert_eq!(empty.patient, []);
        assert!(empty.visits && empty.visit.is_none() && empty.merged.is_empty());
    }
}
