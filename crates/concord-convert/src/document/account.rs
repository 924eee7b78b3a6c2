//! What rows said and the document does not.

use std::sync::Arc;

use concord_model::entities::{Entity, Kind};

use super::facts::Facts;
use super::plan::DocumentPlan;
use super::reference::{self, REFERENCE};
use super::state::{Fate, State};
use crate::loss::{LossReason, Losses};

/// What is always counted anew.
const COUNT: (&str, &str) = ("submission", "control_count");

/// Counts the values of a record that were not written, and those that were `said` and had to be replaced.
pub(super) fn account(
    plan: &DocumentPlan<'_>,
    said: &Facts<'_>,
    facts: &Facts<'_>,
    state: &State,
    losses: &mut Losses,
) {
    for (row, fact) in said.rows.iter().enumerate() {
        let taken = state.taken[row].map(|source| &plan.sources[source]);
        for (number, field) in fact.entity.fields.iter().enumerate() {
            let Some(value) = said.value(row, number) else {
                continue;
            };
            let named = (fact.entity.name, field.name);
            if facts.value(row, number) != Some(value) && named != COUNT {
                let reason = if named == REFERENCE && reference::number(value).is_some() {
                    LossReason::Renumbered
                } else {
                    LossReason::NotOfItsForm
                };
                losses.add(&element(fact.entity, number), reason, 1);
                continue;
            }
            let told = match taken {
                Some(source) => !source.says(number, value),
                // That a row went nowhere is told by what it says, not by what kind of row it is.
                None => !(field.title.is_empty() && matches!(field.kind, Kind::Code { .. })),
            };
            if !told {
                continue;
            }
            let element = || element(fact.entity, number);
            match &state.fates[row][number] {
                Fate::Carried => {}
                Fate::Lost(reason, detail) => {
                    losses.add_detail(&element(), *reason, detail.as_deref(), 1);
                }
                Fate::Waiting => {
                    let (reason, detail) = why(plan, facts, state, row, number);
                    losses.add_detail(&element(), reason, detail, 1);
                }
            }
        }
    }
}

/// Counts the values of a record that is left out which would not have been taken.
pub(super) fn refused(said: &Facts<'_>, state: &State, losses: &mut Losses) {
    for (fact, fates) in said.rows.iter().zip(&state.fates) {
        for (field, fate) in fates.iter().enumerate() {
            if let Fate::Lost(reason, detail) = fate
                && *reason != LossReason::Incomplete
            {
                losses.add_detail(&element(fact.entity, field), *reason, detail.as_deref(), 1);
            }
        }
    }
}

/// Why nothing became of a value: a group that it could have stood in is left out, other rows stand where its row could
/// have, or there is no place for it.
fn why<'s>(
    plan: &DocumentPlan<'_>,
    facts: &Facts<'_>,
    state: &'s State,
    row: usize,
    field: usize,
) -> (LossReason, Option<&'s str>) {
    let mut taken = false;
    for (id, source) in plan.sources.iter().enumerate() {
        if !facts.matching(source).any(|other| other == row) {
            continue;
        }
        taken |= state.taken.contains(&Some(id));
        let fields = source.fields.iter().filter(|(other, _)| *other == field);
        for place in fields.flat_map(|(_, places)| places) {
            let mut above = std::iter::successors(Some(*place), |id| plan.place(*id).parent);
            let left_out = above.find_map(|above| {
                let mut incomplete = state.incomplete.iter();
                incomplete.find(|(place, _)| *place == above)
            });
            if let Some((_, detail)) = left_out {
                return (LossReason::Incomplete, Some(detail));
            }
        }
    }
    if taken && state.taken[row].is_none() {
        (LossReason::Several, None)
    } else {
        (LossReason::NoPlace, None)
    }
}

/// The name of a field's element in the dictionary, or that of the field.
fn element(entity: &Entity, field: usize) -> Arc<str> {
    let field = &entity.fields[field];
    if field.title.is_empty() {
        format!("{}.{}", entity.name, field.name).into()
    } else {
        field.title.into()
    }
}
