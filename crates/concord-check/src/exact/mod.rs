//! The exact path: every event of the tokeniser, every rule of XML, namespaces and the structure, and every finding.
//!
//! The fast path hands over here whenever something stands in the input that it did not expect.

mod attributes;
mod content;
mod element;
mod frame;
mod misplaced;
mod namespaces;
mod unknown;
mod value;

use std::sync::Arc;

use concord_finding::Fact;
use concord_standards::schema::TypeId;
use quick_xml::Reader;
use quick_xml::events::Event;

pub(crate) use frame::{Frame, Inside, Skipped};
pub(crate) use namespaces::Namespaces;
pub(crate) use value::report_value;
pub(crate) use value::shown;

use crate::catalogue::BuiltinRule;
use crate::fast::Tables;
use crate::lexical::{self, Malformed};
use crate::output::Output;
use crate::plan::Plan;

/// The root element, as its start tag has it.
#[derive(Debug, Clone)]
pub(crate) struct Root {
    /// Its type, `xsi:type` considered.
    pub(crate) content: TypeId,
    /// Its name as written.
    pub(crate) name: Arc<str>,
    /// Its local name.
    pub(crate) local: Arc<str>,
    /// Prefixes bound on it.
    pub(crate) namespaces: Namespaces,
    /// What is captured in it.
    pub(crate) node: u32,
    /// Whether what a child's name means depends on what stood before it.
    pub(crate) by_place: bool,
}

/// How reading one thing at the root level ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Everything up to this offset is done.
    At(usize),
    /// The chunk ends inside what began there.
    Unfinished,
    /// It is not well-formed from this offset on. The finding has been made.
    Fatal(usize),
    /// What the fast path could not read is behind us, and from this offset on it may read again.
    HandBack(usize),
}

/// The exact path over one chunk.
pub(crate) struct Exact<'p, 'c> {
    pub(crate) plan: &'p Plan,
    pub(crate) root: Option<&'p Root>,
    pub(crate) file: &'p Arc<str>,
    pub(crate) chunk: &'c str,
    pub(crate) out: &'p mut Output,
    pub(crate) stack: Vec<Frame>,
    pub(crate) namespaces: Namespaces,
    /// Set when the root's start tag has been read (only while there is no root yet).
    pub(crate) opened: Option<Root>,
    /// A root that has no children to be read one by one: it is opened when it has been closed.
    solitary: Option<Root>,
    root_end: bool,
    fatal: Option<usize>,
    /// What the fast path knows, to give back to it what it can go on with.
    tables: Option<Arc<Tables>>,
}

impl<'p, 'c> Exact<'p, 'c> {
    pub(crate) fn new(
        plan: &'p Plan,
        root: Option<&'p Root>,
        file: &'p Arc<str>,
        chunk: &'c str,
        out: &'p mut Output,
    ) -> Self {
        Self {
            plan,
            root,
            file,
            chunk,
            out,
            stack: Vec::new(),
            namespaces: root.map(|root| root.namespaces.clone()).unwrap_or_default(),
            opened: None,
            solitary: None,
            root_end: false,
            fatal: None,
            tables: None,
        }
    }

    /// Goes on inside elements that the fast path has opened, if it has any, to give back to it as soon as it can go on.
    pub(crate) fn take_over(&mut self, frames: Vec<Frame>, tables: Option<Arc<Tables>>) {
        self.stack = frames;
        self.tables = tables;
    }

    /// Whether the fast path can go on: it knows the innermost open element, and so all around it.
    fn can_hand_back(&self) -> bool {
        self.stack.last().is_some_and(|frame| frame.entry.is_some())
    }

    /// The number by which the fast path knows the innermost open element, if it can go on in it.
    fn entry(&self) -> Option<u32> {
        let tables = self.tables.as_ref()?;
        let (frame, outer) = self.stack.split_last()?;
        let Inside::Children(content) = frame.inside else {
            return None;
        };
        // It knows nothing of bindings, and takes values of the element without counting how deep they are.
        let as_usual = !frame.nil && frame.mark == self.namespaces.mark();
        if !as_usual || self.stack.len() >= self.plan.limits.depth {
            return None;
        }
        let (at, length) = (frame.name.0 as usize, frame.name.1 as usize);
        let written = &self.chunk[at..at + length];
        match outer.last() {
            None => tables.record(frame.element?, content, written),
            Some(parent) => match (parent.entry, parent.inside) {
                (Some(_), Inside::Children(within)) => {
                    tables.child(within, frame.element?, content, written)
                }
                _ => None,
            },
        }
    }

    /// Reads from `at` to the end of the element that is open (or begins) there, or one other thing at the root level.
    ///
    /// `last` says that no more input follows the chunk.
    pub(crate) fn read(&mut self, at: usize, last: bool) -> Ended {
        // At the beginning of what it is given, the tokeniser takes U+FEFF for a mark and leaves it out of its positions;
        // such characters are text like any other.
        let rest = self.chunk[at..].trim_start_matches('\u{feff}');
        let behind = self.chunk.len() - rest.len();
        let mut marked = (behind > at).then_some(at);
        let at = behind;
        let mut reader = Reader::from_str(rest);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.check_comments = true;
        loop {
            let mut start = at + reader.buffer_position() as usize;
            let event = reader.read_event();
            if let Some(mark) = marked.take() {
                if matches!(event, Ok(Event::Text(_))) {
                    start = mark;
                } else {
                    self.characters(mark, at);
                    if let Some(offset) = self.fatal.take() {
                        return Ended::Fatal(offset);
                    }
                    if self.stack.is_empty() {
                        return Ended::At(at);
                    }
                }
            }
            let event = match event {
                Ok(event) => event,
                Err(error) => {
                    let place = at + reader.error_position() as usize;
                    return self.tokenising_failed(&error, start, place, last);
                }
            };
            let end = at + reader.buffer_position() as usize;
            let was_inside = !self.stack.is_empty();
            match event {
                Event::Start(tag) => {
                    self.start_tag(tag.name().as_ref(), tag.attributes_raw(), start, end, false);
                }
                Event::Empty(tag) => {
                    self.start_tag(tag.name().as_ref(), tag.attributes_raw(), start, end, true);
                }
                Event::End(tag) => self.end_tag(tag.name().as_ref(), start, end),
                Event::Text(_) => self.characters(start, end),
                Event::GeneralRef(_) => self.reference(start, end),
                Event::CData(_) => self.cdata(start, end),
                Event::Comment(_) => {
                    if let Some(offset) = lexical::forbidden_character(&self.chunk[start..end]) {
                        self.malformed(start + offset, "a character that XML does not allow");
                    }
                }
                Event::PI(_) => self.instruction(start, end),
                Event::Decl(_) => {
                    // The declaration at the very beginning is read before this path is asked.
                    self.malformed(
                        start,
                        "an XML declaration can only stand at the very beginning",
                    );
                }
                Event::DocType(_) => {
                    self.draft(BuiltinRule::Dtd, start, 9);
                    self.fatal = Some(start);
                }
                Event::Eof => {
                    return if self.stack.is_empty() {
                        Ended::At(end)
                    } else if last {
                        self.truncated(end);
                        Ended::Fatal(end)
                    } else {
                        Ended::Unfinished
                    };
                }
            }
            if let Some(offset) = self.fatal.take() {
                return Ended::Fatal(offset);
            }
            if self.can_hand_back() {
                return Ended::HandBack(end);
            }
            let finished = was_inside && self.stack.is_empty();
            if finished
                || self.root_end
                || self.opened.is_some()
                || (!was_inside && self.stack.is_empty())
            {
                return Ended::At(end);
            }
        }
    }

    fn tokenising_failed(
        &mut self,
        error: &quick_xml::Error,
        start: usize,
        place: usize,
        last: bool,
    ) -> Ended {
        use quick_xml::Error;
        use quick_xml::errors::SyntaxError;
        if cut_off(&self.chunk[start..]) {
            if !last {
                return Ended::Unfinished;
            }
            self.truncated(start);
            return Ended::Fatal(start);
        }
        if let Error::Syntax(syntax) = error {
            let tag = matches!(
                syntax,
                SyntaxError::UnclosedTag
                    | SyntaxError::UnclosedSingleQuotedAttributeValue
                    | SyntaxError::UnclosedDoubleQuotedAttributeValue
            );
            let open_ended = tag
                || matches!(
                    syntax,
                    SyntaxError::UnclosedCData
                        | SyntaxError::UnclosedComment
                        | SyntaxError::UnclosedPI
                        | SyntaxError::UnclosedXmlDecl
                        | SyntaxError::UnclosedDoctype
                );
            let another = memchr::memchr(b'<', &self.chunk.as_bytes()[start + 1..]);
            if tag && another.is_some() {
                // No `<` may stand in a tag, so more input would not help.
                self.malformed(start, element::NOT_CLOSED);
                return self.take_fatal(start);
            }
            if self.chunk[start..].starts_with("<!D") || self.chunk[start..].starts_with("<!d") {
                self.draft(BuiltinRule::Dtd, start, 9);
                return Ended::Fatal(start);
            }
            if open_ended && !last {
                return Ended::Unfinished;
            }
            if open_ended {
                self.truncated(start);
                return Ended::Fatal(start);
            }
        }
        let reason = match error {
            Error::IllFormed(quick_xml::errors::IllFormedError::DoubleHyphenInComment) => {
                "`--` must not stand inside a comment".to_owned()
            }
            Error::IllFormed(quick_xml::errors::IllFormedError::UnclosedReference) => {
                "`&` begins a reference that does not end: write `&amp;`".to_owned()
            }
            _ => "this is not XML markup".to_owned(),
        };
        let place = if place < start || place > self.chunk.len() {
            start
        } else {
            place
        };
        self.malformed(place, reason);
        self.take_fatal(place)
    }

    fn take_fatal(&mut self, otherwise: usize) -> Ended {
        Ended::Fatal(self.fatal.take().unwrap_or(otherwise))
    }

    fn truncated(&mut self, offset: usize) {
        let parent = self.parent_name().to_string();
        self.draft(BuiltinRule::Truncated, offset, 0)
            .plain("parent", parent);
    }

    /// Reports something that is not well-formed and stops the record.
    pub(crate) fn malformed(&mut self, offset: usize, reason: impl Into<String>) {
        if self.fatal.is_none() {
            self.draft(BuiltinRule::NotWellFormed, offset, 0)
                .plain("reason", reason);
            self.fatal = Some(offset);
        }
    }

    /// Reports something that goes beyond a limit and stops the record.
    pub(crate) fn beyond_limit(&mut self, rule: BuiltinRule, offset: usize, limit: usize) {
        if self.fatal.is_none() {
            self.draft(rule, offset, 0).finding.expected = Some(Fact::Number(limit as u64));
            self.fatal = Some(offset);
        }
    }

    fn malformed_in(&mut self, base: usize, malformed: Malformed) {
        self.malformed(base + malformed.offset, malformed.reason);
    }

    fn characters(&mut self, start: usize, end: usize) {
        let raw = &self.chunk[start..end];
        let Some(frame) = self.stack.last_mut() else {
            return self.root_characters(start, end);
        };
        match lexical::decode_text(raw) {
            Err(malformed) => self.malformed_in(start, malformed),
            Ok(text) => {
                frame.text.extend(start, end);
                match text {
                    std::borrow::Cow::Borrowed(_) => {
                        frame
                            .text
                            .add_span(self.chunk, start as u32, raw.len() as u32);
                    }
                    std::borrow::Cow::Owned(text) => frame.text.add(self.chunk, &text),
                }
                let blank = raw.bytes().all(lexical::is_space);
                self.text_allowed(start, end, blank);
            }
        }
    }

    fn cdata(&mut self, start: usize, end: usize) {
        let raw = &self.chunk[start + 9..end - 3];
        if let Some(offset) = lexical::forbidden_character(raw) {
            return self.malformed(start + 9 + offset, "a character that XML does not allow");
        }
        let Some(frame) = self.stack.last_mut() else {
            return self.root_text(start, end);
        };
        frame.text.extend(start, end);
        frame.text.add(self.chunk, &lexical::line_ends(raw));
        self.text_allowed(start, end, false);
    }

    fn reference(&mut self, start: usize, end: usize) {
        match lexical::decode_text(&self.chunk[start..end]) {
            Err(malformed) => self.malformed_in(start, malformed),
            Ok(text) => {
                let blank = text.bytes().all(lexical::is_space);
                let Some(frame) = self.stack.last_mut() else {
                    if self.root.is_none() || self.out.ended {
                        self.malformed(start, "a reference cannot stand outside the root element");
                    } else if !blank {
                        self.root_text(start, end);
                    }
                    return;
                };
                frame.text.extend(start, end);
                frame.text.add(self.chunk, &text);
                self.text_allowed(start, end, blank);
            }
        }
    }

    fn instruction(&mut self, start: usize, end: usize) {
        let content = &self.chunk[start + 2..end - 2];
        let target = content
            .split(|character: char| character.is_ascii_whitespace())
            .next()
            .unwrap_or("");
        if !lexical::is_name(target) || target.eq_ignore_ascii_case("xml") {
            self.malformed(
                start,
                "a processing instruction needs a name other than `xml`",
            );
        } else if target.contains(':') {
            self.malformed(
                start,
                "the name of a processing instruction must have no colon",
            );
        } else if let Some(offset) = lexical::forbidden_character(content) {
            self.malformed(start + 2 + offset, "a character that XML does not allow");
        }
    }

    fn root_characters(&mut self, start: usize, end: usize) {
        let raw = &self.chunk[start..end];
        if let Err(malformed) = lexical::decode_text(raw) {
            return self.malformed_in(start, malformed);
        }
        if let Some(blanks) = raw.bytes().position(|byte| !lexical::is_space(byte)) {
            self.root_text(start + blanks, end);
        }
    }

    /// Text below the root, outside any of its children.
    fn root_text(&mut self, start: usize, end: usize) {
        let ended = self.out.ended;
        match self.root {
            Some(root) if !ended => {
                let mixed = match root.content {
                    TypeId::Complex(id) => matches!(
                        self.plan.compiled.model(id),
                        concord_standards::compile::Model::Ordered { mixed: true, .. }
                            | concord_standards::compile::Model::All { mixed: true, .. }
                    ),
                    TypeId::Simple(_) => false,
                    TypeId::Any => true,
                };
                if !mixed {
                    let parent = root.local.to_string();
                    let told = self.out.drafts.len();
                    self.draft(BuiltinRule::Text, start, end - start)
                        .plain("parent", parent);
                    self.note_strays(told);
                }
            }
            _ => self.malformed(start, "text cannot stand outside the root element"),
        }
    }

    /// The local name of the innermost open element.
    pub(crate) fn parent_name(&self) -> Arc<str> {
        match (self.stack.last(), self.root) {
            (Some(frame), _) => frame.local.clone(),
            (None, Some(root)) => root.local.clone(),
            (None, None) => "the document".into(),
        }
    }

    /// The path of the innermost open element.
    pub(crate) fn path(&self) -> String {
        let mut path = String::new();
        if let Some(root) = self.root {
            path.push('/');
            path.push_str(&root.local);
        }
        for frame in &self.stack {
            path.push('/');
            path.push_str(&frame.local);
        }
        if path.is_empty() {
            path.push('/');
        }
        path
    }

    /// A new finding at the innermost open element.
    pub(crate) fn draft(
        &mut self,
        rule: BuiltinRule,
        offset: usize,
        length: usize,
    ) -> &mut crate::output::Draft {
        let path = self.path();
        let index = self.out.draft(self.file, self.plan, rule, offset, length);
        let element = self
            .stack
            .last()
            .and_then(|frame| frame.element)
            .and_then(|id| {
                self.plan
                    .compiled
                    .schema
                    .element(id)
                    .facts
                    .dictionary_name
                    .clone()
            });
        let draft = &mut self.out.drafts[index];
        draft.finding.path = Some(path.into());
        draft.finding.element = element;
        draft
    }
}

/// Whether what stands at the end of a chunk can be the beginning of markup that more input would complete.
fn cut_off(rest: &str) -> bool {
    ["<!--", "<![CDATA[", "<!DOCTYPE"]
        .iter()
        .any(|markup| markup.starts_with(rest))
        || (rest.starts_with('&') && !rest[1..].contains(['<', '&', ';']))
}
