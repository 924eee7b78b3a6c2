//! Start tags and end tags: what an element is, where it stands, and how it ends.

use std::sync::Arc;

use concord_finding::Fact;
use concord_standards::compile::{Label, Model};
use concord_standards::schema::{Content, ElementId, ProcessContents, QName, TypeId, Wildcard};

use super::attributes::Attribute;
use super::content::fixed_value;
use super::frame::{Frame, Inside};
use super::{Exact, Root};
use crate::catalogue::BuiltinRule;
use crate::cursor::{Known, depends_on_place, lookup};
use crate::lexical;
use crate::output::{Record, RootItem, Unread};
use crate::placement;
use crate::plan::NOTHING;

/// What is said of a tag in which another begins.
pub(super) const NOT_CLOSED: &str =
    "`<` stands inside this tag: a quote or `>` is missing before it, or it should be `&lt;`";

/// What a child turned out to be.
pub(super) enum Identity {
    Declared(ElementId),
    Anything,
    Skipped,
}

impl Exact<'_, '_> {
    /// A start tag, or an empty-element tag.
    pub(super) fn start_tag(
        &mut self,
        raw_name: &str,
        raw_attributes: &str,
        start: usize,
        end: usize,
        empty: bool,
    ) {
        if raw_name.contains('<') || raw_attributes.contains('<') {
            return self.malformed(start, NOT_CLOSED);
        }
        if !lexical::is_qualified_name(raw_name) {
            return self.malformed(start, "this is not the name of an element");
        }
        if self.stack.len() >= self.plan.limits.depth {
            return self.beyond_limit(BuiltinRule::Depth, start, self.plan.limits.depth);
        }
        if self.out.ended {
            return self.malformed(start, "an element stands after the end of the root element");
        }
        let (prefix, local) = raw_name.split_once(':').unwrap_or(("", raw_name));
        if self.stack.is_empty() && self.root.is_some() && self.plan.is_record(local) {
            self.begin_record(start);
        }
        let mark = self.namespaces.mark();
        let name_end = start + 1 + raw_name.len();
        let Some(attributes) = self.read_attributes(raw_attributes, name_end) else {
            return;
        };
        let Some(namespace) = self.namespaces.resolve(prefix) else {
            return self.malformed(start, format!("the prefix `{prefix}` is not declared"));
        };
        let name = QName::new(namespace, local);
        let written = (start as u32 + 1, raw_name.len() as u32);
        if self.root.is_none() && self.stack.is_empty() {
            self.open_root(name, raw_name, &attributes, start);
            if empty && self.solitary.is_some() {
                self.close(start, end);
            } else if empty && self.opened.is_some() {
                self.out.end_root(end);
            }
            return;
        }
        let told = self.out.drafts.len();
        let (identity, node) = self.identify(&name, start);
        self.note_strays(told);
        let mut frame = Frame::skipped(name.local.clone(), written, mark);
        match identity {
            Identity::Skipped => {}
            Identity::Anything => frame.inside = Inside::Anything,
            Identity::Declared(element) => {
                frame.element = Some(element);
                frame.node = node;
            }
        }
        self.stack.push(frame);
        match identity {
            Identity::Declared(element) => self.begin_declared(element, &attributes, start, end),
            Identity::Anything => self.begin_undeclared(&attributes, start, end),
            Identity::Skipped => {}
        }
        if empty {
            return self.close(start, end);
        }
        let entry = self.entry();
        if let Some(frame) = self.stack.last_mut() {
            frame.entry = entry;
        }
    }

    fn begin_declared(
        &mut self,
        element: ElementId,
        attributes: &[Attribute<'_>],
        start: usize,
        end: usize,
    ) {
        let declaration = self.plan.compiled.schema.element(element);
        if declaration.is_abstract {
            let found = declaration.name.to_string();
            self.draft(BuiltinRule::Abstract, start, end - start)
                .plain("found", found);
        }
        let content = self.effective_type(declaration.content, Some(element), attributes, start);
        let inside = self.inside(content);
        let nil = self.check_nil(element, attributes);
        if let Some(frame) = self.stack.last_mut() {
            frame.inside = inside;
            frame.nil = nil;
            let node = frame.node;
            self.begin_rows(node, start);
        }
        self.check_attributes(content, attributes, start, end);
    }

    /// Begins the rows of what is captured at a node, if anything is.
    pub(super) fn begin_rows(&mut self, node: u32, start: usize) {
        if node != NOTHING {
            let plan = self.plan;
            self.out
                .open_rows(plan, &plan.nodes[node as usize].rows, start as u32);
        }
    }

    /// Begins an element without a declaration where one is not asked for: a type that it names itself holds, and attributes
    /// that are declared. XML Schema part 1, 3.3.4 (lax assessment).
    fn begin_undeclared(&mut self, attributes: &[Attribute<'_>], start: usize, end: usize) {
        let content = self.effective_type(TypeId::Any, None, attributes, start);
        let inside = self.inside(content);
        if let Some(frame) = self.stack.last_mut() {
            frame.inside = inside;
        }
        self.check_attributes(content, attributes, start, end);
    }

    fn inside(&self, content: TypeId) -> Inside {
        match content {
            TypeId::Simple(id) => Inside::Value(id),
            TypeId::Any => Inside::Anything,
            TypeId::Complex(id) => match &self.plan.compiled.schema.complex_type(id).content {
                Content::Empty => Inside::Empty,
                Content::Simple(simple) => Inside::Value(*simple),
                Content::Children { .. } => Inside::Children(id),
            },
        }
    }

    fn open_root(
        &mut self,
        name: QName,
        raw_name: &str,
        attributes: &[Attribute<'_>],
        start: usize,
    ) {
        let schema = &self.plan.compiled.schema;
        let Some(element) = schema
            .roots
            .iter()
            .copied()
            .find(|id| schema.element(*id).name == name)
        else {
            let known: Vec<String> = schema
                .roots
                .iter()
                .map(|id| {
                    let name = &schema.element(*id).name;
                    match &*name.namespace {
                        "" => format!("`{}`", name.local),
                        namespace => format!("`{}` in the namespace {namespace}", name.local),
                    }
                })
                .collect();
            let shown = match &*name.namespace {
                "" => format!("`{}` in no namespace", name.local),
                namespace => format!("`{}` in the namespace {namespace}", name.local),
            };
            let draft = self.draft(BuiltinRule::UnknownRoot, start, raw_name.len() + 1);
            draft.finding.value = Some(Fact::Plain(shown));
            draft.finding.expected = Some(Fact::List(known));
            self.fatal = Some(start);
            return;
        };
        let node = self.plan.roots.get(&element).copied().unwrap_or(NOTHING);
        let written = (start as u32 + 1, raw_name.len() as u32);
        let mut frame = Frame::skipped(name.local.clone(), written, 0);
        frame.element = Some(element);
        frame.node = node;
        self.stack.push(frame);
        let declared = schema.element(element).content;
        let content = self.effective_type(declared, Some(element), attributes, start);
        self.begin_rows(node, start);
        self.check_attributes(content, attributes, start, start + raw_name.len() + 1);
        let nil = self.check_nil(element, attributes);
        let inside = self.inside(content);
        let root = Root {
            content,
            name: raw_name.into(),
            local: name.local,
            namespaces: self.namespaces.clone(),
            node,
            by_place: match inside {
                Inside::Children(id) => {
                    let model = self.plan.compiled.model(id);
                    depends_on_place(&self.plan.compiled.schema, model)
                }
                _ => false,
            },
        };
        let fixed = fixed_value(schema.element(element)).is_some();
        if !nil && !fixed && matches!(inside, Inside::Children(_) | Inside::Anything) {
            self.stack.pop();
            self.opened = Some(root);
        } else if let Some(frame) = self.stack.last_mut() {
            // Its content is read like any other element's; nothing is left to be read of it then.
            frame.inside = inside;
            frame.nil = nil;
            self.solitary = Some(Root {
                content: TypeId::Any,
                ..root
            });
        }
    }

    /// What a child of the innermost open element is, with the findings about where it stands.
    fn identify(&mut self, name: &QName, start: usize) -> (Identity, u32) {
        let Some(frame) = self.stack.last() else {
            return self.identify_root_child(name, start);
        };
        match frame.inside {
            Inside::Skipped => (Identity::Skipped, NOTHING),
            Inside::Value(_) => self.no_children(BuiltinRule::ChildInValue, name, start),
            Inside::Empty => self.no_children(BuiltinRule::NotEmpty, name, start),
            _ if frame.nil => self.no_children(BuiltinRule::NotEmpty, name, start),
            _ if self.fixed_text(frame).is_some() => {
                self.no_children(BuiltinRule::ChildInValue, name, start)
            }
            Inside::Anything => (self.declared_globally(name), NOTHING),
            Inside::Children(id) => {
                let compiled = &self.plan.compiled;
                let model = compiled.model(id);
                match lookup(&compiled.schema, model, frame.cursor, name) {
                    Some(Known::Child(label, element)) => {
                        let node = self.child_node(id, label, &name.local);
                        let told = self.out.drafts.len();
                        self.place(model, label, &name.local, start);
                        (
                            Identity::Declared(element),
                            self.first_only(node, told, &name.local),
                        )
                    }
                    Some(Known::Wildcard(label, wildcard)) => {
                        self.place(model, label, &name.local, start);
                        (self.behind_wildcard(wildcard, name, start), NOTHING)
                    }
                    None => self.unknown(model, Some(id), name, start),
                }
            }
        }
    }

    /// A child where none may be: the first is told, for with an end tag lost all that follows stands there.
    fn no_children(&mut self, rule: BuiltinRule, name: &QName, start: usize) -> (Identity, u32) {
        let told = self.stack.last_mut();
        if !told.is_some_and(|frame| std::mem::replace(&mut frame.reported, true)) {
            let draft = self.misfit(rule, name.to_string(), start);
            draft.unread = Some(Unread::without_place(Arc::clone(&name.local)));
        }
        (Identity::Skipped, NOTHING)
    }

    /// A child of the root: whether it may stand there is decided when the chunks are put together.
    fn identify_root_child(&mut self, name: &QName, start: usize) -> (Identity, u32) {
        let Some(root) = self.root else {
            return (Identity::Skipped, NOTHING);
        };
        let plan = self.plan;
        let id = match root.content {
            TypeId::Complex(id) => id,
            TypeId::Any => return (self.declared_globally(name), NOTHING),
            TypeId::Simple(_) => {
                let found = name.to_string();
                self.misfit(BuiltinRule::ChildInValue, found, start);
                return (Identity::Skipped, NOTHING);
            }
        };
        let model = plan.compiled.model(id);
        match lookup(&plan.compiled.schema, model, self.out.cursor, name) {
            Some(Known::Child(label, element)) => {
                self.root_item(model, label, start);
                (Identity::Declared(element), self.root_child_node(label))
            }
            Some(Known::Wildcard(label, wildcard)) => {
                self.root_item(model, label, start);
                (self.behind_wildcard(wildcard, name, start), NOTHING)
            }
            None => self.unknown(model, None, name, start),
        }
    }

    pub(super) fn begin_record(&mut self, start: usize) {
        self.out.record = Some(self.out.records.len() as u32);
        self.out.records.push(Record {
            start: start as u32,
            key: None,
            secret: false,
            provider: None,
        });
    }

    pub(super) fn root_item(&mut self, model: &Model, label: Label, start: usize) {
        if self.root.is_some_and(|root| root.by_place) {
            self.out.cursor.place(model, label);
        }
        self.out.items.push(RootItem::Child {
            label,
            offset: start as u32,
            record: self.out.record,
        });
    }

    pub(super) fn root_child_node(&self, label: Label) -> u32 {
        let node = self.root.map_or(NOTHING, |root| root.node);
        self.node_below(node, label)
    }

    fn node_below(&self, node: u32, label: Label) -> u32 {
        if node == NOTHING {
            return NOTHING;
        }
        self.plan.nodes[node as usize]
            .children
            .get(label as usize)
            .copied()
            .unwrap_or(NOTHING)
    }

    pub(super) fn child_node(
        &self,
        id: concord_standards::schema::ComplexTypeId,
        label: Label,
        local: &Arc<str>,
    ) -> u32 {
        let Some(frame) = self.stack.last() else {
            return NOTHING;
        };
        if frame.node == NOTHING {
            return NOTHING;
        }
        if self.plan.nodes[frame.node as usize].content == Some(id) {
            self.node_below(frame.node, label)
        } else {
            self.plan.child_named(frame.node, local)
        }
    }

    fn behind_wildcard(&mut self, wildcard: &Wildcard, name: &QName, start: usize) -> Identity {
        match (wildcard.process, self.declared_globally(name)) {
            (ProcessContents::Skip, _) => Identity::Skipped,
            (_, declared @ Identity::Declared(_)) => declared,
            (ProcessContents::Lax, other) => other,
            (ProcessContents::Strict, _) => {
                let found = name.to_string();
                let draft = self.misfit(BuiltinRule::Unknown, found, start);
                draft.plain("allowed", "elements that have a global declaration");
                draft.unread = Some(Unread::without_place(Arc::clone(&name.local)));
                Identity::Skipped
            }
        }
    }

    fn declared_globally(&self, name: &QName) -> Identity {
        let schema = &self.plan.compiled.schema;
        schema
            .roots
            .iter()
            .copied()
            .find(|id| schema.element(*id).name == *name)
            .map_or(Identity::Anything, Identity::Declared)
    }

    fn place(&mut self, model: &Model, label: Label, local: &Arc<str>, start: usize) {
        let Some(frame) = self.stack.last_mut() else {
            return;
        };
        let before = frame.cursor;
        let placed = frame.cursor.place(model, label);
        self.report_placement(model, before, &placed, label, local, start);
    }

    /// What is captured of a child: nothing where findings beyond those `told` say that it stands once too often and it makes no
    /// rows of its own, for what stood there first is read.
    fn first_only(&mut self, node: u32, told: usize, local: &Arc<str>) -> u32 {
        let rows = self.plan.nodes.get(node as usize).map(|node| &node.rows);
        if rows.is_some_and(|rows| !rows.is_empty()) {
            return node;
        }
        let too_many = BuiltinRule::TooMany.rule();
        let mut drafts = self.out.drafts[told..].iter_mut();
        let Some(again) = drafts.find(|draft| draft.finding.rule.id == too_many.id) else {
            return node;
        };
        again.unread = Some(Unread {
            what: Arc::clone(local),
            again: true,
        });
        NOTHING
    }

    /// An end tag.
    pub(super) fn end_tag(&mut self, raw_name: &str, start: usize, end: usize) {
        if raw_name.contains('<') {
            return self.malformed(start, NOT_CLOSED);
        }
        let Some(frame) = self.stack.last() else {
            let open = !self.out.ended;
            if let Some(root) = self.root
                && open
                && *root.name == *raw_name
            {
                self.out.end_root(end);
                self.root_end = true;
            } else if !open || !self.start_tag_lost(raw_name, start) {
                self.malformed(
                    start,
                    format!("the end tag `</{raw_name}>` has no start tag"),
                );
            }
            return;
        };
        let (at, length) = (frame.name.0 as usize, frame.name.1 as usize);
        let opened = &self.chunk[at..at + length];
        if opened != raw_name {
            if self.start_tag_lost(raw_name, start)
                || self.end_tag_lost(raw_name, start)
                || self.start_tag_misspelt(raw_name, start)
            {
                return;
            }
            let reason = format!(
                "`</{raw_name}>` stands where `</{opened}>` must: an element is not closed"
            );
            return self.malformed(start, reason);
        }
        self.close(start, end);
    }

    /// Closes the innermost open element; `start` is where its end tag begins.
    pub(super) fn close(&mut self, start: usize, end: usize) {
        let Some(frame) = self.stack.last() else {
            return;
        };
        let inside = frame.inside;
        match inside {
            Inside::Children(id) if !frame.nil => {
                let model = self.plan.compiled.model(id);
                if let Some(missing) = frame.cursor.missing_at_end(model) {
                    let schema = &self.plan.compiled.schema;
                    let placement =
                        placement::missing_at_end(schema, model, &missing, &frame.local);
                    let draft = self.draft(BuiltinRule::Missing, start, 0);
                    placement.fill(draft);
                }
            }
            Inside::Value(simple) => self.close_value(simple, start),
            _ => {}
        }
        self.close_fixed(start);
        if let Some(frame) = self.stack.pop() {
            self.namespaces.leave(frame.mark);
        }
        if self.stack.is_empty()
            && let Some(root) = self.solitary.take()
        {
            self.out.end_root(end);
            self.opened = Some(root);
        }
        if self.stack.is_empty() {
            self.out.record = None;
        }
    }
}
