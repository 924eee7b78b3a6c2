//! Faults that break one named rule each, in one message.

use super::Request;
use super::message::{Message, Segment};
use super::stream::{Event, Trigger};
use crate::Dice;

/// A fault that was made.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) rule: &'static str,
    /// The segment of the message, from 0, that the finding stands at.
    pub(super) segment: usize,
    pub(super) place: String,
    pub(super) description: String,
}

/// Changes a message so that a rule is broken, and says at which segment; `None` when it has no place for the fault.
type Make = fn(&mut Message, &Event) -> Option<(usize, &'static str)>;

struct Maker {
    rule: &'static str,
    what: &'static str,
    make: Make,
}

impl Maker {
    fn made(&self, segment: usize, place: &str) -> Made {
        Made {
            rule: self.rule,
            segment,
            place: place.to_owned(),
            description: self.what.to_owned(),
        }
    }
}

const fn maker(rule: &'static str, what: &'static str, make: Make) -> Maker {
    Maker { rule, what, make }
}

/// Fills a field of a segment, or empties it.
fn field(
    message: &mut Message,
    name: &str,
    number: usize,
    text: &str,
    place: &'static str,
) -> Option<(usize, &'static str)> {
    let at = index(message, name)?;
    message.segments[at].set(number, text);
    Some((at, place))
}

fn index(message: &Message, name: &str) -> Option<usize> {
    message
        .segments
        .iter()
        .position(|segment| segment.name == name)
}

static MAKERS: &[Maker] = &[
    maker(
        "SEGMENT-MISSING",
        "a required segment was taken out",
        |message, _| {
            message.segments.remove(1);
            Some((1, "EVN"))
        },
    ),
    maker(
        "SEGMENT-ORDER",
        "two segments changed places",
        |message, _| {
            message.segments.swap(1, 2);
            Some((1, "PID"))
        },
    ),
    maker(
        "SEGMENT-REPEATED",
        "a segment was put in twice",
        |message, _| {
            let again = message.segments[1].clone();
            message.segments.insert(2, again);
            Some((2, "EVN[2]"))
        },
    ),
    maker(
        "SEGMENT-UNKNOWN",
        "a segment of another message was put in",
        |message, event| {
            (event.trigger != Trigger::Merge).then(|| {
                message.segments.insert(3, Segment::new("QID"));
                (3, "QID")
            })
        },
    ),
    maker(
        "SEGMENT-LOCAL",
        "a local segment was put in",
        |message, _| {
            message.segments.push(Segment::new("ZXX"));
            Some((message.segments.len() - 1, "ZXX"))
        },
    ),
    maker(
        "SEGMENT-MISSPELT",
        "the name of a segment was misspelt",
        |message, _| {
            "P1D".clone_into(&mut message.segments[2].name);
            Some((2, "PID"))
        },
    ),
    maker(
        "SEGMENT-NAME",
        "a line end was put into a value",
        |message, _| {
            let at = 3;
            message.segments.insert(at, Segment::new("and so on"));
            Some((at, "MSH"))
        },
    ),
    maker(
        "MESSAGE-TYPE",
        "the event was replaced by one that there is not",
        |message, event| {
            let of = message.segments[0]
                .get(8)
                .replace(event.trigger.code(), "A99");
            // What cannot be told from the structure is not told here.
            let of = of.replace("ADT_A99", &format!("ADT_{}", event.trigger.code()));
            (event.trigger == Trigger::Admit).then(|| message.segments[0].set(8, of))?;
            Some((0, "MSH-9"))
        },
    ),
    maker(
        "MESSAGE-STRUCTURE",
        "MSH-9 names another structure",
        |message, _| {
            let of = message.segments[0].get(8).to_owned();
            let (kind, _) = of.rsplit_once('^')?;
            message.segments[0].set(8, format!("{kind}^ADT_A60"));
            Some((0, "MSH-9.3"))
        },
    ),
    maker(
        "MESSAGE-VERSION",
        "the version was replaced",
        |message, _| field(message, "MSH", 11, "2.7", "MSH-12"),
    ),
    maker(
        "MESSAGE-HEADER",
        "one character separates two things",
        |message, _| field(message, "MSH", 1, "^^\\&", "MSH"),
    ),
    maker(
        "MESSAGE-ESCAPE",
        "a backslash was put into a name",
        |message, _| field(message, "PID", 5, "Back\\slash^Amara^^^^^L", "PID-5.1"),
    ),
    maker(
        "MESSAGE-CONTROL",
        "a tab was put into a name",
        |message, _| field(message, "PID", 5, "Tab\tbed^Amara^^^^^L", "PID-5.1"),
    ),
    maker(
        "FIELD-MISSING",
        "a required field was emptied",
        |message, _| field(message, "EVN", 2, "", "EVN-2"),
    ),
    maker("FIELD-REPEATED", "a field was repeated", |message, _| {
        field(message, "PID", 8, "1~2", "PID-8[2]")
    }),
    maker(
        "FIELD-EXTRA",
        "a field was put behind the last one",
        |message, _| field(message, "EVN", 8, "X", "EVN-8"),
    ),
    maker(
        "FIELD-COMPONENTS",
        "a value was given a second component",
        |message, _| field(message, "PID", 8, "1^X", "PID-8.2"),
    ),
    maker(
        "COMPONENT-MISSING",
        "a required component was left out",
        |message, _| field(message, "PID", 5, "Testcase^Amara", "PID-5.7"),
    ),
    maker(
        "VALUE-NOT-USED",
        "a field that is not used was filled",
        |message, _| field(message, "EVN", 4, "X", "EVN-4"),
    ),
    maker(
        "VALUE-CODE",
        "a code was replaced by an international one",
        |message, _| field(message, "PID", 8, "F", "PID-8"),
    ),
    maker(
        "VALUE-FORMAT",
        "a day was replaced by one that there is not",
        |message, _| field(message, "PID", 7, "19700230", "PID-7"),
    ),
    maker(
        "VALUE-LENGTH",
        "a value was made longer than it may be",
        |message, event| {
            let long = format!("C{:020}", event.number);
            field(message, "MSH", 9, &long, "MSH-10")
        },
    ),
    maker(
        "HL7-NHS-CHECK",
        "the check digit of the NHS number was changed",
        |message, event| {
            let number = event.patient.nhs_number.as_ref()?;
            let (body, check) = number.split_at_checked(9)?;
            let wrong = (check.parse::<u32>().ok()? + 1) % 10;
            let text = format!("{body}{wrong}^^^NHS");
            field(message, "PID", 3, &text, "PID-3.1")
        },
    ),
    maker(
        "HL7-NHS-PLACEHOLDER",
        "a placeholder stands for the NHS number",
        |message, event| {
            event.patient.nhs_number.as_ref()?;
            field(message, "PID", 3, "9999999999^^^NHS", "PID-3.1")
        },
    ),
    maker(
        "HL7-BIRTH",
        "the birth date was set after the message",
        |message, _| field(message, "PID", 7, "20991231", "PID-7"),
    ),
    maker("HL7-DEATH", "a date of death was put in", |message, _| {
        field(message, "PID", 29, "20260228", "PID-30")
    }),
    maker("ITK-PROFILE", "the profile was renamed", |message, _| {
        field(message, "MSH", 20, "other", "MSH-21")
    }),
    maker(
        "ITK-SENDER",
        "the sender has a name in place of a code",
        |message, _| field(message, "MSH", 3, "Example Trust", "MSH-4"),
    ),
    maker(
        "ITK-RECEIVER",
        "the receiver has a name in place of a code",
        |message, _| {
            message.segments[0].set(4, "EPR");
            field(message, "MSH", 5, "Example Trust", "MSH-6")
        },
    ),
    maker(
        "ITK-ROUTE",
        "only the application is ROUTE",
        |message, _| field(message, "MSH", 5, "RXY", "MSH-5"),
    ),
    maker(
        "ITK-ADMITTED",
        "the time of admission was left out",
        |message, event| {
            (event.trigger == Trigger::Admit).then_some(())?;
            field(message, "PV1", 44, "", "PV1")
        },
    ),
    maker(
        "ITK-DISCHARGED",
        "the time of discharge was left out",
        |message, event| {
            (event.trigger == Trigger::Discharge).then_some(())?;
            field(message, "PV1", 45, "", "PV1")
        },
    ),
    maker(
        "ITK-NOT-DISCHARGED",
        "a time of discharge was put in",
        |message, event| {
            (event.trigger == Trigger::PreAdmit).then_some(())?;
            field(message, "PV1", 45, "203001010800", "PV1-45")
        },
    ),
    maker(
        "ITK-STAY",
        "the discharge was set before the admission",
        |message, event| {
            (event.trigger == Trigger::Discharge).then_some(())?;
            field(message, "PV1", 45, "202601010800", "PV1-45")
        },
    ),
    maker(
        "ITK-EXPECTED",
        "the expected time of admission was left out",
        |message, event| {
            (event.trigger == Trigger::PreAdmit).then_some(())?;
            let at = index(message, "PV2")?;
            message.segments.remove(at);
            Some((0, "MSH"))
        },
    ),
    maker(
        "ITK-MERGED-VISIT",
        "a visit was put into a merge",
        |message, event| {
            (event.trigger == Trigger::Merge).then_some(())?;
            field(message, "MRG", 5, "V1^^^RXX^VN", "MRG-5.1")
        },
    ),
    maker(
        "ITK-NHS-STATUS",
        "the tracing status was left out",
        |message, event| {
            event.patient.nhs_number.as_ref()?;
            field(message, "PID", 32, "", "PID")
        },
    ),
    maker(
        "ITK-FIRST-DIAGNOSIS",
        "diagnoses begin with number 2",
        |message, _| field(message, "DG1", 1, "2", "MSH").map(|(_, place)| (0, place)),
    ),
];

/// The rules that faults can be made for.
pub fn rules() -> Vec<&'static str> {
    MAKERS.iter().map(|maker| maker.rule).collect()
}

/// Makers that take turns, so that each gets its message when one comes.
pub(super) struct Turns {
    rate: f64,
    waiting: Vec<&'static Maker>,
    all: Vec<&'static Maker>,
}

impl Turns {
    pub(super) fn new(request: &Request<'_>) -> Self {
        let wanted = |maker: &&Maker| {
            request.fault_rules.is_empty()
                || request.fault_rules.iter().any(|rule| *rule == maker.rule)
        };
        let all: Vec<&'static Maker> = MAKERS.iter().filter(wanted).collect();
        Self {
            rate: request.faults.unwrap_or(0.0),
            waiting: all.clone(),
            all,
        }
    }

    /// Breaks a message, when it is its turn and a maker has a use for it.
    pub(super) fn take(
        &mut self,
        message: &mut Message,
        event: &Event,
        dice: &mut Dice,
    ) -> Option<Made> {
        const PARTS: u64 = 1_000_000;
        if dice.below(PARTS) as f64 >= self.rate * PARTS as f64 {
            return None;
        }
        if self.waiting.is_empty() {
            self.waiting.clone_from(&self.all);
        }
        for turn in 0..self.waiting.len() {
            let maker = self.waiting[turn];
            let mut changed = message.clone();
            if let Some((segment, place)) = (maker.make)(&mut changed, event) {
                self.waiting.remove(turn);
                *message = changed;
                return Some(maker.made(segment, place));
            }
        }
        // Those that are left wait for a message of their kind; meanwhile others have another turn.
        let first = dice.index(self.all.len());
        for maker in self.all.iter().cycle().skip(first).take(self.all.len()) {
            let mut changed = message.clone();
            if let Some((segment, place)) = (maker.make)(&mut changed, event) {
                *message = changed;
                return Some(maker.made(segment, place));
            }
        }
        None
    }
}
