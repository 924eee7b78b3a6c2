//! The messages of one chunk, and the envelopes around them.

use std::sync::Arc;

use concord_finding::{Fact, Finding};
use concord_read::edifact::Service;
use concord_read::hl7::{
    BLOCK_END, BLOCK_START, Charset, Chunk, Delimiters, Ending, Segment, Span, parts,
};
use concord_standards::schema::Facts;

use super::carrier::Carrier;
use super::head::Head;
use super::place::Located;
use super::plan::MessagePlan;
use super::value::Within;
use super::walk::Frame;
use crate::catalogue::BuiltinRule;
use crate::output::{Draft, Output, Record};
use crate::plan::NOTHING;

/// What comes of the messages of a chunk, and memory that is used again.
#[derive(Debug, Default)]
pub(crate) struct MessageOutput {
    pub(crate) output: Output,
    /// For each message the overlay of its sender.
    pub(crate) senders: Vec<Option<u16>>,
    /// Headers and trailers of batches.
    pub(crate) envelopes: Vec<Envelope>,
    /// Segments that do not end as they must: the first, how it ends, and how many there are.
    pub(crate) endings: Option<(u32, Ending, u64)>,
    /// Messages with bytes that are not in their character set: the first byte, the name of the set, and how many there are.
    pub(crate) strange: Option<(u32, String, u64)>,
    /// Whether the input ends inside a frame of the lower layer protocol: the rest of the last message was lost.
    pub(crate) cut: bool,
    /// Whether who brings the bytes knows where the message ends, so that its last segment needs no end of its own.
    pub(crate) delimited: bool,
    pub(super) frames: Vec<Frame>,
    pub(super) opened: Vec<u32>,
}

/// The header or trailer of a file or of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) kind: EnvelopeKind,
    pub(crate) offset: u32,
    /// What a trailer counts, where it says so and it is a number.
    pub(crate) count: Option<u64>,
    /// Messages of the chunk before it.
    pub(crate) messages: u32,
    /// Of EDIFACT, where its reference stands.
    pub(crate) reference: Span,
}

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EnvelopeKind {
    FileHeader,
    BatchHeader,
    BatchTrailer,
    FileTrailer,
    /// UNA.
    Advice,
    InterchangeHeader,
    GroupHeader,
    GroupTrailer,
    InterchangeTrailer,
}

impl EnvelopeKind {
    /// Those of HL7 v2.
    pub(super) const HL7: [(Self, &'static [u8; 3]); 4] = [
        (Self::FileHeader, b"FHS"),
        (Self::BatchHeader, b"BHS"),
        (Self::BatchTrailer, b"BTS"),
        (Self::FileTrailer, b"FTS"),
    ];
    /// Those of EDIFACT.
    pub(super) const EDIFACT: [(Self, &'static [u8; 3]); 5] = [
        (Self::Advice, b"UNA"),
        (Self::InterchangeHeader, b"UNB"),
        (Self::GroupHeader, b"UNG"),
        (Self::GroupTrailer, b"UNE"),
        (Self::InterchangeTrailer, b"UNZ"),
    ];
}

impl MessageOutput {
    pub(crate) fn new(plan: &MessagePlan) -> Self {
        Self {
            output: Output::new(&plan.document),
            ..Self::default()
        }
    }

    /// Forgets everything and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.output.clear();
        self.senders.clear();
        self.envelopes.clear();
        self.endings = None;
        self.strange = None;
        self.cut = false;
    }
}

/// Checks the messages of a chunk.
pub(crate) fn check(
    (plan, carrier): (&MessagePlan, Carrier),
    file: &Arc<str>,
    chunk: &Chunk,
    out: &mut MessageOutput,
) {
    let mut reading = Reading {
        plan,
        carrier,
        file,
        bytes: chunk.content(),
        out,
        state: if chunk.follows_oversized {
            State::Skipped
        } else {
            State::Outside
        },
        outside: None,
        segment: carrier.header().into(),
        at: At::default(),
        occurrences: vec![0; plan.segments.len()],
        early: Vec::new(),
        facts: None,
    };
    reading.chunk(chunk);
}

/// A chunk that is being read.
pub(crate) struct Reading<'r> {
    pub(crate) plan: &'r MessagePlan,
    pub(super) carrier: Carrier,
    file: &'r Arc<str>,
    pub(crate) bytes: &'r [u8],
    pub(crate) out: &'r mut MessageOutput,
    pub(super) state: State,
    /// Lines outside of messages: the first one, and how many.
    outside: Option<(Span, u64)>,
    /// The segment that is looked at, and what is known of its field.
    pub(super) segment: Arc<str>,
    pub(crate) at: At,
    pub(crate) facts: Option<&'r Facts>,
    /// How many of each segment the message had so far.
    pub(super) occurrences: Vec<usize>,
    /// Segments that stood too early, which was told of.
    pub(super) early: Vec<Arc<str>>,
}

/// The place that is looked at, as far as it changes: numbers from 1.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct At {
    pub(super) occurrence: usize,
    pub(super) field: usize,
    pub(crate) repetition: usize,
    pub(crate) component: usize,
}

/// Where the reader is.
#[derive(Debug, Clone, Copy)]
pub(super) enum State {
    /// Between messages.
    Outside,
    /// Inside something that was told of and is not looked at.
    Skipped,
    Inside(Inside),
}

/// A message that is being read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inside {
    pub(super) within: Within,
    pub(super) overlay: Option<u16>,
    /// Whether only the order of segments is checked.
    pub(super) loose: bool,
    /// Whether what its segments may be is known.
    pub(super) known: bool,
    /// Segments of overlays seen so far, one bit each, and those behind whose place the message is.
    pub(super) added: u64,
    pub(super) behind: u64,
    /// How the segment before ended.
    pub(super) ending: Option<(u32, Ending)>,
    /// Its segments so far.
    pub(super) segments: u32,
    /// Of EDIFACT, what UNH-1 calls it.
    pub(super) reference: Span,
}

impl Reading<'_> {
    fn chunk(&mut self, chunk: &Chunk) {
        if self.plan.root != NOTHING {
            let rows = &self.plan.document.nodes[self.plan.root as usize].rows;
            self.out.output.open_rows(&self.plan.document, rows, 0);
        }
        if chunk.oversized {
            self.oversized();
            return;
        }
        let mut last = None;
        for segment in self.carrier.segments(self.bytes, 0) {
            self.next(segment);
            last = Some(segment);
        }
        if let Some(last) = last.filter(|_| chunk.last && !self.out.delimited) {
            match self.carrier {
                Carrier::Hl7 => self.input_ends(last),
                Carrier::Edifact(_) if last.ending == Ending::Nothing => {
                    let at = last.span.end.saturating_sub(1);
                    self.draft(BuiltinRule::InterchangeCut, Span { start: at, end: at });
                }
                Carrier::Edifact(_) => {}
            }
        }
        self.end();
        self.tell_outside();
    }

    /// Tells of an input whose last message may not be whole: nothing ends its last segment, or its frame.
    fn input_ends(&mut self, last: Segment) {
        let Some(number) = self.out.output.record else {
            return;
        };
        let start = self.out.output.records[number as usize].start as usize;
        let framed = start > 0 && self.bytes[start - 1] == BLOCK_START;
        let ended = self.bytes[last.span.end..].contains(&BLOCK_END);
        self.out.cut = framed && !ended;
        if !ended && (framed || last.ending == Ending::Nothing) {
            let at = last.span.end.saturating_sub(1);
            self.draft(BuiltinRule::MessageCut, Span { start: at, end: at });
        }
    }

    /// A chunk that holds a piece of one message, which is larger than a message may be.
    fn oversized(&mut self) {
        if matches!(self.state, State::Skipped) {
            return;
        }
        let limit = self.plan.document.limits.record_size as u64;
        let path = self.carrier.header();
        let draft = self.draft(BuiltinRule::RecordSize, Span::default());
        draft.finding.expected = Some(Fact::Number(limit));
        draft.finding.path = Some(path.into());
    }

    fn next(&mut self, segment: Segment) {
        let text = segment.span.of(self.bytes);
        if self.carrier.begins_message(text) {
            self.end();
            self.tell_outside();
            self.begin(segment);
        } else if let Some(kind) = self.carrier.envelope(text) {
            self.end();
            self.tell_outside();
            self.envelope(kind, segment.span);
        } else {
            match self.state {
                State::Inside(inside) => self.segment(segment, inside),
                State::Skipped => {}
                State::Outside => {
                    let (_, lines) = self.outside.get_or_insert((segment.span, 0));
                    *lines += 1;
                }
            }
        }
    }

    fn tell_outside(&mut self) {
        let Some((first, lines)) = self.outside.take() else {
            return;
        };
        let path = self.carrier.header();
        let rule = match self.carrier {
            Carrier::Hl7 => BuiltinRule::MessageOutside,
            Carrier::Edifact(_) => BuiltinRule::InterchangeOutside,
        };
        let draft = self.draft(rule, first);
        draft.length = 0;
        draft.finding.value = Some(Fact::Number(lines));
        draft.finding.path = Some(path.into());
    }

    fn envelope(&mut self, kind: EnvelopeKind, span: Span) {
        if let Carrier::Edifact(service) = self.carrier {
            self.advice(kind, span, service);
            let (count, reference) = self.interchange_envelope(kind, span);
            self.out.envelopes.push(Envelope {
                kind,
                offset: span.start as u32,
                count,
                messages: self.out.output.records.len() as u32,
                reference,
            });
            self.state = State::Outside;
            return;
        }
        let text = span.of(self.bytes);
        // A trailer has no delimiters of its own: what stands behind its name separates its fields.
        let field = text.get(3).copied().unwrap_or(b'|');
        let said = parts(self.bytes, span, field).nth(1).unwrap_or_default();
        let count = std::str::from_utf8(said.of(self.bytes))
            .ok()
            .and_then(|text| text.parse().ok());
        self.out.envelopes.push(Envelope {
            kind,
            offset: span.start as u32,
            count,
            messages: self.out.output.records.len() as u32,
            reference: Span::default(),
        });
        self.state = State::Outside;
    }

    /// Tells of separators that cannot be read, or that are not those that the input began with.
    fn advice(&mut self, kind: EnvelopeKind, span: Span, service: Service) {
        if kind != EnvelopeKind::Advice {
            return;
        }
        let end = (span.end + 1).min(self.bytes.len());
        let advice = Span { end, ..span };
        let reason = match Service::advised(advice.of(self.bytes)) {
            Ok(said) if said == service => return,
            Ok(_) => "the separators are not those of the interchange before it: put it into a file of its own".to_owned(),
            Err(problem) => problem.to_string(),
        };
        let draft = self.draft(BuiltinRule::InterchangeHeader, span);
        draft.plain("reason", reason);
        draft.finding.path = Some("UNA".into());
    }

    /// What separates the parts of segments where the input says it once for all.
    pub(super) fn delimiters(&self) -> Delimiters {
        self.carrier.delimiters(&[]).unwrap_or_default()
    }

    /// Begins a message.
    fn begin(&mut self, segment: Segment) {
        let bytes = self.bytes;
        let number = self.out.output.records.len() as u32;
        self.out.output.records.push(Record {
            start: segment.span.start as u32,
            key: None,
            secret: false,
            provider: None,
        });
        self.out.senders.push(None);
        self.out.output.record = Some(number);
        self.out.frames.clear();
        self.occurrences.fill(0);
        self.early.clear();
        let delimiters = match self.carrier.delimiters(segment.span.of(bytes)) {
            Ok(delimiters) => delimiters,
            Err(problem) => {
                let draft = self.draft(BuiltinRule::MessageHeader, segment.span);
                draft.length = draft.length.min(8);
                draft.plain("reason", problem.to_string());
                draft.finding.path = Some("MSH".into());
                self.state = State::Skipped;
                return;
            }
        };
        let head = Head::read(bytes, segment.span, delimiters);
        let (overlay, kind, loose, charset) = match self.carrier {
            Carrier::Hl7 => (
                self.sender(&head),
                self.kind(&head),
                self.version(&head),
                head.charset(bytes),
            ),
            Carrier::Edifact(_) => (None, self.interchange_kind(segment.span), false, None),
        };
        self.out.senders[number as usize] = overlay;
        if let Some(kind) = kind {
            let plan = &self.plan.kinds[kind];
            self.out.frames.push(Frame {
                model: plan.model,
                cursor: crate::cursor::Cursor::default(),
                node: plan.node,
            });
            if plan.node != NOTHING {
                let rows = &self.plan.document.nodes[plan.node as usize].rows;
                let start = segment.span.start as u32;
                self.out.output.open_rows(&self.plan.document, rows, start);
            }
        }
        let inside = Inside {
            within: Within {
                delimiters,
                charset: charset.unwrap_or(Charset::Utf8),
                plain: true,
                judged: !loose,
            },
            overlay,
            loose,
            known: kind.is_some(),
            added: 0,
            behind: 0,
            ending: None,
            segments: 0,
            reference: self.carrier.component(bytes, segment.span, 1, 1),
        };
        self.state = State::Inside(inside);
        self.segment(segment, inside);
        self.identify(&head, number);
    }

    /// Says by what a message is known to its owner, and who sent it.
    fn identify(&mut self, head: &Head, number: u32) {
        let span = |field: usize, component: usize| {
            let span = head.component(self.bytes, field, component);
            (span.start as u32, span.len() as u32)
        };
        let ((key, key_length), (facility, facility_length)) = match self.carrier {
            Carrier::Hl7 => (span(10, 1), span(4, 1)),
            // Who sent it is said by the interchange.
            Carrier::Edifact(_) => (span(2, 1), (0, 0)),
        };
        let record = &mut self.out.output.records[number as usize];
        if record.key.is_none() && key_length > 0 {
            record.key = Some((0, key, key_length));
        }
        if facility_length > 0 {
            record.provider.get_or_insert((facility, facility_length));
        }
    }

    /// The overlay of the sender.
    fn sender(&self, head: &Head) -> Option<u16> {
        let overlays = &self.plan.messages.overlays;
        if overlays.is_empty() {
            return None;
        }
        let application = head.text(self.bytes, 3, 1);
        let facility = head.text(self.bytes, 4, 1);
        let found = overlays
            .iter()
            .position(|overlay| overlay.is_for(&application, &facility));
        found.and_then(|found| u16::try_from(found).ok())
    }

    /// The kind of the message, as near as it can be told.
    fn kind(&mut self, head: &Head) -> Option<usize> {
        let bytes = self.bytes;
        let code = head.text(bytes, 9, 1);
        let event = head.text(bytes, 9, 2);
        let structure = head.text(bytes, 9, 3);
        let messages = &self.plan.messages;
        let number = |wanted: &concord_standards::messages::MessageKind| {
            messages.kinds.iter().position(|kind| kind == wanted)
        };
        let span = head.field(9);
        if let Some(kind) = messages.kind(&code, &event) {
            if !structure.is_empty() && *structure != *kind.structure {
                let expected = kind.structure.to_string();
                let found = format!("{code}^{event}");
                let value = structure.into_owned();
                let at = head.component(bytes, 9, 3);
                let draft = self.draft(BuiltinRule::MessageStructure, at);
                draft.finding.value = Some(Fact::Plain(value));
                draft.finding.expected = Some(Fact::Plain(expected));
                draft.plain("found", found);
                draft.finding.path = Some("MSH-9.3".into());
            }
            return number(kind);
        }
        // What it is most likely to be, so that the rest can still be checked.
        let same = messages
            .kinds
            .iter()
            .position(|kind| !structure.is_empty() && *kind.structure == *structure);
        let value = String::from_utf8_lossy(span.of(bytes)).into_owned();
        let hint = match same {
            _ if value.is_empty() => {
                "MSH-9 says which message it is, such as ADT^A01^ADT_A01".to_owned()
            }
            Some(_) => format!("it was checked as another message of the structure {structure}"),
            None => "only the fields of its segments were checked".to_owned(),
        };
        let draft = self.draft(BuiltinRule::MessageType, span);
        draft.finding.value = Some(Fact::Plain(if value.is_empty() {
            "nothing".to_owned()
        } else {
            value
        }));
        draft.plain("hint", hint);
        draft.finding.path = Some("MSH-9".into());
        same
    }

    /// Whether the message is of another version than the standard's own, so that only its structure is checked.
    fn version(&mut self, head: &Head) -> bool {
        let version = head.text(self.bytes, 12, 1);
        let known = &self.plan.messages.versions;
        let own = known.first().is_none_or(|own| **own == *version);
        // A version that is missing is missing: the field says so.
        if own || version.is_empty() {
            return false;
        }
        if !known.iter().any(|known| **known == *version) {
            let expected = known.join(", ");
            let value = version.into_owned();
            let at = head.component(self.bytes, 12, 1);
            let draft = self.draft(BuiltinRule::MessageVersion, at);
            draft.finding.value = Some(Fact::Plain(value));
            draft.finding.expected = Some(Fact::Plain(expected));
            draft.finding.path = Some("MSH-12".into());
            return false;
        }
        true
    }

    /// Ends the message that is open.
    pub(super) fn end(&mut self) {
        if let State::Inside(_) = self.state {
            while let Some(frame) = self.out.frames.pop() {
                if let Some(missing) = self.plan.missing(&frame)
                    && !self
                        .early
                        .iter()
                        .any(|early| Some(&**early) == missing.missing.as_deref())
                {
                    let at = self.behind();
                    self.misplaced(missing, at);
                    // What stands around a group that is not whole is not whole for the same reason.
                    self.out.frames.clear();
                }
            }
        }
        self.out.output.record = None;
        self.state = State::Outside;
    }

    /// A point behind the last segment that was read.
    fn behind(&self) -> Span {
        let last = self.out.output.records.last();
        let from = last.map_or(0, |record| record.start as usize);
        let segments = self.carrier.segments(self.bytes, from).enumerate();
        let end = segments
            .take_while(|(number, segment)| {
                let text = segment.span.of(self.bytes);
                *number == 0
                    || !(self.carrier.begins_message(text) || self.carrier.envelope(text).is_some())
            })
            .last()
            .map_or(from, |(_, segment)| segment.span.end);
        Span { start: end, end }
    }

    /// How segments end: what comes behind a message that has ended is no segment's end.
    pub(super) fn ending(&mut self, inside: &mut Inside, segment: Segment) {
        if let Some((at, ending)) = inside.ending.take() {
            let (_, _, count) = self.out.endings.get_or_insert((at, ending, 0));
            *count += 1;
        }
        if matches!(segment.ending, Ending::Feed | Ending::Both) {
            inside.ending = Some((segment.span.end as u32, segment.ending));
        }
    }

    /// The place of a part of the value that is looked at, although nothing stands there.
    pub(crate) fn path_of(&self, part: usize, inside_component: bool) -> Arc<str> {
        let (component, subcomponent) = if inside_component {
            (self.at.component, part + 1)
        } else {
            (part + 1, 0)
        };
        let place = Located {
            segment: self.segment.to_string(),
            occurrence: self.at.occurrence,
            field: self.at.field,
            repetition: self.at.repetition,
            component,
            subcomponent,
            span: Span::default(),
        };
        place.to_string().into()
    }

    /// Adds a finding.
    pub(crate) fn draft(&mut self, rule: BuiltinRule, span: Span) -> &mut Draft {
        let rule = rule.rule();
        let plan = self.plan;
        let mut finding = Finding::new(Arc::clone(rule), Arc::clone(self.file));
        finding.effect = plan.effect(rule);
        finding.standard.clone_from(&plan.document.standard);
        finding.authority.clone_from(&plan.document.authority);
        let drafts = &mut self.out.output.drafts;
        let at = drafts.len();
        drafts.push(Draft {
            finding,
            offset: span.start as u32,
            length: span.len() as u32,
            record: self.out.output.record,
            compared: None,
            unread: None,
            unusable: false,
        });
        &mut drafts[at]
    }
}
