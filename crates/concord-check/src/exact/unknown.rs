//! Elements that a content model does not have: misspelt, of another namespace, or really unknown.

use std::sync::Arc;

use concord_finding::Fact;
use concord_standards::compile::{Label, Model};
use concord_standards::schema::{ComplexTypeId, QName, TypeId};

use super::Exact;
use super::element::Identity;
use crate::catalogue::BuiltinRule;
use crate::cursor::{Known, lookup};
use crate::lexical;
use crate::output::{Draft, Unread};
use crate::placement;
use crate::plan::NOTHING;

impl Exact<'_, '_> {
    /// A name that the content model does not have: misspelt, of another namespace, or really unknown.
    pub(super) fn unknown(
        &mut self,
        model: &Model,
        parent: Option<ComplexTypeId>,
        name: &QName,
        start: usize,
    ) -> (Identity, u32) {
        if parent.is_some() && self.is_record_of_root(name) {
            let open = self.parent_name().to_string();
            self.malformed(
                start,
                format!("the next record begins before `{open}` ends"),
            );
            // Which is read then, from its own start tag.
            self.fatal = self.fatal.map(|at| at.saturating_sub(1));
            return (Identity::Skipped, NOTHING);
        }
        let plan = self.plan;
        let schema = &plan.compiled.schema;
        let children = placement::children(model);
        let cursor = self.stack.last().map(|frame| frame.cursor);
        let expected: Vec<Label> = match cursor {
            Some(cursor) => cursor.expected(model),
            None => (0..children.len() as Label).collect(),
        };
        let names: Vec<(Label, &str)> = expected
            .iter()
            .filter_map(|label| {
                let child = children.get(*label as usize)?;
                Some((*label, &*schema.element(*child).name.local))
            })
            .collect();
        let same_local = children
            .iter()
            .position(|child| schema.element(*child).name.local == name.local);
        if let Some(label) = same_local {
            let wanted = schema.element(children[label]).name.namespace.to_string();
            self.accept(model, label as Label, start);
            let found = name.to_string();
            let namespace = match &*name.namespace {
                "" => "(none)".to_owned(),
                other => other.to_owned(),
            };
            let draft = self.misfit(BuiltinRule::Namespace, found, start);
            draft.plain("namespace", namespace);
            draft.finding.expected = Some(Fact::Plain(wanted));
            draft.unread = Some(Unread::without_place(Arc::clone(&name.local)));
            return (Identity::Skipped, NOTHING);
        }
        if let Some((label, nearest)) = nearest(&name.local, &names) {
            let nearest = nearest.to_owned();
            let element = children[label as usize];
            let node = if let Some(id) = parent {
                self.child_node(id, label, &schema.element(element).name.local)
            } else {
                if self.out.record.is_none() && plan.is_record(&nearest) {
                    self.begin_record(start);
                }
                self.root_child_node(label)
            };
            self.accept(model, label, start);
            let found = name.to_string();
            let draft = self.misfit(BuiltinRule::Renamed, found, start);
            draft.plain("nearest", nearest);
            return (Identity::Declared(element), node);
        }
        let allowed: Vec<String> = names.iter().map(|(_, name)| (*name).to_owned()).collect();
        let found = name.to_string();
        let draft = self.misfit(BuiltinRule::Unknown, found, start);
        draft.unread = Some(Unread::without_place(Arc::clone(&name.local)));
        if allowed.is_empty() {
            draft.plain("allowed", "nothing more");
        } else {
            draft.fact("allowed", Fact::List(allowed));
        }
        (Identity::Skipped, NOTHING)
    }

    /// Whether a name is that of a record, which stands below the root.
    fn is_record_of_root(&self, name: &QName) -> bool {
        let compiled = &self.plan.compiled;
        let Some(TypeId::Complex(id)) = self.root.map(|root| root.content) else {
            return false;
        };
        let known = lookup(&compiled.schema, compiled.model(id), self.out.cursor, name);
        matches!(known, Some(Known::Child(..))) && self.plan.is_record(&name.local)
    }

    /// Moves on as if the child with `label` stood there.
    fn accept(&mut self, model: &Model, label: Label, start: usize) {
        match self.stack.last_mut() {
            Some(frame) => {
                frame.cursor.place(model, label);
            }
            None => self.root_item(model, label, start),
        }
    }

    pub(super) fn misfit(&mut self, rule: BuiltinRule, found: String, start: usize) -> &mut Draft {
        let parent = self.parent_name().to_string();
        let length = self.tag_length(start);
        let draft = self.draft(rule, start, length);
        draft.plain("found", found).plain("parent", parent)
    }

    /// Bytes of the tag's name with its `<`.
    pub(super) fn tag_length(&self, start: usize) -> usize {
        self.chunk.as_bytes()[start..]
            .iter()
            .take_while(|byte| !lexical::is_space(**byte) && !matches!(byte, b'>' | b'/'))
            .count()
    }
}

/// The expected name that a misspelt one was probably meant to be.
fn nearest<'n>(found: &str, names: &[(Label, &'n str)]) -> Option<(Label, &'n str)> {
    let most = (found.len() / 10).max(2);
    names
        .iter()
        .map(|(label, name)| (strsim::damerau_levenshtein(found, name), *label, *name))
        .filter(|(distance, _, name)| *distance <= most || found.eq_ignore_ascii_case(name))
        .min_by_key(|(distance, ..)| *distance)
        .map(|(_, label, name)| (label, name))
}
