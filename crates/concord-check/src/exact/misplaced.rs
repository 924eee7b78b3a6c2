//! Elements where they do not belong, so that one mistake is one finding: what stands too early, what turns up late, and what
//! has lost the start tag of the element that it belongs into.

use std::sync::Arc;

use concord_standards::compile::{Label, Model};
use concord_standards::schema::{QName, TypeId};

use super::Exact;
use super::frame::{Frame, Inside, Skipped};
use crate::catalogue::BuiltinRule;
use crate::cursor::{Cursor, Placed, lookup};
use crate::placement;

/// Missing elements of one element that are remembered in case they turn up later.
const MOST_SKIPPED: usize = 64;

impl Exact<'_, '_> {
    /// Makes the finding of a child that does not fit, if it does not.
    pub(super) fn report_placement(
        &mut self,
        model: &Model,
        before: Cursor,
        placed: &Placed,
        label: Label,
        local: &Arc<str>,
        start: usize,
    ) {
        if matches!(placed, Placed::Late) && self.turns_up_late(model, label, local) {
            return;
        }
        let parent = self.parent_name();
        let schema = &self.plan.compiled.schema;
        let Some(placement) = placement::describe(schema, model, &before, placed, local, &parent)
        else {
            return;
        };
        let length = self.tag_length(start);
        let draft = self.draft(placement.rule, start, length);
        placement.fill(draft);
        let early = match placed {
            Placed::After(missing) => Some((missing.clone(), before, label)),
            Placed::Late => before
                .without_last(model, label)
                .map(|(without, last)| (Vec::new(), without, last)),
            _ => None,
        };
        let draft = self.out.drafts.len() - 1;
        if let Some((missing, before, early)) = early
            && let Some(frame) = self.stack.last_mut()
            && frame.skipped.len() < MOST_SKIPPED
        {
            let child = placement::children(model).get(early as usize);
            let name = child.map(|child| schema.element(*child).name.local.clone());
            frame.skipped.push(Skipped {
                draft,
                missing,
                before,
                found: (early, name.unwrap_or_default()),
            });
        }
    }

    /// What belongs before a child that stood too early is here: one mistake, one finding.
    fn turns_up_late(&mut self, model: &Model, label: Label, local: &str) -> bool {
        let Some(frame) = self.stack.last_mut() else {
            return false;
        };
        let mut skipped = frame.skipped.iter_mut();
        let earlier = skipped.find_map(|skipped| {
            let fits = skipped.lets_in(model, label);
            let mut missing = skipped.missing.iter().flatten();
            (fits || missing.any(|missing| *missing == label)).then_some(skipped)
        });
        let Some(skipped) = earlier else {
            return false;
        };
        if skipped.missing.is_empty() {
            return true; // That it stands too early has been told.
        }
        let early = &skipped.found.1;
        let draft = &mut self.out.drafts[skipped.draft];
        draft.finding.rule = BuiltinRule::Order.rule().clone();
        draft.finding.facts.retain(|(name, _)| name == "parent");
        draft
            .plain("found", early.to_string())
            .plain("where", format!("`{local}` must stand before `{early}`"));
        true
    }

    /// Notes, of a child or text of the innermost open element, whether findings beyond those told say that it does not belong
    /// there.
    pub(super) fn note_strays(&mut self, told: usize) {
        let is_stray = self.out.drafts.len() > told;
        let strays = match self.stack.last_mut() {
            // Of what stands in a value only the first is told.
            Some(frame) if !is_stray && matches!(frame.inside, Inside::Value(_)) => return,
            Some(frame) => &mut frame.strays,
            None => &mut self.out.strays,
        };
        *strays = is_stray.then(|| strays.unwrap_or(told));
    }

    /// One mistake, one finding: an end tag without a start tag, where what stands before it does not belong into the innermost
    /// open element, says that it all belongs into a child, and is not told besides. Whether that is so.
    pub(super) fn start_tag_lost(&mut self, written: &str, end_tag: usize) -> bool {
        let strays = match self.stack.last() {
            Some(frame) => frame.strays,
            None => self.out.strays,
        };
        let (Some(first), Some(label)) = (strays, self.label_here(written)) else {
            return false;
        };
        let Some(stray) = self.out.drafts.get(first) else {
            return false;
        };
        let place = stray.offset as usize;
        self.out.drafts.truncate(first);
        if self.stack.is_empty() && self.plan.is_record(local_part(written)) {
            self.begin_record(place);
            self.begin_rows(self.root_child_node(label), place);
        }
        let reason =
            format!("this belongs into `{written}`, which has an end tag and no start tag");
        self.unreadable_to(end_tag, place, reason)
    }

    /// One mistake, one finding: an end tag that closes the element around the innermost open one, where what stands in that one
    /// last does not belong there, says that its own end tag is lost, and is not told besides. Whether that is so.
    pub(super) fn end_tag_lost(&mut self, written: &str, end_tag: usize) -> bool {
        let [.., outer, frame] = &self.stack[..] else {
            return false;
        };
        let Some(first) = frame.strays.filter(|_| self.written(outer) == written) else {
            return false;
        };
        let Some(stray) = self.out.drafts.get(first) else {
            return false;
        };
        let (place, opened) = (stray.offset as usize, self.written(frame).to_owned());
        self.out.drafts.truncate(first);
        let reason =
            format!("`</{opened}>` must stand before this, and `</{written}>` follows without it");
        self.unreadable_to(end_tag, place, reason)
    }

    /// One mistake, one finding: the innermost open element has a name that does not belong here, and an end tag with one that
    /// does. Whether that is so.
    pub(super) fn start_tag_misspelt(&mut self, written: &str, end_tag: usize) -> bool {
        let [.., outer, frame] = &self.stack[..] else {
            return false;
        };
        let (opened, place) = (self.written(frame).to_owned(), frame.name.0 - 1);
        let told = outer.strays.and_then(|first| {
            let mut told = self.out.drafts.get(first..)?.iter();
            Some(first + told.position(|draft| draft.offset == place)?)
        });
        let (Some(told), true) = (told, self.label_in(outer, written).is_some()) else {
            return false;
        };
        self.out.drafts.truncate(told);
        let reason =
            format!("`<{opened}>` has the end tag `</{written}>`: one of the two is misspelt");
        self.unreadable_to(end_tag, place as usize, reason)
    }

    /// Tells at `place` why a record cannot be read any further. What follows the end tag may be read again.
    fn unreadable_to(&mut self, end_tag: usize, place: usize, reason: String) -> bool {
        self.malformed(place, reason);
        self.fatal = Some(end_tag);
        true
    }

    /// The name of an open element as it is written.
    fn written(&self, frame: &Frame) -> &str {
        let (at, length) = (frame.name.0 as usize, frame.name.1 as usize);
        &self.chunk[at..at + length]
    }

    /// The label of a name as it is written, if it is that of a child of the innermost open element, or of the root.
    fn label_here(&self, written: &str) -> Option<Label> {
        match self.stack.last() {
            Some(frame) => self.label_in(frame, written),
            None => self.label_of(written, self.root?.content, self.out.cursor),
        }
    }

    /// The same among the children of an open element.
    fn label_in(&self, frame: &Frame, written: &str) -> Option<Label> {
        match frame.inside {
            Inside::Children(id) => self.label_of(written, TypeId::Complex(id), frame.cursor),
            _ => None,
        }
    }

    fn label_of(&self, written: &str, content: TypeId, cursor: Cursor) -> Option<Label> {
        let TypeId::Complex(id) = content else {
            return None;
        };
        let (prefix, local) = written.split_once(':').unwrap_or(("", written));
        let name = QName::new(self.namespaces.resolve(prefix)?, local);
        let compiled = &self.plan.compiled;
        lookup(&compiled.schema, compiled.model(id), cursor, &name).map(|known| known.label())
    }
}

/// A name without its prefix.
fn local_part(written: &str) -> &str {
    written.split_once(':').map_or(written, |(_, local)| local)
}

impl Skipped {
    /// Takes a child before the one that stood too early, if both have their places so.
    fn lets_in(&mut self, model: &Model, label: Label) -> bool {
        let with = self.before.with_before(model, label, self.found.0);
        self.before = with.unwrap_or(self.before);
        with.is_some()
    }
}
