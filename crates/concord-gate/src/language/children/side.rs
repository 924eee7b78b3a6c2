//! One side of the walk: where a sequence of children stands in a content model.

use std::cell::RefCell;

use concord_standards::compile::{AllGroup, Automaton, Label, Model};

/// A content model, or a part of what one demands.
#[derive(Debug)]
pub(super) enum Side<'m> {
    /// No children.
    Nothing,
    Ordered(Indexed<'m>),
    All(&'m AllGroup),
    /// Its children in any order, any number of times.
    AnyOf,
    /// What one slot of an `all` group demands; a group without slots demands that nothing stands there.
    Slot {
        group: &'m AllGroup,
        slot: Option<u8>,
    },
}

/// An automaton whose transitions are found by label: records of thousands of columns have millions of them.
#[derive(Debug)]
pub(super) struct Indexed<'m> {
    automaton: &'m Automaton,
    /// For each state its transitions, sorted by label; filled when the state is first left.
    sorted: RefCell<Vec<Option<Sorted>>>,
}

/// Transitions of a state: label and target.
type Sorted = Box<[(Label, u32)]>;

impl<'m> Indexed<'m> {
    fn new(automaton: &'m Automaton) -> Self {
        Self {
            automaton,
            sorted: RefCell::new(vec![None; automaton.states.len()]),
        }
    }

    /// [`Automaton::step`] with the transition looked up.
    fn step(&self, state: u32, count: u32, label: Label) -> Option<(u32, u32)> {
        if self.automaton.states[state as usize].counter.is_some() {
            return self.automaton.step(state, count, label);
        }
        let mut sorted = self.sorted.borrow_mut();
        let transitions = sorted[state as usize].get_or_insert_with(|| {
            let all = self.automaton.transitions(state).iter();
            let mut pairs: Vec<(Label, u32)> = all.map(|it| (it.label, it.target)).collect();
            pairs.sort_by_key(|(label, _)| *label);
            pairs.into()
        });
        let found = transitions
            .binary_search_by_key(&label, |(label, _)| *label)
            .ok()?;
        Some((transitions[found].1, 1))
    }
}

/// A place on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Spot {
    /// Nothing that follows is taken.
    Refused,
    Ordered {
        state: u32,
        count: u32,
    },
    /// Slots that are filled.
    Seen(u64),
    /// Whether the slot is filled, and whether any is.
    Slot {
        filled: bool,
        any: bool,
    },
    Nothing,
}

/// How often a child may come again before anything changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeats {
    /// It leads to another place at once.
    No,
    /// So many times.
    Times(u32),
    Forever,
}

impl<'m> Side<'m> {
    pub(super) fn of(model: &'m Model) -> Self {
        match model {
            Model::Empty | Model::Simple(_) => Self::Nothing,
            Model::Ordered { automaton, .. } => Self::Ordered(Indexed::new(automaton)),
            Model::All { group, .. } => Self::All(group),
        }
    }

    /// An `all` group slot by slot: a sequence is taken when each of these takes it.
    pub(super) fn slots(group: &'m AllGroup) -> Vec<Self> {
        let filled = group.slots.iter().copied();
        let required = (0..64).filter(|slot| group.required >> slot & 1 == 1);
        let mut slots: Vec<u8> = filled.chain(required).collect();
        slots.sort_unstable();
        slots.dedup();
        if slots.is_empty() {
            return vec![Self::Slot { group, slot: None }];
        }
        let each = slots.into_iter().map(Some);
        each.map(|slot| Self::Slot { group, slot }).collect()
    }

    pub(super) fn start(&self) -> Spot {
        match self {
            Self::Nothing | Self::AnyOf => Spot::Nothing,
            Self::Ordered(_) => Spot::Ordered { state: 0, count: 0 },
            Self::All(_) => Spot::Seen(0),
            Self::Slot { .. } => Spot::Slot {
                filled: false,
                any: false,
            },
        }
    }

    /// Labels that may come next; `None` when it is as good to try all.
    pub(super) fn expected(&self, spot: Spot) -> Option<Vec<Label>> {
        let (Self::Ordered(indexed), Spot::Ordered { state, .. }) = (self, spot) else {
            return None;
        };
        let counted = indexed.automaton.states[state as usize]
            .counter
            .map(|it| it.label);
        let next = indexed
            .automaton
            .transitions(state)
            .iter()
            .map(|it| it.label);
        let mut labels: Vec<Label> = counted.into_iter().chain(next).collect();
        labels.sort_unstable();
        labels.dedup();
        Some(labels)
    }

    /// The place after a child that may have one of these labels.
    pub(super) fn step(&self, spot: Spot, labels: &[Label]) -> Spot {
        let next = match (self, spot) {
            (Self::AnyOf, _) => Some(Spot::Nothing),
            (Self::Ordered(indexed), Spot::Ordered { state, count }) => labels
                .iter()
                .find_map(|label| indexed.step(state, count, *label))
                .map(|(state, count)| Spot::Ordered {
                    state,
                    count: told_apart(indexed.automaton, state, count),
                }),
            (Self::All(group), Spot::Seen(seen)) => slot_of(group, labels)
                .map(|slot| 1_u64 << slot)
                .filter(|bit| seen & bit == 0)
                .map(|bit| Spot::Seen(seen | bit)),
            (Self::Slot { group, slot }, Spot::Slot { filled, .. }) => slot_of(group, labels)
                .filter(|found| !(filled && *slot == Some(*found)))
                .map(|found| Spot::Slot {
                    filled: filled || *slot == Some(found),
                    any: true,
                }),
            _ => None,
        };
        next.unwrap_or(Spot::Refused)
    }

    /// How often the same child may come, from a place that it has led back to the same state, until the place differs in more
    /// than its count.
    pub(super) fn repeats(&self, before: Spot, after: Spot) -> Repeats {
        if before == after {
            return Repeats::Forever;
        }
        let (
            Self::Ordered(Indexed { automaton, .. }),
            Spot::Ordered { state, count },
            Spot::Ordered {
                state: next,
                count: counted,
            },
        ) = (self, before, after)
        else {
            return Repeats::No;
        };
        if next != state || counted != count + 1 {
            return Repeats::No;
        }
        match automaton.states[state as usize].counter {
            Some(counter) if count < counter.min => Repeats::Times(counter.min - count),
            Some(counter) => match counter.max {
                Some(max) => Repeats::Times(max.saturating_sub(count).max(1)),
                None => Repeats::Forever,
            },
            None => Repeats::No,
        }
    }

    /// The place after so many repetitions, which [`Self::repeats`] found.
    pub(super) fn repeated(&self, before: Spot, after: Spot, times: u32) -> Spot {
        match (self, before, after) {
            (
                Self::Ordered(Indexed { automaton, .. }),
                Spot::Ordered { count, .. },
                Spot::Ordered { state, .. },
            ) if before != after && times > 1 => Spot::Ordered {
                state,
                count: told_apart(automaton, state, count.saturating_add(times)),
            },
            _ => after,
        }
    }

    /// Whether the element may end here.
    pub(super) fn accepts(&self, spot: Spot) -> bool {
        match (self, spot) {
            (_, Spot::Refused) => false,
            (Self::Ordered(indexed), Spot::Ordered { state, count }) => {
                indexed.automaton.accepts(state, count)
            }
            (Self::All(group), Spot::Seen(seen)) => {
                seen & group.required == group.required || (seen == 0 && group.optional)
            }
            (Self::Slot { group, slot }, Spot::Slot { filled, any }) => {
                filled
                    || slot.is_none_or(|slot| group.required >> slot & 1 == 0)
                    || (!any && group.optional)
            }
            _ => true,
        }
    }
}

/// The count as far as the state tells counts apart.
fn told_apart(automaton: &Automaton, state: u32, count: u32) -> u32 {
    match automaton.states[state as usize].counter {
        None => 1,
        Some(counter) if counter.max.is_none() => count.min(counter.min),
        Some(_) => count,
    }
}

/// The slot of an `all` group that a child with one of these labels fills.
pub(super) fn slot_of(group: &AllGroup, labels: &[Label]) -> Option<u8> {
    let mut slots = labels
        .iter()
        .filter_map(|label| group.slots.get(*label as usize));
    slots.next().copied()
}
