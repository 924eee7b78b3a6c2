//! Chunks put together in the input's order: lines, record numbers, the root's content model, the account.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use concord_finding::{Fact, FileSummary, Finding, Fix, PROVIDER, RecordCounts, RuleClass};
use concord_read::xml::Chunk;
use concord_standards::compile::Label;
use concord_standards::schema::{Facts, TypeId};

use crate::catalogue::BuiltinRule;
use crate::chunk::{Begins, Document};
use crate::cursor::{Cursor, Placed};
use crate::delivery::{Delivery, Excerpts, Read, Sated, Sink};
use crate::excerpt::{Markup, excerpt};
use crate::fixes;
use crate::keys;
use crate::lines::{Advance, Lines, advance};
use crate::output::{Draft, Output, Relative, RootItem};
use crate::paths::Paths;
use crate::placement;
use crate::plan::Plan;
use crate::refused::Refused;
use crate::rules::{Elements, Part, RecordStarts, Rules};

/// Bytes of a value that are shown when it is written otherwise than it is.
const LONGEST_WRITTEN: usize = 40;

/// A checked chunk.
pub(crate) struct Outcome<R: Rules> {
    pub(crate) chunk: Chunk,
    /// Bytes behind the chunk that it should have ended with: of something that begins there and does not end.
    pub(crate) behind: usize,
    /// Where the chunk was taken to begin.
    pub(crate) begins: Begins,
    pub(crate) out: Output,
    /// Findings with places relative to the chunk, in the order of their offsets.
    pub(crate) findings: Vec<Relative>,
    pub(crate) summary: Option<R::Summary>,
    pub(crate) advance: Advance,
}

/// Turns drafts into findings, sorted by offset, with lines, keys and excerpts relative to the chunk.
pub(crate) fn finish_drafts(
    plan: &Plan,
    root: &str,
    bytes: &[u8],
    out: &mut Output,
    drafts: &mut Vec<Draft>,
    reveal: bool,
    sated: &Sated,
) -> Vec<Relative> {
    drafts.sort_by_key(|draft| draft.offset);
    keys::hide_secret(&mut out.records, drafts, bytes);
    let mut lines = Lines::new(bytes);
    let mut excerpts = Excerpts::new(sated, reveal);
    let mut paths = Paths::new(bytes);
    drafts
        .drain(..)
        .map(|draft| {
            let Draft {
                mut finding,
                offset,
                length,
                record,
                compared,
                unread: _,
                unusable: _,
            } = draft;
            crate::bounds::bound(&mut finding);
            let place = lines.place(offset as usize);
            finding.place = Some(place);
            if let Some(record) = record.and_then(|record| out.records.get(record as usize)) {
                finding.record_key = keys::key_fact(plan, record, bytes);
            }
            if let Some((start, length)) = record
                .and_then(|record| out.records.get(record as usize))
                .and_then(|record| record.provider)
            {
                tell_provider(&mut finding, &keys::Span::at(start, length).text(bytes));
            }
            if finding.path.is_none() && !root.is_empty() {
                let start = match record.and_then(|record| out.records.get(record as usize)) {
                    Some(record) => record.start,
                    None => out.root_child_before(offset),
                };
                let path = paths.path(root, start as usize, offset as usize);
                finding.path = Some(path.into());
            }
            if finding.element.is_none() && finding.rule.class == RuleClass::Business {
                finding.element = element_at(plan, finding.path.as_deref());
            }
            if plan.fixes && finding.fix.is_none() {
                finding.fix = spaced_postcode(&finding, bytes, offset as usize);
            }
            if let Some(show) = excerpts.show(&finding) {
                let offset = offset as usize;
                let length = written(&finding, bytes, offset, length as usize);
                finding.excerpt = Some(excerpt(bytes, offset, length, show, Markup::Tags));
            }
            Relative {
                finding,
                record,
                compared,
            }
        })
        .collect()
}

/// Bytes of what a finding is about, where a rule knows no more of it than its value: which may be written otherwise, as a
/// number with zeros before it or a text with references or as CDATA.
fn written(finding: &Finding, bytes: &[u8], offset: usize, length: usize) -> usize {
    let rest = bytes.get(offset..).unwrap_or_default();
    // Where the value itself has no place, what it is in begins here.
    let a_tag = rest.starts_with(b"<") && !rest.starts_with(b"<![CDATA[");
    let otherwise = match &finding.value {
        Some(Fact::Number(_)) => true,
        Some(Fact::Plain(value) | Fact::Personal(value))
            if finding.rule.class == RuleClass::Business =>
        {
            !rest.starts_with(value.as_bytes())
        }
        _ => false,
    };
    if a_tag || !otherwise {
        return length;
    }
    let end = rest.iter().skip(1).position(|byte| *byte == b'<');
    end.map_or(length, |end| (end + 1).min(LONGEST_WRITTEN))
}

/// The postcode that a rule misses, as it is written.
fn spaced_postcode(finding: &Finding, bytes: &[u8], offset: usize) -> Option<Fix> {
    let name = finding.path.as_deref()?.rsplit('/').next()?;
    if !fixes::is_about_value(finding) || bytes.get(offset.checked_sub(1)?) != Some(&b'>') {
        return None;
    }
    let rest = bytes.get(offset..)?;
    let written = std::str::from_utf8(&rest[..memchr::memchr(b'<', rest)?]).ok()?;
    let (postcode, action) = fixes::spaced(name, written)?;
    let facts = Facts {
        personal: matches!(finding.value, Some(Fact::Personal(_))),
        ..Facts::default()
    };
    Some(fixes::fix(&facts, written, postcode, action))
}

/// Says in a finding who provided what it is about, unless it says so already.
pub(crate) fn tell_provider(finding: &mut Finding, text: &str) {
    let text = text.trim();
    if !text.is_empty() && finding.fact(PROVIDER).is_none() {
        let mut fact = Fact::Plain(text.to_owned());
        crate::bounds::bound_fact(&mut fact);
        finding.facts.push((Cow::Borrowed(PROVIDER), fact));
    }
}

/// The Data Dictionary's name of what a path leads to, when every element of that name has the same.
fn element_at(plan: &Plan, path: Option<&str>) -> Option<Arc<str>> {
    let name = path?.rsplit('/').next()?;
    let elements = &plan.compiled.schema.elements;
    let mut known = elements
        .iter()
        .filter(|element| *element.name.local == *name)
        .map(|element| &element.facts.dictionary_name);
    let first = known.next()?.as_ref()?;
    known
        .all(|other| other.as_ref() == Some(first))
        .then(|| Arc::clone(first))
}

/// What has been put together so far.
#[allow(clippy::struct_excessive_bools)] // each is a fact about the document that is independent of the others
pub(crate) struct Merge<'m, R: Rules> {
    document: &'m Document<'m>,
    rules: &'m R,
    delivery: Delivery<'m>,
    sated: &'m Sated,
    state: Option<R::State>,
    header: Option<R::Header>,
    /// The bytes before the first record, to find the lines of findings about the header.
    head: Vec<u8>,
    /// Whether excerpts show every value.
    reveal: bool,
    /// Values of the head that were refused.
    refused_in_head: Refused,
    cursor: Cursor,
    /// Children of the root that were reported as missing.
    missing: BTreeSet<Label>,
    ended: bool,
    fatal: bool,
    truncated: bool,
    position: Advance,
    bytes: u64,
    counts: RecordCounts,
    /// What the chunk before did not end.
    pub(crate) held: Option<Chunk>,
    /// Where the next chunk begins.
    pub(crate) begins: Begins,
    /// What the rules know at the end.
    pub(crate) outcome: Option<R::Outcome>,
}

impl<'m, R: Rules> Merge<'m, R> {
    pub(crate) fn new(
        document: &'m Document<'m>,
        rules: &'m R,
        sink: &'m mut Sink<'m>,
        sated: &'m Sated,
        header: Option<R::Header>,
        head: Vec<u8>,
        reveal: bool,
    ) -> Self {
        Self {
            document,
            rules,
            delivery: Delivery::new(sink, sated),
            sated,
            state: Some(rules.start()),
            header,
            head,
            reveal,
            refused_in_head: Refused::default(),
            cursor: Cursor::default(),
            missing: BTreeSet::new(),
            ended: false,
            fatal: false,
            truncated: false,
            position: Advance::default(),
            bytes: 0,
            counts: RecordCounts::default(),
            held: None,
            begins: Begins {
                lost: document.broken_head,
                ..Begins::default()
            },
            outcome: None,
        }
    }

    /// Adds what the head of the document gave; its bytes are counted with the first chunk.
    pub(crate) fn head(&mut self, out: &mut Output, bytes: &[u8]) {
        self.root_items(out, bytes.len());
        self.begins.ended = out.ended;
        let mut drafts = std::mem::take(&mut out.drafts);
        let findings = self.finished(bytes, out, &mut drafts);
        let findings = self.all_graded(findings);
        self.refused_in_head = Refused::by(&findings);
        self.emit(findings, 0, &mut []);
    }

    /// Adds the next chunk.
    pub(crate) fn chunk(&mut self, outcome: &mut Outcome<R>) {
        let Outcome {
            chunk,
            out,
            findings,
            summary,
            advance,
            ..
        } = outcome;
        let bytes = &chunk.bytes[..chunk.length];
        self.fatal |= out.fatal;
        self.begins = Begins {
            lost: out.lost,
            ended: out.ended,
            over: out.over,
            ..Begins::default()
        };
        self.root_items(out, chunk.length);
        let mut drafts = std::mem::take(&mut out.drafts);
        let part = part(self.document, chunk, out, self.counts.records);
        if let (Some(state), Some(summary)) = (self.state.as_mut(), summary.take()) {
            self.rules.fold(state, summary, &part, &mut drafts);
        }
        if chunk.last {
            self.end_of_input(out, chunk, &mut drafts);
        }
        let mut all = std::mem::take(findings);
        if !drafts.is_empty() {
            all.extend(self.finished(bytes, out, &mut drafts));
            all.sort_by_key(|relative| relative.finding.place.map(|place| place.offset));
        }
        let mut all = self.all_graded(all);
        self.take_out_refused(&mut all, chunk.offset);
        let mut rejected = vec![false; out.records.len()];
        self.emit(all, chunk.offset, &mut rejected);
        let count = out.records.len() as u64;
        let refused = rejected.iter().filter(|rejected| **rejected).count() as u64;
        self.counts.records += count;
        self.counts.rejected += refused;
        self.counts.accepted += count - refused;
        self.position = self.position.then(*advance);
        self.bytes = chunk.offset + chunk.length as u64;
    }

    fn finished(&self, bytes: &[u8], out: &mut Output, drafts: &mut Vec<Draft>) -> Vec<Relative> {
        let document = self.document;
        finish_drafts(
            document.plan,
            &document.root.local,
            bytes,
            out,
            drafts,
            self.reveal,
            self.sated,
        )
    }

    fn end_of_input(&mut self, out: &Output, chunk: &Chunk, drafts: &mut Vec<Draft>) {
        let document = self.document;
        if !self.ended && !self.fatal {
            self.truncated = true;
            let mut scratch = Output::default();
            scratch.draft(
                document.file,
                document.plan,
                BuiltinRule::Truncated,
                chunk.length,
                0,
            );
            for mut draft in scratch.drafts {
                draft.finding.path = Some(format!("/{}", document.root.local).into());
                draft.plain("parent", document.root.local.to_string());
                drafts.push(draft);
            }
        }
        if let (Some(state), Some(header)) = (self.state.take(), self.header.take())
            && !self.truncated
            && !self.fatal
        {
            let part = part(document, chunk, out, self.counts.records);
            let mut found = Vec::new();
            self.outcome = Some(self.rules.finish(state, header, &part, &mut found));
            for (mut draft, offset) in found {
                match offset.and_then(|offset| offset.checked_sub(chunk.offset)) {
                    Some(offset) => {
                        draft.offset = offset as u32;
                        drafts.push(draft);
                    }
                    None => self.emit_from_head(draft, offset),
                }
            }
        }
    }

    /// A finding about the header, whose bytes have gone by.
    fn emit_from_head(&mut self, mut draft: Draft, offset: Option<u64>) {
        if let Some(offset) = offset
            && offset < self.head.len() as u64
        {
            draft.offset = offset as u32;
            let head = std::mem::take(&mut self.head);
            let mut drafts = vec![draft];
            let findings = self.finished(&head, &mut Output::default(), &mut drafts);
            let mut findings = self.all_graded(findings);
            self.take_out_refused(&mut findings, 0);
            let before = std::mem::take(&mut self.position);
            self.emit(findings, 0, &mut []);
            self.position = before;
            self.head = head;
        } else {
            let mut finding = draft.finding;
            finding.place = None;
            if self.graded(&mut finding) {
                self.delivery.deliver(finding);
            }
        }
    }

    fn emit(&mut self, findings: Vec<Relative>, offset: u64, rejected: &mut [bool]) {
        for Relative {
            mut finding,
            record,
            ..
        } in findings
        {
            finding.place = finding
                .place
                .map(|place| self.position.absolute(place, offset));
            finding.record = record.map(|record| self.counts.records + u64::from(record) + 1);
            if let Some(record) = record
                && finding.effect.rejects_record()
                && let Some(rejected) = rejected.get_mut(record as usize)
            {
                *rejected = true;
            }
            self.delivery.deliver(finding);
        }
    }

    /// Takes out what rules say of values of the head or of a chunk that are refused already: one mistake, one finding.
    fn take_out_refused(&self, findings: &mut Vec<Relative>, chunk: u64) {
        let refused = Refused::by(findings);
        findings.retain(|relative| {
            let finding = &relative.finding;
            let is_refused = |at: u64| {
                let in_chunk = at.checked_sub(chunk);
                self.refused_in_head.covers(at, finding.effect)
                    || in_chunk.is_some_and(|at| refused.covers(at, finding.effect))
            };
            let place = finding.place.map(|place| chunk + place.offset);
            let mut about = place.into_iter().chain(relative.compared);
            finding.rule.class != RuleClass::Business || !about.any(is_refused)
        });
    }

    fn all_graded(&mut self, mut findings: Vec<Relative>) -> Vec<Relative> {
        findings.retain_mut(|relative| self.graded(&mut relative.finding));
        findings
    }

    /// Grades a finding as the user wants it; whether it is one. An input that ends too early does so whatever anybody wants.
    fn graded(&mut self, finding: &mut Finding) -> bool {
        self.truncated |= Arc::ptr_eq(&finding.rule, BuiltinRule::Truncated.rule());
        self.document.plan.grades.apply(finding)
    }

    /// Whether who is given the findings wants no more.
    pub(crate) fn stopped(&self) -> bool {
        self.delivery.stopped
    }

    /// Follows the root's content model through what stood at the root level of a chunk.
    fn root_items(&mut self, out: &mut Output, length: usize) {
        let document = self.document;
        let plan = document.plan;
        let TypeId::Complex(id) = document.root.content else {
            self.ended |= out.ended;
            return;
        };
        let model = plan.compiled.model(id);
        let schema = &plan.compiled.schema;
        let parent = &document.root.local;
        let items = std::mem::take(&mut out.items);
        for item in &items {
            let (placement, offset, record, path) = match *item {
                RootItem::Child {
                    label,
                    offset,
                    record,
                } => {
                    let before = self.cursor;
                    let placed = self.cursor.place(model, label);
                    match &placed {
                        Placed::Fits => continue,
                        Placed::After(missing) => {
                            self.missing.extend(missing.iter().flatten());
                            if document.broken_head {
                                // It may be there, in what could not be read.
                                continue;
                            }
                        }
                        // It was reported as missing where it should have stood.
                        Placed::Late if self.missing.contains(&label) => continue,
                        _ => {}
                    }
                    let found = placement::names(schema, model, &[label]).concat();
                    let Some(described) =
                        placement::describe(schema, model, &before, &placed, &found, parent)
                    else {
                        continue;
                    };
                    if let Placed::After(_) = placed {
                        // The root lacks it; the record that follows has nothing to do with that.
                        (described, offset, None, format!("/{parent}"))
                    } else {
                        (described, offset, record, format!("/{parent}/{found}"))
                    }
                }
                RootItem::End(offset) => {
                    self.ended = true;
                    let Some(missing) = self.cursor.missing_at_end(model) else {
                        continue;
                    };
                    if self.fatal {
                        continue;
                    }
                    let described = placement::missing_at_end(schema, model, &missing, parent);
                    let tag = document.root.name.len() as u32 + 3;
                    let start = offset.saturating_sub(tag).min(length as u32);
                    (described, start, None, format!("/{parent}"))
                }
            };
            out.record = record;
            let index = out.draft(document.file, plan, placement.rule, offset as usize, 0);
            out.record = None;
            let draft = &mut out.drafts[index];
            draft.record = record;
            draft.finding.path = Some(path.into());
            placement.fill(draft);
        }
        out.items = items;
        if document.root.by_place {
            self.begins.cursor = self.cursor;
        }
    }

    /// The account of the input.
    pub(crate) fn account(self, size: Option<u64>, unreadable: Option<String>) -> FileSummary {
        let document = self.document;
        let unreadable = unreadable.or_else(|| {
            self.truncated
                .then(|| format!("it ends inside `{}`", document.root.local))
        });
        let read = Read {
            size,
            bytes: self.bytes,
            unreadable,
        };
        let standard = document.plan.standard.as_deref();
        self.delivery
            .account(document.file, standard, self.counts, read)
    }
}

/// A chunk as rules see it.
pub(crate) fn part<'p>(
    document: &'p Document<'_>,
    chunk: &'p Chunk,
    out: &'p Output,
    first_record: u64,
) -> Part<'p> {
    Part {
        file: document.file,
        standard: document.plan.standard.as_ref(),
        chunk: &chunk.bytes[..chunk.length],
        offset: chunk.offset,
        captured: &out.captured,
        records: RecordStarts::Elements(Elements(&out.records)),
        first_record,
    }
}

/// What a chunk does to lines and columns.
pub(crate) fn chunk_advance(chunk: &Chunk) -> Advance {
    advance(&chunk.bytes[..chunk.length])
}
