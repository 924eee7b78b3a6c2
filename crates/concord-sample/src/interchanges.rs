//! Synthetic EDIFACT interchanges: GP Links transactions to a practice, and reports of laboratories, valid or with labelled
//! faults. People are made up, and NHS numbers are of the 999 range, which is never issued.

use std::fmt::Write as _;
use std::io::{self, Write};

use concord_standards::definition::Definition;

use crate::Dice;
use crate::cds::people::nhs_number;
use crate::faults::{LABEL_HEADER, Label};
pub use crate::messages::{MessageSampleError, Request, Written};

/// Types that samples can be written of.
const REGISTRATION: &str = "FHSREG:0:1:FH:FHS001";
const REPORT: &str = "MEDRPT:0:1:RT:NHS003";

/// Rules that can be broken, each by one fault.
const RULES: [&str; 9] = [
    "COMPONENT-MISSING",
    "FIELD-MISSING",
    "MESSAGE-REFERENCE",
    "MESSAGE-SEGMENTS",
    "SEGMENT-MISSING",
    "SEGMENT-REPEATED",
    "SEGMENT-UNKNOWN",
    "VALUE-CODE",
    "VALUE-FORMAT",
];

const SURNAMES: [&str; 6] = [
    "TESTCASE",
    "SAMPLE",
    "EXAMPLE",
    "SYNTHETIC",
    "MOCKUP",
    "O?'TEST",
];
const FORENAMES: [&str; 6] = ["AMARA", "BORIS", "CERYS", "DEV", "EILIDH", "FENG"];

/// The rules that faults can be made for.
pub fn rules() -> Vec<&'static str> {
    RULES.to_vec()
}

/// Whether samples of a standard can be written here.
pub fn is_known(definition: &Definition) -> bool {
    kind(definition).is_some()
}

fn kind(definition: &Definition) -> Option<&'static str> {
    let messages = definition.messages.as_ref()?;
    [REGISTRATION, REPORT]
        .into_iter()
        .find(|kind| messages.versions.iter().any(|known| known == kind))
}

/// Writes one interchange, a line for each segment. It breaks no rule, but for the faults that were asked for, each of which
/// is labelled.
///
/// # Errors
/// [`MessageSampleError`] when the standard has no such messages, or writing fails.
pub fn write(
    request: &Request<'_>,
    out: &mut dyn Write,
    mut labels: Option<&mut dyn Write>,
) -> Result<Written, MessageSampleError> {
    let kind = kind(request.definition)
        .ok_or_else(|| MessageSampleError::NotMessages(request.definition.standard.name()))?;
    if let (Some(labels), Some(_)) = (labels.as_deref_mut(), request.faults) {
        writeln!(labels, "{LABEL_HEADER}")?;
    }
    let mut written = Written::default();
    let header = match kind {
        REPORT => "UNB+UNOC:3+999900000000001+999900000000002+260331:1015+1++MEDRPT++1",
        _ => "UNB+UNOA:2+ZZ01+PRA1+260331:1015+1",
    };
    segment(out, header, &mut written)?;
    for number in 1..=request.messages {
        let mut dice = Dice::part(request.seed, number);
        let mut segments = match kind {
            REPORT => report(number, &mut dice),
            _ => registration(number, &mut dice),
        };
        let share = request.faults.unwrap_or_default().clamp(0.0, 1.0);
        let faulty = (dice.below(1_000_000) as f64) < share * 1_000_000.0;
        let trailer = Trailer::of(number);
        let made = faulty
            .then(|| fault(request, &mut segments, trailer, &mut dice))
            .flatten();
        let (trailer, made) = made.map_or((trailer, None), |(trailer, made)| (trailer, Some(made)));
        let count = segments.len() as u64 + 1;
        segments.push(format!(
            "UNT+{}+{}",
            count + trailer.more,
            trailer.reference
        ));
        if let (Some(made), Some(labels)) = (made, labels.as_deref_mut()) {
            written.faults += 1;
            let label = Label {
                rule: made.rule,
                record: number,
                line: written.segments + made.segment as u64 + 1,
                element: made.element,
                description: made.description.to_owned(),
            };
            label.write(labels)?;
        }
        for one in &segments {
            segment(out, one, &mut written)?;
        }
        written.messages += 1;
    }
    let trailer = format!("UNZ+{}+1", request.messages);
    segment(out, &trailer, &mut written)?;
    Ok(written)
}

fn segment(out: &mut dyn Write, text: &str, written: &mut Written) -> io::Result<()> {
    out.write_all(text.as_bytes())?;
    out.write_all(b"'\n")?;
    written.segments += 1;
    written.bytes += text.len() as u64 + 2;
    Ok(())
}

/// What the trailer of a message says.
#[derive(Debug, Clone, Copy)]
struct Trailer {
    reference: u64,
    /// How many segments more than there are.
    more: u64,
}

impl Trailer {
    fn of(number: u64) -> Self {
        Self {
            reference: number,
            more: 0,
        }
    }
}

/// A fault that was made.
struct Made {
    rule: &'static str,
    /// The segment, from 0.
    segment: usize,
    element: String,
    description: &'static str,
}

fn fault(
    request: &Request<'_>,
    segments: &mut Vec<String>,
    trailer: Trailer,
    dice: &mut Dice,
) -> Option<(Trailer, Made)> {
    let wanted: Vec<&'static str> = RULES
        .into_iter()
        .filter(|rule| {
            request.fault_rules.is_empty() || request.fault_rules.iter().any(|one| one == rule)
        })
        .collect();
    let rule = *dice.pick(&wanted)?;
    let at =
        |start: &str, segments: &[String]| segments.iter().position(|one| one.starts_with(start));
    let last = segments.len();
    let mut trailer = trailer;
    let (segment, element, description) = match rule {
        "MESSAGE-SEGMENTS" => {
            trailer.more = 1 + dice.below(3);
            (last, "UNT-1", "more segments counted than there are")
        }
        "MESSAGE-REFERENCE" => {
            trailer.reference += 1;
            (last, "UNT-2", "another reference than that of the header")
        }
        "SEGMENT-MISSING" => {
            let place = at("BGM", segments)?;
            segments.remove(place);
            (place, "BGM", "left out")
        }
        "SEGMENT-REPEATED" => {
            let place = at("BGM", segments)?;
            segments.insert(place, segments.get(place)?.clone());
            (place + 1, "BGM", "stands twice")
        }
        "SEGMENT-UNKNOWN" => {
            let place = at("BGM", segments)? + 1;
            segments.insert(place, "QXQ+1".to_owned());
            (place, "QXQ", "a segment that the message does not have")
        }
        "FIELD-MISSING" => {
            let (start, rest, element) = [
                ("NAD+FHS", "NAD+FHS", "NAD+FHS-2"),
                ("INV+MQ", "INV+MQ", "INV+MQ-2"),
            ]
            .into_iter()
            .find(|(start, ..)| at(start, segments).is_some())?;
            let place = at(start, segments)?;
            rest.clone_into(segments.get_mut(place)?);
            (place, element, "emptied")
        }
        _ => {
            let place = at("DTM+137", segments)?;
            let (text, element, description) = match rule {
                "COMPONENT-MISSING" => ("DTM+137:202603311015", "DTM+137-1.3", "left out"),
                "VALUE-CODE" => (
                    "DTM+137:202603311015:999",
                    "DTM+137-1.3",
                    "a format that is none",
                ),
                _ => (
                    "DTM+137:202602301015:203",
                    "DTM+137-1.2",
                    "a day that is none",
                ),
            };
            text.clone_into(segments.get_mut(place)?);
            (place, element, description)
        }
    };
    let made = Made {
        rule,
        segment,
        element: element.to_owned(),
        description,
    };
    Some((trailer, made))
}

/// Somebody who is made up.
fn person(dice: &mut Dice) -> (String, &'static str, &'static str, String, u64) {
    let number = nhs_number(dice);
    let surname = dice.pick(&SURNAMES).copied().unwrap_or("TESTCASE");
    let forename = dice.pick(&FORENAMES).copied().unwrap_or("AMARA");
    let born = format!(
        "{}{:02}{:02}",
        1930 + dice.below(95),
        1 + dice.below(12),
        1 + dice.below(28)
    );
    (number, surname, forename, born, 1 + dice.below(2))
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| line.trim().to_owned())
        .filter(|line| !line.is_empty())
        .collect()
}

/// A transaction to a practice.
fn registration(number: u64, dice: &mut Dice) -> Vec<String> {
    let (nhs, surname, forename, born, sex) = person(dice);
    let day = format!("202603{:02}", 1 + dice.below(28));
    let house = 1 + dice.below(200);
    let (transaction, facts, person) = match dice.below(5) {
        0 => (
            "F1",
            "HEA+DM+Y:ZZZ".to_owned(),
            format!(
                "S02+2\nPNA+PAT+{nhs}:OPI+++SU:{surname}+FO:{forename}+TI:MX\nDTM+329:{born}:102\nPDI+{sex}\nNAD+PAT++??:{house} SYNTHETIC WAY::EXAMPLETON+++++ZZ99 3WZ"
            ),
        ),
        1 => (
            "F2",
            format!("GIS+{}:ZZZ\nDTM+961:{day}:102", 1 + dice.below(2)),
            format!("S02+2\nPNA+PAT+{nhs}:OPI"),
        ),
        2 => ("F3", "FTX+RGI+++NOT OF THIS AREA".to_owned(), String::new()),
        3 => ("F4", String::new(), format!("S02+2\nPNA+PAT+{nhs}:OPI")),
        _ => (
            "F9",
            format!("HEA+FRN+8:ZZZ\nDTM+962:{day}:102"),
            format!(
                "S02+2\nPNA+PAT+{nhs}:OPI+++SU:{surname}+FO:{forename}\nDTM+329:{born}:102\nNAD+PAT++TEST HOUSE:{house} SYNTHETIC WAY::EXAMPLETON+++++ZZ99 3WZ"
            ),
        ),
    };
    lines(&format!(
        "UNH+{number}+{REGISTRATION}\nBGM+++507\nNAD+FHS+ZZ:954\nDTM+137:202603311015:203\nRFF+950:{transaction}\nS01+1\nRFF+TN:{number}\nNAD+GP+9999981,901:900\n{facts}\n{person}"
    ))
}

/// A report of a laboratory: a specimen, a group of results or single ones.
fn report(number: u64, dice: &mut Dice) -> Vec<String> {
    const TESTS: [(&str, &str, &str, u64, u64); 4] = [
        ("44I5.", "Serum sodium", "mmol/L", 135, 145),
        ("44J3.", "Serum creatinine", "umol/L", 50, 100),
        ("42P..", "Platelet count", "10*9/L", 150, 450),
        ("42A..", "Mean corpuscular volume (MCV)", "fL", 76, 96),
    ];
    let (nhs, surname, forename, born, sex) = person(dice);
    let group = dice.percent(50);
    let mut results = String::new();
    if group {
        results.push_str("GIS+N\nINV+MQ+451..:911::A group of tests\nSEQ++1\nRFF+ASL:1\n");
    }
    for (code, name, unit, low, high) in TESTS.iter().take(1 + dice.index(TESTS.len())) {
        let value = low / 2 + dice.below(high + low);
        let deviation = match value {
            value if value < *low => "+LO",
            value if value > *high => "+HI",
            _ => "",
        };
        let reference = if group { "ARL" } else { "ASL" };
        // Writing to a string cannot fail.
        let _ = write!(
            results,
            "GIS+N\nINV+MQ+{code}:911::{name}\nRSL+NV+{value}.{}++:::{unit}{deviation}\nRFF+{reference}:1\nS20+20\nRND+U+{low}+{high}\n",
            dice.below(10)
        );
    }
    lines(&format!(
        "UNH+{number}+{REPORT}\nBGM+LSR\nDTM+137:202603311015:203\nS01+01\nNAD+PO+G9999981:900++DR SYNTHETIC\nSPR+PRO\nS01+01\nNAD+SLA+++CHEMISTRY\nSPR+DPT\nS02+02\nGIS+N\nRFF+SRI:TEST/{number}\nSTS++UN\nDTM+ISR:202603301220:203\nS06+06\nADR++US:{} SYNTHETIC WAY:EXAMPLETON++ZZ99 3WZ\nS07+07\nPNA+PAT+{nhs}:OPI+++SU:{surname}+FO:{forename}\nDTM+329:{born}:102\nPDI+{sex}\nS16+16\nSEQ++1\nSPC+TSP+:::SERUM\nRFF+STI:LAB-{number}\nDTM+SCO:20260329:102\n{results}",
        1 + dice.below(200)
    ))
}
