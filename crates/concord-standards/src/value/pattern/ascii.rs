//! Small patterns over ASCII text, as a table of states.
//!
//! The positions of the pattern (Glushkov's construction: one for each class, repetitions written out) make the states
//! of a deterministic automaton by subsets. A pattern that takes more than a few positions or states has no table.

use std::collections::BTreeMap;

use super::class::Class;
use super::parse::Node;

/// Most positions; the last bit of a set stands for "before the first character".
const MOST_POSITIONS: usize = 63;
const START: u64 = 1 << MOST_POSITIONS;
/// Most states, the dead one included.
const MOST_STATES: usize = 96;
/// The state from which nothing matches.
const DEAD: u8 = 0;

/// A deterministic automaton over ASCII bytes.
#[derive(Debug, Clone)]
pub(super) struct Table {
    /// Next state by state and byte.
    next: Vec<[u8; 128]>,
    /// Whether the text may end in the state.
    accepts: Vec<bool>,
    start: u8,
}

impl Table {
    /// The table of a pattern; `None` when it would be large.
    pub(super) fn build(node: &Node) -> Option<Self> {
        let mut positions = Positions::default();
        let whole = positions.add(node)?;
        let ends = whole.last | if whole.nullable { START } else { 0 };
        let mut states: BTreeMap<u64, u8> = BTreeMap::from([(0, DEAD), (START, 1)]);
        let mut table = Self {
            next: vec![[DEAD; 128], [DEAD; 128]],
            accepts: vec![false, ends & START != 0],
            start: 1,
        };
        let mut waiting = vec![START];
        while let Some(set) = waiting.pop() {
            let reachable = if set == START {
                whole.first
            } else {
                positions.followers(set)
            };
            let from = usize::from(states[&set]);
            for byte in 0..128_u8 {
                let target = positions.taking(reachable, byte);
                let state = match states.get(&target) {
                    Some(&state) => state,
                    None if states.len() == MOST_STATES => return None,
                    None => {
                        let state = states.len() as u8;
                        states.insert(target, state);
                        table.next.push([DEAD; 128]);
                        table.accepts.push(target & ends != 0);
                        waiting.push(target);
                        state
                    }
                };
                table.next[from][usize::from(byte)] = state;
            }
        }
        Some(table)
    }

    /// Whether the pattern matches all of the text; `None` when the text is not ASCII.
    pub(super) fn matches(&self, text: &[u8]) -> Option<bool> {
        let mut state = self.start;
        for &byte in text {
            state = *self.next[usize::from(state)].get(usize::from(byte))?;
        }
        Some(self.accepts[usize::from(state)])
    }
}

/// What a part of the pattern contributes.
#[derive(Clone, Copy)]
struct Part {
    nullable: bool,
    first: u64,
    last: u64,
}

#[derive(Default)]
struct Positions {
    /// ASCII characters that each position takes.
    takes: Vec<u128>,
    /// Positions that may follow each.
    follow: Vec<u64>,
}

impl Positions {
    const EMPTY: Part = Part {
        nullable: true,
        first: 0,
        last: 0,
    };

    fn followers(&self, set: u64) -> u64 {
        (0..self.follow.len())
            .filter(|index| set >> index & 1 == 1)
            .fold(0, |followers, index| followers | self.follow[index])
    }

    fn taking(&self, set: u64, byte: u8) -> u64 {
        (0..self.takes.len())
            .filter(|&index| set >> index & 1 == 1 && self.takes[index] >> byte & 1 == 1)
            .fold(0, |taken, index| taken | 1 << index)
    }

    fn link(&mut self, last: u64, first: u64) {
        for index in 0..self.follow.len() {
            if last >> index & 1 == 1 {
                self.follow[index] |= first;
            }
        }
    }

    fn add(&mut self, node: &Node) -> Option<Part> {
        match node {
            Node::Class(class) => self.add_class(class),
            Node::Concatenation(nodes) => {
                let mut whole = Self::EMPTY;
                for node in nodes {
                    let part = self.add(node)?;
                    whole = self.sequence(whole, part);
                }
                Some(whole)
            }
            Node::Alternation(nodes) => {
                let mut whole = Part {
                    nullable: false,
                    ..Self::EMPTY
                };
                for node in nodes {
                    let part = self.add(node)?;
                    whole.nullable |= part.nullable;
                    whole.first |= part.first;
                    whole.last |= part.last;
                }
                Some(whole)
            }
            Node::Repetition { node, min, max } => self.add_repetition(node, *min, *max),
        }
    }

    fn add_class(&mut self, class: &Class) -> Option<Part> {
        let index = self.takes.len();
        if index == MOST_POSITIONS {
            return None;
        }
        self.takes.push(
            (0..128_u8)
                .filter(|&byte| class.contains_ascii(byte))
                .fold(0, |taken, byte| taken | 1 << byte),
        );
        self.follow.push(0);
        let bit = 1 << index;
        Some(Part {
            nullable: false,
            first: bit,
            last: bit,
        })
    }

    fn add_repetition(&mut self, node: &Node, min: u32, max: Option<u32>) -> Option<Part> {
        let copies = max.unwrap_or(min.max(1));
        if copies as usize > MOST_POSITIONS {
            return None;
        }
        let mut whole = Self::EMPTY;
        for copy in 0..copies {
            let mut part = self.add(node)?;
            if max.is_none() && copy + 1 == copies {
                self.link(part.last, part.first);
            }
            part.nullable |= copy >= min;
            whole = self.sequence(whole, part);
        }
        Some(whole)
    }

    fn sequence(&mut self, left: Part, right: Part) -> Part {
        self.link(left.last, right.first);
        Part {
            nullable: left.nullable && right.nullable,
            first: left.first | if left.nullable { right.first } else { 0 },
            last: right.last | if right.nullable { left.last } else { 0 },
        }
    }
}
