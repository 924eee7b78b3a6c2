//! Realistic Commissioning Data Set interchanges that break no rule, for any of the versions.
//!
//! The structure of a record is walked generically from the [`Schema`]; what the values say comes from a *story* of each
//! record (who, when, where), so that they fit together: ages follow from birth dates, discharges from admissions,
//! identities from the status of the NHS number. Records are written one at a time.

mod interchange;
mod makers;
mod people;
mod presence;
mod recipe;
mod run;
mod story;
mod types;

use std::io::{self, Write};

use concord_standards::schema::Schema;

use crate::Dice;
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
    #[error("CDS types {0} belong to different bulk replacement groups and cannot stand in one bulk interchange")]
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

/// Writes an interchange that breaks no rule.
///
/// # Errors
/// [`SampleError`] when the structure is not CDS, the types do not fit, or writing fails.
pub fn write(request: &Request<'_>, out: &mut dyn Write) -> Result<Written, SampleError> {
    let mut sample = Sample::new(request)?;
    let mut written = Written::default();
    let mut text = Vec::with_capacity(64 << 10);
    sample.head(&mut text);
    for number in 0..request.records {
        sample.record(number, &mut text);
        if text.len() > 48 << 10 {
            flush(&mut text, &mut written, out)?;
        }
    }
    sample.tail(request.records, &mut text);
    flush(&mut text, &mut written, out)?;
    written.records = request.records;
    Ok(written)
}

fn flush(text: &mut Vec<u8>, written: &mut Written, out: &mut dyn Write) -> io::Result<()> {
    out.write_all(text)?;
    written.bytes += text.len() as u64;
    written.lines += text.iter().filter(|byte| **byte == b'\n').count() as u64;
    text.clear();
    Ok(())
}

/// A sample in the making.
pub(crate) struct Sample {
    recipes: Recipes,
    interchange: Interchange,
    seed: u64,
}

impl Sample {
    pub(crate) fn new(request: &Request<'_>) -> Result<Self, SampleError> {
        if request.records == 0 {
            return Err(SampleError::NoRecords);
        }
        let recipes = Recipes::new(request)?;
        let interchange = Interchange::new(request.seed, &recipes.version, recipes.group.clone(), request.protocol);
        Ok(Self {
            recipes,
            interchange,
            seed: request.seed,
        })
    }

    /// Everything before the first record.
    pub(crate) fn head(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.recipes.head);
        self.envelope(&self.recipes.header, 0, out);
    }

    /// One record.
    pub(crate) fn record(&mut self, number: u64, out: &mut Vec<u8>) {
        let mut dice = Dice::part(self.seed, number + 1);
        let deleted = self.recipes.delete.is_some() && dice.percent(2);
        let kinds = &self.recipes.records;
        let Some((kind, recipe)) = dice.pick(kinds) else { return };
        let story = Story::new(&self.interchange, *kind, number, deleted, &mut dice);
        let recipe = match (&self.recipes.delete, deleted) {
            (Some(delete), true) => delete,
            _ => recipe,
        };
        Scene::new(&self.interchange, &story, 0, dice).write(recipe, out);
    }

    /// Everything after the last record.
    pub(crate) fn tail(&mut self, records: u64, out: &mut Vec<u8>) {
        self.envelope(&self.recipes.trailer, records, out);
        out.extend_from_slice(&self.recipes.tail);
    }

    fn envelope(&self, recipe: &recipe::Step, records: u64, out: &mut Vec<u8>) {
        let mut dice = Dice::part(self.seed, 0);
        if let Some((kind, _)) = self.recipes.records.first() {
            let story = Story::new(&self.interchange, *kind, 0, false, &mut dice);
            Scene::new(&self.interchange, &story, records, dice).write(recipe, out);
        }
    }
}
