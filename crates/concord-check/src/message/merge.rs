//! Chunks of messages put together in order: lines, message numbers, batches, the account.

use std::ops::Range;
use std::sync::Arc;

use concord_finding::{Fact, FileSummary, Finding};
use concord_read::hl7::{Chunk, Ending};

use super::carrier::Carrier;
use super::chunk::{Envelope, EnvelopeKind, MessageOutput};
use super::finish::finish;
use super::interchange::Interchanges;
use super::plan::MessagePlan;
use crate::catalogue::BuiltinRule;
use crate::delivery::{Read, Sated, Sink};
use crate::ledger::Ledger;
use crate::lines::Advance;
use crate::output::{Draft, Relative};
use crate::rules::{Elements, Part, RecordStarts, Rules};

/// A checked chunk.
pub(crate) struct Outcome<R: Rules> {
    pub(crate) chunk: Chunk,
    pub(crate) out: MessageOutput,
    /// Findings with places relative to the chunk, in the order of their offsets.
    pub(crate) findings: Vec<Relative>,
    pub(crate) summary: R::Summary,
    pub(crate) advance: Advance,
}

/// What has been put together so far.
pub(crate) struct Merge<'m, R: Rules> {
    plan: &'m MessagePlan,
    carrier: Carrier,
    file: &'m Arc<str>,
    rules: &'m R,
    ledger: Ledger<'m>,
    sated: &'m Sated,
    state: Option<R::State>,
    header: Option<R::Header>,
    /// Whether excerpts show every value.
    reveal: bool,
    /// What will be told of the input as a whole when all of it has been seen.
    endings: Option<(Finding, u64)>,
    strange: Option<(Finding, u64)>,
    batches: Batches,
    interchanges: Interchanges,
    position: Advance,
    bytes: u64,
    /// Why the input cannot be all that was sent, when that is certain.
    cut: Option<String>,
    /// What the rules know at the end.
    pub(crate) outcome: Option<R::Outcome>,
}

/// Files and batches that are open.
#[derive(Debug, Default)]
struct Batches {
    /// Whether a file header has been seen.
    file: bool,
    /// Messages before the batch that is open.
    batch: Option<u64>,
    /// Batches that have ended.
    ended: u64,
    /// Whether the file's trailer has been seen.
    over: bool,
}

impl Batches {
    /// Takes a header or trailer behind `messages` messages, and says what is wrong with it.
    fn take(&mut self, envelope: Envelope, messages: u64) -> Option<String> {
        let over = self
            .over
            .then(|| "a batch stands behind the end of the file (FTS)".to_owned());
        let count = |what: &str, said: Option<u64>, found: u64| {
            let said = said.filter(|said| *said != found)?;
            Some(format!("{what} {said}; there are {found}"))
        };
        match envelope.kind {
            EnvelopeKind::FileHeader => {
                let again = self.file || messages > 0;
                self.file = true;
                again.then(|| "a file header (FHS) stands in the middle of the file".to_owned())
            }
            EnvelopeKind::BatchHeader => {
                let open = self.batch.replace(messages).is_some();
                let open = open.then(|| "a batch (BHS) begins in another one".to_owned());
                open.or(over)
            }
            EnvelopeKind::BatchTrailer => {
                let Some(before) = self.batch.take() else {
                    return Some("a batch ends (BTS) that has not begun (BHS)".to_owned());
                };
                self.ended += 1;
                count(
                    "the trailer (BTS-1) counts messages:",
                    envelope.count,
                    messages - before,
                )
            }
            EnvelopeKind::FileTrailer => {
                let open = self.batch.take().is_some();
                self.over = true;
                if open {
                    return Some("the file ends (FTS) inside a batch: BTS is missing".to_owned());
                }
                count(
                    "the trailer (FTS-1) counts batches:",
                    envelope.count,
                    self.ended,
                )
            }
            // Those of EDIFACT are followed by `Interchanges`.
            _ => None,
        }
    }

    /// What is missing when the input ends.
    fn end(&self) -> Option<&'static str> {
        if self.batch.is_some() {
            return Some("the input ends inside a batch: BTS is missing");
        }
        (self.file && !self.over).then_some("the input ends and the file does not: FTS is missing")
    }
}

impl<'m, R: Rules> Merge<'m, R> {
    pub(crate) fn new(
        (plan, carrier, file): (&'m MessagePlan, Carrier, &'m Arc<str>),
        rules: &'m R,
        header: R::Header,
        sink: &'m mut Sink<'m>,
        sated: &'m Sated,
        reveal: bool,
    ) -> Self {
        Self {
            plan,
            carrier,
            file,
            rules,
            ledger: Ledger::new(sink, sated, &plan.document.grades),
            sated,
            state: Some(rules.start()),
            header: Some(header),
            reveal,
            endings: None,
            strange: None,
            batches: Batches::default(),
            interchanges: Interchanges::default(),
            position: Advance::default(),
            bytes: 0,
            cut: None,
            outcome: None,
        }
    }

    /// Adds the next chunk and gives its memory back.
    pub(crate) fn chunk(&mut self, outcome: Outcome<R>) -> (Chunk, MessageOutput) {
        let Outcome {
            chunk,
            out,
            mut findings,
            summary,
            advance,
        } = outcome;
        let bytes = chunk.content();
        let mut drafts = self.whole(&chunk, &out);
        let part = part(self.plan, self.file, &chunk, &out, self.ledger.records());
        if let Some(state) = self.state.as_mut() {
            self.rules.fold(state, summary, &part, &mut drafts);
        }
        let mut late = Vec::new();
        if chunk.last
            && let (Some(state), Some(header)) = (self.state.take(), self.header.take())
        {
            self.outcome = Some(self.rules.finish(state, header, &part, &mut late));
        }
        if !drafts.is_empty() {
            findings.extend(self.finished(bytes, &out, &mut drafts));
            findings.sort_by_key(|relative| relative.finding.place.map(|place| place.offset));
        }
        let first = self.ledger.records();
        self.ledger.add(out.output.records.len() as u64);
        self.bytes = chunk.offset + chunk.length as u64;
        self.ledger
            .deliver_all(findings, &self.position, chunk.offset, first);
        self.position = self.position.then(advance);
        if out.cut {
            self.cut = Some(BuiltinRule::MessageCut.rule().message.clone());
        }
        if chunk.last {
            self.end();
        }
        for (draft, _) in late {
            let mut finding = draft.finding;
            crate::bounds::bound(&mut finding);
            let record = finding.record.and_then(|record| record.checked_sub(1));
            finding
                .path
                .get_or_insert_with(|| self.carrier.header().into());
            self.ledger.deliver(finding, record);
        }
        (chunk, out)
    }

    /// What a chunk says of the input as a whole.
    fn whole(&mut self, chunk: &Chunk, out: &MessageOutput) -> Vec<Draft> {
        let mut drafts = Vec::new();
        let mut held = 0;
        for envelope in &out.envelopes {
            let messages = self.ledger.records() + u64::from(envelope.messages);
            if self.carrier != Carrier::Hl7 {
                self.references(chunk, out, held..envelope.messages, &mut drafts);
                held = envelope.messages;
                let mut interchanges = std::mem::take(&mut self.interchanges);
                let draft = |rule| self.draft(rule, envelope.offset);
                drafts.extend(interchanges.take(*envelope, chunk.content(), messages, &draft));
                self.interchanges = interchanges;
                continue;
            }
            if let Some(reason) = self.batches.take(*envelope, messages) {
                let mut draft = self.draft(BuiltinRule::MessageBatch, envelope.offset);
                draft.plain("reason", reason);
                drafts.push(draft);
            }
        }
        if self.carrier != Carrier::Hl7 {
            let all = out.output.records.len() as u32;
            self.references(chunk, out, held..all, &mut drafts);
        }
        if let Some((at, ending, count)) = out.endings {
            if let Some((_, known)) = &mut self.endings {
                *known += count;
            } else {
                let mut draft = self.draft(BuiltinRule::MessageLineEnd, at);
                let found = match ending {
                    Ending::Both => "a carriage return and a line feed",
                    _ => "a line feed",
                };
                draft.plain("found", found);
                self.endings = self.placed(chunk, out, draft).map(|found| (found, count));
            }
        }
        if let Some((at, name, count)) = &out.strange {
            if let Some((_, known)) = &mut self.strange {
                *known += count;
            } else {
                let mut draft = self.draft(BuiltinRule::MessageEncoding, *at);
                draft.finding.expected = Some(Fact::Plain(name.clone()));
                self.strange = self.placed(chunk, out, draft).map(|found| (found, *count));
            }
        }
        drafts
    }

    /// Holds the references of some messages of a chunk against those of their interchange.
    fn references(
        &mut self,
        chunk: &Chunk,
        out: &MessageOutput,
        messages: Range<u32>,
        drafts: &mut Vec<Draft>,
    ) {
        let bytes = chunk.content();
        for number in messages {
            let record = out.output.records.get(number as usize);
            let start = record.map(|record| record.start as usize);
            let header = start.and_then(|start| self.carrier.segments(bytes, start).next());
            let reference = header.map(|header| self.carrier.component(bytes, header.span, 1, 1));
            let Some(reference) = reference.filter(|reference| !reference.is_empty()) else {
                continue;
            };
            if self.interchanges.is_new(reference.of(bytes)) {
                continue;
            }
            let mut draft = self.draft(BuiltinRule::InterchangeDuplicate, reference.start as u32);
            draft.length = reference.len() as u32;
            draft.record = Some(number);
            draft.finding.path = Some("UNH-1".into());
            let text = String::from_utf8_lossy(reference.of(bytes)).into_owned();
            draft.finding.value = Some(Fact::Plain(text));
            drafts.push(draft);
        }
    }

    /// A finding that is kept until the input ends.
    fn placed(&self, chunk: &Chunk, out: &MessageOutput, draft: Draft) -> Option<Finding> {
        let mut drafts = vec![draft];
        let found = self.finished(chunk.content(), out, &mut drafts);
        found.into_iter().next().map(|relative| {
            let mut finding = relative.finding;
            finding.place = finding
                .place
                .map(|place| self.position.absolute(place, chunk.offset));
            finding
        })
    }

    /// Tells what is known of the input as a whole.
    fn end(&mut self) {
        for (mut finding, count) in self.endings.take().into_iter().chain(self.strange.take()) {
            finding.value = Some(Fact::Number(count));
            self.ledger.deliver(finding, None);
        }
        if let Some(reason) = self.batches.end() {
            self.cut = Some(reason.to_owned());
            let mut draft = self.draft(BuiltinRule::MessageBatch, 0);
            draft.plain("reason", reason);
            let mut finding = draft.finding;
            finding.path = Some("FTS".into());
            self.ledger.deliver(finding, None);
        }
        if self.carrier != Carrier::Hl7
            && let Some((rule, reason)) = self.interchanges.end(self.ledger.records())
        {
            if rule == BuiltinRule::InterchangeOpen {
                self.cut = Some(reason.to_owned());
            }
            let mut draft = self.draft(rule, 0);
            draft.plain("reason", reason);
            let mut finding = draft.finding;
            finding.path = Some(self.carrier.trailer().into());
            self.ledger.deliver(finding, None);
        }
        if self.ledger.records() == 0 {
            let rule = match self.carrier {
                Carrier::Hl7 => BuiltinRule::MessageEmpty,
                Carrier::Edifact(_) => BuiltinRule::InterchangeEmpty,
            };
            let finding = self.draft(rule, 0).finding;
            self.ledger.deliver(finding, None);
        }
    }

    fn draft(&self, rule: BuiltinRule, offset: u32) -> Draft {
        let rule = rule.rule();
        let mut finding = Finding::new(Arc::clone(rule), Arc::clone(self.file));
        finding.effect = self.plan.effect(rule);
        finding.standard.clone_from(&self.plan.document.standard);
        finding.authority.clone_from(&self.plan.document.authority);
        Draft {
            finding,
            offset,
            length: 0,
            record: None,
            compared: None,
            unread: None,
            unusable: false,
        }
    }

    fn finished(
        &self,
        bytes: &[u8],
        out: &MessageOutput,
        drafts: &mut Vec<Draft>,
    ) -> Vec<Relative> {
        let plan = (self.plan, self.carrier);
        finish(plan, bytes, out, drafts, self.reveal, self.sated)
    }

    /// Messages so far.
    pub(crate) fn records(&self) -> u64 {
        self.ledger.records()
    }

    /// Whether who is given the findings wants no more.
    pub(crate) fn stopped(&self) -> bool {
        self.ledger.stopped()
    }

    /// The account of the input.
    pub(crate) fn account(self, size: Option<u64>, unreadable: Option<String>) -> FileSummary {
        let read = Read {
            size,
            bytes: self.bytes,
            unreadable: unreadable.or(self.cut),
        };
        let standard = self.plan.document.standard.as_deref();
        self.ledger.account(self.file, standard, read)
    }
}

/// A chunk as rules see it.
pub(crate) fn part<'p>(
    plan: &'p MessagePlan,
    file: &'p Arc<str>,
    chunk: &'p Chunk,
    out: &'p MessageOutput,
    first_record: u64,
) -> Part<'p> {
    Part {
        file,
        standard: plan.document.standard.as_ref(),
        chunk: chunk.content(),
        offset: chunk.offset,
        captured: &out.output.captured,
        records: RecordStarts::Elements(Elements(&out.output.records)),
        first_record,
    }
}
