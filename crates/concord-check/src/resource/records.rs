//! The resources of a chunk, and what is no JSON.

use concord_finding::{Effect, Fact};
use concord_read::Chunk;
use concord_read::json::{Fault, FaultKind, Form, Span};

use super::schema;
use super::tell::{Found, Teller};
use super::walk::{Record, Records, Walker};
use crate::catalogue::BuiltinRule;

/// What comes of a chunk, and memory that is used again.
#[derive(Debug, Default)]
pub(crate) struct ResourceOutput {
    pub(crate) found: Found,
    pub(crate) records: Vec<Record>,
    /// Whether the input ends inside a resource.
    pub(crate) cut: bool,
}

impl ResourceOutput {
    /// Forgets everything and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.found.drafts.clear();
        self.found.missing.clear();
        self.found.record = None;
        self.records.clear();
        self.cut = false;
    }
}

/// Checks the resources of a chunk.
pub(crate) fn check(teller: Teller<'_>, chunk: &Chunk, form: Form, out: &mut ResourceOutput) {
    let bytes = chunk.content();
    if chunk.oversized || chunk.follows_oversized {
        oversized(teller, chunk, form, out);
    }
    let mut at = 0;
    if chunk.follows_oversized {
        // What is left of a line that was told of.
        at = memchr::memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1);
    }
    if chunk.oversized {
        return;
    }
    match form {
        Form::Document => document(teller, bytes, out),
        Form::Lines => {
            while at < bytes.len() {
                let end = memchr::memchr(b'\n', &bytes[at..]);
                let last = end.is_none() && chunk.last;
                let end = end.map_or(bytes.len(), |length| at + length);
                let line = &bytes[at..end];
                if !line.iter().all(u8::is_ascii_whitespace) {
                    let ended = record(teller, (bytes, at, end), Records::Whole, out);
                    out.cut |= last && ended;
                }
                at = end + 1;
            }
        }
    }
}

/// One resource over the whole of some bytes.
pub(crate) fn document(teller: Teller<'_>, bytes: &[u8], out: &mut ResourceOutput) {
    if !bytes.iter().all(u8::is_ascii_whitespace) {
        out.cut = record(teller, (bytes, 0, bytes.len()), Records::Entries, out);
    }
}

/// One resource over the whole of some bytes, which is one record whatever it is.
pub(crate) fn single(teller: Teller<'_>, bytes: &[u8], out: &mut ResourceOutput) {
    out.cut = record(teller, (bytes, 0, bytes.len()), Records::Whole, out);
}

/// A chunk that holds a piece of a line that is larger than a record may be.
fn oversized(teller: Teller<'_>, chunk: &Chunk, form: Form, out: &mut ResourceOutput) {
    if chunk.follows_oversized {
        return;
    }
    let start = memchr::memrchr(b'\n', chunk.content()).map_or(0, |at| at + 1);
    out.found.record = Some(0);
    out.records.push(Record {
        start: start as u32,
        key: None,
    });
    let limit = match form {
        Form::Lines => teller.plan.limits.record_size,
        Form::Document => chunk.length,
    };
    let span = Span { start, end: start };
    let draft = out.found.tell(teller, BuiltinRule::RecordSize, span);
    draft.finding.expected = Some(Fact::Number(limit as u64));
}

/// One resource from one offset of some bytes to another; whether they end inside it.
fn record(
    teller: Teller<'_>,
    (bytes, start, end): (&[u8], usize, usize),
    counted: Records,
    out: &mut ResourceOutput,
) -> bool {
    let (drafts, records) = (out.found.drafts.len(), out.records.len());
    out.found.record = None;
    let cut = match std::str::from_utf8(&bytes[start..end]) {
        Ok(text) => read(teller, text, counted, out),
        Err(error) => {
            let at = error.valid_up_to();
            let record = (counted == Records::Whole).then_some(records as u32);
            let span = Span {
                start: at,
                end: at + 1,
            };
            out.found
                .tell_of(teller, BuiltinRule::JsonEncoding, span, record);
            false
        }
    };
    out.found.tell_more(teller);
    // What cannot be read is a record of which nothing else is known.
    if out.records.len() == records {
        out.records.push(Record::default());
    }
    for draft in &mut out.found.drafts[drafts..] {
        draft.offset += start as u32;
    }
    for record in &mut out.records[records..] {
        record.start += start as u32;
    }
    cut
}

/// The resource that a text is; whether the text ends inside it.
fn read(teller: Teller<'_>, text: &str, counted: Records, out: &mut ResourceOutput) -> bool {
    let records = out.records.len() as u32;
    if let Some(own) = &teller.plan.own {
        let Err(fault) = schema::check(own, teller, text, (&mut out.found, &mut out.records))
        else {
            return false;
        };
        return tell(teller, fault, text.len(), Some(records), &mut out.found);
    }
    let mut walker = Walker::new(teller, text, counted, (&mut out.found, &mut out.records));
    let Err(fault) = walker.whole() else {
        return false;
    };
    // Where entries are records, what cannot be read concerns those behind it too.
    let record = (!walker.counts_entries()).then_some(records);
    tell(teller, fault, text.len(), record, &mut out.found)
}

/// Tells of what is no JSON; whether the text ends too early.
fn tell(
    teller: Teller<'_>,
    Fault { at, kind }: Fault,
    end: usize,
    record: Option<u32>,
    found: &mut Found,
) -> bool {
    let span = Span {
        start: at.min(end),
        end: (at + 1).min(end),
    };
    match kind {
        FaultKind::End => {
            found.tell_of(teller, BuiltinRule::JsonTruncated, span, record);
            return true;
        }
        FaultKind::Depth => {
            let draft = found.tell_of(teller, BuiltinRule::Depth, span, record);
            if record.is_some() {
                draft.finding.effect = Effect::RejectRecord;
            }
            draft.finding.expected = Some(Fact::Number(teller.plan.limits.depth as u64));
        }
        _ => {
            let draft = found.tell_of(teller, BuiltinRule::JsonNotWellFormed, span, record);
            draft.plain("reason", kind.to_string());
        }
    }
    false
}
