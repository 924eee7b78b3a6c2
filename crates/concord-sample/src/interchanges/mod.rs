//! Synthetic EDIFACT interchanges: GP Links transactions to a practice, reports of laboratories and of imaging departments,
//! valid or with labelled faults.
//!
//! | module | does |
//! |---|---|
//! | `texts` | messages that are right |
//! | `inside` | faults inside a message |
//! | `envelope` | faults of what stands around messages: UNA, UNB, UNG, UNE, UNZ, and references |
//!
//! Without faults it is one interchange. With faults there are several, so that each can have another envelope. People are made up, and NHS
//! numbers are of the 999 range, which is never issued.

mod envelope;
mod inside;
mod texts;

use std::collections::VecDeque;
use std::io::{self, Write};

use concord_standards::definition::Definition;

use crate::Dice;
use crate::faults::{LABEL_HEADER, Label};
pub use crate::messages::{MessageSampleError, Request, Written};

/// Types that samples can be written of.
const REGISTRATION: &str = "FHSREG:0:1:FH:FHS001";
const REPORT: &str = "MEDRPT:0:1:RT:NHS003";
const IMAGING: &str = "NHSRSR:D:1:NH:NHS002";

/// Messages of an interchange where faults are made.
const MESSAGES: u64 = 8;

/// The rules that faults can be made for. [`ALONE`] are broken only when they are named.
pub fn rules() -> Vec<&'static str> {
    let mut all: Vec<&str> = inside::RULES.to_vec();
    all.extend(envelope::WAYS.iter().map(|(rule, _)| *rule));
    all.extend(ALONE);
    all.push(TRUNCATED);
    all.sort_unstable();
    all.dedup();
    all
}

/// Rules of which a fault leaves nothing else to be checked: an interchange without messages, messages without an interchange.
/// [`TRUNCATED`] cuts the file off inside its last message when it is named, and leaves out its last character otherwise.
pub const ALONE: [&str; 2] = ["INTERCHANGE-EMPTY", "INTERCHANGE-NONE"];

/// Nothing ends the last segment.
pub const TRUNCATED: &str = "INTERCHANGE-CUT";

/// Whether samples of a standard can be written here.
pub fn is_known(definition: &Definition) -> bool {
    kind(definition).is_some()
}

fn kind(definition: &Definition) -> Option<&'static str> {
    let messages = definition.messages.as_ref()?;
    [REGISTRATION, REPORT, IMAGING]
        .into_iter()
        .find(|kind| messages.versions.iter().any(|known| known == kind))
}

/// What was done to a segment.
#[derive(Debug, Clone)]
struct Made {
    rule: &'static str,
    element: String,
    description: &'static str,
    /// Whether it is found in a message, whose number the label then has.
    in_message: bool,
}

/// A segment of an interchange.
#[derive(Debug, Clone)]
struct Line {
    text: String,
    /// The message that it is of, from 1; 0 around messages.
    record: u64,
    made: Vec<Made>,
}

impl Line {
    fn new(text: impl Into<String>, record: u64) -> Self {
        Self {
            text: text.into(),
            record,
            made: Vec::new(),
        }
    }
}

/// Writes interchanges, a line for each segment. They break no rule, but for the faults that were asked for, each of which
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
    let pen = Pen {
        out,
        labels,
        written: Written::default(),
    };
    Sample {
        request,
        kind,
        turns: Turns::of(inside::RULES.into_iter(), request, |rule| rule),
        envelopes: Turns::of(envelope::WAYS.into_iter(), request, |(rule, _)| rule),
        carried: Vec::new(),
    }
    .write(pen)
}

/// Faults in turn: which of them fits the next place is tried one by one.
struct Turns<T>(VecDeque<T>);

impl<T> Turns<T> {
    fn of(
        all: impl Iterator<Item = T>,
        request: &Request<'_>,
        rule: impl Fn(&T) -> &'static str,
    ) -> Self
    where
        T: Clone,
    {
        let named = &request.fault_rules;
        let wanted = |one: &T| named.is_empty() || named.iter().any(|name| name == rule(one));
        Self(all.filter(wanted).collect())
    }

    /// The first one that `fits`, which then waits behind all others.
    fn next<M>(&mut self, mut fits: impl FnMut(&T) -> Option<M>) -> Option<M> {
        for place in 0..self.0.len() {
            if let Some(made) = fits(&self.0[place]) {
                let taken = self.0.remove(place);
                self.0.extend(taken);
                return Some(made);
            }
        }
        None
    }
}

/// Writes lines and labels and counts them.
struct Pen<'o, 'l> {
    out: &'o mut dyn Write,
    labels: Option<&'l mut dyn Write>,
    written: Written,
}

impl Pen<'_, '_> {
    /// Writes a segment; `ended` by its terminator.
    fn line(&mut self, line: &Line, ended: bool) -> io::Result<()> {
        for made in &line.made {
            let record = if made.in_message { line.record } else { 0 };
            self.label(made, record, self.written.segments + 1)?;
        }
        let end: &[u8] = if ended { b"'\n" } else { b"" };
        self.out.write_all(line.text.as_bytes())?;
        self.out.write_all(end)?;
        self.written.segments += 1;
        self.written.bytes += (line.text.len() + end.len()) as u64;
        Ok(())
    }

    /// Writes a label; `line` is 0 for what is about the whole.
    fn label(&mut self, made: &Made, record: u64, line: u64) -> io::Result<()> {
        self.written.faults += 1;
        let Some(labels) = self.labels.as_deref_mut() else {
            return Ok(());
        };
        let label = Label {
            rule: made.rule,
            record,
            line,
            element: made.element.clone(),
            description: made.description.to_owned(),
        };
        label.write(labels)
    }
}

struct Sample<'r> {
    request: &'r Request<'r>,
    kind: &'static str,
    turns: Turns<&'static str>,
    envelopes: Turns<(&'static str, envelope::Way)>,
    /// What the next interchange's first segment is told of.
    carried: Vec<Made>,
}

impl Sample<'_> {
    fn write(mut self, mut pen: Pen<'_, '_>) -> Result<Written, MessageSampleError> {
        let request = self.request;
        let named = |rule: &str| request.fault_rules.iter().any(|name| name == rule);
        let faulty = request.faults.is_some_and(|share| share > 0.0);
        if let Some(alone) = ALONE.into_iter().find(|rule| faulty && named(rule)) {
            return self.alone(alone, pen);
        }
        if !faulty {
            return self.plain(pen);
        }
        let (mut first, mut number) = (1_u64, 1);
        loop {
            let last = first.saturating_add(MESSAGES - 1).min(request.messages);
            let is_last = last >= request.messages;
            let mut lines = self.interchange(number, first..=last);
            self.break_envelope(number, is_last, &mut lines);
            pen.written.messages += (last + 1).saturating_sub(first);
            if is_last {
                self.last(lines, &mut pen)?;
                return Ok(pen.written);
            }
            for line in &lines {
                pen.line(line, true)?;
            }
            (first, number) = (last + 1, number + 1);
        }
    }

    /// Writes the last interchange, which may be cut off.
    fn last(&self, mut lines: Vec<Line>, pen: &mut Pen<'_, '_>) -> io::Result<()> {
        let rules = &self.request.fault_rules;
        let named = rules.iter().any(|name| name == TRUNCATED);
        let cut = rules.is_empty() || named;
        if cut && let Some(whole) = envelope::cut(self.kind, named, &mut lines) {
            pen.label(&whole, 0, 0)?;
        }
        for (place, line) in lines.iter().enumerate() {
            pen.line(line, !cut || place + 1 < lines.len())?;
        }
        Ok(())
    }

    /// One interchange without faults, message by message.
    fn plain(&mut self, mut pen: Pen<'_, '_>) -> Result<Written, MessageSampleError> {
        pen.line(&Line::new(self.header(1), 0), true)?;
        for number in 1..=self.request.messages {
            for line in self.message(number) {
                pen.line(&line, true)?;
            }
            pen.written.messages += 1;
        }
        let trailer = format!("UNZ+{}+1", self.request.messages);
        pen.line(&Line::new(trailer, 0), true)?;
        Ok(pen.written)
    }

    /// Breaks a rule beside which nothing else can be checked.
    fn alone(
        &mut self,
        rule: &'static str,
        mut pen: Pen<'_, '_>,
    ) -> Result<Written, MessageSampleError> {
        let (messages, description) = match rule {
            "INTERCHANGE-EMPTY" => (0, "no message between UNB and UNZ"),
            _ => (self.request.messages, "UNB and UNZ left out"),
        };
        self.turns.0.clear();
        let lines = if messages == 0 {
            vec![Line::new(self.header(1), 0), Line::new("UNZ+0+1", 0)]
        } else {
            (1..=messages)
                .flat_map(|number| self.message(number))
                .collect()
        };
        let made = made(rule, "UNZ", description);
        pen.label(&made, 0, 0)?;
        for line in &lines {
            pen.line(line, true)?;
        }
        pen.written.messages = messages;
        Ok(pen.written)
    }

    fn header(&self, number: u64) -> String {
        match self.kind {
            REPORT => format!(
                "UNB+UNOC:3+999900000000001+999900000000002+260331:1015+{number}++MEDRPT++1"
            ),
            IMAGING => {
                format!("UNB+UNOA:2+999900000000003+999900000000002+260331:1015+{number}++NHSRSR")
            }
            _ => format!("UNB+UNOA:2+ZZ01+PRA1+260331:1015+{number}"),
        }
    }

    /// An interchange, with the faults of its messages.
    fn interchange(&mut self, number: u64, messages: std::ops::RangeInclusive<u64>) -> Vec<Line> {
        let count = messages.clone().count();
        let mut lines = vec![Line::new(self.header(number), 0)];
        for message in messages {
            lines.extend(self.message(message));
        }
        lines.push(Line::new(format!("UNZ+{count}+{number}"), 0));
        lines
    }

    fn message(&mut self, number: u64) -> Vec<Line> {
        let mut dice = Dice::part(self.request.seed, number);
        let segments = match self.kind {
            REPORT => texts::report(number, &mut dice),
            IMAGING => texts::imaging(number, &mut dice),
            _ => texts::registration(number, &mut dice),
        };
        let mut lines: Vec<Line> = segments
            .into_iter()
            .map(|text| Line::new(text, number))
            .collect();
        if !self.is_faulty(&mut dice) {
            inside::end(number, &mut lines);
            return lines;
        }
        let broken = self
            .turns
            .next(|rule| inside::broken(self.kind, rule, number, &lines));
        broken.unwrap_or_else(|| {
            inside::end(number, &mut lines);
            lines
        })
    }

    fn is_faulty(&self, dice: &mut Dice) -> bool {
        let share = self.request.faults.unwrap_or_default().clamp(0.0, 1.0);
        (dice.below(1_000_000) as f64) < share * 1_000_000.0
    }

    fn break_envelope(&mut self, number: u64, is_last: bool, lines: &mut Vec<Line>) {
        if let Some(first) = lines.first_mut() {
            first.made.append(&mut self.carried);
        }
        let mut dice = Dice::part(self.request.seed ^ 0x00ed_1fac, number);
        if !self.is_faulty(&mut dice) {
            return;
        }
        let place = envelope::Place {
            first: number == 1,
            last: is_last,
        };
        let broken = self
            .envelopes
            .next(|(rule, way)| envelope::broken(rule, *way, place, lines));
        if let Some((changed, carried)) = broken {
            *lines = changed;
            self.carried.extend(carried);
        }
    }
}

/// A fault around messages.
fn made(rule: &'static str, element: &str, description: &'static str) -> Made {
    Made {
        rule,
        element: element.to_owned(),
        description,
        in_message: false,
    }
}
