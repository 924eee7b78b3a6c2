//! Differences from libxml2 that the recommendation explains, by their ids in `docs/decisions`.

use super::compare::Case;

/// The id of the explanation that fits; nothing when none does.
pub(super) fn explain(case: &Case<'_>) -> Option<&'static str> {
    EXPLANATIONS
        .iter()
        .find(|(_, fits)| fits(case))
        .map(|(id, _)| *id)
}

type Explanation = (&'static str, fn(&Case<'_>) -> bool);

const EXPLANATIONS: &[Explanation] = &[];
