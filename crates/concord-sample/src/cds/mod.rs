//! Realistic Commissioning Data Set interchanges that break no rule, for any of the versions.
//!
//! The structure of a record is walked generically from the [`Schema`]; what the values say comes from a *story* of each
//! record (who, when, where), so that they fit together: ages follow from birth dates, discharges from admissions,
//! identities from the status of the NHS number. Records are written one at a time.

mod interchange;
mod makers;
pub(crate) mod people;
mod presence;
mod recipe;
mod run;
mod story;
mod types;

use std::io::{self, Write};

use concord_standards::schema::Schema;

use crate::Dice;
use crate::faults::{Broken, Faults, LABEL_HEADER, Label, Place, Surroundings};
use crate::value::ValueError;
use interchange::Interchange;
use recipe::Recipes;
use run::Scene;
use story::Story;
pub use types::{CdsType, Protocol};

/// What is wanted.
#[derive(Debug, Clone)]
pub struct Request<'s> {
    /// The structure of the version.
    pub schema: &'s Schema,
    /// How many records.
    pub records: u64,
    /// The seed: the same request with the same seed always gives the same bytes.
    pub seed: u64,
    /// Type codes to mix, such as `130`; empty for all that may stand together.
    pub types: Vec<String>,
    /// Net change or bulk replacement.
    pub protocol: Protocol,
    /// The share of records, from 0 to 1, that are given a fault; `None` also leaves the envelope without fault.
    pub faults: Option<f64>,
    /// The rules that faults are made for; empty for all that there are makers for.
    pub fault_rules: Vec<String>,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Records.
    pub records: u64,
    /// Bytes.
    pub bytes: u64,
    /// Lines.
    pub lines: u64,
    /// Faults.
    pub faults: u64,
}

/// Why no sample could be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SampleError {
    /// The structure is not that of a CDS interchange.
    #[error("the structure has no {0}: it is not that of a CDS interchange")]
    NotCds(&'static str),
    /// The structure has no such type.
    #[error("this version has no CDS type {wanted}; it has {known}")]
    Type {
        /// The type that was asked for.
        wanted: String,
        /// The types there are.
        known: String,
    },
    /// Types that belong to different bulk replacement groups.
    #[error(
        "CDS types {0} belong to different bulk replacement groups and cannot stand in one bulk interchange"
    )]
    Groups(String),
    /// An interchange must hold at least one record.
    #[error("an interchange holds at least one record")]
    NoRecords,
    /// A type has no value.
    #[error(transparent)]
    Value(#[from] ValueError),
    /// Could not write.
    #[error("cannot write the sample")]
    Write(#[from] io::Error),
}

/// Writes an interchange. It breaks no rule, but for the faults that were asked for, each of which is labelled.
///
/// # Errors
/// [`SampleError`] when the structure is not CDS, the types do not fit, or writing fails.
pub fn write(
    request: &Request<'_>,
    out: &mut dyn Write,
    labels: Option<&mut dyn Write>,
) -> Result<Written, SampleError> {
    let mut sample = Sample::new(request)?;
    let mut faults = request
        .faults
        .map(|rate| Faults::new(request.seed, rate, &request.fault_rules));
    let mut pen = Pen {
        out,
        labels,
        written: Written::default(),
    };
    if let (Some(labels), true) = (pen.labels.as_deref_mut(), faults.is_some()) {
        writeln!(labels, "{LABEL_HEADER}")?;
    }
    let mut text = Vec::with_capacity(64 << 10);
    text.extend_from_slice(&sample.recipes.head);
    sample.header(&mut text);
    if pen.envelope(Place::Header, &mut text, &sample, faults.as_ref())? {
        return Ok(pen.written);
    }
    for number in 0..request.records {
        sample.record(number, &mut text);
        let around = sample.around(number, number + 1 == request.records);
        let broken = faults
            .as_mut()
            .and_then(|faults| faults.record(number, &mut text, around));
        pen.written.records += 1;
        if let Some((rule, broken)) = &broken {
            pen.label(if broken.no_record { 0 } else { number + 1 }, rule, broken)?;
            sample.shift += broken.shift;
        }
        pen.put(&text)?;
        text.clear();
        if broken.is_some_and(|(_, broken)| broken.ends) {
            return Ok(pen.written);
        }
    }
    sample.trailer(request.records, &mut text);
    text.extend_from_slice(&sample.recipes.tail);
    pen.envelope(Place::Trailer, &mut text, &sample, faults.as_ref())?;
    Ok(pen.written)
}

/// Where everything is written, with what has been.
struct Pen<'o, 'l> {
    out: &'o mut dyn Write,
    labels: Option<&'l mut dyn Write>,
    written: Written,
}

impl Pen<'_, '_> {
    fn put(&mut self, text: &[u8]) -> io::Result<()> {
        self.out.write_all(text)?;
        self.written.bytes += text.len() as u64;
        self.written.lines += memchr::memchr_iter(b'\n', text).count() as u64;
        Ok(())
    }

    /// Writes the label of a fault in what is written next.
    fn label(&mut self, record: u64, rule: &'static str, broken: &Broken) -> io::Result<()> {
        self.written.faults += 1;
        let Some(labels) = self.labels.as_deref_mut() else {
            return Ok(());
        };
        for (rule, line) in std::iter::once((rule, broken.line)).chain(broken.also.iter().copied())
        {
            let label = Label {
                rule,
                record,
                line: self.written.lines + line as u64 + 1,
                element: broken.element.clone(),
                description: broken.description.clone(),
            };
            label.write(labels)?;
        }
        Ok(())
    }

    /// Writes one end of the envelope. Whether the file ends with it.
    fn envelope(
        &mut self,
        place: Place,
        text: &mut Vec<u8>,
        sample: &Sample,
        faults: Option<&Faults>,
    ) -> io::Result<bool> {
        let made = faults.map_or_else(Vec::new, |faults| {
            faults.envelope(place, text, sample.around(0, false))
        });
        for (rule, broken) in &made {
            self.label(0, rule, broken)?;
        }
        self.put(text)?;
        text.clear();
        Ok(made.iter().any(|(_, broken)| broken.ends))
    }
}

/// A sample in the making.
struct Sample {
    recipes: Recipes,
    interchange: Interchange,
    seed: u64,
    /// What is added to the message references, after faults that left out a number.
    shift: i64,
}

impl Sample {
    fn new(request: &Request<'_>) -> Result<Self, SampleError> {
        if request.records == 0 {
            return Err(SampleError::NoRecords);
        }
        let recipes = Recipes::new(request)?;
        let interchange = Interchange::new(
            request.seed,
            &recipes.version,
            recipes.group.clone(),
            request.protocol,
        );
        Ok(Self {
            recipes,
            interchange,
            seed: request.seed,
            shift: 0,
        })
    }

    /// What makers of faults need to know.
    fn around(&self, number: u64, last: bool) -> Surroundings<'_> {
        Surroundings {
            version: &self.recipes.version,
            protocol: self.interchange.protocol,
            number,
            last,
        }
    }

    /// The header, after the root's start tag.
    fn header(&self, out: &mut Vec<u8>) {
        self.envelope(&self.recipes.header, 0, out);
    }

    /// One record.
    fn record(&self, number: u64, out: &mut Vec<u8>) {
        let mut dice = Dice::part(self.seed, number + 1);
        let deleted = self.recipes.delete.is_some() && dice.percent(2);
        let kinds = &self.recipes.records;
        let Some((kind, recipe)) = dice.pick(kinds) else {
            return;
        };
        let story = Story::new(&self.interchange, *kind, number, deleted, &mut dice);
        let recipe = match (&self.recipes.delete, deleted) {
            (Some(delete), true) => delete,
            _ => recipe,
        };
        Scene::new(&self.interchange, &story, 0, dice)
            .shifted(self.shift)
            .write(recipe, out);
    }

    /// The trailer, before the root's end tag.
    fn trailer(&self, records: u64, out: &mut Vec<u8>) {
        self.envelope(&self.recipes.trailer, records, out);
    }

    fn envelope(&self, recipe: &recipe::Step, records: u64, out: &mut Vec<u8>) {
        let mut dice = Dice::part(self.seed, 0);
        if let Some((kind, _)) = self.recipes.records.first() {
            let story = Story::new(&self.interchange, *kind, 0, false, &mut dice);
            Scene::new(&self.interchange, &story, records, dice).write(recipe, out);
        }
    }
}
