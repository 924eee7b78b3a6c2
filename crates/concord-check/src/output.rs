//! What checking one chunk gives: findings whose lines are not known yet, captured values, and what stood at the root.

use std::borrow::Cow;
use std::sync::Arc;

use concord_finding::{Effect, Fact, Finding, RuleClass};

use crate::capture::Captured;
use crate::catalogue::BuiltinRule;
use crate::cursor::Cursor;
use crate::plan::{CaptureNode, Plan};

/// A finding whose place is still an offset in its chunk.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The finding, without place, record and excerpt.
    pub finding: Finding,
    /// Offset in the chunk in bytes.
    pub offset: u32,
    /// Bytes that it is about; 0 marks a point.
    pub length: u32,
    /// Its record in the chunk, from 0; `None` when it is about no record.
    pub record: Option<u32>,
    /// Where in the input another value stands with which the one that it is about was compared.
    pub compared: Option<u64>,
    /// What of the record was not read, where the finding is about such a thing: captured values hold nothing of it.
    pub unread: Option<Unread>,
    /// Whether the value at `offset` is none of its kind, so that a rule about it would only say so again.
    pub unusable: bool,
}

/// Something of a record that nobody who takes its captured values gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The element, or what else it is, in words.
    pub what: Arc<str>,
    /// Whether it stands where another one was read; else it has no place at all.
    pub again: bool,
}

impl Unread {
    /// Something that has no place.
    pub(crate) fn without_place(what: impl Into<Arc<str>>) -> Self {
        Self {
            what: what.into(),
            again: false,
        }
    }
}

/// A finding whose place is relative to its chunk.
#[derive(Debug)]
pub(crate) struct Relative {
    pub(crate) finding: Finding,
    pub(crate) record: Option<u32>,
    /// Where in the input stands what it was compared with.
    pub(crate) compared: Option<u64>,
}

/// A record of the chunk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    /// Offset of its start tag.
    pub(crate) start: u32,
    /// Rank and span of the best key found so far.
    pub(crate) key: Option<(u32, u32, u32)>,
    /// Whether a finding says that the key holds something personal, whatever its element is for.
    pub(crate) secret: bool,
    /// Span of what says who provided it.
    pub(crate) provider: Option<(u32, u32)>,
}

/// Something that stood directly below the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RootItem {
    /// A child that the content model knows by this label.
    Child {
        /// Its label in the root's model.
        label: u16,
        /// Offset of its start tag.
        offset: u32,
        /// Its record in the chunk, when it is one.
        record: Option<u32>,
    },
    /// The root's end tag; the offset behind it.
    End(u32),
}

/// Everything that comes of one chunk.
#[derive(Debug, Default)]
#[allow(clippy::struct_excessive_bools)] // each is a fact about the chunk that is independent of the others
pub(crate) struct Output {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) captured: Captured,
    /// The row that is being filled, by group.
    pub(crate) rows: Vec<u32>,
    pub(crate) records: Vec<Record>,
    pub(crate) items: Vec<RootItem>,
    /// Where in the root's content model we are, when that must be known to tell what a name means.
    pub(crate) cursor: Cursor,
    /// The record that is being read.
    pub(crate) record: Option<u32>,
    /// The first finding about what does not belong below the root, while nothing that belongs there follows.
    pub(crate) strays: Option<usize>,
    /// Nothing after this offset could be read, because something that began there does not end in the chunk.
    pub(crate) unfinished: Option<u32>,
    /// Whether the root's end tag has been read.
    pub(crate) ended: bool,
    /// Whether something was not well-formed, so that what is missing may have been lost with it.
    pub(crate) fatal: bool,
    /// Whether the chunk ends somewhere inside something that could not be read.
    pub(crate) lost: bool,
    /// Whether something after the root's end has been reported.
    pub(crate) over: bool,
}

impl Output {
    /// Empty, for a plan.
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            captured: Captured::new(&plan.capture),
            rows: vec![0; plan.capture.groups.len()],
            ..Self::default()
        }
    }

    /// Forgets everything and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.drafts.clear();
        self.captured.clear();
        self.records.clear();
        self.items.clear();
        self.cursor = Cursor::default();
        self.record = None;
        self.strays = None;
        self.unfinished = None;
        self.ended = false;
        self.fatal = false;
        self.lost = false;
        self.over = false;
        self.rows.fill(0);
    }

    /// Where the last child of the root begins that begins at an offset or before it; 0 when none does.
    pub(crate) fn root_child_before(&self, offset: u32) -> u32 {
        let mut children = self.items.iter().rev().filter_map(|item| match item {
            RootItem::Child { offset, .. } => Some(*offset),
            RootItem::End(_) => None,
        });
        children.find(|start| *start <= offset).unwrap_or(0)
    }

    /// Notes the root's end tag, behind which stands `offset`.
    pub(crate) fn end_root(&mut self, offset: usize) {
        self.items.push(RootItem::End(offset as u32));
        self.ended = true;
    }

    /// Begins rows, cells and keys for an element at `offset`.
    #[inline]
    pub(crate) fn open_rows(&mut self, plan: &Plan, groups: &[u32], offset: u32) {
        for group in groups {
            let parent = plan.capture.groups[*group as usize].parent;
            let record = self.record.unwrap_or(0);
            let own = self.captured.groups[*group as usize].len() as u32;
            let parent = parent.map_or(own, |parent| self.rows[parent]);
            self.rows[*group as usize] =
                self.captured
                    .add_row(*group as usize, parent, record, offset);
        }
    }

    /// Puts a span of the chunk into the cells of a node.
    #[inline]
    pub(crate) fn put_span(&mut self, cells: &[(u32, u32)], start: u32, length: u32) {
        for (group, column) in cells {
            let row = self.rows[*group as usize];
            if (row as usize) < self.captured.groups[*group as usize].len() {
                self.captured
                    .put_span(*group as usize, row, *column as usize, start, length);
            }
        }
    }

    /// Puts decoded text, which is written at `offset`, into the cells of a node.
    pub(crate) fn put_text(&mut self, cells: &[(u32, u32)], text: &str, offset: u32) {
        for (group, column) in cells {
            let row = self.rows[*group as usize];
            if (row as usize) < self.captured.groups[*group as usize].len() {
                self.captured
                    .put_decoded(*group as usize, row, *column as usize, text, offset);
            }
        }
    }

    /// Takes the text of a node that is `written` at `offset` in another way, for cells and for what identifies the record.
    pub(crate) fn put_other(&mut self, node: &CaptureNode, text: &str, written: &str, offset: u32) {
        self.put_text(&node.cells, text, offset);
        let trimmed = written.trim_ascii_start();
        let blanks = (written.len() - trimmed.len()) as u32;
        let length = trimmed.trim_ascii_end().len() as u32;
        self.put_identity(node, offset + blanks, length);
    }

    /// Remembers a key of the current record if it is better than the one known.
    #[inline]
    fn put_key(&mut self, rank: u32, start: u32, length: u32) {
        if let Some(record) = self.record {
            let record = &mut self.records[record as usize];
            if length > 0 && record.key.is_none_or(|(known, ..)| rank < known) {
                record.key = Some((rank, start, length));
            }
        }
    }

    /// Takes the text of a node for what identifies the current record, or says who provided it, where the plan says so.
    #[inline]
    pub(crate) fn put_identity(&mut self, node: &CaptureNode, start: u32, length: u32) {
        if let Some(rank) = node.key {
            self.put_key(rank, start, length);
        }
        if node.provider
            && length > 0
            && let Some(record) = self.record
        {
            let record = &mut self.records[record as usize];
            record.provider.get_or_insert((start, length));
        }
    }

    /// Adds a finding and returns its number, so that it can still be changed.
    pub(crate) fn draft(
        &mut self,
        file: &Arc<str>,
        plan: &Plan,
        rule: BuiltinRule,
        offset: usize,
        length: usize,
    ) -> usize {
        let mut finding = Finding::new(rule.rule().clone(), file.clone());
        finding.standard.clone_from(&plan.standard);
        finding.effect = self.effect(plan, rule);
        if matches!(finding.rule.class, RuleClass::Structure | RuleClass::Value) {
            finding.authority.clone_from(&plan.authority);
        }
        self.drafts.push(Draft {
            finding,
            offset: offset as u32,
            length: length as u32,
            record: self.record,
            compared: None,
            unread: None,
            unusable: false,
        });
        self.drafts.len() - 1
    }

    fn effect(&self, plan: &Plan, rule: BuiltinRule) -> Effect {
        let own = rule.rule().effect;
        match (rule.rule().class, self.record) {
            (RuleClass::Carrier | RuleClass::Business, _) => own,
            (_, None) => plan.effects.envelope.unwrap_or(Effect::RejectFile),
            (RuleClass::Structure, Some(_)) => plan.effects.structure.unwrap_or(own),
            (RuleClass::Value, Some(_)) => plan.effects.value.unwrap_or(own),
        }
    }
}

impl Draft {
    /// Adds a fact.
    pub(crate) fn fact(&mut self, name: &'static str, fact: Fact) -> &mut Self {
        self.finding.facts.push((Cow::Borrowed(name), fact));
        self
    }

    /// Adds a fact that is plain text.
    pub(crate) fn plain(&mut self, name: &'static str, text: impl Into<String>) -> &mut Self {
        self.fact(name, Fact::Plain(text.into()))
    }
}
