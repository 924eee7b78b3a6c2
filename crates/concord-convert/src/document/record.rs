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
    draft: bool,
) -> Result<WrittenRecord, Box<Unwritten>> {
    let mut walk = Walk::new(plan, facts, false);
    walk.draft = draft;
    let mut kinds: Vec<usize> = match given {
        Some(kind) => vec![kind],
        None => (0..plan.kinds.len()).collect(),
    };
    kinds.sort_by_key(|kind| std::cmp::Reverse(walk.potential[plan.kinds[*kind].place as usize]));
    let start = walk.state.mark();
    // Of two kinds of which a draft carries as much, that is better of which it lacks less.
    let mut best: Option<(u32, WrittenRecord)> = None;
    let lacks_less = |known: &WrittenRecord, state: &State| {
        draft && state.lacking.len() < known.state.lacking.len()
    };
    let mut nearest: Option<(u32, Unwritten)> = None;
    for kind in kinds {
        let (place, element) = (plan.kinds[kind].place, plan.kinds[kind].element);
        let most = walk.potential[place as usize];
        let enough = |carried: u32| carried > most || (carried == most && !draft);
        if best.as_ref().is_some_and(|(carried, _)| enough(*carried)) {
            break;
        }
        match walk.element(place, element) {
            Ok(_) if draft && !is_of_its_kind(facts, &walk.state) => {
                walk.state.back(start);
                let missing = Missing {
                    place: None,
                    detail: "no kind of activity that has a place here".into(),
                };
                let state = State::new(facts);
                nearest.get_or_insert((0, Unwritten { missing, state }));
            }
            Ok(carried)
                if best.as_ref().is_none_or(|(known, written)| {
                    carried > *known || (carried == *known && lacks_less(written, &walk.state))
                }) =>
            {
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

/// Whether it is written what kind of activity a record is about. A draft that does not say so would be one of nothing.
fn is_of_its_kind(facts: &Facts<'_>, state: &State) -> bool {
    let rows = facts.rows.iter().enumerate();
    let mut kinds = rows.filter(|(_, fact)| fact.entity.name == "activity_record");
    kinds.any(|(row, fact)| {
        let mut fields = fact.entity.fields.iter();
        let field = fields.position(|field| field.name == "cds_type_code");
        field.is_some_and(|field| state.fates[row][field] == Fate::Carried)
    })
}
