//! The seam to rules beyond structure: what the checker asks of them, and when.

use std::sync::Arc;

use crate::capture::Captured;
use crate::output::{Draft, Record};

/// A checked chunk, as rules see it.
#[derive(Debug, Clone, Copy)]
pub struct Part<'p> {
    /// The input's name.
    pub file: &'p Arc<str>,
    /// The standard that is checked against.
    pub standard: Option<&'p Arc<str>>,
    /// The bytes that the captured spans lie in.
    pub chunk: &'p [u8],
    /// Where they stand in the input.
    pub offset: u64,
    /// The values that the rules' plan asked for.
    pub captured: &'p Captured,
    /// Where the records of the chunk begin.
    pub records: RecordStarts<'p>,
    /// Number of the chunk's first record in the input, from 0. Only known when chunks are put together in order; 0 before.
    pub first_record: u64,
}

/// Where the records of a chunk begin.
#[derive(Debug, Clone, Copy)]
pub enum RecordStarts<'p> {
    /// Rows of a table, by their offsets in the chunk.
    Rows(&'p [u32]),
    /// Elements of a document.
    Elements(Elements<'p>),
}

/// Records of a document.
#[derive(Debug, Clone, Copy)]
pub struct Elements<'p>(pub(crate) &'p [Record]);

impl RecordStarts<'_> {
    /// No records.
    pub const NONE: Self = Self::Rows(&[]);

    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Rows(rows) => rows.len(),
            Self::Elements(elements) => elements.0.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Offset in the chunk at which a record begins.
    pub fn start(&self, record: usize) -> Option<usize> {
        match self {
            Self::Rows(rows) => rows.get(record).map(|start| *start as usize),
            Self::Elements(elements) => elements.0.get(record).map(|record| record.start as usize),
        }
    }
}

/// Rules over captured values.
///
/// [`Rules::evaluate`] is called for chunks side by side; [`Rules::fold`] for the same chunks one after the other in
/// the input's order; [`Rules::finish`] once at the end.
pub trait Rules: Sync {
    /// Values of the envelope before the first record.
    type Header: Clone + Send + Sync;
    /// Memory that one thread uses again and again.
    type Scratch: Send;
    /// What a chunk contributes to rules about the whole input.
    type Summary: Send;
    /// What those rules know so far.
    type State: Send;
    /// What is known when the whole input has been judged.
    type Outcome: Send;

    /// Memory for one thread.
    fn scratch(&self) -> Self::Scratch;
    /// Takes the envelope's values from what stands before the first record.
    fn header(&self, head: &Part<'_>) -> Self::Header;
    /// Evaluates the rules that look at one record at a time, and sums the chunk up for the others.
    fn evaluate(
        &self,
        part: &Part<'_>,
        header: &Self::Header,
        scratch: &mut Self::Scratch,
        drafts: &mut Vec<Draft>,
    ) -> Self::Summary;
    /// What rules about the whole input know before the first chunk.
    fn start(&self) -> Self::State;
    /// Called by a thread between two pieces of work, when it holds nothing: for work that was put off.
    fn between(&self) {}
    /// Whether nothing more is wanted, because what was to be done with it failed.
    fn stopped(&self) -> bool {
        false
    }
    /// Takes in the next chunk. Findings lie in this chunk.
    fn fold(
        &self,
        state: &mut Self::State,
        summary: Self::Summary,
        part: &Part<'_>,
        drafts: &mut Vec<Draft>,
    );
    /// Judges the whole input. Findings come with their offset in the input, where they have one.
    ///
    /// `last` is the last chunk, which holds the trailer.
    fn finish(
        &self,
        state: Self::State,
        header: Self::Header,
        last: &Part<'_>,
        drafts: &mut Vec<(Draft, Option<u64>)>,
    ) -> Self::Outcome;
}

/// No rules beyond structure and values.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoRules;

impl Rules for NoRules {
    type Header = ();
    type Scratch = ();
    type Summary = ();
    type State = ();
    type Outcome = ();

    fn scratch(&self) {}
    fn header(&self, _: &Part<'_>) {}
    fn evaluate(&self, _: &Part<'_>, (): &(), (): &mut (), _: &mut Vec<Draft>) {}
    fn start(&self) {}
    fn fold(&self, (): &mut (), (): (), _: &Part<'_>, _: &mut Vec<Draft>) {}
    fn finish(&self, (): (), (): (), _: &Part<'_>, _: &mut Vec<(Draft, Option<u64>)>) {}
}
