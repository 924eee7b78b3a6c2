//! Elements where they do not belong, so that one mistake is one finding: what stands too early, what turns up late, and what
//! has lost the start tag of the element that it belongs into.

use std::sync::Arc;

use concord_standards::compile::{Label, Model};
use concord_standards::schema::QName;

use super::Exact;
use super::frame::{Inside, Skipped};
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
        if let Some(frame) = self.stack.last_mut() {
            frame.strays = is_stray.then(|| frame.strays.unwrap_or(told));
        }
    }

    /// The first of the findings about what does not belong into the innermost open element, if an end tag says that it all
    /// belongs into a child, whose start tag is lost.
    pub(super) fn strays_of(&self, end_tag: &str) -> Option<usize> {
        let frame = self.stack.last()?;
        let Inside::Children(id) = frame.inside else {
            return None;
        };
        let (prefix, local) = end_tag.split_once(':').unwrap_or(("", end_tag));
        let name = QName::new(self.namespaces.resolve(prefix)?, local);
        let compiled = &self.plan.compiled;
        lookup(&compiled.schema, compiled.model(id), frame.cursor, &name)?;
        frame.strays
    }

    /// One mistake, one finding: what stands where the start tag should is not told besides.
    pub(super) fn start_tag_lost(&mut self, name: &str, first: usize, end_tag: usize) {
        let Some(stray) = self.out.drafts.get(first) else {
            return;
        };
        let place = stray.offset as usize;
        self.out.drafts.truncate(first);
        self.malformed(
            place,
            format!("this belongs into `{name}`, which has an end tag and no start tag"),
        );
        // What follows the end tag may be read again.
        self.fatal = Some(end_tag);
    }
}

impl Skipped {
    /// Takes a child before the one that stood too early, if both have their places so.
    fn lets_in(&mut self, model: &Model, label: Label) -> bool {
        let with = self.before.with_before(model, label, self.found.0);
        self.before = with.unwrap_or(self.before);
        with.is_some()
    }
}
