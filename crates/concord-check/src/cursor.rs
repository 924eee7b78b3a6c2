//! Where the checker is in a content model, and what it makes of an element that should not stand there.

use std::collections::{BTreeMap, VecDeque};

use concord_standards::compile::{AllGroup, Automaton, Label, Model, wildcard_allows};
use concord_standards::schema::{ElementId, QName, Schema, Wildcard};

/// A place in a content model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Cursor {
    /// State of the automaton.
    pub(crate) state: u32,
    /// Repetitions of the state's element so far.
    pub(crate) count: u32,
    /// Slots seen, in an `all` group.
    pub(crate) seen: u64,
    /// The label that was matched last.
    pub(crate) last: Option<Label>,
}

/// What may be made of a child element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Placed {
    /// It stands where it may.
    Fits,
    /// It would fit if these stood before it. The cursor has moved on.
    After(Vec<Label>),
    /// It has its place earlier. The cursor stays.
    Late,
    /// It stands more often than this. The cursor stays.
    TooMany(u32),
    /// It excludes, or is excluded by, what stood before it. The cursor stays.
    Excluded,
}

/// What a name means in a content model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Known<'m> {
    /// A declared child.
    Child(Label, ElementId),
    /// Let through by a wildcard.
    Wildcard(Label, &'m Wildcard),
}

/// What `name` means in `model`, wherever in the model it stands.
pub(crate) fn lookup<'m>(schema: &Schema, model: &'m Model, name: &QName) -> Option<Known<'m>> {
    let children = match model {
        Model::Ordered { automaton, .. } => &automaton.children,
        Model::All { group, .. } => &group.children,
        Model::Empty | Model::Simple(_) => return None,
    };
    if let Some(label) = children
        .iter()
        .position(|child| schema.element(*child).name == *name)
    {
        return Some(Known::Child(label as Label, children[label]));
    }
    let Model::Ordered { automaton, .. } = model else {
        return None;
    };
    automaton
        .wildcards
        .iter()
        .position(|wildcard| wildcard_allows(wildcard, &name.namespace))
        .map(|index| {
            Known::Wildcard(
                (children.len() + index) as Label,
                &automaton.wildcards[index],
            )
        })
}

impl Cursor {
    /// Takes a child with a label and says how it fits.
    pub(crate) fn place(&mut self, model: &Model, label: Label) -> Placed {
        match model {
            Model::Ordered { automaton, .. } => self.place_ordered(automaton, label),
            Model::All { group, .. } => self.place_all(group, label),
            Model::Empty | Model::Simple(_) => Placed::Excluded,
        }
    }

    fn place_all(&mut self, group: &AllGroup, label: Label) -> Placed {
        let bit = 1 << group.slots[label as usize];
        if self.seen & bit != 0 {
            return Placed::TooMany(1);
        }
        self.seen |= bit;
        self.last = Some(label);
        Placed::Fits
    }

    fn place_ordered(&mut self, automaton: &Automaton, label: Label) -> Placed {
        if let Some((state, count)) = automaton.step(self.state, self.count, label) {
            *self = Self {
                state,
                count,
                seen: 0,
                last: Some(label),
            };
            return Placed::Fits;
        }
        if self.last == Some(label) {
            let max = automaton.states[self.state as usize]
                .counter
                .and_then(|counter| counter.max)
                .unwrap_or(1);
            return Placed::TooMany(max);
        }
        if let Some((missing, state)) = path(automaton, self.state, self.count, |state, count| {
            automaton.step(state, count, label).map(|step| step.0)
        }) {
            *self = Self {
                state,
                count: 1,
                seen: 0,
                last: Some(label),
            };
            return Placed::After(missing);
        }
        let Some(last) = self.last else {
            return Placed::Late;
        };
        // Does the model allow `label` and later what was matched last?
        let after = reachable_after(automaton, 0, label);
        if after
            .iter()
            .any(|state| !reachable_after(automaton, *state, last).is_empty())
        {
            Placed::Late
        } else {
            Placed::Excluded
        }
    }

    /// Labels that are missing if the element ends here; empty when it may.
    pub(crate) fn missing_at_end(&self, model: &Model) -> Vec<Label> {
        match model {
            Model::Ordered { automaton, .. } => {
                if automaton.accepts(self.state, self.count) {
                    return Vec::new();
                }
                path(automaton, self.state, self.count, |state, count| {
                    automaton.accepts(state, count).then_some(state)
                })
                .map(|(labels, _)| labels)
                .unwrap_or_default()
            }
            Model::All { group, .. } => {
                if group.optional && self.seen == 0 {
                    return Vec::new();
                }
                let missing = group.required & !self.seen;
                (0..group.children.len())
                    .filter(|index| missing & (1 << group.slots[*index]) != 0)
                    .map(|index| index as Label)
                    .collect()
            }
            Model::Empty | Model::Simple(_) => Vec::new(),
        }
    }

    /// What may stand here, in the model's order.
    pub(crate) fn expected(&self, model: &Model) -> Vec<Label> {
        match model {
            Model::Ordered { automaton, .. } => automaton.expected(self.state, self.count),
            Model::All { group, .. } => (0..group.children.len())
                .filter(|index| self.seen & (1 << group.slots[*index]) == 0)
                .map(|index| index as Label)
                .collect(),
            Model::Empty | Model::Simple(_) => Vec::new(),
        }
    }
}

/// The shortest way from a state to one where `goal` gives something, as the labels on the way.
fn path<T>(
    automaton: &Automaton,
    state: u32,
    count: u32,
    goal: impl Fn(u32, u32) -> Option<T>,
) -> Option<(Vec<Label>, T)> {
    let mut from: BTreeMap<(u32, u32), ((u32, u32), Label)> = BTreeMap::new();
    let mut queue = VecDeque::from([(state, count)]);
    while let Some(current) = queue.pop_front() {
        if let Some(found) = goal(current.0, current.1) {
            let mut labels = Vec::new();
            let mut at = current;
            while at != (state, count) {
                let Some((before, label)) = from.get(&at) else {
                    break;
                };
                labels.push(*label);
                at = *before;
            }
            labels.reverse();
            return Some((labels, found));
        }
        let here = &automaton.states[current.0 as usize];
        let short = here
            .counter
            .filter(|counter| current.1 < counter.min)
            .map(|counter| ((current.0, counter.min), counter.label));
        let steps = short.into_iter().chain(
            automaton
                .transitions(current.0)
                .iter()
                .filter(|_| short.is_none())
                .map(|step| ((step.target, 1), step.label)),
        );
        for (next, label) in steps {
            if next != (state, count) && !from.contains_key(&next) {
                from.insert(next, (current, label));
                queue.push_back(next);
            }
        }
    }
    None
}

/// States that a step with `label` can lead to, from `start` or anything behind it.
fn reachable_after(automaton: &Automaton, start: u32, label: Label) -> Vec<u32> {
    let mut seen = vec![false; automaton.states.len()];
    let mut stack = vec![start];
    let mut found = Vec::new();
    seen[start as usize] = true;
    while let Some(state) = stack.pop() {
        for step in automaton.transitions(state) {
            if step.label == label && !found.contains(&step.target) {
                found.push(step.target);
            }
            if !seen[step.target as usize] {
                seen[step.target as usize] = true;
                stack.push(step.target);
            }
        }
    }
    found
}
