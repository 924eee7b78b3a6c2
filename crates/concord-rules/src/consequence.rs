//! What follows from a value that is wrong in itself is not told besides: one mistake, one finding.
//!
//! A rule's finding names values: the one that it points at, what that was compared with, those of its message. Where one of
//! them has been found to be none of its kind (another format, no code of its list), with an effect no slighter than the
//! rule's, the rule would only say so again. No verdict depends on it.

use std::collections::HashMap;

use concord_check::Draft;
use concord_check::capture::Captured;
use concord_finding::Effect;

use crate::evaluate::Broken;
use crate::native::ChunkSummary;
use crate::rows::climb;
use crate::ruleset::RuleSet;
use crate::tables::{Cell, SUBMISSION};

/// Where values stand in a chunk that are none of their kind, and the effect of that.
#[derive(Debug, Default)]
pub(crate) struct Unusable(HashMap<u32, Effect>);

impl Unusable {
    /// Those that have been found.
    pub(crate) fn of(drafts: &[Draft]) -> Self {
        let unusable = drafts.iter().filter(|draft| draft.unusable);
        Self(
            unusable
                .map(|draft| (draft.offset, draft.finding.effect))
                .collect(),
        )
    }

    /// Whether what a rule says of a value follows from what is wrong with that.
    fn explains(&self, rules: &RuleSet, rule: u32, offset: Option<u32>) -> bool {
        let told = offset.and_then(|offset| self.0.get(&offset));
        told.is_some_and(|told| *told >= rules.rule(rule).effect)
    }
}

impl RuleSet {
    /// Whether a rule is broken because of a value that is none.
    pub(crate) fn follows_from(
        &self,
        unusable: &Unusable,
        broken: &Broken,
        captured: &Captured,
    ) -> bool {
        if unusable.0.is_empty() {
            return false;
        }
        let compiled = &self.rules[broken.rule as usize];
        let aim = compiled.aims[broken.aim as usize];
        let (group, row) = (broken.group as usize, broken.row as usize);
        let offset = |cell: Cell| {
            let row = climb(self, captured, group, row, cell.table);
            captured.offset(cell.table, row, cell.column)
        };
        let facts = compiled.facts.iter().map(|(_, cell)| *cell);
        let mut named = aim.place.into_iter().chain(aim.expected).chain(facts);
        named.any(|cell| {
            cell.table != SUBMISSION && unusable.explains(self, broken.rule, offset(cell))
        })
    }

    /// Leaves values that are none out of those that must be the same throughout.
    pub(crate) fn without(
        &self,
        unusable: &Unusable,
        summary: &mut ChunkSummary,
        captured: &Captured,
    ) {
        if unusable.0.is_empty() {
            return;
        }
        summary.retain_consistent(self, captured, |rule, offset| {
            !unusable.explains(self, rule, offset)
        });
    }
}
