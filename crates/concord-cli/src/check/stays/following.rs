//! What messages tell of stays, taken out of each chunk beside the rules.

use std::sync::{Mutex, PoisonError};

use concord_check::{Draft, Part, Rules};
use concord_stays::{Origin, Told, line_ends, read};

use super::Aside;

/// Rules, and beside them what messages tell of stays.
pub(in crate::check) struct Following<'f, R> {
    pub(in crate::check) rules: &'f R,
    /// The number of the input.
    pub(in crate::check) input: usize,
    pub(in crate::check) aside: &'f Mutex<Aside>,
}

/// What a chunk's messages tell, their places counted from its beginning.
pub(in crate::check) struct OfChunk<S> {
    of_rules: S,
    told: Vec<Told>,
    lines: u64,
}

impl<R: Rules> Rules for Following<'_, R> {
    type Header = R::Header;
    type Scratch = R::Scratch;
    type Summary = OfChunk<R::Summary>;
    /// What the rules know, and the lines so far.
    type State = (R::State, u64);
    type Outcome = R::Outcome;

    fn scratch(&self) -> R::Scratch {
        self.rules.scratch()
    }

    fn header(&self, head: &Part<'_>) -> R::Header {
        self.rules.header(head)
    }

    fn evaluate(
        &self,
        part: &Part<'_>,
        header: &R::Header,
        scratch: &mut R::Scratch,
        drafts: &mut Vec<Draft>,
    ) -> OfChunk<R::Summary> {
        let mut told = Vec::with_capacity(part.records.len());
        let (mut at, mut lines) = (0, 0);
        for record in 0..part.records.len() {
            let start = part.records.start(record).unwrap_or(at);
            lines += line_ends(part.chunk.get(at..start).unwrap_or_default());
            at = start;
            let origin = Origin {
                input: self.input as u64,
                record: record as u64,
                offset: start as u64,
                line: lines,
            };
            told.extend(read(part.chunk.get(start..).unwrap_or_default(), origin));
        }
        lines += line_ends(part.chunk.get(at..).unwrap_or_default());
        OfChunk {
            of_rules: self.rules.evaluate(part, header, scratch, drafts),
            told,
            lines,
        }
    }

    fn start(&self) -> Self::State {
        (self.rules.start(), 0)
    }

    fn between(&self) {
        self.rules.between();
    }

    fn stopped(&self) -> bool {
        let aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        aside.failed.is_some() || self.rules.stopped()
    }

    fn fold(
        &self,
        (state, before): &mut Self::State,
        summary: Self::Summary,
        part: &Part<'_>,
        drafts: &mut Vec<Draft>,
    ) {
        let mut aside = self.aside.lock().unwrap_or_else(PoisonError::into_inner);
        for mut told in summary.told {
            told.origin.record += part.first_record + 1;
            told.origin.offset += part.offset;
            told.origin.line += *before + 1;
            aside.add(told);
        }
        drop(aside);
        *before += summary.lines;
        self.rules.fold(state, summary.of_rules, part, drafts);
    }

    fn finish(
        &self,
        (state, _): Self::State,
        header: R::Header,
        last: &Part<'_>,
        drafts: &mut Vec<(Draft, Option<u64>)>,
    ) -> R::Outcome {
        self.rules.finish(state, header, last, drafts)
    }
}
