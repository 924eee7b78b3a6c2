//! The fast path: it knows from the structure which bytes may come next and compares them.
//!
//! It reads one record. The moment anything else stands there (another element, a comment, an attribute it does not
//! expect, an entity it cannot resolve) it hands the record over to the [exact path](crate::exact) at that place, with
//! everything before it already checked. Wrong *values* it reports itself, through the same code as the exact path.

mod tables;

use std::cell::OnceCell;
use std::sync::Arc;

use concord_standards::schema::{SimpleTypeId, Use, ValueConstraint};

use crate::chunk::Text;
use crate::cursor::Cursor;
use crate::exact::{Exact, Frame, Inside, Root, Skipped, report_value};
use crate::lexical;
use crate::output::{Output, RootItem};
use crate::paths;
use crate::plan::{CaptureNode, NOTHING, Plan};
pub(crate) use tables::Tables;
use tables::{Holds, Next};

/// How reading a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fast {
    /// The record was read; what follows begins here.
    Done(usize),
    /// No record that the fast path knows begins here.
    NotHere,
    /// From this offset on the exact path must read, with the frames in [`Runner::stack`] open.
    HandOver(usize),
}

/// An open element.
#[derive(Debug, Clone, Copy)]
struct Open {
    /// Index into the tables' `next`, or into `records` for the outermost.
    next: u32,
    state: u32,
    count: u32,
    node: u32,
    start: u32,
}

/// What the exact path must know again of an element that it has handed back open.
#[derive(Debug)]
struct Remembered {
    /// Where the element begins in the chunk.
    start: u32,
    skipped: Vec<Skipped>,
    reported: bool,
    strays: Option<usize>,
    /// Where it was handed back, and how many elements were open in it there.
    since: usize,
    below: usize,
}

/// The fast path with its memory of what came next the last time.
#[derive(Debug)]
pub(crate) struct Runner {
    tables: Arc<Tables>,
    stack: Vec<Open>,
    /// By state: which entry matched last.
    predicted: Vec<u32>,
    /// By complex type: attributes as written that were found right.
    attributes: Vec<Option<Vec<u8>>>,
    /// Of the record's elements that were handed back, those of which something has been told.
    remembered: Vec<Remembered>,
    record: u32,
}

impl Runner {
    pub(crate) fn new(tables: Arc<Tables>) -> Self {
        Self {
            predicted: vec![0; tables.states.len()],
            attributes: vec![None; tables.types.len()],
            stack: Vec::with_capacity(32),
            remembered: Vec::new(),
            record: 0,
            tables,
        }
    }

    /// Reads the record that begins at `at`.
    ///
    /// The context's bytes are the chunk and [`PADDING`](concord_read::xml::PADDING) more.
    pub(crate) fn record(&mut self, context: &Context<'_>, out: &mut Output, at: usize) -> Fast {
        self.stack.clear();
        self.remembered.clear();
        let tables = Arc::clone(&self.tables);
        let count = tables.records.len() as u32;
        let found = (0..count)
            .map(|turn| (self.record + turn) % count)
            .find(|index| {
                matches_tag(&tables, &tables.records[*index as usize], context.bytes, at)
            });
        let Some(index) = found else {
            return Fast::NotHere;
        };
        self.record = index;
        let next = &tables.records[index as usize];
        let Holds::Group(content) = next.holds else {
            return Fast::NotHere;
        };
        // The record exists from here on, whichever path reads it.
        out.record = Some(out.records.len() as u32);
        let node = match context.root.node {
            NOTHING => NOTHING,
            root => context.plan.nodes[root as usize].children[next.label as usize],
        };
        let Some(after) = self.open_tag(context, out, next, node, content, at) else {
            // The exact path begins the record itself.
            out.record = None;
            return Fast::NotHere;
        };
        out.items.push(RootItem::Child {
            label: next.label,
            offset: at as u32,
            record: out.record,
        });
        let state = tables.types[content as usize].unwrap_or(0);
        let open = Open {
            next: index,
            state,
            count: 0,
            node,
            start: at as u32,
        };
        self.children(context, out, &tables, open, after)
    }

    /// Reads the children of the record and everything below them.
    fn children(
        &mut self,
        context: &Context<'_>,
        out: &mut Output,
        tables: &Tables,
        mut open: Open,
        mut at: usize,
    ) -> Fast {
        let bytes = context.bytes;
        loop {
            at = skip_space(bytes, at);
            let Some(head) = bytes.get(at..at + 8) else {
                return self.hand_over(open, at);
            };
            let head = u64::from_le_bytes(head.try_into().unwrap_or_default());
            if head & 0xFFFF == u64::from(u16::from_le_bytes(*b"</")) {
                let next = self.entry(tables, &open);
                let state = &tables.states[open.state as usize];
                if !state.accepting || open.count < state.least || !closes(tables, next, bytes, at)
                {
                    return self.hand_over(open, at);
                }
                at += next.length as usize + 3;
                let Some(parent) = self.stack.pop() else {
                    out.record = None;
                    return Fast::Done(at);
                };
                open = parent;
                continue;
            }
            let Some(chosen) = self.choose(tables, &open, bytes, at, head) else {
                return self.hand_over(open, at);
            };
            let next = &tables.next[chosen as usize];
            let node = match open.node {
                NOTHING => NOTHING,
                node => context.plan.nodes[node as usize].children[next.label as usize],
            };
            let tag_end = at + 1 + next.length as usize;
            let after = match next.holds {
                Holds::Value(simple) => {
                    if bytes[tag_end] != b'>' {
                        return self.hand_over(open, at);
                    }
                    match self.value(context, out, &open, next, node, simple, at, tag_end + 1) {
                        Some(end) => end + next.length as usize + 3,
                        None => return self.hand_over(open, at),
                    }
                }
                Holds::Group(content) => {
                    let Some(after) = self.open_tag(context, out, next, node, content, at) else {
                        return self.hand_over(open, at);
                    };
                    advance(&mut open, tables, next);
                    self.stack.push(open);
                    let state = tables.types[content as usize].unwrap_or(0);
                    open = Open {
                        next: chosen,
                        state,
                        count: 0,
                        node,
                        start: at as u32,
                    };
                    at = after;
                    continue;
                }
                Holds::Nothing => {
                    let after = if bytes[tag_end..].starts_with(b"/>") {
                        tag_end + 2
                    } else if bytes[tag_end] == b'>' && closes(tables, next, bytes, tag_end + 1) {
                        tag_end + 4 + next.length as usize
                    } else {
                        return self.hand_over(open, at);
                    };
                    if node != NOTHING {
                        let rows = &context.plan.nodes[node as usize].rows;
                        out.open_rows(context.plan, rows, at as u32);
                    }
                    after
                }
                Holds::Exact => return self.hand_over(open, at),
            };
            advance(&mut open, tables, next);
            at = after;
        }
    }

    fn entry<'t>(&self, tables: &'t Tables, open: &Open) -> &'t Next {
        if self.stack.is_empty() {
            &tables.records[open.next as usize]
        } else {
            &tables.next[open.next as usize]
        }
    }

    /// The entry whose tag stands at `at`, if it may come next.
    #[inline]
    fn choose(
        &mut self,
        tables: &Tables,
        open: &Open,
        bytes: &[u8],
        at: usize,
        head: u64,
    ) -> Option<u32> {
        let state = &tables.states[open.state as usize];
        let predicted = &mut self.predicted[open.state as usize];
        let fits = |index: u32| {
            let next = &tables.next[index as usize];
            head & next.mask == next.head && matches_tag(tables, next, bytes, at)
        };
        let guess = state.first + *predicted;
        let index = if *predicted < state.count && fits(guess) {
            guess
        } else {
            let index = (state.first..state.first + state.count).find(|index| fits(*index))?;
            *predicted = index - state.first;
            index
        };
        if state.most == 0 {
            return Some(index);
        }
        // The first entry repeats what led here.
        let repeats = index == state.first;
        let allowed = if repeats {
            open.count < state.most
        } else {
            open.count >= state.least
        };
        allowed.then_some(index)
    }

    /// Reads the start tag of an element with children; `None` hands it over.
    fn open_tag(
        &mut self,
        context: &Context<'_>,
        out: &mut Output,
        next: &Next,
        node: u32,
        content: u32,
        at: usize,
    ) -> Option<usize> {
        let tag_end = at + 1 + next.length as usize;
        let outermost = self.stack.is_empty() && out.record == Some(out.records.len() as u32);
        if self.stack.len() + 2 >= context.plan.limits.depth {
            return None;
        }
        if context.bytes[tag_end] == b'>' && !next.attributes {
            if outermost {
                out.records.push(crate::output::Record {
                    start: at as u32,
                    key: None,
                    secret: false,
                    provider: None,
                });
            }
            if node != NOTHING {
                let rows = &context.plan.nodes[node as usize].rows;
                out.open_rows(context.plan, rows, at as u32);
            }
            return Some(tag_end + 1);
        }
        let close = tag_end + memchr::memchr(b'>', &context.bytes[tag_end..])?;
        let written = &context.bytes[tag_end..close];
        let known = &mut self.attributes[content as usize];
        let wanted = match node {
            NOTHING => &[][..],
            node => &context.plan.nodes[node as usize].attributes[..],
        };
        if known.as_deref() != Some(written) {
            if !attributes_right(context.plan, content, written) {
                return None;
            }
            *known = Some(written.to_vec());
        }
        if outermost {
            out.records.push(crate::output::Record {
                start: at as u32,
                key: None,
                secret: false,
                provider: None,
            });
        }
        if node != NOTHING {
            let rows = &context.plan.nodes[node as usize].rows;
            out.open_rows(context.plan, rows, at as u32);
        }
        if !wanted.is_empty() {
            let text = std::str::from_utf8(written).ok()?;
            for attribute in lexical::attributes(text, usize::MAX).ok()? {
                for (name, group, column) in wanted {
                    if **name == *attribute.name {
                        out.put_span(
                            &[(*group, *column)],
                            (tag_end + attribute.value_offset) as u32,
                            attribute.value.len() as u32,
                        );
                    }
                }
            }
        }
        Some(close + 1)
    }

    /// Checks the value that begins at `start` and returns where its end tag begins; `None` hands it over.
    ///
    /// Nothing is captured or reported unless the end tag is right: the exact path would do it again.
    #[allow(clippy::too_many_arguments)] // the hot loop's state, taken apart on purpose
    #[inline]
    fn value(
        &self,
        context: &Context<'_>,
        out: &mut Output,
        open: &Open,
        next: &Next,
        node: u32,
        simple: u32,
        at: usize,
        start: usize,
    ) -> Option<usize> {
        if let Some(end) = self.tables.values[simple as usize].accept(context.bytes, start) {
            let too_long = end - start > context.plan.limits.text_length;
            if too_long || !closes(&self.tables, next, context.bytes, end) {
                return None;
            }
            if node != NOTHING {
                let node = &context.plan.nodes[node as usize];
                capture_span(
                    context.plan,
                    out,
                    node,
                    at as u32,
                    start as u32,
                    (end - start) as u32,
                );
            }
            return Some(end);
        }
        self.value_slowly(
            context,
            out,
            open,
            next,
            node,
            SimpleTypeId(simple),
            at,
            start,
        )
    }

    #[allow(clippy::too_many_arguments)] // as above
    #[cold]
    fn value_slowly(
        &self,
        context: &Context<'_>,
        out: &mut Output,
        open: &Open,
        next: &Next,
        node: u32,
        simple: SimpleTypeId,
        at: usize,
        start: usize,
    ) -> Option<usize> {
        let plan = context.plan;
        let end = start + memchr::memchr(b'<', &context.bytes[start..context.length])?;
        if context.bytes[end + 1] != b'/' || end - start > plan.limits.text_length {
            return None;
        }
        if !closes(&self.tables, next, context.bytes, end) {
            return None;
        }
        let raw = std::str::from_utf8(&context.bytes[start..end]).ok()?;
        let text = lexical::decode_text(raw).ok()?;
        let checker = plan.compiled.value(simple);
        if let Err(fault) = checker.check(&text) {
            let chunk = &context.text().text;
            let declaration = plan.compiled.schema.element(next.element);
            let mut exact = Exact::new(plan, Some(context.root), context.file, chunk, out);
            exact.stack = self.frames(context, &self.stack, open);
            let mut frame = Frame::skipped(declaration.name.local.clone(), (0, 0), 0);
            frame.element = Some(next.element);
            exact.stack.push(frame);
            report_value(
                &mut exact,
                simple,
                &declaration.facts,
                &text,
                &fault,
                start,
                end - start,
                None,
            );
        }
        if node != NOTHING {
            let node = &plan.nodes[node as usize];
            let normal = concord_standards::value::normalize(&text, checker.white_space());
            if matches!(text, std::borrow::Cow::Borrowed(_)) && *normal == *raw {
                capture_span(plan, out, node, at as u32, start as u32, raw.len() as u32);
            } else {
                out.open_rows(plan, &node.rows, at as u32);
                out.put_other(node, &normal, raw, start as u32);
            }
        }
        Some(end)
    }

    fn hand_over(&mut self, open: Open, at: usize) -> Fast {
        self.stack.push(open);
        Fast::HandOver(at)
    }

    /// The open elements as the exact path wants them, after [`Fast::HandOver`].
    pub(crate) fn handed_over(&mut self, context: &Context<'_>, at: usize) -> Vec<Frame> {
        let Some((innermost, outer)) = self.stack.split_last() else {
            return Vec::new();
        };
        let mut frames = self.frames(context, outer, innermost);
        // What is remembered of elements that have been closed since is dropped.
        for remembered in self.remembered.drain(..) {
            let mut open = self.stack.iter().zip(&mut frames);
            let Some((_, frame)) = open.find(|(open, _)| open.start == remembered.start) else {
                continue;
            };
            // A child that the fast path has read belongs there.
            let strays = remembered.strays.filter(|_| {
                let read = &context.bytes[remembered.since..at];
                !paths::has_child(read, remembered.below)
            });
            frame.skipped = remembered.skipped;
            frame.reported = remembered.reported;
            frame.strays = strays;
        }
        frames
    }

    /// Goes on at `at`, where the exact path has left `frames` open, each of them with its entry.
    pub(crate) fn handed_back(
        &mut self,
        context: &Context<'_>,
        out: &mut Output,
        frames: Vec<Frame>,
        at: usize,
    ) -> Fast {
        let tables = Arc::clone(&self.tables);
        let depth = frames.len();
        self.stack.clear();
        for (number, frame) in frames.into_iter().enumerate() {
            let (Inside::Children(id), Some(next)) = (frame.inside, frame.entry) else {
                return Fast::NotHere;
            };
            let start = frame.name.0 - 1;
            self.stack.push(Open {
                next,
                state: tables.types[id.0 as usize].unwrap_or(0) + frame.cursor.state,
                count: frame.cursor.count,
                node: frame.node,
                start,
            });
            if frame.reported || frame.strays.is_some() || !frame.skipped.is_empty() {
                self.remembered.push(Remembered {
                    start,
                    skipped: frame.skipped,
                    reported: frame.reported,
                    strays: frame.strays,
                    since: at,
                    below: depth - number - 1,
                });
            }
        }
        match self.stack.pop() {
            Some(open) => self.children(context, out, &tables, open, at),
            None => Fast::NotHere,
        }
    }

    /// What the fast path knows.
    pub(crate) fn tables(&self) -> Arc<Tables> {
        Arc::clone(&self.tables)
    }

    fn frames(&self, context: &Context<'_>, outer: &[Open], innermost: &Open) -> Vec<Frame> {
        let tables = &self.tables;
        let schema = &context.plan.compiled.schema;
        outer
            .iter()
            .chain([innermost])
            .enumerate()
            .map(|(depth, open)| {
                let next = if depth == 0 {
                    &tables.records[open.next as usize]
                } else {
                    &tables.next[open.next as usize]
                };
                let local = schema.element(next.element).name.local.clone();
                let mut frame = Frame::skipped(
                    local,
                    (open.start + 1, next.length),
                    context.root.namespaces.mark(),
                );
                frame.element = Some(next.element);
                frame.entry = Some(open.next);
                frame.node = open.node;
                if let Holds::Group(content) = next.holds {
                    let id = concord_standards::schema::ComplexTypeId(content);
                    frame.inside = Inside::Children(id);
                    let first = tables.types[content as usize].unwrap_or(0);
                    frame.cursor = Cursor {
                        state: open.state - first,
                        count: open.count,
                        seen: 0,
                        last: tables.states[open.state as usize].by,
                    };
                }
                frame
            })
            .collect()
    }
}

/// What a record is read against.
pub(crate) struct Context<'c> {
    pub(crate) plan: &'c Plan,
    pub(crate) root: &'c Root,
    pub(crate) file: &'c Arc<str>,
    /// The chunk with its padding.
    pub(crate) bytes: &'c [u8],
    /// Length of the chunk without padding.
    pub(crate) length: usize,
    /// The chunk as text, once somebody has asked for it.
    pub(crate) text: OnceCell<Text<'c>>,
}

impl<'c> Context<'c> {
    /// The chunk as text.
    pub(crate) fn text(&self) -> &Text<'c> {
        self.text
            .get_or_init(|| Text::new(&self.bytes[..self.length]))
    }
}

#[inline]
fn advance(open: &mut Open, tables: &Tables, next: &Next) {
    let state = &tables.states[open.state as usize];
    open.count = if state.most > 0 && next.target == open.state {
        open.count + 1
    } else {
        1
    };
    open.state = next.target;
}

#[inline]
fn capture_span(
    plan: &Plan,
    out: &mut Output,
    node: &CaptureNode,
    at: u32,
    start: u32,
    length: u32,
) {
    if !node.rows.is_empty() {
        out.open_rows(plan, &node.rows, at);
    }
    out.put_span(&node.cells, start, length);
    out.put_identity(node, start, length);
}

/// Whether `<name` stands at `at` and the name ends there.
#[inline]
fn matches_tag(tables: &Tables, next: &Next, bytes: &[u8], at: usize) -> bool {
    let (start, length) = (next.name as usize + 2, next.length as usize);
    let Some(found) = bytes.get(at + 1..at + 2 + length) else {
        return false;
    };
    bytes[at] == b'<'
        && found[..length] == tables.names[start..start + length]
        && matches!(found[length], b'>' | b' ' | b'/' | b'\n' | b'\t' | b'\r')
}

/// Whether `</name>` stands at `at`.
#[inline]
fn closes(tables: &Tables, next: &Next, bytes: &[u8], at: usize) -> bool {
    let (start, length) = (next.name as usize, next.length as usize + 3);
    bytes
        .get(at..at + length)
        .is_some_and(|found| *found == tables.names[start..start + length])
}

/// The offset of the next byte that is not white space.
#[inline]
fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    const BLANKS: u64 = u64::from_le_bytes([b' '; 8]);
    loop {
        while let Some(eight) = bytes.get(at..at + 8) {
            if u64::from_le_bytes(eight.try_into().unwrap_or_default()) != BLANKS {
                break;
            }
            at += 8;
        }
        match bytes.get(at) {
            Some(byte) if lexical::is_space(*byte) => at += 1,
            _ => return at,
        }
    }
}

/// Whether the attributes of a start tag are all right, without any namespace declaration or `xsi:` attribute.
fn attributes_right(plan: &Plan, content: u32, written: &[u8]) -> bool {
    let schema = &plan.compiled.schema;
    let complex = schema.complex_type(concord_standards::schema::ComplexTypeId(content));
    let Ok(text) = std::str::from_utf8(written) else {
        return false;
    };
    let Ok(attributes) = lexical::attributes(text, plan.limits.attributes) else {
        return false;
    };
    for attribute in &attributes {
        if attribute.value.len() > plan.limits.text_length {
            return false;
        }
        let Some(known) = complex.attributes.iter().find(|known| {
            known.usage != Use::Prohibited
                && known.attribute.name.namespace.is_empty()
                && *known.attribute.name.local == *attribute.name
        }) else {
            return false;
        };
        let Ok(std::borrow::Cow::Borrowed(value)) = lexical::decode_attribute(attribute.value)
        else {
            return false;
        };
        let checker = plan.compiled.value(known.attribute.content);
        // Which prefixes are declared is known to the exact path only.
        if checker.holds_names() || checker.check(value).is_err() {
            return false;
        }
        if let Some(ValueConstraint::Fixed(fixed)) = &known.attribute.constraint
            && !checker.same_value(value, fixed)
        {
            return false;
        }
    }
    complex.attributes.iter().all(|known| {
        known.usage != Use::Required
            || attributes
                .iter()
                .any(|attribute| *attribute.name == *known.attribute.name.local)
    })
}
