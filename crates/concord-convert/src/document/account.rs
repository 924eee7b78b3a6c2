//! What rows said and the document does not.

use std::sync::Arc;

use concord_model::entities::{Entity, Kind};

use super::facts::Facts;
use super::plan::DocumentPlan;
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
            if facts.value(row, number) != Some(value) && !(fact.entity.name, field.name).eq(&COUNT) {
                losses.add(&element(fact.entity, number), LossReason::NotOfItsForm, 1);
                continue;
            }
            let told = match taken {
                Some(source) => !source.sets(number),
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
                    let reason = if taken.is_none() && others(plan, facts, state, row) {
                        LossReason::Several
                    } else {
                        LossReason::NoPlace
                    };
                    losses.add(&element(), reason, 1);
                }
            }
        }
    }
}

/// Whether a row that was not taken could have stood where another one stands.
fn others(plan: &DocumentPlan<'_>, facts: &Facts<'_>, state: &State, row: usize) -> bool {
    state.taken.iter().flatten().any(|source| {
        let source = &plan.sources[*source];
        facts.matching(source).any(|other| other == row)
    })
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
