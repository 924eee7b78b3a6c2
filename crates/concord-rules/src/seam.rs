//! A [`RuleSet`] as the checker asks for it: evaluated beside the structure, folded in the input's order.

use std::sync::Arc;

use concord_check::{Draft, Part, Rules};
use concord_finding::Finding;

use crate::consequence::Unusable;
use crate::detail::Detail;
use crate::evaluate::{Broken, Scratch};
use crate::header::Header;
use crate::native::{ChunkSummary, CrossBroken, SubmissionState};
use crate::query::SpanningRows;
use crate::reconcile::{ChunkTotals, FileTotals, Totals};
use crate::ruleset::RuleSet;

/// What is known of a submission when it has been read.
#[derive(Debug, Clone, Default)]
pub struct Submission {
    /// Header and trailer, for rules across submissions.
    pub header: Header,
    /// Rules that could not be checked to the end, and why.
    pub not_run: Vec<(u32, String)>,
    /// What it adds up to, where that was asked for.
    pub totals: Option<Totals>,
    /// Rows for rules over all inputs: for [`Spanning`](crate::Spanning).
    pub(crate) spanning: Option<Arc<SpanningRows>>,
}

/// Memory of one thread.
#[derive(Debug, Default)]
pub struct Memory {
    scratch: Scratch,
    broken: Vec<Broken>,
}

impl Rules for RuleSet {
    type Header = Header;
    type Scratch = Memory;
    type Summary = (ChunkSummary, ChunkTotals);
    type State = (SubmissionState, FileTotals);
    type Outcome = Submission;

    fn scratch(&self) -> Memory {
        Memory::default()
    }

    fn header(&self, head: &Part<'_>) -> Header {
        let mut header = Header::default();
        header.take(self, head.captured, head.chunk, head.offset);
        header
    }

    fn evaluate(
        &self,
        part: &Part<'_>,
        header: &Header,
        memory: &mut Memory,
        drafts: &mut Vec<Draft>,
    ) -> Self::Summary {
        memory.broken.clear();
        RuleSet::evaluate(
            self,
            part.captured,
            part.chunk,
            header,
            &mut memory.scratch,
            &mut memory.broken,
        );
        let unusable = Unusable::of(drafts);
        for broken in &memory.broken {
            if self.follows_from(&unusable, broken, part.captured) {
                continue;
            }
            let detail = self.detail(broken, part.captured, part.chunk, part.offset, header);
            let (offset, compared) = (detail.offset, detail.compared);
            let offset = offset.map_or(0, |offset| offset.saturating_sub(part.offset));
            let finding = self.broken_finding(broken, part, detail);
            let length = length_of(&finding);
            drafts.push(Draft {
                finding,
                offset: offset as u32,
                length,
                record: broken.record,
                compared,
                unread: None,
                unusable: false,
            });
        }
        let totals = self.totals.as_ref();
        let totals = totals.map(|plan| plan.gather(part.captured, part.chunk));
        let mut summary = self.summarise(part.captured, part.chunk, &memory.scratch);
        self.without(&unusable, &mut summary, part.captured);
        (summary, totals.unwrap_or_default())
    }

    fn start(&self) -> Self::State {
        Self::State::default()
    }

    fn fold(
        &self,
        (state, file): &mut Self::State,
        (summary, totals): Self::Summary,
        part: &Part<'_>,
        drafts: &mut Vec<Draft>,
    ) {
        file.fold(totals);
        let mut broken = Vec::new();
        state.before = Some(part.first_record);
        let chunk = (part.captured, part.chunk, part.offset);
        RuleSet::fold(self, state, summary, chunk, &mut broken);
        for broken in broken {
            let record = broken
                .record
                .and_then(|record| record.checked_sub(part.first_record))
                .map(|record| record as u32);
            let offset = broken
                .offset
                .unwrap_or(part.offset)
                .saturating_sub(part.offset) as u32;
            let finding = self.cross_finding(broken, part);
            let length = length_of(&finding);
            drafts.push(Draft {
                finding,
                offset,
                length,
                record,
                compared: None,
                unread: None,
                unusable: false,
            });
        }
    }

    fn finish(
        &self,
        (mut state, file): Self::State,
        mut header: Header,
        last: &Part<'_>,
        drafts: &mut Vec<(Draft, Option<u64>)>,
    ) -> Submission {
        header.take(self, last.captured, last.chunk, last.offset);
        let spanning = self.spanning_rows(&mut state).map(Arc::new);
        let mut broken = Vec::new();
        self.evaluate_submission(&header, &mut broken);
        for broken in &broken {
            let detail = self.detail(broken, last.captured, last.chunk, last.offset, &header);
            let (offset, compared) = (detail.offset, detail.compared);
            let (mut draft, offset) = envelope(self.broken_finding(broken, last, detail), offset);
            draft.compared = compared;
            drafts.push((draft, offset));
        }
        let mut across = Vec::new();
        let mut not_run = Vec::new();
        RuleSet::finish(self, state, &header, &mut across, &mut not_run);
        for broken in across {
            let (record, offset) = (broken.record, broken.offset);
            let mut finding = self.cross_finding(broken, last);
            finding.record = record.map(|record| record + 1);
            drafts.push(envelope(finding, offset));
        }
        Submission {
            header,
            not_run,
            totals: self.totals.as_ref().map(|plan| plan.finish(file)),
            spanning,
        }
    }
}

impl RuleSet {
    fn finding(&self, rule: u32, part: &Part<'_>) -> Finding {
        let mut finding = Finding::new(Arc::clone(self.rule(rule)), Arc::clone(part.file));
        finding.standard = part.standard.cloned();
        finding
    }

    /// The finding of a broken rule.
    fn broken_finding(&self, broken: &Broken, part: &Part<'_>, detail: Detail) -> Finding {
        let mut finding = self.finding(broken.rule, part);
        finding.element = detail.element;
        finding.value = detail.value;
        finding.expected = detail.expected;
        finding.facts = detail.facts;
        finding
    }

    fn cross_finding(&self, broken: CrossBroken, part: &Part<'_>) -> Finding {
        let mut finding = self.finding(broken.rule, part);
        let place = self.rules[broken.rule as usize].place();
        finding.element = place.and_then(|cell| self.dictionary_name(cell));
        finding.value = broken.value;
        finding.expected = broken.expected;
        finding.facts = broken.facts;
        finding
    }
}

/// Bytes of the value that a finding points at, as far as they can be known from the value.
fn length_of(finding: &Finding) -> u32 {
    use concord_finding::{Fact, Masking};
    match &finding.value {
        Some(Fact::List(_)) | None => 0,
        Some(fact) => fact.raw(Masking::Revealed).len() as u32,
    }
}

fn envelope(finding: Finding, offset: Option<u64>) -> (Draft, Option<u64>) {
    let length = length_of(&finding);
    let draft = Draft {
        finding,
        offset: 0,
        length,
        record: None,
        compared: None,
        unread: None,
        unusable: false,
    };
    (draft, offset)
}
