//! Faults that break one named rule each, in one record or in the envelope.
//!
//! A maker takes the lines of a good record and changes as little as breaks its rule and no other. Not every record has
//! a place for every fault: `Faults` keeps the makers in turn, so that each gets its record when one comes.

mod dates;
mod envelope;
mod identity;
mod lines;
mod protocol;
mod structure;
mod values;

use std::io::{self, Write};

use crate::Dice;
use crate::cds::Protocol;
pub(crate) use lines::Lines;

/// A fault that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The rule that is broken.
    pub rule: &'static str,
    /// Number of the record, from 1; 0 for the envelope.
    pub record: u64,
    /// Line in the file, from 1.
    pub line: u64,
    /// The element that the fault is about.
    pub element: String,
    /// What was done. It holds no personal value.
    pub description: String,
}

/// The first line of a file of labels.
pub const LABEL_HEADER: &str = "rule,record,line,element,description";

impl Label {
    /// Writes the label as a line of CSV.
    ///
    /// # Errors
    /// When writing fails.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Self {
            rule,
            record,
            line,
            element,
            description,
        } = self;
        writeln!(
            out,
            "{rule},{record},{line},{element},\"{}\"",
            description.replace('"', "\"\"")
        )
    }
}

/// What a maker did.
#[derive(Debug)]
pub(crate) struct Broken {
    /// Line of the record, from 0, that the fault is on.
    pub(crate) line: usize,
    pub(crate) element: String,
    pub(crate) description: String,
    /// What is added to the message references of all later records, because this one left out or repeated a number.
    pub(crate) shift: i64,
    /// Rules that cannot but be broken as well, and the line of each.
    pub(crate) also: Vec<(&'static str, usize)>,
}

/// A fault on a line.
pub(crate) fn broken(line: usize, element: &str, description: impl Into<String>) -> Broken {
    Broken {
        line,
        element: element.to_owned(),
        description: description.into(),
        shift: 0,
        also: Vec::new(),
    }
}

/// What a maker knows beyond the record's lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) version: &'a str,
    pub(crate) protocol: Protocol,
}

/// What a maker works on.
pub(crate) struct Work<'a> {
    pub(crate) lines: &'a mut Lines,
    pub(crate) dice: &'a mut Dice,
    pub(crate) around: Surroundings<'a>,
}

/// Where a maker works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Record,
    Header,
    Trailer,
}

/// A maker of faults.
#[derive(Clone, Copy)]
pub(crate) struct FaultMaker {
    pub(crate) rule: &'static str,
    pub(crate) place: Place,
    pub(crate) make: fn(&mut Work<'_>) -> Option<Broken>,
}

const fn in_record(rule: &'static str, make: fn(&mut Work<'_>) -> Option<Broken>) -> FaultMaker {
    FaultMaker {
        rule,
        place: Place::Record,
        make,
    }
}

const fn in_header(rule: &'static str, make: fn(&mut Work<'_>) -> Option<Broken>) -> FaultMaker {
    FaultMaker {
        rule,
        place: Place::Header,
        make,
    }
}

const fn in_trailer(rule: &'static str, make: fn(&mut Work<'_>) -> Option<Broken>) -> FaultMaker {
    FaultMaker {
        rule,
        place: Place::Trailer,
        make,
    }
}

/// Every maker, in the order in which they take turns.
pub(crate) fn makers() -> Vec<FaultMaker> {
    let mut all = Vec::new();
    all.extend_from_slice(structure::MAKERS);
    all.extend_from_slice(values::MAKERS);
    all.extend_from_slice(envelope::MAKERS);
    all.extend_from_slice(protocol::MAKERS);
    all.extend_from_slice(dates::MAKERS);
    all.extend_from_slice(identity::MAKERS);
    all
}

/// Rules that a fault can be made for.
pub fn rules() -> Vec<&'static str> {
    let mut rules: Vec<&'static str> = makers().iter().map(|maker| maker.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// Makes faults in turn.
pub(crate) struct Faults {
    waiting: Vec<FaultMaker>,
    envelope: Vec<FaultMaker>,
    seed: u64,
    /// Records in a million that are made faulty.
    rate: u64,
}

impl Faults {
    /// Faults in so many of a hundred records' hundredths (`rate` 0.2 is one record in five), by the rules that are
    /// wanted; by all when none is named.
    pub(crate) fn new(seed: u64, rate: f64, wanted: &[String]) -> Self {
        let all: Vec<FaultMaker> = makers()
            .into_iter()
            .filter(|maker| wanted.is_empty() || wanted.iter().any(|rule| rule == maker.rule))
            .collect();
        // The sender of the header cannot be wrong beside a trailer that differs from it: they take turns by seed.
        let contrary = if seed.is_multiple_of(2) {
            "CDS-E5"
        } else {
            "CDS-E5-TRAILER"
        };
        let both = ["CDS-E5", "CDS-E5-TRAILER"]
            .iter()
            .all(|rule| all.iter().any(|maker| maker.rule == *rule));
        let (waiting, envelope) = all
            .into_iter()
            .filter(|maker| !both || maker.rule != contrary)
            .partition(|maker| maker.place == Place::Record);
        Self {
            waiting,
            envelope,
            seed,
            rate: (0..1_000_000_u64)
                .take_while(|part| (*part as f64) < rate * 1_000_000.0)
                .count() as u64,
        }
    }

    /// Breaks a rule in the record, when it is this record's turn.
    pub(crate) fn record(
        &mut self,
        number: u64,
        text: &mut Vec<u8>,
        around: Surroundings<'_>,
    ) -> Option<(&'static str, Broken)> {
        let mut dice = Dice::part(self.seed ^ 0x000f_a017, number);
        if dice.below(1_000_000) >= self.rate {
            return None;
        }
        let good = Lines::new(text)?;
        for index in 0..self.waiting.len() {
            let maker = *self.waiting.get(index)?;
            let mut lines = good.clone();
            let broken = (maker.make)(&mut Work {
                lines: &mut lines,
                dice: &mut dice,
                around,
            });
            if let Some(broken) = broken {
                self.waiting.remove(index);
                self.waiting.push(maker);
                *text = lines.text();
                return Some((maker.rule, broken));
            }
        }
        None
    }

    /// Breaks the rules of one end of the envelope.
    pub(crate) fn envelope(
        &self,
        place: Place,
        text: &mut Vec<u8>,
        around: Surroundings<'_>,
    ) -> Vec<(&'static str, Broken)> {
        let mut dice = Dice::part(self.seed ^ 0x000f_a017, u64::MAX - 9);
        let Some(mut lines) = Lines::new(text) else {
            return Vec::new();
        };
        let mut made = Vec::new();
        for maker in self
            .envelope
            .iter()
            .filter(|maker| maker.place == place && self.rate > 0)
        {
            let broken = (maker.make)(&mut Work {
                lines: &mut lines,
                dice: &mut dice,
                around,
            });
            made.extend(broken.map(|broken| (maker.rule, broken)));
        }
        *text = lines.text();
        made
    }
}
