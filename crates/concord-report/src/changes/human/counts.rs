//! How many changes break whom, in a sentence.

use concord_gate::change::{Certainty, Whom};

use crate::changes::{JudgedComparison, Standing, people};
use crate::numbers::many;

/// `14 changes: 5 break submitters (3 proved, 2 decided), 2 receivers; 7 are safe.`
pub(in crate::changes) fn counts(comparison: &JudgedComparison) -> String {
    let mut parts = Vec::new();
    for whom in Whom::ALL {
        let of = |certainty: Certainty| {
            let breaks = comparison.changes.iter().flat_map(|one| &one.change.breaks);
            breaks
                .filter(|breaks| breaks.whom == whom && breaks.certainty == certainty)
                .count()
        };
        let counts = [Certainty::Proved, Certainty::Decided, Certainty::Unknown]
            .map(|certainty| (certainty, of(certainty)));
        let all: usize = counts.iter().map(|(_, number)| number).sum();
        if all == 0 {
            continue;
        }
        let words: Vec<String> = counts
            .iter()
            .filter(|(_, number)| *number > 0)
            .map(|(certainty, number)| format!("{number} {}", certainty.as_str()))
            .collect();
        let verb = if all == 1 { "breaks" } else { "break" };
        parts.push(format!(
            "{all} {verb} {} ({})",
            people(whom),
            words.join(", ")
        ));
    }
    let safe = comparison
        .changes
        .iter()
        .filter(|one| one.standing == Standing::Safe)
        .count();
    if safe > 0 {
        parts.push(format!(
            "{safe} {} safe",
            if safe == 1 { "is" } else { "are" }
        ));
    }
    if comparison.off > 0 {
        parts.push(format!("{} left out by rules that are off", comparison.off));
    }
    if comparison.not_asked_for > 0 {
        parts.push(format!("{} not asked for", comparison.not_asked_for));
    }
    let number = many(comparison.changes.len() as u64, "change");
    format!("{number}: {}.", parts.join("; "))
}
