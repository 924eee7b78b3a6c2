//! One chunk of records, checked.

use std::borrow::Cow;
use std::sync::Arc;

use concord_read::xml::Chunk;

use crate::catalogue::BuiltinRule;
use crate::cursor::Cursor;
use crate::exact::{Ended, Exact, Root};
use crate::fast::{Context, Fast, Runner};
use crate::lexical;
use crate::output::Output;
use crate::plan::Plan;

/// What stays the same for all chunks of a document.
pub(crate) struct Document<'d> {
    pub(crate) plan: &'d Plan,
    pub(crate) root: &'d Root,
    pub(crate) file: &'d Arc<str>,
    /// Whether what stands before the first record is not well-formed, so that records have to be looked for.
    pub(crate) broken_head: bool,
    /// The names of the records as this document writes them, with `<` before them.
    pub(crate) record_tags: Vec<Vec<u8>>,
}

impl<'d> Document<'d> {
    /// A document with this root.
    pub(crate) fn new(
        plan: &'d Plan,
        root: &'d Root,
        file: &'d Arc<str>,
        broken_head: bool,
    ) -> Self {
        let prefix = root.name.strip_suffix(&*root.local).unwrap_or("");
        let record_tags = plan
            .records
            .iter()
            .map(|name| format!("<{prefix}{name}").into_bytes())
            .collect();
        Self {
            plan,
            root,
            file,
            broken_head,
            record_tags,
        }
    }
}

/// A chunk as text of the same length, in which bytes that are not UTF-8 are replaced by question marks.
pub(crate) struct Text<'c> {
    pub(crate) text: Cow<'c, str>,
    /// Offsets of the replaced bytes.
    pub(crate) broken: Vec<usize>,
}

impl<'c> Text<'c> {
    pub(crate) fn new(bytes: &'c [u8]) -> Self {
        if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
            return Self {
                text: Cow::Borrowed(text),
                broken: Vec::new(),
            };
        }
        let mut text = String::with_capacity(bytes.len());
        let mut broken = Vec::new();
        for piece in bytes.utf8_chunks() {
            text.push_str(piece.valid());
            for _ in piece.invalid() {
                broken.push(text.len());
                text.push('?');
            }
        }
        Self {
            text: Cow::Owned(text),
            broken,
        }
    }
}

/// What the chunks before say of where a chunk begins.
///
/// It is guessed, so that chunks can be checked side by side; where the guess turns out wrong the chunk is checked again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Begins {
    /// Behind something that could not be read: the next record has to be looked for.
    pub(crate) lost: bool,
    /// Behind the root's end tag.
    pub(crate) ended: bool,
    /// Behind something after the root's end that has been reported; nothing more is said of what stands there.
    pub(crate) over: bool,
    /// Here in the root's content model; guessed, and looked at, only where what a name means depends on it.
    pub(crate) cursor: Cursor,
}

/// Checks a chunk from `from` on.
pub(crate) fn check(
    document: &Document<'_>,
    chunk: &Chunk,
    from: usize,
    begins: Begins,
    runner: Option<&mut Runner>,
    out: &mut Output,
) {
    let context = Context {
        plan: document.plan,
        root: document.root,
        file: document.file,
        bytes: &chunk.bytes,
        length: chunk.length,
        text: std::cell::OnceCell::new(),
    };
    // Values of the trailer go into a row of the submission that the chunk makes for itself.
    if let Some(node) = document.plan.nodes.get(document.root.node as usize) {
        out.open_rows(document.plan, &node.rows, from as u32);
    }
    out.ended = begins.ended;
    out.over = begins.over;
    out.cursor = begins.cursor;
    let mut reading = Reading {
        document,
        context,
        runner,
        out,
        at: from,
        last: chunk.last,
    };
    if begins.over {
        reading.out.fatal = true;
        return;
    }
    if chunk.oversized {
        return reading.oversized(begins.lost);
    }
    if begins.lost {
        reading.out.fatal = true;
        if !reading.resume(from) {
            return;
        }
    }
    while reading.item() {}
}

struct Reading<'r, 'd> {
    document: &'r Document<'d>,
    context: Context<'r>,
    runner: Option<&'r mut Runner>,
    out: &'r mut Output,
    at: usize,
    last: bool,
}

impl Reading<'_, '_> {
    /// Reads the next thing at the root level; `false` at the end.
    fn item(&mut self) -> bool {
        let bytes = &self.context.bytes[..self.context.length];
        self.at += bytes[self.at..]
            .iter()
            .take_while(|byte| lexical::is_space(**byte))
            .count();
        if self.at >= self.context.length {
            return false;
        }
        let start = self.at;
        let mark = self.out.mark();
        let drafts = self.out.drafts.len();
        let mut handed_back = false;
        let mut fast = match self.runner.as_deref_mut() {
            Some(runner) if !self.out.ended => runner.record(&self.context, self.out, start),
            _ => Fast::NotHere,
        };
        if fast != Fast::NotHere {
            // A record that belongs here.
            self.out.strays = None;
        }
        loop {
            let (frames, tables) = match (fast, self.runner.as_deref_mut()) {
                (Fast::Done(end), _) => {
                    if handed_back {
                        self.report_encoding(start, end, drafts);
                    }
                    self.at = end;
                    return true;
                }
                (Fast::HandOver(at), Some(runner)) => {
                    self.at = at;
                    (runner.handed_over(&self.context, at), Some(runner.tables()))
                }
                (_, runner) => (Vec::new(), runner.map(|runner| runner.tables())),
            };
            let text = self.context.text();
            let mut exact = Exact::new(
                self.document.plan,
                Some(self.document.root),
                self.document.file,
                &text.text,
                self.out,
            );
            exact.take_over(frames, tables);
            let ended = exact.read(self.at, self.last);
            let frames = std::mem::take(&mut exact.stack);
            match ended {
                Ended::HandBack(end) => {
                    handed_back = true;
                    self.at = end;
                    let Some(runner) = self.runner.as_deref_mut() else {
                        return false;
                    };
                    fast = runner.handed_back(&self.context, self.out, frames, end);
                }
                Ended::At(end) => {
                    self.report_encoding(start, end, drafts);
                    self.at = end;
                    return self.at < self.context.length;
                }
                Ended::Unfinished => {
                    self.out.rewind(mark);
                    self.out.unfinished = Some(start as u32);
                    return false;
                }
                Ended::Fatal(offset) => {
                    self.report_encoding(start, offset + 1, drafts);
                    self.out.fatal = true;
                    if self.out.ended {
                        self.out.over = true;
                        return false;
                    }
                    return self.resume(offset + 1);
                }
            }
        }
    }

    /// Replaced bytes between two offsets are one finding, in place of whatever they led to. `before` findings are older.
    fn report_encoding(&mut self, start: usize, end: usize, before: usize) {
        let text = self.context.text();
        let first_in = |start: usize, end: usize| {
            let index = text.broken.partition_point(|offset| *offset < start);
            text.broken
                .get(index)
                .copied()
                .filter(|offset| *offset < end)
        };
        let Some(first) = first_in(start, end) else {
            return;
        };
        let covers = |offset: u32, length: u32| {
            first_in(offset as usize, (offset + length) as usize + 1).is_some()
        };
        self.out.strays = None;
        let mut own = self.out.drafts.split_off(before);
        own.retain(|draft| !covers(draft.offset, draft.length));
        self.out.drafts.append(&mut own);
        let path = format!("/{}", self.document.root.local);
        // The record may be closed by now.
        let record = self.out.records.len().checked_sub(1);
        let record = record.filter(|record| self.out.records[*record].start as usize >= start);
        let draft = self.out.draft(
            self.document.file,
            self.document.plan,
            BuiltinRule::Encoding,
            first,
            1,
        );
        let draft = &mut self.out.drafts[draft];
        draft.record = record.map(|record| record as u32);
        draft.finding.path = Some(path.into());
        draft.plain("reason", crate::head::encoding_reason());
    }

    /// No record ends in the chunk, and no more of it is read than this. Of several in a row the first is reported.
    fn oversized(&mut self, again: bool) {
        self.out.fatal = true;
        self.out.lost = true;
        if again {
            return;
        }
        let limit = self.document.plan.limits.record_size;
        let draft = self.out.draft(
            self.document.file,
            self.document.plan,
            BuiltinRule::RecordSize,
            self.at,
            0,
        );
        let draft = &mut self.out.drafts[draft];
        draft.finding.path = Some(format!("/{}", self.document.root.local).into());
        draft.finding.expected = Some(concord_finding::Fact::Number(limit as u64));
    }

    /// Goes on with the next record behind something that is not well-formed; `false` when there is none.
    fn resume(&mut self, offset: usize) -> bool {
        self.out.record = None;
        let bytes = &self.context.bytes[..self.context.length];
        let mut at = offset.max(self.at).min(bytes.len());
        while let Some(open) = memchr::memchr(b'<', &bytes[at..]) {
            at += open;
            if self.document.record_tags.iter().any(|tag| {
                bytes[at..].starts_with(tag)
                    && bytes
                        .get(at + tag.len())
                        .is_some_and(|next| lexical::is_space(*next) || matches!(next, b'>' | b'/'))
            }) {
                self.at = at;
                return true;
            }
            at += 1;
        }
        self.out.lost = true;
        false
    }
}

/// Where an [`Output`] was, to go back to.
#[derive(Clone, Copy)]
struct Mark {
    drafts: usize,
    records: usize,
    items: usize,
    cursor: Cursor,
    strays: Option<usize>,
}

impl Output {
    fn mark(&self) -> Mark {
        Mark {
            drafts: self.drafts.len(),
            records: self.records.len(),
            items: self.items.len(),
            cursor: self.cursor,
            strays: self.strays,
        }
    }

    fn rewind(&mut self, mark: Mark) {
        self.drafts.truncate(mark.drafts);
        self.records.truncate(mark.records);
        self.items.truncate(mark.items);
        self.cursor = mark.cursor;
        self.strays = mark.strays;
        self.captured.forget_records_from(mark.records as u32);
        self.record = None;
    }
}
