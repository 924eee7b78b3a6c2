//! An element that has been opened and not closed.

use std::sync::Arc;

use concord_standards::compile::Label;
use concord_standards::schema::{ComplexTypeId, ElementId, SimpleTypeId};

use crate::cursor::{Cursor, OneOf};
use crate::plan::NOTHING;

/// How the content of an open element is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inside {
    /// Children in the order of a type.
    Children(ComplexTypeId),
    /// Text of a type.
    Value(SimpleTypeId),
    /// Nothing may stand there.
    Empty,
    /// Anything; known elements are checked.
    Anything,
    /// Not looked at, because what it belongs to is not known.
    Skipped,
}

/// An open element.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Its declaration, when it has one.
    pub(crate) element: Option<ElementId>,
    /// Its local name, for messages and paths.
    pub(crate) local: Arc<str>,
    /// Its name as written, to be met again in the end tag: offset and length in the chunk.
    pub(crate) name: (u32, u32),
    /// How its content is treated.
    pub(crate) inside: Inside,
    /// Where we are in its content model.
    pub(crate) cursor: Cursor,
    /// What is captured here; [`NOTHING`] for nothing.
    pub(crate) node: u32,
    /// Bindings before its own.
    pub(crate) mark: usize,
    /// The number by which the fast path knows it, if it can go on in it.
    pub(crate) entry: Option<u32>,
    /// Its text so far.
    pub(crate) text: Text,
    /// Whether it is declared nil.
    pub(crate) nil: bool,
    /// Whether text between its children, or content in it, has been reported.
    pub(crate) reported: bool,
    /// Elements reported as missing, which may turn up later and so only be out of order: finding and labels.
    pub(crate) skipped: Vec<Skipped>,
    /// The first of the findings about children or text that do not belong here, behind the last child that does.
    pub(crate) strays: Option<usize>,
}

/// A child that stands too early: what belongs before it comes later, or does not come.
#[derive(Debug)]
pub(crate) struct Skipped {
    /// The finding's number among the drafts.
    pub(crate) draft: usize,
    /// What is missing; nothing where none of what belongs before it must be there.
    pub(crate) missing: Vec<OneOf>,
    /// Where the content model would be without it.
    pub(crate) before: Cursor,
    /// What it is.
    pub(crate) found: (Label, Arc<str>),
}

/// The text of an open element.
#[derive(Debug, Default)]
pub(crate) struct Text {
    /// The one run of characters that needs no decoding.
    pub(crate) span: Option<(u32, u32)>,
    /// From where to where its runs stand in the chunk.
    pub(crate) place: Option<(u32, u32)>,
    /// Everything else.
    pub(crate) decoded: Option<String>,
    /// Bytes so far, against the limit.
    pub(crate) length: usize,
}

impl Frame {
    /// An element whose content is not looked at.
    pub(crate) fn skipped(local: Arc<str>, name: (u32, u32), mark: usize) -> Self {
        Self {
            element: None,
            local,
            name,
            inside: Inside::Skipped,
            cursor: Cursor::default(),
            node: NOTHING,
            mark,
            entry: None,
            text: Text::default(),
            nil: false,
            reported: false,
            skipped: Vec::new(),
            strays: None,
        }
    }
}

impl Text {
    /// Notes where a run stands.
    pub(crate) fn extend(&mut self, start: usize, end: usize) {
        let start = self.place.map_or(start as u32, |(start, _)| start);
        self.place = Some((start, end as u32));
    }

    /// Adds a run that stands in the chunk as it is.
    pub(crate) fn add_span(&mut self, chunk: &str, start: u32, length: u32) {
        self.length += length as usize;
        if self.span.is_none() && self.decoded.is_none() {
            self.span = Some((start, length));
        } else {
            let text = &chunk[start as usize..(start + length) as usize];
            self.buffer(chunk).push_str(text);
        }
    }

    /// Adds decoded characters.
    pub(crate) fn add(&mut self, chunk: &str, text: &str) {
        self.length += text.len();
        self.buffer(chunk).push_str(text);
    }

    fn buffer(&mut self, chunk: &str) -> &mut String {
        let before = match self.span.take() {
            Some((start, length)) => chunk[start as usize..(start + length) as usize].to_owned(),
            None => String::new(),
        };
        self.decoded.get_or_insert(before)
    }

    /// Where it stands: offset and length; for no text a place of which to say so.
    pub(crate) fn written_at(&self, otherwise: usize) -> (usize, usize) {
        match self.place {
            Some((from, to)) => (from as usize, (to - from) as usize),
            None => (otherwise, 0),
        }
    }

    /// The whole text.
    pub(crate) fn get<'t>(&'t self, chunk: &'t str) -> &'t str {
        match (&self.decoded, self.span) {
            (Some(text), _) => text,
            (None, Some((start, length))) => &chunk[start as usize..(start + length) as usize],
            (None, None) => "",
        }
    }
}
