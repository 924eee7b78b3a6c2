//! One record, of the kind that carries most of it.

use super::facts::Facts;
use super::plan::DocumentPlan;
use super::state::{Fate, Missing, Piece, State};
use super::walk::Walk;

/// A record that can be written.
#[derive(Debug)]
pub(super) struct WrittenRecord {
    /// Number of its kind.
    pub(super) kind: usize,
    pub(super) pieces: Vec<Piece>,
    pub(super) state: State,
}

/// A record that cannot be written: what is missing, and what was found on the way to it.
#[derive(Debug)]
pub(super) struct Unwritten {
    pub(super) missing: Missing,
    pub(super) state: State,
}

/// Writes a record as the kind that carries most of it, or as the kind that is given.
///
/// # Errors
/// What is missing in the kind that could have carried most.
pub(super) fn record(
    plan: &DocumentPlan<'_>,
    facts: &Facts<'_>,
    given: Option<usize>,
) -> Result<WrittenRecord, Box<Unwritten>> {
    let mut walk = Walk::new(plan, facts, false);
    let mut kinds: Vec<usize> = match given {
        Some(kind) => vec![kind],
        None => (0..plan.kinds.len()).collect(),
    };
    kinds.sort_by_key(|kind| std::cmp::Reverse(walk.potential[plan.kinds[*kind].place as usize]));
    let start = walk.state.mark();
    let mut best: Option<(u32, WrittenRecord)> = None;
    let mut nearest: Option<(u32, Unwritten)> = None;
    for kind in kinds {
        let (place, element) = (plan.kinds[kind].place, plan.kinds[kind].element);
        let most = walk.potential[place as usize];
        if best.as_ref().is_some_and(|(carried, _)| *carried >= most) {
            break;
        }
        match walk.element(place, element) {
            Ok(carried) if best.as_ref().is_none_or(|(known, _)| carried > *known) => {
                let mut state = std::mem::replace(&mut walk.state, State::new(facts));
                let pieces = std::mem::take(&mut state.pieces);
                best = Some((
                    carried,
                    WrittenRecord {
                        kind,
                        pieces,
                        state,
                    },
                ));
            }
            Ok(_) => walk.state.back(start),
            Err(missing) => {
                // How far it came says how near it was.
                let fates = walk.state.fates.iter().flatten();
                let near = fates.filter(|fate| **fate == Fate::Carried).count() as u32;
                let state = std::mem::replace(&mut walk.state, State::new(facts));
                if nearest.as_ref().is_none_or(|(known, _)| near > *known) {
                    nearest = Some((near, Unwritten { missing, state }));
                }
            }
        }
    }
    match (best, nearest) {
        (Some((_, record)), _) => Ok(record),
        (None, Some((_, unwritten))) => Err(Box::new(unwritten)),
        (None, None) => Err(Box::new(Unwritten {
            missing: Missing {
                place: None,
                detail: "no kind of record".into(),
            },
            state: State::new(facts),
        })),
    }
}
