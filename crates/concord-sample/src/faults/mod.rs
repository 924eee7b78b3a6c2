//! Faults that break one named rule each, in one record or in the envelope.
//!
//! A maker takes the lines of a good record and changes as little as breaks its rule and no other. Not every record has
//! a place for every fault: `Faults` keeps the makers in turn, so that each gets its record when one comes.

mod carrier;
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
    /// Whether it is about no record, although it is made in one.
    pub(crate) no_record: bool,
    /// Whether the file ends where the changed lines end, in the middle of the last one.
    pub(crate) ends: bool,
}

/// A fault on a line.
pub(crate) fn broken(line: usize, element: &str, description: impl Into<String>) -> Broken {
    Broken {
        line,
        element: element.to_owned(),
        description: description.into(),
        shift: 0,
        also: Vec::new(),
        no_record: false,
        ends: false,
    }
}

/// What a maker knows beyond the record's lines.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Surroundings<'a> {
    pub(crate) version: &'a str,
    pub(crate) protocol: Protocol,
    /// Number of the record, from 0; 0 in the envelope.
    pub(crate) number: u64,
    /// Whether the record is the last one.
    pub(crate) last: bool,
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
    /// The last record, which has no neighbour that the fault could break as well.
    LastRecord,
    Header,
    Trailer,
}

/// What changes lines so that a rule is broken; `None` when the lines have no place for the fault.
type Make = fn(&mut Work<'_>) -> Option<Broken>;

/// How a maker breaks its rule.
#[derive(Clone, Copy)]
enum Way {
    /// By code of its own.
    Own(Make),
    /// By a date set before the one that it must follow, in a group or anywhere in the record.
    Backwards {
        within: Option<&'static str>,
        start: &'static str,
        end: &'static str,
    },
}

/// A maker of faults.
#[derive(Clone, Copy)]
pub(crate) struct FaultMaker {
    pub(crate) rule: &'static str,
    pub(crate) place: Place,
    way: Way,
}

impl FaultMaker {
    fn make(&self, work: &mut Work<'_>) -> Option<Broken> {
        match self.way {
            Way::Own(make) => make(work),
            Way::Backwards { within, start, end } => {
                dates::end_before_start(work, within, start, end)
            }
        }
    }
}

const fn at(place: Place, rule: &'static str, make: Make) -> FaultMaker {
    FaultMaker {
        rule,
        place,
        way: Way::Own(make),
    }
}

const fn in_record(rule: &'static str, make: Make) -> FaultMaker {
    at(Place::Record, rule, make)
}

const fn in_last_record(rule: &'static str, make: Make) -> FaultMaker {
    at(Place::LastRecord, rule, make)
}

const fn in_header(rule: &'static str, make: Make) -> FaultMaker {
    at(Place::Header, rule, make)
}

const fn in_trailer(rule: &'static str, make: Make) -> FaultMaker {
    at(Place::Trailer, rule, make)
}

const fn in_order(
    rule: &'static str,
    within: Option<&'static str>,
    start: &'static str,
    end: &'static str,
) -> FaultMaker {
    FaultMaker {
        rule,
        place: Place::Record,
        way: Way::Backwards { within, start, end },
    }
}

/// Every maker of faults beside which the rest of the file is still checked, in the order in which they take turns.
fn makers() -> Vec<FaultMaker> {
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
///
/// Those of the carrier (`XML-…`, `LIMIT-…`, `STRUCTURE-ROOT`) keep other rules of the file from being checked, so they
/// are broken only when they are asked for by name.
pub fn rules() -> Vec<&'static str> {
    let mut rules: Vec<&'static str> = makers()
        .iter()
        .chain(carrier::MAKERS)
        .map(|maker| maker.rule)
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// Faults that change the same line of the envelope. Each pair takes turns by seed.
const CONTRARY: [(&str, &str); 2] = [("CDS-E5", "CDS-E5-TRAILER"), ("CDS-E2", "CDS-E2-GREATEST")];

/// Makes faults in turn.
pub(crate) struct Faults {
    waiting: Vec<FaultMaker>,
    last: Vec<FaultMaker>,
    envelope: Vec<FaultMaker>,
    seed: u64,
    /// Records in a million that are made faulty.
    rate: u64,
}

impl Faults {
    /// Faults in so many of a hundred records' hundredths (`rate` 0.2 is one record in five), by the rules that are
    /// wanted; by all when none is named.
    pub(crate) fn new(seed: u64, rate: f64, wanted: &[String]) -> Self {
        let named = |maker: &FaultMaker| wanted.iter().any(|rule| rule == maker.rule);
        let mut all: Vec<FaultMaker> = makers()
            .into_iter()
            .filter(|maker| wanted.is_empty() || named(maker))
            .collect();
        all.extend(carrier::MAKERS.iter().filter(|maker| named(maker)));
        for (even, odd) in CONTRARY {
            let there = |rule: &str| all.iter().any(|maker| maker.rule == rule);
            if there(even) && there(odd) {
                let out = if seed.is_multiple_of(2) { even } else { odd };
                all.retain(|maker| maker.rule != out);
            }
        }
        let of = |places: &[Place]| -> Vec<FaultMaker> {
            let there = |maker: &&FaultMaker| places.contains(&maker.place);
            all.iter().filter(there).copied().collect()
        };
        Self {
            waiting: of(&[Place::Record]),
            last: of(&[Place::LastRecord]),
            envelope: of(&[Place::Header, Place::Trailer]),
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
        let wanted = dice.below(1_000_000) < self.rate;
        let good = Lines::new(text)?;
        let mut attempt = |maker: &FaultMaker| {
            let mut lines = good.clone();
            let broken = maker.make(&mut Work {
                lines: &mut lines,
                dice: &mut dice,
                around,
            })?;
            *text = lines.text();
            if broken.ends {
                text.pop();
            }
            Some((maker.rule, broken))
        };
        if around.last && self.rate > 0 {
            let made = self.last.iter().find_map(&mut attempt);
            if made.is_some() {
                return made;
            }
        }
        if !wanted {
            return None;
        }
        let (index, made) = self
            .waiting
            .iter()
            .enumerate()
            .find_map(|(index, maker)| Some((index, attempt(maker)?)))?;
        let maker = self.waiting.remove(index);
        self.waiting.push(maker);
        Some(made)
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
            let broken = maker.make(&mut Work {
                lines: &mut lines,
                dice: &mut dice,
                around,
            });
            made.extend(broken.map(|broken| (maker.rule, broken)));
        }
        *text = lines.text();
        if made.iter().any(|(_, broken)| broken.ends) {
            text.pop();
        }
        made
    }
}
