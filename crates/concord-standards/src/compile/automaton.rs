//! The automaton of one content model.

use crate::schema::{ElementId, SimpleTypeId, Wildcard};

/// What may stand between the tags of a complex type.
#[derive(Debug, Clone)]
pub enum Model {
    /// Nothing.
    Empty,
    /// Text.
    Simple(SimpleTypeId),
    /// Elements in an order.
    Ordered {
        /// The order.
        automaton: Automaton,
        /// Whether text may stand between them.
        mixed: bool,
    },
    /// Elements in any order.
    All {
        /// The elements.
        group: AllGroup,
        /// Whether text may stand between them.
        mixed: bool,
    },
}

/// A transition's label: an index into [`Automaton::children`], or beyond them into [`Automaton::wildcards`].
pub type Label = u16;

/// A deterministic automaton over the children of one type.
#[derive(Debug, Clone)]
pub struct Automaton {
    /// Elements that occur in the model, in the order in which they are first mentioned.
    pub children: Vec<ElementId>,
    /// Wildcards that occur in the model.
    pub wildcards: Vec<Wildcard>,
    /// States; the first is where every element begins.
    pub states: Vec<State>,
    /// Transitions, those of one state together and in the model's order.
    pub transitions: Vec<Transition>,
}

/// A state: what was matched last.
#[derive(Debug, Clone)]
pub struct State {
    /// First transition in [`Automaton::transitions`].
    pub first: u32,
    /// Number of transitions.
    pub count: u32,
    /// Whether the element may end here (once the counter has reached its least value).
    pub accepting: bool,
    /// The label that brought us here may come again.
    pub counter: Option<Counter>,
}

/// How often the element of a state may stand in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counter {
    /// The element or wildcard that is counted.
    pub label: Label,
    /// Fewest, before anything else may follow.
    pub min: u32,
    /// Most; `None` is unbounded.
    pub max: Option<u32>,
}

/// A step to another state. The counter of the target, if any, starts at 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// What stands there.
    pub label: Label,
    /// The state that it leads to.
    pub target: u32,
}

/// Elements that stand in any order, each at most once.
#[derive(Debug, Clone)]
pub struct AllGroup {
    /// The elements (members of substitution groups share their head's slot).
    pub children: Vec<ElementId>,
    /// The slot of each child.
    pub slots: Vec<u8>,
    /// Slots that must be filled, one bit each.
    pub required: u64,
    /// Whether the whole group may be left out.
    pub optional: bool,
}

impl AllGroup {
    /// The children of a slot: an element, or the members of its substitution group.
    pub fn in_slot(&self, slot: u8) -> Vec<Label> {
        (0..self.children.len())
            .filter(|index| self.slots[*index] == slot)
            .map(|index| index as Label)
            .collect()
    }
}

impl Automaton {
    /// The transitions out of a state, without the repetition of its counter.
    pub fn transitions(&self, state: u32) -> &[Transition] {
        let state = &self.states[state as usize];
        &self.transitions[state.first as usize..(state.first + state.count) as usize]
    }

    /// The state after `label` was seen in `state` with `count` repetitions so far, and the new count.
    pub fn step(&self, state: u32, count: u32, label: Label) -> Option<(u32, u32)> {
        let current = &self.states[state as usize];
        if let Some(counter) = current.counter {
            if counter.label == label && counter.max.is_none_or(|max| count < max) {
                return Some((state, count.saturating_add(1)));
            }
            if count < counter.min {
                return None;
            }
        }
        self.transitions(state)
            .iter()
            .find(|transition| transition.label == label)
            .map(|transition| (transition.target, 1))
    }

    /// Whether the element may end in `state` with `count` repetitions.
    pub fn accepts(&self, state: u32, count: u32) -> bool {
        let current = &self.states[state as usize];
        current.accepting && current.counter.is_none_or(|counter| count >= counter.min)
    }

    /// What may stand in `state`, in the model's order.
    pub fn expected(&self, state: u32, count: u32) -> Vec<Label> {
        let current = &self.states[state as usize];
        let mut labels = Vec::new();
        if let Some(counter) = current.counter {
            if counter.max.is_none_or(|max| count < max) {
                labels.push(counter.label);
            }
            if count < counter.min {
                return labels;
            }
        }
        for transition in self.transitions(state) {
            if !labels.contains(&transition.label) {
                labels.push(transition.label);
            }
        }
        labels
    }
}
