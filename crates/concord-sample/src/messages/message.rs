//! An event as a message.

use std::fmt::Write as _;

use concord_standards::messages::Messages;
use jiff::ToSpan as _;
use jiff::civil::{DateTime, date};

use super::stream::{Event, Patient, Stay, Trigger};

/// A segment: its name and its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Name.
    pub name: String,
    /// Fields, the first one first.
    pub fields: Vec<String>,
}

impl Segment {
    /// A segment without fields.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            fields: Vec::new(),
        }
    }

    /// Fills a field (from 1).
    pub fn set(&mut self, field: usize, text: impl Into<String>) {
        if self.fields.len() < field {
            self.fields.resize(field, String::new());
        }
        if let Some(place) = field.checked_sub(1).and_then(|at| self.fields.get_mut(at)) {
            *place = text.into();
        }
    }

    /// A field (from 1); empty when it is not there.
    pub fn get(&self, field: usize) -> &str {
        let field = field.checked_sub(1).and_then(|at| self.fields.get(at));
        field.map_or("", String::as_str)
    }

    fn with(mut self, fields: &[(usize, &str)]) -> Self {
        for (field, text) in fields {
            self.set(*field, *text);
        }
        self
    }
}

/// A message: its segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The segments in order. Of the first one the fields begin with MSH-2, as they are written.
    pub segments: Vec<Segment>,
}

/// A moment as messages write it, minutes after the first of March 2026.
pub fn moment(minutes: i64) -> String {
    let start: DateTime = date(2026, 3, 1).at(8, 0, 0, 0);
    let at = start.checked_add(minutes.minutes()).unwrap_or(start);
    format!(
        "{:04}{:02}{:02}{:02}{:02}",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute()
    )
}

impl Message {
    /// The message that tells of an event. `profile` is what MSH-21 says; without one it is as HL7 v2.4 has it, where the
    /// profile departs: codes of practices are numbers there, every event has a visit, and there are no local segments.
    pub fn of(event: &Event, messages: &Messages, profile: Option<&str>) -> Self {
        let mut segments = vec![header(event, messages, profile), evn(event), pid(event)];
        segments.push(pd1(event, profile.is_some()));
        match (&event.stay, &event.merged) {
            (_, Some(merged)) => {
                let old = format!("{merged}^^^RXX^PI");
                segments.push(Segment::new("MRG").with(&[(1, &old)]));
            }
            (Some(stay), None) => visit(event, stay, &mut segments),
            (None, None) => segments.push(nk1(event)),
        }
        if profile.is_none() {
            segments.retain(|segment| !segment.name.starts_with('Z'));
            if event.stay.is_none() {
                segments.push(Segment::new("PV1").with(&[(1, "1"), (2, "N")]));
            }
        }
        Self { segments }
    }

    /// The first segment of a name.
    pub fn segment(&mut self, name: &str) -> Option<&mut Segment> {
        self.segments
            .iter_mut()
            .find(|segment| segment.name == name)
    }

    /// The message as it is sent: each segment ended by a carriage return, empty fields at the end left out.
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(1024);
        for segment in &self.segments {
            text.push_str(&segment.name);
            let filled = segment.fields.iter().rposition(|field| !field.is_empty());
            for field in segment.fields.iter().take(filled.map_or(0, |at| at + 1)) {
                text.push('|');
                text.push_str(field);
            }
            text.push('\r');
        }
        text
    }
}

fn header(event: &Event, messages: &Messages, profile: Option<&str>) -> Segment {
    let code = event.trigger.code();
    let structure = messages
        .kind("ADT", code)
        .map_or("ADT_A01", |kind| &kind.structure);
    // The first field of a header is the separator, so what is written first is the second.
    let mut header = Segment::new("MSH").with(&[
        (1, "^~\\&"),
        (2, "PAS"),
        (3, "RXX"),
        (4, "ROUTE"),
        (5, "ROUTE"),
        (8, &format!("ADT^{code}^{structure}")),
        (9, &format!("C{:010}", event.number)),
        (10, "P"),
        (11, "2.4"),
        (12, &event.number.to_string()),
        (16, "GBR"),
        (18, "en"),
        (20, profile.unwrap_or_default()),
    ]);
    header.set(6, moment(event.occurred + 2));
    header
}

fn evn(event: &Event) -> Segment {
    let mut evn = Segment::new("EVN").with(&[(5, "C2345678^Clerk^Corin")]);
    evn.set(2, moment(event.occurred + 1));
    evn.set(6, moment(event.occurred));
    evn
}

fn pid(event: &Event) -> Segment {
    let Patient {
        nhs_number,
        local,
        family,
        given,
        sex,
        born,
        postcode,
    } = &event.patient;
    let mut identifiers = String::new();
    if let Some(number) = nhs_number {
        let _ = write!(identifiers, "{number}^^^NHS~"); // writing to a `String` does not fail
    }
    let _ = write!(identifiers, "{local}^^^RXX");
    let house = 1 + event.patient.local.len() + born.len();
    Segment::new("PID").with(&[
        (1, "1"),
        (3, &identifiers),
        (5, &format!("{family}^{given}^^^^^L")),
        (7, born),
        (8, sex),
        (
            11,
            &format!("{house} Sample \\T\\ Test Road^^Mockridge^Fauxshire^{postcode}^GBR^H"),
        ),
        (13, "01632960123^PRN^PH"),
        (15, "en"),
        (16, "S"),
        (22, "A"),
        (30, "N"),
        (
            32,
            if nhs_number.is_some() {
                "NSTS01"
            } else {
                "NSTS03"
            },
        ),
    ])
}

fn pd1(event: &Event, coded: bool) -> Segment {
    let mut surgery = "Placeholder Surgery".to_owned();
    if coded {
        let practice = event.patient.born.get(3..8).unwrap_or("00000");
        let _ = write!(surgery, "^^Y{practice}"); // writing to a `String` does not fail
    }
    Segment::new("PD1").with(&[(3, &surgery), (4, "G3345673^Specimen^Edda^^^Dr")])
}

fn nk1(event: &Event) -> Segment {
    let name = format!("{}^Greta^^^^^L", event.patient.family);
    Segment::new("NK1").with(&[(1, "1"), (2, &name), (3, "3"), (5, "01632960999")])
}

/// What a message says of a stay.
fn visit(event: &Event, stay: &Stay, segments: &mut Vec<Segment>) {
    let location = |ward: &str| format!("{ward}^B2^4^RXX01");
    let mut pv1 = Segment::new("PV1").with(&[
        (1, "1"),
        (2, "I"),
        (3, &location(&stay.ward)),
        (4, stay.method),
        (7, "C3456789^Darwin^Quill^^^Dr"),
        (9, "C3456789^Darwin^Quill^^^Dr"),
        (10, stay.specialty),
        (14, "19"),
        (19, &format!("{}^^^RXX^VN", stay.visit)),
    ]);
    if let Some(before) = &stay.before {
        pv1.set(6, location(before));
    }
    if event.trigger != Trigger::PreAdmit {
        pv1.set(44, moment(stay.admitted));
    }
    if let Some(discharged) = stay.discharged {
        pv1.set(36, "3");
        pv1.set(37, "19");
        pv1.set(45, moment(discharged));
    }
    segments.push(pv1);
    if event.trigger == Trigger::PreAdmit {
        let expected = moment(stay.admitted);
        segments.push(Segment::new("PV2").with(&[(8, &expected)]));
    }
    if matches!(event.trigger, Trigger::Admit | Trigger::UpdateStay) {
        segments.push(Segment::new("AL1").with(&[(1, "1"), (2, "DA"), (3, "Z88.0"), (4, "5")]));
        let day = moment(event.occurred);
        segments.push(Segment::new("DG1").with(&[
            (1, "1"),
            (3, "J189^Pneumonia, unspecified^I10"),
            (5, &day),
            (6, "A"),
        ]));
        segments.push(Segment::new("ZU1").with(&[(2, "1"), (10, "9")]));
    }
}
